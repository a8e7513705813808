"""The data set's description, computed from its triples: VoID with partitions and linksets, DCAT 3 with checksums.

What can't be computed (title, licence, creators, dates) is read from ``data/dataset.ttl``, written by hand.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import Final

from rdflib import DCAT, DCTERMS, RDF, RDFS, VOID, XSD, Graph, Literal, URIRef

from kzus_graph.links import linksets
from kzus_graph.pipeline.content import ContentError
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.formats import DUMPS
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DATASET, DIP, GRAPH, KZUS

Triples = list[tuple[str, str, str]]
"""Triples, each as three terms in N-Triples syntax."""

HOME: Final = URIRef(BASE)
ENDPOINT: Final = URIRef(BASE + "sparql")
DCAT_VERSION: Final = URIRef(PREFIXES["dcat"] + "version")
HAS_VERSION: Final = URIRef(PREFIXES["dcat"] + "hasVersion")
SD: Final = PREFIXES["sd"]
SPDX: Final = PREFIXES["spdx"]
REGISTERED: Final = "https://www.iana.org/assignments/media-types/"
FORMATS: Final = {suffix: (form.label, form.media_type) for suffix, form in DUMPS.items()}
"""The name and the media type of each dump format, by file extension."""
FILES: Final = FORMATS | {"tsv": ("SSSOM", "text/tab-separated-values")}
"""The same for every file in the dumps folder, which also has linksets as SSSOM tables."""
LAYERS: Final = {
    "asserted": "What sources and editors state",
    "inferred": "What rules and reasoner add",
    "all": "What is stated and what follows from it",
}
TYPE: Final = RDF.type.n3()
EXAMPLES: Final = (DIP.Visit, DIP.Person, DIP.Instrument, DIP.AttributedStatement)
"""Classes. The first instance of each, in the order of IRIs, is a void:exampleResource of the data set."""
FEATURES: Final = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def version(metadata: Graph) -> str:
    """Return the ``dcat:version`` of the data set in *metadata*, which is ``data/dataset.ttl``.

    Raises ContentError when there is no version.
    """
    value = metadata.value(DATASET, DCAT_VERSION)
    if value is None:
        raise ContentError(f"data/dataset.ttl: {DATASET} has no dcat:version")
    return str(value)


def described(metadata: Graph, release: str, default: Lines, named: NamedLines) -> Graph:
    """Return the description of a data set: counts, class and property partitions, subsets, linksets, service.

    *metadata* is the part written by hand, with the titles of linksets. *release* is the name of the release. The
    counts are of *default*, the merge; *named* are the named graphs. Every node has an IRI. Implements VoID (W3C Note
    2011) §4 and DCAT 3 §6.
    """
    triples = [ntriples.terms(line) for line in default]
    graph = Graph()
    graph += _dataset(metadata, release, triples)
    graph += _counts(DATASET, triples)
    graph += _partitions(triples)
    graph += _subsets(default, named)
    graph += linksets.described(named, metadata)
    graph += _service(metadata)
    return graph


def distributions(metadata: Graph, files: Mapping[str, Mapping[str, str | int]]) -> Graph:
    """Return *files*, dumps by name with ``bytes`` and ``sha256``, as DCAT distributions and VoID data dumps."""
    graph = Graph()
    for name, facts in files.items():
        graph += _distribution(name, facts, metadata)
    return graph


def _dataset(metadata: Graph, release: str, content: Triples) -> Graph:
    """Return the data set's own description: its classes, addresses, period, sources, examples and current version."""
    graph = Graph()
    pinned = URIRef(f"{DATASET}/{version(metadata)}")
    graph.add((DATASET, RDF.type, VOID.Dataset)).add((DATASET, RDF.type, DCAT.Dataset))
    graph.add((DATASET, VOID.uriSpace, Literal(BASE)))
    graph.add((DATASET, VOID.sparqlEndpoint, ENDPOINT))
    graph.add((DATASET, DCAT.landingPage, HOME))
    graph.add((DATASET, HAS_VERSION, pinned)).add((pinned, RDF.type, DCAT.Dataset))
    graph.add((pinned, DCAT.landingPage, URIRef(f"{BASE}dumps/{release}/")))
    for feature in FEATURES:
        graph.add((DATASET, VOID.feature, URIRef(f"http://www.w3.org/ns/formats/{feature}")))
    kinds = {kind.n3() for kind in (*EXAMPLES, DIP.SourceDocument)}
    bounds = {property_.n3() for property_ in (DIP.notBefore, DIP.notAfter)}
    things: defaultdict[str, list[str]] = defaultdict(list)
    dates = set()
    for subject, property_, object_ in content:
        if property_ == TYPE and object_ in kinds and subject.startswith("<"):
            things[object_].append(subject)
        elif property_ in bounds:
            dates.add(object_)
    for kind in EXAMPLES:
        if kind.n3() in things:
            graph.add((DATASET, VOID.exampleResource, _iri(min(things[kind.n3()]))))
    for document in things[DIP.SourceDocument.n3()]:
        graph.add((DATASET, DCTERMS.source, _iri(document)))
    days = sorted(map(ntriples.text, dates))
    if days:
        period = URIRef(f"{DATASET}#period")
        graph.add((DATASET, DCTERMS.temporal, period))
        graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
        graph.add((period, DCAT.startDate, Literal(days[0], datatype=XSD.date)))
        graph.add((period, DCAT.endDate, Literal(days[-1], datatype=XSD.date)))
    return graph


