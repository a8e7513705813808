"""The outcomes as an EARL report, which the endpoint serves at ``/conformance``.

Run it as ``python -m tests.conformance.report [--date DAY]``, after a change of version or of an outcome.
"""

import argparse
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from rdflib import DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef

from kzus_graph import __version__
from tests.conformance.manifests import COMMIT
from tests.conformance.outcomes import Outcome, outcomes

EARL = Namespace("http://www.w3.org/ns/earl#")
DOAP = Namespace("http://usefulinc.com/ns/doap#")
DOCUMENT = URIRef("https://w3id.org/kzus/conformance")
SUITE = URIRef(f"https://github.com/w3c/rdf-tests/tree/{COMMIT}/sparql/sparql11")

ROOT = Path(__file__).parents[2]
FILE = ROOT / "src" / "kzus_graph" / "web" / "conformance.ttl"
SHARED = ROOT.parent / "shared" / "w3c"


def report(found: Iterable[Outcome], day: date) -> bytes:
    """Return the report as Turtle: the same bytes for the same outcomes, day and version; no blank nodes."""
    graph = Graph()
    for prefix, namespace in {"dcterms": DCTERMS, "doap": DOAP, "earl": EARL, "foaf": FOAF, "xsd": XSD}.items():
        graph.bind(prefix, namespace)
    subject, runner, version = _part("kzus-graph"), _part("runner"), _part(f"kzus-graph-{__version__}")
    for triple in (
        (DOCUMENT, RDF.type, FOAF.Document),
        (DOCUMENT, DCTERMS.title, Literal("W3C tests of SPARQL services, run against kzus-graph", lang="en")),
        (DOCUMENT, DCTERMS.issued, Literal(day.isoformat(), datatype=XSD.date)),
        (DOCUMENT, DCTERMS.source, SUITE),
        (DOCUMENT, FOAF.primaryTopic, subject),
        (SUITE, DCTERMS.title, Literal("SPARQL 1.1 tests in w3c/rdf-tests", lang="en")),
        (SUITE, DCTERMS.identifier, Literal(COMMIT)),
        (subject, RDF.type, DOAP.Project),
        (subject, RDF.type, EARL.Software),
        (subject, RDF.type, EARL.TestSubject),
        (subject, DOAP.name, Literal("kzus-graph")),
        (subject, DOAP.release, version),
        (version, RDF.type, DOAP.Version),
        (version, DOAP.revision, Literal(__version__)),
        (runner, RDF.type, EARL.Assertor),
        (runner, RDF.type, EARL.Software),
        (runner, DCTERMS.title, Literal("tests/conformance of kzus-graph", lang="en")),
    ):
        graph.add(triple)
    for outcome in found:
        _add(graph, outcome, subject, runner)
    return graph.serialize(format="longturtle", encoding="utf-8")


def _add(graph: Graph, outcome: Outcome, subject: URIRef, runner: URIRef) -> None:
    test, name = URIRef(outcome.case.iri), outcome.case.name
    assertion, result, folder = _part(name), _part(f"{name}.result"), URIRef(f"{SUITE}/{outcome.case.folder}")
    for triple in (
        (folder, DCTERMS.isPartOf, SUITE),
        (test, RDF.type, EARL.TestCase),
        (test, DCTERMS.isPartOf, folder),
        (assertion, RDF.type, EARL.Assertion),
        (assertion, EARL.assertedBy, runner),
        (assertion, EARL.mode, EARL.automatic),
        (assertion, EARL.subject, subject),
        (assertion, EARL.test, test),
        (assertion, EARL.result, result),
        (result, RDF.type, EARL.TestResult),
        (result, EARL.outcome, EARL[outcome.verdict]),
    ):
        graph.add(triple)
    if outcome.reason:
        graph.add((result, DCTERMS.description, Literal(outcome.reason, lang="en")))


def _part(name: str) -> URIRef:
    return URIRef(f"{DOCUMENT}#{name}")


def main() -> None:
    """Run the tests and write the report."""
    parser = argparse.ArgumentParser(description="Run the W3C's tests and write the EARL report.")
    parser.add_argument(
        "--date", type=date.fromisoformat, default=date.today(), help="day of the run"
    )
    parser.add_argument("--suite", type=Path, default=SHARED, help="folder with the W3C's files")
    options = parser.parse_args()
    FILE.write_bytes(report(outcomes(options.suite), options.date))


if __name__ == "__main__":
    main()
