"""``/sparql``: the SPARQL 1.1 Protocol for queries."""

import re
import time
from collections.abc import Iterator
from typing import Final

from flask import Blueprint, Response, request

from kzus_graph.engine import guard, results, workers
from kzus_graph.engine.editions import Editions
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.results import Format
from kzus_graph.vocab import PREFIXES
from kzus_graph.web import negotiation, protocol
from kzus_graph.web.errors import Problem
from kzus_graph.web.protocol import Asked

# Up to this size an answer is kept whole before it leaves, so that it has a length and an ETag, or an honest status.
WHOLE: Final = 256 * 1024


def blueprint(editions: Editions) -> Blueprint:
    """The routes of the endpoint."""
    pages = Blueprint("sparql", __name__)

    @pages.route("/sparql", methods=["GET", "POST"])
    @pages.route("/sparql/", methods=["GET", "POST"])
    def sparql() -> Response:
        arrived = request.environ.get("kzus.arrived", time.monotonic())
        asked = protocol.parse(
            request.method, request.query_string, request.headers.get("Content-Type", ""), request.get_data()
        )
        if asked.query is None:
            raise Problem(400, "missing-query", "The parameter query is missing.")
        reading = guard.read(asked.query)
        _refuse(reading)
        return _answer(editions, reading, _format(reading, asked), asked, arrived)

    return pages


def _refuse(reading: guard.Reading) -> None:
    if reading.update:
        raise Problem(
            403, "read-only", f"{reading.update} is an update; this release is read-only: updates are not accepted."
        )
    if reading.calls or reading.disguised:
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


def _answer(editions: Editions, reading: guard.Reading, form: Format, asked: Asked, arrived: float) -> Response:
    limits = editions.limits
    seconds = _seconds(asked, limits.timeout)
    given = bool(asked.default_graphs or asked.named_graphs)
    question = Question(
        query=reading.text,
        format=form.name,
        default_graphs=asked.default_graphs if given else None,
        named_graphs=asked.named_graphs if given else None,
        star=reading.star,
        variables=reading.variables,
        max_rows=limits.max_rows,
        seconds=seconds,
        prefixes=PREFIXES if form.kind == "graph" else {},
    )
    try:
        answer = editions.current.pool.ask(question, arrived + seconds)
        chunks = iter(answer)
        first: list[bytes] = []
        size = 0
        for chunk in chunks:
            first.append(chunk)
            size += len(chunk)
            if size >= WHOLE:
                return Response(_rest(first, chunks, answer), content_type=form.content_type)
    except workers.Refusal as refusal:
        raise _problem(refusal) from refusal
    return Response(b"".join(first), content_type=form.content_type)


def _rest(first: list[bytes], chunks: Iterator[bytes], answer: workers.Answer) -> Iterator[bytes]:
    """Send what is there and then the rest as it comes. A refusal now breaks the connection: never a tidy end."""
    try:
        yield b"".join(first)
        first.clear()
        yield from chunks
    finally:
        answer.close()


def _problem(refusal: workers.Refusal) -> Problem:
    detail = str(refusal)
    match refusal:
        case workers.Malformed():
            place = re.match(r"error at (\d+):(\d+): ", detail)
            line, column = map(int, place.groups()) if place else (None, None)
            return Problem(400, "malformed-query", detail, line=line, column=column)
        case workers.ReachesOut():
            return Problem(403, "service", "The query asks for something outside this graph.")
        case workers.TooManyRows():
            return Problem(422, "too-many-rows", f"The answer has {detail}.")
        case workers.OutOfTime():
            return Problem(504, "timeout", detail)
        case workers.OutOfMemory():
            return Problem(503, "memory", detail, headers=[("Retry-After", "30")])
        case workers.Busy():
            return Problem(503, "busy", detail, headers=[("Retry-After", "2")])
        case _:
            return Problem(400, "evaluation", detail)
