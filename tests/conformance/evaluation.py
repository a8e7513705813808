"""Tests of the query language: the data of all of them in one server, each query asked about its own graphs."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from tests.conformance import comparison, reading
from tests.conformance.manifests import Case, Document
from tests.conformance.servers import Answer, Endpoint

MEDIA_TYPES = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""Media types by the ending of a file's name."""

DATA_SETS = ("trig", "nq")
SERVICE = re.compile(r"(SERVICE\s+(?:SILENT\s+)?)<([^>]*)>", re.IGNORECASE)
OWN_GRAPHS = re.compile(r"\bFROM\s+(NAMED\s+)?<", re.IGNORECASE)
ORDERED = re.compile(r"}[^{}]*\bORDER\s+BY\b[^{}]*$", re.IGNORECASE)
"""ORDER BY of the query itself, not of a part of it."""
STAR = re.compile(r"SELECT\s+((DISTINCT|REDUCED)\s+)?\*", re.IGNORECASE)
MISSING = "/missing"
"""Where nothing answers: the stand-in of an endpoint that a test says nothing of."""


def fault(case: Case, endpoint: Endpoint) -> str | None:
    """Run one test of evaluation or syntax and return what is wrong with the answer."""
    assert case.request
    text = case.request.path.read_bytes()
    if "Syntax" in case.kind:
        answer = _ask(endpoint, _standing_in(case, text, endpoint))
        wanted = 400 if case.kind.startswith("Negative") else 200
        return None if answer.status == wanted else f"{answer.status} where {wanted} was expected"
    assert case.result
    expected = _expected(case.result)
    # Over HTTP a query is in no file, so that the IRI of the file has to be said for its relative IRIs.
    text = f"BASE <{case.request.iri}>\n".encode() + _standing_in(case, text, endpoint)
    media_type = MEDIA_TYPES[_ending(case.result)]
    if not isinstance(expected, frozenset) and media_type in reading.GRAPHS:
        media_type = MEDIA_TYPES["srj"]
    answer = _ask(endpoint, text, () if OWN_GRAPHS.search(text.decode()) else _graphs(case), media_type)
    if answer.status != 200 or answer.media_type != media_type:
        return f"{answer.status} {answer.media_type}" if answer.status == 200 else f"{answer.status}"
    if media_type == MEDIA_TYPES["csv"] and b"\n" in answer.body.replace(b"\r\n", b""):
        return "lines do not end in CRLF"
    try:
        found = reading.read(media_type, answer.body, rdf12=case.folder.startswith("sparql12"))
    except comparison.FAULTS as error:
        return f"not {media_type}: {error}"
    ordered, columns = bool(ORDERED.search(text.decode())), not STAR.search(text.decode())
    return comparison.same(found, expected, ordered=ordered, columns=columns, lax=case.lax)


def update_fault(case: Case, endpoint: Endpoint) -> str | None:
    """Send an update, right or wrong, and return what is wrong with the answer: it is refused whatever it says."""
    assert case.request
    headers = [("Content-Type", "application/sparql-update")]
    answer = endpoint.ask("POST", headers=headers, body=case.request.path.read_bytes())
    return None if answer.status == 403 else f"an update was answered by {answer.status}, not by 403"


def data_set(tests: Iterable[Case], folder: Path) -> Path:
    """Write what *tests* are about as one N-Quads file: each document is a graph that has its IRI for name.

    Named graphs within a document keep their names; two documents that give different graphs one name are an error.
    """
    documents = {document for case in tests for document in _documents(case)}
    graphs: dict[ox.NamedNode, Document] = {}
    path = folder / "documents.nq"
    with path.open("wb") as output:
        for document in sorted(documents, key=lambda one: one.iri):
            quads = _quads(document)
            for name in {quad.graph_name for quad in quads}:
                if graphs.setdefault(name, document) is not document:
                    raise ValueError(f"{graphs[name].iri} and {document.iri} both have the graph {name}")
            ox.serialize(quads, output, format=ox.RdfFormat.N_QUADS)
    return path


def _documents(case: Case) -> list[Document]:
    """Return what a test's data set is made of; where only its query says so, any file of the folder may be."""
    if case.data or case.named or "Syntax" in case.kind or case.is_update:
        return [*case.data, *case.named, *(document for _, document in case.services)]
    assert case.request
    files = case.request.path.parent.glob("data*.ttl")
    return [Document(case.request.iri.rpartition("/")[0] + "/" + quote(file.name), file) for file in files]


@cache
def _quads(document: Document) -> list[ox.Quad]:
    form = ox.RdfFormat.from_extension(_ending(document))
    assert form
    name = ox.NamedNode(document.iri)
    return [
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        if isinstance(quad.graph_name, ox.DefaultGraph)
        else quad
        for quad in ox.parse(path=document.path, format=form, base_iri=document.iri, rename_blank_nodes=True)
    ]


def _graphs(case: Case) -> list[tuple[str, str]]:
    """Return a test's data set as parameters of the protocol; none where only its query has one."""
    within = {
        quad.graph_name.value for document in case.data if _ending(document) in DATA_SETS for quad in _quads(document)
    }
    own = {document.iri for document in case.data}
    named = sorted((within - own) | {document.iri for document in case.named})
    return [
        *(("default-graph-uri", iri) for iri in sorted(own)),
        *(("named-graph-uri", iri) for iri in named),
    ]


def _expected(document: Document) -> reading.Read:
    media_type = MEDIA_TYPES[_ending(document)]
    return reading.read(media_type, document.path.read_bytes(), document.iri, rdf12="/sparql12/" in document.iri)


def _ending(document: Document) -> str:
    return document.path.suffix.removeprefix(".")


def _standing_in(case: Case, text: bytes, endpoint: Endpoint) -> bytes:
    """Return the query with local addresses for the services that it names: the same server, about their data."""
    if "/service" not in case.folder and "/syntax-fed" not in case.folder:
        return text
    data = dict(case.services)

    def local(match: re.Match[str]) -> str:
        if document := data.get(match[2]):
            return f"{match[1]}<{endpoint.url}?{urlencode([('default-graph-uri', document.iri)])}>"
        return f"{match[1]}<{endpoint.url}{'' if 'Syntax' in case.kind else MISSING}>"

    return SERVICE.sub(local, text.decode()).encode()


def _ask(endpoint: Endpoint, text: bytes, graphs: Iterable[tuple[str, str]] = (), media_type: str = "") -> Answer:
    headers = [("Content-Type", "application/sparql-query")]
    headers += [("Accept", media_type)] if media_type else []
    return endpoint.ask("POST", urlencode(list(graphs)), headers, text)
