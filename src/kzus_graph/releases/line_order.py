"""Sorts lines of N-Quads in the order of a dump: the default graph first, then named graphs by name, each sorted."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from typing import Final

RUN: Final = 200_000
"""The number of lines that are sorted in memory at once; if there are more, temporary files are used."""


def graph_of(line: bytes) -> bytes:
    """Return the graph name in a line of N-Quads, in its angle brackets if an IRI; empty for the default graph.

    >>> graph_of(b'<a:s> <a:p> "b <c>" <a:g> .\\n'), graph_of(b'<a:s> <a:p> "b <c>" .\\n'), graph_of(b"_:s <a:p> _:o .")
    (b'<a:g>', b'', b'')
    """
    head, _, last = line.rstrip(b".\n ").rpartition(b" ")
    # a graph name has no blank and no quotation mark; the triple before it has at least two blanks
    is_name = last[:1] in (b"<", b"_") and b'"' not in last and head.count(b" ") > 1
    return last if is_name else b""


def place(line: bytes) -> tuple[bytes, bytes]:
    """Return the key that sorts the lines of a dump: the graph name without its closing bracket, then the line."""
    return graph_of(line)[:-1], line


def ordered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield *lines* of N-Quads, sorted by ``place`` as in a dump, without duplicates.

    If there are more than RUN lines, temporary files are used.
    """
    rest = iter(lines)
    with ExitStack() as files:
        runs: list[Iterable[bytes]] = []
        while run := sorted(islice(rest, RUN), key=place):
            if len(run) == RUN:
                file = files.enter_context(tempfile.TemporaryFile())
                file.writelines(run)
                file.seek(0)
                runs.append(file)
            else:
                runs.append(run)
        yield from (line for line, _ in groupby(heapq.merge(*runs, key=place)))


def merged(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[tuple[bytes, bool, bool]]:
    """Yield each line of *before* or *after*, with two values: whether *before* contains it, and whether *after* does.

    The lines of both must be sorted by ``place``, as those of a dump are.
    """
    ours, theirs = iter(before), iter(after)
    old, new = next(ours, b""), next(theirs, b"")
    while old and new:
        if old == new:
            yield old, True, True
            old, new = next(ours, b""), next(theirs, b"")
        elif place(old) < place(new):
            yield old, True, False
            old = next(ours, b"")
        else:
            yield new, False, True
            new = next(theirs, b"")
    while old:
        yield old, True, False
        old = next(ours, b"")
    while new:
        yield new, False, True
        new = next(theirs, b"")
