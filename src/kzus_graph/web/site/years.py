"""``/years``: the events year by year, with the number of their sources, and the years without an event."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.charts import timeline
from kzus_graph.web.sparql import examples
from kzus_graph.web.view import date_format, locale, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Row, Term
from kzus_graph.web.view.translation import gettext

QUESTION: Final = "events-by-year-and-kind"
"""The name of the example query that returns the numbers of events on the page."""
MOST_PEOPLE: Final = 4
"""The maximum number of participants named in the line of an event: those with the highest offices."""
LONGEST_GAP: Final = 10
"""The longest run of years without an event in which each year has its own line; a longer run has one line."""
OFFICES: Final = tuple(str(DIP[name]) for name in ("HeadOfStatePosition", "ForeignMinisterPosition", "Position"))
"""The IRIs of the classes of offices, the highest first."""
YEAR: Final = re.compile(r"-?\d+(?=-)")
Facts = defaultdict[str, list[Row]]
"""The solutions of ``queries/years.rq`` about one event, by the value of their variable ``what``."""


@dataclass(frozen=True)
class EventLine:
    """An event as a line on the page.

    *year* is the year of its earliest possible day, or of its latest one if no other is known (None if no date is
    recorded), *when* its date in words, *order* the
    sort key of the line. *groups* are the IRIs of the classes that the event is counted under; *number* is the number
    of the colour of its first group. *second_hand* is true if every source is second-hand. *basis* is empty, or says
    that the date is ``stated``, ``derived`` or ``inherited``.
    """

    shown: Shown
    year: int | None
    when: str
    order: tuple[str, str, bool, str]
    kinds: tuple[Shown, ...]
    groups: tuple[str, ...]
    number: int
    places: tuple[Shown, ...]
    people: tuple[Shown, ...]
    more_people: int
    concluded: tuple[Shown, ...]
    about: tuple[Shown, ...]
    sources: int
    second_hand: bool
    basis: str
    disagreements: tuple[tuple[str, Shown | None], ...]
    """The disagreements about the event: the IRI of each, and its group of properties (None if it has none)."""


@dataclass(frozen=True)
class EventKind:
    """A class that events are counted under; *number* is the number of its colour, *events* how many events it has."""

    shown: Shown
    number: int
    events: int


@dataclass(frozen=True)
class Share:
    """A segment of a bar: *events* is the number of events of one *kind*, *before* the sum of the previous segments."""

    kind: EventKind
    events: int
    before: int


@dataclass(frozen=True)
class Year:
    """A line of the page: one year and its events in order of time, or years (*first* to *last*) without events."""

    first: int
    last: int
    events: tuple[EventLine, ...]
    shares: tuple[Share, ...]

    @property
    def name(self) -> str:
        """The year as text; if there are several, the first and the last year."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True)
class Overview:
    """A table of the number of events by kind and decade.

    *columns* are the decades, then "No date" if an event has none. *lines* has each kind with its counts by column.
    *totals* has the number of events of each column, *number* that of all columns; in these two, an event of several
    kinds counts once.
    """

    columns: tuple[str, ...]
    lines: tuple[tuple[EventKind, tuple[int, ...]], ...]
    totals: tuple[int, ...]
    number: int


@dataclass(frozen=True)
class YearRecord:
    """The content of the page ``/years``; *most* is the length of its longest bar: the sum of the bar's segments."""

    overview: Overview
    years: tuple[Year, ...]
    undated: tuple[EventLine, ...]
    undated_shares: tuple[Share, ...]
    most: int


blueprint = Blueprint("years", __name__)
"""The route of the page ``/years``."""


@blueprint.get("/years")
def years() -> Response:
    """Return the page of the events year by year, with a table of the number of events by kind and decade."""
    release = g.release
    asked = any(example.name == QUESTION for example in examples.listed(release))
    record = held(release, locale.wanted())
    return responses.page("years.html", record=record, question=QUESTION if asked else "")


@once
def held(release: Release, language: str) -> YearRecord:
    """Return the content of ``/years`` for *release*, with names in *language*; cached: a release never changes."""
    rows = page_queries.rows(release, "years")
    named = [row for row in rows if "what" in row and row["what"].value not in ("source", "disagreement")]
    matters = [row for row in rows if "what" in row and row["what"].value == "disagreement"]
    shown = iris(rows, ("event",)) | iris(named, ("value",)) | iris(matters, ("more",))
    return drawn(rows, Labels(release, shown, language))


def drawn(rows: Iterable[Row], names: Labels) -> YearRecord:
    """Return the content of ``/years``, made from *rows*, the solutions of ``queries/years.rq``."""
    said: dict[Term, Facts] = {}
    # Sorted here: to sort, the engine would look up each term again.
    for row in sorted(rows, key=lambda row: [str(term) for term in row.values()]):
        facts = said.setdefault(row["event"], defaultdict(list))
        if "what" in row:
            facts[row["what"].value].append(row)
    kinds = _kinds(said.values(), names)
    entries = sorted((_entry(event, facts, names, kinds) for event, facts in said.items()), key=lambda one: one.order)
    of_year: defaultdict[int, list[EventLine]] = defaultdict(list)
    undated = tuple(entry for entry in entries if entry.year is None)
    for entry in entries:
        if entry.year is not None:
            of_year[entry.year].append(entry)
    years = [
        Year(first, last, tuple(of_year.get(first, ())), _shares(of_year.get(first, ()), kinds))
        for first, last in _spans(sorted(of_year))
    ]
    undated_shares = _shares(undated, kinds)
    most = max(sum(share.events for share in shares) for shares in (undated_shares, *(year.shares for year in years)))
    return YearRecord(_overview(entries, kinds), tuple(years), undated, undated_shares, most)


