"""Reads the property filters of a reconciliation query and compares things with them (Reconciliation API 0.2, 4.1).

A filter's value that can't be read, such as a blank cell, is ignored: it neither raises nor lowers a thing's score. Any
value that a data extension response contains can be used in a filter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.links.matching import CERTAIN, Candidate, skeleton
from kzus_graph.links.name_forms import Named
from kzus_graph.links.spelling import Span, dated
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.linking.entity_index import EntityIndex, VocabularyTerm
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.page_queries import Row

MOST_HOLDERS: Final = 20_000
LONGEST: Final = 500
"""The most characters of a value that are compared; the rest is cut off."""
BY_VALUES: Final = 80.0
"""The score, from 0 to 100, of a thing found by property filters without a name: other things may fit as well."""
NUMBERS: Final = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double"))
DATE: Final = PREFIXES["xsd"] + "date"
BOOLEAN: Final = PREFIXES["xsd"] + "boolean"
BOOLEANS: Final = frozenset({"true", "false", "1", "0"})
ISO: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")
BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
TIME: Final = re.compile(
    r"(?<=\d{4}-\d\d-\d\d)(?:[T ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)?)?\s?(?:Z|[+-]\d\d(?::?\d\d)?)?$",
    re.IGNORECASE,
)
WITHIN_CELLS: Final = ("str", "date", "int", "float", "name")
"""The JSON keys that a cell of a data extension response may have for its value, if the value is not a thing."""


@dataclass(frozen=True)
class Wanted:
    """A value that a property filter requires, as *text*; if the value is the id of a thing, *thing* is its IRI."""

    names: EntityIndex
    text: str
    thing: str = ""

    @cached_property
    def things(self) -> frozenset[str]:
        """The IRIs of the things that the value may denote: *thing*, or the things whose name matches *text*."""
        found = self.names.find(self.text) if not self.thing else ()
        return frozenset({self.thing, *(one.named.thing for one in found if one.score >= CERTAIN)} - {""})

    @cached_property
    def days(self) -> Span | None:
        """The first and last day of the date in *text* (a day, month or year); None if it is not a date."""
        return days(self.text)


Filter = tuple[VocabularyTerm, Sequence[Wanted]]


def read(names: EntityIndex, filters: Any) -> list[Filter]:
    """Return *filters*, the JSON ``properties`` of a query, as Filters: known properties with their readable values.

    A filter is an object with ``pid``, a property, and ``v``, a value or a list of values of which one has to fit. As
    the specification requires, unknown properties are ignored.
    """
    found: list[Filter] = []
    for one in [filters] if isinstance(filters, dict) else filters or []:
        pid = one.get("pid", "") if isinstance(one, dict) else ""
        kind = names.property(pid.get("id", "") if isinstance(pid, dict) else pid)
        values = one.get("v") if kind else None
        several = values if isinstance(values, list) else [values]
        wanted = [value for value in (_wanted(names, each) for each in several) if value]
        if kind and wanted:
            found.append((kind, wanted))
    return found


def compared(release: Release, things: Sequence[Named], filters: Sequence[Filter]) -> dict[str, dict[str, bool]]:
    """Return ``{IRI of thing: {id of property: fits}}``; ``fits`` is true if a value of the thing fits the filter.

    Properties whose values can't be compared with the filter are left out.
    """
    values = values_of(release, things, [kind for kind, _ in filters])
    found: dict[str, dict[str, bool]] = {named.thing: {} for named in things}
    for named in things:
        for kind, wanted in filters:
            said = _said(values.get((named.thing, kind.iri), ()), wanted)
            if said is not None:
                found[named.thing][kind.id] = said
    return found


def holders(release: Release, names: EntityIndex, filters: Sequence[Filter], kinds: Sequence[str]) -> list[Candidate]:
    """Return the things that fit the first of *filters*; with *kinds*, only things of one of these classes."""
    found: dict[str, Named] = {}
    for kind, wanted in filters[:1]:
        for row in page_queries.rows(release, "match-holders", property=ox.NamedNode(kind.iri), most=MOST_HOLDERS):
            named = names.by_identifier(row["thing"].value)
            if named is not None and (not kinds or not set(kinds).isdisjoint(named.kinds)) and _said([row], wanted):
                found[named.thing] = named
    return [Candidate(named, BY_VALUES, named.names[0]) for named in found.values()]


def values_of(
    release: Release, things: Iterable[Named], properties: Iterable[VocabularyTerm]
) -> Mapping[tuple[str, str], Sequence[Row]]:
    """Return the rows with the values that *things* have for *properties*, by (IRI of thing, IRI of property)."""
    nodes = [ox.NamedNode(named.thing) for named in things]
    kinds = [ox.NamedNode(kind.iri) for kind in properties]
    found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    if nodes and kinds:
        for row in page_queries.rows(release, "match-values", things=nodes, properties=kinds):
            found[row["thing"].value, row["property"].value].append(row)
    return found


def days(text: str) -> Span | None:
    """Return the first and last day of the date *text*, written in ISO 8601 or in words; None if it is not a date.

    >>> days("1992-05-18T00:00:00Z"), days("1992-05"), days("1992")[1]
    (Span(first='1992-05-18', last='1992-05-18'), Span(first='1992-05-01', last='1992-05-31'), '1992-12-31')
    >>> days("18 May 1992") == days("18.05.1992") == days("19920518") == days("1992-05-18"), days("1992-13-40")
    (True, None)
    """
    plain = BASIC.sub(r"\1-\2-\3", text) if BASIC.fullmatch(text) else TIME.sub("", text)
    found = ISO.fullmatch(plain)
    if found:
        try:
            date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
        except ValueError:
            return None
        if not found["month"]:
            return Span(f"{plain}-01-01", f"{plain}-12-31")
    rest, span = dated(plain)
    return span if not rest.strip(" ,/–-") else None


def _wanted(names: EntityIndex, value: Any) -> Wanted | None:
    """Return one JSON *value* of a filter as a Wanted; None if it is blank or cannot be read."""
    if isinstance(value, dict):
        named = names.by_identifier(str(value.get("id", "")))
        if named is not None:
            return Wanted(names, named.thing, named.thing)
        return _wanted(names, next((value[name] for name in WITHIN_CELLS if name in value), None))
    if isinstance(value, bool):
        return Wanted(names, str(value).lower())
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[:LONGEST].strip() if isinstance(value, str | int | float) else ""
    return Wanted(names, text) if text else None


def _said(rows: Sequence[Row], wanted: Sequence[Wanted]) -> bool | None:
    """Return whether a value in *rows* fits one in *wanted*; None if no value can be compared with any of *wanted*."""
    found = [fits(row, value) for row in rows for value in wanted]
    return None if all(each is None for each in found) else any(found)


def fits(row: Row, wanted: Wanted) -> bool | None:
    """Return whether the value in *row* fits the value *wanted*; None if their types cannot be compared."""
    value, text = row["value"], wanted.text
    if isinstance(value, ox.Literal):
        return _fits_literal(value, wanted)
    if text in (value.value, value.value.removeprefix(BASE)):
        return True
    named = wanted.names.by_identifier(value.value)
    if named is not None:
        # an event in a city is also in the country of the city
        return not wanted.things.isdisjoint({named.thing, *named.within})
    return "label" in row and skeleton(row["label"].value) == skeleton(text) != ()


def _fits_literal(value: ox.Literal, wanted: Wanted) -> bool | None:
    kind, text = value.datatype.value, wanted.text
    if kind in NUMBERS:
        number, other = _number(value.value), _number(text)
        return number == other if number is not None and other is not None else None
    if kind == BOOLEAN:
        return (value.value in ("true", "1")) == (text.lower() in ("true", "1")) if text.lower() in BOOLEANS else None
    ours = days(value.value)
    if ours is not None and wanted.days is not None:
        return ours.meets(wanted.days)
    if kind == DATE:
        return None
    return value.value == text or skeleton(value.value) == skeleton(text) != ()


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
