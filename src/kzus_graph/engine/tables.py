"""Rows as a calendar or a map; written row by row, so of any length."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pyoxigraph as ox

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
STAMP: Final = "19700101T000000Z"
_POINT: Final = re.compile(
    r"^(?:<[^>]*>\s*)?POINT\s*\(\s*(-?[\d.eE+-]+)\s+(-?[\d.eE+-]+)(?:\s+(-?[\d.eE+-]+))?\s*\)$", re.I
)
_DAY: Final = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]00:00)?)?")
# The columns that say when and where; the first that a query has is taken.
BEGINS: Final = ("begin", "start", "date", "notBefore", "dtstart")
ENDS: Final = ("end", "notAfter", "dtend")
LABELS: Final = ("label", "summary", "title", "name", "eventLabel")
THINGS: Final = ("event", "thing", "place", "s", "item", "id")
POINTS: Final = ("point", "wkt", "coordinates", "geometry", "location")
LATITUDES: Final = ("lat", "latitude")
LONGITUDES: Final = ("long", "lon", "lng", "longitude")

Solutions = ox.QuerySolutions | ox.QueryBoolean


class Unsuitable(ValueError):
    """The rows lack the columns that a format needs."""


def calendar(results: Solutions) -> Iterator[str]:
    """iCalendar: an event for each row that has a date."""
    rows = _rows(results)
    columns = _columns(rows)
    begin, end = _pick(columns, BEGINS), _pick(columns, ENDS)
    label, thing = _pick(columns, LABELS), _pick(columns, THINGS)
    if begin is None:
        raise Unsuitable(f"a calendar needs a column of dates named {_names(BEGINS)}")
    yield "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kzus-graph//SPARQL//EN\r\nCALSCALE:GREGORIAN\r\n"
    for number, row in enumerate(rows):
        first = _DAY.match(_text(row, begin))
        if first is None:
            continue
        last = _DAY.match(_text(row, end)) or first
        iri = _text(row, thing)
        yield "BEGIN:VEVENT\r\n"
        yield _folded("UID", _escaped(f"{iri or 'row'}/{_text(row, begin)}/{number if not iri else ''}"))
        yield _folded("DTSTAMP", STAMP)
        yield from _when(first, last)
        yield _folded("SUMMARY", _escaped(_text(row, label) or iri or "event"))
        if iri.startswith("http"):
            yield _folded("URL", iri)
        yield "END:VEVENT\r\n"
    yield "END:VCALENDAR\r\n"


def _when(first: re.Match[str], last: re.Match[str]) -> Iterator[str]:
    if first[4] and last[4]:
        for name, when in (("DTSTART", first), ("DTEND", last)):
            yield _folded(name, f"{when[1]}{when[2]}{when[3]}T{when[4]}{when[5]}{when[6]}{'Z' if when[7] else ''}")
        return
    yield _folded("DTSTART;VALUE=DATE", f"{first[1]}{first[2]}{first[3]}")
    # A calendar's end is the day after the last.
    yield _folded("DTEND;VALUE=DATE", _next_day(int(last[1]), int(last[2]), int(last[3])))


def _next_day(year: int, month: int, day: int) -> str:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    day += 1
    if day > days:
        day, month = 1, month + 1
    if month > 12:
        month, year = 1, year + 1
    return f"{year:04}{month:02}{day:02}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(name: str, value: str) -> str:
    """One content line; longer than 75 bytes, it is folded between characters."""
    line, out = f"{name}:{value}", ""
    while len(line.encode()) > 75:
        cut = 75
        while len(line[:cut].encode()) > 75:
            cut -= 1
        out, line = f"{out}{line[:cut]}\r\n", " " + line[cut:]
    return f"{out}{line}\r\n"


def geojson(results: Solutions) -> Iterator[str]:
    """GeoJSON: a point for each row that has one, its other columns as properties."""
    rows = _rows(results)
    columns = _columns(rows)
    point = _pick(columns, POINTS)
    latitude, longitude = _pick(columns, LATITUDES), _pick(columns, LONGITUDES)
    if point is None and (latitude is None or longitude is None):
        raise Unsuitable(f"a map needs a column of WKT points named {_names(POINTS)}, or lat and long")
    yield '{"type":"FeatureCollection","features":['
    separator = ""
    for row in rows:
        place = _position(row, point, latitude, longitude)
        if place is None:
            continue
        properties = {
            name: row[name].value
            for name in columns
            if name not in (point, latitude, longitude) and row[name] is not None
        }
        feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties}
        yield separator + json.dumps(feature, ensure_ascii=False)
        separator = ",\n"
    yield "]}\n"


def _position(row: Any, point: str | None, latitude: str | None, longitude: str | None) -> list[float] | None:
    try:
        if point is not None:
            found = _POINT.match(_text(row, point).strip())
            return [float(part) for part in found.groups() if part is not None] if found else None
        return [float(_text(row, longitude)), float(_text(row, latitude))]
    except ValueError:
        return None


def _rows(results: Solutions) -> ox.QuerySolutions:
    if isinstance(results, ox.QueryBoolean):
        raise Unsuitable("this format is for SELECT queries")
    return results


def _columns(results: ox.QuerySolutions) -> list[str]:
    return [variable.value for variable in results.variables]


def _pick(columns: list[str], wanted: Iterable[str]) -> str | None:
    return next((name for name in wanted if name in columns), None)


def _names(wanted: Iterable[str]) -> str:
    return " or ".join(f"?{name}" for name in wanted)


def _text(row: Any, name: str | None) -> str:
    term = row[name] if name is not None else None
    return "" if term is None else str(term.value)


WRITERS: Final[dict[str, Callable[[Solutions], Iterator[str]]]] = {
    "icalendar": calendar,
    "geojson": geojson,
}
