"""Bodies are read within bounds of size and number, and a place that was taken is given up in every case."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from kzus_graph.web.http.request_body import LARGE, LARGEST_BODY, RequestBodies

Message = MutableMapping[str, Any]


def chunks(*sizes: int) -> list[Message]:
    parts: list[Message] = [{"type": "http.request", "body": b"x" * size, "more_body": True} for size in sizes]
    return [*parts, {"type": "http.request", "body": b"", "more_body": False}]


async def read(bodies: RequestBodies, messages: list[Message]) -> tuple[bytes | None, list[int]]:
    """A body that comes in these messages, and the statuses that were sent."""
    sent: list[int] = []
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        if "status" in message:
            sent.append(message["status"])

    return await bodies.read(receive, send), sent


@pytest.mark.parametrize(
    ("messages", "size", "statuses"),
    [
        (chunks(), 0, []),
        (chunks(10, 20), 30, []),
        (chunks(LARGE, 1), LARGE + 1, []),
        (chunks(LARGEST_BODY), LARGEST_BODY, []),
        (chunks(LARGEST_BODY, 1), None, [413]),
        ([*chunks(LARGE + 1)[:1], {"type": "http.disconnect"}], None, []),
    ],
)
def test_what_is_read_and_that_its_place_is_free_again(
    messages: list[Message], size: int | None, statuses: list[int]
) -> None:
    async def twice() -> None:
        bodies = RequestBodies(places=1)
        for _ in range(2):
            body, sent = await asyncio.wait_for(read(bodies, messages), 5)
            assert (None if body is None else len(body), sent) == (size, statuses)
            if body is not None:
                bodies.done(len(body))

    asyncio.run(twice())


def test_large_ones_wait_for_a_place_and_small_ones_do_not() -> None:
    async def three() -> None:
        bodies = RequestBodies(places=1)
        first, _ = await read(bodies, chunks(LARGE + 1))
        second = asyncio.ensure_future(read(bodies, chunks(LARGE + 1)))
        small, _ = await read(bodies, chunks(LARGE))
        assert small is not None
        assert not second.done()
        assert first is not None
        bodies.done(len(first))
        body, _ = await asyncio.wait_for(second, 5)
        assert body == first

    asyncio.run(three())
