"""Content negotiation: chooses the format that a client's Accept header prefers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from kzus_graph.rdf.formats import FORMATS, Format

OFFERED: Final = tuple(sorted({media for form in FORMATS for media in (form.media_type, *form.aliases)}))
"""All media types that the site offers, with their aliases."""
LONGEST: Final = 2000
"""Only this many characters of a header are read, so that caches with headers as keys stay small."""
NAMED: Final = 2
"""The rank (specificity) of a media range without a wildcard; ``text/*`` has rank 1, ``*/*`` has rank 0."""


def ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """Return the media ranges of an Accept header with their weights; parameters other than q are ignored.

    >>> ranges("text/turtle;charset=utf-8, */*;q=0.1")
    (('text/turtle', 1.0), ('*/*', 0.1))
    """
    return _ranges(accept[:LONGEST])


@lru_cache(maxsize=512)
def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter[2:])
        if media:
            found.append((media, weight))
    return tuple(found)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return min(max(weight, 0.0), 1.0) if weight == weight else 0.0


def weight_of(media_type: str, accept: str) -> float:
    """Return the weight of *media_type* in an Accept header: that of the most specific match (RFC 9110 §12.5.1).

    >>> weight_of("text/csv", "text/*;q=0.5, text/csv;q=0.9"), weight_of("text/csv", "*/*"), weight_of("text/csv", "")
    (0.9, 1.0, 1.0)
    """
    return _rank_and_weight(media_type, accept)[1]


def _rank_and_weight(media_type: str, accept: str) -> tuple[int, float]:
    if not accept.strip():
        return 0, 1.0
    best, weight = -1, 0.0
    major = media_type.partition("/")[0]
    for media, wanted in ranges(accept):
        rank = {media_type: NAMED, f"{major}/*": 1, "*/*": 0, "*": 0}.get(media, -1)
        if rank > best:
            best, weight = rank, wanted
    return best, weight


def indifferent(accept: str) -> bool:
    """Return whether an Accept header states no preference: it is empty or ``*/*``, the default of most programs."""
    return accept.strip() in ("", "*/*")


def choose(accept: str, offers: Sequence[Format]) -> Format | None:
    """Return the format in *offers* that has the highest weight in an Accept header; None if it accepts none of them.

    Of equal weights, the first in *offers* is chosen. An alias of a format's media type counts only if the header
    contains the alias, but not the media type itself; an alias can raise the format's weight, not lower it.
    """
    best: Format | None = None
    most = 0.0
    for offer in offers:
        rank, weight = _rank_and_weight(offer.media_type, accept)
        if rank < NAMED:
            others = (_rank_and_weight(media, accept) for media in offer.aliases)
            weight = max([weight, *(wanted for rank, wanted in others if rank == NAMED)])
        if weight > most:
            best, most = offer, weight
    return best


def wishes(accept: bytes) -> str:
    """Return a cache key for an Accept header; the keys of headers that select the same answers are equal.

    >>> chrome = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    >>> firefox = b"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
    >>> wishes(chrome) == wishes(firefox), wishes(chrome) == wishes(b"text/turtle"), wishes(b"") == wishes(b"*/*;q=0.5")
    (True, False, False)
    """
    return _wishes(accept[:LONGEST])


@lru_cache(maxsize=1024)
def _wishes(accept: bytes) -> str:
    text = accept.decode("latin-1")
    found = [_rank_and_weight(media, text) for media in OFFERED]
    parts = (f"{'=' if rank == NAMED else ''}{weight}" for rank, weight in found)
    return " ".join([str(indifferent(text)), str("text/html" in text), *parts])
