"""A release: the one module that knows the order of the steps.

read → rules → check → reason → check again → dump → store → compare → describe → publish.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox
from rdflib import DCTERMS, Graph, URIRef

from kzus_graph import (
    __version__,
    checks,
    content,
    description,
    links,
    longturtle,
    ntriples,
    processes,
    publication,
    reading,
    reasoning,
    serialization,
    shapes,
    turtle,
)  # fmt: skip
from kzus_graph.changes import record
from kzus_graph.changes.succession import succession
from kzus_graph.last_check import LastCheck, Run
from kzus_graph.merge import merged
from kzus_graph.ntriples import Lines, NamedLines
from kzus_graph.processes import Took
from kzus_graph.publication import NAME
from kzus_graph.queries import examples, read_examples
from kzus_graph.shacl.candidates import Candidates
from kzus_graph.shapes import Violation
from kzus_graph.sssom import SUFFIX
from kzus_graph.tabular import origin
from kzus_graph.terms import from_ox
from kzus_graph.vocab import DATASET, GRAPH, compact

LAYERS: Final = ("asserted", "inferred", "all")
TOOLS: Final = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")
ROCKSDB_LOGS: Final = frozenset({"LOG", "LOCK"})
"""Files of the store that say nothing of its content."""



class Step(Protocol):
    """Told the *name* of each step as it begins, or what a step *took* that ran beside others."""

    def __call__(self, name: str, took: Took | None = None) -> None:
        """Take notice of a step."""


def silent(name: str, took: Took | None = None) -> None:
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

    graphs: NamedLines
    """Every named graph, ``graph:inferred`` included."""
    asserted: Lines
    """The merge without what was inferred."""
    violations: list[Violation]
    report: Graph
    """The SHACL report of both runs."""
    whole: dict[str, str]
    """The shapes that pyshacl ran over all their targets, each with the reason."""
    kept: LastCheck
    """What the next check may take over, if this one was told of the last."""

    @property
    def inferred(self) -> Lines:
        """What rules and reasoner added to the merge."""
        return self.graphs[GRAPH.inferred]


@dataclass(frozen=True)
class _Found:
    """What the shapes of one run found; *whole* are those that pyshacl ran over all their targets, with the reason.

    *kept* is what the next check may take over.
    """

    report: Graph = field(default_factory=Graph)
    whole: dict[str, str] = field(default_factory=dict)
    kept: Run = field(default_factory=Run)


@dataclass(frozen=True)
class _Check:
    """Runs shapes on the default graph of *store*, which holds the lines *asserted*.

    *exact* says that the store shows all literals as they are written. Where it doesn't, pyshacl alone judges.
    """

    store: ox.Store
    asserted: Lines
    constraints: Graph
    exact: bool
    last: LastCheck | None = None

    def __call__(self, run: str, new: Lines) -> _Found:
        """Add *new* to the store; return what the shapes of the *run* find."""
        meant = shapes.for_run(self.constraints, run)
        if not self.exact:
            graph = ntriples.graph(ntriples.union(self.asserted, new))
            return _Found(shapes.whole_report(graph, meant), {"every shape": "a literal that a store would rewrite"})
        checks.add(self.store, new)
        if self.last is None:
            found = shapes.suspects(self.store, meant)
            return _Found(shapes.report(self.store, meant, found), _reasons(found))
        lines = ntriples.union(self.asserted, new)
        known = self.last.nodes(run, lines, meant)
        found = shapes.suspects(self.store, meant, known)
        report = self.last.report(run, meant, found, known)
        if report is None:
            report = shapes.report(self.store, meant, found)
        return _Found(report, _reasons(found), Run.of(lines, meant, found, report))


def examine(
    root: Path,
    only: Collection[str] = (),
    extra: Collection[Path] = (),
    step: Step = silent,
    reasoner: str = "compiled",
    last: LastCheck | None = None,
) -> Content:
    """Return the graphs of *root*, and of the *extra* files of a user, reasoned over and checked.

    With *extra*, warnings and remarks that concern nothing in those files are left out; a violation never is. What
    those files say in RDF 1.2 alone is a remark: ontology and shapes are of RDF 1.1.
    The *reasoner* is one of reasoning.REASONERS. Of the *last* check is taken over what no change since concerns.
    Raises content.ContentError, turtle.TurtleError, queries.QueryFileError, shapes.ShapesError, reasoning.Unsupported.
    """
    step("reading")
    graphs = content.read(root, only)
    newer: list[tuple[ox.Quad, str]] = []
    own = turtle.read(((path, URIRef(path.resolve().as_uri())) for path in extra), reading.quads, newer)
    violations = checks.trespasses(own, graphs) + checks.unchecked(newer) + origin.findings(root, only)
    for name, lines in own.items():
        graphs[name] = ntriples.union(graphs.get(name, []), lines)
    step("merging")
    asserted = merged(graphs)
    step("applying rules")
    graphs[GRAPH.examples] = ntriples.of_graph(examples(read_examples(root / "queries")))
    store = checks.stored(asserted, graphs)
    derived = reasoning.rule_results(store, sorted((root / "ontology" / "rules").glob("*.rq")))
    known = ntriples.union(asserted, derived)
    exact = not checks.rewritten(graphs.values())
    check = _Check(store, asserted, ntriples.graph(graphs[GRAPH.shapes]), exact=exact, last=last)
    folder = root / "queries" / "checks"
    with processes.beside([lambda: (checks.findings(store, folder), check("asserted", derived))]) as (beside,):
        step("reasoning (OWL 2 RL)")
        try:
            graphs[GRAPH.inferred] = ntriples.union(derived, reasoning.inferred(known, reasoner))
        except reasoning.Inconsistent as error:
            # what follows from a contradiction is anything at all, so there is nothing to check
            graphs[GRAPH.inferred] = derived
            violations += [_contradiction(words) for words in error.contradictions]
            closure = _Found()
        else:
            step("checking what follows")
            closure = check("closure", graphs[GRAPH.inferred])
        step("waiting")
        (findings, stated), took = beside.result()
    step("checking what is asserted", took)
    violations += [*checks.literals(graphs.values()), *findings]
    report = stated.report + closure.report
    if extra:
        described = {line.split(" ", 1)[0] for lines in own.values() for line in lines}
        subjects = {shapes.named(from_ox(ntriples.term_of(term))) for term in described}
        subjects |= {shapes.named(from_ox(quad.subject)) for quad, _ in newer}
        report = shapes.about(report, subjects)
        violations = [found for found in violations if found.is_serious or {found.focus, found.value} & subjects]
    violations = sorted([*violations, *shapes.violations(report)])
    shapes.conclude(report, conforms=not any(found.is_serious or found.is_unexplained for found in violations))
    kept = LastCheck(last.key if last else "", {"asserted": stated.kept, "closure": closure.kept})
    return Content(graphs, asserted, violations, report, stated.whole | closure.whole, kept)


def _reasons(found: Candidates) -> dict[str, str]:
    return {compact(str(shape)): reason for shape, reason in found.whole.items()}


def _contradiction(words: str) -> Violation:
    """Return the reasoner's *words* on a contradiction as a violation of the last thing that they name."""
    names = shapes.IRI.findall(words)
    return Violation("contradiction", "Violation", URIRef(names[-1]) if names else "", None, words)


