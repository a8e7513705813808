"""Content codings (gzip and zstd): chooses the one that a client prefers, and compresses bodies with it."""

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, Protocol

from kzus_graph.web.http.content_negotiation import LONGEST, ranges

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Compressing fewer bytes than this costs more than it saves.
WORTH: Final = 1024
_PLAIN: Final = frozenset({"image/png", "image/jpeg", "font/woff2", "application/zip", "application/gzip"})


class Encoder(Protocol):
    """The interface that the compressors of zlib and zstd share."""

    def compress(self, data: bytes, /) -> bytes:
        """Add *data* to the input; return the compressed bytes that are ready, which may be none."""

    def flush(self) -> bytes:
        """Return the remaining compressed bytes."""


def chosen(accepted: str) -> str:
    """Return the content coding to use for an Accept-Encoding header; empty for no coding (identity).

    A client that excludes every coding, and identity, too, still gets an uncompressed body: status 406 would be of no
    use to it, and RFC 9110, section 12.5.3, does not require that status.

    >>> [chosen(header) for header in ("gzip, deflate, br, zstd", "gzip;q=1, zstd;q=0", "identity", "*", "*;q=0")]
    ['zstd', 'gzip', '', 'gzip', '']
    """
    return _chosen(accepted[:LONGEST])


def takes_gzip(accepted: str) -> bool:
    """Return whether an Accept-Encoding header accepts gzip and doesn't prefer identity, the uncompressed body.

    >>> takes_gzip("gzip, zstd"), takes_gzip("*"), takes_gzip("gzip;q=0, *"), takes_gzip("identity, gzip;q=0.5")
    (True, True, False, False)
    """
    return _weights(accepted[:LONGEST])["gzip"] > 0


@lru_cache(maxsize=256)
def _chosen(accepted: str) -> str:
    weights = _weights(accepted)
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] > 0 else ""


def _weights(accepted: str) -> dict[str, float]:
    """Return the q-values of zstd and gzip in an Accept-Encoding header; 0 if identity has a higher q-value."""
    weights = dict(ranges(accepted))
    anything = weights.get("*", 0.0)
    offers = {"zstd": weights.get("zstd", 0.0), "gzip": weights.get("gzip", weights.get("x-gzip", anything))}
    plain = weights.get("identity", 0.0)
    return {name: weight if weight >= plain else 0.0 for name, weight in offers.items()}


def worth(media_type: str) -> bool:
    """Return whether a body of this media type should be compressed: False if it already is (PNG, WOFF2, ZIP)."""
    return media_type.partition(";")[0] not in _PLAIN


def encode(data: bytes, coding: str) -> bytes:
    """Return *data*, a whole body, compressed with *coding*; the same *data* always result in the same bytes."""
    encoder = _encoder(coding, 6 if coding == "gzip" else 3)
    return encoder.compress(data) + encoder.flush()


def stream(chunks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Yield the body that consists of *chunks*, compressed with the content coding *coding* at a fast level."""
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
