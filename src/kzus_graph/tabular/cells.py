"""Cells of a table: reads the value of a cell by the datatype of its column, or says how to correct the cell."""

import re
from datetime import datetime
from typing import Any, Final

from kzus_graph.rdf.characters import unseen
from kzus_graph.tabular.group import Column

FORMULA: Final = re.compile(r"[=+\-@]")
"""The first character of a cell that a spreadsheet runs as a formula."""
BREAKS: Final = re.compile(r"[\n\r\t]")
COMMENT: Final = "#"
"""The first character of a row that readers of CSVW skip as a comment (Metadata Vocabulary, section 5.9)."""
SHOWN: Final = 60
"""The most characters of a cell that a message repeats."""


class CellFault(ValueError):
    """The error that a cell is wrong; the message says what to do.

    *column* is the name of the cell's column; empty for the column that is being converted.
    """

    def __init__(self, words: str, column: str = "") -> None:
        """Set the message *words* and the *column* of the cell."""
        super().__init__(words)
        self.column = column


def value_of(column: Column, raw: str) -> Any:
    """Return the value of the cell *raw* in *column*: text, a list of texts, or None if empty. Raises CellFault."""
    if raw != raw.strip(" ") or "  " in raw or BREAKS.search(raw):
        raise CellFault(
            f"{short(raw)!r} contains a line break, a tab or extra spaces; write one line with single spaces"
        )
    if words := unseen(raw):
        raise CellFault(f"{short(raw)!r}: {words}")
    if column.number == 1 and raw.startswith(COMMENT):
        raise CellFault(f"{short(raw)!r} makes the row a comment in CSVW; begin the cell with a letter or a digit")
    if column.base == "string" and column.value is None and FORMULA.match(raw):
        raise CellFault(f"{short(raw)!r} begins like a spreadsheet formula; begin the cell with a letter or a digit")
    if column.base in {"integer", "decimal"} and raw.strip("+-").upper() in {"NAN", "INF"}:
        raise CellFault(_advice(column, raw, ""))
    try:
        value = column.cell.read(raw)
    except ValueError as error:
        raise CellFault(_advice(column, raw, str(error))) from None
    if isinstance(value, list):
        if raw and None in value:
            raise CellFault(
                f"{short(raw)!r} contains an empty part; write a single {column.cell.separator!r} between two parts"
            )
        return [_canonical(column, part, raw) for part in value]
    return None if value is None else _canonical(column, value, raw)


def _canonical(column: Column, value: Any, raw: str) -> str:
    """Return *value* as text, in the canonical form of the datatype of *column*.

    Raises CellFault if the cell *raw* does not have the date format of *column*.
    """
    if column.base == "boolean":
        return "true" if value else "false"
    if isinstance(value, datetime):
        # csvw stops reading where its pattern ends, and ignores the rest
        if not column.several and column.cell.datatype.formatted(value) != (raw or column.cell.default):
            raise CellFault(_advice(column, raw, ""))
        return value.date().isoformat()
    if column.base == "anyURI":
        return str(value.unsplit())
    if column.base == "decimal":
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value).strip()


def _advice(column: Column, raw: str, words: str) -> str:
    """Return what is wrong with the cell *raw* and how to correct it; *words* is the message of the library csvw."""
    if "required" in words:
        return "the cell is empty, but its column is required"
    format_ = column.cell.datatype.format if column.cell.datatype else None
    if "must" in words or "length" in words:
        return f"{short(raw)!r}: {words}"
    kinds = {"date": "date", "integer": "whole number", "decimal": "number", "boolean": "truth value"}
    like = format_ or {"date": "yyyy-MM-dd", "boolean": "true|false"}.get(column.base, "")
    kind = kinds.get(column.base, "value of this column")
    return f"{short(raw)!r} is not a {kind}" + (f"; write it as {like}" if like else "")


def short(text: str) -> str:
    """Return *text*, cut to SHOWN characters for a message."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
