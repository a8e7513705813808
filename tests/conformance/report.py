"""Runs the W3C suites against a server and writes what came of it as an EARL report, which the endpoint then serves.

Run it as ``python tests/conformance/report.py``.
"""

import tempfile
from pathlib import Path
from typing import Final

import suite
from rdflib import DCTERMS, RDF, RDFS, Graph, Literal, Namespace, URIRef
from serving import serving

EARL: Final = Namespace("http://www.w3.org/ns/earl#")
DOAP: Final = Namespace("http://usefulinc.com/ns/doap#")
SUBJECT: Final = URIRef("https://w3id.org/kzus/software")
SUITE: Final = URIRef(f"https://github.com/w3c/rdf-tests/tree/{suite.COMMIT}")
REPORT: Final = Path(__file__).resolve().parents[2] / "src" / "kzus_graph" / "web" / "conformance.ttl"


def report() -> Graph:
    """Run every test; one assertion each."""
    graph = Graph()
    for prefix, namespace in (("earl", EARL), ("doap", DOAP), ("dcterms", DCTERMS)):
        graph.bind(prefix, namespace)
    graph.add((SUBJECT, RDF.type, EARL.Software))
    graph.add((SUBJECT, RDF.type, DOAP.Project))
    graph.add((SUBJECT, DOAP.name, Literal("kzus-graph")))
    graph.add((SUITE, DCTERMS.title, Literal("W3C RDF test suite", lang="en")))
    with tempfile.TemporaryDirectory() as name, serving(Path(name), suite.data(Path(name))) as served:
        for case in suite.cases():
            _add(graph, case, suite.run(case, served))
    return graph


def _add(graph: Graph, case: suite.Case, wrong: str) -> None:
    assertion = URIRef(f"{SUBJECT}#{case.suite}-{case.name}")
    result = URIRef(f"{assertion}-result")
    title = case.manifest.value(case.iri, suite.MF.name)
    if case.is_update:
        outcome, why = EARL.inapplicable, suite.UPDATES
    else:
        outcome, why = (EARL.failed, suite.KNOWN.get(case.name, wrong)) if wrong else (EARL.passed, "")
    for triple in (
        (case.iri, RDF.type, EARL.TestCase),
        (case.iri, DCTERMS.title, Literal(str(title).strip(), lang="en")),
        (case.iri, DCTERMS.isPartOf, SUITE),
        (case.iri, RDFS.label, Literal(f"{case.suite} {case.name}", lang="en")),
        (assertion, RDF.type, EARL.Assertion),
        (assertion, EARL.assertedBy, SUBJECT),
        (assertion, EARL.subject, SUBJECT),
        (assertion, EARL.test, case.iri),
        (assertion, EARL.mode, EARL.automatic),
        (assertion, EARL.result, result),
        (result, RDF.type, EARL.TestResult),
        (result, EARL.outcome, outcome),
    ):
        graph.add(triple)
    if why:
        graph.add((result, DCTERMS.description, Literal(why, lang="en")))


if __name__ == "__main__":
    REPORT.write_text(report().serialize(format="longturtle"))
    print(f"wrote {REPORT}")
