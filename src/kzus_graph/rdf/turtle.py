"""Read this project's own RDF files into graphs of N-Triples lines, with exact positions of errors.

pyoxigraph parses them: it is strict, and reports line and column. Literals keep their lexical form
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
"""pyoxigraph's constants for the six formats of DUMPS, by file extension."""

TurtleError = reading.Unreadable
"""Raised for a file that is not valid RDF in its format; the message names file, line and column."""

Reader = Callable[[Path], list[ox.Quad]]
"""A function that returns the quads of a file."""


def read(
    files: Iterable[tuple[Path, URIRef | None]],
    reader: Reader | None = None,
    newer: list[tuple[ox.Quad, str]] | None = None,
) -> NamedLines:
    """Return the named graphs in *files*, pairs of a path and the graph name of its triples outside named graph blocks.

    The default *reader* is *parse*; for untrusted files, pass reading.quads. The graphs are RDF 1.1: each quad that
    uses a feature of RDF 1.2 is added to the list *newer*, with a description of the feature. From the graphs, quads
    with a triple term are left out; a literal with a base direction loses the direction. Raises TurtleError at the
    first syntax error, when a file's extension is not in FORMATS, when triples outside named graph blocks have no graph
    name (None in *files*), and when a quad uses RDF 1.2 but *newer* is None.
    """
    parts: defaultdict[URIRef, list[ox.Triple]] = defaultdict(list)
    for path, name in files:
        if name is not None:
            parts.setdefault(name, [])  # a graph may be empty
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
                    raise TurtleError(f"{path}: {said} has {what}, which RDF 1.2 added; only RDF 1.1 is supported")
                newer.append((quad, what))
                if not isinstance(term, ox.Literal):
                    continue
                triple = ox.Triple(triple.subject, triple.predicate, ox.Literal(term.value, language=term.language))
            parts[graph].append(triple)
    return {name: ntriples.lines(triples) for name, triples in parts.items()}


def _name(quad: ox.Quad, path: Path) -> URIRef:
    if isinstance(quad.graph_name, ox.NamedNode):
        return URIRef(quad.graph_name.value)
    if isinstance(quad.graph_name, ox.BlankNode):
        raise TurtleError(f"{path}: the graph {quad.graph_name} has a blank node as its name; name it by an IRI")
    raise TurtleError(f"{path}: {quad.subject} {quad.predicate} … is outside a named graph block; move it into one")


def _newer(term: Any) -> str:
    """Return a description of the RDF 1.2 feature that *term* uses; empty for a term of RDF 1.1."""
    if isinstance(term, ox.Triple):
        return "a triple term"
    return "a literal with a base direction" if isinstance(term, ox.Literal) and term.direction else ""


def parse(path: Path) -> list[ox.Quad]:
    """Return the quads of the file *path*; blank node labels are made of RDFC-1.0 labels and the file's name and hash.

    A byte order mark is skipped. Raises TurtleError when the file cannot be parsed, OSError when it cannot be read.
    """
    extension = path.suffix.removeprefix(".").lower()
    if extension not in FORMATS:
        raise TurtleError(f"{path}: unknown extension; it must be one of {', '.join('.' + known for known in FORMATS)}")
    data = path.read_bytes().removeprefix(BOM_UTF8)
    try:
        quads = list(ox.parse(data, format=FORMATS[extension]))
    except SyntaxError as error:
        raise TurtleError(reading.fault(path, error)) from None
    return reading.canonical(quads, reading.label_prefix(path, data))
