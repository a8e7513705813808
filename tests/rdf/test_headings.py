"""The table of headings of columns: read by variable and language, refused with the line at fault."""

from pathlib import Path

import pytest

from kzus_graph.rdf import headings
from kzus_graph.rdf.queries import QueryFileError


def test_a_heading_is_read_by_variable_and_language(tmp_path: Path) -> None:
    text = '\ufeffvariable,en,ru\r\nday,Day,День\r\nwith,"With, or of", \r\n'
    (tmp_path / headings.FILE).write_bytes(text.encode())
    assert headings.read(tmp_path) == {"day": {"en": "Day", "ru": "День"}, "with": {"en": "With, or of"}}


def test_a_folder_without_the_table_has_no_headings(tmp_path: Path) -> None:
    assert headings.read(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the first column must be named 'variable', the others by languages"),
        (b"name,en\n", "the first column must be named 'variable', the others by languages"),
        (b"variable,en\nday,Day,More\n", "line 2: 3 cells instead of 2"),
        (b"variable,en\n\n", "line 2: 0 cells instead of 2"),
        (b"variable,en\nday,Day\nday,Days\n", "line 3: the variable 'day' is empty or twice"),
        (b"variable,en\n,Day\n", "line 2: the variable '' is empty or twice"),
        (b'variable,en\nday,"Day\n', "line 2: not CSV (unexpected end of data)"),
        (b"variable,en\nday,\xff\n", "not UTF-8 text (invalid start byte at byte 16)"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / headings.FILE
    path.write_bytes(content)
    with pytest.raises(QueryFileError) as refused:
        headings.read(tmp_path)
    assert str(refused.value) == f"{path}: {reason}"
