"""Clients that ask for many older releases at once get one at a time, and the current release goes on answering."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.test_older import FRED, another
from tests.serving import Served, serving

OLD = 6
CLIENTS = 12
WORKERS = 2


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, two_releases: tuple[Path, Path]) -> Iterator[Served]:
    """A server with OLD older releases in its folder, each with a name that begins with 0.0.1 to 0.0.6."""
    folder = tmp_path_factory.mktemp("older")
    another(folder / "out", two_releases[1], two_releases[1].name, 0)
    for number in range(1, OLD + 1):
        another(folder / "out", two_releases[0], f"0.0.{number}+0000000{number}", number)
    (folder / "out" / "CURRENT").write_text(two_releases[1].name)
    with serving(folder, "--release", str(folder / "out"), "--workers", str(WORKERS)) as server:
        yield server


def test_many_at_once_do_not_hold_up_the_current_release(served: Served) -> None:
    before = len(served.processes())
    counted: Counter[tuple[str, int]] = Counter()
    bodies: dict[str, set[bytes]] = {"current": set(), "older": set()}
    most, ended = [before], threading.Event()

    def hostile(number: int) -> None:
        for turn in range(OLD * 3):
            release = f"0.0.{(number + turn) % OLD + 1}"
            status, _, body = served.ask(FRED, release=release, format="csv", x=f"{number}-{turn}")
            counted["older", status] += 1
            if status == 200:
                bodies["older"].add(body)

    def current() -> None:
        for turn in range(40):
            status, _, body = served.ask(FRED, format="csv", x=str(turn))
            counted["current", status] += 1
            bodies["current"].add(body)

    def watch() -> None:
        while not ended.wait(0.2):
            most.append(len(served.processes()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    threads = [threading.Thread(target=hostile, args=(number,)) for number in range(CLIENTS)]
    threads.append(threading.Thread(target=current))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    watcher.join()
    assert counted["current", 200] == 40 and bodies["current"] == {b"name\r\nFred\r\n"}
    assert bodies["older"] == {b"name\r\nFrederick\r\n"}
    assert {status for name, status in counted if name == "older"} <= {200, 503}
    assert counted["older", 503] > 0
    # One more holder, two workers and one in reserve: whatever was asked.
    assert max(most) <= before + 4
    assert served.get("/health")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?query=ASK%7B%7D&release=../../../etc/passwd", "/page/id/fred?release=..%2F..%2FCURRENT",
        "/?release=%2e%2e%2f", "/?release=0.0.1%00", "/?release=0.0.1%0d%0aX-A:%20b", "/?release=" + "0" * 5000,
        "/?release=.building-1", "/?release=PUBLISHED", "/?release=%F0%9F%98%80", "/?release=0.0.1&release=0.0.2",
    ],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(served: Served, path: str) -> None:
    status, headers, body = served.get(path)
    assert status == 400 and "x-a" not in headers
    assert b"root:" not in body and b"0.1.0+" not in body


def test_names_of_releases_that_never_were_load_nothing(served: Served) -> None:
    before = served.processes()
    for number in range(300):
        status, _, body = served.get(f"/sparql?query=ASK%7B%7D&release=7.{number}.0")
        assert status == 404 and b'"oldest": "0.0.6+00000006"' in body
    assert served.processes() == before


def test_a_removed_release_is_gone_even_while_it_is_loaded(served: Served) -> None:
    out = served.log.parent / "out"
    for _ in range(100):
        status, headers, _ = served.ask(FRED, release="0.0.6", format="csv")
        if status == 200:
            break
        threading.Event().wait(int(headers["retry-after"]))
    assert status == 200
    (out / "PUBLISHED").write_text("0.0.6+00000006\n")
    shutil.rmtree(out / "0.0.6+00000006")
    status, _, body = served.ask(FRED, release="0.0.6", format="csv")
    assert status == 410 and b'"oldest": "0.0.5+00000005"' in body
