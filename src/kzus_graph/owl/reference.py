"""Compute the closure with the library owlrl: slower than the compiled rules, but complete for OWL 2 RL."""

from collections.abc import Iterable
from typing import Any, Final

import owlrl
from owlrl.DatatypeHandling import AltXSDToPYTHON
from owlrl.XsdDatatypes import OWL_RL_Datatypes
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from kzus_graph.owl import datatypes
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.rdf import ntriples

OWLRL_ERROR: Final = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
EVERYTHING: Final = frozenset({OWL.Thing, RDFS.Resource, RDFS.Literal, OWL.NamedIndividual})
"""Classes such as owl:Thing, whose rdf:type triples carry no information, as every resource belongs to them."""
LANGUAGES: Final = (str(RDF), str(RDFS), str(OWL), str(XSD))
"""Namespaces of RDF, RDFS, OWL and XSD."""
LEADING: Final = (str(OWL), *map(str, (RDF.Property, RDFS.domain, RDFS.range, RDFS.subClassOf, RDFS.subPropertyOf)))
"""Beginnings of the IRIs of terms that occur in the premises of OWL 2 RL's rules."""


class _Closure(owlrl.OWLRL_Semantics):  # type: ignore[misc]
    """owlrl's rules of OWL 2 RL without the rule eq-ref (``x owl:sameAs x``), which would take a third of the time.

    In each round, owlrl tries all rules on each triple. This class skips most triples: the first premise of each rule
    is a triple whose predicate or class begins with one of LEADING. Two rules are exceptions; they match RDFS
    predicates and blank nodes, and only in the first round.
    """

    def rules(self, triple: Any, cycle_num: int) -> None:
        _, predicate, object_ = triple
        if str(object_ if predicate == RDF.type else predicate).startswith(LEADING) or (
            cycle_num == 1 and (str(predicate).startswith(str(RDFS)) or any(isinstance(term, BNode) for term in triple))
        ):
            super().rules(triple, cycle_num)

    def _equality(self, triple: Any, cycle_num: int) -> None:
        subject, predicate, object_ = triple
        if (predicate == OWL.sameAs and subject != object_) or object_ == OWL.AllDifferent:
            super()._equality(triple, cycle_num)


def inferred(lines: Iterable[str]) -> set[str]:
    """Return what *infer* derives from *lines* of N-Triples, as such lines. Raises contradictions.Inconsistent."""
    return set(ntriples.of_graph(infer(ntriples.graph(lines))))


def infer(graph: Graph) -> Graph:
    """Return the informative triples that owlrl derives from *graph* by OWL 2 RL.

    Left out are triples with a literal as subject; triples with a blank node; triples about terms of the ontology or of
    RDF, RDFS, OWL and XSD; membership of owl:Thing and the like (EVERYTHING); and ``x owl:sameAs x``. owl:sameAs
    between two different resources is returned, so that a SHACL shape can report it. Annotations with literal values
    are not passed to owlrl, since no rule matches them. Raises contradictions.Inconsistent with owlrl's messages when
    the graph is contradictory; if an ill-typed literal would abort owlrl, with those about ill-typed literals only.
    """
    annotations = set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    closure = Graph(store="SimpleMemory")  # without contexts: a third faster under the reasoner
    for triple in graph:
        if not (triple[1] in annotations and isinstance(triple[2], Literal)):
            closure.add(triple)
    if ill := _ill_literals(closure):
        raise Inconsistent(ill)
    owlrl.DeductiveClosure(_Closure, axiomatic_triples=False, datatype_axioms=False).expand(closure)
    contradictions = sorted({str(message) for message in closure.objects(None, OWLRL_ERROR)})
    closure.remove((None, OWLRL_ERROR, None))
    terms = _ontology_terms(graph)
    new = Graph()
    for subject, predicate, object_ in closure:
        if (
            isinstance(subject, URIRef)
            and subject not in terms
            and not str(subject).startswith(LANGUAGES)
            and not isinstance(object_, BNode)
            and object_ not in EVERYTHING
            and not (predicate == OWL.sameAs and subject == object_)
            and (subject, predicate, object_) not in graph
        ):
            new.add((subject, predicate, object_))
    if contradictions:
        raise Inconsistent(contradictions, set(ntriples.of_graph(new)))
    return new


def _ontology_terms(graph: Graph) -> set[object]:
    """Return the terms that *graph* declares or uses as a class, property, datatype or ontology."""
    kinds = (
        OWL.Class, RDFS.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property,
        RDFS.Datatype, OWL.Ontology,
    )  # fmt: skip
    terms: set[object] = {term for kind in kinds for term in graph.subjects(RDF.type, kind)}
    terms |= set(graph.objects(None, RDFS.subClassOf)) | set(graph.objects(None, RDFS.subPropertyOf))
    terms |= set(graph.objects(None, RDFS.range)) | set(graph.objects(None, RDFS.domain))
    return terms | set(graph.objects(None, RDF.type)) | set(graph.predicates())


def _ill_literals(graph: Graph) -> list[str]:
    """Return owlrl's messages about all ill-typed literals, sorted, if one of them would abort owlrl; otherwise none.

    A literal aborts owlrl if converting it to a Python value raises an error other than ValueError.
    """
    words: list[str] = []
    stops = False
    for literal in set(graph.objects()):
        if isinstance(literal, Literal) and literal.datatype in OWL_RL_Datatypes:
            try:
                AltXSDToPYTHON.get(literal.datatype, str)(str(literal))
            except datatypes.NO_VALUE as error:
                words.append(datatypes.ILL % (literal, literal.datatype))
                stops = stops or not isinstance(error, ValueError)
    return sorted(words) if stops else []
