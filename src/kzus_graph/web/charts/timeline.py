"""Lays out the timeline: events by year, with their positions in the drawing and their dates in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from kzus_graph.web.charts import label_placement
from kzus_graph.web.view import date_format
from kzus_graph.web.view.page_queries import Row, Term
from kzus_graph.web.view.translation import gettext, marked

BIN: Final = 11
"""The width and height of the mark of a one-day event; marks that would overlap are stacked."""
WIDEST: Final = 180
NARROWEST: Final = 60
WIDTH_OF_YEARS: Final = 1100
FEWEST: Final = 2
"""The number of events from which a kind is shown by its own name; smaller kinds are shown as OTHER."""
MOST_KINDS: Final = 7
OTHERS: Final = 8
OTHER: Final = marked("Other kinds")
# The size of the letters of a year, as in home.css.
LETTERS: Final = 14


@dataclass(frozen=True)
class KindFilter:
    """A kind of event that readers can show or hide; *number* is its colour number, *events* how many events it has.

    *language* is the language tag of its name; it is empty if that is not known.
    """

    name: str
    number: int
    events: int
    language: str = ""


@dataclass(frozen=True)
class Happening:
    """An event with its earliest and latest possible day; *number* is the colour number of its kind.

    *qualifier* is the IRI of the code for a date that is approximate or uncertain, else empty. *language* is the tag of
    the language of *kind*; it is empty if that is not known.
    """

    iri: str
    label: str
    kind: str
    group: str
    number: int
    first: date | None
    last: date | None
    basis: str
    qualifier: str = ""
    language: str = ""

    @property
    def when(self) -> str:
        """The date of the event in words, or ``no date``."""
        return date_format.qualified(spoken(self.first, self.last), self.qualifier)

    @property
    def year(self) -> int | None:
        """The year of the earliest possible day, or of the latest one if no other is known; None without a date."""
        day = self.first or self.last
        return day.year if day else None


@dataclass(frozen=True)
class Mark:
    """The mark of an event in the drawing: its position (*x*, *y*) and its width."""

    event: Happening
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class YearColumn:
    """A year with its events; *gap* is true if years without events lie between it and the previous column."""

    year: int
    x: int
    gap: bool
    events: tuple[Happening, ...]


@dataclass(frozen=True)
class Timeline:
    """The whole drawing; *pitch* is the width of a column, *letters* that of its label (the year).

    *undated* events have no mark in the drawing.
    """

    kinds: tuple[KindFilter, ...]
    columns: tuple[YearColumn, ...]
    marks: tuple[Mark, ...]
    undated: tuple[Happening, ...]
    width: int
    height: int
    pitch: int
    letters: int = label_placement.width("2000", LETTERS)


def spoken(first: date | None, last: date | None) -> str:
    """Return the days from *first* to *last* in words, or the one that is known; whole months and years are named.

    >>> spoken(date(2010, 4, 11), date(2010, 4, 13)), spoken(date(1997, 11, 1), date(1997, 11, 30))
    ('11–13 April 2010', 'November 1997')
    """
    if first is None or last is None:
        return date_format.limit(*(day.isoformat() if day else "" for day in (first, last))) or gettext("no date")
    return date_format.span(first.isoformat(), last.isoformat())


def happenings(rows: Iterable[Row]) -> tuple[tuple[KindFilter, ...], list[Happening]]:
    """Return the kinds of events, those with most events first (OTHER last), and the events in the order of *rows*.

    *rows* are the solutions of ``home-events.rq``.
    """
    once: dict[str, Row] = {}
    for row in rows:
        once.setdefault(row["event"].value, row)
    counts: dict[str, int] = {}
    languages = {row["group"].value: _language(row["group"]) for row in once.values()}
    for row in once.values():
        group = row["group"].value
        counts[group] = counts.get(group, 0) + 1
    shown = sorted((name for name in counts if counts[name] >= FEWEST), key=lambda name: (-counts[name], name))
    shown = shown[:MOST_KINDS]
    numbers = {name: number for number, name in enumerate(shown, 1)}
    kinds = [KindFilter(name, numbers[name], counts[name], languages[name]) for name in shown]
    if len(shown) < len(counts):
        others = sum(counts.values()) - sum(counts[name] for name in shown)
        kinds.append(KindFilter(gettext(OTHER), OTHERS, others))
    events = [
        Happening(
            iri,
            row["label"].value,
            row["kind"].value,
            row["group"].value,
            numbers.get(row["group"].value, OTHERS),
            _day(row, "from"),
            _day(row, "to"),
            row["basis"].value.rpartition("-")[2] if "basis" in row else "",
            row["qualifier"].value if "qualifier" in row else "",
            _language(row["kind"]),
        )
        for iri, row in once.items()
    ]
    return tuple(kinds), events


def _language(name: Term) -> str:
    return name.language or "" if isinstance(name, ox.Literal) else ""


def _day(row: Row, name: str) -> date | None:
    """Return the date in the column *name* of *row*; None if it is missing, invalid, or outside the years 1 to 9999."""
    try:
        return date.fromisoformat(row[name].value[:10]) if name in row else None
    except ValueError:
        return None


def draw(rows: Iterable[Row]) -> Timeline:
    """Return the timeline of the events in *rows*, the solutions of ``home-events.rq``."""
    kinds, events = happenings(rows)
    years = sorted({event.year for event in events if event.year is not None})
    pitch = min(WIDEST, max(NARROWEST, WIDTH_OF_YEARS // max(1, len(years))))
    columns = tuple(
        YearColumn(
            year,
            place * pitch,
            place > 0 and years[place - 1] != year - 1,
            tuple(event for event in events if event.year == year),
        )
        for place, year in enumerate(years)
    )
    marks = [mark for column in columns for mark in _stacked(column, pitch)]
    highest = max((mark.y for mark in marks), default=0)
    # In a drawing, y counts from the top, but the marks are stacked from the bottom.
    turned = tuple(Mark(mark.event, mark.x, highest - mark.y, mark.width) for mark in marks)
    undated = tuple(event for event in events if event.year is None)
    return Timeline(kinds, columns, turned, undated, pitch * len(years), highest + BIN, pitch)


def _stacked(column: YearColumn, pitch: int) -> Sequence[Mark]:
    bins = (pitch - BIN) // BIN
    levels = [0] * bins
    found = []
    for event in sorted(column.events, key=lambda event: (-_days(event), event.first or date.min, event.iri)):
        # The mark of an event with one known day reaches to the edge of the year, since the other day is not known.
        start = _bin(event.first, column.year, bins) if event.first else 0
        end = _bin(event.last, column.year, bins)
        level = max(levels[start : end + 1])
        levels[start : end + 1] = [level + 1] * (end + 1 - start)
        found.append(Mark(event, column.x + BIN // 2 + start * BIN, level * BIN, (end + 1 - start) * BIN - 1))
    return sorted(found, key=lambda mark: (mark.x, mark.y))


def _days(event: Happening) -> int:
    return (event.last - event.first).days if event.first is not None and event.last is not None else 0


def _bin(day: date | None, year: int, bins: int) -> int:
    if day is None or day.year > year:
        return bins - 1
    return min(bins - 1, (day.timetuple().tm_yday - 1) * bins // 366)
