"""Requests that name a release are answered from it; those for older ones don't hold up those for the current one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kzus_graph.engine import older
from kzus_graph.engine.older import OlderReleases
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http.metrics import Telemetry
from kzus_graph.web.release_fronts import ReleaseFronts
from tests.engine.test_older import FRED, another
from tests.hostile.visits import Answer, visit

GIVEN = [("Host", "a.example")]
BROWSER = [*GIVEN, ("Accept", "text/html")]


def filled(folder: Path, two_releases: tuple[Path, Path]) -> Path:
    """Return *folder* with both releases in it, and a record of one that was removed."""
    before, current = two_releases
    for number, release in enumerate((current, before)):
        another(folder, release, release.name, number)
    (folder / "CURRENT").write_text(current.name)
    (folder / "PUBLISHED").write_text("0.0.1+00000001\n")
    return folder


@contextmanager
def fronted(folder: Path) -> Iterator[ReleaseFronts]:
    releases = Releases(Limits(workers=2), folder=folder)
    others = OlderReleases(releases)
    app = create_app(releases, Telemetry(), others)
    fronts = [AsgiApplication(app, releases, Telemetry(), 4) for _ in range(2)]
    try:
        yield ReleaseFronts(*fronts, others)
    finally:
        others.close()
        releases.close()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, two_releases: tuple[Path, Path]) -> Iterator[ReleaseFronts]:
    """A front whose folder no test changes."""
    with fronted(filled(tmp_path_factory.mktemp("fronts"), two_releases)) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path, two_releases: tuple[Path, Path]) -> Path:
    return filled(tmp_path, two_releases)


def ask(front: ReleaseFronts, release: str = "", **more: str) -> Answer:
    query = urlencode({"query": FRED, "format": "csv", **more})
    return visit(front, "/sparql", (query + (f"&release={release}" if release else "")).encode(), headers=GIVEN)


def test_a_query_is_answered_from_the_release_that_it_names(
    front: ReleaseFronts, two_releases: tuple[Path, Path]
) -> None:
    before, current = (release.name for release in two_releases)
    for _ in range(3):  # loaded, then asked, then from the cache
        for name, fred in ((before, b"Frederick"), (current, b"Fred"), ("", b"Fred"), (current[:5], b"Fred")):
            answer = ask(front, name)
            assert (answer.status, answer.body) == (200, b"name\r\n" + fred + b"\r\n"), name
    form = urlencode({"query": FRED, "format": "csv"}).encode()
    posted = [*GIVEN, ("Content-Type", "application/x-www-form-urlencoded")]
    for name, fred in ((before, b"Frederick"), (current, b"Fred")):
        answer = visit(front, "/sparql", f"release={name}".encode(), "POST", form, headers=posted)
        assert (answer.status, answer.body) == (200, b"name\r\n" + fred + b"\r\n")
    direct = [*GIVEN, ("Content-Type", "application/sparql-query"), ("Accept", "text/csv")]
    answer = visit(front, "/sparql", f"release={before}".encode(), "POST", FRED.encode(), headers=direct)
    assert answer.body == b"name\r\nFrederick\r\n"


def test_the_name_of_the_parameter_may_be_encoded(front: ReleaseFronts, two_releases: tuple[Path, Path]) -> None:
    query = f"query={quote(FRED)}&format=csv&%72elease={quote(two_releases[0].name, safe='')}"
    for _ in range(2):
        assert visit(front, "/sparql", query.encode(), headers=GIVEN).body == b"name\r\nFrederick\r\n"


def test_a_release_in_a_body_is_refused_and_not_ignored(front: ReleaseFronts, two_releases: tuple[Path, Path]) -> None:
    form = urlencode({"query": FRED, "release": two_releases[0].name}).encode()
    posted = [*GIVEN, ("Content-Type", "application/x-www-form-urlencoded")]
    answer = visit(front, "/sparql", b"", "POST", form, headers=posted)
    assert answer.status == 400 and json.loads(answer.body)["type"].endswith("/problem/release")


def test_pages_are_those_of_the_release_and_lead_on_in_it(
    front: ReleaseFronts, two_releases: tuple[Path, Path]
) -> None:
    before, current = (release.name for release in two_releases)
    for _ in range(2):
        answer = visit(front, "/page/id/fred", f"release={before}".encode(), headers=BROWSER)
        page = answer.body.decode()
        assert answer.status == 200 and "<h1>Frederick</h1>" in page
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert f"This is release <strong>{before}</strong>, not the current one." in page
        assert '<a href="/page/id/fred?release=" rel="nofollow">' in page
        assert f'href="/id/1901-fred-rufus-meeting?release={before}"' in page
        assert f'<input type="hidden" name="release" value="{before}">' in page
        assert 'href="/static/style.css"' in page
    moved = visit(front, "/id/fred", f"release={before}".encode(), headers=BROWSER)
    assert (moved.status, moved.headers["location"]) == (303, f"/page/id/fred?release={before}")
    assert "<h1>Fred</h1>" in visit(front, "/page/id/fred", b"release=", headers=BROWSER).body.decode()
    now = visit(front, "/page/id/fred", f"release={current}".encode(), headers=BROWSER)
    assert "<h1>Fred</h1>" in now.body.decode() and "x-robots-tag" not in now.headers
    assert "not the current one" not in now.body.decode()


def test_an_answer_as_a_page_leads_on_in_its_release(front: ReleaseFronts, two_releases: tuple[Path, Path]) -> None:
    before = two_releases[0].name
    query = urlencode({"query": "SELECT ?x { ?x a <https://w3id.org/kzus/ontology#Visit> }", "format": "html"})
    for _ in range(2):
        page = visit(front, "/sparql", f"{query}&release={before}".encode(), headers=BROWSER).body.decode()
        assert f'<a href="/id/1901-fred-streslau-visit?release={before}"' in page
        assert f"&amp;format=csv&amp;release={before}" in page
        assert "http://a.example/sparql?query=SELECT+%3Fx+%7B+%3Fx+a+%3Chttps" in page
        assert f"format=html&amp;release={before}" in page


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("0.0.1", 410, "release-gone"),
        ("0.0.1%2B00000001", 410, "release-gone"),
        ("8.0.0", 404, "release-unknown"),
        ("../../CURRENT", 400, "release"),
        ("..%2F..%2Fetc%2Fpasswd", 400, "release"),
        ("0.0.1&release=0.0.2", 400, "repeated-parameter"),
    ],
)
@pytest.mark.parametrize("path", ["/sparql", "/", "/page/id/fred", "/data/id/fred.ttl", "/query"])
def test_a_release_that_is_not_there_is_a_problem_that_names_the_oldest(
    front: ReleaseFronts, two_releases: tuple[Path, Path], path: str, name: str, status: int, kind: str
) -> None:
    before, current = (release.name for release in two_releases)
    for method in ("GET", "HEAD"):
        asked = f"query={quote(FRED)}&release={name}".encode()
        answer = visit(front, path, asked, method, headers=GIVEN)
        assert answer.status == status
        assert answer.headers["cache-control"] == "no-store"
    problem = json.loads(visit(front, path, asked, headers=GIVEN).body)
    assert problem["type"] == f"https://w3id.org/kzus/problem/{kind}"
    if status in (404, 410):
        assert (problem["oldest"], problem["releases"]) == (before, [current, before])
    assert visit(front, path, asked, headers=BROWSER).body.startswith(b"<!doctype html>")


def test_others_wait_while_one_older_release_is_in_use(folder: Path, two_releases: tuple[Path, Path]) -> None:
    another(folder, two_releases[0], "0.0.9+0000000a", 2)
    with fronted(folder) as front:
        assert ask(front, two_releases[0].name).status == 200
        answer = ask(front, "0.0.9")
        assert answer.status == 503 and 0 < int(answer.headers["retry-after"]) <= 100
        assert json.loads(answer.body)["type"].endswith("release-busy")
        assert ask(front, two_releases[0].name).status == ask(front).status == 200


def test_a_damaged_release_is_told(folder: Path, two_releases: tuple[Path, Path]) -> None:
    next((folder / two_releases[0].name).glob("store/*.sst")).unlink()
    with fronted(folder) as front:
        for _ in range(2):
            answer = ask(front, two_releases[0].name)
            assert answer.status == 503 and json.loads(answer.body)["type"].endswith("release-damaged")
            assert str(folder) not in answer.body.decode()
        assert ask(front).status == 200


def test_older_answers_take_no_room_in_the_cache_of_the_current_release(
    front: ReleaseFronts, two_releases: tuple[Path, Path]
) -> None:
    current = front._older._releases.current
    assert ask(front, two_releases[0].name).status == 200
    before = len(current.cache)
    for number in range(20):
        assert ask(front, two_releases[0].name, x=str(number)).status == 200
    assert len(current.cache) == before
    assert len(front._older.open(two_releases[0].name).cache) >= 20
    assert current.cache._most > older.CACHE
