"""The W3C's tests of SPARQL services against our running server, the report of them, and its page.

The W3C's files are not part of this repository; without them (see ``SUITE``) only the runner and the page are tested.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest
from flask import Flask
from rdflib import DCTERMS, RDF, BNode, Graph, URIRef

from kzus_graph import __version__
from kzus_graph.engine.editions import Editions, Limits
from kzus_graph.web import conformance, errors, rendering
from tests.conformance import comparison, report, servers, service
from tests.conformance.manifests import cases
from tests.conformance.outcomes import IGNORED, NOTES, about_the_service, data_set, is_update, outcomes, protocol_fault
from tests.conformance.report import DOCUMENT, EARL
from tests.conformance.servers import Answer

SUITE = report.SHARED
CASES = cases(SUITE) if SUITE.is_dir() else []
with_suite = pytest.mark.skipif(not CASES, reason="the W3C's files are not in ../shared/w3c")


# --- the suite, against a server that runs


@pytest.fixture(scope="module")
def found():
    return {outcome.case.iri: outcome for outcome in outcomes(SUITE)}


@with_suite
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_w3c(found, case):
    outcome = found[case.iri]
    if case.iri in IGNORED:
        assert outcome.verdict == "failed", "it passes now: take it off IGNORED, and write the report anew"
        pytest.xfail(outcome.reason)
    writes = case.folder == "graph-store-protocol" or is_update(case)
    assert outcome.verdict == ("inapplicable" if writes else "passed"), outcome.reason


@with_suite
def test_every_test_of_the_suite_is_run():
    number = Counter("update" if is_update(case) else case.folder for case in CASES)
    others = {"csv-tsv-res": 6, "json-res": 4, "service-description": 3, "graph-store-protocol": 13}
    assert number == {"protocol": 20, "update": 14, **others}
    assert IGNORED.keys() | NOTES.keys() <= {case.iri for case in CASES}


@with_suite
def test_report_in_the_package_is_that_of_a_fresh_run(found):
    day = Graph().parse(report.FILE).value(DOCUMENT, DCTERMS.issued)
    fresh = report.report(found.values(), date.fromisoformat(str(day)))
    assert report.FILE.read_bytes() == fresh, "write it anew: python -m tests.conformance.report"


def test_engine_cannot_keep_what_the_ignored_test_asks_for():
    xsd, node = "http://www.w3.org/2001/XMLSchema#", ox.NamedNode("http://e/s")
    store = ox.Store()
    store.add(ox.Quad(node, node, ox.Literal("-3", datatype=ox.NamedNode(xsd + "negativeInteger"))))
    assert [quad.object for quad in store] == [ox.Literal("-3", datatype=ox.NamedNode(xsd + "integer"))]


@with_suite
@pytest.mark.skipif(not servers.has_oxigraph(), reason="Oxigraph's own server is not installed (pip install oxigraph)")
def test_oxigraphs_own_server_passes_the_query_tests_of_the_protocol(tmp_path):
    queries = [case for case in CASES if case.folder == "protocol" and not is_update(case)]
    with servers.oxigraph([data_set(queries, tmp_path)]) as endpoint:
        faults = {case.name: [protocol_fault(exchange, endpoint) for exchange in case.exchanges] for case in queries}
    assert len(faults) == 20
    assert [name for name, found in faults.items() if any(found)] == []


# --- the runner itself: it must be able to say no


@dataclass
class Stub:
    """A service that gives one answer to everything."""

    answer: Answer
    url: str = "http://e/sparql"

    def ask(self, method="GET", query_string="", headers=(), body=None, below=""):
        return self.answer


def stub(status, media_type, body):
    return Stub(Answer(status, {"content-type": media_type}, body.encode()))


@with_suite
@pytest.mark.parametrize(
    ("endpoint", "passing"),
    [
        (stub(200, "application/sparql-results+json", '{"head": {}, "boolean": true}'), 10),
        (stub(200, "application/sparql-results+json", '{"head": {}, "boolean": false}'), 1),
        (stub(200, "text/html", "<p>yes"), 0),
        (stub(500, "text/plain", "no"), 0),
    ],
    ids=["always yes", "always no", "always a page", "always an error"],
)
def test_a_service_of_one_answer_fails(endpoint, passing):
    verdicts = Counter(
        about_the_service(case, endpoint).verdict for case in CASES if case.folder not in ("csv-tsv-res", "json-res")
    )
    # Only HEAD of a graph that is not there writes nothing, so it can't be refused.
    assert verdicts == Counter(passed=passing, failed=49 - passing, inapplicable=1)


HEAD = '{"head": {"vars": ["x", "y"]}, "results": {"bindings": ['


@pytest.mark.parametrize(
    ("format_", "actual", "expected", "fault"),
    [
        ("csv", "x,y\r\n1,\r\n", "x,y\n1,\n", None),
        ("csv", "x,y\r\n1000000,a\r\n", "x,y\n1.0E6,a\n", None),
        ("csv", "x,y\r\n1.0,a\r\n", "x,y\n1,a\n", "no row is 1 a"),
        ("csv", "x,y\r\na,1\r\n", "x,y\n1.0E6,1\n", "no row is 1.0E6 1"),
        ("csv", "y,x\r\n", "x,y\n", "columns ['y', 'x'] where ['x', 'y'] were expected"),
        ("csv", "x\n1\n", "x\n1\n", "lines do not end in CRLF"),
        ("csv", "x,y\r\n_:a,_:b\r\n_:b,_:a\r\n", "x,y\n_:c,_:d\n_:d,_:c\n", None),
        ("csv", "x,y\r\n_:a,_:a\r\n", "x,y\n_:c,_:d\n", "no row is c d"),
        ("csv", "x,y\r\n_:a,1\r\n_:b,2\r\n", "x,y\n_:c,1\n_:c,2\n", "blank nodes do not correspond"),
        ("csv", "x\r\n1\r\n1\r\n", "x\n1\n", "2 rows where 1 were expected"),
        ("tsv", "?x\t?y\n1.0e6\t\n", '?x\t?y\n"1000000"^^<http://www.w3.org/2001/XMLSchema#double>\t\n', None),
        ("tsv", "?x\n-3\n", '?x\n"-3"^^<http://www.w3.org/2001/XMLSchema#negativeInteger>\n', "no row is -3"),
        ("tsv", '?x\n"a"@en\n', '?x\n"a"\n', "no row is a"),
        ("tsv", "?x\n<http://e/a>\n", '?x\n"http://e/a"\n', "no row is http://e/a"),
        ("tsv", "?x\n<http://e/a>\n", "?x\n<http://e/b>\n", "no row is http://e/b"),
        ("json", HEAD + "{}]}}", HEAD + "{}]}}", None),
        ("json", HEAD + '{"x": {"type": "iri"}}]}}', HEAD + "{}]}}", "{'type': 'iri'} is no term"),
        ("json", HEAD + '{"x": {"type": "uri", "value": "a"}}]}}', HEAD + "{}]}}", "no row is None None"),
        ("json", '{"head": {}, "boolean": true}', '{"head": {}, "boolean": false}', "True where False was expected"),
        ("json", '{"boolean": true}', '{"head": {}, "boolean": true}', "no head"),
        ("json", HEAD + "]}}", '{"head": {}, "boolean": true}', "SELECT where ASK was expected"),
    ],
)
def test_comparison(format_, actual, expected, fault):
    assert comparison.same(format_, actual.encode(), expected.encode()) == fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("", ""), None),
        (("<#s> a sd:Service ;", "<#s>"), "nothing is a sd:Service"),
        (("sd:SPARQL11Query", "sd:Sparql11Query"), "the vocabulary has no Sparql11Query"),
        (("sd:supportedLanguage", "sd:language"), "the vocabulary has no language"),
        (("formats:Turtle", "formats:turtle"), "sd:resultFormat is a format with an IRI"),
        (("sd:name <http://e/g>", "sd:graph <#h>"), "a named graph has one sd:name, an IRI"),
        (("sd:name <http://e/g>", 'sd:name "g"'), "a named graph has one sd:name, an IRI"),
        (("a sd:Dataset ;", ""), "sd:defaultDataset is a sd:Dataset"),
        (("sd:EmptyGraphs", "sd:SPARQL11Query"), "sd:feature is one of the five features"),
    ],
)
def test_service_description_schema(change, fault):
    description = """prefix sd: <http://www.w3.org/ns/sparql-service-description#>
