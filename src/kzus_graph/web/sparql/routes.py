"""``/sparql``: the SPARQL endpoint, by the SPARQL 1.1 Protocol, for queries only."""

import time
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request

from kzus_graph.engine import federation, refusals
from kzus_graph.engine.answers import Answer
from kzus_graph.engine.cache import Kept
from kzus_graph.engine.listing import Frame
from kzus_graph.engine.serving import Limits, Release
from kzus_graph.rdf import formats
from kzus_graph.web.http import base_url, content_negotiation
from kzus_graph.web.http.metrics import Exchange
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import editor, empty_results, examples, execution, parameters, service_description
from kzus_graph.web.sparql.empty_results import Hint
from kzus_graph.web.sparql.execution import WHOLE, PlannedQuery
from kzus_graph.web.view import citations, pinned_links, query_errors, responses

# A streamed answer up to this many bytes is put into the cache.
LARGEST_KEPT: Final = 8 << 20
# Up to this many bytes an answer is held in memory while all places for large answers are taken.
MOST_HELD: Final = 2 << 20
# Marks, in the template, where the rows of a page and the words for an empty answer go.
ROWS: Final = "<!-- rows -->"
OTHERS: Final = tuple(form for form in formats.formats("solutions") if form.name != "html")


blueprint = Blueprint("sparql", __name__, template_folder="templates")
"""The Flask routes of the SPARQL endpoint."""


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/sparql/", methods=["GET", "POST"])
def sparql() -> Response:
    """Return the result of the request's query; without a query, return the service description or the query editor."""
    exchange = request.environ.get("kzus.exchange") or Exchange(time.monotonic())
    release = g.release
    asked = parameters.parse(
        request.method, request.query_string, request.headers.get("Content-Type", ""), request.get_data()
    )
    if asked.query is None:
        return _introduce(release, g.limits.services)
    try:
        accept = request.headers.get("Accept", "")
        plan = execution.planned(asked, g.limits, accept, _address(), exchange)
        if plan.form.name == "html":
            plan = plan.framed(_frame(asked, plan, release))
        return _answer(plan, release, g.limits, exchange)
    except Problem as problem:
        exchange.outcome = problem.kind
        raise
    except refusals.Refusal as refusal:
        known = query_errors.problem(refusal, asked.query)
        exchange.outcome = known.kind
        raise known from refusal


def _address() -> str:
    """Return the address of this request without its parameters: the base of the relative IRIs in a query."""
    return base_url.beginning() + request.path.lstrip("/")


def _introduce(release: Release, services: tuple[str, ...]) -> Response:
    """Return the answer to a request without a query: the query editor for a browser, else the service description.

    Raises Problem (400) if the request is a POST, has other parameters, or accepts neither HTML nor RDF.
    """
    accept = request.headers.get("Accept", "")
    wants_page = "text/html" in accept and content_negotiation.weight_of("text/html", accept) > 0
    form = (
        content_negotiation.choose(accept, formats.formats("graph"))
        if not content_negotiation.indifferent(accept)
        else None
    )
    if (
        request.method == "POST"
        or request.args
        or (form is None and not wants_page and not content_negotiation.indifferent(accept))
    ):
        raise Problem(400, "missing-query", "The parameter query is missing.")
    if wants_page and content_negotiation.weight_of("text/html", accept) >= 0.9:
        page = editor.page(release, services)
        page.headers["Vary"] = execution.VARY
        return page
    form = form or formats.formats("graph")[0]
    body = service_description.describe(release, _address().rstrip("/"), services, form)
    answer = Response(body, content_type=form.content_type)
    answer.headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.headers["Vary"] = execution.VARY_BY_HOST
    return answer


def _frame(asked: parameters.Asked, plan: PlannedQuery, release: Release) -> Frame:
    """Return the HTML before and after the rows of a result page: site header, footer, query, and links to formats."""
    assert asked.query is not None
    given = [("default-graph-uri", graph) for graph in asked.default_graphs or ()]
    given += [("named-graph-uri", graph) for graph in asked.named_graphs or ()]
    text = render_template(
        "answer.html",
        query=asked.query,
        example=examples.of(release, asked.query),
        longest=citations.LONGEST_ADDRESS,
        others=_others(asked.query, given),
        sheet="" if plan.reading.calls else urlencode([("query", asked.query), *given]),
        cited_path=citations.query_path(asked.query, given),
        hint=empty_results.hint(plan.reading.text, release).text,
    )
    pinned = pinned_links.older()
    head, empty, foot = (pinned_links.within(text, pinned) if pinned else text).split(ROWS)
    return Frame(head, empty, foot, responses.at(""), pinned)


