"""Tasks side by side in processes of their own, since Python runs one thread at a time.

Processes are forked: a task sees all that was there when it began, and what it changes nobody else sees.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

Task = Callable[[], Any]
"""Returns what can be pickled."""

_tasks: list[Task] = []
"""What a forked process may be asked to do."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def beside(tasks: Sequence[Task], processes: int = 1) -> Iterator[list["Future[Any]"]]:
    """Run *tasks* in so many processes while the block runs; give their results to come.

    A result raises what its task raised, or BrokenProcessPool when its process was ended from outside.
    """
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(processes, len(tasks)), fork, _tasks.extend, (tasks,))
    try:
        yield [pool.submit(_run, number) for number in range(len(tasks))]
    finally:
        pool.shutdown(cancel_futures=True)


def side_by_side(tasks: Sequence[Task]) -> list[Any]:
    """Return the results of *tasks*, in their order; the longest should come first.

    As many run at a time as there are processors. Raises what the first raises that fails.
    """
    if cores() == 1:
        return [task() for task in tasks]
    with beside(tasks, cores()) as results:
        return [result.result() for result in results]


def _run(number: int) -> Any:
    return _tasks[number]()
