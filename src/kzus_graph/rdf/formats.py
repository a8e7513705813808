"""The table of all formats of RDF graphs and SPARQL query results: names, media types, file extensions."""

from dataclasses import dataclass
from typing import Final, Literal

import pyoxigraph as ox

Kind = Literal["solutions", "graph"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of query results; its *kind* is "graph" (RDF) or "solutions" (results of SELECT and ASK).

    *suffix* is the file extension. *aliases* are other names and media types of the format. *engine* is pyoxigraph's
    constant for the format, None if pyoxigraph cannot write it. *w3c* is the local name of the format's IRI in the
    namespace http://www.w3.org/ns/formats/, *label* the name shown to users.
    """

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
        """The value of the Content-Type header of a response in this format; only text/* types get a charset."""
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
"""The format of the HTML page about a resource; the data documents about a resource have the formats in DATA."""


def formats(kind: Kind) -> tuple[Format, ...]:
    """Return all formats of *kind* ("graph" or "solutions"), the server's preferred format first."""
    return tuple(form for form in FORMATS if form.kind == kind)


def named(name: str, kind: Kind) -> Format | None:
    """Return the format of *kind* that has *name* as short name, file extension, media type or alias; None if none has.

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
"""The six RDF formats, by file extension, of the data dumps and of the files from which a release is built."""
DATA: Final = tuple(DUMPS[suffix] for suffix in ("ttl", "jsonld", "nt", "rdf"))
"""The RDF formats of a data document about one resource; a client without a preference gets the first one."""
