"""The check queries find nothing in the data, and each finds the fault that it is named for, in a case made for it."""

import pytest
from rdflib import Graph, URIRef

from kzus_graph import checks, content, turtle
from kzus_graph.merge import merged
from kzus_graph.release import Content
from kzus_graph.shapes import Violation
from kzus_graph.turtle import Graphs
from kzus_graph.vocab import GRAPH
from tests.conftest import FIXTURES, ROOT

FOLDER = ROOT / "queries" / "checks"
CHECKS = sorted(path.stem for path in FOLDER.glob("*.rq"))
CASES = FIXTURES / "checks"
ANYWHERE = ["undefined-term", "dangling-reference", "literal-form", "missing-label", "source-text-property"]
"""Checks of names and forms; the others say what belongs in which of our own graphs."""


def findings(graphs: Graphs) -> list[Violation]:
    """What the checks find in *graphs* as they are before reasoning."""
    return checks.findings(merged(graphs), graphs, FOLDER)


@pytest.fixture(scope="module")
def asserted(first_source: Content) -> Graphs:
    """The graphs of the first source's build, before reasoning."""
    return {name: graph for name, graph in first_source.graphs.items() if name != GRAPH.inferred}


def test_the_data_of_all_sources_pass(whole: Content) -> None:
    assert [found for found in whole.violations if found.code in CHECKS] == []


@pytest.mark.parametrize("source", sorted(content.source_files(ROOT)))
def test_the_data_of_one_source_alone_pass(source: str) -> None:
    assert findings(content.read(ROOT, only=[source])) == []


def test_each_check_has_its_invalid_case() -> None:
    assert sorted(path.stem for path in CASES.glob("*.trig")) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_an_invalid_case_trips_its_check_and_no_other(check: str, asserted: Graphs) -> None:
    path = CASES / f"{check}.trig"
    case = turtle.read([(path, None)])
    found = findings(together(asserted, case))
    assert {violation.code for violation in found} == {check}
    named = {*case, *(subject for graph in case.values() for subject in graph.subjects())}
    for violation in found:
        assert violation.focus in named or violation.value in named
        assert "{?" not in violation.message, "a slot of the message has no variable"


def test_without_its_fault_a_case_passes(asserted: Graphs) -> None:
    assert findings(asserted) == []


@pytest.mark.parametrize("check", ANYWHERE)
def test_a_fault_in_a_file_of_the_users_own_is_found_as_well(check: str, asserted: Graphs) -> None:
    own = Graph()
    for graph in turtle.read([(CASES / f"{check}.trig", None)]).values():
        own += graph
    found = findings(asserted | {URIRef("file:///tmp/own.ttl"): own})
    assert {violation.code for violation in found} == {check}


def together(graphs: Graphs, more: Graphs) -> Graphs:
    """Return *graphs* with the triples of *more* added to the graphs of the same names."""
    return graphs | {name: graphs.get(name, Graph()) + graph for name, graph in more.items()}
