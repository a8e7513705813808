"""Requests as they reach the front, and as they go over a socket: byte for byte what a stranger chooses to send."""

import asyncio
import socket
from typing import Any, NamedTuple

from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.release_fronts import ReleaseFronts


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def everything(self) -> str:
        """Headers and body, to look for what must not be there."""
        return f"{self.headers}\n{self.body.decode('utf-8', 'replace')}"


def visit(
    front: AsgiApplication | ReleaseFronts, path: str, query: bytes = b"", method: str = "GET", body: bytes = b"", *,
    client: str = "127.0.0.1",
    version: str = "1.1", headers: list[tuple[str, str]],
) -> Answer:  # fmt: skip
    """Send one request to a front as the HTTP server would, from the address *client*."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "http_version": version,
        "scheme": "http",
        "server": ("127.0.0.1", "8000"),
        "client": (client, "1234"),
    }
    sent: list[dict[str, Any]] = []
    bodies = [body]

    async def receive() -> dict[str, Any]:
        if not bodies:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(front(scope, receive, send))  # type: ignore[arg-type]  # asyncio wants to know both as mappings
    named: dict[str, str] = {}
    for name, value in sent[0]["headers"]:
        text = value.decode("latin-1")
        named[name.decode()] = f"{named[name.decode()]}, {text}" if name.decode() in named else text
    return Answer(sent[0]["status"], named, b"".join(message.get("body", b"") for message in sent[1:]))


def raw(port: int, data: bytes, timeout: float = 10) -> bytes:
    """Send bytes, and return all that comes back until the server closes, or has said nothing for the time given."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(data)
        found = b""
        try:
            while more := connection.recv(1 << 16):
                found += more
        except (TimeoutError, ConnectionResetError):
            pass
        return found


def asked(port: int, data: bytes) -> Answer:
    """Send one request given byte for byte, up to its empty line, and return the answer to it."""
    head, _, body = raw(port, data.replace(b"\n", b"\r\n").rstrip() + b"\r\nConnection: close\r\n\r\n").partition(
        b"\r\n\r\n"
    )
    status, *lines = head.decode("latin-1").split("\r\n")
    named = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Answer(int(status.split()[1]), {name.lower(): value for name, value in named.items()}, body)
