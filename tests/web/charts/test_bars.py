"""Bars: as long as their numbers say, with names that fit."""

from kzus_graph.web.charts import bars, label_placement
from kzus_graph.web.charts.bars import Counted


def counted(label: str, value: float) -> Counted:
    return Counted("", label, f"{value:g}", value)


def test_a_bar_is_as_long_as_its_number_says_and_one_of_nothing_has_no_length() -> None:
    drawn = bars.draw([counted("Astana", 20), counted("Almaty", 10), counted("Aktau", 0)])
    long, half, none = drawn.bars
    assert (long.length, half.length, none.length) == (631, 316, 0)
    assert [bar.y for bar in drawn.bars] == [0, 26, 52] and drawn.height == 78
    assert drawn.left + long.length + long.number_width < drawn.width


def test_a_name_that_is_too_wide_is_cut_and_kept_whole_beside() -> None:
    (bar,) = bars.draw([counted("Agreement " * 20, 1)]).bars
    assert bar.name.startswith("Agreement Agreement") and bar.name.endswith("…")
    assert bar.name_width <= bars.WIDEST_NAME and bar.name_width == label_placement.width(bar.name, bars.LETTERS)
    assert bar.counted.label == "Agreement " * 20


def test_of_too_many_things_the_first_are_drawn() -> None:
    drawn = bars.draw([counted(str(number), number) for number in range(100)])
    assert (len(drawn.bars), drawn.left_out, drawn.bars[-1].name) == (40, 60, "39")
    assert bars.draw([]).bars == ()
