"""Throws generated requests at a server: odd methods, headers, encodings, broken and huge queries. Nothing may give.

Run it as ``python bench/fuzz.py URL --requests 20000``, against loopback only. It fails on a 500, on an answer that
takes too long, on a traceback, and on a server that is not healthy afterwards.
"""

import argparse
import random
import socket
import sys
import time
from collections import Counter
from urllib.parse import quote, quote_plus, urlsplit

PIECES = (
    "SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "{", "}", "*", "?s", "?p", "?o", "$x", "<http://e/a>",
    "<>", "<a b>", "dip:Visit", ":", "a", ".", ";", ",", "[", "]", "(", ")", "()", "[]", "OPTIONAL", "UNION",
    "MINUS", "FILTER", "BIND", "AS", "VALUES", "UNDEF", "SERVICE", "SILENT", "GRAPH", "FROM", "NAMED", "LIMIT",
    "OFFSET", "ORDER BY", "GROUP BY", "HAVING", "DISTINCT", "REDUCED", "COUNT(*)", "NOT EXISTS",
    "REGEX(?o, '(a+)+$')", "1", "-1", "1e999", "99999999999999999999", '"x"', "'''", '"""', "'", '"',
    "\\u0053ERVICE", "\\U00110000", "\\ud800", "\\", "#", "\n", "\r", "\t", "\x00", "\xe9", "\u202e",
    "\U0001f600", "PREFIX dip: <https://w3id.org/kzus/ontology#>", "BASE <x>", "INSERT DATA", "DELETE",
    "LOAD <file:///etc/passwd>", "CLEAR ALL", "^", "/", "|", "!", "+", "<<", ">>", "@en", "^^", "_:b", "%zz", "&",
    "=", "&&", "||", "NOW()", "<script>", "*/*", "trueSERVICE <http://e/>", "FILTERRAND()", "SERVICESILENT",
    "?y<RAND()&&?y>0", "<<( ?s ?p ?o )>>", '"x"@ar--rtl', "\u00a0", "\u200b", "\ufeff", "a." * 2000, "(" * 300,
    "SERVICE <x:x> {" * 200, "\\u005Cu0053" * 200, "'" * 999, "dip:\u0412\u0438\u0437\u0438\u0442", "ORDER BY ?p ?o",
    '"2010-13-01"^^<http://www.w3.org/2001/XMLSchema#date>', '"\\u0000\\uFFFE"', "(1/0 AS ?n)",
    "BIND(<http://e/a,b> AS ?i)",
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get")
TYPES = (
    "application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-update", "text/plain",
    "", "application/sparql-query; charset=utf-16", "application/sparql-query;charset",
    "multipart/form-data; boundary=x", ";;;", "application/x-www-form-urlencoded; charset=latin1",
    "application/json", "\x80\xff",
)  # fmt: skip
ACCEPTS = (
    "*/*", "text/html", "text/turtle;q=x", "application/json, */*;q=0", ",,,", "a/b;q=1;q=2", "text/*;q=nan",
    "\xff", "application/sparql-results+json", "text/calendar", "application/geo+json", "text/csv;q=1e999",
    "*" * 5000, "/", "text/",
)  # fmt: skip
PATHS = (
    "/sparql", "/sparql", "/sparql", "/sparql/", "/health", "/metrics", "/conformance", "/conformance.%ff",
    "/reconcile", "/reconcile/extend", "/lookup", "/dumps/", "/search?q=%00", "/id/%0d%0a", "/page/id/\x1b[2J",
    "/nothing", "//", "/sparql%00", "/%2e%2e/etc/passwd", "/conformance.ttl", "/sparql;x=1", "*",
)  # fmt: skip
PREFIXES = ("//evil.example", "/a/../b", "\\\\e", "/x?y#z", '/"', "/\xff")
RANGES = ("bytes=0-9,20-", "bytes=9-2", "lines=1-2", "bytes=-0", "bytes=" + "0-," * 999)
CODINGS = ("gzip", "zstd", "br;q=1", "gzip;q=0, *", ";", "identity;q=0")
BROKEN = (
    "PREFIX e: <http://e/> SELECT ?s (COUNT(?o) AS ?n) { ?s e:p ?o OPTIONAL { ?o e:q 'x'@en } } GROUP BY ?s LIMIT 5"
)
PARAMETERS = ("query", "query", "query", "format", "timeout", "default-graph-uri", "named-graph-uri", "update", "x", "")
VALUES = (
    "json", "csv", "turtle", "nope", "", "0", "-1", "nan", "inf", "1e-9", "0.2", "http://e/g", "not an iri", "<>",
    "\x00", "\xe9",
)  # fmt: skip


def request(chance: random.Random) -> bytes:
    """One request, more or less like HTTP."""
    method = chance.choice(METHODS)
    path = chance.choice(PATHS)
    if chance.random() < 0.8:
        path += "?" + "&".join(_parameter(chance) for _ in range(chance.choice((1, 1, 1, 2, 3, 30))))
    body = b""
    headers = [f"Host: {chance.choice(('127.0.0.1', 'e', 'a b', '', 'x' * 300))}", "Connection: close"]
    for name, values in (("Accept", ACCEPTS), ("Content-Type", TYPES)):
        if chance.random() < 0.7:
            headers.append(f"{name}: {chance.choice(values)}")
    if chance.random() < 0.2:
        headers.append(f"Accept-Encoding: {chance.choice(CODINGS)}")
    if chance.random() < 0.1:
        headers.append(f"If-None-Match: {chance.choice(('*', '', 'W/', ',', chr(255)))}")
    if chance.random() < 0.1:
        headers.append("X-Forwarded-Host: " + chance.choice(("evil.example", "", '"', "a b", "[::1")))
    if chance.random() < 0.1:
        headers.append(f"X-Forwarded-Prefix: {chance.choice(PREFIXES)}")
    if chance.random() < 0.1:
        headers.append(f"Range: {chance.choice(RANGES)}")
    if chance.random() < 0.05:
        headers.append("Host: another.example")
    if method in ("POST", "PUT", "PATCH") or chance.random() < 0.05:
        body = _body(chance)
        # A length that is a lie costs the server's patience, so it is rare.
        length = len(body) if chance.random() < 0.95 else chance.choice((0, 1))
        length = 10**12 if chance.random() < 0.001 else length
        headers.append(f"Content-Length: {length}")
    version = chance.choice(("1.1", "1.1", "1.1", "1.0"))
    head = f"{method} {path} HTTP/{version}\r\n" + "\r\n".join(headers) + "\r\n\r\n"
    return head.encode("latin-1", "replace") + body


def _query(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.35:
        return " ".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 25)))
    if kind < 0.7:
        cut = chance.randrange(len(BROKEN))
        return BROKEN[:cut] + chance.choice(PIECES) + BROKEN[cut + chance.randrange(4) :]
    if kind < 0.8:
        return "SELECT * " + chance.choice("{([<\"'") * chance.choice((10, 500, 20_000))
    if kind < 0.9:
        return "ASK { " + "?s ?p ?o . " * chance.choice((10, 300)) + "}"
    return "SELECT * { ?s ?p ?o } LIMIT 3"


