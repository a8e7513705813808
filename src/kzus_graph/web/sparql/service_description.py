"""The SPARQL service description: the endpoint's description of itself as RDF."""

import time
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.formats import FORMATS, Format
from kzus_graph.rdf.prefixes import PREFIXES

SD: Final = PREFIXES["sd"]
VOID: Final = PREFIXES["void"]
RDF_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
W3C_FORMATS: Final = "http://www.w3.org/ns/formats/"
ENTAILMENT: Final = "http://www.w3.org/ns/entailment/"
OWL_RL: Final = "http://www.w3.org/ns/owl-profile/RL"
SIZES: Final = "SELECT ?graph (COUNT(*) AS ?size) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
SIZE: Final = "SELECT (COUNT(*) AS ?size) { ?s ?p ?o }"
SECONDS: Final = 5.0


@once
def sizes(release: Release) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Return the number of triples in the default graph, and the IRI and number of each named graph, in order.

    Computed once for each release, since a release never changes.
    """
    default = _rows(release, SIZE)
    named = _rows(release, SIZES)
    return int(default[0][0]), tuple((graph, int(size)) for graph, size in named)


def _rows(release: Release, query: str) -> list[list[str]]:
    answer = release.pool.ask(Question(query=query, format="tsv", seconds=SECONDS), time.monotonic() + SECONDS)
    lines = b"".join(answer).decode().splitlines()[1:]
    return [[cell.strip("<>").partition('"^^')[0].strip('"') for cell in line.split("\t")] for line in lines]


def describe(release: Release, endpoint: str, services: Iterable[str], form: Format) -> bytes:
    """Return the description of the endpoint at the address *endpoint*, as bytes in *form*."""
    assert isinstance(form.engine, ox.RdfFormat)
    triples = _triples(release, endpoint, bool(tuple(services)))
    return ox.serialize(triples, format=form.engine, prefixes={"sd": SD, "void": VOID}) or b""


def _triples(release: Release, endpoint: str, federates: bool) -> Iterator[ox.Triple]:
    service, dataset = ox.NamedNode(f"{endpoint}#service"), ox.NamedNode(f"{endpoint}#dataset")
    default = ox.NamedNode(f"{endpoint}#default")

    def say(subject: ox.NamedNode, predicate: str, thing: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), thing)

    yield ox.Triple(service, RDF_TYPE, ox.NamedNode(SD + "Service"))
    yield say(service, SD + "endpoint", ox.NamedNode(endpoint))
    yield say(service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query"))
    if federates:
        yield say(service, SD + "feature", ox.NamedNode(SD + "BasicFederatedQuery"))
    for form in FORMATS:
        if form.w3c:
            yield say(service, SD + "resultFormat", ox.NamedNode(W3C_FORMATS + form.w3c))
    reasoned = release.folder is not None
    regime = ox.NamedNode(ENTAILMENT + ("OWL-RDF-Based" if reasoned else "Simple"))
    yield say(service, SD + "defaultEntailmentRegime", regime)
    if reasoned:
        yield say(service, SD + "defaultSupportedEntailmentProfile", ox.NamedNode(OWL_RL))
    yield say(service, SD + "defaultDataset", dataset)
    yield ox.Triple(dataset, RDF_TYPE, ox.NamedNode(SD + "Dataset"))
    yield say(dataset, SD + "defaultGraph", default)
    yield ox.Triple(default, RDF_TYPE, ox.NamedNode(SD + "Graph"))
    try:
        merged, named = sizes(release)
    except Refusal:
        return
    yield say(default, VOID + "triples", ox.Literal(merged))
    for number, (name, size) in enumerate(named, 1):
        entry, graph = ox.NamedNode(f"{endpoint}#named-{number}"), ox.NamedNode(f"{endpoint}#graph-{number}")
        yield say(dataset, SD + "namedGraph", entry)
        yield ox.Triple(entry, RDF_TYPE, ox.NamedNode(SD + "NamedGraph"))
        yield say(entry, SD + "name", ox.NamedNode(name))
        yield say(entry, SD + "graph", graph)
        yield ox.Triple(graph, RDF_TYPE, ox.NamedNode(SD + "Graph"))
        yield say(graph, VOID + "triples", ox.Literal(size))
