"""A release: the one module that knows the order of the steps, and that publishes the result atomically.

read → rules → check → reason → check again → dump → describe → store → publish. A release is an immutable folder; the
file ``CURRENT`` beside it names the one in force and is replaced in one step, so that a crash at any moment leaves the
release before it whole.
"""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from rdflib import SH, Graph, Literal, URIRef

from kzus_graph import __version__, checks, content, description, reasoning, shapes, turtle
from kzus_graph.merge import merged
from kzus_graph.queries import examples, read_queries
from kzus_graph.shapes import Violation
from kzus_graph.turtle import Graphs
from kzus_graph.vocab import GRAPH

NAME: Final = "kzus-graph"
LAYERS: Final = ("asserted", "inferred", "all")
TOOLS: Final = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")
ROCKSDB_LOGS: Final = frozenset({"LOG", "LOCK"})
"""Files of the store that say nothing of its content."""
KEPT_RELEASES: Final = 3
"""How many releases stay in a folder: the one in force, and two to go back to."""

Step = Callable[[str], None]
"""Told the name of each step as it begins."""


def silent(_: str) -> None:
    """Take no notice of a step."""


class Unfit(ValueError):
    """Facts that break a shape or a check; carries the *violations*."""

    def __init__(self, violations: list[Violation]) -> None:
        """Say how many *violations* there are."""
        super().__init__(f"{len(violations)} violation{'s' * (len(violations) != 1)}; nothing was published")
        self.violations = violations


class NotFaithful(ValueError):
    """Literals that the store would rewrite, so that the endpoint would differ from the dumps."""


@dataclass(frozen=True)
class Content:
    """What a build has in hand once everything is read, reasoned and checked."""

    graphs: Graphs
    """Every named graph, ``graph:inferred`` included."""
    asserted: Graph
    """The merge without what was inferred."""
    violations: list[Violation]
    report: Graph
    """The SHACL report of both runs."""

    @property
    def inferred(self) -> Graph:
        """What rules and reasoner added to the merge."""
        return self.graphs[GRAPH.inferred]


def examine(root: Path, only: Collection[str] = (), extra: Collection[Path] = (), step: Step = silent) -> Content:
    """Return the graphs of *root*, and of the *extra* files of a user, reasoned over and checked.

    Raises content.ContentError, turtle.TurtleError and reasoning.Inconsistent.
    """
    step("reading")
    graphs = content.read(root, only)
    for path in extra:
        graphs |= turtle.read([(path, URIRef(path.resolve().as_uri()))])
    asserted = merged(graphs)
    step("applying rules")
    rules = sorted((root / "ontology" / "rules").glob("*.rq"))
    derived = reasoning.rule_results(asserted, graphs, rules) - asserted
    graphs[GRAPH.examples] = examples(read_queries(root / "queries"))
    step("checking what is asserted")
    known = asserted + derived
    constraints = graphs[GRAPH.shapes]
    violations = checks.findings(asserted, graphs, root / "queries" / "checks")
    asserted_report = shapes.report(known, shapes.for_run(constraints, "asserted"))
    step("reasoning (OWL 2 RL)")
    graphs[GRAPH.inferred] = derived + reasoning.infer(known)
    step("checking what follows")
    closure_report = shapes.report(asserted + graphs[GRAPH.inferred], shapes.for_run(constraints, "closure"))
    report = asserted_report + closure_report
    violations += shapes.violations(report)
    report.add((shapes.REPORT, SH.conforms, Literal(not violations)))
    if extra:
        own = {subject for path in extra for subject in graphs[URIRef(path.resolve().as_uri())].subjects()}
        violations = [violation for violation in violations if violation.focus in own]
    return Content(graphs, asserted, sorted(violations), report)


def build(root: Path, out: Path, only: Collection[str] = (), step: Step = silent) -> Path:
    """Publish a release of *root* in *out* and return its folder; the one in force when nothing has changed.

    Raises what *examine* raises, Unfit when a shape or a check is violated, NotFaithful, and OSError when the disk
    refuses. In each case *out* still holds what it held before.
    """
    digest = content_digest(root, only)
    current = current_release(out)
    if current and manifest(current)["digest"] == digest:
        return current
    examined = examine(root, only, step=step)
    serious = [violation for violation in examined.violations if violation.severity == "Violation"]
    if serious:
        raise Unfit(serious)
    out.mkdir(parents=True, exist_ok=True)
    with _workshop(out) as folder:
        version = _write(folder, examined, root, digest, step)
        step("publishing")
        release = out / version
        _sync(folder)
        if not release.exists():
            folder.rename(release)
    _set_current(out, version)
    _prune(out, version)
    return release


