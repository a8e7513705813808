"""What people do on the query page, in a browser."""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.browser.chromium import INSIDE, PHONE, Visitor, needs_editor, visiting
from tests.browser.places import QUERY_PAGES
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OFFICIAL = "Which visits does the text call official?"
VISITS = """PREFIX dip: <https://w3id.org/kzus/ontology#>
SELECT ?visit ?notBefore ?notAfter {
  ?visit a dip:Visit ; dip:notBefore ?notBefore ; dip:notAfter ?notAfter
}"""


def write(visitor: Visitor, query: str) -> None:
    """Put a query into the editor as a person would: over what is there."""
    visitor.page.locator(".tabPanel.active .CodeMirror").click()
    visitor.page.keyboard.press("Control+a")
    visitor.page.keyboard.insert_text(query)


def written(visitor: Visitor) -> str:
    """What is in the editor."""
    return str(visitor.page.evaluate("document.querySelector('.tabPanel.active .CodeMirror').CodeMirror.getValue()"))


def copied(visitor: Visitor) -> str:
    """The link that the page copies."""
    visitor.page.get_by_role("button", name="Copy link").click()
    visitor.page.get_by_text("Link copied").wait_for()
    return str(visitor.page.evaluate("navigator.clipboard.readText()"))


def run(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Run", exact=True).click()


@needs_editor
def test_an_example_is_found_run_seen_as_timeline_and_shared(visitor: Visitor) -> None:
    page = visitor.go("/query")
    page.get_by_label("Find a question").fill("which visits official")
    page.get_by_role("link", name="Which visits does the text call official?", exact=True).click()
    page.wait_for_url("**/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    assert "2012-01-30 – 2012-02-01" in page.locator(".bars").inner_text()
    page.get_by_role("button", name="Table").click()
    page.wait_for_selector("table.answer tbody tr")
    row = page.locator("table.answer tbody tr").filter(has_text="Kazykhanov")
    assert (
        "Official visit of Kazykhanov" in row.inner_text()
        and "kzus:2012-kazykhanov-us-official-visit" in row.inner_text()
    )
    assert row.locator("a").first.get_attribute("href") == "/id/2012-kazykhanov-us-official-visit"
    link = copied(visitor)
    shared = parse_qs(urlsplit(link).query)
    assert shared.pop("release")[0].startswith("3.0.0+")
    assert shared == parse_qs(urlsplit(page.url).query) == {"example": ["official-visits"], "view": ["table"]}
    visitor.go(link.removeprefix(visitor.site.url))
    page.wait_for_selector("table.answer tbody tr")
    visitor.is_content()


@needs_editor
def test_questions_are_found_by_words_group_or_sparql(visitor: Visitor) -> None:
    page = visitor.go("/query?example=timeline")
    shown, groups = page.locator(".questions li:visible"), page.locator(".group[open]:visible h3")
    assert groups.all_inner_texts() == ["Dates and order"]
    before, everything = shown.count(), page.locator(".questions li").count()
    assert everything > 150
    for words, question in (
        ("semipalatinsk closed", "When was the Semipalatinsk test site closed, going by the text, and how do we know?"),
        ("SAID presuppos", "What does the text take for granted without stating it?"),
        ("dip:edtf month", "Which dates are known less exactly than to the day?"),
        ("no such words", ""),
    ):
        page.get_by_label("Find a question").fill(words)
        found = shown.all_inner_texts()
        assert page.locator("#found").inner_text() == f"{len(found)} of {everything}"
        assert question in found if question else found == []
        assert groups.count() == page.locator(".group:visible").count() <= len(found)
    page.get_by_label("Find a question").fill("")
    assert groups.all_inner_texts() == ["Dates and order"] and shown.count() == before
    visitor.is_content()


@needs_editor
def test_a_link_shows_the_same_to_someone_else(visitor: Visitor, browser: "Browser", served: Served) -> None:
    page = visitor.go("/query")
    write(visitor, VISITS)
    run(visitor)
    page.wait_for_selector("table.answer tbody tr")
    link = copied(visitor)
    seen = page.locator("table.answer tbody").inner_text()
    with visiting(browser, served, PHONE) as other:
        other.go(link.removeprefix(served.url))
        other.page.wait_for_selector("table.answer tbody tr")
        assert other.page.locator("table.answer tbody").inner_text().split() == seen.split()
        other.is_content()
    visitor.is_content()


@needs_editor
def test_a_mistake_is_marked_at_its_line_until_the_query_changes(visitor: Visitor) -> None:
    page = visitor.go("/query")
    write(visitor, "SELECT *\nWHERE {\n  ?visit ?is ?what .\n  nope\n}")
    run(visitor)
    page.wait_for_selector(".problem-note")
    line = page.locator(".problem-line")
    assert "nope" in line.inner_text() and line.count() == 1
    assert re.match(r"Line 4, column \d+: ", page.locator(".problem").inner_text())
    assert page.locator(".problem-note").inner_text() in page.locator(".problem").inner_text()
    write(visitor, VISITS)
    assert page.locator(".problem-line, .problem-note").count() == 0
    run(visitor)
    page.wait_for_selector("table.answer tbody tr")
    assert all("400" in complaint for complaint in visitor.complaints) and not visitor.strangers


@needs_editor
def test_a_term_that_does_not_exist_is_named_below_the_answer(visitor: Visitor) -> None:
    page = visitor.go("/query")
    for _ in range(2):
        write(visitor, VISITS.replace("dip:Visit", "dip:Vist"))
        run(visitor)
        hint = page.locator(".tabPanel.active .hint")
        hint.wait_for()
        assert hint.inner_text() == "dip:Vist is not a term of the ontology; the most similar term is dip:Visit."
        assert "No rows: nothing in the graph matches" in page.locator(".yasr_results").inner_text()
        write(visitor, VISITS)
        run(visitor)
        page.wait_for_selector("table.answer tbody tr")
        assert hint.count() == 0
    visitor.is_content()


@needs_editor
def test_an_update_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor.go("/query")
    write(visitor, "INSERT DATA { <http://e/s> <http://e/p> <http://e/o> }")
    run(visitor)
    box = page.locator(".tabPanel.active .problem")
    box.wait_for()
    assert "This endpoint is read-only" in box.inner_text()
    assert not visitor.strangers


@needs_editor
def test_a_view_that_cannot_be_says_what_it_needs(visitor: Visitor) -> None:
    page = visitor.go("/query?example=roles&view=map")
    page.wait_for_selector("table.answer tbody tr")
    assert page.locator(".yasr_fallback_info").inner_text() == (
        "Map: this view needs a column of places or points; here is the answer as it can be shown."
    )
    assert page.locator(".yasr_btn:visible").all_inner_texts() == ["Table", "Bars", "Response"]
    visitor.is_content()


@needs_editor
def test_missing_prefixes_are_added_by_a_click(visitor: Visitor) -> None:
    page = visitor.go("/query")
    write(visitor, "SELECT ?x { ?x a dip:Visit }")
    run(visitor)
    page.get_by_role("button", name="Add to the query").click()
    run(visitor)
    page.wait_for_selector("table.answer tbody tr")
    assert not visitor.strangers


@needs_editor
@pytest.mark.parametrize(
    ("begun", "offered", "declared"),
    [
        ("SELECT * { ?x a dip:Off", "dip:OfficialVisit", "dip"),
        ("SELECT * { ?x dip:notBef", "dip:notBefore", "dip"),
        ("SELECT * { kzus:barack", "kzus:barack-obama", "kzus"),
        ("SELECT * { ?x dip:hasTopic topic:food", "topic:food-security", "topic"),
    ],
)
def test_our_terms_are_completed_and_their_prefix_declared(
    visitor: Visitor, begun: str, offered: str, declared: str
) -> None:
    page = visitor.go("/query")
    write(visitor, "")
    page.keyboard.type(begun[:-1])
    page.keyboard.type(begun[-1])
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".CodeMirror-hints")
    hint = page.locator(".CodeMirror-hint", has_text=offered).first
    assert hint.inner_text().startswith(offered)
    hint.click()
    text = written(visitor)
    assert offered in text and re.search(rf"PREFIX {declared}: <https://w3id\.org/kzus/", text)
    visitor.is_content()


@needs_editor
def test_rows_can_be_sorted_and_searched(visitor: Visitor) -> None:
    page = visitor.go("/query?example=events-per-year&view=table")
    page.wait_for_selector("table.answer tbody tr")
    first = page.locator("table.answer tbody tr td:first-child")
    years = first.all_inner_texts()
    page.locator("table.answer th button").first.click()
    page.locator("table.answer th button").first.click()
    assert first.all_inner_texts() == sorted(years, reverse=True) and len(years) > 3
    page = visitor.go("/query?example=roles&view=table")
    page.wait_for_selector("table.answer tbody tr")
    rows = page.locator("table.answer tbody tr")
    before = rows.count()
    page.get_by_label("Show rows with").fill("visitor")
    assert 0 < rows.count() < before
    visitor.is_content()


COARSE = """PREFIX kzus: <https://w3id.org/kzus/id/>
SELECT ?event ?date WHERE {
  VALUES (?event ?date) {
    (kzus:1997-clinton-kazakhstan-visit "1997-11") (kzus:2010-first-consultations "2010-09")
    (kzus:2012-commission-first-meeting "2012")
  }
}
ORDER BY ?date"""
"""Dates of a month and of a year, whatever the graph has."""


@needs_editor
def test_a_timeline_keeps_years_and_months_and_has_a_scale(visitor: Visitor) -> None:
    page = visitor.go(f"/query?query={quote(COARSE)}&view=timeline")
    page.wait_for_selector(".bars .stretch")
    assert page.locator(".bars time").all_inner_texts() == ["1997-11", "2010-09", "2012"]
    assert page.locator(".mark").all_inner_texts() == ["1997", "2010", "2012"]
    assert page.locator(".mark.gap").all_inner_texts() == ["2010", "2012"]
    read = "bar => ['--from', '--long'].map((name) => parseFloat(bar.style.getPropertyValue(name)) * 3 / 100)"
    places = [bar.evaluate(read) for bar in page.locator(".stretch").all()]
    # November is the eleventh of twelve months of the first of three years, and 2012 is all of the third.
    months = [[304 / 365, 30 / 365], [1 + 243 / 365, 30 / 365], [2, 1]]
    assert [pytest.approx(month) for month in months] == places
    assert "no date" not in page.locator(".yasr_results").inner_text()
    visitor.is_content()


@needs_editor
def test_places_are_on_a_map(visitor: Visitor) -> None:
    page = visitor.go("/query?example=places-of-events&view=map")
    page.wait_for_selector("svg.world circle")
    assert page.locator("svg.world circle").count() >= 4 and "Astana" in page.locator(".spots").inner_text()
    visitor.is_content()


@needs_editor
def test_what_is_tied_is_drawn_as_a_network(visitor: Visitor) -> None:
    page = visitor.go("/query?example=parts-of-events&view=network")
    page.wait_for_selector("svg.net circle")
    tied = page.locator("svg.net a title").all_text_contents()
    assert "Visit of Clinton to Astana, 2010" in tied
    assert page.locator("svg.net path").count() >= len(tied) / 2 > 5
    visitor.is_content()


@needs_editor
def test_a_map_of_rows_shows_kazakhstan_first_on_a_phone(browser: "Browser", served: Served) -> None:
    with visiting(browser, served, PHONE) as someone:
        page = someone.go(QUERY_PAGES["query-map"])
        page.wait_for_selector("svg.world circle")
        maps = page.locator("svg.world")
        titles = [title.split("; ") for title in page.locator("svg.world title").all_text_contents()]
        assert maps.count() == 2 and "Astana" in (maps.first.text_content() or "")
        assert maps.evaluate_all(INSIDE) == []
        assert len(titles) > 3 and all(len(set(words)) == len(words) for words in titles)
        someone.is_content()


@needs_editor
def test_answers_are_downloaded_in_every_format(visitor: Visitor, served: Served) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    links = page.locator(".downloads a:visible")
    addresses = {link.inner_text(): link.get_attribute("href") or "" for link in links.all()}
    assert {"json", "xml", "csv", "tsv"} <= set(addresses) and "turtle" not in addresses
    for name, address in addresses.items():
        status = served.get(address.removeprefix(served.url))[0]
        assert status == 200 or (name in ("geojson", "icalendar") and status == 406), name
    write(visitor, "DESCRIBE <https://w3id.org/kzus/id/astana>")
    assert page.locator(".downloads a:visible").first.inner_text() == "turtle"
    run(visitor)
    # until then the answer before stands there
    page.wait_for_selector("table.answer:has-text('Astana')")
    visitor.is_content()


@needs_editor
def test_code_follows_the_query(visitor: Visitor, served: Served) -> None:
    page = visitor.go("/query?example=official-visits")
    page.locator("#code summary").click()
    for language, sign in (
        ("curl", "curl --get"),
        ("python", "urlopen"),
        ("r", "httr2"),
        ("javascript", "await fetch"),
    ):
        page.locator("#language").select_option(language)
        code = page.locator("#code code").inner_text()
        assert sign in code and "dip:OfficialVisit" in code and served.sparql in code
    page.get_by_role("button", name="Copy", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#code code").text_content()
    visitor.is_content()


@needs_editor
def test_an_answer_of_yes_or_no(visitor: Visitor) -> None:
    page = visitor.go(f"/query?query={quote('ASK { ?s ?p ?o }')}")
    page.wait_for_selector(".booleanResult")
    assert page.locator(".booleanResult").inner_text().strip() == "True"
    visitor.is_content()


@needs_editor
def test_queries_are_kept_in_tabs(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    visitor.go("/query?example=roles")
    # An example that nobody changed makes room for the next; what a person wrote is kept.
    names = page.locator(".tabsList .tab span")
    assert names.all_inner_texts() == ["roles"]
    write(visitor, VISITS)
    visitor.go("/query?example=official-visits")
    assert names.all_inner_texts() == ["Query", "official-visits"]
    page.locator(".tabsList .tab a", has_text="Query").click()
    page.wait_for_function("document.querySelector('#code code').textContent.includes('?notBefore ?notAfter')")
    visitor.is_content()


def said(visitor: Visitor) -> tuple[str, str, dict[str, list[str]]]:
    """The heading, the path and the parameters of the page; the title has to agree with the heading."""
    heading = visitor.page.locator("h1").inner_text()
    title = visitor.page.title().rpartition(" · ")[0]
    assert title == ("Query" if heading == "Ask the graph" else heading)
    parts = urlsplit(visitor.page.url)
    return heading, parts.path, parse_qs(parts.query)


ONE = "SELECT (1 AS ?one) {}"


@needs_editor
def test_heading_title_and_address_follow_what_is_in_the_editor(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    assert said(visitor) == (OFFICIAL, "/query", {"example": ["official-visits"]})
    write(visitor, ONE)
    assert page.get_by_text("The query was changed since").is_visible()
    run(visitor)
    page.locator("table.answer thead", has_text="one").wait_for()
    assert said(visitor) == ("Ask the graph", "/query", {"query": [ONE]})
    assert page.locator(".questions [aria-current]").count() == 0
    assert not page.get_by_text("The query was changed since").is_visible()
    page.reload()
    page.locator("table.answer thead", has_text="one").wait_for()
    assert said(visitor) == ("Ask the graph", "/query", {"query": [ONE]})
    assert page.locator(".tabsList .tab span").all_inner_texts() == ["Query"]
    visitor.is_content()


@needs_editor
def test_the_address_follows_a_link_that_is_changed_the_view_and_the_tab(visitor: Visitor) -> None:
    page = visitor.go("/query")
    assert said(visitor) == ("Ask the graph", "/query", {})
    write(visitor, VISITS)
    run(visitor)
    page.wait_for_selector("table.answer tbody tr")
    copied(visitor)
    page.get_by_role("button", name="Timeline").click()
    page.wait_for_selector(".bars .stretch")
    assert said(visitor)[2] == {"query": [VISITS], "view": ["timeline"]}
    write(visitor, ONE)
    page.wait_for_url("**/query?query=SELECT+%281*")
    visitor.go("/query?example=official-visits&view=raw")
    assert said(visitor) == (OFFICIAL, "/query", {"example": ["official-visits"], "view": ["raw"]})
    page.locator(".tabsList .tab a", has_text="Query").click()
    page.wait_for_url("**/query?query=*")
    assert said(visitor) == ("Ask the graph", "/query", {"query": [ONE], "view": ["timeline"]})
    page.locator(".tabsList .tab a", has_text="official-visits").click()
    page.wait_for_url("**/query?example=official-visits*")
    assert said(visitor) == (OFFICIAL, "/query", {"example": ["official-visits"], "view": ["raw"]})
    visitor.is_content()


@needs_editor
def test_what_was_not_asked_is_not_asked_by_a_reload(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    write(visitor, "SELECT ?half")
    page.wait_for_url("**/query?query=SELECT*")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/sparql?" in request.url else None)
    page.reload()
    page.wait_for_selector("#editor[data-ready]", state="attached")
    assert said(visitor) == ("Ask the graph", "/query", {"query": ["SELECT ?half"]})
    assert written(visitor) == "SELECT ?half"
    page.wait_for_load_state("networkidle")
    assert not asked
    visitor.is_content()


@needs_editor
def test_a_query_too_long_for_an_address_is_brought_back_all_the_same(
    visitor: Visitor, browser: "Browser", served: Served
) -> None:
    page = visitor.go("/query?example=official-visits")
    query = f"# {'long ' * 2000}\n{ONE}"
    write(visitor, query)
    page.wait_for_url("**/query")
    link = copied(visitor)
    assert "#packed=" in link and "query=" not in link and len(link) < 300
    page.reload()
    page.wait_for_selector("#editor[data-ready]", state="attached")
    assert written(visitor) == query
    assert said(visitor) == ("Ask the graph", "/query", {})
    with visiting(browser, served, PHONE) as other:
        other.go(link.removeprefix(served.url))
        other.page.locator("table.answer thead", has_text="one").wait_for()
        assert written(other) == query
        other.is_content()
    visitor.is_content()


@needs_editor
def test_an_example_as_a_link_is_called_by_its_question(visitor: Visitor) -> None:
    page = visitor.go("/query?example=official-visits")
    page.wait_for_selector(".bars .stretch")
    text = written(visitor)
    visitor.go(f"/query?query={quote(text)}&view=raw")
    page.wait_for_selector(".yasr_results .CodeMirror")
    assert said(visitor) == (OFFICIAL, "/query", {"example": ["official-visits"], "view": ["raw"]})
    visitor.is_content()


@needs_editor
def test_keys_alone_lead_into_the_editor_and_out_of_it(visitor: Visitor) -> None:
    page = visitor.go("/query")
    page.locator(".tabPanel.active .CodeMirror").click()
    before = written(visitor)
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "TEXTAREA"
    page.locator(".tabPanel.active .CodeMirror").click()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") != "TEXTAREA"
    described = page.locator(".tabPanel.active .CodeMirror textarea").get_attribute("aria-describedby")
    assert described and "Tab leaves the editor" in page.locator(f"#{described}").inner_text()
    assert written(visitor) == before
    page.locator(".tabPanel.active .CodeMirror").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+]")
    assert written(visitor) == "  " + before
    visitor.is_content()
