"""The ontology, its codes, topics and alignment: house style, names in use, what follows from the axioms, and traps."""

import csv
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import owlrl
import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import FOAF, GEO, ORG, PROV, SDO

import kzus_graph
from kzus_graph.owl import reference
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP, KZUS, SHAPE
from kzus_graph.shacl import shapes
from tests.conftest import FIXTURES, ROOT
from tests.graphs import Examined, infer, report

pytestmark = pytest.mark.slow

ONTOLOGY = ROOT / "ontology"
PARTS = ("dip", "codes", "topics", "alignment")
HEADER = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
TOPIC = Namespace(PREFIXES["topic"])
ALIGNMENT = URIRef(BASE + "ontology/alignment")
EUROVOC = "http://eurovoc.europa.eu/"
SEM = "http://semanticweb.cs.vu.nl/2009/11/sem/"
TIME = "http://www.w3.org/2006/time#"


@cache
def _read(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ONTOLOGY / f"{name}.ttl")
    return graph


def _copy(graph: Graph) -> Graph:
    result = Graph()
    for triple in graph:
        result.add(triple)
    return result


@pytest.fixture(scope="module")
def terms() -> Graph:
    """The ontology with codes, topics, alignment, and the matches of topics in EuroVoc."""
    matches = Graph().parse(ROOT / "data" / "links" / "eurovoc.ttl")
    graph = _read(*PARTS)
    for topic, match, target in matches:
        if str(topic).startswith(str(TOPIC)):
            graph.add((topic, match, target))
    return graph


@pytest.fixture(scope="module")
def house() -> Graph:
    return _read("house-style")


def _dip_terms(graph: Graph) -> set[URIRef]:
    return {term for term in graph.subjects() if isinstance(term, URIRef) and term.startswith(str(DIP))}


# House style


def test_the_ontology_keeps_the_house_style(terms: Graph, house: Graph) -> None:
    assert shapes.violations(report(terms, house)) == []


Mutation = tuple[str, str, str, str]
"""Code, node at fault, patterns of triples to take away (``?`` is anything), triples to add."""

