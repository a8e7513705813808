"""The copies that show how a build grows: as many faults in them as in what was copied, times their number."""

from collections import Counter
from pathlib import Path

import pytest
from rdflib import XSD, Literal

from bench import scale
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from kzus_graph.shacl import shapes
from tests.conftest import ROOT
from tests.graphs import Graphs, check_findings, merged, read_root, report


@pytest.fixture
def faulty_root(small_root: Path) -> Path:
    """The small root, with a label that is missing, one that is there twice, and the closure of an unknown place."""
    entities = small_root / "data" / "entities.trig"
    text = entities.read_text("utf-8").replace('"Fred at the meeting"@en', '"Fred as visitor"@en')
    entities.write_text(text.replace('kzus:rufus a dip:Person ; rdfs:label "Rufus"@en .', "kzus:rufus a dip:Person ."))
    with (small_root / "data" / "gazette.trig").open("a", encoding="utf-8") as file:
        file.write(
            "source:gazette-1 { kzus:1904-fort-closure a dip:Closure ; "
            'dip:begin "1904-02-29"^^xsd:date ; dip:end "1904-02-29"^^xsd:date ; dip:edtf "1904-02-29" . }\n'
        )
    with entities.open("a", encoding="utf-8") as file:
        file.write('graph:entities { kzus:1904-fort-closure rdfs:label "Closure of a fort"@en . }\n')
    return small_root


def found(graphs: Graphs) -> Counter[str]:
    """How often each check, and each shape of the facts as asserted, finds something in *graphs*."""
    default = merged(graphs)
    results = report(default, shapes.for_run(graphs[GRAPH.shapes], "asserted"))
    violations = check_findings(default, graphs, ROOT / "queries" / "checks") + shapes.violations(results)
    return Counter(violation.code for violation in violations)


@pytest.mark.slow
def test_copies_have_the_faults_of_the_data_and_no_others(faulty_root: Path, tmp_path: Path) -> None:
    once = found(read_root(scale.write(faulty_root, 1, tmp_path / "once")))
    assert {"missing-label", "duplicate-label", "S01"} <= set(once)
    number = scale.STEPS + 2
    many = found(read_root(scale.write(faulty_root, number, tmp_path / "many")))
    assert many == Counter({code: times * number for code, times in once.items()})


def test_the_first_copy_is_as_the_data_are(small_root: Path, tmp_path: Path) -> None:
    graphs, copied = read_root(small_root), read_root(scale.write(small_root, 1, tmp_path / "copy"))
    assert {name: set(graph) for name, graph in copied.items()} == {name: set(graph) for name, graph in graphs.items()}


def test_a_copy_has_its_own_names_labels_and_years(faulty_root: Path, tmp_path: Path) -> None:
    graphs = read_root(scale.write(faulty_root, scale.STEPS + 1, tmp_path / "copies"))
    third, last = graphs[SOURCE["gazette-1-x3"]], graphs[SOURCE["gazette-1-x20"]]
    closure = KZUS["1912-fort-closure-x3"]
    assert third.value(closure, DIP.begin) == Literal("1912-02-29", datatype=XSD.date)
    assert third.value(closure, DIP.edtf) == Literal("1912-02-29")
    assert last.value(KZUS["1904-fort-closure-x20"], DIP.begin) == Literal("1904-02-29", datatype=XSD.date)
    visit = KZUS["1909-fred-streslau-visit-x3"]
    assert third.value(visit, DIP.edtf) == Literal("1909-05-01/1909-05-05")
    assert third.value(visit, DIP.destination) == KZUS["streslau-x3"]
    assert graphs[GRAPH.entities].value(KZUS["streslau-x3"]) is None
    assert len(graphs[GRAPH.codes]) == len(read_root(faulty_root)[GRAPH.codes])