def content_digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256 that tells one build from another: files, selection, and the versions of the tools."""
    tools = [f"{tool} {installed_version(tool)}" for tool in TOOLS]
    parts = [content.digest(root, only), __version__, *tools, *sorted(only)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def current_release(out: Path) -> Path | None:
    """Return the folder of the release in force in *out*, None when there is none."""
    try:
        name = (out / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    release = out / name
    return release if (release / "manifest.json").is_file() else None


def manifest(release: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` of *release* says."""
    result: dict[str, Any] = json.loads((release / "manifest.json").read_text("utf-8"))
    return result


def layers(examined: Content) -> dict[str, tuple[Graph, Graphs]]:
    """Return default graph and named graphs of each layer of the dumps.

    The graph that describes the data set is in none of them, so that nothing describes itself.
    """
    named = {name: graph for name, graph in examined.graphs.items() if name != GRAPH.metadata}
    inferred = {GRAPH.inferred: named.pop(GRAPH.inferred)}
    return {
        "asserted": (examined.asserted, named),
        "inferred": (examined.inferred, inferred),
        "all": (examined.asserted + examined.inferred, named | inferred),
    }


def _write(folder: Path, examined: Content, root: Path, digest: str, step: Step) -> str:
    """Write everything a release consists of into *folder*; return its version."""
    version = f"{description.version(examined.graphs[GRAPH.metadata])}+{digest[:8]}"
    dumps = folder / "dumps"
    dumps.mkdir()
    contents = layers(examined)
    for layer, (default, named) in contents.items():
        for extension in turtle.FORMATS:
            step(f"dumping {layer}.{extension}")
            data = turtle.serialize(default, named, extension)
            (dumps / f"{NAME}-{layer}.{extension}").write_bytes(data)
            (dumps / f"{NAME}-{layer}.{extension}.gz").write_bytes(gzip.compress(data, mtime=0))
    step("describing")
    (folder / "report.ttl").write_bytes(turtle.serialize(examined.report, {}, "ttl"))
    default, named = contents["all"]
    files = {path.name: _file_facts(path) for path in sorted(dumps.iterdir())}
    metadata = examined.graphs[GRAPH.metadata] + description.void(default, named, files)
    (folder / "void.ttl").write_bytes(turtle.serialize(metadata, {}, "ttl"))
    step("storing")
    _store(folder / "store", default, named | {GRAPH.metadata: metadata})
    sizes = {str(name): len(graph) for name, graph in sorted((named | {GRAPH.metadata: metadata}).items())}
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "name": NAME,
                "version": version,
                "digest": digest,
                "tools": {NAME: __version__} | {tool: installed_version(tool) for tool in TOOLS},
                "triples": {layer: len(default) for layer, (default, _) in contents.items()},
                "graphs": sizes,
                "files": {
                    str(path.relative_to(folder)): _file_facts(path)
                    for path in sorted(folder.rglob("*"))
                    if path.is_file() and path.name not in ROCKSDB_LOGS
                },
            },
            indent=1,
        )
        + "\n"
    )
    return version


def _store(path: Path, default: Graph, named: Graphs) -> None:
    """Write an Oxigraph store that answers with exactly these graphs."""
    given = set(turtle.quads(default, None))
    for name, graph in named.items():
        given.update(turtle.quads(graph, name))
    store = ox.Store(path)
    store.bulk_extend(given)
    rewritten = sorted({str(quad.object) for quad in given.difference(store)})
    if rewritten:
        raise NotFaithful(
            "the store rewrites literals, so the endpoint would not equal the dumps; write them in canonical form: "
            + ", ".join(rewritten[:10])
        )
    store.optimize()
    store.flush()


def _file_facts(path: Path) -> dict[str, str | int]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """Give a folder in *out* to work in; it is gone afterwards, and so are those of builds that were killed."""
    for left_over in out.glob(".building-*"):
        if not _is_running(int(left_over.name.split("-")[1])):
            shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".building-{os.getpid()}-", dir=out))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(folder: Path) -> None:
    """Have the disk hold every file and folder below *folder* before anything names them."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _set_current(out: Path, version: str) -> None:
    """Make *version* the release in force, in one step."""
    descriptor, name = tempfile.mkstemp(prefix=".current-", dir=out)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(version + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(out / "CURRENT")
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    directory = os.open(out, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _prune(out: Path, current: str) -> None:
    """Remove the oldest releases beyond KEPT_RELEASES, never the one in force."""
    releases = [path.parent for path in out.glob("*/manifest.json") if path.parent.name != current]
    releases.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in releases[KEPT_RELEASES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
