"""Which ontologies are compiled, and that no other is taken in silence."""

import pytest
from rdflib import OWL, RDF, RDFS

from kzus_graph.owl import axioms, closure, language, reference, statements
from kzus_graph.owl.axioms import UnsupportedOntology
from kzus_graph.rdf.vocab import GRAPH
from tests.conftest import ROOT
from tests.graphs import read
from tests.owl.test_closure import answer, lines, parsed

pytestmark = pytest.mark.slow

EX = "<http://example.org/"
ONE = (
    "(a restriction must have one owl:onProperty, and one value of owl:someValuesFrom, owl:allValuesFrom"
    " or owl:hasValue)"
)
UNSUPPORTED = {
    "ex:p a owl:FunctionalProperty": [f"{EX}p> a owl:FunctionalProperty"],
    "ex:p a owl:InverseFunctionalProperty": [f"{EX}p> a owl:InverseFunctionalProperty"],
    "ex:p a owl:ReflexiveProperty": [f"{EX}p> a owl:ReflexiveProperty"],
    "ex:C owl:hasKey ( ex:p )": [f"{EX}C> owl:hasKey _:l"],
    "ex:x owl:sameAs ex:y": [f"{EX}x> owl:sameAs {EX}y>"],
    "ex:x owl:sameAs ex:x": [f"{EX}x> owl:sameAs {EX}x>"],
    "ex:C owl:disjointUnionOf ( ex:D ex:E )": [f"{EX}C> owl:disjointUnionOf _:l"],
    "ex:R owl:onProperty ex:p ; owl:maxCardinality 1": [
        f'{EX}R> owl:maxCardinality "1"^^xsd:integer',
        f"{EX}R> owl:onProperty {EX}p> {ONE}",
    ],
    "ex:R owl:onProperty ex:p ; owl:hasSelf true": [
        f'{EX}R> owl:hasSelf "true"^^xsd:boolean',
        f"{EX}R> owl:onProperty {EX}p> {ONE}",
    ],
    "ex:R owl:onProperty ex:p": [f"{EX}R> owl:onProperty {EX}p> {ONE}"],
    "ex:R owl:someValuesFrom ex:C": [f"{EX}R> owl:someValuesFrom {EX}C> {ONE}"],
    "ex:R owl:onProperty ex:p ; owl:someValuesFrom ex:C ; owl:hasValue ex:x": [
        f"{EX}R> owl:onProperty {EX}p> ; owl:someValuesFrom {EX}C> ; owl:hasValue {EX}x> {ONE}"
    ],
    "ex:R owl:onProperty ex:p , ex:q ; owl:hasValue ex:x": [
        f"{EX}R> owl:onProperty {EX}p> ; owl:onProperty {EX}q> ; owl:hasValue {EX}x> {ONE}"
    ],
    "ex:R a owl:Restriction": [f"{EX}R> a owl:Restriction {ONE}"],
    "ex:n a owl:NegativePropertyAssertion ; owl:sourceIndividual ex:x": [
        f"{EX}n> owl:sourceIndividual {EX}x>",
        f"{EX}n> a owl:NegativePropertyAssertion",
    ],
    "ex:d a rdfs:Datatype ; owl:onDatatype xsd:integer": [f"{EX}d> owl:onDatatype xsd:integer"],
    "ex:p rdfs:range owl:real": [f"{EX}p> rdfs:range owl:real"],
    "ex:p rdfs:subPropertyOf rdf:type": [f"{EX}p> rdfs:subPropertyOf rdf:type"],
    "ex:p rdfs:subPropertyOf rdfs:subClassOf": [f"{EX}p> rdfs:subPropertyOf rdfs:subClassOf"],
    "ex:p owl:equivalentProperty owl:sameAs": [f"{EX}p> owl:equivalentProperty owl:sameAs"],
    "ex:p owl:propertyChainAxiom ( ex:q rdf:type )": [f"{EX}p> owl:propertyChainAxiom _:l"],
    "owl:inverseOf a owl:SymmetricProperty": ["owl:inverseOf a owl:SymmetricProperty"],
    "rdf:type a owl:AnnotationProperty": ["rdf:type a owl:AnnotationProperty"],
    "rdf:type rdfs:domain ex:C": [f"rdf:type rdfs:domain {EX}C>"],
    "ex:p rdfs:range owl:TransitiveProperty": [f"{EX}p> rdfs:range owl:TransitiveProperty"],
    "ex:C rdfs:subClassOf owl:FunctionalProperty": [f"{EX}C> rdfs:subClassOf owl:FunctionalProperty"],
    "ex:C rdfs:subClassOf owl:Class": [f"{EX}C> rdfs:subClassOf owl:Class"],
    "owl:Class rdfs:subClassOf ex:C": [f"owl:Class rdfs:subClassOf {EX}C>"],
    "ex:R owl:onProperty rdf:type ; owl:hasValue owl:SymmetricProperty": [
        f"{EX}R> owl:onProperty rdf:type",
    ],
    "ex:C owl:unionOf ( ex:D owl:SymmetricProperty )": [f"{EX}C> owl:unionOf _:l"],
    "[] a owl:AllDisjointClasses ; owl:members ( ex:C owl:Class )": ["_:s a owl:AllDisjointClasses"],
    "ex:s a owl:AllDisjointProperties": [f"{EX}s> a owl:AllDisjointProperties (owl:members is missing)"],
    "ex:s owl:members ( ex:C ex:D )": [f"{EX}s> owl:members _:l (the subject has no class that requires owl:members)"],
    "ex:C owl:intersectionOf ()": [f"{EX}C> owl:intersectionOf rdf:nil (the list must not be empty)"],
    "ex:C owl:intersectionOf ex:l": [f"{EX}C> owl:intersectionOf {EX}l> (the object is not a valid RDF list)"],
    "ex:C owl:unionOf ex:l . ex:l rdf:first ex:D": [f"{EX}C> owl:unionOf {EX}l> (the object is not a valid RDF list)"],
    "ex:C owl:oneOf ex:l . ex:l rdf:first ex:x ; rdf:rest ex:l": [
        f"{EX}C> owl:oneOf {EX}l> (the object is not a valid RDF list)"
    ],
    "ex:p owl:propertyChainAxiom ex:l . ex:l rdf:first ex:p , ex:q ; rdf:rest ()": [
        f"{EX}p> owl:propertyChainAxiom {EX}l> (the object is not a valid RDF list)"
    ],
    'ex:C rdfs:subClassOf "D"': [f'{EX}C> rdfs:subClassOf "D"'],
    'ex:p owl:inverseOf "q"': [f'{EX}p> owl:inverseOf "q"'],
    'ex:x a "C"': [f'{EX}x> a "C"'],
    "ex:x owl:topObjectProperty ex:y": [f"{EX}x> owl:topObjectProperty {EX}y>"],
    "ex:x owl:noSuchTerm ex:y": [f"{EX}x> owl:noSuchTerm {EX}y>"],
    "ex:x a owl:NoSuchTerm": [f"{EX}x> a owl:NoSuchTerm"],
}
"""What is not compiled, and what is named."""

