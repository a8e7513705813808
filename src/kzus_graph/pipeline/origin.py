"""The origin of a fact file that ``kzus-graph import`` wrote, and whether the file and its tables still agree.

Such a file begins with a heading of two comment lines. They contain the paths of the tables, the digest of the tables,
and the digest of the rest of the file, which shows whether the file was edited by hand.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kzus_graph.pipeline.content import source_files
from kzus_graph.shacl.shapes import Violation

FOLDER: Final = "tables"
"""The folder of tables, below ``data/``."""
HEADING: Final = re.compile(
    rb"# Made by kzus-graph import of ([^\n]+); sha256 of table and metadata: ([0-9a-f]{64})\n"
    rb"# Do not edit: change the table and import it again\. sha256 of all that follows: ([0-9a-f]{64})\n"
)


@dataclass(frozen=True)
class TableOrigin:
    """The origin of a generated file, from its heading.

    *files* are the paths below ``data/`` of the tables and their metadata, *tables* is the SHA-256 of these files, and
    *content* that of the generated file without its heading.
    """

    files: tuple[str, ...]
    tables: str
    content: str

    @property
    def heading(self) -> bytes:
        """The first two lines of the file; their length does not depend on the digests."""
        return (
            f"# Made by kzus-graph import of {' '.join(self.files)}; sha256 of table and metadata: {self.tables}\n"
            f"# Do not edit: change the table and import it again. sha256 of all that follows: {self.content}\n"
        ).encode()


def origin(path: Path) -> TableOrigin | None:
    """Return the origin in the heading of the file *path*, or None if it has no heading, so that no import wrote it."""
    with path.open("rb") as file:
        found = HEADING.match(file.read(1 << 16))
    if found is None:
        return None
    return TableOrigin(tuple(found[1].decode().split(" ")), found[2].decode(), found[3].decode())


def is_edited(path: Path, said: TableOrigin) -> bool:
    """Return whether the generated file *path* was edited: its digest is not the one in *said*, its origin."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(len(said.heading))
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest() != said.content


def combined(digests: Iterable[tuple[str, str]]) -> str:
    """Return one SHA-256, in hex, for several files, each given as its name and digest."""
    return hashlib.sha256("".join(f"{name}\0{digest}\n" for name, digest in sorted(digests)).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def findings(root: Path, only: Collection[str] = ()) -> list[Violation]:
    """Return a violation for each table that differs from the fact file generated from it.

    Either the table was changed or removed after its import, or the generated file was edited, or the table was never
    imported. With *only*, check only the generated files of these sources.
    """
    data = root / "data"
    found, imported = [], set()
    for name, path in source_files(root).items():
        said = origin(path)
        if said is None:
            continue
        imported |= set(said.files)
        if only and name not in only:
            continue
        missing = [file for file in said.files if not (data / file).is_file()]
        command = f"kzus-graph import data/{said.files[0]}"
        if missing:
            words = (
                f"This file was imported from {', '.join(missing)}, which is missing; restore it, or delete this file."
            )
            found.append(_violation("import-without-table", f"data/{path.name}", words))
        elif combined((file, file_digest(data / file)) for file in said.files) != said.tables:
            words = f"The table has changed since it was imported; run: {command}"
            found.append(_violation("stale-import", f"data/{path.name}", words))
        if is_edited(path, said):
            words = (
                f"This file was edited after its import; edit the table instead, delete this file, and run: {command}"
            )
            found.append(_violation("edited-import", f"data/{path.name}", words))
    if not only:
        for path in sorted((data / FOLDER).glob("*.csv")):
            if f"{FOLDER}/{path.name}" not in imported:
                words = f"This table was never imported; run: kzus-graph import data/{FOLDER}/{path.name}"
                found.append(_violation("table-not-imported", f"data/{FOLDER}/{path.name}", words))
    return found


def _violation(code: str, focus: str, words: str) -> Violation:
    return Violation(code, "Violation", focus, None, words)
