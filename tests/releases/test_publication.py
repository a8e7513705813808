"""What CURRENT says: read in one place, by those who build, serve and compare."""

import os
import shutil
from pathlib import Path

import pytest

from kzus_graph.releases import publication


@pytest.mark.parametrize("text", [b"", b"\n", b"..", b"a/b", b"/etc", b"\xff", b"a\0b", b"2.0.0\x1b[2J"])
def test_a_name_that_is_none_puts_nothing_in_force(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "CURRENT").write_bytes(text)
    with pytest.raises(publication.NoneInForce, match="CURRENT"):
        publication.named(tmp_path)
    assert publication.current(tmp_path) is None


def test_a_pipe_in_the_place_of_current_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "CURRENT")
    assert publication.current(tmp_path) is None


def test_without_current_nothing_is_in_force(tmp_path: Path) -> None:
    assert publication.current(tmp_path) is None
    assert publication.current(tmp_path / "nothing") is None
    (tmp_path / "file").write_text("")
    assert publication.current(tmp_path / "file") is None


def test_a_name_is_read_with_its_time(small_release: Path) -> None:
    name, time = publication.named(small_release.parent)
    assert name == small_release.name
    assert time == (small_release.parent / "CURRENT").stat().st_mtime_ns
    assert publication.current(small_release.parent) == small_release


@pytest.mark.parametrize(
    "files", ["[]", "{}", "5", '["a"]', '{"a": 1}', '{"a": null}', '{"a": {}}', '{"a": {"bytes": "1"}}']
)
def test_a_manifest_that_lists_no_files_is_not_one_of_a_whole_release(tmp_path: Path, files: str) -> None:
    (tmp_path / "a").write_text("b")
    facts = f'{{"name": "{publication.NAME}", "version": "{tmp_path.name}", "files": {files}}}'
    (tmp_path / "manifest.json").write_text(facts)
    assert not publication.is_whole(tmp_path)


def test_the_names_of_all_that_was_published_are_recorded(tmp_path: Path, small_release: Path) -> None:
    assert publication.published(tmp_path) == []
    for number in range(publication.KEPT_RELEASES + 2):
        shutil.copytree(small_release, tmp_path / "fresh", copy_function=os.link)
        manifest = tmp_path / "fresh" / "manifest.json"
        text = manifest.read_text().replace(small_release.name, f"1.0.{number}")
        manifest.unlink()
        manifest.write_text(text)
        publication.publish(tmp_path / "fresh", tmp_path, f"1.0.{number}")
    assert publication.published(tmp_path) == ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]
    assert {release.name for release in publication.releases(tmp_path)} == {"1.0.4", "1.0.3", "1.0.2"}
    # A folder from before the record was kept: what stands in it is recorded with the next release.
    (tmp_path / "PUBLISHED").unlink()
    publication._record(tmp_path, "1.0.5")
    assert sorted(publication.published(tmp_path)) == ["1.0.2", "1.0.3", "1.0.4", "1.0.5"]
    # Only so much of a record is read.
    (tmp_path / "PUBLISHED").write_text("9.9.9\n" * 20_000)
    assert len(publication.published(tmp_path)) < 11_000