def build(
    root: Path, out: Path, only: Collection[str] = (), step: Step = silent, reasoner: str = "compiled"
) -> Path:
    """Publish a release of *root* in *out* and return its folder; the one in force when nothing has changed.

    Raises what *examine* raises, Unfit when a shape or a check is violated, and publication.NotPublished when the disk
    refuses. In each case *out* still holds what it held before.
    """
    digest = content_digest(root, only)
    current = publication.current(out)
    if current and publication.manifest(current)["digest"] == digest:
        return current
    examined = examine(root, only, step=step, reasoner=reasoner)
    serious = [violation for violation in examined.violations if violation.is_serious]
    if serious:
        raise Unfit(serious)
    with publication.workshop(out) as folder:
        version = _write(folder, examined, root, digest, current, step)
        step("publishing")
        return publication.publish(folder, out, version)


def content_digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256 that tells one build from another: files, selection, our code, the versions of the tools."""
    return _digest([content.digest(root, only), tools_digest(), *sorted(set(only))])


def tools_digest() -> str:
    """Return the SHA-256 of our code that makes a build, and of the versions of the tools."""
    folder = Path(__file__).parent
    code = [path for part in ("*.py", "owl/*.py", "shacl/*.py", "tabular/*.py") for path in sorted(folder.glob(part))]
    tools = [f"{tool} {installed_version(tool)}" for tool in TOOLS]
    return _digest([*(hashlib.sha256(path.read_bytes()).hexdigest() for path in code), *tools])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def layers(examined: Content) -> dict[str, tuple[Lines, NamedLines]]:
    """Return default graph and named graphs of each layer of the dumps.

    The graph that describes the data set is in none of them, so that nothing describes itself.
    """
    named = {name: lines for name, lines in examined.graphs.items() if name != GRAPH.metadata}
    inferred = {GRAPH.inferred: named.pop(GRAPH.inferred)}
    return {
        "asserted": (examined.asserted, named),
        "inferred": (examined.inferred, inferred),
        "all": (ntriples.union(examined.asserted, examined.inferred), named | inferred),
    }


def _write(folder: Path, examined: Content, root: Path, digest: str, before: Path | None, step: Step) -> str:
    """Write everything a release consists of into *folder*, compared with the one *before*; return its version."""
    said = ntriples.graph(examined.graphs[GRAPH.metadata])
    version = f"{description.version(said)}+{digest[:8]}"
    dumps = folder / "dumps"
    dumps.mkdir()
    contents = layers(examined)
    step("dumping N-Triples and N-Quads")
    for layer, (default, named) in contents.items():
        for extension in ("nt", "nq"):
            serialization.write(dumps / f"{NAME}-{layer}.{extension}", default, named)
    step("dumping the other formats, storing")
    store = folder / "store"
    all_lines, all_named = contents["all"]
    writing = {"storing": partial(_store, store, dumps / f"{NAME}-all.nq")}
    writing["comparing"] = partial(record.write, folder, version, before)
    for extension in ("rdf", "ttl", "jsonld", "trig", "nq", "nt"):
        for layer in reversed(LAYERS):
            path, heading = dumps / f"{NAME}-{layer}.{extension}", _heading(said, layer, contents)
            writing[f"dumping {layer}.{extension}"] = partial(_dump, path, *contents[layer], heading)
    with processes.beside(list(writing.values()), processes.cores()) as written:
        metadata = said + description.described(said + links.titles(root), version, all_lines, all_named)
        for name, result in zip(writing, written, strict=True):
            step(name, result.result()[1])
    step("describing")
    _dump_links(dumps, examined, root)
    (folder / "report.ttl").write_bytes(longturtle.of_graph(examined.report))
    files = {path.name: _file_facts(path) for path in sorted(dumps.iterdir())}
    metadata += description.distributions(said, files)
    metadata += succession(said, before.name if before else "")
    (folder / "void.ttl").write_bytes(longturtle.of_graph(metadata))
    described = ntriples.of_graph(metadata)
    _describe(store, described)
    step("summing up")
    sizes = {str(name): len(lines) for name, lines in sorted((all_named | {GRAPH.metadata: described}).items())}
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


def _dump(path: Path, default: Lines, named: NamedLines, heading: str) -> None:
    """Write a dump that isn't there, and its gzip file."""
    if not path.exists():
        serialization.write(path, default, named, heading)
    serialization.pack(path)


