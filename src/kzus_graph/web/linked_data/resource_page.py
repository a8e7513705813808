"""Pages about resources: asserted facts with their sources, inferred facts, and links from other resources."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request
from rdflib import URIRef

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.formats import PAGE
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP
from kzus_graph.web.charts import map
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data import (  # fmt: skip
    dashboard,
    dereference,
    instrument_history,
    inverse_labels,
    page_statements,
    participations,
    schema_org,
    tenures,
    text_places,
)
from kzus_graph.web.linked_data.dereference import Resource
from kzus_graph.web.linked_data.disagreements import Claim, side_by_side
from kzus_graph.web.linked_data.page_statements import ResourceDescription
from kzus_graph.web.view import date_format, labels, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Row, Term
from kzus_graph.web.view.translation import gettext

Facts = dict[Shown, list[tuple[Shown, bool]]]
"""Values by their property; the flag tells whether the triple is in the default graph."""

ON_A_PAGE: Final = 50
SAYS_ON_A_PAGE: Final = 150
PARTS_ON_A_PAGE: Final = 100
PREFERS: Final = str(DIP.prefers)
HAS_SOURCE: Final = PREFIXES["oa"] + "hasSource"
LATITUDE: Final = PREFIXES["wgs84"] + "lat"
LONGITUDE: Final = PREFIXES["wgs84"] + "long"
CONFIRMED: Final = str(CODE["verdict-confirmed"])


@dataclass
class Note:
    """A note on a resource, or a disagreement of sources about it.

    For a disagreement, *prefers* are the preferred sources, *sets_aside* the others, and *claims* what each states.
    """

    shown: Shown
    comment: str
    kinds: list[Shown]
    prefers: list[Shown]
    sets_aside: list[Shown]
    claims: list[Claim]

    @property
    def confirmed(self) -> bool:
        """Whether the verdict of the note is that another source confirms the fact."""
        return any(kind.iri == CONFIRMED for kind in self.kinds)


@dataclass
class LinkedThing:
    """A resource that links to the one of the page, and its date in words (empty if it has none)."""

    shown: Shown
    when: str
    inferred: bool


@dataclass
class Numbered:
    """The number of the current page of a long list, and whether *more* pages follow."""

    number: int
    more: bool


blueprint = Blueprint("pages", __name__)
"""The route of the pages about resources."""


@blueprint.get("/page/<path:path>")
def page(path: str) -> Response:
    """Return the page of the resource at *path*: facts with sources, inferred facts, links from other resources."""
    release = g.release
    found = dereference.find(release, path)
    return resource_page(release, found) if found.path == path else dereference.moved(f"page/{found.path}")


def resource_page(release: Release, found: Resource) -> Response:
    """Return the page about the resource *found*."""
    number = responses.page_number()
    described = page_statements.describe_resource(release, found)
    kinds = described.merged.get(page_statements.TYPE, ())
    parts = participations.parts(release, found.iri) if may_be(kinds, DIP.Event, DIP.Agent, DIP.Position) else []
    is_event = any(part.event.iri == found.iri.value for part in parts)
    if latest_first():
        parts.sort(key=lambda part: part.first, reverse=True)
    most = responses.page_size(PARTS_ON_A_PAGE)
    shown_parts = parts[(number - 1) * most : number * most]
    numbers = {source.shown.iri: source.number for source in described.sources}
    links, more = linked(release, found, number)
    says, more_says = saying(release, found, number) if found.names_graph else ([], False)
    return responses.page(
        "resource.html",
        links=dereference.links(found, PAGE),
        thing=described,
        called=described.names.shown(found.iri),
        history=instrument_history.of(release, found.iri, kinds) if may_be(kinds, DIP.Instrument) else None,
        dashboard=dashboard.of(release, found.iri, kinds),
        tenures=tenures.of(release, found.iri) if may_be(kinds, DIP.Agent, DIP.Position) else [],
        texts=text_places.of(release, found.iri) if HAS_SOURCE in described.merged else [],
        parts=shown_parts,
        all_parts=len(parts),
        others=any(agent.iri != found.iri.value for part in parts for agent in part.agents),
        # A state's own page need not repeat on each line that the state was represented.
        parties=any(party.iri != found.iri.value for part in parts for party in part.parties),
        is_event=is_event,
        latest_first=latest_first(),
        attendance=participations.attendance(release, found.iri) if may_be(kinds, DIP.Event) else [],
        panel=place_map(found, described),
        cited={
            part.shown.iri: sorted(numbers[graph] for graph in part.graphs if graph in numbers) for part in shown_parts
        },
        notes=notes(release, found),
        claims=side_by_side(release, [found.iri])[found.iri.value] if PREFERS in described.merged else [],
        linked=links,
        says=says,
        paged=Numbered(number, more or more_says or number * most < len(parts)),
        downloads=dereference.downloads(found),
        jsonld=json.dumps(schema_org.about(described), ensure_ascii=False, indent=1).replace("<", "\\u003c"),
        has_note=page_statements.HAS_NOTE,
        has_participation=page_statements.HAS_PARTICIPATION,
        attested=page_statements.ATTESTED,
    )


def may_be(kinds: Iterable[Term], *wanted: URIRef) -> bool:
    """Return whether a thing of the classes *kinds* may be of one of *wanted*: also if no class of ours is among them.

    What follows from a class is known of our own data; of others, nothing may have been inferred.
    """
    ours = {kind.value for kind in kinds if isinstance(kind, ox.NamedNode) and kind.value.startswith(str(DIP))}
    return not ours or any(str(one) in ours for one in wanted)


def place_map(found: Resource, described: ResourceDescription) -> map.Panel | None:
    """Return the map around the resource *found*; None if it is not a place, or has no position."""
    if ox.NamedNode(str(DIP.Place)) not in described.merged.get(page_statements.TYPE, ()):
        return None
    said = {
        name: described.merged[iri][0]
        for name, iri in (("latitude", LATITUDE), ("longitude", LONGITUDE))
        if described.merged.get(iri)
    }
    return map.alone(found.iri.value, described.name, said)


def latest_first() -> bool:
    """Return whether the request's ``?order=`` asks for the latest events first; they are in order of time otherwise.

    Raises Problem (400) if it is neither ``latest`` nor ``earliest``.
    """
    asked = request.args.get("order") or "earliest"
    if asked not in ("earliest", "latest"):
        raise Problem(400, "order", "The parameter order must be earliest or latest.")
    return asked == "latest"


def linked(release: Release, found: Resource, number: int) -> tuple[list[tuple[Shown, list[LinkedThing]]], bool]:
    """Return page *number* of the resources that link to *found*, and whether more pages follow.

    The resources are grouped by the label of the linking property, and in order of time.
    """
    most = responses.page_size(ON_A_PAGE)
    rows = page_queries.rows(release, "linked", thing=found.iri, most=most + 1, skip=(number - 1) * most)
    names = Labels(release, iris(rows, ("property", "other")))
    shown = rows[:most]
    # Leave out the inferred links of a thing that also has a stated link on this page.
    said = {row["other"] for row in shown if row["inferred"].value != "true"}
    shown = [row for row in shown if row["inferred"].value != "true" or row["other"] not in said]
    times = participations.dates(release, (row["other"].value for row in shown if "day" in row))
    grouped = [
        (
            inverse_labels.back(release, name, names),
            [
                LinkedThing(
                    names.shown(row["other"]),
                    date_format.claim(times.get(row["other"].value, {}), brief=True),
                    row["inferred"].value == "true",
                )
                for row in of
            ],
        )
        for name, of in groupby(shown, key=lambda row: row["property"].value)
    ]
    grouped.sort(key=lambda group: all(link.inferred for link in group[1]))
    return grouped, len(rows) > most


def saying(release: Release, found: Resource, number: int) -> tuple[list[tuple[Shown, Facts]], bool]:
    """Return page *number* of the statements in the graph named *found*, by subject, and whether more pages follow."""
    most = responses.page_size(SAYS_ON_A_PAGE)
    rows = page_queries.rows(release, "says", graph=found.iri, most=most + 1, skip=(number - 1) * most)
    names = Labels(release, iris(rows, ("thing", "property", "value")))
    grouped = []
    for thing, of in groupby(rows[:most], key=lambda row: row["thing"]):
        facts: Facts = defaultdict(list)
        when: dict[str, str] = {}
        when_merged = True
        for row in of:
            name = row["property"].value
            if name in date_format.GROUP:
                when[name] = row["value"].value
                when_merged &= row["merged"].value == "true"
            else:
                facts[names.of_property(name)].append((names.shown(row["value"]), row["merged"].value == "true"))
        if when:
            moment = Shown(ox.Literal(""), date_format.claim(when), labels.of_page())
            facts = {Shown(ox.Literal(""), gettext("when"), labels.of_page()): [(moment, when_merged)], **facts}
        grouped.append((names.shown(thing), facts))
    return grouped, len(rows) > most


def notes(release: Release, found: Resource) -> list[Note]:
    """Return the notes on the resource *found* and the disagreements of sources about it."""
    rows = page_queries.rows(release, "notes", thing=found.iri)
    names = Labels(release, iris(rows, ("note", "value")))
    gathered: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        gathered[row["note"].value].append(row)
    settled = {row["note"] for row in rows if row["property"].value == PREFERS}
    claims = side_by_side(release, [note for note in settled if isinstance(note, ox.NamedNode)]) if settled else {}
    return [_note(of, names, claims.get(note, [])) for note, of in gathered.items()]


def _note(rows: list[Row], names: Labels, claims: list[Claim]) -> Note:
    values: dict[str, list[Shown]] = defaultdict(list)
    for row in rows:
        shown = names.shown(row["value"])
        if shown not in values[row["property"].value]:
            values[row["property"].value].append(shown)
    said = {name.rpartition("#")[2]: shown for name, shown in values.items()}
    return Note(
        names.shown(rows[0]["note"]),
        " ".join(shown.text for shown in said.get("comment", [])),
        [*said.get("noteKind", []), *said.get("verdict", []), *said.get("propertyGroup", [])],
        said.get("prefers", []),
        said.get("setsAside", []),
        claims,
    )
