"""Pages for finding resources: search by the words of a name or by class, the tree of topics, the list of sources."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import LOCAL_NAME
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.site import did_you_mean
from kzus_graph.web.view import date_format, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris

ON_A_PAGE: Final = 50
LONGEST: Final = 200
"""The maximum length of the search text, in characters; the rest is cut off."""


@dataclass
class Found:
    """A search result.

    *shown* is its main name. *also* is another name that matched the search; it is empty if the main name matched.
    *kinds* are its most specific classes. *when* is its date in words; it is empty if the resource has no date.
    """

    shown: Shown
    also: str
    kinds: list[Shown]
    when: str


@dataclass
class Topic:
    """A topic; *below* are its narrower topics, *things* counts the events and statements about any of these topics."""

    shown: Shown
    definition: str
    things: int
    below: list["Topic"] = field(default_factory=list)


blueprint = Blueprint("catalogue", __name__)
"""The routes of the search page, the page of topics and the page of sources."""


@blueprint.get("/search")
def search() -> Response:
    """Return the page of search results: resources with the words ``?q=`` in a name and of the class ``?kind=``."""
    asked = " ".join(request.args.get("q", "").split())[:LONGEST]
    kind = request.args.get("kind", "").removeprefix("dip:")
    if kind and not LOCAL_NAME.fullmatch(kind):
        raise Problem(400, "kind", "The parameter kind must be the local name of a class, such as Visit.")
    number = responses.page_number()
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
    """Return the page with the tree of topics."""
    return responses.page("topics.html", tree=tree(g.release))


@blueprint.get("/sources")
def sources() -> Response:
    """Return the page of sources: the passages of documents and the records from which facts were taken."""
    rows = page_queries.rows(g.release, "sources")
    names = Labels(g.release, iris(rows, ("source", "document")))
    documents: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        document = row["document"].value if "document" in row else ""
        documents[document].append({name: term.value for name, term in row.items()})
    return responses.page("sources.html", documents=documents, names=names)


def find(release: Release, asked: str, kind: str, number: int) -> tuple[list[Found], bool]:
    """Return page *number* of the search results, and whether more pages follow.

    A result is a resource of the class with the local name *kind* (of any class if *kind* is empty) that has a name in
    which all words of *asked* occur.
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
    """Return the search text *asked* with misspelt words corrected; empty if none is corrected or nothing is found."""
    meant = did_you_mean.nearest(asked, did_you_mean.vocabulary(release))
    return meant if meant and meant != asked.lower() and find(release, meant, kind, 1)[0] else ""


def tree(release: Release) -> list[Topic]:
    """Return the topics that have no broader topic; each contains its narrower topics, recursively."""
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
