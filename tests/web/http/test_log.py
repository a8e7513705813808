"""The log: what a line may hold, and what happens when nobody reads it."""

import contextlib
import logging
import os
import queue
import time
from collections.abc import Iterator

import pytest

from kzus_graph.web.http import log


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("kzus_graph.access", logging.INFO, "", 0, message, (), None)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("GET /id/fred 200", "GET /id/fred 200"),
        ("a\r\nb", "a\\r\\nb"),
        ("\x1b[2J\x07\x00\x7f", "\\x1b[2J\\x07\\x00\\x7f"),
        ("Қаз\u202e\u200b\u2028\ud800", "\\u049a\\u0430\\u0437\\u202e\\u200b\\u2028\\ud800"),
        ("a\\b \x85", "a\\\\b \\x85"),
    ],
)
def test_a_line_is_in_letters_that_can_be_seen(text: str, line: str) -> None:
    assert log.Lines().format(record(text)) == line


def test_no_line_of_a_traceback_looks_like_one_of_the_log() -> None:
    try:
        raise ValueError("x\nGET /forged 200\r\x1b[2J\u2028y")
    except ValueError as error:
        fault = record("went wrong")
        fault.exc_info = (ValueError, error, error.__traceback__)
    first, *more = log.Lines().format(fault).split("\n")
    assert first == "went wrong" and "  GET /forged 200" in more
    assert all(line.startswith("  ") and line.isascii() and line.isprintable() for line in more)


def test_lines_without_room_are_counted_and_told_of() -> None:
    lines: queue.Queue[logging.LogRecord] = queue.Queue(3)
    waiting = log.LineQueue(lines)
    waiting.setFormatter(log.Lines())
    for number in range(10):
        waiting.handle(record(f"line {number}"))
    assert waiting.lost == 7
    assert [lines.get_nowait().getMessage() for _ in range(3)] == ["line 0", "line 1", "line 2"]
    waiting.handle(record("line 10"))
    told = [lines.get_nowait().getMessage() for _ in range(2)]
    assert told == ["7 lines were dropped, because the log's reader was too slow", "line 10"]
    assert waiting.lost == 0


def test_whoever_writes_to_a_full_pipe_waits_alone(pipe: tuple[int, int]) -> None:
    lines: queue.Queue[logging.LogRecord] = queue.Queue(100)
    waiting = log.LineQueue(lines)
    waiting.setFormatter(log.Lines())
    log.Writer(lines, pipe[1]).start()
    for _ in range(300):
        waiting.handle(record("x" * 9_999))
    assert waiting.lost > 0
    os.set_blocking(pipe[0], False)
    found, deadline = b"", time.monotonic() + 10
    while not found.endswith(b"again\n") and time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            found += os.read(pipe[0], 1 << 20)
        if not lines.unfinished_tasks and b"again" not in found:
            waiting.handle(record("again"))
    written = found.decode().splitlines()
    dropped = " lines were dropped, because the log's reader was too slow"
    told = [int(line.split()[0]) for line in written if line.endswith(dropped)]
    assert written[-1] == "again" and sum(told) + written.count("x" * 9_999) == 300


def test_where_nobody_can_read_any_more_nothing_ends() -> None:
    ends = os.pipe()
    os.close(ends[0])
    lines: queue.Queue[logging.LogRecord] = queue.Queue()
    log.Writer(lines, ends[1]).start()
    for _ in range(3):
        lines.put(record("x"))
    deadline = time.monotonic() + 10
    while lines.unfinished_tasks and time.monotonic() < deadline:
        time.sleep(0.01)
    os.close(ends[1])
    assert lines.unfinished_tasks == 0
