"""What the engine's writers get wrong, mended: columns of CSV, letters of XML, names of elements, triple terms."""

import csv
import io
import random
import xml.etree.ElementTree as ElementTree

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kzus_graph.rdf import writing
from tests import terms

Form = ox.QueryResultsFormat
RESULTS = "{http://www.w3.org/2005/sparql-results#}"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def rows_of(*rows: list[ox.Literal | None]) -> ox.Store:
    """A store with one thing a row, whose property of a number is the value of that column."""
    store = ox.Store()
    for number, row in enumerate(rows):
        thing = ox.NamedNode(f"http://row/{number:05}")
        store.add(ox.Quad(thing, ox.NamedNode("http://row/is"), ox.Literal("row")))
        for column, term in enumerate(row):
            if term is not None:
                store.add(ox.Quad(thing, ox.NamedNode(f"http://row/{column}"), term))
    return store


def asked(store: ox.Store, columns: int) -> ox.QuerySolutions:
    parts = " ".join(f"OPTIONAL {{ ?row <http://row/{number}> ?c{number} }}" for number in range(columns))
    names = " ".join(f"?c{number}" for number in range(columns))
    answer = store.query(f"SELECT {names} {{ ?row <http://row/is> 'row' {parts} }} ORDER BY ?row")
    assert isinstance(answer, ox.QuerySolutions)
    return answer


def written(store: ox.Store, columns: int, form: ox.QueryResultsFormat) -> bytes:
    file = io.BytesIO()
    writing.solutions(asked(store, columns), file, form)
    return file.getvalue()


def one(term, form: ox.QueryResultsFormat) -> bytes:
    return written(rows_of([term]), 1, form)


def test_csv_quotes_whatever_would_break_its_columns() -> None:
    triple = ox.Triple(ox.NamedNode("http://e/a,b"), ox.NamedNode("http://e/p"), ox.Literal('x, "y"\n', language="en"))
    store = rows_of(
        [ox.NamedNode("http://e/a,b"), ox.Literal("a\rb"), None],
        [triple, ox.Literal('say "x"', language="ar", direction=ox.BaseDirection.RTL), ox.Literal("tab\tx")],
    )
    assert written(store, 3, Form.CSV) == (
        b'c0,c1,c2\r\n"http://e/a,b","a\rb",\r\n'
        b'"<<( <http://e/a,b> <http://e/p> ""x, \\""y\\""\\n""@en )>>","say ""x""",tab\tx\r\n'
    )


def test_an_empty_cell_of_the_only_column_is_still_a_row_of_csv() -> None:
    data = written(rows_of([None], [ox.Literal("")], [ox.Literal("x")]), 1, Form.CSV)
    assert data == b'c0\r\n""\r\n""\r\nx\r\n'
    assert len(list(csv.reader(io.StringIO(data.decode(), newline="")))) == 4


def test_rows_without_columns_are_lines() -> None:
    file = io.BytesIO()
    writing.solutions(ox.Store().query("SELECT * { VALUES () { () () } }"), file, Form.CSV)
    assert file.getvalue() == b"\r\n\r\n\r\n"


@pytest.mark.parametrize("value", ["true", "false"])
def test_yes_or_no_is_what_it_was(value: str) -> None:
    file = io.BytesIO()
    writing.solutions(ox.Store().query(f"ASK {{ FILTER({value}) }}"), file, Form.CSV)
    assert file.getvalue() == value.encode()


@pytest.mark.parametrize("seed", range(20))
def test_a_reader_of_csv_gets_what_was_stored(seed: int) -> None:
    chance = random.Random(seed)
    rows = [[terms.term(chance) if chance.random() < 0.9 else None for _ in range(3)] for _ in range(40)]
    store = rows_of(*rows)
    found = list(csv.reader(io.StringIO(written(store, 3, Form.CSV).decode(), newline="")))
    assert found[0] == ["c0", "c1", "c2"]
    assert len(found) == 41
    for cells, row in zip(found[1:], asked(store, 3), strict=True):
        assert [read(cell, term) for cell, term in zip(cells, row, strict=True)] == list(row)


def read(cell: str, like):
    """Make a term of a cell of CSV, which doesn't tell its kind (SPARQL's CSV, section 3.2): such as *like* is."""
    if like is None:
        return None if cell == "" else cell
    if isinstance(like, ox.NamedNode):
        return ox.NamedNode(cell)
    if isinstance(like, ox.BlankNode):
        return ox.BlankNode(cell.removeprefix("_:"))
    if isinstance(like, ox.Triple):
        return next(iter(ox.parse_query_results(f"?x\n{cell}\n".encode(), format=Form.TSV)))[0]
    if like.language:
        return ox.Literal(cell, language=like.language, direction=like.direction)
    return ox.Literal(cell, datatype=like.datatype)


