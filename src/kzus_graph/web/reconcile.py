"""``/reconcile``: the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group), for OpenRefine.

Identifiers of entities are their paths below ``https://w3id.org/kzus/``, such as ``id/astana``; those of types and
properties are prefixed names, such as ``dip:Visit``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, request

from kzus_graph import __version__
from kzus_graph.engine.editions import Edition, Editions
from kzus_graph.matching import Candidate, Named, taken
from kzus_graph.vocab import BASE, PREFIXES
from kzus_graph.web import extension, rendering
from kzus_graph.web.errors import Problem
from kzus_graph.web.roster import Roster, roster

SPECIFICATION: Final = "https://reconciliation-api.github.io/specs/0.2/"
MOST_QUERIES: Final = 200
MOST_CANDIDATES: Final = 50
MOST_FILTERS: Final = 20
USUAL: Final = 10
LONGEST_QUERY: Final = 1_000
MOST_SUGGESTED: Final = 20
CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)
FITS: Final = 0.5
"""How much of what a score lacks is given when the values of all property filters are those of the candidate."""
CLASHES: Final = 0.7
"""What is left of a score when a candidate has other values than a filter asks for."""
PREVIEW: Final = (420, 220)
EMBEDDABLE: Final = rendering.POLICY.replace("frame-ancestors 'self'", "frame-ancestors *")
"""Previews are shown within the page of a client, wherever that is."""


def blueprint(editions: Editions) -> Blueprint:
    """The routes of the service."""
    rooms = Blueprint("reconcile", __name__)

    def known() -> tuple[Edition, Roster]:
        edition: Edition = request.environ.get("kzus.edition") or editions.current
        return edition, roster(edition)

    @rooms.route("/reconcile", methods=["GET", "POST"])
    def service() -> Response:
        """Match names to things (Reconciliation Service API 0.2); without queries, the manifest of the service."""
        edition, names = known()
        asked = request.values
        if "queries" in asked:
            return _sent(batch(edition, names, _json(asked["queries"], "queries")))
        if "query" in asked:
            # version 0.1 sent a query by itself, as text or as an object
            text = asked["query"]
            query = _json(text, "query") if text.lstrip().startswith("{") else {"query": text}
            return _sent(batch(edition, names, {"q": query})["q"])
        if "extend" in asked:
            return _sent(extension.extended(edition, names, _json(asked["extend"], "extend")))
        return _sent(manifest(names), vary="Accept-Encoding, Host, X-Forwarded-Host, X-Forwarded-Proto")

    @rooms.get("/reconcile/suggest/entity")
    def entities() -> Response:
        """Things whose names begin so, or are like it."""
        _, names = known()
        found = names.beginning(_prefix(), request.args.get("type", ""), MOST_SUGGESTED)
        described = [_described(names, named) for named in found]
        return _sent({"result": [one | {"notable": one.pop("type")} for one in described]})

    @rooms.get("/reconcile/suggest/type")
    def types() -> Response:
        """Kinds of things whose names have this in them."""
        _, names = known()
        found = [kind for kind in names.types if _prefix().lower() in kind.name.lower()]
        return _sent({"result": [{"id": kind.id, "name": kind.name} for kind in found[:MOST_SUGGESTED]]})

    @rooms.get("/reconcile/suggest/property")
    def properties() -> Response:
        """Properties whose names have this in them."""
        _, names = known()
        found = [kind for kind in names.properties if _prefix().lower() in kind.name.lower()]
        return _sent({"result": [{"id": kind.id, "name": kind.name} for kind in found[:MOST_SUGGESTED]]})

    @rooms.get("/reconcile/properties")
    def proposed() -> Response:
        """Properties that things of a kind have, to fetch their values."""
        edition, names = known()
        return _sent(extension.proposed(edition, names, request.args.get("type", ""), request.args.get("limit", "")))

    @rooms.get("/reconcile/preview")
    def preview() -> Response:
        """A thing at a glance, to be shown within the page of a client."""
        _, names = known()
        return rendering.page("preview.html", policy=EMBEDDABLE, thing=_described(names, _named(names)))

    @rooms.get("/reconcile/flyout")
    def flyout() -> Response:
        """A thing in a few words of HTML, for a suggestion that a pointer rests on."""
        _, names = known()
        named = _named(names)
        page = rendering.page("flyout.html", thing=_described(names, named))
        return _sent({"id": names.identifier(named), "html": page.get_data(as_text=True)})

    return rooms


def manifest(names: Roster) -> dict[str, Any]:
    """Return what the service is and can do (section 3 of the specification), by the host that the client knows."""
    here = f"{request.url_root}reconcile"
    kinds = ("entity", "type", "property")
    suggest = {kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in kinds}
    suggest["entity"] |= {"flyout_service_url": here, "flyout_service_path": "/flyout?id=${id}"}
    return {
        "versions": ["0.1", "0.2"],
        "name": "kzus-graph: Kazakhstan–United States relations",
        "identifierSpace": BASE,
        "schemaSpace": PREFIXES["dip"],
        "documentation": f"{request.url_root}docs/reconcile",
        "serviceVersion": __version__,
        "defaultTypes": [{"id": kind.id, "name": kind.name} for kind in names.types],
        "view": {"url": f"{request.url_root}{{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": extension.SETTINGS,
        },
    }


def batch(edition: Edition, names: Roster, queries: Any) -> dict[str, Any]:
    """Return the answer to a batch of queries (section 4), by the keys of the queries. Raises Problem."""
    if not isinstance(queries, dict):
        raise Problem(400, "reconcile", "queries is a JSON object: a query for each key.")
    if len(queries) > MOST_QUERIES:
        raise Problem(413, "reconcile", f"{len(queries)} queries in one batch; {MOST_QUERIES} are the most.")
    return {key: {"result": _answer(edition, names, query, key)} for key, query in queries.items()}


def _answer(edition: Edition, names: Roster, query: Any, key: str) -> list[dict[str, Any]]:
    if isinstance(query, str):
        query = {"query": query}
    if not isinstance(query, dict) or not isinstance(query.get("query"), str | int | float):
        raise Problem(400, "reconcile", f"Query {key[:50]!r} is no object with the text to match as its query.")
    text = str(query["query"])
    if len(text) > LONGEST_QUERY:
        raise Problem(400, "reconcile", f"Query {key[:50]!r} has more than {LONGEST_QUERY} characters.")
    most = query.get("limit", USUAL)
    if not isinstance(most, int) or most < 1:
        raise Problem(400, "reconcile", f"The limit of query {key[:50]!r} is no number from 1.")
    wanted = query.get("type") or []
    kinds = names.classes([wanted] if isinstance(wanted, str) else wanted)
    if wanted and not kinds:
        return []
    found = names.find(text, kinds, min(most, MOST_CANDIDATES))
    filters = query.get("properties") or []
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise Problem(400, "reconcile", f"The properties of query {key[:50]!r} are no list of at most {MOST_FILTERS}.")
    features: Mapping[str, dict[str, bool]] = {}
    if filters and found:
        features = extension.compared(edition, names, [candidate.named for candidate in found], filters)
        found = sorted((_weighed(one, features[one.named.thing]) for one in found), key=lambda one: -one.score)
    sure = taken(found)
    return [
        _described(names, one.named)
        | {"score": round(one.score, 2), "match": one is sure, "features": _features(features.get(one.named.thing, {}))}
        for one in found
    ]


def _weighed(candidate: Candidate, fits: Mapping[str, bool]) -> Candidate:
    """Return *candidate* with its score after comparison of its values with the filters; unknown values say nothing."""
    if not fits:
        return candidate
    score = candidate.score + (100 - candidate.score) * FITS if all(fits.values()) else candidate.score * CLASHES
    return Candidate(candidate.named, score, candidate.by)


def _features(fits: Mapping[str, bool]) -> list[dict[str, Any]]:
    return [{"id": name, "value": fitting} for name, fitting in sorted(fits.items())]


def _described(names: Roster, named: Named) -> dict[str, Any]:
    return {
        "id": names.identifier(named),
        "name": named.names[0],
        "description": names.description(named),
        "type": [{"id": kind.id, "name": kind.name} for kind in names.kinds(named)],
    }


def _named(names: Roster) -> Named:
    found = names.by_identifier(request.args.get("id", ""))
    if found is None:
        raise Problem(404, "not-found", "No thing of ours has this id.", hint="Ids look like id/astana.")
    return found


def _prefix() -> str:
    prefix = request.args.get("prefix", "")
    if len(prefix) > LONGEST_QUERY:
        raise Problem(400, "reconcile", f"A prefix has {LONGEST_QUERY} characters at most.")
    return prefix


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(400, "reconcile", f"{name} is no JSON.") from None


def _sent(answer: dict[str, Any] | Sequence[Any], vary: str = "Accept-Encoding") -> Response:
    """Return *answer* as JSON, or as a call of the function that a page of another host names (JSONP)."""
    body = json.dumps(answer, ensure_ascii=False)
    callback = request.args.get("callback")
    if callback is None:
        return rendering.kept(body.encode(), "application/json", vary=vary)
    if not CALLBACK.fullmatch(callback):
        raise Problem(400, "callback", "callback is no name of a function.")
    # the comment keeps the name from opening the document; two characters end a line in JavaScript but not in JSON
    script = f"/**/{callback}({body});".replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")
    return rendering.kept(script.encode(), "application/javascript; charset=utf-8", vary=vary)
