"""Queries other endpoints over HTTP, with limits: allowed addresses only, a deadline, and a maximum answer size."""

import contextlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, quote, unquote, urlencode, urljoin, urlsplit

from kzus_graph import __version__
from kzus_graph.engine.refusals import NotAllowed, Overloaded, TooLarge, TooSlow, Unusable
from kzus_graph.rdf.prefixes import BASE

MOST_BYTES: Final = 16 << 20
MOST_REDIRECTS: Final = 3
CHUNK: Final = 16 * 1024
PORTS: Final = {"http": 80, "https": 443}
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# One format, read by the standard library's parser: the engine's own accepts XML that breaks off, and deeply nested
# JSON ends its process, which here would be the server.
FORMATS: Final = frozenset({"application/sparql-results+json", "application/json"})
HEADERS: Final = {
    "Accept": "application/sparql-results+json, application/json;q=0.5",
    "Accept-Encoding": "identity",
    # Wikimedia refuses clients that don't say who they are.
    "User-Agent": f"kzus-graph/{__version__} ({BASE})",
}
# IPv4 addresses that are reached through IPv6 (RFC 6052, section 2.1).
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
TRY_LATER: Final = "Try again later, or write SERVICE SILENT to go on without it."
NARROW: Final = "Ask less of it: narrow the SERVICE clause, or give it a LIMIT in a subquery of its own."
ADVICE: Final = {
    400: "It could not read its part of the query: ask it that part alone to see why.",
    401: "It wants to know who asks; no credentials are ever sent.",
    403: "It turns this server away; no credentials are ever sent.",
    404: "Nothing answers at this address: check how it is spelt.",
    405: "It takes no query by POST at this address: check how it is spelt.",
    429: "It has been asked too much: wait, then ask for less.",
    503: "It has too much to do: wait, then ask again.",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """The address of an endpoint that may be queried, because a prefix allows it."""

    address: SplitResult
    # True if the prefix names the host by IP address or as localhost: then exactly that machine is meant.
    may_be_private: bool

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self.address.port or PORTS[self.address.scheme]

    @property
    def path(self) -> str:
        """The path and query to send, with characters outside of ASCII percent-encoded (RFC 3987, section 3.1)."""
        whole = (self.address.path or "/") + (f"?{self.address.query}" if self.address.query else "")
        return quote(whole, safe="/?%:@!$&'()*+,;=~-._[]")


def permitted(target: str, prefixes: Iterable[str]) -> Remote | None:
    """Return *target* as a Remote if a prefix allows it (same scheme, host, port and beginning of the path), else None.

    >>> permitted("https://query.example/sparql", ["https://query.example/"]) is not None
    True
    >>> permitted("https://query.example.evil/sparql", ["https://query.example"]) is None
    True
    >>> permitted("https://me@query.example/", ["https://query.example/"]) is None
    True
    """
    try:
        wanted = urlsplit(target)
        place = _place(wanted)
    except ValueError:
        return None
    # A server may read an encoded ".." as a step upwards in the path.
    climbs = {".", ".."} & set(re.split(r"[/\\;]", unquote(wanted.path)))
    if place is None or climbs or "@" in wanted.netloc or "\\" in target or not target.isprintable():
        return None
    for prefix in prefixes:
        allowed = urlsplit(prefix)
        if place == _place(allowed) and (wanted.path or "/").startswith(allowed.path or "/"):
            return Remote(wanted, _is_literal(allowed.hostname or ""))
    return None


def is_prefix(text: str) -> bool:
    """Return whether a text can be a prefix of allowed addresses: a scheme, a host and perhaps the beginning of a path.

    >>> is_prefix("https://query.wikidata.org/sparql"), is_prefix("query.wikidata.org"), is_prefix("http://a:b/")
    (True, False, False)
    """
    try:
        parts = urlsplit(text)
        return _place(parts) is not None and not parts.query and not parts.fragment and "@" not in parts.netloc
    except ValueError:
        return False


def _place(parts: SplitResult) -> tuple[str, str, int] | None:
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return (parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def ask(remote: Remote, query: str, prefixes: Iterable[str], deadline: float) -> bytes:
    """Return the answer to a query as SPARQL results JSON (SPARQL 1.1 Protocol, section 2.1.2). Raises AboutService."""
    method, body = "POST", urlencode({"query": query}).encode()
    try:
        for _ in range(MOST_REDIRECTS + 1):
            with _exchange(remote, method, body, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _body(answer)
                target = urljoin(remote.address.geturl(), answer.getheader("Location", ""))
                if answer.status == 303:
                    method, body = "GET", b""
            if (following := permitted(target, prefixes)) is None:
                raise NotAllowed(
                    f"it redirects to {target[:200]}, which is not allowed",
                    "If that is where it has moved to, whoever runs the server can allow it with --service.",
                )
            remote = following
    except TimeoutError:
        raise TooSlow("it did not answer in time", NARROW) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unusable(f"it could not be asked: {reason[:200]}", TRY_LATER) from error
    raise Unusable(f"it redirects more than {MOST_REDIRECTS} times", "Use the address that it redirects to in the end.")


@contextlib.contextmanager
def _exchange(remote: Remote, method: str, body: bytes, deadline: float) -> Iterator[http.client.HTTPResponse]:
    """Send a request and yield the answer once its headers are read; its body is not yet read."""
    with contextlib.closing(_connect(remote, deadline)) as connection:
        headers = {**HEADERS, "Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}
        asking = http.client.HTTPConnection(remote.address.netloc)
        asking.sock = connection
        asking.request(method, remote.path, _parts(connection, body, deadline), headers)
        incoming: Any = Incoming(connection, deadline)
        with http.client.HTTPResponse(incoming, method=method) as answer:
            answer.begin()
            yield answer


def _body(answer: http.client.HTTPResponse) -> bytes:
    media = answer.getheader("Content-Type", "").partition(";")[0].strip().lower()
    coding = answer.getheader("Content-Encoding", "identity").strip().lower()
    if answer.status != 200:
        raise _refused(answer)
    if media not in FORMATS:
        said = f"with {media[:100]}" if media else "without saying in which format"
        raise Unusable(f"it answered {said}, not with application/sparql-results+json", ADVICE[404])
    if coding != "identity":
        raise Unusable(f"it used the content coding {coding[:100]}, which was not asked for", TRY_LATER)
    data = bytearray()
    while chunk := answer.read1(CHUNK):
        data += chunk
        if len(data) > MOST_BYTES:
            raise TooLarge(f"it answered more than {MOST_BYTES >> 20} MiB", NARROW)
    if answer.length:
        raise Unusable(f"its answer broke off: {answer.length} bytes are missing", TRY_LATER)
    return bytes(data)


def _refused(answer: http.client.HTTPResponse) -> Unusable:
    kind = Overloaded if answer.status in (429, 503) else Unusable
    problem = kind(f"it answered {answer.status} {answer.reason[:100]}".rstrip(), ADVICE.get(answer.status, TRY_LATER))
    problem.status = answer.status
    if isinstance(problem, Overloaded) and re.fullmatch(r"\d{1,6}", wait := answer.getheader("Retry-After", "")):
        problem.wait = wait
    return problem


def _left(deadline: float) -> float:
    if (left := deadline - time.monotonic()) <= 0:
        raise TimeoutError
    return left


class Incoming(io.RawIOBase):
    """A stream of the bytes that arrive on a connection; reading fails at the deadline, even if bytes trickle in."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Return True: the stream can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer with the bytes that have arrived; wait for them until the deadline at most."""
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return a buffered file of this stream, as ``socket.makefile`` does."""
        return io.BufferedReader(self)


def _parts(connection: socket.socket, body: bytes, deadline: float) -> Iterator[bytes]:
    """Yield the body in parts of CHUNK bytes; each part must be sent before the deadline."""
    for start in range(0, len(body), CHUNK):
        connection.settimeout(_left(deadline))
        yield body[start : start + CHUNK]


def _connect(remote: Remote, deadline: float) -> socket.socket:
    """Connect to an IP address that was checked first (is it public?); the name is not resolved again afterwards."""
    host = remote.address.hostname or ""
    addresses = _addresses(host, remote.port, deadline)
    if not remote.may_be_private and not all(map(_is_public, addresses)):
        raise NotAllowed("its name resolves to an address that is not public")
    while True:
        address = addresses.pop(0)
        try:
            connection = socket.create_connection((address, remote.port), timeout=_left(deadline))
            break
        except OSError:
            if not addresses:
                raise
    if remote.address.scheme == "http":
        return connection
    try:
        connection.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    except OSError:
        connection.close()
        raise


def _addresses(host: str, port: int, deadline: float) -> list[str]:
    """Return the IP addresses of a host; resolve it on a thread of its own, since a look-up takes no deadline."""
    found: list[Any] = []

    def look() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look, name="look-up", daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_public(address: str) -> bool:
    """Return whether an address, or the IPv4 address inside an IPv6 address, belongs to the public Internet."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        low = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF) if number in NAT64 else None
        if hidden := number.ipv4_mapped or number.sixtofour or low:
            return _is_public(str(hidden))
    return number.is_global and not number.is_multicast
