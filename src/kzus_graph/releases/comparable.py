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
    """The error that a release to compare is missing or damaged, or that a name denotes neither a release nor a file.

    The message states which of these it is.
    """


@dataclass(frozen=True)
class Dump:
    """A file of RDF statements to compare; *name* is its name in reports."""

    name: str
    path: Path
    is_ours: bool
    """Whether the file is a dump of a release: then its lines are sorted (see ``line_order``), and it is trusted."""
    default_only: bool = False
    """Whether named graphs are ignored, because the other dump has none."""

    @property
    def has_graphs(self) -> bool:
        """Whether this dump has named graphs to compare, and not only a default graph."""
        return holds_graphs(self.path) and not self.default_only

    @contextmanager
    def lines(self) -> Iterator[Iterable[bytes]]:
        """Yield an iterable of the statements in this file, as lines of N-Quads. Raises reading.Unreadable.

        The lines are in the order of a dump: the default graph first, then the named graphs by name, each sorted.
        """
        if self.is_ours:
            with self.path.open("rb") as file:
                yield file
            return
        with reading.statements(self.path) as given:
            file = io.BufferedReader(cast("io.RawIOBase", given), 1 << 20)
            yield line_order.ordered(line for line in file if not (self.default_only and line_order.graph_of(line)))

    def statements(self, found: list[bytes]) -> list[ox.Quad]:
        """Return *found*, lines of N-Quads from this dump, as quads.

        Raises reading.Unreadable, whose message names the first invalid line.
        """
        try:
            return list(ox.parse(b"".join(found), ox.RdfFormat.N_QUADS))
        except SyntaxError as error:
            line = found[(error.lineno or 1) - 1]
            with self.path.open("rb") as file:
                error.lineno = next((number for number, other in enumerate(file, 1) if other == line), None)
            raise reading.Unreadable(reading.fault(self.path, error)) from None

    def refuse_endless(self, quads: list[ox.Quad]) -> None:
        """Raise reading.Unreadable if the canonical labels of blank nodes in *quads* would take too long to compute.

        A separate process computes the labels once as a trial, and is ended at a time limit. If this dump belongs to a
        release, its content is trusted, and nothing is tried.
        """
        if self.is_ours or not quads:
            return
        with tempfile.NamedTemporaryFile(suffix=".nq") as file:
            ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
            file.flush()
            try:
                reading.quads(Path(file.name))
            except reading.Unreadable:
                raise reading.Unreadable(
                    f"{self.path}: its blank nodes take too long to compare; use fewer of them"
                ) from None


def pair(before: Path, after: Path) -> tuple[Dump, Dump]:
    """Return the two dumps to compare; *before* and *after* are each the path of a release folder or of an RDF file.

    If a path is that of a file whose name states its layer (asserted, inferred or all), a release is represented by its
    dump of the same layer, otherwise by its dump of all triples. If the format of one file has no named graphs, only
    the default graphs are compared.
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
    """Return the folder of the newest release in *out* that is older than the one that ``CURRENT`` there names.

    Raises NoRelease when there is no such release.
    """
    current, *others = publication.releases(out) or [out]
    older = [folder for folder in others if folder.stat().st_mtime <= current.stat().st_mtime]
    if not older:
        raise NoRelease(f"{out}: there is no release before the current one; name the release to compare it with")
    return _whole(older[0])


def _whole(folder: Path) -> Path:
    if not publication.is_whole(folder):
        raise NoRelease(f"{folder}: incomplete release: manifest.json, or a file that it lists, is missing or damaged")
    return folder
