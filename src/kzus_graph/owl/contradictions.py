"""Find the contradictions among the facts of a closure; the messages are worded as in the reasoner owlrl."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, Final, Protocol

from kzus_graph.owl import datatypes
from kzus_graph.owl.axioms import Axioms
from kzus_graph.owl.language import (
    ALL_DISJOINT,
    ALL_DISJOINT_PROPERTIES,
    ASYMMETRIC,
    COMPLEMENT,
    DISJOINT,
    IRREFLEXIVE,
    MEMBERS,
    NOTHING,
    PROPERTY_DISJOINT,
    Pair,
    text,
)
from kzus_graph.owl.rules import PathStep

CLASSES: Final = "Disjoint classes %s and %s have a common individual %s"
COMPLEMENTS: Final = "Violation of complementarity for classes %s and %s on element %s"
EMPTY: Final = "%s is defined of type 'Nothing'"
REFLEXIVE: Final = "Irreflexive property used on %s with %s"
MUTUAL: Final = "Erroneous usage of asymmetric property %s on %s and %s"
PROPERTIES: Final = "Erroneous usage of disjoint properties %s and %s on %s and %s"
ALL_PROPERTIES: Final = (
    "Disjoint properties in an 'AllDisjointProperties' are not really disjoint: (%s, %s,%s) and (%s,%s,%s)"
)


class Inconsistent(ValueError):
    """Raised for a graph from which contradictions follow; *contradictions* has a message for each.

    *inferred* has what else follows, as lines of N-Triples; None if the reasoner stopped at a contradiction.
    """

    def __init__(self, contradictions: list[str], inferred: set[str] | None = None) -> None:
        """Store *contradictions* and *inferred*, and list all contradictions in the message of the exception."""
        super().__init__("the facts contradict the ontology: " + "; ".join(contradictions))
        self.contradictions = contradictions
        self.inferred = inferred


class Facts(Protocol):
    """A mapping from a class to its members, and from a property to its (subject, object) pairs."""

    def __getitem__(self, step: PathStep, /) -> set[Any]:
        """Return the members of the class, or the (subject, object) pairs of the property, that *step* names."""


def read(axioms: Axioms) -> Iterator[PathStep]:
    """Yield the classes whose members the function *found* reads: owl:Nothing, disjoint classes and complements."""
    yield PathStep(class_=NOTHING)
    for one, other in (*_disjoint_classes(axioms), *axioms.pairs[COMPLEMENT]):
        yield from (PathStep(class_=one), PathStep(class_=other))


def found(axioms: Axioms, facts: Facts, used: dict[str, set[str]]) -> list[str]:
    """Return sorted messages, one for each contradiction of *facts*; *used* maps datatypes in use to their members."""
    words = set(datatypes.faults(used))
    words |= {EMPTY % text(node) for node in facts[PathStep(class_=NOTHING)]}
    for one, other in (*_disjoint_classes(axioms), *datatypes.disjoint(used)):
        common = facts[PathStep(class_=one)] & facts[PathStep(class_=other)]
        words |= {CLASSES % (text(one), text(other), text(node)) for node in common}
    for one, other in axioms.pairs[COMPLEMENT]:
        if not facts[PathStep(class_=one)].isdisjoint(facts[PathStep(class_=other)]):
            # owlrl repeats the class in place of the element
            words.add(COMPLEMENTS % (text(one), text(other), text(other)))
    for p in axioms.members[IRREFLEXIVE]:
        words |= {REFLEXIVE % (text(x), text(p)) for x, y in facts[PathStep(p)] if x == y}
    for p in axioms.members[ASYMMETRIC]:
        pairs = facts[PathStep(p)]
        words |= {MUTUAL % (text(p), text(x), text(y)) for x, y in pairs if (y, x) in pairs}
    for p, q in axioms.pairs[PROPERTY_DISJOINT]:
        common = facts[PathStep(p)] & facts[PathStep(q)]
        words |= {PROPERTIES % (text(p), text(q), text(x), text(y)) for x, y in common}
    # owlrl overlooks the last property of the list; here all pairs are compared
    for p, q in _pairs(axioms, ALL_DISJOINT_PROPERTIES):
        for x, y in facts[PathStep(p)] & facts[PathStep(q)]:
            words.add(ALL_PROPERTIES % tuple(map(text, (x, p, y, x, q, y))))
    return sorted(words)


def _disjoint_classes(axioms: Axioms) -> Iterable[Pair]:
    return [*axioms.pairs[DISJOINT], *_pairs(axioms, ALL_DISJOINT)]


def _pairs(axioms: Axioms, kind: str) -> Iterator[Pair]:
    """Yield each pair of items in the owl:members list of a node of the class *kind* (say, owl:AllDisjointClasses)."""
    lists: dict[str, list[str]] = {}
    for node, list_ in axioms.pairs[MEMBERS]:
        lists.setdefault(node, []).append(list_)
    for node in axioms.members[kind]:
        for list_ in lists[node]:
            yield from combinations(axioms.lists[list_], 2)
