"""Each shape accepts what it should and refuses what it should, by small files over two fictional states."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.plugins.sparql import algebra, processor
from rdflib.plugins.sparql.parser import parseQuery

from kzus_graph.rdf import longturtle
from kzus_graph.rdf.vocab import SHAPE
from kzus_graph.shacl import shapes
from tests import graphs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
SPACE = "https://example.org/"
"""The namespace of what a case makes up."""

HEADER = re.compile(r"^# (expect|run|base): (.+)$", re.MULTILINE)
CODE = re.compile(r"S\d{2,3}(?!\d)")


@dataclass(frozen=True)
class Case:
    """A case file: what it must trip (``none``, a code, or a code and ``explained``) in which run."""

    name: str
    expect: str
    run: str
    base: str | None


@cache
def case(name: str) -> Case:
    header = dict(HEADER.findall((CASES / f"{name}.ttl").read_text("utf-8")))
    return Case(name, header["expect"], header["run"], header.get("base"))


NAMES = sorted(path.stem for path in CASES.glob("S*.ttl"))


@cache
def ontology() -> Graph:
    files = [ROOT / "ontology" / name for name in ("dip.ttl", "codes.ttl", "topics.ttl")]
    return read(*files)


@cache
def all_shapes() -> Graph:
    return read(ROOT / "ontology" / "shapes.ttl")


def read(*files: Path) -> Graph:
    name = URIRef("urn:all")
    return graphs.read((path, name) for path in files)[name]


@cache
def facts(name: str) -> Graph:
    """Return what the case and its base say, in a namespace of the case's own, so that no other case meets it."""
    files = [CASES / f"{name}.ttl"]
    if base := case(name).base:
        files.append(CASES / base)
    graph = Graph()
    for triple in read(*files):
        graph.add(tuple(moved(term, name) for term in triple))
    return graph


def moved(term, name: str):
    if isinstance(term, URIRef) and term.startswith(SPACE):
        return URIRef(f"{SPACE}{name}/{term.removeprefix(SPACE)}")
    return term


@cache
def crowd(run: str) -> list[str]:
    """Return the cases of a *run* that may be judged together, since all that they speak of is their own.

    What says owl:sameAs has no compiled rules, and would send all others to owlrl with it.
    """
    return [
        name
        for name in NAMES
        if case(name).run == run
        and all(said[0].startswith(f"{SPACE}{name}/") and said[1] != OWL.sameAs for said in facts(name))
    ]


def with_closure(*names: str) -> Graph:
    """Return what the cases *names* of one run say, beside the ontology, with what follows if the run looks at that."""
    graph = Graph()
    for triple in chain(ontology(), *map(facts, names)):
        graph.add(triple)
    return graph + graphs.infer(graph) if case(names[0]).run == "closure" else graph


@cache
def report_on(*names: str) -> Graph:
    """Return the report of the run that the cases *names* are meant for."""
    return graphs.report(with_closure(*names), shapes_for(case(names[0]).run))


@cache
def report(name: str) -> Graph:
    """Return the report on the case *name*: one run over many is many times faster than many over one."""
    others = crowd(case(name).run)
    if name not in others:
        return report_on(name)
    together = report_on(*others)
    # nothing is found at what belongs to no case, where it would be lost
    assert all(focus.startswith(SPACE) for focus in together.objects(None, SH.focusNode))
    found = Graph().add((shapes.REPORT, RDF.type, SH.ValidationReport))
    for result, focus in together.subject_objects(SH.focusNode):
        if focus.startswith(f"{SPACE}{name}/"):
            found.add((shapes.REPORT, SH.result, result))
            found += together.triples((result, None, None))
    return found


@cache
def shapes_for(run: str) -> Graph:
    return shapes.for_run(all_shapes(), run)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_trips_exactly_what_it_should(name: str) -> None:
    code, _, explained = case(name).expect.partition(" ")
    violations = shapes.violations(report(name))
    assert {violation.code for violation in violations} == {code} - {"none"}
    assert all(bool(violation.note) == bool(explained) for violation in violations)


