"""N-Triples lines: what a build carries from the files that are read to the files that are written.

A line is a triple as pyoxigraph writes it, with its end. Graphs are lists of lines, sorted by code point and each once,
as ``LC_ALL=C sort -u`` has them: they are merged, compared and written without being parsed.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import chain

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.rdf.terms import to_ox, triple_from_ox

Lines = list[str]
"""A graph as lines."""
NamedLines = dict[URIRef, Lines]
"""Named graphs by name."""


def lines(triples: Iterable[ox.Triple]) -> Lines:
    """Return *triples* as lines."""
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(data, bytes)
    return of_bytes(data)


def of_bytes(data: bytes) -> Lines:
    """Return the lines of *data*, N-Triples as pyoxigraph writes them."""
    # str.splitlines would also split at U+2028 and others, which stand in literals as they are
    return sorted(set(io.StringIO(data.decode(), newline="\n")))


def of_graph(graph: Graph) -> Lines:
    """Return the lines of an rdflib *graph*."""
    return lines(ox.Triple(to_ox(subject), to_ox(predicate), to_ox(object_)) for subject, predicate, object_ in graph)


def graph(lines: Iterable[str]) -> Graph:
    """Return *lines* as an rdflib graph; for what is small."""
    result = Graph()
    for triple in triples(lines):
        result.add(triple_from_ox(triple))
    return result


def triples(lines: Iterable[str]) -> Iterator[ox.Triple]:
    """Yield the triples of *lines*."""
    return (quad.triple for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES))


def terms(line: str) -> tuple[str, str, str]:
    """Return subject, predicate and object of a line, as they are written there.

    >>> terms('<a:b> <c:d> "e f"@en .\\n')
    ('<a:b>', '<c:d>', '"e f"@en')
    """
    subject, predicate, object_ = line.split(" ", 2)
    return subject, predicate, object_[:-3]


def has_blank_node(line: str) -> bool:
    """Return whether a line, of N-Triples or N-Quads, has a blank node.

    >>> has_blank_node('<a:b> <c:d> _:e .\\n'), has_blank_node('<a:b> <c:d> "_:e" .\\n')
    (True, False)
    """
    return "_:" in line and (line.startswith("_:") or line.split(" ", 2)[2].startswith("_:"))


def union(*graphs: Lines) -> Lines:
    """Return the lines of all *graphs*, sorted and each once."""
    # sorting takes sorted parts as they are, and merges them
    return list(dict.fromkeys(sorted(chain(*graphs))))


def n_quads(lines: Iterable[str], name: str) -> Iterator[str]:
    """Yield *lines* as lines of N-Quads of the graph *name*."""
    end = f" <{name}> .\n"
    return (line[:-3] + end for line in lines)


def text(term: str) -> str:
    """Return the letters of a literal, or the IRI.

    >>> text('"e f"@en'), text("<a:b>")
    ('e f', 'a:b')
    """
    return str(term_of(term).value)


def term_of(term: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return the term that is written so."""
    if term.startswith("<"):
        return ox.NamedNode(term[1:-1])
    if term.startswith("_:"):
        return ox.BlankNode(term[2:])
    (triple,) = triples([f"<a:> <a:> {term} .\n"])
    assert isinstance(triple.object, ox.Literal)
    return triple.object
