"""Links to other data sets: their tables as SSSOM, the triples made of them, and that they make up no facts."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from kzus_graph.links import linksets, sssom
from kzus_graph.links.sssom import SUFFIX, LinksError
from kzus_graph.pipeline import content, release
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import DIP, GRAPH
from tests.conftest import ROOT
from tests.graphs import Examined, infer, merged, rule_results

TABLES = linksets.tables(ROOT)
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
    assert sum(len(linksets.read(table)) for table in LINKSETS) >= 180


# sssom and the pandas under it warn about one another
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_sssom_package_finds_each_table_valid(table: Path) -> None:
    commands = pytest.importorskip("sssom.cli", reason="the sssom package is not installed")
    # Within this process: the package takes longer to load than to read a table.
    found = CliRunner().invoke(commands.main, ["validate", str(table)])
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("table", LINKSETS, ids=lambda table: table.name)
def test_the_turtle_beside_a_table_is_what_the_table_makes(table: Path) -> None:
    beside = table.with_name(table.name.replace(SUFFIX, ".ttl"))
    assert beside.read_bytes() == linksets.turtle_of(table), "run kzus-graph links write"


@pytest.mark.parametrize("table", LINKSETS, ids=lambda table: table.name)
def test_each_row_is_about_a_thing_by_its_name_and_says_where_it_was_read(table: Path, whole: Examined) -> None:
    for mapping in linksets.read(table):
        names = [str(name) for name in whole.asserted.objects(mapping.subject, RDFS.label | SKOS.prefLabel)]
        assert mapping.subject_label in names, mapping.subject
        assert re.search(r"Read in: .{8,}", mapping.comment), mapping
        assert mapping.date and 0.5 <= float(mapping.confidence) <= 1
        assert mapping.justification == URIRef("https://w3id.org/semapv/vocab/ManualMappingCuration")


def test_each_link_of_the_graph_has_its_reason(whole: Examined) -> None:
    reasons = whole.graphs[GRAPH.mappings]
    parts = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
    said = {
        tuple(reasons.value(mapping, part) for part in parts)
        for mapping in reasons.subjects(RDF.type, linksets.SSSOM.Mapping)
    }
    linked = {triple for name, graph in whole.graphs.items() if name.startswith(content.LINKS) for triple in graph}
    assert linked and linked <= said


def test_the_kind_of_the_other_thing_is_a_part_of_the_reason(tmp_path: Path) -> None:
    head = HEAD.replace("\tmapping_justification", "\tobject_category\tmapping_justification")
    rows = [ROW.replace("wd:Q1520", f"wd:Q1520\t{kind}") for kind in ("dip:City", "", "City")]
    (mapping,) = linksets.read(written(tmp_path, head + rows[0]))
    assert mapping.object_category == str(DIP.City)
    assert (mapping.name, linksets.SSSOM.object_category, DIP.City) in set(linksets.reasons([mapping]))
    (unknown,) = linksets.read(written(tmp_path, head + rows[1]))
    assert linksets.SSSOM.object_category not in {property_ for _, property_, _ in linksets.reasons([unknown])}
    with pytest.raises(LinksError, match="line 7, column object_category: 'City' must be a prefixed name"):
        linksets.read(written(tmp_path, head + rows[2]))


def test_a_feature_belongs_to_a_place_and_the_item_of_a_country_to_its_state(whole: Examined) -> None:
    for place in whole.graphs[GRAPH["links-geonames"]].subjects():
        assert any((place, RDF.type, DIP[kind]) in whole.asserted for kind in ("Country", "City", "Region", "Site"))
    for name in ("wikidata", "dbpedia", "eurovoc"):
        linked = set(whole.graphs[GRAPH[f"links-{name}"]].subjects(SKOS.exactMatch))
        assert {URIRef(f"{BASE}id/kazakhstan"), URIRef(f"{BASE}id/united-states")} <= linked
        assert not [thing for thing in linked if (thing, RDF.type, DIP.Country) in whole.asserted]


def test_links_add_no_fact_about_our_things(whole: Examined) -> None:
    """Reasoning with the linksets gives what it gives without them: nobody else's classes or facts become ours."""
    without = {name: graph for name, graph in whole.graphs.items() if name != GRAPH.inferred}
    sets = [name for name in without if name.startswith(content.LINKS)]
    assert len(sets) > 5
    for name in sets:
        without[name] = Graph()
    rules = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
    base = merged(without)
    base += rule_results(base, without, rules)
    alone = set(infer(base)) | set(base)
    together = set(whole.graphs[GRAPH.inferred]) | set(whole.asserted)
    added = together - alone
    assert added == {triple for name in sets for triple in whole.graphs[name]}


