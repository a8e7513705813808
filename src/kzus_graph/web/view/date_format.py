"""Formats dates as text: the span of days, its precision, and whether the source states the date."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Final

from babel.dates import get_month_names

from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import locale
from kzus_graph.web.view.translation import gettext, marked

UNITS: Final = {
    "known": {
        "day": marked("known to the day"),
        "month": marked("known to the month"),
        "year": marked("known to the year"),
        "decade": marked("known to the decade"),
    },
    "stated": {
        "day": marked("stated to the day"),
        "month": marked("stated to the month"),
        "year": marked("stated to the year"),
        "decade": marked("stated to the decade"),
    },
}
"""What is said of the precision of a date that is known, or stated by a source."""
GROUP: Final = tuple(
    str(DIP[name])
    for name in (
        "begin",
        "end",
        "notBefore",
        "notAfter",
        "datePrecision",
        "dateBasis",
        "edtf",
        "includesDate",
        "dateQualifier",
    )  # fmt: skip
)
"""The properties that together describe the date of one thing; a page shows them as one line of text."""
BEGIN, END, NOT_BEFORE, NOT_AFTER, PRECISION, BASIS, EDTF, INCLUDES, QUALIFIER = GROUP


def span(first: str, last: str) -> str:
    """Return the span of days from *first* to *last*, both included, as text.

    The arguments are ISO 8601 dates; other texts are joined unchanged.

    >>> span("2010-04-11", "2010-04-14"), span("2010-11-30", "2010-12-02"), span("2008-11-14", "2008-11-14")
    ('11–14 April 2010', '30 November – 2 December 2010', '14 November 2008')
    >>> span("2010-09-01", "2010-09-30"), span("2012-01-01", "2012-12-31"), span("1991-12-30", "1992-01-02")
    ('September 2010', '2012', '30 December 1991 – 2 January 1992')
    """
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return first if first == last else f"{first} – {last}"
    if begin == end:
        return _day(begin)
    if (begin.month, begin.day, end.month, end.day) == (1, 1, 12, 31):
        return str(begin.year) if begin.year == end.year else f"{begin.year}–{end.year}"
    if begin.day == 1 and end.day == monthrange(end.year, end.month)[1] and begin.year == end.year:
        months = _month(begin.month, alone=True)
        if begin.month != end.month:
            months += f"–{_month(end.month, alone=True)}"
        return gettext("%(month)s %(year)s", month=months, year=begin.year)
    if (begin.year, begin.month) == (end.year, end.month):
        return _day(end, f"{begin.day}–{end.day}")
    if begin.year == end.year:
        first, last = _month(begin.month), _month(end.month)
        values = {"day": begin.day, "month": first, "last_day": end.day, "last_month": last, "year": end.year}
        return gettext("%(day)s %(month)s – %(last_day)s %(last_month)s %(year)s", **values)
    return f"{_day(begin)} – {_day(end)}"


def _day(day: date, days: str = "") -> str:
    return gettext("%(day)s %(month)s %(year)s", day=days or day.day, month=_month(day.month), year=day.year)


def _month(number: int, *, alone: bool = False) -> str:
    """Return the name of a month in the language of the request: as it is *alone*, or beside a day (CLDR)."""
    return str(get_month_names("wide", "stand-alone" if alone else "format", locale.wanted())[number])


def earliest(said: Mapping[str, str]) -> str:
    """Return the day by which an event is sorted: the earliest that is known of it, "" if none is.

    *said* is a mapping from properties in GROUP to their values.

    >>> earliest({NOT_BEFORE: "2010-04-11", NOT_AFTER: "2010-04-14"}), earliest({NOT_AFTER: "2005-08-02"}), earliest({})
    ('2010-04-11', '2005-08-02', '')
    """
    return next((said[name] for name in (NOT_BEFORE, INCLUDES, NOT_AFTER) if name in said), "")


def limit(first: str, last: str) -> str:
    """Return, as text, the limit of an event of which only one day is known: *first* or *last*; "" for none.

    The arguments are ISO 8601 dates: the day before which the event can't have begun, and after which it can't have
    ended.

    >>> limit("", "2005-08-02"), limit("2005-08-02", "")
    ('not after 2 August 2005', 'not before 2 August 2005')
    """
    if not first and not last:
        return ""
    if first:
        return gettext("not before %(day)s", day=span(first, first))
    return gettext("not after %(day)s", day=span(last, last))


def qualified(text: str, qualifier: str) -> str:
    """Return the date *text* with the word for *qualifier*: marks of EDTF (ISO 8601-2), or the IRI of the code.

    >>> qualified("1902", "1902~"), qualified("1902", "1902?"), qualified("1902", "code/qualifier-approximate")
    ('about 1902', 'perhaps 1902', 'about 1902')
    """
    if re.search("[~%]|-approximate$", qualifier):
        text = gettext("about %(date)s", date=text)
    return gettext("perhaps %(date)s", date=text) if re.search("[?%]|-uncertain$", qualifier) else text


def tenure(edtf: str) -> tuple[str, str]:
    """Return the begin and the end of an EDTF interval (ISO 8601-2) as text, each with its own precision.

    An unknown end is an empty text, an open end is two dots.

    >>> tenure("2013-10/2014-12"), tenure("2012-09-28/"), tenure("2019-03-20/.."), tenure("1999/1999")
    (('October 2013', 'December 2014'), ('28 September 2012', ''), ('20 March 2019', '..'), ('1999', '1999'))
    """
    begin, _, end = edtf.partition("/")
    return _stated(begin), end if end == ".." else _stated(end)


def _stated(text: str) -> str:
    year, *month_and_day = text.split("-")
    match month_and_day:
        case [month]:
            return gettext("%(month)s %(year)s", month=_month(int(month), alone=True), year=year)
        case [_, _]:
            return span(text, text)
    return text


def claim(said: Mapping[str, str], *, brief: bool = False) -> str:
    """Return, as text, the date that *said* describes: a mapping from properties in GROUP to their values.

    The text contains the precision and the basis (how the date was found), unless *brief* is set.

    >>> claim({BEGIN: "2010-04-11", END: "2010-04-14", PRECISION: "http://www.w3.org/2006/time#unitDay"})
    '11–14 April 2010, known to the day'
    >>> claim({BEGIN: "2010-04-11", END: "2010-04-11", PRECISION: "#unitDay", BASIS: "code/basis-stated"})
    '11 April 2010, stated to the day'
    >>> claim({BEGIN: "2010-04-11", END: "2010-04-11", PRECISION: "#unitDay", BASIS: "code/basis-stated"}, brief=True)
    '11 April 2010'
    >>> claim({NOT_BEFORE: "2010-09-01", NOT_AFTER: "2010-09-30", PRECISION: "http://www.w3.org/2006/time#unitMonth"})
    'September 2010, known to the month'
    >>> claim({NOT_BEFORE: "2010-04-11", NOT_AFTER: "2010-04-14", BASIS: "https://w3id.org/kzus/code/basis-inherited"})
    'within 11–14 April 2010'
    >>> claim({NOT_AFTER: "2005-08-02", EDTF: "[..2005-08-02]", PRECISION: "#unitDay", BASIS: "code/basis-derived"})
    'not after 2 August 2005, known to the day, derived from what the source says'
    >>> claim({NOT_BEFORE: "1902-09-01", EDTF: "1902-09/", PRECISION: "#unitMonth", BASIS: "code/basis-stated"})
    'not before 1 September 1902 (its end is not known), stated to the month'
    >>> claim({NOT_BEFORE: "1900-01-01", NOT_AFTER: "1909-12-31", EDTF: "190X~", PRECISION: "code/unit-decade"})
    'about 1900–1909, known to the decade'
    >>> claim({INCLUDES: "2012-02-01"})
    'under way on 1 February 2012'
    """
    parts = []
    unit = re.sub("^.*[#/]unit-?", "", said.get(PRECISION, "")).lower()
    how = "stated" if said.get(BASIS, "").endswith("-stated") else "known"
    known = f", {gettext(UNITS[how].get(unit, f'{how} to the {unit}'))}" if unit and not brief else ""
    inherited = said.get(BASIS, "").endswith("-inherited")
    edtf = said.get(EDTF, "")
    qualifier = edtf or said.get(QUALIFIER, "")
    if BEGIN in said or END in said:
        begin = said.get(BEGIN, said.get(END, ""))
        parts.append(qualified(span(begin, said.get(END, begin)), qualifier) + known)
    elif NOT_BEFORE in said and NOT_AFTER in said:
        first, last = said[NOT_BEFORE], said[NOT_AFTER]
        within = qualified(span(first, last), qualifier)
        limits = first != last and (inherited or not unit or edtf.startswith("["))
        parts.append(gettext("within %(dates)s", dates=within) if limits else within + known)
    elif one := limit(said.get(NOT_BEFORE, ""), said.get(NOT_AFTER, "")):
        open_end = gettext("its end is not known") if NOT_BEFORE in said else gettext("its beginning is not known")
        parts.append(qualified(one, qualifier) + (f" ({open_end})" if "/" in edtf else "") + known)
    if INCLUDES in said:
        parts.append(gettext("under way on %(day)s", day=span(said[INCLUDES], said[INCLUDES])))
    if said.get(BASIS, "").endswith("-derived") and not brief:
        parts.append(gettext("derived from what the source says"))
    return ", ".join(parts)
