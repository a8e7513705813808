"""What a spreadsheet has beside the columns of an answer: places and sources of the thing that each row is about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.sparql import column_headings
from kzus_graph.web.sparql.answer_tables import AnswerColumn, AnswerTable
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.labels import Labels, Shown

ADDED: Final = {
    "place": (("atPlace", "destination", "withinPlace"), ("place", "places", "city", "cities", "country", "where")),
    "source": (("attestedBy",), ("source", "sources", "record", "records", "sentence", "sentences", "graph")),
}
"""The added columns, each with the properties that are asked for, the first that has values counts, and with names of
columns of an answer that make it needless."""
AT_ONCE: Final = 500
"""The most things that one query asks about."""
MOST: Final = 10
"""The most places or sources of a thing that are named; how many more there are is added, such as +12."""
Cell = Shown | None


def with_places_and_sources(release: Release, table: AnswerTable) -> AnswerTable:
    """Return *table* with columns for places and sources of the things in its first column of IRIs.

    A column is added if *table* has none of this kind and any of the things has a value; several values are one text.
    """
    about = next((place for place, column in enumerate(table.columns) if column.has_iris), None)
    if about is None:
        return table
    things = [cell.iri if (cell := row[about]) is not None else "" for row in table.rows]
    found = _found(release, dict.fromkeys(thing for thing in things if thing.startswith(BASE)))
    others = (other for said in found.values() for each in said.values() for other in each)
    names = Labels(release, {ox.NamedNode(other) for other in others})
    columns, rows = [*table.columns], [[*row] for row in table.rows]
    for name, (properties, needless) in ADDED.items():
        if table.place(*needless) is not None:
            continue
        cells = [_cell(found.get(thing, {}), properties, names) for thing in things]
        if any(cells):
            heading, language = column_headings.heading(release, name)
            columns.append(AnswerColumn(name, heading, language=language))
            for row, cell in zip(rows, cells, strict=True):
                row.append(cell)
    return replace(table, columns=tuple(columns), rows=tuple(map(tuple, rows)))


def _cell(said: Mapping[str, list[str]], properties: Iterable[str], names: Labels) -> Cell:
    others = next((said[name] for name in properties if said.get(name)), [])
    words = [names.shown(ox.NamedNode(other)).text for other in others]
    text = "; ".join([*words[:MOST], *([f"+{len(words) - MOST}"] if len(words) > MOST else [])])
    return Shown(ox.Literal(text), text) if text else None


def _found(release: Release, things: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Return the places and sources of *things*: for each, by the local name of the property."""
    listed = [ox.NamedNode(thing) for thing in things]
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(listed), AT_ONCE):
        for row in page_queries.rows(release, "places-and-sources", things=listed[start : start + AT_ONCE]):
            name = row["property"].value.removeprefix(PREFIXES["dip"])
            found[row["thing"].value][name].append(row["other"].value)
    return {thing: dict(said) for thing, said in found.items()}
