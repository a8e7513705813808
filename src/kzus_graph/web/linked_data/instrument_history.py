"""The history of a diplomatic instrument: acts that concluded or concerned it, earlier and later instruments."""

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
from kzus_graph.web.view.translation import marked

INSTRUMENT: Final = ox.NamedNode(str(DIP.Instrument))
BEFORE: Final = (marked("implements"), marked("amends"), marked("succeeds"))
ACTS: Final = ("concluded", "concerned")
STEPS: Final = (*BEFORE, *ACTS, marked("implemented by"), marked("amended by"), marked("succeeded by"))
"""The possible roles of a step in the history; steps of the same day are sorted in this order."""
NAMED: Final = ("kind", "descriptor", "party")
Facts = dict[tuple[Term, str], list[Term]]
"""Values by resource and by the variable ``what`` of instrument-history-facts.rq; ``kind`` has the classes."""


@dataclass
class HistoryStep:
    """An act or another instrument in the history of an instrument; *role* is one of STEPS.

    *when* is its date in words (of an instrument, the date of its conclusion); empty if no date is recorded. *first* is
    its earliest possible day (ISO 8601; may be empty), *sources* the number of its sources.
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
        """Whether the step is an act, such as a signing, and not another instrument."""
        return self.role in ACTS


@dataclass
class InstrumentHistory:
    """The *steps* in order of time; *in_force* tells whether an entry into force is among them.

    Steps without a date come last; but if they are instruments known to be earlier, they come first.
    """

    steps: list[HistoryStep]
    in_force: bool


def of(release: Release, thing: ox.NamedNode, kinds: Iterable[Term]) -> InstrumentHistory | None:
    """Return the history of the resource *thing* as an instrument; *kinds* are its classes.

    If no step is recorded, the result is an empty history if dip:Instrument is one of *kinds*, else None.
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
        # Several acts can conclude one instrument (initialling, signing): the latest counts.
        time = max((times[act] for act in acts[row["other"]]), key=_first, default={})
        steps.append(_step(row["other"], row["step"].value, time, facts, names))
    # Earlier instruments without a time come first: they are known to have come before.
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
    return date_format.earliest(time)


def _nodes(terms: Iterable[Term]) -> list[ox.NamedNode]:
    return [term for term in dict.fromkeys(terms) if isinstance(term, ox.NamedNode)]
