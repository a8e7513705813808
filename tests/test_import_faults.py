"""Broken tables: each fault is told by row and column with what to do, and nothing is written."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kzus_graph.tabular import rows
from tests.tables import add_tables, edit, run_import

pytestmark = pytest.mark.slow

VISITS, PEOPLE = "chronicle.csv", "chronicle-participants.csv"
COLUMNS = "record, title, address, read, event, name, kind, date, destinations, descriptor, topics"
DATES = (
    "write a day (1901-05-04), a month (1901-05), a year (1901), a decade (190X), a span (1901-05-04/1901-05-06) "
    "or a last possible day ([..1901-05-04]); docs/import.md lists all forms"
)
CONTROL = r"'Read\x07': character 5 is U+0007, which is invisible; delete it"
BLANKS = "contains a line break, a tab or extra spaces; write one line with single spaces"
SLUGS = "is not a valid name here; use lower-case letters, digits and hyphens"
FORMULA = "begins like a spreadsheet formula; begin the cell with a letter or a digit"
ADDRESS = "is not an absolute IRI; write it in full, beginning with https://"
NEW = "describe it in data/ or in a table of this group"
COMMA = "look for a missing comma, or a comma in a cell without quotation marks"
ABSENT = "is not in chronicle.csv, column record, event"
UTF8 = "save the table as 'CSV UTF-8'"
DECLARE = "or declare its encoding in the metadata's dialect"
ZERO_WIDTH = "U+200B (ZERO WIDTH SPACE), which is invisible; delete it"
QUOTES = "put a cell that contains quotation marks in quotation marks, and double those inside"


@pytest.fixture
def root(small_root: Path) -> Path:
    """The small root with the chronicle's tables, not imported."""
    add_tables(small_root)
    return small_root


