"""Links to other data sets: their tables as SSSOM, the triples made of them, and that they make up no facts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from kzus_graph import content, links, reasoning, release
from kzus_graph.merge import merged
from kzus_graph.release import Content
from kzus_graph.sssom import SUFFIX, LinksError
from kzus_graph.vocab import BASE, DIP, GRAPH
from tests.conftest import ROOT

TABLES = links.tables(ROOT)
LINKSETS = [table for table in TABLES if table.parent.name == "links"]
HEAD = """#mapping_set_id: https://w3id.org/kzus/dataset/links-test
#license: https://creativecommons.org/licenses/by/4.0/
#mapping_date: 2026-11-25
#curie_map:
#  wd: http://www.wikidata.org/entity/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence
"""
ROW = "kzus:astana\tskos:exactMatch\twd:Q1520\tsemapv:ManualMappingCuration\t0.9\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "test.sssom.tsv"
    path.write_text(text, "utf-8")
    return path


def test_the_linksets_of_the_architecture_are_there() -> None:
    names = {table.name.removesuffix(SUFFIX) for table in LINKSETS}
    assert {"wikidata", "dbpedia", "geonames", "eurovoc", "lcsh", "viaf"} <= names
    assert sum(len(links.read(table)) for table in LINKSETS) >= 180


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_sssom_package_finds_each_table_valid(table: Path) -> None:
    program = shutil.which("sssom", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("the sssom package is not installed")
    found = subprocess.run([program, "validate", table], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("table", LINKSETS, ids=lambda table: table.name)
def test_the_turtle_beside_a_table_is_what_the_table_makes(table: Path) -> None:
    beside = table.with_name(table.name.replace(SUFFIX, ".ttl"))
    assert beside.read_bytes() == links.turtle_of(table), "run kzus-graph links write"


@pytest.mark.parametrize("table", LINKSETS, ids=lambda table: table.name)
def test_each_row_is_about_a_thing_by_its_name_and_says_where_it_was_read(table: Path, whole: Content) -> None:
    for mapping in links.read(table):
        names = [str(name) for name in whole.asserted.objects(mapping.subject, RDFS.label | SKOS.prefLabel)]
        assert mapping.subject_label in names, mapping.subject
        assert re.search(r"Read in: .{8,}", mapping.comment), mapping
        assert mapping.date and 0.5 <= float(mapping.confidence) <= 1
        assert mapping.justification == URIRef("https://w3id.org/semapv/vocab/ManualMappingCuration")


def test_each_link_of_the_graph_has_its_reason(whole: Content) -> None:
    reasons = whole.graphs[GRAPH.mappings]
    parts = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
    said = {
        tuple(reasons.value(mapping, part) for part in parts)
        for mapping in reasons.subjects(RDF.type, links.SSSOM.Mapping)
    }
    linked = {triple for name, graph in whole.graphs.items() if name.startswith(content.LINKS) for triple in graph}
    assert linked and linked <= said


def test_a_feature_belongs_to_a_place_and_the_item_of_a_country_to_its_state(whole: Content) -> None:
    for place in whole.graphs[GRAPH["links-geonames"]].subjects():
        assert any((place, RDF.type, DIP[kind]) in whole.asserted for kind in ("Country", "City", "Region", "Site"))
    for name in ("wikidata", "dbpedia", "eurovoc"):
        linked = set(whole.graphs[GRAPH[f"links-{name}"]].subjects(SKOS.exactMatch))
        assert {URIRef(f"{BASE}id/kazakhstan"), URIRef(f"{BASE}id/united-states")} <= linked
        assert not [thing for thing in linked if (thing, RDF.type, DIP.Country) in whole.asserted]


def test_links_add_no_fact_about_our_things(whole: Content) -> None:
    """Reasoning with the linksets gives what it gives without them: nobody else's classes or facts become ours."""
    without = {name: graph for name, graph in whole.graphs.items() if name != GRAPH.inferred}
    linksets = [name for name in without if name.startswith(content.LINKS)]
    assert len(linksets) > 5
    for name in linksets:
        without[name] = Graph()
    rules = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
    base = merged(without)
    base += reasoning.rule_results(base, without, rules)
    alone = set(reasoning.infer(base)) | set(base)
    together = set(whole.graphs[GRAPH.inferred]) | set(whole.asserted)
    added = together - alone
    assert added == {triple for name in linksets for triple in whole.graphs[name]}


def test_links_as_the_same_thing_would_add_facts(whole: Content) -> None:
    """What the test above guards against: with owl:sameAs a state would become another data set's thing."""
    base = Graph()
    for triple in whole.asserted:
        base.add(triple)
    item = URIRef("http://www.wikidata.org/entity/Q232")
    base.add((URIRef(f"{BASE}id/kazakhstan"), OWL.sameAs, item))
    assert (item, RDF.type, DIP.State) in reasoning.infer(base)


