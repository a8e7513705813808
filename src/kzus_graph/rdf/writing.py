"""Write query results and graphs with pyoxigraph, and correct its output where the output violates the format.

pyoxigraph does not quote IRIs that contain a comma in CSV, and writes characters into XML that XML excludes. A result
that a format can't represent is refused; the message names the part at fault, and formats that can represent it.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import IO, Any, Final, cast

import pyoxigraph as ox

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Rows = ox.QuerySolutions | ox.QueryBoolean

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# The bytes of characters that XML 1.0, section 2.2, excludes. It excludes surrogates too, but the engine has none.
NO_XML: Final = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
NO_XML_EITHER: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
# The names that have a special meaning in RDF/XML (RDF 1.1 XML Syntax, sections 5.1 and 6.1.4).
SYNTAX: Final = "RDF ID about parseType resource nodeID datatype Description aboutEach aboutEachPrefix bagID li"
RESERVED: Final = frozenset(RDF + name for name in SYNTAX.split())
# The characters that begin an XML name, and the others allowed in it (XML 1.0, section 2.3), without the colon.
NAME_START: Final = re.compile(
    "[A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
NAME_REST: Final = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f\u2040]")
ESCAPE: Final = re.compile(rb"\\(.)")
ESCAPED: Final = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b'"': b'"', b"\\": b"\\"}


class Unwritable(ValueError):
    """Raised for a result that a format can't represent; the message names the part at fault, and suitable formats."""


def text(term: Term) -> str:
    """Return *term* as text without delimiters (IRI, blank node label, lexical form); a triple term in RDF 1.2 syntax.

    >>> text(ox.Literal("x", language="en")), text(ox.Triple(*[ox.NamedNode("a:b")] * 3))
    ('x', '<<( <a:b> <a:b> <a:b> )>>')
    """
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else term.value


def tag(literal: ox.Literal) -> str:
    """Return the language tag and base direction of *literal* in RDF 1.2 syntax; empty if it has no language tag.

    >>> tag(ox.Literal("x", language="ar", direction=ox.BaseDirection.RTL)), tag(ox.Literal("x"))
    ('ar--rtl', '')
    """
    return f"{literal.language or ''}{f'--{literal.direction}' if literal.direction else ''}"


def solutions(rows: Rows, file: IO[bytes], form: ox.QueryResultsFormat) -> None:
    """Write *rows* to *file* in the format *form*. Raises Unwritable for a term that *form* can't represent.

    CSV is converted from pyoxigraph's TSV, which shows the kind of each term. Unlike pyoxigraph's own CSV, every cell
    with a comma, a quotation mark or a line end is quoted (RFC 4180), and triple terms are written as in TSV. If there
    is only one column, empty cells are quoted too, so that no reader skips such a row as an empty line.
    """
    if form == ox.QueryResultsFormat.CSV and isinstance(rows, ox.QuerySolutions):
        rows.serialize(_mended(file, _Commas(len(rows.variables))), format=ox.QueryResultsFormat.TSV)
    elif form == ox.QueryResultsFormat.XML:
        rows.serialize(_mended(file, _Characters("XML", "json, csv or tsv")), format=form)
    else:
        rows.serialize(file, format=form)


def graph(
    triples: Iterable[ox.Triple] | Iterable[ox.Quad],
    file: IO[bytes],
    form: ox.RdfFormat,
    prefixes: Mapping[str, str] | None,
) -> None:
    """Write *triples* to *file* in the format *form*; *prefixes*, if given, are declared there. Raises Unwritable."""
    if form == ox.RdfFormat.JSON_LD:
        triples = _without_triple_terms(triples)
    elif form == ox.RdfFormat.RDF_XML:
        triples = _with_element_names(triples)
        file = _mended(file, _Characters("RDF/XML", "turtle or ntriples"))
    ox.serialize(triples, file, format=form, prefixes=dict(prefixes) if prefixes else None)


def graph_bytes(
    triples: Iterable[ox.Triple] | Iterable[ox.Quad], form: ox.RdfFormat, prefixes: Mapping[str, str] | None
) -> bytes:
    """Return *triples* in the format *form*, the same bytes as the function *graph* writes. Raises Unwritable."""
    file = io.BytesIO()
    graph(triples, file, form, prefixes)
    return file.getvalue()


def _without_triple_terms(triples: Iterable[Any]) -> Iterator[Any]:
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            term = _short(text(triple.object))
            raise Unwritable(f"JSON-LD can't hold the triple term {term}; turtle or ntriples can")
        yield triple


