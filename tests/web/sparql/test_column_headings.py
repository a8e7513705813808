"""Headings of columns: from the release in the language of the page, else in English, else the variable in words."""

from collections.abc import Iterator

import pytest
from flask import Flask, g

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.pipeline import release
from kzus_graph.rdf import headings
from kzus_graph.web.application import create_app
from kzus_graph.web.sparql import column_headings
from tests.conftest import copy_small_root

QUERY = """#+ summary: Who?
#+ summary@ru: Кто?
#+ note: Only Fred. See also all-visits.
#+ note@ru: Только Фред. Ещё: all-visits.
#+ columns: day = On
#+ columns@ru: day = В день
PREFIX dip: <https://w3id.org/kzus/ontology#>
SELECT ?person ?from ?day ?firstOf
WHERE { ?person a dip:Person BIND (1 AS ?from) BIND (2 AS ?day) BIND (3 AS ?firstOf) }
ORDER BY ?person
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("headings")
    queries = copy_small_root(folder / "root") / "queries"
    (queries / headings.FILE).write_text("variable,en,ru\nperson,Person,Лицо\nfrom,Since,\nday,Day,День\n", "utf-8")
    (queries / "who.rq").write_text(QUERY, "utf-8")
    (queries / "all-visits.rq").write_text(QUERY.replace("Кто?", "Все?"), "utf-8")
    release.build(folder / "root", folder / "out")
    releases = Releases(Limits(workers=1), folder=folder / "out")
    yield create_app(releases)
    releases.close()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", [("Person", "en"), ("Since", "en"), ("Day", "en"), ("First of", "en")]),
        ("ru", [("Лицо", "ru"), ("Since", "en"), ("День", "ru"), ("First of", "en")]),
        ("kk", [("Person", "en"), ("Since", "en"), ("Day", "en"), ("First of", "en")]),
    ],
)
def test_a_heading_is_in_the_language_of_the_page_if_it_can_be(
    app: Flask, language: str, expected: list[tuple[str, str]]
) -> None:
    with app.test_request_context(f"/?lang={language}"):
        app.preprocess_request()
        names = ("person", "from", "day", "firstOf")
        assert [column_headings.heading(g.release, name) for name in names] == expected


def test_a_page_and_its_spreadsheet_have_headings_and_note_in_the_language(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/query/who?lang=ru", headers={"Accept": "text/html"}).text
    for part in (
        '<th scope="col" data-name="person">',
        ">Лицо</a></th>",
        'data-name="from" class="number" lang="en">',
        ">В день</a></th>",
        '<p class="note" id="note">Только Фред. Ещё: <a href="/query/all-visits?lang=ru">Все?</a>.</p>',
        'content="Только Фред. Ещё: all-visits."',
        'href="/answers/who.csv?lang=ru"',
    ):
        assert part in page
    sheet = client.get("/answers/who.csv?lang=ru").data.decode("utf-8-sig")
    assert sheet.splitlines()[0] == "Лицо,Лицо (IRI),Since,В день,First of,Source"
    english = client.get("/answers/who.csv").data.decode("utf-8-sig")
    assert english.splitlines()[0] == "Person,Person (IRI),Since,On,First of"
    kazakh = client.get("/query/who?lang=kk", headers={"Accept": "text/html"}).text
    assert (
        '<p class="note" id="note" lang="en">Only Fred. See also <a href="/query/all-visits?lang=kk">Who?</a>' in kazakh
    )
