"""The lists of the Office of the Historian in the record: every entry is used and cited, its dates as there."""

import csv
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED

TABLES = ROOT / "data" / "tables"
BY_HAND = {"visits-1866", "visits-2099", "travels-3095"}
"""Described in data/history-state-gov.trig."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def claims() -> dict[str, list[dict[str, str]]]:
    """What each entry of the lists says: rows of the record."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(TABLES / "record.csv"):
        if row["record"].startswith(("history-state-gov-visits", "history-state-gov-travels")):
            found.setdefault(row["record"].removeprefix("history-state-gov-"), []).append(row)
    return found


def test_each_visit_of_the_lists_has_one_visitor_in_office() -> None:
    visitors = {(row["record"], row["event"]): row for row in rows(TABLES / "record-participants.csv")}
    visits = [row for entry in claims().values() for row in entry if row["destinations"]]
    assert len(visits) == 26
    for row in visits:
        visitor = visitors[row["record"], row["event"]]
        assert visitor["role"] == "visitor" and visitor["office"], row


def test_entries_are_used_and_dates_are_theirs() -> None:
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs facts/hsg_visits.csv and facts/hsg_travels.csv, which are not beside this checkout")
    entries = {f"{name}-{row['id']}": row for name in ("visits", "travels") for row in rows(facts / f"hsg_{name}.csv")}
    used = claims()
    assert entries.keys() == used.keys() | BY_HAND
    for name, said in used.items():
        begin, end = entries[name]["start_date"], entries[name]["end_date"]
        visits = [row for row in said if row["destinations"] and not row["part_of"]]
        assert [row["date"] for row in visits] == [begin if begin == end else f"{begin}/{end}"], name


def test_entries_are_cited_by_file_and_commit() -> None:
    facts = SHARED / "facts"
    if not facts.is_dir():
        pytest.skip("needs facts/hsg_visits.csv and facts/hsg_travels.csv, which are not beside this checkout")
    by_hand = (ROOT / "data" / "sources.ttl").read_text(encoding="utf-8")
    cited = {row["record"]: row for row in rows(TABLES / "record-sources.csv")}
    for kind in ("visits", "travels"):
        for entry in rows(facts / f"hsg_{kind}.csv"):
            record = f"history-state-gov-{kind}-{entry['id']}"
            if record in cited:
                assert cited[record]["address"] == entry["public_url"]
                text = cited[record]["citation"]
            else:
                text = by_hand[by_hand.index(f"source:{record} ") :].split(" .\n")[0]
                assert f"<{entry['public_url']}>" in text
            assert entry["source_path"] in text and entry["source_commit"] in text, record
