"""Convert terms between rdflib and pyoxigraph; the lexical forms of literals don't change."""

import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

# The build reports an invalid date as a violation, with its place; rdflib would also log a traceback.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

KEPT: Final = 1 << 16
"""How many converted terms each cache holds: enough for the frequent terms; most terms occur only once."""
RDF11_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


@lru_cache(KEPT)
def from_ox(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Node:
    """Return *term* as an rdflib term with the same lexical form; a literal's base direction (RDF 1.2) is dropped."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == RDF11_STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


@lru_cache(KEPT)
def to_ox(term: Node) -> Any:
    """Return *term* as a pyoxigraph term with the same lexical form."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    assert isinstance(term, Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or RDF11_STRING)))


def triple_from_ox(quad: ox.Quad | ox.Triple) -> tuple[Node, Node, Node]:
    """Return the subject, predicate and object of *quad* (a quad or a triple) as rdflib terms."""
    return from_ox(quad.subject), from_ox(quad.predicate), from_ox(quad.object)


def quads(graph: Graph, name: URIRef | None) -> Iterator[ox.Quad]:
    """Yield the triples of *graph* as pyoxigraph quads of the graph *name* (None: the default graph)."""
    graph_name = ox.DefaultGraph() if name is None else ox.NamedNode(str(name))
    for subject, predicate, object_ in graph:
        yield ox.Quad(to_ox(subject), to_ox(predicate), to_ox(object_), graph_name)
