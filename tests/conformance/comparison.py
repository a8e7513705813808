"""Answers against what a test expects; each function returns what is wrong, or None.

The criterion is the suite's own (its README): order of rows is irrelevant, blank nodes correspond one to one, IRIs are
identical, literals equal by value. The order of columns is compared too: it is that of the query.
"""

import csv
import io
import json
import re
from collections.abc import Sequence

from pyparsing import ParseException
from rdflib import BNode, Dataset, Graph, Literal
from rdflib.query import Result
from rdflib.term import Identifier

SOLUTIONS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
GRAPHS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
    "application/trig": "trig",
    "application/n-quads": "nquads",
}
QUADS = ("application/trig", "application/n-quads")
FORMATS = {
    "boolean": {media: SOLUTIONS[media] for media in list(SOLUTIONS)[:2]},
    "tabular": SOLUTIONS,
    "RDF": GRAPHS,
}
"""What the protocol tests call a format: media types, and the name that rdflib has for each."""

DOUBLE = re.compile(r"-?\d\.\d+E-?\d+")
"""The canonical form of an xsd:double; nothing else in the suite's CSV files looks like that."""

Row = Sequence[object]


def graph(media_type: str, body: bytes, base: str | None = None) -> Graph:
    """Return the triples of an answer in one of GRAPHS."""
    if media_type not in QUADS:
        return Graph().parse(data=body, format=GRAPHS[media_type], publicID=base)
    triples = Graph()
    for subject, predicate, object_, _ in Dataset().parse(data=body, format=GRAPHS[media_type], publicID=base).quads():
        triples.add((subject, predicate, object_))
    return triples


def formatted(format_: str, media_type: str, body: bytes, boolean: bool | None = None) -> str | None:
    """Check that *body* is what *format_* (of the protocol tests) and its own media type say."""
    known = FORMATS[format_]
    if media_type not in known:
        return f"{media_type or 'no media type'} where one of {', '.join(known)} was expected"
    try:
        if format_ == "RDF":
            graph(media_type, body)
            return None
        result = Result.parse(io.BytesIO(body), format=known[media_type])
    except (ValueError, SyntaxError, ParseException) as error:
        return f"not {media_type}: {error}"
    if format_ == "boolean" and result.type != "ASK":
        return "rows where a boolean was expected"
    if format_ == "tabular" and result.type != "SELECT":
        return "a boolean where rows were expected"
    if boolean is not None and result.askAnswer is not boolean:
        return f"{result.askAnswer} where {boolean} was expected"
    return None


def same(format_: str, actual: bytes, expected: bytes) -> str | None:
    """Compare two answers in ``csv``, ``tsv`` or ``json``."""
    if format_ == "csv":
        return _same_csv(actual, expected)
    if format_ == "json" and (form := _not_json_results(actual)):
        return form
    ours, theirs = (Result.parse(io.BytesIO(answer), format=format_) for answer in (actual, expected))
    if ours.type != theirs.type:
        return f"{ours.type} where {theirs.type} was expected"
    if ours.type == "ASK":
        return None if ours.askAnswer is theirs.askAnswer else f"{ours.askAnswer} where {theirs.askAnswer} was expected"
    names, wanted = ([str(name) for name in result.vars or ()] for result in (ours, theirs))
    if names != wanted:
        return f"columns {names} where {wanted} were expected"
    return _unmatched(_rows(ours), _rows(theirs))


def _rows(result: Result) -> list[Row]:
    return [[binding.get(name) for name in result.vars or ()] for binding in result.bindings]


def _not_json_results(body: bytes) -> str | None:
    """Check the shape that the JSON format prescribes and a lenient reader would not miss."""
    document = json.loads(body)
    if "head" not in document:
        return "no head"
    for row in document.get("results", {}).get("bindings", ()):
        for term in row.values():
            strange = term.keys() - {"type", "value", "datatype", "xml:lang"}
            if strange or term["type"] not in ("uri", "literal", "bnode"):
                return f"{term} is no term"
    return None


def _same_csv(actual: bytes, expected: bytes) -> str | None:
    """Compare cell by cell; the suite's files end lines with LF, the format wants CRLF."""
    if b"\n" in actual.replace(b"\r\n", b""):
        return "lines do not end in CRLF"
    (names, *ours), (wanted, *theirs) = _lines(actual), _lines(expected)
    return _unmatched(ours, theirs) if names == wanted else f"columns {names} where {wanted} were expected"


def _lines(text: bytes) -> list[Row]:
    read = csv.reader(io.StringIO(text.decode(), newline=""))
    return [[BNode(cell[2:]) if cell.startswith("_:") else cell for cell in row] for row in read]


def _unmatched(ours: Sequence[Row], theirs: Sequence[Row]) -> str | None:
    if len(ours) != len(theirs):
        return f"{len(ours)} rows where {len(theirs)} were expected"
    if _match(list(ours), list(theirs), {}):
        return None
    lone = [row for row in theirs if not any(_same_row(other, row, {}) is not None for other in ours)]
    return f"no row is {' '.join(map(str, lone[0]))}" if lone else "blank nodes do not correspond"


def _match(ours: list[Row], theirs: list[Row], nodes: dict[object, object]) -> bool:
    if not theirs:
        return True
    for index, row in enumerate(ours):
        extended = _same_row(row, theirs[0], nodes)
        if extended is not None and _match(ours[:index] + ours[index + 1 :], theirs[1:], extended):
            return True
    return False


def _same_row(row: Row, expected: Row, nodes: dict[object, object]) -> dict[object, object] | None:
    """Return *nodes*, the correspondence of blank nodes, with what these rows add to it; None if they differ."""
    extended = dict(nodes)
    for cell, wanted in zip(row, expected, strict=True):
        if isinstance(cell, BNode) and isinstance(wanted, BNode):
            if extended.setdefault(wanted, cell) != cell:
                return None
        elif not _equal(cell, wanted):
            return None
    return extended if len(set(extended.values())) == len(extended) else None


def _equal(cell: object, wanted: object) -> bool:
    if isinstance(cell, Literal) and isinstance(wanted, Literal):
        # The datatype is part of the term: -3 as a negative integer and -3 as an integer are one number, two literals.
        same_kind = (cell.datatype, cell.language) == (wanted.datatype, wanted.language)
        return same_kind and (cell == wanted or (cell.value is not None and cell.value == wanted.value))
    if isinstance(cell, Identifier) or isinstance(wanted, Identifier):
        return type(cell) is type(wanted) and cell == wanted
    # CSV drops the datatype; the suite asks to compare with care, and literals by value.
    if isinstance(wanted, str) and DOUBLE.fullmatch(wanted) and isinstance(cell, str):
        try:
            return float(cell) == float(wanted)
        except ValueError:
            return False
    return cell == wanted
