"""Dates in the cells of a table, and the statements about an event or a tenure that follow from each date.

Standard: Extended Date/Time Format (ISO 8601-2). Of level 0 an event takes all but times of day, of level 1
unspecified digits (``190X``, ``1902-XX``), open and unknown ends, ``?``, ``~`` and ``%`` (uncertain, approximate,
both). The limits of an event (``[..1902-09]``) are of level 2, since level 1 has no form for them. A tenure is an
interval of days, months or years. Its beginning or its end may be unknown (nothing before or after the slash), its end
also yet to come (``..``).
"""

import calendar
import re
from datetime import date
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP

EDTF: Final = ox.NamedNode(str(DIP.edtf))
BASIS: Final = ox.NamedNode(str(DIP.dateBasis))
TENURE: Final = ox.NamedNode(str(DIP.tenureEdtf))
DATE: Final = ox.NamedNode(PREFIXES["xsd"] + "date")
ADVICE: Final = (
    "write a day (1901-05-04), a month (1901-05), a year (1901), a decade (190X), a span (1901-05-04/1901-05-06) "
    "or a last possible day ([..1901-05-04]); docs/import.md lists all forms"
)

TENURE_ADVICE: Final = (
    "write the first and the last day, month or year with a slash between (1901-05-04/1903-10); "
    "leave an unknown end or beginning empty (1901-05-04/, /1903); write two dots if the tenure has not ended "
    "(1901-05-04/..)"
)

STEP: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
"""A day, a month or a year."""
ALONE: Final = re.compile(r"(\d{3}X|\d{4}(-XX(-XX)?|-\d\d(-XX|-\d\d)?)?)[?~%]?", re.ASCII)
"""A date that is neither a span nor a pair of limits."""
ENDING: Final = r"(\d{4}(?:-\d\d){0,2}[?~%]?)"
SPAN: Final = re.compile(rf"(?:{ENDING}|\.\.)?/(?:{ENDING}|\.\.)?", re.ASCII)
LIMITS: Final = re.compile(rf"\[{ENDING}?\.\.{ENDING}?\]", re.ASCII)
SEASON: Final = re.compile(r"\b\d{4}-(2[1-9]|3\d|4[01])(?!-?\d)", re.ASCII)
"""A part of a year that the standard numbers like a month: a season, a quarter."""
UNITS: Final = {
    4: ox.NamedNode(PREFIXES["time"] + "unitYear"),
    7: ox.NamedNode(PREFIXES["time"] + "unitMonth"),
    10: ox.NamedNode(PREFIXES["time"] + "unitDay"),
}
DECADE: Final = ox.NamedNode(str(CODE["unit-decade"]))
QUALIFIERS: Final = {"uncertain": "?%", "approximate": "~%"}
"""The qualifiers of a date in ``code:``, each with the characters that mean it."""

Claim = tuple[ox.NamedNode, ox.NamedNode | ox.Literal]
"""A property and its value."""


def claims(text: str) -> list[Claim]:
    """Return the properties and values of an event with the date *text*: days or bounds, precision, qualifiers, *text*.

    A day or a span of days becomes dip:begin and dip:end; all else becomes dip:notBefore and dip:notAfter, of which one
    is missing where *text* leaves it open. Raises ValueError, with a message for the author of the table, when *text*
    is not such a date.

    >>> [(property.value.rpartition("#")[2], value.value) for property, value in claims("1901-02")][:2]
    [('notBefore', '1901-02-01'), ('notAfter', '1901-02-28')]
    """
    begin, end = _ends(text)
    first = _bounds(begin.replace("X", "0"), text, ADVICE)[0] if begin else None
    last = _bounds(end.replace("X", "9"), text, ADVICE)[1] if end else None
    if not ALONE.fullmatch(text) and (begin == end or (first and last and last <= first)):
        raise ValueError(f"{text!r} does not end after it begins; {ADVICE}")
    has_days = len(begin) == len(end) == 10 and not text.startswith("[")
    names = ("begin", "end") if has_days else ("notBefore", "notAfter")
    unit = DECADE if "X" in begin else UNITS[min(len(part) for part in (begin, end) if part)]
    return [
        *(
            (ox.NamedNode(str(DIP[name])), ox.Literal(day.isoformat(), datatype=DATE))
            for name, day in zip(names, (first, last), strict=True)
            if day
        ),
        (ox.NamedNode(str(DIP.datePrecision)), unit),
        *(
            (ox.NamedNode(str(DIP.dateQualifier)), ox.NamedNode(str(CODE[f"qualifier-{name}"])))
            for name, marks in QUALIFIERS.items()
            if set(marks) & set(text)
        ),
        (EDTF, ox.Literal(text)),
    ]


def _ends(text: str) -> tuple[str, str]:
    """Return the first and the last day, month, year or decade in *text*, without qualifiers; "" for an open one.

    Raises ValueError, with a message for the author of the table, when *text* has no form of a date.
    """
    if ALONE.fullmatch(text):
        plain = re.sub(r"[?~%]|-XX", "", text)
        begin, end = plain, plain
    else:
        found = SPAN.fullmatch(text) or LIMITS.fullmatch(text)
        begin, end = (re.sub(r"[?~%]", "", part) for part in found.groups("")) if found else ("", "")
    if not begin and not end:
        raise ValueError(f"{text!r} is not a date; {ADVICE}")
    if SEASON.search(text):
        raise ValueError(f"{text!r} has a season, which has no first and last day; write its months; {ADVICE}")
    return begin, end


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
