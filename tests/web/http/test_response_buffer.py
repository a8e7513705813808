"""What a worker gives goes through a spool whole and in order, however slow the client is, within the room there is."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kzus_graph.engine.refusals import OutOfTime
from kzus_graph.web.http import response_buffer
from kzus_graph.web.http.response_buffer import BufferSpace, Spool


def chunks(count: int, size: int = 64 * 1024) -> list[bytes]:
    return [bytes([number % 251]) * size for number in range(count)]


def through(given: list[bytes], room: BufferSpace, slow: Callable[[int], bool] = lambda _: False) -> list[bytes]:
    """What comes out, taken by a client that waits where it is told to."""

    async def taken() -> list[bytes]:
        loop = asyncio.get_running_loop()
        queue = Spool(room, loop)
        filled = loop.run_in_executor(None, queue.fill, iter(given))
        found = []
        while chunk := await queue.take():
            found.append(chunk)
            if slow(len(found)):
                await asyncio.sleep(0.05)
        await filled
        queue.close()
        return found

    return asyncio.run(taken())


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
@pytest.mark.parametrize("room", [(64 << 20, 1 << 30), (0, 1 << 30), (200_000, 300_000), (0, 0)], ids=str)
def test_all_comes_out_in_order(count: int, room: tuple[int, int]) -> None:
    given = chunks(count)
    kept = BufferSpace(*room)
    assert b"".join(through(given, kept, lambda number: number % 10 == 1)) == b"".join(given)
    assert kept.take("memory", room[0])
    assert kept.take("disk", room[1])


def test_the_worker_is_done_before_the_client_has_read_anything() -> None:
    async def done() -> bool:
        queue = Spool(BufferSpace(), asyncio.get_running_loop())
        await asyncio.get_running_loop().run_in_executor(None, queue.fill, iter(chunks(200)))
        first = await queue.take()
        queue.close()
        return first == chunks(1)[0]

    assert asyncio.run(done())


def test_without_room_the_worker_waits_and_stops_when_nobody_wants_it() -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 1000

    async def stopped() -> None:
        queue = Spool(BufferSpace(10_000, 20_000), asyncio.get_running_loop())
        thread = threading.Thread(target=queue.fill, args=(endless(),))
        thread.start()
        before = -1
        while before != given:
            before = given
            await asyncio.sleep(0.1)
        assert given == 31
        queue.close()
        thread.join(5)
        assert not thread.is_alive()

    asyncio.run(stopped())


def test_a_refusal_comes_after_what_came_before_it() -> None:
    def breaks() -> Iterator[bytes]:
        yield b"first"
        yield b"second"
        raise OutOfTime("the query did not finish in time")

    async def taken() -> list[bytes]:
        loop = asyncio.get_running_loop()
        queue = Spool(BufferSpace(), loop)
        await loop.run_in_executor(None, queue.fill, breaks())
        found = [await queue.take(), await queue.take()]
        with pytest.raises(OutOfTime):
            await queue.take()
        queue.close()
        return found

    assert asyncio.run(taken()) == [b"first", b"second"]


def test_where_no_file_can_be_written_the_client_sets_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(response_buffer.tempfile, "TemporaryFile", refused)
    given = chunks(40)
    began = time.monotonic()
    assert b"".join(through(given, BufferSpace(), lambda number: number % 20 == 1)) == b"".join(given)
    assert time.monotonic() - began < 60
