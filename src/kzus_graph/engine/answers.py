"""An answer on its way from a worker, and the worker as the server sees it."""

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from kzus_graph.engine.evaluation import DATA, END, HEADER
from kzus_graph.engine.refusals import KINDS, Failed, OutOfMemory, OutOfTime, Refusal

READ: Final = 256 * 1024
NICENESS: Final = 10
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Worker:
    """One worker process."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid
        self.niced = False
        self.used_before = 0.0

    def used(self) -> float:
        """Processor seconds spent on the present question; 0 where the system doesn't say."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS - self.used_before

    def set_niceness(self, niceness: int) -> bool:
        """Give way to other processes, or stop doing so; False if the system doesn't let us."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
        except OSError:
            return False
        self.niced = niceness > 0
        return True


class Owner(Protocol):
    """Whoever lent the worker and takes it back."""

    def end(self, worker: Worker) -> None:
        """End its process."""

    def give_back(self, answer: "Answer", worker: Worker, *, alive: bool) -> None:
        """Take it back."""


class Answer:
    """The answer to one question: iterate over its bytes, then read its ``rows``; close it in any case."""

    def __init__(self, owner: Owner, worker: Worker, deadline: float) -> None:
        self._owner = owner
        self.worker: Worker | None = worker
        self.began = time.monotonic()
        self.deadline = deadline
        self.stopped: Refusal | None = None
        self.rows = -1
        self.done = False
        self._begun = False
        self._held = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come; raise a Refusal if they can't all be had."""
        while True:
            yield from self._bodies()
            if self.done:
                return
            if self.worker is None:
                raise self.stopped or Failed("the answer was closed")
            try:
                self.worker.connection.settimeout(max(self.deadline - time.monotonic(), 0.001))
                data = self.worker.connection.recv(READ)
            except TimeoutError:
                self._leave(alive=False)
                raise OutOfTime("the query did not finish in time") from None
            except OSError:
                data = b""
            if not data:
                self._lost()
            self._held += data

    async def gather(self, most: int) -> list[bytes]:
        """Take bytes until the answer is whole (``done``) or they are that many; the pool minds the deadline."""
        loop = asyncio.get_running_loop()
        gathered: list[bytes] = []
        size = 0
        while not self.done and size < most and self.worker is not None:
            try:
                self.worker.connection.setblocking(False)
                data = await loop.sock_recv(self.worker.connection, READ)
            except OSError:
                data = b""
            if not data:
                await loop.run_in_executor(None, self._lost)
            self._held += data
            for body in self._bodies():
                gathered.append(body)
                size += len(body)
        return gathered

    def _bodies(self) -> Iterator[bytes]:
        """Take what is whole of what has come."""
        held = self._held
        while len(held) >= HEADER.size:
            kind, size = HEADER.unpack_from(held)
            whole = HEADER.size + size
            if len(held) < whole:
                return
            body = bytes(held[HEADER.size : whole])
            del held[:whole]
            if kind == DATA:
                self._begun = True
                yield body
                continue
            outcome = json.loads(body)
            if self.worker is not None:
                self.worker.used_before = outcome["used"]
            self._leave(alive=kind == END or not self._begun)
            if kind != END:
                raise KINDS[outcome["kind"]](outcome["message"])
            self.rows = outcome["rows"]
            self.done = True

    def _lost(self) -> None:
        self._leave(alive=False)
        raise self.stopped or OutOfMemory("the query needed more memory than it may have")

    def stop(self, reason: Refusal) -> None:
        """Break the answer off, from any thread; whoever reads it learns why."""
        worker = self.worker
        if worker is not None and self.stopped is None:
            self.stopped = reason
            with contextlib.suppress(OSError):
                worker.connection.shutdown(socket.SHUT_RDWR)
            self._owner.end(worker)

    def _leave(self, *, alive: bool) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            self._owner.give_back(self, worker, alive=alive)

    def close(self) -> None:
        """Stop the query if it still runs."""
        self._leave(alive=False)
