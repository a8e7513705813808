"""What the guard sees in a query."""

import pytest

from kzus_graph.engine import guard


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "select"),
        ("# ASK\nPREFIX a: <http://a/#b>\nBASE <http://b/> construct where {}", "construct"),
        ("prefix : <http://a/> Describe :x", "describe"),
        ("ASK{}", "ask"),
        ("", None),
        ("FOO {}", None),
    ],
)
def test_form(query, form):
    assert guard.read(query).form == form


@pytest.mark.parametrize("query", ["INSERT DATA {}", "PREFIX a: <b> LOAD <http://x>", "with <a> delete {} where {}"])
def test_update_is_recognised(query):
    assert guard.read(query).update
    assert guard.read(query).form is None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://a/> { ?s ?p ?o } }",
        "SELECT * { SERVICE#c\n<http://a/>{ ?s ?p ?o } }",
        "SELECT * { OPTIONAL { GRAPH ?g { SeRvIcE ?x { ?s ?p ?o } } } }",
        "ASK { FILTER EXISTS { SERVICE <http://a/> {} } }",
    ],
)
def test_service_is_seen(query):
    assert len(guard.read(query).calls) == 1


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?s ?p "SERVICE <http://a/> {}" }',
        "SELECT * { ?s ?p '''SERVICE \" ''' } # SERVICE <http://a/>",
        "SELECT ?SERVICE { ?SERVICE <http://a/SERVICE> ex:SERVICE }",
        "SELECT * { SERVICES:a SERVICE:b ?o }",
    ],
)
def test_the_word_elsewhere_is_harmless(query):
    reading = guard.read(query)
    assert not reading.calls
    assert not reading.disguised


@pytest.mark.parametrize(
    "query",
    [
        r"SELECT * { \u0053ERVICE <http://a/> {} }",
        r"SELECT * { SERV\U00000049CE <http://a/> {} }",
        r"SELECT * { \u005Cu0053ERVICE <http://a/> {} }",
        r"SELECT * { ?s ?p 'a\u0027 . SERVICE <http://a/> {} #' }",
    ],
)
def test_service_behind_escapes_is_seen(query):
    assert guard.read(query).disguised


def test_targets_of_service():
    query = """PREFIX w: <https://query.example/>
    SELECT * { SERVICE w:sparql { ?a ?b ?c } SERVICE ?x { ?a ?b ?c } SERVICE <file:///etc/passwd> { ?a ?b ?c }
               SERVICE SILENT <https://b.example/> { { ?a ?b "}" } SERVICE <https://c.example/> { ?a ?b ?c } } }"""
    calls = guard.read(query).calls
    assert [call.target for call in calls] == ["https://query.example/sparql", None, None, None]
    assert [call.silent for call in calls] == [False, False, False, True]
    assert query[calls[0].body : calls[0].end] == "{ ?a ?b ?c }"


@pytest.mark.parametrize(
    ("query", "order"),
    [("SELECT * { ?z ?a $m . ?z ?a ?b }", ("z", "a", "m", "b")), ("SELECT ?x { ?x a 'it?q' . #?w\n }", ("x",))],
)
def test_variables_in_order(query, order):
    assert guard.read(query).variables == order


def test_only_the_outer_star_counts():
    assert guard.read("SELECT DISTINCT * { { SELECT * {} } }").star == len("SELECT DISTINCT ")
    assert guard.read("SELECT ?a { { SELECT * {} } }").star is None
    assert guard.read("SELECT (COUNT(*) AS ?n) {}").star is None


@pytest.mark.parametrize("query", ["SELECT (now() AS ?n) {}", "ASK { FILTER(RAND() > 0.5) }"])
def test_volatile_queries_are_known(query):
    assert guard.read(query).volatile


def test_nothing_is_skipped():
    text = "SELECT \x00 \ud800 é < > ?a<?b && \"open 'x'"
    seen = "".join(token.text for token in guard.tokens(text))
    assert seen.replace(" ", "") == "".join(text.replace("\x00", "").split())
