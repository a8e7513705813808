"""Which host an answer is for: nobody gets what was made for another, and no proxy is believed that was not named."""

import logging
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from kzus_graph.cli import main
from kzus_graph.engine.cache import Cache
from kzus_graph.engine.serving import Limits, Release
from kzus_graph.engine.workers import Pool
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http.metrics import Telemetry
from tests.hostile.visits import Answer, raw, visit
from tests.serving import serving

PROXY = "10.7.0.9"
RELATIVE = quote("SELECT ?x { VALUES ?x { <relative> } }")
ROWS = quote("SELECT (<https://w3id.org/kzus/id/fred> AS ?x) {}")
ORIGINS = {
    "aaa.example": [("Host", "aaa.example")],
    "bbb.example": [
        ("Host", "inner.example:8000"), ("X-Forwarded-Host", "bbb.example"), ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Prefix", "/below-b"),
    ],
    "ccc.example": [("Host", "aaa.example"), ("X-Forwarded-Prefix", "/below-c")],
}  # fmt: skip
"""Who asks: straight, through a proxy at another name and below a path, and below a path of the first name."""
FOREIGN = {
    "aaa.example": ("bbb.example", "/below-", "inner.example"),
    "bbb.example": ("aaa.example", "/below-c", "http://bbb", "inner.example"),
    "ccc.example": ("bbb.example", "/below-b", "inner.example"),
}
"""What stands in no answer for each of them."""
ADDRESSES = {
    "/static/<path:filename>": ["/static/icon.svg"],
    "/sparql": ["/sparql", f"/sparql?query={RELATIVE}", f"/sparql?query={ROWS}", "/sparql?query=SELECT"],
    "/sparql/": ["/sparql/", f"/sparql/?query={RELATIVE}"],
    "/conformance.<suffix>": ["/conformance.ttl"],
    "/query": ["/query", f"/query?query={ROWS}"],
    "/query/<name>": ["/query/visits", "/query/visits?sort=-visit&find=fred"],
    "/questions": ["/questions"],
    "/answers/<name>.csv": ["/answers/visits.csv"],
    "/spreadsheet": [f"/spreadsheet?query={ROWS}", f"/spreadsheet?query={RELATIVE}"],
    "/page/<path:path>": [
        "/page/id/fred", "/page/id/1901-fred-streslau-visit", "/page/graph/entities", "/page/id/nobody",
    ],
    "/page/ontology/<version>": ["/page/ontology/3.0.0"],
    "/page/shapes/<version>": ["/page/shapes/3.0.0"],
    "/page/ontology/alignment/<version>": ["/page/ontology/alignment/3.0.0"],
    "/search": ["/search?q=fred"],
    "/id/<path:name>": ["/id/fred", "/id/fred.ttl", "/id/fred/"],
    "/topic/<path:name>": ["/topic/diplomacy"],
    "/code/<path:name>": ["/code/act"],
    "/source/<path:name>": ["/source/gazette"],
    "/note/<path:name>": ["/note/disagreement-visit-dates"],
    "/graph/<path:name>": ["/graph/entities"],
    "/ontology/<path:name>": ["/ontology/alignment"],
    "/shapes/<path:name>": ["/shapes/3.0.0"],
    "/dataset/<path:name>": ["/dataset/0.1.0"],
    "/ontology.<suffix>": ["/ontology.ttl"],
    "/shapes.<suffix>": ["/shapes.nt"],
    "/dataset.<suffix>": ["/dataset.rdf"],
    "/correct/<path:path>": ["/correct/id/fred"],
    "/data/<path:path>": ["/data/id/fred.ttl", "/data/dataset.jsonld"],
    "/.well-known/void.<suffix>": ["/.well-known/void.ttl"],
    "/prefixes.<suffix>": ["/prefixes.ttl"],
    "/query/<name>.<suffix>": ["/query/visits.ttl"],
    "/docs/": ["/docs/", "/docs"],
    "/docs/<name>": ["/docs/tutorial", "/docs/endpoint"],
    "/dumps/": ["/dumps/", "/dumps"],
    "/dumps/<version>/": ["/dumps/RELEASE/", "/dumps/0.1.0/"],
    "/dumps/<name>": ["/dumps/SHA256SUMS", "/dumps/kzus-graph-all.ttl", "/dumps/0.1.0"],
    "/dumps/<version>/<name>": ["/dumps/RELEASE/kzus-graph-all.ttl", "/dumps/0.1.0/SHA256SUMS"],
    "/slices/class/<name>.<suffix>": ["/slices/class/Visit.csv"],
    "/slices/years/<years>.<suffix>": ["/slices/years/1901.ttl"],
    "/slices/topic/<name>.<suffix>": ["/slices/topic/diplomacy.ttl"],
    "/slices/query/<name>.<suffix>": ["/slices/query/visits.csv"],
    "/problem/<kind>": ["/problem/busy"],
    "/lookup": ["/lookup?uri=http://www.wikidata.org/entity/Q232", "/lookup"],
    "/reconcile": [
        "/reconcile", "/reconcile?queries=%7B%22q%22:%7B%22query%22:%22Fred%22%7D%7D", "/reconcile?callback=f",
    ],
    "/reconcile/suggest/entity": ["/reconcile/suggest/entity?prefix=Fr"],
    "/reconcile/suggest/type": ["/reconcile/suggest/type?prefix=V"],
    "/reconcile/suggest/property": ["/reconcile/suggest/property?prefix=a"],
    "/reconcile/properties": ["/reconcile/properties?type=dip:Visit"],
    "/reconcile/preview": ["/reconcile/preview?id=id/fred"],
    "/reconcile/flyout": ["/reconcile/flyout?id=id/fred"],
}  # fmt: skip
"""For each route with a variable in it, and those where a parameter makes a difference, addresses to ask for."""
COUNTS = ("/metrics", "/health")


