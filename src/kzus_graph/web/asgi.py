"""The ASGI application: it answers repeats at once and hands everything else to Flask.

It reads bodies within bounds and sends the answers, so that a slow client holds no thread and no worker. A body that
can't be sent whole is left unfinished: the server breaks the connection, and the client sees that something is missing.
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
from kzus_graph.web.http.metrics import Telemetry, Visit
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.http.request_body import LARGE, Bodies, Receive, Send, refuse
from kzus_graph.web.http.response_buffer import Room, Spool
from kzus_graph.web.http.waiting import Waiting
from kzus_graph.web.http.wsgi import Reply, call, environ_of
from kzus_graph.web.sparql import empty_results, execution, parameters
from kzus_graph.web.view import locale, query_errors

Scope = MutableMapping[str, Any]
# Is it a POST; path, query string, Content-Type and body, or their digests; types wanted; coding; origin; language.
Key = tuple[bool, Hashable, Hashable, Hashable, Hashable, str, str, Origin, str]

# Only an answer that takes longer than this is worth watching whether its client still waits.
NOTICE: Final = 0.2
# How long a query that has just come in waits here for a worker, before it takes a thread to wait in the queue.
MOMENT: Final = 0.3
# Answered here and now, however busy the threads are.
AT_ONCE: Final = frozenset({"/health", "/metrics"})
BUSY: Final = b"503 The server is busy.\n"
_KEPT_FOR: Final = frozenset({"GET", "HEAD", "POST"})
CORS_HEADERS: Final = tuple((name.lower().encode(), value.encode()) for name, value in execution.CORS.items())
# Beyond this size encoding takes long enough to hold others up.
SMALL: Final = 16 * 1024


class Front:
    """Serves one Flask application, and its kept answers, to ASGI."""

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
        # Requests that are neither answered nor refused yet.
        self.under_way = 0
        self._bodies = Bodies()
        # What is large takes long to read, and many workers long to answer: so many at a time, others must not notice.
        self._large = asyncio.Semaphore(large)
        self._spools = Room()
        self._connections = Connections()
        self._waiting = Waiting()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a repeat gets no further than this."""
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
                host = value if host is None else b","  # two make none (RFC 9112, section 3.2)
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
        release = self._releases.current
        accept = accept[: content_negotiation.LONGEST]
        # All browsers want the same in other words, so that a page which one has seen is there for the others.
        wanted, coded = content_negotiation.wishes(accept), content_coding.chosen(encodings.decode("latin-1"))
        # Of all the languages one may ask for, three make a difference, and none to an answer to a query.
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
            await response_body.kept(send, answer, match, method, few=few)
            return
        visit = Visit(arrived, method, scope["path"])
        self.under_way += 1
        release.pool.askers += 1
        watch = asyncio.get_running_loop().call_later(NOTICE, self._watch, visit, receive)
        try:
            if reply := await self._made(scope, body, release, accept, key, visit, send):
                await response_body.reply(send, reply, match, visit, few=self._connections.are_few(scope.get("client")))
        finally:
            watch.cancel()
            if visit.watch is not None:
                visit.watch.cancel()
            self._bodies.done(len(body))
            self._telemetry.done(visit)
            self.under_way -= 1
            release.pool.askers -= 1

    async def _made(
        self, scope: Scope, body: bytes, release: Release, accept: bytes, key: Key, visit: Visit, send: Send
    ) -> Reply | None:
        """Return a new answer, or None when it has been sent."""
        if scope["path"] in AT_ONCE:
            return self._reply(_environ(scope, body, release, key, visit), release, key)
        asked = visit.method == "GET" and scope["path"] == "/sparql"
        if asked and await self._at_once(scope, release, accept, key, visit):
            return Reply(200, [], visit.kept)
        large = len(body) + len(scope["query_string"]) > LARGE
        if self._free <= 0 or visit.crowded or (large and not await self._turn(visit)):
            if visit.answer is not None:
                visit.answer.close()
            return Reply(503, [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2")], BUSY)
        loop = asyncio.get_running_loop()
        self._free -= 1
        try:
            environ = _environ(scope, body, release, key, visit)
            reply = await loop.run_in_executor(self._threads, self._reply, environ, release, key)
            if reply.is_file or isinstance(reply.body, Kept | bytes):
                return reply
            if visit.method == "HEAD":
                await loop.run_in_executor(self._threads, reply.close)
                return Reply(reply.status, reply.headers, b"")
            # The client may be slower than the worker, which is free when all of its answer is in the spool.
            spool = Spool(self._spools, loop)
            few = self._connections.are_few(scope.get("client"))
            sender = asyncio.ensure_future(response_body.stream(send, reply, spool, visit, few=few))
            filled = loop.run_in_executor(self._threads, _fill, spool, reply)
            await asyncio.wait((filled,))
        finally:
            self._free += 1
            if large:
                self._large.release()
        await sender
        filled.result()
        return None

    async def _turn(self, visit: Visit) -> bool:
        """Wait for the turn of a large request; False if it doesn't come in time."""
        try:
            async with asyncio.timeout(visit.arrived + self._releases.limits.timeout - time.monotonic()):
                return await self._large.acquire()
        except TimeoutError:
            return False

    async def _at_once(self, scope: Scope, release: Release, accept: bytes, key: Key, visit: Visit) -> bool:
        """Ask a worker from here if one is free. What isn't plain and small goes on to Flask, as far as it got."""
        if len(scope["query_string"]) > guard.LONG:
            return False
        limits = self._releases.limits
        try:
            asked = parameters.parse("GET", scope["query_string"], "", b"")
            if asked.query is None:
                return False
            plan = execution.make(asked.query, asked, limits, accept.decode("latin-1"), "")
        except (Problem, Refusal):
            return False
        if plan.by_host or plan.reading.calls or plan.form.name == "html":
            return False
        visit.query, visit.digest = asked.query, execution.digest(asked.query)
        kept = release.cache.get(plan.key)
        headers = list(kept.headers) if kept is not None else []
        if kept is None:
            asked_at = time.monotonic()
            pool, deadline = release.pool, visit.arrived + plan.question.seconds
            known = pool.precedents.of(plan.question.query)
            if known.long:
                # Its place is among those that take long.
                visit.crowded = pool.is_crowded
                return False
            while (answer := pool.ask_now(plan.question, deadline, known)) is None:
                if not await self._waiting.freed(pool, visit.arrived + MOMENT, brief=known.brief):
                    return False
            visit.answer = answer
            try:
                visit.begun = await answer.gather(execution.WHOLE)
            except Refusal as refusal:
                visit.refused = refusal
                return False
            if not answer.done:
                return False
            kept = plan.finish(release, b"".join(visit.begun), answer.rows)
            headers = [*kept.headers, (b"server-timing", b"engine;dur=%.1f" % (1000 * (time.monotonic() - asked_at)))]
        # Kept without it, an answer gets its hint each time: it is not part of the bytes.
        hint = empty_results.Hint()
        if empty_results.owed(kept.parts[-1], kept.rows):
            loop, text = asyncio.get_running_loop(), plan.reading.text
            soon = empty_results.at_once(text, release)
            if soon is None:
                soon = await loop.run_in_executor(self._threads, empty_results.hint, text, release)
            hint = soon
        if hint.text:
            headers.append((b"hint", query_errors.header(hint.text).encode()))
        body = b"".join(kept.parts)
        headers += [*CORS_HEADERS, (b"content-length", b"%d" % len(body))]
        visit.status, visit.rows, visit.sent = 200, kept.rows, len(body)
        wanted = key[-3]
        reply = Reply(200, headers, body)
        if wanted and len(body) > SMALL:
            loop = asyncio.get_running_loop()
            visit.kept = await loop.run_in_executor(
                self._threads, response_body.encoded, reply, kept.etag, wanted, kept.rows
            )
        else:
            visit.kept = response_body.encoded(reply, kept.etag, wanted, kept.rows)
        if not plan.passing and hint.lasting:
            release.cache.put(key, _lasting(visit.kept, visit.digest))
        return True

    def _watch(self, visit: Visit, receive: Receive) -> None:
        """Let a slow answer go when its client does."""

        async def wait() -> None:
            while (await receive())["type"] != "http.disconnect":
                continue
            await asyncio.get_running_loop().run_in_executor(None, visit.leave)

        visit.watch = asyncio.ensure_future(wait())

    def _reply(self, environ: dict[str, Any], release: Release, key: Key) -> Reply:
        """Ask Flask; encode what it says, and keep it if everybody may have it."""
        reply = call(self._app, environ)
        names = dict(reply.headers)
        is_for_all = reply.is_for_all(by_language=bool(key[-1]))
        if reply.is_file and is_for_all:
            reply.join()
        media = names.get(b"content-type", b"").decode("latin-1")
        wanted = content_coding.chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if b"content-encoding" in names or not content_coding.worth(media):
            wanted = ""
        if not isinstance(reply.body, bytes):
            if wanted and not reply.is_file:
                reply.headers.append((b"content-encoding", wanted.encode()))
                reply.body = content_coding.stream(iter(reply.body), wanted)
            return reply
        etag = names.get(b"etag", b"").decode("latin-1")
        if reply.status == 200 and etag:
            reply.body = response_body.encoded(reply, etag, wanted, environ["kzus.visit"].rows)
            if is_for_all:
                release.cache.put(key, _lasting(reply.body, environ["kzus.visit"].digest))
        return reply


def _lasting(kept: Kept, digest: str) -> Kept:
    headers = tuple(pair for pair in kept.headers if pair[0] != b"server-timing")
    return replace(kept, headers=headers, digest=digest)


def _environ(scope: Scope, body: bytes, release: Release, key: Key, visit: Visit) -> dict[str, Any]:
    """The request as Flask gets it."""
    return environ_of(scope, key[-2], body) | {"kzus.release": release, "kzus.visit": visit, "kzus.language": key[-1]}


def _fill(spool: Spool, reply: Reply) -> None:
    try:
        spool.fill(reply.body)
    finally:
        reply.close()
