"""Read the axioms of an ontology, and refuse an ontology with axioms that cannot be compiled to rules."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from kzus_graph.owl import language
from kzus_graph.owl.language import (
    ALL,
    ALL_DISJOINT,
    ALL_DISJOINT_PROPERTIES,
    CHAIN,
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
from kzus_graph.owl.statements import Statements

SHOWN: Final = 10
"""How many axioms the message of UnsupportedOntology lists at most; its attribute *axioms* has all."""
ORDINAL: Final = re.compile(re.escape(TYPE.removesuffix("type>")) + r"_[1-9]\d*>")
LIST_OF: Final = "list of "
POSITIONS: Final = {
    SUB_CLASS: ("class", "class"),
    EQUIVALENT_CLASS: ("class", "class"),
    DISJOINT: ("class", "class"),
    COMPLEMENT: ("class", "class"),
    INTERSECTION: ("class", "list of class"),
    UNION: ("class", "list of class"),
    ONE_OF: ("class", "list of thing"),
    SUB_PROPERTY: ("property", "property"),
    EQUIVALENT_PROPERTY: ("property", "property"),
    PROPERTY_DISJOINT: ("property", "property"),
    INVERSE: ("property", "property"),
    CHAIN: ("property", "list of property"),
    DOMAIN: ("property", "class"),
    RANGE: ("property", "class"),
    ON_PROPERTY: ("class", "property"),
    SOME: ("class", "class"),
    ALL: ("class", "class"),
    HAS_VALUE: ("class", "thing"),
    MEMBERS: ("thing", "list of thing"),
}
"""Each property whose triples are axioms, with the required kinds of the subject and of the object."""
MEMBERS_ARE: Final = {
    language.CLASS: "class",
    language.OBJECT_PROPERTY: "property",
    language.DATATYPE_PROPERTY: "property",
    language.ANNOTATION_PROPERTY: "property",
    language.PROPERTY: "property",
    language.TRANSITIVE: "property",
    language.SYMMETRIC: "property",
    language.ASYMMETRIC: "property",
    language.IRREFLEXIVE: "property",
    ALL_DISJOINT: "thing",
    ALL_DISJOINT_PROPERTIES: "thing",
}
"""Each class whose rdf:type triples are axioms, with the required kind of the class's members."""
COLLECT: Final = {ALL_DISJOINT: "class", ALL_DISJOINT_PROPERTIES: "property", language.ALL_DIFFERENT: "thing"}
"""Each class whose members have a list as value of owl:members, with the required kind of the list's items."""
FILLERS: Final = (SOME, ALL, HAS_VALUE)
OF_LANGUAGES: Final = {"class": language.PLAIN_CLASSES, "property": language.NOTES}
"""Terms of RDF, RDFS and OWL, by kind, that axioms may contain, since they don't change the meaning of other axioms."""


class UnsupportedOntology(ValueError):
    """Raised for an ontology with axioms that cannot be compiled to rules.

    *axioms* has each of them in readable form, followed by the error in parentheses if the axiom is malformed.
    """

    def __init__(self, axioms: list[str]) -> None:
        """Store all *axioms*, and list the first SHOWN of them in the message."""
        first = "; ".join(axioms[:SHOWN]) + (f" … and {len(axioms) - SHOWN:,} more" if len(axioms) > SHOWN else "")
        super().__init__(f"these axioms cannot be compiled to rules: {first}")
        self.axioms = axioms


@dataclass(frozen=True)
class Restriction:
    """An owl:Restriction: the class *node*, whose owl:onProperty is *property*.

    *kind* is the property owl:someValuesFrom, owl:allValuesFrom or owl:hasValue of *node*, and *filler* is the value of
    that property.
    """

    node: str
    kind: str
    property: str
    filler: str


