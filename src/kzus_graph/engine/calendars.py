"""Writes the rows of a SELECT query as a calendar (iCalendar, RFC 5545); row by row, so that any number is possible."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import pyoxigraph as ox

from kzus_graph.engine import tables
from kzus_graph.rdf.prefixes import PREFIXES

# Names of the columns with dates; the first one that a query has is used.
BEGINS: Final = ("begin", "start", "date", "notBefore", "dtstart")
ENDS: Final = ("end", "notAfter", "dtend")
# A fixed time stamp, so that the same question always gives the same calendar.
STAMP: Final = "19700101T000000Z"
LINE: Final = 75
DATED: Final = frozenset(
    PREFIXES["xsd"] + name for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth", "string")
) | {PREFIXES["rdf"] + "langString"}
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?)?)?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_LARGEST_OFFSET: Final = timedelta(hours=14)
# The characters that a text in a calendar can't hold (section 3.3.11); line ends are escaped instead.
_CONTROL: Final = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Time(NamedTuple):
    """The first and last day that a date literal covers; with a time of day also its *instant*, in UTC if *zoned*."""

    first: date
    last: date
    instant: datetime | None = None
    zoned: bool = False


def calendar(results: tables.Solutions, name_of: Callable[[ox.NamedNode], str] = lambda _: "") -> Iterator[str]:
    """Yield an iCalendar document in pieces, with an event for each row that has a date in the years 1 to 9999.

    What an event is about is in a column of tables.THINGS, else it is the first IRI of the row; *name_of* returns the
    name of a thing, for rows without a column of names.
    A non-standard component (``X-LEFT-OUT``) at the end states how many rows have no such date, and how many ends of
    events were left out; programs that don't know this component ignore it (section 3.6). Raises tables.ColumnsMissing
    if no column has a name for dates.
    """
    rows = tables.rows_of(results)
    columns = tables.columns_of(rows)
    begin, end = tables.pick(columns, BEGINS), tables.pick(columns, ENDS)
    if begin is None:
        raise tables.ColumnsMissing(f"a calendar needs a column of dates: a variable named {tables.names(BEGINS)}")
    yield "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kzus-graph//SPARQL//EN\r\nCALSCALE:GREGORIAN\r\n"
    label, thing = tables.pick(columns, tables.LABELS), tables.pick(columns, tables.THINGS)
    written: Counter[str] = Counter()
    without = endless = 0
    for row in rows:
        first, about = _time(tables.term(row, begin)), tables.term(row, thing)
        if thing is None:
            about = next((row[column] for column in columns if isinstance(row[column], ox.NamedNode)), None)
        if first is None:
            without += 1
            continue
        when, left_out = _when(first, _time(tables.term(row, end)), tables.term(row, end) is not None)
        endless += left_out
        name = f"{about.value}/{tables.words(row, begin)}/" if isinstance(about, ox.NamedNode) else _digest(row)
        written[name] += 1
        lines = [
            ("UID", _escaped(f"{name}{written[name] if written[name] > 1 else ''}")),
            ("DTSTAMP", STAMP),
            *when,
            (
                "SUMMARY",
                _escaped(tables.words(row, label) or _called(about, name_of) or tables.words(row, thing) or "event"),
            ),
        ]
        if isinstance(about, ox.NamedNode) and re.match("https?:", about.value):
            # In a URL, all characters outside ASCII are percent-encoded (RFC 3986).
            lines.append(("URL", quote(about.value, safe="!#$%&'()*+,/:;=?@[]~")))
        yield f"BEGIN:VEVENT\r\n{''.join(_folded(*line) for line in lines)}END:VEVENT\r\n"
    yield _remarks(without, endless, empty=not written)
    yield "END:VCALENDAR\r\n"


def _called(thing: Any, name_of: Callable[[ox.NamedNode], str]) -> str:
    return name_of(thing) if isinstance(thing, ox.NamedNode) else ""


def _time(term: Any) -> Time | None:
    """Return the days, and any time of day, of the literal *term*; None if it is no date in the years 1 to 9999."""
    if not isinstance(term, ox.Literal) or term.datatype.value not in DATED:
        return None
    found = _DATE.fullmatch(term.value.strip())
    if found is None:
        return None
    try:
        offset = _offset(found[8] or "Z")
        match [int(part) for part in found.groups()[:6] if part]:
            case [year]:
                return Time(date(year, 1, 1), date(year, 12, 31))
            case [year, month]:
                return Time(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
            case [year, month, day]:
                return Time(date(year, month, day), date(year, month, day))
            case [year, month, day, hour, minute, second]:
                # An hour 24 is the beginning of the next day, if nothing follows it (XML Schema, section 3.3.7).
                ends_day = (hour, minute, second) == (24, 0, 0) and not (found[7] or "").strip("0")
                local = datetime(year, month, day, 0 if ends_day else hour, minute, second) + timedelta(ends_day)
                return Time(local.date(), local.date(), local - offset, found[8] is not None)
    except (ValueError, OverflowError):
        pass
    return None


def _offset(zone: str) -> timedelta:
    """Return how far the time zone *zone* (``+01:00``, ``Z``) is ahead of UTC. Raises ValueError if it is invalid."""
    if zone == "Z":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[4:])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _LARGEST_OFFSET:
        raise ValueError(zone)
    return -offset if zone[0] == "-" else offset


def _when(first: Time, last: Time | None, stated: bool) -> tuple[list[tuple[str, str]], bool]:
    """Return the DTSTART and DTEND lines of an event from *first* to *last*, and whether its end was left out.

    *stated* is true if the row has a value for the end; the end is left out if that value is no date (then *last* is
    None), or before the beginning. Both lines hold times of one kind (with a zone or without), or both hold days (RFC
    5545, section 3.6.1). With days, DTEND is the day after the last day.
    """
    if first.instant and (last is None or (last.instant and last.zoned == first.zoned)):
        begins = ("DTSTART", _stamp(first))
        if last is not None and last.instant and last.instant > first.instant:
            return [begins, ("DTEND", _stamp(last))], False
        return [begins], stated and (last is None or last.instant != first.instant)
    ends = first.last if last is None or last.last < first.first else last.last
    lines = [("DTSTART;VALUE=DATE", _day(first.first))]
    if ends < date.max:
        lines.append(("DTEND;VALUE=DATE", _day(ends + timedelta(1))))
    elif first.first < date.max:
        # A Python date can't go past date.max, so the end is that day; an event of one day needs no end.
        lines.append(("DTEND;VALUE=DATE", _day(ends)))
    return lines, stated and (last is None or last.last < first.first)


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _stamp(time: Time) -> str:
    assert time.instant is not None
    return re.sub("[-:]", "", time.instant.isoformat()) + ("Z" if time.zoned else "")


def _digest(row: Any) -> str:
    """Return an identifier for the event of a row without an IRI; equal rows get equal identifiers."""
    return f"row/{blake2b(repr([str(term) for term in row]).encode(), digest_size=12).hexdigest()}/"


def _remarks(without: int, endless: int, *, empty: bool) -> str:
    """Return a component that states how many rows (*without* a date) and ends of events (*endless*) were left out.

    Return "" if there is nothing to state. An *empty* calendar gets the component anyway, as it needs at least one.
    """
    remarks = []
    if without:
        remarks.append(f"{tables.count(without, 'row is', 'rows are')} left out: no valid date in the years 1 to 9999")
    if endless:
        remarks.append(f"{tables.count(endless, 'end is', 'ends are')} left out: no date, or before the beginning")
    if not remarks and empty:
        remarks.append("the answer has no rows")
    lines = "".join(_folded("COMMENT", _escaped(remark)) for remark in remarks)
    return f"BEGIN:X-LEFT-OUT\r\n{lines}END:X-LEFT-OUT\r\n" if lines else ""


def _escaped(text: str) -> str:
    """Return *text* escaped as an iCalendar value (RFC 5545, section 3.3.11); control characters become U+FFFD."""
    lines = re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return _CONTROL.sub("\ufffd", lines)


def _folded(name: str, value: str) -> str:
    """Return the iCalendar line ``name:value``; one of more than 75 bytes is folded (RFC 5545, section 3.1)."""
    line = f"{name}:{value}".encode()
    parts, begin, room = [], 0, LINE
    while len(line) - begin > room:
        end = begin + room
        # In UTF-8, all bytes of a character but the first begin with the bits 10.
        while line[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(line[begin:end])
        begin, room = end, LINE - 1
    return b"\r\n ".join([*parts, line[begin:]]).decode() + "\r\n"
