"""The difference of two dumps, found by reading both side by side.

In memory is no more than what differs, and what has blank nodes.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.releases import blank_nodes
from kzus_graph.releases.comparable import Dump
from kzus_graph.releases.line_order import graph_of, merged

INFERRED: Final = ox.NamedNode(GRAPH.inferred)
LABELS: Final = (ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.NamedNode(PREFIXES["skos"] + "prefLabel"))
IN_LINES: Final = tuple(f" {label} ".encode() for label in LABELS)

Triples = list[ox.Triple]


@dataclass(frozen=True)
class Sides:
    """What is no longer there, and what has come."""

    removed: Triples
    added: Triples


@dataclass
class Difference:
    """What two dumps don't have in common."""

    before: str
    after: str
    has_layers: bool
    """Whether both hold named graphs, so that what is asserted can be told from what is inferred."""
    removed: list[ox.Quad]
    added: list[ox.Quad]
    subjects: dict[str, tuple[bool, bool]]
    """Each IRI of which the default graphs say different things: whether they say anything, before and after."""
    graphs: dict[str, tuple[bool, bool]]
    """The same for each named graph that is not the same: whether it has statements."""
    labels: dict[str, str]
    """What some of *subjects* are called, after or else before."""
    deletions: list[ox.Quad]
    additions: list[ox.Quad]
    """The same as *removed* and *added* for whoever keeps blank nodes by their labels, which are part of these."""

    def __bool__(self) -> bool:
        """Say whether there is any difference."""
        return bool(self.removed or self.added)

    @cached_property
    def merge(self) -> Sides:
        """The difference of the default graphs."""
        return self._within(ox.DefaultGraph())

    @cached_property
    def layers(self) -> dict[str, Sides]:
        """The difference by layer: asserted and inferred, which share no triple and make up the merge.

        One layer, "all", where they can't be told apart.
        """
        if not self.has_layers:
            return {"all": self.merge}
        inferred = self._within(INFERRED)
        gone, come = {*self.merge.removed}, {*self.merge.added}
        no_longer, now = {*inferred.removed}, {*inferred.added}
        # what is inferred now and was in the merge all along was asserted before, and the other way round
        asserted = Sides(
            sorted((gone - no_longer) | (now - come), key=_place),
            sorted((come - now) | (no_longer - gone), key=_place),
        )
        return {"asserted": asserted, "inferred": inferred}

    def _within(self, graph: ox.NamedNode | ox.DefaultGraph) -> Sides:
        return Sides(
            [quad.triple for quad in self.removed if quad.graph_name == graph],
            [quad.triple for quad in self.added if quad.graph_name == graph],
        )


def difference(before: Dump, after: Dump) -> Difference:
    """Return what two dumps don't have in common. Raises reading.Unreadable, and OSError when a file can't be read."""
    found = _Found()
    with before.lines() as ours, after.lines() as theirs:
        for line, was, is_ in merged(ours, theirs):
            found.take(line, was, is_)
    found.subject.close()
    found.graph.close()
    labels = _labels(
        before.statements([line for is_, line in found.subject.labels if not is_]),
        after.statements([line for is_, line in found.subject.labels if is_]),
    )
    ours_blank = [quad for quad in before.statements(found.blank_before) if any(blank_nodes.labels(quad))]
    theirs_blank = [quad for quad in after.statements(found.blank_after) if any(blank_nodes.labels(quad))]
    before.refuse_endless(ours_blank)
    after.refuse_endless(theirs_blank)
    removed, added = blank_nodes.changed(ours_blank, theirs_blank)
    deletions, additions = before.statements(found.removed), after.statements(found.added)
    removed += [quad for quad in deletions if not any(blank_nodes.labels(quad))]
    added += [quad for quad in additions if not any(blank_nodes.labels(quad))]
    both = [*removed, *added]
    subjects = {str(quad.subject) for quad in both if quad.graph_name == ox.DefaultGraph()}
    graphs = {str(quad.graph_name) for quad in both} - {str(INFERRED)}
    return Difference(
        before.name,
        after.name,
        before.has_graphs and after.has_graphs,
        sorted(removed, key=_place),
        sorted(added, key=_place),
        {name[1:-1]: sides for name, sides in found.subject.sides.items() if name in subjects},
        {name[1:-1]: sides for name, sides in found.graph.sides.items() if name in graphs},
        {name[1:-1]: label for name, label in labels.items() if name in subjects},
        deletions,
        additions,
    )


def _place(said: ox.Quad | ox.Triple) -> tuple[str, ...]:
    graph = said.graph_name if isinstance(said, ox.Quad) else ox.DefaultGraph()
    name = "" if isinstance(graph, ox.DefaultGraph) else str(graph)[:-1]
    return name, str(said.subject), str(said.predicate), str(said.object)


class _Found:
    """What is kept of the lines of both dumps."""

    def __init__(self) -> None:
        self.removed: list[bytes] = []
        self.added: list[bytes] = []
        # what has blank nodes is compared later, as a whole, be it the same or not
        self.blank_before: list[bytes] = []
        self.blank_after: list[bytes] = []
        self.subject = _Present()
        self.graph = _Present()

    def take(self, line: bytes, was: bool, is_: bool) -> None:
        """Take the next line, and whether it is in the one dump and in the other."""
        blank = b"_:" in line
        if blank:
            self.blank_before += [line] if was else []
            self.blank_after += [line] if is_ else []
        if not is_:
            self.removed.append(line)
        elif not was:
            self.added.append(line)
        differs = blank or was != is_
        if graph := graph_of(line):
            self.graph.see(graph, was, is_, differs)
        else:
            self.subject.see(line.partition(b" ")[0], was, is_, differs)
            if any(label in line for label in IN_LINES):
                self.subject.named.append((is_, line))


class _Present:
    """On which sides each of the names that come one after the other has lines, for those where something differs."""

    def __init__(self) -> None:
        self.sides: dict[str, tuple[bool, bool]] = {}
        self.labels: list[tuple[bool, bytes]] = []
        self.named: list[tuple[bool, bytes]] = []
        self._name = b""
        self._was = self._is = self._differs = False

    def see(self, name: bytes, was: bool, is_: bool, differs: bool) -> None:
        """Take note of a line of *name*."""
        if name != self._name:
            self.close()
            self._name, self._was, self._is, self._differs = name, was, is_, differs
        else:
            self._was |= was
            self._is |= is_
            self._differs |= differs

    def close(self) -> None:
        """Note what is known of the name at hand."""
        if self._differs and self._name.startswith(b"<"):
            self.sides[self._name.decode("utf-8", "replace")] = (self._was, self._is)
            self.labels += self.named
        self.named.clear()


def _labels(before: list[ox.Quad], after: list[ox.Quad]) -> dict[str, str]:
    """Return what each thing is called, given the statements that say so: now rather than before, in English if it is.

    An rdfs:label goes before a skos:prefLabel.
    """
    said = [
        (is_, quad.object.language == "en", quad.predicate == LABELS[0], str(quad.subject), quad.object.value)
        for is_, quads in ((False, before), (True, after))
        for quad in quads
        if quad.predicate in LABELS and isinstance(quad.object, ox.Literal)
    ]
    return {subject: text for *_, subject, text in sorted(said)}
