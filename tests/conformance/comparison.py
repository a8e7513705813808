"""Answers against what a test expects; each function returns what is wrong, or None.

The criterion is the suite's own (its README): order of rows is irrelevant but for ORDER BY, blank nodes correspond
one to one, IRIs are identical, literals equal by value. The order of columns is compared too: it is that of the query.
"""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from pyparsing import ParseException

from tests.conformance import reading
from tests.conformance.reading import GRAPHS, SOLUTIONS, Cell, Read, Table

FORMATS = {
    "boolean": {media: SOLUTIONS[media] for media in list(SOLUTIONS)[:2]},
    "tabular": SOLUTIONS,
    "RDF": GRAPHS,
}
"""What the protocol tests call a format: media types, and the name that rdflib has for each."""

DOUBLE = re.compile(r"-?\d\.\d+E-?\d+")
"""The canonical form of an xsd:double; nothing else in the suite's CSV files looks like that."""

XSD = "http://www.w3.org/2001/XMLSchema#"
WHOLE = ("integer", "nonPositiveInteger", "negativeInteger", "nonNegativeInteger", "positiveInteger", "long", "int",
         "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte")  # fmt: skip
VALUES = {
    **dict.fromkeys((XSD + name for name in (*WHOLE, "decimal")), Decimal),
    **dict.fromkeys((XSD + name for name in ("double", "float")), float),
    XSD + "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
}
"""How the values of literals are read where several forms stand for one."""

Row = Sequence[Cell]
Nodes = dict[ox.BlankNode, ox.BlankNode]
FAULTS = (ValueError, KeyError, SyntaxError, ParseException)
"""What the readers raise for what they cannot read."""


def formatted(format_: str, media_type: str, body: bytes, boolean: bool | None = None) -> str | None:
    """Check that *body* is what *format_* (of the protocol tests) and its own media type say."""
    if media_type not in FORMATS[format_]:
        return f"{media_type or 'no media type'} where one of {', '.join(FORMATS[format_])} was expected"
    try:
        found = reading.read(media_type, body)
    except FAULTS as error:
        return f"not {media_type}: {error}"
    if format_ == "RDF":
        return None
    if isinstance(found, bool) is not (format_ == "boolean"):
        return "rows where a boolean was expected" if format_ == "boolean" else "a boolean where rows were expected"
    return f"{found} where {boolean} was expected" if boolean is not None and found is not boolean else None


def same(found: Read, expected: Read, *, ordered: bool = False, columns: bool = True, lax: bool = False) -> str | None:
    """Compare an answer to what was expected.

    Rows must come in the same order if they are *ordered*, and so must *columns* unless the query leaves it open;
    *lax* leaves open how often like rows come.
    """
    if type(found) is not type(expected):
        return f"{_kind(found)} where {_kind(expected)} was expected"
    if isinstance(found, bool):
        return None if found is expected else f"{found} where {expected} was expected"
    if isinstance(found, Table) and isinstance(expected, Table):
        return _same_table(found, expected, ordered, columns and expected.columns, lax)
    assert isinstance(found, frozenset) and isinstance(expected, frozenset)
    return _unmatched([tuple(triple) for triple in found], [tuple(triple) for triple in expected])


def _kind(read: Read) -> str:
    return "a boolean" if isinstance(read, bool) else "a table" if isinstance(read, Table) else "a graph"


def _same_table(found: Table, expected: Table, ordered: bool, columns: bool, lax: bool) -> str | None:
    names, wanted = list(found.names), list(expected.names)
    if (names != wanted) if columns else (sorted(names) != sorted(wanted)):
        return f"columns {names} where {wanted} were expected"
    places = [names.index(name) for name in wanted]
    ours, theirs = [tuple(row[place] for place in places) for row in found.rows], list(expected.rows)
    if ordered:
        return _disordered(ours, theirs)
    if lax:
        if len(ours) > len(theirs):
            return f"{len(ours)} rows where {len(theirs)} were expected at most"
        ours, theirs = list(dict.fromkeys(ours)), list(dict.fromkeys(theirs))
    return _unmatched(ours, theirs)


def _disordered(ours: Sequence[Row], theirs: Sequence[Row]) -> str | None:
    if len(ours) != len(theirs):
        return f"{len(ours)} rows where {len(theirs)} were expected"
    nodes: Nodes | None = {}
    for number, (row, wanted) in enumerate(zip(ours, theirs, strict=True), 1):
        nodes = _same_row(row, wanted, nodes)
        if nodes is None:
            return f"row {number} is not {_shown(wanted)}"
    return None


def _unmatched(ours: Sequence[Row], theirs: Sequence[Row]) -> str | None:
    if len(ours) != len(theirs):
        return f"{len(ours)} rows where {len(theirs)} were expected"
    # Rows without blank nodes leave the least open, so they come first.
    if _match(list(ours), sorted(theirs, key=lambda row: sum(map(_blanks, row))), {}):
        return None
    lone = [row for row in theirs if not any(_same_row(other, row, {}) is not None for other in ours)]
    return f"no row is {_shown(lone[0])}" if lone else "blank nodes do not correspond"


def _shown(row: Row) -> str:
    return " ".join(map(str, row))


def _blanks(cell: Cell) -> int:
    return sum(map(_blanks, cell)) if isinstance(cell, ox.Triple) else isinstance(cell, ox.BlankNode)


def _match(ours: list[Row], theirs: list[Row], nodes: Nodes) -> bool:
    if not theirs:
        return True
    for index, row in enumerate(ours):
        extended = _same_row(row, theirs[0], nodes)
        if extended is not None and _match(ours[:index] + ours[index + 1 :], theirs[1:], extended):
            return True
    return False


def _same_row(row: Row, expected: Row, nodes: Nodes) -> Nodes | None:
    """Return *nodes*, the correspondence of blank nodes, with what these rows add to it; None if they differ."""
    extended = dict(nodes)
    for cell, wanted in zip(row, expected, strict=True):
        if isinstance(cell, ox.BlankNode) and isinstance(wanted, ox.BlankNode):
            if extended.setdefault(wanted, cell) != cell:
                return None
        elif isinstance(cell, ox.Triple) and isinstance(wanted, ox.Triple):
            within = _same_row(tuple(cell), tuple(wanted), extended)
            if within is None:
                return None
            extended = within
        elif not _equal(cell, wanted):
            return None
    return extended if len(set(extended.values())) == len(extended) else None


def _equal(cell: Cell, wanted: Cell) -> bool:
    if isinstance(cell, ox.Literal) and isinstance(wanted, ox.Literal):
        # The datatype is part of the term: -3 as a negative integer and -3 as an integer are one number, two literals.
        return cell == wanted or (cell.datatype == wanted.datatype and _value(cell) == _value(wanted) is not None)
    # CSV drops the datatype; the suite asks to compare with care, and literals by value.
    if isinstance(cell, str) and isinstance(wanted, str) and DOUBLE.fullmatch(wanted):
        try:
            return float(cell) == float(wanted)
        except ValueError:
            return False
    return cell == wanted


def _value(literal: ox.Literal) -> object:
    """Return what number or boolean a literal stands for; None for any other, and for one that is ill-typed."""
    read = VALUES.get(literal.datatype.value)
    try:
        return read(literal.value) if read else None
    except (ValueError, KeyError, InvalidOperation):
        return None
