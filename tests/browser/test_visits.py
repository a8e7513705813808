"""What people do on the site, in a browser; what they do on the query page is in test_query."""

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import INSIDE, PHONE, Visitor, needs_editor, visiting
from tests.browser.places import PAGES, QUERY_PAGES
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OFFICIAL = "Which visits does the text call official?"


def test_from_home_by_the_timeline_to_an_event_a_person_and_out(visitor: Visitor) -> None:
    page = visitor.go("/")
    page.locator("#all-years > summary").click()
    page.locator("#year-2010 summary").click()
    page.locator("#year-2010").get_by_role("link", name="Visit of Clinton to Astana, 2010").click()
    page.wait_for_url("**/page/id/2010-clinton-astana-visit")
    assert page.locator("h1").inner_text() == "Visit of Clinton to Astana, 2010"
    page.locator("main").get_by_role("link", name="Hillary Clinton", exact=True).first.click()
    page.wait_for_url("**/page/id/hillary-clinton")
    assert page.locator("h1").inner_text() == "Hillary Clinton"
    # Out of the site it goes by the records that attest a fact.
    page = visitor.go("/page/source/history-state-gov-travels-3095")
    out = page.locator('aside a[href^="https://history.state.gov"], aside a[href^="https://github.com"]')
    assert out.first.is_visible()
    visitor.is_content()


def test_kinds_of_events_can_be_switched_off(visitor: Visitor) -> None:
    page = visitor.go("/")
    marks = page.locator(".timeline svg a:visible")
    before = marks.count()
    meeting = page.get_by_role("checkbox", name=re.compile("^Meeting"))
    kind = (meeting.get_attribute("id") or "").replace("kind-", ".event.k")
    meeting.uncheck()
    assert page.locator(kind).count() > 10 and page.locator(f"{kind}:visible").count() == 0
    assert 0 < marks.count() < before
    assert re.fullmatch(r"\d+ of \d+ events shown", page.locator("#shown").inner_text())
    page.get_by_role("checkbox", name=re.compile("^Meeting")).check()
    assert marks.count() == before
    visitor.is_content()


def test_kinds_can_be_switched_off_without_a_script(browser: "Browser", served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(served.url + "/")
        page.locator("#kind-1").uncheck()
        assert (
            page.locator(".timeline svg a.k1:visible").count() == 0 < page.locator(".timeline svg a.k2:visible").count()
        )
        page.goto(served.url + "/query?example=official-visits")
        page.get_by_role("button", name="Run the query").click()
        assert page.locator("h1").inner_text() == OFFICIAL
        row = page.locator("table tr", has_text="Official visit of Kazykhanov").first
        assert "kzus:2012-kazykhanov-us-official-visit" in row.inner_text()
        assert row.locator("a").first.get_attribute("href") == "/id/2012-kazykhanov-us-official-visit"
        page.get_by_role("link", name="Change the query").click()
        assert page.url == served.url + "/query?example=official-visits"
    finally:
        context.close()


def test_the_address_of_a_year_opens_it(visitor: Visitor) -> None:
    page = visitor.go("/#year-1997")
    assert page.locator("#year-1997 ol").is_visible()
    page = visitor.go("/years#y1997")
    assert page.locator("#y1997 ol").is_visible() and not page.locator("#y1998 ol").is_visible()
    page = visitor.go("/page/ontology#Visit")
    assert page.locator("#Visit dl").is_visible() and not page.locator("#Meeting dl").is_visible()
    visitor.is_content()


def test_a_visit_whose_other_kind_is_set_aside_is_still_a_visit(visitor: Visitor) -> None:
    page = visitor.go("/search?kind=Visit")
    kinds = page.locator('td[data-label="Kind"]').all_inner_texts()
    assert len(kinds) > 5 and set(kinds) == {"Visit", "Official Visit"}
    visitor.is_content()


def test_the_drawings_of_home_show_everything_on_a_phone(browser: "Browser", served: Served) -> None:
    with visiting(browser, served, PHONE) as someone:
        page = someone.go("/")
        maps = page.locator(".map:visible")
        assert maps.count() == 3 and "Astana" in (maps.nth(1).text_content() or "")
        assert len(page.locator(".map:visible circle").all()) == page.locator(".map.wide circle").count() > 5
        assert page.locator(".network:visible").count() == 1
        assert page.locator(".map:visible, .network:visible").evaluate_all(INSIDE) == []


@pytest.mark.parametrize(
    "path",
    [*PAGES.values(), *(pytest.param(path, marks=needs_editor) for path in QUERY_PAGES.values())],
    ids=[*PAGES, *QUERY_PAGES],
)
def test_a_page_fits_a_phone_and_stays_at_home(browser: "Browser", served: Served, path: str) -> None:
    with visiting(browser, served, PHONE) as someone:
        page = someone.go(path)
        someone.settle()
        wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window
        if path != QUERY_PAGES["query-problem"]:
            someone.is_content()
        told = page.evaluate(
            "[...document.querySelectorAll('script[type=\"application/ld+json\"]')].map((one) => one.textContent)"
        )
        assert all(json.loads(text) for text in told)
