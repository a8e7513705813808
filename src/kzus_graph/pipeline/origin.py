"""The origin of a generated fact file: its heading, and whether the file and its tables still agree.

A file that an import wrote says so in its first two lines. They give the tables, the digest of the tables, and the
digest of the rest of the file, which shows whether the file was edited by hand.
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
    """The paths of table and metadata *files* below ``data/``, their digest *tables*, and that of the *content*."""

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
    """Return the origin that the heading of *path* gives, or None if no import wrote *path*."""
    with path.open("rb") as file:
        found = HEADING.match(file.read(1 << 16))
    if found is None:
        return None
    return TableOrigin(tuple(found[1].decode().split(" ")), found[2].decode(), found[3].decode())


def is_edited(path: Path, said: TableOrigin) -> bool:
    """Return whether the content of *path* differs from the digest in its heading, *said*."""
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
    """Return the violations where generated files and tables do not agree.

    A table was changed or removed after its import, a generated file was edited, or a table was never imported.
    With *only*, look at the generated files of these sources alone.
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
            words = f"It was made of {', '.join(missing)}, which is not there; put it back, or delete the file."
            found.append(_violation("import-without-table", f"data/{path.name}", words))
        elif combined((file, file_digest(data / file)) for file in said.files) != said.tables:
            words = f"The table has changed since it was imported; run: {command}"
            found.append(_violation("stale-import", f"data/{path.name}", words))
        if is_edited(path, said):
            words = f"The file was edited after the import; put that in the table, delete the file, run: {command}"
            found.append(_violation("edited-import", f"data/{path.name}", words))
    if not only:
        for path in sorted((data / FOLDER).glob("*.csv")):
            if f"{FOLDER}/{path.name}" not in imported:
                words = f"The table is not in the graph; run: kzus-graph import data/{FOLDER}/{path.name}"
                found.append(_violation("table-not-imported", f"data/{FOLDER}/{path.name}", words))
    return found


def _violation(code: str, focus: str, words: str) -> Violation:
    return Violation(code, "Violation", focus, None, words)
