"""Calendars made of rows: that they are iCalendar, and say when what was."""

import random
from datetime import date, datetime, timedelta

import icalendar
import pyoxigraph as ox
import pytest

from kzus_graph.engine import calendars, tables
from tests import terms


@pytest.fixture(scope="module")
def store():
    return ox.Store()


def made(store, writer, query):
    return "".join(writer(store.query(query)))


@pytest.mark.parametrize(
    ("begin", "end", "lines"),
    [
        (
            '"2010-04-11"^^xsd:date',
            '"2010-04-14"^^xsd:date',
            ["DTSTART;VALUE=DATE:20100411", "DTEND;VALUE=DATE:20100415"],
        ),
        ('"2008-02-29"^^xsd:date', "1", ["DTSTART;VALUE=DATE:20080229", "DTEND;VALUE=DATE:20080301"]),
        (
            '"1999-12-31"^^xsd:date',
            '"1999-12-31"^^xsd:date',
            ["DTSTART;VALUE=DATE:19991231", "DTEND;VALUE=DATE:20000101"],
        ),
        (
            '"2010-04-11T09:30:00Z"^^xsd:dateTime',
            '"2010-04-11T10:00:00Z"^^xsd:dateTime',
            ["DTSTART:20100411T093000Z", "DTEND:20100411T100000Z"],
        ),
    ],
)
def test_calendar_dates(store, begin, end, lines):
    prologue = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    text = made(
        store, calendars.calendar, f"{prologue}SELECT ({begin} AS ?begin) ({end} AS ?end) ('A, B; C' AS ?label) {{}}"
    )
    written = text.split("\r\n")
    for line in [*lines, "SUMMARY:A\\, B\\; C", "BEGIN:VEVENT", "END:VCALENDAR"]:
        assert line in written


def test_calendar_lines_are_folded_between_characters(store):
    label = "é" * 200
    text = made(
        store, calendars.calendar, f"SELECT ('2010-01-01' AS ?date) ('{label}' AS ?label) (<http://e/x> AS ?event) {{}}"
    )
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"SUMMARY:{label}" in text.replace("\r\n ", "")
    assert "URL:http://e/x" in text


def test_calendar_needs_dates(store):
    with pytest.raises(tables.ColumnsMissing, match=r"\?begin"):
        made(store, calendars.calendar, "SELECT (1 AS ?x) {}")


XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "


def events(store, values: str) -> list[icalendar.Event]:
    """The events of rows with ?begin, ?end, ?label and ?event, as the icalendar library reads them."""
    text = made(store, calendars.calendar, f"{XSD}SELECT * {{ VALUES (?begin ?end ?label ?event) {{ {values} }} }}")
    strict(text)
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def strict(text: str) -> None:
    """Check what RFC 5545 says of lines, letters, required properties and ends, and the library forgives."""
    assert text.endswith("\r\n") and "\r" not in text.replace("\r\n", "") and "\n" not in text.replace("\r\n", "")
    assert not [letter for letter in text if (letter < " " and letter not in "\r\n\t") or letter == "\x7f"]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = icalendar.Calendar.from_ical(text)
    assert whole.subcomponents and not whole.errors
    found = whole.walk("VEVENT")
    assert len({str(event["UID"]) for event in found}) == len(found)
    for event in found:
        assert not event.errors and "DTSTAMP" in event and "SUMMARY" in event
        begin, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
        assert end is None or (type(end) is type(begin) and end > begin)


def said(text: str) -> list[str]:
    """What the calendar says it left out."""
    return [line.removeprefix("COMMENT:") for line in text.split("\r\n") if line.startswith("COMMENT:")]


def day(*numbers: int) -> date:
    return date(*numbers)


@pytest.mark.parametrize(
    ("begin", "end", "first", "after"),
    [
        ("'2010'^^xsd:gYear", "UNDEF", day(2010, 1, 1), day(2011, 1, 1)),
        ("'2010-02'^^xsd:gYearMonth", "UNDEF", day(2010, 2, 1), day(2010, 3, 1)),
        ("'2010+05:00'^^xsd:gYear", "'2012-05'^^xsd:gYearMonth", day(2010, 1, 1), day(2012, 6, 1)),
        ("'2010-05:00'^^xsd:gYear", "UNDEF", day(2010, 1, 1), day(2011, 1, 1)),
        ("'2010-04-11+05:00'^^xsd:date", "UNDEF", day(2010, 4, 11), day(2010, 4, 12)),
        ("'9999-12-31'^^xsd:date", "UNDEF", day(9999, 12, 31), None),
        ("'9999-12-31'^^xsd:date", "'9999-12-31'^^xsd:date", day(9999, 12, 31), None),
        ("'2010-01-01'^^xsd:date", "'9999-12-31'^^xsd:date", day(2010, 1, 1), day(9999, 12, 31)),
        ("'9999-12'^^xsd:gYearMonth", "UNDEF", day(9999, 12, 1), day(9999, 12, 31)),
        ("'0001-01-01'^^xsd:date", "UNDEF", day(1, 1, 1), day(1, 1, 2)),
        ("'2010-04-14'^^xsd:date", "'2010-04-11'^^xsd:date", day(2010, 4, 14), day(2010, 4, 15)),
        ("'2010-04-11'^^xsd:date", "'2010-13-01'^^xsd:date", day(2010, 4, 11), day(2010, 4, 12)),
        # An instant and a day make days, as do a local time and one of UTC.
        ("'2010-04-11T09:00:00Z'^^xsd:dateTime", "'2010-04-12'^^xsd:date", day(2010, 4, 11), day(2010, 4, 13)),
        (
            "'2010-04-11T09:00:00Z'^^xsd:dateTime",
            "'2010-04-11T10:00:00'^^xsd:dateTime",
            day(2010, 4, 11),
            day(2010, 4, 12),
        ),
    ],
)
def test_days_months_and_years(store, begin, end, first, after):
    (event,) = events(store, f"({begin} {end} 'x' <http://e/x>)")
    assert (event.decoded("DTSTART"), event.decoded("DTEND", None)) == (first, after)


