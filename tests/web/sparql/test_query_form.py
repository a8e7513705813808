"""The parameters of the form: dates in three precisions, and names that are one thing, several or none."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import query_form


@pytest.fixture(scope="module")
def release(small_release: Path) -> Iterator[Release]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield releases.current
    releases.close()


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("1901", "1901", (date(1901, 1, 1), date(1901, 12, 31))),
        ("1904-02", "1904-02", (date(1904, 2, 1), date(1904, 2, 29))),
        ("1901-05-01", "", (date(1901, 5, 1), None)),
        ("", "1901-05", (None, date(1901, 5, 31))),
    ],
)
def test_a_year_a_month_or_a_day(
    release: Release, first: str, last: str, days: tuple[date | None, date | None]
) -> None:
    form = query_form.read(release, [("kind", "Event"), ("from", first), ("to", last)])
    assert form and form.question.period
    assert (form.question.period.first, form.question.period.last) == days


def test_the_parameters_of_a_question_ask_the_same_question(release: Release) -> None:
    form = query_form.read(
        release, [("participant", " Fred "), ("kind", "dip:Event"), ("page", "2"), ("words", "Visit")]
    )
    assert form and not form.doubts
    assert form.fields == (("kind", "Event"), ("participant", "kzus:fred"), ("words", "visit"))
    again = query_form.read(release, form.fields)
    assert again and again.fields == form.fields and again.question == form.question


def test_without_a_kind_nothing_is_asked(release: Release) -> None:
    assert query_form.read(release, [("participant", "Fred")]) is None


def test_a_name_without_a_thing_is_a_doubt(release: Release) -> None:
    form = query_form.read(release, [("kind", "Event"), ("participant", "Nobody at all")])
    assert form and [(one.typed, one.choices) for one in form.doubts] == [("Nobody at all", ())]


def test_a_thing_that_the_release_has_not_is_refused(release: Release) -> None:
    with pytest.raises(Problem, match="Nothing in this release has the IRI kzus:nobody"):
        query_form.read(release, [("kind", "Event"), ("participant", "kzus:nobody")])
