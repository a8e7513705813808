"""What docs/import.md shows is so: its tables are the fixtures, its commands print what it says."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kzus_graph.cli import main
from tests.conftest import ROOT
from tests.tables import CHRONICLE, add_tables, edit

TEXT = (ROOT / "docs" / "import.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCKS if name == kind]


def test_tables_shown_are_the_fixtures() -> None:
    assert blocks("csv") == [(CHRONICLE / name).read_text() for name in ("chronicle.csv", "chronicle-participants.csv")]


def test_columns_shown_are_those_of_the_metadata() -> None:
    tables = json.loads((CHRONICLE / "chronicle.csv-metadata.json").read_text())["tables"]
    columns = [column for table in tables for column in table["tableSchema"]["columns"]]
    shown = [json.loads(text) for text in blocks("json")]
    assert len(shown) == 4
    for column in shown:
        assert column in columns


def transcript(session: str) -> list[tuple[list[str], str]]:
    """The commands of a *session* without the program's name, each with what it prints."""
    parts = re.split(r"^\$ kzus-graph ", session, flags=re.MULTILINE)[1:]
    return [(command.split(), said) for command, said in (part.split("\n", 1) for part in parts)]


@pytest.mark.parametrize("number", [0, 1])
def test_sessions_shown_are_what_is_printed(small_root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    table = add_tables(small_root) / "chronicle.csv"
    if number == 1:
        edit(table, "Visit,1902-03", "Visitt,1902-03")
        edit(table, ",1903,", ",soon,")
    monkeypatch.chdir(small_root)
    commands = transcript(blocks("console")[number])
    assert len(commands) == (3, 1)[number]
    for command, said in commands:
        done = CliRunner().invoke(main, command)
        assert re.sub(r"\d+\.\d s", "0.1 s", done.output) == said
    if number == 0:
        made = (small_root / "data" / "chronicle.trig").read_text()
        assert len(blocks("trig")) == 1 and blocks("trig")[0] in made


def test_words_of_the_metadata_that_are_explained_are_those_that_are_read() -> None:
    schema = json.loads((ROOT / "src" / "kzus_graph" / "tabular" / "metadata.schema.json").read_text())["$defs"]
    used = {name for kind in ("column", "schema", "table", "group", "dialect") for name in schema[kind]["properties"]}
    unexplained = {name for name in used if not name.startswith("@") and f"`{name}`" not in TEXT}
    assert unexplained == {"notes", "rowTitles"}
