"""Decides when a query is past its deadline, and when it has run so long that newer queries must go first."""

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
    """Stop answers that are past their deadline; return those whose query has just become a long-running one.

    *running* are the answers that are being computed. A long-running query goes on with low priority if *prolong* gives
    it one of the places for such queries. Otherwise its worker is taken away, and the query is sent to a worker again
    later; if that is not possible, because data has been sent, it goes on with low priority. If *hurried* (other
    queries wait), a query becomes a long-running one after less processor time.
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
