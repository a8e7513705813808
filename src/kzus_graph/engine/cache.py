"""A cache of HTTP responses in memory, limited in bytes; it drops the least recently used response first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

# The length that the parts of a key may have together; beyond that, ``short`` replaces long parts by digests.
SHORT: Final = 1024
# The bytes of an answer given to the HTTP server at a time: it copies them for each client.
PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A cached HTTP response, its body in *parts*.

    For the log: *rows* is the number of rows in it (-1: unknown), *digest* the digest of its query.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    parts: tuple[bytes, ...]
    etag: str
    rows: int = -1
    digest: str = ""
    # How many bytes its body has.
    length: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", sum(map(len, self.parts)))

    @property
    def size(self) -> int:
        """The most bytes of memory that the response and its key can take, if the key is smaller than 2 KiB."""
        return self.length + 4096 + sum(len(name) + len(value) for name, value in self.headers)


class Cache:
    """A thread-safe map from keys to cached responses; the responses have at most *most* bytes together.

    >>> cache = Cache(12000)
    >>> for key in "abc": cache.put(key, Kept((), (b"x" * 1000,), key))
    >>> cache.get("a") is None, cache.get("c").etag, cache.size
    (True, 'c', 10192)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        # Each answer with its size, the least recently used first.
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Kept | None:
        """Return the response cached for *key*, and mark it as recently used; None if there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: Kept) -> None:
        """Cache the response *kept*, dropping the least recently used ones for room; do nothing if it is too large."""
        size = kept.size
        if size > self._most:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self.size += size - before
            self._kept[key] = kept, size
            while self.size > self._most:
                _, (_, dropped) = self._kept.popitem(last=False)
                self.size -= dropped

    def __len__(self) -> int:
        """Return how many responses are cached."""
        return len(self._kept)


def parts(body: bytes) -> tuple[bytes, ...]:
    """Return *body* cut into parts of at most PART bytes; the HTTP server is given one part at a time."""
    if len(body) <= PART:
        return (body,)
    return tuple(body[place : place + PART] for place in range(0, len(body), PART))


def short(part: bytes | str) -> Hashable:
    """Return *part* (a part of a cache key) unchanged, or its digest if it is longer than SHORT.

    >>> short(b"query"), short("x" * 10_000) == short("x" * 10_000), short("x" * 10_000) == short("y" * 10_000)
    (b'query', True, False)
    """
    if len(part) <= SHORT:
        return part
    data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
    return (blake2b(data, digest_size=16).digest(),)
