"""Writes statements as text for people, much as Turtle does: with prefixed names, and blank nodes in brackets."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf import writing
from kzus_graph.rdf.prefixes import PREFIXES, compact

STRING: Final = PREFIXES["xsd"] + "string"
FIRST: Final = ox.NamedNode(PREFIXES["rdf"] + "first")
REST: Final = ox.NamedNode(PREFIXES["rdf"] + "rest")
NIL: Final = ox.NamedNode(PREFIXES["rdf"] + "nil")
DEEPEST: Final = 20
"""The maximum depth of brackets of blank nodes within one another; a deeper blank node is written as its label."""


def statements(triples: list[ox.Triple], thing: str) -> Iterator[str]:
    """Yield *triples* as lines of text; a line whose subject is the IRI *thing* omits the subject.

    The triples of a blank node are written in brackets where the node is an object, or in a line of their own if it is
    the object of no triple.
    """
    nested = Nested(triples)
    for triple in triples:
        if not isinstance(triple.subject, ox.BlankNode):
            subject = "" if triple.subject == ox.NamedNode(thing or "x:") else f"{nested.text(triple.subject)} "
            yield f"{subject}{nested.text(triple.predicate)} {nested.text(triple.object)}"
    objects = {triple.object for triple in triples}
    for node in sorted(nested.said, key=lambda node: node in objects):
        if node not in nested.written:
            yield nested.text(node)


class Nested:
    """A writer of terms as text; *said* has the triples by blank node, *written* the blank nodes already written."""

    def __init__(self, triples: list[ox.Triple]) -> None:
        self.said: defaultdict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
        self.written: set[ox.BlankNode] = set()
        for triple in triples:
            if isinstance(triple.subject, ox.BlankNode):
                self.said[triple.subject].append(triple)

    def text(self, term: Any, depth: int = 0) -> str:
        """Return *term* as text; *depth* is the number of brackets of blank nodes around it."""
        if isinstance(term, ox.NamedNode):
            return compact(term.value)
        if isinstance(term, ox.Literal):
            text = str(ox.Literal(term.value))
            if term.language:
                return f"{text}@{writing.tag(term)}"
            return text if term.datatype.value == STRING else f"{text}^^{compact(term.datatype.value)}"
        if isinstance(term, ox.BlankNode) and term in self.said and term not in self.written and depth < DEEPEST:
            return self._list(term, depth) or self._node(term, depth)
        return str(term)

    def _node(self, node: ox.BlankNode, depth: int) -> str:
        self.written.add(node)
        said = [f"{self.text(one.predicate)} {self.text(one.object, depth + 1)}" for one in self.said[node]]
        return f"[ {' ; '.join(said)} ]"

    def _list(self, node: ox.BlankNode, depth: int) -> str:
        """Return the RDF list that starts at *node* in Turtle syntax; empty if no complete list starts there."""
        nodes: dict[ox.BlankNode, None] = {}
        items: list[Any] = []
        rest: Any = node
        while isinstance(rest, ox.BlankNode) and rest not in nodes:
            values = {triple.predicate: triple.object for triple in self.said.get(rest, ())}
            if len(self.said.get(rest, ())) != 2 or values.keys() != {FIRST, REST}:
                return ""
            nodes[rest] = None
            items.append(values[FIRST])
            rest = values[REST]
        if rest != NIL or self.written.intersection(nodes):
            return ""
        self.written.update(nodes)
        return f"( {' '.join(self.text(item, depth + 1) for item in items)} )"