def assert_faults(root: Path, *expected: str) -> None:
    """Import the chronicle, and find exactly the *expected* faults and nothing written."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    done = run_import(root)
    assert done.stdout.splitlines() == list(expected)
    assert done.exit_code == 1 and done.stderr.endswith("nothing was written\n")
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


CELLS = {
    "unknown class": (
        "Visit,1902-03",
        "Visitt,1902-03",
        2,
        "kind (G)",
        "dip:Visitt is not described anywhere; did you mean dip:Visit?",
    ),
    "unknown place": (
        "streslau;",
        "stresslau;",
        3,
        "destinations (I)",
        "kzus:stresslau is not described anywhere; did you mean kzus:streslau?",
    ),
    "new place": ("streslau;", "atlantis;", 3, "destinations (I)", f"kzus:atlantis is not described anywhere; {NEW}"),
    "unknown topic": (
        "trade;",
        "trad;",
        2,
        "topics (K)",
        "topic:trad is not described anywhere; did you mean topic:trade?",
    ),
    "capital letters": ("streslau;", "Streslau;", 3, "destinations (I)", f"kzus:Streslau {SLUGS}"),
    "slash in a name": ("streslau;", "../streslau;", 3, "destinations (I)", f"kzus:../streslau {SLUGS}"),
    "empty part": (
        "streslau;",
        "streslau;;",
        3,
        "destinations (I)",
        "'streslau;;ruritania-country' contains an empty part; write a single ';' between two parts",
    ),
    "required list": (
        "streslau;ruritania-country",
        "",
        3,
        "destinations (I)",
        "the cell is empty, but its column is required",
    ),
    "required text": ("Read for the year.", "", 4, "read (D)", "the cell is empty, but its column is required"),
    "span reversed": (
        "1902-03-04",
        "1902-02-04",
        2,
        "date (H)",
        f"'1902-03-01/1902-02-04' does not end after it begins; {DATES}",
    ),
    "date in words": (",1902-09,", ",Sept 1902,", 3, "date (H)", f"'Sept 1902' is not a date; {DATES}"),
    "day that is not": (
        ",1902-09,",
        ",1902-09-31,",
        3,
        "date (H)",
        f"'1902-09-31' is not in the calendar (day is out of range for month); {DATES}",
    ),
    "address without scheme": (
        "https://example.org/chronicle/2",
        "example.org/2",
        3,
        "address (C)",
        f"'example.org/2' {ADDRESS}",
    ),
    "address that is code": (
        "https://example.org/chronicle/2",
        "javascript:alert(1)",
        3,
        "address (C)",
        f"'javascript:alert(1)' {ADDRESS}",
    ),
    "address of a file": (
        "https://example.org/chronicle/2",
        "file:///etc/passwd",
        3,
        "address (C)",
        f"'file:///etc/passwd' {ADDRESS}",
    ),
    "formula": ("Read for the year.", "=HYPERLINK(A1)", 4, "read (D)", f"'=HYPERLINK(A1)' {FORMULA}"),
    "formula with at": ("Read for the year.", "@SUM(A1)", 4, "read (D)", f"'@SUM(A1)' {FORMULA}"),
    "formula with plus": ("Read for the year.", "+1+1", 4, "read (D)", f"'+1+1' {FORMULA}"),
    "formula with minus": ("Read for the year.", "-1+1", 4, "read (D)", f"'-1+1' {FORMULA}"),
    "formula behind a tab": ("Read for the year.", "\t=1+1", 4, "read (D)", f"'\\t=1+1' {BLANKS}"),
    "blank before": ("Read for the year.", " Read", 4, "read (D)", f"' Read' {BLANKS}"),
    "two blanks": ("Read for the year.", "Read  twice", 4, "read (D)", f"'Read  twice' {BLANKS}"),
    "line break": ("Read for the year.", '"Read\nonce"', 4, "read (D)", f"'Read\\nonce' {BLANKS}"),
    "control character": ("Read for the year.", "Read\x07", 4, "read (D)", CONTROL),
}


@pytest.mark.parametrize("name", CELLS)
def test_fault_in_a_cell_of_visits(root: Path, name: str) -> None:
    old, new, row, column, words = CELLS[name]
    edit(root / "data" / "tables" / VISITS, old, new)
    assert_faults(root, f"{VISITS}, row {row}, column {column}: {words}")


REFERENCES = {
    "unknown role": (
        'rufus,"Rufus as visitor, 1902",visitor',
        'rufus,"Rufus as visitor, 1902",vistor',
        2,
        "role (E)",
        "code:role-vistor is not described anywhere; did you mean code:role-visitor?",
    ),
    "unknown office": (
        '1902",visitor,king-ruritania',
        '1902",visitor,king-ruritanai',
        2,
        "office (F)",
        "kzus:king-ruritanai is not described anywhere; did you mean kzus:king-ruritania?",
    ),
    "new office": (
        '1902",visitor,king-ruritania',
        '1902",visitor,queen',
        2,
        "office (F)",
        f"kzus:queen is not described anywhere; {NEW}",
    ),
    "unknown agent": (
        "1903-fred-ruritania-visit,fred",
        "1903-fred-ruritania-visit,freddy",
        5,
        "agent (C)",
        "kzus:freddy is not described anywhere; did you mean kzus:fred?",
    ),
    "foreign key": (
        "chronicle-1,1902",
        "chronicle-9,1902",
        2,
        "record (A)",
        f"chronicle-9 1902-rufus-freedonia-visit {ABSENT}",
    ),
    "key of several columns": (
        'visit,rufus,"Rufus as host',
        'visit,fred,"Rufus as host',
        4,
        "record (A)",
        "record chronicle-2, event 1902-fred-ruritania-visit, agent fred is already in row 3; write one row for each"
        " key",
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_fault_in_a_cell_of_participants(root: Path, name: str) -> None:
    old, new, row, column, words = REFERENCES[name]
    edit(root / "data" / "tables" / PEOPLE, old, new)
    assert_faults(root, f"{PEOPLE}, row {row}, column {column}: {words}")


ROWS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cell too many": (
        lambda data: data.replace(b"Read for the", b"Read for, the"),
        f"row 4: 12 cells, but the table has 11 columns; {COMMA}",
    ),
    "cell too few": (
        lambda data: data.replace(b",1903,ruritania-country,,", b",1903,ruritania-country,"),
        f"row 4: 10 cells, but the table has 11 columns; {COMMA}",
    ),
    "open quotation mark": (
        lambda data: data.replace(b'1903"', b"1903"),
        "line 4: an opening quotation mark has no closing one; add it",
    ),
    "quotation marks within": (
        lambda data: data.replace(b'"Visit of Fred to Ruritania, 1903"', b'"Visit "of" Fred"'),
        f"""line 4: ',' expected after '"'; {QUOTES}""",
    ),
    "header misspelt": (
        lambda data: data.replace(b"record,", b"recrod,", 1),
        f"row 1: the columns must be {COLUMNS}; missing: record; not in the metadata: recrod",
    ),
    "header in another order": (
        lambda data: data.replace(b"record,title", b"title,record", 1),
        f"row 1: the columns must be {COLUMNS}; they are in another order, or occur twice",
    ),
    "column missing": (
        lambda data: data.replace(b",topics", b"", 1),
        f"row 1: the columns must be {COLUMNS}; missing: topics",
    ),
    "no header": (
        lambda data: b"",
        f"row 1: the columns must be {COLUMNS}; missing: {COLUMNS}",
    ),
    "semicolons": (
        lambda data: data.replace(b",", b";"),
        "row 1: cells are separated by ';'; state this delimiter in the dialect of the metadata",
    ),
    "tabs": (
        lambda data: data.replace(b",", b"\t"),
        "row 1: cells are separated by tabs; state this delimiter in the dialect of the metadata",
    ),
    "NUL": (
        lambda data: data.replace(b"private", b"priv\0ate"),
        "line 2: this line contains a NUL byte; save the table as 'CSV UTF-8'",
    ),
    "Latin-1": (
        lambda data: data.replace(b"Read for the year.", "Für das Jahr".encode("latin-1")),
        f"row 4, column read (D): byte 0xFC at character 2 is not utf-8; {UTF8}, {DECLARE}",
    ),
    "UTF-16": (
        lambda data: data.decode().encode("utf-16"),
        "line 1: this file is in UTF-16; save it as 'CSV UTF-8'",
    ),
    "a spreadsheet's own format": (
        lambda data: b"PK\x03\x04" + data,
        "line 1: this file is a spreadsheet or ZIP file, not CSV; save it as 'CSV UTF-8'",
    ),
    "bare carriage returns": (
        lambda data: data.replace(b"\n", b"\r"),
        "line 1: lines end in a bare carriage return; save the table as 'CSV UTF-8'",
    ),
    "long line": (
        lambda data: data + b"a" * (2 << 20),
        "line 5: the row is longer than 1,048,576 bytes; look for a missing quotation mark",
    ),
    "long cell": (
        lambda data: data.replace(b"Read for the year.", b"a" * 200_000),
        "line 4: a cell is longer than 131,072 characters; look for a missing quotation mark",
    ),
    "long cell of many lines": (
        lambda data: data.replace(b"Read for the year.", b'"' + b"a short line\n" * 20_000),
        "line 4: a cell is longer than 131,072 characters; look for a missing quotation mark",
    ),
    "long row of many cells": (
        lambda data: data.replace(b"Read for the year.", b'"a\n",' * 400_000),
        "line 4: the row is longer than 1,048,576 bytes; look for a missing quotation mark",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_fault_by_which_rows_cannot_be_read(root: Path, name: str) -> None:
    """References are not looked up then, since what they refer to may stand in the rows that are unread."""
    change, words = ROWS[name]
    path = root / "data" / "tables" / VISITS
    path.write_bytes(change(path.read_bytes()))
    assert_faults(root, f"{VISITS}, {words}")


@pytest.mark.parametrize("column", ["read", "address", "event", "date", "destinations"])
@pytest.mark.parametrize(
    ("character", "words"),
    [
        ("\u200b", ZERO_WIDTH),
        ("\u200d", "U+200D (ZERO WIDTH JOINER), which is invisible; delete it"),
        ("\u00ad", "U+00AD (SOFT HYPHEN), which is invisible; delete it"),
        ("\u202e", "U+202E (RIGHT-TO-LEFT OVERRIDE), which is invisible; delete it"),
        ("\u2067", "U+2067 (RIGHT-TO-LEFT ISOLATE), which is invisible; delete it"),
        ("\u061c", "U+061C (ARABIC LETTER MARK), which is invisible; delete it"),
        ("\ufeff", "U+FEFF (ZERO WIDTH NO-BREAK SPACE), which is invisible; delete it"),
        ("\u00a0", "U+00A0 (NO-BREAK SPACE); replace it by a space"),
        ("\u202f", "U+202F (NARROW NO-BREAK SPACE); replace it by a space"),
        ("\u3000", "U+3000 (IDEOGRAPHIC SPACE); replace it by a space"),
        ("\u2028", "U+2028 (LINE SEPARATOR), which is invisible; delete it"),
        ("\x85", "U+0085, which is invisible; delete it"),
        ("\x1c", "U+001C, which is invisible; delete it"),
        ("\u3164", "U+3164 (HANGUL FILLER), which is invisible; delete it"),
        ("\ufe0f", "U+FE0F (VARIATION SELECTOR-16), which is invisible; delete it"),
        ("\U000e0041", "U+E0041 (TAG LATIN CAPITAL LETTER A), which is invisible; delete it"),
        ("\ue000", "U+E000, which is invisible; delete it"),
    ],
)
def test_character_that_is_not_seen(root: Path, character: str, words: str, column: str) -> None:
    """In each kind of column, and at the end of a cell, where a spreadsheet shows nothing of it."""
    cells = {
        "read": ("Item read whole.,1902-fred", "D"), "address": ("https://example.org/chronicle/2", "C"),
        "event": ("1902-fred-ruritania-visit", "E"), "date": ("1902-09", "H"), "destinations": ("streslau;", "I"),
    }  # fmt: skip
    cell, letter = cells[column]
    text = cell.partition(",")[0].rstrip(";")
    path = root / "data" / "tables" / VISITS
    table = path.read_text()
    row = table.splitlines()[2]
    path.write_text(table.replace(row, row.replace(text, text + character, 1)))
    whole = text + character if column != "destinations" else f"streslau{character};ruritania-country"
    place = f"{VISITS}, row 3, column {column} ({letter})"
    said = run_import(root).stdout.splitlines()
    assert f"{place}: {whole!r}: character {len(text) + 1} is {words}" in said


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("Zu\u0308rich", "characters 2 and 3 are U+0075 U+0308, a decomposed letter; write one character: ü (U+00FC)"),
        ("И\u0306", "characters 1 and 2 are U+0418 U+0306, a decomposed letter; write one character: Й (U+0419)"),
        ("\u212bngström", "character 1 is U+212B, not in composed form (NFC); write Å (U+00C5)"),
        ("\u1112\u1161", "characters 1 and 2 are U+1112 U+1161, a decomposed letter; write one character: 하 (U+D558)"),
    ],
)
def test_letter_in_pieces(root: Path, cell: str, words: str) -> None:
    edit(root / "data" / "tables" / VISITS, "Read for the year.", cell)
    assert_faults(root, f"{VISITS}, row 4, column read (D): {cell!r}: {words}")


def test_letters_and_signs_of_every_script_are_accepted(root: Path) -> None:
    text = "Қазақстан – Алматы №7 “Zürich” 東京 हिन्दी שלום ‘x’ \u0430\u0301"
    edit(root / "data" / "tables" / VISITS, "Read for the year.", text)
    done = run_import(root)
    assert done.exit_code == 0 and "7 rows, 75 statements" in done.stdout
    assert text in (root / "data" / "chronicle.trig").read_text()


def test_unseen_character_in_a_header_is_named(root: Path) -> None:
    edit(root / "data" / "tables" / VISITS, "record,title", "record,ti\u200btle")
    where = f"{VISITS}, row 1, column title (B)"
    assert_faults(root, rf"{where}: the name of this column, 'ti\u200btle': character 3 is {ZERO_WIDTH}")


def test_unseen_character_in_a_default_of_the_metadata_is_refused(root: Path) -> None:
    metadata(root, lambda data: columns(data)["publisher"].update(default="Court\u200b"))
    done = run_import(root)
    assert done.exit_code == 1
    assert done.stderr.endswith(f"column publisher: default 'Court\\u200b': character 6 is {ZERO_WIDTH}\n")


def test_row_that_others_take_for_a_comment(root: Path) -> None:
    edit(root / "data" / "tables" / VISITS, "\nchronicle-2,", "\n#chronicle-2,")
    said = run_import(root).stdout.splitlines()[0]
    words = "'#chronicle-2' makes the row a comment in CSVW; begin the cell with a letter or a digit"
    assert said == f"{VISITS}, row 3, column record (A): {words}"


# Tables as spreadsheets write them


def excel(data: bytes, beyond: int = 3) -> bytes:
    """*data* with empty columns and rows behind, as a spreadsheet writes cells that were emptied."""
    lines = data.decode().splitlines()
    empty = "," * (10 + beyond)
    return "\r\n".join([*(line + "," * beyond for line in lines), empty, f" {empty}", ""]).encode()


SHEETS: dict[str, Callable[[bytes], bytes]] = {
    "empty columns and rows": excel,
    "with a byte order mark": lambda data: b"\xef\xbb\xbf" + excel(data, 1),
    "sep": lambda data: b"sep=,\r\n" + data.replace(b"\n", b"\r\n"),
    "sep behind a byte order mark": lambda data: b"\xef\xbb\xbfsep=,\n" + data,
    "sep in quotation marks": lambda data: b'"sep=,"\n' + data,
    "empty last lines": lambda data: data + b"\n\r\n\n",
}


@pytest.mark.parametrize("name", SHEETS)
def test_table_as_a_spreadsheet_writes_it_says_the_same(root: Path, name: str) -> None:
    run_import(root)
    made = root / "data" / "chronicle.trig"
    before = made.read_text().partition("@prefix")[2]
    path = root / "data" / "tables" / VISITS
    path.write_bytes(SHEETS[name](path.read_bytes()))
    done = run_import(root)
    assert done.exit_code == 0 and "7 rows, 75 statements" in done.stdout
    assert made.read_text().partition("@prefix")[2] == before


def test_semicolons_with_sep_are_read_when_the_dialect_says_so(root: Path) -> None:
    path = root / "data" / "tables" / PEOPLE
    text = path.read_text()
    plain = re.sub(r'"([^"]*),([^"]*)"', r"\1\2", text)
    path.write_text("sep=;\r\n" + plain.replace(",", ";"), newline="")
    metadata(root, lambda data: data["tables"][1].update(dialect={"delimiter": ";"}))
    done = run_import(root)
    assert done.exit_code == 0 and "7 rows, 75 statements" in done.stdout


SPREADSHEETS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "sep of another kind": (
        lambda data: b"sep=;\n" + data,
        "line 1: this line states the delimiter ';', but the metadata state ','; correct the dialect of the metadata,"
        " or delete this line",
    ),
    "semicolons and empty columns": (
        lambda data: excel(data).replace(b",", b";"),
        "row 1: cells are separated by ';'; state this delimiter in the dialect of the metadata",
    ),
    "a word in a column without a name": (
        lambda data: excel(data).replace(b",,,\r\nchronicle-3", b",,see,\r\nchronicle-3"),
        "row 3, column M: 'see' is in a column without a name; describe the column, or empty it",
    ),
    "a column without a name in the middle": (
        lambda data: data.replace(b"title,address", b"title,,address", 1),
        f"row 1: the columns must be {COLUMNS}; not in the metadata: a column without a name",
    ),
    "a comma too many and empty columns": (
        lambda data: excel(data, 1).replace(b"Read for the", b"Read for, the"),
        f"row 4: 13 cells, but the table has 12 columns; {COMMA}",
    ),
    "a comma too many and an empty last cell": (
        lambda data: data.replace(b"Read for the", b"Read for, the"),
        f"row 4: 12 cells, but the table has 11 columns; {COMMA}",
    ),
    "Windows-1252": (
        lambda data: data.replace(b"Read for the year.", "Read – once".encode("windows-1252")),
        f"row 4, column read (D): byte 0x96 at character 6 is not utf-8; {UTF8}, {DECLARE}",
    ),
    "Windows-1251 in a row of two lines": (
        lambda data: data.replace(b"chronicle-3,", b"\nchronicle-3,").replace(
            b"Read for the year.", "Читано".encode("windows-1251")
        ),
        f"row 5, column read (D): byte 0xD7 at character 1 is not utf-8; {UTF8}, {DECLARE}",
    ),
    "Unicode text": (
        lambda data: data.replace(b",", b"\t").decode().encode("utf-16"),
        "line 1: this file is in UTF-16; save it as 'CSV UTF-8'",
    ),
    "UTF-16 without a mark": (
        lambda data: data.decode().encode("utf-16-le"),
        "line 1: this line contains a NUL byte; save the table as 'CSV UTF-8'",
    ),
}


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_spreadsheet_that_cannot_be_read_says_what_to_do(root: Path, name: str) -> None:
    change, words = SPREADSHEETS[name]
    path = root / "data" / "tables" / VISITS
    path.write_bytes(change(path.read_bytes()))
    assert_faults(root, f"{VISITS}, {words}")


def test_line_without_end_takes_no_memory_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)  # a gigabyte of nothing, in no space on the disk
    reader = rows.Reader(path, ",", "utf-8")
    with pytest.raises(rows.UnreadableRows) as error:
        next(reader.rows())
    assert (error.value.line, reader.position) == (1, rows.LONGEST + 1)


def test_every_fault_is_told_in_the_order_of_the_tables(root: Path) -> None:
    visits, people = (root / "data" / "tables" / name for name in (VISITS, PEOPLE))
    edit(visits, "Read for the year.", "")
    edit(visits, ",1903,", ",soon,")
    edit(visits, "Visit,1902-03", "Visitt,1902-03")
    edit(people, '1902",visitor,king-ruritania', '1902",visitor,queen')
    assert_faults(
        root,
        f"{VISITS}, row 2, column kind (G): dip:Visitt is not described anywhere; did you mean dip:Visit?",
        f"{VISITS}, row 4, column read (D): the cell is empty, but its column is required",
        f"{VISITS}, row 4, column date (H): 'soon' is not a date; {DATES}",
        f"{PEOPLE}, row 2, column office (F): kzus:queen is not described anywhere; {NEW}",
    )


def test_second_row_with_a_key_is_named_with_the_first(root: Path) -> None:
    edit(root / "data" / "tables" / VISITS, "chronicle-3,", "chronicle-2,")
    assert_faults(
        root,
        f"{VISITS}, row 4, column record (A): record chronicle-2 is already in row 3; write one row for each key",
        f"{PEOPLE}, row 5, column record (A): chronicle-3 1903-fred-ruritania-visit {ABSENT}",
    )


def test_row_after_a_cell_of_two_lines_has_the_number_of_the_spreadsheet_and_the_line(root: Path) -> None:
    path = root / "data" / "tables" / VISITS
    edit(path, "\nchronicle-2", "\n\nchronicle-2")
    edit(path, "Read for the year.", "")
    assert_faults(root, f"{VISITS}, row 5, column read (D): the cell is empty, but its column is required")
    edit(path, '"Chronicle, item 2"', '"Chronicle,\nitem 2"')
    assert_faults(
        root,
        f"{VISITS}, row 4, column title (B): 'Chronicle,\\nitem 2' {BLANKS}",
        f"{VISITS}, row 5 (line 6), column read (D): the cell is empty, but its column is required",
    )


DATATYPES = {
    "integer": ({"datatype": "integer"}, "two", "'two' is not a whole number"),
    "fraction": ({"datatype": "integer"}, "1.5", "'1.5' is not a whole number"),
    "decimal": ({"datatype": "decimal"}, "1e5", "'1e5' is not a number"),
    "not a number": ({"datatype": "decimal"}, "NaN", "'NaN' is not a number"),
    "boolean": ({"datatype": "boolean"}, "yes", "'yes' is not a truth value; write it as true|false"),
    "date": ({"datatype": "date"}, "1903-5-1", "'1903-5-1' is not a date; write it as yyyy-MM-dd"),
    "time behind a date": (
        {"datatype": "date"},
        "1903-05-01T10:00",
        "'1903-05-01T10:00' is not a date; write it as yyyy-MM-dd",
    ),
    "date by pattern": (
        {"datatype": {"base": "date", "format": "dd.MM.yyyy"}},
        "31.02.1903",
        "'31.02.1903' is not a date; write it as dd.MM.yyyy",
    ),
    "pattern": (
        {"datatype": {"base": "string", "format": "[A-Z]+"}},
        "abc",
        "'abc' is not a value of this column; write it as [A-Z]+",
    ),
    "length": ({"datatype": {"base": "string", "maxLength": 3}}, "abcd", "'abcd': value must have at most length 3"),
    "least": ({"datatype": {"base": "integer", "minimum": 5}}, "4", "'4': value must be >= 5"),
}


@pytest.mark.parametrize("name", DATATYPES)
def test_cell_that_is_not_of_its_datatype(root: Path, name: str) -> None:
    change, cell, words = DATATYPES[name]
    metadata(root, lambda data: columns(data)["descriptor"].update(change))
    edit(root / "data" / "tables" / VISITS, ",private,", f",{cell},")
    assert_faults(root, f"{VISITS}, row 2, column descriptor (J): {words}")


def metadata(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Apply *change* to the chronicle's metadata."""
    path = root / "data" / "tables" / "chronicle.csv-metadata.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def columns(data: dict[str, Any], table: int = 0) -> dict[str, dict[str, Any]]:
    """The columns of a table by name."""
    return {column["name"]: column for column in data["tables"][table]["tableSchema"]["columns"]}


