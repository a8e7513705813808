"""Places names in drawings: estimates how wide a name is, and finds a place where it covers no other name.

Readers have different fonts, and a drawing can't be laid out again in the browser. So SVG's ``textLength`` holds each
name to the width estimated here: the browser narrows or widens the letters, and names never overlap in any font.
A bundled font would weigh more, and fail where it is blocked or lacks a letter; with spare room for the widest font,
most names would find no place.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Box = tuple[float, float, float, float]

NARROW: Final = frozenset("fijlrtIJії.,:;'’‘|!()[]-–/· ")
WIDE: Final = frozenset("mwMWжмфшщыюЖМФШЩЫЮ@%—…")
# How far letters reach above and below their baseline (Й and Қ), and the room beside a name, in letter sizes.
UP: Final = 1.0
DOWN: Final = 0.3
BESIDE: Final = 0.1


@dataclass(frozen=True)
class Point:
    """A point with its name, and the radius of its circle."""

    name: str
    x: int
    y: int
    radius: int


@dataclass(frozen=True)
class LabelPosition:
    """The place of a name: *anchor* (``start``, ``middle``, ``end``; empty: no room) is at *x*, the baseline at *y*."""

    x: int
    y: int
    anchor: str
    width: int

    @property
    def left(self) -> float:
        """The x coordinate at which the name begins."""
        return self.x - self.width * {"end": 1, "middle": 0.5}.get(self.anchor, 0)

    @property
    def right(self) -> float:
        """The x coordinate at which the name ends."""
        return self.left + self.width


def width(text: str, size: float) -> int:
    """Return the width of *text* in letters of a *size*, as an estimate for the usual semi-bold fonts.

    For all names of the graph, the real width in Arial, Noto Sans, Open Sans and Roboto differs by at most a tenth;
    DejaVu Sans, the widest, is 15 % wider.

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
    """Return a place for the name of each point, in letters of a *size*; earlier points choose first.

    With *within* (width, height), names stay inside a drawing of that size. If there is no better place, the names of
    the first *sure* points may cover other points, but never other names.

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
    """Return the places beside, above and below a point, the preferred ones first."""
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