def _others(query: str, given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the name of each result format except HTML, with the URL parameters that request it.

    The list is empty if *query* has more than LONGEST_ADDRESS characters.
    """
    if len(query) > citations.LONGEST_ADDRESS:
        return []
    return [(form.name, urlencode([("query", query), *given, ("format", form.name)])) for form in OTHERS]


def _answer(plan: PlannedQuery, release: Release, limits: Limits, exchange: Exchange) -> Response:
    if exchange.refused is not None:
        raise exchange.refused
    if (kept := execution.known(plan, release, exchange)) is not None:
        return _whole(kept, _hint(kept, plan, release))
    answer, first = exchange.answer, exchange.begun
    silenced: Hint | None = None
    began = asked_at = time.monotonic()
    deadline = exchange.arrived + plan.question.seconds
    question = plan.question
    if answer is None:
        resolved = federation.resolve(
            plan.reading, limits.services, deadline, _asking(plan, release, deadline), plan.question.base or ""
        )
        asked_at = time.monotonic()
        question = question._replace(query=resolved.text)
        answer = exchange.answer = release.pool.ask(question, deadline)
        silenced = Hint(query_errors.for_silence(resolved.silenced)) if resolved.silenced else None
        if exchange.gone:
            answer.close()
    handed = time.monotonic()
    size = sum(map(len, first))
    chunks = iter(answer)
    while (chunk := next(chunks, None)) is not None:
        first.append(chunk)
        size += len(chunk)
        if size >= WHOLE and release.pool.prolong(answer):
            break
        if size >= MOST_HELD:
            # All places for large answers are taken: free this worker for new queries, and queue for such a place.
            answer.close()
            answer = exchange.answer = release.pool.ask(question, deadline, long=True)
            first, size, chunks = [], 0, iter(answer)
    if not answer.done:
        return _streamed(plan, release, first, chunks, answer, exchange, silenced)
    exchange.rows = answer.rows
    kept = plan.finish(release, b"".join(first), answer.rows)
    timing = execution.timing(exchange.arrived, began, asked_at, handed, time.monotonic())
    return _whole(kept, silenced or _hint(kept, plan, release), timing)


def _asking(plan: PlannedQuery, release: Release, deadline: float) -> federation.Ask:
    """Return a function that runs a query on the default and named graphs of *plan* and returns SPARQL JSON results."""

    def ask(text: str) -> bytes:
        question = plan.question._replace(query=text, format="json", star=None, variables=(), max_rows=None)
        return b"".join(release.pool.ask(question, deadline))

    return ask


def _hint(kept: Kept, plan: PlannedQuery, release: Release) -> Hint:
    return empty_results.hint(plan.reading.text, release) if empty_results.owed(kept) else Hint()


def _whole(kept: Kept, hint: Hint, timing: str = "") -> Response:
    return _response(b"".join(kept.parts), execution.headers(kept.headers, hint, timing))


def _response(body: bytes | Iterator[bytes], headers: Iterable[tuple[bytes, bytes]]) -> Response:
    return Response(body, headers=[(name.decode(), value.decode()) for name, value in headers])


def _streamed(
    plan: PlannedQuery,
    release: Release,
    first: list[bytes],
    chunks: Iterator[bytes],
    answer: Answer,
    exchange: Exchange,
    silenced: Hint | None,
) -> Response:
    if request.environ.get("SERVER_PROTOCOL") in ("HTTP/1", "HTTP/1.0"):
        answer.close()
        raise Problem(
            505,
            "http-version",
            "An answer of this size needs HTTP/1.1: in HTTP/1.0 a client cannot tell if it is complete.",
        )
    headers = execution.headers(plan.headers(""), silenced or Hint())
    return _response(_rest(plan, release, first, chunks, answer, exchange), headers)


def _rest(
    plan: PlannedQuery,
    release: Release,
    first: list[bytes],
    chunks: Iterator[bytes],
    answer: Answer,
    exchange: Exchange,
) -> Iterator[bytes]:
    """Yield the bytes in *first*, then *chunks* as they arrive; cache the answer if it has at most LARGEST_KEPT bytes.

    If the engine fails at this stage, the connection is aborted, so that a client detects the incomplete answer.
    """
    passed = [b"".join(first)]
    size = len(passed[0])
    first.clear()
    keeps = not plan.passing
    try:
        yield passed[0]
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST_KEPT:
                keeps = False
                passed.clear()
            elif keeps:
                passed.append(chunk)
            yield chunk
        exchange.rows = answer.rows
        if keeps:
            plan.finish(release, b"".join(passed), answer.rows)
    finally:
        answer.close()
