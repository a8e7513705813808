"""Lettering of drawings: where the name of a point may stand without covering another."""

from collections.abc import Iterable
from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Point:
    """A point with its name and the space that it takes."""

    name: str
    x: int
    y: int
    radius: int


@dataclass(frozen=True)
class Place:
    """Where a name stands: its baseline, and which end of it is there; no *anchor* if it has no room."""

    x: int
    y: int
    anchor: str


def lettered(
    points: Iterable[Point],
    letter: float,
    line: float,
    *,
    below_first: bool = False,
    within: tuple[float, float] | None = None,
    sure: int = 0,
) -> list[Place]:
    """Return a place for each name, the first points first; a letter is *letter* wide, a line *line* high.

    With *within*, a width and a height, names keep inside a drawing of that size. The names of the first *sure* points
    may cover other points, though no name, where there is no better place.

    >>> lettered([Point("Astana", 0, 0, 5), Point("Semey", 60, 0, 5)], 10, 20)
    [Place(x=-10, y=7, anchor='end'), Place(x=70, y=7, anchor='start')]
    >>> small = {"letter": 10, "line": 20, "within": (90, 40)}
    >>> lettered([Point("Astana", 5, 20, 5), Point("Semey", 60, 20, 5)], **small)
    [Place(x=5, y=20, anchor=''), Place(x=60, y=20, anchor='')]
    >>> lettered([Point("Astana", 5, 20, 5), Point("Semey", 60, 20, 5)], **small, sure=1)
    [Place(x=15, y=27, anchor='start'), Place(x=60, y=20, anchor='')]
    """
    points = list(points)
    circles: list[Box] = [
        (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius) for one in points
    ]
    names: list[Box] = []
    places = []
    for number, point in enumerate(points):
        sides = [
            side for side in _sides(point, letter, line, below_first) if within is None or _inside(side[1], within)
        ]
        bare = [side for side in sides if not any(_overlap(side[1], other) for other in names)]
        free = [side for side in bare if not any(_overlap(side[1], other) for other in circles)]
        chosen = (free or (bare if number < sure else []))[:1]
        names.extend(box for _, box in chosen)
        places.append(chosen[0][0] if chosen else Place(point.x, point.y, ""))
    return places


def _inside(box: Box, size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]


def _sides(point: Point, letter: float, line: float, below_first: bool) -> list[tuple[Place, Box]]:
    gap = line / 4
    width, away = len(point.name) * letter, point.radius + gap
    beside, above, below = point.y + line / 3, point.y - away, point.y + point.radius + line * 0.9
    level = [(point.x + away, beside, "start", point.x + away), (point.x - away, beside, "end", point.x - away - width)]
    upright = [(point.x, above, "middle", point.x - width / 2), (point.x, below, "middle", point.x - width / 2)]
    return [
        (Place(round(x), round(y), anchor), (left, y - line * 0.75, left + width, y + line * 0.15))
        for x, y, anchor, left in ([*reversed(upright), *level] if below_first else [*level, *upright])
    ]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
