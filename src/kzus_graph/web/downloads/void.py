"""Serves as RDF: the description of the data set (VoID and DCAT), its prefixes, and its example queries."""

import json
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import json_ld, writing
from kzus_graph.rdf.formats import DATA, PAGE, Format
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.downloads import context
from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries, responses

VOID: Final = ".well-known/void"
FIRST: Final = {PREFIXES["rdf"] + "type": 0, PREFIXES["rdfs"] + "label": 1, PREFIXES["skos"] + "prefLabel": 2}
"""The properties that are written before all other properties of a resource, with their rank."""


blueprint = Blueprint("description", __name__)
"""The Flask routes of the data set's description, of the prefixes, and of each example query as RDF."""


@blueprint.get(f"/{VOID}")
def void() -> Response:
    """Return the description of the data set as RDF, or redirect (303) a browser to its web page."""
    form = responses.chosen(*DATA, PAGE)
    return responses.see_other("dataset") if form is PAGE else _described(g.release, form)


@blueprint.get(f"/{VOID}.<suffix>")
def void_file(suffix: str) -> Response:
    """Return the description of the data set as RDF, in the format with the file extension *suffix*."""
    return _described(g.release, _named(suffix))


@blueprint.get("/prefixes")
def prefixes() -> Response:
    """Return the namespace prefixes of the data set, as a web page or as RDF."""
    form = responses.chosen(*DATA, PAGE)
    if form is not PAGE:
        return _example(g.release, "prefixes", form)
    return responses.page("prefixes.html", prefixes=PREFIXES, formats=DATA)


@blueprint.get("/prefixes.<suffix>")
def prefixes_file(suffix: str) -> Response:
    """Return the namespace prefixes of the data set as RDF, in the format with the file extension *suffix*."""
    return _example(g.release, "prefixes", _named(suffix))


@blueprint.get("/query/<name>.<suffix>")
def query_file(name: str, suffix: str) -> Response:
    """Return the example query *name* as RDF, in the format with the file extension *suffix*."""
    return _example(g.release, f"query/{name}", _named(suffix))


def instead(release: Release) -> Response | None:
    """Return the data set's description if a request for the home page prefers RDF to HTML, else None."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), (PAGE, *DATA))
    if form is None or form is PAGE or release.folder is None:
        return None
    return _described(release, form)


def example(release: Release, name: str) -> Response | None:
    """Return the example query *name* as RDF if the request prefers RDF to HTML, else None."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), (PAGE, *DATA))
    return None if form is None or form is PAGE else _example(release, f"query/{name}", form)


def _described(release: Release, form: Format) -> Response:
    if release.folder is None:
        raise Problem(
            404,
            "not-found",
            "This server has no published release, so there is no description of one.",
            hint="The service description of the SPARQL endpoint is at /sparql.",
        )
    response = responses.kept(_void(release, form), form.content_type)
    response.headers.extend(("Link", link) for link in _alternates(VOID, form))
    return response


@once
def _void(release: Release, form: Format) -> bytes:
    """Return the data set's description, a Turtle file in the release, converted to *form* if *form* is not Turtle."""
    assert release.folder is not None
    body = (release.folder / "void.ttl").read_bytes()
    if form is DATA[0]:
        return body
    triples = [quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE)]
    return written(release, triples, form, first=BASE + "dataset")


def _example(release: Release, path: str, form: Format) -> Response:
    thing = page_queries.own(path)
    triples = page_queries.triples(release, "example", thing=thing) if thing is not None else []
    if not triples:
        raise Problem(
            404, "not-found", f"This release has no data on {BASE}{path}.", hint="Example queries are at /query."
        )
    response = responses.kept(written(release, triples, form), form.content_type)
    response.headers.extend(("Link", link) for link in _alternates(path, form))
    return response


def written(release: Release, triples: Iterable[ox.Triple], form: Format, *, first: str = "") -> bytes:
    """Return *triples* in the format *form*, with the prefixes in use: the same triples give the same bytes.

    They are sorted, the resource *first* before all others, and of each resource its kinds and names. JSON-LD is
    compact. Raises Problem (406) if the format can't represent the triples.
    """
    said = sorted(triples, key=lambda triple: _rank(triple, first))
    if form.engine == ox.RdfFormat.JSON_LD and json_ld.writable(said):
        document = json_ld.document(said, context.of(release))
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    return serialized(said, form)


def _rank(triple: ox.Triple, first: str) -> tuple[bool, str, int, str]:
    subject, property_ = str(triple.subject), triple.predicate.value
    return subject != f"<{first}>", subject, FIRST.get(property_, len(FIRST)), str(triple)


def serialized(said: list[ox.Triple] | list[ox.Quad], form: Format) -> bytes:
    """Return triples or quads in their given order in *form*, with the prefixes in use.

    Raises Problem (406) if *form* can't represent them.
    """
    assert isinstance(form.engine, ox.RdfFormat)
    text = "\n".join(map(str, said))
    used = {prefix: namespace for prefix, namespace in PREFIXES.items() if f"<{namespace}" in text}
    try:
        return writing.graph_bytes(said, form.engine, used)
    except writing.Unwritable as error:
        raise Problem(406, "not-acceptable", f"{error}.") from None


def _alternates(path: str, shown: Format) -> list[str]:
    """Return Link header values for the document *path*: its formats other than *shown*, and its permanent address."""
    at = responses.at(path)
    others = [f'<{at}.{form.suffix}>; rel="alternate"; type="{form.media_type}"' for form in DATA if form is not shown]
    return [*others, f'<{BASE}{path}>; rel="canonical"']


def _named(suffix: str) -> Format:
    for form in DATA:
        if form.suffix == suffix:
            return form
    raise Problem(
        404,
        "not-found",
        f"Unknown extension: addresses of data documents end in {', '.join('.' + form.suffix for form in DATA)}.",
    )
