"""Compact JSON-LD: both parsers read the same triples from it as from N-Triples, whatever these are."""

import json

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from kzus_graph.rdf import json_ld
from kzus_graph.rdf.json_ld import BY_LANGUAGE, IRI, PLAIN, Context
from kzus_graph.rdf.prefixes import PREFIXES

DIP = PREFIXES["dip"]
DATE = PREFIXES["xsd"] + "date"
CONTEXT = Context(
    {
        "atPlace": (DIP + "atPlace", IRI),
        "begin": (DIP + "begin", DATE),
        "count": (DIP + "count", PLAIN),
        "label": (PREFIXES["rdfs"] + "label", BY_LANGUAGE),
    },
    {"Visit": DIP + "Visit"},
)
VISIT = "https://w3id.org/kzus/id/1901-visit"
BEFORE = f"<{VISIT}> <{DIP}"
CASES = {
    "usual": f'{BEFORE}atPlace> <https://w3id.org/kzus/id/streslau> . {BEFORE}begin> "1901-05-02"^^<{DATE}> .',
    "another kind of value": f'{BEFORE}atPlace> "Streslau" . {BEFORE}begin> "1901" . {BEFORE}count> <a:b> .',
    "numbers": f'{BEFORE}count> 5, -5, 05, 0, true, "1"^^<{PREFIXES["xsd"]}boolean>, 1.0, 1e0, 90071992547409930 .',
    "number as text": f'{BEFORE}count> "5", 5 . {BEFORE}other> "5", 5, "5"@en .',
    "languages": f'<{VISIT}> <{PREFIXES["rdfs"]}label> "a"@en, "b"@en, "c"@kk, "d"@en-GB, "plain" .',
    "types": f'<{VISIT}> a <{DIP}Visit>, <{DIP}Event>, <a:b>, _:x . <{VISIT}> a "no class" .',
    "a scheme that is a prefix": f"{BEFORE}atPlace> <geo:51.1,71.4>, <{PREFIXES['geo']}Point>, <dip:atPlace> .",
    "a property with the scheme of a prefix": f"{BEFORE}atPlace> <a:b> . <{VISIT}> <dip:atPlace> <a:c> .",
    "IRIs": f"{BEFORE}atPlace> <https://w3id.org/kzus/id//x>, <https://w3id.org/kzus/id/>, <urn:label>, <a:> .",
    "blank nodes": f"{BEFORE}atPlace> [ <{DIP}begin> 1 ; <a:b> ( 1 [] <{VISIT}> ) ] . [] <a:b> [] .",
    "texts": f'{BEFORE}other> "</script>", "\\u0000\\u2028\\"\\\\", "", "@id", "_:b", "kzus:a", ""@en .',
    "datatypes": f'{BEFORE}begin> "x"^^<a:b>, "{{}}"^^<{PREFIXES["rdf"]}JSON>, "1901-05-02"^^<{DATE}>, 1 .',
    "nothing": "",
}


def test_a_thing_is_one_object_with_short_names_and_what_it_uses_of_the_context() -> None:
    turtle = f"""<{VISIT}> a <{DIP}Visit>, <a:b> ; <{PREFIXES["rdfs"]}label> "Visit"@en, "Сапар"@kk ; <{DIP}count> 2 ;
        <{DIP}atPlace> <https://w3id.org/kzus/id/streslau>, <a:b> ; <{DIP}nameless> "x", <a:b> ."""
    triples = [quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)]
    assert json_ld.document(triples, CONTEXT) == {
        "@context": {
            "dip": DIP,
            "kzus": "https://w3id.org/kzus/id/",
            "rdfs": PREFIXES["rdfs"],
            "id": "@id",
            "type": "@type",
            "Visit": "dip:Visit",
            "atPlace": {"@id": "dip:atPlace", "@type": "@id"},
            "count": "dip:count",
            "label": {"@id": "rdfs:label", "@container": "@language"},
        },
        "id": "kzus:1901-visit",
        "type": ["Visit", "a:b"],
        "label": {"en": "Visit", "kk": "Сапар"},
        "count": 2,
        "atPlace": ["kzus:streslau", "a:b"],
        "dip:nameless": ["x", {"id": "a:b"}],
    }


@pytest.mark.parametrize("name", CASES)
def test_both_parsers_read_the_same_triples(name: str) -> None:
    triples = [quad.triple for quad in ox.parse(CASES[name], ox.RdfFormat.TURTLE)]
    assert bool(triples) == bool(CASES[name])
    text = json.dumps(json_ld.document(triples, CONTEXT))
    read = (ox.Dataset(ox.parse(text, ox.RdfFormat.JSON_LD)), ox.Dataset(ox.Quad(*parts(it)) for it in triples))
    for dataset in read:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read[0] == read[1]
    lines = "".join(f"{triple} .\n" for triple in triples)
    assert isomorphic(Graph().parse(data=text, format="json-ld"), Graph().parse(data=lines, format="nt"))


def parts(triple: ox.Triple) -> tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]:
    return triple.subject, triple.predicate, triple.object  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("value", "writable"),
    [('"a"', True), ('"a"@ar', True), ('"a"@ar--rtl', False), ("<<( <a:b> <a:b> <a:b> )>>", False)],
)
def test_what_is_new_in_rdf_12_is_left_to_the_other_writer(value: str, writable: bool) -> None:
    triples = [quad.triple for quad in ox.parse(f"<a:b> <a:b> {value} .", ox.RdfFormat.TURTLE)]
    assert json_ld.writable(triples) == writable


def test_the_whole_context_defines_each_name_and_has_all_prefixes() -> None:
    context = CONTEXT.document()["@context"]
    assert context.keys() == PREFIXES.keys() | {"id", "type", "atPlace", "begin", "count", "label", "Visit"}
    assert context["begin"] == {"@id": "dip:begin", "@type": "xsd:date"}
