"""Counts the rows of an answer from its serialised bytes, while the bytes are being sent."""

import json
from collections.abc import Callable
from typing import Final


class RowCount:
    """A counter of the rows in an answer; *name* is the name of the answer's format, such as ``csv``.

    It finds the rows in the bytes that the query engine has written, so that the engine can write at full speed. A row
    without any value also counts. For a format whose rows can't be counted, ``rows`` is -1.

    >>> count = RowCount("csv"); count(b'a\\r\\n"x\\r\\ny"\\r\\n'); count.rows
    1
    >>> count = RowCount("json"); count(b'{"head":{"vars":["x"]},"results":{"bindings":[{},{}]}}'); count.rows
    2
    """

    def __init__(self, name: str) -> None:
        made = _COUNTS.get(name)
        self._count = made() if made else None
        # The first line of CSV and TSV is not a row.
        self._heads = 1 if name in ("csv", "tsv") or not made else 0

    def __call__(self, chunk: bytes) -> None:
        """Count the rows in *chunk*, the next bytes of the answer."""
        if self._count:
            self._count(chunk)

    @property
    def rows(self) -> int:
        """The number of rows that have begun so far; -1 if rows of the answer's format can't be counted."""
        return (self._count.found if self._count else 0) - self._heads


class _Marks:
    """A counter of rows for formats in which certain bytes (*mark*) occur once in each row and nowhere else."""

    def __init__(self, mark: bytes) -> None:
        self.found = 0
        self._mark = mark
        self._tail = b""

    def __call__(self, chunk: bytes) -> None:
        window = self._tail + chunk
        self.found += window.count(self._mark)
        # One byte shorter than a mark, so that no mark is counted twice.
        self._tail = window[len(window) - len(self._mark) + 1 :] if len(window) >= len(self._mark) else window


class _Lines:
    """A counter of rows for CSV: it counts the line ends outside of quotes."""

    def __init__(self) -> None:
        self.found = 0
        self._quoted = False

    def __call__(self, chunk: bytes) -> None:
        parts = chunk.split(b'"')
        self.found += sum(part.count(b"\n") for part in parts[1 if self._quoted else 0 :: 2])
        self._quoted ^= len(parts) % 2 == 0


class _Bindings:
    """A counter of rows for SPARQL JSON as the query engine writes it: on one line, without blanks, quotes escaped.

    A row begins with ``},{`` outside of a string. A ``},{`` that is followed by a variable name in quotes is certainly
    outside of strings. Only if something else follows a ``},{``, the text is split at its quotes, to find and count
    each ``},{`` that is outside of strings.
    """

    OPENING: Final = b'"bindings":['
    # This never occurs inside a string, because quotes there are escaped.
    KIND: Final = b'"type":"'

    def __init__(self) -> None:
        self._settled = 0
        self._rest = b""
        # Whether the bytes in self._since begin inside a string.
        self._inside = False
        self._since = b""
        self._starts: list[bytes] | None = None
        self._longest = 0

    def __call__(self, chunk: bytes) -> None:
        text = self._rest + chunk
        if self._starts is None:
            head, opened, rows = text.partition(self.OPENING)
            if not opened:
                self._rest = text
                return
            # More than eight names cost too much time; rows that begin with other names are counted by splitting.
            names = json.loads(head + b'"":0}}')["head"]["vars"][:8]
            self._starts = [b'},{"%s":{"type":"' % name.encode() for name in names]
            self._longest = max(map(len, self._starts), default=4)
            # Makes the first row begin like the others.
            text = b"}," + rows
        cut = len(text) - self._longest
        if cut <= 0:
            self._rest = text
            return
        # The next bytes must not begin with the second half of an escape.
        cut -= (cut - len(text[:cut].rstrip(b"\\"))) % 2
        self._settled += self._begun(text, cut)
        self._follow(text[:cut])
        self._rest = text[cut:]

    @property
    def found(self) -> int:
        return self._settled + (self._begun(self._rest, len(self._rest)) if self._starts is not None else 0)

    def _begun(self, text: bytes, end: int) -> int:
        """Return how many rows begin in *text* before the offset *end*."""
        total = text.count(b"},{", 0, end + 2)
        sure = 0
        for start in self._starts or ():
            if sure == total:
                return total
            sure += text.count(start, 0, end + len(start) - 1)
        if sure == total:
            return total
        outside = _plain(text[: end + 2]).split(b'"')[1 if self._is_inside() else 0 :: 2]
        return sum(part.count(b"},{") for part in outside)

    def _follow(self, text: bytes) -> None:
        """Record whether the bytes after *text* begin inside of a string.

        The bytes KIND (``"type":"``) never occur inside of a string, so only the quotes after the last KIND in *text*
        matter; they are counted when needed.
        """
        at = text.rfind(self.KIND)
        if at >= 0:
            self._inside, self._since = False, text[at:]
        else:
            self._inside, self._since = self._is_inside(), text
            self._inside, self._since = self._is_inside(), b""

    def _is_inside(self) -> bool:
        return self._inside ^ (_plain(self._since).count(b'"') % 2 == 1)


def _plain(text: bytes) -> bytes:
    """Return *text* with escaped quotes and escaped backslashes replaced by blanks."""
    return text.replace(b"\\\\", b"  ").replace(b'\\"', b"  ") if b"\\" in text else text


_COUNTS: Final[dict[str, Callable[[], _Marks | _Lines | _Bindings]]] = {
    "json": _Bindings,
    "xml": lambda: _Marks(b"<result>"),
    "csv": _Lines,
    "tsv": lambda: _Marks(b"\n"),
    "html": lambda: _Marks(b"</tr>\n"),
    "icalendar": lambda: _Marks(b"\r\nEND:VEVENT\r\n"),
    "geojson": lambda: _Marks(b'{"type": "Feature", '),
    "ntriples": lambda: _Marks(b"\n"),
    "nquads": lambda: _Marks(b"\n"),
}