DEFAULTS: dict[str, Any] = {
    "@type": "Dialect", "delimiter": ",", "encoding": "UTF-8", "header": True, "headerRowCount": 1, "quoteChar": '"',
    "doubleQuote": True, "skipRows": 0, "skipColumns": 0, "skipBlankRows": False, "skipInitialSpace": False,
    "trim": False, "commentPrefix": "#", "lineTerminators": ["\r\n", "\n"],
}  # fmt: skip
"""The dialect of CSVW that holds where none is stated (Metadata Vocabulary, section 5.9)."""
INHERITED: dict[str, Any] = {
    "null": [""], "lang": "und", "datatype": "string", "required": False, "separator": None, "ordered": False,
    "textDirection": "inherit", "default": "",
}  # fmt: skip
STATING: dict[str, Callable[[dict[str, Any]], object]] = {
    "dialect of the group": lambda data: data.update(dialect=DEFAULTS),
    "dialect of a table": lambda data: data["tables"][0].update(dialect=DEFAULTS),
    "group": lambda data: data.update(INHERITED | {"tableDirection": "auto", "transformations": []}),
    "table": lambda data: data["tables"][0].update(INHERITED | {"suppressOutput": False}),
    "schema": lambda data: data["tables"][0]["tableSchema"].update(INHERITED),
    "column": lambda data: columns(data)["descriptor"].update(
        {name: INHERITED[name] for name in ("null", "required", "separator", "ordered", "textDirection", "default")}
        | {"virtual": False, "suppressOutput": False}
    ),
} | {
    f"encoding {name}": lambda data, name=name: data.update(dialect={"encoding": name})
    for name in ("UTF-8", "utf8", "Utf-8", "UTF8", "utf_8", "utf-8-sig", "US-ASCII")
}  # fmt: skip


