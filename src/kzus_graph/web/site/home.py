"""``/``: the home page: counts, a timeline, a network of meetings, a map, and links to people, topics and queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g
from markupsafe import Markup

from kzus_graph.engine.serving import Release, once
from kzus_graph.web.charts import map, network, timeline
from kzus_graph.web.charts.map import PlaceMap
from kzus_graph.web.charts.network import Network
from kzus_graph.web.charts.timeline import Timeline
from kzus_graph.web.downloads import void
from kzus_graph.web.sparql import examples
from kzus_graph.web.sparql.examples import Example
from kzus_graph.web.view import locale, page_queries, responses
from kzus_graph.web.view.labels import Labels, called, iris
from kzus_graph.web.view.page_queries import Row
from kzus_graph.web.view.translation import gettext, lang_of, marked

MOST_TOPICS: Final = 18
MOST_PEOPLE: Final = 16
# The names of example queries for a first visitor; the page leaves out those that the release does not contain.
FIRST_QUESTIONS: Final = (
    "heads-of-state-face-to-face",
    "instruments-with-status",
    "offices-of-clinton",
    "did-obama-visit-kazakhstan",
    "disagreements-and-reasons",
    "everything-a-sentence-says",
)
COUNTED: Final = {
    "Event": marked("events"),
    "Person": marked("persons"),
    "Organization": marked("organizations and states"),
    "Place": marked("places"),
    "Instrument": marked("instruments"),
    "Statement": marked("statements"),
    "TextSegment": marked("sentences"),
    "Record": marked("records of other sources"),
}
"""The classes whose instances the home page counts: the local name of each, and its name in the plural."""


@dataclass(frozen=True)
class EntryPoint:
    """A class, person, topic or instrument that the home page links to.

    *number* counts the instances of a class, or the events with this person or on this topic; 0 for an instrument.
    *more* is the local name of a class, or the statuses of an instrument; empty for a person or topic.
    """

    iri: str
    label: str
    number: int
    more: str = ""


@dataclass(frozen=True)
class Home:
    """The content of the home page; *span* is the first and the last year with an event (empty if there are none)."""

    triples: int
    span: tuple[str, str]
    counts: tuple[EntryPoint, ...]
    timeline: Timeline
    network: Network
    narrow_network: Network
    map: PlaceMap
    people: tuple[EntryPoint, ...]
    topics: tuple[EntryPoint, ...]
    instruments: tuple[EntryPoint, ...]
    questions: tuple[Example, ...]
    all_questions: int
    languages: Mapping[str, str]
    """The language tags of the names that are not English, by the IRI of the named resource."""


blueprint = Blueprint("home", __name__, template_folder="templates")
"""The route of the home page."""


@blueprint.get("/")
def home() -> Response:
    """Return the home page, or a description of the data set in RDF if the client prefers RDF."""
    release = g.release
    if (described := void.instead(release)) is not None:
        return described
    return responses.page("home.html", home=held(release, locale.wanted()), outline=legend_form)


def legend_form(number: int) -> str:
    """Return the SVG path of the form with this *number* in a legend, in a square of 16 by 16."""
    return network.outline(number, 8, 8, 5.5)


@once
def held(release: Release, language: str) -> Home:
    """Return the content of the home page for *release*, with names in *language* (a language tag).

    The result is cached, because a release never changes.
    """
    (size,) = page_queries.rows(release, "home-size")
    people, places, topics, instruments, meetings, events = (
        page_queries.rows(release, "home-people"),
        page_queries.rows(release, "home-places"),
        page_queries.rows(release, "home-topics", most=MOST_TOPICS),
        page_queries.rows(release, "home-instruments"),
        page_queries.rows(release, "home-meetings"),
        page_queries.rows(release, "home-events"),
    )
    columns = ("person", "state", "place", "topic", "instrument", "one", "other", "event", "type", "class")
    things = iris((*people, *places, *topics, *instruments, *meetings, *events), columns)
    things |= {ox.NamedNode(status) for row in instruments for status in _value(row, "statuses").split()}
    names = Labels(release, things, language)
    people = called(people, names, {"label": "person", "state": "state"})
    met = called(meetings, names, {"oneLabel": "one", "otherLabel": "other", "label": "event"})
    found = {row["kind"].value: row for row in page_queries.rows(release, "home-counts")}
    counts = [
        EntryPoint(iri, gettext(COUNTED[name]), _number(row), name)
        for name in COUNTED
        for iri, row in found.items()
        if iri.endswith(f"#{name}")
    ]
    questions = {example.name: example for example in examples.listed(release)}
    return Home(
        triples=int(size["triples"].value),
        span=(_value(size, "first"), _value(size, "last")),
        counts=tuple(counts),
        timeline=timeline.draw(called(events, names, {"label": "event", "kind": "type", "group": "class"})),
        network=network.draw(met, people),
        narrow_network=network.draw(met, people, network.NARROW),
        map=map.draw(called(places, names, {"label": "place"})),
        people=tuple(EntryPoint(row["person"].value, row["label"].value, _number(row)) for row in people[:MOST_PEOPLE]),
        topics=tuple(
            EntryPoint(row["topic"].value, row["label"].value, _number(row))
            for row in called(topics, names, {"label": "topic"})
        ),
        instruments=tuple(
            EntryPoint(row["instrument"].value, row["label"].value, 0, _statuses(row, names))
            for row in called(instruments, names, {"label": "instrument"})
        ),
        questions=tuple(questions[name] for name in FIRST_QUESTIONS if name in questions),
        all_questions=len(questions),
        languages={term.value: of for term in things if (of := names.language(term.value))},
    )


def _statuses(row: Row, names: Labels) -> str:
    """Return the names of the statuses of an instrument, in the order of their IRIs, each with its language."""
    statuses = [names.shown(ox.NamedNode(status)) for status in sorted(_value(row, "statuses").split())]
    return Markup(", ").join(
        Markup("<span{}>{}</span>").format(lang_of(status.language), status.text) for status in statuses
    )


def _number(row: Row) -> int:
    return int(row["number"].value)


def _value(row: Row, name: str) -> str:
    return row[name].value if name in row else ""
