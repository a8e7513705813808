"""Other endpoints that are slow, broken, lying or elsewhere: each a clear problem, or one empty row under SILENT."""

import gzip
import json
import re
import socket
import time

import pytest

from kzus_graph.engine import federation, refusals, remotes
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from tests.standins import JSON, Rogue, says, sends

pytestmark = pytest.mark.slow

ROWS = json.dumps(
    {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "there"}}]}}
).encode()
SECONDS = "0.6"


def slow(connection, _):
    time.sleep(1)


def trickling(start, drop):
    """Send a beginning, then a drop at a time, for ever."""

    def behave(connection, _):
        connection.sendall(start)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return behave


def endless(start, flood):
    def behave(connection, _):
        connection.sendall(start)
        while True:
            connection.sendall(flood)

    return behave


def led(location, status="307 Temporary Redirect"):
    def behave(connection, request):
        host = re.search(rb"^Host: (\S+)", request, re.MULTILINE)[1].decode()
        says(status=status, Location=location.format(url=f"http://{host}"))(connection, request)

    return behave


HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n".encode()
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OPENING = b'{"head":{"vars":["x"]},"results":{"bindings":['

# What the service does; the status, kind and words of the problem that comes of it.
ILL = [
    ("never answers", slow, 504, "service-timeout", "did not answer in time"),
    ("trickles its status", trickling(b"HT", b"T"), 504, "service-timeout", "did not answer in time"),
    ("trickles headers", trickling(b"HTTP/1.1 200 OK\r\nX: ", b"x"), 504, "service-timeout", "did not answer in time"),
    ("always says continue", trickling(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), 504, "service-timeout", "in time"),
    ("trickles rows", trickling(CHUNKED, b"1\r\n \r\n"), 504, "service-timeout", "did not answer in time"),
    ("trickles rows, no length", trickling(HEAD + b"\r\n", b" "), 504, "service-timeout", "did not answer in time"),
    ("has an endless header", endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096), 502, "service-failed", "header line"),
    ("has endless headers", endless(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 99), 502, "service-failed", "headers"),
    ("has an endless answer", endless(HEAD + b"\r\n", b" " * 65536), 422, "service-too-large", "more than 16 MiB"),
    ("has endless chunks", endless(CHUNKED, b"1000\r\n%4096d\r\n" % 0), 422, "service-too-large", "more than 16 MiB"),
    (
        "fails",
        says(b"<h1>", "500 Internal Server Error", Content_Type="text/html"),
        502,
        "service-failed",
        "500 Internal",
    ),
    ("cannot read the query", says(b"", "400 Bad Request"), 502, "service-failed", "answered 400 Bad Request"),
    ("wants a password", says(b"", "401 Unauthorized"), 502, "service-failed", "answered 401"),
    ("is not there", says(b"", "404 Not Found"), 502, "service-failed", "answered 404 Not Found"),
    ("is asked too much", says(b"", "429 Too Many Requests", Retry_After="7"), 503, "service-busy", "answered 429"),
    ("has too much to do", says(b"", "503 Service Unavailable"), 503, "service-busy", "answered 503"),
    ("has nothing to say", says(b"", "204 No Content", Content_Length=""), 502, "service-failed", "answered 204"),
    ("answers a page", says(b"<html>", Content_Type="text/html; charset=utf-8"), 502, "service-failed", "text/html"),
    ("answers a table", says(b"x\r\n1", Content_Type="text/csv"), 502, "service-failed", "answered with text/csv"),
    ("answers XML", says(b"<sparql/>", Content_Type="application/sparql-results+xml"), 502, "service-failed", "xml"),
    ("says no type", says(ROWS, Content_Type=""), 502, "service-failed", "without a Content-Type"),
    ("answers no JSON", says(b"nonsense"), 502, "service-failed", "broken JSON"),
    ("answers nothing", says(b""), 502, "service-failed", "broken JSON"),
    ("answers other JSON", says(b'{"message": "welcome"}'), 502, "service-failed", "is not in the SPARQL"),
    ("answers a list", says(b"[[], []]"), 502, "service-failed", "is not in the SPARQL"),
    ("answers yes", says(b'{"head": {}, "boolean": true}'), 502, "service-failed", "is not in the SPARQL"),
    ("breaks off", says(ROWS[:-9], length=len(ROWS)), 502, "service-failed", "broke off: 9 bytes are missing"),
    ("breaks off at a good place", says(ROWS, length=len(ROWS) + 5), 502, "service-failed", "broke off: 5 bytes"),
    (
        "breaks off between chunks",
        sends(CHUNKED + b"5\r\n12345\r\n"),
        502,
        "service-failed",
        "the request to this endpoint failed",
    ),
    ("breaks off without a length", sends(HEAD + b"\r\n" + ROWS[:-3]), 502, "service-failed", "broken JSON"),
    ("says too small a length", says(ROWS, length=20), 502, "service-failed", "broken JSON"),
    ("says a length below zero", says(ROWS[:-3], length=-1), 502, "service-failed", "broken JSON"),
    (
        "says no number as chunk",
        sends(CHUNKED + b"zz\r\n\r\n"),
        502,
        "service-failed",
        "the request to this endpoint failed",
    ),
    ("sends a bomb", says(gzip.compress(b" " * 10**7), Content_Encoding="gzip"), 502, "service-failed", "coding gzip"),
    ("sends a bomb unasked", says(gzip.compress(b" " * 10**7)), 502, "service-failed", "broken JSON"),
    ("hangs up", sends(b""), 502, "service-failed", "the request to this endpoint failed"),
    (
        "hangs up in the headers",
        sends(b"HTTP/1.1 200 OK\r\nContent-T"),
        502,
        "service-failed",
        "without a Content-Type",
    ),
    ("speaks no HTTP", sends(b"SSH-2.0-OpenSSH_9.6\r\n"), 502, "service-failed", "the request to this endpoint failed"),
    ("leads to another host", led("http://query.example/open/"), 403, "service", "redirects to http://query.example/"),
    ("leads to another port", led("http://127.0.0.1:1/open/"), 403, "service", "is not allowed"),
    ("leads to a file", led("file:///etc/passwd"), 403, "service", "is not allowed"),
    ("leads out of its path", led("{url}/closed/"), 403, "service", "is not allowed"),
    ("leads up", led("/open/%2e%2e/closed/"), 403, "service", "is not allowed"),
    ("leads elsewhere as somebody", led("http://me@127.0.0.1/open/"), 403, "service", "is not allowed"),
    ("leads nowhere", led("{url}/open/", "300 Multiple Choices"), 502, "service-failed", "answered 300"),
    ("leads around", led("{url}/open/again"), 502, "service-failed", "redirects more than 3 times"),
    ("leads into a line break", led("{url}/open/\u0085x"), 403, "service", "is not allowed"),
]


