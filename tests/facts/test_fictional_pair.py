"""The ontology knows no particular states: a pair that does not exist passes the same shapes and answers questions."""

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef

from kzus_graph.pipeline import release
from kzus_graph.rdf import terms, turtle
from kzus_graph.rdf.queries import read_query
from kzus_graph.shacl import shapes
from tests.graphs import infer, read, report, rule_results

ROOT = Path(__file__).parents[2]
PAIR = ROOT / "tests" / "fixtures" / "fictional-pair.ttl"
QUESTIONS = ROOT / "tests" / "fixtures" / "fictional-questions"
EXPECT = re.compile(r"^#\+ expect: (.+)$", re.MULTILINE)


@cache
def known() -> Graph:
    """Return the pair and the ontology, with what the rules add."""
    name = URIRef("urn:all")
    files = [PAIR, *(ROOT / "ontology" / f"{part}.ttl" for part in ("dip", "codes", "topics"))]
    asserted = read((path, name) for path in files)[name]
    return asserted + rule_results(asserted, {}, sorted((ROOT / "ontology" / "rules").glob("*.rq")))


@cache
def closure() -> Graph:
    return known() + infer(known())


@cache
def store() -> ox.Store:
    result = ox.Store()
    result.extend(terms.quads(closure(), None))
    return result


def rows(path: Path) -> list[str]:
    answer = store().query(read_query(path).text)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(" | ".join(term.value for term in row) for row in answer)


def test_the_pair_is_small_and_all_its_own() -> None:
    own = turtle.parse(PAIR)
    assert 60 <= len(own) <= 100
    assert all(quad.subject.value.startswith("https://example.org/ruritania/") for quad in own)
    assert not any(term in PAIR.read_text("utf-8") for term in ("Kazakh", "United States", "/kzus/id/"))


@pytest.mark.parametrize("run", shapes.RUNS)
def test_the_pair_satisfies_the_shapes(run: str) -> None:
    constraints = read([(ROOT / "ontology" / "shapes.ttl", URIRef("urn:all"))])[URIRef("urn:all")]
    graph = known() if run == "asserted" else closure()
    assert shapes.violations(report(graph, shapes.for_run(constraints, run))) == []


@pytest.mark.slow
def test_the_pair_passes_the_whole_check() -> None:
    """The queries in ``queries/checks`` find nothing either, with a source of ours beside it."""
    examined = release.examine(ROOT, only=["history-state-gov"], extra=[PAIR])
    assert examined.violations == []


def test_there_are_ten_questions_at_least() -> None:
    assert len(list(QUESTIONS.glob("*.rq"))) >= 10


@pytest.mark.parametrize("path", sorted(QUESTIONS.glob("*.rq")), ids=lambda path: path.stem)
def test_the_questions_are_answered(path: Path) -> None:
    expected = EXPECT.findall(path.read_text("utf-8"))
    assert expected
    assert rows(path) == sorted(expected)


def test_most_questions_need_inference() -> None:
    """Asked of the facts as written, most questions have another answer, so that the reasoner is seen at work."""
    plain = ox.Store()
    plain.extend(terms.quads(read([(PAIR, URIRef("urn:all"))])[URIRef("urn:all")], None))
    changed = 0
    for path in QUESTIONS.glob("*.rq"):
        answer = plain.query(read_query(path).text)
        assert isinstance(answer, ox.QuerySolutions)
        changed += sorted(" | ".join(term.value for term in row) for row in answer) != rows(path)
    assert changed >= 8
