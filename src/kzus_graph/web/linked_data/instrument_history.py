"""The history of an instrument: the acts that concluded and concerned it, and the instruments before and after it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.page_queries import Term

INSTRUMENT: Final = ox.NamedNode(str(DIP.Instrument))
BEFORE: Final = ("implements", "amends", "succeeds")
ACTS: Final = ("concluded", "concerned")
STEPS: Final = (*BEFORE, *ACTS, "implemented by", "amended by", "succeeded by")
"""What a thing can be in the history; of those on one day, in which order."""
NAMED: Final = ("kind", "descriptor", "party")
Facts = dict[tuple[Term, str], list[Term]]
"""What is said of a thing, by the words for it in instrument-history-facts.rq."""


@dataclass
class HistoryStep:
    """An act or another instrument in the history: as what, when, of which kind, for whom, told by how many sources.

    The time of another instrument is that of its conclusion. Where none is recorded, *when* is empty.
    """

    shown: Shown
    role: str
    when: str
    first: str
    kinds: list[Shown]
    descriptors: list[Shown]
    parties: list[Shown]
    sources: int

    @property
    def is_act(self) -> bool:
        """Whether it is an act, and no other instrument."""
        return self.role in ACTS


@dataclass
class InstrumentHistory:
    """The steps by time, those without a time last; and whether an entry into force is among them."""

    steps: list[HistoryStep]
    in_force: bool


def of(release: Release, thing: ox.NamedNode, kinds: Iterable[Term]) -> InstrumentHistory | None:
    """Return the history of a thing; None if it has none and is of no kind that does.

    An instrument among whose *kinds* is dip:Instrument has a history even when no step of it is recorded.
    """
    rows = page_queries.rows(release, "instrument-history", thing=thing)
    if not rows:
        return InstrumentHistory([], False) if INSTRUMENT in kinds else None
    facts = _facts(release, _nodes(row["other"] for row in rows))
    acts = {row["other"]: [row["other"]] if row["step"].value in ACTS else facts[row["other"], "act"] for row in rows}
    times: dict[Term, dict[str, str]] = defaultdict(dict)
    for row in page_queries.rows(release, "when", events=_nodes(act for each in acts.values() for act in each)):
        times[row["event"]].setdefault(row["property"].value, row["value"].value)
    shown = (value for (_, what), values in facts.items() if what in NAMED for value in values)
    names = Labels(release, {*acts, *shown})
    steps = []
    for row in rows:
        # What was initialled and signed later was concluded later.
        time = max((times[act] for act in acts[row["other"]]), key=_first, default={})
        steps.append(_step(row["other"], row["step"].value, time, facts, names))
    # Of the earlier instruments it is known that they came before, if not when.
    steps.sort(
        key=lambda step: (step.first or ("" if step.role in BEFORE else "9"), STEPS.index(step.role), step.shown.text)
    )
    return InstrumentHistory(steps, any(facts[row["other"], "in force"] for row in rows))


def _facts(release: Release, things: list[ox.NamedNode]) -> Facts:
    facts: Facts = defaultdict(list)
    for row in page_queries.rows(release, "instrument-history-facts", things=things):
        facts[row["thing"], row["what"].value].append(row["value"])
    for row in page_queries.rows(release, "kinds", things=things):
        facts[row["thing"], "kind"].append(row["kind"])
    return facts


def _step(thing: Term, role: str, time: dict[str, str], facts: Facts, names: Labels) -> HistoryStep:
    kinds, descriptors, parties = (
        sorted((names.shown(value) for value in facts[thing, what]), key=lambda shown: shown.text) for what in NAMED
    )
    return HistoryStep(
        names.shown(thing), role, date_format.claim(time, brief=True), _first(time), kinds, descriptors, parties,
        len(facts[thing, "source"]),
    )  # fmt: skip


def _first(time: dict[str, str]) -> str:
    return time.get(date_format.NOT_BEFORE, time.get(date_format.INCLUDES, ""))


def _nodes(terms: Iterable[Term]) -> list[ox.NamedNode]:
    return [term for term in dict.fromkeys(terms) if isinstance(term, ox.NamedNode)]
