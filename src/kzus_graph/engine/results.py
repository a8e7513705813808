"""The forms an answer can take: media types, short names, and how rows are counted in their bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import pyoxigraph as ox

Kind = Literal["solutions", "graph"]
Count = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer."""

    name: str
    media_type: str
    kind: Kind
    suffix: str
    aliases: tuple[str, ...] = ()
    engine: ox.QueryResultsFormat | ox.RdfFormat | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type header; the registered types that need no charset get none."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


SPARQL_JSON: Final = "application/sparql-results+json"
SPARQL_XML: Final = "application/sparql-results+xml"

# The first of each kind is what a client gets that does not mind.
FORMATS: Final[tuple[Format, ...]] = (
    Format("json", SPARQL_JSON, "solutions", "srj", ("application/json",), ox.QueryResultsFormat.JSON),
    Format("xml", SPARQL_XML, "solutions", "srx", ("application/xml", "text/xml"), ox.QueryResultsFormat.XML),
    Format("csv", "text/csv", "solutions", "csv", (), ox.QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", "solutions", "tsv", (), ox.QueryResultsFormat.TSV),
    Format("html", "text/html", "solutions", "html", ("application/xhtml+xml",)),
    Format("icalendar", "text/calendar", "solutions", "ics"),
    Format("geojson", "application/geo+json", "solutions", "geojson", ("application/vnd.geo+json",)),
    Format("turtle", "text/turtle", "graph", "ttl", ("application/x-turtle", "text/n3", "n3"), ox.RdfFormat.TURTLE),
    Format("ntriples", "application/n-triples", "graph", "nt", ("text/plain", "n-triples"), ox.RdfFormat.N_TRIPLES),
    Format(
        "rdfxml",
        "application/rdf+xml",
        "graph",
        "rdf",
        ("application/xml", "text/xml", "rdf+xml", "xml"),
        ox.RdfFormat.RDF_XML,
    ),
    Format(
        "jsonld",
        "application/ld+json",
        "graph",
        "jsonld",
        ("application/json", "application/x-json+ld", "json-ld", "json"),
        ox.RdfFormat.JSON_LD,
    ),
    Format("trig", "application/trig", "graph", "trig", ("application/x-trig",), ox.RdfFormat.TRIG),
    Format("nquads", "application/n-quads", "graph", "nq", ("text/x-nquads", "n-quads"), ox.RdfFormat.N_QUADS),
)


def formats(kind: Kind) -> tuple[Format, ...]:
    """All formats of a kind, the preferred one first."""
    return tuple(form for form in FORMATS if form.kind == kind)


def named(name: str, kind: Kind) -> Format | None:
    """Find the format that a short name, a file suffix or a media type means.

    >>> named("ttl", "graph").name
    'turtle'
    """
    wanted = name.lower().strip()
    for form in formats(kind):
        if wanted in (form.name, form.suffix, form.media_type, *form.aliases):
            return form
    return None


class RowCount:
    """Counts the rows of an answer from its bytes as they pass, so that the engine can write them at full speed.

    >>> count = RowCount("csv"); count(b'a\\r\\n"x\\r\\ny"\\r\\n'); count.rows
    1
    """

    def __init__(self, name: str) -> None:
        self._counts: Count | None = {
            "json": self._json,
            "xml": self._xml,
            "csv": self._csv,
            "tsv": lambda chunk: chunk.count(b"\n"),
            "html": lambda chunk: chunk.count(b"<tr><td>"),
            "icalendar": lambda chunk: chunk.count(b"BEGIN:VEVENT\r\n"),
            "geojson": lambda chunk: chunk.count(b'{"type": "Feature", '),
            "ntriples": lambda chunk: chunk.count(b"\n"),
            "nquads": lambda chunk: chunk.count(b"\n"),
        }.get(name)
        # The head line of these is no row; formats that can't be counted stay below nought.
        self.rows = -1 if name in ("csv", "tsv") or self._counts is None else 0
        self._tail = b""
        self._quoted = False

    def __call__(self, chunk: bytes) -> None:
        """Take the next bytes of the answer."""
        if self._counts:
            self.rows += self._counts(chunk)

    def _json(self, chunk: bytes) -> int:
        # An unescaped quote after `{` opens a key, or closes a string and is then followed by `,` or `}`.
        first = b'"bindings":[{"'
        row, ends = b'}},{"', (b'}},{",', b'}},{"}')
        window = self._tail + chunk
        self._tail = window[1 - len(first) :]
        begun = self.rows == 0 and first in window
        return begun + self._fresh(window, chunk, row) - sum(self._fresh(window, chunk, end) for end in ends)

    def _xml(self, chunk: bytes) -> int:
        window = self._tail + chunk
        self._tail = window[1 - len(b"<result>") :]
        return self._fresh(window, chunk, b"<result>")

    @staticmethod
    def _fresh(window: bytes, chunk: bytes, mark: bytes) -> int:
        """Count the marks that end in the new chunk."""
        return window.count(mark, max(0, len(window) - len(chunk) - len(mark) + 1))

    def _csv(self, chunk: bytes) -> int:
        parts = chunk.split(b'"')
        outside = parts[1 if self._quoted else 0 :: 2]
        self._quoted ^= len(parts) % 2 == 0
        return sum(part.count(b"\n") for part in outside)
