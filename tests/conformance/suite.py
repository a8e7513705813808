"""The W3C test suites that speak of an endpoint, run against one: each test gives an outcome and a reason."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from urllib.request import Request

import pyoxigraph as ox
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from serving import Served, fetch

# The commit of the w3c/rdf-tests repository that the files come from.
COMMIT: Final = "ad541a5"
FOLDER: Final = Path(__file__).resolve().parents[2].parent / "shared" / "w3c"
MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
RDFS_LABEL: Final = URIRef("http://www.w3.org/2000/01/rdf-schema#label")

# What the engine or this endpoint can't do, and why.
KNOWN: Final[dict[str, str]] = {
    "tsv03": "the store keeps xsd:negativeInteger as xsd:integer, so the datatype is not the one that was loaded",
}
UPDATES: Final = "the release is read-only: updates are refused with 403"


@dataclass(frozen=True)
class Case:
    """One test of a suite."""

    suite: str
    iri: URIRef
    manifest: Graph

    @property
    def name(self) -> str:
        """Its short name."""
        return str(self.iri).rpartition("#")[2]

    @property
    def is_update(self) -> bool:
        """Whether it asks for an update that would have to succeed."""
        return self.suite == "protocol" and self.name.startswith("update_")


def cases() -> list[Case]:
    """All tests of the four suites, in the order of their manifests."""
    found = []
    for suite in ("protocol", "csv-tsv-res", "json-res", "service-description"):
        path = FOLDER / suite / "manifest.ttl"
        graph = Graph().parse(path, publicID=path.as_uri())
        entries = graph.value(graph.value(None, RDF.type, MF.Manifest), MF.entries)
        found += [Case(suite, iri, graph) for iri in graph.items(entries)]
    return found


def graph_name(path: Path) -> str:
    """The graph that holds the data of a result test."""
    return f"http://suite.example/{path.parent.name}/{path.name}"


def data(folder: Path) -> Path:
    """Write everything the suites need as one file of quads."""
    store = ox.Store()
    for number in (1, 2, 3):
        name = f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"
        path = FOLDER / "protocol" / f"data{number}.nt"
        store.load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(name))
    for path in (*FOLDER.glob("csv-tsv-res/data*.ttl"), *FOLDER.glob("json-res/data*.ttl")):
        graph = ox.NamedNode(graph_name(path))
        store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri(), to_graph=graph)
    written = folder / "suite.nq"
    store.dump(str(written), format=ox.RdfFormat.N_QUADS)
    return written


def run(case: Case, served: Served) -> str:
    """Run one test; an empty string when it passes, else what was wrong."""
    if case.suite == "protocol":
        return _protocol(case, served)
    if case.suite == "service-description":
        return _service_description(case, served)
    return _results(case, served)


def _protocol(case: Case, served: Served) -> str:
    graph = case.manifest
    action = graph.value(case.iri, MF.action)
    for request in graph.items(graph.value(action, HT.requests)):
        path = str(graph.value(request, HT.absolutePath))
        headers = {"Accept": "*/*"}
        listed = graph.value(request, HT.headers)
        for header in graph.items(listed) if listed is not None else ():
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
        body = graph.value(request, HT.body)
        sent = None
        if body is not None:
            sent = str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding)))
            # urllib would add a media type of its own where the test wants none.
            headers.setdefault("content-type", "")
        method = str(graph.value(request, HT.methodName))
        status, found, answer = fetch(Request(served.url + path, data=sent, headers=headers, method=method))
        wrong = _expected(graph, graph.value(request, HT.resp), status, found.get("content-type", ""), answer)
        if wrong:
            return f"{method} {path}: {wrong}"
    return ""


def _expected(graph: Graph, response: Any, status: int, media: str, body: bytes) -> str:
    allowed = {str(item)[-3] for item in graph.objects(response, MF.expectedStatus)}
    if str(status // 100) not in allowed:
        return f"status {status}, not {sorted(allowed)}xx"
    boolean = graph.value(response, MF.expectedBoolean)
    if boolean is not None and json.loads(body)["boolean"] is not boolean.toPython():
        return f"answered {body!r}"
    kind = str(graph.value(response, MF.expectedFormat) or "")
    media = media.partition(";")[0]
    fits = {
        "": True,
        "boolean": media in ("application/sparql-results+json", "application/sparql-results+xml"),
        "tabular": media.startswith("application/sparql-results+")
        or media in ("text/csv", "text/tab-separated-values"),
        "RDF": media in ("text/turtle", "application/rdf+xml", "application/n-triples"),
    }
    return "" if fits[kind] else f"media type {media}, not {kind}"


def _results(case: Case, served: Served) -> str:
    graph = case.manifest
    action = graph.value(case.iri, MF.action)
    query = _file(graph.value(action, QT.query)).read_text()
    expected = _file(graph.value(case.iri, MF.result))
    name = graph_name(_file(graph.value(action, QT.data)))
    form = {".csv": "csv", ".tsv": "tsv", ".srj": "json"}[expected.suffix]
    path = f"/sparql?query={quote(query)}&default-graph-uri={quote(name)}&format={form}"
    status, _, body = served.get(path)
    if status != 200:
        return f"status {status}"
    same = {"csv": _same_csv, "tsv": _same_terms, "json": _same_terms}[form](body, expected.read_bytes(), form)
    return "" if same else f"answered {body!r}"


def _file(iri: Any) -> Path:
    return Path(str(iri).removeprefix("file://"))


def _same_csv(found: bytes, expected: bytes, _: str) -> bool:
    def rows(text: bytes) -> list[tuple[str, ...]]:
        read = csv.reader(io.StringIO(text.decode(), newline=""))
        return [tuple("_:" if cell.startswith("_:") else _value(cell) for cell in row) for row in read]

    ours, theirs = rows(found), rows(expected)
    return ours[0] == theirs[0] and Counter(ours[1:]) == Counter(theirs[1:])


def _value(cell: str) -> str:
    """CSV has no types, and the engine writes a number in a form of its own: 1000000 for 1.0E6."""
    try:
        return str(float(cell))
    except ValueError:
        return cell


def _same_terms(found: bytes, expected: bytes, form: str) -> bool:
    def rows(text: bytes) -> tuple[Any, Any]:
        engine = {"tsv": ox.QueryResultsFormat.TSV, "json": ox.QueryResultsFormat.JSON}[form]
        results = ox.parse_query_results(text, format=engine)
        if isinstance(results, ox.QueryBoolean):
            return "boolean", bool(results)
        names = [variable.value for variable in results.variables]
        shown = [tuple("_:" if isinstance(row[n], ox.BlankNode) else str(row[n]) for n in names) for row in results]
        return names, Counter(shown)

    return rows(found) == rows(expected)


def _service_description(case: Case, served: Served) -> str:
    status, headers, body = served.get("/sparql", Accept="text/turtle")
    media = headers["content-type"].partition(";")[0]
    if status != 200 or media != "text/turtle":
        return f"status {status}, {media}"
    graph = Graph().parse(data=body, format="turtle")
    if case.name == "returns-rdf":
        return "" if len(graph) else "no triples"
    if case.name == "has-endpoint-triple":
        return "" if (None, SD.endpoint, URIRef(served.sparql)) in graph else "no sd:endpoint for this address"
    return "; ".join(_against_schema(graph))


# Domain and range of the vocabulary's properties, as its specification gives them.
_SCHEMA: Final = {
    "endpoint": ("Service", None),
    "feature": ("Service", "IRI"),
    "defaultEntailmentRegime": ("Service", "IRI"),
    "defaultSupportedEntailmentProfile": ("Service", "IRI"),
    "entailmentRegime": ("NamedGraph", "IRI"),
    "supportedLanguage": ("Service", "IRI"),
    "resultFormat": ("Service", "IRI"),
    "inputFormat": ("Service", "IRI"),
    "extensionFunction": ("Service", "IRI"),
    "languageExtension": ("Service", "IRI"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("Dataset", "NamedGraph"),
    "name": ("NamedGraph", "IRI"),
    "graph": ("NamedGraph", "Graph"),
}


def _against_schema(graph: Graph) -> Iterator[str]:
    services = list(graph.subjects(RDF.type, SD.Service))
    if len(services) != 1:
        yield f"{len(services)} services"
    for subject, predicate, thing in graph:
        if not str(predicate).startswith(str(SD)):
            continue
        domain, range_ = _SCHEMA.get(str(predicate).removeprefix(str(SD)), ("", ""))
        if not domain:
            yield f"{predicate} is not in the vocabulary"
        elif (subject, RDF.type, SD[domain]) not in graph:
            yield f"{subject} has {predicate} but is no sd:{domain}"
        elif isinstance(thing, Literal) or (range_ == "IRI" and isinstance(thing, BNode)):
            yield f"{predicate} {thing} is no IRI"
        elif range_ not in (None, "IRI") and (thing, RDF.type, SD[str(range_)]) not in graph:
            yield f"{thing} is no sd:{range_}"
    for dataset in graph.subjects(RDF.type, SD.Dataset):
        for entry in graph.objects(dataset, SD.namedGraph):
            if graph.value(entry, SD.name) is None:
                yield f"{entry} has no name"
