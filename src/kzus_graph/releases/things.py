"""Groups a difference by thing: new things, things that are gone, and the changed statements of the others."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import compact
from kzus_graph.releases.difference import Difference, Sides

Node = ox.NamedNode | ox.BlankNode | ox.Triple
STATES: Final = ("new", "changed", "gone", "inferred")
"""A "new" thing had no statement in the merge (the default graph) before; a thing that is "gone" has none now. Of an
"inferred" thing, only inferred statements changed; the asserted ones are as before."""


@dataclass
class Thing:
    """An IRI whose statements differ; one with an empty *iri* holds statements of blank nodes that no IRI leads to."""

    iri: str
    label: str
    state: str
    layers: dict[str, Sides] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A named graph that differs, with the numbers of removed and of added statements."""

    iri: str
    state: str
    removed: int
    added: int


def things(difference: Difference) -> list[Thing]:
    """Return the things whose statements differ, by name; a blank node's statements belong to the IRI leading to it."""
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
    """Return the named graphs that differ, by name; the graph of inferred triples is a layer, so it is left out."""
    removed = Counter(quad.graph_name for quad in difference.removed)
    added = Counter(quad.graph_name for quad in difference.added)
    return [
        Graph(name, state(sides), removed[ox.NamedNode(name)], added[ox.NamedNode(name)])
        for name, sides in sorted(difference.graphs.items())
    ]


def state(sides: tuple[bool, bool] | None) -> str:
    """Return the word for something that was there before, is there after, or both; None counts as both.

    >>> state((False, True)), state((True, False)), state((True, True)), state(None)
    ('new', 'gone', 'changed', 'changed')
    """
    was, is_ = sides or (True, True)
    return "changed" if was == is_ else "new" if is_ else "gone"


def _owners(triples: Iterable[ox.Triple]) -> dict[str, list[Node]]:
    """Return the subjects that refer to each blank node, by its label."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.object, ox.BlankNode):
            found[triple.object.value].append(triple.subject)
    return found


def _owner(subject: Node, owners: dict[str, list[Node]]) -> str:
    """Return *subject*, or the IRI that leads to it over any number of blank nodes; empty if no IRI does."""
    seen, waiting = set(), [subject]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ox.NamedNode):
            return node.value
        if isinstance(node, ox.BlankNode) and node not in seen:
            seen.add(node)
            waiting += owners.get(node.value, [])
    return ""
