"""Places labels in SVG drawings: estimates the width of a label, and finds a position where it covers no other label.

Readers have different fonts, and the server cannot measure them. So the SVG attribute ``textLength`` sets each label
to the width estimated here: the browser narrows or widens the letters, and labels never overlap in any font.
A web font would be a larger download, and fail where it is blocked or lacks a letter; with spare room for the widest
font, most labels would find no position.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

Box = tuple[float, float, float, float]

NARROW: Final = frozenset("fijlrtIJії.,:;'’‘|!()[]-–/· ")
WIDE: Final = frozenset("mwMWжмфшщыюЖМФШЩЫЮ@%—…")
# How far letters reach above and below their baseline (Й and Қ), and the room beside a name, in letter sizes.
UP: Final = 1.0
DOWN: Final = 0.3
BESIDE: Final = 0.1
FARTHEST: Final = 14
"""How far a label may be from its point, in halves of the letter size."""
SIDES: Final = ((1, "start"), (-1, "end"))


@dataclass(frozen=True)
class Point:
    """A point to be labelled: its name, its position, and the radius of its circle, in units of the drawing.

    *short* is a shorter text, such as a number, for a point whose name finds no room; it may be empty.
    """

    name: str
    x: int
    y: int
    radius: int
    short: str = ""


@dataclass(frozen=True)
class LabelPosition:
    """The position of a label: *x* is the coordinate of its *anchor* (SVG ``text-anchor``), *y* that of its baseline.

    *anchor* is ``start``, ``middle`` or ``end``; it is empty if the label is not drawn, because there is no room.
    *text* is the name of the point, or its short text. *apart* is true if the label is so far from its point that
    a line should lead to it.
    """

    x: int
    y: int
    anchor: str
    width: int
    text: str = ""
    apart: bool = False

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
    points: Iterable[Point], size: float, *, below_first: bool = False, within: tuple[float, float] | None = None
) -> list[LabelPosition]:
    """Return the position of each point's label, in the order of *points*; labels never overlap each other or a point.

    *size* is the font size. Earlier points have priority. With *below_first*, a position below or above the point is
    preferred to one beside it. With *within* (width, height), labels stay inside a drawing of that size. Where there is
    no room for the name, the label is the short text, at worst apart from the point; its anchor is empty where there is
    no room for that either.

    >>> placed([Point("Astana", 0, 0, 5), Point("Semey", 80, 0, 5)], 20)
    [LabelPosition(x=-11, y=7, anchor='end', width=69, text='Astana', apart=False), \
LabelPosition(x=91, y=7, anchor='start', width=68, text='Semey', apart=False)]
    >>> placed([Point("Astana", 5, 20, 5), Point("Semey", 75, 20, 5, "2")], 20, within=(110, 40))
    [LabelPosition(x=5, y=20, anchor='', width=0, text='', apart=False), \
LabelPosition(x=86, y=27, anchor='start', width=12, text='2', apart=False)]
    """
    points = list(points)
    taken: list[Box] = [
        (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius) for one in points
    ]
    places = [LabelPosition(point.x, point.y, "", 0) for point in points]
    names, shorts = [point.name for point in points], [point.short for point in points]
    for texts, apart in ((names, False), (shorts, False), (shorts, True)):
        for number, (point, text) in enumerate(zip(points, texts, strict=True)):
            if places[number].anchor or not text:
                continue
            for place in _around(point, text, size) if apart else _sides(point, text, size, below_first):
                box = _box(place, size)
                if (within is None or _inside(box, within)) and not any(_overlap(box, other) for other in taken):
                    places[number] = place
                    taken.append(box)
                    break
    return places


def _sides(point: Point, text: str, size: float, below_first: bool) -> list[LabelPosition]:
    """Return the possible positions of a label, the preferred ones first.

    They are beside, above and below the point, at its corners, and above and below it at a distance.
    """
    long, away, slant = width(text, size), round(point.radius + 0.3 * size), round(0.7 * point.radius + 0.2 * size)
    beside, above, below, higher, lower = (
        round(point.y + at)
        for at in (
            0.36 * size,
            -point.radius - (DOWN + 0.1) * size,
            point.radius + (UP + 0.1) * size,
            -0.7 * point.radius - DOWN * size,
            0.7 * point.radius + UP * size,
        )
    )
    level = [(point.x + away, beside, "start"), (point.x - away, beside, "end")]
    upright = [(point.x, above, "middle"), (point.x, below, "middle")]
    corners = [(point.x + side * slant, y, anchor) for y in (higher, lower) for side, anchor in SIDES]
    farther = [
        (point.x + side * away, y, anchor)
        for y in (above - round(0.4 * size), below + round(0.4 * size))
        for side, anchor in ((0, "middle"), *SIDES)
    ]
    order = [*reversed(upright), *level] if below_first else [*level, *upright]
    return [LabelPosition(x, y, anchor, long, text) for x, y, anchor in (*order, *corners, *farther)]


def _around(point: Point, text: str, size: float) -> Iterator[LabelPosition]:
    """Yield possible positions of a label apart from its point, the nearest ones first."""
    long = width(text, size)
    for distance in range(3, FARTHEST):
        for turn in range(16):
            x, y = (0.5 * size * distance * at(math.tau * turn / 16) for at in (math.cos, math.sin))
            yield LabelPosition(round(point.x + x), round(point.y + y + 0.36 * size), "middle", long, text, apart=True)


def _box(place: LabelPosition, size: float) -> Box:
    return place.left - BESIDE * size, place.y - UP * size, place.right + BESIDE * size, place.y + DOWN * size


def _inside(box: Box, size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
