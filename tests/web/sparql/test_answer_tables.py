"""Answers as tables: names in place of IRIs, headings in words, order, filter, bounds."""

from collections.abc import Iterator

import pytest
from flask import Flask, g

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.application import create_app
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import answer_tables
from kzus_graph.web.sparql.answer_tables import AnswerTable
from kzus_graph.web.sparql.parameters import Asked

DATA = """@prefix kzus: <https://w3id.org/kzus/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
kzus:a rdfs:label "Visit 10"@en ; kzus:n 2 ; kzus:day "2010-04-11"^^xsd:date ; kzus:with kzus:c .
kzus:b rdfs:label "Visit 9"@en ; kzus:n 10 ; kzus:day "1999-12-20"^^xsd:date .
kzus:c rdfs:label "=Cmd"@en .
"""
HEAD = "PREFIX kzus: <https://w3id.org/kzus/id/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
EVENTS = (
    f"{HEAD} SELECT ?event ?name ?numberOf ?day ?with {{ ?event rdfs:label ?name ; kzus:n ?numberOf ; kzus:day ?day "
    "OPTIONAL { ?event kzus:with ?with } } ORDER BY ?event"
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    path = tmp_path_factory.mktemp("data") / "data.ttl"
    path.write_text(DATA)
    releases = Releases(Limits(workers=1), files=[path])
    yield create_app(releases)
    releases.close()


def table(app: Flask, query: str, **headings: tuple[str, str]) -> AnswerTable:
    with app.test_request_context("/"):
        app.preprocess_request()
        found = answer_tables.answer(g.release, g.limits, Asked(query))
        return answer_tables.table(g.release, *found, headings)


def texts(table: AnswerTable) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in table.rows]


def test_a_column_of_names_is_left_out_beside_the_things_so_called(app: Flask) -> None:
    found = table(app, EVENTS, day=("On", "en"))
    assert [column.heading for column in found.columns] == ["Event", "Number of", "On", "With"]
    assert [column.is_number for column in found.columns] == [False, True, False, False]
    assert texts(found) == [["Visit 10", "2", "11 April 2010", "=Cmd"], ["Visit 9", "10", "20 December 1999", ""]]
    kept = table(app, EVENTS.replace("rdfs:label ?name", 'rdfs:label ?l BIND ("Visit" AS ?name) ?event rdfs:label ?l2'))
    assert [column.name for column in kept.columns] == ["event", "name", "numberOf", "day", "with"]


@pytest.mark.parametrize(
    ("by", "first"),
    [("event", "Visit 9"), ("-event", "Visit 10"), ("numberOf", "Visit 10"), ("-numberOf", "Visit 9"),
     ("day", "Visit 9"), ("with", "Visit 10"), ("-with", "Visit 10")],
)  # fmt: skip
def test_rows_are_sorted_by_number_day_or_name_and_empty_cells_come_last(app: Flask, by: str, first: str) -> None:
    found = table(app, EVENTS).sorted(by)
    assert (texts(found)[0][0], found.by) == (first, by)


def test_a_column_that_is_not_there_is_a_problem(app: Flask) -> None:
    with pytest.raises(Problem, match="must be the name of a column: event, numberOf, day, with"):
        table(app, EVENTS).sorted("nope")


def test_rows_are_found_by_all_words_in_whatever_case(app: Flask) -> None:
    found = table(app, EVENTS)
    assert texts(found.found("VISIT april"))[0][0] == "Visit 10" and len(found.found("VISIT april").rows) == 1
    assert found.found("").rows == found.rows and found.found("(.*").rows == ()


def test_a_yes_or_no_a_graph_and_no_rows_are_tables_too(app: Flask) -> None:
    assert table(app, "ASK { ?s ?p ?o }").verdict == "yes"
    assert table(app, 'SELECT ?answer { BIND ("not recorded" AS ?answer) }').verdict == "not recorded"
    assert table(app, 'SELECT ?answer { BIND ("<b>" AS ?answer) }').verdict == ""
    graph = table(app, f"{HEAD} CONSTRUCT {{ ?s rdfs:label ?o }} WHERE {{ ?s kzus:n 2 ; rdfs:label ?o }}")
    assert [column.name for column in graph.columns] == ["subject", "property"]
    assert texts(graph) == [["Visit 10", "name"]]
    assert table(app, "SELECT ?x { ?x a ?x }").rows == ()


def test_an_answer_is_kept_and_shared_with_the_endpoint(app: Flask) -> None:
    client = app.test_client()
    table(app, EVENTS)
    again = client.get("/sparql", query_string={"query": EVENTS, "format": "json"})
    assert "server-timing" not in again.headers, "no worker process was asked"


def test_what_is_too_long_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_tables, "MOST_BYTES", 100)
    with pytest.raises(Problem, match="too much for a page"):
        table(app, EVENTS + " LIMIT 2")
    monkeypatch.setattr(answer_tables, "MOST_ROWS", 1)
    monkeypatch.setattr(answer_tables, "MOST_BYTES", 10_000)
    cut = table(app, EVENTS + " LIMIT 2")
    assert (len(cut.rows), cut.more) == (1, True)


def test_other_endpoints_are_not_asked(app: Flask) -> None:
    with pytest.raises(Problem) as refused:
        table(app, "SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }")
    assert refused.value.kind == "service"


def test_numbers_are_finite(app: Flask) -> None:
    found = table(app, f'SELECT ?n {{ VALUES ?n {{ "NaN"^^<{PREFIXES["xsd"]}double> 2 1 }} }}').sorted("n")
    assert texts(found) == [["1"], ["2"], ["NaN"]]
