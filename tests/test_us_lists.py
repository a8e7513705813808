"""The imported lists of the Office of the Historian: every entry is used or left out for a reason, dates as there."""

import csv
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED

TABLES = ROOT / "data" / "tables"
BY_HAND = {"visits-1866", "visits-2099", "travels-3095"}
"""Described in data/history-state-gov.trig."""
ELSEWHERE = {"travels-429", "travels-472", "travels-3410", "travels-3593", "travels-3938"}
"""Journeys to other countries: what they say of Kazakhstan is a meeting there, and no visit."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def used() -> dict[str, dict[str, str]]:
    return {row["record"].removeprefix("history-state-gov-"): row for row in rows(TABLES / "us-lists.csv")}


def test_each_visit_has_one_visitor_in_office() -> None:
    visitors = rows(TABLES / "us-lists-visitors.csv")
    assert {row["event"] for row in visitors} == {row["event"] for row in used().values()}
    assert len(visitors) == 19 and all(row["role"] == "visitor" and row["office"] for row in visitors)


def test_entries_are_used_or_left_out_and_dates_are_theirs() -> None:
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs facts/hsg_visits.csv and facts/hsg_travels.csv, which are not beside this checkout")
    entries = {f"{name}-{row['id']}": row for name in ("visits", "travels") for row in rows(facts / f"hsg_{name}.csv")}
    assert entries.keys() == used().keys() | BY_HAND | ELSEWHERE
    for name, row in used().items():
        begin, end = entries[name]["start_date"], entries[name]["end_date"]
        assert row["date"] == (begin if begin == end else f"{begin}/{end}"), name
        assert entries[name]["source_path"] in row["citation"] and entries[name]["source_commit"] in row["citation"]
        assert row["address"] == entries[name]["public_url"]
