"""Content negotiation: chooses the format that a client's Accept header prefers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from kzus_graph.rdf.formats import FORMATS, Format

OFFERED: Final = tuple(sorted({media for form in FORMATS for media in (form.media_type, *form.aliases)}))
"""All media types that the site offers, with their aliases."""
LONGEST: Final = 2000
"""Only this many characters of a header are read, so that caches keyed by headers stay small."""
NAMED: Final = 2
"""The rank of a media range that names a media type in full."""


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
    """Return a media type's weight; the most specific range that covers it decides (RFC 9110, section 12.5.1).

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
    """Say whether an Accept header has no preference: most programs send none or ``*/*`` by default."""
    return accept.strip() in ("", "*/*")


def choose(accept: str, offers: Sequence[Format]) -> Format | None:
    """Return the offer with the highest weight, the earliest of equals; None if the client accepts none.

    An alias of a media type counts only if the header names the alias and not the type itself; it never lowers a
    weight.
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
    """Return a normalised Accept header: headers that lead to the same answers give the same text.

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