MUTATIONS: list[Mutation] = [
    ("H01", "dip:Visit", "dip:Visit rdfs:label ?", ""),
    ("H01", "dip:Visit", "", 'dip:Visit rdfs:label "Journey"@en .'),
    ("H01", "dip:Visit", "dip:Visit rdfs:label ?", 'dip:Visit rdfs:label "Visite"@fr .'),
    ("H02", "dip:gist", "dip:gist skos:definition ?", ""),
    ("H02", "dip:gist", "dip:gist skos:definition ?", 'dip:gist skos:definition "What is said"@en .'),
    ("H03", "dip:Roadshow", "dip:Roadshow rdfs:label ?", 'dip:Roadshow rdfs:label "road show"@en .'),
    ("H04", "dip:gist", "dip:gist rdfs:label ?", 'dip:gist rdfs:label "The Gist"@en .'),
    (
        "H05",
        "dip:Visit",
        "dip:Visit skos:definition ?",
        'dip:Visit skos:definition "Travel of a representative to a place."@en .',
    ),
    ("H05", "dip:Event", "dip:Event skos:definition ?", 'dip:Event skos:definition "What happened."@en .'),
    ("H06", "dip:Visit", "dip:Visit rdfs:isDefinedBy ?", "dip:Visit rdfs:isDefinedBy <https://schema.org/> ."),
    ("H07", "dip:atPlace", "", "dip:atPlace rdfs:domain dip:Visit ."),
    ("H07", "dip:atPlace", "", "dip:atPlace rdfs:range dip:City ."),
    ("H08", "dip:KazakhVisit", "", "dip:KazakhVisit a owl:Class ."),
    ("H08", "dip:Visit", "", 'dip:Visit skos:scopeNote "Such as one to Kazakhstan."@en .'),
    ("H08", "dip:Visit", "", 'dip:Visit skos:example "An American visitor."@en .'),
    ("H09", "dip:stay", "", "dip:stay a owl:Class ."),
    ("H10", "dip:Has_thing", "", "dip:Has_thing a owl:ObjectProperty ."),
    ("H11", "dip:Stray", "", "dip:Stray a owl:Class ."),
    ("H11", "dip:Visit", "", "dip:Visit rdfs:subClassOf dip:Place ."),
    ("H12", "dip:atPlace", "dip:atPlace rdfs:domain ?; dip:atPlace skos:scopeNote ?", ""),
    ("H13", "dip:locatedIn", "dip:locatedIn rdfs:range ?", ""),
    ("H14", "dip:Stay", "", 'dip:Stay rdfs:label "Visit"@en .'),
    (
        "H14",
        "dip:Stay",
        "",
        'dip:Stay skos:definition "Relates an event to the agent who receives the others."@en .',
    ),
    ("H15", "dip:Visit", "", 'dip:Visit skos:scopeNote "Two  blanks."@en .'),
    ("H15", "topic:visas", "", 'topic:visas skos:altLabel "leave to enter "@en .'),
    ("H16", "dip:Visit", "", "dip:Visit rdfs:subClassOf dip:OfficialVisit ."),
    ("H16", "dip:inContextOf", "", "dip:inContextOf rdfs:subPropertyOf dip:subEventOf ."),
    ("H16", "topic:visas", "", "topic:visas skos:broader topic:visa-fees ."),
    ("H17", "dip:statedBy", "dip:stated rdfs:domain ?", "dip:stated rdfs:domain dip:Event ."),
    ("H18", "dip:locatedIn", "dip:locatedIn rdfs:range ?", "dip:locatedIn rdfs:range dip:Country ."),
    ("H19", "dip:participant", "", "dip:participant a owl:FunctionalProperty ."),
    ("H20", "dip:Visit", "", "dip:Visit a owl:ObjectProperty ."),
    ("H20", "dip:Vist", "", "dip:Vist rdfs:subClassOf dip:Visit ."),
    ("H21", "<https://w3id.org/kzus/ontology>", "<https://w3id.org/kzus/ontology> dcterms:license ?", ""),
    ("H21", "<https://w3id.org/kzus/ontology>", "<https://w3id.org/kzus/ontology> bibo:status ?", ""),
    (
        "H21",
        "<https://w3id.org/kzus/ontology/alignment>",
        "<https://w3id.org/kzus/ontology/alignment> owl:versionIRI ?",
        "",
    ),
    ("H22", "<https://w3id.org/kzus/ontology>", "<https://w3id.org/kzus/ontology> vann:preferredNamespacePrefix ?", ""),
    ("H23", "code:role-host", "code:role-host skos:prefLabel ?", ""),
    ("H23", "code:role-host", "", 'code:role-host rdfs:label "host"@en .'),
    ("H23", "topic:trade", "topic:trade skos:definition ?", 'topic:trade skos:definition "buying and selling"@en .'),
    ("H23", "code:role-page", "", 'code:role-page skos:prefLabel "page"@en .'),
    ("H24", "topic:trade", "topic:trade skos:inScheme ?", ""),
    ("H24", "topic:trade", "topic:trade skos:broader ?", ""),
    ("H24", "topic:trade", "", "topic:trade skos:topConceptOf topic:scheme ."),
    ("H25", "topic:Trade_Fairs", "", "topic:Trade_Fairs a skos:Concept ."),
    ("H25", "code:act-page", "", "code:act-page a skos:Concept ; skos:inScheme code:role ."),
    ("H26", "topic:student-visas", "", "topic:student-visas a skos:Concept ; skos:broader topic:visas-five-year ."),
    ("H26", "topic:trade", "", "topic:trade skos:broader topic:wto-accession ."),
    ("H27", "topic:energy", "topic:energy skos:editorialNote ?", ""),
    ("H27", "topic:trade", "", "topic:trade skos:closeMatch <http://eurovoc.europa.eu/concept/11> ."),
    ("H28", "dip:Visit", "", "dip:Visit skos:closeMatch schema:TravelAction ."),
    ("H29", "dip:Event", "", "dip:Event rdfs:subClassOf prov:Activity ."),
    ("H29", "dip:begin", "", "dip:begin rdfs:subPropertyOf prov:startedAtTime ."),
    ("H29", "dip:occurredBefore", "", "dip:occurredBefore rdfs:subPropertyOf time:before ."),
    ("H30", "dip:Event", "", "dip:Event owl:equivalentClass schema:Event ."),
    ("H30", "dip:Organization", "", "dip:Organization owl:hasKey ( dip:statedName ) ."),
    ("H31", "code:role-host", "", "code:role-host dip:roleProperty dip:atPlace ."),
    ("H31", "code:status-signed", "", "code:status-signed dip:statusAct dip:Singing ."),
    ("H31", "code:role-signatory", "", "code:role-signatory dip:roleEvent dip:Singing ."),
    ("H31", "code:group-dates", "", "code:group-dates dip:groupedProperty dip:beginning ."),
    ("H32", "dip:Visit", "", "dip:Visit dip:eventCode code:role-visitor ."),
]


def _term(text: str) -> URIRef | None:
    if text == "?":
        return None
    if text.startswith("<"):
        return URIRef(text[1:-1])
    prefix, name = text.split(":")
    return URIRef(PREFIXES[prefix] + name)


@pytest.mark.parametrize(("code", "node", "without", "added"), MUTATIONS, ids=lambda value: value[:40])
def test_a_breach_of_the_house_style_is_caught(
    terms: Graph, house: Graph, code: str, node: str, without: str, added: str
) -> None:
    mutated = _copy(terms)
    for pattern in filter(None, without.split("; ")):
        subject, predicate, object_ = (_term(word) for word in pattern.split())
        size = len(mutated)
        mutated.remove((subject, predicate, object_))
        assert len(mutated) < size, f"nothing matches {pattern}"
    mutated.parse(data=HEADER + added)
    found = shapes.violations(report(mutated, shapes.only(house, [SHAPE[code]])))
    assert (code, _term(node)) in {(violation.code, violation.focus) for violation in found}


def test_every_rule_of_the_house_style_has_a_breach(house: Graph) -> None:
    codes = {str(shape).removeprefix(str(SHAPE)) for shape in house.subjects() if str(shape).startswith(str(SHAPE))}
    assert {code for code in codes if re.fullmatch(r"H\d\d", code)} == {mutation[0] for mutation in MUTATIONS}


