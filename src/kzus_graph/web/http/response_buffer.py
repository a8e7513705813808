"""Buffers an answer between a worker process and a slower client, so that the worker needn't wait for the client."""

import asyncio
import tempfile
import threading
from collections import deque
from collections.abc import Iterable
from typing import IO, Final

from kzus_graph.engine.refusals import Failed, Refusal

# The number of bytes read from a file at a time.
CHUNK: Final = 64 * 1024
# The most bytes of one answer that wait in memory for its client; further bytes go to a file.
AHEAD: Final = 512 * 1024
MEMORY: Final = 64 << 20
DISK: Final = 1 << 30


class BufferSpace:
    """The space that all buffers (``Spool``) share: *memory* bytes of RAM and *disk* bytes in temporary files."""

    def __init__(self, memory: int = MEMORY, disk: int = DISK) -> None:
        self._left = {"memory": memory, "disk": disk}
        self._lock = threading.Lock()

    def take(self, kind: str, size: int, *, always: bool = False) -> bool:
        """Return whether *size* bytes of *kind* (memory or disk) were reserved: if they are free or *always* is set."""
        with self._lock:
            fits = always or self._left[kind] >= size
            self._left[kind] -= size * fits
            return fits

    def give_back(self, kind: str, size: int) -> None:
        """Release *size* reserved bytes of *kind* (memory or disk)."""
        with self._lock:
            self._left[kind] += size


class Spool:
    """A queue of bytes that a thread fills (``fill``) and a coroutine empties (``take``).

    The bytes are stored in memory first, then in an unnamed temporary file. When there is no room in either, the thread
    waits until some bytes are taken; this waiting time counts towards the time limit of the query.
    """

    def __init__(self, room: BufferSpace, loop: asyncio.AbstractEventLoop) -> None:
        self._room = room
        self._loop = loop
        self._changed = threading.Condition()
        self._ready = asyncio.Event()
        self._held: deque[bytes] = deque()
        self._ahead = 0
        self._file: IO[bytes] | None = None
        self._written = self._read = 0
        self._ended = self._whole = self._closed = False
        self._refusal: Refusal | None = None

    def fill(self, chunks: Iterable[bytes]) -> None:
        """Put all *chunks* into the queue; stop if the queue is closed.

        If iterating over *chunks* raises a Refusal, ``take`` raises it as soon as all earlier bytes have been taken.
        """
        try:
            for chunk in chunks:
                if not self._put(chunk):
                    return
            self._whole = True
        except Refusal as refusal:
            self._refusal = refusal
        finally:
            self._ended = True
            self._wake()

    def _put(self, chunk: bytes) -> bool:
        """Store *chunk*, after waiting for room if necessary; return False if the queue was closed."""
        with self._changed:
            while not self._closed and not self._hold(chunk):
                self._changed.wait()
        self._wake()
        return not self._closed

    def _hold(self, chunk: bytes) -> bool:
        """Store *chunk* in memory or in the temporary file; return False if there is no room in either."""
        size = len(chunk)
        behind = self._written > self._read
        if not behind and self._ahead + size <= AHEAD and self._room.take("memory", size):
            return self._remember(chunk)
        if self._room.take("disk", size):
            if self._write(chunk):
                return True
            self._room.give_back("disk", size)
        if behind or self._held:
            return False
        # An empty queue always accepts one chunk, even if there is no room.
        self._room.take("memory", size, always=True)
        return self._remember(chunk)

    def _remember(self, chunk: bytes) -> bool:
        self._held.append(chunk)
        self._ahead += len(chunk)
        return True

    def _write(self, chunk: bytes) -> bool:
        """Append *chunk* to the temporary file; return False if that fails, for example because the disk is full."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- closed by close
            self._file.seek(self._written)
            whole = self._file.write(chunk) == len(chunk)
        except OSError:
            return False
        self._written += len(chunk) * whole
        return whole

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ready.set)

    async def take(self) -> bytes:
        """Return the next bytes, as soon as there are any; empty bytes at the end.

        Raises the Refusal that ended ``fill`` early, after the bytes before it were taken.
        """
        while True:
            self._ready.clear()
            ended = self._ended
            if chunk := self._next():
                return chunk
            if ended:
                if not self._whole:
                    raise self._refusal or Failed("the answer is incomplete")
                return b""
            await self._ready.wait()

    def _next(self) -> bytes:
        with self._changed:
            if self._held:
                chunk = self._held.popleft()
                self._ahead -= len(chunk)
                self._room.give_back("memory", len(chunk))
            elif self._file is not None and self._written > self._read:
                self._file.seek(self._read)
                chunk = self._file.read(min(CHUNK, self._written - self._read))
                self._read += len(chunk)
            else:
                return b""
            self._changed.notify()
            return chunk

    def close(self) -> None:
        """Release the memory and the temporary file; a thread that runs ``fill`` stops at its next chunk."""
        with self._changed:
            self._closed = True
            self._room.give_back("memory", self._ahead)
            self._room.give_back("disk", self._written)
            self._held.clear()
            self._ahead = self._written = self._read = 0
            if self._file is not None:
                self._file.close()
                self._file = None
            self._changed.notify()