def test_lines_are_the_same_wherever_the_engine_cuts_its_bytes() -> None:
    chance = random.Random(1)
    store = rows_of(*([terms.term(chance) for _ in range(3)] for _ in range(30)))
    tsv = asked(store, 3).serialize(format=Form.TSV) or b""
    whole = written(store, 3, Form.CSV)
    for step in (1, 2, 3, 7, 64, 1000, 10**6):
        lines = writing._Commas(3)
        assert b"".join(lines(tsv[at : at + step]) for at in range(0, len(tsv), step)) == whole


@pytest.mark.parametrize("letter", ["\0", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize("wrap", [ox.Literal, lambda text: ox.Triple(*[ox.NamedNode("a:b")] * 2, ox.Literal(text))])
def test_what_xml_cannot_hold_is_refused_by_its_name(letter: str, wrap) -> None:
    term = wrap(f"a{letter}b")
    with pytest.raises(writing.Unwritable, match=rf"U\+{ord(letter):04X} .* json, csv or tsv can"):
        one(term, Form.XML)
    with pytest.raises(writing.Unwritable, match=rf"U\+{ord(letter):04X} .* turtle or ntriples can"):
        graph([("http://e/s", "http://e/p", term)], ox.RdfFormat.RDF_XML)
    for form in (Form.JSON, Form.TSV):
        assert [row[0] for row in ox.parse_query_results(one(term, form), format=form)] == [term]


def test_a_letter_that_xml_cannot_hold_is_found_where_bytes_are_cut() -> None:
    data = "<literal>é\ufffe</literal>".encode()
    for step in (1, 2, 3, 5):
        keeper = writing._Characters("XML", "json")
        with pytest.raises(writing.Unwritable, match=r"U\+FFFE"):
            for at in range(0, len(data), step):
                keeper(data[at : at + step])


@pytest.mark.parametrize(
    "words", ["a\rb", "\r\n", "\r", "\t\n ", " a ", "é\u0301\U0001f600\x7f\x85\u2028", "]]>&<>\"'"]
)
def test_every_other_letter_comes_back_from_xml(words: str) -> None:
    tree = ElementTree.fromstring(one(ox.Literal(words), Form.XML))
    assert [found.text for found in tree.iter(f"{RESULTS}literal")] == [words]
    read = Graph().parse(
        data=graph([("http://e/s", "http://e/p", ox.Literal(words))], ox.RdfFormat.RDF_XML), format="xml"
    )
    assert [str(found) for found in read.objects()] == [words]


def graph(triples, form: ox.RdfFormat) -> bytes:
    made = [
        ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(said) if isinstance(said, str) else said)
        for subject, predicate, said in triples
    ]
    return writing.graph_bytes(made, form, None)


UNFIT = [
    "http://e/",
    "http://e/a#",
    "http://e/1",
    "http://e/a%20",
    "urn:isbn:12",
    "http://e/(a)",
    f"{RDF}li",
    f"{RDF}RDF",
]


@pytest.mark.parametrize("name", UNFIT)
def test_a_property_that_is_no_name_of_an_element_is_refused(name: str) -> None:
    for triples in (
        [("http://e/s", name, ox.Literal("x"))],
        [("http://e/s", "http://e/p", ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(name), ox.Literal("x")))],
    ):
        with pytest.raises(writing.Unwritable, match=r"^RDF/XML can't hold the property .*; turtle or ntriples can$"):
            graph(triples, ox.RdfFormat.RDF_XML)


@pytest.mark.parametrize("name", UNFIT)
def test_a_class_that_is_no_name_of_an_element_follows_what_is(name: str) -> None:
    triples = [
        ("http://e/s", f"{RDF}type", name),
        ("http://e/s", "http://e/p", ox.Literal("x")),
        ("http://e/t", "http://e/p", "http://e/s"),
    ]
    read = Graph().parse(data=graph(triples, ox.RdfFormat.RDF_XML), format="xml")
    assert sorted(map(str, read.predicates())) == ["http://e/p", "http://e/p", f"{RDF}type"]
    assert name in {str(found) for found in read.objects()}
    with pytest.raises(writing.Unwritable, match=r"^RDF/XML can't hold the class "):
        graph([triples[0], triples[2]], ox.RdfFormat.RDF_XML)


def test_a_long_iri_that_ends_in_no_name_takes_no_longer_than_its_letters() -> None:
    with pytest.raises(writing.Unwritable):
        graph([("http://e/s", f"http://e/{'a' * 1_000_000}/{'1' * 1_000_000}", ox.Literal("x"))], ox.RdfFormat.RDF_XML)


def test_json_ld_has_no_triple_terms() -> None:
    triple = ox.Triple(*[ox.NamedNode("a:b")] * 3)
    with pytest.raises(
        writing.Unwritable, match=r"^JSON-LD can't hold the triple term <<\( <a:b>.*; turtle or ntriples can"
    ):
        graph([("http://e/s", "http://e/p", triple)], ox.RdfFormat.JSON_LD)
    for form in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML):
        assert next(iter(ox.parse(graph([("http://e/s", "http://e/p", triple)], form), form))).object == triple