prefix formats: <http://www.w3.org/ns/formats/>
<#s> a sd:Service ; sd:endpoint <http://e/sparql> ; sd:supportedLanguage sd:SPARQL11Query ; sd:feature sd:EmptyGraphs ;
    sd:resultFormat formats:Turtle, <http://e/format> ; sd:defaultDataset <#d> .
<#d> a sd:Dataset ; sd:defaultGraph <#g> ; sd:namedGraph <#n> .
<#n> a sd:NamedGraph ; sd:name <http://e/g> .
<#g> a sd:Graph . <#h> a sd:Graph .
"""
    found = service.conforms_to_schema(stub(200, "text/turtle", description.replace(*change)))
    assert found is fault or (fault is not None and fault in (found or ""))


@pytest.mark.parametrize(
    ("turtle", "fault"),
    [
        ("<#s> sd:endpoint <http://e/sparql>", None),
        ("<#s> sd:endpoint <>", None),
        ("<#s> sd:endpoint <http://e/sparql/>", "sd:endpoint is http://e/sparql/, not the address asked"),
        ("<#s> sd:name <#s>", "sd:endpoint is missing, not the address asked"),
    ],
)
def test_endpoint_triple(turtle, fault):
    text = f"prefix sd: <{service.SD}> {turtle} ."
    assert service.has_endpoint_triple(stub(200, "text/turtle", text)) == fault


def test_service_description_of_a_release(small_release):
    with servers.ours(release=small_release.parent) as endpoint:
        assert {name: check(endpoint) for name, check in service.CHECKS.items()} == dict.fromkeys(service.CHECKS)


# --- the report


def test_report_has_one_assertion_for_each_test_and_no_blank_nodes():
    graph = Graph().parse(report.FILE)
    assertions = list(graph.subjects(RDF.type, EARL.Assertion))
    assert len(assertions) == 60
    assert len({graph.value(assertion, EARL.test) for assertion in assertions}) == 60
    subject = URIRef(f"{DOCUMENT}#kzus-graph")
    for assertion in assertions:
        assert graph.value(assertion, EARL.subject) == subject
        assert graph.value(assertion, EARL.assertedBy) == URIRef(f"{DOCUMENT}#runner")
        result = graph.value(assertion, EARL.result)
        outcome = graph.value(result, EARL.outcome)
        assert outcome in (EARL.passed, EARL.failed, EARL.inapplicable)
        assert outcome == EARL.passed or graph.value(result, DCTERMS.description)
    assert [str(revision) for revision in graph.objects(None, report.DOAP.revision)] == [__version__]
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]


def test_documentation_has_the_numbers_of_the_report():
    graph = Graph().parse(report.FILE)
    counted = Counter()
    for assertion, result in graph.subject_objects(EARL.result):
        folder, _, name = str(assertion).partition("#")[2].partition(".")
        about = {True: ", of updates", False: ", of queries"}["update" in name] if folder == "protocol" else ""
        outcome = str(graph.value(result, EARL.outcome)).removeprefix(EARL)
        counted.update([(folder + about, outcome), ("all", outcome)])
    text = (report.ROOT / "docs" / "conformance.md").read_text("utf-8").replace("**", "")
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    (_, _, *verdicts), _, *rows = table
    said = {}
    for kind, number, *cells in rows:
        found = {(kind, verdict): int(cell) for verdict, cell in zip(verdicts, cells, strict=True) if cell}
        assert sum(found.values()) == int(number)
        said |= found
    assert said == counted


# --- the page


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "data.ttl"
    path.write_text("<http://e/s> <http://e/p> 1 .")
    editions = Editions(Limits(workers=1), files=[path])
    app = Flask("kzus_graph.web")
    errors.install(app)
    rendering.install(app, editions)
    app.register_blueprint(conformance.blueprint())
    yield app.test_client()
    editions.close()


class Table(HTMLParser):
    """Collects the cells of all tables' bodies, and what stands outside tags."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag in ("meta", "link", "input"):
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data.strip()


