"""The table ``conditions.ttl``: which conditions and columns come first, in which groups and words, by which paths."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES

TABLE: Final = Path(__file__).with_name("conditions.ttl")
ROWS: Final = TABLE.with_suffix(".rq")
NAME: Final = PREFIXES["sh"] + "name"
DESCRIPTION: Final = PREFIXES["sh"] + "description"
LABEL: Final = PREFIXES["rdfs"] + "label"


@dataclass(frozen=True)
class ConditionPath:
    """The way from a thing to a value: one of several properties, *forward* or *backward*, or a pair of properties."""

    forward: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()
    twofold: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TableEntry:
    """An entry of the table: a path with its place on the page and its words, by language."""

    name: str
    path: ConditionPath
    group: str
    names: Mapping[str, str]
    hints: Mapping[str, str]
    fields: int = 1
    is_key: bool = False


@cache
def table() -> tuple[tuple[TableEntry, ...], frozenset[str], Mapping[str, Mapping[str, str]]]:
    """Return the entries of the table in order, the properties that it hides, and the names of groups by language."""
    store = ox.Store()
    store.bulk_load(path=str(TABLE), format=ox.RdfFormat.TURTLE)
    said: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for quad in store:
        if isinstance(quad.object, ox.Literal) and quad.object.language:
            said[str(quad.subject)][quad.predicate.value][quad.object.language] = quad.object.value
    found: dict[str, TableEntry] = {}
    hidden = set()
    rows = store.query(ROWS.read_text("utf-8"))
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        if row["ignored"] is not None:
            hidden.add(row["ignored"].value)
            continue
        words = said[str(row["shape"])]
        name, group = (_local(row[column].value) for column in ("shape", "group"))
        fields = int(row["fields"].value) if row["fields"] else 1
        path = _path(row)
        if name in found:
            path = ConditionPath(twofold=(*found[name].path.twofold, *path.twofold))
        is_key = row["key"].value == "true"
        found[name] = TableEntry(name, path, group, words[NAME], words[DESCRIPTION], fields, is_key)
    groups = {_local(subject.strip("<>")): words[LABEL] for subject, words in said.items() if LABEL in words}
    return tuple(found.values()), frozenset(hidden), groups


def _path(row: ox.QuerySolution) -> ConditionPath:
    if row["forward"] is not None:
        return ConditionPath(forward=(row["forward"].value,))
    if row["backward"] is not None:
        return ConditionPath(backward=(row["backward"].value,))
    return ConditionPath(twofold=((row["first"].value, row["second"].value),))


def _local(iri: str) -> str:
    return iri.rpartition("#")[2]
