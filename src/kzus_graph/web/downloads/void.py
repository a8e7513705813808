"""Serves the description of the data set as RDF: VoID and DCAT, its prefixes, and its example queries."""

from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import writing
from kzus_graph.rdf.formats import DATA, PAGE, Format
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries, responses

VOID: Final = ".well-known/void"


blueprint = Blueprint("description", __name__)
"""The routes of the description, of the prefixes, and of each example as data."""


@blueprint.get(f"/{VOID}")
def void() -> Response:
    """Return the description of the data set, or lead to its page."""
    form = responses.chosen(*DATA, PAGE)
    return responses.see_other("dataset") if form is PAGE else _described(g.release, form)


@blueprint.get(f"/{VOID}.<suffix>")
def void_file(suffix: str) -> Response:
    """Return the description of the data set in one format."""
    return _described(g.release, _named(suffix))


@blueprint.get("/prefixes")
def prefixes() -> Response:
    """Return the prefixes as a page or as data."""
    form = responses.chosen(*DATA, PAGE)
    if form is not PAGE:
        return _example(g.release, "prefixes", form)
    return responses.page("prefixes.html", prefixes=PREFIXES, formats=DATA)


@blueprint.get("/prefixes.<suffix>")
def prefixes_file(suffix: str) -> Response:
    """Return the prefixes in one format."""
    return _example(g.release, "prefixes", _named(suffix))


@blueprint.get("/query/<name>.<suffix>")
def query_file(name: str, suffix: str) -> Response:
    """Return one example query as data."""
    return _example(g.release, f"query/{name}", _named(suffix))


def instead(release: Release) -> Response | None:
    """Return the description of the data set if the client of the home page prefers RDF to the page, else None."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), (PAGE, *DATA))
    if form is None or form is PAGE or release.folder is None:
        return None
    return _described(release, form)


def example(release: Release, name: str) -> Response | None:
    """Return the saved query *name* as RDF if the client prefers RDF to a page, else None."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), (PAGE, *DATA))
    return None if form is None or form is PAGE else _example(release, f"query/{name}", form)


def _described(release: Release, form: Format) -> Response:
    if release.folder is None:
        raise Problem(404, "not-found", "No release is served here, so there is no description.", hint="See /sparql.")
    response = responses.kept(_void(release, form), form.content_type)
    response.headers.extend(("Link", link) for link in _alternates(VOID, form))
    return response


@once
def _void(release: Release, form: Format) -> bytes:
    """Return the description that is stored in a release, converted to the format *form* if it is not Turtle."""
    assert release.folder is not None
    body = (release.folder / "void.ttl").read_bytes()
    if form is DATA[0]:
        return body
    triples = [quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE)]
    return written(triples, form)


def _example(release: Release, path: str, form: Format) -> Response:
    thing = page_queries.own(path)
    triples = page_queries.triples(release, "example", thing=thing) if thing is not None else []
    if not triples:
        raise Problem(404, "not-found", f"This release knows nothing of {BASE}{path}.", hint="They are all at /query.")
    response = responses.kept(written(triples, form), form.content_type)
    response.headers.extend(("Link", link) for link in _alternates(path, form))
    return response


def written(triples: list[ox.Triple], form: Format) -> bytes:
    """Return triples in a format, always in the same order, with the prefixes that they need.

    Raises Problem if the format can't hold them.
    """
    assert isinstance(form.engine, ox.RdfFormat)
    text = "\n".join(map(str, triples))
    used = {prefix: namespace for prefix, namespace in PREFIXES.items() if f"<{namespace}" in text}
    return serialized(sorted(triples, key=str), form.engine, used)


def serialized(said: list[ox.Triple] | list[ox.Quad], form: ox.RdfFormat, prefixes: dict[str, str]) -> bytes:
    """Return triples or quads in their given order, in a format. Raises Problem if the format can't hold them."""
    try:
        return writing.graph_bytes(said, form, prefixes)
    except writing.Unwritable as error:
        raise Problem(406, "not-acceptable", f"{error}.") from None


def _alternates(path: str, shown: Format) -> list[str]:
    """Return Link headers for the other formats of a document, and for its permanent address."""
    at = responses.at(path)
    others = [f'<{at}.{form.suffix}>; rel="alternate"; type="{form.media_type}"' for form in DATA if form is not shown]
    return [*others, f'<{BASE}{path}>; rel="canonical"']


def _named(suffix: str) -> Format:
    for form in DATA:
        if form.suffix == suffix:
            return form
    raise Problem(404, "not-found", f"Documents of data end in {', '.join('.' + form.suffix for form in DATA)}.")
