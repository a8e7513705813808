"""Queries find the nodes in doubt, pyshacl judges them: the same results as pyshacl's own on everything."""

import re
import sys
from collections.abc import Iterator
from random import Random

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef

from kzus_graph.pipeline import checks
from kzus_graph.pipeline.reasoning import rule_results
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines
from kzus_graph.shacl import shapes
from kzus_graph.shacl.candidates import joinable
from kzus_graph.shacl.patterns import NotPortable, portable
from tests.conftest import ROOT
from tests.graphs import Examined
from tests.random_shapes import EX, Shapes, data

SEED = 2026
CASES = 120
FAULTS = 400
LESS_THAN = "Cannot use sh:lessThan"
"""pyshacl gives up where a blank node stands beside sh:lessThan."""


def as_read(graph: Graph) -> Graph:
    """*graph* as a file gives it: language tags in lower case."""
    return ntriples.graph(ntriples.of_graph(graph))


@pytest.mark.slow
def test_random_shapes_find_what_pyshacl_finds() -> None:
    compiled = whole = faulty = 0
    for seed in range(SEED, SEED + CASES):
        random = Random(seed)
        graph, constraints = as_read(data(random)), as_read(Shapes(random).graph)
        try:
            expected = shapes.whole_report(graph, constraints)
        except shapes.ShapesError as error:
            assert LESS_THAN in str(error)
            continue
        store = checks.stored(ntriples.of_graph(graph), {})
        found = shapes.suspects(store, constraints)
        assert set(shapes.report(store, constraints, found)) == set(expected), f"seed {seed}"
        compiled += len(found.nodes)
        whole += len(found.whole)
        faulty += len(expected) > 1
    assert compiled > CASES // 2
    assert whole > 0
    assert faulty > CASES // 2


@pytest.fixture(scope="module")
def runs(whole: Examined) -> dict[str, Lines]:
    """The flat graph of each run."""
    rules = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
    asserted = whole.content.asserted
    derived = rule_results(checks.stored(asserted, whole.content.graphs), rules)
    return {
        "asserted": ntriples.union(asserted, derived),
        "closure": ntriples.union(asserted, whole.content.inferred),
    }


def with_faults(lines: Lines, random: Random) -> Lines:
    """*lines* with hundreds of faults: triples gone, moved, mixed up; literals that are no longer what they were."""
    result = set(lines)
    terms = [ntriples.terms(line) for line in lines]
    for _ in range(FAULTS):
        subject, property_, object_ = random.choice(terms)
        other = random.choice(terms)
        kind = random.random()
        if kind < 0.75:
            result.discard(f"{subject} {property_} {object_} .\n")
        if 0.3 < kind < 0.5:
            result.add(f"{subject} {property_} {other[2]} .\n")
        elif kind < 0.6:
            result.add(f"{other[0]} {property_} {object_} .\n")
        elif object_.startswith('"'):
            text, ends = ntriples.text(object_), object_[object_.rindex('"') + 1 :]
            changed = random.choice([f"{text}\n", text.upper(), f" {text}", text[:-1], "", "2010-02-30", "2012-02-29"])
            result.add(f"{subject} {property_} {ox.Literal(changed)}{random.choice([ends, ends, '', '@ru'])} .\n")
        else:
            result.add(f"{subject} {property_} {random.choice(['_:b1', '<http://example.org/x>', '_:b2'])} .\n")
    return sorted(result.difference(checks.rewritten([list(result)])))


@pytest.mark.parametrize("run", shapes.RUNS)
def test_faults_in_the_real_data_are_found_as_pyshacl_finds_them(
    runs: dict[str, Lines], whole: Examined, run: str
) -> None:
    lines = with_faults(runs[run], Random(SEED))
    meant = shapes.for_run(whole.constraints, run)
    store = checks.stored(lines, {})
    found = shapes.suspects(store, meant)
    assert not found.whole, "every shape of ours is asked for by a query"
    report = set(shapes.report(store, meant, found))
    assert report == set(shapes.whole_report(ntriples.graph(lines), meant))
    assert sum(predicate == SH.result for _, predicate, _ in report) > 25


def test_what_is_not_compiled_is_run_whole_and_named() -> None:
    constraints = Graph().add((EX.S, SH.targetClass, EX.C)).add((EX.S, SH.closed, Literal(True)))
    store = ox.Store()
    store.add(ox.Quad(*(ox.NamedNode(str(term)) for term in (EX.a, RDF.type, EX.C))))
    found = shapes.suspects(store, constraints)
    assert found.whole == {EX.S: "our queries can't test sh:closed"}
    (result,) = shapes.report(store, constraints, found).objects(shapes.REPORT, SH.result)
    assert isinstance(result, URIRef)


