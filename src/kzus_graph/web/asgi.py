"""The ASGI application: answers from the cache, sends simple queries to worker processes, and the rest to Flask.

It reads request bodies, within limits, and sends the answers, so that a slow client occupies no thread and no worker
process. If an answer fails after its first bytes were sent, the connection is closed, so that the client notices.
"""

import asyncio
import time
from collections.abc import Hashable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from flask import Flask

from kzus_graph.engine import guard
from kzus_graph.engine.cache import SHORT, Kept, short
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.serving import Release, Releases
from kzus_graph.web.http import content_coding, content_negotiation, response_body
from kzus_graph.web.http.base_url import FORWARDED, Network, Origin, Origins, Unclear
from kzus_graph.web.http.connections import Connections
from kzus_graph.web.http.metrics import Exchange, Telemetry
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.http.request_body import LARGE, Receive, RequestBodies, Send, refuse
from kzus_graph.web.http.response_buffer import BufferSpace, Spool
from kzus_graph.web.http.waiting import Waiting
from kzus_graph.web.http.wsgi import Reply, call, environ_of
from kzus_graph.web.sparql import empty_results, execution, parameters
from kzus_graph.web.view import locale

Scope = MutableMapping[str, Any]
# Whether it is a POST; path, query string, Content-Type and body, or their digests; Accept; coding; origin; language.
Key = tuple[bool, Hashable, Hashable, Hashable, Hashable, str, str, Origin, str]

# After so many seconds we start to watch whether the client still waits for its answer.
NOTICE: Final = 0.2
# How many seconds a new query waits here for a worker, before it waits in the queue with a thread.
MOMENT: Final = 0.3
# Paths that are answered in the event loop, so that busy threads don't delay them.
AT_ONCE: Final = frozenset({"/health", "/metrics"})
BUSY: Final = b"503 The server is busy.\n"
_KEPT_FOR: Final = frozenset({"GET", "HEAD", "POST"})
CORS_HEADERS: Final = tuple((name.lower().encode(), value.encode()) for name, value in execution.CORS.items())
# Compressing more bytes than this would hold up the event loop.
SMALL: Final = 16 * 1024


