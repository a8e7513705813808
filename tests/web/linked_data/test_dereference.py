"""From the IRI of a thing to its page or its data: by Accept, by suffix, with links, and honest errors."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.application import create_app

RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.mark.parametrize(
    ("accept", "leads_to"),
    [
        (BROWSER, "/page/id/ruritania"),
        ("text/html", "/page/id/ruritania"),
        ("", "/data/id/ruritania.ttl"),
        ("*/*", "/data/id/ruritania.ttl"),
        ("text/turtle", "/data/id/ruritania.ttl"),
        ("text/turtle;charset=utf-8", "/data/id/ruritania.ttl"),
        ("application/ld+json", "/data/id/ruritania.jsonld"),
        ("application/json", "/data/id/ruritania.jsonld"),
        ("application/rdf+xml", "/data/id/ruritania.rdf"),
        ("application/n-triples", "/data/id/ruritania.nt"),
        ("text/html;q=0.4, application/rdf+xml;q=0.7", "/data/id/ruritania.rdf"),
        # What a client refuses it does not get under another name.
        ("text/turtle;q=0, */*", "/page/id/ruritania"),
        ("text/turtle;q=0, application/x-turtle;q=0.9, application/ld+json;q=0.1", "/data/id/ruritania.jsonld"),
        ("application/x-turtle, application/ld+json;q=0.1", "/data/id/ruritania.ttl"),
    ],
)
def test_a_thing_leads_to_what_the_client_wants(client: FlaskClient, accept: str, leads_to: str) -> None:
    answer = client.get("/id/ruritania", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Location"]) == (303, leads_to)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf"])
def test_a_suffix_leads_to_that_form_whatever_is_accepted(client: FlaskClient, suffix: str) -> None:
    answer = client.get(f"/id/ruritania.{suffix}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/data/id/ruritania.{suffix}")


@pytest.mark.parametrize(
    "path", ["/ontology", "/ontology/3.0.0", "/ontology/alignment", "/shapes", "/dataset", "/graph/entities"]
)
def test_documents_lead_on_too(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": BROWSER}).headers["Location"] == f"/page{path}"
    assert client.get(path, headers={"Accept": "text/turtle"}).headers["Location"] == f"/data{path}.ttl"
    assert client.get(f"/page{path}").status_code == 200
    assert len(list(ox.parse(client.get(f"/data{path}.ttl").data, ox.RdfFormat.TURTLE))) > 0


def test_the_prefix_of_a_proxy_is_kept(client: FlaskClient) -> None:
    answer = client.get("/id/ruritania", headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": "/kzus"})
    assert answer.headers["Location"] == "/kzus/page/id/ruritania"
    page = client.get("/page/id/ruritania", environ_overrides={"SCRIPT_NAME": "/kzus"})
    assert 'href="/kzus/static/style.css"' in page.text
    assert 'href="/static' not in page.text
    assert "X-Forwarded-Prefix" in page.headers["Vary"]


def test_data_say_where_else_to_look(client: FlaskClient) -> None:
    links = client.get("/data/id/ruritania.ttl").headers.getlist("Link")
    assert '</page/id/ruritania>; rel="alternate"; type="text/html"' in links
    assert '</data/id/ruritania.rdf>; rel="alternate"; type="application/rdf+xml"' in links
    assert '<https://w3id.org/kzus/id/ruritania>; rel="canonical"' in links
    assert not [link for link in links if link.startswith("</data/id/ruritania.ttl>")]


def test_a_page_says_which_data_describe_it(client: FlaskClient) -> None:
    links = client.get("/page/id/ruritania").headers.getlist("Link")
    assert '</data/id/ruritania.ttl>; rel="describedby"; type="text/turtle"' in links
    assert '</data/id/ruritania.jsonld>; rel="alternate"; type="application/ld+json"' in links


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("ttl", "text/turtle; charset=utf-8"),
        ("nt", "application/n-triples"),
        ("jsonld", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
    ],
)
def test_the_forms_of_a_document_say_the_same(client: FlaskClient, suffix: str, media_type: str) -> None:
    form = ox.RdfFormat.from_extension(suffix)
    assert form is not None
    answer = client.get(f"/data/id/ruritania.{suffix}")
    described = client.get("/sparql?query=DESCRIBE <https://w3id.org/kzus/id/ruritania>&format=nt")
    expected = {quad.triple for quad in ox.parse(described.data, ox.RdfFormat.N_TRIPLES)}
    assert answer.content_type == media_type
    assert len(expected) > 3
    assert {quad.triple for quad in ox.parse(answer.data, form)} == expected
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "path", ["id/ruritania", "source/gazette-1", "note/disagreement-visit-dates", "ontology", "shapes", "dataset"]
)
def test_a_document_begins_with_what_it_is_about(client: FlaskClient, path: str) -> None:
    iri = f"https://w3id.org/kzus/{path}"
    turtle = [quad.triple for quad in ox.parse(client.get(f"/data/{path}.ttl").data, ox.RdfFormat.TURTLE)]
    assert (turtle[0].subject, turtle[0].predicate) == (ox.NamedNode(iri), RDF_TYPE)
    document = json.loads(client.get(f"/data/{path}.jsonld").data)
    first = document.get("@graph", [document])[0]
    prefix, _, name = first["id"].partition(":")
    assert iri in (first["id"], document["@context"].get(prefix, "") + name)


def test_json_ld_of_a_thing_has_short_names(client: FlaskClient) -> None:
    document = json.loads(client.get("/data/id/ruritania.jsonld").data)
    assert (document["id"], document["label"]) == ("kzus:ruritania", {"en": "Ruritania"})
    assert "State" in document["type"]
    assert document["@context"]["State"] == "dip:State"


def test_documents_use_a_part_of_the_served_context(client: FlaskClient) -> None:
    answer = client.get("/context.jsonld")
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("application/ld+json", "public, no-cache")
    assert answer.headers["ETag"].startswith('"')
    whole = json.loads(answer.data)["@context"]
    for path in ("id/ruritania", "id/1901-fred-streslau-visit", "ontology", "dataset", "graph/entities"):
        context = json.loads(client.get(f"/data/{path}.jsonld").data)["@context"]
        assert len(context) > 5
        assert context == {name: whole[name] for name in context}
    names = {name for name in whole if isinstance(whole[name], dict) or not whole[name].endswith(("/", "#"))}
    assert {"atPlace", "label", "Visit", "id"} <= names
    assert names.isdisjoint(PREFIXES)


@pytest.mark.parametrize("path", ["ontology", "shapes", "dataset", "graph/entities", "id/1901-fred-streslau-visit"])
def test_both_parsers_read_the_same_from_json_ld(client: FlaskClient, path: str) -> None:
    lines, compact = (client.get(f"/data/{path}.{suffix}").data for suffix in ("nt", "jsonld"))
    read = (ox.Dataset(ox.parse(lines, ox.RdfFormat.N_TRIPLES)), ox.Dataset(ox.parse(compact, ox.RdfFormat.JSON_LD)))
    for dataset in read:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read[0] == read[1]
    assert isomorphic(Graph().parse(data=lines, format="nt"), Graph().parse(data=compact, format="json-ld"))


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/ruritania", "/id/ruritania"),
        ("/Ruritania?lang=ru", "/id/ruritania?lang=ru"),
        ("/id/Ruritania", "/id/ruritania"),
        ("/id/Ruritania.jsonld", "/id/ruritania.jsonld"),
        ("/page/ruritania", "/page/id/ruritania"),
        ("/page/id/1901_Fred%20Streslau_visit", "/page/id/1901-fred-streslau-visit"),
        ("/data/Ruritania.nt", "/data/id/ruritania.nt"),
        ("/id/diplomacy", "/topic/diplomacy"),
        ("/note/RURITANIA", "/id/ruritania"),
    ],
)
def test_an_address_in_another_spelling_leads_on(client: FlaskClient, path: str, leads_to: str) -> None:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


@pytest.mark.parametrize(
    "path",
    ["/nobody", "/id/nobody", "/page/nobody", "/x/ruritania", "/data/nobody.ttl", "/%0d%0aruritania", "/" + "a" * 999],
)
def test_what_no_spelling_has_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/ruritania", "/%2F%2Fevil.example", "/page/%2F%2Fevil.example"]
)
def test_no_address_leads_to_another_host(client: FlaskClient, path: str) -> None:
    leads_to = client.get(path).headers.get("Location", "/")
    assert leads_to.startswith("/")
    assert not leads_to.startswith(("//", "/\\"))


def test_what_is_written_almost_like_a_thing_is_answered_with_that_thing(client: FlaskClient) -> None:
    answer = client.get("/id/ruritannia", headers={"Accept": "application/json"})
    problem = json.loads(answer.data)
    assert (answer.status_code, problem["hint"]) == (404, "Did you mean one of these?")
    assert problem["similar"] == ["https://w3id.org/kzus/id/ruritania"]
    page = client.get("/page/id/ruritannia", headers={"Accept": BROWSER})
    assert '<li><a href="/id/ruritania">kzus:ruritania</a></li>' in page.text


def test_turtle_names_only_the_prefixes_that_it_needs(client: FlaskClient) -> None:
    text = client.get("/data/id/ruritania.ttl").text
    assert "@prefix dip:" in text
    assert "@prefix spdx:" not in text


def test_what_a_source_says_comes_as_trig(client: FlaskClient) -> None:
    segment = ox.NamedNode("https://w3id.org/kzus/source/gazette-1")
    quads = list(ox.parse(client.get("/data/source/gazette-1.trig").data, ox.RdfFormat.TRIG))
    assert {quad.graph_name for quad in quads} == {segment}
    assert segment not in {quad.subject for quad in quads}


@pytest.mark.parametrize("path", ["/id/nobody", "/page/id/nobody", "/data/id/nobody.ttl", "/id/a%3E%20b", "/note/none"])
def test_what_is_unknown_is_a_404_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert json.loads(answer.data)["status"] == 404


def test_a_form_that_does_not_exist_is_a_406_that_lists_those_that_do(client: FlaskClient) -> None:
    answer = client.get("/id/ruritania", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert json.loads(answer.data)["formats"]["turtle"] == "text/turtle"


@pytest.mark.parametrize("path", ["/data/id/ruritania", "/data/id/ruritania.html", "/data/id/ruritania.trig"])
def test_data_without_a_form_of_data_are_a_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_was_withdrawn_is_a_410_that_names_its_successor(tmp_path: Path) -> None:
    file = tmp_path / "withdrawn.ttl"
    file.write_text(
        "<https://w3id.org/kzus/id/old> <http://www.w3.org/2002/07/owl#deprecated> true ;"
        " <http://purl.org/dc/terms/isReplacedBy> <https://w3id.org/kzus/id/new> ."
        "<https://w3id.org/kzus/id/older> <http://www.w3.org/2002/07/owl#deprecated> true ."
    )
    releases = Releases(Limits(workers=1), files=[file])
    client = create_app(releases).test_client()
    with_successor, without = client.get("/id/old"), client.get("/page/id/older")
    releases.close()
    assert (with_successor.status_code, without.status_code) == (410, 410)
    assert json.loads(with_successor.data)["successor"] == "https://w3id.org/kzus/id/new"
    assert "successor" not in json.loads(without.data)


def test_a_thing_that_is_only_mentioned_has_a_page(tmp_path: Path) -> None:
    file = tmp_path / "mention.ttl"
    base = "https://w3id.org/kzus/"
    file.write_text(f"<{base}id/a> <{base}ontology#atPlace> <{base}id/b> .")
    releases = Releases(Limits(workers=1), files=[file])
    client = create_app(releases).test_client()
    page, data = client.get("/page/id/b"), client.get("/data/id/b.nt")
    releases.close()
    assert (page.status_code, data.status_code, data.data) == (200, 200, b"")
    assert 'href="/id/a"' in page.text
