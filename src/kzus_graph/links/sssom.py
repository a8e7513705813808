"""SSSOM tables as files: their metadata, columns and rows, and the unchanged text of each row.

Standard: SSSOM/TSV (https://mapping-commons.github.io/sssom/spec-formats-tsv/), as people and sssom-py
write it: the metadata are YAML, after ``#`` at the head of the table, or in a separate file beside it.
"""

import csv
import io
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from kzus_graph.rdf.characters import unseen
from kzus_graph.rdf.prefixes import PREFIXES

SUFFIX: Final = ".sssom.tsv"
BESIDE: Final = (".sssom.yml", ".sssom.yaml")


class LinksError(ValueError):
    """A table of links that cannot be used; the message names file, line and column."""


@dataclass(frozen=True)
class MappingRow:
    """A row of a table: its cells by column, the number of its first line, and its text with the line end."""

    line: int
    cells: dict[str, str]
    text: str


@dataclass(frozen=True)
class MappingTable:
    """A table: its prefixes, the other entries of its metadata, its columns, and its rows.

    *head* is the text before the first row: the metadata, each line after ``#``, and the columns, on *line*.
    """

    prefixes: dict[str, str]
    metadata: dict[str, str]
    columns: tuple[str, ...]
    head: str
    line: int
    rows: tuple[MappingRow, ...]


def read(path: Path) -> MappingTable:
    """Return the SSSOM table *path*. Only rows whose cells are all empty are skipped.

    Raises LinksError at the first line that is not a row.
    """
    lines = io.StringIO(_text(path), newline="")
    head: list[str] = []
    first = ""
    for first in lines:
        # a spreadsheet puts a line that holds quotation marks in quotation marks
        if first.strip() and not first.startswith(("#", '"#')):
            break
        head.append(first)
        first = ""
    commented = [_uncommented(line) for line in head if line.strip()]
    if not commented:
        beside = (path.with_name(path.name.removesuffix(SUFFIX) + suffix) for suffix in BESIDE)
        metadata = next((file for file in beside if file.is_file()), None)
        commented = _text(metadata).splitlines() if metadata else []
        head = [f"#{line}\n" for line in commented]
        number = 1
    else:
        number = len(head) + 1
    prefixes, entries = _entries(path, commented)
    records = _records(path, first, lines, number)
    line, cells, text = next(records, (number, [], ""))
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    rows = tuple(_row(path, columns, len(cells), *record) for record in records if any(map(str.strip, record[1])))
    return MappingTable(prefixes, entries, tuple(columns), "".join(head) + text, line, rows)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LinksError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def _uncommented(line: str) -> str:
    if line.startswith('"'):
        line = next(csv.reader([line], delimiter="\t"))[0]
    return line.rstrip()[1:]


def _records(path: Path, first: str, lines: Iterator[str], number: int) -> Iterator[tuple[int, list[str], str]]:
    """Yield line number, cells and text of each record; *first* is line *number*, and *lines* are those after it."""
    taken: list[str] = []

    def fed() -> Iterator[str]:
        for line in [first] if first else []:
            taken.append(line)
            yield line
        for line in lines:
            taken.append(line)
            yield line

    # strict: a quotation mark that is never closed would swallow rows
    records = csv.reader(fed(), delimiter="\t", strict=True)
    while True:
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            words = "a cell that begins with a quotation mark ends with one, and doubles those within"
            raise LinksError(f"{path}, line {number}: {error}; {words}") from None
        yield number, cells, "".join(taken)
        number += len(taken)
        taken.clear()


def _row(path: Path, columns: list[str], width: int, line: int, cells: list[str], text: str) -> MappingRow:
    """Return a record as a row: a cell for each of *columns*. Raises LinksError if a cell after these is not empty."""
    place = f"{path}, line {line}"
    if len(cells) not in (len(columns), width) or any(map(str.strip, cells[len(columns) :])):
        raise LinksError(f"{place}: this is not a row of {len(columns)} columns")
    for name, cell in zip(columns, cells, strict=False):
        if words := unseen(cell):
            raise LinksError(f"{place}, column {name}: {cell!r}: {words}")
    return MappingRow(line, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}, text)


def _entries(path: Path, lines: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the prefixes and the other text entries of the YAML *lines*; lists are skipped. Raises LinksError."""
    try:
        # BaseLoader reads every value as text: days, numbers, yes and no stay as they are written
        said = yaml.load(textwrap.dedent("\n".join(lines)), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        where = f", line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        words = getattr(error, "problem", "") or "it cannot be read"
        raise LinksError(f"{path}: the head of the table is not YAML{where}: {words}") from None
    entries = said if isinstance(said, dict) else {}
    prefixes = entries.pop("curie_map", None)
    named = prefixes.items() if isinstance(prefixes, dict) else ()
    texts = {name: " ".join(value.split()) for name, value in entries.items() if isinstance(value, str) and value}
    return PREFIXES | {name: space for name, space in named if isinstance(space, str)}, texts
