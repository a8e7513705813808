"""Lays out a bar chart: a horizontal bar for each thing that was counted, with its name and number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kzus_graph.web.charts import label_placement

WIDTH: Final = 720
LETTERS: Final = 14
PITCH: Final = 26
"""The distance from one bar to the next."""
THICK: Final = 16
WIDEST_NAME: Final = 300
GAP: Final = 8
MOST: Final = 40


@dataclass(frozen=True)
class Counted:
    """A thing with its number: the *text* of the number, and its *value*; *iri* is empty if the thing has none."""

    iri: str
    label: str
    text: str
    value: float


@dataclass(frozen=True)
class Bar:
    """A bar: its *y*, the *length* that shows the number, and the width of the name, which may be cut (*name*)."""

    counted: Counted
    name: str
    name_width: int
    number_width: int
    y: int
    length: int


@dataclass(frozen=True)
class BarChart:
    """The whole drawing; bars begin at *left*. *left_out* things have no bar, since there are too many."""

    bars: tuple[Bar, ...]
    left: int
    height: int
    left_out: int
    width: int = WIDTH


def draw(found: Iterable[Counted]) -> BarChart:
    """Return a bar for each of *found*, in their order; of more than MOST only the first. No number is negative."""
    every = list(found)
    shown = every[:MOST]
    names = [_cut(one.label) for one in shown]
    widths = [label_placement.width(name, LETTERS) for name in names]
    numbers = [label_placement.width(one.text, LETTERS) for one in shown]
    left = max(widths, default=0) + GAP
    room = WIDTH - left - 2 * GAP - max(numbers, default=0)
    most = max((one.value for one in shown), default=0) or 1
    bars = tuple(
        Bar(one, name, wide, number, place * PITCH, max(1, round(one.value / most * room)) if one.value else 0)
        for place, (one, name, wide, number) in enumerate(zip(shown, names, widths, numbers, strict=True))
    )
    return BarChart(bars, left, PITCH * len(bars), len(every) - len(shown))


def _cut(text: str) -> str:
    """Return *text*, or its beginning with an ellipsis if it would be wider than WIDEST_NAME."""
    if label_placement.width(text, LETTERS) <= WIDEST_NAME:
        return text
    while text and label_placement.width(text + "…", LETTERS) > WIDEST_NAME:
        text = text[:-1]
    return text.rstrip() + "…"
