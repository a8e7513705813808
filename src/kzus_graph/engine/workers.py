"""A pool of sealed workers over one graph: deadline, memory cap, bounded queue, and a kill that always works."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from kzus_graph.engine import holder
from kzus_graph.engine.evaluation import DATA, END, HEADER, Question

READ: Final = 256 * 1024
# A query that runs longer than this counts as long: it gives way to short ones, and may not take the last free workers.
LONG: Final = 0.5
NICENESS: Final = 10


class Refusal(Exception):
    """A question that got no answer; what it says is meant for the person who asked."""


class Malformed(Refusal):
    """The engine cannot read the query."""


class Failed(Refusal):
    """The engine gave up on the query."""


class ReachesOut(Refusal):
    """The query asked for something outside the graph."""


class TooManyRows(Refusal):
    """The answer is larger than the server sends."""


class OutOfTime(Refusal):
    """The deadline passed."""


class OutOfMemory(Refusal):
    """The query needed more memory than a worker may have."""


class Busy(Refusal):
    """No worker is free and the queue is full."""


class Unloadable(Exception):
    """The graph cannot be loaded; the message names the file and the place."""


_KINDS: Final[dict[str, type[Refusal]]] = {
    "syntax": Malformed,
    "evaluation": Failed,
    "outside": ReachesOut,
    "rows": TooManyRows,
    "memory": OutOfMemory,
}


class Worker:
    """The server's end of one worker process."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid
        self.niced = False

    def give_way(self) -> None:
        """Let the processor serve others first."""
        if not self.niced:
            self.niced = True
            try:
                os.setpriority(os.PRIO_PROCESS, self.pid, NICENESS)
            except OSError:
                return


class Answer:
    """The answer to one question: iterate over its bytes, then read its ``rows``; close it in any case."""

    def __init__(self, pool: "Pool", worker: Worker, deadline: float) -> None:
        self._pool = pool
        self._worker: Worker | None = worker
        self._deadline = deadline
        self._long_at = time.monotonic() + LONG
        self._is_long = False
        self._begun = False
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come; raise a Refusal if they can't all be had."""
        held = bytearray()
        while True:
            while len(held) >= HEADER.size:
                kind, size = HEADER.unpack_from(held)
                whole = HEADER.size + size
                if len(held) < whole:
                    break
                body = bytes(held[HEADER.size : whole])
                del held[:whole]
                if kind == DATA:
                    self._begun = True
                    yield body
                    continue
                outcome = json.loads(body)
                self._leave(alive=kind == END or not self._begun)
                if kind == END:
                    self.rows = outcome["rows"]
                    return
                raise _KINDS[outcome["kind"]](outcome["message"])
            held += self._receive()

    def _receive(self) -> bytes:
        """Wait for more bytes, growing long at the right moment, until the deadline."""
        worker = self._worker
        if worker is None:
            raise Failed("the answer was closed")
        while True:
            now = time.monotonic()
            until = self._deadline if self._is_long else min(self._deadline, self._long_at)
            worker.connection.settimeout(max(until - now, 0.001))
            try:
                data = worker.connection.recv(READ)
            except TimeoutError:
                if time.monotonic() >= self._deadline:
                    self._leave(alive=False)
                    raise OutOfTime("the query did not finish in time") from None
                self._become_long(worker)
                continue
            except ConnectionError:
                data = b""
            if not data:
                self._leave(alive=False)
                raise OutOfMemory("the query needed more memory than it may have")
            return data

    def _become_long(self, worker: Worker) -> None:
        self._is_long = self._pool.admit_long()
        if not self._is_long:
            self._leave(alive=False)
            raise Busy("too many long queries are running")
        worker.give_way()

    def _leave(self, *, alive: bool) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            self._pool.give_back(worker, alive=alive, long=self._is_long)

    def close(self) -> None:
        """Stop the query if it still runs."""
        self._leave(alive=False)


