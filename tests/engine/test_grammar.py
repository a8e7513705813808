"""The first wrong word of a query, and no complaint about a right one."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine import grammar
from kzus_graph.engine.tokens import tokens

QUERIES = sorted((Path(__file__).parents[2] / "queries").rglob("*.rq"))

VALID = [
    "ASK {}",
    "SELECT * WHERE { }",
    "select distinct ?a (count(distinct *) as ?n) from <http://g> from named <http://h> "
    "{ ?a ?b ?c ; a ?d , 'x'@en } group by ?a",
    "SELECT ?a { ?a (<p>|^<q>/!(a|^<r>))*/<s>? ?b FILTER(?a IN (1, -2, 'x') && ?b NOT IN ()) } VALUES ?a { <x> UNDEF }",
    "CONSTRUCT { ?a ?b [ ?c ( 1 2 ?d ) ] . } WHERE { ?a ?b ?c } LIMIT 5 OFFSET 2",
    "CONSTRUCT FROM <http://g> WHERE { ?a ?b ?c . }",
    "DESCRIBE <http://a> ?x { ?x a 'y'^^<http://t> }",
    "ASK { GRAPH ?g { ?a ?b -1.5e3 } MINUS { ?a ?b +2 } OPTIONAL { ?a ?b true } { } UNION { SELECT ?a { ?a ?b () } } }",
    "ASK { BIND(IF(EXISTS { ?a ?b ?c }, 1 - -1, STRLEN('x') * 2) AS ?x) FILTER NOT EXISTS { [] ?p [ ?q 1 ] } }",
    "SELECT * { VALUES (?a ?b) { (1 2) (UNDEF <x>) } VALUES () { () } SERVICE SILENT <http://x> { ?a ?b ?c } }",
    "SELECT (GROUP_CONCAT(DISTINCT ?a ; SEPARATOR=',') AS ?x) { ?a ?b ?c } HAVING (COUNT(?a) > 1) ORDER BY DESC(?x) ?y",
    "SELECT ?a { { ?a ?b ?c } . ?d ?e ?f . FILTER(<http://www.w3.org/2001/XMLSchema#integer>(?a)) . ?g ?h ?i }",
]


@pytest.mark.parametrize("query", VALID)
def test_valid_queries_have_no_fault(query):
    ox.Store().query(query, base_iri="http://base/")
    assert grammar.fault(query) is None


def test_our_own_queries_have_none():
    assert QUERIES
    for path in QUERIES:
        assert grammar.fault(path.read_text(encoding="utf-8")) is None, path


@pytest.mark.parametrize(
    ("query", "word", "expected"),
    [
        ("ASK {} ASK {}", "ASK", "the end of the query"),
        ("SELECT ?a, ?b {}", ",", "WHERE"),
        ("SELECT ?a { ?a ?b ?c ?d }", "?d", "."),
        ("SELECT ?a { ?a ?b ?c ) }", ")", "}"),
        ("SELECT * { ?s ?p ?o } LIMIT x", "x", "a number"),
        ("PREFIX dip <http://a> ASK {}", "dip", "a prefix such as dip:"),
        ("SELECT * { ?s ?p ?o FILTER foo(?s) }", "foo", "a function"),
        ("SELECT * { ?s ?p", None, "an IRI"),
        ("", None, "SELECT"),
    ],
)
def test_first_wrong_word(query, word, expected):
    fault = grammar.fault(query)
    assert fault is not None
    assert (fault.word.text if fault.word else None) == word
    assert expected in fault.expected


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_every_beginning_of_a_valid_query_ends_too_early_or_is_whole(cut):
    words = list(tokens(VALID[2]))
    part = " ".join(word.text for word in words[: min(cut // 2, len(words) - 1)])
    fault = grammar.fault(part)
    assert fault is None or fault.word is None


def test_huge_queries_are_left_alone():
    assert grammar.fault("SELECT * " + "{" * 10_000) is None
    assert grammar.fault("ASK { " + "?s ?p ?o . " * 10_000) is None
