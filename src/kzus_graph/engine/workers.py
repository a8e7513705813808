"""A pool of sealed workers over one graph: deadline, memory cap, bounded queue, and a kill that always works."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kzus_graph.engine import deadlines, endings
from kzus_graph.engine.answers import NICENESS, Answer, Worker, unasked
from kzus_graph.engine.control import Control, Unloadable
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.precedents import NOTHING, Precedent, Precedents
from kzus_graph.engine.refusals import Broken, Faulty, Lost, OutOfTime, Refusal
from kzus_graph.engine.turns import Turns

__all__ = ["Pool", "Unloadable"]

TICK: Final = 0.05
# A question of this size fits into a socket at once.
SHORT: Final = 64 * 1024
# Bytes that a worker takes in a second, at the very least.
SPEED: Final = 4 << 20
# Of so many workers there is one besides, ready for when one of them has to be ended.
SPARE: Final = 4
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
        self._forks = self.size + max(1, self.size // SPARE)
        self.killed = 0
        # How many requests are under way that may ask again; one thread alone counts them.
        self.askers = 0
        # How often the graph has been loaded: more than once when its holder died.
        self.loads = 0
        # Why there are not as many workers as there should be.
        self.fault = ""
        self._sources = tuple(sources)
        self._memory = memory
        self._expected = quads
        self._turns = Turns(self.size, queue)
        self._closed = self._turns.closed
        self.precedents = Precedents()
        self._lock = threading.Lock()
        self._fallen: list[Worker] = []
        self._living = 0
        self._wanted = threading.Event()
        self._next = self._pause = 0.0
        # Called, on any thread, when a worker has come free; for one who waits for it without holding a thread.
        self.on_free: Callable[[], None] = lambda: None
        # How many wait for a worker without holding a thread; one thread alone counts them.
        self.standing = 0
        self.prolong = self._turns.prolong
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

    def ask(self, question: Question, deadline: float, *, long: bool = False) -> Answer:
        """Hand the question to a free worker, waiting for one until the deadline, with those that take *long* if so.

        A question that is itself long is one of those, and one that is like another that took long.
        """
        data = question.encode()
        # Where one that is itself long has its place is known without that.
        known = self.precedents.of(question.query) if len(data) <= SHORT else NOTHING
        answer = Answer(self, data, deadline, known, long=long or len(data) > SHORT)
        self.hand(answer)
        return answer

    def hand(self, answer: Answer) -> None:
        """Give a free worker the answer's question, waiting for one; one that has died is passed over."""
        for _ in range(self.size + 2):
            # Who waits for a worker that is being replaced has his place beside the queue.
            worker = self._turns.take(answer, max(0, self.size - self._living))
            try:
                answer.take(worker)
            except Refusal:
                self.give_back(answer, worker)
                raise
            if answer.long:
                worker.set_niceness(NICENESS)
            reason = self._sent(answer)
            if reason is None:
                return
            if not isinstance(reason, Lost):
                raise reason
        raise Lost("workers are killed as fast as they are started")

    def _sent(self, answer: Answer) -> Refusal | None:
        """Send the question; say what prevented it."""
        try:
            with answer.using() as worker:
                # Rows of a service may make a question long.
                worker.connection.settimeout(1.0 + len(answer.question) / SPEED)
                worker.connection.sendall(answer.question)
        except TimeoutError:
            answer.stop(OutOfTime("a worker did not take the query in time"))
        except OSError:
            if lost := answer.part():
                return self.inquire(answer, lost)
        except Refusal as refusal:
            return refusal
        return answer.stopped

    def ask_now(self, question: Question, deadline: float, known: Precedent = NOTHING) -> Answer | None:
        """Hand a short question to a worker if one is free for it, for one who must not wait."""
        while self._turns.is_free(brief=known.brief):
            answer = Answer(self, question.encode(), deadline, known)
            worker = self._turns.take_now(answer)
            if worker is None:
                break
            answer.take(worker)
            try:
                with answer.using():
                    worker.block_never()
                    worker.connection.sendall(answer.question)
            except OSError:
                if answer.part():
                    self._fell(answer, worker)
                    continue
            except Refusal:
                pass  # Already stopped; whoever reads the answer learns why.
            return answer
        return None

    @property
    def is_crowded(self) -> bool:
        """Whether no more may wait that take long."""
        return self._turns.is_full(long=True)

    def give_back(self, answer: Answer, worker: Worker) -> None:
        """Take back a worker that is ready for the next question."""
        if worker.niced and not worker.set_niceness(0):
            self.give_up(answer, worker)
            return
        # What is between the two stays what it was taken for.
        if answer.used is not None and not deadlines.HURRY < answer.used <= deadlines.GIVES_WAY:
            self.precedents.note(answer.like, long=answer.used > deadlines.GIVES_WAY)
        self._turns.put(worker, answer)
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
        self._turns.end(answer)
        with self._lock:
            self.killed += 1
            self._living -= 1
        self._wanted.set()
        self.on_free()

    def _watch(self) -> None:
        """Keep the workers as many as they should be, and end what has run long enough."""
        while not self._closed.is_set():
            self._wanted.wait(TICK)
            self._wanted.clear()
            self._bury()
            self._grow()
            with self._turns.lock:
                running = list(self._turns.running)
            hurried = self.standing > 0 or self._turns.state()["waiting"] > 0
            for answer in deadlines.judge(running, self.prolong, hurried=hurried):
                self.precedents.note(answer.like, long=True)

    def _bury(self) -> None:
        """Find out about workers that have ended: those noticed by others, and idle ones whose socket has closed."""
        with self._turns.lock:
            hung_up = unasked(self._turns.idle)
            self._turns.idle = [worker for worker in self._turns.idle if worker not in hung_up]
        with self._lock:
            fallen, self._fallen = self._fallen, []
        for worker in hung_up:
            worker.connection.close()
            self._gone(None)
        for worker in [*fallen, *hung_up]:
            self.inquire(None, worker)

    def _grow(self) -> None:
        """Have as many workers as there should be; what can't be had now is tried again later."""
        while self._living < self._forks and not self._closed.is_set() and time.monotonic() >= self._next:
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
            self._turns.put(worker)
            self.on_free()

    def state(self) -> dict[str, int]:
        """How many workers there are, work and run long, and how many questions wait."""
        return {"workers": min(self.size, self._living), **self._turns.state()}

    def close(self, patience: float = 0.0) -> None:
        """Let what runs finish for a while, then end every process."""
        until = time.monotonic() + patience
        while (self.askers or self.state()["busy"]) and time.monotonic() < until:
            time.sleep(0.02)
        self._turns.close()
        self._wanted.set()
        while self._watcher.is_alive():
            # It may be waiting for a holder, or just have started one.
            self._control.close()
            if self._loading is not None:
                self._loading.close()
            self._watcher.join(TICK)
        self._control.close()
