"""How long a query may run, and beside whom."""

import time
from collections.abc import Collection
from typing import Final

from kzus_graph.engine.answers import NICENESS, Answer
from kzus_graph.engine.refusals import Busy, OutOfTime

# After this much processor time a query gives way to younger ones.
GIVES_WAY: Final = 0.3
# A query that has run this long may be broken off to let a waiting one in, if few workers are left for short ones.
LONG: Final = 2.0


def judge(running: Collection[Answer], waiting: int, may_be_long: int) -> None:
    """Let old queries give way, make room for waiting ones, and end those whose time is over."""
    running = sorted(running, key=lambda answer: answer.began)
    now = time.monotonic()
    old = [answer for answer in running if now - answer.began > LONG and not answer.stopped]
    for answer in running:
        worker = answer.worker
        if worker is None or answer.stopped:
            continue
        if now > answer.deadline:
            answer.stop(OutOfTime("the query did not finish in time"))
        elif not worker.niced and now - answer.began > GIVES_WAY < worker.used():
            worker.set_niceness(NICENESS)
    if waiting and len(old) > may_be_long:
        old[0].stop(Busy("the query ran long, and others were waiting"))