@pytest.mark.parametrize("name", STATING)
def test_metadata_that_state_defaults_change_nothing(root: Path, name: str) -> None:
    run_import(root)
    made = root / "data" / "chronicle.trig"
    before = made.read_text().partition("@prefix")[2]
    metadata(root, STATING[name])
    done = run_import(root)
    assert done.exit_code == 0, done.stderr
    assert made.read_text().partition("@prefix")[2] == before


@pytest.mark.parametrize("name", ["windows-1251", "Windows-1251", "cp1251", "WINDOWS_1251"])
def test_encoding_by_any_of_its_names_is_read(root: Path, name: str) -> None:
    path = root / "data" / "tables" / VISITS
    path.write_bytes(path.read_bytes().replace(b"Read for the year.", "Читано".encode("windows-1251")))
    metadata(root, lambda data: data["tables"][0].update(dialect={"encoding": name}))
    assert run_import(root).exit_code == 0
    assert "Читано" in (root / "data" / "chronicle.trig").read_text()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"header": False}, "dialect.header: false is not supported; leave this property out, or write true"),
        ({"headerRowCount": 2}, "dialect.headerRowCount: 2 is not supported; leave this property out, or write 1"),
        ({"quoteChar": "'"}, """dialect.quoteChar: "'" is not supported; leave this property out, or write "\\"\""""),
        ({"quoteChar": None}, """dialect.quoteChar: null is not supported; leave this property out, or write "\\"\""""),
        ({"skipRows": 1}, "dialect.skipRows: 1 is not supported; leave this property out, or write 0"),
        ({"trim": True}, 'dialect.trim: true is not supported; leave this property out, or write false, "false"'),
        (
            {"commentPrefix": "%"},
            'dialect.commentPrefix: "%" is not supported; leave this property out, or write "#", "", null',
        ),
        (
            {"delimiter": "::"},
            'dialect.delimiter: "::" is not supported; leave this property out, or write ",", ";", "\\t", "|"',
        ),
        ({"quotechar": '"'}, "dialect: 'quotechar' is not a supported property here; did you mean 'quoteChar'?"),
        (
            {"encoding": "UTF-16"},
            "dialect.encoding: 'UTF-16' is not supported; save the table in one of"
            " utf-8, us-ascii, windows-1251, windows-1252, iso-8859-1",
        ),
        (
            {"encoding": "klingon"},
            "dialect.encoding: 'klingon' is not supported; save the table in one of"
            " utf-8, us-ascii, windows-1251, windows-1252, iso-8859-1",
        ),
    ],
)
def test_dialect_that_differs_from_what_is_done_is_refused(root: Path, part: dict[str, Any], words: str) -> None:
    metadata(root, lambda data: data.update(dialect=part))
    done = run_import(root)
    assert done.exit_code == 1 and not (root / "data" / "chronicle.trig").exists()
    assert done.stderr == f"kzus-graph: {root / 'data' / 'tables' / 'chronicle.csv-metadata.json'}: {words}\n"


