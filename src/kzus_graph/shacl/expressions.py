"""What a shape demands of a node, as an expression of SPARQL.

Where the expression is true, the node conforms; where it is false or an error, it may not. Below ``sh:not`` and its
like the reverse must hold as well, so only constraints are written there whose expression says exactly what pyshacl
finds. A constraint that can't be written so is Unsupported, never left out. Implements SHACL (W3C Recommendation of
2017), section 4.

One triple pattern stands in each EXISTS: Oxigraph takes a time that grows faster than the data for more than one.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Final

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.shacl.patterns import NotPortable, portable
from kzus_graph.terms import to_ox

Condition = Callable[[str], str]
"""Returns the expression that is true where what a variable holds conforms."""

NO_CONSTRAINT: Final = frozenset((
    SH.path, SH.message, SH.severity, SH.name, SH.description, SH.order, SH.group, SH.flags, SH.deactivated,
    SH.defaultValue, SH.sparql, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target,
))  # fmt: skip
"""Properties of a shape that constrain nothing by themselves; sh:sparql is a matter of queries."""
KINDS: Final = {
    SH.IRI: "isIRI({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNode: "isBlank({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
}
COMPARISONS: Final = {SH.minInclusive: ">=", SH.maxInclusive: "<=", SH.minExclusive: ">", SH.maxExclusive: "<"}
LENGTHS: Final = {SH.minLength: ">=", SH.maxLength: "<="}
DATATYPES: Final = {
    XSD.string: "",
    RDF.langString: "",
    XSD.boolean: "^(true|false|1|0)$",
    XSD.integer: "^[+-]?[0-9]+$",
    XSD.decimal: r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$",
    XSD.hexBinary: "^([0-9a-fA-F]{2})*$",
    XSD.date: (
        "^([1-9][0-9]{3}|0[0-9]{2}[1-9])"
        "-(0[1-9]-(0[1-9]|1[0-9]|2[0-8])|1[0-2]-(0[1-9]|1[0-9]|2[0-8])"
        "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$"
    ),
}
"""Letters by which a literal is surely one of its datatype. The 29th of February is left to pyshacl."""
EXACT_DATATYPES: Final = frozenset({XSD.string, RDF.langString})
REPEATS: Final = {SH.zeroOrMorePath: "({})*", SH.oneOrMorePath: "({})+", SH.zeroOrOnePath: "({})?"}


class Unsupported(ValueError):
    """A constraint that isn't written as an expression; the message names it."""


