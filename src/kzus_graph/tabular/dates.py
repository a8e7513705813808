"""Dates as a table writes them, and what the ontology says of such a date.

Standard: Extended Date/Time Format (ISO 8601-2), of which a day, a month, a year, and a span of days; a trailing ``?``,
``~`` or ``%`` (uncertain, approximate, both) is kept and changes no bound.
"""

import calendar
import re
from datetime import date
from typing import Final

import pyoxigraph as ox

from kzus_graph.vocab import DIP, PREFIXES

EDTF: Final = ox.NamedNode(str(DIP.edtf))
BASIS: Final = ox.NamedNode(str(DIP.dateBasis))
DATE: Final = ox.NamedNode(PREFIXES["xsd"] + "date")
ADVICE: Final = "write a day (1901-05-04), a span of days (1901-05-04/1901-05-06), a month (1901-05) or a year (1901)"

Claim = tuple[ox.NamedNode, ox.NamedNode | ox.Literal]
"""A property and its value."""


def claims(text: str) -> list[Claim]:
    """Return what the date *text* says of an event: its days or bounds, its precision, and the text itself.

    A day and a span of days become dip:begin and dip:end, a month and a year dip:notBefore and dip:notAfter. Raises
    ValueError, in words for a curator, when *text* is no such date.

    >>> [(property.value.rpartition("#")[2], value.value) for property, value in claims("1901-02")][:2]
    [('notBefore', '1901-02-01'), ('notAfter', '1901-02-28')]
    """
    begin, slash, end = (re.sub(r"[?~%]$", "", part) for part in text.partition("/"))
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", begin, re.ASCII) or (slash and len(begin) < 10):
        raise ValueError(f"{text!r} is no date; {ADVICE}")
    first, last = _bounds(begin, text)
    if slash:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", end, re.ASCII):
            raise ValueError(f"{text!r} is no span of days; {ADVICE}")
        last = _bounds(end, text)[1]
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


def _bounds(part: str, whole: str) -> tuple[date, date]:
    """Return the first and the last day of *part*, which stands in *whole*."""
    year, month, day = (int(number) for number in (part + "-00-00")[:10].split("-"))
    try:
        if len(part) == 10:
            return date(year, month, day), date(year, month, day)
        if len(part) == 7:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError as error:
        raise ValueError(f"{whole!r} is not in the calendar ({error}); {ADVICE}") from None
