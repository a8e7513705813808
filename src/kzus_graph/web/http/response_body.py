"""Sends HTTP responses: cached ones, ones of known length, and streams; stops if the client no longer reads."""

import asyncio
from collections.abc import Iterator
from typing import Final

from kzus_graph.engine.cache import Kept, parts
from kzus_graph.engine.refusals import Refusal
from kzus_graph.web.http import content_coding
from kzus_graph.web.http.metrics import Exchange
from kzus_graph.web.http.request_body import Send
from kzus_graph.web.http.response_buffer import Spool
from kzus_graph.web.http.wsgi import Reply

# A client that takes no bytes for so many seconds is given up. On Linux the kernel gives it up earlier.
STALLED: Final = 10.0
STALLED_OUTCOME: Final = "broken off: Stalled"
"""The outcome, in the log and the metrics, of an answer whose client has stopped reading."""
# Up to so many bytes are sent at once; it is also the size of parts while there are many connections.
SMALL: Final = 64 * 1024
# The headers of a 304 answer, which tells a client that the answer it has is still valid.
_WITH_304: Final = frozenset({b"etag", b"cache-control", b"vary", b"access-control-allow-origin", b"link"})


class Stalled(Exception):
    """The client has read nothing for STALLED seconds."""


async def reply(send: Send, answer: Reply, match: bytes, exchange: Exchange, *, few: bool) -> None:
    """Send *answer*, whose body is in memory or a file; record its status and size in *exchange*.

    *match* is the If-None-Match header of the request. *few* is set if the server has few connections: the
    body is then sent in large parts.
    """
    exchange.status = answer.status
    try:
        if isinstance(answer.body, Kept):
            exchange.rows, exchange.sent = max(exchange.rows, answer.body.rows), answer.body.length
            await kept(send, answer.body, match, exchange.method, few=few)
        elif answer.is_file:
            await file(send, answer, exchange, few=few)
        else:
            exchange.sent = len(answer.body)
            body = parts(b"" if exchange.method == "HEAD" else answer.body)
            await whole(send, answer.status, answer.headers, body, few=few)
    except Stalled:
        exchange.outcome = STALLED_OUTCOME


async def kept(send: Send, answer: Kept, match: bytes, method: str, *, few: bool) -> None:
    """Send a cached answer, or status 304 if the client already has it.

    *match* is the If-None-Match header of the request (RFC 9110, section 13.1.2), *method* the HTTP method. *few* is
    set if the server has few connections: then parts of the body are large. Raises Stalled if the client stops reading.
    """
    if match and answer.etag and method != "POST" and _matches(answer.etag, match.decode("latin-1")):
        headers = [pair for pair in answer.headers if pair[0] in _WITH_304]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = (b"",) if method == "HEAD" else answer.parts
    if answer.length > SMALL:
        await whole(send, 200, answer.headers, body, few=few)
        return
    # The path of most requests: it saves a function call.
    await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body[0]})


async def whole(send: Send, status: int, headers: object, body: tuple[bytes, ...], *, few: bool) -> None:
    """Send a response; the parts of *body* are cut to SMALL bytes unless *few* is set: the server has few connections.

    Raises Stalled if the client stops reading.
    """
    await send({"type": "http.response.start", "status": status, "headers": headers})
    last = body[-1]
    if len(body) > 1 or len(last) > SMALL:
        pieces = _pieces(body, few=few)
        last = next(pieces)
        for piece in pieces:
            await _part(send, last)
            last = piece
    await send({"type": "http.response.body", "body": last})


def _pieces(body: tuple[bytes, ...], *, few: bool) -> Iterator[bytes]:
    """Return an iterator over the parts of *body*, cut to SMALL bytes unless *few* is set (few connections)."""
    if few:
        return iter(body)
    return (part[place : place + SMALL] for part in body for place in range(0, len(part), SMALL))


async def file(send: Send, answer: Reply, exchange: Exchange, *, few: bool) -> None:
    """Send *answer*, whose body is a file on disk, block by block; blocks are cut to SMALL bytes unless *few* is set.

    *few* means that the server has few connections. Raises Stalled if the client stops reading.
    """
    loop = asyncio.get_running_loop()
    blocks = iter(() if exchange.method == "HEAD" else answer.body)
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        while not exchange.gone and (block := await loop.run_in_executor(None, next, blocks, None)) is not None:
            exchange.sent += len(block)
            for piece in _pieces((block,), few=few):
                await _part(send, piece)
    finally:
        await loop.run_in_executor(None, answer.close)
    if not exchange.gone:
        await send({"type": "http.response.body", "body": b""})


async def stream(send: Send, answer: Reply, spool: Spool, exchange: Exchange, *, few: bool) -> None:
    """Send *answer*, with the bytes in *spool* as its body; if the query fails, leave the HTTP message incomplete.

    The HTTP server then closes the connection, so that the client can detect the error. Parts are small unless *few*
    is set: the server has few connections.
    """
    exchange.status = answer.status
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        while chunk := await spool.take():
            exchange.sent += len(chunk)
            for piece in _pieces((chunk,), few=few):
                await _part(send, piece)
            if exchange.gone:
                return
    except Refusal as refusal:
        exchange.outcome = f"broken off: {type(refusal).__name__}"
        return
    except Stalled:
        exchange.outcome = STALLED_OUTCOME
        await asyncio.get_running_loop().run_in_executor(None, exchange.leave)
        return
    finally:
        spool.close()
    await send({"type": "http.response.body", "body": b""})


async def _part(send: Send, chunk: bytes) -> None:
    try:
        async with asyncio.timeout(STALLED):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except TimeoutError:
        raise Stalled from None


def encoded(reply: Reply, etag: str, wanted: str, rows: int) -> Kept:
    """Return *reply*, a complete answer, in the form for the cache: compressed with the content coding *wanted*.

    The name of the coding is added to *etag*. Small bodies are not compressed, nor any body if *wanted* is empty.
    *rows* is the answer's number of rows, for the log.
    """
    if not wanted or len(reply.body) < content_coding.WORTH:
        return Kept(tuple(reply.headers), parts(reply.body), etag, rows)
    body = content_coding.encode(reply.body, wanted)
    headers = [pair for pair in reply.headers if pair[0] not in (b"content-length", b"etag")]
    headers += [(b"content-encoding", wanted.encode()), (b"content-length", b"%d" % len(body))]
    if etag:
        etag = f'{etag[:-1]}-{wanted}"'
        headers.append((b"etag", etag.encode("latin-1")))
    return Kept(tuple(headers), parts(body), etag, rows)


def _matches(etag: str, header: str) -> bool:
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))
