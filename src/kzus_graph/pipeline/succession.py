"""The link from a release to the release that it replaces, as RDF: a part of its description, ``void.ttl``."""

from typing import Final

from rdflib import DCAT, DCTERMS, RDF, RDFS, Graph, Literal, URIRef

from kzus_graph.pipeline import description
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DATASET

PREVIOUS: Final = (URIRef(PREFIXES["dcat"] + "previousVersion"), URIRef(PREFIXES["dcat"] + "prev"), DCTERMS.replaces)


def succession(metadata: Graph, before: str) -> Graph:
    """Return triples that the current version replaces the release named *before*; none if *before* is empty.

    The IRI of the former release ends in its version, or in its whole name (version and digest) if the current version
    has the same number. *metadata* is the part of the description written by hand. Implements DCAT 3 §11.1. The general
    property dcat:prev, for the one before in any order, is given too, for programs that look for it.
    """
    graph = Graph()
    if not before:
        return graph
    number, now = before.partition("+")[0], description.version(metadata)
    present, former = URIRef(f"{DATASET}/{now}"), URIRef(f"{DATASET}/{before if number == now else number}")
    title = f"{metadata.value(DATASET, DCTERMS.title) or 'This data set'}, release {before}"
    for subject, property_, value in (
        *((present, property_, former) for property_ in PREVIOUS),
        (former, RDF.type, DCAT.Dataset),
        (former, RDFS.label, Literal(title, lang="en")),
        (former, DCTERMS.title, Literal(title, lang="en")),
        (former, description.DCAT_VERSION, Literal(before)),
        (former, DCAT.landingPage, URIRef(f"{BASE}dumps/{before}/")),
    ):
        graph.add((subject, property_, value))
    return graph
