"""Which release a release replaces, as RDF: part of its description, ``void.ttl``."""

from typing import Final

from rdflib import DCAT, DCTERMS, RDF, RDFS, Graph, Literal, URIRef

from kzus_graph.pipeline import description
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DATASET

PREVIOUS: Final = (URIRef(PREFIXES["dcat"] + "previousVersion"), URIRef(PREFIXES["dcat"] + "prev"), DCTERMS.replaces)


def succession(metadata: Graph, before: str) -> Graph:
    """Return which release the present version replaces: the one *before* it, given by its name; nothing without one.

    It is named by its version, or if that is the same as now, by its version and digest. *metadata* is what is said of
    the data set by hand. Implements DCAT 3 §11.1; dcat:prev, of the one before in any order, is for those who look for
    that.
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
