"""A pool of sealed workers over one graph: deadline, memory cap, bounded queue, and a kill that always works."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kzus_graph.engine import deadlines, endings
from kzus_graph.engine.answers import Answer, Worker, unasked
from kzus_graph.engine.control import Control, Unloadable
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.refusals import Broken, Busy, Faulty, Lost, OutOfTime, Refusal

__all__ = ["Pool", "Unloadable"]

TICK: Final = 0.05
# A question of this size fits into a socket at once.
SHORT: Final = 64 * 1024
# Bytes that a worker takes in a second, at the very least.
SPEED: Final = 4 << 20
# When the system gives no process, or the graph no more: seconds until the next attempt, and at most.
AGAIN: Final = 0.5
SELDOM: Final = 30.0

LOG: Final = logging.getLogger("kzus_graph.workers")


class Pool:
    """Workers over one graph.

    ``memory`` is what a query may take beyond the graph itself, in bytes; ``queue`` is how many questions may wait;
    ``quads``, if given, is how many quads there must be. Raises Unloadable.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        *,
        workers: int | None = None,
        queue: int = 64,
        memory: int = 1 << 30,
        quads: int | None = None,
    ) -> None:
        self.size = workers or max(8, 2 * (os.cpu_count() or 1))
        self.killed = 0
        # How often the graph has been loaded: more than once when its holder died.
        self.loads = 0
        # Why there are not as many workers as there should be.
        self.fault = ""
        self._sources = tuple(sources)
        self._memory = memory
        self._expected = quads
        self._queue = queue
        self._lock = threading.Condition()
        self._idle: list[Worker] = []
        self._running: set[Answer] = set()
        self._fallen: list[Worker] = []
        self._living = 0
        self._waiting = 0
        self._closed = threading.Event()
        self._wanted = threading.Event()
        self._next = self._pause = 0.0
        # Called, on any thread, when a worker has come free; for one who waits for it without holding a thread.
        self.on_free: Callable[[], None] = lambda: None
        self._may_be_long = max(1, self.size - max(1, self.size // 4))
        self._loading: Control | None = None
        self.quads = 0
        self._control = self._loaded()
        self._grow()
        self._watcher = threading.Thread(target=self._watch, name="pool", daemon=True)
        self._watcher.start()

    def _loaded(self) -> Control:
        """Return a fresh holder that has the graph."""
        self._loading = fresh = Control(self._sources, self._memory)
        try:
            quads = fresh.load()
            if self._expected not in (None, quads):
                raise Unloadable(f"{self._sources[0]}: {quads:,} statements, but there should be {self._expected:,}")
        except Unloadable:
            fresh.close()
            raise
        self.quads = quads
        self.loads += 1
        return fresh

    def ask(self, question: Question, deadline: float) -> Answer:
        """Hand the question to a free worker, waiting in the queue for one until the deadline."""
        answer = Answer(self, question.encode(), deadline)
        self.hand(answer)
        return answer

    def hand(self, answer: Answer) -> None:
        """Give a free worker the answer's question, waiting for one; one that has died is passed over."""
        for _ in range(self.size + 2):
            worker = self._take(answer.deadline)
            try:
                answer.take(worker)
            except Refusal:
                self.give_back(answer, worker)
                raise
            with self._lock:
                self._running.add(answer)
            reason = self._sent(answer)
            if reason is None:
                return
            if not isinstance(reason, Lost):
                raise reason
        raise Lost("workers are ended from outside as fast as they are made")

    def _sent(self, answer: Answer) -> Refusal | None:
        """Send the question; say what prevented it."""
        try:
            with answer.using() as worker:
                # Rows of a service may make a question long.
                worker.connection.settimeout(1.0 + len(answer.question) / SPEED)
                worker.connection.sendall(answer.question)
        except TimeoutError:
            answer.stop(OutOfTime("a worker did not take the question in time"))
        except OSError:
            if lost := answer.part():
                return self.inquire(answer, lost)
        except Refusal as refusal:
            return refusal
        return answer.stopped

    def ask_now(self, question: Question, deadline: float) -> Answer | None:
        """Hand the question to a worker if that is possible without waiting, for one who must not wait."""
        data = question.encode()
        if len(data) > SHORT:
            return None
        while True:
            with self._lock:
                if self._waiting or not self._idle:
                    return None
                worker = self._idle.pop()
                answer = Answer(self, data, deadline)
                answer.take(worker)
                self._running.add(answer)
            try:
                with answer.using():
                    worker.connection.setblocking(False)
                    worker.connection.sendall(data)
            except OSError:
                if answer.part():
                    self._fell(answer, worker)
                    continue
            except Refusal:
                pass  # Already stopped; whoever reads the answer learns why.
            return answer

    @property
    def is_full(self) -> bool:
        """Whether no worker is free at this moment."""
        return not self._idle

    def _take(self, deadline: float) -> Worker:
        with self._lock:
            if not self._idle:
                # Who waits for a worker that is being replaced has his place beside the queue.
                if self._waiting >= self._queue + self.size - self._living:
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

    def give_back(self, answer: Answer, worker: Worker) -> None:
        """Take back a worker that is ready for the next question."""
        if worker.niced and not worker.set_niceness(0):
            self.give_up(answer, worker)
            return
        with self._lock:
            self._running.discard(answer)
            if self._closed.is_set():
                worker.connection.close()
            else:
                self._idle.append(worker)
                self._lock.notify()
        self.on_free()

    def give_up(self, answer: Answer, worker: Worker) -> None:
        """End a worker; another takes its place at once."""
        worker.keeper.kill(worker.pid)
        self._gone(answer)

    def inquire(self, answer: Answer | None, worker: Worker) -> Refusal:
        """Put another in the place of a worker that has ended; say why it has, and log what no query should do."""
        try:
            status, words = worker.keeper.inquire(worker.pid)
        except OSError:
            status, words = 0, ""  # The holder is gone, and has taken all of them along.
        if answer is not None:
            self._gone(answer)
        reason = endings.refusal(status, words)
        if isinstance(reason, Faulty):
            LOG.error("worker %d %s", worker.pid, endings.line(status, words))
        elif isinstance(reason, Broken | Lost) and not self._closed.is_set():
            LOG.warning("worker %d %s", worker.pid, endings.line(status, words))
        return reason

    def _fell(self, answer: Answer, worker: Worker) -> None:
        """Note a worker that has ended, for one who must not wait until it is known why."""
        with self._lock:
            self._fallen.append(worker)
        self._gone(answer)

    def _gone(self, answer: Answer | None) -> None:
        with self._lock:
            if answer is not None:
                self._running.discard(answer)
            self.killed += 1
            self._living -= 1
        self._wanted.set()

    def _watch(self) -> None:
        """Keep the workers as many as they should be, and end what has run long enough."""
        while not self._closed.is_set():
            self._wanted.wait(TICK)
            self._wanted.clear()
            self._bury()
            self._grow()
            with self._lock:
                running, waiting = list(self._running), self._waiting
            deadlines.judge(running, waiting, self._may_be_long)

    def _bury(self) -> None:
        """Find out about workers that have ended: those noticed by others, and idle ones whose socket has closed."""
        with self._lock:
            hung_up = unasked(self._idle)
            self._idle = [worker for worker in self._idle if worker not in hung_up]
            fallen, self._fallen = self._fallen, []
        for worker in hung_up:
            worker.connection.close()
            self._gone(None)
        for worker in [*fallen, *hung_up]:
            self.inquire(None, worker)

    def _grow(self) -> None:
        """Have as many workers as there should be; what can't be had now is tried again later."""
        while self._living < self.size and not self._closed.is_set() and time.monotonic() >= self._next:
            try:
                if not self._control.alive:
                    self._control.close()
                    self._control = self._loaded()
                worker = self._control.fork()
            except (OSError, Unloadable) as error:
                self._pause = min(SELDOM, 2 * self._pause or AGAIN)
                self._next = time.monotonic() + self._pause
                if self.fault != str(error) and not self._closed.is_set():
                    self.fault = str(error)
                    LOG.error("no worker can be made: %s", error)
                return
            self.fault, self._pause = "", 0.0
            with self._lock:
                self._living += 1
                self._idle.append(worker)
                self._lock.notify()
            self.on_free()

    def state(self) -> dict[str, int]:
        """How many workers there are, work and run long, and how many questions wait."""
        with self._lock:
            now = time.monotonic()
            return {
                "workers": self._living,
                "busy": len(self._running),
                "long": sum(now - answer.began > deadlines.LONG for answer in self._running),
                "waiting": self._waiting,
            }

    def close(self, patience: float = 0.0) -> None:
        """Let what runs finish for a while, then end every process."""
        until = time.monotonic() + patience
        while self.state()["busy"] and time.monotonic() < until:
            time.sleep(0.02)
        with self._lock:
            self._closed.set()
            self._lock.notify_all()
            for worker in self._idle:
                worker.connection.close()
            self._idle.clear()
        self._wanted.set()
        while self._watcher.is_alive():
            # It may be waiting for a holder, or just have started one.
            self._control.close()
            if self._loading is not None:
                self._loading.close()
            self._watcher.join(TICK)
        self._control.close()
