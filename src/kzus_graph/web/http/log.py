"""The server's log, with one line for each message.

Control characters are escaped, so that clients can't forge lines. A separate thread writes the lines, so that requests
don't wait for a slow reader of the log.
"""

import contextlib
import functools
import logging
import os
import queue
import sys
import textwrap
import time
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener
from types import TracebackType
from typing import Final

MOST_WAITING: Final = 10_000
"""The most lines that wait to be written; further lines are dropped and counted."""
STDERR: Final = 2
LAST_SECONDS: Final = 1.0
"""How many seconds the process waits, before it ends, for the last lines to be written."""


def plain(text: str) -> str:
    """Return *text* as printable ASCII; other characters are escaped, so none ends a line or controls a terminal.

    >>> print(plain("a\\n200\\x1b[31m\\u202eb \\u043a"))
    a\\n200\\x1b[31m\\u202eb \\u043a
    """
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")


class Lines(logging.Formatter):
    """Formats each message as one line, and a traceback as indented lines after it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the message as one line of printable ASCII."""
        return plain(super().formatMessage(record))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the traceback of an exception as text, every line indented, so that none looks like a message."""
        return textwrap.indent("\n".join(map(plain, super().formatException(ei).splitlines())), "  ", lambda _: True)


class LineQueue(QueueHandler):
    """Puts log lines into a queue for ``Writer``; counts the lines that are dropped because the queue is full."""

    def __init__(self, lines: "queue.Queue[logging.LogRecord]") -> None:
        super().__init__(lines)
        self.lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put a line into the queue; if lines were dropped before, first put a line that says how many."""
        try:
            if self.lost:
                said = logging.makeLogRecord(
                    {"msg": f"{self.lost} lines were dropped, because the log's reader was too slow"}
                )
                self.queue.put_nowait(self.prepare(said))
                self.lost = 0
            self.queue.put_nowait(record)
        except queue.Full:
            self.lost += 1


class Writer(QueueListener):
    """Writes log lines to the file descriptor *out* in a thread; only this thread waits for a slow log reader."""

    def __init__(self, lines: "queue.Queue[logging.LogRecord]", out: int) -> None:
        super().__init__(lines)
        self._out = out

    def handle(self, record: logging.LogRecord) -> None:
        """Write *record* as a line, with ``os.write``: a blocked ``sys.stderr`` would keep the process from ending."""
        left = f"{record.getMessage()}\n".encode("ascii", "backslashreplace")
        # If writing fails, there is no place to report it.
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._out, left) :]


def install(*, access: bool, out: int = STDERR) -> Callable[[], None]:
    """Write the messages of all loggers to the file descriptor *out*; with *access*, also a line for each request.

    Return a function to call before the process ends: it waits up to LAST_SECONDS until the last lines are written.
    """
    lines: queue.Queue[logging.LogRecord] = queue.Queue(MOST_WAITING)
    waiting = LineQueue(lines)
    waiting.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [waiting]
    # The HTTP server's logger has its own handler, which would wait for a reader.
    server = logging.getLogger("_granian")
    server.handlers.clear()
    server.propagate = True
    if access:
        logging.getLogger("kzus_graph.access").setLevel(logging.INFO)
    if out == STDERR and sys.__stderr__ is None:
        # Standard error is closed, and its number may by now belong to another file.
        out = os.open(os.devnull, os.O_WRONLY)
    Writer(lines, out).start()
    return functools.partial(_let_out, lines)


def _let_out(lines: "queue.Queue[logging.LogRecord]") -> None:
    end = time.monotonic() + LAST_SECONDS
    while lines.unfinished_tasks and time.monotonic() < end:
        time.sleep(0.01)
