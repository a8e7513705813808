"""Write axioms and facts in readable form, with class and property expressions in place of blank nodes."""

from typing import Final

from kzus_graph.owl.axioms import Axioms
from kzus_graph.owl.language import (
    ALL,
    COMPLEMENT,
    HAS_VALUE,
    INTERSECTION,
    INVERSE,
    ON_PROPERTY,
    ONE_OF,
    SOME,
    TYPE,
    UNION,
    Triple,
    shown,
)

SAY: Final = (ON_PROPERTY, SOME, ALL, HAS_VALUE, INTERSECTION, UNION, ONE_OF, COMPLEMENT, INVERSE)
"""The properties that describe a class or property without a name, in the order in which they are written."""
DEEPEST: Final = 4
"""How many levels of nested expressions are written out; below them, blank nodes are written as labels."""


def sentence(axioms: Axioms, triple: Triple) -> str:
    """Return *triple* in a form like Turtle; if it is a part of an unnamed class, return the whole class expression."""
    subject, property_, object_ = triple
    if subject[0] == "_" and property_ in SAY:
        return term(axioms, subject)
    if property_ in SAY:
        return f"{shown(subject)} {_said(axioms, subject, DEEPEST)}"
    verb = "a" if property_ == TYPE else term(axioms, property_)
    return f"{term(axioms, subject)} {verb} {term(axioms, object_)}"


def term(axioms: Axioms, node: str, depth: int = DEEPEST) -> str:
    """Return *node* in a form like Turtle; lists and unnamed classes are written out down to *depth* levels."""
    if depth and node in axioms.lists:
        return f"( {' '.join(term(axioms, item, depth - 1) for item in axioms.lists[node])} )"
    if depth and node[0] == "_" and (said := _said(axioms, node, depth)):
        return f"[ {said} ]"
    return shown(node)


def _said(axioms: Axioms, node: str, depth: int) -> str:
    return " ; ".join(
        f"{shown(property_)} {term(axioms, object_, depth - 1)}"
        for property_ in SAY
        for subject, object_ in axioms.pairs[property_]
        if subject == node
    )
