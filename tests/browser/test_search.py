"""The field for searching, in a browser: suggestions by mouse and keyboard, as ARIA has a combobox."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import PHONE, Visitor, visiting
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_person_is_suggested_and_chosen_by_keyboard(visitor: Visitor) -> None:
    page = visitor.go("/")
    field = page.get_by_role("combobox", name="Search")
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("oba")
    first = page.get_by_role("option").first
    first.wait_for()
    assert first.inner_text().startswith("Barack Obama\nPerson")
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert first.get_attribute("aria-selected") == "true"
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("Escape")
    assert page.get_by_role("listbox").count() == 0 and field.input_value() == "oba"
    field.press("ArrowDown")
    first.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/page/id/barack-obama")
    visitor.is_content()


def test_enter_without_a_choice_leads_to_the_results(visitor: Visitor) -> None:
    page = visitor.go("/years")
    field = page.get_by_role("combobox", name="Search")
    field.press_sequentially("obama visit 2010")
    page.get_by_role("option").first.wait_for()
    field.press("Enter")
    page.wait_for_url("**/search?q=obama+visit+2010")
    page.get_by_role("navigation", name="Kinds").get_by_role("link", name="Events").click()
    page.wait_for_url("**kind=Event**")
    kinds = page.get_by_role("navigation", name="Kinds")
    assert kinds.locator('[aria-current="true"]').inner_text().startswith("Events")
    visitor.is_content()


def test_suggestions_fit_a_phone_and_are_chosen_by_touch(browser: "Browser", served: Served) -> None:
    with visiting(browser, served, PHONE) as visitor:
        page = visitor.go("/")
        page.get_by_role("combobox", name="Search").press_sequentially("nuclear")
        box = page.get_by_role("listbox").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        page.get_by_role("option").first.click()
        page.wait_for_url("**/page/topic/nuclear-matters")
        visitor.is_content()


@pytest.mark.parametrize("path", ["/search?q=obama", "/search?kind=Visit"])
def test_without_a_script_the_field_is_a_form(browser: "Browser", served: Served, path: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(served.url + path)
        page.get_by_role("searchbox", name="Search").fill("almaty")
        page.get_by_role("button", name="Search").click()
        assert page.locator("main table a").first.inner_text() == "Almaty"
    finally:
        context.close()
