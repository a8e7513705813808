"""Maps made of rows: that they are GeoJSON, and that each point is where it is said to be."""

import json
import random

import pyoxigraph as ox
import pytest

from kzus_graph.engine import maps, tables
from tests import terms


def no_constant(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def made(query: str) -> dict:
    """The map as a strict reader of JSON sees it."""
    document = json.loads("".join(maps.geojson(ox.Store().query(query))), parse_constant=no_constant)
    assert document["type"] == "FeatureCollection"
    for feature in document["features"]:
        longitude, latitude, *height = feature["geometry"]["coordinates"]
        assert feature["type"] == "Feature" and feature["geometry"]["type"] == "Point" and len(height) < 2
        assert -180 <= longitude <= 180 and -90 <= latitude <= 90
    return document


def points(document: dict) -> list[list[float]]:
    return [feature["geometry"]["coordinates"] for feature in document["features"]]


CRS = "http://www.opengis.net/def/crs"


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ("('POINT(71.43 51.13)' AS ?wkt)", [71.43, 51.13]),
        (f"('<{CRS}/OGC/1.3/CRS84> Point (71.43 51.13)' AS ?point)", [71.43, 51.13]),
        ("(51.13 AS ?lat) (71.43 AS ?long)", [71.43, 51.13]),
        # GeoSPARQL 1.1, section 8.5.1: the axes are in the order of the reference system.
        (f"('<{CRS}/EPSG/0/4326> POINT(51.13 71.43)' AS ?wkt)", [71.43, 51.13]),
        ("('<urn:ogc:def:crs:EPSG::4326> POINT(51.13 71.43)' AS ?wkt)", [71.43, 51.13]),
        (f"('<{CRS}/EPSG/9.9.1/4979> POINT Z (51.13 71.43 350)' AS ?wkt)", [71.43, 51.13, 350]),
        ("('POINT Z (71.43 51.13 350)' AS ?wkt)", [71.43, 51.13, 350]),
        ("('POINT(71.43 51.13 -350.5)' AS ?wkt)", [71.43, 51.13, -350.5]),
        ("('POINT M (71.43 51.13 9)' AS ?wkt)", [71.43, 51.13]),
        ("('POINTZM(+7.143e1 .5 350 9)' AS ?wkt)", [71.43, 0.5, 350]),
        ("(1e-7 AS ?lat) ('-180' AS ?lon)", [-180, 1e-7]),
        ("(?none AS ?wkt) (51.13 AS ?lat) (71.43 AS ?long)", [71.43, 51.13]),
    ],
)
def test_a_point_is_where_it_is_said_to_be(columns: str, place: list[float]) -> None:
    assert made(f"SELECT {columns} ('Astana'@en AS ?label) {{}}") == {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": {"label": "Astana"}}
        ],
    }


NOWHERE = [
    "POINT EMPTY", "POINT(1e999 0)", "POINT(NaN NaN)", "POINT(Infinity 0)", "POINT(0 91)", "POINT(181 0)", "POINT(1)",
    "POINT(1 2 3 4 5)", "POINT(1 2", "POINT(1 2) x", "POINT(1_0 2)", "POINT(1.2.3 4)", "POINT(--1 2)", "POINT(١ ٢)",
    "POINT(0 0 1e999)", "POLYGON((1 2))", f"<{CRS}/EPSG/0/3857> POINT(1 2)", f"<{CRS}/EPSG/0/4326> POINT(120 30)",
    f"<{CRS}/EPSG/0/43260> POINT(1 2)", "<> POINT(1 2)", "", "x",
]  # fmt: skip


@pytest.mark.parametrize("text", NOWHERE)
def test_what_is_nowhere_on_earth_is_left_out_and_counted(text: str) -> None:
    rows = f"('{text}' 'a') ('POINT(1 2)' 'b') (UNDEF 'c') (<http://e/> 'd') (<<( <a:b> <a:b> 'POINT(1 2)' )>> 'e')"
    document = made(f"SELECT * {{ VALUES (?wkt ?label) {{ {rows} }} }}")
    assert points(document) == [[1, 2]] and document["leftOut"] == 4


@pytest.mark.parametrize("text", ["1e999", "NaN", "INF", "", "1_0", "0x10", "91", "north"])
def test_a_latitude_is_a_number_on_earth(text: str) -> None:
    document = made(f"SELECT ('{text}' AS ?lat) (1 AS ?long) {{}}")
    assert document == {"type": "FeatureCollection", "features": [], "leftOut": 1}
    typed = f"'{text}'^^<http://www.w3.org/2001/XMLSchema#double>"
    assert made(f"SELECT ({typed} AS ?lat) (1 AS ?long) {{}}") == document


def test_a_map_without_rows_is_one() -> None:
    assert made("SELECT * { VALUES ?wkt {} }") == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("query", ["SELECT (1 AS ?x) {}", "ASK {}", "SELECT (1 AS ?lat) {}"])
def test_a_map_needs_places(query: str) -> None:
    with pytest.raises(tables.ColumnsMissing):
        made(query)


def test_spaces_without_end_take_time_by_their_length() -> None:
    for text in (
        f"POINT{' ' * 300_000}x",
        f"<a:b>{' ' * 300_000}x",
        f"POINT({'1' * 300_000}x",
        f"POINT(1{' ' * 300_000}x",
    ):
        assert made(f"SELECT ('{text}' AS ?wkt) {{}}")["leftOut"] == 1


@pytest.mark.parametrize("seed", range(20))
def test_properties_are_what_was_stored(seed: int) -> None:
    chance = random.Random(seed)
    found = [
        term for _ in range(60) if not isinstance(term := terms.term(chance), ox.BlankNode) and "_:" not in str(term)
    ]
    rows = " ".join(f"('POINT(1 2)' {f'<<( {term} )>>' if isinstance(term, ox.Triple) else term})" for term in found)
    document = made(f"SELECT * {{ VALUES (?wkt ?said) {{ {rows} }} }}")
    assert [feature["properties"]["said"] for feature in document["features"]] == [
        f"<<( {term} )>>" if isinstance(term, ox.Triple) else term.value for term in found
    ]
