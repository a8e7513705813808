"""What can be asked of a release without SPARQL: the kinds of things, and the conditions and columns for each kind.

The classes and properties are those of the release's ontology that its data use. The table ``conditions.ttl`` says
which come first, in which groups and words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import LOCAL_NAME, PREFIXES, compact
from kzus_graph.web.sparql import condition_table
from kzus_graph.web.sparql.condition_table import ConditionPath, TableEntry
from kzus_graph.web.view import locale, page_queries, term_words
from kzus_graph.web.view.labels import spoken
from kzus_graph.web.view.page_queries import Term

DIP: Final = PREFIXES["dip"]
LABEL: Final = PREFIXES["rdfs"] + "label"
DATES: Final = "dates"
"""The name of the group whose properties lead to the event that has the dates of a thing."""
MORE: Final = "more"
"""The name of the group of properties that the table doesn't have."""
NOT_BEFORE: Final = DIP + "notBefore"
FEW: Final = 25
"""So many values are offered as a list to choose from; if there are more, a name is typed."""
MOST_VALUES: Final = 5000
"""The most values of a condition among which a typed name is looked for."""
FIRST_KINDS: Final = ("Event", "InformationObject", "Agent", "Place", "Position")


@dataclass(frozen=True)
class ThingKind:
    """A class with *things*; *depth* counts the classes above it that have things, too."""

    name: str
    iri: str
    label: str
    things: int
    depth: int = 0
    above: frozenset[str] = frozenset()

    @property
    def variable(self) -> str:
        """The name of the variable for things of this kind."""
        return _variable(self.iri)


@dataclass(frozen=True)
class Askable:
    """A condition or column for a kind of things.

    *name* is its parameter in the address, *variable* its variable in queries. *things* have one of *values* different
    values; *single* says whether none has two. The values are IRIs, or literals if not *has_things*.
    """

    name: str
    variable: str
    path: ConditionPath
    group: str
    names: Mapping[str, str] = field(hash=False)
    hints: Mapping[str, str] = field(hash=False)
    things: int
    values: int
    single: bool
    has_things: bool
    has_concepts: bool = False
    fields: int = 1
    is_key: bool = False

    @property
    def is_condition(self) -> bool:
        """Whether things can be chosen by a value: it is a thing, or one of few literals, or the table has words."""
        return self.has_things or (self.group != MORE and not self.is_key)

    @property
    def is_list(self) -> bool:
        """Whether the values are few enough to choose from a list."""
        return self.values <= FEW

    @property
    def text(self) -> str:
        """What the condition is called, in the language of the request or in English."""
        return self.names.get(locale.wanted()) or self.names[locale.ENGLISH]

    @property
    def language(self) -> str:
        """The language of *text*."""
        return locale.wanted() if locale.wanted() in self.names else locale.ENGLISH

    @property
    def hint(self) -> str:
        """What is to be known of the condition, in the language of the request or in English; mostly empty."""
        return self.hints.get(locale.wanted()) or self.hints.get(locale.ENGLISH, "")


@dataclass(frozen=True)
class KindTerms:
    """What can be asked of things of one kind.

    *dates* are the properties that lead to the event with the dates: none if the thing itself has dates, and None if
    things of this kind have no dates. *named* says whether each thing has just one label.
    """

    kind: ThingKind
    askable: tuple[Askable, ...]
    dates: tuple[str, ...] | None
    named: bool

    def called(self, name: str) -> Askable | None:
        """Return the condition or column *name*, or None."""
        return next((one for one in self.askable if one.name == name), None)

    def grouped(self) -> dict[str, list[Askable]]:
        """Return the conditions by the name of their group, in order."""
        found: dict[str, list[Askable]] = {}
        for one in self.askable:
            if one.is_condition:
                found.setdefault(one.group, []).append(one)
        return found


@once
def kinds(release: Release) -> dict[str, ThingKind]:
    """Return the kinds of things in *release* by name: each after the kind above it, the main kinds first."""
    found: dict[str, ThingKind] = {}
    above: dict[str, set[str]] = defaultdict(set)
    for row in page_queries.rows(release, "askable-kinds"):
        iri = row["kind"].value
        found[iri] = ThingKind(_short(iri), iri, row["label"].value, int(row["things"].value))
        if "above" in row:
            above[iri].add(row["above"].value)
    higher = {iri: frozenset(above[iri] & found.keys() - {iri}) for iri in found}

    def line(iri: str) -> list[tuple[int, str]]:
        """Return a sort key: the kinds above, from the highest on, and the kind itself."""
        way: list[tuple[int, str]] = []
        for one in sorted((*higher[iri], iri), key=lambda one: (len(higher[one]), one)):
            name = found[one].name
            way.append((FIRST_KINDS.index(name) if name in FIRST_KINDS else len(FIRST_KINDS), found[one].label))
        return way

    listed = sorted(found, key=line)
    return {
        found[iri].name: ThingKind(
            found[iri].name, iri, found[iri].label, found[iri].things, len(higher[iri]), frozenset(above[iri])
        )
        for iri in listed
    }


