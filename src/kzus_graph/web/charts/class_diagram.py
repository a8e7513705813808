"""Lays out the class diagram of the ontology: its main classes as boxes, the properties between them as arrows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.charts import label_placement

WIDTH: Final = 900
HEIGHT: Final = 440
BOX: Final = (150, 44)
MOST_NAMES: Final = 3
# The sizes of letters, as in ontology.css, and the maximum width of the name of a class and of a property.
CLASS_LETTERS: Final = 16
LETTERS: Final = 12
LINE: Final = 16
# Where on an arrow its labels may stand, the preferred place first.
ALONG: Final = (0.5, 0.7, 0.3)
WIDEST: Final = (BOX[0] - 12, 170)
PLACES: Final = {
    "Statement": (110, 40), "Event": (450, 40), "Instrument": (790, 40), "Agent": (110, 220),
    "Participation": (450, 220), "EventSeries": (790, 220), "Position": (450, 400), "Place": (790, 400),
}  # fmt: skip
"""The centre (x, y) of the box of each class in the diagram, by the local name of the class."""


@dataclass(frozen=True)
class Box:
    """The box of a class: its centre (*x*, *y*), the label of the class, and the *width* of that label."""

    iri: str
    label: str
    width: int
    x: int
    y: int


@dataclass(frozen=True)
class Arrow:
    """An arrow from one class to another; *names* are the labels of the properties shown on it, with widths.

    It goes from (*x1*, *y1*) to (*x2*, *y2*); the middle of its labels is at (*left*, *top*).
    """

    x1: float
    y1: float
    x2: float
    y2: float
    names: tuple[tuple[str, int], ...]
    left: float
    top: float


@dataclass(frozen=True)
class Picture:
    """The whole diagram: its size, its boxes and arrows, and the size of a *box* (width, height)."""

    width: int
    height: int
    box: tuple[int, int]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(edges: Iterable[tuple[str, str, str]], labels: Mapping[str, str]) -> Picture:
    """Return the diagram of the classes in PLACES, with an arrow for each pair of classes that a property links.

    *edges* are the (domain, property, range) of the properties, *labels* the labels of the ontology's terms, by IRI.
    Classes that the ontology lacks are left out.
    """
    places = {str(DIP[name]): place for name, place in PLACES.items() if str(DIP[name]) in labels}
    between: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, property_, target in edges:
        if source in places and target in places and source != target:
            between[source, target].append(labels.get(property_, property_.removeprefix(str(DIP))))
    boxes = tuple(
        Box(iri, labels[iri], min(WIDEST[0], label_placement.width(labels[iri], CLASS_LETTERS)), *place)
        for iri, place in places.items()
    )
    arrows = [
        _arrow(places[source], places[target], names, both=(target, source) in between)
        for (source, target), names in sorted(between.items())
    ]
    return Picture(WIDTH, HEIGHT, BOX, boxes, _apart(arrows))


def _apart(arrows: Iterable[Arrow]) -> tuple[Arrow, ...]:
    """Return *arrows* with their labels moved along them where they would lie over those of earlier arrows."""
    found: list[Arrow] = []
    for arrow in arrows:
        along = [
            replace(
                arrow,
                left=round(arrow.x1 + (arrow.x2 - arrow.x1) * part, 1),
                top=round(arrow.y1 + (arrow.y2 - arrow.y1) * part, 1),
            )
            for part in ALONG
        ]
        free = (one for one in along if not any(_over(one, other) for other in found))
        found.append(next(free, arrow))
    return tuple(found)


def _over(one: Arrow, other: Arrow) -> bool:
    """Return whether labels of the two arrows lie over one another."""
    across = sum(max((width for _, width in arrow.names), default=0) for arrow in (one, other)) / 2
    down = sum(LINE * len(arrow.names) for arrow in (one, other)) / 2
    return abs(one.left - other.left) < across + 4 and abs(one.top - other.top) < down


def _arrow(start: tuple[int, int], end: tuple[int, int], names: list[str], *, both: bool) -> Arrow:
    """Return the arrow between the edges of the boxes with the centres *start* and *end*.

    *names* are the labels of its properties. *both* is true if there is a second arrow, from *end* to *start*;
    then the arrow is moved to its right, so that the two do not coincide.
    """
    (x1, y1), (x2, y2) = start, end
    length = hypot(x2 - x1, y2 - y1)
    aside = 12 if both else 0
    dx, dy = -(y2 - y1) / length * aside, (x2 - x1) / length * aside
    a, b = _edge(start, end), _edge(end, start)
    shown = names[:MOST_NAMES]
    if len(names) > MOST_NAMES:
        shown[-1] += f" +{len(names) - MOST_NAMES}"
    left, top = (a[0] + b[0]) / 2 + dx, (a[1] + b[1]) / 2 + dy
    return Arrow(
        round(a[0] + dx, 1), round(a[1] + dy, 1), round(b[0] + dx, 1), round(b[1] + dy, 1),
        tuple((name, min(WIDEST[1], label_placement.width(name, LETTERS))) for name in shown),
        round(left, 1), round(top, 1),
    )  # fmt: skip


def _edge(start: tuple[int, int], end: tuple[int, int]) -> tuple[float, float]:
    """Return the point just outside the box around *start*, on the line from *start* to *end* (centres of boxes)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    reach = min(
        (BOX[0] / 2 + 4) / abs(dx) if dx else 1.0,
        (BOX[1] / 2 + 4) / abs(dy) if dy else 1.0,
    )
    return start[0] + dx * reach, start[1] + dy * reach
