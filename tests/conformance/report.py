"""The outcomes as an EARL report, which the endpoint serves at ``/conformance``.

Run it as ``python -m tests.conformance.report [--date DAY]``, after a change of version or of an outcome.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pyoxigraph as ox
from rdflib import DCTERMS, FOAF, RDF, XSD, Literal, Namespace, URIRef
from rdflib.term import Node

from kzus_graph import __version__
from kzus_graph.rdf.terms import to_ox
from tests.conformance.manifests import COMMIT, titles
from tests.conformance.outcomes import Outcome, outcomes

EARL = Namespace("http://www.w3.org/ns/earl#")
DOAP = Namespace("http://usefulinc.com/ns/doap#")
DOCUMENT = URIRef("https://w3id.org/kzus/conformance")
PART = Namespace(f"{DOCUMENT}#")
SUITE = URIRef(f"https://github.com/w3c/rdf-tests/tree/{COMMIT}/sparql")
PREFIXES = {"": PART, "dcterms": DCTERMS, "doap": DOAP, "earl": EARL, "foaf": FOAF, "xsd": XSD}

WHOSE = {"engine": "The engine’s (Oxigraph)", "refused": "Refused by design", "ours": "Ours"}
"""What failures come from, in words."""

ROOT = Path(__file__).parents[2]
FILE = ROOT / "src" / "kzus_graph" / "web" / "sparql" / "conformance.ttl"
SHARED = ROOT.parent / "shared" / "w3c-eval"

Triple = tuple[Node, Node, Node]


def report(found: Iterable[Outcome], specifications: Mapping[str, str], day: date) -> bytes:
    """Return the report as Turtle: the same bytes for the same outcomes, day and version; no blank nodes.

    *specifications* are the names of what the tests are about, by IRI. Tests that failed for one cause share a result.
    """
    every = list(found)
    triples = dict.fromkeys((*_about(specifications, day), *(triple for one in every for triple in _of(one))))
    # Whatever has one subject stands together.
    placed: dict[Node, list[Triple]] = {}
    for triple in triples:
        placed.setdefault(triple[0], []).append(triple)
    in_order = (ox.Triple(*map(to_ox, triple)) for of_subject in placed.values() for triple in of_subject)
    prefixes = {name: str(namespace) for name, namespace in PREFIXES.items()}
    return ox.serialize(in_order, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""


def _about(specifications: Mapping[str, str], day: date) -> Iterator[Triple]:
    subject, runner, version = PART["kzus-graph"], PART["runner"], PART[f"kzus-graph-{__version__}"]
    yield from (
        (DOCUMENT, RDF.type, FOAF.Document),
        (DOCUMENT, DCTERMS.title, _text("W3C tests of SPARQL, run against kzus-graph")),
        (DOCUMENT, DCTERMS.issued, Literal(day.isoformat(), datatype=XSD.date)),
        (DOCUMENT, DCTERMS.source, SUITE),
        (DOCUMENT, FOAF.primaryTopic, subject),
        (SUITE, DCTERMS.title, _text("SPARQL tests in w3c/rdf-tests")),
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
        (runner, DCTERMS.title, _text("tests/conformance of kzus-graph")),
    )
    for iri, title in sorted(specifications.items()):
        yield (URIRef(iri), RDF.type, DOAP.Specification)
        yield (URIRef(iri), DCTERMS.title, _text(title))
    for name, title in WHOSE.items():
        yield (PART[name], DCTERMS.title, _text(title))


def _of(outcome: Outcome) -> Iterator[Triple]:
    """Return what an outcome adds: an assertion, its test and folder, and the result that it may share with others."""
    case, cause = outcome.case, outcome.cause
    test, folder, assertion = URIRef(case.iri), SUITE + f"/{case.folder}", PART[case.name]
    result = PART[cause.name if cause else f"{case.name}.result" if outcome.fault else outcome.verdict]
    yield from (
        (assertion, RDF.type, EARL.Assertion),
        (assertion, EARL.assertedBy, PART["runner"]),
        (assertion, EARL.mode, EARL.automatic),
        (assertion, EARL.subject, PART["kzus-graph"]),
        (assertion, EARL.test, test),
        (assertion, EARL.result, result),
        (test, RDF.type, EARL.TestCase),
        (test, DCTERMS.isPartOf, folder),
        (folder, DCTERMS.isPartOf, SUITE),
        (folder, FOAF.primaryTopic, URIRef(case.specification)),
        (result, RDF.type, EARL.TestResult),
        (result, EARL.outcome, EARL[outcome.verdict]),
    )
    if said := cause.says if cause else outcome.fault:
        yield (result, DCTERMS.description, _text(said))
    if cause and cause.whose in WHOSE:
        yield (result, DCTERMS.type, PART[cause.whose])


def _text(words: str) -> Literal:
    return Literal(words, lang="en")


def main() -> None:
    """Run the tests and write the report."""
    parser = argparse.ArgumentParser(description="Run the W3C's tests and write the EARL report.")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="day of the run")
    parser.add_argument("--suite", type=Path, default=SHARED, help="folder with the W3C's files")
    options = parser.parse_args()
    FILE.write_bytes(report(outcomes(options.suite), titles(options.suite), options.date))


if __name__ == "__main__":
    main()
