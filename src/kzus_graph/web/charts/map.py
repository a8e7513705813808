"""A map of places: points over the outline of the land, with names that don't cover each other."""

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

# The outline counts ten units to a degree from 180° W and 84° N (web/outline.mjs).
NORTH: Final = 84
SCALE: Final = 10
RIGHT: Final = 3600
BOTTOM: Final = 1410
MARGIN: Final = 100
# The size of the letters of a name in units of the outline, as in home.css.
LETTERS: Final = 44
# Places with a wider gap between them than this are drawn on two maps where there is little room.
WIDE: Final = 60 * SCALE
POSITIONS: Final = Path(__file__).with_name("positions.csv")


@dataclass(frozen=True)
class Spot:
    """A place on the map, with where its name stands."""

    iri: str
    label: str
    number: int
    x: int
    y: int
    radius: int
    name: label_placement.LabelPosition


@dataclass(frozen=True)
class Panel:
    """A part of the map: what is seen of it (x, y, width, height), and the places there."""

    view: tuple[int, int, int, int]
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class PlaceMap:
    """The map, whole and in parts for a narrow window; *elsewhere* are places with events and no position."""

    spots: tuple[Spot, ...]
    elsewhere: tuple[tuple[str, str, int], ...]
    whole: Panel
    parts: tuple[Panel, ...]


@cache
def drawing_positions() -> dict[str, tuple[float, float]]:
    """Positions to a tenth of a degree, for drawing where the graph says none; not part of the data."""
    with POSITIONS.open(encoding="utf-8", newline="") as lines:
        return {
            str(KZUS[row["place"]]): (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(lines)
        }


def draw(rows: Iterable[Row]) -> PlaceMap:
    """Place the places of *rows* that events took place at."""
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
    """Part the map where the places lie widest apart; the east comes first, as the day does."""
    order = sorted(places, key=lambda place: place[3])
    gaps = [(other[3][0] - one[3][0], number) for number, (one, other) in enumerate(pairwise(order), 1)]
    gap, cut = max(gaps, default=(0, 0))
    for part in (order[cut:], order[:cut]) if gap > WIDE else (order,):
        # In the order of the whole map those with more events choose first where their name stands.
        spots = tuple(_named([place for place in places if place in part]))
        yield Panel(_view(spots), spots)


def _view(spots: Sequence[Spot]) -> tuple[int, int, int, int]:
    """Return the part of the map with all places and their names, and some more."""
    if not spots:
        return (0, 0, RIGHT, BOTTOM)
    left = max(0, floor(min(min(spot.x, spot.name.left) for spot in spots)) - MARGIN)
    right = min(RIGHT, ceil(max(max(spot.x, spot.name.right) for spot in spots)) + MARGIN)
    top = max(0, min(min(spot.y, spot.name.y) for spot in spots) - MARGIN - LETTERS)
    bottom = min(BOTTOM, max(max(spot.y, spot.name.y) for spot in spots) + MARGIN)
    return (left, top, right - left, bottom - top)


def _named(places: Sequence[tuple[str, str, int, tuple[int, int]]]) -> Iterable[Spot]:
    """Give each point a size and, where there is room for it, its name; places with more events choose first."""
    points = [label_placement.Point(label, x, y, 10 + min(22, 3 * number)) for _, label, number, (x, y) in places]
    names = label_placement.placed(points, LETTERS, within=(RIGHT, BOTTOM))
    for (iri, _, number, _), point, name in zip(places, points, names, strict=True):
        yield Spot(iri, point.name, number, point.x, point.y, point.radius, name)