@pytest.mark.parametrize("name", [*PARTS, "house-style"])
def test_no_comment_carries_what_a_parser_would_drop(name: str) -> None:
    text = (ONTOLOGY / f"{name}.ttl").read_text("utf-8")
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert comments == []


# Names in use

FILES = sorted(
    path
    for folder in ("ontology", "data", "queries")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".ttl", ".trig", ".rq", ".tsv"}
)
CODED = sorted((ROOT / "src").rglob("*.py"))


def _names(text: str, prefix: str) -> set[str]:
    """Return the local names that *text* uses under *prefix*, short or in full."""
    strings = r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"'
    text = re.sub(strings, lambda match: match[0] if "SELECT" in match[0] else "", text)
    short = re.findall(rf"(?<![\w/]){prefix}:([A-Za-z0-9][\w-]*)", text)
    return {*short, *re.findall(rf"<{re.escape(PREFIXES[prefix])}([A-Za-z0-9][\w-]*)>", text)}


def _defined(prefix: str) -> set[str]:
    namespace = PREFIXES[prefix]
    return {str(term).removeprefix(namespace) for term in _read(*PARTS).subjects() if str(term).startswith(namespace)}


@pytest.mark.parametrize("prefix", ["dip", "code", "topic"])
def test_every_name_in_use_is_defined(prefix: str) -> None:
    defined = _defined(prefix)
    undefined = {
        f"{path.relative_to(ROOT)}: {prefix}:{name}"
        for path in FILES
        for name in _names(path.read_text("utf-8"), prefix) - defined
    }
    assert undefined == set()


def test_every_name_in_the_code_is_defined() -> None:
    spaces = {"DIP": "dip", "CODE": "code", "TOPIC": "topic"}
    used = {
        (spaces[space], name)
        for path in CODED
        for space, name in re.findall(r"\b(DIP|CODE|TOPIC)\.([A-Za-z]\w*)", path.read_text("utf-8"))
    }
    assert ("dip", "setsAside") in used
    assert {(prefix, name) for prefix, name in used if name not in _defined(prefix)} == set()


def test_a_name_that_is_not_defined_would_be_found() -> None:
    text = 'kzus:x dip:atPlace kzus:y ; dip:atPalce <https://w3id.org/kzus/ontology#Vist> ; rdfs:comment "dip:no" .'
    assert _names(text, "dip") - _defined("dip") == {"atPalce", "Vist"}