class Expressions:
    """Writes the constraints of *shapes* as expressions; *subclasses* has the classes below each class, and itself."""

    def __init__(self, shapes: Graph, subclasses: Mapping[Node, frozenset[Node]]) -> None:
        """Begin with no variable in use."""
        self._shapes = shapes
        self._subclasses = subclasses
        self._numbers = count(1)
        self._targets: frozenset[Node] = frozenset()

    def conforms(self, shape: Node, node: str, *, exact: bool = False, within: tuple[Node, ...] = ()) -> str:
        """Return the expression that is true where what the variable *node* holds conforms to *shape*.

        With *exact* it is true nowhere else. *within* are the shapes that ask for this one. Raises Unsupported.
        """
        if shape in within:
            raise Unsupported("a shape that asks for itself")
        if not within:
            self._targets = frozenset(self._shapes.objects(shape, SH.targetNode))
        if (shape, SH.deactivated, Literal(True)) in self._shapes:
            return "true"
        if within and (shape, SH.sparql, None) in self._shapes:
            raise Unsupported("sh:sparql of a shape within another")
        path = self._shapes.value(shape, SH.path)
        values = _Values(self, node, None if path is None else self.path(path))
        known = (*within, shape)
        parts = [
            self._constraint(shape, values, parameter, value, exact, known)
            for parameter, value in sorted(self._shapes.predicate_objects(shape))
            if str(parameter).startswith(str(SH)) and parameter not in NO_CONSTRAINT
        ]
        return " && ".join(f"({part})" for part in parts) or "true"

    def is_a(self, node: str, class_: Node) -> str:
        """Return the expression that is true where what *node* holds is an instance of *class_* or of one below it."""
        return f"EXISTS {{ {self.instances(node, class_)} }}"

    def instances(self, node: str, class_: Node) -> str:
        """Return the pattern of SPARQL that *node* is an instance of *class_* or of one below it.

        Raises Unsupported.
        """
        kind = self.variable()
        below = self._subclasses.get(class_, frozenset({class_}))
        if any(isinstance(other, BNode) for other in below):
            return f"{node} a {kind} FILTER EXISTS {{ {kind} {RDFS.subClassOf.n3()}* {n3(class_)} }}"
        if len(below) == 1:
            return f"{node} a {n3(class_)}"
        return f"{node} a {kind} FILTER({kind} IN ({', '.join(sorted(map(n3, below)))}))"

    def path(self, path: Node, within: tuple[Node, ...] = (), *, turned: bool = False) -> list[str]:
        """Return *path* as the steps of a sequence, each a path of SPARQL; *turned* if it is walked backwards.

        Raises Unsupported.
        """
        if isinstance(path, URIRef):
            return [path.n3()]
        if path in within:
            raise Unsupported("a path that is a part of itself")

        def part(inner: Node) -> str:
            return "/".join(self.path(inner, (*within, path), turned=turned))

        if (path, RDF.first, None) in self._shapes:
            if turned:
                # pyshacl goes the steps forwards
                raise Unsupported("the inverse of a sequence")
            return [step for inner in Collection(self._shapes, path) for step in self.path(inner, (*within, path))]
        if (parts := self._shapes.value(path, SH.alternativePath)) is not None:
            return [f"({'|'.join(map(part, Collection(self._shapes, parts)))})"]
        if (inner := self._shapes.value(path, SH.inversePath)) is not None:
            return [f"^({'/'.join(self.path(inner, (*within, path), turned=not turned))})"]
        for kind, form in REPEATS.items():
            if (inner := self._shapes.value(path, kind)) is not None:
                if self._targets and kind != SH.oneOrMorePath:
                    # Oxigraph goes no step from what is in no triple, not even to itself
                    raise Unsupported("a path of no steps, from a sh:targetNode")
                return [form.format(part(inner))]
        raise Unsupported("a path of an unknown kind")

    def variable(self) -> str:
        """Return a variable that nothing else uses."""
        return f"?v{next(self._numbers)}"

    def _constraint(
        self, shape: Node, values: "_Values", parameter: Node, value: Node, exact: bool, within: tuple[Node, ...]
    ) -> str:
        """Return the expression for one constraint of *shape*: a *parameter* with its *value*."""
        assert isinstance(parameter, URIRef)

        def other(inner: Node, *, exactly: bool = exact) -> Condition:
            return lambda node: self.conforms(inner, node, exact=exactly, within=within)

        if parameter in (SH.property, SH.node):
            return values.every(other(value))
        if parameter in (SH.minCount, SH.maxCount):
            return self._counted(values, parameter, self._number(shape, parameter))
        if parameter == SH["class"]:
            return values.every(lambda node: self.is_a(node, value))
        if parameter == SH.hasValue:
            if values.path is None:
                return f"sameTerm({values.node}, {n3(value)})"
            return values.some(1, named=n3(value))
        if parameter == SH["in"]:
            members = [n3(member) for member in Collection(self._shapes, value)]
            return values.every(lambda node: " || ".join(f"sameTerm({node}, {member})" for member in members))
        if parameter == SH["not"]:
            inside = other(value, exactly=True)
            return values.every(lambda node: f"!COALESCE({inside(node)}, false)")
        if parameter in (SH["or"], SH["and"]):
            sign = " || " if parameter == SH["or"] else " && "
            members_of = list(Collection(self._shapes, value))
            return values.every(lambda node: sign.join(f"({other(member)(node)})" for member in members_of))
        if parameter == SH.xone:
            each = [other(member, exactly=True) for member in Collection(self._shapes, value)]
            return values.every(
                lambda node: " + ".join(f"IF(COALESCE({one(node)}, false), 1, 0)" for one in each) + " = 1"
            )
        if parameter == SH.qualifiedValueShape:
            return self._qualified(shape, values, other(value), other(value, exactly=True))
        if parameter == SH.uniqueLang:
            return self._unique_language(values, value)
        if parameter in (SH.disjoint, SH.equals):
            return self._compared(values, parameter, value)
        return values.every(self._about_the_value(shape, parameter, value, exact))

    def _about_the_value(self, shape: Node, parameter: URIRef, value: Node, exact: bool) -> Condition:
        """Return the condition of a constraint that looks at nothing but the value itself."""
        if parameter == SH.nodeKind and value in KINDS:
            return KINDS[URIRef(str(value))].format
        if parameter in LENGTHS:
            sign, number = LENGTHS[parameter], self._number(shape, parameter)
            return lambda node: f"!isBlank({node}) && STRLEN(STR({node})) {sign} {number}"
        if parameter == SH.pattern:
            try:
                pattern = portable(str(value), str(self._shapes.value(shape, SH.flags) or ""))
            except NotPortable as error:
                raise Unsupported(f"sh:pattern with {error}") from None
            return lambda node: f"!isBlank({node}) && REGEX(STR({node}), {pattern})"
        if parameter == SH.languageIn:
            ranges = [n3(member) for member in Collection(self._shapes, value)]
            first = 'LCASE(REPLACE(LANG({}), "-.*", ""))'
            return lambda node: " || ".join(
                f'(LANG({node}) != "" && ({own} = "*" || LCASE({own}) IN (LCASE(LANG({node})), {first.format(node)})))'
                for own in ranges
            )
        if parameter == SH.datatype and value in DATATYPES and not (exact and value not in EXACT_DATATYPES):
            return lambda node: _is_surely(node, value)
        kind = getattr(value, "datatype", None)
        if parameter in COMPARISONS and kind in DATATYPES and not exact:
            return lambda node: f"{_is_surely(node, kind)} && {node} {COMPARISONS[parameter]} {n3(value)}"
        raise Unsupported(f"sh:{parameter.removeprefix(str(SH))}" + " where it must say exactly" * exact)

    def _number(self, shape: Node, parameter: URIRef) -> int:
        numbers = list(self._shapes.objects(shape, parameter))
        if len(numbers) != 1 or not str(numbers[0]).isdecimal():
            raise Unsupported(f"sh:{parameter.removeprefix(str(SH))} that is not one number")
        return int(str(numbers[0]))

    def _counted(self, values: "_Values", parameter: URIRef, number: int) -> str:
        if values.path is None:
            raise Unsupported("a count without a path")
        at_least = values.some(number if parameter == SH.minCount else number + 1)
        return at_least if parameter == SH.minCount else f"!({at_least})"

    def _qualified(self, shape: Node, values: "_Values", conforms: Condition, exactly: Condition) -> str:
        if (shape, SH.qualifiedValueShapesDisjoint, None) in self._shapes or values.path is None:
            raise Unsupported("sh:qualifiedValueShapesDisjoint")
        parts = ["true"]
        if (shape, SH.qualifiedMinCount, None) in self._shapes:
            parts.append(values.some(self._number(shape, SH.qualifiedMinCount), conforms))
        if (shape, SH.qualifiedMaxCount, None) in self._shapes:
            parts.append(f"!({values.some(self._number(shape, SH.qualifiedMaxCount) + 1, exactly)})")
        return " && ".join(parts)

    def _unique_language(self, values: "_Values", value: Node) -> str:
        if value == Literal(False) or values.path is None:
            raise Unsupported("sh:uniqueLang that is false or has no path")
        one = self.variable()
        same = values.some(
            1, lambda other: f"!sameTerm({one}, {other}) && LANG({one}) = LANG({other}) && LANG({one}) != ''"
        )
        return f"!({values.some(1, lambda _: same, named=one)})"

    def _compared(self, values: "_Values", parameter: URIRef, property_: Node) -> str:
        """Return whether the values are no values of *property_* (sh:disjoint), or the same ones (sh:equals)."""

        def has(value: str) -> str:
            return f"EXISTS {{ {values.node} {n3(property_)} {value} }}"

        if parameter == SH.disjoint:
            return values.every(lambda value: f"!{has(value)}")
        value = self.variable()
        among = values.some(1, lambda own: f"sameTerm({own}, {value})")
        others = f"EXISTS {{ {values.node} {n3(property_)} {value} FILTER(!COALESCE({among}, false)) }}"
        return f"({values.every(has)}) && !{others}"