METADATA: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "misspelt property": (
        lambda data: columns(data)["date"].update(propertUrl="x"),
        "tables[0].tableSchema.columns[7]: 'propertUrl' is not a supported property here; did you mean 'propertyUrl'?",
    ),
    "no context": (lambda data: data.pop("@context"), "top: '@context' is a required property"),
    "no key": (
        lambda data: data["tables"][0]["tableSchema"].pop("primaryKey"),
        "tables[0].tableSchema: 'primaryKey' is a required property",
    ),
    "schema from elsewhere": (
        lambda data: data["tables"][0].update(tableSchema="http://127.0.0.1:9/schema.json"),
        "tables[0].tableSchema: 'http://127.0.0.1:9/schema.json' is not of type 'object'",
    ),
    "dialect from elsewhere": (
        lambda data: data.update(dialect="file:///etc/passwd"),
        "dialect: 'file:///etc/passwd' is not of type 'object'",
    ),
    "table from elsewhere": (
        lambda data: data["tables"][0].update(url="../../../etc/passwd.csv"),
        r"tables[0].url: '../../../etc/passwd.csv' does not match '^[\\w][\\w.-]*\\.csv$'",
    ),
    "unknown datatype": (
        lambda data: columns(data)["date"].update(datatype="dateTime"),
        "tables[0].tableSchema.columns[7].datatype: 'dateTime' is not valid under any of the given schemas",
    ),
    "no graph": (
        lambda data: data["tables"][0].pop("rr:graphMap"),
        "column kind: must have propertyUrl, aboutUrl and rr:graph or rr:graphMap, or else suppressOutput: true",
    ),
    "no property": (
        lambda data: columns(data)["date"].pop("propertyUrl"),
        "column date: must have propertyUrl, aboutUrl and rr:graph or rr:graphMap, or else suppressOutput: true",
    ),
    "property that varies": (
        lambda data: columns(data)["date"].update(propertyUrl="https://example.org/{kind}"),
        "column date: propertyUrl must be one property, not a template",
    ),
    "virtual column of nothing": (
        lambda data: columns(data)["rights"].pop("default"),
        "column rights: is virtual, so it must have a valueUrl or a default",
    ),
    "real column after a virtual one": (
        lambda data: columns(data)["publisher"].pop("virtual"),
        "no non-virtual column allowed after virtual columns",
    ),
    "two columns of one name": (lambda data: columns(data)["read"].update(name="title"), "Duplicate column name title"),
    "template that names no column": (
        lambda data: columns(data)["address"].update(valueUrl="{+adress}"),
        "chronicle.csv, column address: {+adress} uses adress, which is no column; did you mean {address}?",
    ),
    "template over what may be empty": (
        lambda data: columns(data)["rights"].update(aboutUrl="https://w3id.org/kzus/source/{date}"),
        "chronicle.csv, column rights: https://w3id.org/kzus/source/{date} needs date in every row; make it a required"
        " column with a single value, or move the optional columns to another table",
    ),
    "template that is no address": (
        lambda data: columns(data)["rights"].update(aboutUrl="record/{record}"),
        "column rights: record/{record} is not an absolute IRI; write it in full, or begin with {+column}",
    ),
    "key that may be empty": (
        lambda data: data["tables"][0]["tableSchema"].update(primaryKey="date"),
        "chronicle.csv: primaryKey date must be a required column",
    ),
    "foreign key to nothing": (
        lambda data: data["tables"][1]["tableSchema"]["foreignKeys"][0]["reference"].update(columnReference="evnt"),
        "chronicle-participants.csv: the foreign key to chronicle.csv must name the same number of columns in both"
        " tables, and only existing ones; not found: ['evnt']",
    ),
    "language that is none": (lambda data: columns(data)["name"].update(lang="in English"), "Invalid language tag"),
    "limits that contradict": (
        lambda data: columns(data)["date"].update(datatype={"base": "string", "minLength": 3, "maxLength": 2}),
        "minLength > maxLength",
    ),
    "other table": (
        lambda data: data["tables"].pop(0),
        "does not describe chronicle.csv, only: chronicle-participants.csv",
    ),
}


