"""What is known of queries like the one at hand: whether the last took long."""

import re
import threading
from typing import Final, NamedTuple

MOST: Final = 10_000
_DIGITS: Final = re.compile("[0-9]+")


def likeness(query: str) -> int:
    """Return what is the same for queries that differ in numbers alone, as those of programs mostly do.

    >>> likeness("SELECT * { ?s ?p 17 } LIMIT 10") == likeness("SELECT * { ?s ?p 4 } LIMIT 10000")
    True
    """
    return hash(_DIGITS.sub("0", query))


class Precedent(NamedTuple):
    """The likeness of a query, whether the last of that likeness took long, and whether it did not."""

    like: int = 0
    long: bool = False
    brief: bool = False


NOTHING: Final = Precedent()


class Precedents:
    """Remembers of the last likenesses whether the query took long; any thread may note and ask.

    >>> known = Precedents(2)
    >>> for query, long in (("a", True), ("b", False), ("c", True)): known.note(likeness(query), long=long)
    >>> [(known.of(query).long, known.of(query).brief) for query in "abc"]
    [(False, False), (False, True), (True, False)]
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._long: dict[int, bool] = {}
        self._lock = threading.Lock()

    def note(self, query: int, *, long: bool) -> None:
        """Note that a query took long, or that it did not."""
        if self._long.get(query) is long:
            return
        with self._lock:
            self._long[query] = long
            if len(self._long) > self._most:
                del self._long[next(iter(self._long))]

    def of(self, query: str) -> Precedent:
        """Return what is known of queries like this one."""
        like = likeness(query)
        long = self._long.get(like)
        return Precedent(like, long is True, long is False)