def test_links_as_the_same_thing_would_add_facts(whole: Examined) -> None:
    """What the test above guards against: with owl:sameAs a state would become another data set's thing."""
    item = URIRef("http://www.wikidata.org/entity/Q232")
    state = URIRef(f"{BASE}id/kazakhstan")
    base = Graph()
    for triple in (*whole.graphs[GRAPH.ontology], *whole.asserted.triples((state, None, None))):
        base.add(triple)
    assert (item, RDF.type, DIP.State) not in infer(base) | base
    base.add((state, OWL.sameAs, item))
    assert (item, RDF.type, DIP.State) in infer(base)


def test_a_source_alone_keeps_the_links_of_what_it_speaks_of(first_source: Examined) -> None:
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
        assert set(dumped) == set(linksets.links(linksets.read(table)))


@pytest.mark.slow
def test_a_release_of_one_source_carries_its_own_rows_alone(tmp_path: Path) -> None:
    built = release.build(ROOT, tmp_path, only=["political-cooperation"])
    table = built / "dumps" / "kzus-graph-links-geonames.sssom.tsv"
    names = {mapping.subject_label for mapping in linksets.read(table)}
    assert "Astana" in names and "Vancouver" not in names
    assert set(Graph().parse(built / "dumps" / "kzus-graph-links-geonames.ttl")) == set(
        linksets.links(linksets.read(table))
    )


# Tables as other programs write them


def by_sssom_py(table: Path, to: Path) -> Path:
    """*table* read and written again by the sssom package."""
    parsers = pytest.importorskip("sssom.parsers", reason="the sssom package is not installed")
    writers = pytest.importorskip("sssom.writers", reason="the sssom package is not installed")
    with to.open("w", encoding="utf-8") as file:
        writers.write_table(parsers.parse_sssom_table(str(table)), file)
    return to


# sssom and the pandas under it warn about one another
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("table", LINKSETS, ids=lambda table: table.name)
def test_a_table_that_sssom_py_wrote_says_the_same(table: Path, tmp_path: Path) -> None:
    copy = by_sssom_py(table, tmp_path / table.name)
    assert copy.read_text("utf-8").startswith("# ")
    assert sorted(linksets.read(copy)) == sorted(linksets.read(table))
    names = {mapping.name for mapping in linksets.read(copy)}
    assert linksets.kept(copy, names) == copy.read_bytes()
    ours, theirs = (sssom.read(path).metadata for path in (table, copy))
    assert {name: theirs[name] for name in ours} == ours


WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "empty last lines": lambda text: f"{text}\n\n".encode(),
    "lines of nothing but tabs": lambda text: f"{text}\t\t\t\t\n \t\t\t\t\n".encode(),
    "an empty line between": lambda text: text.replace("\nkzus:almaty", "\n\nkzus:almaty").encode(),
    "no end of the last line": lambda text: text.removesuffix("\n").encode(),
    "blank behind the hash": lambda text: re.sub("^#", "# ", text, flags=re.MULTILINE).encode(),
    "empty lines in the head": lambda text: ("\n" + text.replace("#curie_map", "#\n\n#curie_map")).encode(),
    "columns in another order": lambda text: "".join(
        line if line.startswith("#") else "\t".join(reversed(line.rstrip("\n").split("\t"))) + "\n"
        for line in text.splitlines(keepends=True)
    ).encode(),
    "more columns": lambda text: re.sub("^(?!#)(.*)$", r"\1\tmore", text, flags=re.MULTILINE)[
        : -len("\tmore")
    ].encode(),
    "empty columns": lambda text: re.sub("^(?!#)(.+)$", r"\1\t\t", text, flags=re.MULTILINE).encode(),
    "tabs behind the metadata": lambda text: re.sub("^(#.*)$", r"\1\t\t", text, flags=re.MULTILINE).encode(),
    "metadata in quotation marks": lambda text: re.sub("^(#m.*)$", r'"\1"', text, flags=re.MULTILINE).encode(),
    "values in quotation marks": lambda text: re.sub("^(#.*?: )(.+)$", r"\1'\2'", text, flags=re.MULTILINE).encode(),
    "cells in quotation marks": lambda text: text.replace("\t0.9", '\t"0.9"').encode(),
    "a map on one line": lambda text: text.replace(
        "#curie_map:\n#  wd: http://www.wikidata.org/entity/",
        '#curie_map: {wd: "http://www.wikidata.org/entity/", x: http://x.example/}',
    ).encode(),
    "numbers otherwise": lambda text: text.replace("\t0.9\n", "\t0.90\n").encode(),
}
SECOND = "kzus:almaty\tskos:exactMatch\twd:Q35493\tsemapv:ManualMappingCuration\t0.9\n"


