"""Derive axioms from other axioms by the rules scm-* of OWL 2 RL (OWL 2 Profiles, section 4.3, table 9)."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kzus_graph.owl.axioms import Axioms
from kzus_graph.owl.language import (
    ALL,
    CLASS,
    DATATYPE_PROPERTY,
    DOMAIN,
    EQUIVALENT_CLASS,
    EQUIVALENT_PROPERTY,
    HAS_VALUE,
    INTERSECTION,
    NOTHING,
    OBJECT_PROPERTY,
    ON_PROPERTY,
    PROPERTY,
    RANGE,
    SOME,
    SUB_CLASS,
    SUB_PROPERTY,
    THING,
    TYPE,
    UNION,
    Pair,
    Triple,
)

ITEM: Final = "item"
"""The property, used only in this module, that relates a list to each of its items."""

_DECLARED: Final = tuple(
    (name, [("p", TYPE, kind)], ("p", made, "p"))
    for name, kind in (("scm-op", OBJECT_PROPERTY), ("scm-dp", DATATYPE_PROPERTY), ("scm-op", PROPERTY))
    for made in (SUB_PROPERTY, EQUIVALENT_PROPERTY)
)
RULES: Final[tuple[tuple[str, list[Triple], Triple], ...]] = (
    ("scm-cls", [("c", TYPE, CLASS)], ("c", SUB_CLASS, "c")),
    ("scm-cls", [("c", TYPE, CLASS)], ("c", EQUIVALENT_CLASS, "c")),
    ("scm-cls", [("c", TYPE, CLASS)], ("c", SUB_CLASS, THING)),
    ("scm-cls", [("c", TYPE, CLASS)], (NOTHING, SUB_CLASS, "c")),
    *_DECLARED,
    ("scm-eqc1", [("c", EQUIVALENT_CLASS, "d")], ("c", SUB_CLASS, "d")),
    ("scm-eqc1", [("c", EQUIVALENT_CLASS, "d")], ("d", SUB_CLASS, "c")),
    ("scm-eqp1", [("p", EQUIVALENT_PROPERTY, "q")], ("p", SUB_PROPERTY, "q")),
    ("scm-eqp1", [("p", EQUIVALENT_PROPERTY, "q")], ("q", SUB_PROPERTY, "p")),
    ("scm-eqc2", [("c", SUB_CLASS, "d"), ("d", SUB_CLASS, "c")], ("c", EQUIVALENT_CLASS, "d")),
    ("scm-eqp2", [("p", SUB_PROPERTY, "q"), ("q", SUB_PROPERTY, "p")], ("p", EQUIVALENT_PROPERTY, "q")),
    ("scm-sco", [("c", SUB_CLASS, "d"), ("d", SUB_CLASS, "e")], ("c", SUB_CLASS, "e")),
    ("scm-spo", [("p", SUB_PROPERTY, "q"), ("q", SUB_PROPERTY, "r")], ("p", SUB_PROPERTY, "r")),
    ("scm-dom1", [("p", DOMAIN, "c"), ("c", SUB_CLASS, "d")], ("p", DOMAIN, "d")),
    ("scm-dom2", [("q", DOMAIN, "c"), ("p", SUB_PROPERTY, "q")], ("p", DOMAIN, "c")),
    ("scm-rng1", [("p", RANGE, "c"), ("c", SUB_CLASS, "d")], ("p", RANGE, "d")),
    ("scm-rng2", [("q", RANGE, "c"), ("p", SUB_PROPERTY, "q")], ("p", RANGE, "c")),
    (
        "scm-hv",
        [
            ("c", HAS_VALUE, "i"),
            ("c", ON_PROPERTY, "p"),
            ("d", HAS_VALUE, "i"),
            ("d", ON_PROPERTY, "q"),
            ("p", SUB_PROPERTY, "q"),
        ],
        ("c", SUB_CLASS, "d"),
    ),
    (
        "scm-svf1",
        [("c", SOME, "x"), ("c", ON_PROPERTY, "p"), ("d", SOME, "y"), ("d", ON_PROPERTY, "p"), ("x", SUB_CLASS, "y")],
        ("c", SUB_CLASS, "d"),
    ),
    (
        "scm-svf2",
        [
            ("c", SOME, "x"),
            ("c", ON_PROPERTY, "p"),
            ("d", SOME, "x"),
            ("d", ON_PROPERTY, "q"),
            ("p", SUB_PROPERTY, "q"),
        ],
        ("c", SUB_CLASS, "d"),
    ),
    (
        "scm-avf1",
        [("c", ALL, "x"), ("c", ON_PROPERTY, "p"), ("d", ALL, "y"), ("d", ON_PROPERTY, "p"), ("x", SUB_CLASS, "y")],
        ("c", SUB_CLASS, "d"),
    ),
    (
        "scm-avf2",
        [("c", ALL, "x"), ("c", ON_PROPERTY, "p"), ("d", ALL, "x"), ("d", ON_PROPERTY, "q"), ("p", SUB_PROPERTY, "q")],
        ("d", SUB_CLASS, "c"),
    ),
    ("scm-int", [("c", INTERSECTION, "l"), ("l", ITEM, "d")], ("c", SUB_CLASS, "d")),
    ("scm-uni", [("c", UNION, "l"), ("l", ITEM, "d")], ("d", SUB_CLASS, "c")),
)
"""The name, premises and conclusion of each rule; a term of one letter is a variable."""
IRREFLEXIVE: Final = frozenset({"scm-eqc1", "scm-eqp1", "scm-eqp2", "scm-sco", "scm-spo"})
"""Rules whose conclusion is dropped if subject and object are the same: owlrl derives it for declared terms only."""


WITH: Final = {
    property_: [
        (name, body, head, position)
        for name, body, head in RULES
        for position, atom in enumerate(body)
        if atom[1] == property_
    ]
    for property_ in {atom[1] for _, body, _ in RULES for atom in body}
}
"""Each property, with the rules that have it in a premise, and the position of that premise."""


@dataclass
class Schema:
    """The axioms that follow from other axioms, each with the rule and the premises."""

    because: dict[Triple, tuple[str, tuple[Triple, ...]]] = field(default_factory=dict)
    """Each derived axiom, with the name of the rule and the premises (axioms that were asserted or derived earlier)."""

    def new_pairs(self) -> dict[str, set[Pair]]:
        """Return the (subject, object) pairs of the derived axioms, by property."""
        found: dict[str, set[Pair]] = defaultdict(set)
        for subject, property_, object_ in self.because:
            found[property_].add((subject, object_))
        return found


def closed(axioms: Axioms) -> Schema:
    """Return the axioms that follow from *axioms* by the rules scm-* of OWL 2 RL, applied as in the reasoner owlrl."""
    schema = Schema()
    triples = [(s, property_, o) for property_, pairs in axioms.pairs.items() for s, o in pairs]
    triples += [(member, TYPE, class_) for class_, members in axioms.members.items() for member in members]
    # owlrl adds these two classes as well (rules cls-thing, cls-nothing1)
    triples += [(class_, TYPE, CLASS) for class_ in (THING, NOTHING) if (class_, TYPE, CLASS) not in triples]
    triples += [(head, ITEM, item) for head, items in axioms.lists.items() for item in items]
    known = _Index()
    for triple in triples:
        known.add(triple)
    agenda = deque(triples)
    while agenda:
        triple = agenda.popleft()
        for name, body, head, position in WITH.get(triple[1], ()):
            bound = _bound(body[position], triple, {})
            if bound is None:
                continue
            for solution in known.solutions(body[:position] + body[position + 1 :], bound):
                subject, object_ = solution.get(head[0], head[0]), solution.get(head[2], head[2])
                new = (subject, head[1], object_)
                if new not in known.all and not (subject == object_ and name in IRREFLEXIVE):
                    known.add(new)
                    agenda.append(new)
                    premises = tuple((solution[s], p, solution.get(o, o)) for s, p, o in body if p != ITEM)
                    schema.because[new] = (name, premises)
    return schema


def _bound(atom: Triple, triple: Triple, bound: dict[str, str]) -> dict[str, str] | None:
    """Return *bound*, values by variable, with those added that make *atom* equal to *triple*; None if impossible."""
    if atom[1] != triple[1]:
        return None
    for asked, term in ((atom[0], triple[0]), (atom[2], triple[2])):
        if len(asked) == 1:
            if bound.get(asked, term) != term:
                return None
            bound = {**bound, asked: term}
        elif asked != term:
            return None
    return bound


class _Index:
    """An index of triples by property, by property and subject, and by property and object."""

    def __init__(self) -> None:
        self.all: dict[Triple, None] = {}
        self.by: dict[tuple[str, str, str], list[Triple]] = defaultdict(list)

    def add(self, triple: Triple) -> None:
        subject, property_, object_ = triple
        self.all[triple] = None
        for key in ((property_, "", ""), (property_, subject, ""), (property_, "", object_)):
            self.by[key].append(triple)

    def solutions(self, body: list[Triple], bound: dict[str, str]) -> Iterator[dict[str, str]]:
        """Yield *bound* extended by each assignment of variables that makes every atom of *body* an indexed triple."""
        if not body:
            yield bound
            return
        subject, property_, object_ = body[0]
        subject, object_ = bound.get(subject, subject), bound.get(object_, object_)
        key = (property_, subject, "") if len(subject) > 1 else (property_, "", object_ if len(object_) > 1 else "")
        for triple in tuple(self.by.get(key, ())):
            now = _bound(body[0], triple, bound)
            if now is not None:
                yield from self.solutions(body[1:], now)
