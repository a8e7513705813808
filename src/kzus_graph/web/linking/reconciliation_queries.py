"""Batches of reconciliation queries, each query read and answered by itself (API 0.2, section 4)."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kzus_graph.engine.serving import Release
from kzus_graph.links.matching import Candidate, taken
from kzus_graph.links.name_forms import Named
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linking import json_input, lookup_page, property_filters
from kzus_graph.web.linking.entity_index import EntityIndex
from kzus_graph.web.linking.property_filters import Filter

MOST_QUERIES: Final = 200
MOST_CANDIDATES: Final = 50
USUAL: Final = 10
LOOKED_AT: Final = 25
LONGEST_QUERY: Final = 1_000
DEEPEST: Final = 8
"""The deepest nesting of objects and lists that is read; a query needs five levels."""
SECONDS: Final = 15.0
"""The most seconds that a batch may take."""
SURROGATE: Final = re.compile("[\ud800-\udfff]")
FITS: Final = 0.5
"""The part of the gap between a score and 100 that is added if the candidate fits all property filters."""
CLASHES: Final = 0.7
"""The factor for the score of a candidate that does not fit one of the filters."""


class UnusableQuery(Exception):
    """An error in one query of a batch; the other queries are still answered. The message says what is wrong."""


@dataclass(frozen=True)
class ReconciliationQuery:
    """One query of a batch. *kinds* are IRIs of classes; *impossible* tells that no thing can be of the types asked."""

    text: str
    most: int
    kinds: tuple[str, ...]
    impossible: bool
    all_kinds: bool
    filters: tuple[Filter, ...]


def batch(release: Release, names: EntityIndex, queries: Any) -> dict[str, Any]:
    """Return the answers to a batch of queries, by the keys of the queries.

    The answer to an unusable query has an empty result and an ``error`` that says why; the others are still answered.
    Raises Problem: 400 for a malformed batch, 413 for too many queries, 503 if the batch takes more than SECONDS.
    """
    if not isinstance(queries, dict):
        raise Problem(400, "reconcile", "queries is a JSON object: a query for each key.")
    if len(queries) > MOST_QUERIES:
        raise Problem(413, "reconcile", f"{len(queries)} queries in one batch; {MOST_QUERIES} are the most.")
    if SURROGATE.search("".join(queries)):
        raise Problem(400, "reconcile", "A key has half of a surrogate pair: \\ud800 to \\udfff stand in pairs.")
    answers: dict[str, Any] = {}
    end = time.monotonic() + SECONDS
    for key, query in queries.items():
        if time.monotonic() > end:
            detail = f"{len(answers)} of {len(queries)} queries took {SECONDS:g} seconds, the most that a batch may."
            raise Problem(503, "reconcile", detail, hint="Send fewer at once.", headers=[("Retry-After", "2")])
        try:
            answers[key] = {"result": _result(release, names, read(names, query))}
        except UnusableQuery as unusable:
            answers[key] = {"result": [], "error": str(unusable)}
    return answers


def only(release: Release, names: EntityIndex, query: Any) -> dict[str, Any]:
    """Return the answer to a single query, as in version 0.1 of the API. Raises Problem, also for an unusable query."""
    answer: dict[str, Any] = batch(release, names, {"q": query})["q"]
    if "error" in answer:
        raise Problem(400, "reconcile", answer["error"])
    return answer


def checked(value: Any) -> None:
    """Check that *value*, read from JSON, is nested no deeper than DEEPEST and has no half of a surrogate pair.

    Raises UnusableQuery if not.
    """
    within = [(value, 0)]
    while within:
        one, depth = within.pop()
        if depth > DEEPEST:
            raise UnusableQuery(f"Objects and lists are nested more than {DEEPEST} deep.")
        if isinstance(one, str) and SURROGATE.search(one):
            raise UnusableQuery("There is half of a surrogate pair: \\ud800 to \\udfff stand in pairs.")
        if isinstance(one, dict):
            within += ((each, depth + 1) for pair in one.items() for each in pair)
        elif isinstance(one, list):
            within += ((each, depth + 1) for each in one)


def read(names: EntityIndex, query: Any) -> ReconciliationQuery:
    """Return *query*, a JSON object or a text, as a ReconciliationQuery. Raises UnusableQuery."""
    checked(query)
    if wrong := json_input.fault(query, "query"):
        raise UnusableQuery(wrong)
    if isinstance(query, str):
        query = {"query": query}
    types = query.get("type")
    types = [each for each in (types if isinstance(types, list) else [types]) if each]
    strict = query.get("type_strict")
    kinds = names.classes(types)
    known = len(kinds) == len(types) if strict == "all" else bool(kinds)
    return ReconciliationQuery(
        str(query.get("query", "")).strip(),
        min(int(query.get("limit") or USUAL), MOST_CANDIDATES),
        tuple(kinds),
        bool(types) and not known,
        strict == "all",
        tuple(property_filters.read(names, query.get("properties"))),
    )


def _result(release: Release, names: EntityIndex, query: ReconciliationQuery) -> list[dict[str, Any]]:
    if query.impossible:
        return []
    # filters by value or type may favour a candidate after the first few, so look at more
    looked_at = max(query.most, LOOKED_AT) if query.filters or query.all_kinds else query.most + 1
    identified = lookup_page.candidates(release, names, query.text, query.kinds) if query.text else None
    if identified is not None:
        found = identified
    elif query.text:
        found = names.find(query.text, query.kinds, looked_at)
    else:
        found = property_filters.holders(release, names, query.filters, query.kinds)
    if query.all_kinds:
        found = [one for one in found if set(query.kinds) <= set(one.named.kinds)]
    features: Mapping[str, dict[str, bool]] = {}
    if query.filters and found:
        features = property_filters.compared(release, [candidate.named for candidate in found], query.filters)
        found = sorted((_weighed(one, features[one.named.thing]) for one in found), key=lambda one: -one.score)
    sure = taken(found) if query.text else None
    return [
        described(names, one.named)
        | {"score": round(one.score, 2), "match": one is sure, "features": _features(features.get(one.named.thing, {}))}
        for one in found[: query.most]
    ]


def _weighed(candidate: Candidate, fits: Mapping[str, bool]) -> Candidate:
    """Return *candidate* with its score raised if it fits all filters, lowered if not; unchanged if *fits* is empty."""
    if not fits:
        return candidate
    score = candidate.score + (100 - candidate.score) * FITS if all(fits.values()) else candidate.score * CLASHES
    return Candidate(candidate.named, score, candidate.by)


def _features(fits: Mapping[str, bool]) -> list[dict[str, Any]]:
    return [{"id": name, "value": fitting} for name, fitting in sorted(fits.items())]


def described(names: EntityIndex, named: Named) -> dict[str, Any]:
    """Return a thing as clients get it: its id, name, description and types."""
    return {
        "id": names.identifier(named),
        "name": named.names[0],
        "description": names.description(named),
        "type": [{"id": kind.id, "name": kind.name} for kind in names.kinds(named)],
    }
