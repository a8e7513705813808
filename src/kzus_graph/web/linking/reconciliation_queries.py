"""Answers batches of queries (Reconciliation API 0.2, section 4); a malformed query does not affect the others."""

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
"""The maximum nesting depth of objects and lists in a query; a valid query has at most five levels."""
SECONDS: Final = 15.0
"""The most seconds that a batch may take."""
FITS: Final = 0.5
"""If a candidate fits all property filters, its score rises by this part of its difference from 100."""
CLASHES: Final = 0.7
"""The factor for the score of a candidate that does not fit one of the property filters."""


class UnusableQuery(Exception):
    """An error in one query of a batch; the other queries are still answered. The message states the error."""


@dataclass(frozen=True)
class ReconciliationQuery:
    """One query of a batch. *most* is the maximum number of candidates; *kinds* are the IRIs of the requested classes.

    *all_kinds* is true if a candidate must have all *kinds*, *impossible* if no thing can have the requested types.
    """

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
        raise Problem(400, "reconcile", "The parameter queries must be a JSON object with a query for each key.")
    if len(queries) > MOST_QUERIES:
        raise Problem(413, "reconcile", f"The batch has {len(queries)} queries; the limit is {MOST_QUERIES}.")
    if json_input.SURROGATE.search("".join(queries)):
        raise Problem(400, "reconcile", "A query key has an unpaired surrogate: \\ud800 to \\udfff must be in pairs.")
    answers: dict[str, Any] = {}
    end = time.monotonic() + SECONDS
    for key, query in queries.items():
        if time.monotonic() > end:
            detail = f"The time limit of {SECONDS:g} seconds passed after {len(answers)} of {len(queries)} queries."
            raise Problem(503, "reconcile", detail, hint="Send smaller batches.", headers=[("Retry-After", "2")])
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
    """Check that *value*, read from JSON, is nested no deeper than DEEPEST and contains no unpaired surrogate.

    Raises UnusableQuery if not.
    """
    within = [(value, 0)]
    while within:
        one, depth = within.pop()
        if depth > DEEPEST:
            raise UnusableQuery(f"Objects and lists are nested more than {DEEPEST} levels deep.")
        if isinstance(one, str) and json_input.SURROGATE.search(one):
            raise UnusableQuery("A text has an unpaired surrogate: \\ud800 to \\udfff must be in pairs.")
        if isinstance(one, dict):
            within += ((each, depth + 1) for pair in one.items() for each in pair)
        elif isinstance(one, list):
            within += ((each, depth + 1) for each in one)


def read(names: EntityIndex, query: Any) -> ReconciliationQuery:
    """Return *query*, a JSON object or a text, as a ReconciliationQuery. Raises UnusableQuery if it is malformed."""
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
    """Return *candidate*, its score raised if all *fits* are true, lowered if not, unchanged if *fits* is empty."""
    if not fits:
        return candidate
    score = candidate.score + (100 - candidate.score) * FITS if all(fits.values()) else candidate.score * CLASHES
    return Candidate(candidate.named, score, candidate.by)


def _features(fits: Mapping[str, bool]) -> list[dict[str, Any]]:
    return [{"id": name, "value": fitting} for name, fitting in sorted(fits.items())]


def described(names: EntityIndex, named: Named) -> dict[str, Any]:
    """Return the id, name, description and types of the thing *named*, as clients get them in JSON."""
    return {
        "id": names.identifier(named),
        "name": named.names[0],
        "description": names.description(named),
        "type": [{"id": kind.id, "name": kind.name} for kind in names.kinds(named)],
    }
