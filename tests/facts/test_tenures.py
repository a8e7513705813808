"""Who held which office when: the US list is there whole, no two hold one office at once, each tenure is cited."""

import csv
import json
from datetime import date
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, Graph
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from kzus_graph.pipeline import checks
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from kzus_graph.tabular import dates
from tests.conftest import ROOT, SHARED
from tests.graphs import Examined, Graphs, read
from tests.tables import run_import

FILE = ROOT / "data" / "tenures.trig"
CHIEFS = SOURCE["history-state-gov-pocom-kz-"]


@pytest.fixture(scope="module")
def graphs() -> Graphs:
    return read([(FILE, None), (ROOT / "data" / "sources.ttl", GRAPH.sources)])


@pytest.fixture(scope="module")
def tenures(graphs: Graphs) -> Graph:
    return graphs[GRAPH.editorial]


@pytest.fixture
def reigns(small_root: Path) -> Path:
    """A root with a table of one tenure: the metadata are those of our own table, less what that says of records."""
    folder = small_root / "data" / "tables"
    folder.mkdir()
    metadata = json.loads((ROOT / "data" / "tables" / "tenures.csv-metadata.json").read_text("utf-8"))
    table = {**metadata["tables"][0], "url": "reigns.csv"}
    del table["tableSchema"]["columns"][5]
    (folder / "reigns.csv-metadata.json").write_text(json.dumps({**metadata, "tables": [table]}), "utf-8")
    reign = "1901-rufus-as-king-ruritania,Rufus as king,rufus,king-ruritania,1901-05/1903"
    (folder / "reigns.csv").write_text(f"tenure,name,holder,position,dates\n{reign}\n", "utf-8")
    return folder / "reigns.csv"


def test_a_row_becomes_a_tenure_with_its_bounds(small_root: Path, reigns: Path) -> None:
    done = run_import(small_root, reigns)
    assert done.exit_code == 0, done.output
    said = {
        (quad.predicate.value.removeprefix(PREFIXES["dip"]), quad.object.value)
        for quad in ox.parse(path=small_root / "data" / "reigns.trig")
        if quad.graph_name == ox.NamedNode(str(GRAPH.editorial))
    }
    assert {("tenureFrom", "1901-05-01"), ("tenureTo", "1903-12-31"), ("tenureEdtf", "1901-05/1903")} < said


def test_a_row_that_ends_before_it_begins_is_told_by_its_cell(small_root: Path, reigns: Path) -> None:
    reigns.write_text(reigns.read_text("utf-8").replace("1901-05/1903", "1901-05/1900"), "utf-8")
    done = run_import(small_root, reigns)
    assert done.exit_code == 1 and not (small_root / "data" / "reigns.trig").exists()
    assert "reigns.csv, row 2, column dates (E): '1901-05/1900' ends before it begins; write the first" in done.output


def surely(tenures: Graph, tenure: Node) -> tuple[date, date]:
    """Return the days from which and until which the person held the office, whatever day of a month or year is meant.

    One that has no end counts for its first day alone; the first may come after the second when neither is sure.
    """
    begin, _, end = str(tenures.value(tenure, DIP.tenureEdtf)).partition("/")
    (_, _), (_, latest), _ = dates.tenure(f"{begin}/{begin}")
    earliest = latest if end in ("", "..") else dates.tenure(f"{end}/..")[0][1]
    return date.fromisoformat(latest.value), date.fromisoformat(earliest.value)


