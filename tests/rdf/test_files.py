"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from kzus_graph.rdf import files


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("before")
    with files.replacing(path) as file:
        file.write(b"after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_stays_when_writing_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("before")
    with pytest.raises(RuntimeError), files.replacing(path) as file:
        file.write(b"after")
        raise RuntimeError
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


def test_a_folder_in_the_place_of_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError), files.replacing(tmp_path / "a") as file:
        file.write(b"after")
    assert [*tmp_path.iterdir()] == [tmp_path / "a"]
