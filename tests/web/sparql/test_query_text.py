"""The text of built queries: terms and paths as SPARQL has them, and comments that stay comments."""

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.sparql import query_text
from kzus_graph.web.sparql.condition_table import ConditionPath

DIP = PREFIXES["dip"]
XSD = PREFIXES["xsd"]


def test_terms_remember_their_prefixes() -> None:
    terms = query_text.Terms()
    assert terms.iri(f"{DIP}Visit") == "dip:Visit"
    assert terms.iri("https://example.org/a") == "<https://example.org/a>"
    assert terms.term(ox.Literal('a"\n')) == '"a\\"\\n"'
    assert terms.term(ox.Literal("2010-01-01", datatype=ox.NamedNode(f"{XSD}date"))) == '"2010-01-01"^^xsd:date'
    assert terms.prefixes() == [("dip", DIP), ("xsd", XSD)]


def test_paths() -> None:
    terms = query_text.Terms()
    first = f"{DIP}attestedBy"
    assert terms.path(ConditionPath(forward=(first,)), query_text.LABEL) == "dip:attestedBy/rdfs:label"
    assert terms.path(ConditionPath(backward=(first,))) == "^dip:attestedBy"
    pair = ConditionPath(twofold=((first, f"{PREFIXES['oa']}hasSource"), (first, f"{PREFIXES['dcterms']}isPartOf")))
    assert terms.path(pair) == "dip:attestedBy/(oa:hasSource|dcterms:isPartOf)"


def test_a_comment_is_one_line() -> None:
    assert query_text.comment("a\r\nb\u2028c  d") == "a b c d"
