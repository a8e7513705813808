"""What the data set, its examples and its ontology say of themselves, and whether that can be had."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, OWL, RDF, RDFS, SH, SKOS, VOID, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links import linksets
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.queries import QueryFile, examples, read_examples
from kzus_graph.rdf.vocab import DATASET, DIP, GRAPH
from kzus_graph.web.application import create_app
from tests.conftest import FIXTURES, ROOT
from tests.graphs import Graphs, lines, of_triples

SPDX = Namespace(PREFIXES["spdx"])
VANN = Namespace(PREFIXES["vann"])
BIBO = Namespace(PREFIXES["bibo"])
SDO = Namespace(PREFIXES["schema"])
FOAF = Namespace(PREFIXES["foaf"])
ONTOLOGY = URIRef(BASE + "ontology")
RDF_TYPES = {"ttl": "text/turtle", "nt": "application/n-triples", "jsonld": "application/ld+json",
             "rdf": "application/rdf+xml"}  # fmt: skip
LONGEST_ANSWER = 1.0
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def void(real_release: Path) -> Graph:
    return Graph().parse(real_release / "void.ttl")


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def ontology(client: FlaskClient) -> Graph:
    """The ontology as a client of its IRI gets it."""
    answer = client.get("/ontology", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert answer.status_code == 200
    return Graph().parse(data=answer.data, format="turtle")


def conforms(graph: Graph) -> tuple[bool, str]:
    shapes = Graph().parse(FIXTURES / "description-shapes.ttl")
    conforming, _, text = pyshacl.validate(graph, shacl_graph=shapes, advanced=False, inference="none")
    return bool(conforming), str(text)


def test_description_is_as_dcat_and_void_ask(void: Graph) -> None:
    conforming, text = conforms(void)
    assert conforming, text


@pytest.mark.parametrize(
    ("subject", "property_"),
    [
        (DATASET, DCTERMS.license),
        (DATASET, VOID.triples),
        (DATASET, DCTERMS.temporal),
        (URIRef(f"{DATASET}/3.0.0"), URIRef(PREFIXES["dcat"] + "isVersionOf")),
        (URIRef(BASE + "dumps/kzus-graph-all.ttl"), DCAT.byteSize),
        (URIRef(BASE + "dumps/kzus-graph-all.ttl#sha256"), SPDX.checksumValue),
        (URIRef(BASE + "sparql"), DCAT.servesDataset),
        (URIRef(f"{DATASET}#class-dip-Visit"), VOID.entities),
        (URIRef(f"{DATASET}/links-eurovoc"), VOID.objectsTarget),
    ],
)
def test_description_without_a_part_is_found_wanting(void: Graph, subject: URIRef, property_: URIRef) -> None:
    assert (subject, property_, None) in void
    less = void - Graph()
    less.remove((subject, property_, None))
    assert not conforms(less)[0]


def test_linkset_counts_are_those_of_the_links(void: Graph, real_release: Path) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    names = [str(name.value) for name in store.named_graphs() if "/graph/links-" in str(name.value)]
    linksets = {linkset for linkset in void.subjects(RDF.type, VOID.Linkset) if isinstance(linkset, URIRef)}
    assert len(names) > 5 and len(linksets) > len(names)
    seen = set()
    for linkset in linksets:
        name = linkset.replace("#", "/").removeprefix(f"{DATASET}/")
        graph = max((graph for graph in names if name.startswith(graph.rpartition("/")[2])), key=len)
        predicate, target = void.value(linkset, VOID.linkPredicate), void.value(linkset, VOID.objectsTarget)
        property_ = f"<{predicate}>" if predicate else "?p"
        space = void.value(target, VOID.uriSpace)
        links = f'GRAPH <{graph}> {{ ?s {property_} ?o }} FILTER (STRSTARTS(STR(?o), "{space}"))'
        answer = store.query(f"SELECT (COUNT(*) AS ?n) {{ {links} }}")
        assert isinstance(answer, ox.QuerySolutions)
        triples = int(str(void.value(linkset, VOID.triples)))
        assert int(next(answer)["n"].value) == triples > 0, linkset
        if not predicate:
            parts = list(void.objects(linkset, VOID.subset))
            assert sum(int(str(void.value(part, VOID.triples))) for part in parts) == triples
            seen.add(graph)
    assert seen == set(names)


def test_a_graph_of_links_is_a_linkset_by_its_name() -> None:
    links = Graph()
    place = URIRef(PREFIXES["kzus"] + "astana")
    links.add((place, SKOS.exactMatch, URIRef("https://sws.geonames.org/1526273/")))
    named: Graphs = {GRAPH["links-geonames"]: links}
    graph = linksets.described(lines(named), Graph())
    linkset = URIRef(f"{DATASET}/links-geonames")
    assert (linkset, RDF.type, VOID.Linkset) in graph
    assert graph.value(linkset, VOID.triples) == Literal(1)
    target = graph.value(linkset, VOID.objectsTarget)
    assert graph.value(target, VOID.uriSpace) == Literal("https://sws.geonames.org/1526273/")


def test_the_data_set_comes_first(real_release: Path) -> None:
    first = next(iter(ox.parse(path=real_release / "void.ttl")))
    assert first.subject == ox.NamedNode(str(DATASET))


def test_this_release_leads_to_its_dumps(void: Graph, real_release: Path) -> None:
    (version,) = void.objects(DATASET, URIRef(PREFIXES["dcat"] + "hasVersion"))
    assert (version, DCAT.landingPage, URIRef(f"{BASE}dumps/{real_release.name}/")) in void


def test_counts_are_those_of_the_lines(void: Graph, real_release: Path) -> None:
    triples = [line.split(" ", 2) for line in (real_release / "dumps" / "kzus-graph-all.nt").read_text().splitlines()]
    subjects, properties, objects = (set(column) for column in zip(*triples, strict=True))
    for measure, number in (
        (VOID.triples, len(triples)), (VOID.distinctSubjects, len(subjects)), (VOID.distinctObjects, len(objects)),
        (VOID.properties, len(properties)),
        (VOID.entities, sum(subject.startswith(f"<{PREFIXES['kzus']}") for subject in subjects)),
        (VOID.classes, len({value for _, property_, value in triples if property_ == RDF.type.n3()})),
    ):  # fmt: skip
        assert void.value(DATASET, measure) == Literal(number), measure


def test_partitions_of_a_class_count_its_triples(void: Graph, real_release: Path) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    partition = URIRef(f"{DATASET}#class-dip-Visit")
    parts = {void.value(part, VOID.property): part for part in void.objects(partition, VOID.propertyPartition)}
    assert DIP.destination in parts and DIP.speaker not in parts
    for property_, part in parts.items():
        answer = store.query(f"SELECT (COUNT(*) AS ?n) {{ ?s a <{DIP.Visit}> ; <{property_}> ?o }}")
        assert isinstance(answer, ox.QuerySolutions)
        assert int(next(answer)["n"].value) == int(str(void.value(part, VOID.triples)))


@pytest.mark.parametrize("path", ["/.well-known/void", "/"])
@pytest.mark.parametrize("media_type", RDF_TYPES.values())
def test_description_is_served_to_who_wants_data(client: FlaskClient, void: Graph, path: str, media_type: str) -> None:
    answer = client.get(path, headers={"Accept": media_type})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert isomorphic(Graph().parse(data=answer.data, format=media_type), void)
    assert "Accept" in answer.headers["Vary"]
    again = client.get(path, headers={"Accept": media_type})
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_description_is_turtle_unless_asked_otherwise_and_a_page_for_a_browser(client: FlaskClient) -> None:
    assert client.get("/.well-known/void").mimetype == "text/turtle"
    browser = client.get("/.well-known/void", headers={"Accept": BROWSER})
    assert (browser.status_code, browser.headers["Location"]) == (303, "/dataset")
    assert client.get("/", headers={"Accept": BROWSER}).mimetype == "text/html"
    assert client.get("/").mimetype == "text/html"
    refused = client.get("/.well-known/void", headers={"Accept": "image/png"})
    assert refused.status_code == 406 and "text/turtle" in refused.text


@pytest.mark.parametrize("suffix", RDF_TYPES)
def test_description_prefixes_and_examples_have_files(client: FlaskClient, suffix: str) -> None:
    for path in ("/.well-known/void", "/prefixes", "/query/visits"):
        file = client.get(f"{path}.{suffix}")
        assert (file.status_code, file.mimetype) == (200, RDF_TYPES[suffix])
        negotiated = client.get(path, headers={"Accept": RDF_TYPES[suffix]})
        assert negotiated.data == file.data


@pytest.fixture(scope="module")
def served_examples(real_release: Path) -> Graph:
    store = ox.Store.read_only(str(real_release / "store"))
    graph = Graph()
    data = ox.serialize(
        (quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH.examples))),
        format=ox.RdfFormat.N_TRIPLES,
    )
    return graph.parse(data=data or b"", format="nt")


def test_editors_find_every_example_by_the_usual_query(served_examples: Graph) -> None:
    """The question that SIB's editor and tools put to an endpoint for its examples."""
    rows = served_examples.query("""
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?sq ?comment ?query
        WHERE { ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query }
    """)
    assert {str(row[0]) for row in rows} == {f"{BASE}query/{query.name}" for query in read_examples(ROOT / "queries")}