def _counts(subject: URIRef, content: Triples) -> Graph:
    """Return the numbers of triples, subjects, objects, properties, classes and things of ours in *content*."""
    graph = Graph()
    subjects = {subject for subject, _, _ in content}
    for measure, number in (
        (VOID.triples, len(content)),
        (VOID.distinctSubjects, len(subjects)),
        (VOID.distinctObjects, len({object_ for _, _, object_ in content})),
        (VOID.properties, len({property_ for _, property_, _ in content})),
        (VOID.classes, len({object_ for _, property_, object_ in content if property_ == TYPE})),
        (VOID.entities, sum(thing.startswith(f"<{KZUS}") for thing in subjects)),
    ):
        graph.add((subject, measure, Literal(number)))
    return graph


def _partitions(content: Triples) -> Graph:
    """Return the VoID partitions: instances of each class, triples of each property, also within each of our classes.

    Also return the vocabularies whose properties are in use.
    """
    graph = Graph()
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for thing, property_, class_ in content:
        if property_ == TYPE and class_.startswith("<"):
            kinds[thing].append(class_)
    for class_, number in Counter(chain.from_iterable(kinds.values())).items():
        partition = _subset(graph, DATASET, VOID.classPartition, f"class-{_local(_iri(class_))}")
        graph.add((partition, VOID["class"], _iri(class_)))
        graph.add((partition, VOID.entities, Literal(number)))
    used = Counter(property_ for _, property_, _ in content)
    for prefix, namespace in PREFIXES.items():
        # every data set uses RDF's own terms, so they are left out
        if prefix not in {"rdf", "rdfs", "owl"} and any(name.startswith(f"<{namespace}") for name in used):
            graph.add((DATASET, VOID.vocabulary, URIRef(namespace)))
    for property_, number in used.items():
        partition = _subset(graph, DATASET, VOID.propertyPartition, f"property-{_local(_iri(property_))}")
        graph.add((partition, VOID.property, _iri(property_)))
        graph.add((partition, VOID.triples, Literal(number)))
    ours = f"<{DIP}"
    own_kinds = {thing: [kind for kind in classes if kind.startswith(ours)] for thing, classes in kinds.items()}
    within = Counter(
        (class_, property_)
        for thing, property_, _ in content
        if property_.startswith(ours)
        for class_ in own_kinds.get(thing, ())
    )
    for (class_, property_), number in within.items():
        of_class = URIRef(f"{DATASET}#class-{_local(_iri(class_))}")
        name = f"class-{_local(_iri(class_))}-{_local(_iri(property_))}"
        partition = _subset(graph, of_class, VOID.propertyPartition, name)
        graph.add((partition, VOID.property, _iri(property_)))
        graph.add((partition, VOID.triples, Literal(number)))
    return graph


def _iri(term: str) -> URIRef:
    return URIRef(term[1:-1])


def _subsets(default: Lines, named: NamedLines) -> Graph:
    """Return the named graphs, and the two layers of the merge, as subsets with their numbers of triples."""
    graph = Graph()
    for name, content in named.items():
        subset = _subset(graph, DATASET, VOID.subset, f"graph-{_local(name)}")
        graph.add((subset, URIRef(SD + "name"), name))
        graph.add((subset, VOID.triples, Literal(len(content))))
    inferred = len(named.get(GRAPH.inferred, ()))
    for layer, size in (("asserted", len(default) - inferred), ("inferred", inferred)):
        subset = _subset(graph, DATASET, VOID.subset, f"layer-{layer}")
        graph.add((subset, RDFS.label, Literal(LAYERS[layer], lang="en")))
        graph.add((subset, VOID.triples, Literal(size)))
    return graph


