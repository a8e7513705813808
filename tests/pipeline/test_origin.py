"""Tables and the files made of them: a build that would say something else than the table stops."""

from pathlib import Path

import pytest

from kzus_graph.pipeline import content, origin, release
from tests.tables import add_tables, edit, run_import

MADE, TABLE = "data/chronicle.trig", "data/tables/chronicle.csv"
AGAIN = "kzus-graph import data/tables/chronicle.csv"


@pytest.fixture
def root(small_root: Path) -> Path:
    """The small root with the chronicle imported."""
    add_tables(small_root)
    assert run_import(small_root).exit_code == 0
    return small_root


def found(root: Path, *only: str) -> list[tuple[str, str, str]]:
    violations = origin.findings(root, only)
    assert all(violation.is_serious for violation in violations)
    return [(violation.code, str(violation.focus), violation.message) for violation in violations]


def test_fresh_import_is_fine(root: Path) -> None:
    assert found(root) == []


@pytest.mark.parametrize("name", ["chronicle.csv", "chronicle-participants.csv", "chronicle.csv-metadata.json"])
def test_change_of_table_or_metadata_is_noticed(root: Path, name: str) -> None:
    path = root / "data" / "tables" / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert found(root) == [("stale-import", MADE, f"The table has changed since it was imported; run: {AGAIN}")]
    assert run_import(root).exit_code == 0
    assert found(root) == []


def test_edit_of_the_generated_file_is_noticed(root: Path) -> None:
    edit(root / MADE, '"private"', '"secret"')
    words = f"This file was edited after its import; edit the table instead, delete this file, and run: {AGAIN}"
    assert found(root) == [("edited-import", MADE, words)]


def test_table_that_is_gone_is_noticed(root: Path) -> None:
    (root / TABLE).unlink()
    words = "This file was imported from tables/chronicle.csv, which is missing; restore it, or delete this file."
    assert found(root) == [("import-without-table", MADE, words)]


def test_table_that_was_never_imported_is_noticed(root: Path) -> None:
    (root / "data" / "tables" / "more.csv").write_text("a\n1\n")
    words = "This table was never imported; run: kzus-graph import data/tables/more.csv"
    assert found(root) == [("table-not-imported", "data/tables/more.csv", words)]


def test_build_of_another_source_does_not_mind(root: Path) -> None:
    edit(root / TABLE, "private", "official")
    assert found(root, "herald") == []
    assert [code for code, *_ in found(root, "chronicle")] == ["stale-import"]


@pytest.mark.slow
def test_stale_file_keeps_a_release_from_being_published(root: Path, tmp_path: Path) -> None:
    first = release.build(root, tmp_path / "out")
    edit(root / TABLE, "private", "official")
    with pytest.raises(release.Unfit) as error:
        release.build(root, tmp_path / "out")
    assert [violation.code for violation in error.value.violations] == ["stale-import"]
    assert (tmp_path / "out" / "CURRENT").read_text().strip() == first.name


def test_tables_are_part_of_what_a_build_reads(root: Path) -> None:
    before = content.digest(root)
    edit(root / TABLE, "private", "official")
    assert content.digest(root) != before


def test_files_written_by_hand_have_no_origin(root: Path) -> None:
    for name in ("gazette.trig", "herald.trig", "entities.trig"):
        assert origin.origin(root / "data" / name) is None
