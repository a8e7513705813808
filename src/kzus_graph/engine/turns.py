"""Whose turn it is: workers that are idle, questions that wait for one, answers on their way."""

import threading
import time
from typing import Final

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.refusals import Busy, OutOfTime

# Of so many workers one is kept for what comes, however many wait.
SHARE: Final = 4


class Turns:
    """Two lines in front of the workers: one for new questions, one for those that have shown that they take long.

    A question takes any worker that is idle when it comes. If it has to wait, or takes long, a share of the workers is
    not for it, so that others that come later find one, however many wait. One that takes long needs one of half as
    many places besides. Within a line, first come, first served. ``queue`` questions may wait in each.
    """

    def __init__(self, size: int, queue: int) -> None:
        self.lock = threading.Lock()
        self.idle: list[Worker] = []
        self.running: set[Answer] = set()
        self.closed = threading.Event()
        self._queue = queue
        self._kept = size // SHARE
        self._places = (size + 1) // 2
        self._long: set[Answer] = set()
        self._waiting = {False: 0, True: 0}
        # By whether they take long: who waits is woken, first the new.
        self._ready = {False: threading.Condition(self.lock), True: threading.Condition(self.lock)}

    def take(self, answer: Answer, spare: int = 0) -> Worker:
        """Return a worker for an answer, waiting for one until its deadline; *spare* more than the queue may wait.

        Raises Busy and OutOfTime.
        """
        line = answer.long
        with self.lock:
            if not self._may(line) and (line or not self.idle):
                if self._waiting[line] >= self._queue + spare:
                    raise Busy("too many queries are waiting")
                self._waiting[line] += 1
                try:
                    while not self._may(line):
                        if self.closed.is_set():
                            raise Busy("the server is closing")
                        left = answer.deadline - time.monotonic()
                        if left <= 0 or not self._ready[line].wait(left):
                            raise OutOfTime("the query waited for a free worker until its time was over")
                finally:
                    self._waiting[line] -= 1
            if line:
                self._long.add(answer)
            return self.idle.pop()

    def take_now(self) -> Worker | None:
        """Return a worker for a question that has just come, if one is idle."""
        with self.lock:
            return self.idle.pop() if self.idle else None

    def _may(self, line: bool) -> bool:
        """Whether the next in a line may have a worker."""
        kept = self._kept if self.running else 0
        return len(self.idle) > kept and (not line or len(self._long) < self._places)

    def begin(self, answer: Answer) -> None:
        """Note that a worker is on it."""
        with self.lock:
            self.running.add(answer)

    def prolong(self, answer: Answer) -> bool:
        """Give an answer that takes long, or is large, one of the places for such; False if none is left."""
        with self.lock:
            if answer not in self._long and len(self._long) < self._places and answer in self.running:
                self._long.add(answer)
                answer.long = True
            return answer in self._long

    def end(self, answer: Answer | None) -> None:
        """Note that no worker is on it any more."""
        with self.lock:
            if answer is not None:
                self.running.discard(answer)
                self._long.discard(answer)
            self._wake()

    def put(self, worker: Worker) -> None:
        """Take a worker that is ready for a question."""
        with self.lock:
            if self.closed.is_set():
                worker.connection.close()
                return
            self.idle.append(worker)
            self._wake()

    def _wake(self) -> None:
        """Wake one who waits, if there is something for him."""
        line = not self._waiting[False]
        if self._may(line):
            self._ready[line].notify()

    def state(self) -> dict[str, int]:
        """How many questions workers are on, how many of these take long, and how many wait."""
        with self.lock:
            return {"busy": len(self.running), "long": len(self._long), "waiting": sum(self._waiting.values())}

    def close(self) -> None:
        """Turn away who waits, and let the idle workers go."""
        with self.lock:
            self.closed.set()
            for line in self._ready.values():
                line.notify_all()
            for worker in self.idle:
                worker.connection.close()
            self.idle.clear()
