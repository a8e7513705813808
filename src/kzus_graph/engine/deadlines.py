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
    """Stop the answers that are past their deadline; return the answers whose query has just become long-running.

    *running* are the answers that are being computed. A query that becomes long-running continues with low priority if
    *prolong*, called with its answer, returns True: the query then has one of the places for long-running queries.
    Otherwise its worker is killed, and the query waits for another worker; if the answer does not allow that (for
    instance because data has arrived), the query continues with low priority. If *hurried* (other queries wait for a
    worker), a query becomes long-running after less processor time.
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