def test_nothing_in_doubt_needs_no_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    constraints = Graph().add((EX.S, SH.targetClass, EX.C)).add((EX.S, SH["class"], EX.C))
    assert set(shapes.report(ox.Store(), constraints)) == {(shapes.REPORT, RDF.type, SH.ValidationReport)}


def test_a_query_that_is_no_sparql_is_an_error_for_people() -> None:
    constraints = Graph().add((EX.S, SH.targetNode, EX.a)).add((EX.S, SH.sparql, EX.q))
    constraints.add((EX.q, SH.select, Literal("SELECT $this WHERE { $this ?p")))
    with pytest.raises(shapes.ShapesError, match="not valid SPARQL"):
        shapes.suspects(ox.Store(), constraints)


@pytest.mark.parametrize(
    ("select", "together"),
    [
        ("SELECT $this WHERE { $this ex:p ?x FILTER (?x = $this) }", True),
        ("SELECT $this WHERE { $this ex:p ?x FILTER NOT EXISTS { ?x ex:q $this FILTER ($this != ?x) } }", True),
        ("SELECT $this WHERE { $this ex:p ?x OPTIONAL { ?x ex:q ?y } BIND (STR($this) AS ?z) }", True),
        ("SELECT $this WHERE { $this ex:p ?x OPTIONAL { ?x ex:q ?y BIND (STR($this) AS ?z) } }", False),
        ("SELECT $this WHERE { { $this ex:p ?x } UNION { ?x ex:q ?y FILTER ($this = ?y) } }", False),
        ("SELECT $this (COUNT(?x) AS ?n) WHERE { $this ex:p ?x } GROUP BY $this", False),
        ("SELECT $this WHERE { $this ex:p ?x } LIMIT 1", False),
        ("PREFIX ex: <http://example.org/> SELECT $this WHERE { $this ex:p ?x }", False),
        ("SELECT $this (GROUP_CONCAT(?x) AS ?all) WHERE { $this ex:p ?x }", False),
        ("SELECT $this WHERE { # { (\n $this ex:p '($this' }", True),
        ("SELECT $this WHERE { { SELECT $this (MIN(?x) AS ?n) WHERE { $this ex:p ?x } GROUP BY ?y $this } }", True),
        ("SELECT $this WHERE { { SELECT $this (MIN(?x) AS ?n) WHERE { $this ex:p ?x } GROUP BY ?y } }", False),
        ("SELECT $this WHERE { { SELECT $this (MIN(?x) AS ?n) WHERE { $this ex:p ?x } ORDER BY $this } }", False),
        ("SELECT $this WHERE { { SELECT $this ?y WHERE { $this ex:p ?x } GROUP BY $this ?y LIMIT 1 } }", False),
        (
            "SELECT $this { { SELECT $this { { SELECT (MAX(?y) AS ?x) { ?z ex:p ?y } } } GROUP BY $this } }",
            False,
        ),
    ],
)
def test_constraints_are_asked_together_where_that_finds_the_same(select: str, *, together: bool) -> None:
    assert (joinable(select) is not None) == together


PATTERNS = [
    "^a+$", r"^\S+( \S+){0,2}$", r"\s", "[^a-c]$", r"\d{2,3}", "^(a|bc)?$", r"a\.b", "a|b$", r"[\s,]", "^$", ".",
    "a?b*?",
]  # fmt: skip
TEXTS = [
    "", "a", "aa\n", "a b", "a\x1cb", "bc", "12", "٣٤", "a.b", "\n", "\u2028", "x, y", "\x85", "a b c d", "é", "a\rb",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_in_oxigraph_what_it_finds_in_python(pattern: str) -> None:
    for text in TEXTS:
        answer = ox.Store().query(f"ASK {{ FILTER(REGEX({ox.Literal(text)}, {portable(pattern, '')})) }}")
        assert bool(answer) == bool(re.search(pattern, text)), text


@pytest.mark.parametrize(
    "pattern", [r"\w", r"\ba", "(?=a)", r"(a)\1", "[[:alpha:]]", "a{,2}", "a++", "[a-z&&b]", r"[\S]"]
)
def test_a_pattern_that_may_differ_is_left_to_python(pattern: str) -> None:
    with pytest.raises(NotPortable):
        portable(pattern, "")


def test_flags_are_left_to_python() -> None:
    with pytest.raises(NotPortable, match="flags"):
        portable("a", "i")


def patterns() -> Iterator[str]:
    for name in ("shapes", "house-style"):
        graph = Graph().parse(ROOT / "ontology" / f"{name}.ttl")
        yield from map(str, graph.objects(None, SH.pattern))


@pytest.mark.parametrize("pattern", sorted(set(patterns())), ids=lambda pattern: pattern[:30])
def test_every_pattern_of_ours_is_portable(pattern: str) -> None:
    assert portable(pattern, "")
