"""Tasks beside the work: what they return and raise, and that none outlives who asked."""

import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from kzus_graph.processes import parallel


def test_results_come_back_in_order_with_what_they_took() -> None:
    known = {"seen": 0}

    def count() -> int:
        known["seen"] += 1  # in a process of its own: nobody else sees it
        return os.getpid()

    with parallel.beside([count, lambda: known["seen"]], 1) as results:
        (pid, took), (seen, _) = (result.result() for result in results)
    assert pid != os.getpid()
    assert seen == 1 and known["seen"] == 0
    assert took.seconds >= 0 and took.memory > 1


def test_a_later_task_is_given_what_was_made_after_the_fork() -> None:
    known = ["before"]
    with parallel.standing_by([lambda: list(known), lambda more: known + more], 2) as start:
        first = start(0)
        known.append("after")
        second = start(1, ["given"])
        assert first.result()[0] == ["before"] and second.result()[0] == ["before", "given"]


def test_what_a_task_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="no such day"), parallel.beside([lambda: int("no such day")]) as (result,):
        result.result()


def test_a_task_that_is_killed_is_an_error() -> None:
    with (
        pytest.raises(BrokenProcessPool),
        parallel.beside([lambda: os.kill(os.getpid(), signal.SIGKILL)]) as (result,),
    ):
        result.result()


def test_tasks_end_with_who_asked() -> None:
    script = (
        "import os, time\nfrom kzus_graph.processes import parallel\n"
        "def wait():\n    print(os.getpid(), flush=True)\n    time.sleep(60)\n"
        "with parallel.beside([wait]) as results:\n    results[0].result()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"{child} still runs")


def test_the_collector_is_as_it_was() -> None:
    assert gc.isenabled()
    with parallel.uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_tasks_are_as_nice_as_they_are_told_to_be() -> None:
    mine = os.nice(0)
    with parallel.beside([lambda: os.nice(0)], 1, 3) as (result,):
        assert result.result()[0] == mine + 3
    assert os.nice(0) == mine
