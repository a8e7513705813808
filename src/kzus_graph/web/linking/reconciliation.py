"""``/reconcile``: the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group), for OpenRefine.

Identifiers of entities are their paths below ``https://w3id.org/kzus/``, such as ``id/astana``; those of types and
properties are prefixed names, such as ``dip:Visit``.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Response, g, request

from kzus_graph import __version__
from kzus_graph.engine.serving import Release
from kzus_graph.links.name_forms import Named
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linking import data_extension, json_input, lookup_page, reconciliation_queries
from kzus_graph.web.linking.entity_index import EntityIndex, VocabularyTerm, entity_index_of
from kzus_graph.web.linking.reconciliation_queries import LONGEST_QUERY, MOST_QUERIES, UnusableQuery, described
from kzus_graph.web.view import responses

SPECIFICATION: Final = "https://reconciliation-api.github.io/specs/0.2/"
MOST_SUGGESTED: Final = 20
MOST_SKIPPED: Final = 1_000
CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,5}", re.ASCII)
PREVIEW: Final = (420, 220)
EMBEDDABLE: Final = responses.POLICY.replace("frame-ancestors 'self'", "frame-ancestors *")
"""The content security policy of previews: pages of any host may embed them."""


blueprint = Blueprint("reconcile", __name__)
"""The Flask routes of the reconciliation service."""


def _known() -> tuple[Release, EntityIndex]:
    release: Release = g.release
    return release, entity_index_of(release)


@blueprint.route("/reconcile", methods=["GET", "POST"], strict_slashes=False)
def service() -> Response:
    """Return things that match names, or values of things (Reconciliation API 0.2); without a query, the manifest."""
    release, names = _known()
    asked = request.values
    if "queries" in asked:
        queries = json_input.read(asked["queries"], "The parameter queries", "reconcile", apart=True)
        return _sent(reconciliation_queries.batch(release, names, queries))
    if "query" in asked:
        # version 0.1 sent a query by itself, as text or as an object
        text, is_object = asked["query"], asked["query"].lstrip().startswith("{")
        query = json_input.read(text, "The parameter query", "reconcile", apart=True) if is_object else {"query": text}
        return _sent(reconciliation_queries.only(release, names, query))
    if "extend" in asked:
        wanted = json_input.read(asked["extend"], "The parameter extend", "reconcile")
        try:
            reconciliation_queries.checked(wanted)
        except UnusableQuery as unusable:
            raise Problem(400, "reconcile", f"The parameter extend is invalid. {unusable}") from None
        return _sent(data_extension.extended(release, names, wanted))
    return _sent(manifest(names))


@blueprint.get("/reconcile/suggest/entity", strict_slashes=False)
def entities() -> Response:
    """Return suggestions: things with a name that has a word beginning with ``prefix``, or a name similar to it."""
    release, names = _known()
    skipped = _cursor()
    found = names.beginning(_prefix(), request.args.get("type", ""), skipped + MOST_SUGGESTED)
    exact = lookup_page.candidates(release, names, _prefix())
    told = [described(names, one) for one in ([one.named for one in exact] if exact else found)[skipped:]]
    return _sent({"result": [one | {"notable": one.pop("type")} for one in told]})


@blueprint.get("/reconcile/suggest/type", strict_slashes=False)
def types() -> Response:
    """Return suggestions: the types whose names contain the parameter ``prefix``."""
    _, names = _known()
    return _sent({"result": _having(_prefix(), names.types)})


@blueprint.get("/reconcile/suggest/property", strict_slashes=False)
def properties() -> Response:
    """Return suggestions: the properties whose names contain the parameter ``prefix``."""
    _, names = _known()
    return _sent({"result": _having(_prefix(), names.properties)})


@blueprint.get("/reconcile/properties", strict_slashes=False)
def proposed() -> Response:
    """Return the properties that things of a type have, as proposals for data extension."""
    release, names = _known()
    return _sent(data_extension.proposed(release, names, request.args.get("type", ""), request.args.get("limit", "")))


@blueprint.get("/reconcile/preview", strict_slashes=False)
def preview() -> Response:
    """Return a small HTML page about one thing, which a client embeds in its own page."""
    _, names = _known()
    return responses.page("preview.html", policy=EMBEDDABLE, thing=described(names, _named(names)))


@blueprint.get("/reconcile/flyout", strict_slashes=False)
def flyout() -> Response:
    """Return a few words of HTML about one thing, which a client shows while the pointer is on a suggestion."""
    _, names = _known()
    named = _named(names)
    page = responses.page("flyout.html", thing=described(names, named))
    return _sent({"id": names.identifier(named), "html": page.get_data(as_text=True)})


def manifest(names: EntityIndex) -> dict[str, Any]:
    """Return the manifest of the reconciliation service (Reconciliation API 0.2, section 3).

    The addresses in the manifest have the host to which the client sent the request.
    """
    here = f"{responses.host()}reconcile"
    kinds = ("entity", "type", "property")
    suggest = {kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in kinds}
    suggest["entity"] |= {"flyout_service_url": here, "flyout_service_path": "/flyout?id=${id}"}
    return {
        "versions": ["0.1", "0.2"],
        "name": "kzus-graph: Kazakhstan–United States relations",
        "identifierSpace": BASE,
        "schemaSpace": PREFIXES["dip"],
        "documentation": f"{responses.host()}docs/reconcile",
        "serviceVersion": __version__,
        "batchSize": MOST_QUERIES,
        "defaultTypes": [{"id": kind.id, "name": kind.name} for kind in names.types],
        "view": {"url": f"{responses.host()}{{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": data_extension.SETTINGS,
        },
    }


def _named(names: EntityIndex) -> Named:
    found = names.by_identifier(request.args.get("id", ""))
    if found is None:
        raise Problem(404, "not-found", "No thing in this data set has this id.", hint="Example: id/astana.")
    return found


def _prefix() -> str:
    prefix = request.args.get("prefix", "")
    if len(prefix) > LONGEST_QUERY:
        raise Problem(400, "reconcile", f"The parameter 'prefix' has more than {LONGEST_QUERY} characters.")
    return prefix


def _cursor() -> int:
    text = request.args.get("cursor", "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= MOST_SKIPPED):
        raise Problem(400, "reconcile", f"The parameter cursor (results to skip) must be from 0 to {MOST_SKIPPED}.")
    return int(text)


def _having(prefix: str, kinds: Iterable[VocabularyTerm]) -> list[dict[str, str]]:
    """Return at most MOST_SUGGESTED of *kinds* that have *prefix* in the name, at the start of the id, or as the IRI.

    The parameter ``cursor`` is the number of these that are skipped.
    """
    wanted = prefix.lower()
    found = [
        kind for kind in kinds
        if wanted in kind.name.lower() or kind.id.lower().startswith(wanted) or kind.iri.lower() == wanted
    ]  # fmt: skip
    return [{"id": kind.id, "name": kind.name} for kind in found[_cursor() :][:MOST_SUGGESTED]]


def _sent(answer: dict[str, Any] | Sequence[Any]) -> Response:
    """Return *answer* as JSON or, if the request names a callback function, as a call of this function (JSONP)."""
    body = json.dumps(answer, ensure_ascii=False)
    callback = request.args.get("callback")
    if callback is None:
        return responses.kept(body.encode(), "application/json", vary="Accept-Encoding")
    if not CALLBACK.fullmatch(callback):
        raise Problem(400, "callback", "The parameter callback must be the name of a JavaScript function.")
    # the comment keeps callback from being the first bytes; U+2028 and U+2029 end a line in JavaScript, not in JSON
    script = f"/**/{callback}({body});".replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")
    return responses.kept(script.encode(), "application/javascript; charset=utf-8", vary="Accept-Encoding")
