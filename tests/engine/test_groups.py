"""What stands before a SERVICE clause, and that asking about just that changes no answer."""

from collections import Counter

import pytest

from kzus_graph.engine import federation, groups, guard
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from tests.standins import endpoint

OURS = """
PREFIX : <http://e/>
:a :p 1 ; :same :A ; :name "a" . :b :p 2 ; :same :B ; :name "b" . :c :p 3 ; :name "c" .
:d :p 4 ; :same :D , :E ; :code "D" . :x :likes :A . _:n :kept _:m ; :p 9 .
"""
THEIRS = """
PREFIX : <http://e/>
:A :label "A" ; :size 10 . :B :label "B" , "Bee" . :D :size 40 ; :code "D" . :E :label "E" ; :size 10 .
:Z :label "Z" ; :size 99 .
"""

# Each is a query with its SERVICE clauses; what the other endpoint is asked about is in the second column: the values
# of which variables, or None where the clause is asked as it stands, or "" where it isn't asked at all.
JOINS = [
    ("triples before", "SELECT * {{ ?t :same ?s {s} {{ ?s :label ?l }} }}", "?s"),
    ("nothing before", "SELECT * {{ {s} {{ ?s :label ?l }} ?t :same ?s }}", None),
    ("nothing shared", "SELECT * {{ ?t :same ?x {s} {{ ?s :label ?l }} }}", None),
    ("no partner", "SELECT * {{ ?t :hates ?s {s} {{ ?s :label ?l }} }}", ""),
    ("no partner, optional", "SELECT * {{ ?x :p 1 . ?x :q ?s OPTIONAL {{ {s} {{ ?s :label ?l }} }} }}", ""),
    ("optional", "SELECT * {{ ?t :same ?s OPTIONAL {{ {s} {{ ?s :size ?l }} }} }}", "?s"),
    ("optional with more", "SELECT * {{ ?t :p ?n OPTIONAL {{ ?t :same ?s {s} {{ ?s :size ?l }} }} }}", "?s"),
    (
        "optional in a group",
        "SELECT * {{ ?x :likes ?s {{ ?t :p 1 OPTIONAL {{ {s} {{ ?s :label ?l }} }} }} }}",
        None,
    ),
    ("union", "SELECT * {{ ?t :same ?s {{ ?t :name ?l }} UNION {{ {s} {{ ?s :label ?l }} }} }}", "?s"),
    ("first of a union", "SELECT * {{ ?t :same ?s {{ {s} {{ ?s :label ?l }} }} UNION {{ ?t :name ?l }} }}", "?s"),
    (
        "last of three",
        "SELECT * {{ ?t :same ?s {{ ?t :p 1 }} UNION {{ ?t :p 2 }} UNION {{ {s} {{ ?s :label ?l }} }} }}",
        "?s",
    ),
    ("inner group", "SELECT * {{ ?t :same ?s {{ ?t :p ?n {s} {{ ?s :label ?l }} }} }}", "?s"),
    ("group and optional after", "SELECT * {{ ?t :same ?s {s} {{ ?s :label ?l }} OPTIONAL {{ ?t :name ?l }} }}", "?s"),
    ("minus", "SELECT * {{ ?t :same ?s MINUS {{ {s} {{ ?s :size 10 }} }} }}", None),
    ("minus with more", "SELECT * {{ ?t :p ?n MINUS {{ ?t :same ?s {s} {{ ?s :size 10 }} }} }}", "?s"),
    ("exists", "SELECT * {{ ?t :same ?s FILTER EXISTS {{ ?t :p ?n {s} {{ ?s :size 10 }} }} }}", None),
    ("not exists", "SELECT * {{ ?t :same ?s FILTER NOT EXISTS {{ {s} {{ ?s :size 10 }} }} }}", None),
    ("subquery", "SELECT * {{ ?t :p ?n {{ SELECT ?t ?l {{ ?t :same ?s {s} {{ ?s :label ?l }} }} }} }}", "?s"),
    (
        "count in a subquery",
        "SELECT * {{ ?t :same :A {{ SELECT (COUNT(*) AS ?k) {{ ?u :same ?s . {s} {{ ?s :size ?l }} }} }} }}",
        "?s",
    ),
    ("subquery alone", "SELECT * {{ ?t :same ?s {{ SELECT ?s ?l WHERE {{ {s} {{ ?s :size ?l }} }} }} }}", None),
    ("unbound here and there", "SELECT * {{ ?t :p ?n OPTIONAL {{ ?t :same ?s }} {s} {{ ?s :label ?l }} }}", None),
    (
        "one of two is certain",
        "SELECT * {{ ?t :p ?n OPTIONAL {{ ?t :name ?l }} ?t :same ?s {s} {{ ?s :label ?l }} }}",
        "?s",
    ),
    ("blank node", "SELECT * {{ ?n :p 9 ; :kept ?s {s} {{ ?s :label ?l }} }}", None),
    ("number", "SELECT * {{ ?t :p ?n {s} {{ ?s :size ?m FILTER(?m > 10) }} FILTER(?m = ?n * 10) }}", None),
    ("string", "SELECT * {{ ?t :code ?k {s} {{ ?s :code ?k ; :size ?l }} }}", "?k"),
    ("values", "SELECT * {{ VALUES ?s {{ :A :B :Q }} {s} {{ ?s :label ?l }} }}", "?s"),
    ("bind", "SELECT * {{ ?t :name ?k BIND(IRI(CONCAT('http://e/', UCASE(?k))) AS ?s) {s} {{ ?s :label ?l }} }}", "?s"),
    ("filter before", "SELECT * {{ ?t :same ?s FILTER(?s != :A) {s} {{ ?s :label ?l }} }}", "?s"),
    ("filter after", "SELECT * {{ ?t :same ?s {s} {{ ?s :label ?l }} FILTER(?s != :A && ?l != 'Bee') }}", "?s"),
    ("filter between triples", "SELECT * {{ ?t :p ?n FILTER(?n < 3) ?t :same ?s {s} {{ ?s :label ?l }} }}", "?s"),
    ("filter on what is not bound", "SELECT * {{ ?t :same ?s FILTER(!BOUND(?l)) {s} {{ ?s :size ?l }} }}", "?s"),
    (
        "filter of an optional group",
        "SELECT * {{ ?t :same ?s ; :p ?n OPTIONAL {{ ?t :name ?k FILTER(?n > 1) {s} {{ ?s :label ?l }} }} }}",
        "?s",
    ),
    ("filter exists", "SELECT * {{ ?t :same ?s FILTER NOT EXISTS {{ ?t :p 1 }} {s} {{ ?s :label ?l }} }}", "?s"),
    ("filter by a function", "SELECT * {{ ?t :same ?s FILTER REGEX(STR(?s), '[AB]$') {s} {{ ?s :label ?l }} }}", "?s"),
    ("optional inside", "SELECT * {{ ?t :same ?s {s} {{ OPTIONAL {{ ?s :label ?l }} }} }}", "?s"),
    ("late triple inside", "SELECT * {{ ?t :same ?s {s} {{ OPTIONAL {{ ?s :label ?l }} ?s :size ?m }} }}", "?s"),
    ("leading triple inside", "SELECT * {{ ?t :same ?s {s} {{ ?s :size ?m OPTIONAL {{ ?s :label ?l }} }} }}", "?s"),
    ("filter only inside", "SELECT * {{ ?t :same ?s {s} {{ ?u :label ?l FILTER(?u = ?s) }} }}", "?s"),
    ("subquery inside", "SELECT * {{ ?t :same ?s {s} {{ SELECT ?s {{ ?s :size 10 }} }} }}", "?s"),
    ("hidden inside", "SELECT * {{ ?t :same ?s {s} {{ SELECT ?l {{ ?s :label ?l }} }} }}", "?s"),
    ("union inside", "SELECT * {{ ?t :same ?s {s} {{ {{ ?s :label ?l }} UNION {{ ?s :size ?l }} }} }}", "?s"),
    ("group by", "SELECT ?l (COUNT(?t) AS ?k) {{ ?t :same ?s {s} {{ ?s :size ?l }} }} GROUP BY ?l", "?s"),
    ("ask", "ASK {{ ?t :same ?s {s} {{ ?s :label 'Bee' }} }}", "?s"),
    ("construct", "CONSTRUCT {{ ?t :l ?l }} {{ ?t :same ?s {s} {{ ?s :label ?l }} }}", "?s"),
    (
        "limit before",
        "SELECT * {{ {{ SELECT ?t ?s {{ ?t :same ?s }} ORDER BY ?s LIMIT 9 }} {s} {{ ?s :label ?l }} }}",
        None,
    ),
    ("another each time", "SELECT ?t ?s {{ ?t :same ?s BIND(RAND() AS ?r) {s} {{ ?s :label ?l }} }}", None),
    ("graph", "SELECT * {{ GRAPH :g {{ ?t :same ?s {s} {{ ?s :label ?l }} }} }}", None),
    ("graph before", "SELECT * {{ GRAPH :g {{ ?t :same ?s }} {s} {{ ?s :label ?l }} }}", ""),
    ("from a graph", "SELECT * FROM <http://e/none> {{ ?t :same ?s {s} {{ ?s :label ?l }} }}", ""),
    ("one after another", "SELECT * {{ ?t :same ?s {s} {{ ?s :size ?m }} {s} {{ ?u :size ?m ; :label ?l }} }}", "?s"),
    ("two at once", "SELECT * {{ ?t :same ?s {s} {{ ?s :size ?m }} {s} {{ ?s :label ?l }} }}", "?s"),
    ("two columns", "SELECT * {{ ?t :same ?s ; :code ?k {s} {{ ?s :code ?k }} }}", "?s ?k"),
    ("no variable", "SELECT * {{ ?t :p 1 {s} {{ :A :label 'A' }} }}", None),
    ("silent", "SELECT * {{ ?t :same ?s SERVICE SILENT <{u}> {{ ?s :label ?l }} }}", "?s"),
    ("service in curly text", "SELECT * {{ ?t :same ?s BIND('}} SERVICE {{' AS ?k) {s} {{ ?s :label ?l }} }}", "?s"),
]


