"""The one table of the formats of RDF and of solutions: names, media types, suffixes."""

from dataclasses import dataclass
from typing import Final, Literal

import pyoxigraph as ox

Kind = Literal["solutions", "graph"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of answers; *w3c* is its name in the W3C's list of formats, and *label* its everyday name."""

    name: str
    media_type: str
    kind: Kind
    suffix: str
    aliases: tuple[str, ...] = ()
    engine: ox.QueryResultsFormat | ox.RdfFormat | None = None
    w3c: str = ""
    label: str = ""

    @property
    def content_type(self) -> str:
        """The Content-Type header, with a charset for text types only: the other registered types need none."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


SPARQL_JSON: Final = "application/sparql-results+json"
SPARQL_XML: Final = "application/sparql-results+xml"
_XML: Final = ("application/xml", "text/xml")
_JSON: Final = ("application/json", "application/x-json+ld", "json-ld", "json")
_RESULTS: Final = ox.QueryResultsFormat
_RDF: Final = ox.RdfFormat

# A client without a preference gets the first format of each kind.
FORMATS: Final = (
    Format("json", SPARQL_JSON, "solutions", "srj", ("application/json",), _RESULTS.JSON, "SPARQL_Results_JSON"),
    Format("xml", SPARQL_XML, "solutions", "srx", _XML, _RESULTS.XML, "SPARQL_Results_XML"),
    Format("csv", "text/csv", "solutions", "csv", (), _RESULTS.CSV, "SPARQL_Results_CSV"),
    Format("tsv", "text/tab-separated-values", "solutions", "tsv", (), _RESULTS.TSV, "SPARQL_Results_TSV"),
    Format("html", "text/html", "solutions", "html", ("application/xhtml+xml",)),
    Format("icalendar", "text/calendar", "solutions", "ics"),
    Format("geojson", "application/geo+json", "solutions", "geojson", ("application/vnd.geo+json",)),
    Format(
        "turtle", "text/turtle", "graph", "ttl", ("application/x-turtle", "text/n3", "n3"), _RDF.TURTLE, "Turtle",
        "Turtle",
    ),
    Format(
        "ntriples", "application/n-triples", "graph", "nt", ("text/plain", "n-triples"), _RDF.N_TRIPLES, "N-Triples",
        "N-Triples",
    ),
    Format(
        "rdfxml", "application/rdf+xml", "graph", "rdf", (*_XML, "rdf+xml", "xml"), _RDF.RDF_XML, "RDF_XML", "RDF/XML"
    ),
    Format("jsonld", "application/ld+json", "graph", "jsonld", _JSON, _RDF.JSON_LD, "JSON-LD", "JSON-LD"),
    Format("trig", "application/trig", "graph", "trig", ("application/x-trig",), _RDF.TRIG, "TriG", "TriG"),
    Format(
        "nquads", "application/n-quads", "graph", "nq", ("text/x-nquads", "n-quads"), _RDF.N_QUADS, "N-Quads", "N-Quads"
    ),
)  # fmt: skip
PAGE: Final = Format("html", "text/html", "graph", "html", ("application/xhtml+xml",))
"""The format of a thing's page; its data documents have those in DATA."""


def formats(kind: Kind) -> tuple[Format, ...]:
    """Return all formats of a kind, the preferred one first."""
    return tuple(form for form in FORMATS if form.kind == kind)


def named(name: str, kind: Kind) -> Format | None:
    """Return the format with this short name, file suffix, media type or alias; None if there is none.

    >>> named("ttl", "graph").name
    'turtle'
    """
    wanted = name.lower().strip()
    for form in formats(kind):
        if wanted in (form.name, form.suffix, form.media_type, *form.aliases):
            return form
    return None


DUMPS: Final = {
    suffix: form for suffix in ("ttl", "nt", "trig", "nq", "rdf", "jsonld") if (form := named(suffix, "graph"))
}
"""The six formats of dumps and of the RDF files that a build reads, by file extension."""
DATA: Final = tuple(DUMPS[suffix] for suffix in ("ttl", "jsonld", "nt", "rdf"))
"""The formats of a document about one thing. A client without a preference gets the first; browsers ask for HTML."""