@pytest.fixture(scope="module")
def rogue():
    rogue = Rogue()
    yield rogue
    rogue.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory, rogue):
    path = tmp_path_factory.mktemp("remotes") / "data.nt"
    path.write_text('<http://e/a> <http://e/p> "here" .\n')
    services = (f"{rogue.url}/open/", f"https://127.0.0.1:{rogue.port}/", "https://query.example/sparql")
    releases = Releases(Limits(timeout=5, workers=2, queue=4, services=services), files=[path])
    yield create_app(releases).test_client()
    releases.close()


def ask(client, target, silent="", **more):
    query = f"SELECT ?a ?x {{ ?a <http://e/p> 'here'\n  SERVICE {silent} <{target}> {{ ?b <http://e/q> ?x }} }}"
    return client.get("/sparql", query_string={"query": query, **more}, headers={"Accept": "application/json"})


@pytest.mark.parametrize(
    ("behave", "status", "kind", "words"), [case[1:] for case in ILL], ids=[case[0] for case in ILL]
)
def test_what_a_service_does_is_said(client, rogue, behave, status, kind, words):
    rogue.behave = behave
    target = f"{rogue.url}/open/sparql"
    answer = ask(client, target, timeout=SECONDS if status == 504 else "5")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    problem = answer.json
    assert problem["type"].endswith(f"/problem/{kind}") and problem["status"] == status
    assert problem["title"] and words in problem["detail"] and target in problem["detail"]
    assert (problem["service"], problem["line"], problem["column"]) == (target, 2, 3)
    assert re.fullmatch(r"[A-Z].*\.", problem["hint"])
    assert "ETag" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    silent = ask(client, target, "SILENT", timeout="1.5" if status == 504 else "5")
    assert silent.status_code == 200, silent.text
    assert silent.json["results"]["bindings"] == [{"a": {"type": "uri", "value": "http://e/a"}}]
    assert target in silent.headers["Hint"] and silent.headers["Cache-Control"] == "no-store"


