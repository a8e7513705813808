"""Writes a table as CSV for spreadsheet programs: readable headings, names beside IRIs, no cell that is a formula."""

import csv
import re
from io import StringIO
from typing import Final

from kzus_graph.web.sparql.answer_tables import AnswerColumn, AnswerTable, number
from kzus_graph.web.view.labels import Shown

CONTENT_TYPE: Final = "text/csv; charset=utf-8; header=present"
# By this mark, Excel knows that a file is in UTF-8.
MARK: Final = "\ufeff"
# A cell that begins with one of these characters is a formula in spreadsheet programs, also after blanks.
FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
# Spreadsheet programs show a cell that begins with this as the text that follows.
PLAIN: Final = "'"


def written(table: AnswerTable) -> bytes:
    """Return *table* as CSV (RFC 4180) in UTF-8, with a byte order mark.

    A column of IRIs is two columns: the names, and the IRIs. Dates are in the form of ISO 8601.
    """
    text = StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([safe(heading) for column in table.columns for heading in _headings(column)])
    for row in table.rows:
        rows.writerow(
            [value for column, cell in zip(table.columns, row, strict=True) for value in _values(column, cell)]
        )
    return (MARK + text.getvalue()).encode("utf-8", "replace")


def file_name(question: str, release: str) -> str:
    """Return the name of the file with the answer to *question*, the name of an example query, in *release*.

    >>> file_name("meetings-of-the-two-presidents", "3.0.0+1a2b3c4d")
    'meetings-of-the-two-presidents-3.0.0.csv'
    """
    name = f"{question}-{release.partition('+')[0]}"
    return re.sub(r"[^A-Za-z0-9._-]", "-", name) + ".csv"


def safe(text: str) -> str:
    """Return *text* with PLAIN in front if a spreadsheet program would take it for a formula.

    >>> safe("=1+1"), safe("a-b"), safe(" @SUM(A1)")
    ("'=1+1", 'a-b', "' @SUM(A1)")
    """
    return PLAIN + text if FORMULA.match(text) else text


def _headings(column: AnswerColumn) -> list[str]:
    return [column.heading, f"{column.heading} (IRI)"] if column.has_iris else [column.heading]


def _values(column: AnswerColumn, cell: Shown | None) -> list[str]:
    if cell is None:
        found = ["", ""]
    elif number(cell) is not None:
        found = [cell.term.value, ""]
    elif cell.datatype.endswith("#date"):
        found = [safe(cell.term.value), ""]
    else:
        found = [safe(cell.text), safe(cell.iri)]
    return found if column.has_iris else found[:1]
