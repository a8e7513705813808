"""A disagreement shows what each source says, side by side, on its own page and in the notes of what it is about."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def tables(client: FlaskClient, path: str) -> list[list[tuple[str, ...]]]:
    """The rows of each table of claims on a page, cell by cell in words."""
    page = client.get(f"/page/{path}").text
    found = []
    for table in re.findall(r'<table class="claims[^>]*>.*?<tbody>(.*?)</tbody>', page, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        cells = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows)
        words = re.compile(r"<[^>]*>")
        found.append([tuple(unescape(" ".join(words.sub("", cell).split())) for cell in row) for row in cells])
    return found


APRIL = [
    ("Visit 2099 in the US list: Nazarbayev, April 2010", "11–13 April 2010, stated to the day", "preferred"),
    ("Political Cooperation, paragraph 3, sentence 1", "11–14 April 2010, stated to the day", "set aside"),
]


@pytest.mark.parametrize(
    "path", ["note/disagreement-2010-nazarbayev-us-official-visit-dates", "id/2010-nazarbayev-us-official-visit"]
)
def test_the_dates_stand_side_by_side(client: FlaskClient, path: str) -> None:
    found = tables(client, path)
    assert APRIL in found


def test_a_disagreement_about_two_things_says_of_which_each_claim_is(client: FlaskClient) -> None:
    (rows,) = tables(client, "note/disagreement-2008-obama-nazarbayev-call-barack-obama-office")
    assert {len(row) for row in rows} == {4} and len({row[1] for row in rows}) == 2
    assert ["President-elect" in row[2] for row in rows if row[3] == "preferred"].count(True) == 1
    # Where the preferred source is silent that is a claim too; one that is set aside has to say something.
    assert [row[3] for row in rows if row[2] == "nothing about this"] == ["preferred"]


def test_a_note_that_weighs_nothing_has_no_table(client: FlaskClient) -> None:
    assert tables(client, "note/d05") == []
