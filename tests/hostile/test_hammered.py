"""Hostile requests, runaways, disguises, and the limits that hold against them, on a running server."""

import http.client
import http.server
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.serving import serving

pytestmark = pytest.mark.slow

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    import events
    import fuzz
    import load

    yield events, fuzz, load
    sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def served(tmp_path_factory, bench):
    folder = tmp_path_factory.mktemp("hammered")
    data = bench[0].write(folder / "events.nt", 2000)
    with serving(folder, data, "--timeout", "3", "--max-rows", "200000") as running:
        yield running


def test_fuzz(served, bench):
    statuses, wrong = bench[1].run(served.url, 2000, seed=7)
    assert wrong == []
    assert statuses[200] > 20
    assert statuses[400] > 200
    assert "Traceback" not in served.log.read_text()


@pytest.mark.quiet
def test_light_queries_do_not_notice_runaways(served, bench):
    outcome = bench[2].run(served.sparql, served.pid, seconds=9, rate=60, timeout=2)
    assert len(outcome.statuses) >= 5
    assert outcome.faults() == []


class Listener:
    """A web server on loopback that counts who comes."""

    def __init__(self):
        self.visits = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                listener.visits.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.end_headers()

            do_POST = do_PUT = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


DISGUISES = [
    "SELECT * {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{url}/x> {{ ?s ?p ?o }} }}",
    "SELECT * {{ sErViCe#\n<{url}/x>{{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE <{url}/x> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <\\u0068ttp{rest}/x> {{ ?s ?p ?o }} }}",
    "PREFIX e: <{url}/> SELECT * {{ SERVICE e:x {{ ?s ?p ?o }} }}",
    "BASE <{url}/> SELECT * {{ SERVICE <x> {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND(<{url}/x> AS ?where) SERVICE ?where {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?where {{ <{url}/x> }} SERVICE SILENT ?where {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND(IRI(CONCAT('{url}', '/x')) AS ?where) OPTIONAL {{ SERVICE ?where {{ ?s ?p ?o }} }} }}",
    'SELECT * {{ FILTER(?a<?b#>"""\n) SERVICE <{url}/x> {{ ?s ?p ?o }} #""" > 1)\n}}',
    "ASK {{ FILTER EXISTS {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ {{ SELECT * {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }} }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{url}/x> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{url}/x> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * {{ GRAPH <{url}/x> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{url}/x>",
    "LOAD <{url}/x>",
    "ASK {{}} ; LOAD <{url}/x>",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}/x> {{ ?s ?p ?o }} }}",
]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_nothing_reaches_out(served, listener, disguise):
    query = disguise.format(url=listener.url, rest=listener.url.removeprefix("http"))
    status, _, _ = served.ask(query)
    assert status in (200, 400, 403)
    if "SERVICE" in query.upper() and "FROM" not in query:
        assert status in (400, 403)
    posted = f"default-graph-uri={quote(listener.url)}/x"
    served.get(f"/sparql?query={quote(query)}&{posted}")
    assert listener.visits == []


def test_a_sealed_worker_can_open_nothing(tmp_path, listener):
    """Without the guard: the same queries straight to a worker."""
    from kzus_graph.engine import refusals
    from kzus_graph.engine.evaluation import Question
    from kzus_graph.engine.workers import Pool

    (tmp_path / "data.nt").write_text("")
    pool = Pool([tmp_path / "data.nt"], workers=1)
    try:
        for disguise in DISGUISES:
            query = disguise.format(url=listener.url, rest=listener.url.removeprefix("http"))
            for form in ("json", "turtle"):
                try:
                    b"".join(pool.ask(Question(query=query, format=form), time.monotonic() + 5))
                except refusals.Refusal:
                    continue
    finally:
        pool.close()
    assert listener.visits == []


def test_a_broken_off_answer_cannot_be_taken_for_a_whole_one(served):
    for form in ("json", "xml", "csv", "tsv", "html"):
        connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=20)
        try:
            connection.request(
                "GET", f"/sparql?query={quote('SELECT * { ?a ?b ?c . ?d ?e ?f }')}&format={form}&timeout=1"
            )
            answer = connection.getresponse()
            assert answer.status == 200
            with pytest.raises(http.client.IncompleteRead):
                while answer.read(1 << 20):
                    pass
        finally:
            connection.close()


def test_the_row_cap_too(served):
    query = "SELECT * { ?a ?b ?c . VALUES ?x { " + "1 " * 20 + "} }"
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=20)
    try:
        connection.request("GET", f"/sparql?query={quote(query)}&format=tsv")
        answer = connection.getresponse()
        rows = 0
        with pytest.raises(http.client.IncompleteRead):
            while chunk := answer.read(1 << 20):
                rows += chunk.count(b"\n")
        assert rows <= 200_001
    finally:
        connection.close()


def test_http_1_0_gets_small_answers_and_is_told_why_no_large_ones(served):
    def ask(query):
        with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 20) as connection:
            connection.sendall(f"GET /sparql?query={quote(query)} HTTP/1.0\r\n\r\n".encode())
            answer = b""
            while more := connection.recv(65536):
                answer += more
        return answer

    assert b" 200 " in ask("ASK {}").partition(b"\r\n")[0]
    assert b" 505 " in ask("SELECT * { ?s ?p ?o }").partition(b"\r\n")[0]


def test_a_million_rows_leave_without_the_memory_growing(served, bench):
    def memory():
        return sum(bench[2].tree(served.pid).values())

    query = "SELECT * { ?a ?b ?c } LIMIT 10000"
    served.ask(query)
    before, most, size = memory(), 0, 0
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=30)
    try:
        rows = "SELECT ?a ?x { ?a ?b ?c . VALUES ?x { 1 2 3 4 5 6 7 } } LIMIT 190000"
        connection.request("GET", f"/sparql?query={quote(rows)}&format=tsv")
        answer = connection.getresponse()
        while chunk := answer.read(1 << 20):
            size += len(chunk)
            most = max(most, memory())
    finally:
        connection.close()
    assert size > 7_000_000
    assert most - before < 48 << 20


@pytest.mark.quiet
def test_a_query_ends_when_its_client_goes(served):
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 20) as connection:
        connection.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: e\r\n\r\n".encode())
        time.sleep(0.4)
        assert b'kzus_workers{state="busy"} 1.0' in served.get("/metrics")[2]
    for _ in range(20):
        time.sleep(0.05)
        if b'kzus_workers{state="busy"} 0.0' in served.get("/metrics")[2]:
            return
    raise AssertionError("the query still runs")


def test_what_was_begun_is_finished_when_the_server_is_told_to_end(tmp_path, bench):
    data = bench[0].write(tmp_path / "events.nt", 3000)
    with serving(tmp_path, data) as running:
        connection = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=20)
        try:
            connection.request(
                "GET", f"/sparql?query={quote('SELECT * { ?a ?b ?c . VALUES ?x { 1 2 3 } }')}&format=tsv"
            )
            answer = connection.getresponse()
            first = answer.read(1000)
            os.kill(running.pid, signal.SIGTERM)
            time.sleep(0.3)
            rest = answer.read()
        finally:
            connection.close()
    assert (first + rest).count(b"\n") == 3 * len(set(data.read_text().splitlines())) + 1
