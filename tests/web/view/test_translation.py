"""The words of the interface in Kazakh and Russian: catalogues are whole, pages are in one language and say so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.view import locale, translation
from kzus_graph.web.view.corrections import contact

WEB = translation.FOLDER.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)s|<(\w+)")
OTHERS = [tag for tag in locale.LANGUAGES if tag != locale.ENGLISH]
IN_THE_LANGUAGE = ("/", "/years", "/topics", "/sources", "/search?q=fred", "/query", "/query/visits", "/page/id/fred")
IN_ENGLISH = (
    "/docs/",
    "/docs/tutorial",
    "/dumps/",
    "/changes",
    "/prefixes",
    "/conformance",
    "/problem/",
    "/page/shapes",
)


@pytest.fixture(scope="module")
def releases(small_release: Path) -> Iterator[Releases]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield releases
    releases.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    return create_app(releases).test_client()


def messages() -> set[str | tuple[str, str]]:
    """What the templates and modules of the site mark for translation."""
    found = extract_from_dir(WEB, METHODS, OPTIONS, translation.KEYWORDS)
    return {text if isinstance(text, str) else (text[0], text[1]) for _, _, text, *_ in found}


def read(name: str) -> Catalog:
    with (translation.FOLDER / name).open("rb") as file:
        return pofile.read_po(file, locale=None if name.endswith(".pot") else name[:2])


def ids(catalogue: Catalog) -> set[str | tuple[str, str]]:
    return {message.id for message in catalogue if message.id}


def test_the_template_of_the_catalogues_has_what_is_marked() -> None:
    marked = messages()
    assert len(marked) > 250
    assert ids(read("messages.pot")) == marked


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    catalogue = read(f"{language}.po")
    assert ids(catalogue) == messages()
    assert not catalogue.obsolete
    for message in filter(lambda message: message.id, catalogue):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), message.id
        assert not message.fuzzy, message.id
        assert not list(message.check(catalogue)), message.id
        if isinstance(message.id, str):
            assert sorted(PLACEHOLDER.findall(texts[0])) == sorted(PLACEHOLDER.findall(message.id)), message.id


def test_numbers_have_the_forms_of_their_language(client: FlaskClient) -> None:
    counted = {}
    for language in locale.LANGUAGES:
        with client.application.test_request_context(f"/?lang={language}"):
            counted[language] = [translation.plural(number, "event", "events") for number in (1, 3, 5, 21, 12345)]
    assert counted == {
        "en": ["1 event", "3 events", "5 events", "21 events", "12,345 events"],
        "ru": ["1 событие", "3 события", "5 событий", "21 событие", "12\u00a0345 событий"],
        "kk": ["1 оқиға", "3 оқиға", "5 оқиға", "21 оқиға", "12\u00a0345 оқиға"],
    }


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", [*IN_THE_LANGUAGE, *IN_ENGLISH])
def test_a_page_says_its_language_and_documentation_that_it_is_english(
    client: FlaskClient, path: str, language: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert f'<html lang="{language}">' in answer.text
    assert ('<main id="main" tabindex="-1" lang="en">' in answer.text) == (path in IN_ENGLISH)
    assert answer.headers["Content-Language"] == f"en, {language}"
    assert "Accept-Language" in answer.headers["Vary"]
    assert translation.catalogue(language).gettext("Skip to the content") in answer.text
    assert "Skip to the content" not in answer.text


def test_dates_are_written_as_the_language_writes_them(client: FlaskClient) -> None:
    path = "/page/id/1901-fred-streslau-visit"
    assert "<strong>2–5 мая 1901, указано с точностью до дня</strong>" in client.get(f"{path}?lang=ru").text
    assert "<strong>1901 жылғы 2–5 мамыр, күніне дейін көрсетілген</strong>" in client.get(f"{path}?lang=kk").text


def test_a_name_in_another_language_than_the_page_says_so(client: FlaskClient) -> None:
    text = client.get("/page/id/1901-fred-streslau-visit?lang=ru").text
    assert '<h1 lang="en">Visit of Fred to Streslau</h1>' in text
    assert "<h1>Visit of Fred to Streslau</h1>" in client.get("/page/id/1901-fred-streslau-visit").text


def test_the_switch_keeps_the_page_and_links_keep_the_language(client: FlaskClient) -> None:
    text = client.get("/search?q=fred&kind=Person&lang=kk").text
    assert re.findall(r'<a href="([^"]*)" hreflang="(\w\w)"', text) == [
        (f"/search?q=fred&amp;kind=Person&amp;lang={tag}", tag) for tag in locale.LANGUAGES
    ]
    assert 'hreflang="kk" lang="kk" aria-current="true"' in text
    assert '<a href="/years?lang=kk">' in text
    assert '<input type="hidden" name="lang" value="kk">' in text
    assert '<a href="/years">' in client.get("/search?q=fred").text


def test_what_a_client_writes_stays_a_parameter(client: FlaskClient) -> None:
    text = client.get('/topics?"><script>=1&lang=ru').text
    assert "<script>" not in text
    assert "%22%3E%3Cscript%3E=1&amp;lang=en" in text


def test_an_unknown_language_is_refused_once_on_a_page_in_english(client: FlaskClient) -> None:
    answer = client.get("/topics?lang=de", headers={"Accept": "text/html", "Accept-Language": "ru"})
    assert answer.status_code == 400
    assert "The parameter lang must be one of en, kk, ru." in answer.text


def test_services_for_programs_answer_in_english(client: FlaskClient) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "ru"}
    page = client.get("/sparql?query=ASK%20%7B%7D", headers=headers).text
    assert '<html lang="en">' in page
    assert 'hreflang="ru"' not in page


def test_a_page_that_is_kept_for_all_hosts_names_the_one_that_asks(client: FlaskClient) -> None:
    for host in ("one.example", "two.example"):
        text = client.get(f"/page/shapes?{host}=1", base_url=f"http://{host}").text
        assert f'<meta property="og:url" content="http://{host}/page/shapes">' in text
        assert set(re.findall(r"(?:one|two|host)\.(?:example|invalid)", text)) == {host}


def test_a_report_from_a_page_that_is_kept_for_all_hosts_names_the_one_that_asks(releases: Releases) -> None:
    client = create_app(releases, contact=contact("errors@example.org")).test_client()
    for host in ("one.example", "two.example"):
        text = client.get("/page/ontology/alignment?x=1", base_url=f"http://{host}").text
        assert (
            f"Page%3A%20http%3A%2F%2F{host}%2Fpage%2Fontology%2Falignment%3Frelease" in text
            and "host.invalid" not in text
        )


def test_a_copy_of_the_site_has_no_switch(releases: Releases) -> None:
    app = create_app(releases)
    app.config[locale.STATIC] = True
    assert "hreflang" not in app.test_client().get("/topics").text


def test_a_question_is_shown_in_the_language_if_it_is_translated() -> None:
    from kzus_graph.web.sparql.examples import Example

    example = Example("a", "Who?", "", translations={"ru": "Кто?"})
    assert (example.asked_in("ru"), example.asked_in("kk")) == (("Кто?", "ru"), ("Who?", "en"))
