"""The facts on the page of a resource: each asserted fact with its sources, each inferred fact with its rule."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DATASET, DIP, GRAPH
from kzus_graph.web.linked_data import external_links, glance, inference_explanations
from kzus_graph.web.linked_data.dereference import Resource
from kzus_graph.web.linked_data.external_links import ExternalLinks
from kzus_graph.web.linked_data.inference_explanations import Reason
from kzus_graph.web.view import date_format, page_queries
from kzus_graph.web.view.labels import Labels, Shown, iris, natural
from kzus_graph.web.view.page_queries import Row, Term

TYPE: Final = PREFIXES["rdf"] + "type"
INFERRED: Final = str(GRAPH.inferred)
APART: Final = frozenset(map(str, (GRAPH.metadata, GRAPH.shapes, GRAPH.examples, GRAPH.mappings)))
ATTESTED: Final = str(DIP.attestedBy)
HAS_NOTE: Final = str(DIP.hasNote)
HAS_PARTICIPATION: Final = str(DIP.hasParticipation)
SUMMARIES: Final = (
    str(DIP.gist), PREFIXES["skos"] + "definition", PREFIXES["rdfs"] + "comment", PREFIXES["dcterms"] + "description",
)  # fmt: skip
OF_A_DATASET: Final = (
    *(PREFIXES["dcterms"] + name for name in ("title", "description", "license", "creator", "publisher")),
    PREFIXES["dcat"] + "version", *(PREFIXES["dcterms"] + name for name in ("issued", "modified")),
    PREFIXES["void"] + "triples",
)  # fmt: skip
"""The properties that come first on the page of a data set, in this order."""


@dataclass
class Value:
    """A value of a property, with the footnote numbers of its sources; *merged*: whether it is in the default graph."""

    shown: Shown
    sources: list[int] = field(default_factory=list)
    merged: bool = True
    reason: Reason | None = None


@dataclass
class Fact:
    """One property of the resource that the page is about, with its values."""

    iri: str
    label: Shown
    values: list[Value]


@dataclass
class Moment:
    """A date of an event in words, with the footnote numbers of its sources; *merged*: if in the default graph."""

    text: str
    sources: list[int]
    merged: bool
    triples: list[tuple[str, Shown]]


@dataclass
class Source:
    """A source of facts: a passage, a record, or our own graph; *number* is its footnote number on the web page."""

    number: int
    shown: Shown
    attests: bool
    title: str = ""
    publisher: str = ""
    address: str = ""
    second_hand: bool = False


@dataclass
class ResourceDescription:
    """The content of a resource's page; *merged* has the resource's values in the default graph, by property."""

    resource: Resource
    name: str
    names: Labels
    kinds: list[Shown]
    summary: str
    when: str
    inherited_from: list[Shown]
    glance: list[glance.Line]
    moments: list[Moment]
    facts: list[Fact]
    follows: list[Fact]
    elsewhere: list[Fact]
    sources: list[Source]
    external: ExternalLinks
    merged: dict[str, list[Term]]


class PageStatements:
    """The triples of a subject: asserted (*said*), only inferred (*follows*), in the default graph (*merged*)."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.said: dict[str, dict[Term, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.follows: dict[str, list[Term]] = defaultdict(list)
        self.aside: set[tuple[str, Term, str]] = set()
        self.merged: dict[str, list[Term]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row["property"].value, str(row["value"]), str(row.get("graph")))):
            graph = row["graph"].value if "graph" in row else ""
            name, value = row["property"].value, row["value"]
            merged = row["merged"].value == "true" or graph in APART
            if merged and value not in self.merged[name]:
                self.merged[name].append(value)
            if graph == INFERRED:
                self.follows[name].append(value)
                continue
            self.said[name][value].append(graph)
            if not merged:
                self.aside.add((name, value, graph))
        for name, values in self.follows.items():
            self.follows[name] = [value for value in values if value not in self.said.get(name, {})]

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs that describe or attest the resource: sources first, then our own."""
        found = {graph for values in self.said.values() for graphs in values.values() for graph in graphs if graph}
        found |= {value.value for value in self.follows.get(ATTESTED, ()) if isinstance(value, ox.NamedNode)}
        return sorted(found, key=lambda graph: (graph.startswith(str(GRAPH)), natural(graph)))


def describe_resource(release: Release, resource: Resource) -> ResourceDescription:
    """Return the content of the page about *resource*."""
    rows = page_queries.rows(release, "statements", thing=resource.iri)
    why = page_queries.rows(release, "reasons", thing=resource.iri) if resource.described else []
    said = PageStatements(rows)
    graphs = said.graphs()
    names = Labels(
        release,
        {
            resource.iri,
            *iris(rows, ("property", "value")),
            *iris(why, inference_explanations.COLUMNS),
            *(ox.NamedNode(as_named(graph)) for graph in graphs),
        },
    )
    numbers = {graph: number for number, graph in enumerate(graphs, 1)}
    because = inference_explanations.best(why, names)
    follows = [fact for name in sorted(said.follows) for fact in _follows(name, said, because, names)]
    classes = {value.value for (name, value), reason in because.items() if name == TYPE and reason.rule == "class"}
    asserted = [kind for kind in said.said.get(TYPE, {}) if kind in said.merged.get(TYPE, [])]
    kinds = [names.shown(kind) for kind in asserted if kind.value not in classes]
    moments, inherited = _moments(said, names, numbers), _inherited(said, because)
    return ResourceDescription(
        resource=resource,
        name=names[resource.iri.value],
        names=names,
        kinds=[kind for kind in kinds if kind.own] or [kind for kind in kinds if ":" not in kind.text] or kinds,
        summary=next((said.merged[name][0].value for name in SUMMARIES if said.merged.get(name)), ""),
        when=date_format.claim(
            {name: values[0].value for name, values in said.merged.items() if name in date_format.GROUP}
        ),
        inherited_from=inherited,
        glance=glance.lines(resource.iri, said.merged, said.said, names),
        moments=moments,
        facts=[
            _said(name, said, names, numbers) for name in sorted(said.said, key=_place) if name not in date_format.GROUP
        ],
        follows=[fact for fact in follows if fact.iri != ATTESTED and _ours(fact)],
        elsewhere=[fact for fact in follows if fact.iri != ATTESTED and not _ours(fact)],
        sources=_sources(release, said, names, numbers),
        external=external_links.find(release, resource.iri.value, _leading(said), names),
        merged=said.merged,
    )


def as_named(graph: str) -> str:
    """Return the IRI whose label a page shows for the named graph *graph*: for links, the linkset; else *graph*.

    >>> as_named("https://w3id.org/kzus/graph/links-viaf"), as_named("https://w3id.org/kzus/source/a-1.1")
    ('https://w3id.org/kzus/dataset/links-viaf', 'https://w3id.org/kzus/source/a-1.1')
    """
    return graph.replace(f"{GRAPH}links-", f"{DATASET}/links-", 1)


def _place(name: str) -> tuple[int, str]:
    first = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel", TYPE, *OF_A_DATASET)
    return (first.index(name) if name in first else len(first), name.rpartition("#")[2])


def _said(name: str, said: PageStatements, names: Labels, numbers: dict[str, int]) -> Fact:
    values = []
    for value, graphs in said.said[name].items():
        for merged in (True, False):
            of_kind = [graph for graph in graphs if ((name, value, graph) not in said.aside) == merged]
            if of_kind:
                sources = sorted(numbers[graph] for graph in of_kind if graph)
                values.append(Value(names.shown(value), sources, merged))
    return Fact(
        name, names.of_property(name), sorted(values, key=lambda value: (not value.merged, natural(value.shown.text)))
    )


def _follows(name: str, said: PageStatements, because: dict[tuple[str, Term], Reason], names: Labels) -> list[Fact]:
    """Return the inferred values of the property *name*: one Fact, or two for rdf:type (our classes, other classes)."""
    values = [Value(names.shown(value), reason=because.get((name, value))) for value in said.follows[name]]
    values.sort(key=lambda value: natural(value.shown.text))
    own = [value for value in values if value.shown.own or name != TYPE]
    parts = (own, [value for value in values if value not in own])
    return [Fact(name, names.of_property(name), part) for part in parts if part]


def _ours(fact: Fact) -> bool:
    if fact.iri == TYPE:
        return fact.values[0].shown.own
    return fact.iri.startswith((BASE, PREFIXES["skos"]))


def _moments(said: PageStatements, names: Labels, numbers: dict[str, int]) -> list[Moment]:
    """Return the asserted dates, each wording once with all its sources; dates outside the default graph come last."""
    claims: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for name in date_format.GROUP:
        for value, graphs in said.said.get(name, {}).items():
            for graph in graphs:
                claims[graph][name].append(value)
    found: dict[tuple[str, bool], Moment] = {}
    told: set[tuple[str, Term]] = set()
    for graph, claim in sorted(claims.items()):
        text = date_format.claim({name: values[0].value for name, values in claim.items()})
        merged = not any((name, value, graph) in said.aside for name, values in claim.items() for value in values)
        moment = found.setdefault((text, merged), Moment(text, [], merged, []))
        if graph:
            moment.sources.append(numbers[graph])
        for name, values in claim.items():
            for value in values:
                if (name, value) not in told and (name, value, graph) not in said.aside:
                    told.add((name, value))
                    moment.triples.append((name, names.shown(value)))
    return sorted(found.values(), key=lambda moment: (not moment.merged, moment.text))


def _inherited(said: PageStatements, because: dict[tuple[str, Term], Reason]) -> list[Shown]:
    found: dict[str, Shown] = {}
    for name in (date_format.NOT_BEFORE, date_format.NOT_AFTER):
        for value in said.follows.get(name, ()):
            reason = because.get((name, value))
            if reason and reason.rule == "inherited" and reason.middle:
                found[reason.middle.iri] = reason.middle
    return list(found.values())


def _sources(release: Release, said: PageStatements, names: Labels, numbers: dict[str, int]) -> list[Source]:
    attesting = {value.value for value in said.merged.get(ATTESTED, ())}
    things = [ox.NamedNode(graph) for graph in numbers]
    more = {row["source"].value: row for row in page_queries.rows(release, "attestations", sources=things)}
    found = []
    for graph, number in numbers.items():
        said_of = {name: term.value for name, term in more.get(graph, {}).items()}
        found.append(
            Source(
                number, Shown(ox.NamedNode(graph), *names.named(as_named(graph))), graph in attesting,
                said_of.get("title", ""), said_of.get("publisher", ""), said_of.get("address", ""),
                said_of.get("second") == "true",
            )
        )  # fmt: skip
    return found


def _leading(said: PageStatements) -> list[tuple[str, str]]:
    """Return (property IRI, object IRI) of the triples in the default graph that are asserted, not only inferred."""
    return [
        (name, value.value)
        for name, values in said.said.items()
        for value in values
        if isinstance(value, ox.NamedNode) and value in said.merged[name]
    ]
