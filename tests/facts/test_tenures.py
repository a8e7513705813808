"""Who held which office when: each tenure by the records that state it, every gathered row used, no two at once."""

import csv
import json
from datetime import date
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import Node

from kzus_graph.pipeline import checks
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from kzus_graph.tabular import dates
from tests.conftest import ROOT, SHARED
from tests.graphs import Examined
from tests.tables import run_import

CHIEFS = SOURCE["history-state-gov-pocom-kz-"]
TABLES = ROOT / "data" / "tables"
US_LIST = "every-politician-scrapers-us-cabinet"
KZ_LIST = "every-politician-scrapers-kazakhstan-cabinet"

FOLLOWED = {
    "1999-idrissov-as-foreign-minister-kazakhstan": "1999/2002",
    "2002-tokayev-as-foreign-minister-kazakhstan": "2002-01-29/2007-01-11",
    "2007-tazhin-as-foreign-minister-kazakhstan": "2007-01-11/2009-09-04",
    "2009-saudabayev-as-foreign-minister-kazakhstan": "2009-09-04/2011-04-11",
    "2011-kazykhanov-as-foreign-minister-kazakhstan": "2011-04-11/2012-09-24",
    "2012-idrissov-as-foreign-minister-kazakhstan": "2012-09-28/2016-12-28",
    "2019-tileuberdi-as-foreign-minister-kazakhstan": "2019-09-18/2023-04-03",
    "1996-nurgaliyev-as-ambassador-to-united-states": "1996/",
    "2007-idrissov-as-ambassador-to-united-states": "2007-07/2012",
    "2019-moser-as-ambassador-to-kazakhstan": "2019-02-18/2021-09",
    "1999-tokayev-as-prime-minister-kazakhstan": "1999-10-12/2002-01-28",
    "2002-tasmagambetov-as-prime-minister-kazakhstan": "2002-01-28/2003-06-11",
    "2022-smailov-as-acting-prime-minister-kazakhstan": "2022-01-05/2022-01-11",
    "2021-blinken-as-secretary-of-state-united-states": "2021-01-26/2025-01-20",
    "2025-rubio-as-secretary-of-state-united-states": "2025-01-21/..",
    "2017-john-sullivan-as-deputy-secretary-of-state-united-states": "2017-05-24/2019-12-20",
    "2006-gates-as-secretary-of-defense-united-states": "2006-12-18/2011-06-30",
    "2013-hagel-as-secretary-of-defense-united-states": "2013-02-27/2015-02-17",
    "2009-chu-as-secretary-of-energy-united-states": "2009-01-21/2013-04-22",
}
"""The interval of tenures that a later record mended, added or contradicted."""

