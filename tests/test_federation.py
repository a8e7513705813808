"""SERVICE where it is allowed: only there, without credentials, within bounds, and with the workers still sealed."""

import http.server
import json
import threading
import time

import pytest

from kzus_graph.engine import federation, guard, refusals
from kzus_graph.engine.editions import Editions, Limits
from kzus_graph.web import create_app

ROWS = {
    "head": {"vars": ["x", "label"]},
    "results": {
        "bindings": [
            {
                "x": {"type": "uri", "value": "http://e/a"},
                "label": {"type": "literal", "value": 'A "q"', "xml:lang": "en"},
            },
            {"x": {"type": "bnode", "value": "b0"}},
        ]
    },
}


class Remote:
    """A SPARQL endpoint on loopback that answers as it is told and remembers who asked."""

    def __init__(self):
        self.asked = []
        self.status, self.headers, self.body, self.pause = 200, {}, json.dumps(ROWS).encode(), 0.0
        remote = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                remote.asked.append((self.path, dict(self.headers), body))
                time.sleep(remote.pause)
                status = remote.status if len(remote.asked) < 2 or remote.status == 200 else 200
                self.send_response(status)
                self.send_header("Content-Type", "application/sparql-results+json")
                self.send_header("Content-Length", str(len(remote.body)))
                for name, value in remote.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(remote.body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def remote():
    remote = Remote()
    yield remote
    remote.close()


@pytest.fixture
def client(tmp_path, remote):
    (tmp_path / "data.nt").write_text("<http://e/a> <http://e/p> 'here' .\n".replace("'", '"'))
    limits = Limits(timeout=3, workers=1, queue=2, services=(f"{remote.url}/open/",))
    editions = Editions(limits, files=[tmp_path / "data.nt"])
    yield create_app(editions).test_client()
    editions.close()


def ask(client, query, **more):
    return client.get("/sparql", query_string={"query": query, **more})


def test_rows_of_a_service_join_ours(client, remote):
    clause = f"SERVICE <{remote.url}/open/sparql> {{ ?x e:label ?label }}"
    query = f"PREFIX e: <http://e/> SELECT * {{ ?x e:p ?here . {clause} }}"
    answer = ask(client, query)
    assert answer.json["results"]["bindings"] == [
        {
            "x": {"type": "uri", "value": "http://e/a"},
            "here": {"type": "literal", "value": "here"},
            "label": {"type": "literal", "value": 'A "q"', "xml:lang": "en"},
        }
    ]
    assert answer.json["head"]["vars"] == ["x", "here", "label"]
    path, headers, body = remote.asked[0]
    assert path == "/open/sparql"
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & set(headers)
    assert "PREFIX+e" in body
    assert "ETag" not in answer.headers


def test_blank_nodes_and_unbound_come_through(client, remote):
    rows = ask(client, f"SELECT * {{ SERVICE <{remote.url}/open/> {{ ?x ?p ?label }} }}").json["results"]["bindings"]
    assert len(rows) == 2
    assert [row for row in rows if "label" not in row][0]["x"]["value"].startswith("urn:blank:")


@pytest.mark.parametrize(
    "target",
    ["{url}/closed/", "{url}/open/../closed", "{url}/openly", "http://localhost:1/open/", "file:///etc/passwd"],
)
def test_other_targets_are_refused(client, remote, target):
    answer = ask(client, f"SELECT * {{ SERVICE <{target.format(url=remote.url)}> {{ ?x ?p ?y }} }}")
    assert answer.status_code == 403
    assert remote.asked == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ BIND(<{url}/open/> AS ?where) SERVICE ?where {{ ?x ?p ?y }} }}",
        "SELECT * {{ SERVICE <{url}/open/> {{ ?x ?p ?y SERVICE <{url}/closed/> {{ ?a ?b ?c }} }} }}",
        "SELECT * {{ \\u0053ERVICE <{url}/open/> {{ ?x ?p ?y }} }}",
    ],
)
def test_variables_nesting_and_disguises_are_refused(client, remote, query):
    assert ask(client, query.format(url=remote.url)).status_code == 403
    assert remote.asked == []


@pytest.mark.parametrize(
    ("location", "status", "visits"), [("/open/there", 200, 2), ("/closed/", 403, 1), ("http://e/", 403, 1)]
)
def test_redirects_stay_within_the_list(client, remote, location, status, visits):
    remote.status, remote.headers = 307, {"Location": location}
    answer = ask(client, f"SELECT * {{ SERVICE <{remote.url}/open/> {{ ?x ?p ?y }} }}")
    assert answer.status_code == status
    assert len(remote.asked) == visits


def test_time_is_bounded(client, remote):
    remote.pause = 3.0
    began = time.monotonic()
    answer = ask(client, f"SELECT * {{ SERVICE <{remote.url}/open/> {{ ?x ?p ?y }} }}", timeout="0.3")
    assert time.monotonic() - began < 2
    assert answer.status_code in (400, 504)


def test_bytes_are_bounded(client, remote, monkeypatch):
    monkeypatch.setattr(federation, "MOST_BYTES", 100)
    assert ask(client, f"SELECT * {{ SERVICE <{remote.url}/open/> {{ ?x ?p ?y }} }}").status_code == 400


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_silent_means_one_empty_row(client, remote, silent):
    remote.body = b"nonsense"
    answer = ask(client, f"SELECT * {{ ?x <http://e/p> ?here SERVICE {silent} <{remote.url}/open/> {{ ?x ?p ?y }} }}")
    assert answer.status_code == (200 if silent else 400)
    if silent:
        assert len(answer.json["results"]["bindings"]) == 1


def test_a_public_name_with_a_private_address_is_refused(monkeypatch):
    monkeypatch.setattr(federation.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.1", 443))])
    reading = guard.read("SELECT * { SERVICE <https://query.example/sparql> { ?x ?p ?y } }")
    with pytest.raises(refusals.ReachesOut, match="not public"):
        federation.resolve(reading, ("https://query.example/",), time.monotonic() + 5)


def test_the_description_says_that_it_federates(client):
    assert b"BasicFederatedQuery" in client.get("/sparql", headers={"Accept": "text/turtle"}).data
