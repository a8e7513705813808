"""What the views of the query page make of terms: asked of the scripts themselves, by Node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

STATIC = ROOT / "src" / "kzus_graph" / "web" / "static"
XSD = "http://www.w3.org/2001/XMLSchema#"
CRS = "http://www.opengis.net/def/crs"
POINTS = {
    "POINT(71.43 51.13)": [51.13, 71.43],
    f"<{CRS}/OGC/1.3/CRS84> Point (71.43 51.13 350)": [51.13, 71.43],
    f"<{CRS}/EPSG/0/4326> POINT(51.13 71.43)": [51.13, 71.43],
    f"<{CRS}/EPSG/0/3857> POINT(1 2)": None,
    "POINT(71 91)": None, "POINT(181 0)": None, "POINT(1e999 0)": None, "POINT(NaN 0)": None, "POINT EMPTY": None,
    "POINT(1 2) x": None, "<> POINT(1 2)": None,
}  # fmt: skip
DATES = {
    ("2010-04-11", "date"): True, ("2010-04", "gYearMonth"): True, ("2010", "gYear"): True,
    ("2010-05:00", "gYear"): True, ("2010+05:00", "gYear"): True, ("2010-04-11+05:00", "date"): True,
    ("2010-04-11T09:30:00Z", "dateTime"): True, ("2008-02-29", "date"): True, ("2010-04-11/2011", "string"): True,
    ("2010?", "string"): True, ("2010-13-01", "date"): False, ("2010-02-30", "date"): False,
    ("2009-02-29", "date"): False, ("12010-01-01", "date"): False, ("-0044-03-15", "date"): False,
    ("2010/x", "date"): False, ("20101", "string"): False, ("2010-04-11/2010-13", "string"): False,
    ("2010", "integer"): False,
}  # fmt: skip
URI = {"type": "uri", "value": "a:b"}
ARABIC = {"type": "literal", "value": "نور", "xml:lang": "ar", "its:dir": "rtl"}
TRIPLE = {"type": "triple", "value": {"subject": URI, "predicate": URI, "object": ARABIC}}
CELLS = [URI, ARABIC, TRIPLE, {"type": "triple", "value": {"subject": URI, "predicate": URI, "object": TRIPLE}}]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict:
    if not shutil.which("node"):
        pytest.skip("node, which runs the scripts without a browser, is not installed")
    folder = tmp_path_factory.mktemp("views")
    for path in (*STATIC.glob("query-*.js"), Path(__file__).parent / "node" / "views.mjs"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    dates = [{"type": "literal", "value": text, "datatype": XSD + kind} for text, kind in DATES]
    asked = {"points": list(POINTS), "dates": [*dates, TRIPLE, ARABIC], "cells": CELLS}
    done = subprocess.run(
        ["node", folder / "views.mjs", json.dumps(asked)], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def test_a_place_is_where_the_endpoint_puts_it(answer: dict) -> None:
    assert dict(zip(POINTS, answer["points"], strict=True)) == POINTS


def test_a_date_is_one_that_the_calendar_has(answer: dict) -> None:
    *dates, triple, text = answer["dates"]
    assert dict(zip(DATES, dates, strict=True)) == DATES
    assert (triple, text) == (False, False)


def test_triple_terms_and_directions_are_shown_with_their_parts(answer: dict) -> None:
    uri = "[a href=a:b title=a:b|<a:b>]"
    arabic = "[bdi lang=ar dir=rtl|نور] [small class=muted|ar--rtl]"
    triple = f"<<( {uri} {uri} {arabic} )>>"
    assert answer["cells"] == [uri, arabic, triple, f"<<( {uri} {uri} {triple} )>>"]
    assert answer["words"][2:] == ["<<( <a:b> <a:b> نور )>>", "<<( <a:b> <a:b> <<( <a:b> <a:b> نور )>> )>>"]
