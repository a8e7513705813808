"""The columns of a person's or a topic's years: as high as their numbers say, with names that keep off each other."""

from itertools import pairwise

from kzus_graph.web.charts import year_counts
from kzus_graph.web.charts.year_counts import YearCount


def test_a_column_is_as_high_as_its_number_says_and_a_year_without_events_has_none() -> None:
    drawn = year_counts.draw({2010: 4, 2012: 2})
    assert drawn.columns == (YearCount(2010, 4, 0, 0, 64), YearCount(2012, 2, 48, 32, 32))
    assert (drawn.thick, drawn.ground) == (19.2, 72)
    assert [mark.year for mark in drawn.marks] == [2010, 2012]


def test_years_are_named_where_they_have_room() -> None:
    drawn = year_counts.draw(dict.fromkeys(range(1991, 2026), 1))
    assert [mark.year for mark in drawn.marks] == [1991, 2000, 2005, 2010, 2015, 2020, 2025]
    inside = sorted(drawn.marks, key=lambda mark: mark.x)
    assert inside[0].x - inside[0].width / 2 >= 0 and inside[-1].x + inside[-1].width / 2 <= drawn.width
    assert all(one.x + one.width / 2 < other.x - other.width / 2 for one, other in pairwise(inside))


def test_one_year_is_named_once_and_of_too_many_the_latest_are_drawn() -> None:
    assert [mark.year for mark in year_counts.draw({2010: 1}).marks] == [2010]
    drawn = year_counts.draw({1: 5, 1900: 1, 2019: 1})
    assert [column.year for column in drawn.columns] == [1900, 2019] and drawn.columns[-1].x < drawn.width
