"""The examination of a root folder: read its graphs, merge them, reason over them and check them.

The steps: read → merge → apply rules → check asserted triples → check asserted and inferred triples. Two child
processes run the checks in SPARQL, from the merge on, and the reasoner, from the rules on, at the same time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.pipeline import (
    checks,
    content,
    functions,
    mistyped_names,
    origin,
    reasoning,
    source_texts,
    untested,
)  # fmt: skip
from kzus_graph.pipeline.last_check import LastCheck, Run
from kzus_graph.pipeline.merge import merged
from kzus_graph.processes import parallel
from kzus_graph.processes.parallel import Took
from kzus_graph.rdf import ntriples, reading, turtle
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import compact
from kzus_graph.rdf.terms import from_ox
from kzus_graph.rdf.vocab import GRAPH, SHAPE
from kzus_graph.shacl import shapes
from kzus_graph.shacl.candidates import Candidates
from kzus_graph.shacl.shapes import Violation


class StepListener(Protocol):
    """A callable that is called with the *name* of each step when the step begins.

    It is also called with *took*, the cost, after a step that ran in parallel to others, and with *why*, the reason,
    when a step takes long.
    """

    def __call__(self, name: str, took: Took | None = None, why: str = "") -> None:
        """Handle the beginning of the step *name*, or its cost *took* at its end, or the reason *why* it takes long."""


def silent(name: str, took: Took | None = None, why: str = "") -> None:
    """Do nothing: the StepListener of callers that don't show the steps."""


@dataclass(frozen=True)
class Content:
    """The result of an examination: the graphs of a root folder, with inferences, and the faults found in them."""

    graphs: NamedLines
    """Every named graph, ``graph:inferred`` included."""
    asserted: Lines
    """The merge of the named graphs into the default graph, without inferred triples."""
    violations: list[Violation]
    report: Graph
    """The SHACL validation report of two runs: before and after reasoning in OWL 2 RL, both with the rules applied."""
    kept: LastCheck
    """Results that the next check can reuse; empty if the results of the last check were not given to ``examine``."""

    @property
    def inferred(self) -> Lines:
        """The triples that rules and reasoner added to the merged graphs."""
        return self.graphs[GRAPH.inferred]


@dataclass(frozen=True)
class _Found:
    """The result of one run of the shapes: the SHACL validation *report*.

    *slow* has a message for each shape that pyshacl had to run on all targets of the shape, with the reason. *kept* is
    what the next check can reuse.
    """

    report: Graph = field(default_factory=Graph)
    slow: list[str] = field(default_factory=list)
    kept: Run = field(default_factory=Run)


