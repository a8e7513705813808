"""Passes an ASGI request to Flask, which is a WSGI application."""

import io
import sys
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask

from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.base_url import BY_HOST, FORWARDED, Origin
from kzus_graph.web.http.byte_ranges import Blocks

# Headers that are ignored for HEAD: only GET has byte ranges (RFC 9110, section 14.2).
PARTS: Final = frozenset({b"range", b"if-range"})
WISHES: Final = frozenset({"HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE"})
# The headers that the key of a kept answer covers; an answer that depends on others is never kept.
COVERED: Final = frozenset({"accept", "accept-encoding", "accept-language", *map(str.lower, BY_HOST)})
# Headers that the ASGI front has already read.
_READ: Final = frozenset({b"content-length", b"transfer-encoding", b"host", *FORWARDED})


@dataclass(slots=True)
class Reply:
    """The answer of the WSGI application; *body* is bytes if its length is known, otherwise an iterable of chunks.

    A file (*is_file* is set) is an iterable of chunks, too, so that a slow client doesn't keep all of it in memory.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: Any
    is_file: bool = False
    _source: Any = None

    def join(self) -> None:
        """Replace the chunks of the body by their concatenation, as bytes."""
        self.body, self.is_file = b"".join(self.body), False
        self.close()

    def is_for_all(self, *, by_language: bool) -> bool:
        """Return whether the answer may be cached for all requests with the same cache key.

        *by_language* is set if the cache key contains the language of the request.
        """
        names = dict(self.headers)
        varies = {name.strip().lower() for name in names.get(b"vary", b"").decode("latin-1").split(",") if name.strip()}
        covered = COVERED if by_language else COVERED - {"accept-language"}
        return b"public" in names.get(b"cache-control", b"") and varies <= covered and b"set-cookie" not in names

    def close(self) -> None:
        """Close the source of the body, such as a file."""
        if hasattr(self._source, "close"):
            self._source.close()


def call(app: Flask, environ: dict[str, Any]) -> Reply:
    """Return the answer of *app* to a WSGI *environ*. A HEAD request must be passed as GET, to get the same headers."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        # The server sets Date when an answer is sent; the date of a kept answer would be old.
        named = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers if name != "Date"]
        started[:] = [int(status[:3]), named]

    chunks: Iterable[bytes] = app(environ, start_response)
    status, headers = started
    is_whole = any(name == b"content-length" for name, _ in headers) or status in (204, 304)
    reply = Reply(status, headers, chunks, isinstance(chunks, Blocks), chunks)
    if is_whole and not reply.is_file:
        reply.join()
    return reply


def environ_of(scope: MutableMapping[str, Any], origin: Origin, body: bytes) -> dict[str, Any]:
    """Return the WSGI environ of an ASGI request, with host, scheme and prefix from *origin*; HEAD becomes GET."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    method = scope["method"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if method == "HEAD" else method,
        "SCRIPT_NAME": origin.prefix,
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0] or "localhost",
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": lambda file, _: Blocks(file),
    }
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        if name == b"content-type":
            environ["CONTENT_TYPE"] = text
        elif b"_" not in name and name not in _READ and not (method == "HEAD" and name in PARTS):
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    environ["HTTP_HOST"] = origin.host
    for key in WISHES & environ.keys():
        # The key of a kept answer has only so much of these headers: the rest must not change the answer.
        environ[key] = environ[key][: content_negotiation.LONGEST]
    return environ
