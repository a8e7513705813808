"""Compute the closure with owlrl, the reference reasoner: slower than the compiled rules, complete for OWL 2 RL."""

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
"""Classes that everything belongs to, so that such a statement tells nothing."""
LANGUAGES: Final = (str(RDF), str(RDFS), str(OWL), str(XSD))
"""Namespaces of RDF, RDFS, OWL and XSD."""
LEADING: Final = (str(OWL), *map(str, (RDF.Property, RDFS.domain, RDFS.range, RDFS.subClassOf, RDFS.subPropertyOf)))
"""How the terms begin that the rules of OWL 2 RL look for."""


class _Closure(owlrl.OWLRL_Semantics):  # type: ignore[misc]
    """OWL 2 RL without rule eq-ref (each thing is the same as itself), which costs a third of the time.

    owlrl tries all rules at each triple, in each round. This class skips most triples: each rule begins with a triple
    whose predicate or class begins with one of LEADING, except two that look at predicates and blank nodes in the
    first round.
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
    """Return the lines that OWL 2 RL adds to *lines* of N-Triples. Raises contradictions.Inconsistent."""
    return set(ntriples.of_graph(infer(ntriples.graph(lines))))


def infer(graph: Graph) -> Graph:
    """Return the triples that OWL 2 RL adds to *graph*, as owlrl derives them, if they are RDF and informative.

    Left out are triples with a literal as subject; triples with a blank node; statements about terms of the ontology
    or of RDF, RDFS, OWL and XSD; membership in owl:Thing and the like; and that a thing is the same as itself.
    Annotations with literal values are not given to owlrl, since no rule matches them. An owl:sameAs between two
    things is kept: the shapes refuse it. If an ill-formed literal would stop owlrl, only such literals are reported.
    Raises contradictions.Inconsistent with the reasoner's words when the graph contradicts itself.
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
    if contradictions:
        raise Inconsistent(contradictions)
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
    """Return owlrl's messages about all ill-formed literals, sorted, if one of them stops owlrl; otherwise none.

    A literal stops owlrl if reading it raises an error other than ValueError.
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
