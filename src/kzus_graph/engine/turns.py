"""Whose turn it is: workers that are idle, questions that wait for one, answers on their way."""

import threading
import time
from typing import Final

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.refusals import Busy, OutOfTime

# Of so many workers one is kept for what comes, however many wait; of so many that come free one may go to who waits.
SHARE: Final = 4


class Turns:
    """Two lines in front of the workers: one for new questions, one for those that have shown that they take long.

    A question like one that was brief takes any worker that is idle when it comes. Half of the workers are not for one
    of which nothing is known; a fourth is not for one that has to wait, or takes long: so others find one, however many
    there are. But every fourth worker that comes free is for those who wait, one at a time, however many come later.
    One that takes long needs one of half as many places besides. Within a line, first come, first served; the lines
    take turns. ``queue`` questions may wait in each.

    At most ``size`` workers are at work; there may be more of them, so that one that was ended is not missed.
    """

    def __init__(self, size: int, queue: int) -> None:
        self.lock = threading.Lock()
        self.idle: list[Worker] = []
        self.running: set[Answer] = set()
        self.closed = threading.Event()
        self._size = size
        self._queue = queue
        # Kept from those who wait, and from those of which nothing is known.
        self._kept, self._known = size // SHARE, size // 2 if size >= SHARE else 0
        self._places = (size + 1) // 2
        self._long: set[Answer] = set()
        self._waiting = {False: 0, True: 0}
        # How many workers came free, whether the next is for who waits, who got the last such, whose turn it is.
        self._freed, self._owed = 0, False
        self._elder: Answer | None = None
        self._next = False
        # By whether they take long: who waits is woken, first the new.
        self._ready = {False: threading.Condition(self.lock), True: threading.Condition(self.lock)}

    def take(self, answer: Answer, spare: int = 0) -> Worker:
        """Put an answer to a worker and return it, waiting for one until the deadline; *spare* beside the queue.

        Raises Busy and OutOfTime.
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
        """Put an answer that has just been asked for to a worker and return it, if one is free."""
        with self.lock:
            if not self.is_free(brief=answer.brief):
                return None
            self.running.add(answer)
            return self.idle.pop()

    def is_free(self, *, brief: bool) -> bool:
        """Say whether there is a worker for what comes."""
        owed = any(self._waiting[line] and self._is_owed(line) for line in (False, True)) if self._owed else 0
        return self._free - owed > (0 if brief or not self.running else self._known)

    def is_full(self, *, long: bool) -> bool:
        """Say whether one more would have to wait in a line where no more may."""
        return self._waiting[long] >= self._queue and not self._may(long)

    @property
    def _free(self) -> int:
        """How many more workers could be at work."""
        return min(len(self.idle), self._size - len(self.running))

    def _may(self, line: bool) -> bool:
        """Whether the next in a line may have a worker, with a share left for what comes."""
        kept = self._kept if self.running else 0
        return self._free > kept and self._has_place(line)

    def _is_owed(self, line: bool) -> bool:
        """Whether the next in a line has to get a worker."""
        return self._owed and self._free > 0 and self._has_place(line)

    def _has_place(self, line: bool) -> bool:
        return not line or len(self._long) < self._places

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
            self._end(answer)
            self._wake()

    def _end(self, answer: Answer | None) -> None:
        if answer is not None:
            self.running.discard(answer)
            self._long.discard(answer)

    def put(self, worker: Worker, answer: Answer | None = None) -> None:
        """Take a worker that is ready for a question, since it is done with that *answer*."""
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
        """Wake one who waits, if there is something for him."""
        for line in (self._next, not self._next):
            if self._waiting[line] and (self._may(line) or self._is_owed(line)):
                self._next = not line
                self._ready[line].notify()
                return

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
