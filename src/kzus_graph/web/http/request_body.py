"""Bodies of requests: read within bounds of size, time and number, before anything else is done with a request."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY: Final = 1 << 20
BODY_SECONDS: Final = 10.0
# What is larger takes long to read; there is room for so many of them at a time.
LARGE: Final = 64 * 1024
MOST_LARGE: Final = 32


class RequestBodies:
    """Reads bodies; those that are large wait for one of a few places, and keep it until ``done``."""

    def __init__(self, places: int = MOST_LARGE) -> None:
        self._places = asyncio.Semaphore(places)

    async def read(self, receive: Receive, send: Send) -> bytes | None:
        """Return a body, or None when the client has been told why not, or has gone."""
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while await self._more(receive, body):
                    pass
            return bytes(body)
        except TimeoutError:
            await refuse(send, 408, "The body took too long to arrive.")
        except ConnectionResetError:
            pass
        except OverflowError:
            await refuse(send, 413, f"A body may have {LARGEST_BODY} bytes.")
        self.done(len(body))
        return None

    async def _more(self, receive: Receive, body: bytearray) -> bool:
        """Append what comes next; False at the end."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        before = len(body)
        chunk: bytes = message.get("body", b"")
        if before + len(chunk) > LARGEST_BODY:
            raise OverflowError
        if before <= LARGE < before + len(chunk):
            await self._places.acquire()
        body += chunk
        return bool(message.get("more_body", False))

    def done(self, size: int) -> None:
        """Give up the place of a body of so many bytes."""
        if size > LARGE:
            self._places.release()


async def refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    """Answer in one line of plain text, for what does not get as far as the application."""
    body = f"{status} {text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
