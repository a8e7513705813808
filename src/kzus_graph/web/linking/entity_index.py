"""An index of the names, classes and dates of all things in a release, with which external names are matched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.links.matching import Candidate, NameIndex, skeleton
from kzus_graph.links.name_forms import Named
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or property: *id* is its prefixed name, *name* its label, *things* the number of things that have it."""

    iri: str
    id: str
    name: str
    things: int = 0


class EntityIndex:
    """An index of things by name, with the classes and descriptions that help a person choose between matches."""

    def __init__(
        self,
        things: list[Named],
        kinds: Iterable[VocabularyTerm],
        properties: Iterable[VocabularyTerm],
        stated: Mapping[str, list[str]],
    ) -> None:
        """Index *things*, their classes *kinds* and *properties*; *stated* has the asserted classes of each thing."""
        self.things = things
        self.types = sorted(kinds, key=lambda kind: (-kind.things, kind.name))
        self.properties = sorted(properties, key=lambda property_: property_.name)
        self._stated = stated
        self._names = NameIndex(things)
        self._kinds = {kind.iri: kind for kind in self.types}
        self._by_thing = {named.thing: named for named in things}
        words = ((skeleton(name), named) for named in things for name in named.names)
        beginnings = ((len("".join(all_)), "".join(all_[n:]), named) for all_, named in words for n in range(len(all_)))
        self._beginnings = sorted(beginnings, key=lambda one: (one[0], one[1], one[2].thing))

    def find(self, query: str, kinds: Iterable[str] = (), most: int = 10) -> list[Candidate]:
        """Return at most *most* things with names like *query*, the best first; with *kinds*, only of these classes."""
        return self._names.find(query, kinds, most)

    def beginning(self, prefix: str, kind: str, most: int) -> list[Named]:
        """Return at most *most* things of the class with the id *kind*; if *kind* is empty, of any class.

        First come those with a name in which a word begins with *prefix*, shortest names first; then those with a name
        similar to *prefix*.
        """
        start = "".join(skeleton(prefix))
        wanted = set(self.classes([kind])) if kind else set()
        found = [named for _, name, named in self._beginnings if name.startswith(start)]
        found += [candidate.named for candidate in self.find(prefix, wanted, most)]
        fitting = [named for named in found if not wanted or wanted.intersection(named.kinds)]
        return list({named.thing: named for named in fitting}.values())[:most]

    def classes(self, identifiers: Iterable[object]) -> list[str]:
        """Return the IRIs of the classes with these *identifiers*; unknown ones are left out.

        An identifier is a prefixed name or an IRI, as a string or as the member ``id`` of a dict.
        """
        names = [str(one.get("id", "")) if isinstance(one, dict) else str(one) for one in identifiers]
        return [kind.iri for kind in self.types if kind.id in names or kind.iri in names]

    def identifier(self, named: Named) -> str:
        """Return the id of a thing for the reconciliation API: its IRI without the namespace, as in ``id/astana``."""
        return named.thing.removeprefix(BASE)

    def by_identifier(self, identifier: str) -> Named | None:
        """Return the thing with the id or IRI *identifier*; None if there is none."""
        return self._by_thing.get(identifier if identifier.startswith(BASE) else BASE + identifier)

    def property(self, identifier: object) -> VocabularyTerm | None:
        """Return the property with the prefixed name or IRI *identifier*; None if there is none."""
        return next((kind for kind in self.properties if identifier in (kind.id, kind.iri)), None)

    def kinds(self, named: Named) -> list[VocabularyTerm]:
        """Return the classes of a thing, the asserted ones first, then the inferred ones."""
        stated = [kind for kind in self._stated.get(named.thing, ()) if kind in self._kinds]
        return [self._kinds[kind] for kind in dict.fromkeys([*stated, *named.kinds]) if kind in self._kinds]

    def description(self, named: Named) -> str:
        """Return a short text to distinguish a thing from others with the same name: its first class and its dates."""
        kinds = self.kinds(named)
        words = kinds[0].name if kinds else ""
        return f"{words}, {date_format.span(*named.dates)}" if named.dates else words


@once
def entity_index_of(release: Release) -> EntityIndex:
    """Return the index of the things in *release*; it is built at the first call only."""
    labels: dict[str, str] = {}
    names: defaultdict[str, list[str]] = defaultdict(list)
    for row in page_queries.rows(release, "match-names"):
        thing = row["thing"].value
        labels.setdefault(thing, row["label"].value)
        names[thing].append(row["name"].value)
    kinds, stated = _pairs(release, "match-kinds", "kind"), _pairs(release, "match-stated-kinds", "kind")
    within = _pairs(release, "match-within", "place")
    spans = {
        row["thing"].value: (row["from"].value, row["to"].value) for row in page_queries.rows(release, "match-dates")
    }
    things = [
        Named(
            thing,
            tuple(dict.fromkeys([label, *names[thing]])),
            tuple(kinds.get(thing, ())),
            spans.get(thing),
            tuple(within.get(thing, ())),
        )
        for thing, label in labels.items()
    ]
    counts: defaultdict[str, int] = defaultdict(int)
    for named in things:
        for kind in named.kinds:
            counts[kind] += 1
    used = page_queries.rows(release, "match-used-properties")
    properties = {row["property"].value: int(row["things"].value) for row in used}
    words = Labels(release, {ox.NamedNode(iri) for iri in (*counts, *properties)})
    topics = PREFIXES["skos"] + "Concept"
    return EntityIndex(
        things,
        [
            VocabularyTerm(iri, compact(iri), "Topic" if iri == topics else words[iri], number)
            for iri, number in counts.items()
        ],
        [VocabularyTerm(iri, compact(iri), words[iri], number) for iri, number in properties.items()],
        stated,
    )


def _pairs(release: Release, query: str, column: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in page_queries.rows(release, query):
        found[row["thing"].value].append(row[column].value)
    return {thing: sorted(others) for thing, others in found.items()}
