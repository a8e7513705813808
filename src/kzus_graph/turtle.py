"""RDF files: read with exact error positions, written in one canonical form.

Reading goes through pyoxigraph, whose parser is strict and names line and column; its terms become rdflib terms
untouched (rdflib would rewrite ``"01"^^xsd:integer``), and blank nodes get RDFC-1.0 labels, so that reading the same
bytes twice gives the same graph.
"""

import logging
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kzus_graph import reading, writing
from kzus_graph.vocab import PREFIXES

# A literal that is no date is reported as a violation, with its place; rdflib would log a traceback besides.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

Graphs = dict[URIRef, Graph]
"""Named graphs by name."""

FORMATS: Final[dict[str, ox.RdfFormat]] = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
"""File extension to format; these are also the six formats of a dump."""

RDF11_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


TurtleError = reading.Unreadable
"""A file that is not the RDF it claims to be; the message names file, line and column."""

Reader = Callable[[Path], list[ox.Quad]]
"""Gives the quads of a file."""


def read(
    files: Iterable[tuple[Path, URIRef | None]],
    reader: Reader | None = None,
    newer: list[tuple[ox.Quad, str]] | None = None,
) -> Graphs:
    """Return the named graphs of *files*, each given with the name for the triples that stand in no graph block.

    The *reader* for files of strangers is reading.quads. The graphs are of RDF 1.1: what RDF 1.2 added goes to *newer*,
    with the word for it, and then a statement with a triple term is left out, a text loses its direction. Raises
    TurtleError at the first syntax error, when a file has the extension of none of FORMATS, when there is no name for
    triples that need one, and for what is of RDF 1.2 if there is no *newer*.
    """
    graphs: Graphs = {}
    for path, name in files:
        if name is not None:
            graphs.setdefault(name, Graph())
        for quad in (reader or parse)(path):
            if what := _newer(quad.object):
                if newer is None:
                    said = f"{quad.subject} {quad.predicate}"
                    raise TurtleError(f"{path}: {said} has {what}, which RDF 1.2 added; graphs here are of RDF 1.1")
                newer.append((quad, what))
                if isinstance(quad.object, ox.Triple):
                    continue
            graph = name if isinstance(quad.graph_name, ox.DefaultGraph) else from_ox(quad.graph_name)
            if not isinstance(graph, URIRef):
                raise TurtleError(f"{path}: {quad.subject} {quad.predicate} stands outside a named graph block")
            graphs.setdefault(graph, Graph()).add(triple_from_ox(quad))
    return graphs


def _newer(term: Any) -> str:
    """Return the word for what *term* has that RDF 1.1 has not; empty for a term of RDF 1.1."""
    if isinstance(term, ox.Triple):
        return "a triple term"
    return "a text with a direction" if isinstance(term, ox.Literal) and term.direction else ""


def parse(path: Path) -> list[ox.Quad]:
    """Return the quads of one file, blank nodes labelled by RDFC-1.0 and the file's name and content.

    A byte order mark is passed over. Raises TurtleError when the file cannot be parsed, OSError when it cannot be read.
    """
    extension = path.suffix.removeprefix(".").lower()
    if extension not in FORMATS:
        raise TurtleError(f"{path}: unknown extension; RDF files end in {', '.join('.' + known for known in FORMATS)}")
    data = path.read_bytes().removeprefix(BOM_UTF8)
    try:
        quads = list(ox.parse(data, format=FORMATS[extension]))
    except SyntaxError as error:
        raise TurtleError(reading.fault(path, error)) from None
    return reading.canonical(quads, reading.label_prefix(path, data))


@cache
def from_ox(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Node:
    """Return the rdflib term that is letter for letter the same as *term*; a text's direction (RDF 1.2) is not kept."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == RDF11_STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


@cache
def to_ox(term: Node) -> Any:
    """Return the pyoxigraph term that is letter for letter the same as *term*."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    assert isinstance(term, Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or RDF11_STRING)))


def triple_from_ox(quad: ox.Quad | ox.Triple) -> tuple[Node, Node, Node]:
    """Return subject, predicate and object of *quad* as rdflib terms."""
    return from_ox(quad.subject), from_ox(quad.predicate), from_ox(quad.object)


def quads(graph: Graph, name: URIRef | None) -> Iterator[ox.Quad]:
    """Yield the triples of *graph* as pyoxigraph quads of the graph *name* (None: the default graph)."""
    graph_name = ox.DefaultGraph() if name is None else ox.NamedNode(str(name))
    for subject, predicate, object_ in graph:
        yield ox.Quad(to_ox(subject), to_ox(predicate), to_ox(object_), graph_name)


def serialize(default: Graph, named: Graphs, extension: str) -> bytes:
    """Return the data set in one of FORMATS, the same bytes for the same graphs.

    Triple formats carry the default graph alone. Turtle is rdflib's ``longturtle``, made to be read and compared by
    line; the others are the sorted quads through pyoxigraph. Raises writing.Unwritable.
    """
    if extension == "ttl":
        graph = Graph()
        for prefix, namespace in PREFIXES.items():
            graph.bind(prefix, namespace, replace=True)
        for triple in default:
            graph.add(triple)
        return graph.serialize(format="longturtle", encoding="utf-8")
    lines = sorted(quads(default, None), key=_position)
    if FORMATS[extension].supports_datasets and extension != "jsonld":
        for name in sorted(named):
            lines += sorted(quads(named[name], name), key=_position)
        return writing.graph_bytes(lines, FORMATS[extension], PREFIXES)
    return writing.graph_bytes((quad.triple for quad in lines), FORMATS[extension], PREFIXES)


def _position(quad: ox.Quad) -> tuple[str, str, str]:
    return str(quad.subject), str(quad.predicate), str(quad.object)
