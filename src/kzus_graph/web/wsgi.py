"""One ASGI request as a WSGI call."""

import io
import sys
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask

PROXIES: Final = frozenset({"127.0.0.1", "::1"})


@dataclass(slots=True)
class Reply:
    """What the application answered: the body is whole when its length was known, and comes bit by bit otherwise."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: Any
    _source: Any = None

    def close(self) -> None:
        """Release what stands behind the body."""
        if hasattr(self._source, "close"):
            self._source.close()


def call(app: Flask, environ: dict[str, Any]) -> Reply:
    """Call the application, which sees HEAD as GET so that both have the same headers."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        named = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        started[:] = [int(status[:3]), named]

    chunks: Iterable[bytes] = app(environ, start_response)
    status, headers = started
    if any(name == b"content-length" for name, _ in headers) or status in (204, 304):
        reply = Reply(status, headers, b"".join(chunks), chunks)
        reply.close()
        return reply
    return Reply(status, headers, chunks, chunks)


def environ_of(scope: MutableMapping[str, Any], body: bytes) -> dict[str, Any]:
    """The request as WSGI wants it."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    method = scope["method"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if method == "HEAD" else method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0] or "localhost",
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
        elif b"_" not in name and name not in (b"content-length", b"transfer-encoding"):
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    if environ["REMOTE_ADDR"] in PROXIES:
        _see_through_proxy(environ)
    return environ


def _see_through_proxy(environ: dict[str, Any]) -> None:
    """Take a proxy on this machine at its word about the address that the client used."""
    for header, key in (("PROTO", "wsgi.url_scheme"), ("HOST", "HTTP_HOST"), ("PREFIX", "SCRIPT_NAME")):
        if value := environ.get(f"HTTP_X_FORWARDED_{header}", "").rpartition(",")[2].strip():
            environ[key] = value.rstrip("/")
