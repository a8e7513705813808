"""Dates in the cells of a table, and the statements about an event or a tenure that follow from each date.

Standard: Extended Date/Time Format (ISO 8601-2). We allow a day, a month, a year, and a span of days; a trailing ``?``,
``~`` or ``%`` (uncertain, approximate, both) is kept in the text, but changes no other statement. A tenure is an
interval of days, months or years. Its beginning or its end may be unknown (nothing before or after the slash), its end
also yet to come (``..``).
"""

import calendar
import re
from datetime import date
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP

EDTF: Final = ox.NamedNode(str(DIP.edtf))
BASIS: Final = ox.NamedNode(str(DIP.dateBasis))
TENURE: Final = ox.NamedNode(str(DIP.tenureEdtf))
DATE: Final = ox.NamedNode(PREFIXES["xsd"] + "date")
ADVICE: Final = "write a day (1901-05-04), a span of days (1901-05-04/1901-05-06), a month (1901-05) or a year (1901)"

TENURE_ADVICE: Final = (
    "write the first and the last day, month or year with a slash between (1901-05-04/1903-10); "
    "leave an unknown end or beginning empty (1901-05-04/, /1903); write two dots if the tenure has not ended "
    "(1901-05-04/..)"
)

STEP: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
"""A day, a month or a year."""

Claim = tuple[ox.NamedNode, ox.NamedNode | ox.Literal]
"""A property and its value."""


def claims(text: str) -> list[Claim]:
    """Return the properties and values of an event with the date *text*: days or bounds, precision, and *text* itself.

    A day or a span of days becomes dip:begin and dip:end, a month or a year dip:notBefore and dip:notAfter. Raises
    ValueError, with a message for the author of the table, when *text* is not such a date.

    >>> [(property.value.rpartition("#")[2], value.value) for property, value in claims("1901-02")][:2]
    [('notBefore', '1901-02-01'), ('notAfter', '1901-02-28')]
    """
    begin, slash, end = (re.sub(r"[?~%]$", "", part) for part in text.partition("/"))
    if not STEP.fullmatch(begin) or (slash and len(begin) < 10):
        raise ValueError(f"{text!r} is not a date; {ADVICE}")
    first, last = _bounds(begin, text, ADVICE)
    if slash:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", end, re.ASCII):
            raise ValueError(f"{text!r} is not a span of days; {ADVICE}")
        last = _bounds(end, text, ADVICE)[1]
        if last <= first:
            raise ValueError(f"{text!r} does not end after it begins; {ADVICE}")
    unit = {4: "Year", 7: "Month", 10: "Day"}[len(begin)]
    names = ("begin", "end") if unit == "Day" else ("notBefore", "notAfter")
    return [
        (ox.NamedNode(str(DIP[names[0]])), ox.Literal(first.isoformat(), datatype=DATE)),
        (ox.NamedNode(str(DIP[names[1]])), ox.Literal(last.isoformat(), datatype=DATE)),
        (ox.NamedNode(str(DIP.datePrecision)), ox.NamedNode(f"{PREFIXES['time']}unit{unit}")),
        (EDTF, ox.Literal(text)),
    ]


def tenure(text: str) -> list[Claim]:
    """Return the properties and values of a tenure with the interval *text*: what it says of the beginning and the end.

    A month or a year before the slash stands for its first day, after the slash for its last day. Beginning and end are
    statements of their own, since records that know one of the two only are put together: a rule makes dip:tenureEdtf.
    Raises ValueError, with a message for the author of the table, when *text* is not such an interval.

    >>> [value.value for _, value in tenure("1901-02/1903-10")]
    ['1901-02-01', '1901-02', '1903-10-31', '1903-10']
    """
    begin, slash, end = text.partition("/")
    stated = [part for part in (begin, end) if part not in ("", "..")]
    if not slash or begin == ".." or not stated or not all(STEP.fullmatch(part) for part in stated):
        raise ValueError(f"{text!r} is not the interval of a tenure; {TENURE_ADVICE}")
    first = _bounds(begin, text, TENURE_ADVICE)[0] if begin else None
    last = _bounds(end, text, TENURE_ADVICE)[1] if end not in ("", "..") else None
    if first and last and last < first:
        raise ValueError(f"{text!r} ends before it begins; {TENURE_ADVICE}")
    said = [
        (DIP.tenureFrom, first and ox.Literal(first.isoformat(), datatype=DATE)),
        (DIP.tenureFromEdtf, begin and ox.Literal(begin)),
        (DIP.tenureTo, last and ox.Literal(last.isoformat(), datatype=DATE)),
        (DIP.tenureToEdtf, end and ox.Literal(end)),
    ]
    return [(ox.NamedNode(str(property_)), value) for property_, value in said if value]


def _bounds(part: str, whole: str, advice: str) -> tuple[date, date]:
    """Return the first and the last day of *part*, which is a day, month or year in the text *whole*.

    Raises ValueError, whose message ends in *advice*, when the calendar has no such day.
    """
    year, month, day = (int(number) for number in (part + "-00-00")[:10].split("-"))
    try:
        if len(part) == 10:
            return date(year, month, day), date(year, month, day)
        if len(part) == 7:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError as error:
        raise ValueError(f"{whole!r} is not in the calendar ({error}); {advice}") from None