@pytest.fixture(scope="module")
def theirs():
    with endpoint(THEIRS) as served:
        yield served


@pytest.fixture(scope="module")
def client(tmp_path_factory, theirs):
    path = tmp_path_factory.mktemp("groups") / "ours.ttl"
    path.write_text(OURS)
    releases = Releases(Limits(workers=1, services=(theirs.url,)), files=[path])
    yield create_app(releases).test_client()
    releases.close()


def rows(client, query):
    answer = client.get("/sparql", query_string={"query": query, "format": "ntriples,json"})
    assert answer.status_code == 200, answer.text
    if not answer.is_json:
        return Counter(answer.text.splitlines())
    if "boolean" in answer.json:
        return answer.json["boolean"]
    return Counter(
        repr(sorted((name, term["value"]) for name, term in row.items())) for row in answer.json["results"]["bindings"]
    )


@pytest.mark.parametrize(("query", "about"), [case[1:] for case in JOINS], ids=[case[0] for case in JOINS])
def test_asking_about_what_stands_before_changes_no_answer(client, theirs, monkeypatch, query, about):
    query = "PREFIX : <http://e/> " + query.format(s=f"SERVICE <{theirs.url}>", u=theirs.url)
    theirs.asked.clear()
    bound = rows(client, query)
    asked = list(theirs.asked)
    if about == "":
        assert asked == []
    elif about is None:
        assert "VALUES (" not in asked[0]
    else:
        assert f"VALUES ({about}) " in asked[0]
    monkeypatch.setattr(groups, "before", lambda *_: None)
    theirs.asked.clear()
    assert rows(client, query) == bound
    assert not any("VALUES (" in text for text in theirs.asked) and theirs.asked


