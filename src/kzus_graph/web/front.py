"""The door: an ASGI application that answers repeats at once and hands everything else to Flask.

Bodies are read here, within bounds, so that a slow client holds no thread. A body that cannot be sent whole is left
unfinished: the server then breaks the connection, and the client sees that the answer is not complete.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from flask import Flask

from kzus_graph.engine.cache import Kept
from kzus_graph.engine.editions import Edition, Editions
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.workers import Pool
from kzus_graph.web import bodies, coding, hints, languages, negotiation, plans, protocol
from kzus_graph.web.bodies import Receive, Send
from kzus_graph.web.errors import Problem
from kzus_graph.web.origins import FORWARDED, Network, Origin, Origins, Unclear
from kzus_graph.web.telemetry import Telemetry, Visit
from kzus_graph.web.wsgi import Reply, call, environ_of

Scope = MutableMapping[str, Any]
# Whether it is a POST, path, query string, what the client wants of types, the coding it gets, Content-Type, body,
# where the site begins for it, language of names.
Key = tuple[bool, str, bytes, str, str, bytes, bytes, Origin, str]

# Only an answer that takes longer than this is worth watching whether its client still waits.
NOTICE: Final = 0.2
# How long a query that has just come in waits here for a worker, before it takes a thread to wait in the queue.
MOMENT: Final = 0.03
# A client that sends what we gave it before may be told that it still holds; these headers go with that.
_WITH_304: Final = frozenset({b"etag", b"cache-control", b"vary", b"access-control-allow-origin", b"link"})
_KEPT_FOR: Final = frozenset({"GET", "HEAD", "POST"})
CORS_HEADERS: Final = tuple((name.lower().encode(), value.encode()) for name, value in plans.CORS.items())
# Beyond this size encoding takes long enough to hold others up.
SMALL: Final = 16 * 1024


class Front:
    """Serves one Flask application, and its kept answers, to ASGI."""

    def __init__(
        self, app: Flask, editions: Editions, telemetry: Telemetry, threads: int, proxies: Iterable[Network] = ()
    ) -> None:
        self._app = app
        self._origins = Origins(proxies)
        self._editions = editions
        self._telemetry = telemetry
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="flask")
        self._room = threads
        self._sleepers: deque[asyncio.Future[None]] = deque()

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
            await bodies.refuse(send, 400, str(fault))
            return
        if method == "POST":
            read = await bodies.read(receive, send)
            if read is None:
                return
            body = read
        edition = self._editions.current
        accept = accept[: negotiation.LONGEST]
        # All browsers want the same in other words, so that a page which one has seen is there for the others.
        wanted, coded = negotiation.wishes(accept), coding.chosen(encodings.decode("latin-1"))
        # Of all the languages one may ask for, three make a difference, and none to an answer to a query.
        language = languages.preferred(spoken.decode("latin-1")) if scope["path"] != "/sparql" else ""
        key = (method == "POST", scope["path"], scope["query_string"], wanted, coded, posted, body, origin, language)
        if method in _KEPT_FOR and (kept := edition.cache.get(key)) is not None:
            self._telemetry.hit(scope, arrived, kept)
            await _send_whole(send, kept, match, method)
            return
        if self._room <= 0:
            await bodies.refuse(send, 503, "The server is busy.", (b"retry-after", b"2"))
            return
        visit = Visit(arrived, method, scope["path"])
        self._room -= 1
        watch = asyncio.get_running_loop().call_later(NOTICE, self._watch, visit, receive)
        try:
            asked = method == "GET" and scope["path"] == "/sparql"
            if asked and await self._at_once(scope, edition, accept, key, visit):
                assert visit.kept is not None
                await _send_whole(send, visit.kept, match, method)
                return
            environ = environ_of(scope, origin, body)
            environ["kzus.edition"] = edition
            environ["kzus.visit"] = visit
            environ["kzus.language"] = language
            await self._pass_on(environ, edition, key, match, visit, send)
        finally:
            watch.cancel()
            if visit.watch is not None:
                visit.watch.cancel()
            self._room += 1
            self._telemetry.done(visit)

    async def _at_once(self, scope: Scope, edition: Edition, accept: bytes, key: Key, visit: Visit) -> bool:
        """Ask a worker from here if one is free. What isn't plain and small goes on to Flask, as far as it got."""
        limits = self._editions.limits
        try:
            asked = protocol.parse("GET", scope["query_string"], "", b"")
            if asked.query is None:
                return False
            plan = plans.make(asked.query, asked, limits, accept.decode("latin-1"), "")
        except Problem:
            return False
        if plan.by_host or plan.reading.calls or plan.form.name == "html":
            return False
        visit.query, visit.digest = asked.query, plans.digest(asked.query)
        kept = edition.cache.get(plan.key)
        headers = list(kept.headers) if kept is not None else []
        if kept is None:
            asked_at = time.monotonic()
            answer = edition.pool.ask_now(plan.question, visit.arrived + plan.question.seconds)
            while answer is None and edition.pool.is_full and await self._freed(edition.pool, visit):
                answer = edition.pool.ask_now(plan.question, visit.arrived + plan.question.seconds)
            visit.answer = answer
            if answer is None:
                return False
            try:
                visit.begun = await answer.gather(plans.WHOLE)
            except Refusal as refusal:
                visit.refused = refusal
                return False
            if not answer.done:
                return False
            kept = plan.finish(edition, b"".join(visit.begun), answer.rows)
            headers = [*kept.headers, (b"server-timing", b"engine;dur=%.1f" % (1000 * (time.monotonic() - asked_at)))]
        # Kept without it, an answer gets its hint each time: it is not part of the bytes.
        if hint := hints.for_no_rows(plan.reading.text, kept.body, kept.rows, edition):
            headers.append((b"hint", hint.encode()))
        headers += [*CORS_HEADERS, (b"content-length", b"%d" % len(kept.body))]
        visit.status, visit.rows, visit.sent = 200, kept.rows, len(kept.body)
        wanted = key[4]
        reply = Reply(200, headers, kept.body)
        if wanted and len(kept.body) > SMALL:
            loop = asyncio.get_running_loop()
            visit.kept = await loop.run_in_executor(self._threads, _encoded, reply, kept.etag, wanted, kept.rows)
        else:
            visit.kept = _encoded(reply, kept.etag, wanted, kept.rows)
        if not plan.passing and not hints.pending(plan.reading.text, kept.rows, edition):
            edition.cache.put(key, _lasting(visit.kept, visit.digest))
        return True

    async def _freed(self, pool: Pool, visit: Visit) -> bool:
        """Wait a moment for a worker to come free: most queries take less time than a thread does to begin."""
        left = visit.arrived + MOMENT - time.monotonic()
        if left <= 0:
            return False
        loop = asyncio.get_running_loop()
        freed: asyncio.Future[None] = loop.create_future()
        self._sleepers.append(freed)
        pool.on_free = lambda: self._wake(loop)
        try:
            await asyncio.wait_for(freed, left)
        except TimeoutError:
            return False
        finally:
            if freed in self._sleepers:
                self._sleepers.remove(freed)
        return True

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the request that has waited longest try again."""

        def wake() -> None:
            while self._sleepers:
                freed = self._sleepers.popleft()
                if not freed.done():
                    freed.set_result(None)
                    break

        if self._sleepers and not loop.is_closed():
            loop.call_soon_threadsafe(wake)

    async def _pass_on(
        self, environ: dict[str, Any], edition: Edition, key: Key, match: bytes, visit: Visit, send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(self._threads, self._reply, environ, edition, key)
        visit.status = reply.status
        if isinstance(reply.body, Kept):
            visit.sent = len(reply.body.body)
            visit.rows = max(visit.rows, reply.body.rows)
            await _send_whole(send, reply.body, match, visit.method)
            return
        start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        if isinstance(reply.body, bytes):
            visit.sent = len(reply.body)
            await send(start)
            await send({"type": "http.response.body", "body": b"" if visit.method == "HEAD" else reply.body})
            return
        chunks = iter(reply.body)
        try:
            await send(start)
            if visit.method != "HEAD":
                while (chunk := await loop.run_in_executor(self._threads, next, chunks, None)) is not None:
                    visit.sent += len(chunk)
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except Refusal as refusal:
            visit.outcome = f"broken off: {type(refusal).__name__}"
            return
        finally:
            await loop.run_in_executor(self._threads, reply.close)
        await send({"type": "http.response.body", "body": b""})

    def _watch(self, visit: Visit, receive: Receive) -> None:
        """Let a slow answer go when its client does."""

        async def wait() -> None:
            while (await receive())["type"] != "http.disconnect":
                continue
            await asyncio.get_running_loop().run_in_executor(None, visit.leave)

        visit.watch = asyncio.ensure_future(wait())

    def _reply(self, environ: dict[str, Any], edition: Edition, key: Key) -> Reply:
        """Ask Flask; encode what it says, and keep it if everybody may have it."""
        reply = call(self._app, environ)
        names = dict(reply.headers)
        is_for_all = reply.is_for_all(by_language=bool(key[-1]))
        if reply.is_file and is_for_all:
            reply.join()
        media = names.get(b"content-type", b"").decode("latin-1")
        wanted = coding.chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if b"content-encoding" in names or not coding.worth(media):
            wanted = ""
        if not isinstance(reply.body, bytes):
            if wanted and not reply.is_file:
                reply.headers.append((b"content-encoding", wanted.encode()))
                reply.body = coding.stream(iter(reply.body), wanted)
            return reply
        etag = names.get(b"etag", b"").decode("latin-1")
        if reply.status == 200 and etag:
            reply.body = _encoded(reply, etag, wanted, environ["kzus.visit"].rows)
            if is_for_all:
                edition.cache.put(key, _lasting(reply.body, environ["kzus.visit"].digest))
        return reply


def _encoded(reply: Reply, etag: str, wanted: str, rows: int) -> Kept:
    """A whole answer in the coding that its client wants; another coding has another ETag."""
    if not wanted or len(reply.body) < coding.WORTH:
        return Kept(tuple(reply.headers), reply.body, etag, rows)
    body = coding.encode(reply.body, wanted)
    headers = [pair for pair in reply.headers if pair[0] not in (b"content-length", b"etag")]
    headers += [(b"content-encoding", wanted.encode()), (b"content-length", b"%d" % len(body))]
    if etag:
        etag = f'{etag[:-1]}-{wanted}"'
        headers.append((b"etag", etag.encode("latin-1")))
    return Kept(tuple(headers), body, etag, rows)


def _lasting(kept: Kept, digest: str) -> Kept:
    headers = tuple(pair for pair in kept.headers if pair[0] != b"server-timing")
    return replace(kept, headers=headers, digest=digest)


async def _send_whole(send: Send, kept: Kept, match: bytes, method: str) -> None:
    if match and kept.etag and method != "POST" and _matches(kept.etag, match.decode("latin-1")):
        headers = [pair for pair in kept.headers if pair[0] in _WITH_304]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": kept.headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else kept.body})


def _matches(etag: str, header: str) -> bool:
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))
