"""A copy of the site on a plain file server, in a browser: search by typing, sorting and filtering."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DESKTOP, Visitor, visiting
from tests.file_server import file_server
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def copied(exported: Path) -> Iterator[Served]:
    """The copy below a folder."""
    with file_server(exported.parent) as port:
        yield Served(f"http://127.0.0.1:{port}/{exported.name}", 0, Path())


@pytest.fixture
def reader(browser: "Browser", copied: Served) -> Iterator[Visitor]:
    with visiting(browser, copied, DESKTOP) as anyone:
        yield anyone


def test_a_person_is_suggested_and_chosen_by_keyboard(reader: Visitor) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    page = reader.go("/page/id/astana/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "names" in url], "only when the field is used"
    field = page.get_by_role("combobox", name="Search")
    field.press_sequentially("oba")
    first = page.get_by_role("option").first
    first.wait_for()
    assert first.inner_text().startswith("Barack Obama\nPerson")
    field.press("ArrowDown")
    assert first.get_attribute("aria-selected") == "true"
    field.press("Enter")
    page.wait_for_url("**/page/id/barack-obama/")
    assert len([url for url in asked if url.endswith("names.json")]) == 1
    reader.is_content()


@pytest.mark.parametrize(
    ("typed", "first"),
    [("НАЗАРБАЕВ", "Nursultan Nazarbayev"), ("қазақстан", "Kazakhstan"), ("visit astana 2010", ""), ("zzzz", None)],
)
def test_typed_words_lead_to_a_page_of_what_fits(reader: Visitor, typed: str, first: str | None) -> None:
    page = reader.go("/years/")
    field = page.get_by_role("combobox", name="Search")
    field.fill(typed)
    field.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.locator("#found").wait_for()
    names = page.locator("#found tbody a").all_inner_texts()
    if first is None:
        assert not names and page.locator("#found [role=status]").inner_text() == "Nothing has such a name."
        return
    assert 0 < len(names) <= 30 and names[0].startswith(first)
    assert page.locator("#found [role=status]").inner_text().startswith(f"1 to {len(names)} of ")
    page.locator("#found tbody a").first.click()
    assert page.locator("h1").inner_text() == names[0]
    reader.is_content()


def test_without_a_script_the_page_is_a_list(browser: "Browser", copied: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{copied.url}/search/?q=almaty")
        assert page.locator("main a", has_text=re.compile("^Almaty$")).count() == 1
        assert not page.locator("#found").is_visible()
    finally:
        context.close()


def test_an_answer_sorts_and_filters_and_its_spreadsheet_is_there(reader: Visitor) -> None:
    page = reader.go("/query/meetings-of-the-two-presidents/")
    column = page.locator("table.answer tbody tr:visible td:first-child")
    head = page.locator("th", has_text="First day possible")
    for last in ("Meeting of Nazarbayev and Trump, 2018", "Meeting of Nazarbayev and Clinton, 1999"):
        head.get_by_role("button").click()
        assert column.last.inner_text() == last
    page.get_by_label("Rows with").fill("obama 2014")
    assert column.all_inner_texts() == ["Meeting of Nazarbayev and Obama at The Hague, 2014"]
    assert page.locator("[data-count]").inner_text() == "1 of 10 rows"
    with page.expect_download() as coming:
        page.get_by_role("link", name="Spreadsheet (CSV)").click()
    assert len(coming.value.path().read_text("utf-8-sig").splitlines()) == 11
    reader.is_content()
