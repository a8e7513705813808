"""Answers kept in memory, bounded by their bytes; the one unused for longest goes first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

# So long the parts of a key may be together; beyond that digests stand for them.
SHORT: Final = 1024
# What the HTTP server is given of an answer at a time: it copies that, for each client.
PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it goes out, in parts; for the log how many rows it has (-1: not counted) and what it answers."""

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
        """What it takes in memory at most, its key included: whoever keeps it makes keys of less than 2 KiB."""
        return self.length + 4096 + sum(len(name) + len(value) for name, value in self.headers)


class Cache:
    """Keys to kept answers.

    >>> cache = Cache(12000)
    >>> for key in "abc": cache.put(key, Kept((), (b"x" * 1000,), key))
    >>> cache.get("a") is None, cache.get("c").etag, cache.size
    (True, 'c', 10192)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        # Each with its size.
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Kept | None:
        """Find an answer and mark it as used."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer unless it alone would fill the room, dropping old ones to make place for it."""
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
        """How many answers are kept."""
        return len(self._kept)


def parts(body: bytes) -> tuple[bytes, ...]:
    """Return a body in the parts in which the HTTP server is given it."""
    if len(body) <= PART:
        return (body,)
    return tuple(body[place : place + PART] for place in range(0, len(body), PART))


def short(part: bytes | str) -> Hashable:
    """Return what stands for a part of a key: the part, or its digest if it is long.

    >>> short(b"query"), short("x" * 10_000) == short("x" * 10_000), short("x" * 10_000) == short("y" * 10_000)
    (b'query', True, False)
    """
    if len(part) <= SHORT:
        return part
    data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
    return (blake2b(data, digest_size=16).digest(),)
