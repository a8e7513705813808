"""Names of a drawing: as wide as planned, inside it, off each other."""

import random
from itertools import combinations

import pytest

from kzus_graph.web.charts import label_placement
from kzus_graph.web.charts.label_placement import LabelPosition, Point, placed, width

SIZE = 14
WORDS = ("Illinois", "Washington, D.C.", "Қызылорда", "Женева", "MMMMMMMM", "東京", "Nur-Sultan", "i")


def box(place: LabelPosition) -> tuple[float, float, float, float]:
    """What a name may ink."""
    return place.left, place.y - label_placement.UP * SIZE, place.right, place.y + label_placement.DOWN * SIZE


@pytest.mark.parametrize("seed", range(20))
def test_names_are_off_each_other_off_points_and_inside(seed: int) -> None:
    chance = random.Random(seed)
    points = [
        Point(chance.choice(WORDS), chance.randrange(20, 380), chance.randrange(20, 280), chance.randrange(4, 20))
        for _ in range(30)
    ]
    names = [
        (place, box(place))
        for place in placed(points, SIZE, within=(400, 300), below_first=seed % 2 == 1)
        if place.anchor
    ]
    assert len(names) >= 5
    for place, (left, top, right, bottom) in names:
        assert left >= 0 and top >= 0 and right <= 400 and bottom <= 300
        assert place.width == right - left
        for point in points:
            assert (
                right <= point.x - point.radius
                or left >= point.x + point.radius
                or bottom <= point.y - point.radius
                or top >= point.y + point.radius
            )
    for (_, one), (_, other) in combinations(names, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_name_that_is_wider_than_the_drawing_is_left_out() -> None:
    assert placed([Point("W" * 40, 50, 50, 5)], SIZE, within=(100, 100)) == [LabelPosition(50, 50, "", 0)]


def test_a_width_counts_what_takes_room_however_it_is_written() -> None:
    assert width("", SIZE) == 0
    assert width("Й", SIZE) == width("И\u0306", SIZE) == 10
    # In the whole, not letter by letter, so that many narrow letters don't add up to many roundings.
    assert width("i" * 100, SIZE) == 476
    assert width("Washington", 2 * SIZE) == pytest.approx(2 * width("Washington", SIZE), abs=1)
