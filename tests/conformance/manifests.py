"""The W3C's manifests as Python objects; the files stay where they are, outside this repository."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pyoxigraph as ox
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.rdf.terms import triple_from_ox

COMMIT = "ad541a5"
"""The commit of the suite (github.com/w3c/rdf-tests) that the shared copy was taken from."""

HOME = "https://w3c.github.io/rdf-tests/sparql/"
"""Where the W3C shows the suite: what the relative IRIs of its files are resolved against."""

ENTAILMENT = "http://www.w3.org/TR/sparql11-entailment/"
QUERY_10 = "http://www.w3.org/TR/rdf-sparql-query/"
QUERY_11 = "http://www.w3.org/TR/sparql11-query/"
QUERY_12 = "http://www.w3.org/TR/sparql12-query/"
ROOTS = {"sparql10/manifest.ttl": QUERY_10, "sparql11/manifest-all.ttl": QUERY_11, "sparql12/manifest.ttl": QUERY_12}
"""The manifests that include all others, and the recommendation that they are about where they do not say."""

TITLES = {QUERY_10: "SPARQL 1.0 Query Language", QUERY_12: "SPARQL 1.2 Query Language"}
"""Names of recommendations that the manifests do not give."""

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
CNT = Namespace("http://www.w3.org/2011/content#")
HT = Namespace("http://www.w3.org/2011/http#")
HTS = Namespace("http://www.w3.org/2011/http-statusCodes#")


@dataclass(frozen=True)
class Document:
    """A file of the suite, by its IRI at the W3C and its place here."""

    iri: str
    path: Path


@dataclass(frozen=True)
class Exchange:
    """One request, byte for byte, and what is expected of its answer."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    """Classes of statuses that will do: ``2xx``; or names of single ones, as the manifest has them."""
    boolean: bool | None
    format: str | None


@dataclass(frozen=True)
class Case:
    """One entry of a manifest."""

    iri: str
    folder: str
    kind: str
    """The local name of its type: ``QueryEvaluationTest``."""
    specification: str
    """The IRI of the recommendation that it is about."""
    exchanges: tuple[Exchange, ...] = ()
    graphs: tuple[tuple[str, Path], ...] = ()
    """Named graphs that the exchanges count on, with the file of each."""
    request: Document | None = None
    """The query or update."""
    data: tuple[Document, ...] = ()
    named: tuple[Document, ...] = ()
    """Graphs of the query's data set; each is named by the IRI of its file."""
    services: tuple[tuple[str, Document], ...] = ()
    """What other endpoints hold, by their addresses."""
    result: Document | None = None
    lax: bool = False
    """Whether duplicates may be left out, as REDUCED allows."""

    @property
    def is_update(self) -> bool:
        """Whether it is about changing what there is."""
        if self.kind == "ProtocolTest":
            return "update" in self.iri.rpartition("#")[2]
        return self.request is not None and self.request.path.suffix == ".ru"

    @property
    def name(self) -> str:
        """The folder and the name within its manifest: ``sparql11.protocol.query_get``."""
        return f"{self.folder.replace('/', '.')}.{self.iri.rpartition('#')[2]}"


def cases(suite: Path) -> list[Case]:
    """Return every test that the manifests of *suite* list, in their order."""
    found = []
    for root, specification in ROOTS.items():
        about = _specifications(suite / root)
        for manifest in _manifests(suite, root):
            folder = str(PurePosixPath(manifest).parent)
            found += _Manifest(suite, manifest).cases(about.get(folder, (specification, ""))[0])
    return found


def titles(suite: Path) -> dict[str, str]:
    """Return the names of the recommendations that the suite is about, by IRI."""
    found = {iri: title for root in ROOTS for iri, title in _specifications(suite / root).values()}
    return TITLES | found


@cache
def _read(file: Path, base: str) -> Graph:
    """Return what a manifest says; rdflib's own parser would take five times as long, each time tests are gathered."""
    graph = Graph()
    for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE, base_iri=base):
        graph.add(triple_from_ox(quad.triple))
    return graph


