"""An import, in this order: read rows → make statements → check references → write one whole file.

Only this module knows the order. The statements of a row are written together, each graph in a block of its own, and
rows stay in the order of the table: nothing has to be sorted, and memory does not grow with the number of rows.
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
"""A function that is called with the table's name, the number of rows read, and the part of it read (0 to 1)."""


@dataclass(frozen=True)
class Import:
    """The result of an import: the file *made* (to be put in place), counts, and the ledger of faults and notices."""

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
        """Yield the faults, by table, row and column."""
        return self.ledger.remarks(FAULT)

    def notice_list(self) -> Iterator[Remark]:
        """Yield the notices: nodes of the tables that are already described by hand."""
        return self.ledger.remarks(NOTICE)


def target(group: TableGroup, root: Path) -> Path:
    """Return the file that *group* is written to: ``data/<first table>.trig``.

    Raises TableError when the tables do not stand in ``data/tables/`` of *root*, where a build looks for them.
    """
    folder = root / "data" / origin.FOLDER
    if group.metadata.resolve().parent != folder.resolve():
        raise TableError(f"{group.metadata.parent}: tables live in {folder}; put them there, or use --out")
    return root / "data" / f"{group.tables[0].path.stem}.trig"


def refuse(path: Path) -> None:
    """Raise TableError if *path* is a file of the graph itself, or written by hand, or edited after an import."""
    if path.name in content.DATA_FILES:
        raise TableError(f"{path}: a file of the graph itself; give the table another name")
    if not path.exists():
        return
    said = origin.origin(path) if path.is_file() else None
    if said is None:
        raise TableError(f"{path}: written by hand, and stays; give the table another name, or use --out")
    if origin.is_edited(path, said):
        raise TableError(
            f"{path}: edited after it was imported, and an import would undo that; put the change in the table, then"
            " delete the file and import again"
        )


@contextmanager
def converted(group: TableGroup, root: Path, out: Path | None, progress: Progress) -> Iterator[Import]:
    """Yield the import of *group* into *root*; its file is in a temporary folder that is deleted afterwards.

    *out* is the path that the file is meant for; its present content is ignored. Raises content.ContentError,
    turtle.TurtleError and OSError.
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
    """Replace *path* with a copy of *made*, in one step; return False when they were the same already."""
    if path.is_file() and origin.file_digest(path) == origin.file_digest(made):
        return False
    with files.replacing(path) as copy, made.open("rb") as file:
        shutil.copyfileobj(file, copy, 1 << 20)
    return True


class _Body:
    """The part of the file below its heading, and the digest of this part."""

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
    """Write the statements of table *number* of *group*; return the number of rows, of statements, and its digest."""
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
        raise TableError(f"{table.path}: not there, though the metadata name it")
    return Reader(table.path, table.delimiter, table.encoding)


def _blocks(quads: list[ox.Quad]) -> str:
    """Return *quads* in TriG: a block for each graph, and in it a paragraph for each node, its rdf:type first."""
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
