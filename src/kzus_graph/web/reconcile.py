"""``/reconcile``: the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group), for OpenRefine.

Identifiers of entities are their paths below ``https://w3id.org/kzus/``, such as ``id/astana``; those of types and
properties are prefixed names, such as ``dip:Visit``.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, request

from kzus_graph import __version__
from kzus_graph.engine.editions import Edition, Editions
from kzus_graph.forms import Named
from kzus_graph.matching import Candidate, taken
from kzus_graph.vocab import BASE, PREFIXES
from kzus_graph.web import extension, rendering
from kzus_graph.web.errors import Problem
from kzus_graph.web.roster import Kind, Roster, roster

SPECIFICATION: Final = "https://reconciliation-api.github.io/specs/0.2/"
MOST_QUERIES: Final = 200
MOST_CANDIDATES: Final = 50
MOST_FILTERS: Final = 20
USUAL: Final = 10
LOOKED_AT: Final = 25
LONGEST_QUERY: Final = 1_000
MOST_SUGGESTED: Final = 20
MOST_SKIPPED: Final = 1_000
SECONDS: Final = 15.0
"""So long a batch may take."""
CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,5}", re.ASCII)
SURROGATE: Final = re.compile("[\ud800-\udfff]")
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
        skipped = _cursor()
        found = names.beginning(_prefix(), request.args.get("type", ""), skipped + MOST_SUGGESTED)
        exact = names.by_identifier(_prefix()) if "/" in _prefix() else None
        described = [_described(names, named) for named in ([exact] if exact else found[skipped:])]
        return _sent({"result": [one | {"notable": one.pop("type")} for one in described]})

    @rooms.get("/reconcile/suggest/type")
    def types() -> Response:
        """Kinds of things whose names have this in them."""
        _, names = known()
        return _sent({"result": _having(_prefix(), names.types)})

    @rooms.get("/reconcile/suggest/property")
    def properties() -> Response:
        """Properties whose names have this in them."""
        _, names = known()
        return _sent({"result": _having(_prefix(), names.properties)})

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
        "batchSize": MOST_QUERIES,
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
    answers: dict[str, Any] = {}
    end = time.monotonic() + SECONDS
    for key, query in queries.items():
        if time.monotonic() > end:
            detail = f"{len(answers)} of {len(queries)} queries took {SECONDS:g} seconds, the most that a batch may."
            raise Problem(503, "reconcile", detail, hint="Send fewer at once.", headers=[("Retry-After", "2")])
        answers[key] = {"result": _answer(edition, names, query, key)}
    return answers


def _answer(edition: Edition, names: Roster, query: Any, key: str) -> list[dict[str, Any]]:
    if isinstance(query, str):
        query = {"query": query}
    text = query.get("query", "" if query.get("properties") else None) if isinstance(query, dict) else None
    if not isinstance(query, dict) or not isinstance(text, str | int | float):
        detail = f"Query {key[:50]!r} is no object with the text to match as its query, or with properties."
        raise Problem(400, "reconcile", detail)
    text = str(text)
    if len(text) > LONGEST_QUERY:
        raise Problem(400, "reconcile", f"Query {key[:50]!r} has more than {LONGEST_QUERY} characters.")
    most = query.get("limit", USUAL)
    if isinstance(most, bool) or not isinstance(most, int | float) or not 1 <= most < float("inf"):
        raise Problem(400, "reconcile", f"The limit of query {key[:50]!r} is no number from 1.")
    most = min(int(most), MOST_CANDIDATES)
    wanted, strict = query.get("type") or [], query.get("type_strict", "any")
    wanted = [wanted] if isinstance(wanted, str | dict) else wanted
    if not isinstance(wanted, list) or len(wanted) > MOST_FILTERS:
        detail = f"The type of query {key[:50]!r} is no id of a type, or list of at most {MOST_FILTERS}."
        raise Problem(400, "reconcile", detail)
    if strict not in ("any", "should", "all"):
        raise Problem(400, "reconcile", f"The type_strict of query {key[:50]!r} is none of any, should, all.")
    filters = query.get("properties") or []
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise Problem(400, "reconcile", f"The properties of query {key[:50]!r} are no list of at most {MOST_FILTERS}.")
    kinds = names.classes(wanted)
    if wanted and not kinds:
        return []
    # looked at by their values, another than the first few may be the best
    looked_at = max(most, LOOKED_AT) if filters or strict == "all" else most + 1
    named = names.by_identifier(text.strip()) if "/" in text else None
    if named is not None:
        found = [Candidate(named, 100.0, named.names[0])]
    elif text.strip():
        found = names.find(text, kinds, looked_at)
    else:
        found = extension.holders(edition, names, filters, kinds) if filters else []
    if strict == "all":
        found = [one for one in found if set(kinds) <= set(one.named.kinds)] if len(kinds) == len(wanted) else []
    features: Mapping[str, dict[str, bool]] = {}
    if filters and found:
        features = extension.compared(edition, names, [candidate.named for candidate in found], filters)
        found = sorted((_weighed(one, features[one.named.thing]) for one in found), key=lambda one: -one.score)
    sure = taken(found) if text.strip() else None
    return [
        _described(names, one.named)
        | {"score": round(one.score, 2), "match": one is sure, "features": _features(features.get(one.named.thing, {}))}
        for one in found[:most]
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
        asked = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Problem(400, "reconcile", f"{name} is no JSON.") from None
    if SURROGATE.search(json.dumps(asked, ensure_ascii=False)):
        raise Problem(400, "reconcile", f"{name} has half of a character: \\ud800 to \\udfff stand in pairs.")
    return asked


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _cursor() -> int:
    text = request.args.get("cursor", "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= MOST_SKIPPED):
        raise Problem(400, "reconcile", f"cursor is a whole number up to {MOST_SKIPPED}: how many to pass over.")
    return int(text)


def _having(prefix: str, kinds: Iterable[Kind]) -> list[dict[str, str]]:
    """Return kinds or properties with *prefix* in their name, or as the beginning of their id or address."""
    wanted = prefix.lower()
    found = [
        kind for kind in kinds
        if wanted in kind.name.lower() or kind.id.lower().startswith(wanted) or kind.iri.lower() == wanted
    ]  # fmt: skip
    return [{"id": kind.id, "name": kind.name} for kind in found[_cursor() :][:MOST_SUGGESTED]]


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