@cache
def _specifications(root: Path) -> dict[str, tuple[str, str]]:
    """Return for each folder what the manifest *root* says it is about: the IRI of a recommendation and its name."""
    graph = _read(root, f"{HOME}{root.parent.name}/")
    return {
        str(PurePosixPath(str(manifest).removeprefix(HOME)).parent): (str(iri), str(graph.value(iri, RDFS.label)))
        for iri, listed in graph.subject_objects(MF.conformanceRequirement)
        for manifest in Collection(graph, listed)
    }


def _manifests(suite: Path, root: str) -> Iterator[str]:
    """Give the paths below *suite* of the manifests with tests that *root* includes."""
    graph = _read(suite / root, HOME + root)
    included = [str(item) for listed in graph.objects(None, MF.include) for item in Collection(graph, listed)]
    if not included:
        yield root
    for manifest in included:
        yield from _manifests(suite, manifest.removeprefix(HOME))


class _Manifest:
    """One file of entries."""

    def __init__(self, suite: Path, path: str) -> None:
        self.suite = suite
        self.folder = str(PurePosixPath(path).parent)
        self.graph = _read(suite / path, HOME + path)

    def cases(self, specification: str) -> list[Case]:
        (entries,) = self.graph.objects(None, MF.entries)
        return [self._case(entry, specification) for entry in Collection(self.graph, entries)]

    def _case(self, entry: Node, specification: str) -> Case:
        graph = self.graph
        action = graph.value(entry, MF.action)
        kind, result = graph.value(entry, RDF.type), graph.value(entry, MF.result)
        queries = [*graph.objects(action, QT.query), *graph.objects(action, UT.request)]
        requests = graph.value(action, HT.requests)
        return Case(
            iri=str(entry),
            folder=self.folder,
            kind=str(kind).rpartition("#")[2],
            specification=specification,
            exchanges=tuple(_exchange(graph, node) for node in Collection(graph, requests)) if requests else (),
            graphs=tuple(
                sorted(
                    (str(graph.value(node, RDFS.label)), self._document(graph.value(node, UT.graph)).path)
                    for node in graph.objects(entry, UT.graphData)
                )
            ),
            request=self._document(queries[0] if queries else action)
            if queries or isinstance(action, URIRef)
            else None,
            data=self._documents(action, QT.data),
            named=self._documents(action, QT.graphData),
            services=tuple(
                (str(graph.value(node, QT.endpoint)), document)
                for node in graph.objects(action, QT.serviceData)
                for document in self._documents(node, QT.data)
            ),
            result=self._document(result) if isinstance(result, URIRef) else None,
            lax=graph.value(entry, MF.resultCardinality) == MF.LaxCardinality,
        )

    def _documents(self, subject: Node | None, property_: URIRef) -> tuple[Document, ...]:
        return tuple(self._document(node) for node in sorted(self.graph.objects(subject, property_)))

    def _document(self, iri: Node | None) -> Document:
        return Document(str(iri), self.suite / unquote(str(iri).removeprefix(HOME)))


def _exchange(graph: Graph, request: Node) -> Exchange:
    headers = graph.value(request, HT.headers)
    response = graph.value(request, HT.resp)
    body = graph.value(request, HT.body)
    boolean = graph.value(response, MF.expectedBoolean)
    format_ = graph.value(response, MF.expectedFormat)
    content = None
    if body is not None:
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        content = str(graph.value(body, CNT.chars)).encode(encoding)
    return Exchange(
        method=_text(graph, request, HT.methodName),
        path=str(graph.value(request, HT.absolutePath)),
        headers=tuple(
            (_text(graph, node, HT.fieldName), _text(graph, node, HT.fieldValue))
            for node in (Collection(graph, headers) if headers else ())
        ),
        body=content,
        statuses=frozenset(
            str(status).removeprefix(HTS).removeprefix("StatusCode")
            for status in graph.objects(response, MF.expectedStatus)
        ),
        boolean=boolean.toPython() if isinstance(boolean, Literal) else None,
        format=str(format_) if format_ else None,
    )


def _text(graph: Graph, subject: Node, property_: URIRef) -> str:
    value = graph.value(subject, property_)
    assert value is not None, f"{subject} has no {property_}"
    return str(value)
