"""Lettering of drawings: how wide a name is, and where it may stand without covering another.

Readers have other fonts than we, and a drawing has no second try. So each name is held to its width here by SVG's
``textLength``: the letters become as narrow or wide as it takes, and what is apart in the plan is apart in every font.
A bundled font would weigh more, and fail where it is blocked or has no letter for a name; room to spare for the widest
font would leave most names out.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Box = tuple[float, float, float, float]

NARROW: Final = frozenset("fijlrtIJії.,:;'’‘|!()[]-–/· ")
WIDE: Final = frozenset("mwMWжмфшщыюЖМФШЩЫЮ@%—…")
# How far letters go up from their line and down (Й and Қ), and the room beside a name, in sizes of the letters.
UP: Final = 1.0
DOWN: Final = 0.3
BESIDE: Final = 0.1


@dataclass(frozen=True)
class Point:
    """A point with its name and the space that it takes."""

    name: str
    x: int
    y: int
    radius: int


@dataclass(frozen=True)
class LabelPosition:
    """Where a name stands: its baseline, which end of it is there, how wide it is; no *anchor* if it has no room."""

    x: int
    y: int
    anchor: str
    width: int

    @property
    def left(self) -> float:
        """Where the name begins."""
        return self.x - self.width * {"end": 1, "middle": 0.5}.get(self.anchor, 0)

    @property
    def right(self) -> float:
        """Where the name ends."""
        return self.left + self.width


def width(text: str, size: float) -> int:
    """Return how wide *text* is drawn in letters of a *size*: near what it is in the usual semi-bold fonts.

    It is within a tenth of that in Arial, Noto Sans, Open Sans and Roboto, for all names of the graph; DejaVu Sans, the
    widest, is 15 % wider.

    >>> width("Illinois", 14), width("Washington", 14), width("Қызылорда", 14), width("東京", 14)
    (49, 80, 85, 28)
    """
    return round(size * sum(map(_width, unicodedata.normalize("NFC", text))))


def _width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1
    plain = unicodedata.normalize("NFD", letter)[0]
    if plain in NARROW:
        return 0.34
    if plain in WIDE:
        return 0.87
    return 0.71 if plain.isupper() else 0.6


def placed(
    points: Iterable[Point],
    size: float,
    *,
    below_first: bool = False,
    within: tuple[float, float] | None = None,
    sure: int = 0,
) -> list[LabelPosition]:
    """Return a place for each name, in letters of a *size*, the first points first.

    With *within*, a width and a height, names keep inside a drawing of that size. The names of the first *sure* points
    may cover other points, though no name, where there is no better place.

    >>> placed([Point("Astana", 0, 0, 5), Point("Semey", 80, 0, 5)], 20)
    [LabelPosition(x=-11, y=7, anchor='end', width=69), LabelPosition(x=91, y=7, anchor='start', width=68)]
    >>> small = {"size": 20, "within": (100, 40)}
    >>> placed([Point("Astana", 5, 20, 5), Point("Semey", 75, 20, 5)], **small)
    [LabelPosition(x=5, y=20, anchor='', width=0), LabelPosition(x=75, y=20, anchor='', width=0)]
    >>> placed([Point("Astana", 5, 20, 5), Point("Semey", 75, 20, 5)], **small, sure=1)
    [LabelPosition(x=16, y=27, anchor='start', width=69), LabelPosition(x=75, y=20, anchor='', width=0)]
    """
    points = list(points)
    circles: list[Box] = [
        (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius) for one in points
    ]
    names: list[Box] = []
    places = []
    for number, point in enumerate(points):
        sides = [(place, _box(place, size)) for place in _sides(point, size, below_first)]
        inside = [side for side in sides if within is None or _inside(side[1], within)]
        bare = [side for side in inside if not any(_overlap(side[1], other) for other in names)]
        free = [side for side in bare if not any(_overlap(side[1], other) for other in circles)]
        chosen = (free or (bare if number < sure else []))[:1]
        names.extend(box for _, box in chosen)
        places.append(chosen[0][0] if chosen else LabelPosition(point.x, point.y, "", 0))
    return places


def _sides(point: Point, size: float, below_first: bool) -> list[LabelPosition]:
    """Return the places beside, above and below a point, those to prefer first."""
    long, away = width(point.name, size), round(point.radius + 0.3 * size)
    beside, above, below = (
        round(point.y + at)
        for at in (0.36 * size, -point.radius - (DOWN + 0.1) * size, point.radius + (UP + 0.1) * size)
    )
    level = [LabelPosition(point.x + away, beside, "start", long), LabelPosition(point.x - away, beside, "end", long)]
    upright = [LabelPosition(point.x, above, "middle", long), LabelPosition(point.x, below, "middle", long)]
    return [*reversed(upright), *level] if below_first else [*level, *upright]


def _box(place: LabelPosition, size: float) -> Box:
    return place.left - BESIDE * size, place.y - UP * size, place.right + BESIDE * size, place.y + DOWN * size


def _inside(box: Box, size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
