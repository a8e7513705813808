"""Lets requests wait briefly for a worker without a thread: most queries take less time than starting one."""

import asyncio
import threading
import time

from kzus_graph.engine.workers import Pool


class Waiting:
    """The waiting requests. The newest is the first to try again; one that has waited long goes on waiting in a thread.

    So a burst of requests does not hold up those that come after it. Queries known to be brief go before others.
    """

    def __init__(self) -> None:
        self._brief: dict[asyncio.Future[bool], None] = {}
        self._others: dict[asyncio.Future[bool], None] = {}

    async def freed(self, pool: Pool, until: float, *, brief: bool) -> bool:
        """Wait until a worker of *pool* is free; return False if none is before *until* (``time.monotonic``)."""
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
        """Let the newest request try again; may be called in any thread, *here* is the id of the loop's thread."""

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
