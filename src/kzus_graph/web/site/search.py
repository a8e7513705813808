"""Pages for finding things: search by words of a name or by kind, the tree of topics, the list of sources."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import LOCAL_NAME
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data.resource_page import page_number
from kzus_graph.web.site import did_you_mean
from kzus_graph.web.view import date_format, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris

ON_A_PAGE: Final = 50
LONGEST: Final = 200
"""The most characters of a search that are read; the rest is cut off."""


@dataclass
class Found:
    """A thing that a search found: its name, the other name that matched (if any), its kinds and its date in words."""

    shown: Shown
    also: str
    kinds: list[Shown]
    when: str


@dataclass
class Topic:
    """A topic with its narrower topics, and the number of events and statements about any of these."""

    shown: Shown
    definition: str
    things: int
    below: list["Topic"] = field(default_factory=list)


blueprint = Blueprint("catalogue", __name__)
"""The routes of the search, the topics and the sources."""


@blueprint.get("/search")
def search() -> Response:
    """Things with these words in a name, or of this kind."""
    asked = " ".join(request.args.get("q", "").split())[:LONGEST]
    kind = request.args.get("kind", "").removeprefix("dip:")
    if kind and not LOCAL_NAME.fullmatch(kind):
        raise Problem(400, "kind", "kind is the name of a class of the ontology, such as Visit.")
    number = page_number()
    everything = responses.is_copy()
    found, more = find(g.release, asked, kind, number) if asked or kind or everything else ([], False)
    label = Labels(g.release, [ox.NamedNode(DIP[kind])])[str(DIP[kind])] if kind else ""
    return responses.page(
        "search.html",
        asked=asked,
        kind=kind,
        kind_label=label,
        found=found,
        number=number,
        more=more,
        before=(number - 1) * ON_A_PAGE,
        perhaps=perhaps(g.release, asked, kind) if asked and not found else "",
    )


@blueprint.get("/topics")
def topics() -> Response:
    """The tree of topics."""
    return responses.page("topics.html", tree=tree(g.release))


@blueprint.get("/sources")
def sources() -> Response:
    """The places in documents and the records where facts were read."""
    rows = page_queries.rows(g.release, "sources")
    names = Labels(g.release, iris(rows, ("source", "document")))
    documents: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        document = row["document"].value if "document" in row else ""
        documents[document].append({name: term.value for name, term in row.items()})
    return responses.page("sources.html", documents=documents, names=names)


def find(release: Release, asked: str, kind: str, number: int) -> tuple[list[Found], bool]:
    """Return page *number* of the things of this *kind* that have all words of *asked* in one name.

    An empty *kind* means any. The second value tells whether more pages follow.
    """
    most = responses.page_size(ON_A_PAGE)
    words = asked.lower().split() or [""]
    rows = page_queries.rows(
        release,
        "search",
        first=ox.Literal(words[0]),
        words=[ox.Literal(word) for word in words],
        whole=ox.Literal(asked.lower()),
        anything=ox.Literal(not kind),
        kind=ox.NamedNode(DIP[kind or "Event"]),
        most=most + 1,
        skip=(number - 1) * most,
    )
    things = [ox.NamedNode(row["thing"].value) for row in rows[:most]]
    times: dict[str, dict[str, str]] = defaultdict(dict)
    for row in page_queries.rows(release, "when", events=things):
        times[row["event"].value][row["property"].value] = row["value"].value
    of_kinds = page_queries.rows(release, "kinds", things=things)
    names = Labels(release, {*things, *iris(of_kinds, ("kind",))})
    kinds: dict[str, list[Shown]] = defaultdict(list)
    for row in of_kinds:
        kinds[row["thing"].value].append(names.shown(row["kind"]))
    found = [
        Found(
            names.shown(thing),
            row["name"].value if asked and row["name"].value != names[thing.value] else "",
            [shown for shown in kinds[thing.value] if shown.own] or kinds[thing.value],
            date_format.claim(times[thing.value], brief=True),
        )
        for thing, row in zip(things, rows, strict=False)
    ]
    return found, len(rows) > most


def perhaps(release: Release, asked: str, kind: str) -> str:
    """Return a respelling of *asked* that finds something; the empty text if there is none."""
    meant = did_you_mean.nearest(asked, did_you_mean.vocabulary(release))
    return meant if meant and meant != asked.lower() and find(release, meant, kind, 1)[0] else ""


def tree(release: Release) -> list[Topic]:
    """Return the topics without a broader topic, each with its narrower topics."""
    rows = page_queries.rows(release, "topics")
    names = Labels(release, iris(rows, ("topic",)))
    topics = {
        row["topic"].value: Topic(
            names.shown(row["topic"]),
            row["definition"].value if "definition" in row else "",
            int(row["things"].value),
        )
        for row in rows
    }
    top = dict(topics)
    for row in rows:
        above = row["broader"].value if "broader" in row else ""
        if above in topics:
            topics[above].below.append(topics[row["topic"].value])
            top.pop(row["topic"].value, None)
    return list(top.values())
