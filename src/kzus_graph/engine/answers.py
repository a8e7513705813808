"""The server's objects for a worker process, and for the answer to a query, whose bytes come from such a process."""

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
    """The interface of an object that started worker processes; only this object may kill them by process ID."""

    def kill(self, pid: int) -> None:
        """Kill the worker with the process ID *pid*, even while it evaluates a query."""

    def inquire(self, pid: int) -> tuple[int, str]:
        """Return the exit code of the worker *pid* (or minus its signal's number) and error output. Raises OSError."""


class Worker:
    """A worker process, which evaluates one query at a time, with the socket for its queries and answers."""

    def __init__(self, connection: socket.socket, pid: int, keeper: Keeper) -> None:
        self.connection = connection
        self.pid = pid
        self.keeper = keeper
        self.niced = False
        self.used_before = 0.0
        self.born = time.monotonic()

    def block_never(self) -> None:
        """Make the worker's socket non-blocking, for the event loop; make no system call if it already is."""
        if self.connection.gettimeout() != 0:
            self.connection.setblocking(False)

    def used(self) -> float:
        """Return the processor seconds that the worker has spent on its current query; 0 if ``/proc`` has no number."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS - self.used_before

    def set_niceness(self, niceness: int) -> bool:
        """Set the worker's *niceness* (above 0: a lower priority). Return False if the system forbids the change."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
        except OSError:
            return False
        self.niced = niceness > 0
        return True


def unasked(idle: Sequence[Worker]) -> set[Worker]:
    """Return the idle workers whose socket is readable: they have ended, or sent bytes without having a query."""
    ready = select.poll()
    found = {worker.connection.fileno(): worker for worker in idle}
    for descriptor in found:
        ready.register(descriptor, select.POLLIN)
    return {found[descriptor] for descriptor, _ in ready.poll(0)}


class Owner(Protocol):
    """The interface of the pool of workers, as far as an answer uses it."""

    def give_back(self, answer: "Answer", worker: Worker) -> None:
        """Take back *worker*, which evaluated the query of *answer* and is ready for the next query."""

    def give_up(self, answer: "Answer", worker: Worker) -> None:
        """Kill *worker*, which evaluates the query of *answer*, and start another worker in its place."""

    def inquire(self, answer: "Answer", worker: Worker) -> Refusal:
        """Return why *worker*, which evaluated the query of *answer*, ended; start another worker in its place."""

    def hand(self, answer: "Answer") -> None:
        """Send the query of *answer* to a worker, waiting for a free one."""


class Answer:
    """The answer to one query: iterate over it for its bytes; ``rows`` is then its number of rows; always ``close`` it.

    The pool (*owner*) gets the worker back as soon as the answer is complete, failed, stopped or closed. ``stop`` takes
    effect at once, even if no thread is reading the answer.
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
        # Seconds of processor time that the whole answer took; None until it has ended.
        self.used: float | None = None
        # Whether it counts as long (long ones have fewer places); whether the last similar one was brief; its likeness.
        self.long, self.brief, self.like = long or known.long, known.brief, known.like
        # Whether its worker was taken for newer questions; then it is asked again in the line of long questions.
        self._again = False
        # The question; emptied when the first bytes come, as it can't be asked again from then on.
        self.question = question
        self.worker: Worker | None = None
        self.began = time.monotonic()
        self.deadline = deadline
        self.stopped: Refusal | None = None
        self.rows = -1
        self.done = False
        # When the present worker got the question, and when the first worker was lost.
        self._put = self._lost_at = 0.0
        self._held = bytearray()
        # Held while the worker is set or taken away: several threads may want to stop an answer.
        self._lock = threading.Lock()
        self._in_use = False

    def take(self, worker: Worker) -> None:
        """Record that *worker* evaluates the query. Raises the Refusal given to ``stop`` if the answer was stopped."""
        with self._lock:
            if self.stopped is None:
                self.worker, self._put = worker, time.monotonic()
                return
        raise self.stopped

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes of the answer as they arrive; raise a Refusal if the answer can't be completed."""
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
        """Return the next pieces of the answer: *most* bytes or more, or fewer if the answer ends or has no worker now.

        The pool, not this method, checks the deadline.
        """
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
        """Yield the answer's worker; its socket stays open inside the with block. Raises a Refusal if there is none."""
        with self._lock:
            worker = self.worker
            if worker is None:
                raise self.stopped or Failed("the server closed the answer before it was complete")
            self._in_use = True
        try:
            yield worker
        finally:
            with self._lock:
                self._in_use = False
                if self.worker is not worker:
                    worker.connection.close()

    def _bodies(self) -> Iterator[bytes]:
        """Yield the bodies of the data frames that have arrived whole. Raises a Refusal if an error frame arrived."""
        held = self._held
        while len(held) >= HEADER.size:
            kind, size = HEADER.unpack_from(held)
            if size > LARGEST_FRAME:
                self._leave(ready=False)
                raise Broken("a worker process of this server sent a malformed answer")
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
        """Send the query to another worker if *worker* was killed from outside and had sent no data; else raise why."""
        if not self.part():
            raise self.stopped or Failed("the server closed the answer before it was complete")
        reason = self._owner.inquire(self, worker)
        if not isinstance(reason, Lost) or not self.question:
            raise reason
        now = time.monotonic()
        # Something outside may end all workers at once. So a second loss counts only if that worker was started after
        # the first loss, or ran the question for more than AT_ONCE seconds.
        if self._lost_at and (worker.born > self._lost_at or now - self._put > AT_ONCE):
            raise reason
        self._lost_at = self._lost_at or now
        self._held.clear()
        self._owner.hand(self)

    def put_back(self) -> bool:
        """End the worker of an answer that has no data yet; the thread that reads the answer waits for another worker.

        Return False, and change nothing, if the answer has data, no thread reads it, or it has no worker.
        """
        with self._lock:
            if not self.question or not self._in_use or self.worker is None:
                return False
            self._again = True
        if worker := self.part():
            self._owner.give_up(self, worker)
        return True

    def _resume(self) -> None:
        """Send the query to a worker again, as a long-running query. Raises Busy if that is not possible."""
        self._again, self.long = False, True
        self._held.clear()
        if self.worker is not None or not self.question:
            raise Busy("the query took long, and was ended because other queries were waiting; try again later")
        self._owner.hand(self)

    def part(self, *, ready: bool = False, reason: Refusal | None = None) -> Worker | None:
        """Detach the worker from the answer and return this worker; None if the answer has no worker.

        Unless the worker is *ready* for another query, its socket is shut down. *reason* states why the answer is
        stopped.
        """
        with self._lock:
            worker, self.worker = self.worker, None
            if reason is not None and not self.done and self.stopped is None:
                self.stopped = reason
            if worker is not None and not ready:
                # Wakes a reader that waits for bytes. If there is a reader, it closes the socket itself, so that the
                # socket's number is not reused before.
                with contextlib.suppress(OSError):
                    worker.connection.shutdown(socket.SHUT_RDWR)
                if not self._in_use:
                    worker.connection.close()
        return worker

    def stop(self, reason: Refusal) -> None:
        """Stop the answer; the thread that reads it gets *reason* as an exception. Any thread may call this."""
        if (worker := self.part(reason=reason)) is not None:
            self._owner.give_up(self, worker)

    def _leave(self, *, ready: bool) -> None:
        if (worker := self.part(ready=ready)) is not None:
            (self._owner.give_back if ready else self._owner.give_up)(self, worker)

    def close(self) -> None:
        """Stop the query if it still runs, and drop the bytes that have not been read."""
        self._leave(ready=False)
        self._held.clear()
