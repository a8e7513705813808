"""Tables that are imported together: their columns, and the statement that each cell makes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox


@dataclass(frozen=True)
class Template:
    """A URI template (RFC 6570) whose variables are columns of a table.

    *text* is the template as written, *names* its variables, and *expand* returns the text with values filled in.
    """

    text: str
    names: frozenset[str]
    expand: Callable[..., str]


@dataclass(frozen=True)
class Column:
    """A column, and the statement that each of its cells makes: *subject* *predicate* *value* (or the cell) in *graph*.

    *predicate* is None when the column makes no statement (suppressOutput). *cell* is the object of the library csvw
    that reads a cell (by datatype, null, default, separator). *titles* are the names that the column may have in the
    header, *number* is its position from 1.
    *base* is the datatype of the cells; *several* is whether a cell can have several values (CSVW: separator).
    """

    name: str
    number: int
    titles: tuple[str, ...]
    cell: Any
    virtual: bool
    required: bool
    several: bool
    base: str
    language: str | None
    subject: Template
    predicate: ox.NamedNode | None
    value: Template | None
    graph: Template

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names of the columns whose cells this column needs to make a statement."""
        own = frozenset() if self.virtual else frozenset({self.name})
        return own.union(self.subject.names, self.graph.names, self.value.names if self.value else ())

    @property
    def place(self) -> str:
        """The name of the column and its letter in a spreadsheet, for messages."""
        if self.virtual:
            return f"column {self.name} (virtual)"
        return f"column {self.name} ({letters(self.number)})"


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key: the values of *columns* must occur in the columns *there* of the table *other*."""

    columns: tuple[str, ...]
    other: str
    there: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A CSV file and its columns."""

    path: Path
    columns: tuple[Column, ...]
    delimiter: str
    encoding: str
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name


def letters(number: int) -> str:
    """Return the letters by which spreadsheets name the column with this *number* (from 1).

    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    rest, found = number, ""
    while rest:
        rest, letter = divmod(rest - 1, 26)
        found = chr(ord("A") + letter) + found
    return found


@dataclass(frozen=True)
class TableGroup:
    """Tables that are imported together, and the metadata file that describes them."""

    metadata: Path
    tables: tuple[Table, ...]

    @property
    def paths(self) -> list[Path]:
        """Every file that is read when the tables of this group are imported."""
        return [*(table.path for table in self.tables), self.metadata]
