"""Dereferencing: redirects from the IRI of a resource to its page or RDF document, and these RDF documents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.formats import DATA, DUMPS, PAGE, Format
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.web.downloads.void import serialized, written
from kzus_graph.web.http import problem_details
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data import near_addresses
from kzus_graph.web.view import locale, page_queries, responses, translation

SPACES: Final = translation.SPACES
DOCUMENTS: Final = {
    "ontology": GRAPH.ontology,
    "ontology/alignment": GRAPH.alignment,
    "shapes": GRAPH.shapes,
    "dataset": GRAPH.metadata,
}
"""The RDF documents that contain a whole named graph: the IRI of that graph, by the path of the document."""
OFFERS: Final = (DATA[0], PAGE, *DATA[1:])
TRIG: Final = DUMPS["trig"]


@dataclass(frozen=True)
class Resource:
    """A resource in our namespace that occurs in the release; *path* is its IRI without the namespace.

    *described* tells whether it is the subject of a triple in the default graph. *apart* is a named graph outside the
    default graph that describes it, or None. *names_graph* tells whether its IRI is the name of a graph.
    """

    path: str
    iri: ox.NamedNode
    described: bool
    apart: ox.NamedNode | None
    names_graph: bool

    @property
    def document(self) -> ox.NamedNode | None:
        """The named graph that is, as a whole, the RDF document about this resource; None if there is none."""
        whole = DOCUMENTS.get(without_version(self.path))
        if whole is not None:
            return ox.NamedNode(whole)
        return self.iri if self.names_graph and not self.described else None


blueprint = Blueprint("resources", __name__, template_folder="templates")
"""The routes of the RDF documents, and the redirects from IRIs to RDF documents and pages."""


def _thing(path: str) -> Response:
    path, _, suffix = _split(path)
    found = find(g.release, path)
    if found.path != path:
        return moved(f"{found.path}{suffix and '.'}{suffix}")
    if suffix:
        if suffix == PAGE.suffix:
            return responses.see_other(f"page/{found.path}", locale.asked())
        return responses.see_other(f"data/{found.path}.{suffix}")
    offers = (*OFFERS, TRIG) if found.names_graph else OFFERS
    form = responses.chosen(*offers)
    if form is PAGE:
        return responses.see_other(f"page/{found.path}", locale.asked())
    return responses.see_other(f"data/{found.path}.{form.suffix}")


def _things(space: str) -> Callable[[str], Response]:
    def below(name: str) -> Response:
        return _thing(f"{space}/{name}")

    below.__doc__ = f"Redirect an IRI below {BASE}{space}/ to its page or RDF document, chosen by Accept or by suffix."
    return below


def _whole(space: str) -> Callable[..., Response]:
    def document(suffix: str = "") -> Response:
        return _thing(f"{space}.{suffix}" if suffix else space)

    document.__doc__ = f"Redirect {BASE}{space} to its page or RDF document, chosen by Accept or by suffix."
    return document


for space in SPACES:
    blueprint.add_url_rule(f"/{space}/<path:name>", space, _things(space))
for space in ("ontology", "shapes", "dataset"):
    blueprint.add_url_rule(f"/{space}", f"{space}-document", _whole(space))
    blueprint.add_url_rule(f"/{space}.<suffix>", f"{space}-file", _whole(space))


@blueprint.get("/data/<path:path>")
def data(path: str) -> Response:
    """Return the RDF document about one resource, in the format that the extension of *path* names.

    Raises Problem: 404 for an unknown extension or resource, 410 for a withdrawn resource.
    """
    name, form, suffix = _split(path)
    if form is None or suffix == "html":
        raise Problem(
            404,
            "not-found",
            f"Unknown extension: addresses of data documents end in {', '.join('.' + form.suffix for form in DATA)}.",
        )
    release = g.release
    found = find(release, name)
    if found.path != name:
        return moved(f"data/{found.path}.{suffix}")
    response = responses.kept(_body(release, found, form), form.content_type, vary="Accept-Encoding")
    response.headers.extend(("Link", link) for link in links(found, form))
    return response


def moved(path: str) -> Response:
    """Return a redirect (302) to *path* on this site, the address of a thing that the requested one is meant for."""
    response = responses.see_other(path, locale.asked())
    response.status_code = 302
    return response


@blueprint.app_errorhandler(NotFound)
def lead_on(error: NotFound) -> Response:
    """Redirect an address without a route, such as ``/barack-obama``, to the thing of that name if there is one."""
    path = request.path.removeprefix("/")
    if request.method in ("GET", "HEAD") and "/" not in path and (meant := near_addresses.same(g.release, path)):
        return moved(meant)
    return problem_details.response(Problem(404, "not-found", error.description or "Not found."))


def find(release: Release, path: str) -> Resource:
    """Return the resource whose IRI is our namespace followed by *path*, or by *path* in the spelling of IRIs.

    In the latter case the *path* of the resource is another one. Raises Problem: 404 if neither IRI occurs in the
    release, 410 if the resource was withdrawn.
    """
    try:
        return exactly(release, path)
    except Problem as problem:
        if problem.status != 404:
            raise
        if meant := near_addresses.same(release, path):
            return exactly(release, meant)
        similar = near_addresses.similar(release, path)
        if similar:
            problem.more = {"hint": "Did you mean one of these?", "similar": [BASE + one for one in similar]}
        raise


@once
def exactly(release: Release, path: str) -> Resource:
    """Return the resource whose IRI is our namespace followed by *path*.

    Raises Problem: 404 if the IRI does not occur in the release, 410 if the resource was withdrawn.
    """
    iri = page_queries.own(path)
    hows: dict[str, str | None] = {}
    if iri is not None:
        for row in page_queries.rows(release, "known", thing=iri):
            hows[row["how"].value] = row["graph"].value if "graph" in row else None
    if "withdrawn" in hows:
        raise Problem(410, "withdrawn", f"{BASE}{path} was withdrawn.", successor=hows["withdrawn"])
    if iri is None or not hows:
        raise Problem(404, "not-found", f"This release does not contain {BASE}{path}.", hint="Search names at /search.")
    apart = hows.get("apart")
    return Resource(path, iri, "described" in hows, ox.NamedNode(apart) if apart else None, "graph" in hows)


def without_version(path: str) -> str:
    """Return *path* without the version number at its end; unchanged if it is not the path of a versioned document.

    >>> without_version("ontology/1.0.0"), without_version("ontology/alignment"), without_version("id/astana")
    ('ontology', 'ontology/alignment', 'id/astana')
    """
    head, _, last = path.rpartition("/")
    return head if last[:1].isdigit() and head in DOCUMENTS and head != "dataset" else path


def links(found: Resource, shown: Format) -> list[str]:
    """Return the values of the Link headers for the document about *found* in the format *shown* (RFC 8288).

    They link to the other formats, to the IRI of the resource, and to the description of the data set.
    """
    others = [form for form in (PAGE, *DATA) if form is not shown]
    listed = [f'<{_address(found, form)}>; rel="alternate"; type="{form.media_type}"' for form in others]
    listed.append(f'<{found.iri.value}>; rel="canonical"')
    if shown is PAGE:
        listed.append(f'<{_address(found, DATA[0])}>; rel="describedby"; type="{DATA[0].media_type}"')
    return [*listed, f'<{responses.at(".well-known/void")}>; rel="collection"; title="The data set"']


def downloads(found: Resource) -> list[tuple[str, str, str]]:
    """Return the extension, media type and address of each RDF document about the resource *found*."""
    forms = [*DATA, TRIG] if TRIG is not None and found.names_graph and found.described else DATA
    return [(form.suffix, form.media_type, _address(found, form)) for form in forms if form is not None]


def _address(found: Resource, form: Format) -> str:
    return responses.at(f"page/{found.path}" if form is PAGE else f"data/{found.path}.{form.suffix}")


def _split(path: str) -> tuple[str, Format | None, str]:
    """Return *path* without its file extension, the format of the extension, and the extension.

    Names may contain dots: for an extension that is not that of a format, return *path*, None and an empty string.
    """
    name, _, suffix = path.rpartition(".")
    for form in (*DATA, PAGE, TRIG):
        if name and form.suffix == suffix:
            return name, form, suffix
    return path, None, ""


def _body(release: Release, found: Resource, form: Format) -> bytes:
    if form is TRIG and not found.names_graph:
        raise Problem(404, "not-found", "TriG is available only for an IRI that names a graph. Use another extension.")
    graph = found.iri if form is TRIG else found.document
    if graph is not None:
        triples = page_queries.triples(release, "content", graph=graph)
    elif found.apart is not None and not found.described:
        triples = page_queries.triples(release, "describe-apart", thing=found.iri, graph=found.apart)
    else:
        triples = page_queries.triples(release, "describe", thing=found.iri)
    if form is TRIG:
        triples.sort(key=str)
        return serialized([ox.Quad(it.subject, it.predicate, it.object, found.iri) for it in triples], form)
    return written(release, triples, form, first=found.iri.value)
