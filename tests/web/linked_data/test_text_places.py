"""The page of a sentence leads to where its text stands, if a public address is recorded, and to nothing else."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.linked_data import text_places
from kzus_graph.web.linked_data.text_places import TextPlace

DATA = """
@prefix dip: <https://w3id.org/kzus/ontology#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix source: <https://w3id.org/kzus/source/> .
source:text rdfs:label "Text"@en ; rdfs:seeAlso ADDRESSES .
source:text-2.1 rdfs:label "Text, 2.1"@en ; oa:hasSource source:text ; oa:hasSelector source:text-2.1-selector ;
  dip:paragraph 2 ; dip:sentence 1 .
source:text-2.1-selector oa:start 23 ; oa:end 458 .
source:text-0.1 rdfs:label "Text, title"@en ; oa:hasSource source:text ; dip:paragraph 0 ; dip:sentence 1 .
"""
PLACE = "paragraph 2, sentence 1; characters 23 to 458"


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        ("<https://www.a.example/text>", [TextPlace("https://www.a.example/text", "a.example", PLACE)]),
        ("<urn:x>, <javascript:alert(1)>, <ftp://a.example/>", []),
    ],
)
def test_a_sentence_leads_to_its_text(tmp_path: Path, addresses: str, found: list[TextPlace]) -> None:
    file = tmp_path / "text.ttl"
    file.write_text(DATA.replace("ADDRESSES", addresses))
    releases = Releases(Limits(workers=1), files=[file])
    try:
        assert text_places.of(releases.current, NamedNode("https://w3id.org/kzus/source/text-2.1")) == found
        page = create_app(releases).test_client().get("/page/source/text-2.1").text
        shown = '<a class="external" href="https://www.a.example/text">a.example</a>' in page
        assert shown is bool(found) and ("Where the text stands" in page) is bool(found)
        if found:
            title = text_places.of(releases.current, NamedNode("https://w3id.org/kzus/source/text-0.1"))
            assert [place.place for place in title] == ["title"]
    finally:
        releases.close()
