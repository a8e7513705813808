"""Reads the bodies of requests, within limits of size, time and number, before a request is handled."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY: Final = 1 << 20
BODY_SECONDS: Final = 10.0
# A body above LARGE bytes takes long to read; at most MOST_LARGE of them are held at a time.
LARGE: Final = 64 * 1024
MOST_LARGE: Final = 32


class RequestBodies:
    """Reads request bodies; at most *places* bodies above LARGE bytes are in memory, each until ``done`` is called."""

    def __init__(self, places: int = MOST_LARGE) -> None:
        self._places = asyncio.Semaphore(places)

    async def read(self, receive: Receive, send: Send) -> bytes | None:
        """Return a request's body; None if it was refused (an error has been sent) or the client has disconnected."""
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while await self._more(receive, body):
                    pass
            return bytes(body)
        except TimeoutError:
            await refuse(send, 408, "The request body took too long to arrive.")
        except ConnectionResetError:
            pass
        except OverflowError:
            await refuse(send, 413, f"The request body must have at most {LARGEST_BODY} bytes.")
        self.done(len(body))
        return None

    async def _more(self, receive: Receive, body: bytearray) -> bool:
        """Append the next bytes of the request's body to *body*; return False if they are the last.

        Raises ConnectionResetError if the client has disconnected, and OverflowError if the body is too large.
        """
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
        """Note that a body of *size* bytes is no longer in memory; if it was large, another large one may be read."""
        if size > LARGE:
            self._places.release()


async def refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    """Send *text* as an error response in plain text, for a request that isn't passed to Flask; *more* are headers."""
    body = f"{status} {text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
