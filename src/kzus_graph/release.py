"""A release: the one module that knows the order of the steps.

read → rules → check → reason → check again → dump → describe → store → compare → publish.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import DCTERMS, Graph, URIRef

from kzus_graph import __version__, checks, content, description, links, publication, reading, reasoning, shapes, turtle
from kzus_graph.changes import record
from kzus_graph.merge import merged
from kzus_graph.publication import NAME
from kzus_graph.queries import examples, read_examples
from kzus_graph.shapes import Violation
from kzus_graph.sssom import SUFFIX
from kzus_graph.tabular import origin
from kzus_graph.turtle import Graphs
from kzus_graph.vocab import DATASET, GRAPH

LAYERS: Final = ("asserted", "inferred", "all")
TOOLS: Final = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")
ROCKSDB_LOGS: Final = frozenset({"LOG", "LOCK"})
"""Files of the store that say nothing of its content."""

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

    With *extra*, warnings and remarks that concern nothing in those files are left out; a violation never is. What
    those files say in RDF 1.2 alone is a remark: ontology and shapes are of RDF 1.1.
    Raises content.ContentError, turtle.TurtleError, queries.QueryFileError and shapes.ShapesError.
    """
    step("reading")
    graphs = content.read(root, only)
    newer: list[tuple[ox.Quad, str]] = []
    own = turtle.read(((path, URIRef(path.resolve().as_uri())) for path in extra), reading.quads, newer)
    violations = checks.trespasses(own, graphs) + checks.unchecked(newer) + origin.findings(root, only)
    for name, graph in own.items():
        graphs[name] = graphs.get(name, Graph()) + graph
    asserted = merged(graphs)
    step("applying rules")
    rules = sorted((root / "ontology" / "rules").glob("*.rq"))
    derived = reasoning.rule_results(asserted, graphs, rules) - asserted
    graphs[GRAPH.examples] = examples(read_examples(root / "queries"))
    step("checking what is asserted")
    known = asserted + derived
    violations += checks.findings(asserted, graphs, root / "queries" / "checks")
    report = shapes.report(known, shapes.for_run(graphs[GRAPH.shapes], "asserted"))
    step("reasoning (OWL 2 RL)")
    try:
        graphs[GRAPH.inferred] = derived + reasoning.infer(known)
    except reasoning.Inconsistent as error:
        # what follows from a contradiction is anything at all, so there is nothing to check
        graphs[GRAPH.inferred] = derived
        violations += [_contradiction(words) for words in error.contradictions]
    else:
        step("checking what follows")
        report += shapes.report(asserted + graphs[GRAPH.inferred], shapes.for_run(graphs[GRAPH.shapes], "closure"))
    if extra:
        subjects = {shapes.named(subject) for graph in own.values() for subject in graph.subjects()}
        subjects |= {shapes.named(turtle.from_ox(quad.subject)) for quad, _ in newer}
        report = shapes.about(report, subjects)
        violations = [found for found in violations if found.is_serious or {found.focus, found.value} & subjects]
    violations = sorted([*violations, *shapes.violations(report)])
    shapes.conclude(report, conforms=not any(found.is_serious or found.is_unexplained for found in violations))
    return Content(graphs, asserted, violations, report)


def _contradiction(words: str) -> Violation:
    """Return the reasoner's *words* on a contradiction as a violation of the last thing that they name."""
    names = shapes.IRI.findall(words)
    return Violation("contradiction", "Violation", URIRef(names[-1]) if names else "", None, words)


def build(root: Path, out: Path, only: Collection[str] = (), step: Step = silent) -> Path:
    """Publish a release of *root* in *out* and return its folder; the one in force when nothing has changed.

    Raises what *examine* raises, Unfit when a shape or a check is violated, and publication.NotPublished when the disk
    refuses. In each case *out* still holds what it held before.
    """
    digest = content_digest(root, only)
    current = publication.current(out)
    if current and publication.manifest(current)["digest"] == digest:
        return current
    examined = examine(root, only, step=step)
    serious = [violation for violation in examined.violations if violation.is_serious]
    if serious:
        raise Unfit(serious)
    with publication.workshop(out) as folder:
        version = _write(folder, examined, root, digest, current, step)
        step("publishing")
        return publication.publish(folder, out, version)


