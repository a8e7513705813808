"""Lays out the map of places: points over the outlines of the continents, with labels that don't overlap."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil, floor
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
# The size of the letters of a name in units of the outline, as in home.css.
LETTERS: Final = 44
# In a narrow window, places with a wider gap between them than this are drawn on two maps.
WIDE: Final = 60 * SCALE
POSITIONS: Final = Path(__file__).with_name("positions.csv")


@dataclass(frozen=True)
class Spot:
    """A place on the map: its *number* of events, its position, its radius, and the position of its label (*name*)."""

    iri: str
    label: str
    number: int
    x: int
    y: int
    radius: int
    name: label_placement.LabelPosition


@dataclass(frozen=True)
class Panel:
    """A part of the map: its *view* (the SVG viewBox: x, y, width, height), and the places in it."""

    view: tuple[int, int, int, int]
    spots: tuple[Spot, ...]


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
    """Return the (latitude, longitude) of places by IRI, in degrees, rounded to a tenth.

    These positions are not part of the data set: they serve to draw places that have no position in the graph.
    """
    with POSITIONS.open(encoding="utf-8", newline="") as lines:
        return {
            str(KZUS[row["place"]]): (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(lines)
        }


def draw(rows: Iterable[Row]) -> PlaceMap:
    """Return the map of the places in *rows*, the solutions of ``home-places.rq``, that have at least one event."""
    found: list[tuple[str, str, int, tuple[int, int]]] = []
    elsewhere = []
    for row in rows:
        iri, label, number = row["place"].value, row["label"].value, int(row["number"].value)
        position = drawing_positions().get(iri)
        if "latitude" in row and "longitude" in row:
            position = (float(row["latitude"].value), float(row["longitude"].value))
        if not number:
            continue
        if position is None:
            elsewhere.append((iri, label, number))
            continue
        place = (round((position[1] + 180) * SCALE), round((NORTH - position[0]) * SCALE))
        if all(spot[0] != iri for spot in found):
            found.append((iri, label, number, place))
    spots = tuple(_named(found))
    return PlaceMap(spots, tuple(elsewhere), Panel(_view(spots), spots), tuple(_parts(found)))


def _parts(places: Sequence[tuple[str, str, int, tuple[int, int]]]) -> Iterable[Panel]:
    """Yield the map in two parts, split at the widest gap in longitude between places; in one if no gap exceeds WIDE.

    The eastern part comes first.
    """
    order = sorted(places, key=lambda place: place[3])
    gaps = [(other[3][0] - one[3][0], number) for number, (one, other) in enumerate(pairwise(order), 1)]
    gap, cut = max(gaps, default=(0, 0))
    for part in (order[cut:], order[:cut]) if gap > WIDE else (order,):
        # The order of *places* is kept, so that labels of places with more events have priority.
        spots = tuple(_named([place for place in places if place in part]))
        yield Panel(_view(spots), spots)


def _view(spots: Sequence[Spot]) -> tuple[int, int, int, int]:
    """Return the SVG viewBox (x, y, width, height) that contains all *spots* and their labels, with a margin."""
    if not spots:
        return (0, 0, RIGHT, BOTTOM)
    left = max(0, floor(min(min(spot.x, spot.name.left) for spot in spots)) - MARGIN)
    right = min(RIGHT, ceil(max(max(spot.x, spot.name.right) for spot in spots)) + MARGIN)
    top = max(0, min(min(spot.y, spot.name.y) for spot in spots) - MARGIN - LETTERS)
    bottom = min(BOTTOM, max(max(spot.y, spot.name.y) for spot in spots) + MARGIN)
    return (left, top, right - left, bottom - top)


def _named(places: Sequence[tuple[str, str, int, tuple[int, int]]]) -> Iterable[Spot]:
    """Yield each place with its radius and the position of its label; the labels of earlier *places* have priority."""
    points = [label_placement.Point(label, x, y, 10 + min(22, 3 * number)) for _, label, number, (x, y) in places]
    names = label_placement.placed(points, LETTERS, within=(RIGHT, BOTTOM))
    for (iri, _, number, _), point, name in zip(places, points, names, strict=True):
        yield Spot(iri, point.name, number, point.x, point.y, point.radius, name)
