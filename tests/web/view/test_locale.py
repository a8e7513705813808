"""Names on pages in the language that is asked for, and no answer in one language for another."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.view import locale, responses
from tests.engine.test_cache import Door

ASTANA = "/page/id/astana"
OBAMA = "/page/id/barack-obama"
HEADINGS = {
    "en": "<h1>Barack Obama</h1>",
    "kk": "<h1>Барак Обама</h1>",
    "ru": "<h1>Барак Обама</h1>",
}


@pytest.fixture(scope="module")
def releases(real_release: Path) -> Iterator[Releases]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield releases
    releases.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    return create_app(releases).test_client()


@pytest.mark.parametrize(
    ("address", "header", "language"),
    [
        ("", "", "en"),
        ("", "kk", "kk"),
        ("", "kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7", "kk"),
        ("", "ru-RU", "ru"),
        ("", "de,ru;q=0.5", "ru"),
        ("", "de", "en"),
        ("", "*", "en"),
        ("", "ru;q=0", "en"),
        ("", "ru;q=x,,;;=", "en"),
        ("", "ru-RU, en;q=0.1", "ru"),
        ("?lang=ru", "kk", "ru"),
        ("?lang=en", "kk", "en"),
        ("?lang=kk", "", "kk"),
        ("?lang=", "ru", "ru"),
    ],
)
def test_the_address_chooses_then_the_header_then_english(
    client: FlaskClient, address: str, header: str, language: str
) -> None:
    answer = client.get(OBAMA + address, headers={"Accept-Language": header} if header else {})
    assert answer.status_code == 200
    assert HEADINGS[language] in answer.text
    assert answer.headers["Content-Language"] == ("en" if language == "en" else f"en, {language}")
    assert "Accept-Language" in answer.headers["Vary"].split(", ")


def test_a_language_without_names_is_refused_with_those_that_have_some(client: FlaskClient) -> None:
    for path in (ASTANA, "/", "/search?q=a", "/topics", "/id/astana"):
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang=xx", headers={"Accept": "text/html"})
        assert (answer.status_code, "The parameter lang must be one of en, kk, ru" in answer.text) == (400, True), path


def test_what_has_no_name_in_the_language_keeps_its_english_one(client: FlaskClient) -> None:
    page = client.get("/page/id/steven-chu?lang=kk").text
    assert '<h1 lang="en">Chu</h1>' in page
    assert '<span lang="ru">Стивен Чу</span>' in page


def test_each_name_in_another_language_than_the_page_says_so(client: FlaskClient) -> None:
    page = client.get(ASTANA).text
    assert '<html lang="en">' in page
    kazakh = client.get(ASTANA + "?lang=kk").text
    assert re.search(r'<a href="/id/kazakhstan-country\?lang=kk" title="[^"]*">Қазақстан</a>', kazakh)
    assert "<h2>What leads here</h2>" in page
    marked = r'<(title|script)\b.*?</\1>|<(\w+)[^>]* lang="(?:kk|ru|mul)".*?</\2>'
    unmarked = re.sub(rf"{marked}|<[^>]*>", "", page, flags=re.DOTALL)
    assert not re.search("[А-я]", unmarked)


def test_the_languages_bear_the_names_that_unicode_gives_them() -> None:
    babel = pytest.importorskip("babel", reason="babel is not installed")
    if babel.core.get_cldr_version() != "47":
        pytest.skip(f"the names are those of CLDR 47, which babel {version('babel')} does not carry")
    assert {tag: babel.Locale.parse(tag).get_display_name(tag) for tag in locale.LANGUAGES} == locale.LANGUAGES


def test_a_chosen_language_stays_on_the_way_from_thing_to_thing(client: FlaskClient) -> None:
    answer = client.get("/id/astana?lang=ru", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/page/id/astana?lang=ru")
    answer = client.get("/id/astana?lang=ru", headers={"Accept": "text/turtle"})
    assert answer.headers["Location"] == "/data/id/astana.ttl"
    assert "lang=" not in client.get("/id/astana", headers={"Accept": "text/html"}).headers["Location"]
    page = client.get(ASTANA + "?lang=ru").text
    assert 'href="/ontology?lang=ru#City"' in page


def test_home_search_and_lists_follow(client: FlaskClient) -> None:
    home = client.get("/?lang=ru")
    assert '<a href="/id/barack-obama?lang=ru">Барак Обама</a>' in home.text
    assert re.search(r'>Вашингтон</a> <span class="muted">\d+ событи', home.text)
    assert home.headers["Content-Language"] == "en, ru"
    assert '<a href="/id/barack-obama">Barack Obama</a>' in client.get("/").text
    found = client.get("/search?q=obama&lang=ru").text
    assert '<a href="/id/barack-obama?lang=ru">Барак Обама</a>' in found
    assert "Accept-Language" in client.get("/topics").headers["Vary"]


@pytest.mark.parametrize(
    ("asked", "thing"),
    [
        ("астана", "astana"),
        ("АСТАНА", "astana"),
        ("семипалатинск", "semey"),
        ("темір", "temir-zholy"),
        ("ОБСЕ", "osce"),
    ],
)
def test_search_finds_cyrillic_names(client: FlaskClient, asked: str, thing: str) -> None:
    answer = client.get("/search", query_string={"q": asked})
    assert f'<a href="/id/{thing}">' in answer.text


def test_a_thing_with_names_in_three_languages_stands_once_in_a_list(client: FlaskClient) -> None:
    found = client.get("/search", query_string={"q": "Nazarbayev"}).text
    assert found.count('href="/id/nursultan-nazarbayev"') == 1
    assert client.get("/page/id/south-korea-country").text.count('title="kzus:seoul"') == 1


def test_data_documents_do_not_depend_on_the_language(client: FlaskClient) -> None:
    plain = client.get("/data/id/astana.ttl")
    russian = client.get("/data/id/astana.ttl", headers={"Accept-Language": "ru"})
    assert plain.data == russian.data
    assert "Accept-Language" not in plain.headers["Vary"]
    assert "Content-Language" not in plain.headers
    for name in ('"Astana"@en', '"Астана"@kk', '"Астана"@ru'):
        assert name in plain.text


def test_a_copy_without_a_server_is_in_english(releases: Releases) -> None:
    app = create_app(releases)
    app.config[responses.STATIC] = True
    page = app.test_client().get(OBAMA, headers={"Accept-Language": "ru"})
    assert HEADINGS["en"] in page.text
    assert "hreflang" not in page.text
    assert "Accept-Language" not in page.headers["Vary"]


def test_no_answer_that_is_kept_for_one_language_is_given_for_another(releases: Releases) -> None:
    door = Door(releases)
    asked = [("en", "en"), ("ru", "ru"), ("kk", "kk"), ("ru", "ru-RU, en;q=0.1"), ("en", "de"), ("kk", "de, kk;q=0.1")]
    etags: dict[str, set[str]] = {}
    for _ in range(2):
        for language, header in asked:
            status, headers, body, _ = door.ask("", path=OBAMA, accept="text/html", accept_language=header)
            assert status == 200
            assert HEADINGS[language] in body.decode()
            etags.setdefault(language, set()).add(headers["etag"])
    assert {language: len(found) for language, found in etags.items()} == {"en": 1, "ru": 1, "kk": 1}
    assert len(set.union(*etags.values())) == 3
    # Three languages, three answers: each further header was served from those that are kept.
    assert door.reached == 3


def test_a_client_is_told_that_its_copy_holds_only_in_its_language(releases: Releases) -> None:
    door = Door(releases)
    etag = door.ask("", path=ASTANA, accept="text/html", accept_language="ru")[1]["etag"]
    assert door.ask("", path=ASTANA, accept="text/html", accept_language="ru-KZ", if_none_match=etag)[0] == 304
    assert door.ask("", path=ASTANA, accept="text/html", accept_language="kk", if_none_match=etag)[0] == 200


def test_a_thousand_headers_make_no_more_answers_than_three(releases: Releases) -> None:
    door = Door(releases)
    kept = len(releases.current.cache)
    for number in range(1000):
        header = f"x{number:04d}, {('en', 'kk', 'ru')[number % 3]};q=0.{number % 9 + 1}"
        assert door.ask("", path="/page/id/semey", accept="text/html", accept_language=header)[0] == 200
    assert door.reached == 3
    assert len(releases.current.cache) == kept + 3


def test_answers_to_queries_are_kept_whatever_the_language(releases: Releases) -> None:
    door = Door(releases)
    query = "ASK { <https://w3id.org/kzus/id/astana> ?p ?o }"
    door.ask(query, accept_language="en")
    kept = len(releases.current.cache)
    for header in ("ru", "kk", "de"):
        status, headers, _, _ = door.ask(query, accept_language=header)
        assert (status, "Accept-Language" in headers["vary"]) == (200, False)
    assert len(releases.current.cache) == kept


def test_results_of_a_search_are_in_the_language_as_far_as_they_have_names_in_it(client: FlaskClient) -> None:
    page = client.get("/search?q=встречи+президентов&lang=ru").text
    assert '<a class="chip plain" href="/search?q=' in page and "Вопросы" in page
    assert re.search(r'<a href="/query/meetings-of-the-two-presidents\?lang=ru">Когда и где встречались', page)
    assert '<td data-label="Вид"><span>Вопрос</span></td>' in page
    assert "События 1997 года: " in client.get("/search?q=1997&lang=ru").text
