"""Clients that don't read, don't write, or come in crowds: the others are served, and the server can be ended."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from kzus_graph.web import server
from kzus_graph.web.http import request_body
from tests.serving import Served, serving

POST = b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\nContent-Length: "
LIGHT = "ASK { ?s ?p ?o }"
ROWS = 40_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Triples whose rows as JSON are some 8 MB: more than sockets hold."""
    path = tmp_path_factory.mktemp("data") / "many.nt"
    path.write_text("".join(f"<http://e/s{n}> <http://e/p> <http://e/o{n}> .\n" for n in range(ROWS)))
    return path


@pytest.fixture
def served(data: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, data, "--workers", "4", "--timeout", "20") as running:
        yield running


@contextmanager
def connections(served: Served, count: int, sent: bytes = b"", receives: int = 0) -> Iterator[list[socket.socket]]:
    """So many clients that have sent something and read nothing."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    host, _, port = served.url.removeprefix("http://").partition(":")
    with ExitStack() as stack:
        opened = []
        for number in range(count):
            connection = stack.enter_context(socket.socket())
            if receives:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
            connection.settimeout(30)
            connection.connect((host, int(port)))
            connection.sendall(sent.replace(b"NUMBER", b"%d" % (ROWS - number)))
            opened.append(connection)
        yield opened


def request(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n".encode()


def rows(limit: str) -> str:
    return f"/sparql?query={quote('SELECT * { ?s ?p ?o } LIMIT ' + limit)}"


def memory(pid: int) -> int:
    """Bytes that a process has to itself."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(pages[1]) - int(pages[2])) * resource.getpagesize()


def is_broken_off(connection: socket.socket) -> bool:
    """Whether what comes ends before it is whole."""
    tail = b""
    try:
        while more := connection.recv(1 << 20):
            tail = (tail + more)[-16:]
    except ConnectionError:
        return True
    return not tail.endswith(b"0\r\n\r\n")


def test_clients_that_do_not_read_hold_no_worker(served: Served) -> None:
    with connections(served, 12, request(rows("NUMBER")), receives=4096):
        for number in range(40):
            status, _, body = served.ask(f"{LIGHT} # {number}", Accept="text/csv")
            assert (status, body) == (200, b"true")
        until = time.monotonic() + 15
        while b'kzus_workers{state="busy"} 0.0\n' not in served.get("/metrics")[2]:
            assert time.monotonic() < until


class Crowd(NamedTuple):
    """Clients of one server when all have done nothing for longer than any may, and what others were answered.

    Of those that do not read, whether they were broken off.
    """

    silent: list[bool]
    idle: list[socket.socket]
    slow: list[socket.socket]
    others: list[int]


