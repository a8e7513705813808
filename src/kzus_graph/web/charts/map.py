"""Lays out the map of places: points over the outlines of the continents, with labels that don't overlap.

The outline is Natural Earth's (``web/outline.mjs``), positions are GeoNames' (``web/positions.py``).
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import ceil, floor, sqrt
from pathlib import Path
from typing import Final

from kzus_graph.rdf.vocab import KZUS
from kzus_graph.web.charts import label_placement
from kzus_graph.web.view.page_queries import Row

# The outline has ten units to a degree, counted from 180° W and 84° N (web/outline.mjs).
NORTH: Final = 84
SCALE: Final = 10
RIGHT: Final = 3600
BOTTOM: Final = 1410
MARGIN: Final = 100
# The size of the letters of a name in units of the outline.
LETTERS: Final = 44
# In a narrow window a map has room for this number of letter sizes beside each other; names take about NAMES units.
NARROW: Final = 26
NAMES: Final = 500
# In a narrow window, places with a wider gap between them than this are drawn on two maps.
WIDE: Final = 40 * SCALE
# The width and height of the map on the page of a place.
AROUND: Final = (900, 450)
AROUND_LETTERS: Final = 32
POSITIONS: Final = Path(__file__).with_name("positions.csv")


@dataclass(frozen=True)
class Spot:
    """A place on the map: its *number* of events, its position, its radius, and the position of its label (*name*).

    *key* is its number in the list of places, which is its label where its name finds no room. *area* is true for a
    country or region, whose point lies amid its towns.
    """

    iri: str
    label: str
    number: int
    x: int
    y: int
    radius: int
    name: label_placement.LabelPosition
    key: int = 0
    area: bool = False


@dataclass(frozen=True)
class Panel:
    """A part of the map: its *view* (the SVG viewBox: x, y, width, height), the places in it, the size of *letters*."""

    view: tuple[int, int, int, int]
    spots: tuple[Spot, ...]
    letters: int


@dataclass(frozen=True)
class PlaceMap:
    """The map, as a *whole* and as *parts* for a narrow window.

    *elsewhere* lists the places with events but without a known position: IRI, label, number of events.
    """

    spots: tuple[Spot, ...]
    elsewhere: tuple[tuple[str, str, int], ...]
    whole: Panel
    parts: tuple[Panel, ...]


@cache
def drawing_positions() -> dict[str, tuple[float, float]]:
    """Return the (latitude, longitude) of places by IRI, in degrees.

    These positions are not part of the data set: they serve to draw places that have no position in the graph.
    """
    return {str(KZUS[row["place"]]): (float(row["latitude"]), float(row["longitude"])) for row in _table()}


@cache
def areas() -> frozenset[str]:
    """Return the IRIs of the countries and regions whose position for drawings is amid their towns."""
    return frozenset(str(KZUS[row["place"]]) for row in _table() if row["towns"] != "1")


@cache
def _table() -> list[dict[str, str]]:
    with POSITIONS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def position(iri: str, row: Row) -> tuple[float, float] | None:
    """Return the (latitude, longitude) of the place *iri*: that of the graph, in *row*, before that for drawings."""
    if "latitude" in row and "longitude" in row:
        return float(row["latitude"].value), float(row["longitude"].value)
    return drawing_positions().get(iri)


def draw(rows: Iterable[Row]) -> PlaceMap:
    """Return the map of the places in *rows*, the solutions of ``home-places.rq``, that have at least one event.

    Towns and sites come before countries and regions, in both those with more events before those with fewer.
    """
    found: dict[str, Spot] = {}
    elsewhere = []
    for row in rows:
        iri, label, number = row["place"].value, row["label"].value, int(row["number"].value)
        if not number or iri in found:
            continue
        if (where := position(iri, row)) is None:
            elsewhere.append((iri, label, number))
        else:
            found[iri] = _spot(iri, label, number, where)
    order = sorted(found.values(), key=lambda spot: (spot.area, -spot.number, spot.label))
    places = [replace(spot, key=key) for key, spot in enumerate(order, 1)]
    whole = _panel(places, LETTERS)
    return PlaceMap(whole.spots, tuple(elsewhere), whole, tuple(_parts(places)))


def alone(iri: str, label: str, row: Row) -> Panel | None:
    """Return a map of the region around the one place *iri*; None if it has no position, in *row* or for drawings."""
    where = position(iri, row)
    if where is None:
        return None
    (spot,) = _named([_spot(iri, label, 0, where)], AROUND_LETTERS)
    left, top = (
        min(max(0, middle - size // 2), most - size)
        for middle, size, most in ((spot.x, AROUND[0], RIGHT), (spot.y, AROUND[1], BOTTOM))
    )
    return Panel((left, top, *AROUND), (spot,), AROUND_LETTERS)


def _spot(iri: str, label: str, number: int, where: tuple[float, float]) -> Spot:
    x, y = round((where[1] + 180) * SCALE), round((NORTH - where[0]) * SCALE)
    radius = round(8 + min(32, 2.4 * sqrt(number)))
    return Spot(iri, label, number, x, y, radius, label_placement.LabelPosition(x, y, "", 0), area=iri in areas())


def _parts(places: Sequence[Spot]) -> Iterable[Panel]:
    """Yield the map in parts, split wherever the gap in longitude between places exceeds WIDE, the east first."""
    order = sorted(places, key=lambda place: place.x)
    cuts = [number for number, (one, other) in enumerate(pairwise(order), 1) if other.x - one.x > WIDE]
    for start, end in reversed(list(pairwise([0, *cuts, len(order)]))):
        # The order of *places* is kept, so that labels of places with more events have priority.
        part = order[start:end]
        span = part[-1].x - part[0].x if part else RIGHT - NAMES
        yield _panel([place for place in places if place in part], round((span + NAMES) / NARROW))


def _panel(places: Sequence[Spot], letters: int) -> Panel:
    """Return the map of *places* with names in *letters* of this size; its points are as large as its letters."""
    spots = _named([replace(spot, radius=round(spot.radius * letters / LETTERS)) for spot in places], letters)
    return Panel(_view(spots, letters), spots, letters)


def _view(spots: Sequence[Spot], letters: int) -> tuple[int, int, int, int]:
    """Return the SVG viewBox (x, y, width, height) that contains all *spots* and their labels, with a margin."""
    if not spots:
        return (0, 0, RIGHT, BOTTOM)
    left = max(0, floor(min(min(spot.x, spot.name.left) for spot in spots)) - MARGIN)
    right = min(RIGHT, ceil(max(max(spot.x, spot.name.right) for spot in spots)) + MARGIN)
    top = max(0, min(min(spot.y, spot.name.y) for spot in spots) - MARGIN - letters)
    bottom = min(BOTTOM, max(max(spot.y, spot.name.y) for spot in spots) + MARGIN)
    return (left, top, right - left, bottom - top)


def _named(places: Sequence[Spot], letters: int) -> tuple[Spot, ...]:
    """Return *places* with the positions of their labels; the labels of earlier places have priority."""
    points = [label_placement.Point(spot.label, spot.x, spot.y, spot.radius, str(spot.key or "")) for spot in places]
    names = label_placement.placed(points, letters, within=(RIGHT, BOTTOM))
    return tuple(replace(spot, name=name) for spot, name in zip(places, names, strict=True))
