"""Allowed SERVICE clauses: asked before the query runs, their rows put into it as VALUES; workers stay sealed."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

import pyoxigraph as ox

from kzus_graph.engine.guard import Call, Reading
from kzus_graph.engine.refusals import Failed, OutOfTime, ReachesOut, Refusal

MOST_BYTES: Final = 16 << 20
MOST_ROWS: Final = 100_000
MOST_REDIRECTS: Final = 3
CHUNK: Final = 64 * 1024
FORMATS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}
ACCEPT: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.5"


@dataclass(frozen=True, slots=True)
class Remote:
    """An address that may be asked, by the prefix that allows it."""

    address: SplitResult
    # Whoever allows a prefix by number, or this machine by name, means that very machine.
    may_be_private: bool


def permitted(target: str, prefixes: Iterable[str]) -> Remote | None:
    """Find the prefix that allows a target: same scheme, host and port, and a path below.

    >>> permitted("https://query.example/sparql", ["https://query.example/"]) is not None
    True
    >>> permitted("https://query.example.evil/sparql", ["https://query.example"]) is None
    True
    >>> permitted("https://me@query.example/", ["https://query.example/"]) is None
    True
    """
    try:
        wanted = urlsplit(target)
        place = (wanted.scheme, wanted.hostname, wanted.port)
    except ValueError:
        return None
    if wanted.scheme not in ("http", "https") or "@" in wanted.netloc or "\\" in target or "/../" in wanted.path + "/":
        return None
    for prefix in prefixes:
        allowed = urlsplit(prefix)
        if place == (allowed.scheme, allowed.hostname, allowed.port) and wanted.path.startswith(allowed.path or "/"):
            return Remote(wanted, _is_literal(allowed.hostname or ""))
    return None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def resolve(reading: Reading, prefixes: tuple[str, ...], deadline: float) -> str:
    """Give the query with the rows of its SERVICE clauses in their place."""
    if not reading.calls:
        return reading.text
    remotes = [permitted(call.target, prefixes) if call.target else None for call in reading.calls]
    if reading.disguised or not all(remotes):
        raise ReachesOut("SERVICE is not allowed for this target")
    text, last = "", 0
    for number, (call, remote) in enumerate(zip(reading.calls, remotes, strict=True)):
        assert remote is not None
        text += reading.text[last : call.start] + _rows(reading, call, remote, prefixes, deadline, number)
        last = call.end
    return text + reading.text[last:]


def _rows(reading: Reading, call: Call, remote: Remote, prefixes: tuple[str, ...], deadline: float, number: int) -> str:
    query = f"{reading.text[: reading.prologue]} SELECT * {reading.text[call.body : call.end]}"
    try:
        return _values(_ask(remote, query, prefixes, deadline), number)
    except (OSError, http.client.HTTPException, ValueError, SyntaxError, Refusal) as error:
        if call.silent:
            return "{ }"
        if isinstance(error, Refusal):
            raise
        raise Failed(f"the service {call.target} could not be asked: {error}") from error


def _values(solutions: ox.QuerySolutions, number: int) -> str:
    names = [variable.value for variable in solutions.variables]
    rows: list[str] = []
    for row in solutions:
        if len(rows) >= MOST_ROWS:
            raise Failed(f"the service gave more than {MOST_ROWS} rows")
        rows.append(f"({' '.join(_term(row[name], number) for name in names)})")
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(rows)} }}"


def _term(term: object, number: int) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.BlankNode):
        # VALUES takes no blank node; an IRI of its own keeps equal ones equal within this answer.
        return f"<urn:blank:{number}:{term.value}>"
    return str(term)


def _ask(remote: Remote, query: str, prefixes: tuple[str, ...], deadline: float) -> ox.QuerySolutions:
    body = urlencode({"query": query}).encode()
    for _ in range(MOST_REDIRECTS + 1):
        with contextlib.closing(_connect(remote, deadline)) as connection:
            path = (remote.address.path or "/") + (f"?{remote.address.query}" if remote.address.query else "")
            headers = {
                "Accept": ACCEPT,
                "Content-Type": "application/x-www-form-urlencoded",
                "User-Agent": "kzus-graph",
            }
            connection.request("POST", path, body, headers)
            with connection.getresponse() as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    target = urljoin(remote.address.geturl(), answer.getheader("Location", ""))
                    following = permitted(target, prefixes)
                    if following is None:
                        raise ReachesOut("the service led to a place that is not allowed")
                    remote = following
                    continue
                return _solutions(answer, _read(answer, connection, deadline))
    raise ReachesOut("the service led around too often")


def _solutions(answer: http.client.HTTPResponse, data: bytes) -> ox.QuerySolutions:
    if answer.status != 200:
        raise Failed(f"the service answered {answer.status}")
    media = answer.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if media not in FORMATS:
        raise Failed(f"the service answered in {media or 'no known format'}")
    solutions = ox.parse_query_results(data, format=FORMATS[media])
    if not isinstance(solutions, ox.QuerySolutions):
        raise Failed("the service gave no rows")
    return solutions


def _read(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, deadline: float) -> bytes:
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime("the service did not answer in time")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        chunk = answer.read1(CHUNK)
        if not chunk:
            return bytes(data)
        data += chunk
        if len(data) > MOST_BYTES:
            raise Failed(f"the service gave more than {MOST_BYTES} bytes")


def _connect(remote: Remote, deadline: float) -> http.client.HTTPConnection:
    """Connect to an address that was looked at first: the name is not looked up again."""
    host, secure = remote.address.hostname or "", remote.address.scheme == "https"
    port = remote.address.port or (443 if secure else 80)
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime("the service did not answer in time")
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        number = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if not remote.may_be_private and not _is_public(number):
            raise ReachesOut("the service has an address that is not public")
    raw = socket.create_connection((str(address[0]), port), timeout=left)
    if secure:
        raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    connection = http.client.HTTPConnection(host, port, timeout=left)
    connection.sock = raw
    return connection


def _is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_global and not number.is_multicast
