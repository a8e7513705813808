"""The events of a person, a state, an organization or on a topic, counted: by year, place, participant, instrument."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.charts import year_counts
from kzus_graph.web.charts.year_counts import YearCounts
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.page_queries import Term
from kzus_graph.web.view.translation import gettext, marked

LINES: Final = {
    ("atPlace", "atPlace territory"): marked("Places"),
    ("hasParticipant person",): marked("Persons"),
    ("involvesParty",): marked("States and bodies"),
    ("produced",): marked("Instruments"),
    ("hasTopic",): marked("Topics"),
    ("includesParticipant",): marked("Only in a part of"),
}
"""The sorts of things that are counted, in the order of the page, with the heading of each line.

A sort is the local name of the property that events have, and what the query says of the value. Towns come before
territories.
"""
SAME: Final = {"concernsInstrument": "produced"}
FEWEST: Final = 3
"""The fewest events that are worth counting; fewer can be read one by one."""
MOST: Final = 25
LETTERS: Final = 75
"""The most letters of the names that stand open in a line, which is about what fits into one."""
AGENTS: Final = frozenset((ox.NamedNode(str(DIP.Person)), ox.NamedNode(str(DIP.Organization))))
TOPICS: Final = f"{BASE}topic/"
TYPE: Final = f"{PREFIXES['rdf']}type"
EVENT: Final = ox.NamedNode(str(DIP.Event))


@dataclass(frozen=True)
class Frequent:
    """A thing, and the *number* of the events that have it."""

    shown: Shown
    number: int


@dataclass(frozen=True)
class FrequentLine:
    """Things of a sort under a *heading*, the most frequent first: the *first*, which stand open, and the *others*."""

    heading: str
    first: list[Frequent]
    others: list[Frequent]


@dataclass(frozen=True)
class Dashboard:
    """The *number* of events, how many of them have no year (*undated*), and what they have, the most frequent first.

    *years* is the drawing of the number in each year; None if no event has one. A line has at most MOST things.
    """

    number: int
    undated: int
    years: YearCounts | None
    lines: list[FrequentLine]


def of(release: Release, thing: ox.NamedNode, classes: Sequence[Term]) -> Dashboard | None:
    """Return the dashboard of *thing*, whose classes are *classes*; None if it has fewer than FEWEST events.

    Only agents and topics have one.
    """
    if AGENTS.isdisjoint(classes) and not thing.value.startswith(TOPICS):
        return None
    counts: dict[str, Counter[Term]] = defaultdict(Counter)
    for row in page_queries.rows(release, "dashboard", thing=thing):
        if row["value"] != thing:
            sort = f"{row['property'].value.removeprefix(str(DIP))} {row['sort'].value}".strip()
            counts[SAME.get(sort, sort)][row["value"]] += int(row["number"].value)
    number = counts[TYPE][EVENT]
    if number < FEWEST:
        return None
    years: Counter[int] = Counter()
    for day, events in (*counts["notBefore"].items(), *counts["notAfter"].items()):
        # data that are not ours may have any text where a date belongs
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day.value, re.ASCII):
            years[int(day.value[:4])] += events
    names = Labels(release, (term for sorts in LINES for sort in sorts for term in counts[sort]))
    lines = [
        _line(gettext(heading), [one for sort in sorts for one in _frequent(counts[sort], names)][:MOST])
        for sorts, heading in LINES.items()
        if any(counts[sort] for sort in sorts)
    ]
    return Dashboard(number, number - years.total(), year_counts.draw(years) if years else None, lines)


def _line(heading: str, things: list[Frequent]) -> FrequentLine:
    letters, first = 0, 0
    for one in things:
        letters += len(one.shown.text) + len(", ")
        if first and letters > LETTERS:
            break
        first += 1
    return FrequentLine(heading, things[:first], things[first:])


def _frequent(counts: Mapping[Term, int], names: Labels) -> list[Frequent]:
    found = [Frequent(names.shown(term), number) for term, number in counts.items()]
    return sorted(found, key=lambda one: (-one.number, one.shown.text, one.shown.iri))
