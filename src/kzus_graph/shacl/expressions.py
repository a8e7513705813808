"""Write the constraints of a shape as a SPARQL expression.

If the expression is true for a node, the node conforms; if it is false or an error, the node may not conform. Inside
``sh:not``, ``sh:xone`` and ``sh:qualifiedMaxCount``, the expression must be exact: also true for every node that
conforms according to pyshacl. A constraint that cannot be written as such an expression raises UnsupportedConstraint;
it is never left out. Implements SHACL (W3C Recommendation of 2017), section 4.

Each EXISTS contains one triple pattern: with more, Oxigraph's time grows faster than linearly with the data.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from rdflib import RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.shacl import paths
from kzus_graph.shacl.values import Condition, UnsupportedConstraint, condition, n3, number

NO_CONSTRAINT: Final = frozenset((
    SH.path, SH.message, SH.severity, SH.name, SH.description, SH.order, SH.group, SH.flags, SH.deactivated,
    SH.defaultValue, SH.sparql, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target,
))  # fmt: skip
"""Properties of a shape that are no constraints by themselves, and sh:sparql, which is run as a query of its own."""


class Expressions:
    """Writes constraints of *shapes* as SPARQL expressions; *subclasses* maps a class to itself and its sub-classes."""

    def __init__(self, shapes: Graph, subclasses: Mapping[Node, frozenset[Node]]) -> None:
        """Start numbering the variables of the expressions at 1."""
        self._shapes = shapes
        self._subclasses = subclasses
        self._numbers = count(1)
        self._targets: frozenset[Node] = frozenset()

    def conforms(self, shape: Node, node: str, *, exact: bool = False, within: tuple[Node, ...] = ()) -> str:
        """Return a SPARQL expression that is true only if the value of the variable *node* conforms to *shape*.

        With *exact*, the expression is also true for every value that conforms. *within* are the shapes that refer to
        *shape*, directly or not. Raises UnsupportedConstraint if a constraint cannot be written as such an expression.
        """
        if shape in within:
            raise UnsupportedConstraint("the shape is recursive (it refers to itself)")
        if not within:
            self._targets = frozenset(self._shapes.objects(shape, SH.targetNode))
        if (shape, SH.deactivated, Literal(True)) in self._shapes:
            return "true"
        if within and (shape, SH.sparql, None) in self._shapes:
            raise UnsupportedConstraint("it refers to a shape that has sh:sparql")
        path = self._shapes.value(shape, SH.path)
        steps = None if path is None else paths.steps(self._shapes, path)
        if steps and self._targets and paths.may_be_of_no_steps(steps):
            # Oxigraph finds no path from a node that is in no triple, not even the path of length zero to itself
            raise UnsupportedConstraint("it has a sh:targetNode, and a path that may have length zero")
        values = _Values(self, node, steps)
        known = (*within, shape)
        parts = [
            self._constraint(shape, values, parameter, value, exact, known)
            for parameter, value in sorted(self._shapes.predicate_objects(shape))
            if str(parameter).startswith(str(SH)) and parameter not in NO_CONSTRAINT
        ]
        return " && ".join(f"({part})" for part in parts) or "true"

    def is_a(self, node: str, class_: Node) -> str:
        """Return a SPARQL expression that is true if *node* (a variable) is an instance of *class_* or a sub-class."""
        return f"EXISTS {{ {self.instances(node, class_)} }}"

    def instances(self, node: str, class_: Node) -> str:
        """Return a SPARQL pattern that matches if *node* is an instance of *class_* or of a sub-class.

        Raises UnsupportedConstraint if *class_* is a blank node.
        """
        kind = self.variable()
        below = self._subclasses.get(class_, frozenset({class_}))
        if len(below) == 1:
            return f"{node} a {n3(class_)}"
        named = ", ".join(sorted(n3(other) for other in below if not isinstance(other, BNode)))
        if any(isinstance(other, BNode) for other in below):
            # a query cannot name a blank node, such as a restriction; few things, if any, have such a class
            path = f"{kind} {RDFS.subClassOf.n3()}* {n3(class_)}"
            return f"{node} a {kind} FILTER({kind} IN ({named}) || ISBLANK({kind}) && EXISTS {{ {path} }})"
        return f"{node} a {kind} FILTER({kind} IN ({named}))"

    def members(self, node: str, classes: Iterable[Node]) -> Iterator[str]:
        """Yield SPARQL patterns that together match all instances of *classes* and of their sub-classes, as *node*.

        They find in 1 ms what *instances*, which is for a *node* that is known, takes 10 ms for: a query looks up the
        instances of each class instead of comparing the types of all things with all classes. Raises
        UnsupportedConstraint if one of *classes* is a blank node.
        """
        below = {class_: self._subclasses.get(class_, frozenset({class_})) for class_ in classes}
        kind = self.variable()
        named = {n3(other) for class_ in below for other in {class_, *below[class_]} if not isinstance(other, BNode)}
        if named:
            yield f"VALUES {kind} {{ {' '.join(sorted(named))} }} {node} a {kind}"
        for class_, others in below.items():
            if any(isinstance(other, BNode) for other in others):  # which a query cannot name
                yield f"{kind} {RDFS.subClassOf.n3()}+ {n3(class_)} FILTER(ISBLANK({kind})) {node} a {kind}"

    def variable(self) -> str:
        """Return the name of a SPARQL variable that no expression of this object uses yet."""
        return f"?v{next(self._numbers)}"

    def _constraint(
        self, shape: Node, values: "_Values", parameter: Node, value: Node, exact: bool, within: tuple[Node, ...]
    ) -> str:
        """Return a SPARQL expression that is true if *values* satisfy the constraint *parameter* *value* of *shape*.

        *exact* is as in the method *conforms*; *within* are *shape* itself and the shapes that refer to it.
        """
        assert isinstance(parameter, URIRef)

        def other(inner: Node, *, exactly: bool = exact) -> Condition:
            return lambda node: self.conforms(inner, node, exact=exactly, within=within)

        if parameter in (SH.property, SH.node):
            return values.every(other(value))
        if parameter in (SH.minCount, SH.maxCount):
            return self._counted(values, parameter, number(self._shapes, shape, parameter))
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
        return values.every(condition(self._shapes, shape, parameter, value, exact=exact))

    def _counted(self, values: "_Values", parameter: URIRef, number: int) -> str:
        if values.path is None:
            raise UnsupportedConstraint("it has sh:minCount or sh:maxCount without sh:path")
        at_least = values.some(number if parameter == SH.minCount else number + 1)
        return at_least if parameter == SH.minCount else f"!({at_least})"

    def _qualified(self, shape: Node, values: "_Values", conforms: Condition, exactly: Condition) -> str:
        if (shape, SH.qualifiedValueShapesDisjoint, None) in self._shapes or values.path is None:
            raise UnsupportedConstraint(
                "it has sh:qualifiedValueShapesDisjoint, or sh:qualifiedValueShape without sh:path"
            )
        parts = ["true"]
        if (shape, SH.qualifiedMinCount, None) in self._shapes:
            parts.append(values.some(number(self._shapes, shape, SH.qualifiedMinCount), conforms))
        if (shape, SH.qualifiedMaxCount, None) in self._shapes:
            parts.append(f"!({values.some(number(self._shapes, shape, SH.qualifiedMaxCount) + 1, exactly)})")
        return " && ".join(parts)

    def _unique_language(self, values: "_Values", value: Node) -> str:
        if value == Literal(False) or values.path is None:
            raise UnsupportedConstraint("it has a sh:uniqueLang that is false or without sh:path")
        one = self.variable()
        same = values.some(
            1, lambda other: f"!sameTerm({one}, {other}) && LANG({one}) = LANG({other}) && LANG({one}) != ''"
        )
        return f"!({values.some(1, lambda _: same, named=one)})"

    def _compared(self, values: "_Values", parameter: URIRef, property_: Node) -> str:
        """Return an expression that compares the value nodes *values* with the values of *property_*.

        With the *parameter* sh:disjoint, it is true if no node is in both; with sh:equals, if both have the same nodes.
        """

        def has(value: str) -> str:
            return f"EXISTS {{ {values.node} {n3(property_)} {value} }}"

        if parameter == SH.disjoint:
            return values.every(lambda value: f"!{has(value)}")
        value = self.variable()
        among = values.some(1, lambda own: f"sameTerm({own}, {value})")
        others = f"EXISTS {{ {values.node} {n3(property_)} {value} FILTER(!COALESCE({among}, false)) }}"
        return f"({values.every(has)}) && !{others}"


class _Values:
    """The value nodes of a shape: the nodes reached from *node* by *path*, or *node* itself if *path* is None."""

    def __init__(self, expressions: Expressions, node: str, path: list[str] | None) -> None:
        self._expressions = expressions
        self.node = node
        self.path = path

    def every(self, condition: Condition) -> str:
        """Return an expression that is true if *condition* holds for every value node."""
        if self.path is None:
            return condition(self.node)
        return f"!({self.some(1, lambda value: f'!COALESCE({condition(value)}, false)')})"

    def some(self, number: int, condition: Condition = lambda _: "true", named: str = "") -> str:
        """Return an expression that is true if *condition* holds for at least *number* value nodes.

        *named* is the variable or term to write for the first value node; if it is empty, a new variable is used.
        """
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
