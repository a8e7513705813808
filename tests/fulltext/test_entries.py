"""The entries of the index: of the small data set, by group, with names, kinds, dates and what tells what they are."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.fulltext import entries
from kzus_graph.fulltext.entries import Entry
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.rdf.prefixes import BASE, PREFIXES

DIP = PREFIXES["dip"]


@pytest.fixture(scope="module")
def found(small_release: Path) -> dict[str, Entry]:
    store = ox.Store.read_only(str(small_release / "store"))
    return {entry.iri.removeprefix(BASE): entry for entry in entries.entries(entries.of_store(store), TermNames(()))}


def test_an_event_has_its_kinds_its_date_and_who_took_part_where(found: dict[str, Entry]) -> None:
    visit = found["id/1901-fred-streslau-visit"]
    assert (visit.group, visit.names) == ("Event", (("Visit of Fred to Streslau", "en"),))
    assert visit.kinds == (f"{DIP}OfficialVisit",)
    assert {"Event", "DiplomaticContact", "Visit", "OfficialVisit"} <= {*visit.classes}
    assert visit.when == ("@190", "@1901", "@1901-05")
    assert visit.describing == (f"{BASE}id/fred", f"{BASE}id/streslau")
    assert {"fred", "streslau"} <= {*visit.near}
    assert "visit" in visit.of_kind


def test_groups_are_in_order_and_the_most_used_come_first(found: dict[str, Entry]) -> None:
    order = [group for group, _ in entries.GROUPS]
    places = [(order.index(entry.group), -entry.used, entry.iri) for entry in found.values()]
    assert places == sorted(places)
    assert {found[path].group for path in ("id/fred", "id/streslau", "ontology#Visit", "years#y1901")} == {
        "Person", "Place", "Kind", "Year",
    }  # fmt: skip
    assert found["id/1901-fred-streslau-visit--fred"].group == "Record"


def test_a_year_has_its_number_of_events(found: dict[str, Entry]) -> None:
    begun = [
        path for path, entry in found.items()
        if entry.group == "Event" and (entry.time or {}).get(f"{DIP}notBefore", "").startswith("1901")
    ]  # fmt: skip
    assert found["years#y1901"].used == len(begun) > 0
    assert found["years#y1901"].names == (("1901", "en"),)


def test_a_question_has_its_name_in_the_address_and_what_its_query_names(found: dict[str, Entry]) -> None:
    questions = [entry for entry in found.values() if entry.group == "Question"]
    assert questions
    for entry in questions:
        assert entry.iri.startswith(f"{BASE}query/")
        assert entry.names[1][0] == entry.iri.rpartition("/")[2].replace("-", " ")
