"""The claims of sources that disagree, side by side: that of the preferred source, then those set aside."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.web.view import date_format, labels, page_queries
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Row

NOTHING: Final = ox.Literal("")


@dataclass
class Claim:
    """What *source* states on *thing*: *says* has the values by property. If *preferred*, *says* may be empty.

    A date in words has no property: a literal without text stands for it.
    """

    thing: Shown
    source: Shown
    preferred: bool
    says: list[tuple[Shown, list[Shown]]]


def side_by_side(release: Release, notes: Iterable[ox.NamedNode]) -> dict[str, list[Claim]]:
    """Return, by the IRI of each disagreement in *notes*, the claims of the sources that disagree."""
    rows = page_queries.rows(release, "claims", notes=list(notes))
    names = Labels(release, iris(rows, ("thing", "graph", "property", "value")))
    found: dict[str, list[Claim]] = defaultdict(list)
    for (note, thing, graph), of in groupby(rows, key=lambda row: (row["note"], row["thing"], row["graph"])):
        said = list(of)
        preferred = said[0]["preferred"].value == "true"
        says = _says(said, names)
        if says or preferred:
            found[note.value].append(Claim(names.shown(thing), names.shown(graph), preferred, says))
    return found


def _says(rows: list[Row], names: Labels) -> list[tuple[Shown, list[Shown]]]:
    values: dict[Shown, list[Shown]] = defaultdict(list)
    when: dict[str, str] = {}
    for row in rows:
        if "value" not in row:
            continue
        name = row["property"].value
        if name in date_format.GROUP:
            when[name] = row["value"].value
        else:
            values[names.of_property(name)].append(names.shown(row["value"]))
    moment = [(Shown(NOTHING, ""), [Shown(NOTHING, date_format.claim(when), labels.of_page())])] if when else []
    return moment + list(values.items())
