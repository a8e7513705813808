"""What a service says as SPARQL results JSON, and that none of it can break out of the block it is written into."""

import json

import pyoxigraph as ox
import pytest

from kzus_graph.engine import bindings

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def answer(*terms, names=("x",)):
    rows = [{"x": term} for term in terms]
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


def uri(value):
    return {"type": "uri", "value": value}


def literal(value, **more):
    return {"type": "literal", "value": value} | {name.replace("_", ":"): said for name, said in more.items()}


HARMLESS = [
    ("an IRI", uri("http://e/é?a=b#c"), ox.NamedNode("http://e/é?a=b#c")),
    ("quotes", literal('"""\' } } # ?x'), ox.Literal('"""\' } } # ?x')),
    ("line breaks", literal("a\n\r\tb\u2028\u0085"), ox.Literal("a\n\r\tb\u2028\u0085")),
    ("backslashes", literal('\\" } SERVICE <http://e/> { \\'), ox.Literal('\\" } SERVICE <http://e/> { \\')),
    ("escapes", literal("\\u0022 } \\U00000022"), ox.Literal("\\u0022 } \\U00000022")),
    ("control characters", literal("\x00\x07\x7f"), ox.Literal("\x00\x07\x7f")),
    ("beyond the plane", literal("\U0001f600"), ox.Literal("\U0001f600")),
    ("a language", literal("a", xml_lang="en-gb"), ox.Literal("a", language="en-gb")),
    (
        "a direction",
        literal("a", xml_lang="ar", its_dir="rtl"),
        ox.Literal("a", language="ar", direction=ox.BaseDirection.RTL),
    ),
    (
        "a date",
        literal("2010-04-11", datatype=XSD + "date"),
        ox.Literal("2010-04-11", datatype=ox.NamedNode(XSD + "date")),
    ),
    ("no date", literal('x" }', datatype=XSD + "date"), ox.Literal('x" }', datatype=ox.NamedNode(XSD + "date"))),
    ("the old word", {"type": "typed-literal", "value": "1", "datatype": XSD + "integer"}, ox.Literal(1)),
    (
        "a point",
        literal("Point(71 51)", datatype="http://e/wkt"),
        ox.Literal("Point(71 51)", datatype=ox.NamedNode("http://e/wkt")),
    ),
    ("five million letters", literal("é" * 5_000_000), ox.Literal("é" * 5_000_000)),
]