def test_how_long_to_wait_is_passed_on(client, rogue):
    rogue.behave = says(b"", "429 Too Many Requests", Retry_After="7")
    assert ask(client, f"{rogue.url}/open/").headers["Retry-After"] == "7"
    rogue.behave = says(b"", "503 Service Unavailable", Retry_After="soon\x01")
    assert ask(client, f"{rogue.url}/open/").headers["Retry-After"] == "30"


def test_too_many_rows_are_not_taken_in(client, rogue, monkeypatch):
    rogue.behave = says(ROWS.replace(b"[{", b"[" + b"{}," * 5 + b"{"))
    assert len(ask(client, f"{rogue.url}/open/").json["results"]["bindings"]) == 6
    monkeypatch.setattr(federation, "MOST_ROWS", 5)
    answer = ask(client, f"{rogue.url}/open/")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (422, "service-too-large")
    assert "more than 5 rows" in answer.json["detail"] and "LIMIT" in answer.json["hint"]


@pytest.mark.parametrize(
    ("status", "method"),
    [
        ("301 Moved", b"POST"),
        ("302 Found", b"POST"),
        ("303 See Other", b"GET"),
        ("307 Temporary", b"POST"),
        ("308 Moved", b"POST"),
    ],
)
def test_a_redirect_within_the_list_is_followed(client, rogue, status, method):
    answers = [says(status=status, Location="there?a=é"), says(ROWS)]
    rogue.behave = lambda connection, request: answers.pop(0)(connection, request)
    rogue.asked.clear()
    assert ask(client, f"{rogue.url}/open/sparql").json["results"]["bindings"][0]["x"]["value"] == "there"
    assert rogue.asked[1].startswith(method + b" /open/there?a=%C3%A9 HTTP/1.1\r\n")
    assert (b"query=" in rogue.asked[1]) == (method == b"POST")


def test_a_request_says_who_asks_and_nothing_else(client, rogue):
    rogue.behave = says(ROWS)
    rogue.asked.clear()
    client.set_cookie("a", "b")
    ask(client, f"{rogue.url}/open/sparql?default-graph-uri=urn:a")
    head, _, _ = rogue.asked[0].decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    assert first == "POST /open/sparql?default-graph-uri=urn:a HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines)
    assert set(headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Content-Length", "Content-Type"}
    assert re.fullmatch(r"kzus-graph/\d+\.\d+\.\d+ \(https://w3id\.org/kzus/\)", headers["User-Agent"])
    assert headers["Accept-Encoding"] == "identity" and headers["Host"] == f"127.0.0.1:{rogue.port}"


@pytest.mark.parametrize("silent", ["", "SILENT "])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("{url}/closed/", "not allowed"),
        ("{url}/open/../closed", "not allowed"),
        ("{url}/open/%2E%2e/closed", "not allowed"),
        ("{url}/open/..%2fclosed", "not allowed"),
        ("{url}/open/..;/closed", "not allowed"),
        ("{url}/openly", "not allowed"),
        ("http://localhost:1/open/", "not allowed"),
        ("http://me@127.0.0.1:{port}/open/", "not allowed"),
        ("http://query.example/sparql", "not allowed"),
        ("https://query.example.evil/sparql", "not allowed"),
        ("https://query.example:444/sparql", "not allowed"),
        ("http://127.0.0.1:x/", "not allowed"),
        ("http://[::1/", "not allowed"),
        ("file:///etc/passwd", "must be an absolute http or https address"),
        ("sparql", "must be an absolute http or https address"),
    ],
)
def test_other_targets_are_refused_even_silently(client, rogue, target, words, silent):
    rogue.asked.clear()
    answer = ask(client, target.format(url=rogue.url, port=rogue.port), silent)
    assert answer.status_code == 403 and answer.json["type"].endswith("/service")
    assert words in answer.json["detail"] and (answer.json["line"], answer.json["column"]) == (2, 3)
    assert rogue.asked == []


