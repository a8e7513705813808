"""Content codings: which one a client takes, and bytes in it."""

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, Protocol

from kzus_graph.web.negotiation import ranges

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Below this size a coding costs more than it saves.
WORTH: Final = 1024
_PLAIN: Final = frozenset({"image/png", "image/jpeg", "font/woff2", "application/zip", "application/gzip"})


class Encoder(Protocol):
    """What zlib and zstd have in common."""

    def compress(self, data: bytes, /) -> bytes:
        """Take some bytes and give some."""

    def flush(self) -> bytes:
        """Give the rest."""


@lru_cache(maxsize=256)
def chosen(accepted: str) -> str:
    """The coding for an Accept-Encoding header; empty for none.

    >>> chosen("gzip, deflate, br, zstd"), chosen("gzip;q=1, zstd;q=0"), chosen("identity"), chosen("*")
    ('zstd', 'gzip', '', 'gzip')
    """
    weights = dict(ranges(accepted))
    anything = weights.get("*", 0.0)
    offers = {"zstd": weights.get("zstd", 0.0), "gzip": weights.get("gzip", weights.get("x-gzip", anything))}
    best = max(offers, key=lambda name: offers[name])
    return best if offers[best] > 0 and offers[best] >= weights.get("identity", 0.0) else ""


def worth(media_type: str) -> bool:
    """Say whether a media type gets smaller at all."""
    return media_type.partition(";")[0] not in _PLAIN


def encode(data: bytes, coding: str) -> bytes:
    """Encode a whole body; the same bytes always give the same bytes."""
    encoder = _encoder(coding, 6 if coding == "gzip" else 3)
    return encoder.compress(data) + encoder.flush()


def stream(chunks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Encode a body as it passes, fast rather than small."""
    encoder = _encoder(coding, 1)
    for chunk in chunks:
        if ready := encoder.compress(chunk):
            yield ready
    yield encoder.flush()


def _encoder(coding: str, level: int) -> Encoder:
    makers: dict[str, Callable[[], Encoder]] = {
        "gzip": lambda: zlib.compressobj(level, zlib.DEFLATED, 31),
        "zstd": lambda: zstd.ZstdCompressor(level),
    }
    return makers[coding]()
