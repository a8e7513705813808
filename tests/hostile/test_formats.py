"""What was stored comes back from every format, or is refused in words; RDF 1.2 breaks nothing anywhere."""

import csv
import io
import json
import random
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path

import icalendar
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import Graph, Literal, URIRef

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.formats import FORMATS, Format, formats
from kzus_graph.web.application import create_app
from tests import terms
from tests.serving import Served, serving

Row = tuple[str, object]
VALUE = "SELECT ?n ?x { ?s <http://e/n> ?n OPTIONAL { ?s <http://e/x> ?x } }"
TRIPLES = "CONSTRUCT { ?s <http://e/x> ?x } WHERE { ?s <http://e/x> ?x }"
XML = "{http://www.w3.org/2005/sparql-results#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DIRECTION = "{http://www.w3.org/2005/11/its}dir"
UNREAL = set(map(chr, {*range(32)} - {9, 10, 13})) | {"\ufffe", "\uffff"}
"""Letters that XML 1.0 has not."""


def stored() -> list[ox.Triple | ox.NamedNode | ox.Literal | None]:
    """Terms of every kind; None for what has no value. Blank nodes, which get new names, are tried elsewhere."""
    chance = random.Random(2026)
    found = [terms.term(chance) for _ in range(400)]
    whole = [ox.Literal(piece) for piece in terms.PIECES]
    return [None, *whole, *(term for term in found if "_:" not in str(term)), None]


STORED = stored()


def quads() -> list[ox.Quad]:
    said = []
    for number, term in enumerate(STORED):
        thing = ox.NamedNode(f"http://thing/{number}")
        said.append(ox.Quad(thing, ox.NamedNode("http://e/n"), ox.Literal(f"n{number}")))
        if term is not None:
            said.append(ox.Quad(thing, ox.NamedNode("http://e/x"), term))
    return said


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formats") / "terms.nq"
    path.write_bytes(ox.serialize(quads(), format=ox.RdfFormat.N_QUADS) or b"")
    return path


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2, max_rows=len(STORED)), files=[data])
    try:
        yield create_app(releases).test_client()
    finally:
        releases.close()


def asked(client: FlaskClient, query: str, form: str) -> tuple[int, bytes]:
    answer = client.post("/sparql", data={"query": query, "format": form})
    return answer.status_code, answer.get_data()


def of_one(number: int) -> str:
    return VALUE.replace("?n ?x {", "?x {").replace("?s", f"<http://thing/{number}>")


def from_json(said: dict) -> object:
    """A term as SPARQL JSON writes it, read with Python's own reader."""
    value = said["value"]
    if said["type"] == "uri":
        return ox.NamedNode(value)
    if said["type"] == "triple":
        return ox.Triple(*(from_json(value[part]) for part in ("subject", "predicate", "object")))
    return made(value, said.get("xml:lang"), said.get("its:dir"), said.get("datatype"))


def from_xml(said: ElementTree.Element) -> object:
    """A term as SPARQL XML writes it, read with Python's own reader."""
    kind = said.tag.removeprefix(XML)
    if kind == "uri":
        return ox.NamedNode(said.text or "")
    if kind == "triple":
        return ox.Triple(*(from_xml(part[0]) for part in said))
    return made(said.text or "", said.get(LANGUAGE), said.get(DIRECTION), said.get("datatype"))


def made(value: str, language: str | None, direction: str | None, datatype: str | None) -> ox.Literal:
    if datatype:
        return ox.Literal(value, datatype=ox.NamedNode(datatype))
    directions = {"ltr": ox.BaseDirection.LTR, "rtl": ox.BaseDirection.RTL, None: None}
    return ox.Literal(value, language=language, direction=directions[direction])


def test_json_and_tsv_give_back_every_term(client: FlaskClient) -> None:
    expected = {f"n{number}": term for number, term in enumerate(STORED)}
    status, body = asked(client, VALUE, "json")
    rows = json.loads(body)["results"]["bindings"]
    assert status == 200
    assert {row["n"]["value"]: from_json(row["x"]) if "x" in row else None for row in rows} == expected
    status, body = asked(client, VALUE, "tsv")
    read = ox.parse_query_results(body, format=ox.QueryResultsFormat.TSV)
    assert status == 200 and {row["n"].value: row["x"] for row in read} == expected


def test_csv_gives_back_the_letters_of_every_term(client: FlaskClient) -> None:
    status, body = asked(client, VALUE, "csv")
    rows = dict(csv.reader(io.StringIO(body.decode(), newline="")))
    assert status == 200 and rows.pop("n") == "x"
    assert len(rows) == len(STORED)
    for number, term in enumerate(STORED):
        cell = rows[f"n{number}"]
        if isinstance(term, ox.Triple):
            (row,) = ox.parse_query_results(f"?x\n{cell}\n".encode(), format=ox.QueryResultsFormat.TSV)
            assert row["x"] == term
        else:
            assert cell == ("" if term is None else term.value)


