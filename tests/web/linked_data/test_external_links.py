"""Links that lead away from a thing: by data set, with the name there, how it is meant, and why it holds."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links import linksets
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.application import create_app
from tests.conftest import ROOT

LINK = re.compile(r'<(?:dd|li)><a class="external" href="([^"]+)">([^<]+)</a> <span[^>]*>(.*?)</span>')


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def card(client: FlaskClient, path: str) -> str:
    found = re.search(r'<section[^>]* id="elsewhere">(.*?)</section>', client.get(f"/page/{path}").text, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_links_stand_by_data_set_the_closest_first(client: FlaskClient) -> None:
    text = card(client, "topic/investment")
    assert re.findall(r"<dt>([^<]+)</dt>", text) == ["EuroVoc", "DBpedia", "Library of Congress Subject Headings"]
    assert [(name, re.sub(r" · .*", "", how)) for _, name, how in LINK.findall(text)] == [
        ("investment (1488)", "same as"),
        ("foreign investment (1492)", "broader than"),
        ("Foreign direct investment", "broader than"),
        ("Investments, Foreign (sh85067736)", "broader than"),
    ]


def test_pages_are_apart_from_names_in_other_data_sets(client: FlaskClient) -> None:
    sets, _, pages = card(client, "id/barack-obama").partition("<h3>Pages about it</h3>")
    assert [(address, name) for address, name, _ in LINK.findall(sets)] == [
        ("http://dbpedia.org/resource/Barack_Obama", "Barack Obama"),
        ("http://www.wikidata.org/entity/Q76", "Q76"),
    ]
    assert [(address, name) for address, name, _ in LINK.findall(pages)] == [
        ("https://bioguide.congress.gov/search/bio/O000167", "bioguide.congress.gov")
    ]


def test_each_link_of_the_tables_is_shown_with_the_row_that_says_why(client: FlaskClient) -> None:
    tables = [table for table in linksets.tables(ROOT) if table.parent.name == "links"]
    mappings = [mapping for table in tables for mapping in linksets.read(table)]
    assert len(mappings) > 180
    cards = {subject: card(client, subject.removeprefix(BASE)) for subject in {mapping.subject for mapping in mappings}}
    shown = {
        (subject, address, re.search(r'href="/([^"]+)"', how)[1])  # type: ignore[index]
        for subject, text in cards.items()
        for address, _, how in LINK.findall(text)
        if "href" in how
    }
    assert shown == {(one.subject, str(one.object), one.name.removeprefix(BASE)) for one in mappings}


def test_the_row_says_where_a_link_was_read(client: FlaskClient) -> None:
    page = client.get("/page/source/links-wikidata--barack-obama--skos-exactMatch--wd-Q76").text
    assert "unitedstates/congress-legislators" in page and 'href="/id/barack-obama"' in page


def test_what_has_no_link_has_no_card_and_no_raw_list_instead(client: FlaskClient) -> None:
    assert card(client, "id/2010-clinton-astana-visit") == ""
    assert card(client, "shapes#S11") == "" == card(client, "dataset/1.0.0")


def test_who_says_a_link_is_named_and_not_only_pointed_at(client: FlaskClient) -> None:
    page = client.get("/page/id/barack-obama").text
    assert '<a href="/graph/links-wikidata">Links to Wikidata</a>' in page and ">graph:links-" not in page
