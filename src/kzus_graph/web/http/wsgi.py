"""One ASGI request as a WSGI call."""

import io
import sys
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask

from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.base_url import BY_HOST, FORWARDED, Origin
from kzus_graph.web.http.byte_ranges import Blocks

# Of these an answer to HEAD knows nothing: only GET has parts (RFC 9110, section 14.2).
PARTS: Final = frozenset({b"range", b"if-range"})
WISHES: Final = frozenset({"HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE"})
# What the key of a kept answer covers; an answer that depends on more is never kept.
COVERED: Final = frozenset({"accept", "accept-encoding", "accept-language", *map(str.lower, BY_HOST)})
# What has been read already.
_READ: Final = frozenset({b"content-length", b"transfer-encoding", b"host", *FORWARDED})


@dataclass(slots=True)
class Reply:
    """What the application answered: the body is whole when its length was known, and comes bit by bit otherwise.

    A file comes bit by bit, too, as it lies on disk, so that a client that reads slowly holds no copy of it.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: Any
    is_file: bool = False
    _source: Any = None

    def join(self) -> None:
        """Make the body whole."""
        self.body, self.is_file = b"".join(self.body), False
        self.close()

    def is_for_all(self, *, by_language: bool) -> bool:
        """Say whether all who ask alike may have this answer, as far as the front tells them apart."""
        names = dict(self.headers)
        varies = {name.strip().lower() for name in names.get(b"vary", b"").decode("latin-1").split(",") if name.strip()}
        covered = COVERED if by_language else COVERED - {"accept-language"}
        return b"public" in names.get(b"cache-control", b"") and varies <= covered and b"set-cookie" not in names

    def close(self) -> None:
        """Release what stands behind the body."""
        if hasattr(self._source, "close"):
            self._source.close()


def call(app: Flask, environ: dict[str, Any]) -> Reply:
    """Call the application, which sees HEAD as GET so that both have the same headers."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        # The server gives each answer the date at which it leaves, which one that is kept doesn't know.
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
    """The request as WSGI wants it; *origin* says where the site begins, whatever the headers say."""
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
        # What is kept is kept by so much of them; the rest must not make a difference.
        environ[key] = environ[key][: content_negotiation.LONGEST]
    return environ