@pytest.mark.parametrize("name", METADATA)
def test_fault_in_the_metadata(root: Path, name: str) -> None:
    change, words = METADATA[name]
    metadata(root, change)
    done = run_import(root)
    path = root / "data" / "tables" / "chronicle.csv-metadata.json"
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"kzus-graph: {path}: {words}\n")


def test_property_that_the_ontology_lacks_is_told_of_each_cell_that_uses_it(root: Path) -> None:
    metadata(
        root, lambda data: columns(data)["descriptor"].update(propertyUrl="https://w3id.org/kzus/ontology#descripter")
    )
    words = "dip:descripter is not described anywhere; did you mean dip:descriptor?"
    assert_faults(root, f"{VISITS}, row 2, column descriptor (J): {words}")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        (b"[" * 100_000, "not JSON (maximum recursion depth exceeded"),
        (b"\xff", "not in UTF-8 (invalid start byte at byte 0)"),
        (b" " * (2 << 20), "longer than 1,048,576 bytes; shorten them"),
        (b"[]", "top: [] is not of type 'object'"),
        (b"{}", "top: '@context' is a required property"),
    ],
    ids=["broken", "deep", "not UTF-8", "long", "list", "empty"],
)
def test_metadata_that_are_none(root: Path, data: bytes, reason: str) -> None:
    (root / "data" / "tables" / "chronicle.csv-metadata.json").write_bytes(data)
    done = run_import(root)
    assert done.exit_code == 1 and reason in done.stderr and "Traceback" not in done.output


def test_table_without_metadata_says_where_they_belong(root: Path) -> None:
    path = root / "data" / "tables" / "chronicle.csv-metadata.json"
    path.unlink()
    done = run_import(root)
    table = root / "data" / "tables" / VISITS
    words = f"{table}: this table has no metadata; describe its columns in {path.name} (see docs/import.md)"
    assert (done.exit_code, done.stderr) == (1, f"kzus-graph: {words}\n")


def test_table_that_the_metadata_name_and_nobody_has(root: Path) -> None:
    path = root / "data" / "tables" / PEOPLE
    path.unlink()
    done = run_import(root)
    assert (done.exit_code, done.stderr) == (
        1,
        f"kzus-graph: {path}: this table does not exist, although the metadata name it\n",
    )
