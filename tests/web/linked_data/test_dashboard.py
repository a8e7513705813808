"""The dashboard of a person, a state or a topic: its events by year, place, participant and instrument."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.web.application import create_app
from kzus_graph.web.linked_data import dashboard
from kzus_graph.web.linked_data.dashboard import Dashboard

PERSON = (ox.NamedNode(str(DIP.Person)),)
CONCEPT = (ox.NamedNode("http://www.w3.org/2004/02/skos/core#Concept"),)
TOPIC = "https://w3id.org/kzus/topic/"


@pytest.fixture(scope="module")
def releases(real_release: Path) -> Iterator[Releases]:
    served = Releases(Limits(workers=1), folder=real_release.parent)
    yield served
    served.close()


@pytest.fixture(scope="module")
def app(releases: Releases) -> Flask:
    return create_app(releases)


def of(app: Flask, release: Release, iri: str, classes: tuple[ox.NamedNode, ...]) -> Dashboard | None:
    with app.test_request_context("/"):
        return dashboard.of(release, ox.NamedNode(iri), classes)


def lines(found: Dashboard) -> dict[str, list[tuple[str, int]]]:
    return {line.heading: [(one.shown.text, one.number) for one in line.first] for line in found.lines}


def test_the_events_of_a_person_are_counted(app: Flask, releases: Releases) -> None:
    found = of(app, releases.current, str(KZUS["barack-obama"]), PERSON)
    assert found is not None and found.years is not None
    years = {column.year: column.number for column in found.years.columns}
    assert (found.number, found.undated) == (20, 2)
    assert years == {2008: 2, 2010: 3, 2011: 2, 2012: 3, 2014: 4, 2015: 4}
    counted = lines(found)
    assert counted["Persons"] == [("Nursultan Nazarbayev", 15), ("Dmitry Medvedev", 1)]
    assert counted["Places"][:2] == [("New York", 4), ("The Hague", 4)], "towns before territories"
    assert counted["States and bodies"] == [
        ("Kazakhstan", 15),
        ("United States", 12),
        ("Netherlands", 1),
        ("Russia", 1),
    ]
    whole = next(line for line in found.lines if line.heading == "Only in a part of")
    assert [one.number for one in (*whole.first, *whole.others)] == [1] * 5


def test_the_events_of_a_topic_have_its_narrower_topics(app: Flask, releases: Releases) -> None:
    found = of(app, releases.current, f"{TOPIC}security", CONCEPT)
    assert found is not None
    assert found.number == 28
    assert lines(found)["Topics"][0] == ("military cooperation", 7)
    assert all(
        len("".join(one.shown.text for one in line.first)) <= dashboard.LETTERS
        for line in found.lines
        if line.first[1:]
    )


def test_few_events_and_other_things_have_none(app: Flask, releases: Releases) -> None:
    assert of(app, releases.current, f"{TOPIC}nothing-of-the-kind", CONCEPT) is None
    assert of(app, releases.current, str(KZUS["2010-clinton-astana-visit"]), (ox.NamedNode(str(DIP.Event)),)) is None


def test_what_is_no_date_counts_as_no_year(monkeypatch: pytest.MonkeyPatch, app: Flask, releases: Releases) -> None:
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")

    def rows(*_: object, **_terms: object) -> list[dict[str, ox.NamedNode | ox.Literal]]:
        said = ((str(dashboard.TYPE), dashboard.EVENT, 4), (f"{DIP}notBefore", ox.Literal("1901-05-02"), 3),
                (f"{DIP}notBefore", ox.Literal("last spring"), 1))  # fmt: skip
        return [
            {
                "property": ox.NamedNode(name),
                "value": value,
                "sort": ox.Literal(""),
                "number": ox.Literal(str(number), datatype=integer),
            }
            for name, value, number in said
        ]

    monkeypatch.setattr(dashboard.page_queries, "rows", rows)
    with app.test_request_context():
        found = dashboard.of(releases.current, ox.NamedNode(str(KZUS["fred"])), (ox.NamedNode(str(DIP.Person)),))
    assert found is not None and (found.number, found.undated) == (4, 1)
