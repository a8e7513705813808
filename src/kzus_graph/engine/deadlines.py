"""Decides when a query has run too long, and when it must let newer queries go first."""

import time
from collections.abc import Callable, Collection
from typing import Final

from kzus_graph.engine.answers import NICENESS, Answer, Worker
from kzus_graph.engine.refusals import OutOfTime

# After GIVES_WAY seconds of processor time, or LONG seconds in all, a query counts as long and yields to newer ones.
GIVES_WAY: Final = 0.3
# While others wait, HURRY seconds of processor time are enough.
HURRY: Final = 0.1
LONG: Final = 1.0


def judge(running: Collection[Answer], prolong: Callable[[Answer], bool], *, hurried: bool) -> list[Answer]:
    """Stop answers past their deadline, and return those that have just turned out to take long.

    A long answer goes on with low priority if *prolong* gives it a place. Otherwise it loses its worker and is asked
    again later; if that is not possible, it goes on with low priority. *hurried* says that other queries wait.
    """
    now = time.monotonic()
    most = min(HURRY, GIVES_WAY) if hurried else GIVES_WAY
    found = []
    for answer in running:
        worker = answer.worker
        if worker is None or answer.stopped:
            continue
        if now > answer.deadline:
            answer.stop(OutOfTime("the query did not finish in time"))
        elif _takes_long(now - answer.began, worker, most):
            found.append(answer)
            if prolong(answer) or not answer.put_back():
                worker.set_niceness(NICENESS)
    return found


def _takes_long(seconds: float, worker: Worker, most: float) -> bool:
    return not worker.niced and seconds > most and (seconds > LONG or worker.used() > most)
