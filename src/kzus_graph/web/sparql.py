"""``/sparql``: the SPARQL 1.1 Protocol for queries."""

import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Final

from flask import Blueprint, Response, request

from kzus_graph.engine import federation, guard, refusals, results
from kzus_graph.engine.answers import Answer
from kzus_graph.engine.cache import Kept
from kzus_graph.engine.editions import Edition, Editions, Limits
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.results import Format
from kzus_graph.vocab import PREFIXES
from kzus_graph.web import hints, negotiation, protocol, service
from kzus_graph.web.errors import Problem
from kzus_graph.web.protocol import Asked
from kzus_graph.web.telemetry import Visit

# Up to this size an answer is kept whole before it leaves, so that it has a length and an ETag, or an honest status.
WHOLE: Final = 256 * 1024
# Up to this size an answer is kept for the next who asks.
LARGEST_KEPT: Final = 8 << 20
ASK_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>SPARQL endpoint</title>
<h1>SPARQL endpoint</h1><form><p><textarea name="query" rows="12" cols="80" aria-label="Query">
SELECT * { ?s ?p ?o } LIMIT 10</textarea><p><button>Ask</button></form></html>
"""


def blueprint(editions: Editions) -> Blueprint:
    """The routes of the endpoint."""
    pages = Blueprint("sparql", __name__)

    @pages.route("/sparql", methods=["GET", "POST"])
    @pages.route("/sparql/", methods=["GET", "POST"])
    def sparql() -> Response:
        visit = request.environ.get("kzus.visit") or Visit(time.monotonic())
        edition = request.environ.get("kzus.edition") or editions.current
        asked = protocol.parse(
            request.method, request.query_string, request.headers.get("Content-Type", ""), request.get_data()
        )
        if asked.query is None:
            return _introduce(edition, editions.limits.services)
        visit.query = asked.query
        visit.digest = blake2b(asked.query.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        reading = guard.read(asked.query)
        try:
            _refuse(reading, editions.limits.services)
            return _answer(edition, editions.limits, reading, _format(reading, asked), asked, visit)
        except Problem as problem:
            visit.outcome = problem.kind
            raise
        except refusals.Refusal as refusal:
            known = hints.problem(refusal, asked.query)
            visit.outcome = known.kind
            raise known from refusal

    return pages


def _introduce(edition: Edition, services: tuple[str, ...]) -> Response:
    """Without a query: the service description for an RDF client, and how to ask for anyone else."""
    accept = request.headers.get("Accept", "")
    wants_page = "text/html" in accept and negotiation.weight_of("text/html", accept) > 0
    form = negotiation.choose(accept, results.formats("graph")) if accept.strip() not in ("", "*/*") else None
    if (
        request.method == "POST"
        or request.args
        or (form is None and not wants_page and accept.strip() not in ("", "*/*"))
    ):
        raise Problem(400, "missing-query", "The parameter query is missing.")
    if wants_page and negotiation.weight_of("text/html", accept) >= 0.9:
        return _described(Response(ASK_PAGE, content_type="text/html; charset=utf-8"), cacheable=False)
    form = form or results.formats("graph")[0]
    body = service.describe(edition, request.base_url.rstrip("/"), services, form)
    return _whole(body, form, f'"{blake2b(body, digest_size=12).hexdigest()}"', by_host=True)


def _refuse(reading: guard.Reading, services: tuple[str, ...]) -> None:
    if reading.update:
        raise Problem(
            403, "read-only", f"{reading.update} is an update; this release is read-only: updates are not accepted."
        )
    if reading.disguised or (reading.calls and not services):
        raise Problem(403, "service", "SERVICE is not allowed here.")


def _format(reading: guard.Reading, asked: Asked) -> Format:
    kind: results.Kind = "graph" if reading.form in ("construct", "describe") else "solutions"
    wanted = asked.format
    if wanted is None:
        found = negotiation.choose(request.headers.get("Accept", ""), results.formats(kind))
    else:
        found = results.named(wanted, kind)
    if found is None:
        raise Problem(
            406,
            "not-acceptable",
            f"This query can be answered in {', '.join(form.name for form in results.formats(kind))}.",
            formats={form.name: form.media_type for form in results.formats(kind)},
        )
    return found


def _seconds(asked: Asked, most: float) -> float:
    wanted = asked.timeout
    if wanted is None:
        return most
    try:
        seconds = float(wanted)
    except ValueError:
        seconds = float("nan")
    if not seconds > 0:
        raise Problem(400, "timeout", "timeout is a positive number of seconds.")
    return min(seconds, most)


def _answer(
    edition: Edition, limits: Limits, reading: guard.Reading, form: Format, asked: Asked, visit: Visit
) -> Response:
    given = bool(asked.default_graphs or asked.named_graphs)
    # Relative IRIs stand for ones on this host, by whatever name the client knows it.
    base = request.base_url if reading.relative else None
    key = ("answer", asked.query, asked.default_graphs, asked.named_graphs, form.name, base)
    if (kept := edition.cache.get(key)) is not None:
        visit.rows = kept.rows
        visit.outcome = "kept"
        return _whole(kept.body, form, kept.etag, by_host=base is not None)
    seconds = _seconds(asked, limits.timeout)
    began = time.monotonic()
    text = federation.resolve(reading, limits.services, visit.arrived + seconds)
    question = Question(
        query=text,
        format=form.name,
        default_graphs=asked.default_graphs if given else None,
        named_graphs=asked.named_graphs if given else None,
        star=reading.star,
        variables=reading.variables,
        max_rows=limits.max_rows,
        seconds=seconds,
        base=base,
        prefixes=PREFIXES if form.kind == "graph" else None,
    )

    passing = reading.volatile or bool(reading.calls)

    def keep(body: bytes, rows: int) -> str:
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        edition.cache.put(key, Kept((), body, etag, rows))
        return etag

    asked_at = time.monotonic()
    answer = edition.pool.ask(question, visit.arrived + seconds)
    visit.answer = answer
    if visit.gone:
        answer.close()
    handed = time.monotonic()
    chunks = iter(answer)
    first: list[bytes] = []
    size = 0
    for chunk in chunks:
        first.append(chunk)
        size += len(chunk)
        if size >= WHOLE:
            _needs_chunks(answer)
            stream = _rest(first, chunks, answer, visit, None if passing else keep)
            return _described(Response(stream, content_type=form.content_type), cacheable=False)
    body = b"".join(first)
    visit.rows = answer.rows
    etag = "" if passing else keep(body, answer.rows)
    response = _whole(body, form, etag, by_host=base is not None)
    if answer.rows == 0 and form.kind == "solutions" and (hint := hints.misspelt(reading.text, edition)):
        response.headers["Hint"] = hint
    response.headers["Server-Timing"] = (
        f"read;dur={1000 * (began - visit.arrived):.1f}, services;dur={1000 * (asked_at - began):.1f}, "
        f"queue;dur={1000 * (handed - asked_at):.1f}, "
        f"engine;dur={1000 * (time.monotonic() - handed):.1f}"
    )
    return response


def _whole(body: bytes, form: Format, etag: str, *, by_host: bool = False) -> Response:
    response = Response(body, content_type=form.content_type)
    if etag:
        response.headers["ETag"] = etag
    _described(response, cacheable=bool(etag))
    if by_host:
        response.headers["Vary"] += ", Host, X-Forwarded-Host, X-Forwarded-Proto"
    return response


def _needs_chunks(answer: Answer) -> None:
    if request.environ.get("SERVER_PROTOCOL") in ("HTTP/1", "HTTP/1.0"):
        answer.close()
        raise Problem(
            505, "http-version", "An answer of this size needs HTTP/1.1; with 1.0 nobody can tell if it is whole."
        )


def _described(response: Response, *, cacheable: bool) -> Response:
    # Whoever keeps an answer has to ask whether it still holds: a new release may come at any time.
    response.headers["Cache-Control"] = "public, no-cache" if cacheable else "no-store"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    return response


def _rest(
    first: list[bytes],
    chunks: Iterator[bytes],
    answer: Answer,
    visit: Visit,
    keep: Callable[[bytes, int], str] | None,
) -> Iterator[bytes]:
    """Send what is there and then the rest as it comes. A refusal now breaks the connection: never a tidy end."""
    passed = [b"".join(first)]
    size = len(passed[0])
    first.clear()
    try:
        yield passed[0]
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST_KEPT:
                keep = None
                passed.clear()
            elif keep:
                passed.append(chunk)
            yield chunk
        visit.rows = answer.rows
        if keep:
            keep(b"".join(passed), answer.rows)
    finally:
        answer.close()
