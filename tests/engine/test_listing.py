"""Rows as a page: escaped, labelled, linked to this site."""

import pyoxigraph as ox
import pytest

from kzus_graph.engine.listing import Frame, StoreLabels, html
from kzus_graph.rdf.prefixes import BASE

DATA = f"""
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<{BASE}id/a> rdfs:label "Ah"@kk, "A & B"@en .
<{BASE}topic/t> skos:prefLabel "T"@de .
GRAPH <http://e/g> {{ <{BASE}id/hidden> rdfs:label "Hidden" }}
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TRIG)
    return store


PLAIN = Frame("<", "empty", ">", "/")


def made(store: ox.Store, query: str, frame: Frame = PLAIN) -> str:
    results = store.query(query)
    assert isinstance(results, ox.QuerySolutions | ox.QueryBoolean)
    return "".join(html(results, StoreLabels(store), frame))


def test_everything_is_escaped(store: ox.Store) -> None:
    page = made(store, "SELECT ('<b>&' AS ?x) (<http://e/?a=&b> AS ?y) ('é'@fr AS ?z) (1 AS ?n) ?none {}")
    assert "<td>&lt;b&gt;&amp;</td>" in page
    assert '<a href="http://e/?a=&amp;b" title="http://e/?a=&amp;b">http://e/?a=&amp;b</a>' in page
    assert "é <small>fr</small>" in page
    assert "1 <small>integer</small>" in page
    assert "<td></td>" in page
    assert "<p>1 row</p>" in page


@pytest.mark.parametrize("iri", ["javascript:alert(1)", f"{BASE}/example.org/", "urn:x"])
def test_links_lead_to_the_web_and_never_past_our_host(store: ox.Store, iri: str) -> None:
    page = made(store, f"SELECT (<{iri}> AS ?x) {{}}")
    assert ("<a " in page) == iri.startswith("http") and 'href="//' not in page


def test_our_things_have_their_label_and_lead_to_their_page(store: ox.Store) -> None:
    frame = Frame("<", "", ">", "/below/")
    page = made(store, f"SELECT * {{ VALUES ?x {{ <{BASE}id/a> <{BASE}topic/t> <{BASE}id/hidden> }} }}", frame)
    assert f'<td><a href="/below/id/a" title="{BASE}id/a">A &amp; B</a> <small class="iri">kzus:a</small></td>' in page
    assert f'<td><a href="/below/topic/t" title="{BASE}topic/t">T</a> <small class="iri">topic:t</small></td>' in page
    assert f'<td><a href="/below/id/hidden" title="{BASE}id/hidden">kzus:hidden</a></td>' in page


@pytest.mark.parametrize(
    ("query", "said", "empty"),
    [
        ("ASK {}", "<strong>true</strong>", False),
        ("ASK { ?s ?s ?s }", "<strong>false</strong>", True),
        ("SELECT * { ?s ?s ?s }", "<p>0 rows</p>", True),
        ("SELECT * { ?s ?p ?o }", "<p>3 rows</p>", False),
    ],
)
def test_what_is_said_of_nothing_stands_only_there(store: ox.Store, query: str, said: str, empty: bool) -> None:
    page = made(store, query)
    assert said in page and page.startswith("<") and page.endswith("empty>" if empty else "\n>")


def test_triple_terms_and_directions_are_shown_with_their_parts(store: ox.Store) -> None:
    page = made(
        store,
        f"""SELECT * {{ VALUES ?x {{
      <<( <{BASE}id/a> <urn:p> <<( <urn:a> <urn:b> "<i>"@ar--rtl )>> )>> "x<b>"@he--rtl "y"@en--ltr }} }}""",
    )
    link = f'<a href="/id/a" title="{BASE}id/a">A &amp; B</a> <small class="iri">kzus:a</small>'
    nested = "&lt;&lt;( &lt;urn:a&gt; &lt;urn:b&gt; &quot;&lt;i&gt;&quot;@ar--rtl )&gt;&gt;"
    assert f"<td>&lt;&lt;( {link} urn:p {nested} )&gt;&gt;</td>" in page
    assert '<td><bdi lang="he" dir="rtl">x&lt;b&gt;</bdi> <small>he--rtl</small></td>' in page
    assert '<td><bdi lang="en" dir="ltr">y</bdi> <small>en--ltr</small></td>' in page


WORDS = "a\0b\x1bc\rd\te\ufffe"


def test_letters_that_a_page_cannot_hold_are_named(store: ox.Store) -> None:
    page = made(store, f"SELECT ({ox.Literal(WORDS)} AS ?x) {{}}")
    named = "a<small>U+0000</small>b<small>U+001B</small>c<small>U+000D</small>d\te<small>U+FFFE</small>"
    assert f"<td>{named}</td>" in page


def test_a_triple_in_a_triple_may_be_nested_deeply(store: ox.Store) -> None:
    term = ox.Triple(*[ox.NamedNode("urn:a")] * 3)
    for _ in range(300):
        term = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:a"), term)
    other = ox.Store()
    other.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:a"), term))
    assert made(other, "SELECT ?o { ?s ?p ?o }").count("&lt;&lt;(") == 301
