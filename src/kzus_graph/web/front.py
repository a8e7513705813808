"""The door: an ASGI application that reads requests, and hands to Flask what it can't answer itself."""

import asyncio
import io
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from flask import Flask

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY: Final = 1 << 20
BODY_SECONDS: Final = 10.0


class Front:
    """Serves one Flask application to ASGI.

    Bodies are read here, within bounds, so that a slow client holds no thread. An exception while a body is being sent
    reaches the server, which then breaks the connection: the client sees that the answer is not whole.
    """

    def __init__(self, app: Flask, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="flask")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        arrived = time.monotonic()
        body = b""
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            try:
                body = await asyncio.wait_for(_read(receive), BODY_SECONDS)
            except TimeoutError:
                await _plain(send, 408, "The body took too long to arrive.")
                return
            except OverflowError:
                await _plain(send, 413, f"A body may have {LARGEST_BODY} bytes.")
                return
        environ = _environ(scope, body)
        environ["kzus.arrived"] = arrived
        loop = asyncio.get_running_loop()
        status, headers, whole, rest = await loop.run_in_executor(self._threads, self._call, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if rest is None:
            await send({"type": "http.response.body", "body": whole})
            return
        chunks = iter(rest)
        try:
            while (chunk := await loop.run_in_executor(self._threads, next, chunks, None)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            await loop.run_in_executor(self._threads, rest.close)
        await send({"type": "http.response.body", "body": b""})

    def _call(self, environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes, Any]:
        """Call the application; an answer of known length comes back whole, another as an iterator."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            named = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
            started[:] = [int(status[:3]), named]

        chunks: Any = self._app(environ, start_response)
        status, headers = started
        if any(name == b"content-length" for name, _ in headers):
            try:
                return status, headers, b"".join(chunks), None
            finally:
                _close(chunks)
        return status, headers, b"", _Closing(chunks)


class _Closing:
    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        _close(self._chunks)


def _close(chunks: Any) -> None:
    if hasattr(chunks, "close"):
        chunks.close()


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise OverflowError
        if not message.get("more_body", False):
            return bytes(body)


async def _plain(send: Send, status: int, text: str) -> None:
    body = f"{status} {text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The request as WSGI wants it."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        if name == b"content-type":
            environ["CONTENT_TYPE"] = text
        elif name != b"content-length":
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
