"""Five jobs that people come to the site for, done in a browser, each from the home page on."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.chromium import DESKTOP, Visitor, visiting
from tests.conftest import ROOT
from tests.engine.test_older import another
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CONTACTS = "contacts-of-the-two-presidents"
DIRECT = "direct-contacts-of-nazarbayev-and-obama"
FIRST = (
    ("Visit of Nazarbayev to the United States, 1992", "1992-05-18", "1992-05-20"),
    ("Adoption of the Joint Declaration on US-Kazakhstan Relations, 1992", "1992-05-19", "1992-05-19"),
    ("Press conference of Clinton and Nazarbayev, 1994", "1994-02-14", "1994-02-14"),
)
"""The first rows of the answer, with their first and last possible days."""
NUMBER = len((ROOT / "queries" / "expected" / f"{CONTACTS}.csv").read_text("utf-8").splitlines()) - 1
VISIT = "/page/id/2010-nazarbayev-us-official-visit"
ENGLISH = {
    "search": "Search",
    "contacts": "contacts of the two presidents",
    "who": "who attended april 2010",
    "spreadsheet": "Spreadsheet (CSV)",
    "columns": ("Event", "First day possible", "Last day possible"),
    "rows": f"{NUMBER} rows",
    "obama": "Barack Obama",
    "nazarbayev": "Nursultan Nazarbayev",
    "chu": "Chu",
    "report": "Report one fact",
    "build": "Build a question",
    "kind": "Kind of thing",
    "choose": "Choose conditions",
    "took part": "Took part",
    "show": "Show the answer",
}
RUSSIAN = {
    "search": "Поиск",
    "contacts": "все контакты двух президентов",
    "who": "кто участвовал в апреле 2010",
    "spreadsheet": "Электронная таблица (CSV)",
    "columns": ("Событие", "Первый возможный день", "Последний возможный день"),
    "rows": f"{NUMBER} ",
    "obama": "Барак Обама",
    "nazarbayev": "Нурсултан Назарбаев",
    "chu": "Стивен Чу",
    "report": "Сообщить об одном факте",
    "build": "Составить вопрос",
    "kind": "Что искать",
    "choose": "Выбрать условия",
    "took part": "Участвовал",
    "show": "Показать ответ",
}
WORDS: dict[str, dict[str, Any]] = {"en": ENGLISH, "ru": RUSSIAN}
in_each_language = pytest.mark.parametrize("language", WORDS)


def started(visitor: Visitor, language: str) -> "Page":
    """Go to the home page, and there to *language*."""
    page = visitor.go("/")
    if language != "en":
        page.locator(f'nav.languages a[hreflang="{language}"]').click()
        page.wait_for_url(f"**/?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    return page


def looked_for(page: "Page", words: str, name: str) -> None:
    """Type *words* in the field that each page has in its head, and send them."""
    page.get_by_role("combobox", name=name, exact=True).press_sequentially(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")


def spreadsheet(page: "Page", name: str) -> tuple[str, list[dict[str, str]]]:
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    text = coming.value.path().read_text("utf-8-sig")
    return coming.value.suggested_filename, list(csv.DictReader(StringIO(text, newline="")))


def cited(page: "Page") -> str:
    """Return the address in the citation of *page*, with the server that it is at."""
    page.locator("details.cite > summary").click()
    address: str = json.loads(page.locator("details.cite pre").last.inner_text())[0]["URL"]
    return address


def things(page: "Page") -> set[str]:
    """Return the addresses, without parameters, of what the first column of the answer names."""
    found = page.locator("table.answer tbody td:first-child a").all()
    return {(link.get_attribute("href") or "").partition("?")[0] for link in found}


def answer(page: "Page") -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in page.locator("table.answer tbody tr").all()]


@in_each_language
def test_contacts_of_the_two_presidents_as_a_spreadsheet_and_a_citation_that_lasts(
    language: str, visitor: Visitor, browser: "Browser", real_release: Path, small_release: Path, tmp_path: Path
) -> None:
    words = WORDS[language]
    page = started(visitor, language)
    looked_for(page, words["contacts"], words["search"])
    page.locator(f'main table a[href^="/query/{CONTACTS}"]').first.click()
    page.wait_for_url(f"**/query/{CONTACTS}*")
    assert page.locator("[data-count]").inner_text().startswith(words["rows"])
    name, rows = spreadsheet(page, words["spreadsheet"])
    assert name == f"{CONTACTS}-3.0.0.csv" and len(rows) == NUMBER
    assert [tuple(row[column] for column in words["columns"]) for row in rows[:3]] == [*FIRST]
    address, seen = cited(page), answer(page)
    asked = f"lang={language}&" if language != "en" else ""
    assert urlsplit(address).query == f"{asked}release={real_release.name}"
    visitor.is_content()

    # The same folder a release later: what is current has other data.
    another(tmp_path, real_release, real_release.name, 1)
    another(tmp_path, small_release, small_release.name, 0)
    (tmp_path / "CURRENT").write_text(small_release.name)
    with (
        serving(tmp_path, "--release", str(tmp_path), "--workers", "2") as later,
        visiting(browser, later, DESKTOP) as reader,
    ):
        page = reader.go(urlsplit(address)._replace(scheme="", netloc="").geturl())
        assert real_release.name in page.locator("aside.older").inner_text()
        assert answer(page) == seen
        reader.is_content()


@in_each_language
def test_who_attended_a_visit_which_sentence_says_so_where_sources_differ_and_a_report(
    language: str, visitor: Visitor, browser: "Browser", real_release: Path, tmp_path: Path
) -> None:
    words = WORDS[language]
    page = started(visitor, language)
    looked_for(page, words["who"], words["search"])
    page.locator(f'main a[href^="{VISIT.replace("/page", "")}"]').first.click()
    page.wait_for_url(f"**{VISIT}*")
    # Those of the visit itself, and those of its parts.
    assert words["nazarbayev"] in page.locator("#who").inner_text()
    for name in (words["obama"], words["chu"]):
        assert page.locator("#attendance").get_by_role("link", name=name, exact=True).count() == 1, name
    # The numbers beside a name lead to the sources of it, one of which is a sentence.
    notes = [note.get_attribute("href") or "" for note in page.locator("#who sup a").all()]
    told = [page.locator(f"{note} a").first.get_attribute("href") or "" for note in notes]
    sentence = next(href for href in told if href.startswith("/source/political-cooperation-"))
    page.locator(f'#sources a[href="{sentence}"]').click()
    page.wait_for_url(f"**/page{sentence}")
    assert page.locator("#text a").count() == 1 and page.locator("#says").is_visible()
    page.go_back()
    # Where sources differ is said on the page itself, with who says what.
    assert page.locator("#claims, #notes .callout").first.is_visible()
    assert page.locator("#claims table.claims tbody tr, #notes table.claims tbody tr").count() >= 2
    visitor.is_content()

    with (
        serving(
            tmp_path, "--release", str(real_release.parent), "--workers", "2", "--contact", "errors@example.org"
        ) as own,
        visiting(browser, own, DESKTOP) as reader,
    ):
        page = reader.go(f"{VISIT}?lang={language}")
        page.get_by_role("link", name=words["report"]).click()
        report = page.locator("main tbody a[href^='mailto:']").first
        body = parse_qs(urlsplit(report.get_attribute("href") or "").query)["body"][0]
        assert "https://w3id.org/kzus/id/2010-nazarbayev-us-official-visit" in body and real_release.name in body
        reader.is_content()


@in_each_language
def test_a_question_built_without_sparql_answers_as_its_example(language: str, visitor: Visitor) -> None:
    words = WORDS[language]
    page = started(visitor, language)
    page.get_by_role("link", name=words["build"]).first.click()
    page.wait_for_url("**/build*")
    page.get_by_label(words["kind"]).select_option("DiplomaticContact")
    page.get_by_role("button", name=words["choose"]).click()
    for typed in ("obama", "nazarbayev"):
        field = page.get_by_role("combobox", name=words["took part"], exact=True).first
        field.press_sequentially(words[typed][:7])
        page.get_by_role("option", name=words[typed], exact=True).click()
        assert page.get_by_role("checkbox", name=words[typed]).is_checked()
    page.get_by_role("button", name=words["show"]).click()
    page.wait_for_selector("table.answer tbody tr")
    built = things(page)
    visitor.go(f"/query/{DIRECT}")
    assert built == things(page) and len(built) == 8
    visitor.is_content()
