"""Computes the difference of two dumps in one pass over the sorted lines of both.

Only the statements that differ, the labels of their subjects, and the statements with blank nodes are held in memory.
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
    """The triples that are only in the older dump (*removed*) and only in the newer dump (*added*)."""

    removed: Triples
    added: Triples


@dataclass
class Difference:
    """The statements that only one of two dumps contains, and their subjects and graphs.

    *before* and *after* are the names of the dumps.
    """

    before: str
    after: str
    has_layers: bool
    """Whether both dumps have named graphs, so that asserted and inferred triples can be distinguished."""
    removed: list[ox.Quad]
    added: list[ox.Quad]
    subjects: dict[str, tuple[bool, bool]]
    """By IRI whose statements in the default graph differ: whether the older dump has any, whether the newer has."""
    graphs: dict[str, tuple[bool, bool]]
    """By named graph that differs, except ``graph:inferred``: whether the older dump has it, whether the newer has."""
    labels: dict[str, str]
    """The labels of *subjects* that have one: from the newer dump, or else from the older dump."""
    deletions: list[ox.Quad]
    additions: list[ox.Quad]
    """*deletions* and *additions* are like *removed* and *added*, but compare blank nodes by label, as a patch does."""

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.removed or self.added)

    @cached_property
    def merge(self) -> Sides:
        """The difference of the default graphs, in which asserted and inferred triples are merged."""
        return self._within(ox.DefaultGraph())

    @cached_property
    def layers(self) -> dict[str, Sides]:
        """The difference by layer, "asserted" or "inferred"; each triple of the default graph is in exactly one layer.

        If the layers can't be distinguished (see *has_layers*), there is only the layer "all".
        """
        if not self.has_layers:
            return {"all": self.merge}
        inferred = self._within(INFERRED)
        gone, come = {*self.merge.removed}, {*self.merge.added}
        no_longer, now = {*inferred.removed}, {*inferred.added}
        # a triple that is newly inferred but not new in the merge was asserted before, and the other way round
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
    """Return the difference between an older and a newer dump. Raises reading.Unreadable (invalid file) and OSError."""
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
    """The lines of both dumps that differ or contain blank nodes, and their subjects and graphs."""

    def __init__(self) -> None:
        self.removed: list[bytes] = []
        self.added: list[bytes] = []
        # lines with blank nodes are kept even when they are the same, and compared later all together
        self.blank_before: list[bytes] = []
        self.blank_after: list[bytes] = []
        self.subject = _Present()
        self.graph = _Present()

    def take(self, line: bytes, was: bool, is_: bool) -> None:
        """Record the next line; *was* is whether the older dump contains it, *is_* whether the newer dump does."""
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
    """The subjects (or the named graphs) whose lines differ, and which of the two dumps contain each.

    The lines must be recorded sorted by subject (or by graph).
    """

    def __init__(self) -> None:
        self.sides: dict[str, tuple[bool, bool]] = {}
        self.labels: list[tuple[bool, bytes]] = []
        self.named: list[tuple[bool, bytes]] = []
        self._name = b""
        self._was = self._is = self._differs = False

    def see(self, name: bytes, was: bool, is_: bool, differs: bool) -> None:
        """Record a line of the subject or graph *name*.

        *was* is whether the older dump has the line, *is_* whether the newer dump has it. *differs* is whether the line
        may make a difference: only one dump has it, or it has a blank node.
        """
        if name != self._name:
            self.close()
            self._name, self._was, self._is, self._differs = name, was, is_, differs
        else:
            self._was |= was
            self._is |= is_
            self._differs |= differs

    def close(self) -> None:
        """Finish the current subject or graph; store it and its labels if it is an IRI and one of its lines differs."""
        if self._differs and self._name.startswith(b"<"):
            self.sides[self._name.decode("utf-8", "replace")] = (self._was, self._is)
            self.labels += self.named
        self.named.clear()


def _labels(before: list[ox.Quad], after: list[ox.Quad]) -> dict[str, str]:
    """Return one label by subject, from the statements *before* and *after*; those without a label are ignored.

    Of several labels, one in *after* is preferred; then one in English; then an rdfs:label over a skos:prefLabel.
    """
    said = [
        (is_, quad.object.language == "en", quad.predicate == LABELS[0], str(quad.subject), quad.object.value)
        for is_, quads in ((False, before), (True, after))
        for quad in quads
        if quad.predicate in LABELS and isinstance(quad.object, ox.Literal)
    ]
    return {subject: text for *_, subject, text in sorted(said)}