class AsgiApplication:
    """An ASGI application that serves one Flask application and its cached answers."""

    def __init__(
        self,
        app: Flask,
        releases: Releases,
        telemetry: Telemetry,
        threads: int,
        proxies: Iterable[Network] = (),
        large: int = 2,
    ) -> None:
        self._app = app
        self._origins = Origins(proxies)
        self._releases = releases
        self._telemetry = telemetry
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="flask")
        self._free = threads
        # The number of requests in work; those answered from the cache or refused at once are not counted.
        self.under_way = 0
        self._bodies = RequestBodies()
        # Large requests take long to read and to answer: only *large* at a time, so that they don't hold up others.
        self._large = asyncio.Semaphore(large)
        self._spools = BufferSpace()
        self._connections = Connections()
        self._waiting = Waiting()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, from the cache if possible; ignore ASGI scopes of other types, such as lifespan."""
        if scope["type"] != "http":
            return
        arrived = time.monotonic()
        method: str = scope["method"]
        accept = encodings = match = posted = spoken = body = b""
        host, forwarded = None, False
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = accept + b"," + value if accept else value
            elif name == b"accept-encoding":
                encodings = encodings + b"," + value if encodings else value
            elif name == b"host":
                host = value if host is None else b","  # two Host headers are an error (RFC 9112, section 3.2)
            elif name == b"if-none-match":
                match = match + b"," + value if match else value
            elif name == b"content-type":
                posted = value
            elif name == b"accept-language":
                spoken = spoken + b"," + value if spoken else value
            elif name in FORWARDED:
                forwarded = True
        try:
            origin = self._origins.of(scope, host, forwarded=forwarded)
        except Unclear as fault:
            await refuse(send, 400, str(fault))
            return
        if method == "POST":
            read = await self._bodies.read(receive, send)
            if read is None:
                return
            body = read
        release: Release = scope.get("kzus.release") or self._releases.current
        accept = accept[: content_negotiation.LONGEST]
        # Browsers write the same wishes in different ways: normalise them, so that all browsers share kept pages.
        wanted, coded = content_negotiation.wishes(accept), content_coding.chosen(encodings.decode("latin-1"))
        # A page has names in one of three languages; an answer to a query doesn't depend on the language.
        language = locale.preferred(spoken.decode("latin-1")) if scope["path"] != "/sparql" else ""
        parts: tuple[Any, ...] = (scope["path"], scope["query_string"], posted, body)
        if sum(map(len, parts)) > SHORT:
            parts = tuple(map(short, parts))
        key = (method == "POST", *parts, wanted, coded, origin, language)
        if method in _KEPT_FOR and (answer := release.cache.get(key)) is not None:
            if body:
                self._bodies.done(len(body))
            self._telemetry.hit(scope, arrived, answer)
            few = answer.length <= response_body.SMALL or self._connections.are_few(scope.get("client"))
            try:
                await response_body.kept(send, answer, match, method, few=few)
            except response_body.Stalled:
                self._telemetry.broken_off(response_body.STALLED_OUTCOME)
            return
        exchange = Exchange(arrived, method, scope["path"])
        self.under_way += 1
        release.pool.askers += 1
        watch = asyncio.get_running_loop().call_later(NOTICE, self._watch, exchange, receive)
        try:
            if reply := await self._made(scope, body, release, accept, key, exchange, send):
                await response_body.reply(
                    send, reply, match, exchange, few=self._connections.are_few(scope.get("client"))
                )
        finally:
            watch.cancel()
            if exchange.watch is not None:
                exchange.watch.cancel()
            self._bodies.done(len(body))
            self._telemetry.done(exchange)
            self.under_way -= 1
            release.pool.askers -= 1

    async def _made(
        self, scope: Scope, body: bytes, release: Release, accept: bytes, key: Key, exchange: Exchange, send: Send
    ) -> Reply | None:
        """Return a newly computed answer, which the caller must send; None if it was already sent, as a stream."""
        if scope["path"] in AT_ONCE:
            return self._reply(scope, body, release, key, exchange)
        asked = exchange.method == "GET" and scope["path"] == "/sparql" and "kzus.unloaded" not in scope
        loop = asyncio.get_running_loop()
        if asked and (quick := await self._quick(scope, release, accept, exchange)) is not None:
            if len(quick.body) <= SMALL:
                return _coded(quick, release, key, exchange)
            return await loop.run_in_executor(self._threads, _coded, quick, release, key, exchange)
        large = len(body) + len(scope["query_string"]) > LARGE
        if self._free <= 0 or exchange.crowded or (large and not await self._turn(exchange)):
            if exchange.answer is not None:
                exchange.answer.close()
            return Reply(503, [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2")], BUSY)
        self._free -= 1
        try:
            reply = await loop.run_in_executor(self._threads, self._reply, scope, body, release, key, exchange)
            if reply.is_file or isinstance(reply.body, Kept | bytes):
                return reply
            if exchange.method == "HEAD":
                await loop.run_in_executor(self._threads, reply.close)
                return Reply(reply.status, reply.headers, b"")
            # The client may be slower than the worker, which is free once its whole answer is in the spool.
            spool = Spool(self._spools, loop)
            few = self._connections.are_few(scope.get("client"))
            sender = asyncio.ensure_future(response_body.stream(send, reply, spool, exchange, few=few))
            filled = loop.run_in_executor(self._threads, _fill, spool, reply)
            await asyncio.wait((filled,))
        finally:
            self._free += 1
            if large:
                self._large.release()
        await sender
        filled.result()
        return None

    async def _turn(self, exchange: Exchange) -> bool:
        """Acquire the semaphore for large requests; return False if the time limit of the request ends first."""
        try:
            async with asyncio.timeout(exchange.arrived + self._releases.limits.timeout - time.monotonic()):
                return await self._large.acquire()
        except TimeoutError:
            return False

    async def _quick(self, scope: Scope, release: Release, accept: bytes, exchange: Exchange) -> Reply | None:
        """Return the answer to a simple query from the cache or from a free worker process, without using a thread.

        A simple query has no SERVICE clause, no HTML answer and no relative IRI. The result is None if this fails; then
        Flask's route of the SPARQL endpoint must answer, which uses the plan and partial answer stored in *exchange*.
        """
        if len(scope["query_string"]) > guard.LONG:
            return None
        try:
            asked = parameters.parse("GET", scope["query_string"], "", b"")
            if asked.query is None:
                return None
            plan = execution.planned(asked, self._releases.limits, accept.decode("latin-1"), "", exchange)
        except (Problem, Refusal):
            return None
        if not plan.is_plain:
            return None
        exchange.plan = plan
        kept, timing = execution.known(plan, release, exchange), ""
        if kept is None:
            asked_at = time.monotonic()
            if not await self._gather(plan, release, exchange):
                return None
            assert exchange.answer is not None
            kept = plan.finish(release, b"".join(exchange.begun), exchange.answer.rows)
            timing = execution.timing(exchange.arrived, asked_at, asked_at, exchange.handed, time.monotonic())
        hint = empty_results.Hint()
        if empty_results.owed(kept):
            text, loop = plan.reading.text, asyncio.get_running_loop()
            soon = empty_results.at_once(text, release)
            if soon is None:
                soon = await loop.run_in_executor(self._threads, empty_results.hint, text, release)
            hint = soon
        exchange.rows, body = kept.rows, b"".join(kept.parts)
        own = (*CORS_HEADERS, (b"content-length", b"%d" % len(body)))
        return Reply(200, [*execution.headers(kept.headers, hint, timing), *own], body)

    async def _gather(self, plan: execution.PlannedQuery, release: Release, exchange: Exchange) -> bool:
        """Return whether a worker process has answered the query of *plan* completely; store the answer in *exchange*.

        False: similar queries took long, no worker was free in time, there was a Refusal, or the answer is too long.
        """
        pool, deadline = release.pool, exchange.arrived + plan.question.seconds
        precedent = pool.precedents.of(plan.question.query)
        if precedent.long:
            # A query that took long before goes to the queue for long queries.
            exchange.crowded = pool.is_crowded
            return False
        while (answer := pool.ask_now(plan.question, deadline, precedent)) is None:
            if not await self._waiting.freed(pool, exchange.arrived + MOMENT, brief=precedent.brief):
                return False
        exchange.answer, exchange.handed = answer, time.monotonic()
        try:
            exchange.begun = await answer.gather(execution.WHOLE)
        except Refusal as refusal:
            exchange.refused = refusal
            return False
        return answer.done

    def _watch(self, exchange: Exchange, receive: Receive) -> None:
        """Start a task that waits until the client disconnects and then stops the work on the request in *exchange*."""

        async def wait() -> None:
            while (await receive())["type"] != "http.disconnect":
                continue
            await asyncio.get_running_loop().run_in_executor(None, exchange.leave)

        exchange.watch = asyncio.ensure_future(wait())

    def _reply(self, scope: Scope, body: bytes, release: Release, key: Key, exchange: Exchange) -> Reply:
        """Return Flask's answer to the request of *scope*, in the content coding that the client prefers."""
        own = {"kzus.release": release, "kzus.exchange": exchange, "kzus.language": key[-1]}
        return _coded(call(self._app, environ_of(scope, key[-2], body) | own), release, key, exchange)


