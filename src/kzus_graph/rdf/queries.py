"""Query files: each ``.rq`` file holds one query, and its question in words in a ``#+ summary:`` line."""

import re
from collections.abc import Iterable, Mapping, Sequence
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
# A variable with a dollar is a parameter, as SHACL's $this; other variables have a question mark.
PARAMETER: Final = re.compile(r"\$([a-z]\w*)")
SHACL: Final = PREFIXES["sh"]
SPEX: Final = "https://purl.expasy.org/sparql-examples/ontology#"
DECLARATIONS: Final = URIRef(BASE + "prefixes")
EXECUTABLES: Final = {
    "SELECT": ("SPARQLSelectExecutable", (SHACL + "select",)),
    "ASK": ("SPARQLAskExecutable", (SHACL + "ask",)),
    "CONSTRUCT": ("SPARQLConstructExecutable", (SHACL + "construct",)),
    # the vocabulary defines spex:describe, but editors look for sh:describe
    "DESCRIBE": ("SPARQLExecutable", (SPEX + "describe", SHACL + "describe")),
}
"""For each query form: its class in SHACL and the SIB examples vocabulary, and the properties for the query text."""

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Term = ox.NamedNode | ox.Literal
Parameter = int | Term | Sequence[Term] | Sequence[Sequence[Term | None]]


class QueryFileError(ValueError):
    """A query file that is not UTF-8, has no question in words, or has no valid query; the message names the file."""


@dataclass(frozen=True)
class QueryFile:
    """A question with its SPARQL text; *name* is the file's stem, *headers* the other ``#+`` lines by key."""

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
    """Return *data* as text. Raises QueryFileError, naming *place* as its source, when *data* is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryFileError(f"{place}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def filled(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return a query's *text* with its *parameters* in place, in SPARQL syntax.

    Each ``$name`` in the text is replaced by a term, by several, as in ``VALUES ?x { $names }``, or by several rows of
    terms, as in ``VALUES (?x ?y) { $rows }``; None is a cell without a value.

    >>> filled("SELECT * { $thing ?p ?o } LIMIT $most", {"thing": ox.NamedNode("https://example.org/a"), "most": 5})
    'SELECT * { <https://example.org/a> ?p ?o } LIMIT 5'
    >>> filled("VALUES (?a ?b) { $rows }", {"rows": [(ox.Literal("x"), None)]})
    'VALUES (?a ?b) { ("x" UNDEF) }'
    """
    return PARAMETER.sub(lambda found: _written(parameters[found[1]]), text)


def _written(value: Parameter | Sequence[Term | None] | None) -> str:
    if value is None:
        return "UNDEF"
    if isinstance(value, int | ox.NamedNode | ox.Literal):
        return str(value)
    return " ".join(f"({_written(each)})" if isinstance(each, list | tuple) else _written(each) for each in value)


def ask(store: ox.Store, text: str, place: Path | str) -> Answer:
    """Return the answer of *store* to the query *text*, which may use our prefixes undeclared.

    Raises QueryFileError when *text* is not a query; it names *place*, the source of *text*, with line and column.
    """
    try:
        return store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        # after this, the parser lists everything that it would have accepted, down to ranges of characters
        where, _, expected = str(error.msg).partition(": expected ")
        reason = "a prefix that is not declared" if "Prefix not found" in expected else "no SPARQL query reads so"
        raise QueryFileError(f"{place}: {where}: {reason}") from None


def read_queries(folder: Path) -> list[QueryFile]:
    """Return the queries of *folder*, sorted by name; subfolders are not read."""
    return [read_query(path) for path in sorted(folder.glob("*.rq"))]


def read_examples(folder: Path) -> list[QueryFile]:
    """Return the queries of *folder*, and those of its subfolder ``federated``, which depend on other endpoints."""
    return sorted([*read_queries(folder), *read_queries(folder / FEDERATED)], key=lambda query: query.name)


def examples(queries: Iterable[QueryFile]) -> Graph:
    """Return *queries* as RDF, in the convention of SIB's sparql-examples (sh:SPARQLExecutable).

    The prefixes are declared once, for all queries: editors complete names from these declarations.
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
    """Return the prefix table as RDF (SHACL's sh:declare), in which every node has an IRI."""
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
    """Return keywords for a search: the names of our terms in *query*, split into words in lower case."""
    names = {name for prefix, name in NAME.findall(query.text) if prefix in {"dip", "topic"}}
    return sorted({re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).lower() for name in names})