class _Values:
    """The value nodes of a shape: what its *path* leads to from a *node*, or that node itself."""

    def __init__(self, expressions: Expressions, node: str, path: list[str] | None) -> None:
        self._expressions = expressions
        self.node = node
        self.path = path

    def every(self, condition: Condition) -> str:
        """Return whether *condition* holds of every value."""
        if self.path is None:
            return condition(self.node)
        return f"!({self.some(1, lambda value: f'!COALESCE({condition(value)}, false)')})"

    def some(self, number: int, condition: Condition = lambda _: "true", named: str = "") -> str:
        """Return whether *condition* holds of so many values at least; the first is *named* so, or is that term."""
        if self.path is None:
            return "true" if number == 0 else condition(self.node) if number == 1 else "false"
        return self._more(number, [], condition, named)

    def _more(self, number: int, found: list[str], condition: Condition, named: str = "") -> str:
        if number == 0:
            return "true"
        value = named or self._expressions.variable()
        others = "".join(f"!sameTerm({value}, {other}) && " for other in found)
        inner = f"{others}({condition(value)}) && {self._more(number - 1, [*found, value], condition)}"
        assert self.path is not None
        ends = [self._expressions.variable() for _ in self.path[1:]]
        for start, step, end in reversed(list(zip([self.node, *ends], self.path, [*ends, value], strict=True))):
            inner = f"EXISTS {{ {start} {step} {end} FILTER({inner}) }}"
        return inner


def _is_surely(node: str, datatype: Node) -> str:
    """Return whether *node* holds a literal of one of DATATYPES that is well-formed beyond doubt."""
    letters = n3(Literal(DATATYPES[URIRef(str(datatype))]))
    return f"isLiteral({node}) && DATATYPE({node}) = {n3(datatype)} && REGEX(STR({node}), {letters})"


def n3(term: Node) -> str:
    """Return *term* as SPARQL writes it. Raises Unsupported for a blank node, which no query can name."""
    if isinstance(term, BNode):
        raise Unsupported("a blank node as a value")
    return str(to_ox(term))