def test_page_shows_every_assertion(client):
    answer = client.get("/conformance", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    table = Table(answer.text)
    assert table.open == []
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "<style" not in answer.text
    rows = [row for row in table.rows if row[0] != "Test"]
    graph = Graph().parse(report.FILE)
    expected = set()
    for assertion, test in graph.subject_objects(EARL.test):
        result = graph.value(assertion, EARL.result)
        outcome = str(graph.value(result, EARL.outcome)).removeprefix(EARL)
        expected.add((str(test).rpartition("#")[2], outcome, str(graph.value(result, DCTERMS.description) or "")))
    assert len(rows) == 60
    assert {tuple(row) for row in rows} == expected
    for outcome, number in Counter(outcome for _, outcome, _ in expected).items():
        assert f"{number} {outcome}" in answer.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml;q=0.5, text/html;q=0.1", "application/rdf+xml"),
    ],
)
def test_page_or_data_as_the_client_likes(client, accept, media_type):
    answer = client.get("/conformance", headers={"Accept": accept})
    assert answer.content_type == media_type
    links = ", X-Forwarded-Prefix" if media_type.startswith("text/html") else ""
    assert answer.headers["Vary"] == "Accept, Accept-Encoding" + links
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "trig", "nq"])
def test_data_are_the_same_in_every_format(client, suffix):
    answer = client.get(f"/conformance.{suffix}")
    media_type = answer.content_type.partition(";")[0]
    assert set(comparison.graph(media_type, answer.data)) == set(Graph().parse(report.FILE))


def test_unknown_format_and_unacceptable_type_are_problems(client):
    missing = client.get("/conformance.xls")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    refused = client.get("/conformance", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.content_type) == (406, "application/problem+json")
    assert refused.json["formats"]["turtle"] == "text/turtle"
