"""``/changes``: how each stored release differs from the previous release, as a page and as an Atom feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, render_template

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.releases import change_record
from kzus_graph.releases.change_record import ChangeRecord, Told
from kzus_graph.releases.statement_text import Nested
from kzus_graph.web.downloads import dumps
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import date_format, locale, page_queries, responses, translation
from kzus_graph.web.view.labels import Labels, Shown

ATOM: Final = "application/atom+xml; charset=utf-8"
HEADINGS: Final = {
    "new": "New",
    "changed": "Changed",
    "gone": "Gone",
    "inferred": "Changed only in inferred statements",
}
"""The headings on ``/changes``, by the state of the changed things below them."""


@dataclass(frozen=True)
class Line:
    """A property of a changed thing, with its removed and its added values."""

    name: Shown
    removed: tuple[Shown, ...]
    added: tuple[Shown, ...]


@dataclass(frozen=True)
class ChangedThing:
    """A changed thing or graph with its label, *text*; *address* is empty if the current release has no page for it."""

    text: str
    language: str
    address: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class ChangedThings:
    """The things of one state, such as new or gone: their *number*, and *entries* for those that the page lists."""

    heading: str
    number: int
    entries: tuple[ChangedThing, ...]

    @property
    def more(self) -> int:
        """The number of things that the page does not list."""
        return self.number - len(self.entries)


@dataclass(frozen=True)
class KeptRelease:
    """A stored release; *known* is the record of its differences from the previous release, or None."""

    name: str
    made: datetime
    known: ChangeRecord | None
    patch: dumps.File | None
    things: tuple[ChangedThings, ...] = ()
    graphs: tuple[ChangedThings, ...] = ()

    @property
    def iri(self) -> str:
        """The permanent address (IRI) of the release."""
        return f"{BASE}dumps/{self.name}/"

    @property
    def day(self) -> str:
        """The day on which the release was made, in words."""
        return date_format.span(self.made.date().isoformat(), self.made.date().isoformat())

    @property
    def summary(self) -> str:
        """The changes in the release, in one or two sentences."""
        if self.known is None:
            return "The differences of this release from the previous release are not recorded."
        if not self.known.before:
            return "This is the first release."
        if self.known.fault:
            return f"This release could not be compared with release {self.known.before}. {self.known.fault}."
        numbers = self.known.counts["things"]
        words = {"new": "new", "changed": "changed", "gone": "gone"}
        things = ", ".join(f"{translation.number(numbers[state])} {word}" for state, word in words.items())
        layers = "; ".join(
            f"{layer}: {translation.number(added)} added, {translation.number(removed)} removed"
            for layer, (added, removed) in self.known.triples.items()
        )
        return f"Things: {things}. Triples {layers}."


blueprint = Blueprint("changes", __name__)
"""The Flask routes of the page of changes and of the Atom feed."""


def _release_in_force() -> Release:
    current: Release = g.release
    if current.folder is None:
        raise Problem(404, "not-found", "This server has no published release, so there are no changes to list.")
    return current


@blueprint.get("/changes")
def changes() -> Response:
    """Return the page with the changes in each stored release."""
    return responses.page("changes.html", releases=told(_release_in_force(), locale.wanted()), size=dumps.size)


@blueprint.get("/changes.atom")
def feed() -> Response:
    """Return the changes in each stored release as an Atom feed (RFC 4287), with an entry for each release."""
    current = _release_in_force()
    said = {name: term.value for name, term in next(iter(page_queries.rows(current, "dumps-said")), {}).items()}
    history = told(current, locale.ENGLISH)
    newest = max(release.made for release in history)
    body = render_template("changes.xml", base=BASE, host=responses.host(), said=said, releases=history, at=newest)
    return responses.kept(body.encode(), ATOM, vary="Accept-Encoding")


@once
def told(release: Release, language: str) -> tuple[KeptRelease, ...]:
    """Return all stored releases with their changes, the current release first; labels are in *language*."""
    return tuple(_release(release, folder, language) for folder in dumps.kept_releases(release))


def _release(release: Release, folder: Path, language: str) -> KeptRelease:
    made = datetime.fromtimestamp(int((folder / "manifest.json").stat().st_mtime), UTC)
    patch = next((file for file in dumps.files(release, folder) if file.name == change_record.PATCH), None)
    known = change_record.read(folder)
    if known is None or not known.triples:
        return KeptRelease(folder.name, made, known, patch)
    graphs = [Told(graph.iri, "", graph.state, [], []) for graph in known.graphs]
    terms = _terms([*known.things, *graphs])
    pages = {row["thing"].value for row in page_queries.rows(release, "there", things=terms)} if terms else set()
    names = Labels(release, terms, language)
    return KeptRelease(
        folder.name,
        made,
        known,
        patch,
        _groups(known.things, known.counts["things"], names, pages),
        _groups(graphs, known.counts["graphs"], names, pages),
    )


def _terms(told_of: Iterable[Told]) -> list[ox.NamedNode]:
    """Return the IRIs that a page needs labels for: the changed things, and the properties and values that changed."""
    found: dict[ox.NamedNode, None] = {}
    for thing in told_of:
        terms = [term for triple in (*thing.removed, *thing.added) for term in (triple.predicate, triple.object)]
        found |= dict.fromkeys([ox.NamedNode(thing.iri)] if thing.iri else [])
        found |= dict.fromkeys(term for term in terms if isinstance(term, ox.NamedNode))
    return list(found)


def _groups(
    told_of: Sequence[Told], numbers: dict[str, int], names: Labels, pages: set[str]
) -> tuple[ChangedThings, ...]:
    return tuple(
        ChangedThings(
            HEADINGS[state],
            number,
            tuple(_entry(one, names, pages) for one in told_of if one.state == state),
        )
        for state, number in numbers.items()
        if number
    )


def _entry(thing: Told, names: Labels, pages: set[str]) -> ChangedThing:
    if not thing.iri:
        return ChangedThing("Blank nodes that are reachable from no IRI", "", "")
    is_there = thing.iri in pages
    text = names[thing.iri] if is_there or not thing.label else thing.label
    language = names.language(thing.iri) if is_there else ""
    lines = _lines(thing, names) if thing.state == "changed" else ()
    return ChangedThing(text, language, responses.href(thing.iri) if is_there else "", lines)


def _lines(thing: Told, names: Labels) -> tuple[Line, ...]:
    """Return the removed and added values of *thing* by property; a blank node is shown as its triples in Turtle."""
    own = ox.NamedNode(thing.iri)
    properties = dict.fromkeys(
        triple.predicate.value for triple in (*thing.removed, *thing.added) if triple.subject == own
    )

    def values(triples: list[ox.Triple], name: str) -> tuple[Shown, ...]:
        nested = Nested(triples)
        said = [triple.object for triple in triples if triple.subject == own and triple.predicate.value == name]
        return tuple(
            names.shown(value)
            if isinstance(value, ox.NamedNode | ox.Literal)
            else Shown(ox.Literal(""), nested.text(value))
            for value in said
        )

    return tuple(
        Line(names.of_property(name), values(thing.removed, name), values(thing.added, name)) for name in properties
    )
