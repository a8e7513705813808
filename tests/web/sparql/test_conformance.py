"""The W3C's tests of SPARQL against our running server, the report of them, and its page.

The W3C's files are not part of this repository; without them (see ``SUITE``) only the runner and the page are tested.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser

import pytest
from rdflib import DCTERMS, FOAF, RDF, BNode, Graph, URIRef

from kzus_graph import __version__
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from tests.conformance import comparison, evaluation, reading, report, servers, service
from tests.conformance.engine import Engine
from tests.conformance.manifests import ENTAILMENT, HOME, QUERY_10, QUERY_11, Case, Document, cases, titles
from tests.conformance.outcomes import (
    Outcome,
    about_the_language,
    about_the_service,
    causes,
    data_set,
    outcomes,
    protocol_fault,
)
from tests.conformance.report import DOCUMENT, EARL
from tests.conformance.servers import Answer

pytestmark = pytest.mark.slow

SUITE = report.SHARED
CASES = cases(SUITE) if SUITE.is_dir() else []
OF_SERVICES = [case for case in CASES if case.exchanges or case.kind == "ServiceDescriptionTest"]
OF_THE_LANGUAGE = [case for case in CASES if case not in OF_SERVICES]
FAILURES = {name: cause for cause in causes().values() if cause.whose != "remark" for name in cause.tests}
with_suite = pytest.mark.skipif(not CASES, reason="the W3C's files are not in ../shared/w3c-eval")


# --- the suite, against a server that runs


@pytest.fixture(scope="module")
def found():
    return {outcome.case.name: outcome for outcome in outcomes(SUITE)}


@with_suite
def test_every_failure_is_listed_with_its_cause(found):
    unknown = {name: one.fault for name, one in found.items() if one.verdict == "failed" and one.cause is None}
    assert unknown == {}, "find the cause; list it in causes.toml unless it is ours: then mend it"


@with_suite
def test_every_listed_failure_is_one(found):
    verdicts = {name: found[name].verdict for name in FAILURES}
    passing = [name for name, verdict in verdicts.items() if verdict != "failed"]
    assert passing == [], "these pass now: take them off causes.toml, and write the report anew"


@with_suite
def test_remarks_are_on_tests_that_pass(found):
    remarks = {name: cause for cause in causes().values() if cause.whose == "remark" for name in cause.tests}
    assert {name: found[name].verdict for name in remarks} == dict.fromkeys(remarks, "passed")


@with_suite
def test_inapplicable_is_what_writes_or_reasons(found):
    inapplicable = {name for name, one in found.items() if one.verdict == "inapplicable"}
    writes = {case.name for case in CASES if case.kind == "GraphStoreProtocolTest" or case.is_update}
    assert inapplicable == writes | {case.name for case in CASES if case.specification == ENTAILMENT}
    # Only what has been run has been refused: tests of entailment are not run at all.
    assert Counter(found[name].cause.name for name in inapplicable) == {
        "update": 194,
        "entailment": 70,
        "graph-store": 13,
    }


@with_suite
def test_every_test_of_the_suite_is_run(found):
    assert found.keys() == {case.name for case in CASES}
    assert Counter(case.folder.partition("/")[0] for case in CASES) == {
        "sparql10": 482,
        "sparql11": 625,
        "sparql12": 269,
    }
    queries = [case for case in CASES if not case.is_update and case.specification != ENTAILMENT]
    language = Counter(case.folder.partition("/")[0] for case in queries if case in OF_THE_LANGUAGE)
    assert language == {"sparql10": 482, "sparql11": 348, "sparql12": 246}
    assert FAILURES.keys() <= found.keys()


def test_no_failure_is_ours():
    assert [name for name, cause in FAILURES.items() if cause.whose == "ours"] == []


@with_suite
def test_what_the_engine_is_blamed_for_it_does_alone(found):
    blamed = {name: found[name] for name, cause in FAILURES.items() if cause.whose == "engine"}
    alone = {name: evaluation.fault(one.case, Engine(one.case)) for name, one in blamed.items()}
    assert alone == {name: one.fault for name, one in blamed.items()}
    ours = [found[name].case for name, cause in FAILURES.items() if cause.whose == "ours"]
    assert [case.name for case in ours if evaluation.fault(case, Engine(case)) is not None] == []


@with_suite
def test_report_in_the_package_is_that_of_a_fresh_run(found):
    day = Graph().parse(report.FILE).value(DOCUMENT, DCTERMS.issued)
    fresh = report.report(found.values(), titles(SUITE), date.fromisoformat(str(day)))
    assert report.FILE.read_bytes() == fresh, "write it anew: python -m tests.conformance.report"


@with_suite
@pytest.mark.skipif(not servers.has_oxigraph(), reason="Oxigraph's own server is not installed (pip install oxigraph)")
def test_oxigraphs_own_server_passes_the_query_tests_of_the_protocol(tmp_path):
    queries = [case for case in CASES if case.kind == "ProtocolTest" and not case.is_update]
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
    verdicts = Counter(about_the_service(case, endpoint).verdict for case in OF_SERVICES)
    # Only HEAD of a graph that is not there writes nothing, so it can't be refused.
    assert verdicts == Counter(passed=passing, failed=49 - passing, inapplicable=1)


@with_suite
@pytest.mark.parametrize(
    ("endpoint", "passing"),
    [
        (stub(200, "application/sparql-results+json", '{"head": {}, "boolean": true}'), 342),
        (stub(200, "application/sparql-results+json", '{"head": {"vars": []}, "results": {"bindings": []}}'), 318),
        (stub(200, "text/turtle", ""), 317),
        (stub(400, "text/plain", "no"), 171),
    ],
    ids=["always yes", "never a row", "never a triple", "always an error"],
)
def test_a_language_of_one_answer_fails(endpoint, passing):
    # 317 tests ask no more than that a right query be read, and 171 that a wrong one not be.
    verdicts = Counter(about_the_language(case, endpoint).verdict for case in OF_THE_LANGUAGE)
    assert verdicts == Counter(passed=passing, failed=1256 - passing, inapplicable=70)


XSD = "http://www.w3.org/2001/XMLSchema#"
HEAD = '{"head": {"vars": ["x", "y"]}, "results": {"bindings": ['
YES = f"[] a <{reading.RS}ResultSet> ; <{reading.RS}boolean> true ."
DIRECTED = '{"x": {"type": "literal", "value": "a", "xml:lang": "en", "its:dir": "%s"}}]}}'
XML = (
    '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>'
    '<results><result><binding name="x">%s</binding></result></results></sparql>'
)
LITERAL = f'<literal datatype="{XSD}%s">%s</literal>'
TRIPLE = (
    "<triple><subject><bnode>%s</bnode></subject><predicate><uri>http://e/p</uri></predicate>"
    "<object><literal>a</literal></object></triple>"
)


@pytest.mark.parametrize(
    ("format_", "actual", "expected", "fault"),
    [
        ("csv", "x,y\r\n1,\r\n", "x,y\n1,\n", None),
        ("csv", "x,y\r\n1000000,a\r\n", "x,y\n1.0E6,a\n", None),
        ("csv", "x,y\r\n1.0,a\r\n", "x,y\n1,a\n", "no row is 1 a"),
        ("csv", "x,y\r\na,1\r\n", "x,y\n1.0E6,1\n", "no row is 1.0E6 1"),
        ("csv", "y,x\r\n", "x,y\n", "columns ['y', 'x'] where ['x', 'y'] were expected"),
        ("csv", "x,y\r\n_:a,_:b\r\n_:b,_:a\r\n", "x,y\n_:c,_:d\n_:d,_:c\n", None),
        ("csv", "x,y\r\n_:a,_:a\r\n", "x,y\n_:c,_:d\n", "no row is _:c _:d"),
        ("csv", "x,y\r\n_:a,1\r\n_:b,2\r\n", "x,y\n_:c,1\n_:c,2\n", "blank nodes do not correspond"),
        ("csv", "x\r\n1\r\n1\r\n", "x\n1\n", "2 rows where 1 were expected"),
        ("tsv", "?x\t?y\n1.0e6\t\n", '?x\t?y\n"1000000"^^<http://www.w3.org/2001/XMLSchema#double>\t\n', None),
        ("tsv", "?x\n-3\n", f'?x\n"-3"^^<{XSD}negativeInteger>\n', f'no row is "-3"^^<{XSD}negativeInteger>'),
        ("tsv", '?x\n"a"@en\n', '?x\n"a"\n', 'no row is "a"'),
        ("tsv", "?x\n<http://e/a>\n", '?x\n"http://e/a"\n', 'no row is "http://e/a"'),
        ("tsv", "?x\n<http://e/a>\n", "?x\n<http://e/b>\n", "no row is <http://e/b>"),
        ("json", HEAD + "{}]}}", HEAD + "{}]}}", None),
        ("json", HEAD + '{"x": {"type": "uri", "value": "http://e/a"}}]}}', HEAD + "{}]}}", "no row is None None"),
        ("json", '{"head": {}, "boolean": true}', '{"head": {}, "boolean": false}', "True where False was expected"),
        ("json", HEAD + "]}}", '{"head": {}, "boolean": true}', "a table where a boolean was expected"),
        ("json", HEAD + DIRECTED % "rtl", HEAD + DIRECTED % "ltr", 'no row is "a"@en--ltr None'),
        ("xml", XML % "<bnode>a</bnode>", XML % "<bnode>b</bnode>", None),
        ("xml", XML % LITERAL % ("boolean", "1"), XML % LITERAL % ("boolean", "true"), None),
        ("xml", XML % LITERAL % ("date", "1"), XML % LITERAL % ("date", "2"), f'no row is "2"^^<{XSD}date>'),
        ("xml", XML % TRIPLE % "a", XML % TRIPLE % "b", None),
        ("xml", XML % TRIPLE % "a", XML % "<bnode>b</bnode>", "no row is _:b"),
    ],
)
def test_comparison(format_, actual, expected, fault):
    media_type = evaluation.MEDIA_TYPES.get(format_) or f"application/sparql-results+{format_}"
    ours, theirs = (reading.read(media_type, text.encode()) for text in (actual, expected))
    assert comparison.same(ours, theirs) == fault


@pytest.mark.parametrize(
    ("kind", "query", "result", "fault"),
    [
        ("QueryEvaluationTest", "SELECT ?o { ?s ?p ?o }", ("csv", "o\n1\n"), None),
        ("QueryEvaluationTest", "SELECT ?o { ?s ?p ?o }", ("csv", "o\n2\n"), "no row is 2"),
        ("QueryEvaluationTest", "SELECT ?o { <data.ttl> ?p ?o }", ("csv", "o\n1\n"), None),
        ("QueryEvaluationTest", "SELECT ?s { ?s ?p ?o }", ("tsv", f"?s\n<{HOME}x/data.ttl>\n"), None),
        ("QueryEvaluationTest", "CONSTRUCT WHERE { ?s ?p ?o }", ("ttl", "<data.ttl> <p> 1 ."), None),
        ("QueryEvaluationTest", "CONSTRUCT WHERE { ?s ?p ?o }", ("nt", "<a:> <b:> <c:> ."), "no row is <a:> <b:> <c:>"),
        ("QueryEvaluationTest", "ASK { ?s ?p 2 }", ("ttl", YES), "False where True was expected"),
        ("QueryEvaluationTest", "ASK { ?s ?p 1 }", ("ttl", YES), None),
        ("QueryEvaluationTest", "ASK { ?s ?p 1", ("ttl", YES), "400"),
        ("PositiveSyntaxTest", "ASK { <a> ?p ?o }", None, None),
        ("PositiveSyntaxTest", "ASK {", None, "400 where 200 was expected"),
        ("NegativeSyntaxTest", "ASK {", None, None),
        ("NegativeSyntaxTest", "ASK {}", None, "200 where 400 was expected"),
    ],
)
def test_one_test_of_the_language(tmp_path, kind, query, result, fault):
    def document(name, text):
        (tmp_path / name).write_text(text)
        return Document(f"{HOME}x/{name}", tmp_path / name)

    case = Case(
        f"{HOME}x/manifest#a",
        "sparql11/x",
        kind,
        QUERY_11,
        request=document("query.rq", query),
        data=(document("data.ttl", "<> <p> 1 ."),),
        result=document(f"result.{result[0]}", result[1]) if result else None,
    )
    assert evaluation.fault(case, Engine(case)) == fault


def test_two_documents_cannot_have_one_graph(tmp_path):
    for name in ("a.trig", "b.trig"):
        (tmp_path / name).write_text("GRAPH <http://e/g> { <a:> <b:> <c:> }")
    documents = tuple(Document(f"{HOME}{name}", tmp_path / name) for name in ("a.trig", "b.trig"))
    case = Case(f"{HOME}manifest#a", "sparql11/x", "QueryEvaluationTest", QUERY_11, data=documents)
    with pytest.raises(ValueError, match="a.trig and .*b.trig both have the graph <http://e/g>"):
        evaluation.data_set([case], tmp_path)


def table(*rows):
    names, *cells = (row.split() for row in rows)
    return reading.Table(tuple(names), tuple(map(tuple, cells)))


@pytest.mark.parametrize(
    ("ours", "theirs", "leaving", "fault"),
    [
        (("x", "1", "2"), ("x", "2", "1"), {}, None),
        (("x", "1", "2"), ("x", "2", "1"), {"ordered": True}, "row 1 is not 2"),
        (("x", "1", "2"), ("x", "1", "2"), {"ordered": True}, None),
        (("x y", "1 2"), ("y x", "2 1"), {"columns": False}, None),
        (("x y", "1 2"), ("y x", "1 2"), {"columns": False}, "no row is 1 2"),
        (("x", "1"), ("y", "1"), {"columns": False}, "columns ['x'] where ['y'] were expected"),
        (("x", "1", "2"), ("x", "1", "1", "2"), {"lax": True}, None),
        (("x", "1", "1", "1", "2"), ("x", "1", "1", "2"), {"lax": True}, "4 rows where 3 were expected at most"),
        (("x", "1"), ("x", "1", "1", "2"), {"lax": True}, "1 rows where 2 were expected"),
    ],
)
def test_comparison_of_order_and_number(ours, theirs, leaving, fault):
    assert comparison.same(table(*ours), table(*theirs), **leaving) == fault


@pytest.mark.parametrize(
    ("ours", "theirs", "fault"),
    [
        ("_:a <b:> _:c . _:c <b:> _:a .", "_:x <b:> _:y . _:y <b:> _:x .", None),
        ("_:a <b:> _:c . _:c <b:> _:d .", "_:x <b:> _:y . _:y <b:> _:x .", "blank nodes do not correspond"),
        ("<a:> <b:> <<( <a:> <b:> _:c )>> .", "<a:> <b:> <<( <a:> <b:> _:d )>> .", None),
        ("<a:> <b:> 01 .", "<a:> <b:> 1 .", None),
        ("<a:> <b:> 1.0 .", "<a:> <b:> 1 .", f'no row is <a:> <b:> "1"^^<{XSD}integer>'),
        ("", "<a:> <b:> 1 .", "0 rows where 1 were expected"),
        (f"[] a <{reading.RS}ResultSet> .", "<a:> <b:> 1 .", "a table where a graph was expected"),
    ],
)
def test_comparison_of_graphs(ours, theirs, fault):
    found, expected = (reading.read("text/turtle", text.encode(), rdf12=True) for text in (ours, theirs))
    assert comparison.same(found, expected) == fault


@pytest.mark.parametrize(
    ("media_type", "text", "fault"),
    [
        ("application/sparql-results+json", '{"boolean": true}', "no head"),
        ("application/sparql-results+json", HEAD + '{"x": {"type": "iri", "value": "a:"}}]}}', "is no term"),
        ("application/sparql-results+json", HEAD + '{"z": {"type": "uri", "value": "a:"}}]}}', "the head has not"),
        ("application/sparql-results+xml", XML % "<iri>a:</iri>", "iri is no term"),
    ],
)
def test_what_is_no_answer_is_not_read(media_type, text, fault):
    with pytest.raises(ValueError, match=fault):
        reading.read(media_type, text.encode())


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


@pytest.fixture(scope="module")
def earl():
    return Graph().parse(report.FILE)


def test_report_has_one_assertion_for_each_test_and_no_blank_nodes(earl):
    assertions = list(earl.subjects(RDF.type, EARL.Assertion))
    assert len(assertions) == 1376
    assert len({earl.value(assertion, EARL.test) for assertion in assertions}) == 1376
    for assertion in assertions:
        assert earl.value(assertion, EARL.subject) == URIRef(f"{DOCUMENT}#kzus-graph")
        assert earl.value(assertion, EARL.assertedBy) == URIRef(f"{DOCUMENT}#runner")
    for result in set(earl.objects(None, EARL.result)):
        outcome = earl.value(result, EARL.outcome)
        assert outcome in (EARL.passed, EARL.failed, EARL.inapplicable)
        assert outcome == EARL.passed or earl.value(result, DCTERMS.description)
        assert outcome != EARL.failed or earl.value(result, DCTERMS.type / DCTERMS.title)
    assert [str(revision) for revision in earl.objects(None, report.DOAP.revision)] == [__version__]
    assert not [term for triple in earl for term in triple if isinstance(term, BNode)]


def test_report_says_of_each_failure_what_is_listed(earl):
    said = {
        str(assertion).partition("#")[2]: str(earl.value(result, DCTERMS.description))
        for assertion, result in earl.subject_objects(EARL.result)
        if earl.value(result, EARL.outcome) == EARL.failed
    }
    assert said == {name: cause.says for name, cause in FAILURES.items()}


def test_failure_without_a_cause_is_reported_with_what_was_wrong():
    case = Case("http://e/manifest#a", "sparql10/x", "QueryEvaluationTest", QUERY_10)
    text = report.report([Outcome(case, "failed", fault="no row is 1")], {}, date(2026, 1, 1))
    result = URIRef(f"{DOCUMENT}#sparql10.x.a.result")
    graph = Graph().parse(data=text, format="turtle")
    assert graph.value(URIRef(f"{DOCUMENT}#sparql10.x.a"), EARL.result) == result
    assert graph.value(result, EARL.outcome) == EARL.failed
    assert str(graph.value(result, DCTERMS.description)) == "no row is 1"


def counts(earl):
    about = EARL.test / DCTERMS.isPartOf / FOAF.primaryTopic / DCTERMS.title
    return Counter(
        (str(earl.value(assertion, about)), str(earl.value(result, EARL.outcome)).removeprefix(EARL))
        for assertion, result in earl.subject_objects(EARL.result)
    )


def test_documentation_has_the_numbers_of_the_report(earl):
    counted = counts(earl)
    counted += Counter(("all", outcome) for (_, outcome), number in counted.items() for _ in range(number))
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
    releases = Releases(Limits(workers=1), files=[path])
    yield create_app(releases).test_client()
    releases.close()


class Shown(HTMLParser):
    """Collects the tests that a page shows: below which heading, by which name, with which remark; and the table."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tests, self.cells = [], [], [[]]
        self.heading = self.remark = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in ("meta", "link", "input"):
            return
        self.open.append(tag)
        named = dict(attrs)
        if tag == "h2":
            self.heading = named.get("id", "")
        if named.get("class") == "card":
            self.remark = ""
        if tag == "tr":
            self.cells.append([])
        if tag == "a" and "id" in named:
            self.tests.append((self.heading, named["id"], named["href"], self.remark.strip()))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "li":
            self.remark = self.remark if "li" in self.open else ""

    def handle_data(self, data):
        if self.open[-2:] == ["li", "p"]:
            self.remark += data
        if {"th", "td"} & set(self.open) and data.strip():
            self.cells[-1].append(data.strip())


