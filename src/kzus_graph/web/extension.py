"""Values for a spreadsheet: data extension and property filters of the reconciliation service (API 0.2, section 6)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.engine.editions import Edition
from kzus_graph.forms import Named
from kzus_graph.matching import Candidate, skeleton
from kzus_graph.vocab import BASE, PREFIXES, compact
from kzus_graph.web import asking
from kzus_graph.web.asking import Row
from kzus_graph.web.errors import Problem
from kzus_graph.web.roster import Kind, Roster

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
        "help_text": "The most values to fetch for each thing; 0 for all.",
    },
    {
        "name": "content", "type": "select", "label": "Content", "default": "name",
        "help_text": "What to fetch of a value that is a thing itself.",
        "choices": [{"value": "name", "name": "the thing, by its name"}, {"value": "iri", "name": "its address"}],
    },
]  # fmt: skip

NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d*)?")
MOST_HOLDERS: Final = 20_000
BY_VALUES: Final = 80.0
"""The score of a thing that is asked for by its values alone: it fits, but so may others."""

Values = Mapping[tuple[str, str], Sequence[Row]]
"""The values of things, by thing and property."""


def proposed(edition: Edition, names: Roster, type_: str, limit: str) -> dict[str, Any]:
    """Return the properties that things of a kind have, those that most of them have first. Raises Problem."""
    kinds = names.classes([type_])
    if not kinds:
        raise Problem(404, "not-found", "No things here are of this type.", hint="/reconcile/suggest/type lists types.")
    asked = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else 0
    most = asked if 0 < asked <= MOST_PROPOSALS else USUAL_PROPOSALS
    rows = asking.rows(edition, "match-properties", kind=ox.NamedNode(kinds[0]), most=most)
    known = {property_.iri: property_ for property_ in names.properties}
    found = [known[row["property"].value] for row in rows if row["property"].value in known]
    return {"type": type_, "limit": most, "properties": [{"id": one.id, "name": one.name} for one in found]}


def extended(edition: Edition, names: Roster, query: Any) -> dict[str, Any]:
    """Return the values that a data extension query asks for. Raises Problem."""
    if not isinstance(query, dict) or not all(isinstance(query.get(part), list) for part in ("ids", "properties")):
        raise Problem(400, "reconcile", "extend is a JSON object with a list of ids and a list of properties.")
    ids = [str(identifier) for identifier in query["ids"]]
    if len(ids) > MOST_THINGS or len(query["properties"]) > MOST_PROPERTIES:
        raise Problem(413, "reconcile", f"At most {MOST_THINGS} ids and {MOST_PROPERTIES} properties at once.")
    asked = query["properties"]
    wanted = [(_property(names, one), one.get("settings") if isinstance(one, dict) else {}) for one in asked]
    things = {identifier: names.by_identifier(identifier) for identifier in ids}
    values = _values(edition, [named for named in things.values() if named], [kind for kind, _ in wanted])
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


def compared(
    edition: Edition, names: Roster, things: Sequence[Named], filters: Sequence[Any]
) -> dict[str, dict[str, bool]]:
    """Return for each of *things* whether its values are those that *filters* ask for, where it has any values.

    A filter is an object of ``pid`` and ``v`` (one value or several, of which one has to fit); a property that is not
    known here is passed over, as the specification (section 4.1) has it.
    """
    asked: list[tuple[Kind, list[Any]]] = []
    for one in filters:
        kind = _known(names, one.get("pid", "")) if isinstance(one, dict) else None
        if kind:
            value = one.get("v")
            asked.append((kind, value if isinstance(value, list) else [value]))
    values = _values(edition, things, [kind for kind, _ in asked])
    found: dict[str, dict[str, bool]] = {named.thing: {} for named in things}
    for named in things:
        for kind, wanted in asked:
            rows = values.get((named.thing, kind.iri), ())
            if rows:
                found[named.thing][kind.id] = any(_fits(row, value) for row in rows for value in wanted)
    return found


def holders(edition: Edition, names: Roster, filters: Sequence[Any], kinds: Sequence[str]) -> list[Candidate]:
    """Return the things of *kinds* that have the value that the first of *filters* asks for."""
    kind = _known(names, filters[0].get("pid", "")) if isinstance(filters[0], dict) else None
    if kind is None:
        return []
    wanted = filters[0].get("v")
    values = wanted if isinstance(wanted, list) else [wanted]
    found: dict[str, Named] = {}
    for row in asking.rows(edition, "match-holders", property=ox.NamedNode(kind.iri), most=MOST_HOLDERS):
        named = names.by_identifier(row["thing"].value)
        typed = named is not None and (not kinds or not set(kinds).isdisjoint(named.kinds))
        if named is not None and typed and any(_fits(row, value) for value in values):
            found[named.thing] = named
    return [Candidate(named, BY_VALUES, named.names[0]) for named in found.values()]


def _values(edition: Edition, things: Iterable[Named], properties: Iterable[Kind]) -> Values:
    nodes = [ox.NamedNode(named.thing) for named in things]
    kinds = [ox.NamedNode(kind.iri) for kind in properties]
    found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    if nodes and kinds:
        for row in asking.rows(edition, "match-values", things=nodes, properties=kinds):
            found[row["thing"].value, row["property"].value].append(row)
    return found


def _fits(row: Row, wanted: Any) -> bool:
    value = row["value"].value
    if isinstance(wanted, dict):
        return value in (str(wanted.get("id")), BASE + str(wanted.get("id")))
    text = str(wanted).strip()
    if isinstance(row["value"], ox.Literal):
        # a year or a month fits the days in it
        return bool(text) and (value.startswith(text) or skeleton(value) == skeleton(text))
    if text in (value, value.removeprefix(BASE)):
        return True
    return "label" in row and skeleton(row["label"].value) == skeleton(text) != ()


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
        # the specification knows no days, only moments
        return {"date": f"{value.value}T00:00:00"}
    if kind == WHOLE_NUMBER and NUMBER.fullmatch(value.value):
        return {"int": int(value.value)}
    return {"float": float(value.value)} if kind == DECIMAL and NUMBER.fullmatch(value.value) else {"str": value.value}


def _known(names: Roster, identifier: object) -> Kind | None:
    return next((kind for kind in names.properties if str(identifier) in (kind.id, kind.iri)), None)


def _property(names: Roster, asked: Any) -> Kind:
    identifier = asked.get("id", "") if isinstance(asked, dict) else asked
    found = _known(names, identifier)
    if found is None:
        raise Problem(
            404, "not-found", f"No property here is called {str(identifier)[:80]!r}.",
            hint="/reconcile/suggest/property?prefix= lists properties.",
        )  # fmt: skip
    return found
