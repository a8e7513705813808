"""``/lookup``: finds things of this graph by their identifiers in other data sets, many in one request."""

import json
from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release, once
from kzus_graph.links import lookup
from kzus_graph.links.identifiers import is_identifier
from kzus_graph.links.lookup import Index
from kzus_graph.links.matching import Candidate
from kzus_graph.rdf.formats import PAGE, Format
from kzus_graph.rdf.prefixes import compact
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linking import json_input
from kzus_graph.web.linking.entity_index import EntityIndex
from kzus_graph.web.view import page_queries, responses

MOST_NAMES: Final = 10_000
LONGEST_NAME: Final = 2_000
JSON: Final = Format("json", "application/json", "solutions", "json")
CSV: Final = Format("csv", "text/csv", "solutions", "csv")
SAME: Final = frozenset({"", "skos:exactMatch", "foaf:isPrimaryTopicOf", "foaf:homepage"})
"""The properties of an exact match, by which a thing has an identifier or a page (empty: an IRI of this graph)."""
SCORES: Final = {"skos:closeMatch": 75.0}
LIKE: Final = 50.0
"""The score, from 0 to 100, of a match by any other property: so low that a person must confirm the match."""


blueprint = Blueprint("lookup", __name__, template_folder="templates")
"""The Flask route of the look-up."""


@blueprint.route("/lookup", methods=["GET", "POST"])
def look_up() -> Response:
    """Return the things of this graph with given identifiers in other data sets: one as ?uri=…, or many in a POST."""
    release: Release = g.release
    form = _format()
    names = _names()
    # addresses of our own pages can be looked up, too; the host tells which are ours
    results = [lookup.answer(index(release), name, responses.host()) for name in names]
    if form is PAGE:
        return responses.page("lookup.html", names=names, results=results, most=MOST_NAMES)
    if not names:
        raise Problem(
            400,
            "lookup",
            "The request contains no identifier to look up.",
            hint="Use GET /lookup?uri=…, or POST a text with one identifier per line.",
        )
    if form is CSV:
        return responses.kept(lookup.table(results).encode(), "text/csv; charset=utf-8")
    body = json.dumps({"results": results}, ensure_ascii=False, indent=1) + "\n"
    return responses.kept(body.encode(), "application/json")


@once
def index(release: Release) -> Index:
    """Return an index of the links from things in *release* to other data sets; it is built at the first call only."""
    return Index(lookup.matches(page_queries.rows(release, "links")))


def candidates(release: Release, names: EntityIndex, text: str, kinds: Iterable[str] = ()) -> list[Candidate] | None:
    """Return the things that *text* identifies, as candidates for reconciliation, the highest score first.

    Return None if *text* is not an identifier, so that it may be a name. With *kinds*, return things of these classes
    only.
    """
    known, here = index(release), responses.host()
    own = known.own(text, here)
    hows = [(own, "")] if own else [(match.thing, compact(match.predicate)) for match in known.find(text, here)]
    found: dict[str, Candidate] = {}
    for thing, how in hows:
        named, score = names.by_identifier(thing), 100.0 if how in SAME else SCORES.get(how, LIKE)
        if named is not None and (thing not in found or found[thing].score < score):
            found[thing] = Candidate(named, score, named.names[0])
    if not found and not is_identifier(text):
        return None
    wanted = frozenset(kinds)
    fitting = [one for one in found.values() if not wanted or not wanted.isdisjoint(one.named.kinds)]
    return sorted(fitting, key=lambda one: (-one.score, one.named.thing))


def _format() -> Format:
    known = {form.name: form for form in (JSON, CSV, PAGE)}
    if "format" in request.args:
        if request.args["format"] not in known:
            raise Problem(406, "not-acceptable", f"The parameter format must be one of {', '.join(known)}.")
        return known[request.args["format"]]
    return responses.chosen(JSON, CSV, PAGE)


def _names() -> list[str]:
    """Return the identifiers to look up: ``uri`` parameters, lines of text, or a JSON array. Raises Problem (4xx)."""
    names = [*request.args.getlist("uri")]
    if request.method == "POST":
        kind = request.mimetype
        if kind == "application/json":
            given = json_input.read(request.get_data(), "The body", "lookup")
            if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
                raise Problem(400, "lookup", "A JSON body must be an array of strings: the identifiers to look up.")
            names += given
        elif kind in ("text/plain", "text/csv", ""):
            names += request.get_data().decode("utf-8", errors="replace").splitlines()
        elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            names += [line for field in request.form.getlist("uri") for line in field.splitlines()]
        else:
            raise Problem(
                415,
                "lookup",
                f"The Content-Type {kind} is not supported; send lines as text/plain, a JSON array, or a form.",
            )
    names = [name.strip() for name in names if name.strip()]
    if len(names) > MOST_NAMES:
        raise Problem(413, "lookup", f"The request has {len(names)} identifiers; the limit is {MOST_NAMES}.")
    if any(len(name) > LONGEST_NAME for name in names):
        raise Problem(400, "lookup", f"An identifier has more than {LONGEST_NAME} characters.")
    return names
