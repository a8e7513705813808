"""Requests that wait a moment for a worker without holding a thread: most queries take less time than one to begin."""

import asyncio
import threading
import time

from kzus_graph.engine.workers import Pool


class Waiting:
    """Those who wait. The last that came is the first to try again: whoever has waited long gets a thread to wait in.

    So a crowd that comes at once does not hold up who comes after it. Those known to be brief go before others.
    """

    def __init__(self) -> None:
        self._brief: dict[asyncio.Future[bool], None] = {}
        self._others: dict[asyncio.Future[bool], None] = {}

    async def freed(self, pool: Pool, until: float, *, brief: bool) -> bool:
        """Wait until a worker of the pool comes free; False if none does before *until* (``time.monotonic``)."""
        seconds = until - time.monotonic()
        if seconds <= 0:
            return False
        loop = asyncio.get_running_loop()
        here = threading.get_ident()
        freed: asyncio.Future[bool] = loop.create_future()
        line = self._brief if brief else self._others
        line[freed] = None
        pool.on_free = lambda: self._wake(loop, here)
        pool.standing += 1
        timer = loop.call_later(seconds, _end, freed, False)
        try:
            return await freed
        finally:
            timer.cancel()
            pool.standing -= 1
            line.pop(freed, None)

    def _wake(self, loop: asyncio.AbstractEventLoop, here: int) -> None:
        """Let the request that came last try again, from any thread; *here* is that of the loop."""

        def wake() -> None:
            while (line := self._brief or self._others) and not _end(line.popitem()[0], True):
                continue

        if not (self._brief or self._others) or loop.is_closed():
            return
        if threading.get_ident() == here:
            wake()
        else:
            loop.call_soon_threadsafe(wake)


def _end(freed: "asyncio.Future[bool]", found: bool) -> bool:
    """Say whether a worker was found, unless the one who waits has gone or knows; return whether he heard it."""
    if freed.done():
        return False
    freed.set_result(found)
    return True