def _kinds(said: Iterable[Facts], names: Labels) -> dict[str, EventKind]:
    """Return the classes that events are counted under, by IRI, those with most events first.

    *said* are the facts of each event. The largest classes have a colour each, the others share the colour OTHERS.
    """
    counts = Counter(iri for facts in said for iri in _values(facts, "group"))
    order = sorted(counts, key=lambda iri: (-counts[iri], names[iri]))
    colours = [iri for iri in order if counts[iri] >= timeline.FEWEST][: timeline.MOST_KINDS]
    numbers = {iri: number for number, iri in enumerate(colours, 1)}
    return {
        iri: EventKind(names.shown(ox.NamedNode(iri)), numbers.get(iri, timeline.OTHERS), counts[iri]) for iri in order
    }


def _values(facts: Facts, what: str) -> list[str]:
    return list(dict.fromkeys(row["value"].value for row in facts[what]))


def _entry(event: Term, facts: Facts, names: Labels, kinds: Mapping[str, EventKind]) -> EventLine:
    time = {name: _values(facts, name)[0] for name in date_format.GROUP if name in facts}
    last = time.get(date_format.NOT_AFTER, "")
    first = time.get(date_format.NOT_BEFORE, time.get(date_format.BEGIN, last))
    year = YEAR.match(first)
    basis = time.get(date_format.BASIS, "").rpartition("basis-")[2]
    # Several sentences of one text count as one source.
    second_hand = {row["value"]: row["more"].value == "true" if "more" in row else False for row in facts["source"]}
    groups = [iri for iri in kinds if iri in _values(facts, "group")]
    people = _people(facts["who"], names)

    def shown(what: str) -> tuple[Shown, ...]:
        return tuple(names.shown(ox.NamedNode(iri)) for iri in sorted(_values(facts, what), key=names.__getitem__))

    return EventLine(
        shown=names.shown(event),
        year=int(year[0]) if year else None,
        when=date_format.claim(time, brief=True),
        order=(first, last or first, basis == "inherited", names[event.value]),
        kinds=shown("kind"),
        groups=tuple(groups),
        number=kinds[groups[0]].number if groups else timeline.OTHERS,
        places=shown("place"),
        people=people[:MOST_PEOPLE],
        more_people=len(people[MOST_PEOPLE:]),
        concluded=shown("concluded"),
        about=shown("about"),
        sources=len(second_hand),
        second_hand=bool(second_hand) and all(second_hand.values()),
        basis=basis,
        disagreements=tuple(
            (row["value"].value, names.shown(row["more"]) if "more" in row else None) for row in facts["disagreement"]
        ),
    )


def _people(rows: Iterable[Row], names: Labels) -> tuple[Shown, ...]:
    """Return the participants in *rows*, those with the highest offices first.

    Where a source does not name the person, the participant is the office or the represented party.
    """
    ranks: dict[str, int] = {}
    for row in rows:
        if not isinstance(row["value"], ox.NamedNode):
            continue
        rank = OFFICES.index(row["more"].value) if "more" in row else len(OFFICES)
        ranks[row["value"].value] = min(rank, ranks.get(row["value"].value, rank))
    return tuple(names.shown(ox.NamedNode(iri)) for iri in sorted(ranks, key=lambda iri: (ranks[iri], names[iri])))


def _spans(years: list[int]) -> list[tuple[int, int]]:
    """Return the (first, last) year of each line of the page; *years* are the years that have an event, sorted.

    Each year is a line of its own, but a run of more than LONGEST_GAP years without an event is one line.

    >>> _spans([1991, 1993, 2020]), _spans([])
    ([(1991, 1991), (1992, 1992), (1993, 1993), (1994, 2019), (2020, 2020)], [])
    """
    found = [(year, year) for year in years[:1]]
    for one, other in pairwise(years):
        gap = range(one + 1, other)
        found += [(gap[0], gap[-1])] if len(gap) > LONGEST_GAP else [(year, year) for year in gap]
        found.append((other, other))
    return found


def _shares(events: Iterable[EventLine], kinds: Mapping[str, EventKind]) -> tuple[Share, ...]:
    counts = Counter(group for event in events for group in event.groups)
    found, before = [], 0
    for iri, kind in kinds.items():
        if counts[iri]:
            found.append(Share(kind, counts[iri], before))
            before += counts[iri]
    return tuple(found)


def _overview(entries: Iterable[EventLine], kinds: Mapping[str, EventKind]) -> Overview:
    of_decade: defaultdict[int | None, list[EventLine]] = defaultdict(list)
    for entry in entries:
        of_decade[entry.year // 10 * 10 if entry.year is not None else None].append(entry)
    decades = sorted(decade for decade in of_decade if decade is not None)
    columns = [of_decade[decade] for decade in decades] + ([of_decade[None]] if None in of_decade else [])
    counts = [Counter(group for entry in column for group in entry.groups) for column in columns]
    return Overview(
        columns=(
            *(gettext("%(decade)ss", decade=decade) for decade in decades),
            *([gettext("No date")] if None in of_decade else []),
        ),
        lines=tuple((kind, tuple(count[iri] for count in counts)) for iri, kind in kinds.items()),
        totals=tuple(map(len, columns)),
        number=sum(map(len, columns)),
    )
