"""Explanations of inferred facts: the inference rule that gave each, and the terms of its premises."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.page_queries import Row, Term

# If several rules give the same fact, the page names the first of them in this list, the most informative one.
RULES: Final = (
    "attested", "begin", "end", "name", "inherited", "role", "status", "amended", "succeeded", "signed", "met", "days",
    "tenure", "chain", "whole", "class", "some", "kind", "inverse", "symmetric", "transitive", "domain", "range",
)  # fmt: skip
COLUMNS: Final = ("property", "value", "via", "middle", "then")


@dataclass(frozen=True)
class Reason:
    """One use of an inference *rule*; *via*, *middle*, *then* are terms in the premises, as named in ``reasons.rq``."""

    rule: str
    via: Shown | None = None
    middle: Shown | None = None
    then: Shown | None = None


def best(rows: Iterable[Row], names: Labels) -> dict[tuple[str, Term], Reason]:
    """Return a reason for each inferred (property IRI, value); of several, the one whose rule is first in RULES."""
    found: dict[tuple[str, Term], Row] = {}
    for row in rows:
        key = (row["property"].value, row["value"])
        if key not in found or _rank(row) < _rank(found[key]):
            found[key] = row
    return {key: _reason(row, names) for key, row in found.items()}


def _rank(row: Row) -> tuple[int, str]:
    return RULES.index(row["rule"].value), "".join(str(row.get(name, "")) for name in COLUMNS)


def _reason(row: Row, names: Labels) -> Reason:
    via, middle, then = (_shown(row.get(name), names) for name in ("via", "middle", "then"))
    return Reason(row["rule"].value, via, middle, then)


def _shown(term: Term | None, names: Labels) -> Shown | None:
    return names.shown(term) if isinstance(term, ox.NamedNode | ox.Literal) else None
