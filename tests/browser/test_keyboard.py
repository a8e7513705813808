"""By keyboard alone: what has the focus is seen, lies in the window, and is left again by Tab."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DESKTOP, PHONE, Visitor, needs_editor, visiting
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST = 60
"""So many steps are taken on a page."""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const within = one.closest(".CodeMirror")?.classList.contains("CodeMirror-focused") ?? false;
  return {
    what: one.outerHTML.slice(0, 120),
    seen: ring || style.boxShadow !== "none" || within,
    inside: within || (box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth),
  };
}"""
"""What has the focus: whether a ring or shadow shows it, and whether any of it lies in the window."""


def steps(page: "Page") -> list[dict[str, object]]:
    """Return what has the focus after each of MOST steps by Tab."""
    found = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        one = page.evaluate(FOCUSED)
        if one is not None:
            found.append(one)
    return found


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=obama",
        "/questions",
        "/query/meetings-of-the-two-presidents",
        "/build?kind=Visit",
        "/page/id/2010-nazarbayev-us-official-visit",
    ],
)
def test_the_focus_is_always_seen(
    browser: "Browser", served: Served, path: str, size: dict[str, int], scheme: str
) -> None:
    with visiting(browser, served, size, scheme=scheme) as visitor:
        found = steps(visitor.go(path))
        assert len(found) > 20 and len({str(one["what"]) for one in found}) > 15
        assert [one["what"] for one in found if not (one["seen"] and one["inside"])] == []
        visitor.is_content()


def test_a_search_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.go("/")
    while not page.evaluate("document.activeElement.matches('form.search input')"):
        page.keyboard.press("Tab")
    page.keyboard.type("obama")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/id/barack-obama")
    visitor.is_content()


@needs_editor
def test_a_query_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch, table.answer")
    before = page.locator("#outcome").inner_text()
    found = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUSED))
        if page.evaluate("document.activeElement.id") == "run":
            break
    assert [one["what"] for one in found if one and not (one["seen"] and one["inside"])] == []
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => document.querySelector('#outcome').innerText !== before", arg=before)
    assert "5 rows" in page.locator("#outcome").inner_text()
    visitor.is_content()
