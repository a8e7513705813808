"""The axioms of an ontology, each known to be of a kind that is compiled; what is of another kind is named."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from kzus_graph.owl import terms
from kzus_graph.owl.statements import Statements
from kzus_graph.owl.terms import (
    ALL,
    ALL_DISJOINT,
    ALL_DISJOINT_PROPERTIES,
    CHAIN,
    CLASS,
    COMPLEMENT,
    DISJOINT,
    DOMAIN,
    EQUIVALENT_CLASS,
    EQUIVALENT_PROPERTY,
    FIRST,
    HAS_VALUE,
    INTERSECTION,
    INVERSE,
    MEMBERS,
    NIL,
    ON_PROPERTY,
    ONE_OF,
    PROPERTY_DISJOINT,
    RANGE,
    REST,
    RESTRICTION,
    SOME,
    SUB_CLASS,
    SUB_PROPERTY,
    TYPE,
    UNION,
    Pair,
    is_language,
    is_literal,
    shown,
)

SHOWN: Final = 10
"""How many axioms the message of Unsupported names; the error itself carries all."""
ORDINAL: Final = re.compile(re.escape(TYPE.removesuffix("type>")) + r"_[1-9]\d*>")
PROPERTIES: Final = (
    terms.OBJECT_PROPERTY,
    terms.DATATYPE_PROPERTY,
    terms.ANNOTATION_PROPERTY,
    terms.PROPERTY,
    terms.TRANSITIVE,
    terms.SYMMETRIC,
    terms.ASYMMETRIC,
    terms.IRREFLEXIVE,
)
"""Classes whose members are properties."""
FILLERS: Final = (SOME, ALL, HAS_VALUE)
COLLECTIONS: Final = (ALL_DISJOINT, ALL_DISJOINT_PROPERTIES)


class Unsupported(ValueError):
    """An ontology with *axioms* that are not compiled: each as a person reads it, and what is wrong if it is broken."""

    def __init__(self, axioms: list[str]) -> None:
        """Name the first of them."""
        more = f" … and {len(axioms) - SHOWN:,} more" if len(axioms) > SHOWN else ""
        super().__init__(
            f"no compiled rules for {'; '.join(axioms[:SHOWN])}{more}: reason with owlrl, or leave them out"
        )
        self.axioms = axioms


@dataclass(frozen=True)
class Restriction:
    """The class *node* of what has some, only, or exactly this (*kind*) *filler* under *property*."""

    node: str
    kind: str
    property: str
    filler: str


@dataclass
class Axioms:
    """What an ontology says, as pairs by property of the language; lists and restrictions read out."""

    pairs: dict[str, list[Pair]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """Of the classes of properties, of owl:Class, owl:AllDisjointClasses and owl:AllDisjointProperties."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)


def read(said: Statements) -> Axioms:
    """Return the axioms among what is *said*, in a fixed order.

    Raises Unsupported with each statement that uses a term of RDF, RDFS or OWL in a way that is not compiled: terms
    that have another meaning, axioms that are broken, and axioms about the languages' own terms.
    """
    return _Reading(said).axioms


