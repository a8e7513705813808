"""Groups the difference of two dumps by thing (IRI as subject): new, gone and changed things, with their statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import compact
from kzus_graph.releases.difference import Difference, Sides

Node = ox.NamedNode | ox.BlankNode | ox.Triple
STATES: Final = ("new", "changed", "gone", "inferred")
"""A "new" thing is the subject of no statement in the default graph of the older dump, a "gone" thing of none in the
newer dump. Of an "inferred" thing, only inferred statements changed, no asserted ones."""


@dataclass
class Thing:
    """An IRI whose statements differ between two dumps; an empty *iri* stands for blank nodes reachable from no IRI."""

    iri: str
    label: str
    state: str
    layers: dict[str, Sides] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A named graph that differs between two dumps, with the numbers of removed and of added statements."""

    iri: str
    state: str
    removed: int
    added: int


def things(difference: Difference) -> list[Thing]:
    """Return the things (IRIs as subjects) whose statements differ between two dumps, sorted by prefixed name.

    The statements of a blank node count for an IRI from which the node is reachable.
    """
    found: dict[str, Thing] = {}
    owners = _owners(difference.merge.removed), _owners(difference.merge.added)
    for layer, sides in difference.layers.items():
        for of, triples, added in ((owners[0], sides.removed, False), (owners[1], sides.added, True)):
            for triple in triples:
                iri = _owner(triple.subject, of)
                if iri not in found:
                    found[iri] = Thing(iri, difference.labels.get(iri, ""), state(difference.subjects.get(iri)))
                said = found[iri].layers.setdefault(layer, Sides([], []))
                (said.added if added else said.removed).append(triple)
    for thing in found.values():
        if thing.state == "changed" and [*thing.layers] == ["inferred"]:
            thing.state = "inferred"
    return sorted(found.values(), key=lambda thing: (not thing.iri, compact(thing.iri)))


def graphs(difference: Difference) -> list[Graph]:
    """Return the named graphs that differ between two dumps, sorted by name, except the graph of inferred triples."""
    removed = Counter(quad.graph_name for quad in difference.removed)
    added = Counter(quad.graph_name for quad in difference.added)
    return [
        Graph(name, state(sides), removed[ox.NamedNode(name)], added[ox.NamedNode(name)])
        for name, sides in sorted(difference.graphs.items())
    ]


def state(sides: tuple[bool, bool] | None) -> str:
    """Return the state of a thing or graph: new, gone or changed.

    *sides* is whether the older dump has it and whether the newer dump has it; None means that both have it.

    >>> state((False, True)), state((True, False)), state((True, True)), state(None)
    ('new', 'gone', 'changed', 'changed')
    """
    was, is_ = sides or (True, True)
    return "changed" if was == is_ else "new" if is_ else "gone"


def _owners(triples: Iterable[ox.Triple]) -> dict[str, list[Node]]:
    """Return, by label of each blank node, the subjects of those *triples* that have this blank node as object."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.object, ox.BlankNode):
            found[triple.object.value].append(triple.subject)
    return found


def _owner(subject: Node, owners: dict[str, list[Node]]) -> str:
    """Return *subject* if it is an IRI; for a blank node, an IRI from which it is reachable via blank nodes, or "".

    *owners* has, by label of each blank node, the subjects of the triples with this blank node as object.
    """
    seen, waiting = set(), [subject]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ox.NamedNode):
            return node.value
        if isinstance(node, ox.BlankNode) and node not in seen:
            seen.add(node)
            waiting += owners.get(node.value, [])
    return ""
