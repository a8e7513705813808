"""Dates as tables write them, against what the ontology wants of a date."""

import re
from datetime import date, timedelta
from itertools import product

import pyoxigraph as ox
import pytest

from kzus_graph.rdf.prefixes import compact
from kzus_graph.tabular.dates import claims, tenure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1901-05-04", ["dip:begin 1901-05-04", "dip:end 1901-05-04", "dip:datePrecision time:unitDay"]),
        ("1901-05-04/1901-06-01", ["dip:begin 1901-05-04", "dip:end 1901-06-01", "dip:datePrecision time:unitDay"]),
        ("1904-02", ["dip:notBefore 1904-02-01", "dip:notAfter 1904-02-29", "dip:datePrecision time:unitMonth"]),
        ("1900-02", ["dip:notBefore 1900-02-01", "dip:notAfter 1900-02-28", "dip:datePrecision time:unitMonth"]),
        ("1901", ["dip:notBefore 1901-01-01", "dip:notAfter 1901-12-31", "dip:datePrecision time:unitYear"]),
        ("190X", ["dip:notBefore 1900-01-01", "dip:notAfter 1909-12-31", "dip:datePrecision code:unit-decade"]),
        ("1901-XX", ["dip:notBefore 1901-01-01", "dip:notAfter 1901-12-31", "dip:datePrecision time:unitYear"]),
        ("1901-XX-XX", ["dip:notBefore 1901-01-01", "dip:notAfter 1901-12-31", "dip:datePrecision time:unitYear"]),
        ("1904-02-XX", ["dip:notBefore 1904-02-01", "dip:notAfter 1904-02-29", "dip:datePrecision time:unitMonth"]),
        (
            "1901-05/1901-07",
            ["dip:notBefore 1901-05-01", "dip:notAfter 1901-07-31", "dip:datePrecision time:unitMonth"],
        ),
        ("1901/1903", ["dip:notBefore 1901-01-01", "dip:notAfter 1903-12-31", "dip:datePrecision time:unitYear"]),
        (
            "1901-05-04/1901-06",
            ["dip:notBefore 1901-05-04", "dip:notAfter 1901-06-30", "dip:datePrecision time:unitMonth"],
        ),
        ("1901/1902-02-03", ["dip:notBefore 1901-01-01", "dip:notAfter 1902-02-03", "dip:datePrecision time:unitYear"]),
        ("1901-05-04/..", ["dip:notBefore 1901-05-04", "dip:datePrecision time:unitDay"]),
        ("1901-05-04/", ["dip:notBefore 1901-05-04", "dip:datePrecision time:unitDay"]),
        ("1901-05/..", ["dip:notBefore 1901-05-01", "dip:datePrecision time:unitMonth"]),
        ("1901/", ["dip:notBefore 1901-01-01", "dip:datePrecision time:unitYear"]),
        ("/1901-05-04", ["dip:notAfter 1901-05-04", "dip:datePrecision time:unitDay"]),
        ("../1904-02", ["dip:notAfter 1904-02-29", "dip:datePrecision time:unitMonth"]),
        ("/1901", ["dip:notAfter 1901-12-31", "dip:datePrecision time:unitYear"]),
        ("[..1901-05-04]", ["dip:notAfter 1901-05-04", "dip:datePrecision time:unitDay"]),
        ("[1901-05..]", ["dip:notBefore 1901-05-01", "dip:datePrecision time:unitMonth"]),
        (
            "[1901-05-04..1901-05-06]",
            ["dip:notBefore 1901-05-04", "dip:notAfter 1901-05-06", "dip:datePrecision time:unitDay"],
        ),
        (
            "[1901-05..1901-06]",
            ["dip:notBefore 1901-05-01", "dip:notAfter 1901-06-30", "dip:datePrecision time:unitMonth"],
        ),
        (
            "1901-05-04?",
            [
                "dip:begin 1901-05-04",
                "dip:end 1901-05-04",
                "dip:datePrecision time:unitDay",
                "dip:dateQualifier code:qualifier-uncertain",
            ],
        ),
        (
            "1901-05~",
            [
                "dip:notBefore 1901-05-01",
                "dip:notAfter 1901-05-31",
                "dip:datePrecision time:unitMonth",
                "dip:dateQualifier code:qualifier-approximate",
            ],
        ),
        (
            "1901%",
            [
                "dip:notBefore 1901-01-01",
                "dip:notAfter 1901-12-31",
                "dip:datePrecision time:unitYear",
                "dip:dateQualifier code:qualifier-uncertain",
                "dip:dateQualifier code:qualifier-approximate",
            ],
        ),
        (
            "190X~",
            [
                "dip:notBefore 1900-01-01",
                "dip:notAfter 1909-12-31",
                "dip:datePrecision code:unit-decade",
                "dip:dateQualifier code:qualifier-approximate",
            ],
        ),
        (
            "1901-05-04~/1901-05-06?",
            [
                "dip:begin 1901-05-04",
                "dip:end 1901-05-06",
                "dip:datePrecision time:unitDay",
                "dip:dateQualifier code:qualifier-uncertain",
                "dip:dateQualifier code:qualifier-approximate",
            ],
        ),
        (
            "1901?/..",
            [
                "dip:notBefore 1901-01-01",
                "dip:datePrecision time:unitYear",
                "dip:dateQualifier code:qualifier-uncertain",
            ],
        ),
        (
            "[..1901~]",
            [
                "dip:notAfter 1901-12-31",
                "dip:datePrecision time:unitYear",
                "dip:dateQualifier code:qualifier-approximate",
            ],
        ),
    ],
)
def test_date_says_days_or_bounds_and_precision(text: str, said: list[str]) -> None:
    written = [
        f"{compact(property_.value)} {compact(value.value) if isinstance(value, ox.NamedNode) else value.value}"
        for property_, value in claims(text)
    ]
    assert written == [*said, f"dip:edtf {text}"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a date"),
        ("4 May 1901", "is not a date"),
        ("04.05.1901", "is not a date"),
        ("1901-5-4", "is not a date"),
        ("190", "is not a date"),
        ("19010504", "is not a date"),
        ("١٩٠١", "is not a date"),
        ("190x", "is not a date"),
        ("19XX", "is not a date"),
        ("1XXX", "is not a date"),
        ("1901-X4", "is not a date"),
        ("1901-XX-04", "is not a date"),
        ("1901-05-04-XX", "is not a date"),
        ("190X-05", "is not a date"),
        ("190X/1911", "is not a date"),
        ("1901-05-XX/1901-06", "is not a date"),
        ("?1901", "is not a date"),
        ("1901??", "is not a date"),
        ("1901 / 1903", "is not a date"),
        ("1901/1902/1903", "is not a date"),
        ("1901-05-04/?", "is not a date"),
        ("1901-05-04/-", "is not a date"),
        ("1901-05-04T12:00:00", "is not a date"),
        ("/", "is not a date"),
        ("../..", "is not a date"),
        ("../", "is not a date"),
        ("/..", "is not a date"),
        ("..", "is not a date"),
        ("1901..", "is not a date"),
        ("[..]", "is not a date"),
        ("[1901]", "is not a date"),
        ("[1901,1903]", "is not a date"),
        ("{1901..1903}", "is not a date"),
        ("[1901..1903", "is not a date"),
        ("1901..1903]", "is not a date"),
        ("[../1901]", "is not a date"),
        ("1901-05-04/1901-05-04", "does not end after it begins"),
        ("1901-05-04/1901-05-03", "does not end after it begins"),
        ("1901-07/1901-05", "does not end after it begins"),
        ("1903/1901", "does not end after it begins"),
        ("1901/1901", "does not end after it begins"),
        ("1902-01-01/1901", "does not end after it begins"),
        ("[1901-05-04..1901-05-03]", "does not end after it begins"),
        ("[1901..1901]", "does not end after it begins"),
        ("1901-21", "has a season"),
        ("1901-24~", "has a season"),
        ("1901-33", "has a season"),
        ("1901-21/1901-22", "has a season"),
        ("[..1901-41]", "has a season"),
        ("1901-02-29", "is not in the calendar"),
        ("1901-13", "is not in the calendar"),
        ("1901-00", "is not in the calendar"),
        ("0000", "is not in the calendar"),
        ("1901-05-04/1901-05-32", "is not in the calendar"),
        ("/1901-02-30", "is not in the calendar"),
        ("1901-02-30?", "is not in the calendar"),
        ("1901-13-XX", "is not in the calendar"),
        ("[..1901-06-31]", "is not in the calendar"),
        ("000X", "is not in the calendar"),
    ],
)
def test_other_text_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        claims(text)
    assert reason in str(error.value) and "write a day (1901-05-04)" in str(error.value)


