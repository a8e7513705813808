"""Drawings and pages hold in any font: in the machine's own, in a narrow and in a wide one that is made here."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.browser.chromium import DESKTOP, INSIDE, PHONE, launched, needs_editor, visiting
from tests.browser.fonts import CUTS, font_set
from tests.browser.places import FAULTS, PAGES, QUERY_PAGES
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SMALL = {"width": 320, "height": 640}
SIZES = {"small": SMALL, "phone": PHONE, "desktop": DESKTOP}
COVERED = """(drawings) => {
  const paper = document.createElement("canvas").getContext("2d");
  return drawings.flatMap((drawing) => {
    const inked = [...drawing.querySelectorAll("text")].map((one) => {
      const { left, right } = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      paper.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const { actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = paper.measureText(one.textContent);
      const matrix = one.getScreenCTM();
      const line = matrix.f + matrix.d * one.y.baseVal[0].value;
      return { name: one.textContent, left, right, top: line - matrix.d * up, bottom: line + matrix.d * down };
    });
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
    return inked.flatMap((one, i) =>
      inked.slice(i + 1).filter((other) => over(one, other)).map((other) => [one.name, other.name]));
  });
}"""
"""The names of a drawing that lie over one another: as wide as they are shown, as high as their letters."""
HIDDEN = """(drawings) => drawings.flatMap((drawing) => {
  const circles = [...drawing.querySelectorAll("circle, .disc")].map((one) => [one, one.getBoundingClientRect()]);
  return [...drawing.querySelectorAll("text")].filter((name) => {
    const a = name.getBoundingClientRect();
    return circles.some(([circle, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom &&
      name.compareDocumentPosition(circle) & Node.DOCUMENT_POSITION_FOLLOWING);
  }).map((name) => name.textContent);
})"""
"""The names of a drawing that a disc drawn later lies on."""
NAMELESS = """(drawings) => drawings.flatMap((drawing) => {
  const named = new Set([...drawing.querySelectorAll("a:has(text)")].map((one) => one.href.baseVal));
  return [...drawing.querySelectorAll("a:has(.disc)")].map((one) => one.href.baseVal).filter((one) => !named.has(one));
})"""
"""The discs of a drawing that have neither a name nor a number."""
SQUEEZED = """(drawings) => drawings.flatMap((drawing) => [...drawing.querySelectorAll("text")].map((one) => {
  const shown = one.getComputedTextLength();
  for (const name of ["textLength", "lengthAdjust"]) one.removeAttribute(name);
  return [parseFloat(getComputedStyle(one).fontSize), shown / one.getComputedTextLength()];
}))"""
"""The size of each name of a drawing, and how many times as wide as by itself it is shown."""
NAMED = """(marks) => marks.flatMap((mark) => {
  const range = document.createRange();
  range.selectNodeContents(mark);
  const { left, right } = range.getBoundingClientRect();
  const { visibility } = getComputedStyle(mark.firstElementChild ?? mark);
  return mark.textContent && visibility === "visible" ? [{ year: mark.textContent, left, right }] : [];
})"""
"""The years that are named above a timeline, and from where to where each name goes."""
LIES_OVER = """() => {
  const shown = (range, element) => {
    const clips = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.clipPath !== "none") return [];
      if (style.overflowX !== "visible") clips.push(one.getBoundingClientRect());
    }
    return [...range.getClientRects()].map((box) => ({
      left: Math.max(box.left, ...clips.map((clip) => clip.left)),
      right: Math.min(box.right, ...clips.map((clip) => clip.right)),
      top: box.top,
      bottom: box.bottom,
    })).filter((box) => box.right > box.left && box.bottom > box.top);
  };
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const element = text.parentElement;
    if (!text.data.trim() || element.closest("svg, #editor .yasqe")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of shown(range, element)) boxes.push([text, box]);
  }
  boxes.sort(([, one], [, other]) => one.top - other.top);
  const found = [];
  boxes.forEach(([text, a], i) => {
    for (const [other, b] of boxes.slice(i + 1)) {
      if (b.top >= a.bottom) break;
      if (other === text) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - b.top;
      // Boxes of lines are higher than letters.
      if (across > 1 && down > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top)) found.push([text.data, other.data]);
    }
  });
  return found;
}"""
"""The texts of a page, outside of drawings and the editor, that lie over one another."""


UNBROKEN = "https://example.org/a-name-of-many-letters-that-has-no-blank-at-which-a-line-could-end/"


def linked(query: str, view: str) -> str:
    """The address of a query's answer in a view."""
    return f"/query?query={quote(query)}&view={view}"


def crowd(names: list[str]) -> str:
    """A query that ties the first of many things to all others."""
    pairs = " ".join(f"(<{names[0]}> <{name}>)" for name in names[1:])
    return f"SELECT ?one ?other {{ VALUES (?one ?other) {{ {pairs} }} }}"


