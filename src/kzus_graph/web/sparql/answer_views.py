"""Draws the rows of an answer as the view that its question names: timeline, map, network, bars or lines."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.charts import bars, lines, map, network, timeline
from kzus_graph.web.charts.bars import BarChart
from kzus_graph.web.charts.lines import LineChart
from kzus_graph.web.charts.map import PlaceMap
from kzus_graph.web.charts.network import Network
from kzus_graph.web.charts.timeline import Timeline
from kzus_graph.web.sparql.answer_tables import AnswerColumn, AnswerTable, Cells, number
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.labels import Shown
from kzus_graph.web.view.page_queries import Row
from kzus_graph.web.view.translation import gettext

TABLE: Final = "table"
VIEWS: Final = (TABLE, "timeline", "map", "network", "bar", "line")
BEGINS: Final = ("begin", "from", "notBefore", "start", "first", "date", "day", "since", "sureFrom")
ENDS: Final = ("end", "to", "notAfter", "last", "until", "sureUntil")
PLACES: Final = ("place", "city", "destination")
DATE: Final = PREFIXES["xsd"] + "date"
PERIOD: Final = re.compile(r"(-?[0-9]{1,4})(?:s|-[0-9]{2}(?:-[0-9]{2})?)?")
"""A year, a decade such as 1990s, a month or a day."""
MOST_LINES: Final = 3
# The time to lay out a network grows with the square of its points.
MOST_POINTS: Final = 30
MOST_MEETINGS: Final = 50


@dataclass(frozen=True)
class Drawing:
    """A *view* with the layout of its drawing; the others are None. *remark* says what the drawing leaves out."""

    view: str
    timeline: Timeline | None = None
    map: PlaceMap | None = None
    network: Network | None = None
    bars: BarChart | None = None
    lines: LineChart | None = None
    remark: str = ""


def drawing(release: Release, view: str, table: AnswerTable) -> Drawing | None:
    """Return *table* drawn as *view*, or None if the view is the table, or has nothing to draw.

    *view* is one of VIEWS, then, if not all columns shall be looked at, the names of some: ``bar name events``.
    """
    kind, *names = view.split() or [TABLE]
    chosen = _only(table, names) if names else table
    if kind not in DRAW or not chosen.rows:
        return None
    return DRAW[kind](release, chosen)


def _only(table: AnswerTable, names: Sequence[str]) -> AnswerTable:
    places = [place for name in names if (place := table.place(name)) is not None]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=tuple(tuple(row[place] for place in places) for row in table.rows),
    )


def _timeline(_: Release, table: AnswerTable) -> Drawing | None:
    begin, end = table.place(*BEGINS), table.place(*ENDS)
    if begin is None and end is None:
        return None
    thing = _first(table, lambda column: column.has_iris) or _first(table, lambda column: not column.is_number)
    kind = table.place("kind", "kinds")
    rows: list[Row] = []
    for place, row in enumerate(table.rows):
        first, last = (_day(row, at) for at in (begin, end))
        about = row[thing or 0]
        if about is None or not (first or last):
            continue
        group = row[kind] if kind is not None and kind != thing else None
        named = {
            "event": about.term if about.iri else ox.Literal(f"{place}"),
            "label": ox.Literal(about.text),
            "kind": ox.Literal(group.text if group else "event"),
            "group": ox.Literal(group.text if group else "event"),
        }
        # One date alone is that day; with two columns, an empty one is an open bound.
        days = {"from": first, "to": last if end is not None else first}
        rows.append(named | {name: day for name, day in days.items() if day is not None})
    without = len(table.rows) - len(rows)
    said = gettext("Without a date, so only in the table: %(rows)s.", rows=without) if without else ""
    return Drawing("timeline", timeline=timeline.draw(rows), remark=said) if rows else None


def _day(row: Cells, place: int | None) -> ox.Literal | None:
    cell = row[place] if place is not None else None
    found = cell.term if cell is not None else None
    return found if isinstance(found, ox.Literal) and found.datatype.value == DATE else None


def _map(release: Release, table: AnswerTable) -> Drawing | None:
    place = table.place(*PLACES)
    if place is None or not table.columns[place].has_iris:
        return None
    counted = _first(table, lambda column: column.is_number)
    numbers: dict[str, float] = {}
    called: dict[str, Shown] = {}
    for row in table.rows:
        if (where := row[place]) is not None and where.iri:
            called[where.iri] = where
            more = number(row[counted]) if counted is not None else 1
            numbers[where.iri] = numbers.get(where.iri, 0) + (more or 0)
    positions: Mapping[str, Row] = {row["place"].value: row for row in page_queries.rows(release, "home-places")}
    rows = [
        {
            "place": ox.NamedNode(iri),
            "label": ox.Literal(called[iri].text),
            "number": ox.Literal(round(numbers[iri])),
            **{name: term for name, term in positions.get(iri, {}).items() if name in ("latitude", "longitude")},
        }
        for iri in sorted(numbers, key=lambda iri: (-numbers[iri], iri))
    ]
    drawn = map.draw(rows)
    absent = [label for _, label, _ in drawn.elsewhere]
    said = gettext("Not on the map: %(places)s.", places=", ".join(absent)) if absent else ""
    return Drawing("map", map=drawn, remark=said) if drawn.spots else None


def _network(_: Release, table: AnswerTable) -> Drawing | None:
    ends = [at for at, column in enumerate(table.columns) if column.has_iris][:2]
    if len(ends) < 2:
        ends = [at for at, column in enumerate(table.columns) if not column.is_number][:2]
    if len(ends) < 2:
        return None
    weight = _first(table, lambda column: column.is_number)
    ties: dict[tuple[str, str], int] = {}
    called: dict[str, Shown] = {}
    for row in table.rows:
        one, other = row[ends[0]], row[ends[1]]
        if one is None or other is None or one.term == other.term:
            continue
        names = [cell.iri or cell.text for cell in (one, other)]
        called |= dict(zip(names, (one, other), strict=True))
        more = number(row[weight]) if weight is not None else 1
        pair = (min(names), max(names))
        ties[pair] = ties.get(pair, 0) + max(1, round(more or 1))
    totals = dict.fromkeys(called, 0)
    for pair, times in ties.items():
        for name in pair:
            totals[name] += times
    kept = set(sorted(totals, key=lambda name: (-totals[name], name))[:MOST_POINTS])
    numbers = count()
    rows: list[Row] = [
        {
            "one": _node(called[one]),
            "other": _node(called[other]),
            "oneLabel": ox.Literal(called[one].text),
            "otherLabel": ox.Literal(called[other].text),
            "event": ox.Literal(f"{next(numbers)}"),
            "label": ox.Literal(""),
        }
        for (one, other), times in ties.items()
        if one in kept and other in kept
        for _ in range(min(times, MOST_MEETINGS))
    ]
    left_out = len(totals) - len(kept)
    said = _left_out(len(kept), left_out)
    return Drawing("network", network=network.draw(rows, ()), remark=said) if rows else None


def _node(cell: Shown) -> ox.NamedNode | ox.Literal:
    return ox.NamedNode(cell.iri) if cell.iri else ox.Literal(cell.text)


def _bars(_: Release, table: AnswerTable) -> Drawing | None:
    name, value = _first(table, lambda column: not column.is_number), _last_number(table)
    name = _first(table, lambda column: column is not table.columns[value or 0]) if name is None else name
    if name is None or value is None:
        return None
    found = [
        bars.Counted(thing.iri, thing.text, row[value].text if row[value] else "", max(0.0, size))  # type: ignore[union-attr]
        for row in table.rows
        if (thing := row[name]) is not None and (size := number(row[value])) is not None
    ]
    drawn = bars.draw(found)
    said = _left_out(len(drawn.bars), drawn.left_out)
    return Drawing("bar", bars=drawn, remark=said) if found else None


def _left_out(drawn: int, more: int) -> str:
    if not more:
        return ""
    return gettext("Only the first %(drawn)s are drawn; %(more)s more are in the table.", drawn=drawn, more=more)


def _last_number(table: AnswerTable) -> int | None:
    """Return the index of the number that bars show: the first column of numbers after the first column."""
    return next((at for at, column in enumerate(table.columns) if at and column.is_number), None)


def _lines(_: Release, table: AnswerTable) -> Drawing | None:
    values = [at for at, column in enumerate(table.columns) if at and column.is_number][:MOST_LINES]
    points: dict[float, tuple[str, Cells]] = {}
    for row in table.rows:
        begin = row[0]
        period = PERIOD.fullmatch(begin.term.value) if begin is not None else None
        if begin is not None and period is not None:
            points.setdefault(float(period[1]), (begin.text, row))
    if not values or len(points) < 2:
        return None
    order = sorted(points)
    series = [(table.columns[at].heading, [number(points[place][1][at]) for place in order]) for at in values]
    return Drawing("line", lines=lines.draw([(place, points[place][0]) for place in order], series))


def _first(table: AnswerTable, test: Callable[[AnswerColumn], bool]) -> int | None:
    return next((at for at, column in enumerate(table.columns) if test(column)), None)


DRAW: Final[Mapping[str, Callable[[Release, AnswerTable], Drawing | None]]] = {
    "timeline": _timeline,
    "map": _map,
    "network": _network,
    "bar": _bars,
    "line": _lines,
}