class _Reading:
    """The axioms, read out of statements, and faults on the way."""

    def __init__(self, said: Statements) -> None:
        self.said = said
        self.axioms = Axioms()
        self.faults: dict[str, None] = {}
        self.first = _by_subject(said.pairs.get(FIRST, ()))
        self.rest = _by_subject(said.pairs.get(REST, ()))
        self._foreign()
        for property_, (of_subject, of_object) in POSITIONS.items():
            self.axioms.pairs[property_] = sorted(said.pairs.get(property_, ()))
            for subject, object_ in self.axioms.pairs[property_]:
                axiom = shown(subject, property_, object_)
                of_subject(self, subject, axiom)
                of_object(self, object_, axiom)
        for class_ in (CLASS, *PROPERTIES, *COLLECTIONS):
            self.axioms.members[class_] = sorted(said.members.get(class_, ()))
            for member in self.axioms.members[class_]:
                KINDS[class_](self, member, shown(member, TYPE, class_))
        self._restrictions()
        if self.faults:
            raise Unsupported(list(self.faults))

    def _foreign(self) -> None:
        """Find statements with terms of the languages that nothing is known of here."""
        for property_, pairs in self.said.pairs.items():
            known = property_ in terms.SILENT_PROPERTIES or property_ in POSITIONS or property_ == TYPE
            if is_language(property_) and not known and not ORDINAL.fullmatch(property_):
                self._fault(*(shown(subject, property_, object_) for subject, object_ in sorted(pairs)))
        for class_, members in self.said.members.items():
            known = class_ in terms.SILENT_CLASSES or class_ in KINDS or class_ == terms.NOTHING
            if (is_language(class_) and not known) or is_literal(class_):
                self._fault(*(shown(member, TYPE, class_) for member in sorted(members)))

    def _fault(self, *axioms: str) -> None:
        self.faults |= dict.fromkeys(axioms)

    def anything(self, term: str, axiom: str) -> None:
        """Take any *term*."""

    def class_(self, term: str, axiom: str) -> None:
        """Take a class: of the languages' own only those that can't change what other statements mean."""
        if is_literal(term) or (is_language(term) and term not in terms.PLAIN_CLASSES):
            self._fault(axiom)

    def property_(self, term: str, axiom: str) -> None:
        """Take a property; the same holds as of a class."""
        if is_literal(term) or (is_language(term) and term not in terms.NOTES):
            self._fault(axiom)

    def classes(self, term: str, axiom: str) -> None:
        """Take a list of classes."""
        self._list(term, axiom, self.class_)

    def properties(self, term: str, axiom: str) -> None:
        """Take a list of properties."""
        self._list(term, axiom, self.property_)

    def things(self, term: str, axiom: str) -> None:
        """Take a list of anything."""
        self._list(term, axiom, self.anything)

    def _list(self, head: str, axiom: str, of_item: Callable[[str, str], None]) -> None:
        """Read the list that begins at *head*: each node has one item and one rest, and it ends."""
        items: list[str] = []
        seen: set[str] = set()
        node = head
        while node != NIL:
            first, rest = self.first.get(node, ()), self.rest.get(node, ())
            if node in seen or len(first) != 1 or len(rest) != 1:
                return self._fault(f"{axiom} (no list)")
            seen.add(node)
            items += first
            (node,) = rest
        if not items:
            return self._fault(f"{axiom} (an empty list)")
        for item in items:
            of_item(item, axiom)
        self.axioms.lists[head] = tuple(items)
        return None

    def collection(self, node: str, axiom: str) -> None:
        """Take what has members under owl:members."""
        if not any(node in self.said.members.get(class_, ()) for class_ in (*COLLECTIONS, terms.ALL_DIFFERENT)):
            self._fault(f"{axiom} (members of nothing that is known)")

    def its_members(self, term: str, axiom: str) -> None:
        """Take the list under owl:members; what its items have to be depends on what they are members of."""
        self._list(term, axiom, self.anything)

    def disjoint_classes(self, node: str, axiom: str) -> None:
        """Take a set of disjoint classes."""
        self._collection(node, axiom, self.class_)

    def disjoint_properties(self, node: str, axiom: str) -> None:
        """Take a set of disjoint properties."""
        self._collection(node, axiom, self.property_)

    def _collection(self, node: str, axiom: str, of_item: Callable[[str, str], None]) -> None:
        lists = [list_ for subject, list_ in self.axioms.pairs[MEMBERS] if subject == node]
        if not lists:
            self._fault(f"{axiom} (without owl:members)")
        for list_ in lists:
            for item in self.axioms.lists.get(list_, ()):
                of_item(item, axiom)

    def _restrictions(self) -> None:
        """Read the restrictions: each has one property and one filler."""
        properties = _by_subject(self.axioms.pairs[ON_PROPERTY])
        fillers: dict[str, list[tuple[str, str]]] = {}
        for kind in FILLERS:
            for node, filler in self.axioms.pairs[kind]:
                fillers.setdefault(node, []).append((kind, filler))
        for node in sorted({*properties, *fillers, *self.said.members.get(RESTRICTION, ())}):
            on, with_ = properties.get(node, []), fillers.get(node, [])
            if len(on) == len(with_) == 1:
                ((kind, filler),) = with_
                self.axioms.restrictions.append(Restriction(node, kind, on[0], filler))
            else:
                said = [shown(ON_PROPERTY, property_) for property_ in on]
                said += [shown(kind, filler) for kind, filler in with_]
                what = " ; ".join(said) or shown(TYPE, RESTRICTION)
                self._fault(f"{shown(node)} {what} (a restriction has one property and one filler)")


def _by_subject(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for subject, object_ in pairs:
        found.setdefault(subject, []).append(object_)
    return found


Position = Callable[[_Reading, str, str], None]
_class, _property = _Reading.class_, _Reading.property_
POSITIONS: Final[dict[str, tuple[Position, Position]]] = {
    SUB_CLASS: (_class, _class),
    EQUIVALENT_CLASS: (_class, _class),
    DISJOINT: (_class, _class),
    COMPLEMENT: (_class, _class),
    INTERSECTION: (_class, _Reading.classes),
    UNION: (_class, _Reading.classes),
    ONE_OF: (_class, _Reading.things),
    SUB_PROPERTY: (_property, _property),
    EQUIVALENT_PROPERTY: (_property, _property),
    PROPERTY_DISJOINT: (_property, _property),
    INVERSE: (_property, _property),
    CHAIN: (_property, _Reading.properties),
    DOMAIN: (_property, _class),
    RANGE: (_property, _class),
    ON_PROPERTY: (_class, _property),
    SOME: (_class, _class),
    ALL: (_class, _class),
    HAS_VALUE: (_class, _Reading.anything),
    MEMBERS: (_Reading.collection, _Reading.its_members),
}
"""What may stand before and after each property that makes an axiom."""
KINDS: Final[dict[str, Position]] = {
    CLASS: _class,
    ALL_DISJOINT: _Reading.disjoint_classes,
    ALL_DISJOINT_PROPERTIES: _Reading.disjoint_properties,
    **dict.fromkeys(PROPERTIES, _property),
}
"""What may be a member of each class that makes an axiom."""