SUPPORTED = (
    "ex:x owl:differentFrom ex:y . [] a owl:AllDifferent ; owl:distinctMembers ( ex:x ex:y )",
    "ex:x ex:authors ( ex:y ex:z ) . ex:authors rdfs:range rdf:List",
    "[] a owl:Axiom ; owl:annotatedSource ex:C ; owl:annotatedProperty rdfs:label ; owl:annotatedTarget 'C'",
    "rdfs:label rdfs:domain ex:Named . ex:x rdfs:label 'x' . ex:p rdfs:subPropertyOf rdfs:comment . ex:x ex:p 'y'",
    "ex:b rdf:_1 ex:x ; a rdf:Bag . ex:s a rdf:Statement ; rdf:subject ex:x . ex:x rdfs:seeAlso owl:FunctionalProperty",
    "<http://example.org/> a owl:Ontology ; owl:imports ex:other ; owl:versionIRI ex:one ; owl:priorVersion ex:none",
    "ex:C a rdfs:Class ; owl:deprecated true . ex:x a ex:C , owl:NamedIndividual , owl:Thing , rdfs:Resource",
    "ex:x a xsd:byte . ex:d a rdfs:Datatype ; owl:equivalentClass xsd:byte . ex:y ex:p '7'^^xsd:byte",
)
"""What uses terms of the languages and is taken, since nothing follows from them that isn't compiled."""

