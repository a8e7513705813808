"""What a client would like best of what there is."""

from collections.abc import Sequence
from functools import lru_cache

from kzus_graph.engine.results import Format


@lru_cache(maxsize=512)
def ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """Split an Accept header into media ranges and their weights; parameters other than q don't matter to us.

    >>> ranges("text/turtle;charset=utf-8, */*;q=0.1")
    (('text/turtle', 1.0), ('*/*', 0.1))
    """
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
    """How much a client wants a media type: the most specific range that covers it decides.

    >>> weight_of("text/csv", "text/*;q=0.5, text/csv;q=0.9"), weight_of("text/csv", "*/*"), weight_of("text/csv", "")
    (0.9, 1.0, 1.0)
    """
    if not accept.strip():
        return 1.0
    best, weight = -1, 0.0
    major = media_type.partition("/")[0]
    for media, wanted in ranges(accept):
        rank = {media_type: 2, f"{major}/*": 1, "*/*": 0, "*": 0}.get(media, -1)
        if rank > best:
            best, weight = rank, wanted
    return weight


def choose(accept: str, offers: Sequence[Format]) -> Format | None:
    """The offer a client wants most, the earlier of two it wants alike; None if it wants none."""
    best: Format | None = None
    most = 0.0
    for offer in offers:
        weight = max(weight_of(media, accept) for media in (offer.media_type, *offer.aliases))
        if weight > most:
            best, most = offer, weight
    return best
