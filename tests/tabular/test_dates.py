"""Dates as tables write them, against what the ontology wants of a date."""

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
        ("1901-05~", ["dip:notBefore 1901-05-01", "dip:notAfter 1901-05-31", "dip:datePrecision time:unitMonth"]),
        ("1901-05-04?", ["dip:begin 1901-05-04", "dip:end 1901-05-04", "dip:datePrecision time:unitDay"]),
    ],
)
def test_date_says_days_or_bounds_and_precision(text: str, said: list[str]) -> None:
    written = [f"{compact(property_.value)} {value.value}" for property_, value in claims(text)]
    assert [words.replace("http://www.w3.org/2006/time#", "time:") for words in written] == [*said, f"dip:edtf {text}"]


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
        ("1901-05/1901-07", "is not a date"),
        ("1901-05-04/", "is not a span of days"),
        ("1901-05-04/..", "is not a span of days"),
        ("1901-05-04/1901-05", "is not a span of days"),
        ("1901-05-04/1901-05-04", "does not end after it begins"),
        ("1901-05-04/1901-05-03", "does not end after it begins"),
        ("1901-02-29", "is not in the calendar"),
        ("1901-13", "is not in the calendar"),
        ("1901-00", "is not in the calendar"),
        ("0000", "is not in the calendar"),
        ("1901-05-04/1901-05-32", "is not in the calendar"),
    ],
)
def test_other_text_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        claims(text)
    assert reason in str(error.value) and "write a day (1901-05-04)" in str(error.value)


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