def _dump_links(dumps: Path, examined: Content, root: Path) -> None:
    """Write each linkset as Turtle, and as the SSSOM table that says why each of its links holds."""
    reasons = {URIRef(line.split(" ", 1)[0][1:-1]) for line in examined.graphs[GRAPH.mappings]}
    for name, lines in examined.graphs.items():
        if name.startswith(content.LINKS) and lines:
            stem = f"{NAME}-{name.removeprefix(GRAPH)}"
            serialization.write(dumps / f"{stem}.ttl", lines, {})
            table = root / "data" / "links" / f"{name.removeprefix(content.LINKS)}{SUFFIX}"
            (dumps / f"{stem}{SUFFIX}").write_bytes(links.kept(table, reasons))


def _heading(metadata: Graph, layer: str, contents: Mapping[str, tuple[Lines, NamedLines]]) -> str:
    """Return the comment at the top of a Turtle dump: what this is, for who reads it without the page around it."""
    licence = metadata.value(DATASET, DCTERMS.license)
    return (
        f"# {NAME} {description.version(metadata)}, {DATASET}\n"
        f"# Layer {layer!r}: {len(contents[layer][0]):,} triples. Licence: {licence or 'none stated'}\n\n"
    )

def _store(path: Path, dump: Path) -> None:
    """Write an Oxigraph store that answers with exactly the graphs of *dump*, a file of N-Quads."""
    store = ox.Store(path)
    store.bulk_load(path=dump, format=ox.RdfFormat.N_QUADS, lenient=True)
    store.flush()


def _describe(path: Path, metadata: Lines) -> None:
    """Add the description of the data set to the store at *path*."""
    store = ox.Store(path)
    checks.add(store, metadata, ox.NamedNode(GRAPH.metadata))
    store.optimize()
    store.flush()


def _file_facts(path: Path) -> dict[str, str | int]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
