"""The record, 1991–2025: every gathered row is accounted for, everything is cited, both sides of a conflict stay."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, Dataset, Graph, URIRef
from rdflib.namespace import DCTERMS, RDFS
from rdflib.term import Node

from kzus_graph.rdf.prefixes import compact
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from tests.conftest import ROOT, SHARED
from tests.graphs import Examined

FIRST = str(SOURCE["political-cooperation"])
ROWS = {
    "events.csv": 192,
    "agreements.csv": 91,
    "hsg_visits.csv": 12,
    "hsg_travels.csv": 15,
    "hsg_chiefs_of_mission.csv": 10,
    "hsg_recognition_relations.csv": 3,
    "context.csv": 50,
    "names.csv": 34,
    "tenures.csv": 145,
}
"""The gathered files and how many rows each has."""

CONFLICTS = {
    "1991-us-recognition-of-kazakhstan": ("1991-12-25", {"1991-12-26"}),
    "1991-establishment-of-relations": ("1991-12-25", {"1992-01-07", "1991-12-16"}),
    "1992-us-embassy-opening": ("1992-02-03", {"1992-01", "1992-09-15"}),
    "2001-nazarbayev-us-visit": ("2001-12-20/2001-12-21", {"2001-12-18/2001-12-21"}),
    "2018-nazarbayev-us-visit": ("2018-01-15/2018-01-17", {"2018-01-15/2018-01-18"}),
    "2023-c5-plus-1-summit": ("2023-09-19", {"2023-09-21"}),
    "2018-locomotive-contracts-signing": ("2018-01-17", {"2018-01-16"}),
    "2015-wto-accession": ("2015-11-30", {"2016-11-30"}),
    "2023-blinken-kazakhstan-visit": ("2023-02-28", {"2023-02-27/2023-02-28"}),
    "1993-double-taxation-convention-ratification": ("1996-06-26", {"1995-06"}),
    "2025-stufft-confirmation": ("2025-10-07", {"2025-10-06"}),
}
"""The conflicts of dates among other sources: the date that is followed, and the others."""

DATED_OTHERWISE = {
    "evt-1997-11-18-2": "announced only",
    "evt-2000-12-05": "that is the day of an announcement during the visit",
    "evt-2005-08-02": "the day of a notice: the last possible one",
    "evt-2006-09-26": "a part of a visit whose days are those of the host's list",
    "evt-2013-07-09": "the report says when the visit began, not on which day each meeting was",
    "evt-2013-10": "a tenure",
    "evt-2015-01-21": "the day of the reports: the last possible one",
    "evt-2015-04-29": "the day of an announcement: the last possible one",
    "evt-2015-09-29": "the day is that of the US list",
    "evt-2024-06-22": "announced only",
    "evt-2025-09-16": "the day of the report: the last possible one",
    "evt-2025-09-22": "the day of an announcement: the last possible one",
    "evt-2025-11-05": "the day of arrival; when the visit ended is not recorded",
    "agr-1992-05": "signed during a visit, whose days are closer than the month",
    "agr-1992-05-2": "signed during a visit, whose days are closer than the month",
    "agr-1993-10": "signed during a visit, whose days are closer than the month",
    "agr-2000-12-05": "two notes, of the 1st and the 5th",
    "agr-2001-12-21-3": "the day of a fact sheet; signed during a visit",
    "agr-2006-05": "signed during a visit, whose days are closer than the month",
    "agr-2006-05-2": "signed during a visit, whose days are closer than the month",
    "agr-2010-04": "the first source calls it a result of a visit and gives no day",
    "agr-2023-09-19": "the declaration says this week; it was adopted at the summit",
    "agr-2024-06": "announced only",
    "agr-2025-09-16": "the day of the report: the last possible one",
    "agr-2025-09-22": "the day of an announcement: the last possible one",
}
"""Rows whose date stands in no claim about what they became, each with the reason."""


def coverage() -> list[dict[str, str]]:
    with (ROOT / "docs" / "coverage.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def merge(whole: Examined) -> Graph:
    return whole.asserted + whole.inferred


def beyond_the_first_source(whole: Examined, kind: URIRef) -> set[Node]:
    """What is of *kind* and is attested, but by no sentence of the first source."""
    graph = merge(whole)
    return {
        thing
        for thing in graph.subjects(RDF.type, kind)
        if (attested := set(graph.objects(thing, DIP.attestedBy)))
        and not any(str(place).startswith(FIRST) for place in attested)
    }


def people_beyond_the_first_source(whole: Examined) -> set[Node]:
    """Who takes part in something, signs or holds an office by the word of records alone."""
    graph = merge(whole)
    parts = {
        person: set(graph.objects(person, DIP.participation / DIP.attestedBy))
        for person in graph.subjects(RDF.type, DIP.Person)
    }
    return {
        person
        for person, places in parts.items()
        if places and not any(str(place).startswith(FIRST) for place in places)
    }


def test_there_is_as_much_as_is_said(whole: Examined) -> None:
    events = beyond_the_first_source(whole, DIP.Event)
    instruments = beyond_the_first_source(whole, DIP.Instrument)
    people = people_beyond_the_first_source(whole)
    assert len(events) >= 180 and len(instruments) >= 75 and len(people) >= 40
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    imported = {row["event"] for row in rows(ROOT / "data" / "tables" / "record.csv")}
    assert f"{len(imported)} events and {len(instruments)} instruments" in text


def test_everything_has_a_citation_and_says_whether_it_is_second_hand(whole: Examined) -> None:
    graph = merge(whole)
    things = beyond_the_first_source(whole, DIP.Event) | beyond_the_first_source(whole, DIP.Instrument)
    for thing in things:
        for record in graph.objects(thing, DIP.attestedBy):
            assert (record, RDF.type, DIP.Record) in graph, thing
            assert len(list(graph.objects(record, DIP.secondHand))) == 1, record
            for described in (DCTERMS.publisher, DCTERMS.rights, RDFS.comment):
                assert (record, described, None) in graph, (record, described)
            assert {DIP.recordAddress, DCTERMS.bibliographicCitation} & set(graph.predicates(record)), record


def test_every_row_is_used_or_left_out_for_a_reason(whole: Examined) -> None:
    said = coverage()
    assert Counter(row["file"] for row in said) == ROWS
    assert len({(row["file"], row["row"]) for row in said}) == len(said)
    known = {compact(str(thing)) for thing in merge(whole).subjects() if isinstance(thing, URIRef)}
    for row in said:
        assert row["used"] == "yes" or row["remark"], row
        assert bool(row["things"]) == (row["used"] == "yes"), row
        assert set(row["things"].split()) <= known, row


def test_coverage_speaks_of_the_rows_that_were_gathered() -> None:
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs the gathered facts, which are not beside this checkout")
    said = {(row["file"], row["row"]) for row in coverage()}
    for name in ROWS:
        numbered = enumerate(rows(facts / name), start=1)
        assert {(name, row.get("id") or str(number)) for number, row in numbered} == {
            (file, row) for file, row in said if file == name
        }


def test_cited_pages_are_those_of_the_gathered_rows() -> None:
    """Each address in the tables stands in a gathered row or was given to a record by hand, with the reason."""
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs the gathered facts, which are not beside this checkout")
    gathered = "\n".join(path.read_text(encoding="utf-8") for path in facts.glob("*.csv"))
    for row in rows(ROOT / "data" / "tables" / "record-sources.csv"):
        assert not row["address"] or row["address"] in gathered, row["record"]


@pytest.mark.parametrize("name", CONFLICTS)
def test_both_sides_of_a_conflict_stay_and_one_is_followed_for_a_reason(whole: Examined, name: str) -> None:
    event, (followed, others) = KZUS[name], CONFLICTS[name]
    graph = merge(whole)
    assert {str(date) for date in graph.objects(event, DIP.edtf)} == {followed}
    (note,) = graph.subjects(DIP.disagreementAbout, event)
    (preferred,) = graph.objects(note, DIP.prefers)
    assert {str(date) for date in whole.graphs[URIRef(preferred)].objects(event, DIP.edtf)} == {followed}
    aside = {
        str(date)
        for record in graph.objects(note, DIP.setsAside)
        for date in whole.graphs[URIRef(record)].objects(event, DIP.edtf)
    }
    assert aside == others
    (reason,) = graph.objects(note, RDFS.comment)
    assert len(str(reason)) > 80


def test_agreement_that_awaited_ratification_is_not_in_force(whole: Examined) -> None:
    """The last conflict of the fact check's table: one page, in force in 1997 and ratified in 1999."""
    agreement = KZUS["1997-nuclear-cooperation-agreement"]
    statuses = {compact(str(status)) for status in merge(whole).objects(agreement, DIP.instrumentStatus)}
    assert statuses == {"code:status-signed", "code:status-ratified"}
    (note,) = merge(whole).subjects(DIP.disagreementAbout, agreement)
    (aside,) = merge(whole).objects(note, DIP.setsAside)
    claim = whole.graphs[URIRef(aside)].value(agreement, DIP.instrumentStatus)
    assert claim is not None and compact(str(claim)) == "code:status-in-force"


