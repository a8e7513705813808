"""The import of tables. The steps: read rows → make statements → check references → write one TriG file.

The statements of a row are written together, in one block for each named graph, and the rows in the order of the table:
nothing has to be sorted, and memory does not grow with the number of rows.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from kzus_graph.pipeline import content, origin
from kzus_graph.pipeline.origin import TableOrigin
from kzus_graph.rdf import files
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.tabular.conversion import TYPE, Conversion
from kzus_graph.tabular.group import Table, TableGroup
from kzus_graph.tabular.known import Known, known
from kzus_graph.tabular.ledger import FAULT, NOTICE, Ledger, Location, Remark
from kzus_graph.tabular.metadata import TableError
from kzus_graph.tabular.rows import Reader, UnreadableRows

PREFIXES_USED: Final = (
    "code", "dcterms", "dip", "graph", "kzus", "note", "rdfs", "skos", "source", "time", "topic", "xsd",
)  # fmt: skip
OFTEN: Final = 500
"""Rows between two reports of progress."""

Progress = Callable[[str, int, float], None]
"""A function that is called with the table's name, the number of rows read, and their share of the table (0 to 1)."""


@dataclass(frozen=True)
class Import:
    """The result of an import: the generated file *made*, counts, and the ledger of faults and notices."""

    made: Path
    origin: TableOrigin
    rows: int
    statements: int
    ledger: Ledger

    @property
    def faults(self) -> int:
        """The number of faults; if there are any, *made* must not be used."""
        return self.ledger.count(FAULT)

    def fault_list(self) -> Iterator[Remark]:
        """Yield the faults, in the order of tables, rows and columns."""
        return self.ledger.remarks(FAULT)

    def notice_list(self) -> Iterator[Remark]:
        """Yield the notices, each about a node of the tables that is already described in a file written by hand."""
        return self.ledger.remarks(NOTICE)


def target(group: TableGroup, root: Path) -> Path:
    """Return the path of the file that the import of *group* writes: ``data/<first table>.trig``.

    Raises TableError when the tables are not in ``data/tables/`` of *root*, where a build looks for them.
    """
    folder = root / "data" / origin.FOLDER
    if group.metadata.resolve().parent != folder.resolve():
        raise TableError(f"{group.metadata.parent}: tables must be in {folder}; move them there, or use --out")
    return root / "data" / f"{group.tables[0].path.stem}.trig"


def refuse(path: Path) -> None:
    """Raise TableError if no import may replace *path*: a file that each root has, or one written or edited by hand."""
    if path.name in content.DATA_FILES:
        raise TableError(f"{path}: no import may replace this file of the graph; give the table another name")
    if not path.exists():
        return
    said = origin.origin(path) if path.is_file() else None
    if said is None:
        raise TableError(f"{path}: this file was written by hand; give the table another name, or use --out")
    if origin.is_edited(path, said):
        raise TableError(
            f"{path}: this file was edited after its import, and a new import would undo the edit; make the change in"
            " the table, then delete the file and import again"
        )


@contextmanager
def converted(group: TableGroup, root: Path, out: Path | None, progress: Progress) -> Iterator[Import]:
    """Yield the result of the import of *group* into *root*; the generated file is temporary, deleted after the block.

    *out* is the path that the generated file will replace, if any: the data in *out* are ignored. *progress* is called
    while rows are read. Raises content.ContentError, turtle.TurtleError and OSError.
    """
    with tempfile.TemporaryDirectory(prefix="kzus-import-") as name, Ledger(Path(name)) as ledger:
        surroundings = known(root, out or root / "none")
        made = Path(name) / "made.trig"
        digests = {_name(group.metadata, root): origin.file_digest(group.metadata)}
        names = tuple(_name(path, root) for path in group.paths)
        blank = TableOrigin(names, "0" * 64, "0" * 64)
        rows = statements = 0
        with made.open("wb") as file:
            file.write(blank.heading)
            body = _Body(file)
            body.write("".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in PREFIXES_USED))
            for number, table in enumerate(group.tables):
                more, said, digest = _table(group, number, surroundings, ledger, body, progress)
                rows, statements = rows + more, statements + said
                digests[_name(table.path, root)] = digest
            ledger.settle()
            done = TableOrigin(names, origin.combined(digests.items()), body.digest)
            file.seek(0)
            file.write(done.heading)
        yield Import(made, done, rows, statements, ledger)