def _coded(reply: Reply, release: Release, key: Key, exchange: Exchange) -> Reply:
    """Return *reply*, compressed as the cache key *key* says; cache it if it is valid for all requests with *key*."""
    names = dict(reply.headers)
    is_for_all = reply.is_for_all(by_language=bool(key[-1]))
    if reply.is_file and is_for_all:
        reply.join()
    wanted = key[-3]
    if b"content-encoding" in names or not content_coding.worth(names.get(b"content-type", b"").decode("latin-1")):
        wanted = ""
    if not isinstance(reply.body, bytes):
        if wanted and not reply.is_file:
            reply.headers.append((b"content-encoding", wanted.encode()))
            reply.body = content_coding.stream(iter(reply.body), wanted)
        return reply
    etag = names.get(b"etag", b"").decode("latin-1")
    if reply.status == 200 and (etag or b"accept-encoding" in names.get(b"vary", b"").lower()):
        reply.body = response_body.encoded(reply, etag, wanted, exchange.rows)
        if is_for_all and etag:
            release.cache.put(key, _lasting(reply.body, exchange.digest))
    return reply


def _lasting(kept: Kept, digest: str) -> Kept:
    headers = tuple(pair for pair in kept.headers if pair[0] != b"server-timing")
    return replace(kept, headers=headers, digest=digest)


def _fill(spool: Spool, reply: Reply) -> None:
    try:
        spool.fill(reply.body)
    finally:
        reply.close()
