"""Repeats are answered at the door, in the coding the client takes, and only while they hold."""

import asyncio
import gzip
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kzus_graph.engine.cache import Cache, Kept
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.content_coding import zstd
from kzus_graph.web.http.metrics import Telemetry
from tests.handmade import describe

QUERY = "SELECT * { ?s ?p ?o } ORDER BY ?s"


class Door:
    """Drives the ASGI application as a server would, and counts how often Flask is reached."""

    def __init__(self, releases):
        telemetry = Telemetry()
        self.app = create_app(releases, telemetry)
        self.reached = 0
        self.app.before_request(self._count)
        self.front = AsgiApplication(self.app, releases, telemetry, threads=4)

    def _count(self):
        self.reached += 1

    def ask(self, query=QUERY, method="GET", body=b"", path="/sparql", extra="", **headers):
        headers = {"host": "localhost", **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": (f"query={quote(query)}{extra}" if query else "").encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1234),
        }
        sent, bodies = [], [body]

        async def receive():
            if not bodies:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}

        async def send(message):
            sent.append(message)

        asyncio.run(self.front(scope, receive, send))
        whole = not sent[-1].get("more_body", False)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]), whole


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data.nt"
    path.write_text("".join(f"<http://e/{n:04}> <http://e/p> <http://e/{n + 1}> .\n" for n in range(1500)))
    releases = Releases(Limits(workers=2, queue=2), files=[path])
    yield releases
    releases.close()


@pytest.fixture
def door(releases):
    return Door(releases)


def test_a_plain_query_and_its_repeat_are_answered_at_the_door(door):
    query = QUERY + " LIMIT 3"
    first = door.ask(query)
    again = door.ask(query)
    assert door.reached == 0
    assert first[0] == again[0] == 200
    assert first[2] == again[2]
    assert "server-timing" in first[1]
    assert "server-timing" not in again[1]


@pytest.mark.parametrize(
    ("headers", "decode"),
    [
        ({"accept_encoding": "gzip"}, gzip.decompress),
        ({"accept_encoding": "br, zstd, gzip;q=0.5"}, zstd.decompress),
        ({"accept_encoding": "identity"}, bytes),
        ({}, bytes),
    ],
)
def test_codings_carry_the_same_bytes_under_their_own_etags(door, headers, decode):
    plain = door.ask()
    for _ in range(2):
        status, found, body, _ = door.ask(**headers)
        assert status == 200
        assert decode(body) == plain[2]
        assert set(found["vary"].split(", ")) == {"Accept", "Accept-Encoding"}
        assert (found.get("etag") == plain[1].get("etag")) == ("content-encoding" not in found)
        assert found.get("content-length", str(len(body))) == str(len(body))


def test_304_for_what_the_client_holds(door):
    query = QUERY + " LIMIT 4"
    etag = door.ask(query)[1]["etag"]
    for match in (etag, f'"other", W/{etag}', "*"):
        status, found, body, _ = door.ask(query, if_none_match=match)
        assert (status, body, found["etag"]) == (304, b"", etag)
        assert "content-type" not in found
    assert door.ask(query, if_none_match='"other"')[0] == 200


def test_formats_have_their_own_answers(door):
    as_csv = door.ask(accept="text/csv")
    as_json = door.ask(accept="application/json")
    assert as_csv[1]["content-type"] == "text/csv; charset=utf-8"
    assert as_json[1]["content-type"] == "application/sparql-results+json"
    assert door.ask(extra="&format=csv")[2] == as_csv[2]


def test_post_is_kept_too_but_never_304(door):
    body = f"query={quote(QUERY + ' LIMIT 5')}".encode()
    answers = [
        door.ask("", "POST", body, content_type="application/x-www-form-urlencoded", if_none_match="*")
        for _ in range(2)
    ]
    assert [answer[0] for answer in answers] == [200, 200]
    assert door.reached == 1


CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_page_that_one_browser_has_seen_is_there_for_the_others(door):
    first = door.ask("", path="/prefixes", accept=CHROME, accept_encoding="gzip, deflate, br, zstd")
    again = door.ask("", path="/prefixes", accept=FIREFOX, accept_encoding="zstd, br, gzip")
    assert door.reached == 1
    assert first == again and first[1]["content-type"] == "text/html; charset=utf-8"
    assert door.ask("", path="/prefixes", accept=FIREFOX, accept_encoding="gzip")[1]["content-encoding"] == "gzip"


