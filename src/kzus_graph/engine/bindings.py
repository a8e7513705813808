"""Solutions from another endpoint: read from SPARQL results JSON, checked, and written as a ``VALUES`` block."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES

XSD_STRING: Final = PREFIXES["xsd"] + "string"
LANG_STRINGS: Final = (PREFIXES["rdf"] + "langString", PREFIXES["rdf"] + "dirLangString")
DIRECTIONS: Final = {"ltr": ox.BaseDirection.LTR, "rtl": ox.BaseDirection.RTL}

Term = ox.NamedNode | ox.Literal
Row = tuple[Term | None, ...]


class TooMany(ValueError):
    """The answer has more rows than the caller accepts."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """A table of solutions: variable names, and rows with one term per variable; None where it has no value."""

    names: tuple[str, ...]
    rows: list[Row]

    def values(self) -> str:
        """Return the table as a SPARQL ``VALUES`` block.

        >>> Bindings(("a", "b"), [(ox.NamedNode("http://e/"), None), (ox.Literal('"'), ox.Literal(1))]).values()
        'VALUES (?a ?b) { (<http://e/> UNDEF) ("\\\\"" "1"^^<http://www.w3.org/2001/XMLSchema#integer>) }'
        """
        rows = " ".join(f"({' '.join('UNDEF' if term is None else str(term) for term in row)})" for row in self.rows)
        return f"VALUES ({' '.join(f'?{name}' for name in self.names)}) {{ {rows} }}"

    def plain(self) -> "Bindings":
        """Return the distinct rows of the columns whose every cell is an IRI or a plain string.

        Only such cells mean the same to every endpoint. Numbers and dates can be written in several ways, which some
        endpoints tell apart; a blank node means nothing elsewhere; an empty cell (UNDEF) matches everything.
        """
        kept = [at for at in range(len(self.names)) if all(_is_plain(row[at]) for row in self.rows)]
        rows = dict.fromkeys(tuple(row[at] for at in kept) for row in self.rows)
        return Bindings(tuple(self.names[at] for at in kept), list(rows))


def _is_plain(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode) or (isinstance(term, ox.Literal) and term.datatype.value == XSD_STRING)


def read(data: bytes, names: Collection[str], most: int, mark: str = "") -> Bindings:
    """Read SPARQL 1.1 Query Results JSON, keeping the variables that were asked for.

    ``VALUES`` can't hold blank nodes, so each becomes the IRI ``urn:blank:<mark>:<number>``. Within one answer, equal
    blank nodes get equal IRIs; the *mark* keeps answers apart. Without a *mark*, a blank node counts as no value.
    Raises TooMany for more than *most* rows, and ValueError if *data* is not such a document; both messages are
    written to follow the words "its answer".
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is broken JSON ({_reason(error)})") from None
    try:
        given, rows = document["head"]["vars"], document["results"]["bindings"]
        found = tuple(name for name in dict.fromkeys(given) if name in names)
        if len(rows) > most:
            raise TooMany(f"has more than {most:,} rows")
        reader = _Reader(mark)
        return Bindings(found, [tuple(reader.term(row.get(name)) for name in found) for row in rows])
    except (KeyError, TypeError, AttributeError):
        raise ValueError("has no rows such as SPARQL results JSON has") from None


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


class _Reader:
    """A converter of one answer's JSON terms to pyoxigraph terms, which checks each: none can inject SPARQL."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.blank: dict[str, int] = {}

    def term(self, said: Any) -> Term | None:
        if said is None:
            return None
        kind, value = said["type"], said["value"]
        if kind == "triple":
            raise ValueError("has a triple for a term, which SPARQL 1.1 has not")
        if kind not in ("uri", "bnode", "literal", "typed-literal") or not isinstance(value, str):
            raise ValueError(f"has a term of the unknown kind {str(kind)[:40]!r}")
        try:
            if kind == "uri":
                return ox.NamedNode(value)
            if kind == "bnode":
                if not self.mark:
                    return None
                return ox.NamedNode(f"urn:blank:{self.mark}:{self.blank.setdefault(value, len(self.blank))}")
            return _literal(value, said.get("xml:lang"), said.get("its:dir"), said.get("datatype"))
        except (ValueError, TypeError) as error:
            raise ValueError(f"has a term that is none: {value[:80]!r} ({error})") from None


def _literal(value: str, language: str | None, direction: str | None, datatype: str | None) -> ox.Literal:
    value.encode()  # raises ValueError for half a surrogate pair
    if direction:
        if direction not in DIRECTIONS or not language:
            raise ValueError("a direction of text is ltr or rtl, and beside a language")
        return ox.Literal(value, language=language, direction=DIRECTIONS[direction])
    if language:
        return ox.Literal(value, language=language)
    if datatype is None:
        return ox.Literal(value)
    if datatype in LANG_STRINGS:
        raise ValueError("has text with an empty language tag")
    return ox.Literal(value, datatype=ox.NamedNode(datatype))
