"""How long a query may run, and beside whom."""

import time
from collections.abc import Callable, Collection
from typing import Final

from kzus_graph.engine.answers import NICENESS, Answer, Worker
from kzus_graph.engine.refusals import OutOfTime

# After so many seconds of processor time, or so many at all, a query takes long: it gives way to younger ones.
GIVES_WAY: Final = 0.3
# While others wait, so many seconds of processor time are enough.
HURRY: Final = 0.1
LONG: Final = 1.0


def judge(running: Collection[Answer], prolong: Callable[[Answer], bool], *, hurried: bool) -> list[Answer]:
    """End those whose time is over; let old ones give way: beside the others if *prolong* allows, else after them.

    Returns those that turned out to take long; *hurried* says that others wait.
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
