"""Tables sort and filter in the page, by keyboard too; the address and the spreadsheet follow what is seen."""

import csv
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.browser.chromium import DESKTOP, Visitor
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MEETINGS = "/query/meetings-of-the-two-presidents"
FIRST, LAST = "Meeting of Nazarbayev and Clinton, 1999", "Meeting of Nazarbayev and Trump, 2018"


def column(visitor: Visitor, number: int = 1) -> list[str]:
    return visitor.page.locator(f"table.answer tbody tr:visible td:nth-child({number})").all_inner_texts()


def test_a_button_in_the_head_sorts_by_its_column_and_again_the_other_way_round(visitor: Visitor) -> None:
    page = visitor.go(MEETINGS)
    assert (column(visitor)[0], column(visitor)[-1]) == (FIRST, LAST)
    head = page.locator("th", has_text="First day possible")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending" and column(visitor)[0] == FIRST, "by day, not by its words"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending" and column(visitor)[0] == LAST
    assert parse_qs(urlsplit(page.url).query) == {"sort": ["-notBefore"]}
    page.reload()
    assert column(visitor)[0] == LAST, "the server sorts the same way"


def test_what_is_typed_filters_and_the_spreadsheet_has_what_is_seen(visitor: Visitor, served: Served) -> None:
    page = visitor.go(MEETINGS)
    page.get_by_label("Rows with").press_sequentially("obama 2014")
    assert column(visitor) == ["Meeting of Nazarbayev and Obama at The Hague, 2014"]
    assert page.locator("[data-count]").inner_text() == "1 of 10 rows"
    sheet = page.get_by_role("link", name="Spreadsheet (CSV)")
    with page.expect_download() as coming:
        sheet.click()
    assert coming.value.suggested_filename == "meetings-of-the-two-presidents-3.0.0.csv"
    rows = list(csv.reader(StringIO(coming.value.path().read_text("utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["Meeting", "Meeting of Nazarbayev and Obama at The Hague, 2014"]
    page.get_by_label("Rows with").fill("")
    assert page.locator("[data-count]").inner_text() == "10 rows" and urlsplit(page.url).query == ""


def test_numbers_are_sorted_by_value_and_other_tables_have_a_field_too(visitor: Visitor) -> None:
    page = visitor.go("/years")
    page.locator("table.decades th", has_text="All").get_by_role("button").click()
    numbers = [int(text) for text in page.locator("table.decades tbody td:last-child").all_inner_texts()]
    assert numbers == sorted(numbers) and len(numbers) > 5
    page = visitor.go("/prefixes")
    page.get_by_label("Rows with").fill("skos")
    assert page.locator("table tbody tr:visible th").all_inner_texts() == ["skos:"]
    assert page.get_by_role("status").filter(has_text="rows").inner_text().startswith("1 of ")


def test_without_a_script_links_sort_and_a_form_filters(browser: "Browser", served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    try:
        page = context.new_page()
        page.goto(served.url + MEETINGS)
        page.get_by_role("link", name="First day possible").click()
        page.get_by_role("link", name="First day possible").click()
        assert page.locator("table.answer tbody td").first.inner_text() == LAST
        page.get_by_label("Rows with").fill("Clinton")
        page.get_by_role("button", name="Filter").click()
        assert page.locator("table.answer tbody tr").count() == 1
        page.get_by_text("Show the query").click()
        assert page.get_by_label("The query").inner_text().startswith("# When and where did the presidents")
        page.get_by_role("link", name="Change it").click()
        assert page.url == f"{served.url}/query?example=meetings-of-the-two-presidents"
    finally:
        context.close()
