"""Read query files: each ``.rq`` file contains one query and, in a ``#+ summary:`` line, the question it answers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SDO, SH, XSD, Literal, URIRef

from kzus_graph.rdf.ntriples import Triple
from kzus_graph.rdf.prefixes import BASE, PREFIXES

HEADER: Final = re.compile(r"^#\+ ([\w-]+): *(.*)$", re.MULTILINE)
TRANSLATED: Final = re.compile(r"^#\+ ([\w-]+)@([a-z]{2}): *(.*)$", re.MULTILINE)
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
"""For each query form: the local name of its SHACL class, and the properties that have the query text as value."""

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Term = ox.NamedNode | ox.Literal
Functions = dict[ox.NamedNode, Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]]
Parameter = int | Term | Sequence[Term] | Sequence[Sequence[Term | None]]


class QueryFileError(ValueError):
    """Raised for a query file that is not UTF-8, or has no summary line or no valid query; the message has its path."""


@dataclass(frozen=True)
class QueryFile:
    """A query file: *name* is its file name without extension, *summary* the question that it answers, in words.

    *form* is SELECT, ASK, CONSTRUCT or DESCRIBE, *text* the content of the file. *headers* has the value of each other
    line ``#+ key: value``, by key.
    """

    name: str
    summary: str
    form: str
    text: str
    headers: dict[str, str] = field(default_factory=dict, compare=False)


def read_query(path: Path) -> QueryFile:
    """Return the query file at *path*. Raises QueryFileError if it has no summary or no query, or is not UTF-8."""
    text = decoded(path.read_bytes(), path)
    headers = dict(HEADER.findall(text))
    form = FORM.search(text)
    if not headers.get("summary"):
        raise QueryFileError(f"{path}: the line '#+ summary: …' with the question in words is missing")
    if form is None:
        raise QueryFileError(f"{path}: a line must begin with SELECT, ASK, CONSTRUCT or DESCRIBE, but none does")
    return QueryFile(path.stem, headers.pop("summary"), form[1].upper(), text, headers)


def translations(text: str, key: str) -> dict[str, str]:
    """Return the translations of the header line *key* of the query *text*, by language: ``#+ summary@ru: …``.

    >>> translations("#+ summary: Who?\\n#+ summary@ru: Кто?\\n#+ note@kk: Тек\\nASK {}", "summary")
    {'ru': 'Кто?'}
    """
    return {language: value for name, language, value in TRANSLATED.findall(text) if name == key}


def decoded(data: bytes, place: Path | str) -> str:
    """Return *data* decoded as UTF-8. Raises QueryFileError if that fails; the message names *place*, its source."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryFileError(f"{place}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def filled(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return the query *text* with each ``$name`` replaced by the value that *parameters* has for ``name``.

    A value is an integer or a term; several terms, as in ``VALUES ?x { $names }``; or several rows of terms, as in
    ``VALUES (?x ?y) { $rows }``, in which None becomes UNDEF.

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


def ask(store: ox.Store, text: str, place: Path | str, functions: Functions | None = None) -> Answer:
    """Return the result of the query *text* on *store*; the prefixes in PREFIXES need not be declared.

    *functions* are those that the query may call beyond the functions of SPARQL, by their IRIs.

    Raises QueryFileError if *text* is not valid SPARQL; the message names *place* (the source of *text*), the line and
    the column.
    """
    try:
        return store.query(text, prefixes=PREFIXES, custom_functions=functions)
    except SyntaxError as error:
        # after this, the parser lists everything that it would have accepted, down to ranges of characters
        where, _, expected = str(error.msg).partition(": expected ")
        reason = "a prefix is not declared" if "Prefix not found" in expected else "the query is not valid SPARQL here"
        raise QueryFileError(f"{place}: {where}: {reason}") from None


def read_queries(folder: Path) -> list[QueryFile]:
    """Return the query files (``.rq``) of *folder*, sorted by name; subfolders are not read."""
    return [read_query(path) for path in sorted(folder.glob("*.rq"))]


def read_examples(folder: Path) -> list[QueryFile]:
    """Return the query files of *folder* and of its subfolder ``federated`` (queries with SERVICE), sorted by name."""
    return sorted([*read_queries(folder), *read_queries(folder / FEDERATED)], key=lambda query: query.name)


def examples(queries: Iterable[QueryFile]) -> Iterator[Triple]:
    """Yield *queries* as RDF, described as in "sparql-examples" by SIB (Swiss Institute of Bioinformatics).

    Each query is a sh:SPARQLExecutable. The prefixes are declared once for all queries (sh:prefixes); query editors use
    these declarations to complete prefixed names.
    """
    for query in queries:
        kind, properties = EXECUTABLES[query.form]
        node = URIRef(f"{BASE}query/{query.name}")
        for type_ in {kind, "SPARQLExecutable"}:
            yield node, RDF.type, URIRef(SHACL + type_)
        yield node, RDFS.comment, Literal(query.summary, lang="en")
        yield node, SH.prefixes, DECLARATIONS
        for property_ in properties:
            yield node, URIRef(property_), Literal(query.text)
        yield node, SDO.target, URIRef(f"{BASE}sparql")
        for keyword in _keywords(query):
            yield node, SDO.keywords, Literal(keyword, lang="en")
        for service in sorted(set(SERVICE.findall(query.text))):
            yield node, URIRef(SPEX + "federatesWith"), URIRef(service)
    yield from declarations()


def declarations() -> Iterator[Triple]:
    """Yield PREFIXES as RDF, by SHACL's sh:declare; each declaration has an IRI, so there are no blank nodes."""
    yield DECLARATIONS, RDF.type, OWL.Ontology
    yield DECLARATIONS, RDFS.label, Literal("The prefixes of the data set and its queries", lang="en")
    for prefix, namespace in PREFIXES.items():
        node = URIRef(f"{DECLARATIONS}#{prefix}")
        yield DECLARATIONS, SH.declare, node
        yield node, RDF.type, SH.PrefixDeclaration
        yield node, SH.prefix, Literal(prefix)
        yield node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)


def _keywords(query: QueryFile) -> list[str]:
    """Return search keywords for *query*: the local names of its dip: and topic: terms, split into lower-case words."""
    names = {name for prefix, name in NAME.findall(query.text) if prefix in {"dip", "topic"}}
    return sorted({re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).lower() for name in names})
