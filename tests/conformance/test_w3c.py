"""The W3C suites for the protocol, the result formats and the service description, against the running server."""

import pytest
import report
import suite
from rdflib import RDF, Graph
from serving import serving

pytestmark = pytest.mark.skipif(not suite.FOLDER.exists(), reason="the W3C test files are not on this machine")
CASES = suite.cases() if suite.FOLDER.exists() else []


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("w3c")
    with serving(folder, suite.data(folder)) as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.suite}-{case.name}")
def test_w3c(served, case):
    if case.is_update:
        assert suite.run(case, served).endswith("status 403, not ['2', '3']xx")
        return
    wrong = suite.run(case, served)
    if case.name in suite.KNOWN:
        assert wrong, f"{case.name} passes now; take it out of KNOWN"
        pytest.xfail(suite.KNOWN[case.name])
    assert wrong == ""


def test_all_of_the_protocol_is_there():
    queries = [case for case in CASES if case.suite == "protocol" and not case.is_update and "update" not in case.name]
    assert len(queries) == 20


def test_the_served_report_is_what_a_run_gives(served):
    stored = Graph().parse(data=served.get("/conformance.ttl")[2], format="turtle")
    earl = report.EARL
    for case in CASES:
        assertion = stored.value(None, earl.test, case.iri)
        outcome = stored.value(stored.value(assertion, earl.result), earl.outcome)
        wrong = suite.run(case, served)
        expected = earl.inapplicable if case.is_update else earl.failed if wrong else earl.passed
        assert outcome == expected, case.name
    assert len(set(stored.subjects(RDF.type, earl.Assertion))) == len(CASES)


def test_the_report_has_a_page(served):
    status, headers, body = served.get("/conformance", Accept="text/html")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"tsv03" in body
    assert suite.COMMIT.encode() in body
