"""The file of names that a script in a copy of the site searches."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.copier import Copier, SiteCopy


@pytest.fixture(scope="module")
def copier(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copier]:
    made = Copier(SiteCopy(small_release.parent, tmp_path_factory.mktemp("copy"), ("en", "ru")))
    yield made
    made.close()


def names(copier: Copier, language: str) -> dict[str, Any]:
    answer = copier.get("/search/names.json", language)
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_each_thing_has_its_page_name_kind_date_and_other_names(copier: Copier) -> None:
    found = names(copier, "en")
    things = {thing[0]: thing[1:] for thing in found["things"]}
    kinds = found["kinds"]
    assert things["page/id/fred"] == ["Fred", "", kinds.index("Person"), ""]
    visit = things["page/id/1901-fred-streslau-visit"]
    assert visit == ["Visit of Fred to Streslau", "", kinds.index("Official Visit"), "2–5 May 1901"]
    assert things["query/visits"] == ["Which visits are recorded?", "", kinds.index("Question"), "", "visits"]
    assert things["years#y1901"] == ["1901", "", kinds.index("Year"), ""]
    topic = things["page/topic/wto-accession"]
    assert topic[3] == "" and {"accession to the WTO", "WTO membership"} < set(topic[4:])
    assert found["things"][0][0] == "page/id/fred", "persons first"


def test_words_and_dates_are_in_the_language_of_the_page(copier: Copier) -> None:
    found = names(copier, "ru")
    things = {thing[0]: thing[1:] for thing in found["things"]}
    assert things["page/id/1901-fred-streslau-visit"][3] == "2–5 мая 1901"
    assert things["page/id/fred"][:2] == ["Fred", "en"]
    assert found["kinds"][things["page/topic/wto-accession"][2]] == "Тема"


def test_letters_are_those_of_the_full_text(copier: Copier) -> None:
    letters = names(copier, "en")["letters"]
    assert (letters["қ"], letters["щ"], letters["ø"]) == ("k", "shch", "o")


def test_a_server_has_no_such_file(small_release: Path) -> None:
    releases = Releases(Limits(workers=1), folder=small_release.parent)
    assert create_app(releases).test_client().get("/search/names.json").status_code == 404
    releases.close()
