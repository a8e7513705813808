"""Pages of the real release in words: no raw names, numbers in order, counts that say what they count."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.view import page_queries


@pytest.fixture(scope="module")
def releases(real_release: Path) -> Iterator[Releases]:
    running = Releases(Limits(workers=2), folder=real_release.parent)
    yield running
    running.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    return create_app(releases).test_client()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_no_line_of_facts_is_headed_by_a_prefixed_name_with_a_capital(exported: Path) -> None:
    raw = {}
    pages = sorted((exported / "page").rglob("index.html"))
    assert len(pages) > 1000
    for path in pages:
        page = path.read_text("utf-8")
        for attributes, heading in re.findall(r"<dt([^>]*)>(.*?)</dt>", page, re.DOTALL):
            if re.match(r"[a-z]+:\w", words(heading)) and "exact" not in attributes:
                raw[words(heading)] = path
    assert not raw


def test_the_data_set_says_first_what_people_ask_of_it(client: FlaskClient) -> None:
    page = client.get("/page/dataset").text
    headings = [words(heading) for heading in re.findall(r"<dt[^>]*>(.*?)</dt>", page, re.DOTALL)]
    assert headings[:10] == [
        "name", "kind", "title", "description", "license", "creator", "publisher", "version", "issued", "modified"
    ]  # fmt: skip
    facts = page.partition('id="facts"')[2].partition("</section>")[0]
    shown = re.sub(r"<details[^>]*>.*?</details>", "", facts, flags=re.DOTALL)
    assert len(facts) > 5 * len(shown)


def test_sentences_stand_in_their_order(client: FlaskClient) -> None:
    page = client.get("/page/source/political-cooperation").text
    linked = page.partition('id="linked"')[2].partition("</section>")[0]
    found = [tuple(map(int, pair)) for pair in re.findall(r"paragraph (\d+), sentence (\d+)<", linked)]
    assert len(found) > 35 and found == sorted(found) and max(found)[0] > 10


def test_counts_of_topics_say_what_they_count(client: FlaskClient, releases: Releases) -> None:
    topics = {row["label"].value: row for row in page_queries.rows(releases.current, "topics")}
    events = {row["label"].value: row for row in page_queries.rows(releases.current, "home-topics", most=100)}
    assert any(topics[name]["things"].value != events[name]["number"].value for name in events)
    assert "the number of events about each" in client.get("/").text
    assert "about the topic or a narrower topic; the home page counts only events" in client.get("/topics").text


def test_the_alignment_has_a_page_of_its_own(client: FlaskClient) -> None:
    page = client.get("/page/ontology/alignment")
    assert page.status_code == 200 and "<h1>Diplomatic Record Ontology: alignment</h1>" in page.text
    rows = [words(row) for row in re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL)]
    assert "Event a kind of schema:Event" in rows and len(rows) > 50
    assert "Event a kind of schema:Event" in words(client.get("/page/ontology/alignment/3.0.0").text)
    assert 'href="/ontology/alignment"' in client.get("/page/ontology").text


def test_the_table_of_mappings_is_not_the_ontology(client: FlaskClient) -> None:
    page = client.get("/page/ontology/mappings").text
    assert "<h1>ontology/mappings</h1>" in page and 'id="Visit"' not in page