def _prefixes(text: str) -> Iterator[tuple[str, str]]:
    yield from re.findall(r"(?im)^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", text)
    yield from re.findall(r'sh:prefix "([\w-]*)" ; sh:namespace "([^"]*)"', text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_prefixes_are_those_of_the_table(path: Path) -> None:
    wrong = {(prefix, iri) for prefix, iri in _prefixes(path.read_text("utf-8")) if PREFIXES.get(prefix) != iri}
    assert wrong == set()


def test_prefixes_are_read_in_every_notation() -> None:
    text = '@prefix a: <u:a> .\nPREFIX b: <u:b>\n  prefix c:<u:c>\n[ sh:prefix "d" ; sh:namespace "u:d"^^xsd:anyURI ]'
    assert dict(_prefixes(text)) == {"a": "u:a", "b": "u:b", "c": "u:c", "d": "u:d"}


@pytest.mark.parametrize("name", ["ontology", "ontology/alignment"])
def test_one_version_everywhere(terms: Graph, name: str) -> None:
    ontology = URIRef(BASE + name)
    assert str(terms.value(ontology, OWL.versionInfo)) == kzus_graph.__version__
    assert terms.value(ontology, OWL.versionIRI) == URIRef(f"{ontology}/{kzus_graph.__version__}")


def test_the_header_gives_namespace_and_prefix(terms: Graph) -> None:
    ontology = URIRef(BASE + "ontology")
    vann = "http://purl.org/vocab/vann/"
    prefix = str(terms.value(ontology, URIRef(vann + "preferredNamespacePrefix")))
    assert PREFIXES[prefix] == str(terms.value(ontology, URIRef(vann + "preferredNamespaceUri"))) == str(DIP)


# Alignment


@cache
def _external() -> dict[str, str]:
    """Return the terms of other vocabularies that were read there, with their kinds."""
    with (FIXTURES / "ontology" / "external-terms.csv").open(encoding="utf-8", newline="") as file:
        return {row["iri"]: row["kind"] for row in csv.DictReader(file)}


KINDS = {"class": OWL.Class, "object property": OWL.ObjectProperty, "datatype property": OWL.DatatypeProperty}
LISTED = {str(namespace): namespace for namespace in (DCTERMS, FOAF, GEO, ORG, PROV, SDO)}
"""Vocabularies whose terms rdflib lists: a second witness."""


def _targets(alignment: Graph) -> set[URIRef]:
    links = (RDFS.subClassOf, RDFS.subPropertyOf)
    return {URIRef(str(target)) for link in links for target in alignment.objects(None, link)}


def _unknown(targets: set[URIRef]) -> set[URIRef]:
    """Return those of *targets* that the vocabulary they belong to was not seen to have."""
    return {
        target
        for target in targets
        if str(target) not in _external()
        or any(target.startswith(space) and target not in terms for space, terms in LISTED.items())
    }


def test_every_target_of_the_alignment_exists() -> None:
    targets = _targets(_read("alignment"))
    assert len(targets) == 52
    assert _unknown(targets) == set()


@pytest.mark.parametrize("iri", [str(ORG) + "Pots", "http://www.w3.org/2006/timeTemporalEntity", SEM + "Evnt"])
def test_a_target_that_does_not_exist_would_be_found(iri: str) -> None:
    assert _unknown({URIRef(iri), ORG.Post}) == {URIRef(iri)}


def test_every_target_is_declared_as_what_it_is_and_nothing_else_is() -> None:
    alignment = _read("alignment")
    declared = {
        term: kind
        for name, kind in KINDS.items()
        for term in alignment.subjects(RDF.type, kind)
        if _external()[str(term)] == name
    }
    assert set(declared) == _targets(alignment) == set(alignment.subjects(RDF.type, None)) - {ALIGNMENT}


def test_links_go_from_class_to_class_and_from_property_to_property_of_one_kind(terms: Graph) -> None:
    for link, kinds in ((RDFS.subClassOf, {OWL.Class}), (RDFS.subPropertyOf, set(KINDS.values()) - {OWL.Class})):
        for subject, target in _read("alignment").subject_objects(link):
            shared = set(terms.objects(subject, RDF.type)) & set(terms.objects(target, RDF.type)) & kinds
            assert len(shared) == 1, (subject, target)


def _mappings() -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the metadata and the rows of the loose correspondences."""
    lines = (ONTOLOGY / "mappings.sssom.tsv").read_text("utf-8").splitlines()
    head = [line.removeprefix("#") for line in lines if line.startswith("#")]
    metadata = dict(line.strip().split(": ", 1) for line in head if ": " in line)
    body = [line for line in lines if not line.startswith("#")]
    return metadata, list(csv.DictReader(body, delimiter="\t"))


def test_loose_correspondences_say_what_sssom_demands() -> None:
    metadata, rows = _mappings()
    assert metadata["mapping_set_id"].startswith(BASE)
    assert metadata["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert {row["mapping_justification"] for row in rows} == {"semapv:ManualMappingCuration"}
    assert {row["predicate_id"] for row in rows} == {"skos:closeMatch", "skos:broadMatch", "skos:narrowMatch"}
    assert metadata["mapping_set_version"] == kzus_graph.__version__


def test_loose_correspondences_join_terms_that_exist(terms: Graph) -> None:
    metadata, rows = _mappings()
    for row in rows:
        names = (row[key].split(":") for key in ("subject_id", "object_id"))
        subject, target = (URIRef(metadata[prefix] + name) for prefix, name in names)
        assert str(terms.value(subject, RDFS.label)) == row["subject_label"]
        if target.startswith(str(CODE)):
            assert (target, RDF.type, SKOS.Concept) in terms
        else:
            assert _unknown({target}) == set()


def test_prefixes_of_the_loose_correspondences_agree_with_the_table() -> None:
    metadata, _ = _mappings()
    assert {prefix for prefix in metadata if prefix in PREFIXES and metadata[prefix] != PREFIXES[prefix]} == set()


# What follows from the axioms


def _raw_closure(*parts: Graph) -> Graph:
    """Return the OWL 2 RL closure with nothing cleaned away: what a trap does to the ontology's own terms shows.

    Labels and other notes are left out beforehand, as no rule looks at them and each costs time, as does it that a
    thing is the same as itself.
    """
    notes = set(_read("dip").subjects(RDF.type, OWL.AnnotationProperty)) | {RDFS.label}
    closure = Graph(store="SimpleMemory")
    for part in parts:
        for triple in part:
            if triple[1] not in notes or not isinstance(triple[2], Literal):
                closure.add(triple)
    owlrl.DeductiveClosure(reference._Closure, axiomatic_triples=False, datatype_axioms=False).expand(closure)
    return closure


def _errors(closure: Graph) -> list[str]:
    return [str(message) for message in closure.objects(None, reference.OWLRL_ERROR)]


def _fixture(name: str) -> Graph:
    return Graph().parse(FIXTURES / "ontology" / f"{name}.ttl")


def _turtle(text: str) -> Graph:
    return Graph().parse(data=HEADER + text)


@pytest.fixture(scope="module")
def core() -> Graph:
    """The ontology and the alignment: all that has axioms. Codes and topics would only cost time."""
    return _read("dip", "alignment")


@pytest.fixture(scope="module")
def sample() -> Graph:
    """A few facts about two fictional states."""
    return _fixture("sample")


@pytest.fixture(scope="module")
def inferred(core: Graph, sample: Graph) -> Graph:
    return infer(core + sample)


FOLLOWS = """
kzus:visit a dip:Visit , dip:DiplomaticContact , dip:Event , dip:HeadOfStateLevelEvent
kzus:signing a dip:InstrumentAct , dip:HeadOfStateLevelEvent
kzus:visit--rudolf a dip:HeadOfStateParticipation
kzus:signing--rudolf a dip:HeadOfStateParticipation
kzus:visit--rudolf dip:inEvent kzus:visit
kzus:visit--rudolf dip:onBehalfOf kzus:ruritania
kzus:rudolf dip:participation kzus:visit--rudolf
kzus:visit dip:hasParticipant kzus:rudolf
kzus:rudolf dip:participatesIn kzus:visit , kzus:signing
kzus:signing dip:involvesParty kzus:ruritania , kzus:freedonia
kzus:freedonia dip:involvedIn kzus:signing
kzus:rufus dip:represented kzus:freedonia
kzus:rufus dip:actedAs kzus:minister-freedonia
kzus:signing dip:subEventOf kzus:visit
kzus:visit dip:hasSubEvent kzus:talks , kzus:signing
kzus:signing dip:during kzus:visit , kzus:talks
kzus:signing dip:inContextOf kzus:visit
kzus:farewell dip:inContextOf kzus:visit
kzus:visit dip:inContextOf kzus:fair
kzus:fair dip:inContextOf kzus:visit
kzus:talks dip:parallelTo kzus:fair
kzus:talks dip:occurredBefore kzus:farewell
kzus:farewell dip:occurredAfter kzus:talks , kzus:signing
kzus:visit dip:atPlace kzus:duckburg , kzus:sylvania , kzus:freedonia-country
kzus:visit dip:onTerritoryOf kzus:freedonia
kzus:duckburg dip:locatedIn kzus:freedonia-country
kzus:pact dip:producedBy kzus:signing
kzus:signing dip:resultedIn kzus:pact
kzus:visit dip:resultedIn kzus:pact
kzus:pact dip:resultOf kzus:talks
kzus:pact dip:party kzus:ruritania , kzus:freedonia
kzus:pact dip:hasProvision kzus:pact-aim
kzus:rudolf dip:stated kzus:promise
kzus:signing dip:coversTopic topic:visa-fees , topic:visas , topic:movement-of-persons
kzus:visit dip:coversTopic topic:visa-fees , topic:movement-of-persons
kzus:launch dip:concerns kzus:songbook
kzus:songbook a dip:CreativeWork , dip:InformationObject
kzus:delegation dip:groupOf kzus:ruritania
kzus:ruritania a dip:Organization , dip:Agent , org:FormalOrganization , foaf:Agent , prov:Agent , crm:E39_Actor
kzus:visit a schema:Event , sem:Event , lode:Event , crm:E5_Event , crm:E7_Activity
kzus:signing dcterms:subject topic:visa-fees
kzus:signing schema:superEvent kzus:talks , kzus:visit
kzus:visit schema:location kzus:freedonia-country
kzus:king-ruritania org:postIn kzus:ruritania
"""


@pytest.mark.parametrize("line", FOLLOWS.strip().splitlines())
def test_what_follows_from_the_axioms(sample: Graph, inferred: Graph, line: str) -> None:
    for triple in _turtle(line + " ."):
        assert triple not in sample
        assert triple in inferred


AXIOMS = [
    ("dip:onBehalfOf owl:propertyChainAxiom ?", "kzus:rufus dip:represented kzus:freedonia"),
    ("dip:hasParticipant owl:propertyChainAxiom ?", "kzus:visit dip:hasParticipant kzus:rudolf"),
    ("dip:involvesParty owl:propertyChainAxiom ?", "kzus:pact dip:party kzus:freedonia"),
    ("dip:party owl:propertyChainAxiom ?", "kzus:pact dip:party kzus:freedonia"),
    ("dip:coversTopic owl:propertyChainAxiom ?", "kzus:visit dip:coversTopic topic:movement-of-persons"),
    ("dip:atPlace owl:propertyChainAxiom ?", "kzus:visit dip:atPlace kzus:freedonia-country"),
    ("dip:onTerritoryOf owl:propertyChainAxiom ?", "kzus:visit dip:onTerritoryOf kzus:freedonia"),
    ("dip:resultedIn owl:propertyChainAxiom ?", "kzus:visit dip:resultedIn kzus:pact"),
    ("dip:subEventOf rdfs:subPropertyOf dip:during", "kzus:signing dip:inContextOf kzus:visit"),
    ("? owl:someValuesFrom ?", "kzus:visit a dip:HeadOfStateLevelEvent"),
]


@pytest.mark.parametrize(("axiom", "consequence"), AXIOMS, ids=[axiom for axiom, _ in AXIOMS])
def test_without_its_axiom_a_consequence_is_gone(
    core: Graph, sample: Graph, inferred: Graph, axiom: str, consequence: str
) -> None:
    (triple,) = _turtle(consequence + " .")
    weaker = _copy(core)
    subject, predicate, object_ = (_term(word) for word in axiom.split())
    weaker.remove((subject, predicate, object_))
    assert triple in inferred
    assert triple not in infer(weaker + sample)


NOT_INFERRED = """
kzus:talks dip:hasParticipant kzus:rudolf
kzus:visit dip:hasParticipant kzus:rufus
kzus:talks dip:atPlace kzus:duckburg
kzus:signing dip:inContextOf kzus:fair
kzus:visit dip:destination kzus:freedonia-country
kzus:farewell dip:subEventOf kzus:visit
kzus:visit dip:hasTopic topic:visa-fees
kzus:talks a dip:HeadOfStateLevelEvent
"""


@pytest.mark.parametrize("line", NOT_INFERRED.strip().splitlines())
def test_what_must_not_follow(sample: Graph, inferred: Graph, line: str) -> None:
    (triple,) = _turtle(line + " .")
    assert triple not in sample + inferred


DISJOINT = [
    ["Event", "Agent", "Place", "InformationObject", "Position", "Participation", "EventSeries", "Programme"]
    + ["BilateralRelation", "Tenure"],
    ["Person", "Organization", "Group"],
    ["Visit", "Meeting", "PhoneConversation", "Correspondence"],
    ["AttributedStatement", "Provision", "SourceClaim"],
    ["TextSegment", "Record"],
    ["Instrument", "LegalAct", "Statement", "CreativeWork", "SourceDocument", "Attestation", "SourceNote"],
    ["State", "PublicBody", "InternationalOrganization", "BilateralBody"],
    ["State", "Company"],
    ["City", "Region", "Site"],
    ["Country", "Site"],
    ["JointStatement", "JointDeclaration", "Agreement", "MemorandumOfUnderstanding", "Understanding"],
    ["Treaty", "Contract"],
]
PAIRS = [(one, other) for group in DISJOINT for one in group for other in group if one < other]


def test_disjoint_classes_are_refused_in_pairs() -> None:
    """Each pair once; owlrl reports one error for each, so that one run answers for all of them."""
    doubled = Graph()
    for one, other in PAIRS:
        for class_ in (one, other):
            doubled.add((KZUS[f"{one}-{other}"], RDF.type, DIP[class_]))
    reported = " ".join(_errors(_raw_closure(_read("dip"), doubled)))
    assert {pair for pair in PAIRS if str(KZUS["-".join(pair)]) not in reported} == set()


@pytest.mark.parametrize("class_", ["Event", "Agent", "Place", "Participation", "InformationObject"])
def test_no_thing_is_a_code(core: Graph, class_: str) -> None:
    with pytest.raises(Inconsistent):
        infer(core + _turtle(f"kzus:x a dip:{class_} , skos:Concept ."))


@pytest.mark.parametrize("classes", ["dip:Forum , dip:BodySession", "dip:Signing , dip:Meeting"])
def test_classes_that_overlap_on_purpose_are_not_disjoint(core: Graph, classes: str) -> None:
    assert (KZUS.x, RDF.type, DIP.Event) in infer(core + _turtle(f"kzus:x a {classes} ."))


# Traps


@pytest.fixture(scope="module")
def surrounded(core: Graph, sample: Graph) -> Graph:
    """The raw closure of our ontology and the sample among the axioms of the vocabularies it is aligned to."""
    return _raw_closure(core, sample, _fixture("other-vocabularies"))


def _events(closure: Graph) -> set[object]:
    return set(closure.subjects(RDF.type, DIP.Event))


def _typed(closure: Graph, things: set[object], class_: URIRef) -> set[object]:
    return {thing for thing in things if (thing, RDF.type, class_) in closure}


def test_among_other_vocabularies_nothing_breaks(surrounded: Graph) -> None:
    assert len(_events(surrounded)) == 6
    assert _errors(surrounded) == []


def _trap1(closure: Graph) -> bool:
    return bool(_errors(closure)) or bool(_typed(closure, _events(closure), PROV.Activity))


def _trap2(closure: Graph) -> bool:
    return any(Literal(value).datatype != XSD.dateTime for value in closure.objects(None, PROV.startedAtTime))


def _trap3(closure: Graph) -> bool:
    kinds = (kind for event in _events(closure) for kind in closure.objects(event, RDF.type))
    return any(str(kind).startswith(str(CODE)) for kind in kinds)


def _trap4(closure: Graph) -> bool:
    return any(str(concept).startswith(str(DIP)) for concept in closure.subjects(RDF.type, SKOS.Concept))


def _trap5(closure: Graph) -> bool:
    return bool(_errors(closure)) or bool(_typed(closure, _events(closure), URIRef(TIME + "TemporalEntity")))


def _trap11(closure: Graph) -> bool:
    return (KZUS.ruritania, OWL.sameAs, KZUS.freedonia) in closure


TRAPS: list[tuple[str, Callable[[Graph], bool], str]] = [
    ("T1", _trap1, "dip:Event rdfs:subClassOf prov:Activity . kzus:visit prov:hadPrimarySource kzus:songbook ."),
    ("T1", _trap1, "dip:Event rdfs:subClassOf prov:Activity ."),
    ("T2", _trap2, "dip:begin rdfs:subPropertyOf prov:startedAtTime ."),
    ("T3", _trap3, "dip:kind rdfs:subPropertyOf sem:eventType . kzus:visit dip:kind code:role-visitor ."),
    ("T4", _trap4, "dip:Visit skos:closeMatch schema:TravelAction ."),
    ("T5", _trap5, "dip:occurredBefore rdfs:subPropertyOf time:before ."),
    (
        "T5",
        _trap5,
        'dip:Event rdfs:subClassOf time:ProperInterval . kzus:visit time:inXSDDate "2001-05-01"^^xsd:date .',
    ),
    ("T11", _trap11, "dip:statedName rdfs:subPropertyOf org:identifier ."),
]


@pytest.mark.slow
@pytest.mark.parametrize(("trap", "sprung", "temptation"), TRAPS, ids=[f"{trap[0]}-{trap[2][:30]}" for trap in TRAPS])
def test_a_trap_is_avoided_and_would_be_noticed(
    core: Graph, sample: Graph, surrounded: Graph, trap: str, sprung: Callable[[Graph], bool], temptation: str
) -> None:
    assert not sprung(surrounded), trap
    assert sprung(_raw_closure(core, sample, _fixture("other-vocabularies"), _turtle(temptation))), trap


def test_the_alignment_imports_nothing_but_the_ontology() -> None:
    assert set(_read(*PARTS).objects(None, OWL.imports)) == {URIRef(BASE + "ontology")}


def test_the_real_graph_falls_into_no_trap(whole: Examined) -> None:
    closure = whole.asserted + whole.inferred
    assert len(_events(closure)) >= 45
    for class_ in (PROV.Activity, PROV.Entity, SKOS.Concept, URIRef(TIME + "TemporalEntity"), DIP.Place):
        assert _typed(closure, _events(closure), class_) == set()
    assert not _trap2(closure)
    assert not _trap3(closure)
    assert not _trap4(closure)
    assert set(closure.subject_objects(OWL.sameAs)) == set()


# Codes and topics

ROLES = [
    *("visitor", "host", "interlocutor", "participant", "caller", "callee", "negotiator", "adopter", "signatory"),
    *("decider", "speaker", "briefer", "organizer", "representative", "head-of-delegation", "elected"),
    *("sender", "recipient", "appointee", "appointer", "recognizer", "presenter"),
]


def _concepts(scheme: URIRef) -> set[str]:
    return {str(concept).removeprefix(str(scheme) + "-") for concept in _read("codes").subjects(SKOS.inScheme, scheme)}


@pytest.mark.parametrize(
    ("scheme", "codes"),
    [
        ("role", ROLES),
        (
            "status",
            ["adopted", "signed", "agreed", "exchanged", "initialled", "ratified", "in-force", "terminated"]
            + ["amended", "succeeded"],
        ),
        ("basis", ["stated", "inherited", "derived"]),
        (
            "note",
            ["anachronism", "ambiguity", "grammar", "inconsistency", "underspecified", "name-variant", "translation"]
            + ["derived", "completeness", "typography", "order", "tension", "fact-check"],
        ),
        (
            "act",
            ["express-intent", "declare-support", "thank", "praise", "appeal", "assess", "predict", "affirm", "call"]
            + ["welcome", "emphasize", "characterize", "presuppose"],
        ),
        ("mode", ["future", "historical", "hypothetical", "negation"]),
        ("group", ["dates", "place", "office", "kind", "status"]),
        ("verdict", ["confirmed", "partly", "contradicted", "not-found"]),
    ],
)
def test_the_schemes_have_their_codes(scheme: str, codes: list[str]) -> None:
    assert set(codes) <= _concepts(CODE[scheme])


def test_four_roles_have_a_property_of_their_own(terms: Graph) -> None:
    found = {(str(role), str(term)) for role, term in terms.subject_objects(DIP.roleProperty)}
    names = ("visitor", "host", "speaker", "organizer")
    assert found == {(str(CODE[f"role-{name}"]), str(DIP[name])) for name in names}


def test_the_group_of_dates_holds_every_property_that_dates_an_event_or_a_tenure(terms: Graph) -> None:
    grouped = {
        name: set(terms.objects(CODE[f"group-{name}"], DIP.groupedProperty)) for name in ("dates", "begin", "end")
    }
    wanted = "begin end notBefore notAfter datePrecision dateQualifier dateBasis edtf includesDate"
    assert grouped["begin"] == {DIP.tenureFrom, DIP.tenureFromEdtf}
    assert grouped["end"] == {DIP.tenureTo, DIP.tenureToEdtf}
    assert grouped["dates"] == {DIP[name] for name in wanted.split()} | grouped["begin"] | grouped["end"]


EVENT_CODES = {
    "Visit": "plover-consult-visit cameo-042 cameo-043",
    "Meeting": "plover-consult cameo-040",
    "PhoneConversation": "plover-consult-phone cameo-041",
    "Negotiation": "plover-consult cameo-046",
    "Summit": "plover-consult-multilateral cameo-040",
    "Forum": "plover-consult-multilateral cameo-040",
    "Signing": "plover-support-sign cameo-057",
    "Adoption": "plover-support cameo-057 cameo-019",
    "ReachingOfUnderstanding": "plover-agree cameo-030 cameo-031",
    "Ratification": "plover-support-sign",
    "Recognition": "cameo-054",
    "MilitaryExercise": "cameo-062",
}
ACT_CODES = {
    "express-intent": "plover-agree cameo-036 cameo-0311",
    "declare-support": "plover-support cameo-051",
    "praise": "plover-support cameo-051",
    "thank": "plover-support cameo-051",
    "appeal": "cameo-0211",
    "assess": "cameo-013",
    "predict": "cameo-010",
    "affirm": "cameo-019",
    "call": "cameo-026",
}


def test_classes_and_speech_acts_have_their_event_codes(terms: Graph) -> None:
    classes = {(class_, code) for class_, code in terms.subject_objects(DIP.eventCode)}
    assert classes == {(DIP[name], CODE[code]) for name, codes in EVENT_CODES.items() for code in codes.split()}
    acts = {pair for pair in terms.subject_objects(SKOS.closeMatch) if str(pair[0]).startswith(str(CODE))}
    assert acts == {(CODE[f"act-{name}"], CODE[code]) for name, codes in ACT_CODES.items() for code in codes.split()}


def test_every_event_code_has_its_notation(terms: Graph) -> None:
    for scheme in ("plover", "cameo"):
        notations = [str(terms.value(CODE[f"{scheme}-{name}"], SKOS.notation)) for name in _concepts(CODE[scheme])]
        assert len(set(notations)) == len(notations)
        assert "None" not in notations
    assert str(terms.value(CODE["cameo-0211"], SKOS.notation)) == "0211"


EUROVOC_MATCHES = {
    "exactMatch": {
        "bilateral-relations": "3196", "political-cooperation": "220", "nuclear-non-proliferation": "3454",
        "disarmament": "411", "nuclear-security": "c_e0e4608a", "military-cooperation": "218",
        "democratization": "383", "elections": "695", "investment": "1488", "food-security": "c_4523e1dd",
        "small-and-medium-business": "2359", "innovation": "1439", "nuclear-energy": "753", "air-transport": "4505",
    },
    "closeMatch": {
        "global-security": "3450", "trade": "11", "transit": "3614", "transport-network": "3428", "visas": "4005",
        "railways": "4514",
    },
    "broadMatch": {
        "nuclear-disarmament": "411", "promotion-of-democracy": "383", "strategic-partnership": "3196",
        "wto-accession": "5420", "critical-minerals": "1839",
    },
    "narrowMatch": {
        "democracy-and-human-rights": "381 584", "economic-and-social-development": "427 432",
        "trade-and-economic-cooperation": "207 209", "scientific-and-technical-cooperation": "223 225",
        "culture-and-humanitarian-cooperation": "208", "taxation": "504",
    },
    "relatedMatch": {
        "counter-terrorism": "4452", "energy-security": "4025 2312", "jackson-vanik-exclusion": "4130",
        "wto-accession": "5765", "osce-chairmanship": "3514", "law-enforcement": "217",
    },
}  # fmt: skip


@pytest.mark.parametrize("match", EUROVOC_MATCHES)
def test_topics_have_their_matches_in_eurovoc(terms: Graph, match: str) -> None:
    for slug, numbers in EUROVOC_MATCHES[match].items():
        found = {str(target).removeprefix(EUROVOC) for target in terms.objects(TOPIC[slug], SKOS[match])}
        assert found == set(numbers.split()), slug


@pytest.mark.parametrize("slug", ["energy", "economic-diversification", "switches-for-cis-countries"])
def test_topics_without_a_descriptor_have_no_match(terms: Graph, slug: str) -> None:
    assert not any("Match" in str(predicate) for predicate in terms.predicates(TOPIC[slug]))
    assert "EuroVoc" in str(terms.value(TOPIC[slug], SKOS.editorialNote))


def test_a_topic_either_has_a_match_in_eurovoc_or_says_why_not(terms: Graph) -> None:
    for topic in terms.subjects(RDF.type, SKOS.Concept):
        if str(topic).startswith(str(TOPIC)):
            matched = any(str(target).startswith(EUROVOC) for target in terms.objects(topic))
            noted = "was looked up" in str(terms.value(topic, SKOS.editorialNote))
            assert not (matched and noted), topic
            assert matched or terms.value(topic, SKOS.editorialNote), topic


def test_topics_have_three_levels(terms: Graph) -> None:
    topics = {topic for topic in terms.subjects(RDF.type, SKOS.Concept) if str(topic).startswith(str(TOPIC))}
    tops = {topic for topic in topics if not set(terms.objects(topic, SKOS.broader))}
    second = {topic for topic in topics - tops if set(terms.objects(topic, SKOS.broader)) <= tops}
    third = topics - tops - second
    assert len(topics) >= 43
    assert min(len(tops), len(second), len(third)) >= 6
    assert all(set(terms.objects(topic, SKOS.broader)) <= second | tops for topic in third)
    across = {top for topic in third for top in set(terms.objects(topic, SKOS.broader)) & tops}
    assert across == {TOPIC["nuclear-matters"]}, "a heading across others may be above a topic of the third level"


def test_every_term_of_the_namespace_is_a_class_or_a_property(terms: Graph) -> None:
    kinds = (*KINDS.values(), OWL.AnnotationProperty)
    declared = {term for kind in kinds for term in terms.subjects(RDF.type, kind)}
    assert len(_dip_terms(terms)) > 170
    assert _dip_terms(terms) - declared == set()
