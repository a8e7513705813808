"""Checks the query of a request, plans its evaluation, and builds the response headers, for ASGI and for Flask."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

from kzus_graph.engine import federation, guard, refusals
from kzus_graph.engine.cache import Kept, parts
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.listing import Frame
from kzus_graph.engine.serving import Limits, Release
from kzus_graph.rdf import formats
from kzus_graph.rdf.formats import Format
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.base_url import BY_HOST
from kzus_graph.web.http.metrics import Exchange
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql.empty_results import Hint
from kzus_graph.web.sparql.parameters import Asked
from kzus_graph.web.view import query_errors, responses

# Answers below this many bytes are gathered before sending, so that they have a length, an ETag and a true status.
WHOLE: Final = 256 * 1024
# Pages of any site may query the endpoint; it never uses credentials, so a star is safe.
CORS: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
VARY: Final = "Accept, Accept-Encoding"
VARY_BY_HOST: Final = ", ".join((VARY, *BY_HOST))


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A query that passed all checks, with its result format, cache key, and *question*, which a worker evaluates."""

    reading: guard.Reading
    form: Format
    question: Question
    # The key of its answer in the cache.
    key: bytes
    # Whether the query has relative IRIs, which are resolved against the address that the client used.
    by_host: bool

    @property
    def passing(self) -> bool:
        """Whether the same query may later get another answer, due to SERVICE or RAND, say; if so, it isn't cached."""
        return self.reading.volatile or bool(self.reading.calls)

    @property
    def is_plain(self) -> bool:
        """Whether a worker process can answer by itself: no SERVICE clause, no HTML as result, no relative IRIs."""
        return not (self.by_host or self.reading.calls or self.form.name == "html")

    def headers(self, etag: str) -> tuple[tuple[bytes, bytes], ...]:
        """Return the HTTP headers of an answer with this *etag*; if *etag* is empty, the answer must not be stored.

        Caches must revalidate a stored answer before each use, since a new release may be published at any time.
        """
        # An HTML answer states the address at which it can be cited.
        vary = VARY_BY_HOST if self.by_host or self.form.name == "html" else VARY
        found: tuple[tuple[bytes, bytes], ...] = (
            (b"content-type", self.form.content_type.encode()),
            (b"cache-control", b"public, no-cache" if etag else b"no-store"),
            (b"vary", vary.encode()),
        )
        if self.form.name == "html":
            found = (*found, (b"content-security-policy", responses.POLICY.encode()))
        return (*found, (b"etag", etag.encode())) if etag else found

    def framed(self, frame: Frame) -> "PlannedQuery":
        """Return a copy of this plan with *frame*, the HTML before and after the rows of the result page."""
        return replace(self, question=self.question._replace(frame=frame), key=_key(self.key, frame))

    def finish(self, release: Release, body: bytes, rows: int) -> Kept:
        """Return the answer (*body*, with *rows* rows), headers and ETag; cache it unless the plan is ``passing``."""
        etag = "" if self.passing else f'"{blake2b(body, digest_size=12).hexdigest()}"'
        kept = Kept(self.headers(etag), parts(body), etag, rows)
        if etag:
            release.cache.put(self.key, kept)
        return kept


def planned(asked: Asked, limits: Limits, accept: str, base: str, exchange: Exchange) -> PlannedQuery:
    """Return the plan of the query in *asked*: the one that *exchange* already has, else a new one.

    The query and its digest are noted in *exchange*, the record of this request. Raises Problem or Refusal if the query
    can't be run.
    """
    assert asked.query is not None
    exchange.query, exchange.digest = asked.query, digest(asked.query)
    return exchange.plan or make(asked.query, asked, limits, accept, base)


def known(plan: PlannedQuery, release: Release, exchange: Exchange) -> Kept | None:
    """Return the cached answer to *plan*, or None; if there is one, record its number of rows in *exchange*."""
    kept = release.cache.get(plan.key)
    if kept is not None:
        exchange.rows, exchange.outcome = kept.rows, "kept"
    return kept


