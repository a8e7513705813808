"""``/``: what the graph holds, as counts, a timeline, a network and a map, and the ways into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from kzus_graph.engine.editions import Edition, Editions, once
from kzus_graph.web import asking, atlas, description, examples, languages, network, rendering, timeline
from kzus_graph.web.asking import Row
from kzus_graph.web.atlas import Atlas
from kzus_graph.web.examples import Example
from kzus_graph.web.naming import Names, called, iris
from kzus_graph.web.network import Network
from kzus_graph.web.timeline import Timeline

MOST_TOPICS: Final = 18
MOST_PEOPLE: Final = 16
# Questions that a first visitor may like; those that a release has not are left out.
FIRST_QUESTIONS: Final = (
    "heads-of-state-face-to-face",
    "instruments-with-status",
    "offices-of-clinton",
    "did-obama-visit-kazakhstan",
    "disagreements-and-reasons",
    "everything-a-sentence-says",
)
COUNTED: Final = {
    "Event": "events",
    "Person": "persons",
    "Organization": "organizations and states",
    "Place": "places",
    "Instrument": "instruments",
    "Statement": "statements",
    "TextSegment": "sentences",
    "Record": "records of other sources",
}
"""What is counted, under the names that the page gives it."""


@dataclass(frozen=True)
class Entry:
    """A way in: a thing with how much there is about it."""

    iri: str
    label: str
    number: int
    more: str = ""


@dataclass(frozen=True)
class Home:
    """What the page shows."""

    triples: int
    span: tuple[str, str]
    counts: tuple[Entry, ...]
    timeline: Timeline
    network: Network
    narrow_network: Network
    atlas: Atlas
    people: tuple[Entry, ...]
    topics: tuple[Entry, ...]
    instruments: tuple[Entry, ...]
    questions: tuple[Example, ...]
    all_questions: int
    languages: Mapping[str, str]
    """The languages of the names that aren't English."""


def blueprint(editions: Editions) -> Blueprint:
    """The page."""
    pages = Blueprint("home", __name__)

    @pages.get("/")
    def home() -> Response:
        edition = request.environ.get("kzus.edition") or editions.current
        if (described := description.instead(edition)) is not None:
            return described
        return rendering.page("home.html", home=held(edition, languages.wanted()))

    return pages


@once
def held(edition: Edition, language: str) -> Home:
    """Return what *edition* holds, named in *language*; a release never changes, so this is asked once."""
    (size,) = asking.rows(edition, "home-size")
    people, places, topics, instruments, encounters = (
        asking.rows(edition, "home-people"),
        asking.rows(edition, "home-places"),
        asking.rows(edition, "home-topics", most=MOST_TOPICS),
        asking.rows(edition, "home-instruments"),
        asking.rows(edition, "home-encounters"),
    )
    columns = ("person", "state", "place", "topic", "instrument", "one", "other", "event")
    things = iris((*people, *places, *topics, *instruments, *encounters), columns)
    names = Names(edition, things, language)
    people = called(people, names, {"label": "person", "state": "state"})
    met = called(encounters, names, {"oneLabel": "one", "otherLabel": "other", "label": "event"})
    found = {row["kind"].value: row for row in asking.rows(edition, "home-counts")}
    counts = [
        Entry(iri, COUNTED[name], _number(row), name)
        for name in COUNTED
        for iri, row in found.items()
        if iri.endswith(f"#{name}")
    ]
    questions = {example.name: example for example in examples.listed(edition)}
    return Home(
        triples=int(size["triples"].value),
        span=(_value(size, "first"), _value(size, "last")),
        counts=tuple(counts),
        timeline=timeline.draw(asking.rows(edition, "home-events")),
        network=network.draw(met, people),
        narrow_network=network.draw(met, people, network.NARROW),
        atlas=atlas.draw(called(places, names, {"label": "place"})),
        people=tuple(Entry(row["person"].value, row["label"].value, _number(row)) for row in people[:MOST_PEOPLE]),
        topics=tuple(
            Entry(row["topic"].value, row["label"].value, _number(row))
            for row in called(topics, names, {"label": "topic"})
        ),
        instruments=tuple(
            Entry(row["instrument"].value, row["label"].value, 0, _value(row, "statuses"))
            for row in called(instruments, names, {"label": "instrument"})
        ),
        questions=tuple(questions[name] for name in FIRST_QUESTIONS if name in questions),
        all_questions=len(questions),
        languages={term.value: of for term in things if (of := names.language(term.value))},
    )


def _number(row: Row) -> int:
    return int(row["number"].value)


def _value(row: Row, name: str) -> str:
    return row[name].value if name in row else ""
