"""Whose turn it is: what comes finds a worker, however many wait; what takes long has fewer places."""

import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.refusals import Busy, OutOfTime
from kzus_graph.engine.turns import Turns


def answer(seconds: float = 10.0, *, long: bool = False) -> Answer:
    return Answer(cast("Any", None), b"question", time.monotonic() + seconds, long=long)


def turns(size: int, queue: int = 8) -> Turns:
    """Turns with so many idle workers, of which nothing is asked but that they are there."""
    made = Turns(size, queue)
    for number in range(size):
        made.put(cast("Worker", SimpleNamespace(pid=number, connection=SimpleNamespace(close=lambda: None))))
    return made


def taken(made: Turns, one: Answer) -> Worker:
    worker = made.take(one)
    made.begin(one)
    return worker


def waiting(made: Turns, one: Answer) -> "threading.Thread":
    """A thread that waits for a worker for an answer."""
    before = made.state()["waiting"]
    thread = threading.Thread(target=taken, args=(made, one))
    thread.start()
    while made.state()["waiting"] == before:
        time.sleep(0.001)
    return thread


def test_what_comes_takes_any_worker_and_who_waits_leaves_a_share() -> None:
    made = turns(8)
    running = [answer() for _ in range(8)]
    workers = [taken(made, one) for one in running]
    late = answer()
    thread = waiting(made, late)
    for one, worker in list(zip(running, workers, strict=True))[:2]:
        made.end(one)
        made.put(worker)
    assert made.state() == {"busy": 6, "long": 0, "waiting": 1}
    assert made.take_now() is not None
    made.put(workers[0])
    made.end(running[2])
    made.put(workers[2])
    thread.join(5)
    assert late in made.running
    assert len(made.idle) == 2


def test_who_waits_gets_the_last_worker_when_nothing_runs() -> None:
    made = turns(4)
    running = [answer() for _ in range(4)]
    workers = [taken(made, one) for one in running]
    late = answer()
    thread = waiting(made, late)
    for one in running:
        made.end(one)
    made.put(workers[0])
    thread.join(5)
    assert late in made.running


@pytest.mark.parametrize(("size", "places"), [(1, 1), (2, 1), (4, 2), (8, 4), (16, 8)])
def test_what_takes_long_has_fewer_places(size: int, places: int) -> None:
    made = turns(size)
    running = [answer() for _ in range(size)]
    for one in running:
        taken(made, one)
    granted = [made.prolong(one) for one in running]
    assert granted == [True] * places + [False] * (size - places)
    assert [one.long for one in running] == granted
    made.end(running[0])
    assert made.prolong(running[-1]) == (size > 1)
    assert not made.prolong(answer())


def test_what_takes_long_waits_for_a_place_and_not_for_a_worker_alone() -> None:
    made = turns(4)
    running = [answer(long=True) for _ in range(2)]
    workers = [taken(made, one) for one in running]
    assert len(made.idle) == 2
    with pytest.raises(OutOfTime):
        made.take(answer(0.05, long=True))
    late = answer(long=True)
    thread = waiting(made, late)
    made.end(running[0])
    made.put(workers[0])
    thread.join(5)
    assert late in made.running


def test_each_line_is_bounded_and_all_are_turned_away_at_the_end() -> None:
    made = turns(1, queue=1)
    taken(made, answer(long=True))
    refused: list[str] = []

    def ask(one: Answer) -> None:
        try:
            made.take(one)
        except Busy as busy:
            refused.append(str(busy))

    threads = [threading.Thread(target=ask, args=(answer(long=long),)) for long in (False, True)]
    for thread in threads:
        thread.start()
    while made.state()["waiting"] < 2:
        time.sleep(0.001)
    for long in (False, True):
        with pytest.raises(Busy, match="too many queries are waiting"):
            made.take(answer(long=long))
    made.close()
    for thread in threads:
        thread.join(5)
    assert refused == ["the server is closing"] * 2