def test_xml_gives_back_every_term_that_xml_can_hold_and_refuses_the_others(client: FlaskClient) -> None:
    refused = 0
    for number, term in enumerate(STORED):
        status, body = asked(client, of_one(number), "xml")
        letters = UNREAL & set(letters_of(term))
        assert status == (406 if letters else 200), term
        if letters:
            problem = json.loads(body)
            assert problem["detail"].startswith("XML can't hold the character U+"), problem
            assert problem["detail"].endswith("; json, csv or tsv can."), problem
            refused += 1
            continue
        found = [from_xml(binding[0]) for binding in ElementTree.fromstring(body).iter(f"{XML}binding")]
        assert found == ([] if term is None else [term])
    assert 50 < refused < len(STORED) - 50


def letters_of(term: object) -> str:
    if isinstance(term, ox.Triple):
        return letters_of(term.object)
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else ""


def test_every_format_of_graphs_gives_back_every_triple_or_refuses_it(client: FlaskClient) -> None:
    for form in formats("graph"):
        refused = 0
        for number, term in enumerate(STORED):
            if term is None or number % 3:
                continue
            query = TRIPLES.replace("?s <http://e/x>", f"<http://thing/{number}> <http://e/x>")
            status, body = asked(client, query, form.name)
            assert status == (406 if (bad := lacking(form, term)) else 200), (form.name, term, body)
            if bad:
                assert json.loads(body)["detail"].endswith("; turtle or ntriples can."), body
                refused += 1
            else:
                assert isinstance(form.engine, ox.RdfFormat)
                assert [quad.object for quad in ox.parse(body, form.engine)] == [term], form.name
                independent(form, term, body)
        assert bool(refused) == (form.name in ("rdfxml", "jsonld"))


def lacking(form: Format, term: object) -> bool:
    """Whether a format can't hold a term."""
    if form.name == "jsonld":
        return isinstance(term, ox.Triple)
    return form.name == "rdfxml" and bool(UNREAL & set(letters_of(term)))


def independent(form: Format, term: object, body: bytes) -> None:
    """Read RDF/XML and N-Triples with rdflib, too, as far as it goes: RDF 1.1."""
    if (
        form.name not in ("rdfxml", "ntriples")
        or isinstance(term, ox.Triple)
        or (isinstance(term, ox.Literal) and term.direction)
    ):
        return
    (found,) = Graph().parse(data=body, format={"rdfxml": "xml", "ntriples": "nt"}[form.name]).objects()
    if isinstance(term, ox.NamedNode):
        assert found == URIRef(term.value)
    else:
        assert isinstance(found, Literal) and isinstance(term, ox.Literal)
        assert (str(found), found.language) == (term.value, term.language)


def test_pages_calendars_and_maps_take_every_term(client: FlaskClient) -> None:
    status, body = asked(client, VALUE, "html")
    page = body.decode()
    assert status == 200 and page.count("<tr><td>") == len(STORED) and not UNREAL & set(page) and "\r" not in page
    query = VALUE.replace("?n ?x", "?n (?x AS ?label) ('2010-04-11' AS ?date) ('POINT(1 2)' AS ?wkt)")
    status, body = asked(client, query, "icalendar")
    assert status == 200
    assert len(icalendar.Calendar.from_ical(body.decode()).walk("VEVENT")) == len(STORED)
    status, body = asked(client, query, "geojson")
    assert status == 200
    features = json.loads(body)["features"]
    found = {feature["properties"]["n"]: feature["properties"].get("label") for feature in features}
    for number, term in enumerate(STORED):
        expected = f"<<( {term} )>>" if isinstance(term, ox.Triple) else None if term is None else term.value
        assert found[f"n{number}"] == expected


@pytest.mark.parametrize("form", [form.name for form in FORMATS if form.kind == "solutions" and form.engine])
def test_a_row_without_a_value_counts_for_the_cap(client: FlaskClient, form: str) -> None:
    rows = "UNDEF " * len(STORED)
    assert asked(client, f"SELECT ?x {{ VALUES ?x {{ {rows} }} }}", form)[0] == 200
    status, body = asked(client, f"SELECT ?x {{ VALUES ?x {{ {rows} UNDEF }} }}", form)
    assert (status, json.loads(body)["type"].rpartition("/")[2]) == (422, "too-many-rows")
    nothing = f"SELECT * {{ VALUES () {{ {'() ' * len(STORED)} () }} }}"
    assert asked(client, nothing, form)[0] == 422


@pytest.fixture(scope="module")
def served(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    many = folder / "many.nt"
    with many.open("w") as file:
        for number in range(20_000):
            file.write(f'<http://many/{number}> <http://e/y> "{number} {"words " * 9}" .\n')
    with serving(folder, data, many, "--workers", "2") as running:
        yield running


# The last row holds what XML can't: it is found when much has been sent.
LATE = (
    "SELECT ?y { { SELECT ?y { ?s <http://e/y> ?y } } UNION { BIND(CONCAT('x', ?none) AS ?y) } "
    "UNION { <http://thing/1> <http://e/x> ?y } }"
)


def test_what_is_found_too_late_breaks_the_connection_and_never_ends_tidily(served: Served) -> None:
    assert STORED[1] == ox.Literal("\0")
    with pytest.raises((IncompleteRead, ConnectionError)):
        served.ask(LATE, format="xml")
    status, headers, body = served.ask(LATE, format="json")
    assert status == 200 and len(json.loads(body)["results"]["bindings"]) == 20_002
    assert served.ask(of_one(1), format="xml")[0] == 406
    assert served.ask("ASK {}", format="xml")[0] == 200
