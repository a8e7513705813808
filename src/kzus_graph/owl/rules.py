"""Compile an ontology to rules about its own classes and properties, each with the axiom that it comes from."""

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
"""Rules that conclude sub-classes for which no rule is compiled: the rules of the axioms already find the members."""


class PathStep(NamedTuple):
    """A step of a path: along a *property* from one node to the next, or a test of the node.

    The test is that the node is a member of *class_*, or that it is *node*. Exactly one of the three is not empty.
    """

    property: str = ""
    class_: str = ""
    node: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule: where facts match *path*, *head* follows, with FIRST and LAST for the first and last node of the path.

    *name* is the name of the rule in OWL 2 RL (OWL 2 Profiles, section 4.3). *axiom* is the axiom that the rule was
    compiled from. If the path is empty, the head always holds.
    """

    name: str
    axiom: Triple
    path: tuple[PathStep, ...]
    head: Triple

    @property
    def concludes(self) -> PathStep:
        """The property that the head states, or the class if it states a membership."""
        _, property_, object_ = self.head
        return PathStep(class_=object_) if property_ == TYPE else PathStep(property=property_)

    @property
    def is_transitivity(self) -> bool:
        """Whether this rule makes its property transitive, from whatever axiom it comes."""
        own = self.concludes
        return bool(own.property) and self.path == (own, own) and self.head == (FIRST, own.property, LAST)


def compiled(axioms: Axioms, schema: Schema) -> list[Rule]:
    """Return the rules compiled from *axioms*, and from the axioms in *schema* that follow from them."""
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
