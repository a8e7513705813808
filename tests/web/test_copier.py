"""Pages of a copy of the real site in Kazakh and Russian, a sample: whole pages, whose links lead to what is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kzus_graph.web.copier import Copier, SiteCopy, links
from kzus_graph.web.view import locale

SAMPLE = (
    "/", "/years", "/topics", "/sources", "/search", "/questions", "/query", "/dumps/", "/changes", "/docs/",
    "/docs/tutorial", "/docs/correcting", "/docs/federation", "/page/ontology", "/page/shapes", "/prefixes",
    "/page/id/barack-obama", "/page/id/astana", "/page/id/2010-clinton-astana-visit", "/page/topic/nuclear-matters",
    "/page/source/political-cooperation-3.1", "/query/meetings-of-the-two-presidents", "/query/events-by-year-and-kind",
)  # fmt: skip


@pytest.fixture(scope="module")
def copier(real_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copier]:
    made = Copier(SiteCopy(real_release.parent, tmp_path_factory.mktemp("copy"), tuple(locale.LANGUAGES)))
    yield made
    made.close()


@pytest.mark.parametrize("path", SAMPLE)
def test_a_page_in_another_language_leads_to_what_the_copy_in_english_has(
    copier: Copier, exported: Path, path: str
) -> None:
    for language in ("kk", "ru"):
        answer = copier.get(path, language)
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == f"en, {language}"
        assert f'<html lang="{language}">' in answer.text
        found = links(f"/{language}{path}".rstrip("/") + "/", answer.text)
        assert len(found) > 15
        for address in found:
            first, _, rest = address[1:].partition("/")
            place = exported / (rest if first in ("kk", "ru") else address[1:])
            assert (place / "index.html").is_file() or place.is_file(), address
            assert place.suffix != ".css" or first == "static"


def test_drawings_are_in_each_language(copier: Copier) -> None:
    drawn = [copier.get("/query/meetings-of-the-two-presidents", tag).text for tag in locale.LANGUAGES]
    assert len({len(re.findall(r"<svg|class=\"card view\"", text)) for text in drawn}) == 1
    assert all('<div class="card view">' in text for text in drawn)
    assert all('static/tables.js" type="module"' in text for text in drawn)


def test_the_same_question_is_asked_once_for_all_languages(copier: Copier) -> None:
    asked = []
    pool = copier.release.pool._pool  # type: ignore[attr-defined]
    ask = pool.ask
    pool.ask = lambda *args, **named: asked.append(args) or ask(*args, **named)
    copier.get("/page/id/semey", "en")
    first = len(asked)
    copier.get("/page/id/semey", "ru")
    pool.ask = ask
    assert 0 < len(asked) - first < first / 2
