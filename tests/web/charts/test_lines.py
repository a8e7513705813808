"""Lines: points in their places, gaps where nothing is known, scales whose texts don't overlap."""

from itertools import pairwise

from kzus_graph.web.charts import lines

YEARS = [(float(year), str(year)) for year in range(1991, 2026)]


def test_points_stand_where_their_numbers_are() -> None:
    drawn = lines.draw([(1990.0, "1990s"), (2000.0, "2000s"), (2010.0, "2010s")], [("Events", [10, 0, 20])])
    ((points,),) = (line.pieces for line in drawn.lines)
    assert [point.x for point in points] == [52, 376, 700]
    assert [point.y for point in points] == [140, 266, 14]
    assert points[0].words == "1990s: 10 (Events)"
    assert [tick.text for tick in drawn.up] == ["0", "5", "10", "15", "20"]


def test_where_no_number_is_there_is_a_gap() -> None:
    (line,) = lines.draw(YEARS[:4], [("Events", [1, None, 2, 3])]).lines
    assert [[point.words[:7] for point in piece] for piece in line.pieces] == [["1991: 1"], ["1993: 2", "1994: 3"]]


def test_the_names_of_years_are_left_out_where_they_would_overlap() -> None:
    drawn = lines.draw(YEARS, [("Events", [1] * 35), ("Instruments", [2] * 35)])
    assert [line.number for line in drawn.lines] == [1, 2]
    assert drawn.across[0].text == "1991" and 5 < len(drawn.across) < 35
    assert all(one.at + one.width / 2 < other.at - other.width / 2 for one, other in pairwise(drawn.across))


def test_one_place_and_none_are_drawn_too() -> None:
    assert lines.draw([(1.0, "1")], [("Events", [0])]).lines[0].pieces[0][0].y == 266
    assert lines.draw([], [("Events", [])]).lines[0].pieces == ()
