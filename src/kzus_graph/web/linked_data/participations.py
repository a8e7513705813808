"""Participations in events: who took part in which role; shown on the pages of events and of participants."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.vocab import DIP, GRAPH
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Row, Term

INFERRED: Final = str(GRAPH.inferred)


@dataclass
class Participation:
    """One participation in an event: who took part, in which roles and offices, and for which parties.

    *when* is the date of the event in words, *first* its earliest possible day (ISO 8601; may be empty). *graphs* are
    the IRIs of the named graphs that state the participation.
    """

    shown: Shown
    event: Shown
    when: str
    first: str
    agents: list[Shown]
    roles: list[Shown]
    offices: list[Shown]
    parties: list[Shown]
    graphs: list[str]


@dataclass
class Attendance:
    """An agent who took part in *parts* of an event: the name of each part, and its date in words."""

    agent: Shown
    parts: list[tuple[Shown, str]]


def parts(release: Release, thing: ox.NamedNode) -> list[Participation]:
    """Return the participations in the event *thing*, or of the participant, office or represented party *thing*.

    The participations are in order of time; those without a date come last.
    """
    rows = page_queries.rows(release, "participations", thing=thing)
    if not rows:
        return []
    times = dates(release, (row["event"].value for row in rows))
    names = Labels(release, iris(rows, ("event", "participation", "value")))
    grouped: dict[tuple[Term, Term], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["event"], row["participation"]].append(row)
    found = [_part(event, of, said, times[event.value], names) for (event, of), said in grouped.items()]
    return sorted(found, key=lambda part: (part.first or "9", part.event.text, part.shown.iri))


def dates(release: Release, events: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what the graph says of the date of each event, by its IRI; nothing of a thing without a date."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    things = [ox.NamedNode(event) for event in sorted(set(events))]
    for row in page_queries.rows(release, "when", events=things) if things else []:
        found[row["event"].value].setdefault(row["property"].value, row["value"].value)
    return found


def attendance(release: Release, event: ox.NamedNode) -> list[Attendance]:
    """Return those who took part in events that *event* includes, but not in *event* itself, in order of time."""
    rows = page_queries.rows(release, "attendance", thing=event)
    names = Labels(release, iris(rows, ("agent", "part")))
    times = dates(release, (row["part"].value for row in rows))
    found: dict[Term, list[tuple[Shown, str]]] = defaultdict(list)
    for row in rows:
        found[row["agent"]].append((names.shown(row["part"]), date_format.claim(times[row["part"].value], brief=True)))
    return [Attendance(names.shown(agent), parts) for agent, parts in found.items()]


def _part(event: Term, participation: Term, said: list[Row], time: dict[str, str], names: Labels) -> Participation:
    values: dict[str, list[Shown]] = defaultdict(list)
    graphs = set()
    for row in said:
        shown = names.shown(row["value"])
        local = row["property"].value.removeprefix(str(DIP))
        if shown not in values[local]:
            values[local].append(shown)
        if row["graph"].value != INFERRED:
            graphs.add(row["graph"].value)
    first = date_format.earliest(time)
    return Participation(
        names.shown(participation), names.shown(event), date_format.claim(time, brief=True), first,
        values["participant"], values["role"], values["inPosition"], values["onBehalfOf"], sorted(graphs),
    )  # fmt: skip