SET_ASIDE = {
    ("1999-idrissov-as-foreign-minister-kazakhstan", "wikipedia-erlan-idrissov"): "1999/2002-06",
    ("2002-tokayev-as-foreign-minister-kazakhstan", KZ_LIST): "2003-06/2007-01",
    ("2007-tazhin-as-foreign-minister-kazakhstan", "fergana-1795"): "2007-01/",
    ("2007-tazhin-as-foreign-minister-kazakhstan", "menas-tazhin-2017"): "2007/2009",
    ("2007-tazhin-as-foreign-minister-kazakhstan", "wikipedia-marat-tazhin"): "2007-01-10/2009",
    ("2009-saudabayev-as-foreign-minister-kazakhstan", "wikipedia-kanat-saudabayev-offices"): "2009-09-04/2011-04-08",
    ("2012-idrissov-as-foreign-minister-kazakhstan", "embassy-kazakhstan-london-361"): "2012/2017",
    ("2019-tileuberdi-as-foreign-minister-kazakhstan", KZ_LIST): "2019-09-08/",
    ("2019-tileuberdi-as-foreign-minister-kazakhstan", "rbc-nurtleu-2023"): "2019/2023-04-03",
    ("2001-saudabayev-as-ambassador-to-united-states", "yale-bulletin-saudabayev"): "2000/",
    ("2001-saudabayev-as-ambassador-to-united-states", "washington-times-2007-05-24"): "2001-02/2007-05",
    ("2007-idrissov-as-ambassador-to-united-states", "embassy-kazakhstan-london-361"): "2007/2012",
    ("2007-idrissov-as-ambassador-to-united-states", "wikipedia-erlan-idrissov"): "2007-07/2012-10",
    ("2025-ilyassov-as-ambassador-to-united-states", "swisshubnews-ilyassov-2025"): "2025-10-20/",
    ("2026-stufft-as-ambassador-to-kazakhstan", "baq-300028425"): "2025-12-03/",
    ("2011-fairfax-as-ambassador-to-kazakhstan", "astanatv-29579"): "/2013-10",
    ("1994-kazhegeldin-as-prime-minister-kazakhstan", "wikipedia-akezhan-kazhegeldin"): "1994-10-14/1997-10-10",
    ("2002-tasmagambetov-as-prime-minister-kazakhstan", KZ_LIST): "2002-01-22/2003-06-11",
    ("2022-smailov-as-prime-minister-kazakhstan", KZ_LIST): "2022-01-05/",
    ("2005-zoellick-as-deputy-secretary-of-state-united-states", US_LIST): "/2006-07-07",
    ("2009-steinberg-as-deputy-secretary-of-state-united-states", US_LIST): "2009-01-28/2011-07-28",
    ("2015-blinken-as-deputy-secretary-of-state-united-states", US_LIST): "/2017-01-20",
    ("2006-gates-as-secretary-of-defense-united-states", "nndb-secretaries-of-defense"): "2006-12-18/2011-07-01",
    ("2013-hagel-as-secretary-of-defense-united-states", "britannica-kids-hagel"): "/2015-02",
    ("2005-bodman-as-secretary-of-energy-united-states", "wikipedia-secretary-of-energy-reference-com"): "2005-02-01/",
    ("2009-chu-as-secretary-of-energy-united-states", "miller-center-chu"): "2009-01-21/2013",
    ("1995-curtis-as-deputy-secretary-of-energy-united-states", "wikipedia-deputy-secretary-of-energy"): "1995/1997",
    ("2001-condoleezza-rice-as-national-security-advisor-united-states", US_LIST): "2001-01-20/2005-01-26",
}
"""What each record says that some disagreement sets aside, by tenure and record."""

STATED_OTHERWISE = {
    "19": "the end is inferred from the next post",
    "41": "the two days are in two records",
    "43": "the two days are in two records",
    "47": "the two days are in two records",
    "54": "the two days are in two records",
    "111": "the box has the holder as incumbent",
    "144": "the box has the holder as incumbent",
    "145": "the box has the holder as incumbent",
}
"""Gathered rows whose dates stand in no record as the row has them, each with the reason."""


@pytest.fixture(scope="module")
def merge(whole: Examined) -> Graph:
    """The tenures as the merge has them, with what the rules add."""
    return whole.asserted + whole.inferred


@pytest.fixture
def reigns(small_root: Path) -> Path:
    """A root with a table of one tenure: the metadata are those of our own table, without its other tables."""
    folder = small_root / "data" / "tables"
    folder.mkdir()
    metadata = json.loads((TABLES / "tenures.csv-metadata.json").read_text("utf-8"))
    table = {**metadata["tables"][0], "url": "reigns.csv"}
    del table["tableSchema"]["foreignKeys"]
    (folder / "reigns.csv-metadata.json").write_text(json.dumps({**metadata, "tables": [table]}), "utf-8")
    reign = "herald-7,1901-rufus-as-king-ruritania,rufus,king-ruritania,1901-05/1903"
    (folder / "reigns.csv").write_text(f"record,tenure,holder,position,dates\n{reign}\n", "utf-8")
    return folder / "reigns.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stated(whole: Examined, record: URIRef, tenure: URIRef) -> str:
    """The interval that *record* alone states of *tenure*; empty if it states none."""
    graph = whole.graphs[record]
    assert (tenure, RDF.type, DIP.Tenure) in graph, (record, tenure)
    begin, end = (str(graph.value(tenure, DIP[f"tenure{part}Edtf"], default="")) for part in ("From", "To"))
    return f"{begin}/{end}" if begin or end else ""


