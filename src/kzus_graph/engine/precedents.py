"""Records for queries whether the last query with the same text, apart from the numbers in it, took long."""

import re
import threading
from typing import Final, NamedTuple

MOST: Final = 10_000
_DIGITS: Final = re.compile("[0-9]+")


def likeness(query: str) -> int:
    """Return a hash that is equal for queries that differ only in numbers, as the queries of one program often do.

    >>> likeness("SELECT * { ?s ?p 17 } LIMIT 10") == likeness("SELECT * { ?s ?p 4 } LIMIT 10000")
    True
    """
    return hash(_DIGITS.sub("0", query))


class Precedent(NamedTuple):
    """What is recorded about the earlier queries that differ from a given query only in numbers.

    *like* is the hash that all these queries share. *long* is true if the last of them took long, *brief* if it took
    little time; both are false if no such query is recorded.
    """

    like: int = 0
    long: bool = False
    brief: bool = False


NOTHING: Final = Precedent()


class Precedents:
    """A thread-safe record of whether the last query with a given ``likeness`` took long, for the newest *most* values.

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
        """Record whether a query took *long*; *query* is its hash from ``likeness``."""
        if self._long.get(query) is long:
            return
        with self._lock:
            self._long[query] = long
            if len(self._long) > self._most:
                del self._long[next(iter(self._long))]

    def of(self, query: str) -> Precedent:
        """Return what is recorded about the last query with the same ``likeness`` as *query*: whether it took long."""
        like = likeness(query)
        long = self._long.get(like)
        return Precedent(like, long is True, long is False)
