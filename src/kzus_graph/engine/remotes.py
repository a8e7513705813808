"""Sends queries to remote endpoints over HTTP: only to allowed addresses, with limits of time and size."""

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
TRY_LATER: Final = "Try again later, or write SERVICE SILENT to get an answer without the rows of this service."
NARROW: Final = "Make the SERVICE clause return fewer rows: narrow it, or put a subquery with a LIMIT inside it."
ADVICE: Final = {
    400: "The service could not read the query: send the SERVICE clause's content to it as a query to see why.",
    401: "The service demands authentication, but kzus-graph never sends credentials.",
    403: "The service refuses this request; kzus-graph never sends credentials.",
    404: "There is no SPARQL endpoint at this address: check the address for mistakes.",
    405: "This address accepts no query by POST: check the address for mistakes.",
    429: "The service received too many requests: wait, then send fewer or smaller queries.",
    503: "The service is overloaded: wait, then try again.",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """The address of a remote endpoint that may be queried, because it begins with an allowed prefix."""

    address: SplitResult
    # True if the prefix names the host by IP address or as localhost: then exactly that machine is meant.
    may_be_private: bool

    @property
    def port(self) -> int:
        """The TCP port to connect to."""
        return self.address.port or PORTS[self.address.scheme]

    @property
    def path(self) -> str:
        """The path and query string to request, characters outside of ASCII percent-encoded (RFC 3987, section 3.1)."""
        whole = (self.address.path or "/") + (f"?{self.address.query}" if self.address.query else "")
        return quote(whole, safe="/?%:@!$&'()*+,;=~-._[]")


def permitted(target: str, prefixes: Iterable[str]) -> Remote | None:
    """Return the address *target* as a Remote if it is allowed, else None.

    It is allowed if one of *prefixes* has the same scheme, host and port, and a path with which the target's path
    begins; never if it contains a user name, or ``.`` or ``..`` as a step in the path.

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
    """Return whether *text* can be a prefix of allowed addresses: a scheme, a host and perhaps the beginning of a path.

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
    """Return a remote endpoint's answer to *query* as SPARQL results JSON (SPARQL 1.1 Protocol, section 2.1.2).

    Redirects are followed to addresses that one of *prefixes* allows; *deadline* is a time of ``time.monotonic``.
    Raises AboutService (NotAllowed for a redirect to any other address).
    """
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
                    "If the service has moved there, allow the new address with the option --service.",
                )
            remote = following
    except TimeoutError:
        raise TooSlow("it did not answer in time", NARROW) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unusable(f"the request to this endpoint failed: {reason[:200]}", TRY_LATER) from error
    raise Unusable(f"it redirects more than {MOST_REDIRECTS} times", "Write the address to which it finally redirects.")


@contextlib.contextmanager
def _exchange(remote: Remote, method: str, body: bytes, deadline: float) -> Iterator[http.client.HTTPResponse]:
    """Send an HTTP request and yield the response once its headers have been received, but not its body."""
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
        said = f"with {media[:100]}" if media else "without a Content-Type"
        raise Unusable(f"it answered {said}, not with application/sparql-results+json", ADVICE[404])
    if coding != "identity":
        raise Unusable(f"its answer has the content coding {coding[:100]}, which we do not accept", TRY_LATER)
    data = bytearray()
    while chunk := answer.read1(CHUNK):
        data += chunk
        if len(data) > MOST_BYTES:
            raise TooLarge(f"its answer has more than {MOST_BYTES >> 20} MiB, the limit", NARROW)
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
    """A stream of the bytes that arrive on a connection; at the deadline, reading raises TimeoutError in any case."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Return True: the stream can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill *buffer* with the bytes that have arrived, waiting for some until the deadline; return their number."""
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return a buffered reader of this stream; http.client calls this method, as it would call that of a socket."""
        return io.BufferedReader(self)


def _parts(connection: socket.socket, body: bytes, deadline: float) -> Iterator[bytes]:
    """Yield *body* in parts of CHUNK bytes; each part must be sent before the deadline, else TimeoutError is raised."""
    for start in range(0, len(body), CHUNK):
        connection.settimeout(_left(deadline))
        yield body[start : start + CHUNK]


def _connect(remote: Remote, deadline: float) -> socket.socket:
    """Return a connection to an endpoint, with TLS for https.

    The host name is resolved once, and its IP addresses are checked before any of them is connected to. Raises
    NotAllowed if one of them is not public, unless ``remote.may_be_private``.
    """
    host = remote.address.hostname or ""
    addresses = _addresses(host, remote.port, deadline)
    if not remote.may_be_private and not all(map(_is_public, addresses)):
        raise NotAllowed("its host name resolves to an IP address that is not public")
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
    """Return the IP addresses of *host*; the look-up runs on its own thread, since ``getaddrinfo`` has no timeout."""
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
    """Return whether the IP address *address*, or an IPv4 address embedded in it, belongs to the public Internet."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        low = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF) if number in NAT64 else None
        if hidden := number.ipv4_mapped or number.sixtofour or low:
            return _is_public(str(hidden))
    return number.is_global and not number.is_multicast
