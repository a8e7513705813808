"""Runs tasks in parallel in separate processes, since Python runs one thread at a time.

Processes are forked: a task can read all data that existed at the fork. Its changes to these data stay in its process.
"""

import gc
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kzus_graph.processes import lifetime

Task = Callable[..., Any]
"""A function whose arguments, if it has any, and result can be pickled."""
Start = Callable[..., "Future[tuple[Any, Took]]"]
"""A function that starts a task, chosen by its index; the other arguments are those of the task."""

_tasks: list[Task] = []
"""The tasks that this forked process can run; a task is chosen by its index in this list."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Took:
    """The cost of a step: its duration in *seconds*, and the peak *memory* of its process until its end, in MiB."""

    seconds: float
    memory: float


@contextmanager
def beside(tasks: Sequence[Task], processes: int = 1, niceness: int = 0) -> Iterator[list["Future[tuple[Any, Took]]"]]:
    """Run *tasks*, which have no arguments, in child processes while the body of the ``with`` statement runs.

    Yield a list with a future for each task; the rest is as in *standing_by*.
    """
    with standing_by(tasks, processes, niceness) as start:
        yield [start(number) for number in range(len(tasks))]


@contextmanager
def standing_by(tasks: Sequence[Task], processes: int = 1, niceness: int = 0) -> Iterator[Start]:
    """Yield a function that starts one of *tasks* in a child process, of which there are up to *processes*.

    All these processes are forked when the first task starts, since a fork is not safe once this process has threads;
    what a later task needs of data made after that is given as its arguments. The function returns a future, which
    returns the result of the task and its cost (Took). *niceness* is added to the niceness of the child processes
    (nice(2)), so that the body of the ``with`` statement has precedence. A future raises what its task raised, or
    BrokenProcessPool when its process was killed.
    """
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(processes, len(tasks)), fork, _begin, (tasks, os.getpid(), niceness))

    def start(number: int, *arguments: Any) -> "Future[tuple[Any, Took]]":
        return pool.submit(_run, number, *arguments)

    try:
        yield start
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """Turn off Python's garbage collector in the body of the ``with`` statement.

    The collector would scan millions of strings repeatedly, although none of them is in a reference cycle.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def memory() -> float:
    """Return the peak memory of this process so far, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _begin(tasks: Sequence[Task], parent: int, niceness: int) -> None:
    lifetime.end_with(parent)
    os.nice(niceness)
    # Ctrl-C goes to all processes; only the parent reports it
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _tasks[:] = tasks


def _run(number: int, *arguments: Any) -> tuple[Any, Took]:
    began = time.perf_counter()
    result = _tasks[number](*arguments)
    return result, Took(time.perf_counter() - began, memory())
