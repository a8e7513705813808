"""HTTP by the book, over a socket, against a server that is started for it."""

import gzip
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.linking import json_input
from tests.conftest import copy_small_root
from tests.hostile.visits import Answer, asked, raw
from tests.serving import SERVE, Served, serving

DUMP = "/dumps/kzus-graph-all.nt"
LARGE = "/dumps/kzus-graph-inferred.nt"
LARGE_SIZE = 24 << 20
ASK = quote("ASK { ?s ?p ?o }")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small_release: Path) -> Path:
    """A folder with a root and the small release."""
    folder = tmp_path_factory.mktemp("http")
    copy_small_root(folder / "root")
    copied = folder / "out" / small_release.name
    copied.parent.mkdir()
    subprocess.run(["cp", "-r", str(small_release), str(copied)], check=True)
    (folder / "out" / "CURRENT").write_text(copied.name)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    arguments = ("--release", str(folder / "out"), "--root", str(folder / "root"), "--workers", "2", "--access-log")
    with serving(folder, *arguments) as server:
        (dumps,) = (folder / "out").glob("*/dumps")
        os.truncate(dumps / LARGE.rpartition("/")[2], LARGE_SIZE)
        yield server


@pytest.fixture(scope="module")
def port(served: Served) -> int:
    return int(served.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def whole(folder: Path, small_release: Path) -> bytes:
    return (small_release / "dumps" / DUMP.rpartition("/")[2]).read_bytes()


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def get(port: int, target: str, *headers: str, method: str = "GET") -> Answer:
    lines = "".join(f"{line}\n" for line in ("Host: a.example", *headers))
    return asked(port, f"{method} {target} HTTP/1.1\n{lines}".encode("latin-1"))


# Parts (RFC 9110, section 14)


@pytest.mark.parametrize(
    ("header", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("Bytes=10-19", 10, 20),
        ("bytes = 10 - 19 ,", 10, 20),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=5-999999999999999999999", 5, None),
        ("bytes=-999999999999", 0, None),
    ],
)
def test_one_range_is_answered_with_that_part(port, whole, header, first, end):
    answer = get(port, DUMP, f"Range: {header}", "Accept-Encoding: gzip")
    expected = whole[first:end]
    begin = len(whole) + first if first < 0 else first
    assert (answer.status, answer.body) == (206, expected)
    assert answer.headers["content-range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(whole)}"
    assert answer.headers["content-length"] == str(len(expected))
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "header",
    ["bytes=9-2", "bytes=0-1,5-6", "bytes=" + ",".join(["0-"] * 500), "rows=0-1", "bytes", "bytes=", "bytes=-",
     "bytes=a-b", "bytes=--5", "bytes=1-2-3", "bytes=0x1-2", "items 0-1/2", "bytes=\xb2-\xb3",
     "bytes=" + "9" * 5000 + "-"],
)  # fmt: skip
def test_what_is_no_single_range_is_passed_over(port, whole, header):
    answer = get(port, DUMP, f"Range: {header}")
    assert (answer.status, answer.body) == (200, whole)
    assert answer.headers["accept-ranges"] == "bytes" and "content-range" not in answer.headers


def test_two_range_headers_are_several_ranges(port, whole):
    assert get(port, DUMP, "Range: bytes=0-1", "Range: bytes=4-5").body == whole


@pytest.mark.parametrize(
    "header", ["bytes=-0", "bytes={size}-", "bytes={size}-{size}", "bytes=999999999999999999999999-"]
)
def test_part_that_is_not_there_is_416_with_the_length(port, whole, header):
    answer = get(port, DUMP, f"Range: {header.format(size=len(whole))}")
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    assert json.loads(answer.body)["type"].endswith("/problem/range")


def test_condition_on_a_range(port, whole):
    answer = get(port, DUMP)
    etag, modified = answer.headers["etag"], answer.headers["last-modified"]
    for condition, status in (
        (etag, 206),
        (modified, 206),
        (f"W/{etag}", 200),
        ('"another"', 200),
        (etag[:-1] + '-gzip"', 200),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 200),
        ("no date", 200),
    ):
        answer = get(port, DUMP, "Range: bytes=0-9", f"If-Range: {condition}")
        assert (answer.status, answer.body) == (status, whole[:10] if status == 206 else whole), condition


