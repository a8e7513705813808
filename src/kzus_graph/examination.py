"""A root examined: its graphs read, merged, reasoned over and checked.

read → merge → rules → reason → check what follows; and beside it, check what is asserted.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph import checks, content, ntriples, processes, reading, reasoning, shapes, turtle
from kzus_graph.last_check import LastCheck, Run
from kzus_graph.merge import merged
from kzus_graph.ntriples import Lines, NamedLines
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.processes import Took
from kzus_graph.queries import examples, read_examples
from kzus_graph.shacl.candidates import Candidates
from kzus_graph.shapes import Violation
from kzus_graph.tabular import origin
from kzus_graph.terms import from_ox
from kzus_graph.vocab import GRAPH, compact


class Step(Protocol):
    """Told the *name* of each step as it begins; what a step *took* that ran beside others; *why* one takes long."""

    def __call__(self, name: str, took: Took | None = None, why: str = "") -> None:
        """Take notice of a step."""


def silent(name: str, took: Took | None = None, why: str = "") -> None:
    """Take no notice of a step."""


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
    kept: LastCheck
    """What the next check may take over, if this one was told of the last."""

    @property
    def inferred(self) -> Lines:
        """What rules and reasoner added to the merge."""
        return self.graphs[GRAPH.inferred]


@dataclass(frozen=True)
class _Found:
    """What the shapes of one run found; *slow* says which of them pyshacl ran over all their targets, and why.

    *kept* is what the next check may take over.
    """

    report: Graph = field(default_factory=Graph)
    slow: list[str] = field(default_factory=list)
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
            reason = "pyshacl ran every shape on everything: there is a literal that a store would rewrite"
            return _Found(shapes.whole_report(graph, meant), [reason])
        checks.add(self.store, new)
        if self.last is None:
            found = shapes.suspects(self.store, meant)
            return _Found(shapes.report(self.store, meant, found), _left(found))
        lines = ntriples.union(self.asserted, new)
        known = self.last.nodes(run, lines, meant)
        found = shapes.suspects(self.store, meant, known)
        report = self.last.report(run, meant, found, known)
        if report is None:
            report = shapes.report(self.store, meant, found)
        return _Found(report, _left(found), Run.of(lines, meant, found, report))


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
    Raises content.ContentError, turtle.TurtleError, queries.QueryFileError and shapes.ShapesError.
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
    rewritten = checks.rewritten(graphs.values())
    check = _Check(store, asserted, ntriples.graph(graphs[GRAPH.shapes]), exact=not rewritten, last=last)
    folder = root / "queries" / "checks"

    def hand_over(why: str) -> None:
        step("reasoning by owlrl", why=f"owlrl reasons, which takes long: {why}")
        step("reasoning by owlrl")

    asserted_side = (lambda: check("asserted", derived), lambda: checks.findings(store, folder))
    with processes.beside(asserted_side, len(asserted_side)) as beside:
        step("reasoning (OWL 2 RL)")
        try:
            graphs[GRAPH.inferred] = ntriples.union(derived, reasoning.inferred(known, reasoner, hand_over))
        except Inconsistent as error:
            # what follows from a contradiction is anything at all, so there is nothing to check
            graphs[GRAPH.inferred] = derived
            violations += [_contradiction(words) for words in error.contradictions]
            closure = _Found()
        else:
            step("checking what follows")
            closure = check("closure", graphs[GRAPH.inferred])
        step("waiting")
        (stated, took), (findings, took_too) = (result.result() for result in beside)
    step("checking what is asserted: shapes", took)
    step("checking what is asserted: queries", took_too)
    for why in dict.fromkeys(stated.slow + closure.slow):
        step("checking by pyshacl", why=why)
    violations += [*checks.literals(rewritten), *findings]
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
    return Content(graphs, asserted, violations, report, kept)


def _left(found: Candidates) -> list[str]:
    return [f"pyshacl ran {compact(str(shape))} on all its targets: {why}" for shape, why in found.whole.items()]


def _contradiction(words: str) -> Violation:
    """Return the reasoner's *words* on a contradiction as a violation of the last thing that they name."""
    names = shapes.IRI.findall(words)
    return Violation("contradiction", "Violation", URIRef(names[-1]) if names else "", None, words)
