"""The example questions that ask other endpoints: put to stand-ins, whose data are invented, and joined for real.

The addresses of Wikidata and DBpedia are replaced by those of the stand-ins in the text of each query; nothing else is.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import URIRef

from kzus_graph.engine import federation, remotes
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.queries import FEDERATED, SERVICE, SPEX, QueryFile, examples, read_examples, read_queries
from kzus_graph.web.application import create_app
from kzus_graph.web.view import query_errors
from tests.answers import ANSWERED
from tests.conftest import FIXTURES, ROOT
from tests.graphs import of_triples
from tests.standins import Endpoint, endpoint

WIKIDATA = "https://query.wikidata.org/sparql"
DBPEDIA = "https://dbpedia.org/sparql"
DATA = FIXTURES / "federation"
QUERIES = {query.name: query for query in read_queries(ROOT / "queries" / FEDERATED)}

# What the queries name, with what it is there; each read in a copy of Wikidata's documentation or of queries in use.
NAMED = {
    "Q2324916": "state visit",
    "P18": "image",
    "P31": "instance of",
    "P39": "position held",
    "P279": "subclass of",
    "P463": "member of",
    "P569": "date of birth",
    "P570": "date of death",
    "P580": "start time",
    "P582": "end time",
    "P585": "point in time",
    "P625": "coordinate location",
    "P710": "participant",
    "P1082": "population",
}


@pytest.fixture(scope="module")
def wikidata() -> Iterator[Endpoint]:
    with endpoint(DATA / "wikidata.ttl") as served:
        yield served


@pytest.fixture(scope="module")
def dbpedia() -> Iterator[Endpoint]:
    with endpoint(DATA / "dbpedia.ttl") as served:
        yield served


@pytest.fixture(scope="module")
def client(real_release: Path, wikidata: Endpoint, dbpedia: Endpoint) -> Iterator[FlaskClient]:
    limits = Limits(workers=2, services=(wikidata.url, dbpedia.url, DBPEDIA))
    releases = Releases(limits, folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def redirected(text: str, wikidata: str, dbpedia: str) -> str:
    """The query put to stand-ins."""
    return text.replace(f"<{WIKIDATA}>", f"<{wikidata}>").replace(f"<{DBPEDIA}>", f"<{dbpedia}>")


def answer(client: FlaskClient, text: str) -> str:
    served = client.get("/sparql", query_string={"query": text}, headers={"Accept": "text/csv"})
    assert served.status_code == 200, served.text
    return served.text


def test_there_are_several_and_an_answer_to_each() -> None:
    assert len(QUERIES) >= 6
    assert {path.stem for path in (DATA / "expected").iterdir()} == set(QUERIES)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_answer_is_the_expected_one(
    query: QueryFile, client: FlaskClient, wikidata: Endpoint, dbpedia: Endpoint
) -> None:
    expected = (DATA / "expected" / f"{query.name}.csv").read_bytes().decode()
    assert expected.count("\r\n") > 1
    wikidata.asked.clear()
    dbpedia.asked.clear()
    assert answer(client, redirected(query.text, wikidata.url, dbpedia.url)) == expected
    # Wikidata and DBpedia would never get through a clause that names none of the things it is about.
    for asked in (*wikidata.asked, *dbpedia.asked):
        assert re.search(r"VALUES \((\?\w+ ?)+\) \{ \(<http://(www\.wikidata|dbpedia)\.org/", asked), asked


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_it_is_fit_to_be_an_example(query: QueryFile) -> None:
    assert query.summary.endswith("?")
    assert {"federates", "group", "returns"} <= set(query.headers) <= {"federates", "group", "returns", "note"}
    assert query.headers["federates"].split(", ") == sorted(set(SERVICE.findall(query.text)))
    assert query.headers["returns"].endswith(".")
    declared = dict(re.findall(r"^PREFIX (\w+): <(.+)>$", query.text, flags=re.MULTILINE))
    assert declared.items() <= PREFIXES.items() and list(declared) == sorted(declared)
    pattern = re.sub(r'^(#\+|PREFIX).*\n|"[^"\n]*"|<[^>\n]*>', "", query.text, flags=re.MULTILINE)
    assert set(declared) == set(re.findall(r"([a-z][a-z0-9]*):", pattern)), "prefixes declared are those used"
    assert "ORDER BY" in query.text and all(len(line) <= 120 for line in query.text.splitlines())


def test_only_what_was_looked_up_is_named() -> None:
    named = {name for query in QUERIES.values() for name in re.findall(r"\b[PQ]\d+\b", query.text)}
    assert named == set(NAMED)


@pytest.mark.parametrize("query", [query for query in QUERIES.values() if WIKIDATA in query.text], ids=lambda q: q.name)
def test_a_service_that_is_not_allowed_is_said_to_be_so(query: QueryFile, client: FlaskClient) -> None:
    served = client.get("/sparql", query_string={"query": query.text})
    assert served.status_code == 403 and served.json
    assert f"The service {WIKIDATA} is not asked: its address is not allowed here." == served.json["detail"]
    assert "--service" in served.json["hint"] and served.json["line"] > 5


def test_they_are_examples_like_the_others(client: FlaskClient) -> None:
    names = [query.name for query in read_examples(ROOT / "queries")]
    assert names == sorted({*names}) and set(QUERIES) < set(names)
    graph = of_triples(examples(QUERIES.values()))
    for query in QUERIES.values():
        services = {URIRef(service) for service in SERVICE.findall(query.text)}
        assert set(graph.objects(URIRef(f"{BASE}query/{query.name}"), URIRef(SPEX + "federatesWith"))) == services
    found = answer(client, f"SELECT DISTINCT ?s {{ GRAPH ?g {{ ?q <{SPEX}federatesWith> ?s }} }} ORDER BY ?s")
    assert found.split() == ["s", DBPEDIA, WIKIDATA]


def test_the_page_says_whom_an_example_asks_and_whether_that_is_allowed(client: FlaskClient) -> None:
    listed = client.get("/query", headers={"Accept": "text/html"}).text
    assert listed.count("uses query.wikidata.org</small>") == 6 and listed.count("also uses dbpedia.org</small>") == 2
    assert listed.count("uses dbpedia.org and query.wikidata.org</small>") == 1
    refused = client.get("/query?example=wikidata-lives", headers={"Accept": "text/html"}).text
    assert f"--service {WIKIDATA}" in refused and 'data-runs=""' in refused
    assert "# Returns: A row for each person" in refused
    allowed = client.get("/query?example=dbpedia-abstracts", headers={"Accept": "text/html"}).text
    assert "--service" not in allowed and 'data-runs="yes"' in allowed
    assert f"<code>{DBPEDIA}</code>" in allowed


DOCUMENT = (ROOT / "docs" / "federation.md").read_text("utf-8")


@pytest.mark.parametrize(("query", "said"), ANSWERED.findall(DOCUMENT))
def test_an_answer_in_the_docs_is_that_of_the_stand_ins(
    client: FlaskClient, wikidata: Endpoint, dbpedia: Endpoint, query: str, said: str
) -> None:
    assert query in {re.sub(r"^#\+.*\n", "", example.text, flags=re.MULTILINE) for example in QUERIES.values()}
    assert answer(client, redirected(query, wikidata.url, dbpedia.url)).replace("\r\n", "\n") == said


def test_the_docs_list_each_example_and_what_it_returns() -> None:
    rows = re.findall(r"^\| \[([\w-]+)\]\(\.\./query/\1\) \| (.*) \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(name, query.summary, query.headers["returns"]) for name, query in QUERIES.items()]


def test_the_problem_in_the_docs_is_the_one_that_comes(client: FlaskClient) -> None:
    query, _ = ANSWERED.findall(DOCUMENT)[0]
    (said,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert client.get("/sparql", query_string={"query": query}).json == json.loads(said)


def test_the_limits_in_the_docs_are_those_of_the_program() -> None:
    assert (federation.SHARE, federation.MOST_BOUND, federation.BATCH) == (0.8, 1000, 250)
    assert f"| {remotes.MOST_BYTES >> 20} MiB, {federation.MOST_ROWS:,} rows |" in DOCUMENT
    assert f"| clauses in a query | {federation.MOST_CALLS} |" in DOCUMENT
    assert f"at a time | {federation.AT_ONCE};" in DOCUMENT and f"| redirects | {remotes.MOST_REDIRECTS}," in DOCUMENT
    kinds = {kind for _, kind in query_errors.SERVICE_STATUS.values()}
    assert kinds | {"busy"} == set(re.findall(r"^\| \d{3} \| `([\w-]+)` \|", DOCUMENT, re.MULTILINE))


def main() -> None:
    """Write the expected answers anew: ``python -m tests.test_federated_queries RELEASES``."""
    with endpoint(DATA / "wikidata.ttl") as wikidata, endpoint(DATA / "dbpedia.ttl") as dbpedia:
        releases = Releases(Limits(workers=1, services=(wikidata.url, dbpedia.url)), folder=Path(sys.argv[1]))
        client = create_app(releases).test_client()
        for query in QUERIES.values():
            text = answer(client, redirected(query.text, wikidata.url, dbpedia.url))
            (DATA / "expected" / f"{query.name}.csv").write_bytes(text.encode())
        releases.close()


if __name__ == "__main__":
    main()
