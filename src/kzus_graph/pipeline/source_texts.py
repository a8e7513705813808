"""Compares a copy of a source document with the digests of its segments; this project does not contain the texts."""

import hashlib
from dataclasses import dataclass

from rdflib import Graph, URIRef

from kzus_graph.rdf.vocab import DIP, OA, SOURCE


class NoSuchSource(ValueError):
    """The error that a source has no segments in the graph; the message lists the sources that have segments."""


@dataclass(frozen=True)
class DigestComparison:
    """The comparison of a copy of a text with the digests of its segments and of the whole document.

    *checked* is the number of digests compared. *differs* are the names of the segments whose digest differs, in the
    order of the text, and then the name of the document if its digest differs.
    """

    checked: int
    differs: list[str]


def compare(copy: bytes, source: str, sources: Graph) -> DigestComparison:
    """Return the comparison of *copy* with the digests that the graph *sources* has for the document named *source*.

    A segment's digest is the SHA-256 of the UTF-8 bytes of the code points [start, end) of the text as received: no
    trimming, no change of line ends, no Unicode normalisation (Web Annotation Data Model §4.2.5 counts code points).
    If one change made the copy longer or shorter, the segments after the change have moved. So each segment is also
    looked for at its place shifted by the change in length, so that only segments with another text are reported.
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
        raise NoSuchSource(
            f"the graph has no segments of a source {source!r}; it has those of: {', '.join(known) or 'none'}"
        )
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
