"""Answers and expected results, read into terms: tables, booleans and graphs.

The terms are pyoxigraph's objects, which know RDF 1.2. The readers are not: those of JSON, XML and CSV results stand
here, the others are rdflib's, so that the engine's writers are not judged by its own readers. Only Turtle of RDF 1.2,
which rdflib does not know, is left to the engine.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox
from rdflib import Dataset, Graph
from rdflib.query import Result

from kzus_graph.rdf.terms import to_ox

SOLUTIONS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
GRAPHS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
    "application/trig": "trig",
    "application/n-quads": "nquads",
}
QUADS = ("application/trig", "application/n-quads")

SR = "{http://www.w3.org/2005/sparql-results#}"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ITS_DIR = "{http://www.w3.org/2005/11/its}dir"
DIRECTIONS = {"ltr": ox.BaseDirection.LTR, "rtl": ox.BaseDirection.RTL}

Cell = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | str | None
"""A term, the text of a cell in CSV, or nothing where a variable is not bound."""


@dataclass(frozen=True)
class Table:
    """Rows under their columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    columns: bool = True
    """Whether the columns have an order."""


Read = Table | bool | frozenset[ox.Triple]


def graph(media_type: str, body: bytes, base: str | None = None) -> Graph:
    """Return the triples of an answer in one of GRAPHS."""
    if media_type not in QUADS:
        return Graph().parse(data=body, format=GRAPHS[media_type], publicID=base)
    triples = Graph()
    for subject, predicate, object_, _ in Dataset().parse(data=body, format=GRAPHS[media_type], publicID=base).quads():
        triples.add((subject, predicate, object_))
    return triples


def read(media_type: str, body: bytes, base: str | None = None, *, rdf12: bool = False) -> Read:
    """Return a table, a boolean, or a graph; a graph that describes a table (DAWG result set) is that table."""
    if media_type in GRAPHS:
        if rdf12:
            form = ox.RdfFormat.from_media_type(media_type)
            triples = {quad.triple for quad in ox.parse(body, form, base_iri=base)}
        else:
            triples = {ox.Triple(*map(to_ox, triple)) for triple in graph(media_type, body, base)}
        described = _described(triples)
        return frozenset(triples) if described is None else described
    return {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}[SOLUTIONS[media_type]](body)


def _table(names: Iterable[str], bindings: Iterable[dict[str, Cell]], columns: bool = True) -> Table:
    head = tuple(names)
    rows = []
    for binding in bindings:
        if strange := binding.keys() - set(head):
            raise ValueError(f"a row has {', '.join(sorted(strange))}, which the head has not")
        rows.append(tuple(binding.get(name) for name in head))
    return Table(head, tuple(rows), columns)


def _literal(text: str, datatype: str | None, language: str | None, direction: str | None) -> ox.Literal:
    if direction:
        return ox.Literal(text, language=language, direction=DIRECTIONS[direction])
    return ox.Literal(text, language=language, datatype=ox.NamedNode(datatype) if datatype else None)


def _json(body: bytes) -> Read:
    document = json.loads(body)
    if "head" not in document:
        raise ValueError("no head")
    if "boolean" in document:
        return bool(document["boolean"])
    bindings = document["results"]["bindings"]
    rows = ({name: _json_term(term) for name, term in binding.items()} for binding in bindings)
    return _table(document["head"].get("vars", ()), rows)


def _json_term(term: dict[str, Any]) -> Cell:
    if not term.keys() <= {"type", "value", "datatype", "xml:lang", "its:dir"}:
        raise ValueError(f"{term} is no term")
    match term["type"], term["value"]:
        case "uri", value:
            return ox.NamedNode(value)
        case "bnode", value:
            return ox.BlankNode(value)
        case "literal", value:
            return _literal(value, term.get("datatype"), term.get("xml:lang"), term.get("its:dir"))
        case "triple", value:
            return ox.Triple(*(_json_term(value[part]) for part in ("subject", "predicate", "object")))
    raise ValueError(f"{term} is no term")


def _xml(body: bytes) -> Read:
    document = ElementTree.fromstring(body)
    boolean = document.findtext(f"{SR}boolean")
    if boolean is not None:
        return {"true": True, "false": False}[boolean.strip()]
    names = [variable.attrib["name"] for variable in document.iterfind(f"{SR}head/{SR}variable")]
    rows = document.iterfind(f"{SR}results/{SR}result")
    return _table(names, ({cell.attrib["name"]: _xml_term(cell[0]) for cell in row} for row in rows))


def _xml_term(element: ElementTree.Element) -> Cell:
    match element.tag.removeprefix(SR), element.text or "":
        case "uri", text:
            return ox.NamedNode(text)
        case "bnode", text:
            return ox.BlankNode(text)
        case "literal", text:
            named = element.attrib
            return _literal(text, named.get("datatype"), named.get(XML_LANG), named.get(ITS_DIR))
        case "triple", _:
            return ox.Triple(*(_xml_term(element.find(SR + part)[0]) for part in ("subject", "predicate", "object")))
    raise ValueError(f"{element.tag} is no term")


def _csv(body: bytes) -> Table:
    names, *lines = csv.reader(io.StringIO(body.decode(), newline=""))
    cells = ([ox.BlankNode(cell[2:]) if cell.startswith("_:") else cell for cell in line] for line in lines)
    return Table(tuple(names), tuple(map(tuple, cells)))


def _tsv(body: bytes) -> Table:
    result = Result.parse(io.BytesIO(body), format="tsv")
    names = [str(name) for name in result.vars or ()]
    return _table(names, ({str(name): to_ox(term) for name, term in row.items()} for row in result.bindings))


def _described(triples: set[ox.Triple]) -> Table | bool | None:
    """Return the table or boolean that *triples* describe in the DAWG's vocabulary of result sets, if they do."""
    stated = ox.Dataset(ox.Quad(*triple) for triple in triples)

    def objects(subject: Any, name: str) -> Iterator[Any]:
        quads = stated.quads_for_subject(subject)
        return (quad.object for quad in quads if quad.predicate.value == RS + name)

    sets = [triple.subject for triple in triples if triple.object == ox.NamedNode(RS + "ResultSet")]
    if not sets:
        return None
    (whole,) = sets
    if booleans := list(objects(whole, "boolean")):
        return bool(booleans[0].value == "true")
    rows = []
    for solution in objects(whole, "solution"):
        bindings = objects(solution, "binding")
        cells = {next(objects(node, "variable")).value: next(objects(node, "value")) for node in bindings}
        rows.append((next((int(index.value) for index in objects(solution, "index")), 0), cells))
    rows.sort(key=lambda row: row[0])
    names = sorted(variable.value for variable in objects(whole, "resultVariable"))
    return _table(names, (cells for _, cells in rows), columns=False)
