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
    ("an IRI that closes", uri("http://e/> } INSERT { <http://e/"), "none: 'http://e/> }"),
    ("an IRI with a line break", uri("http://e/\nSERVICE"), "a term that is none"),
    ("an IRI with a space", uri("http://e/ a"), "a term that is none"),
    ("an IRI with an escape", uri("http://e/\\u003E"), "a term that is none"),
    ("an IRI with a brace", uri("http://e/}"), "a term that is none"),
    ("an IRI of nothing", uri(""), "a term that is none"),
    ("an IRI of half a pair", uri("http://e/\ud800"), "a term that is none"),
    ("a relative IRI", uri("../a"), "a term that is none"),
    ("half a pair", literal("\ud800"), "a term that is none"),
    ("a language that breaks out", literal("a", xml_lang="en } #"), "a term that is none"),
    ("a language that is a list", literal("a", xml_lang=["en"]), "a term that is none"),
    ("a datatype that breaks out", literal("a", datatype="http://e/> } #"), "a term that is none"),
    ("a datatype of another kind", literal("a", datatype={}), "a term that is none"),
    (
        "text in no language",
        literal("a", datatype="http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"),
        "empty language tag",
    ),
    ("text in no direction", literal("a", datatype=RDF + "dirLangString"), "empty language tag"),
    ("a direction without a language", literal("a", its_dir="rtl"), "ltr or rtl, and beside a language"),
    ("a direction that is none", literal("a", xml_lang="ar", its_dir="up } #"), "ltr or rtl, and beside a language"),
    ("a direction that is a list", literal("a", xml_lang="ar", its_dir=["rtl"]), "a term that is none"),
    ("a number for text", literal(1), "unknown kind 'literal'"),
    ("a kind of its own", {"type": "graph", "value": "a"}, "unknown kind 'graph'"),
    ("a triple", {"type": "triple", "value": {"subject": uri("http://e/a")}}, "a triple for a term"),
    ("no kind", {"value": "a"}, "no rows such as"),
    ("no value", {"type": "uri"}, "no rows such as"),
    ("a string for a term", "http://e/a", "no rows such as"),
    ("a list for a term", ["uri"], "no rows such as"),
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
    ("null", b"null", "no rows such as"),
    ("no head", b'{"results": {"bindings": []}}', "no rows such as"),
    ("rows that are none", b'{"head": {"vars": ["x"]}, "results": {"bindings": 7}}', "no rows such as"),
    ("a row that is none", b'{"head": {"vars": ["x"]}, "results": {"bindings": [7]}}', "no rows such as"),
    ("names that are none", b'{"head": {"vars": [["x"]]}, "results": {"bindings": []}}', "no rows such as"),
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