@pytest.mark.parametrize(
    ("begin", "end", "lines"),
    [
        (
            "2010-04-11T09:30:00+05:00",
            "2010-04-11T23:00:00-05:00",
            ["DTSTART:20100411T043000Z", "DTEND:20100412T040000Z"],
        ),
        ("2010-04-11T09:30:00", "2010-04-11T10:00:00", ["DTSTART:20100411T093000", "DTEND:20100411T100000"]),
        ("2010-12-31T24:00:00Z", "2011-01-01T00:00:01Z", ["DTSTART:20110101T000000Z", "DTEND:20110101T000001Z"]),
        ("2010-12-31T24:00:00.000", "2011-01-01T01:00:00.5", ["DTSTART:20110101T000000", "DTEND:20110101T010000"]),
        ("2010-01-01T02:00:00+05:45", "UNDEF", ["DTSTART:20091231T201500Z"]),
        # Equal instants are one; an end before the beginning is none.
        ("2010-04-11T09:30:00Z", "2010-04-11T14:30:00+05:00", ["DTSTART:20100411T093000Z"]),
        ("2010-04-11T09:30:00Z", "2010-04-11T14:29:59+05:00", ["DTSTART:20100411T093000Z"]),
        ("9999-12-31T23:59:59Z", "UNDEF", ["DTSTART:99991231T235959Z"]),
    ],
)
def test_instants_are_in_utc_or_nowhere(store, begin, end, lines):
    values = " ".join(text if text == "UNDEF" else f"'{text}'^^xsd:dateTime" for text in (begin, end))
    text = made(store, calendars.calendar, f"{XSD}SELECT * {{ VALUES (?begin ?end) {{ ({values}) }} }}")
    strict(text)
    assert [line for line in text.split("\r\n") if line.startswith(("DTSTART", "DTEND"))] == lines
    assert said(text) == (["1 end is left out: no date\\, or before the beginning"] if "29:59" in end else [])


NO_DATES = [
    "'2010-13-01'^^xsd:date", "'2010-00-10'^^xsd:date", "'2010-02-30'^^xsd:date", "'2009-02-29'^^xsd:date",
    "'-0044-03-15'^^xsd:date", "'0000-01-01'^^xsd:date", "'12010-01-01'^^xsd:date", "'-0044'^^xsd:gYear",
    "'2010-04-11T25:00:00'^^xsd:dateTime", "'2010-04-11T24:00:01'^^xsd:dateTime",
    "'2010-04-11T23:59:60Z'^^xsd:dateTime", "'2010-04-11T24:00:00.1'^^xsd:dateTime",
    "'2010-04-11T09:00:00+14:01'^^xsd:dateTime", "'2010-04-11+99:99'^^xsd:date",
    "'9999-12-31T24:00:00Z'^^xsd:dateTime", "'9999-12-31T20:00:00-05:00'^^xsd:dateTime",
    "'0001-01-01T00:00:00+01:00'^^xsd:dateTime", "2010", "'2010-04-11x'", "'٢٠١٠-٠٤-١١'", "'2010-4-1'",
    "<http://e/2010-04-11>", "'today'@en", "UNDEF", "<<( <a:b> <a:b> '2010-04-11' )>>",
]  # fmt: skip


