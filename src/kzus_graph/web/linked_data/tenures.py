"""Tenures: which person held which office, from when to when, as records of other publishers state it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Term

HOLDER, POSITION, FROM, TO, NOT_AFTER, EDTF, ATTESTED = (
    str(DIP[name])
    for name in (
        "tenureHolder", "tenurePosition", "tenureFrom", "tenureTo", "tenureNotAfter", "tenureEdtf", "attestedBy",
    )
)  # fmt: skip
ONGOING: Final = ".."


@dataclass
class Tenure:
    """One tenure of an office: its holders, its offices, its begin and end, and the records that attest it.

    *first* and *last* are dates in words, as precise as in the record; empty if it states none. *last* is ONGOING if
    the office was still held when the record was made. *latest* is the latest possible last day, in words, if the
    record states no end and other holders of the office bound it. *gap* is the days before the tenure, in words, for
    which no holder of the office is recorded; empty if there are none, or if no day bounds an earlier tenure.
    """

    shown: Shown
    holders: list[Shown]
    offices: list[Shown]
    first: str
    last: str
    sources: list[Shown]
    latest: str = ""
    gap: str = ""

    @property
    def lasts(self) -> bool:
        """Whether the office was still held when the record was made."""
        return self.last == ONGOING


def of(release: Release, thing: ox.NamedNode) -> list[Tenure]:
    """Return the tenures of *thing*, an office or a person, in order of time."""
    rows = page_queries.rows(release, "tenures", thing=thing)
    if not rows:
        return []
    said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        said[row["tenure"]][row["property"].value].append(row["value"])
    names = Labels(release, iris(rows, ("tenure", "value")))
    ordered = sorted(said, key=lambda tenure: (*(_text(said[tenure], name) for name in (FROM, TO)), str(tenure)))
    found = [_tenure(said[tenure], names.shown(tenure), names) for tenure in ordered]
    if all(thing in said[tenure][POSITION] for tenure in ordered):
        for tenure, gap in zip(found[1:], _gaps([said[tenure] for tenure in ordered]), strict=True):
            tenure.gap = gap
    return found


def _tenure(values: dict[str, list[Term]], shown: Shown, names: Labels) -> Tenure:
    stated = _text(values, EDTF) or f"{_text(values, FROM)}/{_text(values, TO)}"
    holders, offices, sources = ([names.shown(term) for term in values[name]] for name in (HOLDER, POSITION, ATTESTED))
    first, last = date_format.tenure(stated)
    latest = _text(values, NOT_AFTER)
    bound = date_format.span(latest, latest) if latest and last in ("", ONGOING) else ""
    return Tenure(shown, holders, offices, first, last, sources, bound)


def _gaps(ordered: list[dict[str, list[Term]]]) -> list[str]:
    """Return the days without a recorded holder before each tenure but the first, in words; "" where there are none.

    A tenure that nothing bounds may have lasted to the next one, so that no gap is sure.
    """
    gaps, ends = [], [_text(ordered[0], NOT_AFTER)]
    for values in ordered[1:]:
        first = _text(values, FROM)
        gap = ""
        if first and all(ends):
            begin, end = date.fromisoformat(max(ends)) + timedelta(1), date.fromisoformat(first) - timedelta(1)
            gap = date_format.span(begin.isoformat(), end.isoformat()) if begin <= end else ""
        gaps.append(gap)
        ends.append(_text(values, NOT_AFTER))
    return gaps


def _text(values: dict[str, list[Term]], name: str) -> str:
    return next((term.value for term in values[name]), "")
