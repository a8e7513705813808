"""The entries of the full-text index: each thing of a release with its names, kinds, dates and what describes it."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.fulltext import index_terms
from kzus_graph.links.spelling import Span
from kzus_graph.rdf import queries
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.queries import HEADER

QUERIES: Final = Path(__file__).with_name("queries")
Ask = Callable[[str], Iterable[Mapping[str, ox.NamedNode | ox.BlankNode | ox.Literal]]]
"""A function that returns the solutions of the query with the given name, a file of QUERIES."""
Names = tuple[tuple[str, str], ...]
"""The names of a thing with their languages."""
DIP: Final = PREFIXES["dip"]
GROUPS: Final = (
    ("Person", 0.16), ("Topic", 0.14), ("Body", 0.13), ("Place", 0.12), ("Office", 0.12), ("Year", 0.1),
    ("Event", 0.1), ("Instrument", 0.1), ("Question", 0.08), ("Kind", 0.08), ("Other", 0.05), ("Property", 0.03),
    ("Code", 0.02), ("Record", 0.0),
)  # fmt: skip
"""The groups of entries, each with its precedence: what is added to the score of an entry that fits."""
OF_CLASS: Final = {
    "Person": "Person", "Participation": "Record", "Tenure": "Record", "Event": "Event", "Instrument": "Instrument",
    "Position": "Office", "Place": "Place", "Agent": "Body", "Organization": "Body", "State": "Body",
}  # fmt: skip
"""The group of the entries of a class of our ontology; the first that fits holds."""
OF_NAMESPACE: Final = {"topic/": "Topic", "code/": "Code", "id/": "Other"}
DESCRIBING: Final = {
    "Event": ("visitor", "atPlace", "hasParticipant"),
    "Instrument": ("party",),
    "Person": ("actedAs",),
    "Office": ("positionOf",),
    "Place": ("locatedIn", "territoryOf"),
    "Body": ("bodyOf", "ofState", "groupOf", "partOfOrganization"),
    "Record": ("inEvent", "statedBy"),
}
"""For each group, the properties whose values tell a reader what an entry is."""
MOST_DESCRIBING: Final = 3
MOST_NEAR: Final = 120
"""The most terms of other things that are indexed with an entry."""
NAMES: Final = ("rdfs:label", "skos:prefLabel", "skos:altLabel", "dip:statedName")
NAMED: Final = re.compile(r"\b(kzus|topic|dip):([A-Za-z0-9][\w-]*)")
FIRST: Final = DIP + "notBefore"
LAST: Final = DIP + "notAfter"
RANGE: Final = PREFIXES["rdfs"] + "range"
DEFINITION: Final = PREFIXES["skos"] + "definition"


@dataclass(frozen=True)
class Entry:
    """A thing in the index.

    *names* are its names with their languages, the main ones first. *kinds* are the IRIs of its most specific classes,
    *classes* the local names of all. *time* has the properties of its date, *about* is its definition, *describing*
    are the IRIs of the things that tell what it is. *near* holds the terms of these and other things, *of_kind* those
    of its classes, *when* those of its dates. *used* is how many things are described by it.
    """

    iri: str
    group: str
    names: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    time: Mapping[str, str] | None = None
    about: str = ""
    describing: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    of_kind: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    used: int = 0


def entries(ask: Ask, terms: TermNames) -> list[Entry]:
    """Return the entries of the release that *ask* queries, those of the first groups and the most used first.

    *terms* has the names of its terms in other languages.
    """
    names, described = _named(_names(ask), terms), _descriptions(ask)
    kinds, inferred, below = _kinds(ask)
    time, about = _facts(ask)
    spoken = {thing: _terms(each) for thing, each in names.items()}
    used = Counter(other for each in described.values() for others in each.values() for other in others)
    found = []
    for thing, called in names.items():
        classes = kinds.get(thing, set())
        group = _group(thing, classes)
        asserted = classes - inferred.get(thing, set()) or classes
        ours = {kind for kind in asserted if kind.startswith(BASE)} or asserted
        special = sorted(kind for kind in ours if not any(kind in below.get(one, ()) for one in ours - {kind}))
        relations, date = described.get(thing, {}), time.get(thing, {})
        telling = [other for name in DESCRIBING.get(group, ()) for other in relations.get(DIP + name, ())]
        around = {place for other in telling for place in described.get(other, {}).get(DIP + "locatedIn", ())}
        near = (spoken.get(other, ()) for others in relations.values() for other in others)
        of_kind = (spoken.get(kind, ()) for kind in sorted(classes) if kind.startswith(BASE))
        span = Span(first, last) if (first := date.get(FIRST)) and (last := date.get(LAST)) else None
        found.append(
            Entry(
                iri=thing,
                group=group,
                names=called,
                kinds=tuple(special),
                classes=tuple(sorted(kind.removeprefix(DIP) for kind in classes if kind.startswith(DIP))),
                time=date,
                about=about.get(thing, ""),
                describing=tuple(dict.fromkeys(one for one in telling if one not in around))[:MOST_DESCRIBING],
                near=tuple(dict.fromkeys(term for each in near for term in each))[:MOST_NEAR],
                of_kind=tuple(dict.fromkeys(term for each in of_kind for term in each)),
                when=index_terms.times(span),
                used=used[thing],
            )
        )
    found += _questions(ask, {thing: _with_range(thing, spoken, described, below) for thing in spoken})
    found += _years(found)
    order = {group: place for place, (group, _) in enumerate(GROUPS)}
    return sorted(found, key=lambda entry: (order[entry.group], -entry.used, entry.iri))


def of_store(store: ox.Store) -> Ask:
    """Return a function that asks *store*, which has a release, the queries of this room."""

    def ask(name: str) -> Iterator[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]]:
        path = QUERIES / f"{name}.rq"
        solutions = queries.ask(store, path.read_text("utf-8"), path)
        assert isinstance(solutions, ox.QuerySolutions)
        columns = [variable.value for variable in solutions.variables]
        for solution in solutions:
            row = {column: solution[column] for column in columns}
            yield {column: term for column, term in row.items() if term is not None and not isinstance(term, ox.Triple)}

    return ask


def _with_range(
    thing: str,
    spoken: Mapping[str, tuple[str, ...]],
    described: Mapping[str, Mapping[str, list[str]]],
    below: Mapping[str, set[str]],
) -> tuple[str, ...]:
    """Return the terms of *thing*; if it is a property, also those of the classes of its values and narrower ones."""
    ranges = described.get(thing, {}).get(RANGE, ())
    narrower = (one for one in sorted(below) if not below[one].isdisjoint(ranges))
    return tuple(term for each in (thing, *ranges, *(narrower if ranges else ())) for term in spoken.get(each, ()))


def _terms(names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the terms of *names*, each once, without those of dates: those are not of what is described by them."""
    found = (term for name, _ in names for term in index_terms.split(name) if not term.startswith("@"))
    return tuple(term for term in dict.fromkeys(found) if term not in index_terms.SLIGHT)


