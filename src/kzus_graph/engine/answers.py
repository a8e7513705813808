"""An answer on its way from a worker, and the worker as the server sees it."""

import asyncio
import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from kzus_graph.engine.evaluation import DATA, END, HEADER, LARGEST_FRAME
from kzus_graph.engine.precedents import NOTHING, Precedent
from kzus_graph.engine.refusals import KINDS, Broken, Busy, Failed, Lost, OutOfTime, Refusal

READ: Final = 256 * 1024
NICENESS: Final = 10
AT_ONCE: Final = 0.5
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Keeper(Protocol):
    """Whoever made a worker and can end it; a number of a process means something to him alone."""

    def kill(self, pid: int) -> None:
        """Kill it, whatever it is doing."""

    def inquire(self, pid: int) -> tuple[int, str]:
        """Return how it ended: its exit code, or minus the signal; and what it said. Raises OSError."""


class Worker:
    """One worker process."""

    def __init__(self, connection: socket.socket, pid: int, keeper: Keeper) -> None:
        self.connection = connection
        self.pid = pid
        self.keeper = keeper
        self.niced = False
        self.used_before = 0.0
        self.born = time.monotonic()

    def block_never(self) -> None:
        """Let its socket be for one who must not wait; that takes a call of the system, which most can do without."""
        if self.connection.gettimeout() != 0:
            self.connection.setblocking(False)

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


def unasked(idle: Sequence[Worker]) -> set[Worker]:
    """Return those that have something to say without being asked: that they have ended, or lost their way."""
    ready = select.poll()
    found = {worker.connection.fileno(): worker for worker in idle}
    for descriptor in found:
        ready.register(descriptor, select.POLLIN)
    return {found[descriptor] for descriptor, _ in ready.poll(0)}


class Owner(Protocol):
    """Whoever lends workers and takes them back."""

    def give_back(self, answer: "Answer", worker: Worker) -> None:
        """Take back a worker that is ready for the next question."""

    def give_up(self, answer: "Answer", worker: Worker) -> None:
        """End a worker, and put another in its place."""

    def inquire(self, answer: "Answer", worker: Worker) -> Refusal:
        """Put another in the place of a worker that has ended; say why it has."""

    def hand(self, answer: "Answer") -> None:
        """Give a free worker the answer's question."""


