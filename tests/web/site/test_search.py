"""The search page, its facets and its suggestions: with the index of a release, and with one made for other data."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app


@pytest.fixture(scope="module", params=["release", "files"])
def client(request: pytest.FixtureRequest, small_release: Path) -> Iterator[FlaskClient]:
    """A site of the small release, and one of its dump, which has no index of its own."""
    files = [] if request.param == "release" else [next((small_release / "dumps").glob("*-all.nq"))]
    releases = Releases(Limits(workers=1), folder=None if files else small_release.parent, files=files)
    yield create_app(releases).test_client()
    releases.close()


def results(client: FlaskClient, **asked: str) -> list[str]:
    page = client.get("/search", query_string=asked).text
    return re.findall(r'<td data-label="Name"><a href="([^"]+)"', page)


def facets(client: FlaskClient, name: str, **asked: str) -> list[str]:
    page = client.get("/search", query_string=asked).text
    found = re.search(rf'<nav aria-label="{name}">(.*?)</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


def test_the_person_is_first_and_has_a_line(client: FlaskClient) -> None:
    assert results(client, q="fred")[0] == "/id/fred"
    assert results(client, q="fredd")[0] == "/id/fred"
    assert results(client, q="1901")[0] == "/years#y1901"
    page = client.get("/search?q=visit+of+fred").text
    assert re.search(r'<span class="muted small"><span>Fred</span>, <span>Streslau</span></span>', page)


def test_facets_count_and_lead_on(client: FlaskClient) -> None:
    kinds = facets(client, "Kinds", q="fred")
    assert kinds[0] == "All kinds" and kinds[1] == "Persons 1"
    events = next(kind for kind in kinds if kind.startswith("Events "))
    found = results(client, q="fred", kind="Event")
    assert len(found) == int(events.split()[1]) and "/id/fred" not in found
    # a single decade is no choice
    assert facets(client, "Decades", q="fred") == []
    assert facets(client, "Decades", q="fred", decade="1900")[0] == "All years"
    assert results(client, q="fred", decade="1900") and not results(client, q="fred", decade="1800")
    page = client.get("/search?q=fred&kind=Event").text
    assert re.search(r'<a class="chip" href="/search\?q=fred&amp;kind=Event" aria-current="true">Events \d+</a>', page)


@pytest.mark.parametrize("asked", ["kind=no%20kind", "decade=1995", "decade=x", "page=0", "page=x"])
def test_what_cannot_be_asked_is_refused(client: FlaskClient, asked: str) -> None:
    assert client.get(f"/search?q=fred&{asked}").status_code == 400


def test_suggestions_are_things_with_a_line_and_an_address(client: FlaskClient) -> None:
    answer = client.get("/search/suggestions?q=fre")
    assert answer.content_type == "application/json" and "Accept-Language" in answer.headers["Vary"]
    found = json.loads(answer.text)["suggestions"]
    assert 0 < len(found) <= 8
    assert found[0] == {
        "name": "Fred",
        "language": "",
        "also": "",
        "line": found[0]["line"],
        "href": "/id/fred",
        "iri": "https://w3id.org/kzus/id/fred",
    }
    assert found[0]["line"].startswith("Person")
    assert json.loads(client.get("/search/suggestions").text) == {"suggestions": []}
    assert json.loads(client.get("/search/suggestions?q=%20").text) == {"suggestions": []}


@pytest.mark.parametrize("text", ["%00", "%22", "%ED%A0%80", "a" * 5000, "%3Cscript%3E", "*", "NEAR(", "-@199"])
def test_hostile_text_is_an_answer(client: FlaskClient, text: str) -> None:
    for path in ("/search", "/search/suggestions"):
        answer = client.get(f"{path}?q={text}")
        assert answer.status_code == 200 and "<script>" not in answer.text


def test_suggestions_for_a_query_can_be_named_in_it(client: FlaskClient) -> None:
    every = [one["iri"] for one in client.get("/search/suggestions?q=visit").json["suggestions"]]
    named = [one["iri"] for one in client.get("/search/suggestions?q=visit&for=query").json["suggestions"]]
    assert named and not [iri for iri in named if "/query/" in iri or "/years#" in iri]
    assert set(every) - set(named) == {iri for iri in every if "/query/" in iri or "/years#" in iri}
