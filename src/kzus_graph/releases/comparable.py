"""Finds the two dumps to compare, each given as a release (by version or folder) or as an RDF file."""

import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kzus_graph.rdf import reading
from kzus_graph.releases import line_order, publication

LAYER: Final = re.compile(rf"{publication.NAME}-(asserted|inferred|all)\.")
VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


class NoRelease(ValueError):
    """A release to compare is missing or damaged, or a name is neither release nor file; the message states which."""


@dataclass(frozen=True)
class Dump:
    """A file of RDF statements to compare; *name* is its name in reports."""

    name: str
    path: Path
    is_ours: bool
    """Whether the file belongs to a release: its lines are then in the order of a dump, and its content is trusted."""
    default_only: bool = False
    """Whether named graphs are ignored, because the other dump has none."""

    @property
    def has_graphs(self) -> bool:
        """Whether the named graphs are compared, too, and not only the default graph."""
        return holds_graphs(self.path) and not self.default_only

    @contextmanager
    def lines(self) -> Iterator[Iterable[bytes]]:
        """Yield an iterable of the statements: lines of N-Quads in the order of a dump. Raises reading.Unreadable."""
        if self.is_ours:
            with self.path.open("rb") as file:
                yield file
            return
        with reading.statements(self.path) as given:
            file = io.BufferedReader(cast("io.RawIOBase", given), 1 << 20)
            yield line_order.ordered(line for line in file if not (self.default_only and line_order.graph_of(line)))

    def statements(self, found: list[bytes]) -> list[ox.Quad]:
        """Return *found*, lines of this dump, as quads. Raises reading.Unreadable that names the first invalid line."""
        try:
            return list(ox.parse(b"".join(found), ox.RdfFormat.N_QUADS))
        except SyntaxError as error:
            line = found[(error.lineno or 1) - 1]
            with self.path.open("rb") as file:
                error.lineno = next((number for number, other in enumerate(file, 1) if other == line), None)
            raise reading.Unreadable(reading.fault(self.path, error)) from None

    def refuse_endless(self, quads: list[ox.Quad]) -> None:
        """Raise reading.Unreadable if the canonical labels of blank nodes in *quads* would take too long to compute.

        A separate process computes them once as a trial, and is ended at its time limit. Releases are trusted.
        """
        if self.is_ours or not quads:
            return
        with tempfile.NamedTemporaryFile(suffix=".nq") as file:
            ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
            file.flush()
            try:
                reading.quads(Path(file.name))
            except reading.Unreadable:
                raise reading.Unreadable(f"{self.path}: its blank nodes take too long to compare; use fewer") from None


def pair(before: Path, after: Path) -> tuple[Dump, Dump]:
    """Return the dumps to compare for two paths, each of a release folder or an RDF file (see ``named``).

    If one is a file of a single layer (asserted or inferred, by its name), a release is represented by its dump of that
    layer. If the format of one file has no named graphs, only the default graphs are compared.
    """
    files = [path for path in (before, after) if path.is_file()]
    layers = [found[1] for path in files if (found := LAYER.search(path.name))]
    layer = layers[0] if layers else "all"
    triples = [path for path in files if not holds_graphs(path)]

    def dump(path: Path) -> Dump:
        if path.is_file():
            return Dump(str(path), path, is_ours=False, default_only=bool(triples) and path not in triples)
        name = f"{publication.NAME}-{layer}.{'nt' if triples else 'nq'}"
        return Dump(path.name, path / "dumps" / name, is_ours=True)

    return dump(before), dump(after)


def holds_graphs(path: Path) -> bool:
    """Return whether the format of the file *path*, by its extension, can contain named graphs."""
    plain = Path(path.stem) if path.suffix.lower() == ".gz" else path
    form = reading.SUFFIXES.get(plain.suffix.lower())
    return form is not None and form.supports_datasets


def named(out: Path, name: str = "") -> Path:
    """Return the path of the release folder or the file that *name* denotes.

    *name* is a version in the folder *out*, with or without its digest; the path of one release; the path of a folder
    with several releases, which denotes the one that ``CURRENT`` names there; the path of a file; or empty, which
    denotes the release that ``CURRENT`` names in *out*. Raises NoRelease.
    """
    known = publication.releases(out)
    if not name:
        if current := publication.current(out):
            return current
        raise NoRelease(f"{out}: the file CURRENT there names no complete release; run 'kzus-graph build' to make one")
    for folder in known:
        if name == folder.name or (VERSION.fullmatch(name) and folder.name.startswith(f"{name}+")):
            return _whole(folder)
    path = Path(name)
    if path.is_dir():
        return publication.current(path) or _whole(path.resolve())
    if path.exists():
        return path
    there = ", ".join(folder.name for folder in known) or "none"
    raise NoRelease(f"no release {name!r} in {out}, and no such file; releases there: {there}")


def earlier(out: Path) -> Path:
    """Return the folder of the release before the one that ``CURRENT`` in *out* names; raises NoRelease without one."""
    older = publication.releases(out)[1:]
    if not older:
        raise NoRelease(f"{out}: there is no release before the one in force; name what to compare it with")
    return _whole(older[0])


def _whole(folder: Path) -> Path:
    if not publication.is_whole(folder):
        raise NoRelease(f"{folder}: not a whole release: manifest.json, or a file that it lists, is missing or damaged")
    return folder
