"""Five jobs that people come to the site for, done in a browser, each from the home page on."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.browser.chromium import DESKTOP, Visitor, visiting
from tests.conftest import ROOT
from tests.engine.test_older import another
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CONTACTS = "contacts-of-the-two-presidents"
FIRST = (
    ("Visit of Nazarbayev to the United States, 1992", "1992-05-18", "1992-05-20"),
    ("Adoption of the Joint Declaration on US-Kazakhstan Relations, 1992", "1992-05-19", "1992-05-19"),
    ("Press conference of Clinton and Nazarbayev, 1994", "1994-02-14", "1994-02-14"),
)
"""The first rows of the answer, with their first and last possible days."""
NUMBER = len((ROOT / "queries" / "expected" / f"{CONTACTS}.csv").read_text("utf-8").splitlines()) - 1
VISIT = "/page/id/2010-nazarbayev-us-official-visit"


def looked_for(page: "Page", words: str, name: str) -> None:
    """Type *words* in the field that each page has in its head, and send them."""
    page.get_by_role("combobox", name=name, exact=True).press_sequentially(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")


def spreadsheet(page: "Page", name: str) -> tuple[str, list[dict[str, str]]]:
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    text = coming.value.path().read_text("utf-8-sig")
    return coming.value.suggested_filename, list(csv.DictReader(StringIO(text, newline="")))


def cited(page: "Page") -> str:
    """Return the address in the citation of *page*, with the server that it is at."""
    page.locator("details.cite > summary").click()
    address: str = json.loads(page.locator("details.cite pre").last.inner_text())[0]["URL"]
    return address


def answer(page: "Page") -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in page.locator("table.answer tbody tr").all()]


def test_contacts_of_the_two_presidents_as_a_spreadsheet_and_a_citation_that_lasts(
    visitor: Visitor, browser: "Browser", real_release: Path, small_release: Path, tmp_path: Path
) -> None:
    page = visitor.go("/")
    looked_for(page, "contacts of the two presidents", "Search")
    page.locator("main table a").first.click()
    page.wait_for_url(f"**/query/{CONTACTS}")
    assert page.locator("[data-count]").inner_text() == f"{NUMBER} rows"
    name, rows = spreadsheet(page, "Spreadsheet (CSV)")
    assert name == f"{CONTACTS}-3.0.0.csv" and len(rows) == NUMBER
    assert [(row["Event"], row["First day possible"], row["Last day possible"]) for row in rows[:3]] == [*FIRST]
    address, seen = cited(page), answer(page)
    assert urlsplit(address).query == f"release={real_release.name}"
    visitor.is_content()

    # The same folder a release later: what is current has other data.
    another(tmp_path, real_release, real_release.name, 1)
    another(tmp_path, small_release, small_release.name, 0)
    (tmp_path / "CURRENT").write_text(small_release.name)
    with (
        serving(tmp_path, "--release", str(tmp_path), "--workers", "2") as later,
        visiting(browser, later, DESKTOP) as reader,
    ):
        page = reader.go(urlsplit(address)._replace(scheme="", netloc="").geturl())
        assert real_release.name in page.locator("aside.older").inner_text()
        assert answer(page) == seen
        reader.is_content()


def test_who_attended_a_visit_which_sentence_says_so_where_sources_differ_and_a_report(
    visitor: Visitor, browser: "Browser", real_release: Path, tmp_path: Path
) -> None:
    page = visitor.go("/")
    looked_for(page, "who attended april 2010", "Search")
    page.locator(f'main a[href="{VISIT.replace("/page", "")}"]').first.click()
    page.wait_for_url(f"**{VISIT}")
    # Those of the visit itself, and those of its parts.
    assert "Nursultan Nazarbayev" in page.locator("#who").inner_text()
    for name in ("Barack Obama", "Chu"):
        assert page.locator("#attendance").get_by_role("link", name=name, exact=True).count() == 1, name
    # The numbers beside a name lead to the sources of it, one of which is a sentence.
    notes = [note.get_attribute("href") or "" for note in page.locator("#who sup a").all()]
    told = [page.locator(f"{note} a").first.get_attribute("href") or "" for note in notes]
    sentence = next(href for href in told if href.startswith("/source/political-cooperation-"))
    page.locator(f'#sources a[href="{sentence}"]').click()
    page.wait_for_url(f"**/page{sentence}")
    assert page.locator("#text a").count() == 1 and page.locator("#says").is_visible()
    page.go_back()
    # Where sources differ is said on the page itself, with who says what.
    assert page.locator("#claims, #notes .callout").first.is_visible()
    assert page.locator("#claims table.claims tbody tr, #notes table.claims tbody tr").count() >= 2
    visitor.is_content()

    with (
        serving(
            tmp_path, "--release", str(real_release.parent), "--workers", "2", "--contact", "errors@example.org"
        ) as own,
        visiting(browser, own, DESKTOP) as reader,
    ):
        page = reader.go(VISIT)
        page.get_by_role("link", name="Report one fact").click()
        report = page.locator("main tbody a[href^='mailto:']").first
        body = parse_qs(urlsplit(report.get_attribute("href") or "").query)["body"][0]
        assert "https://w3id.org/kzus/id/2010-nazarbayev-us-official-visit" in body and real_release.name in body
        reader.is_content()