POSITIONS = (
    "ex:x {} ex:y . ex:y {} ex:z",
    "ex:x a {}",
    "ex:p a {}",
    "ex:C a {}",
    "{} a owl:Class",
    "{} a owl:ObjectProperty , owl:TransitiveProperty",
    "ex:p rdfs:subPropertyOf {}",
    "{} rdfs:subPropertyOf ex:p",
    "ex:C rdfs:subClassOf {}",
    "{} rdfs:subClassOf ex:C",
    "ex:p rdfs:range {}",
    "ex:p rdfs:domain {}",
    "{} rdfs:range ex:E",
    "ex:p owl:inverseOf {}",
    "ex:q owl:propertyChainAxiom ( ex:p {} )",
    "{} owl:propertyChainAxiom ( ex:p ex:q )",
    "[] owl:onProperty ex:p ; owl:someValuesFrom {} ; rdfs:subClassOf ex:E",
    "[] owl:onProperty {} ; owl:someValuesFrom ex:D ; rdfs:subClassOf ex:E",
    "ex:C rdfs:subClassOf [ owl:onProperty ex:p ; owl:hasValue {} ]",
    "ex:C rdfs:subClassOf [ owl:onProperty {} ; owl:hasValue ex:D ]",
    "[] owl:intersectionOf ( ex:C {} ) ; rdfs:subClassOf ex:E",
    "ex:x ex:p {} . ex:p rdfs:range ex:E",
    "{} ex:p ex:q",
)
FACTS = """
ex:C a owl:Class . ex:D a owl:Class . ex:p a owl:ObjectProperty . ex:q a owl:ObjectProperty .
ex:x a ex:C ; ex:p ex:y . ex:y a ex:D ; ex:p ex:z ; ex:q ex:x , "z" , 7 . ex:C ex:p ex:D .
"""
TERMS = sorted(
    f"<{namespace[name]}>" for namespace in (OWL, RDF, RDFS) for name in namespace.__annotations__ if name[0] != "_"
)


@pytest.mark.parametrize(("said", "named"), UNSUPPORTED.items())
def test_what_is_not_compiled_is_named(said: str, named: list[str]) -> None:
    text = parsed(f"{FACTS} {said} .")
    with pytest.raises(UnsupportedOntology) as caught:
        closure.inferred(text)
    assert len(caught.value.axioms) == len(named)
    for found, expected in zip(sorted(caught.value.axioms), sorted(named), strict=True):
        head = expected.split("_:")[0]
        assert found == expected if head == expected else found.startswith(head)
        assert found in str(caught.value)


@pytest.mark.parametrize("said", SUPPORTED)
def test_what_says_nothing_to_a_reasoner_is_taken(said: str) -> None:
    text = parsed(f"{FACTS} {said} .")
    assert answer(closure.inferred, text) == answer(reference.inferred, text)


def test_the_message_says_what_to_do_and_how_many_more() -> None:
    same = " ".join(f"ex:x{number} owl:sameAs ex:y ." for number in range(1012))
    with pytest.raises(UnsupportedOntology, match="^these axioms cannot be compiled to rules: <http.* 1,002 more$"):
        closure.inferred(parsed(same))


@pytest.mark.parametrize("position", POSITIONS)
def test_no_term_of_the_languages_is_taken_in_silence(position: str) -> None:
    """Each term of OWL, RDF and RDFS in each position is refused by name, or gives what owlrl gives."""
    refused = taken = 0
    for term in TERMS:
        text = parsed(f"{FACTS} {position.replace('{}', term)} .")
        try:
            ours = answer(closure.inferred, text)
        except UnsupportedOntology as error:
            assert error.axioms
            refused += 1
        else:
            taken += 1
            assert ours == answer(reference.inferred, text), term
    assert refused + taken == len(TERMS) > 100
    assert refused > 50 or position in {"{} ex:p ex:q", POSITIONS[18], POSITIONS[21]}


def test_our_ontology_is_compiled_as_a_whole() -> None:
    graphs = read((path, GRAPH.ontology) for path in sorted((ROOT / "ontology").glob("*.ttl")))
    ontology = graphs[GRAPH.ontology]
    found = axioms.read(statements.read(lines(ontology)))
    assert len(found.pairs[language.CHAIN]) == len(set(ontology.subject_objects(OWL.propertyChainAxiom))) > 0
    assert len(found.restrictions) == len(set(ontology.subjects(OWL.onProperty))) > 0
    assert len(found.members[language.TRANSITIVE]) == len(set(ontology.subjects(RDF.type, OWL.TransitiveProperty))) > 0
