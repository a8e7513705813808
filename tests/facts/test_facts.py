"""Every fact of the first source's inventory is in the graph of its sentence, or its absence has a reason.

The table ``facts/political-cooperation.csv`` gives for each fact the segment that states it and a pattern: what stands
inside ``GRAPH`` of that segment if, and only if, the fact is recorded.
"""

import csv
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from rdflib import Variable
from rdflib.plugins.sparql import prepareQuery

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import SOURCE
from tests.conftest import ROOT

TABLE = ROOT / "tests" / "facts" / "political-cooperation.csv"
PROLOGUE = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


class Fact(NamedTuple):
    """A row of the table; *pattern* is empty when the fact is left out, *omitted_reason* when it is not."""

    fact: str
    segment: str
    paraphrase: str
    pattern: str
    omitted_reason: str

    @property
    def graph(self) -> str:
        return f"{SOURCE}political-cooperation-{self.segment}"


with TABLE.open(encoding="utf-8", newline="") as rows:
    FACTS = [Fact(**row) for row in csv.DictReader(rows)]
RECORDED = [fact for fact in FACTS if fact.pattern]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """All named graphs of ``data/``."""
    store = ox.Store()
    for path in sorted((ROOT / "data").glob("*.trig")):
        store.load(path=path, format=ox.RdfFormat.TRIG)
    return store


def holds(store: ox.Store, fact: Fact) -> bool:
    return bool(store.query(f"{PROLOGUE}ASK {{ GRAPH <{fact.graph}> {{ {fact.pattern} }} }}"))


def matched(store: ox.Store, fact: Fact) -> list[ox.Quad]:
    """Return the quads that the fact's pattern matches, over all its solutions."""
    query = f"{PROLOGUE}CONSTRUCT {{ {fact.pattern} }} WHERE {{ GRAPH <{fact.graph}> {{ {fact.pattern} }} }}"
    graph = ox.NamedNode(fact.graph)
    return [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in store.query(query)]


def constants(pattern: str) -> set[str]:
    """Return the IRIs and literals at the ends of a pattern's triples; predicates say nothing of which fact it is.

    Raises AssertionError when the pattern is more than triples: a FILTER or OPTIONAL could make it true of anything.
    """
    algebra = prepareQuery(f"{PROLOGUE}SELECT * WHERE {{ {pattern} }}").algebra
    assert algebra.p.p.name == "BGP", f"{algebra.p.p.name} in a pattern"
    ends = {end for subject, _, object_ in algebra.p.p.triples for end in (subject, object_)}
    return {end.n3() for end in ends if not isinstance(end, Variable)}


@pytest.mark.parametrize("fact", RECORDED, ids=lambda fact: fact.fact)
def test_fact_is_recorded_in_the_graph_of_its_sentence(store: ox.Store, fact: Fact) -> None:
    assert holds(store, fact), fact.paraphrase
    evidence = matched(store, fact)
    for quad in evidence:
        store.remove(quad)
    try:
        assert not holds(store, fact), "the pattern holds without the triples that it matched"
    finally:
        store.extend(evidence)
    assert holds(store, fact)


@pytest.mark.parametrize("fact", RECORDED, ids=lambda fact: fact.fact)
def test_pattern_names_at_least_two_things(fact: Fact) -> None:
    assert len(constants(fact.pattern)) >= 2


def test_constants_ignore_variables_and_predicates() -> None:
    assert constants("?visit a dip:Visit ; dip:destination ?place .") == {f"<{PREFIXES['dip']}Visit>"}
    with pytest.raises(AssertionError, match="Filter in a pattern"):
        constants("kzus:astana ?p ?o FILTER (?o = ?o)")


def test_a_pattern_that_nothing_states_does_not_hold(store: ox.Store) -> None:
    never = Fact("F000", "2.3", "Obama visited Kazakhstan", "?visit dip:hasParticipation ?p .", "")
    assert not holds(store, never)
    assert matched(store, never) == []


def test_each_fact_of_the_inventory_stands_in_the_table_once() -> None:
    assert [fact.fact for fact in FACTS] == [f"F{number:03d}" for number in range(1, 227)]


def test_each_fact_has_either_a_pattern_or_a_reason() -> None:
    assert [fact.fact for fact in FACTS if bool(fact.pattern) == bool(fact.omitted_reason)] == []
    assert len(FACTS) - len(RECORDED) < 10


def test_no_pattern_stands_for_two_facts() -> None:
    keys = [(fact.segment, fact.pattern) for fact in RECORDED]
    assert len(keys) == len(set(keys))


def test_paraphrases_are_short() -> None:
    assert [fact.fact for fact in FACTS if not 0 < len(fact.paraphrase.split()) <= 12] == []


def test_every_sentence_has_facts() -> None:
    graphs = {quad.graph_name.value for quad in ox.parse(path=ROOT / "data" / "political-cooperation.trig")}
    assert graphs == {fact.graph for fact in RECORDED}
