"""Which claims the default graph holds when sources disagree."""

from pathlib import Path

import pytest
from rdflib import RDF, XSD, Literal

from kzus_graph.pipeline import content
from kzus_graph.pipeline.merge import set_aside
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from tests.graphs import lines, merged, read_root

VISIT = KZUS["1901-fred-streslau-visit"]


def test_merge_drops_only_the_claims_that_a_disagreement_sets_aside(small_root: Path) -> None:
    graphs = read_root(small_root)
    merge = merged(graphs)
    assert list(merge.objects(VISIT, DIP.begin)) == [Literal("1901-05-02", datatype=XSD.date)]
    assert {str(value) for value in merge.objects(VISIT, DIP.edtf)} == {"1901-05-02/1901-05-05"}
    assert set(merge.objects(VISIT, RDF.type)) == {DIP.Visit, DIP.OfficialVisit}
    assert (VISIT, DIP.destination, KZUS.streslau) in merge


def test_merge_leaves_every_claim_in_its_own_graph(small_root: Path) -> None:
    graphs = read_root(small_root)
    merged(graphs)
    assert str(graphs[SOURCE["gazette-1"]].value(VISIT, DIP.begin)) == "1901-05-01"
    assert str(graphs[SOURCE["herald-7"]].value(VISIT, DIP.begin)) == "1901-05-02"


def test_merge_of_one_source_alone_keeps_its_claim(small_root: Path) -> None:
    graphs = read_root(small_root, only=["gazette"])
    assert set_aside(lines(graphs)) == set()
    assert str(merged(graphs).value(VISIT, DIP.begin)) == "1901-05-01"


def test_merge_leaves_out_shapes_examples_and_metadata(small_root: Path) -> None:
    graphs = read_root(small_root)
    merge = merged(graphs)
    for name in (GRAPH.shapes, GRAPH.metadata):
        for triple in graphs[name]:
            assert triple not in merge


def test_merge_counts_a_triple_of_two_graphs_once(small_root: Path) -> None:
    graphs = read_root(small_root)
    graphs[GRAPH.entities].add((VISIT, RDF.type, DIP.Visit))
    assert len(merged(graphs)) == len(merged(read_root(small_root)))


def test_source_alone_reaches_no_entity_of_another(small_root: Path) -> None:
    graphs = read_root(small_root, only=["herald"])
    named = {str(subject).removeprefix(KZUS) for subject in graphs[GRAPH.entities].subjects()}
    assert named == {"1901-fred-streslau-visit"}
    assert SOURCE["gazette-1"] not in graphs


def test_source_alone_has_no_disagreement_with_what_is_not_there(small_root: Path) -> None:
    editorial = read_root(small_root, only=["gazette"])[GRAPH.editorial]
    assert len(editorial) == 0
    assert len(read_root(small_root)[GRAPH.editorial]) > 0


def test_unknown_source_is_refused_with_the_known_ones(small_root: Path) -> None:
    with pytest.raises(content.ContentError, match=r"'gazete' is not a source; .* are: gazette, herald"):
        read_root(small_root, only=["gazete"])


def test_missing_file_is_named(small_root: Path) -> None:
    (small_root / "data" / "sources.ttl").unlink()
    with pytest.raises(content.ContentError, match=r"files are missing: .*sources\.ttl"):
        read_root(small_root)


def test_root_without_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(content.ContentError, match="--root"):
        read_root(tmp_path)


def test_places_are_the_first_line_of_a_name_in_the_first_file(small_root: Path) -> None:
    paths = content.by_likelihood(small_root)
    gazette = small_root / "data" / "gazette.trig"
    places = content.places({str(VISIT), str(KZUS.rufus), str(KZUS["1901-fred"])}, paths)
    assert places[str(VISIT)] == f"{gazette}:9"
    assert places[str(KZUS.rufus)].startswith(f"{gazette}:")
    assert str(KZUS["1901-fred"]) not in places


def test_places_follow_the_prefixes_of_each_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text("PREFIX ex: <https://example.org/a.>\n@prefix : <https://example.com/> .\n\nex:b-c :d <urn:e> .\n")
    found = {"https://example.org/a.b-c": f"{path}:4", "https://example.com/d": f"{path}:4", "urn:e": f"{path}:4"}
    assert content.places({*found, "https://example.org/a.b", "urn:f"}, [path]) == found


def test_digest_changes_with_any_file_and_with_the_selection(small_root: Path) -> None:
    before = content.digest(small_root)
    assert content.digest(small_root, ["herald"]) != before
    rule = small_root / "ontology" / "rules" / "role.rq"
    rule.write_text(rule.read_text() + "\n")
    assert content.digest(small_root) != before
