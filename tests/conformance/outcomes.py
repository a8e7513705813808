"""The tests run: one outcome for each, with its reason."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from tests.conformance import comparison, servers, service
from tests.conformance.manifests import Case, Exchange, cases
from tests.conformance.servers import Endpoint

Verdict = Literal["passed", "failed", "inapplicable"]
Server = Callable[[Sequence[Path]], contextlib.AbstractContextManager[Endpoint]]

NAMES = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"

IGNORED = {
    NAMES + "csv-tsv-res/manifest#tsv03": (
        "The engine, Oxigraph, keeps every integer type as xsd:integer: -3 was stated as an xsd:negativeInteger, and"
        " comes back as the same number in the other type."
    ),
}
"""Tests that are known to fail, with the reason; one that passes all the same fails the run."""

NOTES = {
    NAMES + "csv-tsv-res/manifest#csv03": (
        "The double 1.0E6 is written as 1000000, the same value; the suite compares literals by value, and CSV has no"
        " datatypes."
    ),
}
"""What a reader should know of tests that pass."""

READ_ONLY = "A release is read-only. That the update is refused and changes nothing was checked."
NO_GRAPH_STORE = (
    "A release is read-only, and there is no graph store to write to. That every such request is refused and changes"
    " nothing was checked."
)
READING = ("GET", "HEAD")
EVERYTHING = "query=SELECT+(COUNT(*)+AS+?n)+{{?s+?p+?o}UNION{GRAPH+?g{?s+?p+?o}}}&format=csv"
MEDIA_TYPES = {"csv": "text/csv", "tsv": "text/tab-separated-values", "srj": "application/sparql-results+json"}
FORMATS = {"csv": "csv", "tsv": "tsv", "srj": "json"}


@dataclass(frozen=True)
class Outcome:
    """How one test went."""

    case: Case
    verdict: Verdict
    reason: str = ""


def is_update(case: Case) -> bool:
    """Whether a protocol test is one of update."""
    return case.folder == "protocol" and "update" in case.iri.rpartition("#")[2]


def outcomes(suite: Path, server: Server = servers.ours) -> Iterator[Outcome]:
    """Run every test of *suite* that there is; a server is started for each set of data that tests share."""
    every = cases(suite)
    on_graphs = [case for case in every if case.folder not in ("csv-tsv-res", "json-res")]
    with tempfile.TemporaryDirectory() as folder, server([data_set(on_graphs, Path(folder))]) as endpoint:
        for case in on_graphs:
            yield about_the_service(case, endpoint)
    for data in dict.fromkeys(case.data for case in every if case.data):
        with server([data]) as endpoint:
            for case in every:
                if case.data == data:
                    yield _of_results(case, endpoint)


def about_the_service(case: Case, endpoint: Endpoint) -> Outcome:
    """Run one test of the protocols or the service description."""
    if case.folder == "graph-store-protocol":
        return _refused(case, endpoint, NO_GRAPH_STORE)
    if is_update(case):
        return _refused(case, endpoint, READ_ONLY)
    if case.folder == "service-description":
        return _outcome(case, service.CHECKS[case.iri.rpartition("#")[2]](endpoint))
    for exchange in case.exchanges:
        if fault := protocol_fault(exchange, endpoint):
            return _outcome(case, fault)
    return _outcome(case, None)


def protocol_fault(exchange: Exchange, endpoint: Endpoint) -> str | None:
    """Send one request of the protocol tests and return what is wrong with the answer."""
    answer = _send(exchange, endpoint)
    if f"{answer.status // 100}xx" not in exchange.statuses:
        return f"{answer.status} where one of {', '.join(sorted(exchange.statuses))} was expected"
    if exchange.format:
        return comparison.formatted(exchange.format, answer.media_type, answer.body, exchange.boolean)
    return None


def _refused(case: Case, endpoint: Endpoint, reason: str) -> Outcome:
    """Check that a test of writing is refused: 403 for an update, some 4xx for one that is wrong in itself."""
    before = endpoint.ask(query_string=EVERYTHING).body
    for exchange in case.exchanges:
        reads = exchange.format is not None or (case.folder == "graph-store-protocol" and exchange.method in READING)
        if reads:
            continue
        status = _send(exchange, endpoint).status
        if case.folder == "protocol" and "4xx" not in exchange.statuses and status != 403:
            return _outcome(case, f"an update was answered by {status}, not by 403")
        if not 400 <= status < 500:
            return _outcome(case, f"{exchange.method} was answered by {status}")
    if endpoint.ask(query_string=EVERYTHING).body != before:
        return _outcome(case, "something was written")
    return Outcome(case, "inapplicable", reason)


def _of_results(case: Case, endpoint: Endpoint) -> Outcome:
    assert case.query and case.result
    kind = case.result.suffix.removeprefix(".")
    headers = [("Content-Type", "application/sparql-query"), ("Accept", MEDIA_TYPES[kind])]
    answer = endpoint.ask("POST", headers=headers, body=case.query.read_bytes())
    if answer.status != 200 or answer.media_type != MEDIA_TYPES[kind]:
        return _outcome(case, f"{answer.status} {answer.media_type}")
    return _outcome(case, comparison.same(FORMATS[kind], answer.body, case.result.read_bytes()))


def _outcome(case: Case, fault: str | None) -> Outcome:
    if fault is None:
        return Outcome(case, "passed", NOTES.get(case.iri, ""))
    return Outcome(case, "failed", IGNORED.get(case.iri) or fault)


def _send(exchange: Exchange, endpoint: Endpoint) -> servers.Answer:
    """Send a request to the endpoint instead of the address that the manifest has: ``/sparql/``, or ``/gsp``."""
    path, _, query_string = exchange.path.partition("?")
    below = path.removeprefix("/gsp") if path.startswith("/gsp") else ""
    return endpoint.ask(exchange.method, query_string, exchange.headers, exchange.body, below)


def data_set(tests: Sequence[Case], folder: Path) -> Path:
    """Write the named graphs that *tests* count on as one N-Quads file."""
    graphs = {name: file for case in tests for name, file in case.graphs}
    path = folder / "graphs.nq"
    with path.open("wb") as output:
        for name, file in graphs.items():
            triples = ox.parse(path=file, format=ox.RdfFormat.N_TRIPLES)
            quads = (ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(name)) for triple in triples)
            ox.serialize(quads, output, format=ox.RdfFormat.N_QUADS)
    return path
