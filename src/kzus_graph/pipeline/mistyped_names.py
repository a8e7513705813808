"""Mistyped names among the faults: each reported once, with the name that was meant, before the faults it may cause."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from rdflib import RDFS, SKOS

from kzus_graph.rdf import ntriples
from kzus_graph.rdf.near_names import NearNames, namespace
from kzus_graph.rdf.ntriples import NamedLines
from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.rdf.vocab import DIP
from kzus_graph.shacl.shapes import Violation

OF_VALUES: Final = frozenset({"undefined-term", "dangling-reference"})
"""Checks whose value is a name that nothing defines; the focus uses it."""
OF_NAMESPACES: Final = "wrong-scheme"
"""The check whose value is a name in a namespace that nobody defines."""
OF_NODES: Final = frozenset({"missing-label", "graph-without-attestation", "unknown-graph"})
"""Checks whose focus may be mistyped: it is described, but not as a thing that is known."""
CAUSED: Final = re.compile(r"S\d+|contradiction|wrong-kind-of-.*|unused-entity|unattested-thing|segment-without-facts")
"""Matches the codes of faults that a mistyped name may cause on a node that has it."""
UNCAUSED: Final = frozenset({"S01", "S02", "S14", "S39", "S49", "S61", "S62", "S63"})
"""Shapes of labels, names and attestations, which a mistyped name of another property does not concern."""
FIRST: Final = frozenset({"contradiction", "not-checked", "nothing-checked"})
"""Faults because of which others are found, or are not found."""
NAMING: Final = (RDFS.label.n3(), SKOS.prefLabel.n3())
SHOWN: Final = 3
"""The most nodes with a mistyped name that its message lists."""


def by_cause(violations: Iterable[Violation], graphs: NamedLines) -> list[Violation]:
    """Return *violations*, faults of the data in *graphs*, with those of mistyped names first.

    All faults with one mistyped name are made one. After them come the faults that the names may cause, those of nodes
    with such a name; each has the name as its cause. Then come the faults in FIRST, and the rest in the given order.
    """
    named: defaultdict[str, list[Violation]] = defaultdict(list)
    rest: list[Violation] = []
    for violation in violations:
        if name := _name(violation):
            named[name].append(violation)
        else:
            rest.append(violation)
    doubtful = [violation for violation in rest if violation.code in OF_NODES]
    near = NearNames(_known(graphs) if named or doubtful else ())
    roots = {name: _once(name, found, near) for name, found in named.items()}
    for violation in doubtful:
        if str(violation.focus) not in roots and (found := _of_node(violation, near)):
            roots[str(violation.focus)] = found
            rest.remove(violation)
    uses = [_Use.of(name, {str(each.value) for each in named[name]} or {name}, graphs) for name in roots]
    # a property that is missing causes more than a value that is wrong
    uses.sort(key=lambda use: not use.is_property)
    follow: defaultdict[str, list[Violation]] = defaultdict(list)
    left: list[Violation] = []
    for violation in rest:
        cause = _cause(violation, uses)
        (follow[cause] if cause else left).append(replace(violation, cause=cause))
    left.sort(key=lambda violation: violation.code not in FIRST)
    return [*(roots[use.name] for use in uses), *(each for use in uses for each in follow[use.name]), *left]


@dataclass(frozen=True)
class _Use:
    """Where a mistyped *name* or namespace is used: as *names*, on *nodes*, and whether as a property."""

    name: str
    names: set[str]
    nodes: set[str]
    is_property: bool

    @classmethod
    def of(cls, name: str, names: set[str], graphs: NamedLines) -> "_Use":
        """Return the use of *name* in *graphs*; its nodes have one of *names*, or belong to one that has."""
        written = {f"<{each}>" for each in names}
        nodes: set[str] = set()
        is_property = False
        for lines in graphs.values():
            for line in lines:
                if any(each in line for each in written):
                    subject, property_, object_ = ntriples.terms(line)
                    if property_ in written:
                        nodes |= {subject, object_}
                        is_property = True
                    elif object_ in written:
                        nodes.add(subject)
        events = f" {DIP.hasParticipation.n3()} "
        pairs = [ntriples.terms(line) for lines in graphs.values() for line in lines if events in line]
        around = {part for event, _, part in pairs if event in nodes}
        nodes |= around | {event for event, _, part in pairs if part in nodes}
        return cls(name, names, {node.strip("<>") for node in nodes}, is_property)


def _cause(violation: Violation, uses: list[_Use]) -> str:
    """Return the name in *uses* that may cause *violation*, or an empty text."""
    focus, value = str(violation.focus), str(violation.value)
    if own := next((use.name for use in uses if {focus, value} & use.names), ""):
        return own
    if not CAUSED.fullmatch(violation.code) or violation.code in UNCAUSED:
        return ""
    return next((use.name for use in uses if {focus, value} & use.nodes), "")


def is_about_value(violation: Violation) -> bool:
    """Return whether *violation* is about its value, a mistyped name, and not about its focus."""
    return violation.code == OF_NAMESPACES or violation.code in OF_VALUES


def _name(violation: Violation) -> str:
    """Return the mistyped name or namespace that *violation* is about, or an empty text."""
    if violation.code == OF_NAMESPACES:
        return namespace(str(violation.value))
    return str(violation.value) if violation.code in OF_VALUES else ""


def _known(graphs: NamedLines) -> Iterator[str]:
    """Yield the names of the graphs, and the things of ours that have a label in *graphs*."""
    yield from map(str, graphs)
    for lines in graphs.values():
        for line in lines:
            if line.startswith(f"<{BASE}"):
                subject, property_, _ = line.split(" ", 2)
                if property_ in NAMING:
                    yield subject[1:-1]


def _once(name: str, found: list[Violation], near: NearNames) -> Violation:
    """Return the faults *found* with the mistyped *name* as one."""
    first = found[0]
    hint = "" if first.code == OF_NAMESPACES else near.hint(name)
    message = f"{first.message.removesuffix('.')}{hint}" if hint else first.message
    others = list(dict.fromkeys(str(each.focus) for each in found if each.focus != first.focus))
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        what = "A name of that namespace" if first.code == OF_NAMESPACES else "That name"
        message += f" {what} is used by {', '.join(map(compact, others[:SHOWN]))}{more}, too."
    return replace(first, message=message)


def _of_node(violation: Violation, near: NearNames) -> Violation | None:
    """Return *violation* with the name that may have been meant by its focus; None if there is none.

    Names that differ in a number are names of different things: 2010-… is no slip for 2011-….
    """
    focus = str(violation.focus)
    meant = near.nearest(focus)
    has_label = violation.code == "missing-label" and str(violation.value) != "0"
    if not meant or has_label or re.findall(r"\d+", meant) != re.findall(r"\d+", focus):
        return None
    return replace(violation, message=f"{violation.message.removesuffix('.')}; did you mean {compact(meant)}?")
