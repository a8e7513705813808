"""Requests that wait a moment for a worker without holding a thread: most queries take less time than one to begin."""

import asyncio
import time

from kzus_graph.engine.workers import Pool


class Waiting:
    """Those who wait. The last that came is the first to try again: whoever has waited long gets a thread to wait in.

    So a crowd that comes at once does not hold up who comes after it.
    """

    def __init__(self) -> None:
        self._futures: list[asyncio.Future[None]] = []

    async def freed(self, pool: Pool, until: float) -> bool:
        """Wait until a worker of the pool comes free; False if none does before *until* (``time.monotonic``)."""
        seconds = until - time.monotonic()
        if seconds <= 0:
            return False
        loop = asyncio.get_running_loop()
        freed: asyncio.Future[None] = loop.create_future()
        self._futures.append(freed)
        pool.on_free = lambda: self._wake(loop)
        try:
            await asyncio.wait_for(freed, seconds)
        except TimeoutError:
            return False
        finally:
            if freed in self._futures:
                self._futures.remove(freed)
        return True

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the request that came last try again."""

        def wake() -> None:
            while self._futures:
                freed = self._futures.pop()
                if not freed.done():
                    freed.set_result(None)
                    break

        if self._futures and not loop.is_closed():
            loop.call_soon_threadsafe(wake)