def put(made: Path, path: Path) -> bool:
    """Replace *path* with a copy of *made*, atomically; return False if both files were the same, else True."""
    if path.is_file() and origin.file_digest(path) == origin.file_digest(made):
        return False
    with files.replacing(path) as copy, made.open("rb") as file:
        shutil.copyfileobj(file, copy, 1 << 20)
    return True


class _Body:
    """A writer of the generated file below its heading, which also computes the digest of what it writes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def write(self, text: str) -> None:
        data = text.encode()
        self._hash.update(data)
        self._file.write(data)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _name(path: Path, root: Path) -> str:
    """Return *path* relative to ``data/`` of *root*, or only its file name when it is elsewhere."""
    data = (root / "data").resolve()
    here = path.resolve()
    return here.relative_to(data).as_posix() if here.is_relative_to(data) else path.name


def _table(
    group: TableGroup, number: int, known: Known, ledger: Ledger, body: _Body, progress: Progress
) -> tuple[int, int, str]:
    """Write the statements of the table at index *number* of *group* to *body*; record faults in *ledger*.

    Return how many rows and statements the table has, and the SHA-256 of the table. *progress* is called while rows are
    read. *known* are the data outside the tables.
    """
    table = group.tables[number]
    ends: dict[str, set[tuple[str, ...]]] = {other.name: set() for other in group.tables}
    for other in group.tables:
        for key in other.foreign_keys:
            ends[key.other].add(key.there)
    conversion = Conversion(table, number, known, ledger, ends)
    reader = _reader(table)
    count = statements = 0
    try:
        rows = reader.rows()
        if conversion.header(next(rows, None)):
            for row in rows:
                count += 1
                quads = conversion.statements(row)
                statements += len(quads)
                if quads:
                    body.write(_blocks(quads))
                if count % OFTEN == 0:
                    progress(table.name, count, reader.position / max(1, reader.size))
    except UnreadableRows as error:
        place = conversion.place(error.row, error.cell) if error.row else f"{table.name}, line {error.line}"
        ledger.lost(Location(number, error.row.number if error.row else error.line, error.cell, place), str(error))
    progress(table.name, count, 1.0)
    return count, statements, reader.digest


def _reader(table: Table) -> Reader:
    if not table.path.is_file():
        raise TableError(f"{table.path}: this table does not exist, although the metadata name it")
    return Reader(table.path, table.delimiter, table.encoding)


def _blocks(quads: list[ox.Quad]) -> str:
    """Return *quads* in TriG: a block for each graph, in it the statements of each subject together, rdf:type first."""
    graphs: dict[Any, dict[Any, list[ox.Quad]]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, {}).setdefault(quad.subject, []).append(quad)
    text = ""
    for graph, nodes in graphs.items():
        text += f"\n{_written(graph)} {{\n"
        for node, facts in nodes.items():
            said: dict[Any, list[str]] = {}
            for fact in sorted(facts, key=lambda quad: quad.predicate != TYPE):
                said.setdefault(fact.predicate, []).append(_written(fact.object))
            lines = " ;\n    ".join(
                f"{'a' if of == TYPE else _written(of)} {' , '.join(objects)}" for of, objects in said.items()
            )
            text += f"  {_written(node)} {lines} .\n"
        text += "}\n"
    return text


@lru_cache(1 << 12)
def _written(term: ox.NamedNode | ox.Literal) -> str:
    """Return *term* in TriG."""
    if isinstance(term, ox.NamedNode):
        short = compact(term.value)
        return short if short.partition(":")[0] in PREFIXES_USED else f"<{term.value}>"
    quoted = str(ox.Literal(term.value))
    if term.language:
        return f"{quoted}@{term.language}"
    kind = term.datatype.value.removeprefix(PREFIXES["xsd"])
    if kind in {"boolean", "integer"}:
        return str(term.value)
    if kind == "string":
        return quoted
    return f"{quoted}^^{_written(term.datatype)}"
