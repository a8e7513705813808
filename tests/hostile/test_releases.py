"""Releases that come and go: nothing of one that is out of force stays in memory."""

import gc
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kzus_graph.engine.cache import Cache
from kzus_graph.engine.serving import MOST_MADE, Limits, Release, Releases, once
from kzus_graph.engine.workers import Pool
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http.metrics import Telemetry
from tests.hostile.visits import visit

RELEASES = 6
"""Not one of them may be left, so that a few tell as much as many."""
PAGES = (
    "/", "/years", "/topics", "/sources", "/query", "/query/visits", "/terms.json", "/page/id/fred", "/page/ontology",
    "/page/shapes", "/page/ontology/alignment", "/search?q=fredd", "/dumps/", "/dumps/SHA256SUMS", "/sitemap.xml",
    "/.well-known/void.nt", "/slices/class/Visit.csv", "/lookup?uri=x", "/reconcile", "/reconcile?query=Fred",
    "/prefixes", "/changes", "/changes.atom", "/sparql",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Co%3E%20%7D", "/sparql?query=SELECT",
)  # fmt: skip
"""Pages that, between them, have everything made of a release that is made only once."""


def publish(releases: Path, small_release: Path, number: int) -> str:
    """Put the small release into force under another name."""
    name = f"0.1.{number}+{number:08x}"
    shutil.copytree(small_release, releases / name, copy_function=os.link)
    manifest = releases / name / "manifest.json"
    said = manifest.read_text().replace(small_release.name, name)
    manifest.unlink()
    manifest.write_text(said)
    (releases / "CURRENT.new").write_text(name)
    (releases / "CURRENT.new").replace(releases / "CURRENT")
    return name


@pytest.fixture
def releases(tmp_path: Path, small_release: Path) -> Iterator[Path]:
    folder = small_release.parent / "many"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def living(kind: type) -> list[Any]:
    gc.collect()
    return [thing for thing in gc.get_objects() if type(thing) is kind]


def test_releases_out_of_force_leave_nothing_behind(releases: Path, small_release: Path) -> None:
    publish(releases, small_release, 0)
    before = {id(release) for release in living(Release)}, {id(pool) for pool in living(Pool)}
    serving = Releases(Limits(workers=1), folder=releases)
    try:
        front = AsgiApplication(create_app(serving), serving, Telemetry(), 4)
        for number in range(1, RELEASES + 1):
            for address in PAGES:
                path, _, query = address.partition("?")
                headers = [("Host", "a.example"), ("Accept", "text/turtle" if address == "/sparql" else "text/html")]
                assert visit(front, path, query.encode(), headers=headers).status < 500
            name = publish(releases, small_release, number)
            while serving.current.name != name:
                serving.refresh()
                time.sleep(0.01)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and len(living(Pool)) > len(before[1]) + 1:
            time.sleep(0.1)
        assert [release.name for release in living(Release) if id(release) not in before[0]] == [serving.current.name]
        assert [pool for pool in living(Pool) if id(pool) not in before[1]] == [serving.current.pool]
    finally:
        serving.close()


def release() -> Release:
    return Release("1.0.0", None, SimpleNamespace(), Cache(0))  # type: ignore[arg-type]  # nothing is asked of it


def test_what_is_made_of_a_release_is_made_once_for_the_same_arguments() -> None:
    made = []

    @once
    def make(of: Release, number: int, word: str = "") -> str:
        made.append((of.name, number, word))
        return f"{number}{word}"

    first, second = release(), release()
    assert [make(first, 1), make(first, 1), make(first, 1, word="a"), make(second, 1)] == ["1", "1", "1a", "1"]
    assert made == [("1.0.0", 1, ""), ("1.0.0", 1, "a"), ("1.0.0", 1, "")]
    assert first == release().__class__(first.name, None, first.pool, first.cache), (
        "what was made makes no other release"
    )


def test_what_is_made_of_a_release_is_bounded() -> None:
    made = []

    @once
    def make(_: Release, number: int) -> int:
        made.append(number)
        return number

    one = release()
    for number in range(1000):
        assert make(one, number) == number
    assert [len(kept) for kept in one.made.values()] == [MOST_MADE]
    assert make(one, 999) == 999 and len(made) == 1000
    assert make(one, 0) == 0 and made[-1] == 0


def test_what_fails_is_tried_again() -> None:
    tried = []

    @once
    def make(_: Release) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise LookupError
        return 5

    one = release()
    with pytest.raises(LookupError):
        make(one)
    assert make(one) == 5
