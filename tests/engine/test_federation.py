"""SERVICE where it is allowed: only there, within bounds, joined as the standard says, and with the workers sealed."""

import json
import re
import threading

import pytest

from kzus_graph.engine import federation
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from tests.standins import Rogue, endpoint, says

THEIRS = """
PREFIX e: <http://e/>
e:a e:label "A \\"q\\""@en ; e:in [ e:label "somewhere" ] . e:b e:label "B" .
"""


@pytest.fixture(scope="module")
def theirs():
    with endpoint(THEIRS) as served:
        yield served


@pytest.fixture(scope="module")
def others():
    with endpoint('<http://e/a> <http://e/alias> "Alpha" .') as served:
        yield served


@pytest.fixture(scope="module")
def rogue():
    rogue = Rogue()
    yield rogue
    rogue.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory, theirs, others, rogue):
    path = tmp_path_factory.mktemp("federation") / "data.nt"
    path.write_text('<http://e/a> <http://e/p> "here" .\n<http://e/c> <http://e/p> "here" .\n')
    limits = Limits(timeout=5, workers=2, queue=4, services=(theirs.url, others.url, f"{rogue.url}/open/"))
    releases = Releases(limits, files=[path])
    yield create_app(releases).test_client()
    releases.close()


def ask(client, query, **more):
    return client.get("/sparql", query_string={"query": "PREFIX e: <http://e/> " + query, **more})


def rows(client, query):
    answer = ask(client, query)
    assert answer.status_code == 200, answer.text
    found = answer.json["results"]["bindings"]
    return sorted(" ".join(term["value"] for _, term in sorted(row.items())) for row in found)


def test_rows_of_a_service_join_ours(client, theirs):
    answer = ask(client, f"SELECT * {{ ?x e:p ?here . SERVICE <{theirs.url}> {{ ?x e:label ?label }} }}")
    assert answer.json["results"]["bindings"] == [
        {
            "x": {"type": "uri", "value": "http://e/a"},
            "here": {"type": "literal", "value": "here"},
            "label": {"type": "literal", "value": 'A "q"', "xml:lang": "en"},
        }
    ]
    assert answer.json["head"]["vars"] == ["x", "here", "label"]
    assert "ETag" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    assert "services;dur=" in answer.headers["Server-Timing"]


def test_two_services_share_variables_and_the_second_is_asked_about_what_the_first_gave(client, theirs, others):
    query = f"SERVICE <{theirs.url}> {{ ?x e:label ?label }} SERVICE <{others.url}> {{ ?x e:alias ?alias }}"
    assert rows(client, f"SELECT * {{ {query} }}") == ['Alpha A "q" http://e/a']
    assert theirs.asked[-1] == "PREFIX e: <http://e/> SELECT * { ?x e:label ?label }"
    values = re.search(r"VALUES \(\?x\) \{ (.*?) \}  \?x e:alias \?alias", others.asked[-1])
    assert values and set(values[1].split()) == {"(<http://e/a>)", "(<http://e/b>)", "(<urn:blank:0:0>)"}


def test_blank_nodes_join_within_an_answer(client, theirs):
    found = rows(client, f"SELECT * {{ SERVICE <{theirs.url}> {{ ?x e:in ?y . ?y e:label ?l }} FILTER(ISIRI(?y)) }}")
    assert found == ["somewhere http://e/a urn:blank:0:0"]


def test_a_service_with_relative_iris_is_asked_about_ours(client, theirs):
    ask(client, f"SELECT * {{ SERVICE <{theirs.url}> {{ <id/a> e:label ?l }} }}")
    assert theirs.asked[-1].startswith("BASE <http://localhost/sparql> PREFIX e: <http://e/> SELECT * { <id/a>")


FAULTS = [
    ("a variable", "BIND(<{url}> AS ?s) SERVICE ?s {{ ?x ?p ?y }}", "?s is a variable"),
    ("a silent variable", "VALUES ?s {{ <{url}> }} SERVICE SILENT $s {{ ?x ?p ?y }}", "$s is a variable"),
    (
        "one in another",
        "SERVICE <{url}> {{ ?x ?p ?y SERVICE <{url}> {{ ?a ?b ?c }} }}",
        "contains another SERVICE clause",
    ),
    ("labels", "SERVICE <{url}> {{ ?x ?p ?y SERVICE wikibase:label {{ }} }}", "contains another SERVICE clause"),
    ("an unknown prefix", "SERVICE wikidata:sparql {{ ?x ?p ?y }}", "a prefix that is not declared"),
    ("an escape", "SERVICE <{url}\\u002E> {{ ?x ?p ?y }}", "its address contains an escape"),
    ("too many", "SERVICE <{url}> {{ ?x ?p ?y }} " * 11, "at most 10 SERVICE clauses"),
]


