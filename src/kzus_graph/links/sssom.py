"""Reads files of SSSOM tables: their metadata, columns and rows, and the unchanged text of each row.

Standard: SSSOM/TSV (https://mapping-commons.github.io/sssom/spec-formats-tsv/). The metadata are YAML, either in
lines that begin with ``#`` before the table, or in a separate file in the same folder.
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
    """Raised for a source of links that cannot be used; the message names the source, such as file, line and column."""


@dataclass(frozen=True)
class MappingRow:
    """A row of an SSSOM table: its cells by column, the number of its first line, and its text with the line end."""

    line: int
    cells: dict[str, str]
    text: str


@dataclass(frozen=True)
class MappingTable:
    """An SSSOM table: its prefixes, the other entries of its metadata, its column names, and its rows.

    *head* is the text before the first row: the metadata, each line with a ``#`` before it, and the header row. *line*
    is the line number of the header row.
    """

    prefixes: dict[str, str]
    metadata: dict[str, str]
    columns: tuple[str, ...]
    head: str
    line: int
    rows: tuple[MappingRow, ...]


def read(path: Path) -> MappingTable:
    """Return the SSSOM table in the file *path*. Rows whose cells are all empty are skipped.

    Raises LinksError for metadata that are not YAML, and for the first record that is not a valid row.
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
        raise LinksError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from None


def _uncommented(line: str) -> str:
    if line.startswith('"'):
        line = next(csv.reader([line], delimiter="\t"))[0]
    return line.rstrip()[1:]


def _records(path: Path, first: str, lines: Iterator[str], number: int) -> Iterator[tuple[int, list[str], str]]:
    """Yield line number, cells and text of each row; *first* is the line with *number*, *lines* are the later ones."""
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
            words = "a cell that begins with a quotation mark must end with one, and those inside it must be doubled"
            raise LinksError(f"{path}, line {number}: {error}; {words}") from None
        yield number, cells, "".join(taken)
        number += len(taken)
        taken.clear()


def _row(path: Path, columns: list[str], width: int, line: int, cells: list[str], text: str) -> MappingRow:
    """Return *cells* as a row with a cell for each of *columns*; *width* is the number of cells in the header row.

    Raises LinksError for a wrong number of cells, a filled cell without a column, or an invisible character.
    """
    place = f"{path}, line {line}"
    if len(cells) not in (len(columns), width) or any(map(str.strip, cells[len(columns) :])):
        raise LinksError(f"{place}: a row must have {len(columns)} cells, one for each column")
    for name, cell in zip(columns, cells, strict=False):
        if words := unseen(cell):
            raise LinksError(f"{place}, column {name}: {cell!r}: {words}")
    return MappingRow(line, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}, text)


def _entries(path: Path, lines: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the prefixes (PREFIXES and curie_map), and the other entries that are texts, of the YAML *lines*.

    Raises LinksError if *lines* are not YAML.
    """
    try:
        # BaseLoader reads every value as text: days, numbers, yes and no stay as they are written
        said = yaml.load(textwrap.dedent("\n".join(lines)), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        where = f", line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        words = getattr(error, "problem", "") or "it is nested too deeply, or has control characters"
        raise LinksError(f"{path}: the metadata of the table are not YAML{where}: {words}") from None
    entries = said if isinstance(said, dict) else {}
    prefixes = entries.pop("curie_map", None)
    named = prefixes.items() if isinstance(prefixes, dict) else ()
    texts = {name: " ".join(value.split()) for name, value in entries.items() if isinstance(value, str) and value}
    return PREFIXES | {name: space for name, space in named if isinstance(space, str)}, texts
