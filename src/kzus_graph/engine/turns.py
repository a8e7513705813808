"""Decides which question gets the next worker; keeps the idle workers, waiting questions and running answers."""

import threading
import time
from typing import Final

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.refusals import Busy, OutOfTime

# One worker in SHARE is kept for new questions, however many wait; one in SHARE that comes free goes to a waiting one.
SHARE: Final = 4


class Turns:
    """Two waiting lines in front of the workers: one for new questions, one for questions known to take long.

    A question similar to a brief one may take any idle worker when it comes. A question of unknown length must leave
    half of the workers free; a question that has waited, or takes long, must leave a quarter free. So new questions
    find a worker, however many wait. But every fourth worker that comes free goes to a waiting question, one at a time,
    however many come later. A question that takes long also needs one of the places for long questions, half as many
    as the workers. Each line is first come, first served; the lines take turns. ``queue`` questions may wait in each.

    At most ``size`` workers are busy at once; more may exist, so that an ended worker has a replacement ready.
    """

    def __init__(self, size: int, queue: int) -> None:
        self.lock = threading.Lock()
        self.idle: list[Worker] = []
        self.running: set[Answer] = set()
        self.closed = threading.Event()
        self._size = size
        self._queue = queue
        # Workers kept free from waiting questions, and from questions of unknown length.
        self._kept, self._known = size // SHARE, size // 2 if size >= SHARE else 0
        self._places = (size + 1) // 2
        self._long: set[Answer] = set()
        self._waiting = {False: 0, True: 0}
        # How many workers came free; whether one is owed to a waiting question; which answer got the last owed worker;
        # which line is next.
        self._freed, self._owed = 0, False
        self._elder: Answer | None = None
        self._next = False
        # For each line (True: long questions) the condition that wakes its waiting threads; the new line comes first.
        self._ready = {False: threading.Condition(self.lock), True: threading.Condition(self.lock)}

    def take(self, answer: Answer, spare: int = 0) -> Worker:
        """Take a worker for *answer* and return it, waiting until the deadline. Raises Busy and OutOfTime.

        *spare* more questions than ``queue`` may wait.
        """
        line = answer.long
        with self.lock:
            if not (self._may(line) if line else self.is_free(brief=answer.brief)):
                if self._waiting[line] >= self._queue + spare:
                    raise Busy("too many queries are waiting")
                self._waiting[line] += 1
                try:
                    while not (self._may(line) or self._is_owed(line)):
                        if self.closed.is_set():
                            raise Busy("the server is closing")
                        left = answer.deadline - time.monotonic()
                        if left <= 0 or not self._ready[line].wait(left):
                            raise OutOfTime("no worker was free before the query's time was over")
                finally:
                    self._waiting[line] -= 1
                if not self._may(line):
                    self._owed, self._elder = False, answer
            if line:
                self._long.add(answer)
            self.running.add(answer)
            return self.idle.pop()

    def take_now(self, answer: Answer) -> Worker | None:
        """Return a free worker for a new question's *answer*, without waiting; None if no worker is free."""
        with self.lock:
            if not self.is_free(brief=answer.brief):
                return None
            self.running.add(answer)
            return self.idle.pop()

    def is_free(self, *, brief: bool) -> bool:
        """Return whether a worker is free for a new question; *brief* says that similar ones were brief."""
        owed = any(self._waiting[line] and self._is_owed(line) for line in (False, True)) if self._owed else 0
        return self._free - owed > (0 if brief or not self.running else self._known)

    def is_full(self, *, long: bool) -> bool:
        """Return whether one more question in this line would have to wait while its queue is full."""
        return self._waiting[long] >= self._queue and not self._may(long)

    @property
    def _free(self) -> int:
        """How many more workers could start on a question now."""
        return min(len(self.idle), self._size - len(self.running))

    def _may(self, line: bool) -> bool:
        """Return whether the next question in a line may take a worker and leave a share for new questions."""
        kept = self._kept if self.running else 0
        return self._free > kept and self._has_place(line)

    def _is_owed(self, line: bool) -> bool:
        """Return whether a worker is owed to the waiting questions and the next in this line could take it."""
        return self._owed and self._free > 0 and self._has_place(line)

    def _has_place(self, line: bool) -> bool:
        return not line or len(self._long) < self._places

    def prolong(self, answer: Answer) -> bool:
        """Give an answer that takes long, or is large, a place for long questions; return False if none is left."""
        with self.lock:
            if answer not in self._long and len(self._long) < self._places and answer in self.running:
                self._long.add(answer)
                answer.long = True
            return answer in self._long

    def end(self, answer: Answer | None) -> None:
        """Record that no worker works on *answer* any more."""
        with self.lock:
            self._end(answer)
            self._wake()

    def _end(self, answer: Answer | None) -> None:
        if answer is not None:
            self.running.discard(answer)
            self._long.discard(answer)

    def put(self, worker: Worker, answer: Answer | None = None) -> None:
        """Make a worker idle: it is ready for a question, and done with *answer* if one is given."""
        with self.lock:
            self._end(answer)
            if self.closed.is_set():
                worker.connection.close()
                return
            self.idle.append(worker)
            self._freed += 1
            if self._freed % SHARE == 0 and self._elder not in self.running:
                self._owed = any(self._waiting.values())
            self._wake()

    def _wake(self) -> None:
        """Wake the next waiting thread, if a worker may go to it; the lines take turns."""
        for line in (self._next, not self._next):
            if self._waiting[line] and (self._may(line) or self._is_owed(line)):
                self._next = not line
                self._ready[line].notify()
                return

    def state(self) -> dict[str, int]:
        """Return how many questions workers are working on, how many of these take long, and how many wait."""
        with self.lock:
            return {"busy": len(self.running), "long": len(self._long), "waiting": sum(self._waiting.values())}

    def close(self) -> None:
        """Refuse every waiting question with Busy, and close the sockets of the idle workers."""
        with self.lock:
            self.closed.set()
            for line in self._ready.values():
                line.notify_all()
            for worker in self.idle:
                worker.connection.close()
            self.idle.clear()
