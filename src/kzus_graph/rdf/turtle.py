"""RDF files of our own, read with exact error positions into graphs of N-Triples lines.

Reading goes through pyoxigraph, whose parser is strict and names line and column. Literals stay as they are written
(``"01"^^xsd:integer``), and blank nodes get RDFC-1.0 labels, so that reading the same bytes twice gives the same graph.
"""

from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from rdflib import URIRef

from kzus_graph.rdf import ntriples, reading
from kzus_graph.rdf.formats import DUMPS
from kzus_graph.rdf.ntriples import NamedLines

FORMATS: Final = {suffix: form.engine for suffix, form in DUMPS.items() if isinstance(form.engine, ox.RdfFormat)}
"""File extension to format; these are also the six formats of a dump."""

TurtleError = reading.Unreadable
"""A file that is not the RDF it claims to be; the message names file, line and column."""

Reader = Callable[[Path], list[ox.Quad]]
"""Gives the quads of a file."""


def read(
    files: Iterable[tuple[Path, URIRef | None]],
    reader: Reader | None = None,
    newer: list[tuple[ox.Quad, str]] | None = None,
) -> NamedLines:
    """Return the named graphs of *files*, each given with the name for the triples that stand in no graph block.

    The *reader* for files of strangers is reading.quads. The graphs are of RDF 1.1: what RDF 1.2 added goes to *newer*,
    with the word for it, and then a statement with a triple term is left out, a text loses its direction. Raises
    TurtleError at the first syntax error, when a file has the extension of none of FORMATS, when there is no name for
    triples that need one, and for what is of RDF 1.2 if there is no *newer*.
    """
    parts: defaultdict[URIRef, list[ox.Triple]] = defaultdict(list)
    for path, name in files:
        if name is not None:
            parts.setdefault(name, [])  # a graph without triples is one
        names: dict[Any, URIRef | None] = {ox.DefaultGraph(): name}
        for quad in (reader or parse)(path):
            graph = names.get(quad.graph_name)
            if graph is None:
                graph = names[quad.graph_name] = _name(quad, path)
            triple = quad.triple
            term = triple.object
            if what := _newer(term):
                if newer is None:
                    said = f"{quad.subject} {quad.predicate}"
                    raise TurtleError(f"{path}: {said} has {what}, which RDF 1.2 added; graphs here are of RDF 1.1")
                newer.append((quad, what))
                if not isinstance(term, ox.Literal):
                    continue
                triple = ox.Triple(triple.subject, triple.predicate, ox.Literal(term.value, language=term.language))
            parts[graph].append(triple)
    return {name: ntriples.lines(triples) for name, triples in parts.items()}


def _name(quad: ox.Quad, path: Path) -> URIRef:
    if isinstance(quad.graph_name, ox.NamedNode):
        return URIRef(quad.graph_name.value)
    raise TurtleError(f"{path}: {quad.subject} {quad.predicate} stands outside a named graph block")


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
