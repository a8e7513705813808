"""Runs tasks in parallel in separate processes, since Python runs one thread at a time.

Processes are forked: a task sees all data that existed at the fork, and no other process sees the task's changes.
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

Task = Callable[[], Any]
"""A function without arguments whose result can be pickled."""

_tasks: list[Task] = []
"""The tasks that a forked process can run, by number."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Took:
    """The cost of a step: its *seconds*, and the peak *memory* of its process until its end, in MiB."""

    seconds: float
    memory: float


@contextmanager
def beside(tasks: Sequence[Task], processes: int = 1, niceness: int = 0) -> Iterator[list["Future[tuple[Any, Took]]"]]:
    """Run *tasks* in up to *processes* processes beside the block; yield a future for each task's result and cost.

    With *niceness* (nice(2)), the tasks leave a processor to the block as long as the block needs one.
    A future raises what its task raised, or BrokenProcessPool when its process was ended from outside.
    """
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(processes, len(tasks)), fork, _begin, (tasks, os.getpid(), niceness))
    try:
        yield [pool.submit(_run, number) for number in range(len(tasks))]
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """Turn off Python's garbage collector: it would scan millions of lines repeatedly, and none is in a cycle."""
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


def _run(number: int) -> tuple[Any, Took]:
    began = time.perf_counter()
    result = _tasks[number]()
    return result, Took(time.perf_counter() - began, memory())
