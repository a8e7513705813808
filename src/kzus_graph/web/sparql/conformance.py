"""``/conformance``: this endpoint's results in the W3C's SPARQL tests, as a web page and as RDF (EARL)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response

from kzus_graph.rdf.formats import PAGE, Format, formats, named
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import responses

REPORT: Final = Path(__file__).with_name("conformance.ttl")
ROWS: Final = REPORT.with_suffix(".rq")
COLUMNS: Final = ("specification", "title", "folder", "assertion", "test", "outcome", "reason", "whose")
OUTCOMES: Final = ("passed", "failed", "inapplicable")
EARL: Final = "http://www.w3.org/ns/earl#"
DOAP: Final = "http://usefulinc.com/ns/doap#"
DCTERMS: Final = PREFIXES["dcterms"]
BINDINGS: Final = {"earl": EARL, "doap": DOAP, **{name: PREFIXES[name] for name in ("dcterms", "foaf", "xsd")}}


blueprint = Blueprint("conformance", __name__)
"""The Flask routes of the page of test results and of the EARL report."""


@blueprint.get("/conformance")
def conformance() -> Response:
    """Return the results of the W3C's SPARQL tests, as a web page or as RDF (EARL), depending on the Accept header."""
    offers = (PAGE, *formats("graph"))
    form = responses.chosen(*offers)
    return _page() if form is PAGE else responses.kept(_data(form), form.content_type)


@blueprint.get("/conformance.<suffix>")
def data(suffix: str) -> Response:
    """Return the results of the W3C's SPARQL tests as RDF (EARL), in the format with the file extension *suffix*.

    Raises Problem (404) for an unknown extension.
    """
    form = named(suffix, "graph")
    if form is None or form.suffix != suffix:
        suffixes = ", ".join(f".{form.suffix}" for form in formats("graph"))
        raise Problem(404, "not-found", f"Unknown extension: addresses of the EARL report end in {suffixes}.")
    return responses.kept(_data(form), form.content_type)


@cache
def _store() -> ox.Store:
    store = ox.Store()
    store.load(path=REPORT, format=ox.RdfFormat.TURTLE)
    return store


@cache
def _data(form: Format) -> bytes:
    assert isinstance(form.engine, ox.RdfFormat)
    if form.engine == ox.RdfFormat.TURTLE:
        return REPORT.read_bytes()
    triples = sorted((quad.triple for quad in _store()), key=str)
    return ox.serialize(triples, format=form.engine, prefixes=BINDINGS) or b""


@cache
def _tests() -> list[dict[str, str]]:
    """Return a dict for each EARL assertion of the report: the COLUMNS, the test's local name, and an HTML anchor."""
    solutions = _store().query(ROWS.read_text("utf-8"))
    assert isinstance(solutions, ox.QuerySolutions)
    rows = [{column: getattr(row[column], "value", "") for column in COLUMNS} for row in solutions]
    for row in rows:
        row["name"] = row["test"].rpartition("#")[2]
        row["anchor"] = row["assertion"].rpartition("#")[2]
        row["outcome"] = row["outcome"].removeprefix(EARL)
        row["folder"] = row["folder"].rpartition("/")[2]
    return rows


@dataclass(frozen=True)
class SpecificationResults:
    """The test results of one specification, for example of SPARQL; *counts* has the number of tests by outcome."""

    iri: str
    title: str
    counts: Mapping[str, int]
    folders: Sequence[tuple[str, Sequence[Mapping[str, str]]]]
    """Each folder of the test suite, with those of its tests that passed and have no remark."""

    @property
    def plain(self) -> int:
        """The number of tests that passed and have no remark."""
        return sum(len(tests) for _, tests in self.folders)


@dataclass(frozen=True)
class RemarkGroup:
    """Tests with the same remark, *reason*: why they failed or do not apply, or a note on tests that passed.

    *whose* names the cause of a failure, such as the query engine or a refusal by design; empty for other remarks.
    """

    whose: str
    reason: str
    tests: Sequence[Mapping[str, str]]


@cache
def _parts() -> list[SpecificationResults]:
    """Return the results of each specification, sorted by title; specifications without applicable tests come last."""
    parts = []
    for (iri, title), grouped in groupby(_tests(), itemgetter("specification", "title")):
        tests = list(grouped)
        plain = [test for test in tests if test["outcome"] == "passed" and not test["reason"]]
        folders = [(folder, list(of_folder)) for folder, of_folder in groupby(plain, itemgetter("folder"))]
        parts.append(SpecificationResults(iri, title, Counter(test["outcome"] for test in tests), folders))
    return sorted(parts, key=lambda part: not part.counts.keys() - {"inapplicable"})


@cache
def _groups() -> dict[str, list[RemarkGroup]]:
    """Return, by outcome, the groups of tests with the same remark, the largest groups first."""
    grouped: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for test in _tests():
        if test["reason"]:
            grouped.setdefault((test["outcome"], test["whose"], test["reason"]), []).append(test)
    groups: dict[str, list[RemarkGroup]] = {outcome: [] for outcome in OUTCOMES}
    for (outcome, whose, reason), tests in sorted(grouped.items(), key=lambda item: -len(item[1])):
        groups[outcome].append(RemarkGroup(whose, reason, tests))
    return groups


def _page() -> Response:
    return responses.page(
        "conformance.html",
        parts=_parts(),
        groups=_groups(),
        outcomes=OUTCOMES,
        counts=Counter(test["outcome"] for test in _tests()),
        source=_said(DCTERMS + "source"),
        commit=_said(DCTERMS + "identifier"),
        issued=_said(DCTERMS + "issued"),
        version=_said(DOAP + "revision"),
        formats=formats("graph"),
    )


def _said(property_: str) -> str:
    """Return the value of the property with the IRI *property_*, which occurs exactly once in the EARL report."""
    (quad,) = _store().quads_for_pattern(None, ox.NamedNode(property_), None)
    assert isinstance(quad.object, ox.NamedNode | ox.Literal)
    return quad.object.value
