"""Translates how a worker process ended into the error for its query (a Refusal) and into a line for the log."""

import re
import signal
from typing import Final

from kzus_graph.engine.refusals import (
    Broken,
    Faulty,
    Lost,
    OutOfMemory,
    OutOfStack,
    OutOfTime,
    Refusal,
    Unorderable,
)

# The exit code of a worker that raised an exception which our code did not expect.
OURS: Final = 70
OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
_ABORTS: Final = frozenset({-signal.SIGABRT, -signal.SIGILL, -signal.SIGTRAP, OURS})
# Messages of Rust and C++ when the system gives them no more memory.
_NO_MEMORY: Final = ("memory allocation of", "bad_alloc", "capacity overflow")
_NO_ORDER: Final = "total order"
_PANIC: Final = re.compile(r"panicked at (\S*?):?\n")


def refusal(status: int, words: str) -> Refusal:
    """Return the error for a query whose worker process ended before the answer was complete.

    *status* is the worker's exit code, or minus the number of the signal that ended the worker; *words* is the worker's
    error output.
    """
    if -status in OUTSIDE or status == 0:
        return Lost(
            "the process that evaluated the query was killed from outside, perhaps because memory ran out; try again"
        )
    if status == -signal.SIGXCPU:
        return OutOfTime("the query did not finish in time")
    if status == -signal.SIGSEGV or "overflowed its stack" in words:
        return OutOfStack("the query is nested too deeply, or has too long a chain of operators, for the query engine")
    if status in _ABORTS and any(said in words for said in _NO_MEMORY):
        return OutOfMemory("the query needed more memory than one query may use; make it more specific")
    if status in _ABORTS and _NO_ORDER in words:
        return Unorderable("the query engine can't sort the values in this query, as they have no common order")
    if status == OURS and "Panic" not in words:
        return Faulty("the server's own code has an error; the server's log has the details")
    return Broken("the query engine crashed on this query")


def line(status: int, words: str) -> str:
    """Return a phrase for the log: how a worker process ended and, if known, at which place in the code.

    *status* is the worker's exit code, or minus the number of the signal that ended the worker; *words* is the worker's
    error output. Of a Rust panic, the phrase contains only the place, not the message, which may quote data. With the
    exit code OURS (a Python exception that our code did not expect) and without a panic, it contains *words* whole.

    >>> line(-6, "thread 'x' panicked at src/sort.rs:8:5:\\nsomething about somebody\\n")
    'ended by SIGABRT: panicked at src/sort.rs:8:5'
    >>> line(-9, ""), line(0, "")
    ('ended by SIGKILL', 'ended')
    """
    how = f"ended by {signal.Signals(-status).name}" if status < 0 else "ended" if status == 0 else "raised"
    if panic := _PANIC.search(words):
        return f"{how}: panicked at {panic[1]}"
    return f"{how} {words.rstrip()}" if status == OURS else how
