"""Tables, calendars and maps made of rows."""

import json

import pyoxigraph as ox
import pytest

from kzus_graph.engine import calendars, maps, tables


@pytest.fixture(scope="module")
def store():
    return ox.Store()


def made(store, writer, query):
    return "".join(writer(store.query(query)))


@pytest.mark.parametrize(
    ("begin", "end", "lines"),
    [
        (
            '"2010-04-11"^^xsd:date',
            '"2010-04-14"^^xsd:date',
            ["DTSTART;VALUE=DATE:20100411", "DTEND;VALUE=DATE:20100415"],
        ),
        ('"2008-02-29"^^xsd:date', "1", ["DTSTART;VALUE=DATE:20080229", "DTEND;VALUE=DATE:20080301"]),
        (
            '"1999-12-31"^^xsd:date',
            '"1999-12-31"^^xsd:date',
            ["DTSTART;VALUE=DATE:19991231", "DTEND;VALUE=DATE:20000101"],
        ),
        (
            '"2010-04-11T09:30:00Z"^^xsd:dateTime',
            '"2010-04-11T10:00:00Z"^^xsd:dateTime',
            ["DTSTART:20100411T093000Z", "DTEND:20100411T100000Z"],
        ),
    ],
)
def test_calendar_dates(store, begin, end, lines):
    prologue = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    text = made(
        store, calendars.calendar, f"{prologue}SELECT ({begin} AS ?begin) ({end} AS ?end) ('A, B; C' AS ?label) {{}}"
    )
    written = text.split("\r\n")
    for line in [*lines, "SUMMARY:A\\, B\\; C", "BEGIN:VEVENT", "END:VCALENDAR"]:
        assert line in written


def test_calendar_lines_are_folded_between_characters(store):
    label = "é" * 200
    text = made(
        store, calendars.calendar, f"SELECT ('2010-01-01' AS ?date) ('{label}' AS ?label) (<http://e/x> AS ?event) {{}}"
    )
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"SUMMARY:{label}" in text.replace("\r\n ", "")
    assert "URL:http://e/x" in text


def test_calendar_needs_dates(store):
    with pytest.raises(tables.Unsuitable, match=r"\?begin"):
        made(store, calendars.calendar, "SELECT (1 AS ?x) {}")


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ("('POINT(71.43 51.13)' AS ?wkt)", [71.43, 51.13]),
        ("('<http://www.opengis.net/def/crs/OGC/1.3/CRS84> Point (71.43 51.13)' AS ?point)", [71.43, 51.13]),
        ("(51.13 AS ?lat) (71.43 AS ?long)", [71.43, 51.13]),
    ],
)
def test_geojson(store, columns, place):
    made_ = json.loads(made(store, maps.geojson, f"SELECT {columns} ('Astana'@en AS ?label) {{}}"))
    assert made_["features"] == [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": {"label": "Astana"}}
    ]


def test_geojson_leaves_out_rows_without_a_place(store):
    query = "SELECT ?point { VALUES ?point { 'POINT(1 2)' 'POLYGON((1 2))' UNDEF } }"
    assert len(json.loads(made(store, maps.geojson, query))["features"]) == 1


@pytest.mark.parametrize("query", ["SELECT (1 AS ?x) {}", "ASK {}"])
def test_geojson_needs_places(store, query):
    with pytest.raises(tables.Unsuitable):
        made(store, maps.geojson, query)
