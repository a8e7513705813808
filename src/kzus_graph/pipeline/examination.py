"""The examination of a root folder: read its graphs, merge them, reason over them and check them.

read → merge → rules → check what is asserted → check what follows. In other processes meanwhile: reasoning, and the
checks in SPARQL.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.pipeline import checks, content, origin, reasoning
from kzus_graph.pipeline.last_check import LastCheck, Run
from kzus_graph.pipeline.merge import merged
from kzus_graph.processes import parallel
from kzus_graph.processes.parallel import Took
from kzus_graph.rdf import ntriples, reading, turtle
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import compact
from kzus_graph.rdf.terms import from_ox
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.shacl import shapes
from kzus_graph.shacl.candidates import Candidates
from kzus_graph.shacl.shapes import Violation


class StepListener(Protocol):
    """A callable that gets the *name* of each step as the step begins.

    It is also called with *took* after a step that ran beside others, and with *why* when a step takes long.
    """

    def __call__(self, name: str, took: Took | None = None, why: str = "") -> None:
        """Handle the beginning, the end or the slowness of the step *name*."""


def silent(name: str, took: Took | None = None, why: str = "") -> None:
    """Do nothing: a listener for callers that don't show the steps."""


@dataclass(frozen=True)
class Content:
    """The result of an examination: the graphs of a root folder, with inferences, and the faults found in them."""

    graphs: NamedLines
    """Every named graph, ``graph:inferred`` included."""
    asserted: Lines
    """The merge, without inferred triples."""
    violations: list[Violation]
    report: Graph
    """The SHACL report of both runs."""
    kept: LastCheck
    """Results for the next check to reuse; empty unless this check was given the last one."""

    @property
    def inferred(self) -> Lines:
        """The triples that rules and reasoner added to the merge."""
        return self.graphs[GRAPH.inferred]


@dataclass(frozen=True)
class _Found:
    """The result of the shapes of one run.

    *slow* says which shapes pyshacl ran over all their targets, and why. *kept* is for the next check to reuse.
    """

    report: Graph = field(default_factory=Graph)
    slow: list[str] = field(default_factory=list)
    kept: Run = field(default_factory=Run)


@dataclass(frozen=True)
class _Check:
    """A callable that runs shapes on the default graph of *store*, which holds the lines *asserted*.

    *exact* says that the store returns all literals as they are written. If it doesn't, pyshacl alone checks
    everything.
    """

    store: ox.Store
    asserted: Lines
    constraints: Graph
    exact: bool
    last: LastCheck | None = None

    def __call__(self, run: str, new: Lines) -> _Found:
        """Add the lines *new* to the store; return what the shapes of the *run* find."""
        meant = shapes.for_run(self.constraints, run)
        if not self.exact:
            graph = ntriples.graph(ntriples.union(self.asserted, new))
            reason = "pyshacl ran every shape on everything: there is a literal that a store would rewrite"
            return _Found(shapes.whole_report(graph, meant), [reason])
        checks.add(self.store, new)
        if self.last is None:
            found = shapes.suspects(self.store, meant)
            return _Found(shapes.report(self.store, meant, found), _left(found))
        lines = ntriples.union(self.asserted, new)
        known = self.last.nodes(run, lines, meant)
        found = shapes.suspects(self.store, meant, known)
        report = self.last.report(run, found, known)
        if report is None:
            report = shapes.report(self.store, meant, found)
        return _Found(report, _left(found), Run.of(lines, found, report))


def examine(
    root: Path,
    only: Collection[str] = (),
    extra: Collection[Path] = (),
    step: StepListener = silent,
    reasoner: str = "compiled",
    last: LastCheck | None = None,
) -> Content:
    """Return the graphs of *root*, and of the *extra* files of a user, reasoned over and checked.

    With *extra*, warnings and remarks about nodes that those files don't describe are left out; violations never are.
    A statement in those files that only RDF 1.2 allows gives a remark: ontology and shapes are of RDF 1.1.
    The *reasoner* is one of reasoning.REASONERS. Results of the *last* check that no later change concerns are reused.
    Raises what content.read does, queries.QueryFileError and shapes.ShapesError.
    """
    step("reading")
    graphs = content.read(root, only)
    newer: list[tuple[ox.Quad, str]] = []
    own = turtle.read(((path, URIRef(path.resolve().as_uri())) for path in extra), reading.quads, newer)
    violations = checks.foreign_statements(own, graphs) + checks.unchecked(newer) + origin.findings(root, only)
    for name, lines in own.items():
        graphs[name] = ntriples.union(graphs.get(name, []), lines)
    step("merging")
    asserted = merged(graphs)
    step("applying rules")
    store = checks.stored(asserted, graphs)
    derived = reasoning.rule_results(store, sorted((root / "ontology" / "rules").glob("*.rq")))
    known = ntriples.union(asserted, derived)
    rewritten = checks.rewritten(graphs.values())
    last = last and last.by(graphs[GRAPH.shapes])
    check = _Check(store, asserted, ntriples.graph(graphs[GRAPH.shapes]), exact=not rewritten, last=last)
    folder = root / "queries" / "checks"

    def hand_over(why: str) -> None:
        step("reasoning (OWL 2 RL)", why=f"owlrl reasons, which takes long: {why}")

    def reason() -> tuple[Lines, list[str]]:
        """Return the inferred lines, or else the contradictions, since anything follows from a contradiction."""
        try:
            return reasoning.inferred(known, reasoner, hand_over), []
        except Inconsistent as error:
            return [], error.contradictions

    with parallel.beside([reason, lambda: checks.findings(store, folder)], 2) as (reasoned, checked):
        step("checking what is asserted")
        asserted_found = check("asserted", derived)
        step("reasoning (OWL 2 RL)")
        (inferred, contradictions), reasoning_took = reasoned.result()
        graphs[GRAPH.inferred] = ntriples.union(derived, inferred)
        step("checking what follows")
        closure_found = _Found() if contradictions else check("closure", graphs[GRAPH.inferred])
        step("waiting for the checks in SPARQL")
        findings, checks_took = checked.result()
    step("reasoning (OWL 2 RL)", reasoning_took)
    step("checks in SPARQL", checks_took)
    for why in dict.fromkeys(asserted_found.slow + closure_found.slow):
        step("checking by pyshacl", why=why)
    violations += [_contradiction(words) for words in contradictions]
    violations += [*checks.literals(rewritten), *findings]
    report = asserted_found.report + closure_found.report
    if extra:
        described = {line.split(" ", 1)[0] for lines in own.values() for line in lines}
        subjects = {shapes.named(from_ox(ntriples.term_of(term))) for term in described}
        subjects |= {shapes.named(from_ox(quad.subject)) for quad, _ in newer}
        report = shapes.about(report, subjects)
        violations = [found for found in violations if found.is_serious or {found.focus, found.value} & subjects]
    violations = sorted([*violations, *shapes.violations(report)])
    shapes.conclude(report, conforms=not any(found.is_serious or found.is_unexplained for found in violations))
    runs = {"asserted": asserted_found.kept, "closure": closure_found.kept}
    return Content(graphs, asserted, violations, report, replace(last, runs=runs) if last else LastCheck())


def _left(found: Candidates) -> list[str]:
    return [f"pyshacl ran {compact(str(shape))} on all its targets: {why}" for shape, why in found.whole.items()]


def _contradiction(words: str) -> Violation:
    """Return the reasoner's *words* on a contradiction as a violation at the last node that they name."""
    names = shapes.IRI.findall(words)
    return Violation("contradiction", "Violation", URIRef(names[-1]) if names else "", None, words)
