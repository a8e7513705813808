"""Query files: one ``.rq`` a question, its words in a ``#+ summary:`` line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rdflib import RDF, RDFS, SDO, SH, Graph, Literal, URIRef

from kzus_graph.vocab import BASE

HEADER: Final = re.compile(r"^#\+ ([\w-]+): *(.*)$", re.MULTILINE)
FORM: Final = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE | re.MULTILINE)
EXECUTABLES: Final = {
    "SELECT": ("SPARQLSelectExecutable", "select"),
    "ASK": ("SPARQLAskExecutable", "ask"),
    "CONSTRUCT": ("SPARQLConstructExecutable", "construct"),
    "DESCRIBE": ("SPARQLExecutable", "describe"),
}
"""The class of the SIB examples vocabulary and SHACL for each query form, and the property that holds the text."""


class QueryFileError(ValueError):
    """A query file that does not say its question or has no query; the message names the file."""


@dataclass(frozen=True)
class Query:
    """A question with its SPARQL text; *name* is the file's stem, *headers* what other ``#+`` lines say."""

    name: str
    summary: str
    form: str
    text: str
    headers: dict[str, str] = field(default_factory=dict, compare=False)


def read_query(path: Path) -> Query:
    """Return the query in *path*. Raises QueryFileError."""
    text = path.read_text("utf-8")
    headers = dict(HEADER.findall(text))
    form = FORM.search(text)
    if not headers.get("summary"):
        raise QueryFileError(f"{path}: no line '#+ summary: …' with the question in words")
    if form is None:
        raise QueryFileError(f"{path}: no SELECT, ASK, CONSTRUCT or DESCRIBE at the start of a line")
    return Query(path.stem, headers.pop("summary"), form[1].upper(), text, headers)


def read_queries(folder: Path) -> list[Query]:
    """Return the queries of *folder*, by name; its subfolders are not examples."""
    return [read_query(path) for path in sorted(folder.glob("*.rq"))]


def examples(queries: Iterable[Query]) -> Graph:
    """Return *queries* as RDF, in the convention of SIB's sparql-examples (sh:SPARQLExecutable)."""
    graph = Graph()
    for query in queries:
        kind, property_ = EXECUTABLES[query.form]
        node = URIRef(f"{BASE}query/{query.name}")
        for type_ in {kind, "SPARQLExecutable"}:
            graph.add((node, RDF.type, URIRef(SH + type_)))
        graph.add((node, RDFS.comment, Literal(query.summary, lang="en")))
        graph.add((node, URIRef(SH + property_), Literal(query.text)))
        graph.add((node, SDO.target, URIRef(f"{BASE}sparql")))
    return graph