def test_editors_find_our_prefixes_by_the_usual_query(served_examples: Graph) -> None:
    rows = served_examples.query("""
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?prefix ?namespace
        WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix }
    """)
    assert {str(row[0]): str(row[1]) for row in rows} == PREFIXES
    declared = set(served_examples.objects(None, SH.prefixes))
    assert len(declared) == 1
    assert len(list(served_examples.objects(declared.pop(), SH.declare))) == len(PREFIXES)


@pytest.mark.quiet
def test_every_example_answers_where_it_says(client: FlaskClient, served_examples: Graph) -> None:
    assert set(served_examples.objects(None, SDO.target)) == {URIRef(BASE + "sparql")}
    texts = [*served_examples.subject_objects(SH.select), *served_examples.subject_objects(SH.ask)]
    assert len(texts) > 100
    elsewhere = set(served_examples.subjects(URIRef("https://purl.expasy.org/sparql-examples/ontology#federatesWith")))
    for node, text in texts:
        began = time.monotonic()
        answer = client.get("/sparql", query_string={"query": str(text)}, headers={"Accept": "application/json"})
        assert answer.status_code == (403 if node in elsewhere else 200), node
        assert time.monotonic() - began < LONGEST_ANSWER, node


def test_examples_of_each_form_and_with_a_service() -> None:
    texts = {
        "SELECT": "SELECT * { SERVICE <http://e/sparql> { ?s dip:atPlace ?o } }",
        "DESCRIBE": "DESCRIBE <http://e/>",
    }
    graph = of_triples(examples(QueryFile(form.lower(), "?", form, text) for form, text in texts.items()))
    spex = Namespace("https://purl.expasy.org/sparql-examples/ontology#")
    select, describe = URIRef(BASE + "query/select"), URIRef(BASE + "query/describe")
    assert graph.value(select, spex.federatesWith) == URIRef("http://e/sparql")
    assert graph.value(select, SDO.keywords) == Literal("at place", lang="en")
    for property_ in (spex.describe, URIRef(PREFIXES["sh"] + "describe")):
        assert graph.value(describe, property_) == Literal(texts["DESCRIBE"])
    assert not [node for triple in graph for node in triple if not isinstance(node, URIRef | Literal)]