@pytest.mark.parametrize("way", WAYS)
def test_a_table_says_the_same_however_it_is_written(tmp_path: Path, way: str) -> None:
    path = tmp_path / "test.sssom.tsv"
    path.write_bytes(WAYS[way](HEAD + ROW + SECOND))
    (tmp_path / "plain").mkdir()
    wanted = linksets.read(written(tmp_path / "plain", HEAD + ROW + SECOND))
    assert len(wanted) == 2 and linksets.read(path) == wanted
    for mapping in wanted:
        kept = linksets.kept(path, {mapping.name})
        path.write_bytes(kept)
        assert linksets.read(path) == [mapping]
        assert b"more" not in WAYS[way](HEAD) or b"\tmore" in kept
        path.write_bytes(WAYS[way](HEAD + ROW + SECOND))


def test_cells_are_quoted_as_csv_is(tmp_path: Path) -> None:
    comment = 'He said "so", twice,\nand went.'
    quoted = comment.replace('"', '""')
    text = HEAD.replace("\tconfidence", "\tconfidence\tcomment") + ROW.replace("\n", f'\t"{quoted}"\n')
    (mapping,) = linksets.read(written(tmp_path, text.replace("twice,\nand", "twice, and")))
    assert mapping.comment == comment.replace("\n", " ")
    (mapping,) = linksets.read(written(tmp_path, text.replace(f'"{quoted}"', 'get("kz") of it')))
    assert mapping.comment == 'get("kz") of it'
    with pytest.raises(LinksError, match=r"line 7, column comment: .*: character 21 is U\+000A"):
        linksets.read(written(tmp_path, text))


def test_text_of_the_metadata_may_go_on_in_further_lines(tmp_path: Path) -> None:
    head = (
        "# mapping_set_title: 'It''s one: of\n#   two lines'\n# mapping_set_description: \"a\\\n#   \\ b \\\"c\\\"\"\n"
        "# other: >-\n#   first\n#   license: second\n# creator_id:\n# - orcid:0000-0002-1694-233X\n"
    )
    text = head + re.sub("^#", "# ", HEAD, flags=re.MULTILINE) + ROW
    read = sssom.read(written(tmp_path, text))
    assert read.metadata["mapping_set_title"] == "It's one: of two lines"
    assert read.metadata["mapping_set_description"] == 'a b "c"'
    assert read.metadata["other"] == "first license: second"
    assert read.metadata["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert len(read.rows) == 1
    flow = "#curie_map: {'x': \"http://x.example/\", y: 'http://y.example/#', kzus: https://w3id.org/kzus/id/}\n"
    text = re.sub(r"#curie_map:\n(#  .*\n)+", flow, HEAD) + ROW
    read = sssom.read(written(tmp_path, text))
    assert (read.prefixes["x"], read.prefixes["y"]) == ("http://x.example/", "http://y.example/#")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("#mapping_set_title: a: b\n", "line 1: mapping values are not allowed here"),
        ("#curie_map:\n#  x: http://x.example/\n#y: [\n", "not YAML"),
        (f"#other: {'[' * 100_000}\n", "not YAML"),
    ],
)
def test_a_head_that_is_no_yaml_is_named(tmp_path: Path, head: str, words: str) -> None:
    with pytest.raises(LinksError, match=re.escape(words)):
        sssom.read(written(tmp_path, head + HEAD + ROW))


def test_values_of_the_head_stay_texts(tmp_path: Path) -> None:
    read = sssom.read(written(tmp_path, "#mapping_date: 2026-11-25\n#mapping_set_version: 1.10\n#other: yes\n" + ROW))
    assert read.metadata == {"mapping_date": "2026-11-25", "mapping_set_version": "1.10", "other": "yes"}


@pytest.mark.parametrize("suffix", [".sssom.yml", ".sssom.yaml"])
def test_metadata_may_stand_in_a_file_beside_the_table(tmp_path: Path, suffix: str) -> None:
    lines = HEAD.splitlines(keepends=True)
    (tmp_path / f"test{suffix}").write_text("".join(line[1:] for line in lines if line.startswith("#")))
    path = written(tmp_path, lines[-1] + ROW)
    (mapping,) = linksets.read(path)
    assert mapping.date == "2026-11-25" and mapping.table.endswith("links-test")
    (tmp_path / "alone.sssom.tsv").write_bytes(linksets.kept(path, {mapping.name}))
    assert linksets.read(tmp_path / "alone.sssom.tsv") == [mapping]


