"""The tests run: one outcome for each, with its cause where it did not just pass."""

import contextlib
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from tests.conformance import comparison, evaluation, servers, service
from tests.conformance.manifests import ENTAILMENT, Case, Exchange, cases
from tests.conformance.servers import Endpoint

Verdict = Literal["passed", "failed", "inapplicable"]
Server = Callable[[Sequence[Path]], contextlib.AbstractContextManager[Endpoint]]

READING = ("GET", "HEAD")
EVERYTHING = "query=SELECT+(COUNT(*)+AS+?n)+{{?s+?p+?o}UNION{GRAPH+?g{?s+?p+?o}}}&format=csv"


@dataclass(frozen=True)
class Cause:
    """Why tests do not pass, or what a reader should know of tests that do."""

    whose: str
    """``engine``, ``refused`` (by design) or ``ours``; ``inapplicable``; ``remark``."""
    name: str
    says: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How one test went; *fault* is what was wrong with the answer."""

    case: Case
    verdict: Verdict
    cause: Cause | None = None
    fault: str = ""


@cache
def causes() -> dict[str, Cause]:
    """Return what ``causes.toml`` has, by name."""
    kinds = tomllib.loads(Path(__file__).with_name("causes.toml").read_text("utf-8"))
    return {
        name: Cause(whose, name, cause["says"], tuple(cause.get("tests", ())))
        for whose, of_kind in kinds.items()
        for name, cause in of_kind.items()
    }


@cache
def _behind(failure: bool) -> dict[str, Cause]:
    """Return the causes of failures, or the remarks on what passes, by the names of tests."""
    kinds = ("engine", "refused", "ours") if failure else ("remark",)
    return {test: cause for cause in causes().values() if cause.whose in kinds for test in cause.tests}


def outcomes(suite: Path) -> Iterator[Outcome]:
    """Run every test of *suite*: one server has the graphs that tests of the protocols share, one all other data."""
    every = cases(suite)
    services = [case for case in every if case.exchanges or case.kind == "ServiceDescriptionTest"]
    language = [case for case in every if case not in services]
    with tempfile.TemporaryDirectory() as folder, servers.ours([data_set(services, Path(folder))]) as endpoint:
        for case in services:
            yield about_the_service(case, endpoint)
    with tempfile.TemporaryDirectory() as folder:
        files = [evaluation.data_set(language, Path(folder))]
        with servers.ours(files, federates=True) as endpoint:
            before = endpoint.ask(query_string=EVERYTHING).body
            for case in language:
                yield about_the_language(case, endpoint)
            assert endpoint.ask(query_string=EVERYTHING).body == before, "an update was refused and changed something"


def about_the_language(case: Case, endpoint: Endpoint) -> Outcome:
    """Run one test of queries or updates."""
    if case.specification == ENTAILMENT:
        return Outcome(case, "inapplicable", causes()["entailment"])
    if not case.is_update:
        return _outcome(case, evaluation.fault(case, endpoint))
    fault = evaluation.update_fault(case, endpoint)
    return _outcome(case, fault) if fault else Outcome(case, "inapplicable", causes()["update"])


def about_the_service(case: Case, endpoint: Endpoint) -> Outcome:
    """Run one test of the protocols or the service description."""
    if case.kind == "GraphStoreProtocolTest":
        return _refused(case, endpoint, causes()["graph-store"])
    if case.is_update:
        return _refused(case, endpoint, causes()["update"])
    if case.kind == "ServiceDescriptionTest":
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


def _refused(case: Case, endpoint: Endpoint, cause: Cause) -> Outcome:
    """Check that a test of writing is refused: 403 for an update, some 4xx for one that is wrong in itself."""
    before = endpoint.ask(query_string=EVERYTHING).body
    for exchange in case.exchanges:
        stores = case.kind == "GraphStoreProtocolTest"
        reads = exchange.format is not None or (stores and exchange.method in READING)
        if reads:
            continue
        status = _send(exchange, endpoint).status
        if not stores and "4xx" not in exchange.statuses and status != 403:
            return _outcome(case, f"an update was answered by {status}, not by 403")
        if not 400 <= status < 500:
            return _outcome(case, f"{exchange.method} was answered by {status}")
    if endpoint.ask(query_string=EVERYTHING).body != before:
        return _outcome(case, "something was written")
    return Outcome(case, "inapplicable", cause)


def _outcome(case: Case, fault: str | None) -> Outcome:
    cause = _behind(fault is not None).get(case.name)
    return Outcome(case, "passed" if fault is None else "failed", cause, fault or "")


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