def _names(ask: Ask) -> dict[str, Names]:
    order = {PREFIXES[name.partition(":")[0]] + name.partition(":")[2]: place for place, name in enumerate(NAMES)}
    said: defaultdict[str, list[tuple[int, bool, str, str]]] = defaultdict(list)
    for row in ask("entry-names"):
        name = row["name"]
        if isinstance(name, ox.Literal):
            language = name.language or ""
            said[row["thing"].value].append((order[row["property"].value], language != "en", language, name.value))
    return {
        thing: tuple(dict.fromkeys((name, language) for _, _, language, name in sorted(all_)))
        for thing, all_ in said.items()
    }


def _named(names: dict[str, Names], terms: TermNames) -> dict[str, Names]:
    """Return *names* with what *terms* has for the English ones after them."""
    more = {
        thing: dict.fromkeys(one for name, tag in known if tag == "en" for one in terms.of(thing, name))
        for thing, known in names.items()
    }
    return {thing: (*known, *more[thing]) for thing, known in names.items()}


def _kinds(ask: Ask) -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    """Return the classes of each thing, those of them that were inferred, and the classes above each class."""
    found: dict[str, defaultdict[str, set[str]]] = {how: defaultdict(set) for how in ("all", "inferred", "below")}
    for row in ask("entry-kinds"):
        found[row["how"].value][row["thing"].value].add(row["kind"].value)
    return found["all"], found["inferred"], found["below"]


def _facts(ask: Ask) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return the properties of the date of each thing, and the definition of each that has one."""
    time: defaultdict[str, dict[str, str]] = defaultdict(dict)
    about: dict[str, str] = {}
    for row in ask("entry-facts"):
        thing, name, value = (row[column].value for column in ("thing", "property", "value"))
        if name == DEFINITION:
            about[thing] = min(value, about.get(thing, value))
        else:
            time[thing][name] = min(value, time[thing].get(name, value))
    return time, about


def _descriptions(ask: Ask) -> dict[str, dict[str, list[str]]]:
    """Return the things that describe each thing, by property."""
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in ask("entry-relations"):
        found[row["thing"].value][row["property"].value].add(row["other"].value)
    return {thing: {name: sorted(each) for name, each in sorted(by.items())} for thing, by in found.items()}


def _group(thing: str, classes: Iterable[str]) -> str:
    path = thing.removeprefix(BASE)
    if path.startswith("ontology#"):
        return "Kind" if PREFIXES["owl"] + "Class" in classes else "Property"
    if path.startswith("id/"):
        known = {kind.removeprefix(DIP) for kind in classes}
        return next((group for name, group in OF_CLASS.items() if name in known), "Other")
    return next((group for space, group in OF_NAMESPACE.items() if path.startswith(space)), "Record")


def _questions(ask: Ask, spoken: Mapping[str, tuple[str, ...]]) -> list[Entry]:
    """Return an entry for each example question; its name in the address is a name of it, too."""
    found = {}
    for row in ask("entry-questions"):
        iri, text = row["thing"].value, row["text"].value
        near = (spoken.get(PREFIXES[prefix] + name, ()) for prefix, name in NAMED.findall(text))
        names = (
            (row["name"].value, "en"),
            (iri.rpartition("/")[2].replace("-", " "), "en"),
            *((name, language) for language, name in queries.translations(text, "summary").items()),
        )
        group = dict(HEADER.findall(text)).get("group", "")
        found[iri] = Entry(
            iri,
            "Question",
            names,
            about=group,
            near=tuple(dict.fromkeys(term for each in (index_terms.split(group), *near) for term in each))[:MOST_NEAR],
        )
    return list(found.values())


def _years(found: Iterable[Entry]) -> list[Entry]:
    """Return an entry for each year in which an event of *found* may have begun: its part of the page of years."""
    events = Counter(
        entry.time[FIRST][:4] for entry in found if entry.group == "Event" and entry.time and FIRST in entry.time
    )
    return [
        Entry(f"{BASE}years#y{year}", "Year", ((year, "en"),), about=f"{number}", used=number)
        for year, number in events.items()
        if year.isdigit()
    ]
