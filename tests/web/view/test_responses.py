"""What each page has in its head, and says by Open Graph to those who show a link to it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app

PROPERTY = re.compile(r'<meta property="(og:[a-z:_]+)" content="([^"]*)">')
PAGES = (
    "/", "/years", "/topics", "/sources", "/search", "/search?q=fred", "/query", "/query/visits", "/dumps/", "/changes",
    "/docs/", "/docs/tutorial", "/prefixes", "/conformance", "/lookup", "/problem/", "/page/id/fred", "/page/ontology",
    "/page/shapes", "/page/ontology/alignment", "/page/dataset", "/page/source/gazette-1",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def said(client: FlaskClient, path: str) -> dict[str, str]:
    """The Open Graph properties of a page, each once."""
    found = PROPERTY.findall(client.get(path, headers={"Accept": "text/html"}).text)
    assert len(found) == len(dict(found))
    return {name: unescape(content) for name, content in found}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_title_description_kind_address_and_a_picture(client: FlaskClient, path: str) -> None:
    properties = said(client, path)
    assert properties["og:url"] == "http://localhost" + path.partition("?")[0]
    assert properties["og:type"] in ("website", "article")
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert f"<title>{properties['og:title']}</title>" in unescape(page)
    assert page.count('<meta name="description"') == 1
    assert 10 < len(properties["og:description"]) < 1000
    assert "<" not in properties["og:description"]
    with client.get(properties["og:image"].removeprefix("http://localhost")) as picture:
        assert (picture.content_type, picture.data[:4]) == ("image/png", b"\x89PNG")


def test_the_page_of_a_thing_says_what_it_is(client: FlaskClient) -> None:
    properties = said(client, "/page/id/1901-fred-streslau-visit")
    assert properties["og:type"] == "article"
    assert properties["og:description"].endswith("2–5 May 1901, stated to the day)")


def test_the_address_is_that_of_the_proxy(client: FlaskClient) -> None:
    answer = client.get("/topics", base_url="https://graph.example/kzus")
    assert '<meta property="og:url" content="https://graph.example/kzus/topics">' in answer.text
    assert "Host" in answer.headers["Vary"]


def test_what_a_client_writes_in_the_address_stays_an_address(client: FlaskClient) -> None:
    answer = client.get('/page/id/"><script>', headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert '<meta property="og:url" content="http://localhost/page/id/%22%3E%3Cscript%3E">' in answer.text
