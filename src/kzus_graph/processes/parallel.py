"""Tasks side by side in processes of their own, since Python runs one thread at a time.

Processes are forked: a task sees all that was there when it began, and what it changes nobody else sees.
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
"""Returns what can be pickled."""

_tasks: list[Task] = []
"""What a forked process may be asked to do."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Took:
    """What a step took: *seconds*, and the most *memory* that its process held until then, in MiB."""

    seconds: float
    memory: float


@contextmanager
def beside(tasks: Sequence[Task], processes: int = 1, niceness: int = 0) -> Iterator[list["Future[tuple[Any, Took]]"]]:
    """Run *tasks* in so many processes while the block runs; give their results to come, and what each took.

    With *niceness* (nice(2)) they leave the processors to the block as long as that needs one.
    A result raises what its task raised, or BrokenProcessPool when its process was ended from outside.
    """
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(processes, len(tasks)), fork, _begin, (tasks, os.getpid(), niceness))
    try:
        yield [pool.submit(_run, number) for number in range(len(tasks))]
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python's garbage collector from looking through millions of lines time and again; none is in a circle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def memory() -> float:
    """Return the most memory that this process has held, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _begin(tasks: Sequence[Task], parent: int, niceness: int) -> None:
    lifetime.end_with(parent)
    os.nice(niceness)
    # Ctrl-C goes to all processes; who asked says so
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _tasks[:] = tasks


def _run(number: int) -> tuple[Any, Took]:
    began = time.perf_counter()
    result = _tasks[number]()
    return result, Took(time.perf_counter() - began, memory())
