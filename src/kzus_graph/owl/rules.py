"""Compile each axiom of an ontology to rules about the classes and properties in the axiom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from kzus_graph.owl.axioms import Axioms, Restriction
from kzus_graph.owl.language import (
    ALL,
    CHAIN,
    DOMAIN,
    EQUIVALENT_CLASS,
    EQUIVALENT_PROPERTY,
    HAS_VALUE,
    INTERSECTION,
    INVERSE,
    ONE_OF,
    RANGE,
    SOME,
    SUB_CLASS,
    SUB_PROPERTY,
    SYMMETRIC,
    THING,
    TRANSITIVE,
    TYPE,
    UNION,
    Triple,
)
from kzus_graph.owl.schema import Schema

FIRST: Final = "first"
LAST: Final = "last"
IMPLIED: Final = frozenset({"scm-sco", "scm-eqc1", "scm-int", "scm-uni"})
"""Rules of OWL 2 RL whose derived rdfs:subClassOf axioms are not compiled: the rules of their premises suffice."""


class PathStep(NamedTuple):
    """A step of a rule's path: from a node to the next along *property*, or a test of the current node.

    The test is that the current node is a member of *class_*, or is the term *node*. Exactly one of the three fields is
    not empty. A PathStep is also the key for the facts of a property or class.
    """

    property: str = ""
    class_: str = ""
    node: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule: if facts match *path*, the triple *head* follows, in which FIRST and LAST are the path's end nodes.

    *name* is the name of the rule in OWL 2 RL (OWL 2 Profiles, section 4.3). *axiom* is the axiom from which the rule
    was compiled. If *path* is empty, *head* always follows.
    """

    name: str
    axiom: Triple
    path: tuple[PathStep, ...]
    head: Triple

    @property
    def concludes(self) -> PathStep:
        """The property in the rule's head or, if that is rdf:type, the class in the head."""
        _, property_, object_ = self.head
        return PathStep(class_=object_) if property_ == TYPE else PathStep(property=property_)

    @property
    def is_transitivity(self) -> bool:
        """Whether this rule makes its property transitive: owl:TransitiveProperty or an equivalent property chain."""
        own = self.concludes
        return bool(own.property) and self.path == (own, own) and self.head == (FIRST, own.property, LAST)


def compiled(axioms: Axioms, schema: Schema) -> list[Rule]:
    """Return the rules compiled from *axioms*, and from axioms in *schema*, which were derived from *axioms*."""
    return [*_of_properties(axioms), *_of_classes(axioms, schema), *_of_lists(axioms), *_of_restrictions(axioms)]


def _of_properties(axioms: Axioms) -> Iterator[Rule]:
    for property_, names in (
        (SUB_PROPERTY, ("prp-spo1",)),
        (EQUIVALENT_PROPERTY, ("prp-eqp1", "prp-eqp2")),
        (INVERSE, ("prp-inv1", "prp-inv2")),
    ):
        start, end = (LAST, FIRST) if property_ == INVERSE else (FIRST, LAST)
        for axiom in _triples(axioms, property_):
            for name, body, head in zip(names, (axiom[0], axiom[2]), (axiom[2], axiom[0]), strict=False):
                yield Rule(name, axiom, (PathStep(body),), (start, head, end))
    for p in axioms.members[SYMMETRIC]:
        yield Rule("prp-symp", (p, TYPE, SYMMETRIC), (PathStep(p),), (LAST, p, FIRST))
    for p in axioms.members[TRANSITIVE]:
        yield Rule("prp-trp", (p, TYPE, TRANSITIVE), (PathStep(p), PathStep(p)), (FIRST, p, LAST))
    for axiom in _triples(axioms, CHAIN):
        path = tuple(PathStep(p) for p in axioms.lists[axiom[2]])
        yield Rule("prp-spo2", axiom, path, (FIRST, axiom[0], LAST))
    for property_, name, end in ((DOMAIN, "prp-dom", FIRST), (RANGE, "prp-rng", LAST)):
        for axiom in _triples(axioms, property_):
            yield Rule(name, axiom, (PathStep(axiom[0]),), (end, TYPE, axiom[2]))


def _of_classes(axioms: Axioms, schema: Schema) -> Iterator[Rule]:
    found = [triple for triple, (name, _) in schema.because.items() if triple[1] == SUB_CLASS and name not in IMPLIED]
    for axiom in [*_triples(axioms, SUB_CLASS), *found]:
        yield from _each("cax-sco", axiom, axiom[0], axiom[2])
    for axiom in _triples(axioms, EQUIVALENT_CLASS):
        yield from _each("cax-eqc1", axiom, axiom[0], axiom[2])
        yield from _each("cax-eqc2", axiom, axiom[2], axiom[0])


def _of_lists(axioms: Axioms) -> Iterator[Rule]:
    for axiom in _triples(axioms, INTERSECTION):
        class_, _, list_ = axiom
        items = axioms.lists[list_]
        yield Rule("cls-int1", axiom, tuple(PathStep(class_=item) for item in items), (FIRST, TYPE, class_))
        for item in items:
            yield from _each("cls-int2", axiom, class_, item)
    for axiom in _triples(axioms, UNION):
        class_, _, list_ = axiom
        for item in axioms.lists[list_]:
            yield from _each("cls-uni", axiom, item, class_)
    for axiom in _triples(axioms, ONE_OF):
        class_, _, list_ = axiom
        for item in axioms.lists[list_]:
            yield Rule("cls-oo", axiom, (), (item, TYPE, class_))


def _of_restrictions(axioms: Axioms) -> Iterator[Rule]:
    for node, kind, p, filler in map(_fields, axioms.restrictions):
        axiom = (node, kind, filler)
        if kind == SOME and filler == THING:
            yield Rule("cls-svf2", axiom, (PathStep(p),), (FIRST, TYPE, node))
        elif kind == SOME:
            yield Rule("cls-svf1", axiom, (PathStep(p), PathStep(class_=filler)), (FIRST, TYPE, node))
        elif kind == ALL:
            yield Rule("cls-avf", axiom, (PathStep(class_=node), PathStep(p)), (LAST, TYPE, filler))
        elif kind == HAS_VALUE:
            yield Rule("cls-hv1", axiom, (PathStep(class_=node),), (FIRST, p, filler))
            yield Rule("cls-hv2", axiom, (PathStep(p), PathStep(node=filler)), (FIRST, TYPE, node))


def _fields(restriction: Restriction) -> tuple[str, str, str, str]:
    return restriction.node, restriction.kind, restriction.property, restriction.filler


def _triples(axioms: Axioms, property_: str) -> list[Triple]:
    return [(subject, property_, object_) for subject, object_ in axioms.pairs[property_]]


def _each(name: str, axiom: Triple, body: str, head: str) -> Iterable[Rule]:
    """Return the rule that each member of the class *body* is a member of *head*; none if both are the same."""
    return () if body == head else (Rule(name, axiom, (PathStep(class_=body),), (FIRST, TYPE, head)),)