class Answer:
    """The answer to one question: iterate over its bytes, then read its ``rows``; close it in any case.

    Its worker belongs to the owner again as soon as it is done, refused, stopped or closed, whoever holds the answer
    and whatever he does: nobody has to read for that.
    """

    def __init__(
        self,
        owner: Owner,
        question: bytes,
        deadline: float,
        known: Precedent = NOTHING,
        *,
        long: bool = False,
    ) -> None:
        self._owner = owner
        # What it took in the end, in seconds of processor time.
        self.used: float | None = None
        # Whether it is among those that take long, which have fewer places; what is known of others like it.
        self.long, self.brief, self.like = long or known.long, known.brief, known.like
        # Whether it has lost its worker to younger ones, and is to be asked again among those that take long.
        self._again = False
        # Forgotten when the first bytes come: from then on it can't be asked again.
        self.question = question
        self.worker: Worker | None = None
        self.began = time.monotonic()
        self.deadline = deadline
        self.stopped: Refusal | None = None
        self.rows = -1
        self.done = False
        # When it was put to its worker, and when it first lost one.
        self._put = self._lost_at = 0.0
        self._held = bytearray()
        # Held when the worker comes or goes: several threads may want to stop an answer.
        self._lock = threading.Lock()
        self._in_use = False

    def take(self, worker: Worker) -> None:
        """Let *worker* answer; raise the reason if the answer has been stopped in the meantime."""
        with self._lock:
            if self.stopped is None:
                self.worker, self._put = worker, time.monotonic()
                return
        raise self.stopped

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come; raise a Refusal if they can't all be had."""
        while True:
            yield from self._bodies()
            if self.done:
                return
            if self._again:
                self._resume()
            with self.using() as worker:
                try:
                    worker.connection.settimeout(max(self.deadline - time.monotonic(), 0.001))
                    data = worker.connection.recv(READ)
                except TimeoutError:
                    self.stop(OutOfTime("the query did not finish in time"))
                    continue
                except OSError:
                    data = b""
            if data:
                self._held += data
            elif not self._again:
                self._lost(worker)

    async def gather(self, most: int) -> list[bytes]:
        """Take bytes until the answer is whole (``done``), put back, or so large; the pool minds the deadline."""
        loop = asyncio.get_running_loop()
        gathered: list[bytes] = []
        size = 0
        while not self.done and size < most and not self._again:
            with self.using() as worker:
                try:
                    worker.block_never()
                    data = await loop.sock_recv(worker.connection, READ)
                except OSError:
                    data = b""
            if data:
                self._held += data
            elif not self._again:
                await loop.run_in_executor(None, self._lost, worker)
            for body in self._bodies():
                gathered.append(body)
                size += len(body)
        return gathered

    @contextlib.contextmanager
    def using(self) -> Iterator[Worker]:
        """Give the worker, whose socket stays open meanwhile, whoever stops the answer; raise why there is none."""
        with self._lock:
            worker = self.worker
            if worker is None:
                raise self.stopped or Failed("the answer was closed")
            self._in_use = True
        try:
            yield worker
        finally:
            with self._lock:
                self._in_use = False
                if self.worker is not worker:
                    worker.connection.close()

    def _bodies(self) -> Iterator[bytes]:
        """Take what is whole of what has come."""
        held = self._held
        while len(held) >= HEADER.size:
            kind, size = HEADER.unpack_from(held)
            if size > LARGEST_FRAME:
                self._leave(ready=False)
                raise Broken("a worker sent what can't be read")
            whole = HEADER.size + size
            if len(held) < whole:
                return
            body = bytes(held[HEADER.size : whole])
            del held[:whole]
            if kind == DATA:
                self.question = b""
                yield body
                continue
            outcome = json.loads(body)
            if worker := self.worker:
                self.used = outcome["used"] - worker.used_before
                worker.used_before = outcome["used"]
            self._leave(ready=kind == END or bool(self.question))
            if kind != END:
                raise KINDS[outcome["kind"]](outcome["message"])
            self.rows = outcome["rows"]
            self.done = True

    def _lost(self, worker: Worker) -> None:
        """Ask again if *worker* was ended from outside before it said anything; otherwise raise why it ended."""
        if not self.part():
            raise self.stopped or Failed("the answer was closed")
        reason = self._owner.inquire(self, worker)
        if not isinstance(reason, Lost) or not self.question:
            raise reason
        now = time.monotonic()
        # Whoever ends one worker may end all there are at once: that isn't the question's fault.
        if self._lost_at and (worker.born > self._lost_at or now - self._put > AT_ONCE):
            raise reason
        self._lost_at = self._lost_at or now
        self._held.clear()
        self._owner.hand(self)

    def put_back(self) -> bool:
        """Take its worker from an answer that takes long and has not begun; whoever reads it waits for another."""
        with self._lock:
            if not self.question or not self._in_use or self.worker is None:
                return False
            self._again = True
        if worker := self.part():
            self._owner.give_up(self, worker)
        return True

    def _resume(self) -> None:
        """Wait for a worker among those that take long, and begin anew."""
        self._again, self.long = False, True
        self._held.clear()
        if self.worker is not None or not self.question:
            raise Busy("the query ran long, and others were waiting")
        self._owner.hand(self)

    def part(self, *, ready: bool = False, reason: Refusal | None = None) -> Worker | None:
        """Give the worker away, to one caller alone; unless it is *ready* for more, nothing more is read from it."""
        with self._lock:
            worker, self.worker = self.worker, None
            if reason is not None and not self.done and self.stopped is None:
                self.stopped = reason
            if worker is not None and not ready:
                # Wakes whoever waits for bytes. He also closes: the socket's number must not pass to another till then.
                with contextlib.suppress(OSError):
                    worker.connection.shutdown(socket.SHUT_RDWR)
                if not self._in_use:
                    worker.connection.close()
        return worker

    def stop(self, reason: Refusal) -> None:
        """Break the answer off, from any thread; whoever reads it learns why."""
        if (worker := self.part(reason=reason)) is not None:
            self._owner.give_up(self, worker)

    def _leave(self, *, ready: bool) -> None:
        if (worker := self.part(ready=ready)) is not None:
            (self._owner.give_back if ready else self._owner.give_up)(self, worker)

    def close(self) -> None:
        """Stop the query if it still runs."""
        self._leave(ready=False)
        self._held.clear()
