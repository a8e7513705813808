"""The data set's description, computed from its triples: VoID with partitions, DCAT distributions with checksums."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from rdflib import DCAT, DCTERMS, RDF, VOID, XSD, Graph, Literal, URIRef

from kzus_graph.turtle import Graphs
from kzus_graph.vocab import BASE, DATASET, DIP, KZUS, PREFIXES

DCAT_VERSION: Final = URIRef(PREFIXES["dcat"] + "version")
SD: Final = PREFIXES["sd"]
SPDX: Final = PREFIXES["spdx"]
MEDIA_TYPES: Final = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


def version(metadata: Graph) -> str:
    """Return the version that ``data/dataset.ttl`` gives the data set.

    Raises ValueError when it gives none.
    """
    value = metadata.value(DATASET, DCAT_VERSION)
    if value is None:
        raise ValueError(f"data/dataset.ttl: {DATASET} has no dcat:version")
    return str(value)


def void(default: Graph, named: Graphs, files: Mapping[str, Mapping[str, str | int]]) -> Graph:
    """Return the VoID description of a data set: counts, class and property partitions, subsets, dumps.

    *default* is the merge, which the counts are about; *named* the graphs beside it; *files* the dumps by name, with
    their ``bytes`` and ``sha256``. Every node has an IRI. Implements VoID (W3C Note 2011) §4 and DCAT 3 §6.8.
    """
    graph = Graph()
    graph.add((DATASET, RDF.type, VOID.Dataset))
    graph.add((DATASET, RDF.type, DCAT.Dataset))
    _count(graph, DATASET, default)
    graph.add((DATASET, VOID.uriSpace, Literal(BASE)))
    graph.add((DATASET, VOID.sparqlEndpoint, URIRef(BASE + "sparql")))
    _partitions(graph, default)
    for prefix, namespace in PREFIXES.items():
        if any(str(predicate).startswith(namespace) for predicate in set(default.predicates())):
            if prefix in {"rdf", "rdfs", "owl"}:
                continue
            graph.add((DATASET, VOID.vocabulary, URIRef(namespace)))
    for graph_name, content in named.items():
        subset = URIRef(f"{DATASET}/graph/{_local(graph_name)}")
        graph.add((DATASET, VOID.subset, subset))
        graph.add((subset, RDF.type, VOID.Dataset))
        graph.add((subset, URIRef(SD + "name"), graph_name))
        _integer(graph, subset, VOID.triples, len(content))
    for name, facts in files.items():
        _distribution(graph, name, facts)
    for example in _examples(default):
        graph.add((DATASET, VOID.exampleResource, example))
    return graph


def _count(graph: Graph, subject: URIRef, content: Graph) -> None:
    _integer(graph, subject, VOID.triples, len(content))
    _integer(graph, subject, VOID.distinctSubjects, len(set(content.subjects())))
    _integer(graph, subject, VOID.distinctObjects, len(set(content.objects())))
    _integer(graph, subject, VOID.properties, len(set(content.predicates())))
    _integer(graph, subject, VOID.classes, len(set(content.objects(None, RDF.type))))
    entities = {thing for thing in content.subjects() if isinstance(thing, URIRef) and thing.startswith(KZUS)}
    _integer(graph, subject, VOID.entities, len(entities))


def _partitions(graph: Graph, content: Graph) -> None:
    """Add how many instances each class has and how many triples each property."""
    classes = Counter(content.objects(None, RDF.type))
    properties = Counter(content.predicates())
    for kind, counts, link, names, amount in (
        ("class", classes, VOID.classPartition, VOID["class"], VOID.entities),
        ("property", properties, VOID.propertyPartition, VOID.property, VOID.triples),
    ):
        for term, number in counts.items():
            if isinstance(term, URIRef):
                partition = URIRef(f"{DATASET}/{kind}/{_local(term)}")
                graph.add((DATASET, link, partition))
                graph.add((partition, RDF.type, VOID.Dataset))
                graph.add((partition, names, term))
                _integer(graph, partition, amount, number)


def _distribution(graph: Graph, name: str, facts: Mapping[str, str | int]) -> None:
    """Add one dump as a DCAT distribution with its checksum (SPDX), and as a VoID data dump."""
    address = URIRef(f"{BASE}dumps/{name}")
    extension = name.removesuffix(".gz").rsplit(".", 1)[1]
    checksum = URIRef(f"{address}#sha256")
    graph.add((DATASET, VOID.dataDump, address))
    graph.add((DATASET, DCAT.distribution, address))
    graph.add((address, RDF.type, DCAT.Distribution))
    graph.add((address, DCTERMS.title, Literal(name)))
    graph.add((address, DCAT.downloadURL, address))
    graph.add((address, DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{MEDIA_TYPES[extension]}")))
    if name.endswith(".gz"):
        graph.add((address, DCAT.compressFormat, URIRef("https://www.iana.org/assignments/media-types/application/gzip")))
    _integer(graph, address, DCAT.byteSize, int(facts["bytes"]))
    graph.add((address, URIRef(SPDX + "checksum"), checksum))
    graph.add((checksum, RDF.type, URIRef(SPDX + "Checksum")))
    graph.add((checksum, URIRef(SPDX + "algorithm"), URIRef(SPDX + "checksumAlgorithm_sha256")))
    graph.add((checksum, URIRef(SPDX + "checksumValue"), Literal(str(facts["sha256"]), datatype=XSD.hexBinary)))


def _examples(content: Graph) -> list[URIRef]:
    """Return the first event, person, instrument and statement by name, as things to look at."""
    found = []
    for kind in ("Visit", "Person", "Instrument", "AttributedStatement"):
        of_kind = sorted(thing for thing in content.subjects(RDF.type, DIP[kind]) if isinstance(thing, URIRef))
        found += of_kind[:1]
    return found


def _integer(graph: Graph, subject: URIRef, property_: URIRef, number: int) -> None:
    graph.add((subject, property_, Literal(number)))


def _local(iri: URIRef) -> str:
    """Return a name for *iri* below our own addresses: its prefixed name, the colon become a hyphen."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}-{iri.removeprefix(namespace)}"
    return iri.split("://", 1)[-1].replace("/", "-").replace("#", "-")
