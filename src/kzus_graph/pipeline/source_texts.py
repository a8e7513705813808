"""Digests of source texts, which this project does not contain: of segments, and of runs of words.

By the digests of its segments, a copy of a text is compared with the text that was read. By the digests of its runs,
every ten words in a row, a text of ours is found that copies a source.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from rdflib import Graph, URIRef

from kzus_graph.rdf.vocab import DIP, OA, SOURCE

RUN: Final = 10
"""Words in a row that count as copied. Names and titles of the first source have nine at most."""
DIGITS: Final = 16
"""Hexadecimal digits of the digest of a run: enough to tell runs apart, too few to be looked up elsewhere."""
SUFFIX: Final = ".runs"
WORD: Final = re.compile(r"[\w']+")
HEADING: Final = """\
# SHA-256 of the source's name, a line end and each {run} words in a row of its text, first {digits} digits.
# Made by kzus-graph verify-source --write-runs; the text can't be made from them.
"""


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


@dataclass(frozen=True)
class Runs:
    """The runs of words of the source texts: *digests* has the digests of the runs of a text by the source's name."""

    digests: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def _salts(self) -> list[tuple[str, frozenset[str]]]:
        return sorted(self.digests.items())

    def source_of(self, text: str) -> str | None:
        """Return the name of a source of which *text* has RUN words in a row, or None if there is none."""
        if len(text) < 2 * RUN - 1:
            return None
        for run in runs(text):
            for source, known in self._salts:
                if run_digest(source, run) in known:
                    return source
        return None


def words(text: str) -> list[str]:
    """Return the words of *text* as they are compared: in lower case, with apostrophes of one kind, all else a gap."""
    return WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def runs(text: str) -> Iterator[str]:
    """Yield every RUN words in a row of *text*, separated by blanks."""
    row = words(text)
    return (" ".join(row[start : start + RUN]) for start in range(len(row) - RUN + 1))


def run_digest(source: str, run: str) -> str:
    """Return the digest of *run*, words in a row, for the text of the source with the name *source*."""
    return _digest(f"{source}\n{run}".encode())[:DIGITS]


def run_digests(source: str, text: str) -> frozenset[str]:
    """Return the digests of all runs of *text*, the text of the source with the name *source*."""
    return frozenset(run_digest(source, run) for run in runs(text))


def run_files(root: Path) -> list[Path]:
    """Return the files in *root* with the digests of runs, one for each source text, named after the source."""
    return sorted((root / "data" / "texts").glob(f"*{SUFFIX}"))


def read_runs(root: Path) -> Runs:
    """Return the runs of the source texts for which *root* has digests."""
    return Runs({path.name.removesuffix(SUFFIX): frozenset(_uncommented(path)) for path in run_files(root)})


def _uncommented(path: Path) -> Iterable[str]:
    return (line for line in path.read_text("ascii").splitlines() if not line.startswith("#"))


def write_runs(root: Path, source: str, copy: bytes) -> Path:
    """Write the digests of the runs of *copy*, the text of *source*, to their file in *root*; return its path."""
    path = root / "data" / "texts" / f"{source}{SUFFIX}"
    path.parent.mkdir(exist_ok=True)
    digests = sorted(run_digests(source, copy.decode("utf-8")))
    path.write_text(HEADING.format(run=RUN, digits=DIGITS) + "".join(f"{digest}\n" for digest in digests), "ascii")
    return path


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
