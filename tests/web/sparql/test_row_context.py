"""Spreadsheets have places and sources of what each row is about, unless the answer has them."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app

PREFIX = "PREFIX dip: <https://w3id.org/kzus/ontology#> PREFIX kzus: <https://w3id.org/kzus/id/>"


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def sheet(client: FlaskClient, query: str, **more: str) -> list[dict[str, str]]:
    answer = client.get("/spreadsheet?" + urlencode({"query": f"{PREFIX} {query}", **more}))
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_each_row_has_its_place_and_who_says_so(client: FlaskClient) -> None:
    (row,) = sheet(client, "SELECT ?event { VALUES ?event { kzus:2010-nazarbayev-us-official-visit } }")
    assert list(row) == ["Event", "Event (IRI)", "Place", "Source"]
    assert row["Place"] == "Washington"
    assert "Visit 2099 in the US list: Nazarbayev, April 2010" in row["Source"].split("; ")


def test_of_many_sources_ten_are_named_and_the_rest_is_counted(client: FlaskClient) -> None:
    (row,) = sheet(client, "SELECT ?office { VALUES ?office { kzus:president-kazakhstan } }")
    *named, rest = row["Source"].split("; ")
    assert len(named) == 10 and int(rest.removeprefix("+")) > 30


def test_a_place_that_follows_from_the_whole_counts_where_none_is_stated(client: FlaskClient) -> None:
    (row,) = sheet(client, "SELECT ?event { VALUES ?event { kzus:2010-nazarbayev-chu-meeting } }")
    assert "Washington" in row["Place"]


def test_what_the_answer_has_is_not_added(client: FlaskClient) -> None:
    rows = sheet(
        client,
        "SELECT ?event ?place ?record { ?event a dip:Meeting ; dip:atPlace ?place ; dip:attestedBy ?record } LIMIT 3",
    )
    assert list(rows[0]) == ["Event", "Event (IRI)", "Place", "Place (IRI)", "Record", "Record (IRI)"]


def test_things_without_either_and_things_of_others_get_no_columns(client: FlaskClient) -> None:
    assert list(sheet(client, "SELECT ?class { VALUES ?class { dip:Visit <https://example.org/x> } }")[0]) == [
        "Class",
        "Class (IRI)",
    ]
    assert list(sheet(client, "SELECT (COUNT(*) AS ?number) { ?event a dip:Visit }")[0]) == ["Number"]


def test_headings_and_names_are_in_the_language_of_the_page(client: FlaskClient) -> None:
    (row,) = sheet(client, "SELECT ?event { VALUES ?event { kzus:2010-nazarbayev-us-official-visit } }", lang="ru")
    assert list(row)[2:] == ["Место", "Источник"] and row["Место"] == "Вашингтон"


def test_a_thousand_things_are_asked_for_in_parts(client: FlaskClient) -> None:
    rows = sheet(client, "SELECT ?thing { ?thing dip:attestedBy [] } GROUP BY ?thing ORDER BY ?thing LIMIT 1200")
    assert len(rows) == 1200 and all(row["Source"] for row in rows)
