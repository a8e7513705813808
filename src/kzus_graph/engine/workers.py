"""A pool of worker processes that query one graph, with deadlines, a limit of memory for each query, and a queue."""

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
# Bytes of a question that a worker reads in a second, at the very least.
SPEED: Final = 4 << 20
# For each SPARE workers there is one more, ready for when one of them has to be ended.
SPARE: Final = 4
# When no worker can be started, or the graph not loaded: seconds until the next attempt, at first and at most.
AGAIN: Final = 0.5
SELDOM: Final = 30.0

LOG: Final = logging.getLogger("kzus_graph.workers")


class Pool:
    """The worker processes that query one graph, and the queries that wait for a worker.

    *sources* are the store folders or RDF files to load; *workers* is how many queries run at once; *memory* is how
    many bytes a query may use beyond the graph itself; *queue* is how many queries may wait in each of two lines (new
    and long-running ones); *quads*, if given, is the number of quads that the graph must have; with *niceness* above 0,
    the workers have a lower priority. Raises Unloadable.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        *,
        workers: int | None = None,
        queue: int = 64,
        memory: int = 1 << 30,
        quads: int | None = None,
        niceness: int = 0,
    ) -> None:
        self.size = workers or max(8, 2 * (os.cpu_count() or 1))
        self._forks = self.size + max(1, self.size // SPARE)
        self.killed = 0
        # How many requests are under way that may still ask a question; only one thread changes this number.
        self.askers = 0
        # How often the graph has been loaded: more than once when its holder died.
        self.loads = 0
        # Why there are not as many workers as there should be.
        self.fault = ""
        self._sources = tuple(sources)
        self._memory = memory
        self._expected = quads
        self._niceness = niceness
        self._turns = Turns(self.size, queue)
        self._closed = self._turns.closed
        self.precedents = Precedents()
        self._lock = threading.Lock()
        self._fallen: list[Worker] = []
        self._living = 0
        self._wanted = threading.Event()
        self._next = self._pause = 0.0
        # Called, on any thread, when a worker has come free; the event loop waits for this without holding a thread.
        self.on_free: Callable[[], None] = lambda: None
        # How many requests wait for a worker without holding a thread; only one thread changes this number.
        self.standing = 0
        self.prolong = self._turns.prolong
        self._loading: Control | None = None
        self.quads = 0
        self._control = self._loaded()
        self._grow()
        self._watcher = threading.Thread(target=self._watch, name="pool", daemon=True)
        self._watcher.start()

    def _loaded(self) -> Control:
        """Start a process that holds the graph (a holder); return the connection to it. Raises Unloadable."""
        self._loading = fresh = Control(self._sources, self._memory, self._niceness)
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
        """Return the answer to a query, after sending the query to a free worker. Raises a Refusal.

        If no worker is free, the query waits for one until *deadline*: in the line of long-running queries if *long* is
        true, if *question* has more than SHORT bytes, or if the last query that differs only in numbers took long.
        """
        data = question.encode()
        # A question with a long text is in the line of long ones anyway; no look-up is needed.
        known = self.precedents.of(question.query) if len(data) <= SHORT else NOTHING
        answer = Answer(self, data, deadline, known, long=long or len(data) > SHORT)
        self.hand(answer)
        return answer

    def hand(self, answer: Answer) -> None:
        """Send the query of *answer* to a worker, waiting for a free one; try another if that worker was killed."""
        for _ in range(self.size + 2):
            # For each worker that is being replaced, one more question may wait than the queue holds.
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
        raise Lost("the server's worker processes are killed as fast as they are started; try again later")

    def _sent(self, answer: Answer) -> Refusal | None:
        """Send the query of *answer* to its worker; return None, or a Refusal with the reason if that failed."""
        try:
            with answer.using() as worker:
                # Rows of a SERVICE clause may make a question large.
                worker.connection.settimeout(1.0 + len(answer.question) / SPEED)
                worker.connection.sendall(answer.question)
        except TimeoutError:
            answer.stop(OutOfTime("a worker process of this server did not read the query in time"))
        except OSError:
            if lost := answer.part():
                return self.inquire(answer, lost)
        except Refusal as refusal:
            return refusal
        return answer.stopped

    def ask_now(self, question: Question, deadline: float, known: Precedent = NOTHING) -> Answer | None:
        """Return the answer to a short query, after sending the query to a free worker; None if no worker is free now.

        Unlike ``ask``, this never waits. *known* is what is recorded about earlier queries that differ only in numbers.
        """
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
                pass  # Already stopped; the answer's reader gets the reason.
            return answer
        return None

    @property
    def is_crowded(self) -> bool:
        """Whether a further long-running query would be refused, because the queue of such queries is full."""
        return self._turns.is_full(long=True)

    def give_back(self, answer: Answer, worker: Worker) -> None:
        """Take back *worker*, which evaluated the query of *answer* and is ready for the next query."""
        if worker.niced and not worker.set_niceness(self._niceness):
            self.give_up(answer, worker)
            return
        # A time between these two limits leaves the recorded verdict as it is.
        if answer.used is not None and not deadlines.HURRY < answer.used <= deadlines.GIVES_WAY:
            self.precedents.note(answer.like, long=answer.used > deadlines.GIVES_WAY)
        self._turns.put(worker, answer)
        self.on_free()

    def give_up(self, answer: Answer, worker: Worker) -> None:
        """Kill *worker*, which evaluates the query of *answer*; the pool then starts another in its place."""
        worker.keeper.kill(worker.pid)
        self._gone(answer)

    def inquire(self, answer: Answer | None, worker: Worker) -> Refusal:
        """Return the reason why *worker* has ended; log a crash, an error of our code, or a kill from outside.

        *answer* is the answer that *worker* was computing; None if the end of *worker* is already recorded.
        """
        try:
            status, words = worker.keeper.inquire(worker.pid)
        except OSError:
            status, words = 0, ""  # The holder is gone, and all its workers with it.
        if answer is not None:
            self._gone(answer)
        reason = endings.refusal(status, words)
        if isinstance(reason, Faulty):
            LOG.error("worker process %d %s", worker.pid, endings.line(status, words))
        elif isinstance(reason, Broken | Lost) and not self._closed.is_set():
            LOG.warning("worker process %d %s", worker.pid, endings.line(status, words))
        return reason

    def _fell(self, answer: Answer, worker: Worker) -> None:
        """Record that *worker*, which had the query of *answer*, has ended; the watcher thread later finds out why."""
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
        """Until the pool closes, replace workers that have ended, and stop answers that are past their deadline."""
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
        """Find out and log why workers have ended: those recorded by _fell, and idle ones whose socket has closed."""
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
        """Start worker processes until the pool has all that it should have; after a failure, return and try later.

        If the holder (the process that holds the graph) has ended, load the graph again first.
        """
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
                    LOG.error("no worker process can be started: %s", error)
                return
            self.fault, self._pause = "", 0.0
            with self._lock:
                self._living += 1
            self._turns.put(worker)
            self.on_free()

    def state(self) -> dict[str, int]:
        """Return how many workers there are, and how many queries are evaluated, are long-running, and are waiting."""
        return {"workers": min(self.size, self._living), **self._turns.state()}

    def close(self, patience: float = 0.0) -> None:
        """Let running queries finish for up to *patience* seconds, then end every process of the pool."""
        until = time.monotonic() + patience
        while (self.askers or self.state()["busy"]) and time.monotonic() < until:
            time.sleep(0.02)
        self._turns.close()
        self._wanted.set()
        while self._watcher.is_alive():
            # The watcher may be waiting for a holder, or just have started one.
            self._control.close()
            if self._loading is not None:
                self._loading.close()
            self._watcher.join(TICK)
        self._control.close()
