"""Graphs as lists of N-Triples lines: the representation of every graph while a release is built.

A line is a triple in the N-Triples layout of pyoxigraph, with the line end. A graph is a list of lines without
duplicates, sorted by code point as ``LC_ALL=C sort -u`` does. In this form, graphs are merged, compared and written
without parsing.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import chain

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.term import Node

from kzus_graph.rdf.terms import to_ox, triple_from_ox

Lines = list[str]
"""A graph as N-Triples lines, sorted and without duplicates."""
Triple = tuple[Node, Node, Node]
"""A triple of rdflib; where many are only written, no rdflib graph is made of them, since that takes twice as long."""
NamedLines = dict[URIRef, Lines]
"""A mapping from the name of each named graph to its lines."""


def lines(triples: Iterable[ox.Triple]) -> Lines:
    """Return *triples* as N-Triples lines, sorted and without duplicates."""
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(data, bytes)
    return of_bytes(data)


def of_bytes(data: bytes) -> Lines:
    """Return the lines of *data* (N-Triples in pyoxigraph's layout), sorted and without duplicates."""
    # str.splitlines would also split at U+2028 and others, which literals contain unescaped
    return sorted(set(io.StringIO(data.decode(), newline="\n")))


def of_graph(graph: Iterable[Triple]) -> Lines:
    """Return *graph*, an rdflib graph or just its triples, as N-Triples lines, sorted and without duplicates."""
    return lines(ox.Triple(to_ox(subject), to_ox(predicate), to_ox(object_)) for subject, predicate, object_ in graph)


def graph(lines: Iterable[str]) -> Graph:
    """Return *lines* of N-Triples as an rdflib graph; only for small graphs, since rdflib is slow."""
    result = Graph()
    for triple in triples(lines):
        result.add(triple_from_ox(triple))
    return result


def triples(lines: Iterable[str]) -> Iterator[ox.Triple]:
    """Yield the triples in *lines* of N-Triples, parsed by pyoxigraph."""
    return (quad.triple for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES))


def terms(line: str) -> tuple[str, str, str]:
    """Return the subject, predicate and object of *line*, a line of N-Triples; each stays in N-Triples syntax.

    >>> terms('<a:b> <c:d> "e f"@en .\\n')
    ('<a:b>', '<c:d>', '"e f"@en')
    """
    subject, predicate, object_ = line.split(" ", 2)
    return subject, predicate, object_[:-3]


def has_blank_node(line: str) -> bool:
    """Return whether the subject or the object of *line* (a line of N-Triples or N-Quads) is a blank node.

    >>> has_blank_node('<a:b> <c:d> _:e .\\n'), has_blank_node('<a:b> <c:d> "_:e" .\\n')
    (True, False)
    """
    return "_:" in line and (line.startswith("_:") or line.split(" ", 2)[2].startswith("_:"))


def union(*graphs: Lines) -> Lines:
    """Return the lines of all *graphs*, sorted and without duplicates."""
    # Python's sort finds the parts that are sorted already, and merges them
    return list(dict.fromkeys(sorted(chain(*graphs))))


def n_quads(lines: Iterable[str], name: str) -> Iterator[str]:
    """Yield *lines* of N-Triples, each made a line of N-Quads in the named graph with the IRI *name*."""
    end = f" <{name}> .\n"
    return (line[:-3] + end for line in lines)


def text(term: str) -> str:
    """Return *term*, in N-Triples syntax, as bare text: a literal's lexical form, or an IRI without angle brackets.

    >>> text('"e f"@en'), text("<a:b>")
    ('e f', 'a:b')
    """
    return str(term_of(term).value)


def term_of(term: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return *term*, in N-Triples syntax, as a pyoxigraph term."""
    if term.startswith("<"):
        return ox.NamedNode(term[1:-1])
    if term.startswith("_:"):
        return ox.BlankNode(term[2:])
    (triple,) = triples([f"<a:> <a:> {term} .\n"])
    assert isinstance(triple.object, ox.Literal)
    return triple.object
