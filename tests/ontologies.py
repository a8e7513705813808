"""Random ontologies with facts, as lines of N-Triples: every kind of axiom that is compiled, alone and tangled."""

import random
from collections.abc import Iterable

from kzus_graph.owl import language
from kzus_graph.rdf.prefixes import PREFIXES

EXAMPLE = "http://example.org/"
XSD = PREFIXES["xsd"]
LITERALS = (
    '"plain"', '"word"@en', '"mot"@fr-ca', f'"7"^^<{XSD}integer>', f'"7"^^<{XSD}byte>', f'"1.50"^^<{XSD}decimal>',
    f'"2001-02-03"^^<{XSD}date>', f'"2001"^^<{XSD}gYear>', f'"true"^^<{XSD}boolean>', r'"a \"b\" \\ c\n"',
    f'"2001-02-03T04:05:06Z"^^<{XSD}dateTimeStamp>', f'"x"^^<{EXAMPLE}Own>', f'"tok en"^^<{XSD}token>',
)  # fmt: skip
ILL = (f'"seven"^^<{XSD}integer>', f'"2001-02-30"^^<{XSD}date>', f'"300"^^<{XSD}byte>')
"""Literals that are none of their datatype."""
DATATYPES = tuple(
    f"<{XSD}{name}>" for name in ("integer", "decimal", "byte", "date", "boolean", "dateTime", "string", "gYear")
)
BUILT_IN = (
    language.THING,
    language.THING,
    language.LITERAL,
    language.RESOURCE,
    language.NAMED_INDIVIDUAL,
    language.LIST,
)
NOTES = tuple(f"<{PREFIXES['rdfs']}{name}>" for name in ("label", "seeAlso", "comment"))


def named(stem: str, count: int) -> list[str]:
    return [f"<{EXAMPLE}{stem}{number}>" for number in range(count)]


