"""Source texts: what their segments' digests say about a copy of the text, which the project itself never holds."""

import hashlib
from dataclasses import dataclass

from rdflib import Graph, URIRef

from kzus_graph.rdf.vocab import DIP, OA, SOURCE


class NoSuchSource(ValueError):
    """A source that the graph does not know; the message lists those it does."""


@dataclass(frozen=True)
class DigestComparison:
    """How a copy of a text compares: *checked* digests, and the names of what *differs*, in the order of the text."""

    checked: int
    differs: list[str]


def compare(copy: bytes, source: str, sources: Graph) -> DigestComparison:
    """Return how *copy* compares with the digests that *sources* holds of the document *source*.

    A segment's digest is the SHA-256 of the UTF-8 bytes of the code points [start, end) of the text as received: no
    trimming, no change of line ends, no Unicode normalisation (Web Annotation Data Model §4.2.5 counts code points).
    Where one change made the copy longer or shorter, the segments after it are looked for that much further on, so
    that only those differ whose text does.
    Raises NoSuchSource when the document has no segments.
    """
    document = SOURCE[source]
    segments = []
    for segment in sources.subjects(OA.hasSource, document):
        selector = sources.value(segment, OA.hasSelector)
        start, end = (int(str(sources.value(selector, limit))) for limit in (OA.start, OA.end))
        segments.append((start, end, URIRef(str(segment))))
    if not segments:
        known = sorted({str(document).removeprefix(SOURCE) for document in sources.objects(None, OA.hasSource)})
        raise NoSuchSource(f"no segments of a source {source!r}; there are digests for: {', '.join(known) or 'none'}")
    segments.sort()
    text = copy.decode("utf-8", errors="replace")
    drift = len(text) - segments[-1][1]
    differs = [
        str(segment).removeprefix(SOURCE)
        for start, end, segment in segments
        if str(sources.value(segment, DIP.sha256))
        not in {_digest(text[start + shift : end + shift].encode()) for shift in (0, drift)}
    ]
    if _digest(copy) != str(sources.value(document, DIP.sha256)):
        differs.append(source)
    return DigestComparison(len(segments) + 1, differs)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