@once
def terms(release: Release, kind: ThingKind) -> KindTerms:
    """Return what can be asked of things of the *kind* in *release*."""
    entries, hidden, _ = condition_table.table()
    node = ox.NamedNode(kind.iri)
    forward = {row["property"].value: row for row in page_queries.rows(release, "askable-properties", kind=node)}
    backward = [(ox.Literal(one.name), ox.NamedNode(iri)) for one in entries for iri in one.path.backward]
    twofold = [
        (ox.Literal(one.name), ox.NamedNode(first), ox.NamedNode(second))
        for one in entries
        for first, second in one.path.twofold
        if first in forward
    ]
    counted = page_queries.rows(release, "askable-paths", kind=node, backward=backward, twofold=twofold)
    paths = {row["path"].value: row for row in counted if "path" in row}
    taken = {kind.variable, "name", "notBefore", "notAfter", "year"}
    found: list[Askable] = []
    for entry in entries:
        row = forward.get(entry.path.forward[0]) if entry.path.forward else paths.get(entry.name)
        if row is not None and entry.group != DATES:
            found.append(_askable(entry, entry.name, row, taken))
    known = {iri for entry in entries if entry.group != DATES for iri in entry.path.forward} | hidden
    for iri, row in forward.items():
        if "label" in row and iri not in known:
            entry = TableEntry(compact(iri), ConditionPath((iri,)), MORE, _names(release, iri, row["label"].value), {})
            found.append(_askable(entry, _variable(iri), row, taken))
    dates: tuple[str, ...] | None = () if NOT_BEFORE in forward else None
    if dates is None:
        leading = (one.path.forward[0] for one in entries if one.group == DATES)
        dates = next(((iri,) for iri in leading if iri in forward), None)
    label = forward.get(LABEL)
    named = label is not None and kind.things == int(label["things"].value) == int(label["statements"].value)
    return KindTerms(kind, tuple(found), dates, named)


def _askable(entry: TableEntry, variable: str, row: page_queries.Row, taken: set[str]) -> Askable:
    while variable in taken:
        variable += "Value"
    taken.add(variable)
    things, values, statements, iris = (int(row[name].value) for name in ("things", "values", "statements", "iris"))
    concepts = "concepts" in row and row["concepts"].value == "true"
    return Askable(
        entry.name, variable, entry.path, entry.group, entry.names, entry.hints, things, values,
        single=things == statements, has_things=bool(iris), has_concepts=concepts,
        fields=entry.fields, is_key=entry.is_key,
    )  # fmt: skip


@once
def values(release: Release, kind: ThingKind, path: ConditionPath) -> dict[Term, int]:
    """Return the values that things of the *kind* have by *path*, with the number of things; at most MOST_VALUES."""
    rows = page_queries.rows(
        release,
        "askable-values",
        kind=ox.NamedNode(kind.iri),
        forward=_nodes(path.forward),
        backward=_nodes(path.backward),
        twofold=[_nodes(pair) for pair in path.twofold],
        most=MOST_VALUES,
    )
    return {row["value"]: int(row["things"].value) for row in rows if "value" in row}


def _nodes(iris: Iterable[str]) -> list[ox.NamedNode]:
    return [ox.NamedNode(iri) for iri in iris]


def _short(iri: str) -> str:
    return iri.removeprefix(DIP) if iri.startswith(DIP) and LOCAL_NAME.fullmatch(iri, len(DIP)) else compact(iri)


def _variable(iri: str) -> str:
    """Return the local name of *iri* as the name of a variable.

    >>> _variable("https://w3id.org/kzus/ontology#OfficialVisit"), _variable("https://example.org/A-b")
    ('officialVisit', 'ab')
    """
    name = re.sub(r"[^A-Za-z0-9]", "", re.split(r"[:/#]", iri)[-1])
    return name[:1].lower() + name[1:] if name[:1].isalpha() else "thing"


def _names(release: Release, iri: str, label: str) -> dict[str, str]:
    """Return the names of a property by language: in English its *label*, in others its translation, if it has one."""
    words = {tag: term_words.translated(release, tag, iri, label) for tag in locale.LANGUAGES}
    return {locale.ENGLISH: _title(label)} | {tag: name[:1].upper() + name[1:] for tag, name in words.items() if name}


def _title(label: str) -> str:
    words = spoken(label)
    return words[:1].upper() + words[1:]