def _parameter(chance: random.Random) -> str:
    name = chance.choice(PARAMETERS)
    value = _query(chance) if name in ("query", "update") else chance.choice(VALUES)
    if chance.random() < 0.1:
        value = value.encode("utf-8", "replace").decode("latin-1")
    value = value[:60_000]
    encoded = (quote(value), quote_plus(value), value.replace(" ", "+").replace("\n", ""), quote(value) + "%f")
    return f"{name}={chance.choice(encoded)}"


def _body(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.4:
        return _query(chance).encode("utf-8", "replace")
    if kind < 0.8:
        return "&".join(_parameter(chance) for _ in range(chance.randrange(1, 4))).encode("utf-8", "replace")
    if kind < 0.9:
        named = chance.choice((b"queries=", b"extend=", b"names=", b""))
        return named + b'{"q0":{"query":' + b"[" * chance.choice((1, 300_000))
    if kind < 0.98:
        return chance.randbytes(chance.randrange(200))
    return b"query=" + b"x" * chance.choice((100_000, 2_000_000))


def send(address: tuple[str, int], data: bytes, patience: float) -> tuple[int, bytes]:
    """The status (0: closed without one) and the first bytes of the body."""
    answer = b""
    with socket.create_connection(address, patience) as connection:
        connection.settimeout(patience)
        try:
            connection.sendall(data)
            while more := connection.recv(65536):
                answer += more
                if len(answer) > 200_000:
                    break
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
    status = answer[9:12]
    return (int(status) if status.isdigit() else 0), answer.partition(b"\r\n\r\n")[2]


def run(url: str, count: int, seed: int, patience: float = 15.0) -> tuple[Counter[int], list[str]]:
    """Send that many requests; the statuses, and everything that must not have happened."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    for number in range(count):
        data = request(random.Random(f"{seed}/{number}"))
        try:
            status, body = send(address, data, patience)
        except TimeoutError:
            wrong.append(f"request {number} hung: {data[:300]!r}")
            continue
        statuses[status] += 1
        if status in (500, 502) or b"Traceback" in body:
            wrong.append(f"request {number} gave {status}: {data[:300]!r} -> {body[:300]!r}")
    healthy, _ = send(address, b"GET /health HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n", patience)
    if healthy != 200:
        wrong.append("the server is not healthy afterwards")
    return statuses, wrong


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if urlsplit(options.url).hostname not in ("127.0.0.1", "localhost", "::1"):
        parser.error("only a server on this machine is a target")
    began = time.perf_counter()
    statuses, wrong = run(options.url, options.requests, options.seed)
    print(f"{options.requests} requests in {time.perf_counter() - began:.0f} s: {dict(sorted(statuses.items()))}")
    print("\n".join(wrong) or "nothing gave")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
