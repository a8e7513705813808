"""Filters: the values that a reconciliation query wants its things to have, and whether they have them (API 0.2, 4.1).

A value that can't be read, a blank cell for one, says nothing: it neither fits nor not. Whatever the data extension
answers with can be sent back as a value.
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

MOST_FILTERS: Final = 20
MOST_VALUES: Final = 20
MOST_HOLDERS: Final = 20_000
LONGEST: Final = 500
"""Characters of a value that are looked at."""
BY_VALUES: Final = 80.0
"""The score of a thing that is asked for by its values alone: it fits, but so may others."""
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
"""Where a cell of the data extension has its value, if that isn't a thing."""


class UnusableQuery(Exception):
    """A query that can't be answered, of several that can; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """A value that a filter asks for: as text, or the thing that an id names."""

    names: EntityIndex
    text: str
    thing: str = ""

    @cached_property
    def things(self) -> frozenset[str]:
        """The IRIs of what it may mean."""
        found = self.names.find(self.text) if not self.thing else ()
        return frozenset({self.thing, *(one.named.thing for one in found if one.score >= CERTAIN)} - {""})

    @cached_property
    def days(self) -> Span | None:
        """The days that it means, if it is a date."""
        return days(self.text)


Filter = tuple[VocabularyTerm, Sequence[Wanted]]


def read(names: EntityIndex, filters: Any) -> list[Filter]:
    """Return the filters of a query: properties that are known here, each with its values as far as they can be read.

    A filter is an object of ``pid`` and ``v``, one value or several of which one has to fit; an unknown property is
    passed over, as the specification has it. Raises UnusableQuery.
    """
    given = [filters] if isinstance(filters, dict) and filters else filters or []
    if not isinstance(given, list) or len(given) > MOST_FILTERS:
        raise UnusableQuery(f"properties must be a list of at most {MOST_FILTERS}.")
    found: list[Filter] = []
    for one in given:
        pid = one.get("pid", "") if isinstance(one, dict) else ""
        kind = names.property(pid.get("id", "") if isinstance(pid, dict) else pid)
        values = one.get("v") if kind else None
        several = values if isinstance(values, list) else [values]
        if len(several) > MOST_VALUES:
            raise UnusableQuery(f"A property has more than {MOST_VALUES} values.")
        wanted = [value for value in (_wanted(names, each) for each in several) if value]
        if kind and wanted:
            found.append((kind, wanted))
    return found


def compared(release: Release, things: Sequence[Named], filters: Sequence[Filter]) -> dict[str, dict[str, bool]]:
    """Return for each of *things* whether its values are those that *filters* ask for, where that can be said."""
    values = values_of(release, things, [kind for kind, _ in filters])
    found: dict[str, dict[str, bool]] = {named.thing: {} for named in things}
    for named in things:
        for kind, wanted in filters:
            said = _said(values.get((named.thing, kind.iri), ()), wanted)
            if said is not None:
                found[named.thing][kind.id] = said
    return found


def holders(release: Release, names: EntityIndex, filters: Sequence[Filter], kinds: Sequence[str]) -> list[Candidate]:
    """Return the things of *kinds* that have the value that the first of *filters* asks for."""
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
    """Return the values of *things*, by thing and property."""
    nodes = [ox.NamedNode(named.thing) for named in things]
    kinds = [ox.NamedNode(kind.iri) for kind in properties]
    found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    if nodes and kinds:
        for row in page_queries.rows(release, "match-values", things=nodes, properties=kinds):
            found[row["thing"].value, row["property"].value].append(row)
    return found


def days(text: str) -> Span | None:
    """Return the days that a date means: a day, a month or a year of ISO 8601, with a time or without, or in words.

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
    """Return what a value of a filter asks for; None if nothing can be made of it."""
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
    """Return whether one of the values is one of those *wanted*; None if that can't be said."""
    found = [fits(row, value) for row in rows for value in wanted]
    return None if all(each is None for each in found) else any(found)


def fits(row: Row, wanted: Wanted) -> bool | None:
    """Return whether the value in *row* is the one *wanted*; None if that is no value of this sort."""
    value, text = row["value"], wanted.text
    if isinstance(value, ox.Literal):
        return _fits_literal(value, wanted)
    if text in (value.value, value.value.removeprefix(BASE)):
        return True
    named = wanted.names.by_identifier(value.value)
    if named is not None:
        # an event in a city is one in its country
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