@pytest.mark.parametrize(("said", "term"), [case[1:] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_a_term_arrives_as_it_was_said(said, term):
    table = bindings.read(answer(said), {"x"}, 10, "0")
    assert table.rows == [(term,)]
    rows = list(ox.Store().query(f"SELECT * {{ {table.values()} }}"))
    assert [row["x"] for row in rows] == [term]


HARMFUL = [
    ("an IRI that closes", uri("http://e/> } INSERT { <http://e/"), "term: 'http://e/> }"),
    ("an IRI with a line break", uri("http://e/\nSERVICE"), "an invalid RDF term"),
    ("an IRI with a space", uri("http://e/ a"), "an invalid RDF term"),
    ("an IRI with an escape", uri("http://e/\\u003E"), "an invalid RDF term"),
    ("an IRI with a brace", uri("http://e/}"), "an invalid RDF term"),
    ("an IRI of nothing", uri(""), "an invalid RDF term"),
    ("an IRI of half a pair", uri("http://e/\ud800"), "an invalid RDF term"),
    ("a relative IRI", uri("../a"), "an invalid RDF term"),
    ("half a pair", literal("\ud800"), "an invalid RDF term"),
    ("a language that breaks out", literal("a", xml_lang="en } #"), "an invalid RDF term"),
    ("a language that is a list", literal("a", xml_lang=["en"]), "an invalid RDF term"),
    ("a datatype that breaks out", literal("a", datatype="http://e/> } #"), "an invalid RDF term"),
    ("a datatype of another kind", literal("a", datatype={}), "an invalid RDF term"),
    (
        "text in no language",
        literal("a", datatype="http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"),
        "must have a language tag",
    ),
    ("text in no direction", literal("a", datatype=RDF + "dirLangString"), "must have a language tag"),
    ("a direction without a language", literal("a", its_dir="rtl"), "ltr or rtl, and needs a language"),
    ("a direction that is none", literal("a", xml_lang="ar", its_dir="up } #"), "ltr or rtl, and needs a language"),
    ("a direction that is a list", literal("a", xml_lang="ar", its_dir=["rtl"]), "an invalid RDF term"),
    ("a number for text", literal(1), "type 'literal': that type is unknown"),
    ("a kind of its own", {"type": "graph", "value": "a"}, "type 'graph': that type is unknown"),
    ("a triple", {"type": "triple", "value": {"subject": uri("http://e/a")}}, "contains a triple term"),
    ("no kind", {"value": "a"}, "is not in the SPARQL"),
    ("no value", {"type": "uri"}, "is not in the SPARQL"),
    ("a string for a term", "http://e/a", "is not in the SPARQL"),
    ("a list for a term", ["uri"], "is not in the SPARQL"),
]


@pytest.mark.parametrize(("said", "words"), [case[1:] for case in HARMFUL], ids=[case[0] for case in HARMFUL])
def test_what_is_no_term_is_refused(said, words):
    with pytest.raises(ValueError, match=words):
        bindings.read(answer(said), {"x"}, 10, "0")


BROKEN = [
    (
        "nested deeply",
        b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + b'{"type":"triple","value":{"subject":' * 10**5,
        "too deeply",
    ),
    ("lists in lists", b"[" * 10**6, "too deeply"),
    ("not UTF-8", b'{"head": "\xe9"}', "broken JSON"),
    ("more than one", b"{} {}", "broken JSON"),
    ("null", b"null", "is not in the SPARQL"),
    ("no head", b'{"results": {"bindings": []}}', "is not in the SPARQL"),
    ("rows that are none", b'{"head": {"vars": ["x"]}, "results": {"bindings": 7}}', "is not in the SPARQL"),
    ("a row that is none", b'{"head": {"vars": ["x"]}, "results": {"bindings": [7]}}', "is not in the SPARQL"),
    ("names that are none", b'{"head": {"vars": [["x"]]}, "results": {"bindings": []}}', "is not in the SPARQL"),
    ("a number with a million digits", b'{"head": ' + b"9" * 10**6, "broken JSON"),
]


@pytest.mark.parametrize(("data", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_is_no_answer_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        bindings.read(data, {"x"}, 10, "0")


def test_only_what_was_asked_for_is_kept():
    names = ["secret", "x", "x", "x } #", "$x", ""]
    table = bindings.read(answer(literal("a"), names=names), {"x", "y"}, 10, "0")
    assert table == bindings.Bindings(("x",), [(ox.Literal("a"),)])


def test_what_has_no_value_stays_so():
    data = b'{"head": {"vars": ["x", "y"]}, "results": {"bindings": [{}, {"y": null}, {"z": 1}]}}'
    assert bindings.read(data, {"x", "y"}, 10, "0").rows == [(None, None)] * 3


def test_equal_blank_nodes_stay_equal_and_apart_from_those_of_others():
    blank = [{"type": "bnode", "value": value} for value in ("nodeID://b1", "a> }", "nodeID://b1")]
    one = [row[0].value for row in bindings.read(answer(*blank), {"x"}, 10, "0").rows]
    other = [row[0].value for row in bindings.read(answer(*blank), {"x"}, 10, "1").rows]
    assert one == ["urn:blank:0:0", "urn:blank:0:1", "urn:blank:0:0"]
    assert not set(one) & set(other)


def test_more_rows_than_are_taken_in():
    with pytest.raises(bindings.TooMany, match="more than 2 rows"):
        bindings.read(answer(*[literal("a")] * 3), {"x"}, 2, "0")


def test_a_table_without_columns_or_rows_is_still_one():
    store = ox.Store()
    assert len(list(store.query(f"SELECT * {{ {bindings.Bindings((), [(), ()]).values()} }}"))) == 2
    assert len(list(store.query(f"SELECT * {{ {bindings.Bindings(('a',), []).values()} }}"))) == 0


def test_columns_that_mean_the_same_everywhere():
    iri, text, number, named = ox.NamedNode("http://e/"), ox.Literal("a"), ox.Literal(1), ox.Literal("a", language="en")
    table = bindings.Bindings(
        ("i", "t", "n", "l", "u"), [(iri, text, number, named, None), (iri, text, number, named, iri)]
    )
    assert table.plain() == bindings.Bindings(("i", "t"), [(iri, text)])
