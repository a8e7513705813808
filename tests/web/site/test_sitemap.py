"""Addresses that people and programs try: problem types, closing slashes, robots.txt, the map of the site."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.application import create_app
from kzus_graph.web.site import problem_types
from kzus_graph.web.view import query_errors
from tests.conftest import ROOT

WEB = ROOT / "src" / "kzus_graph" / "web"
BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def test_each_type_of_problem_has_a_page_at_its_address(client: FlaskClient) -> None:
    code = "".join(path.read_text() for path in WEB.rglob("*.py"))
    raised = set(re.findall(r'Problem\(\s*[\w.]+,\s*"([a-z-]+)"', code))
    raised |= {kind for _, kind in query_errors.SERVICE_STATUS.values()}
    assert len(raised) > 20
    assert raised | {"method-not-allowed", "bad-request", "internal-server-error"} == set(problem_types.KINDS)
    for kind in raised:
        page = client.get(f"/problem/{kind}")
        assert page.status_code == 200 and problem_types.KINDS[kind].split("'")[0] in page.text
    told = client.get("/id/nobody", headers={"Accept": "application/json"}).get_json()["type"]
    assert client.get("/" + told.removeprefix(BASE)).status_code == 200
    assert client.get("/problem/nothing").status_code == 404


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/ontology/", "/ontology"), ("/page/id/fred/", "/page/id/fred"), ("/id/fred/", "/id/fred"),
        ("/topics//", "/topics"), ("/search/?q=a%20b", "/search?q=a%20b"), ("/query/", "/query"),
    ],
)  # fmt: skip
def test_a_closing_slash_leads_to_where_there_is_none(client: FlaskClient, asked: str, there: str) -> None:
    answer = client.get(asked, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (308, there)
    assert client.get(asked, headers=BROWSER, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "asked", ["//example.org/", "/\\example.org/", "///example.org//", "/%0d%0aX-Bad: 1/", "/%2f%2fe.org/"]
)
def test_a_closing_slash_never_leads_to_another_host(client: FlaskClient, asked: str) -> None:
    answer = client.get(asked, headers=BROWSER)
    target = answer.headers.get("Location", "/")
    assert re.match(r"/(?![/\\])", target) and not re.search(r"[\r\n]", target)
    assert "X-Bad" not in answer.headers


def test_where_a_slash_belongs_a_missing_thing_is_missing(client: FlaskClient) -> None:
    assert client.get("/dumps/9.9.9/").status_code == 404
    assert client.get("/dumps/").status_code == client.get("/docs/").status_code == 200


def test_the_map_of_the_site_lists_pages_that_are_there(client: FlaskClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain" and "Disallow: /sparql\n" in robots.text
    (address,) = re.findall(r"^Sitemap: (.*)$", robots.text, re.MULTILINE)
    assert address == "http://localhost/sitemap.xml"
    tree = ElementTree.fromstring(client.get("/sitemap.xml").data)
    addresses = [element.text or "" for element in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(addresses) > 20 and "http://localhost/page/id/fred" in addresses
    for page in addresses:
        answer = client.get(page.removeprefix("http://localhost"), headers=BROWSER, follow_redirects=True)
        assert answer.status_code == 200, page


def test_what_names_a_graph_can_be_had_as_trig(client: FlaskClient) -> None:
    answer = client.get("/source/gazette-1", headers={"Accept": "application/trig"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/data/source/gazette-1.trig")
    assert client.get("/id/fred", headers={"Accept": "application/trig"}).status_code == 406


def test_a_terminal_is_told_the_formats_in_words(client: FlaskClient) -> None:
    answer = client.get("/id/fred", headers={"Accept": "image/png", "User-Agent": "curl/8"})
    assert answer.status_code == 406 and answer.mimetype == "text/plain"
    assert "formats: turtle (text/turtle), html (text/html)" in answer.text and "{" not in answer.text