def test_every_shape_has_a_valid_and_an_invalid_case() -> None:
    codes = {str(shape).removeprefix(str(SHAPE)).split("-")[0] for shape in all_shapes().subjects(SHAPE.run)}
    assert len(codes) >= 80
    for kind in ("valid", "invalid"):
        assert {name.split("-")[0] for name in NAMES if name.split("-")[1] == kind} == codes


def test_every_variant_of_a_shape_is_tripped_by_a_case() -> None:
    """A node shape that none of the invalid cases trips would be a rule that nobody has seen at work."""
    tripped = set()
    for name in NAMES:
        if "-invalid-" in name:
            tripped |= set(report(name).objects(None, SH.sourceShape))
    meant = {
        part
        for shape in all_shapes().subjects(SHAPE.run)
        for part in (*all_shapes().objects(shape, SH.property), *([] if only_groups(shape) else [shape]))
    }
    assert meant - tripped == set()


def only_groups(shape) -> bool:
    """Say whether the node *shape* has no constraint but its property shapes."""
    own = (SH["or"], SH["not"], SH.xone, SH.sparql, SH.nodeKind, SH.pattern, SH["class"])
    return not any((shape, constraint, None) in all_shapes() for constraint in own)


@pytest.mark.parametrize("shape", sorted(all_shapes().subjects(SHAPE.run)))
def test_every_shape_explains_itself(shape) -> None:
    code = CODE.match(shape.removeprefix(str(SHAPE)))
    assert code
    parts = [shape, *all_shapes().objects(shape, SH.property)]
    for part in parts:
        messages = list(all_shapes().objects(part, SH.message))
        assert len(messages) == 1
        assert messages[0].startswith(f"{code[0]} ")
        assert messages[0].language == "en"
        assert all_shapes().value(part, SH.severity) in {SH.Violation, SH.Warning, SH.Info}
    assert len({all_shapes().value(part, SH.severity) for part in parts}) == 1
    assert len(list(all_shapes().objects(shape, RDFS.label))) == 1
    comment = str(all_shapes().value(shape, RDFS.comment))
    assert comment.startswith("Valid: ")
    assert " Invalid: " in comment


def test_a_shape_says_for_which_run_it_is_meant() -> None:
    targeted = {shape for target in shapes.TARGETS for shape in all_shapes().subjects(target)}
    assert targeted == set(all_shapes().subjects(SHAPE.run))
    assert set(all_shapes().objects(None, SHAPE.run)) == {SHAPE[run] for run in shapes.RUNS}


def test_sparql_in_shapes_keeps_to_what_shacl_allows() -> None:
    queries = [str(query) for query in all_shapes().objects(None, SH.select)]
    assert len(queries) >= 10
    for query in queries:
        assert not re.search(r"\b(VALUES|MINUS|SERVICE)\b", query)
        for selected in re.findall(r"SELECT (.*)", query):
            assert "$this" in selected