@pytest.mark.parametrize("other", ["", "*/*", "text/html", "application/xhtml+xml", "text/turtle", "*/*;q=0.8"])
def test_those_who_want_something_else_are_not_given_what_browsers_are(door, other):
    key = content_negotiation.wishes(FIREFOX.encode())
    assert key == content_negotiation.wishes(CHROME.encode()) != content_negotiation.wishes(other.encode())


@pytest.mark.parametrize("path", ["/prefixes", "/", "/search", "/docs/"])
def test_a_post_to_a_page_is_refused_whether_the_page_is_kept_or_not(door, path):
    post = [door.ask("", "POST", b"", path=path, accept=FIREFOX)]
    assert door.ask("", path=path, accept=FIREFOX)[0] == 200
    post += [door.ask("", "POST", b"", path=path, accept=FIREFOX) for _ in range(2)]
    assert [status for status, *_ in post] == [405] * 3
    assert all({"GET", "HEAD"} <= set(found["allow"].split(", ")) for _, found, _, _ in post)


def test_head_has_the_headers_of_get(door):
    query = QUERY + " LIMIT 6"
    head, get = door.ask(query, "HEAD"), door.ask(query)
    assert head[2] == b""
    assert head[1]["etag"] == get[1]["etag"]
    assert head[1]["content-length"] == str(len(get[2]))


def test_large_answers_are_kept_after_they_have_streamed(door):
    query = "SELECT * { ?s ?p ?o . VALUES ?x { 1 2 3 4 5 6 7 8 9 } }"
    streamed, kept = door.ask(query), door.ask(query)
    assert "content-length" not in streamed[1]
    assert "etag" in kept[1]
    assert streamed[2] == kept[2]


def test_volatile_answers_are_not_kept(door):
    first, again = door.ask("SELECT (RAND() AS ?x) {}"), door.ask("SELECT (RAND() AS ?x) {}")
    assert first[2] != again[2]
    assert "etag" not in first[1]
    assert first[1]["cache-control"] == "no-store"


def test_errors_are_not_kept(door):
    assert door.ask("SELECT")[0] == door.ask("SELECT")[0] == 400
    assert door.reached == 2


def test_what_breaks_off_is_not_finished(door):
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    status, _, body, whole = door.ask(query, extra="&timeout=0.5")
    assert status == 200
    assert body
    assert not whole


def test_too_large_a_body_is_refused(door):
    assert door.ask("", "POST", b"x" * (1 << 20) + b"x")[0] == 413


def test_the_cache_stays_within_its_bytes():
    cache = Cache(100_000)
    for number in range(1000):
        cache.put(number, Kept((), (b"x" * (number % 7000),), ""))
    assert cache.size <= 100_000
    assert len(cache) < 1000
    assert cache.get(999) is not None
    cache.put("huge", Kept((), (b"x" * 200_000,), ""))
    assert cache.get("huge") is None


def test_a_new_release_answers_at_once_and_no_request_is_dropped(tmp_path):
    def publish(name, value):
        node = ox.NamedNode("http://e/a")
        (tmp_path / name).mkdir()
        store = ox.Store(str(tmp_path / name / "store"))
        store.add(ox.Quad(node, node, ox.Literal(value)))
        store.flush()
        del store
        describe(tmp_path / name, quads=1)
        (tmp_path / "CURRENT.new").write_text(name)
        (tmp_path / "CURRENT.new").replace(tmp_path / "CURRENT")

    publish("1.0.0", "old")
    releases = Releases(Limits(workers=2, queue=8), folder=tmp_path)
    try:
        door = Door(releases)
        query = "SELECT ?o { ?s ?p ?o }"
        assert b"old" in door.ask(query)[2]
        publish("1.1.0", "new")
        seen = []
        while b"new" not in (seen[-1] if seen else b"") and len(seen) < 100_000:
            status, _, body, _ = door.ask(query)
            assert status == 200
            seen.append(body)
        assert b"new" in seen[-1]
        assert b"old" in seen[0]
        assert door.ask("", path="/health")[2].count(b"1.1.0") == 1
    finally:
        releases.close()