@dataclass
class Axioms:
    """The axioms of an ontology: (subject, object) pairs by property, members by class, lists by head; restrictions."""

    pairs: dict[str, list[Pair]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """Each class of MEMBERS_ARE with its members, sorted."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)


def read(said: Statements) -> Axioms:
    """Return the axioms among the statements *said*, in a fixed order.

    Raises UnsupportedOntology with every statement that cannot be compiled to rules: one that uses an unsupported term
    of RDF, RDFS or OWL, a malformed axiom, or an axiom about a term of these languages themselves, such as
    ``owl:Class rdfs:subClassOf ex:C``.
    """
    return _Reading(said).axioms


class _Reading:
    """Reads the axioms among the statements *said*; raises UnsupportedOntology with all faults, if it finds any."""

    def __init__(self, said: Statements) -> None:
        self.said = said
        self.axioms = Axioms()
        self.faults: dict[str, None] = {}
        self.first = _by_subject(said.pairs.get(FIRST, ()))
        self.rest = _by_subject(said.pairs.get(REST, ()))
        self._unknown()
        for property_, (before, after) in POSITIONS.items():
            self.axioms.pairs[property_] = sorted(said.pairs.get(property_, ()))
            for subject, object_ in self.axioms.pairs[property_]:
                axiom = shown(subject, property_, object_)
                self._take(before, subject, axiom)
                self._take(after, object_, axiom)
        for class_, what in MEMBERS_ARE.items():
            self.axioms.members[class_] = sorted(said.members.get(class_, ()))
            for member in self.axioms.members[class_]:
                self._take(what, member, shown(member, TYPE, class_))
        self._collections()
        self._restrictions()
        if self.faults:
            raise UnsupportedOntology(list(self.faults))

    def _fault(self, *axioms: str) -> None:
        self.faults |= dict.fromkeys(axioms)

    def _unknown(self) -> None:
        """Add a fault for each statement whose property or class is an unsupported term of RDF, RDFS or OWL."""
        for property_, pairs in self.said.pairs.items():
            known = property_ in language.SILENT_PROPERTIES or property_ in POSITIONS or property_ == TYPE
            if is_language(property_) and not known and not ORDINAL.fullmatch(property_):
                self._fault(*(shown(subject, property_, object_) for subject, object_ in sorted(pairs)))
        for class_, members in self.said.members.items():
            known = class_ in language.SILENT_CLASSES or class_ in MEMBERS_ARE or class_ == language.NOTHING
            if (is_language(class_) and not known) or is_literal(class_):
                self._fault(*(shown(member, TYPE, class_) for member in sorted(members)))

    def _take(self, what: str, term: str, axiom: str) -> None:
        """Add a fault for *axiom* if its *term* cannot be of the kind *what* ("class" or "list of thing", say)."""
        if what.startswith(LIST_OF):
            for item in self._items(term, axiom):
                self._take(what.removeprefix(LIST_OF), item, f"{axiom} with {shown(item)}")
        elif what in OF_LANGUAGES and (is_literal(term) or (is_language(term) and term not in OF_LANGUAGES[what])):
            self._fault(axiom)

    def _items(self, head: str, axiom: str) -> tuple[str, ...]:
        """Return the items of the RDF list *head*; if it is malformed or empty, add a fault for *axiom*, return ()."""
        items: list[str] = []
        seen: set[str] = set()
        node = head
        while node != NIL:
            first, rest = self.first.get(node, ()), self.rest.get(node, ())
            if node in seen or len(first) != 1 or len(rest) != 1:
                self._fault(f"{axiom} (the object is not a valid RDF list)")
                return ()
            seen.add(node)
            items += first
            (node,) = rest
        if not items:
            self._fault(f"{axiom} (the list must not be empty)")
        self.axioms.lists[head] = tuple(items)
        return tuple(items)

    def _collections(self) -> None:
        """Add a fault for each node that has owl:members but no class in COLLECT, or such a class but no valid list."""
        lists = _by_subject(self.axioms.pairs[MEMBERS])
        known = {class_: self.said.members.get(class_, set()) for class_ in COLLECT}
        for node in sorted(lists.keys() - set().union(*known.values())):
            self._fault(f"{shown(node, MEMBERS, *lists[node])} (the subject has no class that requires owl:members)")
        for class_, what in COLLECT.items():
            for node in sorted(known[class_]):
                axiom = shown(node, TYPE, class_)
                if node not in lists and class_ in MEMBERS_ARE:
                    self._fault(f"{axiom} (owl:members is missing)")
                for list_ in lists.get(node, ()):
                    self._take(LIST_OF + what, list_, axiom)

    def _restrictions(self) -> None:
        """Read the restrictions; add a fault for each without exactly one owl:onProperty and one filler (FILLERS)."""
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
                what = " ; ".join(said) or "a owl:Restriction"
                self._fault(
                    f"{shown(node)} {what} (a restriction must have one owl:onProperty, and one value of"
                    " owl:someValuesFrom, owl:allValuesFrom or owl:hasValue)"
                )


def _by_subject(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for subject, object_ in pairs:
        found.setdefault(subject, []).append(object_)
    return found