DRAWINGS = {
    "home": ("/", ".map:visible, .network:visible"),
    "home-kk": ("/?lang=kk", ".map:visible, .network:visible"),
    "home-ru": ("/?lang=ru", ".map:visible, .network:visible"),
    "timeline": ("/", ".timeline svg"),
    "ontology": (PAGES["ontology"], ".diagram"),
    "network": (QUERY_PAGES["query-network"], "svg.net"),
    "network-unbroken": (linked(crowd([f"{UNBROKEN}{'Щ' * i}" for i in range(60)]), "network"), "svg.net"),
    "network-two": (linked(crowd(["https://example.org/one", "https://example.org/two"]), "network"), "svg.net"),
}
"""Pages with drawings that have names, and where they are on it."""
SLIDING = {"timeline", "ontology"}
"""Drawings that are slid sideways where the window is narrow."""
LETTERS = {"home": {11.0, 14.0, 44.0}, "timeline": {14.0}, "ontology": {12.0, 16.0}, "network": {10.0}}
"""The sizes that names are planned in."""


@pytest.fixture(scope="module")
def readers(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[dict[str, Browser]]":
    """Browsers of those who have the fonts of this machine, or one font only."""
    with contextlib.ExitStack() as stack:
        folder = tmp_path_factory.mktemp("fonts")
        yield {"own": browser} | {
            name: stack.enter_context(launched(browser.browser_type, font_set(folder / name, name))) for name in CUTS
        }


@pytest.fixture(params=["own", *CUTS])
def reader(request: pytest.FixtureRequest, readers: "dict[str, Browser]") -> "Browser":
    return readers[request.param]


def cases(names: Iterable[str]) -> list[Any]:
    """The names as parameters; those of the query page need its editor."""
    return [pytest.param(one, marks=needs_editor if one.startswith(("network", "query")) else ()) for one in names]


@pytest.mark.parametrize("name", cases(DRAWINGS))
def test_names_keep_inside_their_drawing_and_off_each_other(reader: "Browser", served: Served, name: str) -> None:
    path, drawings = DRAWINGS[name]
    with visiting(reader, served, DESKTOP) as someone:
        for width, page in someone.see(path, 200, SIZES.values()):
            page.wait_for_selector(drawings)
            found = page.locator(drawings)
            assert found.locator("text").count() > 1
            cut = set(found.evaluate_all(INSIDE)) - ({"the drawing"} if name in SLIDING else set())
            assert (width, cut) == (width, set())
            assert (width, found.evaluate_all(COVERED)) == (width, [])
            assert (width, found.evaluate_all(HIDDEN)) == (width, [])
            assert (width, found.evaluate_all(NAMELESS)) == (width, [])
        someone.is_content()


@pytest.mark.parametrize("name", cases(LETTERS))
def test_letters_are_of_the_size_that_was_planned_and_can_be_read(reader: "Browser", served: Served, name: str) -> None:
    path, drawings = DRAWINGS[name]
    with visiting(reader, served, DESKTOP) as someone:
        page = someone.go(path)
        page.wait_for_selector(drawings)
        sizes, times = zip(*page.locator(drawings).evaluate_all(SQUEEZED), strict=True)
        assert set(sizes) == LETTERS[name]
        # What is drawn in the browser is measured there, so that nothing is squeezed.
        least, most = (0.9, 1.1) if name == "network" else (0.5, 2)
        assert least < min(times) <= max(times) < most


def years(number: int) -> str:
    """A query for an event in each of a number of years, with a long date."""
    rows = " ".join(
        f'("{year}" "{year}-01-02T03:04:05.678+05:00"^^xsd:dateTime)' for year in range(2000, 2000 + number)
    )
    return f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?what ?date {{ VALUES (?what ?date) {{ {rows} }} }}"


@needs_editor
@pytest.mark.parametrize("number", [1, 4, 8, 40])
def test_years_above_a_timeline_of_rows_keep_off_each_other(reader: "Browser", served: Served, number: int) -> None:
    with visiting(reader, served, DESKTOP) as someone:
        page = someone.go(linked(years(number), "timeline"))
        for size in SIZES.values():
            page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own dictionary
            page.wait_for_selector(".mark >> visible=true")
            # What watches the size of the line is told of it with the next picture.
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            named: list[dict[str, Any]] = page.locator(".mark").evaluate_all(NAMED)
            assert named[0]["year"] == "2000"
            assert all(one["right"] <= other["left"] for one, other in pairwise(named))
            track = page.locator(".marks").bounding_box()
            assert track and named[-1]["right"] <= track["x"] + track["width"] + 0.5
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            # Where each year has 60 pixels, as some have in every window, all are named.
            assert len(named) == number or track["width"] / number < 60
        someone.is_content()


PLACES = {name: (path, 200) for name, path in (PAGES | QUERY_PAGES).items()} | FAULTS


@pytest.mark.parametrize("name", cases(PLACES))
def test_no_text_of_a_page_lies_over_another_or_beyond_the_window(
    readers: "dict[str, Browser]", served: Served, name: str
) -> None:
    with visiting(readers["wide"], served, DESKTOP) as someone:
        for width, page in someone.see(*PLACES[name], SIZES.values()):
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert (width, page.evaluate(LIES_OVER)) == (width, [])