def headers(own: Iterable[tuple[bytes, bytes]], hint: Hint, timing: str = "") -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer: its *own*, and ``Hint`` and ``Server-Timing`` if it has a *hint* or *timing*.

    An answer whose hint is not final (``lasting``) gets ``no-store``: its ETag covers only the bytes, not the hint.
    """
    found = list(own)
    if not hint.lasting:
        found = [pair for pair in found if pair[0] != b"cache-control"] + [(b"cache-control", b"no-store")]
    if hint.text:
        found.append((b"hint", query_errors.header(hint.text).encode()))
    return [*found, (b"server-timing", timing.encode())] if timing else found


def timing(*moments: float) -> str:
    """Return the ``Server-Timing`` value: the durations of the four steps read, services, queue and engine, in ms.

    *moments* are the times in seconds at which each step began, and at which the last step ended.
    """
    taken = zip(("read", "services", "queue", "engine"), pairwise(moments), strict=True)
    return ", ".join(f"{step};dur={1000 * (end - begin):.1f}" for step, (begin, end) in taken)


def digest(query: str) -> str:
    """Return a short digest of a query, for logs."""
    return blake2b(query.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def make(query: str, asked: Asked, limits: Limits, accept: str, base: str) -> PlannedQuery:
    """Return a new plan for *query*. Raises Problem or Refusal if the query can't be run.

    *accept* is the Accept header; relative IRIs in the query are resolved against *base*.
    """
    reading = guard.read(query)
    _refuse(reading, limits.services)
    form = _format(reading, asked, accept)
    given = bool(asked.default_graphs or asked.named_graphs)
    by_host = reading.relative
    question = Question(
        query=reading.text,
        format=form.name,
        default_graphs=asked.default_graphs if given else None,
        named_graphs=asked.named_graphs if given else None,
        star=reading.star,
        variables=reading.variables if reading.star is not None else (),
        max_rows=limits.max_rows,
        seconds=_seconds(asked, limits.timeout),
        base=base if by_host else None,
        prefixes=PREFIXES if form.kind == "graph" else None,
    )
    key = _key(query, asked.default_graphs, asked.named_graphs, form.name, question.base)
    return PlannedQuery(reading, form, question, key, by_host)


def _key(*parts: Any) -> bytes:
    """Return the cache key of an answer: a digest (16 bytes) of *parts*, the values that the answer depends on."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _refuse(reading: guard.Reading, services: tuple[str, ...]) -> None:
    if reading.update:
        detail = f"{reading.update} is a SPARQL update operation, but this endpoint is read-only: send a query."
        raise Problem(403, "read-only", detail)
    federation.refuse(reading, services)
    # The engine doesn't check where a word ends: it would run some text that isn't SPARQL and that we didn't read.
    if reading.form is None or reading.stray is not None:
        raise refusals.Malformed


def _format(reading: guard.Reading, asked: Asked, accept: str) -> Format:
    kind: formats.Kind = "graph" if reading.form in ("construct", "describe") else "solutions"
    found = next((form for name in asked.formats if (form := formats.named(name, kind))), None)
    if found is None and (not asked.formats or not content_negotiation.indifferent(accept)):
        found = _preferred(accept[: content_negotiation.LONGEST], kind)
    if found is None:
        offers = formats.formats(kind)
        raise Problem(
            406,
            "not-acceptable",
            f"No requested format is available for this query. Available: {', '.join(form.name for form in offers)}.",
            formats={form.name: form.media_type for form in offers},
        )
    return found


@lru_cache(maxsize=512)
def _preferred(accept: str, kind: formats.Kind) -> Format | None:
    return content_negotiation.choose(accept, formats.formats(kind))


def _seconds(asked: Asked, most: float) -> float:
    if asked.timeout is None:
        return most
    try:
        seconds = float(asked.timeout)
    except ValueError:
        seconds = float("nan")
    if not seconds > 0:
        raise Problem(400, "timeout", "The parameter timeout must be a positive number of seconds.")
    return min(seconds, most)