class Pool:
    """Workers over one graph.

    ``memory`` is what a query may take beyond the graph itself, in bytes; ``queue`` is how many questions may wait.
    """

    def __init__(
        self, sources: Sequence[Path], *, workers: int | None = None, queue: int = 64, memory: int = 1 << 30
    ) -> None:
        self.size = workers or max(8, 2 * (os.cpu_count() or 1))
        self._queue = queue
        self._lock = threading.Condition()
        self._idle: list[Worker] = []
        self._waiting = 0
        self._busy = 0
        self._long = 0
        self._closed = False
        self._long_most = max(1, self.size - max(1, self.size // 4))
        self._control = threading.Lock()
        self.killed = 0
        ours, theirs = socket.socketpair()
        with theirs:
            self._holder = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), str(memory), *map(str, sources)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._socket = ours
        try:
            self.quads = self._loaded()
        except Unloadable:
            ours.close()
            self._holder.wait()
            raise
        self._idle.extend(worker for _ in range(self.size) if (worker := self._fork()))

    def _loaded(self) -> int:
        line = b""
        while not line.endswith(b"\n"):
            more = self._socket.recv(4096)
            if not more:
                raise Unloadable("the process that loads the graph ended early")
            line += more
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise Unloadable(said["error"])
        return int(said["quads"])

    def _fork(self) -> Worker | None:
        ours, theirs = socket.socketpair()
        with theirs, self._control:
            if self._closed:
                ours.close()
                return None
            socket.send_fds(self._socket, [holder.FORK], [theirs.fileno()])
            pid = int.from_bytes(self._socket.recv(8), "big")
        return Worker(ours, pid)

    def _kill(self, worker: Worker) -> None:
        worker.connection.close()
        with self._control:
            if not self._closed:
                self._socket.sendall(holder.KILL + worker.pid.to_bytes(8, "big"))

    def ask(self, question: Question, deadline: float) -> Answer:
        """Hand the question to a free worker, waiting in the queue for one until the deadline."""
        worker = self._take(deadline)
        try:
            worker.connection.settimeout(1.0)
            worker.connection.sendall(question.encode())
        except OSError:
            self.give_back(worker, alive=False)
            raise Failed("a worker was lost") from None
        return Answer(self, worker, deadline)

    def _take(self, deadline: float) -> Worker:
        with self._lock:
            if not self._idle:
                if self._waiting >= self._queue:
                    raise Busy("too many queries are waiting")
                self._waiting += 1
                try:
                    while not self._idle:
                        if self._closed:
                            raise Busy("the server is closing")
                        left = deadline - time.monotonic()
                        if left <= 0 or not self._lock.wait(left):
                            raise OutOfTime("the query waited for a free worker until its time was over")
                finally:
                    self._waiting -= 1
            self._busy += 1
            return self._idle.pop()

    def give_back(self, worker: Worker, *, alive: bool, long: bool = False) -> None:
        """Take a worker back after a question, or put a fresh one in its place."""
        if not alive:
            self.killed += 1
        fresh: Worker | None = worker
        if not alive or worker.niced:
            self._kill(worker)
            fresh = self._fork()
        with self._lock:
            self._busy -= 1
            self._long -= long
            if fresh is not None and self._closed:
                fresh.connection.close()
            elif fresh is not None:
                self._idle.append(fresh)
                self._lock.notify()

    def admit_long(self) -> bool:
        """Say whether one more query may run long."""
        with self._lock:
            if self._long >= self._long_most:
                return False
            self._long += 1
            return True

    def state(self) -> dict[str, int]:
        """How many workers there are, work and run long, and how many questions wait."""
        with self._lock:
            return {"workers": self.size, "busy": self._busy, "long": self._long, "waiting": self._waiting}

    def close(self, patience: float = 0.0) -> None:
        """Let what runs finish for a while, then end every process."""
        until = time.monotonic() + patience
        while self.state()["busy"] and time.monotonic() < until:
            time.sleep(0.02)
        with self._control, self._lock:
            self._closed = True
            self._lock.notify_all()
            for worker in self._idle:
                worker.connection.close()
            self._idle.clear()
            self._socket.close()
        self._holder.wait()


# The socket's number differs from start to start; the holder wants it at its own place and nothing else inherited.
_START: Final = (
    "import os, sys; fd = int(sys.argv[1]); os.dup2(fd, 3); fd == 3 or os.close(fd); "
    "from kzus_graph.engine.holder import main; main(sys.argv[2:])"
)