class Ontology:
    """One random ontology; *lines* are what it says, in no order."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.said: dict[str, None] = {}
        self.blank = 0
        self.classes = named("C", 7)
        self.properties = named("p", 7)
        self.notes = [*named("note", 2), *NOTES]
        self.things = [*named("x", 8), "_:x8", "_:x9"]
        self.restrictions: list[str] = []
        self._declare()
        for _ in range(self.random.randint(3, 12)):
            self._axiom()
        if self._maybe(0.5):
            for _ in range(self.random.randint(1, 2)):
                self._prohibition()
        self._facts()
        self.lines = list(self.said)
        self.random.shuffle(self.lines)

    def _maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def _say(self, subject: str, property_: str, object_: str) -> None:
        self.said[f"{subject} {property_} {object_} .\n"] = None

    def _node(self) -> str:
        self.blank += 1
        return f"_:n{self.blank}" if self._maybe(0.7) else f"<{EXAMPLE}n{self.blank}>"

    def _list(self, items: Iterable[str]) -> str:
        rest = language.NIL
        for item in reversed(list(items)):
            node = self._node()
            self._say(node, language.FIRST, item)
            self._say(node, language.REST, rest)
            rest = node
        return rest

    def _declare(self) -> None:
        """Say of most terms what they are; the others are used without."""
        for class_ in self.classes:
            if self._maybe(0.8):
                self._say(class_, language.TYPE, language.CLASS)
        for property_ in self.properties:
            if self._maybe(0.8):
                kinds = (
                    language.OBJECT_PROPERTY,
                    language.OBJECT_PROPERTY,
                    language.DATATYPE_PROPERTY,
                    language.PROPERTY,
                )
                self._say(property_, language.TYPE, self.random.choice(kinds))
        for note in self.notes:
            if self._maybe(0.6):
                self._say(note, language.TYPE, language.ANNOTATION_PROPERTY)

    def _class(self, depth: int = 0) -> str:
        """Return a class: mostly a name, else an expression of its own or one of the languages' classes."""
        if self._maybe(0.78) or depth > 2:
            return self.random.choice(self.classes)
        if self._maybe(0.35):
            return self.random.choice(BUILT_IN + DATATYPES)
        node = self._node()
        if self._maybe(0.4):
            self._say(node, language.TYPE, language.CLASS)
        match self.random.randrange(6):
            case 0:
                kind = language.INTERSECTION if self._maybe(0.6) else language.UNION
                self._say(node, kind, self._list(self._class(depth + 1) for _ in range(self.random.randint(1, 3))))
            case 1:
                members = self.things + list(LITERALS)
                self._say(node, language.ONE_OF, self._list(self.random.sample(members, self.random.randint(1, 3))))
            case _:
                self._restriction(node, depth)
        return node

    def _restriction(self, node: str, depth: int) -> None:
        if self._maybe(0.6):
            self._say(node, language.TYPE, language.RESTRICTION)
        self.restrictions.append(node)
        self._say(node, language.ON_PROPERTY, self._property())
        match self.random.randrange(3):
            case 0:
                self._say(node, language.SOME, language.THING if self._maybe(0.25) else self._class(depth + 1))
            case 1:
                self._say(node, language.ALL, self._class(depth + 1))
            case 2:
                self._say(node, language.HAS_VALUE, self._thing())

    def _narrower_restrictions(self) -> None:
        """Say of two properties that one is narrower, so of two classes, and make restrictions of them."""
        p, q = self.random.sample(self.properties, 2)
        one, other, above = self.random.sample(self.classes, 3)
        self._say(p, language.SUB_PROPERTY, q)
        self._say(one, language.SUB_CLASS, other)
        thing = self._thing()
        kind = self.random.choice((language.SOME, language.ALL, language.HAS_VALUE))
        for property_, filler in self.random.sample(((p, one), (q, one), (p, other)), 2):
            node = self._node()
            self.restrictions.append(node)
            self._say(node, language.ON_PROPERTY, property_)
            self._say(node, kind, thing if kind == language.HAS_VALUE else filler)
            self._say(node, language.SUB_CLASS, above)

    def _property(self) -> str:
        """Return a property: mostly a name, else the inverse of one, or a note."""
        if self._maybe(0.88):
            return self.random.choice(self.properties)
        if self._maybe(0.4):
            return self.random.choice(self.notes)
        node = self._node()
        self._say(node, language.INVERSE, self.random.choice(self.properties))
        return node

    def _thing(self) -> str:
        """Return a thing: mostly a name or a blank node, else a literal, a class or a property."""
        if self._maybe(0.78):
            return self.random.choice(self.things)
        if self._maybe(0.75):
            return self.random.choice(LITERALS)
        return self.random.choice(self.classes + self.properties)

    def _axiom(self) -> None:
        one, other, p, q = self._class(), self._class(), self._property(), self._property()
        match self.random.randrange(15):
            case 0 | 1 | 2:
                self._say(one, language.SUB_CLASS, other)
            case 3:
                self._say(one, language.EQUIVALENT_CLASS, other)
            case 4 | 5:
                self._say(p, language.SUB_PROPERTY, q)
            case 6:
                self._say(p, language.EQUIVALENT_PROPERTY, q)
            case 7:
                self._say(p, language.INVERSE, q)
            case 8:
                self._say(p, language.TYPE, self.random.choice((language.TRANSITIVE, language.SYMMETRIC)))
            case 9:
                chain = [self._property() for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
                self._say(p, language.CHAIN, self._list(chain))
            case 10:
                self._say(p, language.DOMAIN, one)
            case 11:
                self._say(p, language.RANGE, one)
            case 12:
                node = self._node()
                self._restriction(node, 0)
                self._say(*((node, language.SUB_CLASS, one) if self._maybe(0.5) else (one, language.SUB_CLASS, node)))
            case 13:
                # classes that are the same in a circle
                circle = self.random.sample(self.classes, 3)
                for here, there in zip(circle, [*circle[1:], circle[0]], strict=True):
                    self._say(here, language.SUB_CLASS, there)
            case 14:
                self._narrower_restrictions()

    def _prohibition(self) -> None:
        p, q = self.random.sample(self.properties, 2)
        match self.random.randrange(9):
            case 0:
                self._say(self._class(), language.DISJOINT, self._class())
            case 1:
                node = self._node()
                self._say(node, language.TYPE, language.ALL_DISJOINT)
                self._say(node, language.MEMBERS, self._list(self.random.sample(self.classes, 3)))
            case 2:
                self._say(self._class(), language.COMPLEMENT, self._class())
            case 3:
                self._say(p, language.TYPE, language.IRREFLEXIVE)
            case 4:
                self._say(p, language.TYPE, language.ASYMMETRIC)
            case 5:
                self._say(p, language.PROPERTY_DISJOINT, q)
            case 6:
                node = self._node()
                self._say(node, language.TYPE, language.ALL_DISJOINT_PROPERTIES)
                # owlrl overlooks the last of the list: here one that is used nowhere
                self._say(node, language.MEMBERS, self._list([p, q, f"<{EXAMPLE}unused>"]))
            case 7:
                self._say(self._class(), language.SUB_CLASS, language.NOTHING)
            case 8:
                self._say(p, language.RANGE, self.random.choice(DATATYPES))
                for literal in self.random.sample(LITERALS, 3):
                    self._say(self.random.choice(self.things), self.random.choice((p, q)), literal)

    def _facts(self) -> None:
        for _ in range(self.random.randint(4, 18)):
            self._say(self.random.choice(self.things), self.random.choice(self.properties), self._thing())
        for _ in range(self.random.randint(0, 6)):
            self._say(self.random.choice(self.things), language.TYPE, self.random.choice(self.classes))
        for _ in range(self.random.randint(0, 3)):
            self._say(self.random.choice(self.things), self.random.choice(self.notes), self._thing())
        if self.restrictions and self._maybe(0.5):
            self._say(self.random.choice(self.things), language.TYPE, self.random.choice(self.restrictions))
        if self._maybe(0.15):
            self._say(self.random.choice(self.classes), self.random.choice(self.properties), self._thing())
        if self._maybe(0.1):
            self._say(self.random.choice(self.things), language.TYPE, self.random.choice(DATATYPES))
        if self._maybe(0.1):
            self._say(self.random.choice(self.classes), language.TYPE, self.random.choice(self.classes))
        if self._maybe(0.05):
            self._say(self.random.choice(self.things), self.random.choice(self.properties), self.random.choice(ILL))