def test_a_row_becomes_a_tenure_in_the_graph_of_its_record(small_root: Path, reigns: Path) -> None:
    done = run_import(small_root, reigns)
    assert done.exit_code == 0, done.output
    said = {
        (quad.predicate.value.removeprefix(PREFIXES["dip"]), quad.object.value)
        for quad in ox.parse(path=small_root / "data" / "reigns.trig")
        if quad.graph_name == ox.NamedNode(str(SOURCE["herald-7"]))
    }
    assert said == {
        (str(RDF.type), str(DIP.Tenure)),
        ("tenureHolder", str(KZUS.rufus)), ("tenurePosition", str(KZUS["king-ruritania"])),
        ("tenureFrom", "1901-05-01"), ("tenureFromEdtf", "1901-05"),
        ("tenureTo", "1903-12-31"), ("tenureToEdtf", "1903"),
    }  # fmt: skip


def test_a_row_that_ends_before_it_begins_is_told_by_its_cell(small_root: Path, reigns: Path) -> None:
    reigns.write_text(reigns.read_text("utf-8").replace("1901-05/1903", "1901-05/1900"), "utf-8")
    done = run_import(small_root, reigns)
    assert done.exit_code == 1 and not (small_root / "data" / "reigns.trig").exists()
    assert "reigns.csv, row 2, column dates (E): '1901-05/1900' ends before it begins; write the first" in done.output


def surely(merge: Graph, tenure: Node) -> tuple[date, date]:
    """Return the days from which and until which the person held the office, whatever day of a month or year is meant.

    One that has no end counts for its first day alone; the first may come after the second when neither is sure.
    """
    begin, _, end = str(merge.value(tenure, DIP.tenureEdtf)).partition("/")
    latest = dates.tenure(f"{begin}/{begin}")[2][1]
    earliest = latest if end in ("", "..") else dates.tenure(f"{end}/..")[0][1]
    return date.fromisoformat(latest.value), date.fromisoformat(earliest.value)


def test_entries_of_the_us_list_are_there_with_their_dates(whole: Examined, merge: Graph) -> None:
    path = SHARED / "facts" / "hsg_chiefs_of_mission.csv"
    if not path.is_file():
        pytest.skip("needs facts/hsg_chiefs_of_mission.csv, which is not beside this checkout")
    entries = {SOURCE[f"history-state-gov-pocom-{row['id']}"]: row for row in rows(path)}
    records = whole.graphs[GRAPH.sources]
    assert {record for record in records.subjects(RDF.type, DIP.Record) if record.startswith(CHIEFS)} == set(entries)
    for record, row in entries.items():
        (tenure,) = whole.graphs[record].subjects(RDF.type, DIP.Tenure)
        assert stated(whole, record, URIRef(str(tenure))) == f"{row['started_date']}/{row['ended_date']}"
        office = "ambassador" if row["role_title_id"] == "ambassador-e-p" else "charge-daffaires"
        assert merge.value(tenure, DIP.tenurePosition) == KZUS[f"{office}-united-states-to-kazakhstan"]
        citation = str(records.value(record, DCTERMS.bibliographicCitation))
        assert all(row[name] in citation for name in ("id", "source_path", "source_commit"))
        assert str(records.value(record, DIP.recordAddress)) == row["public_url"]


def test_a_tenure_is_attested_by_the_records_that_state_it(whole: Examined, merge: Graph) -> None:
    found = set(merge.subjects(RDF.type, DIP.Tenure))
    assert len(found) == 161
    by_row: dict[Node, set[Node]] = {}
    for row in rows(TABLES / "tenures.csv"):
        by_row.setdefault(KZUS[row["tenure"]], set()).add(SOURCE[row["record"]])
    assert {tenure: set(merge.objects(tenure, DIP.attestedBy)) for tenure in found} == by_row
    records = whole.graphs[GRAPH.sources]
    for record in set().union(*by_row.values()):
        document = records.value(record, DCTERMS.isPartOf)
        assert (document, RDF.type, DIP.SourceDocument) in records, record
        for name in (DCTERMS.publisher, DCTERMS.rights, DCTERMS.bibliographicCitation, DIP.recordAddress):
            assert records.value(record, name), (record, name)
        assert records.value(record, DIP.secondHand) is not None and records.value(record, RDFS.comment), record


def test_no_tenure_is_stated_outside_the_graphs_of_records(whole: Examined) -> None:
    terms = {DIP[f"tenure{part}"] for part in ("Holder", "Position", "From", "FromEdtf", "To", "ToEdtf", "Edtf")}
    for name, graph in whole.graphs.items():
        if terms & set(graph.predicates()) and name != GRAPH.inferred:
            assert (name, RDF.type, DIP.Record) in whole.graphs[GRAPH.sources], name


