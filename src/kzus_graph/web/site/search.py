"""Pages for finding resources: search by the words of a name or by class, the tree of topics, the list of sources."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release
from kzus_graph.fulltext.entries import OF_CLASS
from kzus_graph.fulltext.index import LONGEST, Found, Hit
from kzus_graph.rdf.prefixes import LOCAL_NAME
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import date_format, full_text, locale, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.translation import gettext, marked

ON_A_PAGE: Final = 50
MOST_SUGGESTED: Final = 8
MOST_NAMED: Final = 20
DECADE: Final = re.compile(r"[12]\d\d0")
GROUPS: Final = {
    "Person": (marked("Person"), marked("Persons")),
    "Body": (marked("State, body or company"), marked("States, bodies, companies")),
    "Place": (marked("Place"), marked("Places")),
    "Office": (marked("Office"), marked("Offices")),
    "Event": (marked("Event"), marked("Events")),
    "Instrument": (marked("Instrument"), marked("Instruments")),
    "Topic": (marked("Topic"), marked("Topics")),
    "Kind": (marked("Kind"), marked("Kinds")),
    "Year": (marked("Year"), marked("Years")),
    "Question": (marked("Question"), marked("Questions")),
    "Property": (marked("Property"), marked("Properties")),
    "Code": (marked("Code"), marked("Codes")),
    "Other": (marked("Thing"), marked("Other things")),
    "Record": (marked("Part, note or source"), marked("Parts, notes and sources")),
}
"""The groups of things, in the order in which the page lists them, each with the word for one and for several."""
UNNAMED: Final = frozenset(("Year", "Question"))
"""The groups of things that have no label in the graph."""
OF_THINGS: Final = frozenset(("Person", "Body", "Place", "Office", "Event", "Instrument", "Other", "Record"))
"""The groups of things whose classes tell what they are."""


@dataclass(frozen=True)
class Result:
    """A search result.

    *shown* is its main name. *also* is another name that fits the search better; it is empty if the main name does.
    *kinds* are its most specific classes, or the word for its group. *when* is its date in words, *about* its
    definition; both are empty if the thing has none. *describing* are things that tell what it is.
    """

    shown: Shown
    also: str
    kinds: list[Shown]
    when: str
    describing: list[Shown]
    about: str

    @property
    def href(self) -> str:
        """The address of the page about the result."""
        return responses.href(self.shown.iri)

    @property
    def line(self) -> str:
        """What the result is, in one line of text."""
        said = [kind.text for kind in self.kinds] + [self.when]
        return " · ".join(filter(None, [*said, ", ".join(one.text for one in self.describing) or self.about]))


@dataclass(frozen=True)
class Choice:
    """A link of a facet: a group or a decade with its *name*, its *value* in the address and its number of *things*."""

    value: str
    name: str
    things: int


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
    """Return the page of search results for ``?q=``, of the group or class ``?kind=``, in the decade ``?decade=``."""
    asked = " ".join(request.args.get("q", "").split())[:LONGEST]
    kind = request.args.get("kind", "").removeprefix("dip:")
    if kind and not LOCAL_NAME.fullmatch(kind):
        raise Problem(400, "kind", "The parameter kind must be the local name of a class, such as Visit.")
    decade = request.args.get("decade", "")
    if decade and not DECADE.fullmatch(decade):
        raise Problem(400, "decade", "The parameter decade must be the first year of a decade, such as 1990.")
    number = responses.page_number()
    most = responses.page_size(ON_A_PAGE)
    index = full_text.search_index(g.release)
    nothing = Found((), 0, {}, {})
    wanted = asked or kind or decade or responses.is_copy()
    found = index.find(asked, kind=kind, decade=decade[:3], skip=(number - 1) * most, most=most) if wanted else nothing
    return responses.page(
        "search.html",
        asked=asked,
        kind=kind,
        kind_shown=_kind(g.release, kind) if kind else None,
        is_class=kind not in GROUPS or kind in OF_CLASS,
        decade=decade,
        found=results(g.release, found.hits),
        total=found.number,
        whole=found.whole,
        meant=found.meant,
        groups=[
            Choice(one, gettext(many), found.groups[one]) for one, (_, many) in GROUPS.items() if one in found.groups
        ],
        decades=[
            Choice(f"{one}0", gettext("%(decade)ss", decade=f"{one}0"), number) for one, number in found.decades.items()
        ],
        number=number,
        more=number * most < found.number,
        before=(number - 1) * most,
    )


@blueprint.get("/search/suggestions")
def suggestions() -> Response:
    """Return as JSON the things that the text ``?q=``, which may still be incomplete, probably means.

    With ``?for=query`` these are more, all of which can be named in a query.
    """
    asked = request.args.get("q", "")
    for_query = request.args.get("for") == "query"
    index = full_text.search_index(g.release)
    most = MOST_NAMED if for_query else MOST_SUGGESTED
    found: Iterable[Hit] = index.find(asked, most=most, typing=True).hits if asked.strip() else ()
    if for_query:
        found = [hit for hit in found if hit.group not in UNNAMED]
    listed = [
        {
            "name": one.shown.text,
            "language": one.shown.language,
            "also": one.also,
            "line": one.line,
            "href": one.href,
            "iri": one.shown.iri,
        }
        for one in results(g.release, found)
    ]
    body = json.dumps({"suggestions": listed}, ensure_ascii=False)
    return responses.kept(body.encode(), "application/json", vary="Accept-Encoding, Accept-Language")


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


def results(release: Release, hits: Iterable[Hit]) -> list[Result]:
    """Return *hits* with their names in the language of the request."""
    listed = list(hits)
    iris_of = {iri for hit in listed for iri in (hit.iri, *hit.kinds, *hit.describing)}
    names = Labels(release, map(ox.NamedNode, iris_of))
    found = []
    for hit in listed:
        term = ox.NamedNode(hit.iri)
        shown = _unnamed(hit) if hit.group in UNNAMED else names.shown(term)
        kinds = [names.shown(ox.NamedNode(kind)) for kind in hit.kinds]
        # a question has the name in its address besides, a year no other
        also = "" if hit.group in UNNAMED or hit.by == shown.text else hit.by
        found.append(
            Result(
                shown,
                also,
                kinds if hit.group in OF_THINGS else [_word(hit.group)],
                date_format.claim(hit.time, brief=True),
                [names.shown(ox.NamedNode(iri)) for iri in hit.describing],
                _about(hit, shown),
            )
        )
    return found


def _unnamed(hit: Hit) -> Shown:
    """Return the name of a year or question in the language of the request, else in English."""
    named = {language: name for name, language in reversed(hit.names)}
    language = locale.wanted()
    term = ox.NamedNode(hit.iri)
    return Shown(term, named[language], language) if language in named else Shown(term, hit.names[0][0])


def _about(hit: Hit, shown: Shown) -> str:
    if hit.group == "Year":
        return gettext("Events of %(year)s: %(number)s", year=shown.text, number=hit.about)
    return gettext(hit.about) if hit.group == "Question" else hit.about


def _kind(release: Release, kind: str) -> Shown:
    """Return the group or class *kind* (a local name) with its name."""
    if kind in GROUPS:
        return Shown(ox.Literal(kind), gettext(GROUPS[kind][1]), locale.wanted())
    return Labels(release, [ox.NamedNode(DIP[kind])]).shown(ox.NamedNode(DIP[kind]))


def _word(group: str) -> Shown:
    word = gettext(GROUPS[group][0])
    return Shown(ox.Literal(group), word, locale.wanted())


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