# FOOPS!: the checks that apply to an ontology, by their codes there. Not here, since they are about registries that
# are asked by name (FIND1, FIND2, FIND3: prefix.cc, LOV), and the DOI of OM3, which we have none of.

FOOPS_METADATA = {
    "OM1": (DCTERMS.title, DCTERMS.description, DCTERMS.license, OWL.versionIRI, DCTERMS.creator,
            VANN.preferredNamespaceUri),
    "OM2": (VANN.preferredNamespacePrefix, OWL.versionInfo, DCTERMS.created, DCTERMS.bibliographicCitation),
    "OM3": (DCTERMS.publisher, BIBO.status, DCTERMS.issued, DCTERMS.modified, FOAF.logo, SDO.isBasedOn),
    "OM4.1": (DCTERMS.license,),
    "OM5.1": (DCTERMS.creator, DCTERMS.created),
    "OM5.2": (DCTERMS.issued, DCTERMS.publisher),
}  # fmt: skip


@pytest.mark.parametrize("code", FOOPS_METADATA)
def test_foops_metadata(ontology: Graph, code: str) -> None:
    for property_ in FOOPS_METADATA[code]:
        assert ontology.value(ONTOLOGY, property_) is not None, property_


def test_foops_om4_2_licence_is_an_address_that_is_known(ontology: Graph) -> None:
    licence = ontology.value(ONTOLOGY, DCTERMS.license)
    assert isinstance(licence, URIRef)
    assert re.fullmatch(r"https://creativecommons\.org/licenses/[\w-]+/\d\.\d/", licence)


