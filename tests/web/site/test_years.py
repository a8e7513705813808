"""The record year by year: each event in its year, years without any, marks, and numbers that the data bear out."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import RDFS, Graph

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.web.application import create_app
from kzus_graph.web.site import years
from tests.conftest import FIXTURES, ROOT

BROWSER = {"Accept": "text/html"}
HEAVIEST = 300_000
EVENTS = f"""SELECT ?event ?class ?from
{{
  ?event a <{DIP.Event}> , ?class
  OPTIONAL {{ ?event <{DIP.notBefore}> ?lower }} OPTIONAL {{ ?event <{DIP.notAfter}> ?upper }}
  BIND (COALESCE(?lower, ?upper) AS ?from)
}}"""


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def section(page: str, name: str) -> str:
    """The part of the page under this anchor."""
    found = re.search(rf'<section class="of-year"(?:(?!</section>).)*? id="{name}".*?</section>', page, re.DOTALL)
    assert found, name
    return found[0]


def anchors(page: str) -> list[str]:
    """The anchor of each year's section, in their order."""
    return re.findall(r'<section class="of-year"(?:(?!</section>).)*? id="(y-?\d+|undated)"', page, re.DOTALL)


def lines(part: str) -> list[str]:
    """What stands in each line of a year, in words."""
    return [words(line) for line in re.findall(r'<li><div class="when">.*?</div></li>', part, re.DOTALL)]


def tally(part: str) -> dict[str, int]:
    """The numbers by kind that stand at the head of a year."""
    found = re.findall(r'<li class="k\d"><span class="swatch" aria-hidden="true"></span>(.*?) (\d+)</li>', part)
    return {kind: int(number) for kind, number in found}


@pytest.fixture(scope="module")
def fiction() -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=1), files=[FIXTURES / "years" / "record.trig"])
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def page(fiction: FlaskClient) -> str:
    answer = fiction.get("/years", headers=BROWSER)
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    return answer.text


