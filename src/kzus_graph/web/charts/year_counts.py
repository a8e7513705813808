"""Lays out a small chart of columns: how many events there are in each year, from the first year to the last."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kzus_graph.web.charts import label_placement

WIDTH: Final = 360
"""About as wide as a phone, so that letters are there as large as they are drawn."""
HEIGHT: Final = 64
LETTERS: Final = 12
WIDEST: Final = 24
MOST: Final = 120
"""The most years that are drawn; of more, the latest."""
GAP: Final = 8


@dataclass(frozen=True)
class YearCount:
    """The column of a year: its left edge, its top, its height, and the number of events."""

    year: int
    number: int
    x: float
    y: int
    height: int


@dataclass(frozen=True)
class YearMark:
    """A year that is named below its column: the middle of the text, and its width."""

    year: int
    x: float
    width: int


@dataclass(frozen=True)
class YearCounts:
    """The whole drawing; *thick* is the width of a column, *ground* that of all. A year with no event has no column."""

    columns: tuple[YearCount, ...]
    marks: tuple[YearMark, ...]
    thick: float
    ground: float
    width: int = WIDTH
    height: int = HEIGHT


def draw(numbers: Mapping[int, int]) -> YearCounts:
    """Return the columns of *numbers*, which has the number of events of each year that has any; not empty."""
    last = max(numbers)
    first = max(min(numbers), last - MOST + 1)
    pitch = min(WIDEST, WIDTH / (last - first + 1))
    highest = max(numbers.values())
    columns = []
    for year in sorted(year for year in numbers if year >= first):
        height = max(2, round(HEIGHT * numbers[year] / highest))
        columns.append(YearCount(year, numbers[year], round((year - first) * pitch, 1), HEIGHT - height, height))
    return YearCounts(
        tuple(columns), _marks(first, last, pitch), round(max(1, 0.8 * pitch), 1), round((last - first + 1) * pitch, 1)
    )


def _marks(first: int, last: int, pitch: float) -> tuple[YearMark, ...]:
    """Return the names of the first year and the last, and of those that end in 0 or 5 where they have room."""
    wide = label_placement.width(str(last), LETTERS)

    def middle(year: int) -> float:
        return round(min(max((year - first + 0.4) * pitch, wide / 2), WIDTH - wide / 2), 1)

    chosen = [first]
    ends = [last] if middle(last) - middle(first) >= wide + GAP else []
    for year in range(first + 1, last):
        if year % 5 == 0 and all(abs(middle(year) - middle(other)) >= wide + GAP for other in (chosen[-1], *ends)):
            chosen.append(year)
    return tuple(YearMark(year, middle(year), wide) for year in (*chosen, *ends))