def test_page_shows_every_assertion(client, earl):
    answer = client.get("/conformance", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    shown = Shown(answer.text)
    assert shown.open == []
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "<style" not in answer.text
    expected = set()
    for assertion, test in earl.subject_objects(EARL.test):
        result = earl.value(assertion, EARL.result)
        outcome = str(earl.value(result, EARL.outcome)).removeprefix(EARL)
        remark = str(earl.value(result, DCTERMS.description) or "")
        expected.add((outcome, str(assertion).partition("#")[2], str(test), remark))
    assert len(shown.tests) == 1376
    assert set(shown.tests) == expected
    for outcome, number in Counter(outcome for outcome, *_ in expected).items():
        assert f"{number:,} {outcome}" in answer.text


def test_page_counts_by_specification(client, earl):
    (_, *outcomes), *rows = [row for row in Shown(client.get("/conformance").text).cells if row]
    assert outcomes == ["passed", "failed", "inapplicable"]
    shown = {(title, outcome): int(cell) for title, *row in rows for outcome, cell in zip(outcomes, row, strict=True)}
    assert {about: number for about, number in shown.items() if number} == counts(earl)
    versions = ["1.0 Query Language", "1.1 Query Language", "1.2 Query Language", "1.1 Protocol"]
    formats = ["1.1 Query Results CSV and TSV Formats", "1.1 Query Results JSON Format"]
    assert {f"SPARQL {title}" for title in versions + formats} < {title for title, *_ in rows}
    # What does not apply at all comes last.
    assert [title for title, *_ in rows[-3:]] == [
        "SPARQL 1.1 Entailment Regimes",
        "SPARQL 1.1 Graph Store HTTP Protocol",
        "SPARQL 1.1 Update",
    ]


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
    links = ", Accept-Language, X-Forwarded-Prefix, Host, X-Forwarded-Host, X-Forwarded-Proto"
    links = links if media_type.startswith("text/html") else ""
    assert answer.headers["Vary"] == "Accept, Accept-Encoding" + links
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "trig", "nq"])
def test_data_are_the_same_in_every_format(client, earl, suffix):
    answer = client.get(f"/conformance.{suffix}")
    media_type = answer.content_type.partition(";")[0]
    assert set(reading.graph(media_type, answer.data)) == set(earl)


def test_unknown_format_and_unacceptable_type_are_problems(client):
    missing = client.get("/conformance.xls")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    refused = client.get("/conformance", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.content_type) == (406, "application/problem+json")
    assert refused.json["formats"]["turtle"] == "text/turtle"