@pytest.mark.parametrize(("pattern", "words"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_what_is_never_asked(client, theirs, pattern, words):
    theirs.asked.clear()
    answer = ask(client, f"SELECT * {{ {pattern.format(url=theirs.url)} }}")
    assert answer.status_code == 403 and answer.json["type"].endswith("/service")
    assert words in answer.json["detail"] and answer.json["hint"]
    assert theirs.asked == []


def test_a_clause_that_cannot_be_read_is_shown_in_its_own_place(client, theirs):
    answer = ask(client, f"SELECT * {{\nSERVICE <{theirs.url}> {{ ?x e:label e:p e:q }} }}")
    assert answer.status_code == 400 and answer.json["type"].endswith("/malformed-query")
    assert (answer.json["line"], answer.json["token"]) == (2, "e:q")


def test_a_part_of_ours_that_fails_is_a_problem_of_ours(client, theirs):
    theirs.asked.clear()
    answer = ask(client, f"SELECT * {{ ?x e:p ?y FILTR(?y) SERVICE <{theirs.url}> {{ ?x e:label ?l }} }}")
    assert answer.status_code == 400 and answer.json["token"] == "FILTR"
    assert theirs.asked == []


def test_only_a_service_that_is_silent_may_fail(client, theirs, rogue):
    rogue.behave = says(b"", "500 Internal Server Error")
    one, other = f"SERVICE <{theirs.url}> {{ ?x e:label ?l }}", f"SERVICE <{rogue.url}/open/> {{ ?x e:alias ?m }}"
    query = f"SELECT * {{ ?x e:p ?y {one} {other} }}"
    answer = ask(client, query.replace(f"SERVICE <{rogue.url}", f"SERVICE SILENT <{rogue.url}"))
    assert [row["x"]["value"] for row in answer.json["results"]["bindings"]] == ["http://e/a"]
    assert answer.headers["Hint"] == (
        f"The query to {rogue.url}/open/ failed; SERVICE SILENT continues without its results"
    )
    assert ask(client, query).status_code == 502


def test_rows_in_batches_that_do_not_fit_each_other(client, rogue, monkeypatch):
    monkeypatch.setattr(federation, "BATCH", 1)
    answers = [{"head": {"vars": names}, "results": {"bindings": []}} for names in (["x", "m"], ["m"])]
    rogue.behave = lambda connection, request: says(json.dumps(answers.pop(0)).encode())(connection, request)
    answer = ask(client, f"SELECT * {{ ?x e:p ?y SERVICE <{rogue.url}/open/> {{ ?x e:alias ?m }} }}")
    assert answer.status_code == 502 and "different columns for two parts" in answer.json["detail"]


def test_rows_of_all_batches_count(client, rogue, monkeypatch):
    monkeypatch.setattr(federation, "BATCH", 1)
    monkeypatch.setattr(federation, "MOST_ROWS", 3)
    rogue.behave = says(json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{}, {}]}}).encode())
    answer = ask(client, f"SELECT * {{ ?x e:p ?y SERVICE <{rogue.url}/open/> {{ ?x e:alias ?m }} }}")
    assert answer.status_code == 422


def test_as_much_as_is_taken_in_reaches_the_worker(client, rogue):
    text = "é" * (7 << 20)
    row = {"x": {"type": "uri", "value": "http://e/a"}, "m": {"type": "literal", "value": text}}
    rogue.behave = says(
        json.dumps({"head": {"vars": ["x", "m"]}, "results": {"bindings": [row]}}, ensure_ascii=False).encode()
    )
    query = f"SELECT (STRLEN(?m) AS ?n) {{ ?x e:p ?y SERVICE <{rogue.url}/open/> {{ ?x e:alias ?m }} }}"
    assert rows(client, query) == [str(len(text))]


def test_queries_that_wait_for_others_leave_room_for_the_rest(client, rogue):
    """Whoever comes when as many wait as may is told to come again; other queries go on."""
    waiting, go = threading.Semaphore(0), threading.Event()

    def behave(connection, request):
        waiting.release()
        go.wait(10)
        says(json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": []}}).encode())(connection, request)

    rogue.behave = behave
    query = f"SELECT * {{ SERVICE <{rogue.url}/open/> {{ ?x e:alias ?m }} }}"
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(client, query))) for _ in range(federation.AT_ONCE)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=5)
    late = ask(client, query)
    assert late.status_code == 503 and "waiting for remote services" in late.json["detail"]
    assert late.headers["Retry-After"] == "2"
    assert rows(client, "SELECT * { e:a e:p ?y }") == ["here"]
    go.set()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * federation.AT_ONCE


def test_the_description_says_that_it_federates(client):
    assert b"BasicFederatedQuery" in client.get("/sparql", headers={"Accept": "text/turtle"}).data
