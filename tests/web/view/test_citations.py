"""A citation has an address that works and is pinned to the release, and no text of a stranger breaks its formats."""

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import accumulate
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.view import responses
from kzus_graph.web.view.citations import Citation
from kzus_graph.web.view.corrections import contact

BROWSER = {"Accept": "text/html"}
BLOCK = re.compile(r'<h2>([\w-]+)</h2><pre tabindex="0"[^>]* aria-label="[^"]+">(.*?)</pre>', re.DOTALL)


@pytest.fixture(scope="module")
def releases(small_release: Path) -> Iterator[Releases]:
    found = Releases(Limits(workers=2), folder=small_release.parent)
    yield found
    found.close()


@pytest.fixture(scope="module")
def app(releases: Releases) -> Flask:
    return create_app(releases)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def cited(client: FlaskClient, address: str) -> dict[str, str]:
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 200
    return {name: unescape(text) for name, text in BLOCK.findall(answer.text)}


def address(client: FlaskClient, page: str) -> str:
    url: str = json.loads(cited(client, page)["CSL-JSON"])[0]["URL"]
    return url


def test_a_page_is_cited_in_three_formats(client: FlaskClient, small_release: Path) -> None:
    name = small_release.name
    found = cited(client, "/page/id/fred")
    assert list(found) == ["Text", "BibTeX", "CSL-JSON"]
    url = f"http://localhost/page/id/fred?release={name}"
    known = json.loads(found["CSL-JSON"])[0]
    assert (known["title"], known["version"], known["URL"], known["type"]) == ("Fred", name, url, "dataset")
    assert found["Text"].endswith(f"Fred. In: {known['container-title']}, release {name}. {url}")
    assert re.fullmatch(r"@misc\{[a-z0-9-]+,\n(?:  \w+ += \{[^\n]*\},?\n)+\}", found["BibTeX"])
    assert f"{{{url}}}" in found["BibTeX"]


@pytest.mark.parametrize(
    ("page", "pinned"),
    [
        ("/", "/?release="),
        ("/years", "/years?release="),
        ("/search?q=fred", "/search?q=fred&release="),
        ("/page/id/fred?lang=ru", "/page/id/fred?lang=ru&release="),
        ("/page/id/fred?release=", "/page/id/fred?release="),
        ("/query/visits", "/query/visits?release="),
    ],
)
def test_the_address_is_that_of_the_page_with_the_release(
    client: FlaskClient, small_release: Path, page: str, pinned: str
) -> None:
    url = address(client, page)
    assert url == f"http://localhost{pinned}{small_release.name}"
    assert client.get(url.removeprefix("http://localhost"), headers=BROWSER).status_code == 200


def test_pages_that_are_the_same_for_all_releases_need_none(client: FlaskClient) -> None:
    assert address(client, "/docs/") == "http://localhost/docs/"


def test_an_answer_is_cited_by_its_query(client: FlaskClient, small_release: Path) -> None:
    query = 'SELECT ?x { ?x ?p "a}{%25\\\\b"@en } # é'
    for answer in (
        client.get("/sparql?" + urlencode({"query": query, "format": "html"}), headers=BROWSER),
        client.post("/sparql", data={"query": query, "format": "html"}, headers=BROWSER),
        client.post("/sparql?format=html", data=query, content_type="application/sparql-query", headers=BROWSER),
    ):
        url = json.loads(unescape(dict(BLOCK.findall(answer.text))["CSL-JSON"]))[0]["URL"]
        said = parse_qs(urlsplit(url).query)
        assert said["query"] == [query] and url.endswith(f"&format=html&release={small_release.name}")
        assert answer.vary.as_set() >= {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}


def test_a_query_too_long_for_an_address_is_cited_by_the_release(client: FlaskClient, small_release: Path) -> None:
    text = f"ASK {{ }} # {'x' * 9000}"
    answer = client.post("/sparql", data={"query": text, "format": "html"}, headers=BROWSER)
    url = json.loads(unescape(dict(BLOCK.findall(answer.text))["CSL-JSON"]))[0]["URL"]
    assert url == f"http://localhost/?release={small_release.name}"


@pytest.mark.parametrize("asked", ['"><script>x</script>', "}%0a@book{x", "\\input{x}", "{}", "<b>", "%00", "é"])
def test_what_a_stranger_asks_breaks_no_format(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/search?q={asked if '%' in asked else quote(asked)}&{quote(asked)}=1", headers=BROWSER)
    blocks = dict(BLOCK.findall(answer.text))
    assert "<" not in "".join(blocks.values())
    url = json.loads(unescape(blocks["CSL-JSON"]))[0]["URL"]
    assert re.fullmatch(r"[!-~]+", url) and not set(url) & set('{}"<>\\')
    entry = unescape(blocks["BibTeX"])
    depths = list(accumulate({"{": 1, "}": -1}.get(char, 0) for char in entry))
    assert min(depths[:-1]) == 0 and depths[-1] == 0 and min(depths[entry.index("{") : -1]) == 1
    assert [line[:1] for line in entry.splitlines()] == ["@", *" " * (len(entry.splitlines()) - 2), "}"]


def test_titles_are_escaped_for_tex() -> None:
    made = Citation("A & B_{c} 5% $x$ \\d ~^", "Set", "Who & Who", "2026-11-30", "1.0.0", "https://a.example/")
    assert (
        r"A \& B\_\textbraceleft{}c\textbraceright{} 5\% \$x\$ \textbackslash{}d \textasciitilde{}\textasciicircum{}"
        in made.bibtex
    )
    assert r"{{Who \& Who}}" in made.bibtex
    assert made.text == ("Who & Who (2026). A & B_{c} 5% $x$ \\d ~^. In: Set, release 1.0.0. https://a.example/")
    assert Citation("Set", "Set", "Who", "", "1.0.0", "u").text == "Who. Set, release 1.0.0. u"


def test_a_copy_of_the_site_is_one_release(releases: Releases) -> None:
    app = create_app(releases)
    app.config[responses.STATIC] = True
    assert address(app.test_client(), "/page/id/fred") == "https://w3id.org/kzus/page/id/fred"
    app.config[responses.ADDRESS] = "https://a.example/kzus"
    assert address(app.test_client(), "/page/id/fred") == "https://a.example/kzus/page/id/fred"


def test_the_foot_of_each_page_has_what_the_operator_set(releases: Releases, client: FlaskClient) -> None:
    own = create_app(releases, contact=contact("errors@example.org"), source_code="https://example.org/kzus.git")
    for path in ("/", "/years", "/page/id/fred", "/docs/", "/sparql?query=ASK{}&format=html"):
        page, plain = own.test_client().get(path, headers=BROWSER).text, client.get(path, headers=BROWSER).text
        assert '<a href="https://example.org/kzus.git">Source code</a>' in page and "Source code</a>" not in plain
        assert page.count("mailto:errors@example.org?subject=") == 1 and "mailto:" not in plain
        for link in ("/changes", "/docs/changelog", "/docs/correcting"):
            assert f'href="{link}"' in plain
        assert f'<a href="/dumps/{releases.current.name}/"><strong>{releases.current.name}</strong></a>' in plain
    assert own.test_client().get("/nothing", headers=BROWSER).text.count("Cite this") == 0
