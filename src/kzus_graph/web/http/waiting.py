"""Lets requests wait briefly, without a thread, for a worker process; most queries take less than a thread's start."""

import asyncio
import threading
import time

from kzus_graph.engine.workers import Pool


class Waiting:
    """The requests that wait for a free worker process: brief queries first; in each group, the newest first.

    So a burst of requests doesn't delay requests that come after it. A request that gets no worker process within
    its time limit continues to wait in a thread.
    """

    def __init__(self) -> None:
        self._brief: dict[asyncio.Future[bool], None] = {}
        self._others: dict[asyncio.Future[bool], None] = {}

    async def freed(self, pool: Pool, until: float, *, brief: bool) -> bool:
        """Return True when a worker process of *pool* becomes free, False if none does by *until* (``time.monotonic``).

        *brief* is set if the last query like this one took little time.
        """
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
        """Let the first waiting request continue; may be called in any thread. *here* is the id of *loop*'s thread."""

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
    """Set *found* as the result of *freed*; return False if the future is already done or cancelled."""
    if freed.done():
        return False
    freed.set_result(found)
    return True
