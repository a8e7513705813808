"""The pages of questions: the answer first, on the whole release; sorted, filtered and paged; as a spreadsheet."""

import csv
import html
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pandas
import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.queries import read_queries
from kzus_graph.web.application import create_app
from kzus_graph.web.sparql.examples import GROUPS
from tests.conftest import FIXTURES, ROOT

QUERIES = {query.name: query for query in read_queries(ROOT / "queries")}
BROWSER = {"Accept": "text/html"}
HOSTILE = '"><script>alert(1)</script>' + "x" * 900
# How many rows the questions that were written for one source have on the whole release.
ON_THE_WHOLE = {
    row["name"]: int(row["rows"])
    for row in csv.DictReader((FIXTURES / "answers-on-the-whole.csv").read_text("utf-8").splitlines())
}


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200 and answer.mimetype == "text/html", path
    return html.unescape(answer.text)


def cells(text: str) -> list[list[str]]:
    """The texts of the cells of the table on a page."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows
    ]


def expected_rows(name: str) -> int:
    if "source" in QUERIES[name].headers:
        return ON_THE_WHOLE[name]
    with (ROOT / "queries" / "expected" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1


def test_each_question_for_one_source_has_an_expectation_for_the_whole() -> None:
    assert set(ON_THE_WHOLE) == {name for name, query in QUERIES.items() if "source" in query.headers}


def test_each_question_has_a_page_with_its_answer(client: FlaskClient) -> None:
    for name, query in QUERIES.items():
        text = page(client, f"/query/{name}")
        assert f"<h1>{query.summary}</h1>" in text, name
        assert ('id="source"' in text) == ("source" in query.headers), name
        assert ('id="note"' in text) == ("note" in query.headers), name
        number = expected_rows(name)
        if 'class="verdict"' in text:
            assert number == 1
        else:
            assert f"{number} row" in text or (number > 100 and f"100 rows of {number}, from 1 on" in text), name
            assert bool(cells(text)) == bool(number), name


def test_a_question_about_one_fact_is_answered_large(client: FlaskClient) -> None:
    text = page(client, "/query/did-obama-visit-kazakhstan")
    assert '<p class="verdict"><strong>not recorded</strong></p>' in text and "<table" not in text
    assert "Not recorded never means that there was none." in text and "Spreadsheet" not in text


def test_the_order_is_note_answer_query_related_questions(client: FlaskClient) -> None:
    text = page(client, "/query/meetings-of-the-two-presidents")
    marks = [
        'id="note"',
        'class="card view"',
        "<table",
        "Spreadsheet (CSV)",
        "Show the query",
        "Change it",
        'id="related"',
    ]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert 'href="/query?example=meetings-of-the-two-presidents"' in text
    assert len(re.findall(r'<li><a href="/query/[\w-]+">', text)) == 6
    assert "days-between-meetings-of-the-presidents" in text[places[-1] :]


def test_a_question_named_in_a_note_is_linked_by_its_words(client: FlaskClient) -> None:
    text = page(client, "/query/bodies-of-states")
    link = f'<a href="/query/bodies-of-both-states">{QUERIES["bodies-of-both-states"].summary}</a>'
    assert f"Bodies that both states have together: {link}." in text


def test_rows_are_sorted_and_filtered_by_the_server(client: FlaskClient) -> None:
    first = cells(page(client, "/query/meetings-of-the-two-presidents"))
    last = cells(page(client, "/query/meetings-of-the-two-presidents?sort=-notBefore"))
    assert [row[0] for row in last] == [row[0] for row in reversed(first)]
    text = page(client, "/query/meetings-of-the-two-presidents?sort=-notBefore&find=obama+korea")
    assert [row[0] for row in cells(text)] == ["Meeting of Nazarbayev and Obama in Seoul, 2012"]
    assert "1 row with “obama korea”" in text and 'aria-sort="descending"' in text
    assert "meetings-of-the-two-presidents.csv?sort=-notBefore&find=obama+korea" in text
    text = page(client, "/query/meetings-of-the-two-presidents?sort=-notBefore&find=obama")
    assert "?sort=notBefore&find=obama" in text and "?sort=meeting&find=obama" in text
    assert "0 rows with “nobody”" in page(client, "/query/visits?find=nobody")
    assert client.get("/query/visits?sort=nope", headers=BROWSER).status_code == 400


def test_long_answers_are_in_pages(client: FlaskClient) -> None:
    name = "who-took-part-in-what"
    whole = expected_rows(name)
    pages = [cells(page(client, f"/query/{name}?page={number}")) for number in range(1, -(-whole // 100) + 1)]
    assert [len(rows) for rows in pages] == [100] * (whole // 100) + [whole % 100]
    text = page(client, f"/query/{name}?page=2&find=signatory&sort=event")
    assert "/query/who-took-part-in-what?sort=event&find=signatory&page=1" in text
    assert client.get(f"/query/{name}?page=0", headers=BROWSER).status_code == 400


def test_what_a_request_says_is_text_on_the_page(client: FlaskClient) -> None:
    answer = client.get(
        "/query/visits", query_string={"find": '"><script>alert(1)</script>' + "x" * 900}, headers=BROWSER
    )
    assert answer.status_code == 200 and "<script>alert" not in answer.text
    # the links to other languages and the citation have the address as it was asked for
    assert "x" * 201 not in answer.text.partition("<main")[2].partition("Cite this")[0]
    assert not re.search(r'<script(?! (type="module" )?src)|<style|\sstyle=|\son\w+=', answer.text)


def test_the_spreadsheet_has_the_rows_that_are_seen(client: FlaskClient) -> None:
    answer = client.get("/answers/meetings-of-the-two-presidents.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meetings-of-the-two-presidents-3.0.0.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    frame = pandas.read_csv(BytesIO(answer.data), encoding="utf-8-sig")
    assert list(frame.columns[:4]) == ["Meeting", "Meeting (IRI)", "For Kazakhstan", "For the United States"]
    assert list(frame["Meeting"]) == [row[0] for row in cells(page(client, "/query/meetings-of-the-two-presidents"))]
    assert frame["First day possible"][0] == "1999-12-20" and frame["In a third country"][1] == "yes"
    seen = client.get("/answers/meetings-of-the-two-presidents.csv?sort=-notBefore&find=trump")
    assert list(pandas.read_csv(BytesIO(seen.data))["First day possible"]) == ["2018-01-16", "2017-05-21"]


def test_any_answer_is_a_spreadsheet(client: FlaskClient) -> None:
    query = "SELECT ?office (COUNT(*) AS ?times) { ?s dip:inPosition ?office } GROUP BY ?office ORDER BY DESC(?times)"
    query = f"PREFIX dip: <https://w3id.org/kzus/ontology#> {query}"
    answer = client.get(f"/spreadsheet?{urlencode({'query': query})}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="answer-3.0.0.csv"'
    assert answer.data.decode("utf-8-sig").startswith("Office,Office (IRI),Times,Source\r\nPresident of ")
    shown = client.get("/sparql", query_string={"query": query, "format": "html"}, headers=BROWSER).text
    assert '<a class="button" href="/spreadsheet?query=PREFIX+dip' in shown and 'data-sortable="whole"' in shown
    for path, status in (
        ("/spreadsheet", 400),
        ("/spreadsheet?query=SELECT", 400),
        ("/spreadsheet?update=CLEAR+ALL", 403),
    ):
        assert client.get(path).status_code == status, path


def test_all_questions_are_listed_by_group_and_lead_to_their_answers(client: FlaskClient) -> None:
    text = page(client, "/questions")
    assert re.findall(r'<h2 id="group-\d+">(.*?)</h2>', text) == list(GROUPS)
    named = re.findall(r'<li><a href="/query/([\w-]+)">(.*?)</a>', text)
    assert {name: words for name, words in named if name in QUERIES} == {
        name: query.summary for name, query in QUERIES.items()
    }
    assert len(named) == len(QUERIES) + 9 and '<a href="/questions" aria-current="page">Questions</a>' in text


def test_a_question_that_asks_other_endpoints_says_so_and_is_not_asked(client: FlaskClient) -> None:
    text = page(client, "/query/wikidata-lives")
    assert "also uses query.wikidata.org, and this server does not send queries there" in text and "<table" not in text


def test_the_same_address_gives_the_query_as_data(client: FlaskClient) -> None:
    answer = client.get("/query/visits", headers={"Accept": "text/turtle"})
    assert answer.mimetype == "text/turtle" and "sh:select" in answer.text
    assert client.get("/query/no-such-question", headers=BROWSER).status_code == 404
