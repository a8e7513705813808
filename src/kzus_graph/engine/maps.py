"""Writes the rows of a SELECT query as a map (GeoJSON, RFC 7946); row by row, so that any number is possible."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine import tables
from kzus_graph.rdf import writing

# Names of columns with positions; the first name that a query has is used.
POINTS: Final = ("point", "wkt", "coordinates", "geometry", "location")
LATITUDES: Final = ("lat", "latitude")
LONGITUDES: Final = ("long", "lon", "lng", "longitude")
_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# A point in GeoSPARQL's WKT: the reference system, if it isn't the default, and two to four numbers.
_POINT: Final = re.compile(
    rf"(?:<([^>]*)>\s*)?POINT(?:\s*(Z|M|ZM))?\s*\(\s*({_NUMBER})\s+({_NUMBER})((?:\s+{_NUMBER}){{0,2}})\s*\)", re.I
)
# Reference systems: _CRS84 has longitude first, as GeoJSON does; _EPSG has latitude first.
_CRS84: Final = re.compile(r"https?://www\.opengis\.net/def/crs/OGC/[\w.]+/CRS84h?|urn:ogc:def:crs:OGC:[\w.]*:CRS84h?")
_EPSG: Final = re.compile(
    r"https?://www\.opengis\.net/def/crs/EPSG/[\w.]+/(?:4326|4979)|urn:ogc:def:crs:EPSG:[\w.]*:(?:4326|4979)"
)


def geojson(results: tables.Solutions) -> Iterator[str]:
    """Yield a GeoJSON document in pieces: a point for each row with a position; the row's other values are properties.

    The member ``leftOut`` at the top level (a foreign member: RFC 7946, section 6.1) is the number of rows without a
    valid position; it is omitted if that is 0. Raises tables.ColumnsMissing if no column is named like a position.
    """
    rows = tables.rows_of(results)
    columns = tables.columns_of(rows)
    point = tables.pick(columns, POINTS)
    latitude, longitude = tables.pick(columns, LATITUDES), tables.pick(columns, LONGITUDES)
    if point is None and (latitude is None or longitude is None):
        raise tables.ColumnsMissing(f"a map needs WKT points in a variable {tables.names(POINTS)}, or ?lat and ?long")
    others = [name for name in columns if name not in (point, latitude, longitude)]
    yield '{"type":"FeatureCollection","features":['
    separator = ""
    left_out = 0
    for row in rows:
        place = _on_earth(
            _point(tables.term(row, point)) or _pair(tables.term(row, latitude), tables.term(row, longitude))
        )
        if place is None:
            left_out += 1
            continue
        properties = {name: tables.words(row, name) for name in others if row[name] is not None}
        feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties}
        yield separator + json.dumps(feature, ensure_ascii=False, allow_nan=False)
        separator = ",\n"
    yield f'],"leftOut":{left_out}}}\n' if left_out else "]}\n"


def _point(term: writing.Term | None) -> list[float] | None:
    """Return longitude, latitude and any height of *term*, a WKT point; None for other terms, and if not in WGS 84."""
    found = _POINT.fullmatch(term.value.strip()) if isinstance(term, ox.Literal) else None
    if found is None:
        return None
    system, kind, first, second, more = found.groups()
    place = [float(first), float(second)]
    if more and (kind or "Z").upper() != "M":
        place.append(float(more.split()[0]))
    if system is None or _CRS84.fullmatch(system):
        return place
    return [place[1], place[0], *place[2:]] if _EPSG.fullmatch(system) else None


def _pair(latitude: writing.Term | None, longitude: writing.Term | None) -> list[float] | None:
    said = [term.value.strip() for term in (longitude, latitude) if isinstance(term, ox.Literal)]
    return (
        [float(text) for text in said] if len(said) == 2 and all(re.fullmatch(_NUMBER, text) for text in said) else None
    )


def _on_earth(place: list[float] | None) -> list[float] | None:
    """Return *place* (longitude, latitude, height) if its numbers are finite and in range, else None."""
    if place is None or not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        return None
    return place if all(abs(part) < float("inf") for part in place) else None
