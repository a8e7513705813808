"""Whose turn it is: what comes finds a worker, however many wait; what takes long has fewer places."""

import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kzus_graph.engine.answers import Answer, Worker
from kzus_graph.engine.precedents import Precedent
from kzus_graph.engine.refusals import Busy, OutOfTime
from kzus_graph.engine.turns import SHARE, Turns


def answer(seconds: float = 10.0, *, long: bool = False, brief: bool = True) -> Answer:
    return Answer(cast("Any", None), b"question", time.monotonic() + seconds, Precedent(1, long, brief and not long))


def turns(size: int, queue: int = 8) -> Turns:
    """Turns with so many idle workers, of which nothing is asked but that they are there."""
    made = Turns(size, queue)
    for number in range(size):
        made.put(cast("Worker", SimpleNamespace(pid=number, connection=SimpleNamespace(close=lambda: None))))
    return made


def waiting(made: Turns, one: Answer) -> "threading.Thread":
    """A thread that waits for a worker for an answer."""
    before = made.state()["waiting"]
    thread = threading.Thread(target=made.take, args=(one,))
    thread.start()
    while made.state()["waiting"] == before:
        time.sleep(0.001)
    return thread


def test_what_comes_takes_any_worker_and_who_waits_leaves_a_share() -> None:
    made = turns(8)
    running = [answer() for _ in range(8)]
    workers = [made.take(one) for one in running]
    late = answer()
    thread = waiting(made, late)
    for one, worker in list(zip(running, workers, strict=True))[:2]:
        made.put(worker, one)
    assert made.state() == {"busy": 6, "long": 0, "waiting": 1}
    assert made.take_now(new := answer()) is not None
    made.put(workers[0], new)
    made.put(workers[2], running[2])
    thread.join(5)
    assert late in made.running
    assert len(made.idle) == 2


@pytest.mark.parametrize("long", [False, True])
def test_every_fourth_worker_is_for_who_waits_however_many_come_later(long: bool) -> None:
    made = turns(8)
    running = [answer() for _ in range(8)]
    workers = [made.take(one) for one in running]
    thread = waiting(made, answer(long=long))
    came = 0
    while thread.is_alive():
        made.put(workers[0], running[0])
        # Whoever comes takes what is free at once, so that no share is ever left over.
        if made.take_now(new := answer()) is not None:
            running[0], came = new, came + 1
        else:
            thread.join(5)
    assert came == SHARE - 1


def test_one_at_a_time_of_those_who_wait() -> None:
    made = turns(8)
    running = [answer() for _ in range(8)]
    workers = [made.take(one) for one in running]
    late = [answer(), answer()]
    threads = [waiting(made, one) for one in late]
    for one, worker in zip(running[:4], workers, strict=False):
        made.put(worker, one)
        made.take_now(answer())
    threads[0].join(5)
    for one, worker in zip(running[4:], workers[4:], strict=False):
        made.put(worker, one)
        assert made.take_now(answer()) is not None
    assert late[0] in made.running
    assert late[1] not in made.running
    for worker in workers[:4]:
        made.put(worker, late[0])
    threads[1].join(5)
    assert late[1] in made.running


def test_no_more_are_at_work_than_should_be_however_many_are_ready() -> None:
    made = turns(2)
    for number in (2, 3):
        made.put(cast("Worker", SimpleNamespace(pid=number, connection=SimpleNamespace(close=lambda: None))))
    first, second = answer(), answer()
    assert made.take_now(first) is not None
    assert made.take_now(second) is not None
    assert made.take_now(answer()) is None
    # Its worker was ended: one that is ready takes its place.
    made.end(first)
    assert made.take_now(answer()) is not None


def test_what_is_owed_to_nobody_is_free() -> None:
    made = turns(4)
    running = [answer() for _ in range(4)]
    workers = [made.take(one) for one in running]
    with pytest.raises(OutOfTime):
        made.take(answer(0.05))
    for one, worker in zip(running, workers, strict=True):
        made.put(worker, one)
    assert all(made.take_now(answer()) is not None for _ in range(4))
    assert not made.is_free(brief=True)


def test_who_waits_gets_the_last_worker_when_nothing_runs() -> None:
    made = turns(4)
    running = [answer() for _ in range(4)]
    workers = [made.take(one) for one in running]
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
        made.take(one)
    granted = [made.prolong(one) for one in running]
    assert granted == [True] * places + [False] * (size - places)
    assert [one.long for one in running] == granted
    made.end(running[0])
    assert made.prolong(running[-1]) == (size > 1)
    assert not made.prolong(answer())


def test_what_takes_long_waits_for_a_place_and_not_for_a_worker_alone() -> None:
    made = turns(4)
    running = [answer(long=True) for _ in range(2)]
    workers = [made.take(one) for one in running]
    assert len(made.idle) == 2
    with pytest.raises(OutOfTime):
        made.take(answer(0.05, long=True))
    late = answer(long=True)
    thread = waiting(made, late)
    made.put(workers[0], running[0])
    thread.join(5)
    assert late in made.running


def test_each_line_is_bounded_and_all_are_turned_away_at_the_end() -> None:
    made = turns(1, queue=1)
    made.take(answer(long=True))
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
    assert refused == ["the server is shutting down"] * 2


def test_what_nothing_is_known_of_leaves_half_of_the_workers_to_what_is_known_to_be_brief() -> None:
    made = turns(8)
    strange = [answer(brief=False) for _ in range(8)]
    assert [made.take_now(one) is not None for one in strange] == [True] * 4 + [False] * 4
    assert [made.take_now(answer()) is not None for _ in range(5)] == [True] * 4 + [False]


def test_few_workers_are_for_all() -> None:
    made = turns(2)
    assert [made.take_now(answer(brief=False)) is not None for _ in range(3)] == [True, True, False]