def test_a_comment_on_all_rows_is_not_one_on_each(tmp_path: Path) -> None:
    (mapping,) = linksets.read(written(tmp_path, "#comment: Of the table.\n#confidence: 0.5\n" + HEAD + ROW))
    assert (mapping.comment, mapping.confidence) == ("", "0.9")


# Tables with faults


FAULTS = {
    "no prefixed name": (
        ROW.replace("wd:Q1520", "Q1520"),
        r"line 7, column object_id: 'Q1520' must be a prefixed name",
    ),
    "unknown prefix": (
        ROW.replace("wd:", "nowhere:"),
        r"line 7, column object_id: .*; curie_map declares no prefix 'nowhere'",
    ),
    "not of ours": (ROW.replace("kzus:astana", "wd:Q1"), r"line 7, column subject_id: 'wd:Q1' must be an IRI in https"),
    "confidence": (ROW.replace("0.9", "90%"), r"line 7, column confidence: '90%' must be a number from 0 to 1"),
    "ragged": (ROW.replace("\t0.9", ""), r"line 7: a row must have 5 cells"),
    "unseen": (
        ROW.replace("kzus:astana", "kzus:astana\u200b"),
        r"line 7, column subject_id: 'kzus:astana\\u200b': character 12 is U\+200B \(ZERO WIDTH SPACE\)",
    ),
    "open quotation mark": (
        ROW.replace("\t0.9", '\t"0.9') + ROW,
        r"line 7: unexpected end of data; a cell that begins",
    ),
    "text behind a quotation mark": (
        ROW.replace("\t0.9", '\t"0.9"x'),
        r"line 7: .*; a cell that begins with a quotation",
    ),
    "behind an empty line": (
        "\n\n" + ROW.replace("0.9", "2"),
        r"line 9, column confidence: '2' must be a number from 0",
    ),
    "no number": (ROW.replace("0.9", "nan"), r"line 7, column confidence: 'nan' must be a number from 0 to 1"),
    "too long": (ROW.replace("0.9", "0.9\tx"), r"line 7: a row must have 5 cells"),
    "twice": (
        ROW + ROW,
        r"two rows state the same link; delete one: kzus:astana skos:exactMatch <http://www.wikidata.org/entity/Q1520>",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_table_is_named_with_its_place(tmp_path: Path, fault: str) -> None:
    rows, message = FAULTS[fault]
    with pytest.raises(LinksError, match=rf"test\.sssom\.tsv.*{message}"):
        linksets.read(written(tmp_path, HEAD + rows))


def test_a_table_without_licence_column_or_utf8_is_refused(tmp_path: Path) -> None:
    assert len(linksets.read(written(tmp_path, HEAD + ROW))) == 1
    with pytest.raises(LinksError, match="must give mapping_set_id and license"):
        linksets.read(written(tmp_path, HEAD.replace("#license", "#licence") + ROW))
    with pytest.raises(LinksError, match="line 6: required columns are missing: mapping_justification"):
        linksets.read(written(tmp_path, (HEAD + ROW).replace("mapping_justification", "why")))
    (tmp_path / "test.sssom.tsv").write_bytes(b"#x\n\xff\n")
    with pytest.raises(LinksError, match="not UTF-8"):
        linksets.read(tmp_path / "test.sssom.tsv")


def test_what_a_table_says_of_all_its_rows_holds_of_each(tmp_path: Path) -> None:
    (mapping,) = linksets.read(written(tmp_path, HEAD + ROW))
    assert (mapping.date, mapping.confidence) == ("2026-11-25", "0.9")
    assert mapping.name == URIRef(f"{BASE}source/links-test--astana--skos-exactMatch--wd-Q1520")


def test_nothing_is_written_when_one_table_has_a_fault(small_root: Path) -> None:
    folder = small_root / "data" / "links"
    folder.mkdir(exist_ok=True)
    (folder / "a.sssom.tsv").write_text(HEAD + ROW)
    (folder / "b.sssom.tsv").write_text(HEAD + ROW.replace("wd:", "x:"))
    with pytest.raises(LinksError):
        linksets.write(small_root)
    assert sorted(path.name for path in folder.iterdir()) == ["a.sssom.tsv", "b.sssom.tsv"]
    (folder / "b.sssom.tsv").unlink()
    assert linksets.write(small_root) == {folder / "a.ttl": True}
    assert linksets.write(small_root) == {folder / "a.ttl": False}