@pytest.mark.parametrize("run", shapes.RUNS)
def test_the_shapes_mean_the_same_to_plain_pyshacl(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oxigraph answers the queries for speed only: all faulty cases at once, with rdflib's own engine."""
    ill_formed = "S03-invalid-no-such-day"  # rdflib cannot compare what is not a date
    in_run = set(all_shapes().subjects(SHAPE.run, SHAPE[run]))
    in_sparql = in_run.intersection(all_shapes().subjects(SH.sparql))
    some_shapes = shapes.only(all_shapes(), in_sparql)
    codes = {str(shape).removeprefix(str(SHAPE)) for shape in in_sparql}
    faulty = [name for name in NAMES if case(name).run == run and case(name).expect in codes and name != ill_formed]
    graph = with_closure(*faulty)
    ours = graphs.report(graph, some_shapes)
    # rdflib parses a query anew for each node that it is asked of: nine tenths of the time
    prepared = cache(lambda text, base, names: algebra.translateQuery(parseQuery(text), base, dict(names)))
    monkeypatch.setattr(processor, "parseQuery", str)
    monkeypatch.setattr(
        processor, "translateQuery", lambda text, base, names: prepared(text, base, tuple(names.items()))
    )
    _, plain, _ = pyshacl.validate(graph, shacl_graph=some_shapes, inference="none", advanced=True)
    results = [
        {
            (report.value(node, SH.sourceShape), report.value(node, SH.focusNode), report.value(node, SH.value))
            for node in report.objects(None, SH.result)
        }
        for report in (ours, plain)
    ]
    assert len(results[0]) >= len(codes)
    assert results[0] == results[1]


def test_for_run_takes_only_shapes_of_the_run() -> None:
    graph = Graph().parse(
        data="""
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shape: <https://w3id.org/kzus/shapes#> .
        shape:A sh:targetNode <urn:a> ; shape:run shape:asserted .
        shape:B sh:targetNode <urn:a> ; shape:run shape:closure .
        shape:C sh:targetNode <urn:a> .
        """,
        format="turtle",
    )
    assert set(shapes.for_run(graph, "asserted").subjects(SH.targetNode)) == {SHAPE.A}
    assert set(shapes.for_run(graph, "closure").subjects(SH.targetNode)) == {SHAPE.B}
    assert set(graph.subjects(SH.targetNode)) == {SHAPE.A, SHAPE.B, SHAPE.C}


def test_a_report_is_the_same_every_time_and_has_no_blank_nodes() -> None:
    first, second = (report_on.__wrapped__("S20-valid-explained") for _ in range(2))
    assert first is not second
    assert isomorphic(first, second)
    assert all(isinstance(term, URIRef | Literal) for triple in first for term in triple)
    assert longturtle.of_graph(first) == longturtle.of_graph(second)


def test_a_report_is_a_shacl_report() -> None:
    graph = report("S05-invalid-after")
    (result,) = graph.objects(shapes.REPORT, SH.result)
    assert (shapes.REPORT, RDF.type, SH.ValidationReport) in graph
    for property_ in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape, SH.resultMessage):
        assert len(list(graph.objects(result, property_))) == 1
    assert graph.value(result, SH.sourceShape) == SHAPE.S05


def test_a_message_names_the_nodes_briefly() -> None:
    graph = Graph()
    for triple in (*ontology(), *read(CASES / "S17-invalid-no-act.ttl", CASES / "base.ttl")):
        graph.add(triple)
    (violation,) = shapes.violations(graphs.report(graph, shapes.only(all_shapes(), [SHAPE.S17])))
    assert violation.message.startswith("S17 StatusFollowsFromActs: Status code:status-adopted does not follow")
    assert violation.message.endswith("an act of kind dip:Adoption.")
    assert violation.focus == URIRef(SPACE + "pact")


def test_violations_are_sorted_and_each_reported_once() -> None:
    reports = report("S27-invalid-same") + report("S01-invalid-two") + report("S27-invalid-same")
    violations = shapes.violations(reports)
    assert [violation.code for violation in violations] == ["S01", "S27"]
    assert violations == sorted(violations, reverse=True)[::-1]


def test_a_shape_that_cannot_run_is_an_error() -> None:
    broken = Graph().parse(
        data="""
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shape: <https://w3id.org/kzus/shapes#> .
        shape:A a sh:NodeShape ; sh:targetNode <urn:a> ; sh:sparql shape:B .
        shape:B a sh:SPARQLConstraint ; sh:select "SELECT $this WHERE { VALUES $this { <urn:a> } }" .
        """,
        format="turtle",
    )
    with pytest.raises(shapes.ShapesError, match="VALUES"):
        graphs.report(Graph(), broken)
