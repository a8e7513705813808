"""How a worker process ended, and which refusal that means for its question."""

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
    """Return why a question got no answer, from its worker's exit code (or minus the signal) and error output."""
    if -status in OUTSIDE or status == 0:
        return Lost("a worker was killed, as the system does when memory runs out")
    if status == -signal.SIGXCPU:
        return OutOfTime("the query did not finish in time")
    if status == -signal.SIGSEGV or "overflowed its stack" in words:
        return OutOfStack("the query is nested too deeply, or chained too long, for the engine")
    if status in _ABORTS and any(said in words for said in _NO_MEMORY):
        return OutOfMemory("the query needed more memory than it may have")
    if status in _ABORTS and _NO_ORDER in words:
        return Unorderable("the engine can't order the values that the query sorts")
    if status == OURS and "Panic" not in words:
        return Faulty("an error in the server; its log says more")
    return Broken("the engine failed on this query")


def line(status: int, words: str) -> str:
    """Return the log line for a worker's end; it never has the message of an error, which may hold data.

    >>> line(-6, "thread 'x' panicked at src/sort.rs:8:5:\\nsomething about somebody\\n")
    'ended by SIGABRT: panicked at src/sort.rs:8:5'
    >>> line(-9, ""), line(0, "")
    ('ended by SIGKILL', 'ended')
    """
    how = f"ended by {signal.Signals(-status).name}" if status < 0 else "ended" if status == 0 else "raised"
    if status == OURS:
        return f"{how} {words.rstrip()}"
    panic = _PANIC.search(words)
    return f"{how}: panicked at {panic[1]}" if panic else how