def content_digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256 that tells one build from another: files, selection, our code, the versions of the tools."""
    tools = [f"{tool} {installed_version(tool)}" for tool in TOOLS]
    code = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(__file__).parent.glob("*.py"))]
    parts = [content.digest(root, only), *code, *tools, *sorted(set(only))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


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


def _write(folder: Path, examined: Content, root: Path, digest: str, before: Path | None, step: Step) -> str:
    """Write everything a release consists of into *folder*, compared with the one *before*; return its version."""
    version = f"{description.version(examined.graphs[GRAPH.metadata])}+{digest[:8]}"
    dumps = folder / "dumps"
    dumps.mkdir()
    contents = layers(examined)
    for layer, (default, named) in contents.items():
        for extension in turtle.FORMATS:
            step(f"dumping {layer}.{extension}")
            data = turtle.serialize(default, named, extension)
            if extension == "ttl":
                data = _heading(examined, layer, len(default)).encode() + data
            (dumps / f"{NAME}-{layer}.{extension}").write_bytes(data)
            (dumps / f"{NAME}-{layer}.{extension}.gz").write_bytes(gzip.compress(data, mtime=0))
    step("dumping links")
    _dump_links(dumps, examined, root)
    step("describing")
    (folder / "report.ttl").write_bytes(turtle.serialize(examined.report, {}, "ttl"))
    default, named = contents["all"]
    files = {path.name: _file_facts(path) for path in sorted(dumps.iterdir())}
    said = examined.graphs[GRAPH.metadata]
    metadata = said + description.void(said + links.titles(root), version, default, named, files)
    metadata += description.succession(said, before.name if before else "")
    (folder / "void.ttl").write_bytes(turtle.serialize(metadata, {}, "ttl"))
    step("storing")
    _store(folder / "store", default, named | {GRAPH.metadata: metadata})
    step("comparing")
    record.write(folder, version, before)
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


def _dump_links(dumps: Path, examined: Content, root: Path) -> None:
    """Write each linkset as Turtle, and as the SSSOM table that says why each of its links holds."""
    reasons = set(examined.graphs[GRAPH.mappings].subjects())
    for name, graph in examined.graphs.items():
        if name.startswith(content.LINKS) and len(graph):
            stem = f"{NAME}-{name.removeprefix(GRAPH)}"
            (dumps / f"{stem}.ttl").write_bytes(turtle.serialize(graph, {}, "ttl"))
            table = root / "data" / "links" / f"{name.removeprefix(content.LINKS)}{SUFFIX}"
            (dumps / f"{stem}{SUFFIX}").write_bytes(links.kept(table, reasons))


def _heading(examined: Content, layer: str, triples: int) -> str:
    """Return the comment at the top of a Turtle dump: what this is, for who reads it without the page around it."""
    metadata = examined.graphs[GRAPH.metadata]
    licence = metadata.value(DATASET, DCTERMS.license)
    return (
        f"# {NAME} {description.version(metadata)}, {DATASET}\n"
        f"# Layer {layer!r}: {triples:,} triples. Licence: {licence or 'none stated'}\n\n"
    )


def _store(path: Path, default: Graph, named: Graphs) -> None:
    """Write an Oxigraph store that answers with exactly these graphs."""
    store = ox.Store(path)
    parts: list[tuple[Graph, URIRef | None]] = [(default, None), *((graph, name) for name, graph in named.items())]
    # in one go: RocksDB writes a set of files for each load
    store.bulk_extend(quad for graph, name in parts for quad in turtle.quads(graph, name))
    store.optimize()
    store.flush()


def _file_facts(path: Path) -> dict[str, str | int]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