def test_labels_are_no_source_s(whole: Examined) -> None:
    """So that several sources can speak of one event."""
    dataset = Dataset()
    for name, graph in whole.graphs.items():
        if str(name).startswith(str(SOURCE)):
            dataset.graph(name).__iadd__(graph)
    assert not list(dataset.quads((None, RDFS.label, None, None)))
    events = set(whole.asserted.subjects(DIP.hasParticipation))
    assert events and all((event, RDFS.label, None) in whole.graphs[GRAPH.entities] for event in events)


def test_dates_are_those_of_the_gathered_rows(whole: Examined) -> None:
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs the gathered facts, which are not beside this checkout")
    said: dict[str, set[str]] = {}
    for name, graph in whole.graphs.items():
        if str(name).startswith(str(SOURCE)):
            for thing, date in graph.subject_objects(DIP.edtf):
                said.setdefault(compact(str(thing)), set()).add(str(date))
    things = {
        row["row"]: row["things"].split() for row in coverage() if row["file"] in ("events.csv", "agreements.csv")
    }
    gathered = {row["id"]: (row["date_start"], row["date_end"]) for row in rows(facts / "events.csv")}
    gathered |= {row["id"]: (row["date_signed"], "") for row in rows(facts / "agreements.csv") if row["date_signed"]}
    otherwise = {
        row
        for row, (begin, end) in gathered.items()
        if (begin if end in ("", begin) else f"{begin}/{end}")
        not in set().union(*(said.get(it, ()) for it in things[row]))
    }
    assert otherwise == DATED_OTHERWISE.keys()
