"""The first wrong word of a query, and no complaint about a right one."""

import logging
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine import guard, syntax
from kzus_graph.engine.tokens import WORDS, tokens
from tests.conftest import SHARED

SUITE = SHARED / "w3c-eval"
QUERIES = sorted((Path(__file__).parents[2] / "queries").rglob("*.rq"))


def fault(query):
    return syntax.fault(list(tokens(query)))


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
    "VERSION '1.2' ASK { ?a ?b ?c ~ ?r{| ?d ?e |} , ?f ~ . <<?a ?b ?c ~ _:r>> ?d <<( ?a <p> <<( ?x ?y 'z'@en )>> )>> }",
    "SELECT (<<(?a <p> 1)>> AS ?t) { VALUES ?x { <<( <a> <p> 'b' )>> } FILTER(isTRIPLE(?t) && ?a+1 < -1*+2) }",
    "SELECT ?a { { ?a ?b ?c } . ?d ?e ?f . FILTER(<http://www.w3.org/2001/XMLSchema#integer>(?a)) . ?g ?h ?i }",
]


@pytest.mark.parametrize("query", VALID)
def test_valid_queries_have_no_fault(query):
    ox.Store().query(query, base_iri="http://base/")
    assert fault(query) is None


def test_our_own_queries_have_none():
    assert QUERIES
    for path in QUERIES:
        assert fault(path.read_text(encoding="utf-8")) is None, path


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
    found = fault(query)
    assert found is not None
    assert (found.word.text if found.word else None) == word
    assert expected in found.expected


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C's files are not in ../shared/w3c-eval")
def test_no_query_of_the_w3c_that_the_engine_runs_has_a_fault():
    wrong = []
    for path in SUITE.rglob("*.rq"):
        query = path.read_text(encoding="utf-8", errors="replace")
        try:
            ox.Store().query(query, base_iri="http://base/")
        except SyntaxError:
            continue
        except RuntimeError:
            pass  # it is read, and then asks for a function that there is not
        if fault(query) is not None:
            wrong.append(path.name)
    assert not wrong


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_every_beginning_of_a_valid_query_ends_too_early_or_is_whole(cut):
    words = list(tokens(VALID[2]))
    part = " ".join(word.text for word in words[: min(cut // 2, len(words) - 1)])
    found = fault(part)
    assert found is None or found.word is None


@pytest.mark.slow
def test_a_fault_is_found_at_the_end_of_a_long_query_and_in_deep_brackets():
    assert fault("SELECT * " + "{" * 10_000).word is None
    assert fault("ASK { " + "?s ?p ?o . " * 4_000 + ")").word.text == ")"
    assert fault("ASK { " + "?s ?p ?o . " * 5_000 + ")") is None
    assert fault("ASK { " + "FILTER(((((((?a)))))))" * 1000 + "}") is None
    assert fault("ASK " + "{" * 5_000 + "}" * 5_000) is None


MARKS = ["<<(", ")>>", "<<", ">>", "^^", "&&", "||", "!=", "<=", ">=", *"{}()[];,.?*+/|^!=<>~-"]


@pytest.mark.parametrize("word", [*sorted(WORDS), *MARKS, "'x", "\\", "§"])
def test_any_word_anywhere_is_right_or_a_fault(word):
    for query in (f"{word} {{ ?s ?p ?o }}", f"ASK {{ ?s ?p {word} SERVICE <http://e/> {{ }} }}", f"ASK {{ }} {word}"):
        found = fault(query)
        assert found is None or found.word is None or found.word.text in query
        assert guard.read(query).stray is not None or "SERVICE" not in query or found is None


def test_the_grammar_has_no_conflicts(caplog):
    # lark resolves a conflict by itself, and says so only here
    with caplog.at_level(logging.DEBUG, logger="lark"):
        syntax.parser(debug=True)
    assert not caplog.records


def test_the_tree_has_groups_and_their_elements():
    text = "SELECT * { ?a ?b [ ?c ?d ] . ?e ?f 1 { ?g ?h ?i } OPTIONAL { SERVICE SILENT <http://e/> { ?a ?b ?c } } }"
    (group,) = syntax.tree(list(tokens(text))).children
    assert [node.data for node in group.children] == ["triples", "triples", "union", "optional"]
    assert [text[node.meta.start_pos : node.meta.end_pos] for node in group.children][:2] == [
        "?a ?b [ ?c ?d ]",
        "?e ?f 1",
    ]
    (service,) = syntax.outermost(group, "service")
    assert text[service.meta.start_pos : service.meta.end_pos] == "SERVICE SILENT <http://e/> { ?a ?b ?c }"


@pytest.mark.parametrize("query", [*VALID, *(path.read_text(encoding="utf-8") for path in QUERIES[::15])])
def test_faults_are_found_where_a_word_too_many_stands(query):
    words = list(tokens(query))
    # a sign and its number, and the marks of an annotation, are one word for the grammar
    places = [place for place in range(1, len(words)) if words[place - 1].text not in ("+", "-", "{", "|")]
    for place in places[:: max(1, len(places) // 20)]:
        found = syntax.fault([*words[:place], words[place]._replace(kind="stray", text="§"), *words[place:]])
        assert found.word.text == "§" and found.word.start == words[place].start
