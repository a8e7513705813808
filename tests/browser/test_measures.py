"""Pages end: what is sent, how long a page is before unfolding, how many tab stops it has; and folded rows unfold."""

from typing import TYPE_CHECKING

import pytest

from tests.browser import measures
from tests.browser.chromium import PHONE, visiting
from tests.browser.measures import PageCost
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONGEST = (
    "/",
    "/page/id/kazakhstan",
    "/page/id/2023-c5-plus-1-summit",
    "/page/graph/metadata",
    "/questions",
    "/query/both-claims-of-each-disagreement",
    "/query/disagreements-and-reasons",
    "/search?q=agreement",
    "/docs/data-guide",
    "/dumps/",
    "/conformance",
)
"""The longest page of each kind, as bench/page_sizes.py found."""


@pytest.mark.parametrize("path", LONGEST)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_page_ends(browser: "Browser", served: Served, path: str, language: str) -> None:
    address = f"{served.url}{path}{'&' if '?' in path else '?'}lang={language}"
    with visiting(browser, served, PHONE) as anyone:
        (cost,) = measures.cost(anyone.page, [address]).values()
    assert cost.beyond(measures.PAGE_BYTES if path != "/" else measures.HOME_BYTES) == []


def test_what_is_over_a_bar_is_said() -> None:
    most = PageCost(60_000, {"desktop": 4800, "phone": 4872}, {"desktop": 150, "phone": 150})
    assert most.beyond(60_000) == []
    more = PageCost(60_001, {"desktop": 4801, "phone": 4873}, {"desktop": 151, "phone": 0})
    assert more.beyond(60_000) == [
        "60001 bytes", "4801 pixels on a desktop", "151 tab stops on a desktop", "4873 pixels on a phone",
    ]  # fmt: skip


def test_rows_of_a_long_table_unfold_without_a_script_and_a_filter_looks_at_all(
    browser: "Browser", served: Served
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    try:
        page = context.new_page()
        page.goto(f"{served.url}/query/who-met-whom")
        rows, shown = page.locator("table.answer tbody tr"), page.locator("table.answer tbody tr:visible")
        assert (rows.count(), shown.count()) == (100, 10)
        page.locator(".unfold > summary").click()
        assert shown.count() == 100
    finally:
        context.close()
    with visiting(browser, served, PHONE) as someone:
        page = someone.go("/query/descriptors")
        every = page.locator("table.answer tbody tr").count()
        assert every > 10 and page.locator("table.answer tbody tr:visible").count() == 10
        last = page.locator("table.answer tbody tr").last.text_content() or ""
        page.get_by_label("Rows with").fill(" ".join(last.split()[:2]))
        assert page.locator("table.answer tbody tr").last.is_visible()
        someone.is_content()


def test_an_address_with_a_section_opens_the_section(browser: "Browser", served: Served) -> None:
    with visiting(browser, served, PHONE) as someone:
        page = someone.go("/docs/data-guide")
        assert not page.locator("#disagreements").is_visible()
        page = someone.go("/docs/")
        page = someone.go("/docs/data-guide#disagreements")
        page.locator("#disagreements").wait_for(state="visible")
        assert page.locator(".doc details[open]").count() == 1
