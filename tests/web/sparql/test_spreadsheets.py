"""Spreadsheets: what pandas and the csv module read is what the page shows, and no cell is a formula."""

import csv
from io import BytesIO, StringIO

import pandas
import pyoxigraph as ox
import pytest

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.sparql import spreadsheets
from kzus_graph.web.sparql.answer_tables import AnswerColumn, AnswerTable
from kzus_graph.web.view.labels import Shown

VISIT = ox.NamedNode("https://w3id.org/kzus/id/2010-visit")
DAY = ox.Literal("2010-04-11", datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
TABLE = AnswerTable(
    (AnswerColumn("visit", "Visit", has_iris=True), AnswerColumn("day", "Day"), AnswerColumn("n", "-Number", True)),
    (
        (Shown(VISIT, 'Нұрсұлтан, "official"\nvisit'), Shown(DAY, "11 April 2010"), Shown(ox.Literal(-5), "-5")),
        (Shown(ox.Literal("x"), '=HYPERLINK("http://e")'), None, Shown(ox.Literal("+1"), "+1")),
    ),
)


def test_a_spreadsheet_begins_with_a_mark_and_ends_lines_as_csv_does() -> None:
    data = spreadsheets.written(TABLE)
    assert data.startswith(b"\xef\xbb\xbfVisit,Visit (IRI),Day,'-Number\r\n") and data.endswith(b"\r\n")


def test_names_stand_beside_iris_days_as_iso_8601_and_numbers_as_numbers() -> None:
    _, first, second = csv.reader(StringIO(spreadsheets.written(TABLE).decode("utf-8-sig"), newline=""))
    assert first == ['Нұрсұлтан, "official"\nvisit', VISIT.value, "2010-04-11", "-5"]
    assert second == ['\'=HYPERLINK("http://e")', "", "", "'+1"]


def test_pandas_reads_it() -> None:
    frame = pandas.read_csv(BytesIO(spreadsheets.written(TABLE)), encoding="utf-8-sig")
    assert list(frame.columns) == ["Visit", "Visit (IRI)", "Day", "'-Number"] and len(frame) == 2
    assert frame["Visit"][0] == 'Нұрсұлтан, "official"\nvisit'


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", " =1", "\t=1", "\tx", "\n=1", "\u00a0=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert spreadsheets.safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "1-2", "2010-04-11", "", "'=1", "–"])
def test_other_cells_stay(text: str) -> None:
    assert spreadsheets.safe(text) == text


def test_a_file_name_has_no_characters_that_a_header_or_a_folder_gives_a_meaning() -> None:
    assert spreadsheets.file_name('a"/../\r\n', "dataset") == "a--..----dataset.csv"