@pytest.mark.parametrize("media_type", [*RDF_TYPES.values(), "text/html"])
def test_foops_cn1_rdf1_doc1_ontology_comes_as_what_was_asked_for(client: FlaskClient, media_type: str) -> None:
    first = client.get("/ontology", headers={"Accept": media_type})
    assert first.status_code == 303
    answer = client.get("/ontology", headers={"Accept": media_type}, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    if media_type == "text/html":
        assert "dip:Visit" in answer.text
    else:
        assert (ONTOLOGY, RDF.type, OWL.Ontology) in Graph().parse(data=answer.data, format=media_type)


def test_foops_purl1_uri1_uri2_http1_the_address_is_the_name_and_lasts(ontology: Graph) -> None:
    assert list(ontology.subjects(RDF.type, OWL.Ontology)) == [ONTOLOGY]
    assert ONTOLOGY.startswith("https://w3id.org/")
    assert ontology.value(ONTOLOGY, OWL.versionIRI) != ONTOLOGY
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespaceUri)) == PREFIXES["dip"] == f"{ONTOLOGY}#"


def test_foops_ver1_ver2_version_iri_resolves_to_that_version(client: FlaskClient, ontology: Graph) -> None:
    version = ontology.value(ONTOLOGY, OWL.versionIRI)
    assert version is not None
    path = "/" + str(version).removeprefix(BASE)
    answer = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert answer.status_code == 200
    found = Graph().parse(data=answer.data, format="turtle")
    assert found.value(ONTOLOGY, OWL.versionIRI) == version
    assert str(version).endswith("/" + str(found.value(ONTOLOGY, OWL.versionInfo)))


def terms(ontology: Graph) -> set[Node]:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    found = {term for kind in kinds for term in ontology.subjects(RDF.type, kind)}
    return {term for term in found if isinstance(term, URIRef) and term.startswith(PREFIXES["dip"])}


def test_foops_voc1_voc2_other_vocabularies_are_used(client: FlaskClient, ontology: Graph) -> None:
    namespaces = {PREFIXES[prefix] for prefix in ("dcterms", "vann", "skos", "bibo")}
    used = {str(property_) for property_ in ontology.predicates()}
    assert all(any(property_.startswith(namespace) for property_ in used) for namespace in namespaces)
    answer = client.get("/ontology/alignment", headers={"Accept": "text/turtle"}, follow_redirects=True)
    alignment = Graph().parse(data=answer.data, format="turtle")
    aligned = {term for property_ in (RDFS.subClassOf, RDFS.subPropertyOf) for term in alignment.subjects(property_)}
    assert len(aligned & terms(ontology)) >= 30


def test_foops_voc3_voc4_every_term_has_label_and_definition(ontology: Graph) -> None:
    found = terms(ontology)
    assert len(found) > 140
    for term in found:
        assert len(list(ontology.objects(term, RDFS.label))) == 1, term
        assert len(list(ontology.objects(term, SKOS.definition))) == 1, term
