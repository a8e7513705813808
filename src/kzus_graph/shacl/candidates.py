"""Find the nodes that may violate a shape, by one query for its constraints and one for each sh:sparql."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal
from rdflib.term import Node

from kzus_graph.rdf.terms import from_ox, to_ox
from kzus_graph.shacl.expressions import Expressions
from kzus_graph.shacl.values import UnsupportedConstraint, n3

TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.target)
CUSTOM: Final = (SH.ConstraintComponent, SH.SPARQLTargetType, SH.SPARQLFunction)
"""Extensions of SHACL; if a shapes graph defines one, pyshacl checks all targets of all shapes."""
TOKEN: Final = re.compile(
    r"""#[^\n]*|<[^<>\s]*>|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[?$]\w+|(?:[\w:-]|\.(?=[\w:-]))+|.""", re.DOTALL
)
# Words that cut all rows, and those that aggregate them: a query with one of them must be run for each node by itself,
# unless it aggregates in a nested query that groups its rows by the node.
CUTTING: Final = frozenset(("LIMIT", "OFFSET"))
AGGREGATING: Final = frozenset(("HAVING", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))
NONE: Final[Mapping[Node, set[Node]]] = {}
FORBIDDEN: Final = frozenset(("MINUS", "VALUES", "SERVICE"))
"""Clauses that SHACL forbids in every constraint (section 5.2.1); pyshacl reports them."""


@dataclass(frozen=True)
class Candidates:
    """The nodes that pyshacl must check.

    *nodes* has, for each shape, the target nodes that may not conform to it. *whole* has the shapes that cannot be
    written as queries, each with the reason: pyshacl must check all their targets.
    """

    nodes: dict[Node, set[Node]] = field(default_factory=dict)
    whole: dict[Node, str] = field(default_factory=dict)


def candidates(store: ox.Store, shapes: Graph, known: Mapping[Node, set[Node]] = NONE) -> Candidates:
    """Return, for each shape of *shapes*, the targets in the default graph of *store* that may not conform to it.

    Every node for which pyshacl would report a result is among these targets. For a shape in *known*, the nodes are
    copied from *known* without a query. Raises SyntaxError for a query that is not valid SPARQL.
    """
    found = Candidates()
    targeted = sorted(_targeted(shapes), key=str)
    try:
        if custom := next((kind for kind in CUSTOM if (None, RDF.type, kind) in shapes), None):
            raise UnsupportedConstraint(
                f"the shapes graph defines its own sh:{custom.removeprefix(str(SH))}, which our queries do not support"
            )
        declared = prefixes(shapes)
    except UnsupportedConstraint as error:
        return Candidates(whole=dict.fromkeys(targeted, str(error)))
    expressions = Expressions(shapes, _subclasses(store))
    for shape in targeted:
        try:
            if shape not in known:
                found.nodes[shape] = set(_nonconforming(store, shapes, shape, expressions, declared))
            else:
                found.nodes[shape] = known[shape]
        except UnsupportedConstraint as error:
            found.whole[shape] = str(error)
    return found


def _targeted(shapes: Graph) -> set[Node]:
    return {shape for property_ in TARGETS for shape in shapes.subjects(property_)} | {
        shape for kind in (RDFS.Class, OWL.Class) for shape in shapes.subjects(RDF.type, kind)
    }


def _nonconforming(
    store: ox.Store, shapes: Graph, shape: Node, expressions: Expressions, declared: dict[str, str]
) -> Iterator[Node]:
    """Yield the nodes that may not conform to *shape*, found by queries that use the prefixes *declared*.

    Raises UnsupportedConstraint if a target or a constraint of *shape* cannot be written as a query.
    """
    if (shape, SH.deactivated, Literal(True)) in shapes:
        return
    targets = f"SELECT DISTINCT ?this WHERE {{ {' UNION '.join(_targets(shapes, shape, expressions))} }}"
    condition = expressions.conforms(shape, "?this")
    constraints = sorted(shapes.objects(shape, SH.sparql), key=str)
    selects = [str(shapes.value(constraint, SH.select)) for constraint in constraints]
    for select in selects:
        if FORBIDDEN & set(TOKEN.findall(select.upper())) or "$PATH" in select:
            raise UnsupportedConstraint("its sh:select contains $PATH, MINUS, VALUES or SERVICE")
    if condition != "true":
        query = f"SELECT ?this WHERE {{ {{ {targets} }} FILTER(!COALESCE({condition}, false)) }}"
        yield from _asked(store, query, declared)
    for select in selects:
        if (body := joinable(select)) is not None:
            yield from _asked(store, f"SELECT DISTINCT ?this WHERE {{ {{ {targets} }} {body}", declared)
        else:
            yield from _asked_of_each(store, select, list(_asked(store, targets, declared)), declared)


