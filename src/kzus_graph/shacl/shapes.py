"""Validate a graph against SHACL shapes; the result is an RDF report and a list of readable violations."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.rdf.terms import quads
from kzus_graph.rdf.vocab import DIP, SHAPE
from kzus_graph.shacl.candidates import NONE, TARGETS, Candidates, candidates
from kzus_graph.shacl.facts import StoreFacts

RUNS: Final = ("asserted", "closure")
"""The two validation runs: of the asserted triples, before reasoning can add a missing type, and of their closure."""

COPIED: Final = (
    SH.sourceConstraintComponent, SH.resultSeverity, SH.focusNode, SH.value, SH.sourceShape, SH.sourceConstraint,
)  # fmt: skip
REPORT: Final = URIRef(BASE + "report")
IRI: Final = re.compile(r'https?://[^\s<>"{}|\\^`]*[\w/#-]')


class ShapesError(ValueError):
    """Raised for shapes that cannot be run: the error is in the shapes file, not in the data."""


@dataclass(frozen=True)
class Violation:
    """A fault in the data, found by a SHACL shape or another check; *message* describes it for a curator.

    *code* names the shape or check, *severity* is Violation, Warning or Info. *focus* is the node at fault, *value* the
    value at fault, None if there is none. *note* is the IRI of the note in the data that explains a Warning
    (``shape:explains``), empty if there is none. *cause* is a mistyped name that may cause this fault, or empty.
    """

    code: str
    severity: str
    focus: Node | str
    value: Node | str | None
    message: str
    note: str = ""
    cause: str = ""

    @property
    def is_serious(self) -> bool:
        """Whether this fault prevents the publication of a release."""
        return self.severity == "Violation"

    @property
    def is_unexplained(self) -> bool:
        """Whether this fault is a warning without a note that explains it."""
        return self.severity == "Warning" and not self.note

    def __lt__(self, other: "Violation") -> bool:
        """Order by code, then by focus node, so that the faults with the same code are adjacent."""
        return self._order() < other._order()

    def _order(self) -> tuple[str, str, str, str]:
        return self.code, str(self.focus), "" if self.value is None else str(self.value), self.message


def for_run(shapes: Graph, run: str) -> Graph:
    """Return *shapes* without the targets of all shapes whose ``shape:run`` is not *run* (one of RUNS)."""
    assert run in RUNS, f"there is no run {run!r}"
    return only(shapes, shapes.subjects(SHAPE.run, SHAPE[run]))


def only(shapes: Graph, kept: Iterable[Node]) -> Graph:
    """Return *shapes* without the targets of all shapes that are not in *kept*, so that only these are checked."""
    keep = set(kept)
    result = Graph()
    for subject, predicate, object_ in shapes:
        if predicate not in TARGETS or subject in keep:
            result.add((subject, predicate, object_))
    return result


def described(shapes: Graph, kept: Iterable[Node]) -> Graph:
    """Return the shapes in *kept* without their targets, and all that they refer to; pyshacl compiles no others."""
    result = Graph()
    left, seen = list(kept), set(kept)
    while left:
        subject = left.pop()
        for _, predicate, object_ in shapes.triples((subject, None, None)):
            if predicate not in TARGETS:
                result.add((subject, predicate, object_))
                if object_ not in seen:
                    seen.add(object_)
                    left.append(object_)
    return result


def report(store: ox.Store, shapes: Graph, found: Candidates | None = None) -> Graph:
    """Return the SHACL validation report on the default graph of *store*, which must also contain the ontology.

    pyshacl checks the nodes in *found* (default: those from *suspects*), and all targets of the shapes that cannot be
    written as queries. The IRI of a result is made from a hash of its content, so that the same faults give the same
    report and the reports of several runs can be merged. If the focus node has a note that ``shape:explains`` the code
    of the result, the result is linked to the note. Raises ShapesError when a shape cannot be run.
    """
    found = found or suspects(store, shapes)
    if not any(found.nodes.values()) and not found.whole:
        return _empty()
    judged = only(shapes, found.whole) if found.whole else described(shapes, found.nodes)
    for shape, nodes in found.nodes.items():
        for node in nodes:
            judged.add((shape, SH.targetNode, node))
    return _report(StoreFacts(store), judged)


def suspects(store: ox.Store, shapes: Graph, known: Mapping[Node, set[Node]] = NONE) -> Candidates:
    """Return, for each shape, the nodes that may not conform to it; for a shape in *known*, the nodes given there.

    Raises ShapesError for a query that is not valid SPARQL.
    """
    try:
        return candidates(store, shapes, known)
    except SyntaxError as error:
        raise ShapesError(f"a query in the shapes is not valid SPARQL: {error.msg}") from None


def whole_report(graph: Graph, shapes: Graph) -> Graph:
    """Return pyshacl's report on all targets in *graph*; the function *report* must return an equal one."""
    store = ox.Store()
    store.extend(quads(graph, None))
    return _report(StoreFacts(store, graph), shapes)