def test_conditions_come_before_ranges(port):
    answer = get(port, DUMP)
    etag, modified = answer.headers["etag"], answer.headers["last-modified"]
    for line, status in (
        (f"If-None-Match: {etag}", 304),
        (f'If-None-Match: "x", W/{etag}', 304),
        ("If-None-Match: *", 304),
        ('If-None-Match: "x"', 206),
        (f"If-Modified-Since: {modified}", 304),
        ("If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 206),
        ("If-Modified-Since: yesterday", 206),
        (f"If-Match: {etag}", 206),
        ('If-Match: "x"', 412),
    ):
        assert get(port, DUMP, line, "Range: bytes=0-9").status == status, line
    both = get(port, DUMP, 'If-None-Match: "x"', f"If-Modified-Since: {modified}")
    assert both.status == 200, "If-Modified-Since doesn't count beside If-None-Match (section 13.1.3)"


def test_head_knows_no_parts(port, whole):
    plain = get(port, DUMP, method="HEAD")
    assert (plain.status, plain.body, plain.headers["content-length"]) == (200, b"", str(len(whole)))
    part = get(port, DUMP, "Range: bytes=0-9", "If-Range: x", method="HEAD")
    assert {**part.headers, "date": ""} == {**plain.headers, "date": ""}


def test_compressed_dump_is_the_file_that_lies_there(port, whole, small_release):
    answer = get(port, DUMP, "Accept-Encoding: zstd, gzip")
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["content-type"] == "application/n-triples"
    assert answer.body == (small_release / f"{DUMP[1:]}.gz").read_bytes() and gzip.decompress(answer.body) == whole
    etag = answer.headers["etag"]
    assert etag == get(port, DUMP).headers["etag"][:-1] + '-gzip"'
    assert get(port, DUMP, "Accept-Encoding: gzip", f"If-None-Match: {etag}").status == 304
    assert get(port, DUMP, f"If-None-Match: {etag}").status == 200


def test_parts_of_what_belongs_to_the_pages(port):
    icon = get(port, "/static/icon.svg")
    assert get(port, "/static/icon.svg", "Range: bytes=-4").body in (icon.body[-4:], icon.body)
    assert get(port, "/static/icon.svg?other", "Range: bytes=-4").body == icon.body[-4:]
    assert get(port, "/static/icon.svg?more", "Range: bytes=9-2").body == icon.body


def resident(served: Served) -> int:
    """Bytes of memory that the server's processes have for themselves."""
    total = 0
    for pid in served.processes():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_Dirty:"))
    return total


def test_clients_that_do_not_read_a_dump_hold_no_copy_of_it(served, port):
    get(port, LARGE, "Range: bytes=0-9")
    before = resident(served)
    idle = []
    try:
        for _ in range(20):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            connection.connect(("127.0.0.1", port))
            connection.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            idle.append(connection)
        for connection in idle:
            connection.settimeout(30)
            assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
        assert resident(served) - before < 3 * LARGE_SIZE, "of 20 clients, what three copies would take"
    finally:
        for connection in idle:
            connection.close()
    assert len(get(port, LARGE).body) == LARGE_SIZE


# Methods, paths, headers


@pytest.mark.parametrize("method", ["get", "Get", "head", "post", "GeT'|", "CONNECT"])
def test_what_is_no_method_is_501(port, method):
    answer = get(port, "a.example:80" if method == "CONNECT" else "/prefixes", method=method)
    assert answer.status == 501 if method != "CONNECT" else answer.status >= 400


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("PUT", "/sparql", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("DELETE", "/id/fred", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/prefixes", {"GET", "HEAD", "OPTIONS"}),
        ("PATCH", "/dumps/", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/", {"GET", "HEAD", "OPTIONS"}),
        ("QUERY", "/sparql", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_method_that_is_not_for_an_address_is_405_with_those_that_are(port, method, target, allowed):
    answer = get(port, target, "Content-Length: 0", method=method)
    assert answer.status == 405 and set(answer.headers["allow"].split(", ")) == allowed


def test_options_of_the_server_and_of_an_address(port):
    answer = get(port, "*", method="OPTIONS")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    answer = get(
        port, "/prefixes", "Origin: https://b.example", "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: x-requested-with, Authorization,range,a b,<x>,\x80,, traceparent",
        method="OPTIONS",
    )  # fmt: skip
    assert answer.status == 200 and answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "x-requested-with, Authorization, range, traceparent"
    assert set(answer.headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert answer.headers["access-control-max-age"] == "86400"
    many = ",".join(f"x-{number}" for number in range(300))
    answer = get(port, "/sparql", f"Access-Control-Request-Headers: {many}", method="OPTIONS")
    assert answer.headers["access-control-allow-headers"].count(",") == 49
    assert "access-control-allow-headers" not in get(port, "/sparql").headers


@pytest.mark.parametrize(
    "content_type",
    ["application/sparql-query", "Application/SPARQL-Query", 'APPLICATION/SPARQL-QUERY;Charset="UTF-8"',
     "application/sparql-query ; charset=utf8; x=y"],
)  # fmt: skip
def test_media_types_are_written_in_any_case(port, content_type):
    head = f"POST /sparql HTTP/1.1\nHost: a\nContent-Length: 16\nContent-Type: {content_type}"
    found = raw(port, head.replace("\n", "\r\n").encode() + b"\r\nConnection: close\r\n\r\nASK { ?s ?p ?o }")
    assert b" 200 " in found[:20] and b"true" in found
    form = head.replace("sparql-query", "x-www-form-urlencoded").replace("SPARQL-QUERY", "X-WWW-Form-Urlencoded")
    form = form.replace("SPARQL-Query", "X-WWW-Form-URLEncoded").replace("16", str(len(ASK) + 6))
    found = raw(port, form.replace("\n", "\r\n").encode() + f"\r\nConnection: close\r\n\r\nquery={ASK}".encode())
    assert b" 200 " in found[:20] and b"true" in found


@pytest.mark.parametrize(
    "name",
    ["application/sparql-results+json", "application/sparql-results%2Bjson", "+application/sparql-results+json+",
     "json",
     "text/none,application/sparql-results+json"],
)  # fmt: skip
def test_format_may_have_a_bare_plus(port, name):
    answer = get(port, f"/sparql?query={ASK}&format={name}", "Accept: text/csv")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/sparql-results+json")


@pytest.mark.parametrize("target", [f"/sparql?query={ASK}&query={ASK}", f"/sparql?query={ASK}&timeout=1&timeout=2"])
def test_parameter_given_twice_is_refused(port, target):
    answer = get(port, target)
    assert (answer.status, json.loads(answer.body)["type"].rpartition("/")[2]) == (400, "repeated-parameter")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("/prefixes/?a=b%20c&d=%D0%90", "/prefixes?a=b%20c&d=%D0%90"),
        ("/lookup/?uri=x", "/lookup?uri=x"),
        ("/id/fred///", "/id/fred"),
        ("/search/?q=%22%3E", "/search?q=%22%3E"),
        ("/docs?a=b", "/docs/?a=b"),
        ("/dumps", "/dumps/"),
    ],
)
def test_slash_too_many_or_too_few_leads_to_the_address(port, target, there, method):
    answer = get(port, target, "Content-Length: 0", method=method)
    if method == "POST" and target != "/lookup/?uri=x":
        # Nothing there takes a POST, with a slash or without.
        assert answer.status in (308, 404, 405) and answer.headers.get("location", there) == there
    else:
        assert (answer.status, answer.headers["location"]) == (308, there)


def test_the_endpoint_answers_with_a_slash_too(port):
    assert get(port, f"/sparql/?query={ASK}").status == 200


HOSTILE_PATHS = [
    "/%ff%fe", "/id/%ff%fe", "/%zz", "/id/%zz%", "/id/%00", "/id/%0d%0aX-Injected:%201", "/id/%1b%5b31m",
    "//evil.example/", "//evil.example/dumps", "/\\evil.example/", "/%5c%5cevil.example/", "/%2f%2fevil.example/",
    "/id/../../etc/passwd",
    "/id/..%2f..%2fetc%2fpasswd", "/static/..%2f__init__.py", "/static/%2e%2e/front.py", "/static/..%5cfront.py",
    "/dumps/..%2fCURRENT", "/dumps/%00", "/data/id/fred.ttl%00", "/page/%e2%80%ae", "/docs/..%2fsecurity", "/docs/%0a",
    "/problem/%3Cscript%3E", "/query/%0d%0a.ttl", "/slices/class/%00.csv", "/slices/years/9999-0000.csv",
    "/slices/years/%D9%A1%D9%A9%D9%A0%D9%A1.csv", "/conformance.%0a", "/.well-known/void.%ff", "/id/" + "a/" * 3000,
    "/id/" + "%D0%90" * 3000, "/dumps/0.1.0%0d%0aX:%20y/SHA256SUMS", "/;/", "/id/fred;jsessionid=1", "/%", "/?%",
    "/?&&==&", "/search?q=%ff", "/search?q=%00", "/search?q=" + "%D0%90" * 2000, "/search?q=%ed%a0%80",
    "/search?lang=%ff",
    "/page/id/fred?page=%ff", "/page/id/fred?page=%D9%A1", "/page/id/fred?page=1e5", "/page/id/fred?lang=%0a",
    "/lookup?uri=%ff", "/lookup?uri=%ed%a0%80", "/lookup?uri=x&format=%ff", "/lookup?uri=%00",
    "/reconcile?queries=%ff", "/reconcile?query=%ff", "/reconcile?extend=%7B", "/reconcile/suggest/entity?prefix=%ff",
    "/reconcile/suggest/entity?prefix=a&cursor=-1", "/reconcile/suggest/entity?prefix=a&cursor=%D9%A1",
    "/reconcile/properties?type=%00", "/reconcile/preview?id=%ff", "/reconcile/flyout?id=%3Cscript%3E",
    "/sparql?query=%ff", "/sparql?query=ASK%7B%7D&timeout=%ff", "/sparql?query=ASK%zz%7B%7D", "/sparql?query=%00",
    "/sparql?query=%ed%a0%80", "/sparql?%ff=1", "/sparql?" + "&".join(f"a{n}=" for n in range(2000)), "/sparql?query=",
    "/sparql?query=ASK%7B%7D&default-graph-uri=%00", "/sparql?query=ASK%7B%7D&named-graph-uri=not%20an%20iri",
    "/query?query=%ff", "/query?query=%00&view=%ff", "/robots.txt?%ff", "/openapi.json/x",
]  # fmt: skip


@pytest.mark.parametrize("accept", ["text/html", "*/*", "text/turtle"])
@pytest.mark.parametrize("target", HOSTILE_PATHS)
def test_no_address_is_a_fault_of_ours(port, target, accept):
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = get(port, target, f"Accept: {accept}", method=method)
        assert answer.status < 500, (method, answer)
        assert "x-injected" not in answer.headers and "x" not in answer.headers
        location = answer.headers.get("location", "/")
        assert location.startswith("/") and not location.startswith(("//", "/\\")), location


@pytest.mark.parametrize(
    "line",
    ["Accept: ;;;,,,q=;=", "Accept: text/html;q=nan", "Accept: text/csv;q=1e999, */*;q=-1", "Accept: */*;q=abc",
     "Accept: /", "Accept: " + "a/b," * 5000, "Accept-Encoding: gzip;q=x", "Accept-Encoding: identity;q=0",
     "Accept-Encoding: *;q=0",
     "Accept-Encoding: gzip;q=0, *;q=0", "Accept-Encoding: ,;,=", "Accept-Encoding: x-gzip", "Accept-Language: \xff;q=",
     "Accept-Language: " + "kk," * 5000, 'If-None-Match: "', "If-None-Match: W/", "If-None-Match: " + '"a",' * 5000,
     "If-Modified-Since: \xff", "If-Range: \xff", "Range: \xff", "Cookie: \xff=\xfe", "User-Agent: \xff",
     "Referer: \x01", "Authorization: Basic \xff", "Content-Type: \xff/;=", "Content-Length: 0", "X-A_b: c", "X_A: b",
     "Origin: null",
     "Transfer-Encoding: chunked", "Upgrade: h2c", "Upgrade: websocket", "TE: trailers", "Forwarded: for=x;host=evil"],
)  # fmt: skip
@pytest.mark.parametrize("target", ["/", "/id/fred", f"/sparql?query={ASK}", DUMP, "/search?q=fred", "/lookup?uri=x"])
def test_no_header_is_a_fault_of_ours(port, target, line):
    end = "\r\n0\r\n\r\n" if line.startswith("Transfer") else "\r\n\r\n"
    head = f"GET {target} HTTP/1.1\r\nHost: a.example\r\n{line}\r\nConnection: close{end}"
    status = int(raw(port, head.encode("latin-1")).split(b" ", 2)[1])
    assert status < 500 and (status in (200, 303, 400, 406) or (status == 304 and "If-" in line)), status


def test_identity_refused_is_still_answered_and_gzip_where_it_is_taken(port):
    for header in ("identity;q=0", "*;q=0", "identity;q=0, gzip;q=0"):
        answer = get(port, "/prefixes", "Accept: text/html", f"Accept-Encoding: {header}")
        assert answer.status == 200 and "content-encoding" not in answer.headers
    answer = get(port, "/prefixes", "Accept: text/html", "Accept-Encoding: identity;q=0, gzip")
    assert answer.headers["content-encoding"] == "gzip"


def test_wishes_beyond_what_counts_make_no_difference(port):
    """What is kept by the beginning of a header must not depend on its end."""
    filler = "a/b," * 600
    first = get(port, f"/sparql?query={quote('ASK { ?s ?p 1 }')}", f"Accept: {filler}text/csv")
    again = get(port, f"/sparql?query={quote('ASK { ?s ?p 1 }')}", f"Accept: {filler}text/html")
    assert (first.status, first.body) == (again.status, again.body)
    pages = [get(port, "/", f"Accept: {filler}{last}").headers["content-type"] for last in ("text/html", "text/turtle")]
    assert pages[0] == pages[1]


def test_the_http_server_keeps_bounds_and_framing(port):
    # Which of the two bounds a very long one meets first depends on how it is cut up on its way.
    for size, statuses in ((100_000, {b"414"}), (200_000, {b"414", b"431"})):
        assert raw(port, b"GET /" + b"a" * size + b" HTTP/1.1\r\nHost: a\r\n\r\n")[9:12] in statuses
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(1000))
    assert b" 431 " in raw(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n")[:20]
    for head in (b"Content-Length: 3\r\nContent-Length: 4", b"Content-Length: +3", b"Content-Length: 3, 3",
                 b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"X-Folded: a\r\n b"):  # fmt: skip
        found = raw(port, b"POST /sparql HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\nabc")
        assert b" 400 " in found[:20] and b"connection: close" in found, head
    # With both, the chunks count and the connection ends: what follows is not taken for a request.
    both = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    found = raw(port, both + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
    assert found.count(b"HTTP/1.1 ") == 1 and b"connection: close" in found


def test_expectation_of_a_body_is_answered(port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\nExpect: 100-continue\r\n"
            b"Content-Type: application/sparql-query\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ASK { ?s ?p ?o }")
        assert b" 200 " in connection.recv(4096)[:20]


# JSON


DEEP = 300_000
ODD = {
    "lists": "[" * DEEP + "]" * DEEP,
    "open lists": "[" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "deep enough for calls": "[" * 900 + "]" * 900,
    "a little too deep": "[" * (json_input.DEEPEST + 1) + "]" * (json_input.DEEPEST + 1),
    "not a number": '{"q": NaN}',
    "infinity": '{"q": -Infinity}',
    "too large a number": '{"q": 1e999}',
    "too long a number": '{"q": ' + "9" * 5000 + "}",
    "half a character": '{"q": {"query": "\\ud800"}}',
    "half a character as key": '{"\\udfff": {"query": "x"}}',
    "cut": '{"q": {"query": "x"',
    "nothing": "",
    "two documents": "{} {}",
    "comment": "{} // no",
    "zero byte": '{"q": "\x00"}',
}


APART = {"not a number", "infinity", "too large a number", "half a character"}
"""What is wrong with one query of a batch is told of that query."""


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("parameter", ["queries", "extend"])
def test_json_that_cannot_be_read_is_400(client, name, parameter):
    answer = client.post("/reconcile", data={parameter: ODD[name]})
    if parameter == "queries" and name in APART:
        assert (answer.status_code, answer.json["q"]["result"], bool(answer.json["q"]["error"])) == (200, [], True)
    else:
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (400, "reconcile")


@pytest.mark.parametrize("name", ODD)
def test_json_of_names_that_cannot_be_read_is_400(client, name):
    answer = client.post("/lookup", data=ODD[name].encode("utf-8", "surrogatepass"), content_type="Application/JSON")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (400, "lookup")
    answer = client.post("/lookup", data=f'["x", {ODD[name] or "["}]', content_type="application/json; charset=utf-8")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ['["\\ud800"]', '["x\\udc00"]', "[1]", "{}", '"x"', "null", '[["x"]]'])
def test_json_that_is_no_list_of_names_is_400(client, text):
    assert client.post("/lookup", data=text, content_type="application/json").status_code == 400


def test_json_deep_in_a_query_is_told_of_that_query(client):
    for place in (
        '"query": {}',
        '"query": "Fred", "type": {}',
        '"query": "Fred", "properties": [{{"pid": "dip:x", "v": {}}}]',
    ):
        deep = place.format("[" * 500 + "]" * 500)
        answer = client.post("/reconcile", data={"queries": f'{{"q": {{{deep}}}, "r": {{"query": "Fred"}}}}'})
        assert answer.status_code == 200
        assert answer.json["q"] == {"result": [], "error": "Objects and lists are nested more than 8 levels deep."}
        assert answer.json["r"].keys() == {"result"}


def test_of_a_key_given_twice_the_last_counts(client):
    twice = '{"q": {"query": "nobody of that name"}, "q": {"query": "Fred"}}'
    found = client.post("/reconcile", data={"queries": twice}).json
    assert found["q"]["result"][0]["id"] == "id/fred"


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff", "application/json",
     "multipart/form-data; boundary=" + "a" * 300, "text/plain; charset=x-none", "image/png", "", "/;", "a/b;c*=d''%ff",
     "application/x-www-form-urlencoded; charset=utf-7"],
)  # fmt: skip
@pytest.mark.parametrize("target", ["/lookup", "/reconcile", "/sparql"])
def test_no_body_is_a_fault_of_ours(client, target, content_type):
    for body in (
        b"",
        b"\xff\x00",
        b"--\r\n\r\n",
        b'--a\r\nContent-Disposition: form-data; name="uri"\r\n\r\nx\r\n--a--',
        b"=",
    ):
        answer = client.post(target, data=body, content_type=content_type)
        assert answer.status_code < 500, (body, answer.data)


# The log


def test_no_address_forges_a_line_of_the_log(served, port):
    marks = [
        "\r\nGET /forged 200",
        "\x1b[2J",
        "\u202eGET",
        "\u2028GET /forged",
        "\u200b",
        "\u3164",
        "\U000e0041",
        '" 200 "',
        "\x85",
    ]
    before = len(served.log.read_text().splitlines())
    for number, mark in enumerate(marks):
        get(port, f"/id/forge-{number}{quote(mark)}")
        get(port, f"/sparql?query={quote('ASK { ?s ?p ' + mark)}")
    get(port, "/id/" + "a" * 5000)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and "a" * 400 not in served.log.read_text():
        time.sleep(0.05)
    lines = served.log.read_bytes().decode().split("\n")[before:-1]
    assert len(lines) == 2 * len(marks) + 1
    for line in lines:
        assert line.isascii() and line.isprintable()
        assert line.split(" ")[0] == "GET" and line.split(" ")[2] in ("404", "400") and len(line.split(" ")) == 8, line
    assert f"/id/forge-0{quote(marks[0])}" in lines[0]
    assert all(len(line) < 700 for line in lines)


def test_a_log_that_nobody_reads_holds_nobody_up(tmp_path):
    data = tmp_path / "data.nt"
    data.write_text('<http://e/a> <http://e/p> "x" .\n')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*SERVE, "--port", str(port), "--workers", "1", "--access-log", "--dataset"]
    process = subprocess.Popen([*command, str(data)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                if raw(port, b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
                    break
            except ConnectionRefusedError:
                time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            answers = connection.makefile("rb")
            for _ in range(2000):
                connection.sendall(b"GET /id/" + b"a" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                assert b" 404 " in answers.readline()
                length = 0
                while (line := answers.readline().strip().lower()) != b"":
                    length = int(line.partition(b":")[2]) if line.startswith(b"content-length") else length
                answers.read(length)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) is not None
    finally:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()
