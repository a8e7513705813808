"""The terms of RDF, RDFS and OWL in N-Triples syntax, grouped by how the reasoner treats them."""

from typing import Final

from owlrl.XsdDatatypes import OWL_RL_Datatypes

from kzus_graph.rdf import ntriples
from kzus_graph.rdf.prefixes import PREFIXES, compact

Pair = tuple[str, str]
"""Subject and object of a statement, each as an N-Triples term, where the context determines the predicate."""
Triple = tuple[str, str, str]
"""Subject, predicate and object, each as an N-Triples term."""


def _names(prefix: str, locals_: str) -> list[str]:
    return [f"<{PREFIXES[prefix]}{name}>" for name in locals_.split()]


TYPE, FIRST, REST, NIL, PROPERTY, LIST = _names("rdf", "type first rest nil Property List")
SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE = _names("rdfs", "subClassOf subPropertyOf domain range")
RDFS_CLASS, DATATYPE, RESOURCE, LITERAL = _names("rdfs", "Class Datatype Resource Literal")
THING, NOTHING, NAMED_INDIVIDUAL, CLASS, RESTRICTION, ONTOLOGY = _names(
    "owl", "Thing Nothing NamedIndividual Class Restriction Ontology"
)
OBJECT_PROPERTY, DATATYPE_PROPERTY, ANNOTATION_PROPERTY, TRANSITIVE, SYMMETRIC, ASYMMETRIC, IRREFLEXIVE = _names(
    "owl",
    "ObjectProperty DatatypeProperty AnnotationProperty TransitiveProperty SymmetricProperty AsymmetricProperty"
    " IrreflexiveProperty",
)
EQUIVALENT_CLASS, DISJOINT, COMPLEMENT, INTERSECTION, UNION, ONE_OF = _names(
    "owl", "equivalentClass disjointWith complementOf intersectionOf unionOf oneOf"
)
EQUIVALENT_PROPERTY, PROPERTY_DISJOINT, INVERSE, CHAIN = _names(
    "owl", "equivalentProperty propertyDisjointWith inverseOf propertyChainAxiom"
)
ON_PROPERTY, SOME, ALL, HAS_VALUE = _names("owl", "onProperty someValuesFrom allValuesFrom hasValue")
ALL_DISJOINT, ALL_DISJOINT_PROPERTIES, ALL_DIFFERENT, MEMBERS, DISTINCT_MEMBERS = _names(
    "owl", "AllDisjointClasses AllDisjointProperties AllDifferent members distinctMembers"
)

EVERYTHING: Final = frozenset({THING, RESOURCE, LITERAL, NAMED_INDIVIDUAL})
"""Classes such as owl:Thing, whose rdf:type triples carry no information, as every resource belongs to them."""
LANGUAGES: Final = tuple(f"<{PREFIXES[prefix]}" for prefix in ("rdf", "rdfs", "owl"))
"""The beginning of the terms of RDF, of RDFS and of OWL in N-Triples: ``<`` and the namespace."""
DATATYPES: Final = frozenset(f"<{datatype}>" for datatype in OWL_RL_Datatypes)
"""The datatypes that the reasoner owlrl supports."""

NOTES: Final = frozenset(
    _names("rdfs", "label comment seeAlso isDefinedBy member")
    + _names("rdf", "value subject predicate object")
    + _names("owl", "versionInfo deprecated priorVersion backwardCompatibleWith incompatibleWith")
)
"""Properties of RDF, RDFS and OWL that no rule of OWL 2 RL contains, so that axioms about them are supported."""
SILENT_PROPERTIES: Final = NOTES | {
    FIRST, REST, *_names("owl", "versionIRI imports annotatedSource annotatedProperty annotatedTarget differentFrom"),
    DISTINCT_MEMBERS,
}  # fmt: skip
"""Properties whose triples alone entail nothing. owl:differentFrom can only contradict owl:sameAs."""
SILENT_CLASSES: Final = (
    EVERYTHING
    | DATATYPES
    | {RDFS_CLASS, DATATYPE, ONTOLOGY, RESTRICTION, ALL_DIFFERENT, LIST}
    | set(_names("rdf", "Statement Bag Seq Alt"))
    | set(_names("rdfs", "Container ContainerMembershipProperty"))
    | set(_names("owl", "Axiom Annotation DeprecatedClass DeprecatedProperty OntologyProperty"))
)
"""Classes whose rdf:type triples entail nothing by the rules of OWL 2 RL."""
PLAIN_CLASSES: Final = (
    EVERYTHING
    | DATATYPES
    | {NOTHING, LIST}
    | set(_names("rdf", "Statement Bag Seq Alt"))
    | set(_names("rdfs", "Container"))
)
"""Classes of RDF, RDFS and OWL that axioms may contain in place of a class of the ontology."""


def is_literal(term: str) -> bool:
    """Return whether *term*, in N-Triples syntax, is a literal."""
    return term[0] == '"'


def is_language(term: str) -> bool:
    """Return whether *term*, in N-Triples syntax, is an IRI in the namespace of RDF, RDFS or OWL."""
    return term.startswith(LANGUAGES)


def text(term: str) -> str:
    """Return *term* without N-Triples syntax: the IRI, the blank node's label, or the literal's lexical form.

    >>> text("<https://example.org/>"), text("_:b0"), text(r'"say \\"x\\""@en')
    ('https://example.org/', 'b0', 'say "x"')
    """
    if term[0] == "<":
        return term[1:-1]
    if term[0] == "_":
        return term[2:]
    if "\\" not in term:
        return term[1 : term.rindex('"')]
    return ntriples.text(term)


def shown(*terms: str) -> str:
    """Return *terms* as one readable text, IRIs as prefixed names; rdf:type as the last term but one becomes ``a``.

    >>> shown("_:b0", TYPE, SUB_CLASS), shown('"1"^^<http://www.w3.org/2001/XMLSchema#byte>')
    ('_:b0 a rdfs:subClassOf', '"1"^^xsd:byte')
    """
    words = [_shown(term) for term in terms]
    if TYPE in terms[-2:-1]:
        words[-2] = "a"
    return " ".join(words)


def _shown(term: str) -> str:
    if is_literal(term) and term[-1] == ">":
        letters, datatype = term[:-1].rsplit("^^<", 1)
        return f"{letters}^^{compact(datatype)}"
    return compact(term[1:-1]) if term[0] == "<" else term
