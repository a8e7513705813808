"""The W3C's manifests as Python objects; the files stay where they are, outside this repository."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rdflib import RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

COMMIT = "ad541a5"
"""The commit of the suite (github.com/w3c/rdf-tests) that the shared copy was taken from."""

MANIFESTS = {
    "protocol": ("manifest.ttl",),
    "csv-tsv-res": ("manifest.ttl",),
    "json-res": ("manifest.ttl",),
    "service-description": ("manifest.ttl",),
    "graph-store-protocol": ("manifest-indirect.ttl", "manifest-direct.ttl"),
}
"""The folders of the suite that are about services, with their manifest files."""

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
CNT = Namespace("http://www.w3.org/2011/content#")
HT = Namespace("http://www.w3.org/2011/http#")
HTS = Namespace("http://www.w3.org/2011/http-statusCodes#")


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
    exchanges: tuple[Exchange, ...] = ()
    graphs: tuple[tuple[str, Path], ...] = ()
    """Named graphs that the exchanges count on, with the file of each."""
    query: Path | None = None
    data: Path | None = None
    result: Path | None = None

    @property
    def name(self) -> str:
        """The folder and the name within its manifest: ``protocol.query_get``."""
        return f"{self.folder}.{self.iri.rpartition('#')[2]}"


def cases(suite: Path) -> list[Case]:
    """Return every test that the manifests below *suite* list, in their order."""
    return [
        case
        for folder, files in MANIFESTS.items()
        for file in files
        for case in _manifest(suite / folder / file, folder)
    ]


def _manifest(path: Path, folder: str) -> list[Case]:
    graph = Graph().parse(path, format="turtle")
    (entries,) = graph.objects(None, MF.entries)
    return [_case(graph, entry, folder) for entry in Collection(graph, entries)]


def _case(graph: Graph, entry: Node, folder: str) -> Case:
    action = graph.value(entry, MF.action)
    query, data = graph.value(action, QT.query), graph.value(action, QT.data)
    result = graph.value(entry, MF.result)
    requests = graph.value(action, HT.requests)
    return Case(
        iri=str(entry),
        folder=folder,
        exchanges=tuple(_exchange(graph, node) for node in Collection(graph, requests)) if requests else (),
        graphs=tuple(
            sorted(
                (str(graph.value(node, RDFS.label)), _file(graph.value(node, UT.graph)))
                for node in graph.objects(entry, UT.graphData)
            )
        ),
        query=_file(query) if query else None,
        data=_file(data) if data else None,
        result=_file(result) if result else None,
    )


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


def _file(iri: Node | None) -> Path:
    return Path(unquote(urlsplit(str(iri)).path))
