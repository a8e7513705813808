"""Places labels in SVG drawings: estimates the width of a label, and finds a position where it covers no other label.

Readers have different fonts, and the server cannot measure them. So the SVG attribute ``textLength`` sets each label
to the width estimated here: the browser narrows or widens the letters, and labels never overlap in any font.
A web font would be a larger download, and fail where it is blocked or lacks a letter; with spare room for the widest
font, most labels would find no position.
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
    """A point to be labelled: its name, its position, and the radius of its circle, in units of the drawing."""

    name: str
    x: int
    y: int
    radius: int


@dataclass(frozen=True)
class LabelPosition:
    """The position of a label: *x* is the coordinate of its *anchor* (SVG ``text-anchor``), *y* that of its baseline.

    *anchor* is ``start``, ``middle`` or ``end``; it is empty if the label is not drawn, because there is no room.
    """

    x: int
    y: int
    anchor: str
    width: int

    @property
    def left(self) -> float:
        """The x coordinate of the left end of the label."""
        return self.x - self.width * {"end": 1, "middle": 0.5}.get(self.anchor, 0)

    @property
    def right(self) -> float:
        """The x coordinate of the right end of the label."""
        return self.left + self.width


def width(text: str, size: float) -> int:
    """Return the estimated width of *text* in a usual semi-bold font of the font size *size*, in the unit of *size*.

    For all names of the graph, the real width in Arial, Noto Sans, Open Sans and Roboto differs by at most a tenth;
    that in DejaVu Sans, the widest font, is 15 % larger.

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
    """Return the position of each point's label, in the order of *points*; labels never overlap each other.

    *size* is the font size. Earlier points have priority. With *below_first*, a position below or above the point is
    preferred to one beside it. With *within* (width, height), labels stay inside a drawing of that size. A label covers
    no point, and is left out (empty anchor, width 0) if there is no room for it; but each of the first *sure* points
    gets a label that may cover points.

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
    """Return the possible positions of the label of a point (beside, above, below), the preferred ones first."""
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
