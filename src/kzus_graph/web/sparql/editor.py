"""``/query``: the page for writing queries: a plain form, or with JavaScript an editor with completion of terms."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, g, request

from kzus_graph.engine.remotes import permitted
from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import formats
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.charts import map
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import editor_words, empty_results, examples
from kzus_graph.web.view import page_queries, responses

EDITOR: Final = Path(__file__).parents[1] / "static" / "yasgui" / "yasgui.min.js"
# The editor sets inline styles on its elements; apart from these, the policy is that of other pages.
POLICY: Final = responses.POLICY + "; style-src 'self' 'unsafe-inline'"
MOST_THINGS: Final = 5000
FIRST: Final = "official-visits"
PLAIN: Final = "SELECT * WHERE { ?thing ?property ?value } LIMIT 10"
# The most characters of ``?query=``: bookmarks may be long, but a longer query belongs in a POST.
LONGEST: Final = 100_000


blueprint = Blueprint("query", __name__)
"""The Flask routes of the query page, and of the editor's completion data."""


@blueprint.get("/query")
def query() -> Response:
    """Return the page with the query editor, and in it the query ``?query=`` or the example query ``?example=``.

    Raises Problem (404) if there is no such example query.
    """
    name = request.args.get("example", "")
    chosen = examples.named(g.release, name) if name else None
    if name and chosen is None:
        raise Problem(404, "not-found", "There is no example query of this name; /questions lists all of them.")
    return page(g.release, g.limits.services, chosen)


@blueprint.get("/terms.json")
def terms() -> Response:
    """Return the query editor's completion data as JSON: prefixes, classes, properties, things and example queries."""
    release = g.release
    return responses.kept(_terms(release), "application/json")


def page(release: Release, services: Collection[str], chosen: examples.Example | None = None) -> Response:
    """Return the query editor's page, with the query from ``?query=``, else the example *chosen*, else a default one.

    An example that calls a SPARQL endpoint outside the allowed *services* is shown but not run. Raises Problem (414)
    when ``?query=`` has more than LONGEST characters.
    """
    asked = request.args.get("query", "")
    if len(asked) > LONGEST:
        raise Problem(414, "too-long", f"The parameter query exceeds {LONGEST} characters. POST the query to /sparql.")
    found = examples.listed(release)
    if responses.is_copy():
        return responses.page("query-copy.html")
    barred = [service for service in (chosen.services if chosen else ()) if permitted(service, services) is None]
    # Fetch the terms now, so that the first query from this page can already get a hint.
    empty_results.terms(release)
    first = next((one.text for one in found if one.name == FIRST), PLAIN)
    return responses.page(
        "query.html",
        policy=POLICY,
        query=asked or (chosen.text if chosen else first),
        runs=bool(asked or (chosen and not barred)),
        barred=barred,
        chosen=chosen,
        view=request.args.get("view", ""),
        release=release.name if release.folder is not None else "",
        words=editor_words.given(),
        examples=found,
        groups=examples.grouped(found),
        editor=EDITOR.is_file(),
        table_formats=formats.formats("solutions"),
        graph_formats=formats.formats("graph"),
    )


@once
def _terms(release: Release) -> bytes:
    """Return the editor's completion data as JSON, including the positions of things that are on the site's maps."""
    terms: list[dict[str, Any]] = [
        {name: row[name].value for name in ("term", "kind", "label", "definition") if name in row}
        for row in page_queries.rows(release, "query-terms")
    ]
    things = {
        row["thing"].value.removeprefix(BASE): row["label"].value
        for row in page_queries.rows(release, "query-things", most=MOST_THINGS)
    }
    positions = {iri: position for iri, position in map.drawing_positions().items() if iri.removeprefix(BASE) in things}
    # The page recognises an example by its text, however the text got into the editor.
    found = [
        {"name": one.name, "question": one.question, "text": one.text, "view": one.view}
        for one in examples.listed(release)
    ]
    known = {
        "base": BASE,
        "prefixes": PREFIXES,
        "terms": terms,
        "things": things,
        "positions": positions,
        "examples": found,
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()
