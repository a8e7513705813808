"""Tenures: which person held which office, from when to when, as records of other publishers state it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Term

HOLDER, POSITION, FROM, TO, EDTF, ATTESTED = (
    str(DIP[name]) for name in ("tenureHolder", "tenurePosition", "tenureFrom", "tenureTo", "tenureEdtf", "attestedBy")
)
ONGOING: Final = ".."


@dataclass
class Tenure:
    """One tenure of an office: its holders, its offices, its begin and end, and the records that attest it.

    *first* and *last* are dates in words, as precise as in the record; empty if it states none. *last* is ONGOING if
    the office was still held when the record was made.
    """

    shown: Shown
    holders: list[Shown]
    offices: list[Shown]
    first: str
    last: str
    sources: list[Shown]

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
    return [_tenure(tenure, said[tenure], names) for tenure in ordered]


def _tenure(tenure: Term, values: dict[str, list[Term]], names: Labels) -> Tenure:
    stated = _text(values, EDTF) or f"{_text(values, FROM)}/{_text(values, TO)}"
    holders, offices, sources = ([names.shown(term) for term in values[name]] for name in (HOLDER, POSITION, ATTESTED))
    return Tenure(names.shown(tenure), holders, offices, *date_format.tenure(stated), sources)


def _text(values: dict[str, list[Term]], name: str) -> str:
    return next((term.value for term in values[name]), "")