@dataclass(frozen=True)
class _Check:
    """A callable that runs the shapes *constraints* on the default graph of *store*, which has the lines *asserted*.

    *exact* is whether the store returns all literals as they are written. If not, pyshacl checks all nodes without the
    store. *last* has the results of the last check, or is None if these must not be reused.
    """

    store: ox.Store
    asserted: Lines
    constraints: Graph
    exact: bool
    last: LastCheck | None = None

    def __call__(self, run: str, new: Lines) -> _Found:
        """Add the lines *new* to the store; return what the shapes for *run* ("asserted" or "closure") report."""
        meant = shapes.for_run(self.constraints, run)
        if not self.exact:
            graph = ntriples.graph(ntriples.union(self.asserted, new))
            reason = "pyshacl ran every shape on all its targets: a literal is not in canonical form"
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
    """Return the graphs of *root*, and of the *extra* files of a user, with inferred triples and the faults found.

    *only* restricts the facts to these sources. With *extra*, warnings and remarks about nodes that those files don't
    describe are left out; violations never are. A statement in those files that only RDF 1.2 allows gives a remark,
    since ontology and shapes are for RDF 1.1. *reasoner* is a key of reasoning.REASONERS. Results of the *last* check
    are reused if no later change affects them. Raises the errors of content.read, queries.QueryFileError and
    shapes.ShapesError.
    """
    step("reading")
    graphs = content.read(root, only)
    newer: list[tuple[ox.Quad, str]] = []
    read = {path: turtle.read([(path, URIRef(path.resolve().as_uri()))], reading.quads, newer) for path in extra}
    own = _together(read.values())
    violations = checks.foreign_statements(own, graphs) + checks.unchecked(newer) + origin.findings(root, only)
    for name, lines in own.items():
        graphs[name] = ntriples.union(graphs.get(name, []), lines)
    step("merging")
    asserted = merged(graphs)
    step("applying rules")
    store = checks.stored(asserted, graphs)
    folder = root / "queries" / "checks"
    called = functions.functions(source_texts.read_runs(root))

    def find() -> list[Violation]:
        return checks.findings(store, folder, called)

    def hand_over(why: str) -> None:
        step("reasoning (OWL 2 RL)", why=f"owlrl does the reasoning, which takes long: {why}")

    def reason(known: Lines) -> tuple[Lines | None, list[str]]:
        """Return the inferred lines, None if a contradiction stopped the reasoner, and the contradictions."""
        try:
            return reasoning.inferred(known, reasoner, hand_over), []
        except Inconsistent as error:
            return None if error.inferred is None else sorted(error.inferred), error.contradictions

    with parallel.standing_by([find, reason], 2) as start:
        checked = start(0)
        derived = reasoning.rule_results(store, sorted((root / "ontology" / "rules").glob("*.rq")))
        reasoned = start(1, ntriples.union(asserted, derived))
        rewritten = checks.rewritten(graphs.values())
        last = last and last.by(graphs[GRAPH.shapes])
        check = _Check(store, asserted, ntriples.graph(graphs[GRAPH.shapes]), exact=not rewritten, last=last)
        step("checking what is asserted")
        asserted_found = check("asserted", derived)
        step("reasoning (OWL 2 RL)")
        (inferred, contradictions), reasoning_took = reasoned.result()
        graphs[GRAPH.inferred] = ntriples.union(derived, inferred or [])
        step("checking what follows")
        closure_found = _Found() if inferred is None else check("closure", graphs[GRAPH.inferred])
        step("waiting for the checks in SPARQL")
        findings, checks_took = checked.result()
    step("reasoning (OWL 2 RL)", reasoning_took)
    step("checks in SPARQL", checks_took)
    for why in dict.fromkeys(asserted_found.slow + closure_found.slow):
        step("checking by pyshacl", why=why)
    violations += [_contradiction(words) for words in contradictions]
    if inferred is None:
        violations.append(_not_checked(check.constraints))
    violations += [*checks.literals(rewritten), *findings]
    for path, graphs_of_file in read.items():
        violations += untested.findings(path, graphs_of_file, store, check.constraints)
    report = asserted_found.report + closure_found.report
    if extra:
        described = {line.split(" ", 1)[0] for lines in own.values() for line in lines}
        subjects = {shapes.named(from_ox(ntriples.term_of(term))) for term in described}
        subjects |= {shapes.named(from_ox(quad.subject)) for quad, _ in newer}
        report = shapes.about(report, subjects)
        violations = [found for found in violations if found.is_serious or {found.focus, found.value} & subjects]
    violations = mistyped_names.by_cause(sorted([*violations, *shapes.violations(report)]), graphs)
    shapes.conclude(report, conforms=not any(found.is_serious or found.is_unexplained for found in violations))
    runs = {"asserted": asserted_found.kept, "closure": closure_found.kept}
    return Content(graphs, asserted, violations, report, replace(last, runs=runs) if last else LastCheck())


def _left(found: Candidates) -> list[str]:
    return [f"pyshacl ran {compact(str(shape))} on all its targets: {why}" for shape, why in found.whole.items()]


def _together(files: Iterable[NamedLines]) -> NamedLines:
    """Return the named graphs of *files* as one mapping; a graph that several files describe is their union."""
    found: NamedLines = {}
    for graphs in files:
        found |= {name: ntriples.union(found.get(name, []), lines) for name, lines in graphs.items()}
    return found


def _not_checked(constraints: Graph) -> Violation:
    """Return a violation that lists the shapes of *constraints* that were not run, since the reasoner stopped."""
    left = constraints.subjects(SHAPE.run, SHAPE.closure)
    codes = sorted({str(shape).removeprefix(SHAPE).partition("-")[0] for shape in left})
    words = f"A contradiction stopped the reasoner, so these shapes did not check what follows: {', '.join(codes)}."
    return Violation("not-checked", "Violation", str(GRAPH.inferred), None, words)


def _contradiction(words: str) -> Violation:
    """Return a violation with *words*, the reasoner's message on a contradiction; the focus is the last IRI in it."""
    names = shapes.IRI.findall(words)
    return Violation("contradiction", "Violation", URIRef(names[-1]) if names else "", None, words)
