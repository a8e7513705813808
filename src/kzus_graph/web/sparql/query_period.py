"""The period of a built question: its first and last day, from years, months or days as they were typed."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from kzus_graph.web.http.problem_details import Problem

DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
NOT_A_DATE: Final = "{} is not a date. Write a year, a month or a day, such as 2010, 2010-04 or 2010-04-11."


@dataclass(frozen=True)
class Period:
    """The days *first* to *last*, None if open, as typed in *texts*; things lie within *certain*-ly, or may do so."""

    first: date | None
    last: date | None
    certain: bool
    texts: tuple[str, str]


def read(first: str, last: str, dates: str) -> Period | None:
    """Return the period from *first* to *last*, None if both are empty. Raises Problem (400)."""
    if dates not in ("", "possible", "certain"):
        raise refused("The parameter dates must be possible or certain.")
    if not first and not last:
        return None
    begin, end = _day(first, last=False), _day(last, last=True)
    if begin and end and begin > end:
        raise refused("The period ends before it begins: the parameter from must not be after the parameter to.")
    return Period(begin, end, dates == "certain", (first, last))


def _day(text: str, *, last: bool) -> date | None:
    """Return the first or *last* day of the year, month or day *text*; None if it is empty. Raises Problem (400)."""
    if not text:
        return None
    found = DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        return date(year, month, int(found[3] or (monthrange(year, month)[1] if last else 1)))
    except ValueError:
        raise refused(NOT_A_DATE.format(f"“{text[:40]}”")) from None


def refused(why: str) -> Problem:
    """Return the problem (400) that a question can't be asked, and *why*."""
    return Problem(400, "question", why, hint="The page /build has a form that writes these parameters.")
