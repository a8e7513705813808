"""The log: one line for each thing that is noted, which nobody can forge, and nobody waits for its being read."""

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
"""Lines that wait to be written; beyond that they are counted and dropped."""
STDERR: Final = 2
LAST_SECONDS: Final = 1.0
"""So long the end of the server waits for the last lines to be written."""


def plain(text: str) -> str:
    """Return *text* in letters that can be seen, and that neither end a line nor steer a terminal.

    >>> print(plain("a\\n200\\x1b[31m\\u202eb \\u043a"))
    a\\n200\\x1b[31m\\u202eb \\u043a
    """
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")


class Lines(logging.Formatter):
    """Makes one line of whatever a message says; of a traceback, lines that are none of their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the message in one line."""
        return plain(super().formatMessage(record))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return a traceback, each line of it further in than any line of the log."""
        return textwrap.indent("\n".join(map(plain, super().formatException(ei).splitlines())), "  ", lambda _: True)


class LineQueue(QueueHandler):
    """Puts lines into a queue, and counts those for which it has no room, since nobody read what was written."""

    def __init__(self, lines: "queue.Queue[logging.LogRecord]") -> None:
        super().__init__(lines)
        self.lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put a line into the queue; before the first that has room again, how many had none."""
        try:
            if self.lost:
                said = logging.makeLogRecord({"msg": f"{self.lost} lines of the log were lost: nobody read it"})
                self.queue.put_nowait(self.prepare(said))
                self.lost = 0
            self.queue.put_nowait(record)
        except queue.Full:
            self.lost += 1


class Writer(QueueListener):
    """Writes lines to standard error, in a thread that alone waits for them to be read."""

    def __init__(self, lines: "queue.Queue[logging.LogRecord]", out: int) -> None:
        super().__init__(lines)
        self._out = out

    def handle(self, record: logging.LogRecord) -> None:
        """Write a line: past the stream, whose lock would keep the server from ending while it waits."""
        left = f"{record.getMessage()}\n".encode("ascii", "backslashreplace")
        # Where nothing can be written any more, nobody can be told.
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._out, left) :]


def install(*, access: bool, out: int = STDERR) -> Callable[[], None]:
    """Take the lines of every logger of this process; with *access*, a line for each request, too.

    Return what has to be called before the process ends: it waits for the last lines, but not for long.
    """
    lines: queue.Queue[logging.LogRecord] = queue.Queue(MOST_WAITING)
    waiting = LineQueue(lines)
    waiting.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [waiting]
    # The HTTP server writes for itself, and would wait.
    server = logging.getLogger("_granian")
    server.handlers.clear()
    server.propagate = True
    if access:
        logging.getLogger("kzus_graph.access").setLevel(logging.INFO)
    if out == STDERR and sys.__stderr__ is None:
        # Closed: what has its number by now is something else.
        out = os.open(os.devnull, os.O_WRONLY)
    Writer(lines, out).start()
    return functools.partial(_let_out, lines)


def _let_out(lines: "queue.Queue[logging.LogRecord]") -> None:
    end = time.monotonic() + LAST_SECONDS
    while lines.unfinished_tasks and time.monotonic() < end:
        time.sleep(0.01)