@pytest.fixture(scope="module")
def crowd(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with (
        serving(tmp_path_factory.mktemp("crowd"), data, "--workers", "4", "--timeout", "20") as served,
        connections(served, 3, request(rows("NUMBER")), receives=4096) as silent,
        connections(served, 1500) as idle,
        connections(served, 40, POST + b"99\r\n\r\nASK") as slow,
    ):
        others = [served.ask(f"{LIGHT} # {number}", timeout=10)[0] for number in range(40)]
        # One wait for all three; who does not read is looked at first, since the least is left to him.
        time.sleep(server.STALLED + 3)
        broken_off = [is_broken_off(connection) for connection in silent]
        time.sleep(max(0, max(server.IDLE + 2, request_body.BODY_SECONDS) - server.STALLED - 3))
        yield Crowd(broken_off, idle, slow, others)


def test_a_client_that_does_not_read_is_broken_off(crowd: Crowd) -> None:
    assert crowd.silent == [True] * 3


def test_a_client_that_reads_late_gets_all(served: Served) -> None:
    with connections(served, 1, request(rows("NUMBER"))) as (late,):
        time.sleep(server.STALLED / 2)
        assert not is_broken_off(late)


def test_idle_connections_keep_nobody_out_and_are_closed(crowd: Crowd) -> None:
    assert crowd.others == [200] * 40
    assert {connection.recv(1) for connection in crowd.idle} == {b""}


def test_slow_senders_are_turned_away(crowd: Crowd) -> None:
    assert crowd.others == [200] * 40
    assert {connection.recv(12) for connection in crowd.slow} == {b"HTTP/1.1 408"}


@pytest.mark.parametrize("sent", [b"", b"GET /sparql HT", request(rows("NUMBER"))], ids=len)
def test_the_server_can_be_ended_whatever_its_clients_do(data: Path, tmp_path: Path, sent: bytes) -> None:
    with serving(tmp_path, data, "--workers", "4") as served, connections(served, 50, sent, receives=4096):
        time.sleep(1)
        everyone = served.processes()
        began = time.monotonic()
        os.kill(served.pid, signal.SIGTERM)
        while served.processes() - {served.pid} and time.monotonic() - began < 15:
            time.sleep(0.05)
        assert len(everyone) > 4
        assert served.processes() == {served.pid}


def test_large_queries_leave_the_memory_bounded(served: Served) -> None:
    before = memory(served.pid)
    comment = "# " + "x" * ((1 << 20) - 100)
    for number in range(60):
        body = f"ASK {{ ?s ?p {number} }} {comment}".encode()
        with connections(served, 1, POST + b"%d\r\n\r\n" % len(body) + body) as (client,):
            assert client.recv(15) == b"HTTP/1.1 200 OK"
    assert memory(served.pid) - before < 60 << 20


def test_kept_answers_stay_within_their_room(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path, data, "--cache", "8") as served:
        for number in range(200):
            assert served.ask(f"SELECT * {{ ?s ?p ?o }} LIMIT {500 + number}")[0] == 200
        lines = served.get("/metrics")[2].decode().splitlines()
        (size,) = (float(line.split()[1]) for line in lines if line.startswith("kzus_cache_bytes "))
        assert 0 < size <= 8 << 20


def test_health_is_answered_while_all_workers_are_taken(data: Path, tmp_path: Path) -> None:
    runaway = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # NUMBER")
    with (
        serving(tmp_path, data, "--workers", "1", "--queue", "2", "--timeout", "5") as served,
        connections(served, 60, request(f"/sparql?query={runaway}")),
    ):
        time.sleep(0.5)
        assert [served.get("/health", timeout=5)[0] for _ in range(10)] == [200] * 10


def test_a_crowd_that_asks_for_what_takes_long_is_turned_away_and_others_are_not(data: Path, tmp_path: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != {}) }}"
    targets = [f"/sparql?query={quote(query.format(number))}" for number in range(5)]
    with serving(tmp_path, data, "--workers", "1", "--queue", "2", "--timeout", "4") as served:
        # That it takes long is known from the first.
        assert served.get(targets[0])[0] == 504
        with connections(served, 1, request(targets[1])), connections(served, 2, request(targets[2])):
            status: dict[str, object] = {}
            while status.get("waiting") != 2:
                status = json.loads(served.get("/health")[2])
            began = time.monotonic()
            code, headers, _ = served.get(targets[3])
            assert (code, headers["retry-after"]) == (503, "2")
            assert time.monotonic() - began < 1


def test_a_port_belongs_to_one_server(served: Served, data: Path) -> None:
    port = served.url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "kzus_graph", "serve", "--dataset", data, "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr == (
        f"kzus-graph: port {port} of 127.0.0.1 is in use, perhaps by another kzus-graph; try --port {int(port) + 1}\n"
    )
    assert served.ask(LIGHT)[0] == 200


@pytest.mark.parametrize(
    ("host", "words"),
    [("192.0.2.1", "not an address of this"), ("no.such.invalid", "not an address of this"), ("127.0.0.1", "in use")],
)
def test_an_address_that_cannot_be_listened_on_is_one_clear_line(host: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(server.NotListening, match=words):
        server.listen(host, taken.getsockname()[1])