def _distribution(name: str, facts: Mapping[str, str | int], metadata: Graph) -> Graph:
    """Return one dump as a DCAT distribution with checksum (SPDX), and as a VoID data dump of its layer or linkset."""
    graph = Graph()
    address = URIRef(f"{BASE}dumps/{name}")
    stem, extension = name.removesuffix(".gz").rsplit(".", 1)
    _, linkset, target = stem.removesuffix(".sssom").partition("-links-")
    layer = stem.rpartition("-")[2]
    checksum = URIRef(f"{address}#sha256")
    part = f"/links-{target}" if linkset else "" if layer == "all" else f"#layer-{layer}"
    graph.add((URIRef(f"{DATASET}{part}"), VOID.dataDump, address))
    for dataset in (DATASET, URIRef(f"{DATASET}/{version(metadata)}")):
        graph.add((dataset, DCAT.distribution, address))
    form, media_type = FILES[extension]
    words = f"{f'Links to {target}' if linkset else LAYERS[layer]}: {form}{', gzipped' * name.endswith('.gz')}"
    for subject, property_, value in (
        (address, RDF.type, DCAT.Distribution),
        (address, DCTERMS.title, Literal(name)),
        (address, DCTERMS.description, Literal(words, lang="en")),
        (address, DCAT.downloadURL, address),
        (address, DCAT.accessURL, URIRef(BASE + "dumps/")),
        (address, DCAT.mediaType, URIRef(REGISTERED + media_type)),
        (address, DCAT.byteSize, Literal(int(facts["bytes"]))),
        (address, URIRef(SPDX + "checksum"), checksum),
        (checksum, RDF.type, URIRef(SPDX + "Checksum")),
        (checksum, URIRef(SPDX + "algorithm"), URIRef(SPDX + "checksumAlgorithm_sha256")),
        (checksum, URIRef(SPDX + "checksumValue"), Literal(str(facts["sha256"]), datatype=XSD.hexBinary)),
    ):
        graph.add((subject, property_, value))
    if name.endswith(".gz"):
        graph.add((address, DCAT.compressFormat, URIRef(REGISTERED + "application/gzip")))
    graph += _inherited(address, metadata, DCTERMS.license, DCTERMS.issued)
    return graph


def _service(metadata: Graph) -> Graph:
    """Return the home page as a DCAT catalogue, and the endpoint as a data service that serves the data set."""
    graph = Graph()
    title = str(metadata.value(DATASET, DCTERMS.title) or "This data set")
    words = "The data set, its dumps, and the service that answers from it."
    for subject, property_, value in (
        (HOME, RDF.type, DCAT.Catalog),
        (HOME, DCTERMS.title, Literal(f"{title}: catalogue", lang="en")),
        (HOME, DCTERMS.description, Literal(words, lang="en")),
        (HOME, DCAT.dataset, DATASET),
        (HOME, DCAT.service, ENDPOINT),
        (ENDPOINT, RDF.type, DCAT.DataService),
        (ENDPOINT, DCTERMS.title, Literal(f"{title}: SPARQL endpoint", lang="en")),
        (ENDPOINT, DCAT.endpointURL, ENDPOINT),
        (ENDPOINT, DCAT.endpointDescription, ENDPOINT),
        (ENDPOINT, DCAT.servesDataset, DATASET),
        (ENDPOINT, DCTERMS.conformsTo, URIRef("https://www.w3.org/TR/sparql11-protocol/")),
    ):
        graph.add((subject, property_, value))
    for node in (HOME, ENDPOINT):
        graph += _inherited(node, metadata, DCTERMS.license, DCTERMS.publisher)
    return graph


def _inherited(node: URIRef, metadata: Graph, *properties: URIRef) -> Graph:
    """Return the data set's values of *properties* as values of *node*."""
    graph = Graph()
    for property_ in properties:
        for value in metadata.objects(DATASET, property_):
            graph.add((node, property_, value))
    return graph


def _subset(graph: Graph, whole: URIRef, link: URIRef, name: str) -> URIRef:
    """Add a part of *whole* to *graph* and return its IRI: the data set's IRI with *name* as its fragment."""
    part = URIRef(f"{DATASET}#{name}")
    graph.add((whole, link, part)).add((part, RDF.type, VOID.Dataset))
    return part


def _local(iri: URIRef) -> str:
    """Return *iri* as a fragment identifier: its prefixed name with a hyphen for the colon, if it has a known prefix.

    Otherwise return the IRI without its scheme, with hyphens for slashes and hashes.
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}-{iri.removeprefix(namespace)}"
    return iri.split("://", 1)[-1].replace("/", "-").replace("#", "-")
