"""How much of an answer the HTTP server is given at a time: it holds that for a client that doesn't read."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kzus_graph.engine.cache import PART, Kept, parts
from kzus_graph.web.http import connections, response_body
from kzus_graph.web.http.connections import Connections
from kzus_graph.web.http.metrics import Exchange
from kzus_graph.web.http.response_buffer import BufferSpace, Spool
from kzus_graph.web.http.wsgi import Reply


def sent(body: bytes, *, few: bool, method: str = "GET") -> list[dict[str, Any]]:
    """What the server is given of a kept answer, after the head."""
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(response_body.kept(send, Kept((), parts(body), '"a"'), b"", method, few=few))
    assert messages[0]["type"] == "http.response.start"
    assert all(message.get("more_body", False) for message in messages[1:-1])
    assert not messages[-1].get("more_body", False)
    return messages[1:]


@pytest.mark.parametrize(
    "size", [0, 1, response_body.SMALL, response_body.SMALL + 1, PART, PART + 1, 3 * PART, 3 * PART + 7]
)
@pytest.mark.parametrize("few", [True, False])
def test_an_answer_is_the_same_in_large_and_in_small_parts(size: int, few: bool) -> None:
    body = os.urandom(size)
    bodies = [message["body"] for message in sent(body, few=few)]
    assert b"".join(bodies) == body
    assert max(map(len, bodies)) <= (PART if few else response_body.SMALL)


def test_the_answer_to_head_has_no_body() -> None:
    assert [message["body"] for message in sent(b"x" * 3 * PART, few=True, method="HEAD")] == [b""]


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_what_comes_bit_by_bit_is_the_same_in_large_and_in_small_parts(kind: str, few: bool) -> None:
    blocks = [
        os.urandom(size) for size in (4 * response_body.SMALL, 1, response_body.SMALL, 2 * response_body.SMALL + 3)
    ]
    bodies: list[bytes] = []

    async def send(message: Any) -> None:
        bodies.append(message.get("body", b""))

    async def run() -> None:
        exchange = Exchange(0.0, "GET", "/")
        if kind == "file":
            await response_body.file(send, Reply(200, [], iter(blocks), is_file=True), exchange, few=few)
        else:
            loop = asyncio.get_running_loop()
            spool = Spool(BufferSpace(), loop)
            filled = loop.run_in_executor(None, spool.fill, blocks)
            await response_body.stream(send, Reply(200, [], blocks), spool, exchange, few=few)
            await filled
        assert exchange.sent == sum(map(len, blocks))

    asyncio.run(run())
    assert b"".join(bodies) == b"".join(blocks)
    assert max(map(len, bodies)) == (4 if few else 1) * response_body.SMALL


@pytest.mark.parametrize("body", [b"x" * 3 * PART, Kept((), parts(b"x" * 3 * PART), '"a"')], ids=["made", "kept"])
def test_an_answer_that_nobody_takes_is_no_whole_answer(monkeypatch: pytest.MonkeyPatch, body: Any) -> None:
    monkeypatch.setattr(response_body, "STALLED", 0.01)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    exchange = Exchange(0.0, "GET", "/")
    asyncio.run(response_body.reply(send, Reply(200, [], body), b"", exchange, few=True))
    assert exchange.outcome == "broken off: Stalled"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many descriptors are open."""
    count = [10]
    monkeypatch.setattr(connections, "_descriptors", lambda: count[0])
    yield count


def test_clients_that_come_between_two_counts_are_counted(opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HOLDS", 3600.0)
    known = Connections(few=12)
    assert [known.are_few(client) for client in "aabbcac"] == [True, True, True, True, False, True, False]


def test_a_count_does_not_hold_for_long(opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HOLDS", 0.0)
    known = Connections(few=12)
    assert all(known.are_few(client) for client in "abcdef")
    opened[0] = 12
    assert not known.are_few("a")


def test_descriptors_are_counted_as_they_are_open(tmp_path: Path) -> None:
    before = connections._descriptors()
    files = [(tmp_path / f"{number}").open("w") for number in range(50)]
    assert connections._descriptors() == before + 50
    for file in files:
        file.close()


def test_where_the_system_does_not_say_parts_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Iterator[Path]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert not Connections().are_few("a")