@pytest.fixture(scope="module")
def real(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def overview(real: FlaskClient) -> str:
    return real.get("/years", headers=BROWSER).text


def test_a_year_has_its_events_in_order_with_dates_as_coarse_as_they_are(page: str) -> None:
    dates = [re.findall(r'class="when">(.*?)<', section(page, f"y{year}")) for year in (1901, 1903, 1915)]
    assert dates == [
        ["2–3 May 1901"], ["1903", "May 1903", "30 December 1903 – 2 January 1904"], ["within 1–4 March 1915"]
    ]  # fmt: skip
    assert "3 events" in words(section(page, "y1903"))


def test_a_year_without_an_event_says_that_nothing_is_recorded(page: str) -> None:
    assert words(section(page, "y1902")) == "1902 nothing recorded"
    # The congress that went on into 1904 began in 1903, so it stands there; eleven years without any are one line.
    assert words(section(page, "y1904")) == "1904–1914 nothing recorded"
    assert page.count("nothing recorded") == 2
    assert "nothing happened" not in words(page)


def test_each_year_can_be_jumped_to(page: str) -> None:
    jumps = re.findall(r'<a class="chip( plain)?" href="#(\w+)">(.*?)</a>', page)
    assert [(name, words(text), bool(plain)) for plain, name, text in jumps] == [
        ("y1901", "1901 (1)", False), ("y1902", "1902 (0)", True), ("y1903", "1903 (3)", False),
        ("y1904", "1904–1914 (0)", True), ("y1915", "1915 (1)", False), ("undated", "No date (2)", False),
    ]  # fmt: skip
    assert anchors(page) == [name for _, name, _ in jumps]


def test_a_line_says_kind_place_who_and_what_was_concluded(page: str) -> None:
    (session,) = lines(section(page, "y1901"))
    assert session == (
        "2–3 May 1901 Session of the commission 2 sources Gathering, Meeting · Palace"
        " · Rufus , Foreign Minister of Freedonia , Adam , Berta and 2 others"
    )
    year, signing, congress = lines(section(page, "y1903"))
    assert year == "1903 Visit of some year 2 sources second hand date derived Official Visit"
    assert signing == "May 1903 Signing of the treaty 2 sources Signing Concluded: Treaty of Streslau"
    assert congress.endswith(
        "Long congress sources differ: dates sources differ: office Gathering About: Treaty of Streslau"
    )
    assert 'href="/note/dates">sources differ: dates</a>' in page and 'href="/note/office"' in page
    assert 'href="/id/treaty">Treaty of Streslau</a>' in page and 'href="/id/session">Session of' in page
    assert lines(section(page, "y1915")) == ["within 1–4 March 1915 Something <b>bold</b> date inherited Event"]
    assert "<b>" not in page


def test_what_has_no_date_stands_last(page: str) -> None:
    undated = section(page, "undated")
    assert page.index('id="undated"') > page.index('id="y1915"')
    assert lines(undated) == [
        "under way on 1 June 1903 Contact of some length Diplomatic Contact", "no date Meeting some day Meeting"
    ]  # fmt: skip
    assert tally(undated) == {"Diplomatic Contact": 1, "Meeting": 1}


def test_an_event_of_two_kinds_counts_in_both_and_once_in_all(page: str) -> None:
    assert tally(section(page, "y1901")) == {"Gathering": 1, "Meeting": 1}
    assert tally(section(page, "y1903")) == {"Gathering": 1, "Instrument Act": 1, "Visit": 1}
    assert table(page) == {
        "Kind": ["1900s", "1910s", "No date", "All"],
        "Gathering": ["2", "0", "0", "2"],
        "Meeting": ["1", "0", "1", "2"],
        "Diplomatic Contact": ["0", "0", "1", "1"],
        "Event": ["0", "1", "0", "1"],
        "Instrument Act": ["1", "0", "0", "1"],
        "Visit": ["1", "0", "0", "1"],
        "Events": ["4", "1", "2", "7"],
    }


def table(page: str) -> dict[str, list[str]]:
    """The table of decades: the cells of each line by the kind that it is of."""
    found = re.search(r'<table class="decades"[^>]*>(.*?)</table>', page, re.DOTALL)
    assert found
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", found[1])]
    return {words(row[0]): [words(cell) for cell in row[1:]] for row in rows}


def test_the_bar_of_a_year_is_as_long_as_its_numbers(page: str) -> None:
    drawn = re.search(r'viewBox="0 0 (\d+) 1".*?>(.*?)</svg>', section(page, "y1903"))
    assert drawn and drawn[1] == "3"
    bars = re.findall(r'class="k(\d)" x="(\d)" width="(\d)"', drawn[2])
    assert bars == [("1", "0", "1"), ("8", "1", "1"), ("8", "2", "1")]


def test_names_come_in_the_language_that_is_asked_for(fiction: FlaskClient) -> None:
    answer = fiction.get("/years?lang=ru", headers=BROWSER)
    assert answer.headers["Content-Language"] == "en, ru" and "Accept-Language" in answer.headers["Vary"]
    assert '<a href="/id/palace?lang=ru">Дворец</a>' in answer.text
    assert fiction.get("/years?lang=xx", headers=BROWSER).status_code == 400


def test_many_years_without_an_event_are_one_line() -> None:
    gap = years.LONGEST_GAP
    assert years._spans([1900, 1900 + gap + 1]) == [(year, year) for year in range(1900, 1900 + gap + 2)]
    assert years._spans([1900, 1900 + gap + 2]) == [(1900, 1900), (1901, 1900 + gap + 1), (1900 + gap + 2,) * 2]


def test_a_release_of_fiction_has_its_record(small_release: Path) -> None:
    releases = Releases(Limits(workers=1), folder=small_release.parent)
    try:
        client = create_app(releases).test_client()
        part = section(client.get("/years", headers=BROWSER).text, "y1901")
        home = client.get("/", headers=BROWSER).text
    finally:
        releases.close()
    assert lines(part) == [
        "2–5 May 1901 Visit of Fred to Streslau 2 sources sources differ: dates Official Visit · Streslau · Fred",
        "within 2–5 May 1901 Meeting of Fred and Rufus date inherited Meeting · Fred , Rufus",
    ]
    assert home.count('href="/years"') >= 3


def test_data_without_events_have_a_page_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text('<http://example.org/a> <http://example.org/b> "c" .\n')
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.nt"])
    try:
        answer = create_app(releases).test_client().get("/years", headers=BROWSER)
    finally:
        releases.close()
    assert answer.status_code == 200 and "This data set has no events." in answer.text
    assert "<svg class" not in answer.text


def test_open_and_qualified_dates_stand_at_the_day_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text("""
        @prefix : <https://w3id.org/kzus/id/> . @prefix code: <https://w3id.org/kzus/code/> .
        @prefix dip: <https://w3id.org/kzus/ontology#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :a a dip:Event ; dip:notAfter "1905-08-02"^^xsd:date ; dip:edtf "[..1905-08-02]" .
        :b a dip:Event ; dip:notBefore "1905-09-01"^^xsd:date ; dip:edtf "1905-09-01/" .
        :c a dip:Event ; dip:notBefore "1905-01-01"^^xsd:date ; dip:notAfter "1905-12-31"^^xsd:date ; dip:edtf "1905%" ;
          dip:datePrecision <http://www.w3.org/2006/time#unitYear> .
        :d a dip:Event ; dip:notBefore "1905-10-01"^^xsd:date ; dip:notAfter "1905-10-31"^^xsd:date ;
          dip:dateBasis code:basis-inherited ; dip:dateQualifier code:qualifier-approximate .
    """)
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.ttl"])
    try:
        page = create_app(releases).test_client().get("/years", headers=BROWSER).text
    finally:
        releases.close()
    assert re.findall(r'class="when">(.*?)<', section(page, "y1905")) == [
        "perhaps about 1905",
        "not after 2 August 1905",
        "not before 1 September 1905 (its end is not known)",
        "within about October 1905",
    ]


def test_dates_that_are_none_or_far_off_do_no_harm(tmp_path: Path) -> None:
    date = "http://www.w3.org/2001/XMLSchema#date"
    type_ = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    said = [f"<{KZUS[name]}> <{type_}> <{DIP.Event}> ." for name in "abc"]
    for name, day in (("a", "-0044-03-15"), ("b", "12011-01-01"), ("c", "someday")):
        said.append(f'<{KZUS[name]}> <{DIP.notBefore}> "{day}"^^<{date}> .')
    (tmp_path / "data.nt").write_text("\n".join(said))
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.nt"])
    try:
        page = create_app(releases).test_client().get("/years", headers=BROWSER).text
    finally:
        releases.close()
    assert anchors(page) == ["y-44", "y-43", "y12011", "undated"]


def test_every_event_of_the_release_is_there_once(real: FlaskClient, overview: str, real_release: Path) -> None:
    found = ox.Store.read_only(str(real_release / "store")).query(EVENTS)
    assert isinstance(found, ox.QuerySolutions)
    events = {row["event"].value.rpartition("/")[2] for row in found}
    listed = re.findall(r'<div class="k\d"><span class="swatch" [^>]*></span><a href="/id/([^"]+)"', overview)
    assert sorted(listed) == sorted(events) and len(events) > 60


def test_the_numbers_are_those_of_the_data(overview: str, real_release: Path) -> None:
    """Counted from the types and dates of each event and from the ontology's file, another way than the page does."""
    ontology = Graph().parse(ROOT / "ontology" / "dip.ttl")
    broad = {str(kind) for above in (DIP.Event, DIP.DiplomaticContact) for kind in ontology[: RDFS.subClassOf : above]}
    broad -= {str(DIP.DiplomaticContact), str(DIP.HeadOfStateLevelEvent)}
    found = ox.Store.read_only(str(real_release / "store")).query(EVENTS)
    assert isinstance(found, ox.QuerySolutions)
    pairs = {(row["event"].value, row["class"].value, row["from"].value[:4] if row["from"] else "") for row in found}
    names = {kind: str(ontology.value(DIP[kind.rpartition("#")[2]], RDFS.label)) for kind in broad}
    counted = Counter((year, names[kind]) for _, kind, year in pairs if kind in broad)
    events = Counter(year for year in {event: year for event, _, year in pairs}.values())
    shown = {name: tally(part) for name, part in parts(overview).items()}
    assert {(name, kind): number for name, of in shown.items() for kind, number in of.items()} == counted
    assert {name: len(lines(part)) for name, part in parts(overview).items() if lines(part)} == events
    cells = table(overview)
    decades = cells.pop("Kind")
    all_ = cells.pop("Events")
    for kind, numbers in cells.items():
        of_decade = Counter[str]()
        for (year, name), number in counted.items():
            if name == kind:
                of_decade[f"{year[:3]}0s" if year else "No date"] += number
        assert numbers == [str(of_decade[decade]) for decade in decades[:-1]] + [str(of_decade.total())], kind
    assert all_[-1] == str(events.total())


def parts(page: str) -> dict[str, str]:
    """The sections of the page by year, that of events without a date under no name."""
    return {name.removeprefix("y").replace("undated", ""): section(page, name) for name in anchors(page)}


def test_years_without_an_event_are_those_of_which_the_data_have_none(overview: str, real_release: Path) -> None:
    found = ox.Store.read_only(str(real_release / "store")).query(EVENTS)
    assert isinstance(found, ox.QuerySolutions)
    known = {int(row["from"].value[:4]) for row in found if row["from"]}
    shown = {int(name): part for name, part in parts(overview).items() if name}
    assert list(shown) == list(range(min(known), max(known) + 1)), "no year is left out"
    empty = {year for year, part in shown.items() if words(part) == f"{year} nothing recorded"}
    assert empty == shown.keys() - known and len(shown) > 30


def test_the_question_behind_it_has_the_same_numbers(real: FlaskClient, overview: str) -> None:
    assert f'href="/query/{years.QUESTION}"' in overview
    answer = real.get(f"/slices/query/{years.QUESTION}.csv")
    assert answer.mimetype == "text/csv" and f'href="/slices/query/{years.QUESTION}.csv"' in overview
    rows = list(csv.DictReader(StringIO(answer.text)))
    told = {(row["year"], row["name"]): int(row["events"]) for row in rows}
    assert len(told) == len(rows) > 30
    shown = {(name, kind): number for name, part in parts(overview).items() for kind, number in tally(part).items()}
    assert shown == told


def test_marks_of_the_real_record(overview: str) -> None:
    (line,) = (line for line in lines(section(overview, "y2010")) if "Visit of Nazarbayev to the United States" in line)
    assert re.search(r"\d sources sources differ: dates sources differ: kind", line) and "Concluded: Agr" in line
    assert "date inherited" in overview and "date derived" in overview


def test_the_page_is_kept_and_needs_no_script(real: FlaskClient, overview: str) -> None:
    answer, again = real.get("/years", headers=BROWSER), real.get("/years", headers=BROWSER)
    assert answer.headers["ETag"] == again.headers["ETag"] and answer.data == again.data
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", overview)
    assert len(answer.data) < HEAVIEST


def test_three_hundred_events_make_a_page_that_is_light(tmp_path: Path) -> None:
    text = (FIXTURES / "years" / "record.trig").read_text("utf-8")
    head, session = text.split("# Of two kinds", 1)
    session = session.partition("# Nothing but")[0].partition("\n")[2]
    copies = [
        session.replace(":session a", f":{year}-session-of-the-commission-{number} a").replace("1901", str(year))
        for year in range(1991, 2021)
        for number in range(10)
    ]
    (tmp_path / "data.trig").write_text(head + "\n".join(copies))
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.trig"])
    try:
        answer = create_app(releases).test_client().get("/years", headers=BROWSER)
    finally:
        releases.close()
    assert answer.text.count("Session of the commission") == 300 and len(answer.data) < HEAVIEST