def test_nobody_listens(client, rogue, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    remote = remotes.permitted(f"http://127.0.0.1:{port}/", [f"http://127.0.0.1:{port}/"])
    with pytest.raises(refusals.Unusable, match="refused"):
        remotes.ask(remote, "ASK {}", [], time.monotonic() + 5)


def test_no_certificate_no_rows(client, rogue):
    rogue.behave = says(ROWS)
    answer = ask(client, f"https://127.0.0.1:{rogue.port}/")
    assert answer.status_code == 502 and "the request to this endpoint failed" in answer.json["detail"]


NAMES = [
    ("private", ["10.0.0.1"]),
    ("one of two is private", ["93.184.215.14", "192.168.1.1"]),
    ("this machine", ["127.0.0.1"]),
    ("this machine by IPv6", ["::1"]),
    ("this machine, mapped", ["::ffff:127.0.0.1"]),
    ("every address", ["0.0.0.0"]),
    ("link-local", ["169.254.169.254"]),
    ("link-local by IPv6", ["fe80::1%eth0"]),
    ("carrier", ["100.64.0.1"]),
    ("unique local", ["fd00::1"]),
    ("multicast", ["224.0.0.1"]),
    ("multicast by IPv6", ["ff02::1"]),
    ("private through NAT64", ["64:ff9b::a00:1"]),
    ("private through 6to4", ["2002:a00:1::1"]),
]


@pytest.mark.parametrize("addresses", [case[1] for case in NAMES], ids=[case[0] for case in NAMES])
def test_a_public_name_with_a_private_address_is_refused(client, monkeypatch, addresses):
    monkeypatch.setattr(
        remotes.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (one, 443)) for one in addresses]
    )
    monkeypatch.setattr(remotes.socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))
    answer = ask(client, "https://query.example/sparql")
    assert answer.status_code == 403 and "address that is not public" in answer.json["detail"]


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_connected_to(client, monkeypatch):
    """DNS rebinding: the second look-up of a name would lead elsewhere."""
    looked, connected = [], []
    answers = [["2606:2800:21f:cb07::1", "93.184.215.14"], ["127.0.0.1"]]

    def look(*_, **__):
        looked.append(1)
        return [(2, 1, 6, "", (one, 443)) for one in answers[len(looked) - 1]]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError("no")

    monkeypatch.setattr(remotes.socket, "getaddrinfo", look)
    monkeypatch.setattr(remotes.socket, "create_connection", connect)
    answer = ask(client, "https://query.example/sparql")
    assert answer.status_code == 502 and len(looked) == 1
    assert connected == [("2606:2800:21f:cb07::1", 443), ("93.184.215.14", 443)]


@pytest.mark.parametrize(
    ("look", "status", "words"),
    [
        (lambda *_, **__: time.sleep(2) or [], 504, "in time"),
        (lambda *_, **__: (_ for _ in ()).throw(socket.gaierror(-2, "Name or service not known")), 502, "not known"),
    ],
    ids=["slowly", "in vain"],
)
def test_a_name_is_looked_up(client, monkeypatch, look, status, words):
    monkeypatch.setattr(remotes.socket, "getaddrinfo", look)
    answer = ask(client, "https://query.example/sparql", timeout=SECONDS)
    assert answer.status_code == status and words in answer.json["detail"]


@pytest.mark.parametrize(
    ("prefix", "good"),
    [
        ("https://query.wikidata.org/", True),
        ("http://127.0.0.1:8080/a", True),
        ("https://[::1]/", True),
        ("query.wikidata.org", False),
        ("//query.wikidata.org/", False),
        ("ftp://query.wikidata.org/", False),
        ("https://", False),
        ("https://a:b/", False),
        ("https://me@a/", False),
        ("https://a/?b", False),
        ("", False),
    ],
)
def test_what_can_allow(prefix, good):
    assert remotes.is_prefix(prefix) == good


def test_the_usual_port_need_not_be_said():
    assert remotes.permitted("https://query.example:443/a", ["https://query.example/"])
    assert remotes.permitted("https://query.example", ["https://query.example"])
    assert not remotes.permitted("http://query.example:443/a", ["https://query.example/"])
    assert remotes.permitted("http://localhost/", ["http://localhost/"]).may_be_private
    assert not remotes.permitted("http://intranet/", ["http://intranet/"]).may_be_private