def _report(facts: StoreFacts, shapes: Graph) -> Graph:
    """Return pyshacl's report on *facts*, with new IRIs for its results, and links to notes. Raises ShapesError."""
    # imported here: the import takes a tenth of a second and is not needed if no node has to be checked
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError

    if (None, SH.rule, None) in shapes:
        raise ShapesError("sh:rule is not supported; write the rule as a CONSTRUCT query in ontology/rules")
    try:
        # inplace: without SHACL rules nothing is written, and a copy would be a plain graph
        _, found, text = pyshacl.validate(facts, shacl_graph=shapes, inference="none", advanced=True, inplace=True)
    except ReportableRuntimeError as error:
        raise ShapesError(f"pyshacl cannot run the shapes: {error.message}") from None
    if not isinstance(found, Graph):
        raise ShapesError(text)
    result = _empty()
    for node in found.objects(None, SH.result):
        _add_result(result, found, node, facts, shapes)
    return result


def _empty() -> Graph:
    return Graph().add((REPORT, RDF.type, SH.ValidationReport))


def about(report: Graph, subjects: Collection[Node]) -> Graph:
    """Return *report* without warnings and remarks (sh:Info) of which neither focus node nor value is in *subjects*."""
    result = Graph() + report
    for node in report.objects(REPORT, SH.result):
        concerned = {report.value(node, SH.focusNode), report.value(node, SH.value)}
        if report.value(node, SH.resultSeverity) != SH.Violation and not concerned & set(subjects):
            result.remove((REPORT, SH.result, node))
            result.remove((node, None, None))
    return result


def conclude(report: Graph, *, conforms: bool) -> None:
    """Add to *report* sh:conforms with the value *conforms*, and a comment that defines conformance."""
    report.add((REPORT, SH.conforms, Literal(conforms)))
    words = "Remarks (sh:Info), and warnings that a note explains, do not count against conformance."
    report.add((REPORT, RDFS.comment, Literal(words, lang="en")))


def violations(report: Graph) -> list[Violation]:
    """Return the results of a SHACL *report* as violations, sorted and without duplicates."""
    found = set()
    for node in report.objects(REPORT, SH.result):
        message = str(report.value(node, SH.resultMessage))
        severity = str(report.value(node, SH.resultSeverity)).removeprefix(str(SH))
        focus, value = report.value(node, SH.focusNode), report.value(node, SH.value)
        assert focus is not None, f"{node} has no focus node"
        note = min((str(note) for note in report.objects(node, SHAPE.explainedBy)), default="")
        found.add(Violation(message.split()[0], severity, focus, value, message, note))
    return sorted(found)


def _add_result(result: Graph, found: Graph, node: Node, graph: Graph, shapes: Graph) -> None:
    """Add the validation result *node* of pyshacl's report *found* to *result*, with an IRI made from its content."""
    facts = [(predicate, named(object_)) for predicate in COPIED for object_ in found.objects(node, predicate)]
    path = found.value(node, SH.resultPath)
    if isinstance(path, URIRef):  # a path in blank nodes is found through the source shape
        facts.append((SH.resultPath, path))
    code, _, words = _message(found, node, shapes).partition(" ")
    name = shapes.value(SHAPE[code], RDFS.label)
    message = f"{code} {name}: {words}" if name else f"{code} {words}"
    facts.append((SH.resultMessage, Literal(message, lang="en")))
    for note in graph.objects(found.value(node, SH.focusNode), DIP.hasNote):
        if (note, SHAPE.explains, SHAPE[code]) in graph:
            facts.append((SHAPE.explainedBy, note))
    content = "\n".join(sorted(f"{predicate} {object_.n3()}" for predicate, object_ in facts))
    name = URIRef(f"{REPORT}#{code}-{hashlib.sha256(content.encode()).hexdigest()[:16]}")
    result.add((REPORT, SH.result, name))
    result.add((name, RDF.type, SH.ValidationResult))
    for predicate, object_ in facts:
        result.add((name, predicate, object_))


def _message(found: Graph, node: Node, shapes: Graph) -> str:
    """Return the most specific message of the result *node* of pyshacl's report *found*, with IRIs in short form.

    For a SPARQL constraint with its own message, pyshacl also adds the message of its shape, which is less specific.
    """
    messages = {str(message) for message in found.objects(node, SH.resultMessage)}
    general = {str(message) for message in shapes.objects(found.value(node, SH.sourceShape), SH.message)}
    return IRI.sub(lambda match: compact(match[0]), min(messages - general or messages))


def named(term: Node) -> Node:
    """Return *term*; for a blank node, return a Skolem IRI instead (RDF 1.1 Concepts, section 3.5)."""
    return URIRef(f"{BASE}.well-known/genid/{term}") if isinstance(term, BNode) else term
