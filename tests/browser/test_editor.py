"""The editor of the query page in a browser: completion, labels, running and stopping, layout, history, links."""

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.browser.chromium import PHONE, Visitor, needs_editor, visiting
from tests.browser.test_query import copied, run, write, written
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) < STR(?f) && STR(?f) < STR(?i)) }"
COUNTED = """#+ view: bar kind events
PREFIX dip: <https://w3id.org/kzus/ontology#>
SELECT ?first ?kind (COUNT(?event) AS ?events) {
  VALUES (?first ?kind) { ("a" dip:Visit) ("b" dip:Meeting) } ?event a ?kind
}
GROUP BY ?first ?kind ORDER BY ?first"""


def choose(visitor: Visitor, words: str, offered: str) -> None:
    """Type words, wait until something is offered first, and choose it by the keyboard."""
    visitor.page.keyboard.type(words)
    visitor.page.locator(".CodeMirror-hint-active", has_text=offered).wait_for()
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(".CodeMirror-hints").wait_for(state="detached")


@needs_editor
def test_a_query_is_written_by_completion_run_stopped_charted_and_shared(
    visitor: Visitor, browser: "Browser", served: Served
) -> None:
    page = visitor.go("/query")
    write(visitor, "")
    page.keyboard.type("SELECT ?event ?day WHERE { ?event a ")
    choose(visitor, "meeting", "dip:Meeting")
    page.keyboard.type(" ; ")
    choose(visitor, "includes participant", "dip:includesParticipant")
    page.keyboard.type(" ")
    choose(visitor, "obama", "kzus:barack-obama")
    page.keyboard.type(" ; ")
    choose(visitor, "not before", "dip:notBefore")
    page.keyboard.type(" ?day }")
    query = written(visitor)
    assert query == (
        "PREFIX dip: <https://w3id.org/kzus/ontology#>\n"
        "PREFIX kzus: <https://w3id.org/kzus/id/>\n"
        "SELECT ?event ?day WHERE { ?event a dip:Meeting ; dip:includesParticipant kzus:barack-obama ; "
        "dip:notBefore ?day }"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("table.answer tbody tr")
    rows = page.locator("table.answer tbody tr").count()
    assert rows > 2
    assert re.fullmatch(rf"{rows} rows in \d+\.\d+ s", page.locator("#outcome").inner_text())
    page.get_by_role("button", name="Timeline").click()
    assert page.locator(".bars .stretch").count() == rows
    link = copied(visitor)
    shared = parse_qs(urlsplit(link).query)
    assert shared["query"] == [query] and shared["view"] == ["timeline"] and shared["release"][0].startswith("3.0.0+")
    with visiting(browser, served, PHONE) as other:
        other.go(link.removeprefix(served.url))
        other.page.wait_for_selector(".bars .stretch")
        assert other.page.locator(".bars .stretch").count() == rows
        other.is_content()
    write(visitor, HEAVY)
    run(visitor)
    page.get_by_role("button", name="Stop").click()
    assert page.locator("#outcome").inner_text().startswith("Stopped after")
    visitor.is_content()


@needs_editor
def test_stopping_frees_the_worker(visitor: Visitor, served: Served) -> None:
    def metric(name: str) -> float:
        text = served.get("/metrics")[2].decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
        return float(found[1]) if found else 0.0

    def becomes(name: str, value: float) -> None:
        for _ in range(100):
            if metric(name) == value:
                return
            time.sleep(0.1)
        assert metric(name) == value

    left = metric('kzus_outcomes_total{outcome="abandoned"}')
    page = visitor.go("/query")
    write(visitor, HEAVY)
    assert not page.get_by_role("button", name="Stop").is_visible()
    run(visitor)
    page.locator("#clock", has_text=re.compile(r"^0\.[5-9] s|^[1-9]")).wait_for()
    becomes('kzus_workers{state="busy"}', 1)
    page.get_by_role("button", name="Stop").click()
    assert re.fullmatch(r"Stopped after \d+\.\d+ s", page.locator("#outcome").inner_text())
    assert page.locator("#clock").inner_text() == "" and not page.get_by_role("button", name="Stop").is_visible()
    assert page.evaluate("document.activeElement.id") == "run"
    becomes('kzus_workers{state="busy"}', 0)
    becomes('kzus_outcomes_total{outcome="abandoned"}', left + 1)
    assert page.locator(".yasr_results").inner_text() == ""
    visitor.is_content()


@needs_editor
@pytest.mark.parametrize(
    "text", ['SELECT * { ?x ?p "obama', "SELECT * { # obama", "SELECT ?obama", "SELECT * { '''obama", "SELECT DISTINCT"]
)
def test_nothing_is_offered_in_strings_comments_variables_and_keywords(visitor: Visitor, text: str) -> None:
    page = visitor.go("/query")
    write(visitor, "")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/suggestions" in request.url else None)
    page.keyboard.type(text)
    page.wait_for_timeout(400)
    assert page.locator(".CodeMirror-hint").count() == 0 and not asked
    visitor.is_content()


@needs_editor
def test_a_thing_is_offered_with_kind_and_dates_and_takes_the_prefix_that_is_declared(visitor: Visitor) -> None:
    page = visitor.go("/query")
    write(visitor, "# Whom?\nPREFIX k: <https://w3id.org/kzus/id/>\nSELECT * { ?event ?p ")
    page.keyboard.type("obama netherlands")
    first = page.locator(".CodeMirror-hint-active", has_text="Journey of Obama")
    first.wait_for()
    assert first.inner_text() == (
        "Journey of Obama to the Netherlands, 2014\n"
        "k:2014-obama-netherlands-visit Visit · 24–25 March 2014 · Barack Obama, Amsterdam, The Hague"
    )
    page.keyboard.press("Escape")
    assert page.locator(".CodeMirror-hint").count() == 0
    page.keyboard.press("Control+Space")
    first.wait_for()
    page.keyboard.press("Tab")
    assert written(visitor).endswith("?event ?p k:2014-obama-netherlands-visit")
    visitor.is_content()


@needs_editor
def test_what_is_offered_fits_a_phone(browser: "Browser", served: Served) -> None:
    with visiting(browser, served, PHONE) as someone:
        page = someone.go("/query")
        write(someone, "")
        page.keyboard.type("DESCRIBE obama")
        page.locator(".CodeMirror-hint-active", has_text="kzus:barack-obama").wait_for()
        box = page.locator(".CodeMirror-hints").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        someone.is_content()


@needs_editor
def test_names_are_explained_at_the_pointer_and_at_the_cursor(visitor: Visitor) -> None:
    page = visitor.go("/query")
    write(visitor, "PREFIX k: <https://w3id.org/kzus/id/>\nDESCRIBE k:barack-obama")
    assert page.locator("#here").inner_text() == "kzus:barack-obama: Barack Obama"
    page.locator(".CodeMirror-line span.cm-string-2", has_text="obama").last.hover()
    tip = page.get_by_role("tooltip")
    tip.wait_for()
    assert tip.inner_text() == "Barack Obama\nhttps://w3id.org/kzus/id/barack-obama"
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    run(visitor)
    page.wait_for_selector("table.answer:has-text('Barack Obama')")
    assert re.match(r"\d+ triples in ", page.locator("#outcome").inner_text())
    visitor.go(f"/query?query={quote('SELECT (<https://w3id.org/kzus/id/barack-obama> AS ?x) {}')}&view=raw")
    page.locator(".yasr_results .CodeMirror-line .cm-string", has_text="barack-obama").hover()
    tip.wait_for()
    visitor.is_content()


@needs_editor
def test_a_query_is_looked_at_as_its_header_says_and_only_views_that_fit_are_offered(visitor: Visitor) -> None:
    page = visitor.go(f"/query?query={quote(COUNTED)}")
    page.wait_for_selector(".counts .stretch")
    assert re.sub(r"\s+", " ", page.locator(".counts li").first.inner_text()).startswith("Visit dip:Visit ")
    shares = page.locator(".counts .stretch").evaluate_all(
        "bars => bars.map((bar) => bar.style.getPropertyValue('--long'))"
    )
    assert len(shares) == 2 and "100%" in shares
    assert page.locator(".yasr_btn:visible").all_inner_texts() == ["Table", "Bars", "Response"]
    assert "view" not in parse_qs(urlsplit(page.url).query)
    visitor.go("/query?example=events-per-year")
    page.wait_for_selector("svg.course path.line")
    assert page.locator(".tabPanel.active .yasr_btn.selected").inner_text() == "Lines"
    label = page.locator("svg.course[role=img]").get_attribute("aria-label")
    assert label and label.startswith("?events from 1991 to ")
    write(visitor, "SELECT ?x { VALUES ?x { 1 2 } }")
    run(visitor)
    page.locator("table.answer thead", has_text="x").wait_for()
    assert page.locator(".yasr_btn:visible").all_inner_texts() == ["Table", "Response"]
    visitor.is_content()


@needs_editor
def test_a_query_is_laid_out_and_one_step_undoes_it(visitor: Visitor) -> None:
    page = visitor.go("/query")
    messy = 'SELECT*{?s ?p "a . {" .# why\n\n\n?s ?q ?o OPTIONAL{?o ?r 1}}LIMIT 3'
    write(visitor, messy)
    before = written(visitor)
    page.get_by_role("button", name="Format").click()
    laid = 'SELECT* {\n  ?s ?p "a . {" . # why\n\n  ?s ?q ?o\n  OPTIONAL { ?o ?r 1 }\n}\nLIMIT 3\n'
    assert written(visitor) == laid
    page.locator(".tabPanel.active .CodeMirror").click()
    page.keyboard.press("Control+z")
    assert written(visitor) == before
    visitor.is_content()


@needs_editor
def test_the_last_queries_are_listed_and_can_be_opened_again(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    write(visitor, "SELECT (1 AS ?one) {}")
    run(visitor)
    page.locator("#outcome", has_text="1 row in").wait_for()
    page.get_by_text("History").click()
    entries = page.locator("#history li")
    assert entries.locator("button").all_inner_texts() == [
        "SELECT (1 AS ?one) {}",
        "Which visits does the text call official?",
    ]
    assert entries.first.inner_text().endswith("· 1 row")
    entries.nth(1).get_by_role("button").click()
    page.wait_for_url("**/query?example=official-visits")
    page.get_by_role("button", name="Clear the list").click()
    assert entries.count() == 0 and page.get_by_text("No query was run yet").is_visible()
    visitor.is_content()


@needs_editor
def test_the_editor_speaks_russian(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits&lang=ru")
    page.wait_for_selector(".bars .stretch")
    assert re.fullmatch(r"5 строк за \d+\.\d+ с", page.locator("#outcome").inner_text())
    assert page.locator(".yasr_btn:visible").all_inner_texts() == ["Таблица", "Ось времени", "Ответ сервера"]
    assert parse_qs(urlsplit(page.url).query) == {"example": ["official-visits"], "lang": ["ru"]}
    write(visitor, "")
    page.keyboard.type("SELECT * { ?s ?p ")
    choose(visitor, "обама", "kzus:barack-obama")
    assert written(visitor).endswith("?s ?p kzus:barack-obama")
    visitor.is_content()
