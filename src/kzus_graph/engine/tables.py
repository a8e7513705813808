"""Helpers for writing rows as a calendar or map: they find columns by name, and format values."""

from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf import writing

LABELS: Final = ("label", "summary", "title", "name", "eventLabel")
THINGS: Final = ("event", "thing", "place", "s", "item", "id")

Solutions = ox.QuerySolutions | ox.QueryBoolean


class ColumnsMissing(ValueError):
    """The answer lacks the columns that the requested format needs."""


def rows_of(results: Solutions) -> ox.QuerySolutions:
    """Return *results* if they are the rows of a SELECT query. Raises ColumnsMissing for an answer to ASK."""
    if isinstance(results, ox.QueryBoolean):
        raise ColumnsMissing("this format can only hold the rows of a SELECT query")
    return results


def columns_of(results: ox.QuerySolutions) -> list[str]:
    """Return the names of the columns of *results*, in order."""
    return [variable.value for variable in results.variables]


def pick(columns: Iterable[str], wanted: Iterable[str]) -> str | None:
    """Return the first name in *wanted* that is one of *columns*; None if there is none."""
    present = set(columns)
    return next((name for name in wanted if name in present), None)


def names(wanted: Iterable[str]) -> str:
    """Return the variable names in *wanted* as a phrase for a message.

    >>> names(["lat", "latitude"])
    '?lat or ?latitude'
    """
    return " or ".join(f"?{name}" for name in wanted)


def term(row: Any, name: str | None) -> writing.Term | None:
    """Return the term of *row* in the column *name*; None if the cell is empty or *name* is None."""
    found: writing.Term | None = row[name] if name is not None else None
    return found


def words(row: Any, name: str | None) -> str:
    """Return the term of *row* in the column *name* as text; an empty text if there is no term."""
    found = term(row, name)
    return "" if found is None else writing.text(found)


def count(number: int, one: str, many: str) -> str:
    """Return *number* followed by the words *one* if it is 1, else by the words *many*.

    >>> count(1, "row has", "rows have"), count(2, "row has", "rows have")
    ('1 row has', '2 rows have')
    """
    return f"{number} {one if number == 1 else many}"
