"""Decides which query gets the next worker process; keeps the idle workers, waiting queries and running answers."""

import threading
import time
from typing import Final

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.refusals import Busy, OutOfTime

# One worker in SHARE is kept for new questions, however many wait; one in SHARE that comes free goes to a waiting one.
SHARE: Final = 4


class Turns:
    """Two waiting lines for worker processes: one for new queries, one for queries known to take long.

    A new query may take any idle worker if the last similar query (one that differs only in numbers) was brief. If no
    similar query is recorded, it must leave half of the workers free; a query that has waited, or takes long, must
    leave a quarter free. So a new query finds a worker, however many others wait. But every fourth worker that becomes
    free is reserved for a waiting query, one such query at a time, however many newer ones arrive. A query that takes
    long also needs one of the places for long queries, which are half as many as the workers. Each line is first come,
    first served; the lines alternate. At most *queue* queries may wait in each line.

    At most *size* workers are busy at once; more may exist, so that an ended worker has a replacement ready.
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
        """Return a worker for *answer*, waiting for one until the answer's deadline. Raises Busy and OutOfTime.

        *spare* is how many queries may wait in addition to those that the queue holds.
        """
        line = answer.long
        with self.lock:
            if not (self._may(line) if line else self.is_free(brief=answer.brief)):
                if self._waiting[line] >= self._queue + spare:
                    raise Busy("too many queries are waiting; try again later")
                self._waiting[line] += 1
                try:
                    while not (self._may(line) or self._is_owed(line)):
                        if self.closed.is_set():
                            raise Busy("the server is shutting down")
                        left = answer.deadline - time.monotonic()
                        if left <= 0 or not self._ready[line].wait(left):
                            raise OutOfTime("the server was too busy to start the query within its time limit")
                finally:
                    self._waiting[line] -= 1
                if not self._may(line):
                    self._owed, self._elder = False, answer
            if line:
                self._long.add(answer)
            self.running.add(answer)
            return self.idle.pop()

    def take_now(self, answer: Answer) -> Worker | None:
        """Return a free worker for *answer*, the answer to a new query, without waiting; None if no worker is free."""
        with self.lock:
            if not self.is_free(brief=answer.brief):
                return None
            self.running.add(answer)
            return self.idle.pop()

    def is_free(self, *, brief: bool) -> bool:
        """Return whether a worker is free for a query; *brief*: the last similar query ended soon, so this may, too."""
        owed = any(self._waiting[line] and self._is_owed(line) for line in (False, True)) if self._owed else 0
        return self._free - owed > (0 if brief or not self.running else self._known)

    def is_full(self, *, long: bool) -> bool:
        """Return whether one more query (*long* or new) would be refused: no worker is free, and its line is full."""
        return self._waiting[long] >= self._queue and not self._may(long)

    @property
    def _free(self) -> int:
        """How many more workers could start on a query now, given the limit of busy workers."""
        return min(len(self.idle), self._size - len(self.running))

    def _may(self, line: bool) -> bool:
        """Return whether a query of *line* (true: long queries) may take a worker and leave enough for new queries."""
        kept = self._kept if self.running else 0
        return self._free > kept and self._has_place(line)

    def _is_owed(self, line: bool) -> bool:
        """Return whether a free worker is reserved for a waiting query and may go to *line* (true: long queries)."""
        return self._owed and self._free > 0 and self._has_place(line)

    def _has_place(self, line: bool) -> bool:
        return not line or len(self._long) < self._places

    def prolong(self, answer: Answer) -> bool:
        """Give *answer*, which takes long or is large, a place for long queries; return whether it now has one."""
        with self.lock:
            if answer not in self._long and len(self._long) < self._places and answer in self.running:
                self._long.add(answer)
                answer.long = True
            return answer in self._long

    def end(self, answer: Answer | None) -> None:
        """Record that no worker evaluates the query of *answer* any more."""
        with self.lock:
            self._end(answer)
            self._wake()

    def _end(self, answer: Answer | None) -> None:
        if answer is not None:
            self.running.discard(answer)
            self._long.discard(answer)

    def put(self, worker: Worker, answer: Answer | None = None) -> None:
        """Make *worker* idle, so that it can get the next query; *answer* is the one just completed by it, if any."""
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
        """Wake the thread of the next waiting query if this query may take a worker; the two lines alternate."""
        for line in (self._next, not self._next):
            if self._waiting[line] and (self._may(line) or self._is_owed(line)):
                self._next = not line
                self._ready[line].notify()
                return

    def state(self) -> dict[str, int]:
        """Return how many queries are being evaluated, how many of these take long, and how many wait for a worker."""
        with self.lock:
            return {"busy": len(self.running), "long": len(self._long), "waiting": sum(self._waiting.values())}

    def close(self) -> None:
        """Make every waiting query fail with Busy, and close the sockets of the idle workers."""
        with self.lock:
            self.closed.set()
            for line in self._ready.values():
                line.notify_all()
            for worker in self.idle:
                worker.connection.close()
            self.idle.clear()
