"""A record of the keys, names, references and faults of all rows of an import, kept on disk to save memory.

It is a SQLite database in a temporary file, which is deleted when the import ends.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

SCHEMA: Final = """
CREATE TABLE seen (kind TEXT, value TEXT, place TEXT, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TABLE wanted (kind TEXT, value TEXT, tab INTEGER, line INTEGER, col INTEGER, place TEXT, words TEXT);
CREATE TABLE remark (fault INTEGER, tab INTEGER, line INTEGER, col INTEGER, place TEXT, words TEXT);
"""
FAULT: Final = 1
NOTICE: Final = 0


@dataclass(frozen=True)
class Location:
    """The position of a cell or a row: numbers to sort by, and *text* for people."""

    table: int
    row: int
    column: int
    text: str


@dataclass(frozen=True)
class Remark:
    """A fault or a notice for people: its *place* and its message, *words*."""

    place: str
    words: str


class Ledger:
    """A database of values that occur, of values that must occur, and of faults and notices; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Open an empty ledger in *folder*; the caller makes and deletes *folder*."""
        self.complete = True
        self._db = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)
        # nothing here outlives the import: no journal, no waiting for the disk
        self._db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA} BEGIN;")

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self._db.close()

    def seen(self, kind: str, value: str, place: str) -> str | None:
        """Record that *value* occurs at *place*; return the place where it occurred first, or None if it is new.

        *kind* is "node" if *value* is an IRI, else the name of a table with its key columns.
        """
        noted = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (kind, value, place))
        if noted.rowcount:
            return None
        found = self._db.execute("SELECT place FROM seen WHERE kind = ? AND value = ?", (kind, value)).fetchone()
        return str(found[0])

    def want(self, kind: str, value: str, place: Location, words: str) -> None:
        """Record that *place* refers to *value* of *kind*; *words* is the message if that value never occurs."""
        row = (kind, value, place.table, place.row, place.column, place.text, words)
        self._db.execute("INSERT INTO wanted VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def fault(self, place: Location, words: str) -> None:
        """Record a fault at *place*, with the message *words*: an import with a fault must not be used."""
        self._remark(FAULT, place, words)

    def notice(self, place: Location, words: str) -> None:
        """Record a notice at *place*, with the message *words*; a notice is not a fault."""
        self._remark(NOTICE, place, words)

    def lost(self, place: Location, words: str) -> None:
        """Record a fault at *place*, with the message *words*, because of which cells are not read.

        After such a fault, ``settle`` does not check references.
        """
        self.complete = False
        self.fault(place, words)

    def settle(self) -> None:
        """Record a fault for each reference to a value that never occurred; do nothing if cells were not read."""
        if not self.complete:
            return
        self._db.execute(
            "INSERT INTO remark SELECT 1, tab, line, col, place, words FROM wanted"
            " WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.kind = wanted.kind AND seen.value = wanted.value)"
        )

    def count(self, which: int) -> int:
        """Return the number of faults, if *which* is FAULT, or of notices, if it is NOTICE."""
        return int(self._db.execute("SELECT count(*) FROM remark WHERE fault = ?", (which,)).fetchone()[0])

    def remarks(self, which: int) -> Iterator[Remark]:
        """Yield the faults (*which* is FAULT) or the notices (NOTICE), in the order of tables, rows and columns."""
        found = self._db.execute(
            "SELECT place, words FROM remark WHERE fault = ? ORDER BY tab, line, col, words", (which,)
        )
        for place, words in found:
            yield Remark(place, words)

    def _remark(self, which: int, place: Location, words: str) -> None:
        row = (which, place.table, place.row, place.column, place.text, words)
        self._db.execute("INSERT INTO remark VALUES (?, ?, ?, ?, ?, ?)", row)