def _asked_of_each(store: ox.Store, select: str, nodes: list[Node], prefixes: dict[str, str]) -> Iterator[Node]:
    """Yield each of *nodes* for which the query *select*, with ``$this`` bound to the node, has a solution."""
    for node in nodes:
        answer = store.query(select, prefixes=prefixes, substitutions={ox.Variable("this"): to_ox(node)})
        assert isinstance(answer, ox.QuerySolutions)
        if next(answer, None) is not None:
            yield node


def _asked(store: ox.Store, query: str, prefixes: dict[str, str]) -> Iterator[Node]:
    answer = store.query(query, prefixes=prefixes)
    assert isinstance(answer, ox.QuerySolutions)
    return (from_ox(row["this"]) for row in answer)


def joinable(select: str) -> str | None:
    """Return the text after the first brace of the query *select* if it can run for all targets at once, else None.

    That is possible if *select* has no prologue, no LIMIT or OFFSET, no aggregate but in a nested query that groups by
    ``$this``, and no expression in a nested group uses ``$this``: SPARQL evaluates a nested group on its own, without a
    value of ``$this``. The group of an EXISTS is evaluated for each row, so that it may use ``$this``.
    """
    if select.lstrip()[:6].upper() != "SELECT":
        return None
    groups: list[_Group] = []
    start, parentheses, before, keys = 0, 0, "", False
    for found in TOKEN.finditer(select):
        token = found[0]
        if token.isspace() or token.startswith("#"):
            continue
        keys = (token.upper() == "BY" and before.upper() == "GROUP") or (keys and token[0] in "?$")
        if token == "{":
            start = start or found.end()
            groups.append(_Group(nested=bool(groups) and before.upper() != "EXISTS"))
        elif token == "}":
            if groups.pop().is_mixed:
                return None
        elif token in "()":
            parentheses += 1 if token == "(" else -1
        elif token.upper() in CUTTING or (token.upper() in {*AGGREGATING, "GROUP"} and not groups):
            return None
        elif token.upper() in {*AGGREGATING, "GROUP"}:
            groups[-1].aggregates = True
        elif token[1:] == "this" and keys:
            groups[-1].by_node = True
        elif token[1:] == "this" and parentheses and any(group.nested for group in groups):
            return None
        before = token
    return select[start:]


@dataclass
class _Group:
    """A group of a query: whether SPARQL evaluates it on its own, and aggregates its rows, and by the node."""

    nested: bool
    aggregates: bool = False
    by_node: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether rows of several nodes may be aggregated together."""
        return self.aggregates and not self.by_node


def _targets(shapes: Graph, shape: Node, expressions: Expressions) -> Iterator[str]:
    """Yield a SPARQL group pattern for each target of *shape* (SHACL, section 2.1; SHACL-AF, section 3.1)."""
    classes = set(shapes.objects(shape, SH.targetClass))
    if {RDFS.Class, OWL.Class} & set(shapes.objects(shape, RDF.type)):
        classes.add(shape)
    for members in expressions.members("?this", classes):
        yield f"{{ {members} }}"
    for property_ in shapes.objects(shape, SH.targetSubjectsOf):
        yield f"{{ ?this {n3(property_)} ?object }}"
    for property_ in shapes.objects(shape, SH.targetObjectsOf):
        yield f"{{ ?subject {n3(property_)} ?this }}"
    for node in shapes.objects(shape, SH.targetNode):
        yield f"{{ VALUES ?this {{ {n3(node)} }} }}"
    for target in shapes.objects(shape, SH.target):
        select = shapes.value(target, SH.select)
        if select is None:
            raise UnsupportedConstraint("its sh:target has no sh:select")
        yield f"{{ {select} }}"


def prefixes(shapes: Graph) -> dict[str, str]:
    """Return the prefixes that *shapes* declare. Raises UnsupportedConstraint for a prefix with two namespaces."""
    declared: dict[str, str] = {}
    for declaration in shapes.objects(None, SH.declare):
        prefix, namespace = (str(shapes.value(declaration, part)) for part in (SH.prefix, SH.namespace))
        if declared.setdefault(prefix, namespace) != namespace:
            raise UnsupportedConstraint(f"the shapes graph declares the prefix {prefix!r} with two namespaces")
    return declared


def _subclasses(store: ox.Store) -> dict[Node, frozenset[Node]]:
    """Return, for each class with sub-classes in *store*, the set of this class and its sub-classes at any depth."""
    direct: defaultdict[Node, set[Node]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, to_ox(RDFS.subClassOf), None, ox.DefaultGraph()):
        direct[from_ox(quad.object)].add(from_ox(quad.subject))
    below = {}
    for class_ in list(direct):
        reached, frontier = {class_}, [class_]
        while frontier:
            new = direct.get(frontier.pop(), set()) - reached
            reached |= new
            frontier += new
        below[class_] = frozenset(reached)
    return below
