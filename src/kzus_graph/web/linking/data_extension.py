"""Data extension: property values of things, as columns of a client's table (Reconciliation API 0.2, section 6)."""

import re
from collections.abc import Sequence
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linking import json_input, property_filters
from kzus_graph.web.linking.entity_index import EntityIndex, VocabularyTerm
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.page_queries import Row

MOST_THINGS: Final = 1_000
MOST_PROPERTIES: Final = 20
USUAL_PROPOSALS: Final = 50
MOST_PROPOSALS: Final = 1_000
DATE: Final = PREFIXES["xsd"] + "date"
WHOLE_NUMBER: Final = PREFIXES["xsd"] + "integer"
DECIMAL: Final = PREFIXES["xsd"] + "decimal"
SETTINGS: Final = [
    {
        "name": "limit", "type": "number", "label": "Limit", "default": 0,
        "help_text": "The maximum number of values for each thing; 0 for no limit.",
    },
    {
        "name": "content", "type": "select", "label": "Content", "default": "name",
        "help_text": "What to fetch for a value that is a thing of this data set.",
        "choices": [{"value": "name", "name": "id and name"}, {"value": "iri", "name": "IRI"}],
    },
]  # fmt: skip

NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d*)?")


def proposed(release: Release, names: EntityIndex, type_: str, limit: str) -> dict[str, Any]:
    """Return the properties of the things of the class *type_*, the most used first; if it is empty, of all things.

    At most *limit* properties, or 50 if *limit* is not a number from 1 to 1000. Raises Problem (404) if the class has
    no instances.
    """
    asked = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else 0
    most = asked if 0 < asked <= MOST_PROPOSALS else USUAL_PROPOSALS
    kinds = names.classes([type_])
    if type_ and not kinds:
        raise Problem(
            404,
            "not-found",
            "No thing in this data set has the type given in the parameter type.",
            hint="/reconcile/suggest/type lists types.",
        )
    if kinds:
        rows = page_queries.rows(release, "match-properties", kind=ox.NamedNode(kinds[0]), most=most)
        found = [kind for row in rows if (kind := names.property(row["property"].value))]
    else:
        found = sorted(names.properties, key=lambda kind: -kind.things)[:most]
    return {"type": type_, "limit": most, "properties": [{"id": one.id, "name": one.name} for one in found]}


def extended(release: Release, names: EntityIndex, query: Any) -> dict[str, Any]:
    """Return the response to the data extension *query*, as data for JSON: the values by thing and property.

    Raises Problem: 400 (malformed query), 404 (unknown property) or 413 (too many ids or properties).
    """
    if wrong := json_input.fault(query, "extend"):
        raise Problem(400, "reconcile", wrong)
    ids = [str(identifier) for identifier in query["ids"]]
    if len(ids) > MOST_THINGS or len(query["properties"]) > MOST_PROPERTIES:
        raise Problem(413, "reconcile", f"extend has more than {MOST_THINGS} ids or {MOST_PROPERTIES} properties.")
    asked = query["properties"]
    wanted = [(_property(names, one), one.get("settings") if isinstance(one, dict) else {}) for one in asked]
    things = {identifier: names.by_identifier(identifier) for identifier in ids}
    values = property_filters.values_of(
        release, [named for named in things.values() if named], [kind for kind, _ in wanted]
    )
    return {
        "meta": [{"id": kind.id, "name": kind.name} for kind, _ in wanted],
        "rows": {
            identifier: {
                kind.id: _cells(values.get((named.thing, kind.iri), ()) if named else (), settings)
                for kind, settings in wanted
            }
            for identifier, named in things.items()
        },
    }


def _cells(rows: Sequence[Row], settings: Any) -> list[dict[str, Any]]:
    given = settings if isinstance(settings, dict) else {}
    limit = given.get("limit", 0)
    text = str(limit)[:9] if isinstance(limit, int | float | str) else ""
    most = int(text) if text.isascii() and text.isdigit() and int(text) > 0 else len(rows)
    return [_cell(row, as_address=given.get("content") == "iri") for row in rows[:most]]


def _cell(row: Row, *, as_address: bool) -> dict[str, Any]:
    value = row["value"]
    if not isinstance(value, ox.Literal):
        if as_address or not value.value.startswith(BASE):
            return {"str": value.value}
        name = row["label"].value if "label" in row else compact(value.value)
        return {"id": value.value.removeprefix(BASE), "name": name}
    kind = value.datatype.value
    if kind == DATE:
        # the specification has dates with a time only
        return {"date": f"{value.value}T00:00:00"}
    if kind == WHOLE_NUMBER and NUMBER.fullmatch(value.value):
        return {"int": int(value.value)}
    return {"float": float(value.value)} if kind == DECIMAL and NUMBER.fullmatch(value.value) else {"str": value.value}


def _property(names: EntityIndex, asked: Any) -> VocabularyTerm:
    identifier = asked.get("id", "") if isinstance(asked, dict) else asked
    found = names.property(identifier)
    if found is None:
        raise Problem(
            404, "not-found", f"No property in this data set has the id {str(identifier)[:80]!r}.",
            hint="/reconcile/suggest/property?prefix= lists properties.",
        )  # fmt: skip
    return found
