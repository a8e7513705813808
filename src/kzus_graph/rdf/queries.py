"""Query files: one ``.rq`` a question, its words in a ``#+ summary:`` line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SDO, SH, XSD, Graph, Literal, URIRef

from kzus_graph.rdf.prefixes import BASE, PREFIXES

HEADER: Final = re.compile(r"^#\+ ([\w-]+): *(.*)$", re.MULTILINE)
FORM: Final = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE | re.MULTILINE)
SERVICE: Final = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?<([^>]+)>", re.IGNORECASE)
NAME: Final = re.compile(r"\b(\w+):([A-Za-z][\w-]*)")
FEDERATED: Final = "federated"
SHACL: Final = PREFIXES["sh"]
SPEX: Final = "https://purl.expasy.org/sparql-examples/ontology#"
DECLARATIONS: Final = URIRef(BASE + "prefixes")
EXECUTABLES: Final = {
    "SELECT": ("SPARQLSelectExecutable", (SHACL + "select",)),
    "ASK": ("SPARQLAskExecutable", (SHACL + "ask",)),
    "CONSTRUCT": ("SPARQLConstructExecutable", (SHACL + "construct",)),
    # the vocabulary defines spex:describe while editors look for sh:describe
    "DESCRIBE": ("SPARQLExecutable", (SPEX + "describe", SHACL + "describe")),
}
"""The class of the SIB examples vocabulary and SHACL for each query form, and the properties that hold the text."""


class QueryFileError(ValueError):
    """A query file that does not say its question or has no query; the message names the file."""


@dataclass(frozen=True)
class QueryFile:
    """A question with its SPARQL text; *name* is the file's stem, *headers* what other ``#+`` lines say."""

    name: str
    summary: str
    form: str
    text: str
    headers: dict[str, str] = field(default_factory=dict, compare=False)


def read_query(path: Path) -> QueryFile:
    """Return the query in *path*. Raises QueryFileError."""
    text = decoded(path.read_bytes(), path)
    headers = dict(HEADER.findall(text))
    form = FORM.search(text)
    if not headers.get("summary"):
        raise QueryFileError(f"{path}: no line '#+ summary: …' with the question in words")
    if form is None:
        raise QueryFileError(f"{path}: no SELECT, ASK, CONSTRUCT or DESCRIBE at the start of a line")
    return QueryFile(path.stem, headers.pop("summary"), form[1].upper(), text, headers)


def decoded(data: bytes, place: Path | str) -> str:
    """Return *data* as text; *place* says where it stands. Raises QueryFileError when it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryFileError(f"{place}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def ask(store: ox.Store, text: str, place: Path | str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Return the answer of *store*, knowing our prefixes; *place* says where *text* stands.

    Raises QueryFileError with line and column where *text* stops being a query.
    """
    try:
        return store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        # the parser goes on to list everything that could have stood there, to the last range of characters
        where, _, expected = str(error.msg).partition(": expected ")
        reason = "a prefix that is not declared" if "Prefix not found" in expected else "no SPARQL query reads so"
        raise QueryFileError(f"{place}: {where}: {reason}") from None


def read_queries(folder: Path) -> list[QueryFile]:
    """Return the queries of *folder*, by name; its subfolders are not examples."""
    return [read_query(path) for path in sorted(folder.glob("*.rq"))]


def read_examples(folder: Path) -> list[QueryFile]:
    """Return the queries of *folder* and of its subfolder ``federated``, whose answers depend on other endpoints."""
    return sorted([*read_queries(folder), *read_queries(folder / FEDERATED)], key=lambda query: query.name)


def examples(queries: Iterable[QueryFile]) -> Graph:
    """Return *queries* as RDF, in the convention of SIB's sparql-examples (sh:SPARQLExecutable).

    The prefixes are declared once, for all of them: editors complete names from these declarations.
    """
    graph = Graph()
    for query in queries:
        kind, properties = EXECUTABLES[query.form]
        node = URIRef(f"{BASE}query/{query.name}")
        for type_ in {kind, "SPARQLExecutable"}:
            graph.add((node, RDF.type, URIRef(SHACL + type_)))
        graph.add((node, RDFS.comment, Literal(query.summary, lang="en")))
        graph.add((node, SH.prefixes, DECLARATIONS))
        for property_ in properties:
            graph.add((node, URIRef(property_), Literal(query.text)))
        graph.add((node, SDO.target, URIRef(f"{BASE}sparql")))
        for keyword in _keywords(query):
            graph.add((node, SDO.keywords, Literal(keyword, lang="en")))
        for service in sorted(set(SERVICE.findall(query.text))):
            graph.add((node, URIRef(SPEX + "federatesWith"), URIRef(service)))
    return graph + declarations()


def declarations() -> Graph:
    """Return the prefix table as RDF (SHACL's sh:declare), every node with an IRI."""
    graph = Graph()
    graph.add((DECLARATIONS, RDF.type, OWL.Ontology))
    graph.add((DECLARATIONS, RDFS.label, Literal("The prefixes of the data set and its queries", lang="en")))
    for prefix, namespace in PREFIXES.items():
        node = URIRef(f"{DECLARATIONS}#{prefix}")
        graph.add((DECLARATIONS, SH.declare, node))
        graph.add((node, RDF.type, SH.PrefixDeclaration))
        graph.add((node, SH.prefix, Literal(prefix)))
        graph.add((node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    return graph


def _keywords(query: QueryFile) -> list[str]:
    """Return what our terms in *query* are called, as words to search by."""
    names = {name for prefix, name in NAME.findall(query.text) if prefix in {"dip", "topic"}}
    return sorted({re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).lower() for name in names})