def test_entries_of_the_us_list_are_there_with_their_dates(graphs: Graphs, tenures: Graph) -> None:
    path = SHARED / "facts" / "hsg_chiefs_of_mission.csv"
    if not path.is_file():
        pytest.skip("needs facts/hsg_chiefs_of_mission.csv, which is not beside this checkout")
    with path.open(newline="", encoding="utf-8") as file:
        entries = {SOURCE[f"history-state-gov-pocom-{row['id']}"]: row for row in csv.DictReader(file)}
    records = graphs[GRAPH.sources]
    assert {record for record in records.subjects(RDF.type, DIP.Record) if record.startswith(CHIEFS)} == set(entries)
    for record, row in entries.items():
        (tenure,) = tenures.subjects(DIP.attestedBy, record)
        begin, _, end = str(tenures.value(tenure, DIP.tenureEdtf)).partition("/")
        assert begin == row["started_date"], record
        assert end == row["ended_date"] or not row["ended_date"], record
        office = "ambassador" if row["role_title_id"] == "ambassador-e-p" else "charge-daffaires"
        assert tenures.value(tenure, DIP.tenurePosition) == KZUS[f"{office}-united-states-to-kazakhstan"]
        citation = str(records.value(record, DCTERMS.bibliographicCitation))
        assert all(row[name] in citation for name in ("id", "source_path", "source_commit"))
        assert str(records.value(record, DIP.recordAddress)) == row["public_url"]


def test_a_tenure_is_cited(graphs: Graphs, tenures: Graph) -> None:
    found = set(tenures.subjects(RDF.type, DIP.Tenure))
    assert len(found) == 57
    records = graphs[GRAPH.sources]
    for tenure in found:
        cited = set(tenures.objects(tenure, DIP.attestedBy))
        assert cited, tenure
        for record in cited:
            document = records.value(record, DCTERMS.isPartOf)
            assert (document, RDF.type, DIP.SourceDocument) in records, record
            for name in (DCTERMS.publisher, DCTERMS.rights, DCTERMS.bibliographicCitation, DIP.recordAddress):
                assert records.value(record, name), (record, name)
            assert records.value(record, DIP.secondHand) is not None and records.value(record, RDFS.comment), record


def test_nobody_holds_an_office_while_another_does(tenures: Graph) -> None:
    """A day may be the last of one and the first of the next."""
    compared = 0
    for office in set(tenures.objects(None, DIP.tenurePosition)):
        for one, other in combinations(tenures.subjects(DIP.tenurePosition, office), 2):
            (first, last), (start, stop) = surely(tenures, one), surely(tenures, other)
            assert max(first, start) >= min(last, stop), (one, other)
            compared += 1
    assert compared > 100


def test_who_was_us_ambassador_on_26_march_2012(whole: Examined) -> None:
    query = (ROOT / "queries" / "us-ambassador-on-26-march-2012.rq").read_text("utf-8")
    rows = checks.stored(ntriples.union(whole.content.asserted, whole.content.inferred), {}).query(query)
    assert isinstance(rows, ox.QuerySolutions)
    assert [(row["name"].value, row["certainty"].value) for row in rows] == [("Kenneth Fairfax", "surely")]


def test_acts_in_an_office_lie_within_the_known_tenures(whole: Examined) -> None:
    """What shape S15 demands, worked out once more without SPARQL; and it has something to work on."""
    graph = whole.asserted + whole.inferred
    known: dict[tuple[Node | None, Node | None], list[tuple[str, str]]] = {}
    for tenure in graph.subjects(RDF.type, DIP.Tenure):
        who = (graph.value(tenure, DIP.tenureHolder), graph.value(tenure, DIP.tenurePosition))
        last = str(graph.value(tenure, DIP.tenureTo, default="9999-12-31"))
        known.setdefault(who, []).append((str(graph.value(tenure, DIP.tenureFrom)), last))
    tested = outside = 0
    for part, office in graph.subject_objects(DIP.inPosition):
        event, who = graph.value(part, DIP.inEvent), (graph.value(part, DIP.participant), office)
        begin, end = graph.value(event, DIP.notBefore), graph.value(event, DIP.notAfter)
        if who in known and begin is not None and end is not None:
            tested += 1
            outside += not any(first <= str(end) and str(begin) <= last for first, last in known[who])
    assert tested > 40 and outside == 0
