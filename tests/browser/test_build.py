"""A question is put together in a browser: by keyboard alone and without an IRI; and without scripts."""

from typing import TYPE_CHECKING

from tests.browser.chromium import DESKTOP, Visitor
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CONTACTS = "kind=DiplomaticContact&participant=kzus%3Abarack-obama&participant=kzus%3Anursultan-nazarbayev"


def test_a_question_is_built_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.go("/questions")
    page.get_by_role("link", name="build a question").press("Enter")
    page.wait_for_url("**/build")
    page.get_by_label("Kind of thing").focus()
    page.get_by_label("Kind of thing").select_option("DiplomaticContact")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/build?kind=DiplomaticContact")
    for typed, name in (("oba", "Barack Obama"), ("nazarb", "Nursultan Nazarbayev")):
        field = page.get_by_role("combobox", name="Took part", exact=True).first
        field.focus()
        page.keyboard.type(typed)
        page.get_by_role("option", name=name, exact=True).wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.get_by_role("checkbox", name=name).is_checked() and field.input_value() == ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/build?{CONTACTS}")
    assert page.locator("[data-count]").inner_text().startswith("8 ")
    assert page.get_by_role("list", name="Conditions").get_by_role("listitem").all_inner_texts() == [
        "Took part: Barack Obama",
        "Took part: Nursultan Nazarbayev",
    ]
    page.get_by_text("Show the query").press("Enter")
    assert (
        "dip:hasParticipant kzus:barack-obama , kzus:nursultan-nazarbayev ."
        in page.get_by_label("The query").inner_text()
    )
    visitor.is_content()


def test_what_is_chosen_can_be_taken_away(visitor: Visitor) -> None:
    page = visitor.go(f"/build?{CONTACTS}")
    page.get_by_text("Change the question").press("Enter")
    page.get_by_role("checkbox", name="Barack Obama").press("Space")
    page.get_by_role("button", name="Show the answer").press("Enter")
    page.wait_for_url("**/build?kind=DiplomaticContact&participant=kzus%3Anursultan-nazarbayev")
    visitor.is_content()


def test_the_form_works_without_scripts(browser: "Browser", served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(f"{served.url}/build?kind=DiplomaticContact")
        fields = page.get_by_role("textbox", name="Took part", exact=True)
        fields.nth(0).fill("clinton")
        fields.nth(1).fill("nazarbayev")
        page.get_by_role("button", name="Show the answer").click()
        page.get_by_role("radio", name="Bill Clinton").check()
        page.get_by_role("button", name="Show the answer").click()
        assert "participant=kzus%3Abill-clinton" in page.url
        assert page.get_by_role("table").locator("tbody tr").count() > 0
    finally:
        context.close()
