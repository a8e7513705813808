"""Reads a CSV file row by row, and reports bytes that are not rows of a table.

Standard: RFC 4180, as interpreted by the Model for Tabular Data on the Web (section 8). Only one row is in memory at a
time, and the length of a row is limited, so that neither a long file nor a long line needs much memory.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LONGEST: Final = 1 << 20
"""The most bytes of a row. A cell of more than 131,072 characters is refused by the csv module."""
MARKS: Final = {b"\xff\xfe": "in UTF-16", b"\xfe\xff": "in UTF-16", b"PK\x03\x04": "a spreadsheet or ZIP file, not CSV"}


SEPARATED: Final = re.compile(r"""("?)sep=(.)\1\r?\n?""")
"""A first line that tells Excel the separator of the cells; Excel does not count it as a row."""


class UnreadableRows(ValueError):
    """The error that bytes of a file are not rows of a table; the message says what to do.

    *line*, *row* and *cell* are the position of these bytes.
    """

    def __init__(self, line: int, words: str, row: "Row | None" = None, cell: int = 0) -> None:
        """Set the message *words* and the place of the fault: *line*, and the *cell* of *row* (the first is 1)."""
        super().__init__(words)
        self.line, self.row, self.cell = line, row, cell


@dataclass(frozen=True)
class Row:
    """The cells of a row, its *number* as in a spreadsheet (the header is 1), and its first *line* in the file."""

    number: int
    line: int
    cells: list[str]

    @property
    def place(self) -> str:
        """The number of the row, and its line if that differs, for messages."""
        return f"row {self.number}" + (f" (line {self.line})" if self.line != self.number else "")


class Reader:
    """A reader of the rows of *path*; it keeps its position in the file and the digest of the bytes read."""

    def __init__(self, path: Path, delimiter: str, encoding: str) -> None:
        """Prepare to read *path*, with the *delimiter* and the *encoding* that its metadata state."""
        self.path, self.delimiter, self.encoding = path, delimiter, encoding
        self.size = path.stat().st_size
        self.position = 0
        self.line = 0
        self._hash = hashlib.sha256()
        self._row_line = self._row_bytes = 0
        self._undecoded = False

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of the bytes read so far."""
        return self._hash.hexdigest()

    def rows(self) -> Iterator[Row]:
        """Yield each row, the header first; rows whose cells are all empty or blank are skipped.

        Raises UnreadableRows at the first bytes that are not a row, and OSError.
        """
        # strict: a stray quotation mark is an error, not a guess
        reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
        number = 0
        while True:
            self._row_line, self._row_bytes = self.line + 1, 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise UnreadableRows(self._row_line, self._reason(str(error))) from None
            number += 1
            row = Row(number, self._row_line, cells)
            if self._undecoded:
                self._refuse(row)
            if any(map(str.strip, cells)):
                yield row

    def _lines(self) -> Iterator[str]:
        """Yield each line of the file, decoded, with its line ending. Raises UnreadableRows."""
        with self.path.open("rb") as file:
            while line := file.readline(LONGEST + 1):
                self.line += 1
                self.position += len(line)
                self._row_bytes += len(line)
                self._hash.update(line)
                if self.line == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                    for mark, words in MARKS.items():
                        if line.startswith(mark):
                            raise UnreadableRows(1, f"this file is {words}; save it as 'CSV UTF-8'")
                if self._row_bytes > LONGEST:
                    words = f"the row is longer than {LONGEST:,} bytes; look for a missing quotation mark"
                    raise UnreadableRows(self._row_line, words)
                if b"\0" in line:
                    raise UnreadableRows(self.line, "this line contains a NUL byte; save the table as 'CSV UTF-8'")
                try:
                    text = line.decode(self.encoding)
                except UnicodeDecodeError:
                    # decoded all the same, so that the message can name the cell
                    text, self._undecoded = line.decode(self.encoding, "surrogateescape"), True
                if self.line == 1 and (told := SEPARATED.fullmatch(text)):
                    self._agree(told[2])
                    continue
                yield text

    def _agree(self, separator: str) -> None:
        """Raise UnreadableRows unless *separator*, from a first line ``sep=``, is the delimiter in the metadata."""
        if separator != self.delimiter:
            says = f"this line states the delimiter {separator!r}, but the metadata state {self.delimiter!r}"
            raise UnreadableRows(1, f"{says}; correct the dialect of the metadata, or delete this line")

    def _refuse(self, row: Row) -> None:
        """Raise UnreadableRows for the first cell of *row* that cannot be decoded."""
        for number, cell in enumerate(row.cells, 1):
            if bad := next((character for character in cell if "\udc80" <= character <= "\udcff"), ""):
                words = f"byte 0x{ord(bad) - 0xDC00:02X} at character {cell.index(bad) + 1} is not {self.encoding}"
                advice = "save the table as 'CSV UTF-8', or declare its encoding in the metadata's dialect"
                raise UnreadableRows(row.line, f"{words}; {advice}", row, number)

    def _reason(self, words: str) -> str:
        """Return advice to the user for *words*, an error message of the csv module."""
        if "new-line character" in words:
            return "lines end in a bare carriage return; save the table as 'CSV UTF-8'"
        if "field larger" in words:
            return "a cell is longer than 131,072 characters; look for a missing quotation mark"
        if "end of data" in words:
            return "an opening quotation mark has no closing one; add it"
        return f"{words}; put a cell that contains quotation marks in quotation marks, and double those inside"