def test_bounds_are_ordered_and_enclose_what_the_text_names() -> None:
    """All pairs of days, months and years around ends of months and of years, as a span and as limits."""
    steps = [f"{year}{rest}" for year in (1899, 1900, 1904) for rest in ("", "-01", "-02", "-12", "-02-28", "-12-31")]
    taken = 0
    for text in (form.format(*pair) for pair in product(steps, steps) for form in ("{}/{}", "[{}..{}]")):
        try:
            said = {property_.value.rpartition("#")[2]: value.value for property_, value in claims(text)}
        except ValueError:
            continue
        begin, end = re.split(r"/|\.\.", text.strip("[]"))
        first, last = said.get("begin", said.get("notBefore", "")), said.get("end", said.get("notAfter", ""))
        assert first < last and first == (begin + "-01-01")[:10][: len(first)] and last.startswith(end)
        assert not (date.fromisoformat(last) + timedelta(1)).isoformat().startswith(end)
        taken += 1
    assert taken == 332


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1901-05-04/1903-10-02", "From 1901-05-04 FromEdtf 1901-05-04 To 1903-10-02 ToEdtf 1903-10-02"),
        ("1901-05-04/1901-05-04", "From 1901-05-04 FromEdtf 1901-05-04 To 1901-05-04 ToEdtf 1901-05-04"),
        ("1901-05/1904-02", "From 1901-05-01 FromEdtf 1901-05 To 1904-02-29 ToEdtf 1904-02"),
        ("1901/1903", "From 1901-01-01 FromEdtf 1901 To 1903-12-31 ToEdtf 1903"),
        ("1901-05-04/1901", "From 1901-05-04 FromEdtf 1901-05-04 To 1901-12-31 ToEdtf 1901"),
        ("1901-05-04/", "From 1901-05-04 FromEdtf 1901-05-04"),
        ("1901-05/..", "From 1901-05-01 FromEdtf 1901-05 ToEdtf .."),
        ("/1904-02", "To 1904-02-29 ToEdtf 1904-02"),
    ],
)
def test_tenure_says_of_beginning_and_end_the_day_and_what_is_stated(text: str, said: str) -> None:
    written = [f"{compact(name.value).removeprefix('dip:tenure')} {value.value}" for name, value in tenure(text)]
    assert " ".join(written) == said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not the interval of a tenure"),
        ("1901-05-04", "is not the interval of a tenure"),
        ("/", "is not the interval of a tenure"),
        ("/..", "is not the interval of a tenure"),
        ("../1903", "is not the interval of a tenure"),
        ("1901-05-04/?", "is not the interval of a tenure"),
        ("1901-05-04/1902/1903", "is not the interval of a tenure"),
        ("1901-5-4/1903", "is not the interval of a tenure"),
        ("1903-01-01/1902-12-31", "ends before it begins"),
        ("1903/1902", "ends before it begins"),
        ("1901-02-29/..", "is not in the calendar"),
        ("1901/1903-13", "is not in the calendar"),
    ],
)
def test_what_is_no_tenure_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        tenure(text)
    assert reason in str(error.value) and "(1901-05-04/, /1903)" in str(error.value)