@pytest.mark.parametrize("name", FOLLOWED)
def test_the_interval_is_that_of_the_records_followed(merge: Graph, name: str) -> None:
    assert [str(interval) for interval in merge.objects(KZUS[name], DIP.tenureEdtf)] == [FOLLOWED[name]]


def test_what_is_set_aside_stays_in_the_graph_of_its_record(whole: Examined, merge: Graph) -> None:
    aside = {
        (str(about).removeprefix(PREFIXES["kzus"]), str(record).removeprefix(PREFIXES["source"]))
        for note, about in merge.subject_objects(DIP.disagreementAbout)
        if (about, RDF.type, DIP.Tenure) in merge
        for record in merge.objects(note, DIP.setsAside)
    }
    assert aside == SET_ASIDE.keys()
    for (tenure, record), interval in SET_ASIDE.items():
        assert stated(whole, SOURCE[record], KZUS[tenure]) == interval, (tenure, record)


def test_two_beginnings_without_a_disagreement_are_a_fault(whole: Examined) -> None:
    """The check finds each clash that the editors weighed, once their disagreements are left out."""
    graphs = {name: lines for name, lines in whole.content.graphs.items() if name != GRAPH.inferred}
    everything = sorted(set().union(*graphs.values()))
    query = (ROOT / "queries" / "checks" / "clash-without-disagreement.rq").read_text("utf-8")
    found = checks.stored(everything, graphs).query(query)
    assert isinstance(found, ox.QuerySolutions)
    clashing = {row["this"].value for row in found}
    assert {str(KZUS[tenure]) for tenure, _ in SET_ASIDE} <= clashing


def test_nobody_holds_an_office_while_another_does(merge: Graph) -> None:
    """A day may be the last of one and the first of the next. Each office with a tenure is a single holder's."""
    compared = 0
    for office in set(merge.objects(None, DIP.tenurePosition)):
        assert (office, RDF.type, DIP.SingleHolderPosition) in merge, office
        for one, other in combinations(merge.subjects(DIP.tenurePosition, office), 2):
            (first, last), (start, stop) = surely(merge, one), surely(merge, other)
            assert max(first, start) >= min(last, stop), (one, other)
            compared += 1
    assert compared > 700


def test_offices_of_several_are_not_of_a_single_holder(merge: Graph) -> None:
    offices = set(merge.subjects(RDF.type, DIP.Position))
    several = {compact(str(office)) for office in offices if (office, RDF.type, DIP.SingleHolderPosition) not in merge}
    assert several == {
        "kzus:assistant-secretary-of-state-united-states", "kzus:deputy-assistant-attorney-general-united-states",
        "kzus:first-lady-united-states", "kzus:first-president-kazakhstan", "kzus:president-elect-united-states",
        "kzus:representative-for-talks-with-united-states-kazakhstan",
        "kzus:special-envoy-united-states", "kzus:under-secretary-of-state-united-states",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "holders"),
    [
        ("2017-01-19", {"John Kerry": "Secretary of State of the United States"}),
        (
            "2017-01-20",
            {
                "John Kerry": "Secretary of State of the United States",
                "Thomas Shannon": "Acting Secretary of State of the United States",
            },
        ),
        ("2017-01-25", {"Thomas Shannon": "Acting Secretary of State of the United States"}),
        ("2017-02-02", {"Rex Tillerson": "Secretary of State of the United States"}),
    ],
)
def test_who_was_secretary_of_state_on_a_day(whole: Examined, day: str, holders: dict[str, str]) -> None:
    store = checks.stored([*whole.content.asserted, *whole.content.inferred], {})
    query = """
        PREFIX dip: <https://w3id.org/kzus/ontology#>
        PREFIX kzus: <https://w3id.org/kzus/id/>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT ?name ?office WHERE {
          ?position dip:actingFor? kzus:secretary-of-state-united-states ; rdfs:label ?office .
          ?tenure dip:tenurePosition ?position ; dip:tenureHolder/rdfs:label ?name ;
            dip:tenureOngoingFrom ?from ; dip:tenureOngoingUntil ?until .
          FILTER (?from <= "DAY"^^xsd:date && "DAY"^^xsd:date <= ?until)
        }"""
    found = store.query(query.replace("DAY", day))
    assert isinstance(found, ox.QuerySolutions)
    assert {row["name"].value: row["office"].value for row in found} == holders