def _with_element_names(triples: Iterable[Any]) -> Iterator[Any]:
    """Yield *triples*, reordered so that the first triple of a subject can be written in RDF/XML.

    If a subject's first triple is an rdf:type triple, pyoxigraph writes its object, the class, as an element name.
    Raises Unwritable for a predicate that can't be an element name, and for a subject of which no triple can be first.
    """
    known: dict[str, bool] = {}

    def fits(name: str) -> bool:
        if name not in known:
            known[name] = name not in RESERVED and _ends_in_a_name(name)
        return known[name]

    def opens(triple: Any) -> bool:
        """Return whether *triple* can be its subject's first: no rdf:type, or a class that can be an element name."""
        is_class = triple.predicate.value == f"{RDF}type" and isinstance(triple.object, ox.NamedNode)
        return not is_class or fits(triple.object.value)

    for _, described in groupby(triples, key=lambda triple: triple.subject):
        held: list[Any] = []
        begun = False
        for triple in described:
            _refuse_predicates(triple, fits)
            begun = begun or opens(triple)
            held.append(triple)
            if begun:
                # The triples that could not come first follow the one that can.
                yield held.pop()
                yield from held
                held.clear()
        if held:
            raise Unwritable(f"RDF/XML can't hold the class {_short(text(held[0].object))}; turtle or ntriples can")


def _refuse_predicates(triple: Any, fits: Callable[[str], bool]) -> None:
    while isinstance(triple, ox.Triple):
        if not fits(triple.predicate.value):
            name = _short(triple.predicate.value)
            raise Unwritable(f"RDF/XML can't hold the property {name}; turtle or ntriples can")
        triple = triple.object


def _ends_in_a_name(iri: str) -> bool:
    """Return whether *iri* ends in a valid element name (Namespaces in XML, section 3)."""
    for letter in reversed(iri):
        if NAME_START.match(letter):
            return True
        if not NAME_REST.match(letter):
            return False
    return False


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:79]}…"


def _mended(file: IO[bytes], change: Callable[[bytes], bytes]) -> IO[bytes]:
    return cast(IO[bytes], _Mended(file, change))


class _Mended(io.RawIOBase):
    """A writable file that applies the function *change* to each chunk of bytes, and writes the result to *file*."""

    def __init__(self, file: IO[bytes], change: Callable[[bytes], bytes]) -> None:
        self._file = file
        self._change = change

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any, /) -> int:
        if changed := self._change(bytes(chunk)):
            self._file.write(changed)
        return len(chunk)


class _Characters:
    """A *change* function for _Mended that escapes carriage returns in XML, which parsers normalise (XML 1.0, 2.11).

    Raises Unwritable for a character that XML excludes; the message has the *name* of the format and *others*, the
    formats that can represent the character.
    """

    def __init__(self, name: str, others: str) -> None:
        self._name = name
        self._others = others
        self._last = b""

    def __call__(self, chunk: bytes) -> bytes:
        # U+FFFE and U+FFFF are three bytes each, and a chunk may end within them.
        seen = self._last + chunk
        self._last = seen[-2:]
        if len(chunk.translate(None, NO_XML)) != len(chunk):
            self._refuse(next(code for code in chunk if code in NO_XML))
        if b"\xef" in seen:
            for last, mark in enumerate(NO_XML_EITHER, 0xFFFE):
                if mark in seen:
                    self._refuse(last)
        return chunk.replace(b"\r", b"&#13;") if b"\r" in chunk else chunk

    def _refuse(self, code: int) -> None:
        raise Unwritable(f"{self._name} can't hold the character U+{code:04X} of the answer; {self._others} can")


class _Commas:
    """A *change* function for _Mended that makes CSV of pyoxigraph's TSV; it keeps an incomplete line for later."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._begun: list[bytes] = []

    def __call__(self, chunk: bytes) -> bytes:
        head, end, rest = chunk.rpartition(b"\n")
        if not end:
            self._begun.append(chunk)
            return b""
        lines = b"".join([*self._begun, head]).split(b"\n")
        self._begun = [rest]
        return b"".join([self._line(line) for line in lines])

    def _line(self, line: bytes) -> bytes:
        cells = [_cell(cell) for cell in line.split(b"\t")]
        return b'""\r\n' if self._columns == 1 and not cells[0] else b",".join(cells) + b"\r\n"


def _cell(term: bytes) -> bytes:
    """Return *term*, a TSV cell, as a CSV cell.

    A variable loses its question mark, an IRI its angle brackets, a literal in quotation marks these and its language
    tag or datatype; numbers, blank nodes and triple terms stay as they are. The cell is then quoted if it must be.
    """
    first = term[:1]
    if first == b"<" and not term.startswith(b"<<("):
        words = term[1:-1]
    elif first == b'"':
        words = term[1 : term.rindex(b'"')]
        if b"\\" in words:
            words = ESCAPE.sub(lambda found: ESCAPED[found[1]], words)
            if b"\n" in words or b"\r" in words:
                return _quoted(words)
    else:
        words = term.lstrip(b"?")
    return _quoted(words) if b"," in words or b'"' in words else words


def _quoted(words: bytes) -> bytes:
    return b'"' + words.replace(b'"', b'""') + b'"'