@pytest.mark.parametrize("begin", NO_DATES)
def test_what_no_calendar_can_hold_is_left_out_and_counted(store, begin):
    query = f"{XSD}SELECT * {{ VALUES (?begin ?label) {{ ({begin} 'x') ('2010-04-11' 'y') ({begin} 'z') }} }}"
    text = made(store, calendars.calendar, query)
    strict(text)
    assert said(text) == ["2 rows are left out: no valid date in the years 1 to 9999"]
    assert [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")] == ["y"]


@pytest.mark.parametrize(
    ("rows", "remark"),
    [("", "the answer has no rows"), ("('x')", "1 row is left out: no valid date in the years 1 to 9999")],
)
def test_a_calendar_without_events_is_one(store, rows, remark):
    text = made(store, calendars.calendar, f"SELECT * {{ VALUES (?begin) {{ {rows} }} }}")
    strict(text)
    assert said(text) == [remark]


def test_an_event_keeps_its_name_whatever_its_label_and_no_two_share_one(store):
    rows = "('2010-04-11' UNDEF 'a' <http://e/x>) ('2010-04-11' UNDEF 'b' <http://e/x>) ('2010-04-12' UNDEF 'b' <http://e/x>)"
    names = [str(event["UID"]) for event in events(store, rows)]
    assert names == ["http://e/x/2010-04-11/", "http://e/x/2010-04-11/2", "http://e/x/2010-04-12/"]
    other = "('2010-04-11' UNDEF 'new' <http://e/x>)"
    assert [str(event["UID"]) for event in events(store, other)] == names[:1]
    about_nothing = "('2010-04-11' UNDEF 'a' UNDEF) ('2010-04-11' UNDEF 'b' UNDEF) ('2010-04-11' UNDEF 'a' UNDEF)"
    first, second, again = (str(event["UID"]) for event in events(store, about_nothing))
    assert again == f"{first}2" and len({first, second, again}) == 3
    turned = "('2010-04-11' UNDEF 'b' UNDEF) ('2010-04-11' UNDEF 'a' UNDEF)"
    assert [str(event["UID"]) for event in events(store, turned)] == [second, first]


def test_text_and_addresses_are_what_a_calendar_can_hold(store):
    label = ox.Literal("a\0b\x1b\x7f, c; \\ d\r\nEND:VEVENT\re\tf")
    rows = f"""('2010-04-11' UNDEF {label} <https://e/é,a;b>) ('2010-04-12' UNDEF UNDEF "https://e/ \\nX-BAD:1")
      ('2010-04-13' UNDEF <<( <a:b> <a:c> "x"@ar--rtl )>> <<( <a:b> <a:c> <a:d> )>>)
      ('2010-04-14' UNDEF "سلام"@ar--rtl UNDEF)"""
    first, second, third, fourth = events(store, rows)
    assert str(first["SUMMARY"]) == "a\ufffdb\ufffd\ufffd, c; \\ d\nEND:VEVENT\ne\tf"
    assert str(first["URL"]) == "https://e/%C3%A9,a;b"
    assert str(second["SUMMARY"]) == "https://e/ \nX-BAD:1" and "URL" not in second and "X-BAD" not in second
    assert str(third["SUMMARY"]) == '<<( <a:b> <a:c> "x"@ar--rtl )>>' and "URL" not in third
    assert str(fourth["SUMMARY"]) == "سلام"


@pytest.mark.parametrize("seed", range(30))
def test_random_rows_make_a_calendar(store, seed):
    chance = random.Random(seed)

    def cell(column: int) -> str:
        term = terms.term(chance)
        if column < 2 and chance.random() < 0.8:
            when = datetime(2010, 1, 1) + timedelta(seconds=chance.randrange(10**9))
            forms = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S-05:00", "%Y", "%Y-%m")
            term = ox.Literal(when.strftime(chance.choice(forms)))
        if chance.random() < 0.1 or "_:" in str(term):
            return "UNDEF"
        return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)

    rows = " ".join(f"({' '.join(map(cell, range(4)))})" for _ in range(40))
    query = f"SELECT * {{ VALUES (?begin ?end ?label ?event) {{ {rows} }} }}"
    text = made(store, calendars.calendar, query)
    strict(text)
    found = icalendar.Calendar.from_ical(text).walk("VEVENT")
    left_out = [int(line.split()[0]) for line in said(text) if "row" in line]
    assert len(found) + sum(left_out) == 40 and len(found) > 10


def test_a_long_label_takes_time_by_its_length(store):
    text = made(store, calendars.calendar, f"SELECT ('2010-01-01' AS ?date) ('{'é' * 400_000}' AS ?label) {{}}")
    assert text.replace("\r\n ", "").count("é") == 400_000


def test_an_event_without_a_label_is_called_by_the_name_of_its_thing(store):
    query = "SELECT ?meeting ('2010-04-11' AS ?date) { VALUES ?meeting { <http://e/a> <http://e/b> } }"
    names = {"http://e/a": "Meeting, 2010"}
    text = "".join(calendars.calendar(store.query(query), lambda thing: names.get(thing.value, "")))
    strict(text)
    lines = text.split("\r\n")
    assert [line for line in lines if line.startswith("SUMMARY:")] == ["SUMMARY:Meeting\\, 2010", "SUMMARY:event"]
    assert [line for line in lines if line.startswith("URL:")] == ["URL:http://e/a", "URL:http://e/b"]