def test_who_was_us_ambassador_on_26_march_2012(whole: Examined) -> None:
    query = (ROOT / "queries" / "us-ambassador-on-26-march-2012.rq").read_text("utf-8")
    rows = checks.stored(ntriples.union(whole.content.asserted, whole.content.inferred), {}).query(query)
    assert isinstance(rows, ox.QuerySolutions)
    assert [(row["name"].value, row["certainty"].value) for row in rows] == [("Kenneth Fairfax", "surely")]


def test_no_person_is_entered_twice(merge: Graph) -> None:
    """No two persons have one name, whether it is the first or another name of either."""
    named: dict[str, set[Node]] = {}
    for person in set(merge.subjects(RDF.type, DIP.Person)):
        for property_ in (RDFS.label, SKOS.altLabel):
            for name in merge.objects(person, property_):
                named.setdefault(str(name).casefold(), set()).add(person)
    assert {name: people for name, people in named.items() if len(people) > 1} == {}


def test_gathered_rows_stand_in_the_records_as_they_were_read(whole: Examined) -> None:
    path = SHARED / "facts" / "tenures.csv"
    if not path.is_file():
        pytest.skip("needs facts/tenures.csv, which is not beside this checkout")
    gathered = {str(number): row for number, row in enumerate(rows(path), start=1)}
    said = {row["row"]: row for row in rows(ROOT / "docs" / "coverage.csv") if row["file"] == "tenures.csv"}
    assert said.keys() == gathered.keys() and len(gathered) == 145
    left_out = {number for number, row in said.items() if row["used"] == "no"}
    assert left_out == {"2", "5", "13", "26", "33", "38", "96", "128"}
    otherwise = set()
    for number in gathered.keys() - left_out:
        (tenure,) = said[number]["things"].split()
        interval = f"{gathered[number]['start']}/{gathered[number]['end']}"
        claims = {
            stated(whole, URIRef(str(name)), KZUS[tenure.removeprefix("kzus:")])
            for name in whole.graphs
            if (KZUS[tenure.removeprefix("kzus:")], RDF.type, DIP.Tenure) in whole.graphs[name]
            and str(name).startswith(str(SOURCE))
        }
        if interval not in claims:
            otherwise.add(number)
    assert otherwise == STATED_OTHERWISE.keys()


def test_addresses_are_those_of_the_gathered_rows() -> None:
    path = SHARED / "facts" / "tenures.csv"
    if not path.is_file():
        pytest.skip("needs facts/tenures.csv, which is not beside this checkout")
    text = path.read_text("utf-8")
    tables = {row["record"]: row["address"] for row in rows(TABLES / "tenures-records.csv")}
    new = list(tables)[list(tables).index("articlekz-34555") :]
    assert len(new) == 67
    for record in new:
        assert tables[record].partition("://")[2].removesuffix("/") in text, record


def test_acts_in_an_office_lie_within_the_known_tenures(merge: Graph) -> None:
    """What shape S15 demands, worked out once more without SPARQL; and it has something to work on."""
    known: dict[tuple[Node | None, Node | None], list[tuple[str, str]]] = {}
    for tenure in merge.subjects(RDF.type, DIP.Tenure):
        who = (merge.value(tenure, DIP.tenureHolder), merge.value(tenure, DIP.tenurePosition))
        first = str(merge.value(tenure, DIP.tenureFrom, default="0001-01-01"))
        last = str(merge.value(tenure, DIP.tenureTo, default="9999-12-31"))
        known.setdefault(who, []).append((first, last))
    tested = outside = 0
    for part, office in merge.subject_objects(DIP.inPosition):
        event, who = merge.value(part, DIP.inEvent), (merge.value(part, DIP.participant), office)
        begin, end = merge.value(event, DIP.notBefore), merge.value(event, DIP.notAfter)
        if who in known and begin is not None and end is not None:
            tested += 1
            outside += not any(first <= str(end) and str(begin) <= last for first, last in known[who])
    assert tested > 40 and outside == 0
