"""A pool of sealed workers over one graph: deadline, memory cap, bounded queue, and a kill that always works."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from kzus_graph.engine import holder
from kzus_graph.engine.answers import NICENESS, Answer, Worker
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.refusals import Busy, Failed, OutOfTime

# After this much processor time a query gives way to younger ones.
GIVES_WAY: Final = 0.3
# A query that has run this long may be broken off to let a waiting one in, if few workers are left for short ones.
LONG: Final = 2.0
TICK: Final = 0.05
# A question of this size fits into a socket at once.
SHORT: Final = 64 * 1024
# Bytes that a worker takes in a second, at the very least.
SPEED: Final = 4 << 20


class Unloadable(Exception):
    """The graph cannot be loaded; the message names the file and the place."""


class Pool:
    """Workers over one graph.

    ``memory`` is what a query may take beyond the graph itself, in bytes; ``queue`` is how many questions may wait.
    """

    def __init__(
        self, sources: Sequence[Path], *, workers: int | None = None, queue: int = 64, memory: int = 1 << 30
    ) -> None:
        self.size = workers or max(8, 2 * (os.cpu_count() or 1))
        self.killed = 0
        self._queue = queue
        self._lock = threading.Condition()
        self._idle: list[Worker] = []
        self._running: set[Answer] = set()
        self._waiting = 0
        self._closed = threading.Event()
        # Called, on any thread, when a worker has come free; for one who waits for it without holding a thread.
        self.on_free: Callable[[], None] = lambda: None
        self._may_be_long = max(1, self.size - max(1, self.size // 4))
        self._control = threading.Lock()
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
        self._watcher = threading.Thread(target=self._watch, name="pool", daemon=True)
        self._watcher.start()

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
            if self._closed.is_set():
                ours.close()
                return None
            try:
                socket.send_fds(self._socket, [holder.FORK], [theirs.fileno()])
                pid = int.from_bytes(self._socket.recv(8), "big")
            except OSError:
                pid = 0
        if not pid:
            ours.close()
            return None
        return Worker(ours, pid)

    def end(self, worker: Worker) -> None:
        """Kill a worker's process, whatever it is doing."""
        with self._control:
            if not self._closed.is_set():
                with contextlib.suppress(OSError):
                    self._socket.sendall(holder.KILL + worker.pid.to_bytes(8, "big"))

    def ask(self, question: Question, deadline: float) -> Answer:
        """Hand the question to a free worker, waiting in the queue for one until the deadline."""
        worker = self._take(deadline)
        answer = Answer(self, worker, deadline)
        with self._lock:
            self._running.add(answer)
        try:
            data = question.encode()
            # Rows of a service may make a question long.
            worker.connection.settimeout(1.0 + len(data) / SPEED)
            worker.connection.sendall(data)
        except OSError:
            answer.close()
            raise Failed("a worker was lost") from None
        return answer

    def ask_now(self, question: Question, deadline: float) -> Answer | None:
        """Hand the question to a worker if that is possible without waiting, for one who must not wait."""
        data = question.encode()
        if len(data) > SHORT:
            return None
        with self._lock:
            if self._waiting or not self._idle:
                return None
            answer = Answer(self, self._idle.pop(), deadline)
            self._running.add(answer)
        assert answer.worker is not None
        try:
            answer.worker.connection.setblocking(False)
            answer.worker.connection.sendall(data)
        except OSError as error:
            answer.stop(Failed(f"a worker was lost: {error}"))
        return answer

    @property
    def is_full(self) -> bool:
        """Whether no worker is free at this moment."""
        return not self._idle

    def _take(self, deadline: float) -> Worker:
        with self._lock:
            if not self._idle:
                if self._waiting >= self._queue:
                    raise Busy("too many queries are waiting")
                self._waiting += 1
                try:
                    while not self._idle:
                        if self._closed.is_set():
                            raise Busy("the server is closing")
                        left = deadline - time.monotonic()
                        if left <= 0 or not self._lock.wait(left):
                            raise OutOfTime("the query waited for a free worker until its time was over")
                finally:
                    self._waiting -= 1
            return self._idle.pop()

    def give_back(self, answer: Answer, worker: Worker, *, alive: bool) -> None:
        """Take a worker back after a question, or put a fresh one in its place."""
        fresh: Worker | None = worker
        if not alive or (worker.niced and not worker.set_niceness(0)):
            self.end(worker)
            fresh = self._fork()
        with self._lock:
            self._running.discard(answer)
            if fresh is not worker:
                self.killed += 1
                worker.connection.close()
            if fresh is not None and self._closed.is_set():
                fresh.connection.close()
            elif fresh is not None:
                self._idle.append(fresh)
                self._lock.notify()
        self.on_free()

    def _watch(self) -> None:
        """Let old queries give way, make room for waiting ones, and end what nobody reads any more."""
        while not self._closed.wait(TICK):
            with self._lock:
                running = sorted(self._running, key=lambda answer: answer.began)
                waiting = self._waiting
            now = time.monotonic()
            old = [answer for answer in running if now - answer.began > LONG and not answer.stopped]
            for answer in running:
                worker = answer.worker
                if worker is None or answer.stopped:
                    continue
                if now > answer.deadline:
                    answer.stop(OutOfTime("the query did not finish in time"))
                elif not worker.niced and now - answer.began > GIVES_WAY < worker.used():
                    worker.set_niceness(NICENESS)
            if waiting and len(old) > self._may_be_long:
                old[0].stop(Busy("the query ran long, and others were waiting"))

    @property
    def broken(self) -> bool:
        """Whether the process that holds the graph has died, so that no worker can be replaced."""
        return not self._closed.is_set() and self._holder.poll() is not None

    def state(self) -> dict[str, int]:
        """How many workers there are, work and run long, and how many questions wait."""
        with self._lock:
            now = time.monotonic()
            return {
                "workers": self.size,
                "busy": len(self._running),
                "long": sum(now - answer.began > LONG for answer in self._running),
                "waiting": self._waiting,
            }

    def close(self, patience: float = 0.0) -> None:
        """Let what runs finish for a while, then end every process."""
        until = time.monotonic() + patience
        while self.state()["busy"] and time.monotonic() < until:
            time.sleep(0.02)
        with self._control, self._lock:
            self._closed.set()
            self._lock.notify_all()
            for worker in self._idle:
                worker.connection.close()
            self._idle.clear()
            self._socket.close()
        self._watcher.join()
        self._holder.wait()


# The socket's number differs from start to start; the holder wants it at its own place and nothing else inherited.
_START: Final = (
    "import os, sys; fd = int(sys.argv[1]); os.dup2(fd, 3); fd == 3 or os.close(fd); "
    "from kzus_graph.engine.holder import main; main(sys.argv[2:])"
)
