"""Older releases are loaded on request, few at a time, and only if the folder has them."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kzus_graph.engine import older
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.older import NoSuchRelease, NotNow, OlderReleases
from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.engine.workers import Pool, Unloadable

FRED = "SELECT ?name { <https://w3id.org/kzus/id/fred> <http://www.w3.org/2000/01/rdf-schema#label> ?name }"


def another(out: Path, release: Path, name: str, days: int) -> str:
    """Put the release *release* into the folder *out* under another name, as one that was made *days* ago."""
    shutil.copytree(release, out / name, copy_function=os.link)
    manifest = out / name / "manifest.json"
    text = manifest.read_text().replace(release.name, name)
    manifest.unlink()
    manifest.write_text(text)
    os.utime(out / name, times=(time.time() - 86400 * days,) * 2)
    return name


@pytest.fixture
def folder(tmp_path: Path, two_releases: tuple[Path, Path]) -> Path:
    """A folder with three releases, and a record of one that was removed."""
    before, current = two_releases
    for number, release in enumerate((current, before)):
        another(tmp_path, release, release.name, number)
    another(tmp_path, before, "0.0.9+0000000a", 2)
    (tmp_path / "CURRENT").write_text(current.name)
    (tmp_path / "PUBLISHED").write_text(f"0.0.1+00000001\n0.0.9+0000000a\n{before.name}\n{current.name}\n")
    return tmp_path


@pytest.fixture
def releases(folder: Path) -> Iterator[Releases]:
    found = Releases(Limits(workers=1), folder=folder)
    yield found
    found.close()


@pytest.fixture
def others(releases: Releases) -> Iterator[OlderReleases]:
    found = OlderReleases(releases)
    yield found
    found.close()


def name_of_fred(release: Release) -> bytes:
    return b"".join(release.pool.ask(Question(query=FRED, format="csv", seconds=20), time.monotonic() + 20))


def test_a_name_is_that_of_a_release_in_the_folder(others: OlderReleases, two_releases: tuple[Path, Path]) -> None:
    before, current = (release.name for release in two_releases)
    assert [others.name_of(name) for name in (before, current, "0.0.9", "0.0.9+0000000a")] == [
        before, current, "0.0.9+0000000a", "0.0.9+0000000a",
    ]  # fmt: skip
    # A version alone means its newest release, and before all the current one.
    assert others.name_of(current.partition("+")[0]) == current


@pytest.mark.parametrize(
    ("name", "was"),
    [("0.0.1", True), ("0.0.1+00000001", True), ("0.0.1+00000002", False), ("7.0.0", False), ("../CURRENT", False)],
)
def test_a_release_that_was_removed_is_told_from_one_that_never_was(
    others: OlderReleases, two_releases: tuple[Path, Path], name: str, was: bool
) -> None:
    before, current = (release.name for release in two_releases)
    with pytest.raises(NoSuchRelease) as caught:
        others.name_of(name)
    assert (caught.value.was, caught.value.kept) == (was, (current, before, "0.0.9+0000000a"))


def test_a_release_that_comes_or_goes_is_noticed(
    others: OlderReleases, folder: Path, two_releases: tuple[Path, Path]
) -> None:
    with pytest.raises(NoSuchRelease):
        others.name_of("0.0.8")
    another(folder, two_releases[0], "0.0.8+0000000b", 3)
    assert others.name_of("0.0.8") == "0.0.8+0000000b"
    shutil.rmtree(folder / "0.0.9+0000000a")
    with pytest.raises(NoSuchRelease) as caught:
        others.name_of("0.0.9")
    assert caught.value.was and caught.value.kept[-1] == "0.0.8+0000000b"


def test_each_release_answers_for_itself(
    others: OlderReleases, releases: Releases, two_releases: tuple[Path, Path]
) -> None:
    before, current = (release.name for release in two_releases)
    assert others.loaded(before) is None
    opened = others.open(before)
    assert others.loaded(before) is others.open(before) is opened
    assert others.open(current) is releases.current and others.is_current(releases.current)
    assert (name_of_fred(opened), name_of_fred(releases.current)) == (b"name\r\nFrederick\r\n", b"name\r\nFred\r\n")
    assert opened.pool.size == older.WORKERS and opened.cache is not releases.current.cache


def test_few_are_loaded_and_clients_cannot_make_the_server_load_all_the_time(
    monkeypatch: pytest.MonkeyPatch, others: OlderReleases, two_releases: tuple[Path, Path]
) -> None:
    first = others.open(two_releases[0].name)
    with pytest.raises(NotNow) as caught:
        others.open("0.0.9+0000000a")
    assert caught.value.seconds >= older.HELD - 1
    others._since = {name: (0.0, used) for name, (_, used) in others._since.items()}
    second = others.open("0.0.9+0000000a")
    assert others.loaded(first.name) is None and others.loaded(second.name) is second
    assert first.pool.state()["workers"] == 0 or not first.pool._control.alive, "the first is ended before"


def test_many_at_once_load_a_release_once(
    monkeypatch: pytest.MonkeyPatch, others: OlderReleases, two_releases: tuple[Path, Path]
) -> None:
    made: list[Pool] = []

    class Counted(Pool):
        def _loaded(self):  # type: ignore[no-untyped-def]
            made.append(self)
            return super()._loaded()

    monkeypatch.setattr(older, "Pool", Counted)
    found: list[Release | str] = []

    def ask(name: str) -> None:
        try:
            found.append(others.open(name))
        except NotNow:
            found.append("not now")

    asked = [two_releases[0].name, "0.0.9+0000000a"] * 20
    threads = [threading.Thread(target=ask, args=(name,)) for name in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(found) == 40
    assert found.count("not now") == 20 and len({id(one) for one in found if one != "not now"}) == 1


def test_a_damaged_release_is_not_tried_all_the_time(
    monkeypatch: pytest.MonkeyPatch, others: OlderReleases, folder: Path
) -> None:
    victim = next(folder.glob("0.0.9*/store/*.sst"))
    victim.unlink()
    for _ in range(3):
        with pytest.raises(Unloadable, match="incomplete"):
            others.open("0.0.9+0000000a")
    monkeypatch.setattr(older, "quads_of", lambda _: pytest.fail("it was tried again at once"))
    with pytest.raises(Unloadable, match="incomplete"):
        others.open("0.0.9+0000000a")
    assert others.loaded("0.0.9+0000000a") is None


def test_one_that_nobody_uses_or_that_was_deleted_is_ended(
    monkeypatch: pytest.MonkeyPatch, releases: Releases, two_releases: tuple[Path, Path], folder: Path
) -> None:
    monkeypatch.setattr(older, "HELD", 0.1)
    others = OlderReleases(releases, 2)
    try:
        others.open(two_releases[0].name)
        others.open("0.0.9+0000000a")
        shutil.rmtree(folder / "0.0.9+0000000a")
        assert within(30, lambda: list(others._loaded) == [two_releases[0].name])
        monkeypatch.setattr(older, "UNUSED", 0.0)
        assert within(30, lambda: not others._loaded and not others._since)
    finally:
        others.close()


def within(seconds: float, is_so) -> bool:  # type: ignore[no-untyped-def]
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(is_so())


def test_none_are_loaded_where_the_operator_wants_none(releases: Releases, two_releases: tuple[Path, Path]) -> None:
    others = OlderReleases(releases, 0)
    with pytest.raises(NoSuchRelease) as caught:
        others.name_of(two_releases[0].name)
    assert caught.value.kept == (two_releases[1].name,)
    assert others.name_of(two_releases[1].name) == two_releases[1].name
    others.close()


def test_files_without_a_release_have_no_older_ones(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<https://example.org/a> <https://example.org/b> 1 .")
    served = Releases(Limits(workers=1), files=[file])
    try:
        with pytest.raises(NoSuchRelease):
            OlderReleases(served).name_of("1.0.0")
    finally:
        served.close()