def test_some_answers_above_are_not_empty(client, theirs):
    filled = 0
    for _, query, _ in JOINS:
        filled += bool(rows(client, "PREFIX : <http://e/> " + query.format(s=f"SERVICE <{theirs.url}>", u=theirs.url)))
    assert filled > 40


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("{ ?s :label ?l OPTIONAL { ?s :size ?m } }", "{ VALUES (?s) { (<http://e/A>) }  ?s :label ?l OPTIONAL {"),
        ("{ OPTIONAL { ?s :label ?l } }", "{ VALUES (?s) { (<http://e/A>) } { OPTIONAL { ?s :label ?l } } }"),
        ("{ { ?s :label ?l } UNION { ?s :size ?l } }", "{ VALUES (?s) { (<http://e/A>) } { { ?s :label ?l } UNION"),
    ],
)
def test_values_stand_first_in_the_group_or_before_it(client, theirs, body, sent):
    rows(client, f"PREFIX : <http://e/> SELECT * {{ ?x :likes ?s SERVICE <{theirs.url}> {body} }}")
    assert sent in theirs.asked[-1]


def test_many_values_go_in_several_requests_and_too_many_go_not_at_all(client, theirs, monkeypatch):
    query = f"PREFIX : <http://e/> SELECT * {{ ?t :same ?s SERVICE <{theirs.url}> {{ ?s :label ?l }}}}"
    whole = rows(client, query)
    monkeypatch.setattr(federation, "BATCH", 3)
    theirs.asked.clear()
    assert rows(client, query) == whole and sum(whole.values()) == 4
    assert [text.count("(<http") for text in theirs.asked] == [3, 1]
    monkeypatch.setattr(federation, "MOST_BOUND", 3)
    theirs.asked.clear()
    assert rows(client, query) == whole
    assert len(theirs.asked) == 1 and "VALUES" not in theirs.asked[0]


def test_a_part_that_goes_out_holds_no_comment_and_no_other_part(client, theirs):
    clause = f"SERVICE <{theirs.url}> {{ ?s :label ?l }}"
    query = f"# mine\nPREFIX : <http://e/> # yours\nSELECT * {{ ?t :same ?s ; :name 'a' {clause} }}"
    rows(client, query)
    assert theirs.asked[-1] == ("PREFIX : <http://e/> SELECT * { VALUES (?s) { (<http://e/A>) }  ?s :label ?l }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?a ?b ?c UNION { SERVICE <http://e/> { ?a ?b ?c } } }",
        "SELECT * { ?a ?b ?c } } SERVICE <http://e/> { ?a ?b ?c } }",
        "SERVICE <http://e/> { ?a ?b ?c }",
        "SELECT * { ?a ?b ?c FILTER SERVICE <http://e/> { ?a ?b ?c } }",
        "SELECT * { ?a ?b ?c FILTER( SERVICE <http://e/> { ?a ?b ?c } }",
        "SELECT * FROM { { ?a ?b ?c SERVICE <http://e/> { ?a ?b ?c } } FROM",
        "SELECT * { GRAPH { ?a ?b ?c SERVICE <http://e/> { ?a ?b ?c } } }",
        "{ UNION { UNION { OPTIONAL { SERVICE <http://e/> { ?a } } } } }",
    ],
)
def test_what_is_no_query_has_no_clause_to_ask(query):
    reading = guard.read(query)
    assert reading.stray is not None and not reading.calls