def test_a_source_alone_keeps_the_links_of_what_it_speaks_of(first_source: Content) -> None:
    subjects = set(first_source.graphs[GRAPH["links-geonames"]].subjects())
    assert URIRef(f"{BASE}id/astana") in subjects
    assert URIRef(f"{BASE}id/vancouver") not in subjects
    reasons = first_source.graphs[GRAPH.mappings]
    assert set(reasons.objects(None, OWL.annotatedSource)) >= subjects
    assert URIRef(f"{BASE}id/vancouver") not in set(reasons.objects(None, OWL.annotatedSource))


def test_a_release_carries_each_linkset_with_its_table(real_release: Path) -> None:
    for table in LINKSETS:
        name = table.name.removesuffix(SUFFIX)
        assert (real_release / "dumps" / f"kzus-graph-links-{name}{SUFFIX}").read_bytes() == table.read_bytes()
        dumped = Graph().parse(real_release / "dumps" / f"kzus-graph-links-{name}.ttl")
        assert set(dumped) == set(links.links(links.read(table)))


def test_a_release_of_one_source_carries_its_own_rows_alone(tmp_path: Path) -> None:
    built = release.build(ROOT, tmp_path, only=["political-cooperation"])
    table = built / "dumps" / "kzus-graph-links-geonames.sssom.tsv"
    names = {mapping.subject_label for mapping in links.read(table)}
    assert "Astana" in names and "Vancouver" not in names
    assert set(Graph().parse(built / "dumps" / "kzus-graph-links-geonames.ttl")) == set(links.links(links.read(table)))


# Tables with faults


FAULTS = {
    "no prefixed name": (ROW.replace("wd:Q1520", "Q1520"), r"line 7, column object_id: 'Q1520' is no prefixed name"),
    "unknown prefix": (ROW.replace("wd:", "nowhere:"), r"line 7, column object_id: .*no prefix 'nowhere' in curie_map"),
    "not of ours": (ROW.replace("kzus:astana", "wd:Q1"), r"line 7, column subject_id: 'wd:Q1' is no thing of ours"),
    "confidence": (ROW.replace("0.9", "90%"), r"line 7, column confidence: '90%' is no number from 0 to 1"),
    "ragged": (ROW.replace("\t0.9", ""), r"line 7: this is not a row of 5 columns"),
    "too long": (ROW.replace("0.9", "0.9\tx"), r"line 7: this is not a row of 5 columns"),
    "twice": (ROW + ROW, r"two rows say kzus:astana skos:exactMatch <http://www.wikidata.org/entity/Q1520>"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_table_is_named_with_its_place(tmp_path: Path, fault: str) -> None:
    rows, message = FAULTS[fault]
    with pytest.raises(LinksError, match=rf"test\.sssom\.tsv.*{message}"):
        links.read(written(tmp_path, HEAD + rows))


def test_a_table_without_licence_column_or_utf8_is_refused(tmp_path: Path) -> None:
    assert len(links.read(written(tmp_path, HEAD + ROW))) == 1
    with pytest.raises(LinksError, match="no mapping_set_id or no license"):
        links.read(written(tmp_path, HEAD.replace("#license", "#licence") + ROW))
    with pytest.raises(LinksError, match="line 6: no column mapping_justification"):
        links.read(written(tmp_path, (HEAD + ROW).replace("mapping_justification", "why")))
    (tmp_path / "test.sssom.tsv").write_bytes(b"#x\n\xff\n")
    with pytest.raises(LinksError, match="not UTF-8"):
        links.read(tmp_path / "test.sssom.tsv")


def test_what_a_table_says_of_all_its_rows_holds_of_each(tmp_path: Path) -> None:
    (mapping,) = links.read(written(tmp_path, HEAD + ROW))
    assert (mapping.date, mapping.confidence) == ("2026-11-25", "0.9")
    assert mapping.name == URIRef(f"{BASE}source/links-test--astana--skos-exactMatch--wd-Q1520")


def test_nothing_is_written_when_one_table_has_a_fault(small_root: Path) -> None:
    folder = small_root / "data" / "links"
    folder.mkdir(exist_ok=True)
    (folder / "a.sssom.tsv").write_text(HEAD + ROW)
    (folder / "b.sssom.tsv").write_text(HEAD + ROW.replace("wd:", "x:"))
    with pytest.raises(LinksError):
        links.write(small_root)
    assert sorted(path.name for path in folder.iterdir()) == ["a.sssom.tsv", "b.sssom.tsv"]
    (folder / "b.sssom.tsv").unlink()
    assert links.write(small_root) == {folder / "a.ttl": True}
    assert links.write(small_root) == {folder / "a.ttl": False}
