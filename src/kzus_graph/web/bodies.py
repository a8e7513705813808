"""Bodies of requests: read within bounds of size and time, before anything else is done with a request."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY: Final = 1 << 20
BODY_SECONDS: Final = 10.0


async def read(receive: Receive, send: Send) -> bytes | None:
    """Read a body within its bounds; None when the client has been told, or has gone."""
    try:
        return await asyncio.wait_for(_whole(receive), BODY_SECONDS)
    except TimeoutError:
        await refuse(send, 408, "The body took too long to arrive.")
    except OverflowError:
        await refuse(send, 413, f"A body may have {LARGEST_BODY} bytes.")
    return None


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise TimeoutError
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise OverflowError
        if not message.get("more_body", False):
            return bytes(body)


async def refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    """Answer in one line of plain text, for what does not get as far as the application."""
    body = f"{status} {text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