@pytest.fixture(scope="module")
def pool(small_release: Path) -> Iterator[Pool]:
    pool = Pool([small_release / "store"], workers=2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def fresh(small_release: Path, pool: Pool):  # type: ignore[no-untyped-def]  # a function that makes fronts
    """Makes a front that nobody has asked yet."""

    def make(*proxies: str) -> AsgiApplication:
        release = Release(small_release.name, small_release, pool, Cache(64 << 20))
        releases = SimpleNamespace(current=release, limits=Limits(), state=lambda: {"status": "ok"})
        app = create_app(releases)  # type: ignore[arg-type]  # all that a front asks of releases
        return AsgiApplication(app, releases, Telemetry(), 8, [ip_network(proxy) for proxy in proxies])  # type: ignore[arg-type]

    return make


def asked(front: AsgiApplication, origin: str, address: str, accept: str, method: str = "GET", **more: str) -> Answer:
    path, _, query = address.partition("?")
    headers = [*ORIGINS[origin], ("Accept", accept), *((name.replace("_", "-"), more[name]) for name in more)]
    answer = visit(front, path, query.encode(), method, client=PROXY, headers=headers)
    answer.headers.pop("server-timing", None)
    return answer


@pytest.fixture(scope="module")
def fronts(fresh):
    """A front that each asks alone, and two that all ask; what these make takes long, whoever accepts what."""
    return {origin: fresh(PROXY) for origin in ORIGINS}, [fresh(PROXY), fresh(PROXY)]


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.1", "text/turtle,application/json"])
def test_no_answer_holds_anything_of_another_host(fronts, small_release, accept):
    alone, shared = fronts
    rules = [rule.rule for rule in create_app(SimpleNamespace(limits=Limits())).url_map.iter_rules()]
    assert {rule for rule in rules if "<" in rule} <= ADDRESSES.keys() <= set(rules), "each route is asked for"
    for rule in rules:
        for address in ADDRESSES.get(rule, [rule]):
            address = address.replace("RELEASE", small_release.name)
            expected = {origin: asked(alone[origin], origin, address, accept) for origin in ORIGINS}
            for front, order in zip(shared, (list(ORIGINS), list(reversed(ORIGINS))), strict=True):
                for origin in order:
                    found = asked(front, origin, address, accept)
                    assert found.status < 500, (address, found)
                    foreign = [name for name in FOREIGN[origin] if name in found.everything]
                    assert not foreign, (origin, address, found.everything)
                    assert found == expected[origin] or address in COUNTS, (origin, address)
                for origin in order if address not in COUNTS else ():
                    found = expected[origin]
                    head = asked(front, origin, address, accept, "HEAD")
                    assert (head.status, head.headers, head.body) == (found.status, found.headers, b""), address
                    if "etag" in found.headers:
                        again = asked(front, origin, address, accept, If_None_Match=found.headers["etag"])
                        assert (again.status, again.body) == (304, b""), address
                        assert again.headers["etag"] == found.headers["etag"]
                        assert again.headers.get("vary") == found.headers.get("vary"), address


@pytest.mark.parametrize(
    ("address", "varies"),
    [
        ("/page/id/fred", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        ("/dumps/", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        ("/sitemap.xml", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        ("/reconcile", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        ("/lookup", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        (f"/sparql?query={RELATIVE}", {"host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"}),
        ("/id/fred", {"x-forwarded-prefix"}),
        ("/id/fred/", {"x-forwarded-prefix"}),
        ("/terms.json", set()),
    ],
)
def test_vary_names_what_an_answer_depends_on(fresh, address, varies):
    answer = asked(fresh(), "aaa.example", address, "text/html,*/*;q=0.1")
    named = {name.strip().lower() for name in answer.headers["vary"].split(",")} if "vary" in answer.headers else set()
    assert {name for name in named if not name.startswith("accept")} == varies


def location(front: AsgiApplication, client: str, *headers: tuple[str, str]) -> tuple[int, str]:
    """Where ``/id/fred`` leads whoever asks."""
    answer = visit(front, "/id/fred", client=client, headers=[("Host", "aaa.example"), *headers])
    return answer.status, answer.headers.get("location", answer.body.decode())


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "10.7.0.8", "203.0.113.5", "::ffff:127.0.0.1"])
def test_nobody_is_believed_who_was_not_named(fresh, caplog, client):
    front = fresh("10.7.0.9")
    with caplog.at_level(logging.WARNING, "kzus_graph.proxies"):
        for _ in range(3):
            assert location(front, client, ("X-Forwarded-Prefix", "/evil")) == (303, "/data/id/fred.ttl")
    answer = visit(
        front, "/sitemap.xml", client=client, headers=[("Host", "aaa.example"), ("X-Forwarded-Host", "evil.example")]
    )
    assert b"http://aaa.example/" in answer.body and b"evil" not in answer.body
    assert [record.args[0] for record in caplog.records] == [client], "said once, so that an operator can find it"


@pytest.mark.parametrize(
    ("proxy", "client"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("::1", "::1"),
        ("10.7.0.0/16", "10.7.200.1"),
        ("fd00::/8", "fd12::1"),
    ],
)
def test_proxies_are_named_by_address_or_network(fresh, proxy, client):
    assert location(fresh(proxy), client, ("X-Forwarded-Prefix", "/kzus/")) == (303, "/kzus/data/id/fred.ttl")
    assert location(fresh(proxy), client, ("X-Forwarded-Prefix", "/")) == (303, "/data/id/fred.ttl")
    assert location(fresh(proxy), client, ("X-Forwarded-Prefix", "")) == (303, "/data/id/fred.ttl")


def test_of_several_values_the_nearest_proxy_s_counts(fresh):
    said = [
        ("X-Forwarded-Prefix", "/evil, /kzus"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Host", "b.example"),
    ]
    assert location(fresh(PROXY), PROXY, *said) == (303, "/kzus/data/id/fred.ttl")
    answer = visit(fresh(PROXY), "/robots.txt", client=PROXY, headers=[("Host", "a.example"), *said])
    assert b"Sitemap: http://b.example/kzus/sitemap.xml" in answer.body


@pytest.mark.parametrize(
    "prefix",
    ["//evil.example", "/a//b", "/a/../b", "/..", "/./a", "evil", "https://evil.example", "/\\evil.example", "\\\\evil",
     '/a"b', "/a'b", "/a b", "/a?b", "/a#b", "/a%2f..", "/<script>", "/a;b", "/\x07", "/\xe9", "//", "/" + "a" * 300],
)  # fmt: skip
def test_prefix_that_is_no_path_is_refused(fresh, prefix):
    front = fresh(PROXY)
    for address in ("/id/fred", "/id/fred/", "/dumps", "/sparql"):
        headers = [("Host", "a.example"), ("X-Forwarded-Prefix", prefix)]
        answer = visit(front, address, client=PROXY, headers=headers)
        assert answer.status == 400 and answer.body.startswith(b"400 X-Forwarded-Prefix must be a path such as /kzus")
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["a b", "a/b", "a.example/../x", "a.example, b.example", "user@a.example", "a.example:port", "a.example:99999",
     "<b>", "http://a.example", "a..example", ".a.example", "[::1", "[zz]", "[::1]x", "[1.2.3.4]", "a\\b",
     "\xe9.example", "", "a" * 300],
)  # fmt: skip
def test_host_that_is_none_is_refused(fresh, host):
    front = fresh(PROXY)
    answer = visit(front, "/robots.txt", headers=[("Host", host)])
    assert answer.status == 400 and answer.body.startswith(b"400 "), answer
    if host:
        headers = [("Host", "a.example"), ("X-Forwarded-Host", host)]
        answer = visit(front, "/robots.txt", client=PROXY, headers=headers)
        if "," in host:
            assert b"Sitemap: http://b.example/" in answer.body
        else:
            assert answer.status == 400 and b" X-Forwarded-Host " in answer.body


@pytest.mark.parametrize("scheme", ["ftp", "javascript", "http:", "https://", "h\xe9"])
def test_scheme_that_is_not_http_is_refused(fresh, scheme):
    answer = visit(fresh(PROXY), "/", client=PROXY, headers=[("Host", "a.example"), ("X-Forwarded-Proto", scheme)])
    assert (answer.status, answer.body) == (400, b"400 X-Forwarded-Proto is neither http nor https.\n")


@pytest.mark.parametrize(
    ("host", "scheme", "said"),
    [
        ("A.Example", "http", "http://a.example/"),
        ("a.example:80", "http", "http://a.example/"),
        ("a.example:443", "https", "https://a.example/"),
        ("a.example:", "http", "http://a.example/"),
        ("a.example:8080", "http", "http://a.example:8080/"),
        ("[2001:DB8::1]:8080", "http", "http://[2001:db8::1]:8080/"),
        ("a_b.example.", "http", "http://a_b.example./"),
        ("xn--80ak6aa92e.com", "https", "https://xn--80ak6aa92e.com/"),
    ],
)
def test_hosts_are_said_in_their_plainest_form(fresh, host, scheme, said):
    answer = visit(fresh(PROXY), "/robots.txt", client=PROXY, headers=[("Host", host), ("X-Forwarded-Proto", scheme)])
    assert f"Sitemap: {said}sitemap.xml" in answer.body.decode()


def test_http_1_1_has_one_host_and_1_0_may_have_none(fresh):
    front = fresh()
    assert visit(front, "/health", headers=[]).status == 400
    assert visit(front, "/health", headers=[("Host", "a.example"), ("Host", "a.example")]).status == 400
    assert visit(front, "/health", version="1.0", headers=[("Host", "a.example"), ("Host", "b.example")]).status == 400
    answer = visit(front, "/robots.txt", version="1.0", headers=[])
    assert b"Sitemap: http://127.0.0.1:8000/sitemap.xml" in answer.body


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("localhost", "'localhost' is not an IP address or network, such as 127.0.0.1 or 10.1.0.0/16"),
        ("proxy.example", "'proxy.example' is not an IP address or network"),
        ("10.1.2.3/16", "10.1.2.3/16 is an address within 10.1.0.0/16; write the network, or the address alone"),
        ("", "'' is not an IP address or network"),
    ],
)
def test_a_proxy_with_a_name_is_refused_in_words(given, words):
    done = CliRunner().invoke(main, ["serve", "--proxy", given])
    assert done.exit_code == 2 and words in " ".join(done.output.split())


def test_the_server_believes_whom_it_was_told_to(tmp_path):
    data = tmp_path / "data.nt"
    data.write_text('<http://e/a> <http://e/p> "1" .\n')
    request = b"GET /query/ HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Prefix: %s\r\nConnection: close\r\n\r\n"
    passed_over = {b"/kzus": b"location: /query\r\n", b"//evil.example": b"location: /query\r\n"}
    believed = {b"/kzus": b"location: /kzus/query\r\n", b"//evil.example": b"400 X-Forwarded-Prefix must be a path"}
    for proxies, expected in (((), passed_over), (("--proxy", "10.0.0.0/8", "--proxy", "127.0.0.1"), believed)):
        with serving(tmp_path, data, "--workers", "1", *proxies) as served:
            port = int(served.url.rpartition(":")[2])
            for prefix, found in expected.items():
                assert found in raw(port, request % prefix)
            if not proxies:
                # a thread of its own writes the log
                until = time.monotonic() + 10
                while "Ignored X-Forwarded-* headers from 127.0.0.1" not in served.log.read_text():
                    assert time.monotonic() < until
                    time.sleep(0.02)


def test_requests_for_no_host_or_two_are_refused_on_the_wire(tmp_path):
    data = tmp_path / "data.nt"
    data.write_text('<http://e/a> <http://e/p> "1" .\n')
    with serving(tmp_path, data, "--workers", "1") as served:
        port = int(served.url.rpartition(":")[2])
        for hosts in (b"", b"Host: a\r\nHost: b\r\n", b"Host: a b\r\n", b"Host: a\r\nHost: a\r\n", b"Host: \r\n"):
            assert b" 400 " in raw(port, b"GET /health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")[:20]
        assert b" 200 " in raw(port, b"GET /health HTTP/1.0\r\n\r\n")[:20]
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
            assert b"400 The request has no Host header" in connection.recv(4096)
