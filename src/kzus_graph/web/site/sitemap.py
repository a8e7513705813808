"""Lists of the site's addresses: ``robots.txt`` and ``sitemap.xml`` for search engines, and one for static copies."""

from typing import Final

from flask import Blueprint, Response, g, render_template

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.view import page_queries, responses

WAYS_IN: Final = (
    "",
    "years",
    "topics",
    "sources",
    "questions",
    "build",
    "query",
    "dumps/",
    "changes",
    "docs/",
    "ontology",
    "shapes",
)
# The pages at these paths depend on free text in the query string, so a crawler would never finish.
ENDLESS: Final = ("sparql", "search", "lookup", "query?", "build?", "build.csv", "build/", "spreadsheet")


blueprint = Blueprint("addresses", __name__)
"""The routes of ``/robots.txt`` and ``/sitemap.xml``."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Return ``robots.txt`` (RFC 9309): the paths that crawlers must not fetch, and the address of the sitemap."""
    lines = ["User-agent: *", *(f"Disallow: {responses.at(path)}" for path in ENDLESS)]
    body = "\n".join([*lines, f"Sitemap: {responses.host()}sitemap.xml", ""])
    return responses.kept(body.encode(), "text/plain; charset=utf-8", vary="Accept-Encoding")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Return the sitemap (sitemaps.org 0.9): the main pages, and the pages of things, topics and questions."""
    paths = every_path(g.release)
    pages = [*WAYS_IN, *(f"page{path}" for path in paths if path.startswith(("/id/", "/topic/")))]
    pages += [path.removeprefix("/") for path in paths if path.startswith("/query/")]
    body = render_template("sitemap.xml", addresses=[responses.host() + path for path in pages])
    return responses.kept(body.encode(), "application/xml", vary="Accept-Encoding")


def every_path(release: Release) -> list[str]:
    """Return the paths of all IRIs in our namespace that occur in *release*, sorted and without fragments."""
    things = (row["thing"].value for row in page_queries.rows(release, "every-iri"))
    return sorted({"/" + thing.removeprefix(BASE).partition("#")[0] for thing in things})
