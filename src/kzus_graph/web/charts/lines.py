"""Lays out a line chart: how one or a few numbers change from year to year, or from decade to decade."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from kzus_graph.web.charts import label_placement

WIDTH: Final = 720
HEIGHT: Final = 300
LETTERS: Final = 14
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 14, 34
STEPS: Final = 5
"""About how many lines across the drawing show the scale."""
MOST: Final = 400
GAP: Final = 12
Places = Sequence[tuple[float, str]]
Scale = Callable[[float], int]


@dataclass(frozen=True)
class Tick:
    """A mark of a scale: its place in the drawing, its text, and the width of the text."""

    at: int
    text: str
    width: int


@dataclass(frozen=True)
class SeriesPoint:
    """A point of a line: where it is, and what it says."""

    x: int
    y: int
    words: str


@dataclass(frozen=True)
class Series:
    """A line: the heading of its numbers, its colour number, and its points, in *pieces* without a gap between."""

    name: str
    number: int
    pieces: tuple[tuple[SeriesPoint, ...], ...]


@dataclass(frozen=True)
class LineChart:
    """The whole drawing: lines, and the marks of both scales."""

    lines: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    ground: int = HEIGHT - BOTTOM


def draw(places: Places, series: Sequence[tuple[str, Sequence[float | None]]]) -> LineChart:
    """Return the lines of *series*: the heading of each, and its number at each of *places*; None leaves a gap.

    *places* are positions on the scale below with their names, in ascending order; at most MOST of them are drawn.
    """
    shown = places[:MOST]
    first, last = (shown[0][0], shown[-1][0]) if shown else (0.0, 0.0)
    values = [value for _, numbers in series for value in numbers[:MOST] if value is not None]
    step = _step(max(values, default=0))
    top = step * max(1, ceil(max(values, default=0) / step))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(place: float) -> int:
        return LEFT + round(wide * ((place - first) / (last - first) if last > first else 0.5))

    def y(value: float) -> int:
        return TOP + round(high * (1 - value / top))

    lines = tuple(
        Series(name, number, tuple(_pieces(shown, numbers, name, x, y)))
        for number, (name, numbers) in enumerate(series, 1)
    )
    up = [step * place for place in range(floor(top / step) + 1)]
    return LineChart(lines, tuple(_across(shown, x)), tuple(_tick(y(value), f"{value:g}") for value in up))


def _pieces(
    places: Places, numbers: Sequence[float | None], name: str, x: Scale, y: Scale
) -> Iterator[tuple[SeriesPoint, ...]]:
    piece: list[SeriesPoint] = []
    for (place, words), value in zip(places, numbers, strict=False):
        if value is None:
            if piece:
                yield tuple(piece)
            piece = []
        else:
            piece.append(SeriesPoint(x(place), y(value), f"{words}: {value:g} ({name})"))
    if piece:
        yield tuple(piece)


def _across(places: Places, x: Scale) -> Iterator[Tick]:
    """Yield a mark for each place whose name has room after the one before it."""
    free = 0.0
    for place, words in places:
        tick = _tick(x(place), words)
        if tick.at - tick.width / 2 >= free:
            free = tick.at + tick.width / 2 + GAP
            yield tick


def _tick(at: int, text: str) -> Tick:
    return Tick(at, text, label_placement.width(text, LETTERS))


def _step(most: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten, with about STEPS steps up to *most*; at least 1.

    >>> _step(34), _step(4), _step(120)
    (10.0, 1, 50.0)
    """
    if most <= STEPS:
        return 1
    power = 10.0 ** floor(log10(most / STEPS))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * STEPS >= most)
