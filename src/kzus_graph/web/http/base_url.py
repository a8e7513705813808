"""Finds the base URL of this site for a client: scheme, host and path prefix of the address that the client used.

A reverse proxy in front of this server sends these three in X-Forwarded-* headers. Since any client can send such
headers, they are used only if they come from a proxy that the operator has named (option ``--proxy`` of ``serve``).
"""

import logging
import re
from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple

from flask import g, request

Network = IPv4Network | IPv6Network

LOG: Final = logging.getLogger("kzus_graph.proxies")
HOST: Final = re.compile(r"((?:[A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]+\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?")
"""A host name (without characters that RFC 3986 allows but no host uses) or an IP address, with an optional port."""
LONGEST_HOST: Final = 260
"""The most characters of a host: 253 of a name (RFC 1035, section 2.3.4), its final dot, and a port."""
PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_~@+-][A-Za-z0-9._~@+-]*)*")
"""Path segments that don't begin with a dot and have no character with a special meaning in URLs, headers or HTML."""
LONGEST_PREFIX: Final = 200
SCHEMES: Final = {"http": "80", "https": "443"}
"""The supported schemes, each with its default port."""
BY_PREFIX: Final = ("X-Forwarded-Prefix",)
BY_HOST: Final = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", *BY_PREFIX)
"""The request headers that an answer depends on if it contains absolute URLs of this site."""
FORWARDED: Final = frozenset(name.lower().encode() for name in BY_HOST) - {b"host"}
"""The headers, in lower case, in which a proxy sends the host, scheme and path prefix that the client used."""


class Origin(NamedTuple):
    """The scheme, host and path prefix of a request's URL; a cached answer is used only for the same Origin."""

    scheme: str
    host: str
    prefix: str = ""


class Unclear(Exception):
    """The host, scheme or path prefix in a request's headers is missing or malformed; the client gets the message."""


def network(text: str) -> Network:
    """Return *text*, the IP address or network of a proxy, as a network.

    Raises ValueError, with a message for the operator, if *text* is neither.

    >>> network("127.0.0.1"), network("10.1.0.0/16")
    (IPv4Network('127.0.0.1/32'), IPv4Network('10.1.0.0/16'))
    """
    try:
        return ip_network(text)
    except ValueError as error:
        if "host bits" in str(error):
            words = f"is an address within {ip_network(text, False)}; write the network, or the address alone"
            raise ValueError(f"{text} {words}") from None
        raise ValueError(f"{text!r} is not an IP address or network, such as 127.0.0.1 or 10.1.0.0/16") from None


class Origins:
    """Finds the origin (scheme, host, prefix) of requests; uses X-Forwarded-* headers only if *proxies* sent them."""

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        self._proxies = tuple(proxies)
        self._has_warned = False

    def of(self, scope: MutableMapping[str, Any], host: bytes | None, *, forwarded: bool) -> Origin:
        """Return the origin of the request with the ASGI *scope*. Raises Unclear if a header is missing or malformed.

        *host* is the request's Host header; *forwarded* is False if the request has none of the headers in FORWARDED.
        HTTP/1.1 requires exactly one Host header (RFC 9112, section 3.2); for an HTTP/1.0 request without one, the
        address of this server's socket is used.
        """
        # The HTTP server adds an empty Host header to requests without one.
        if not host and scope["http_version"] in ("1.0", "1"):
            address, port = scope.get("server") or ("localhost", 80)
            host = (f"[{address}]:{port}" if ":" in address else f"{address}:{port}").encode()
        if not host or len(host) > LONGEST_HOST:
            raise Unclear("The request has no Host header, or one that is too long.")
        direct = _direct(scope["scheme"], host)
        if not forwarded or not (said := _forwarded(scope["headers"])):
            return direct
        client = (scope.get("client") or ("",))[0]
        if not self._believes(client):
            self._warn(client)
            return direct
        return _seen_through(direct, said)

    def _believes(self, client: str) -> bool:
        if not self._proxies or not client:
            return False
        address = ip_address(client.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in proxy for proxy in self._proxies)

    def _warn(self, client: str) -> None:
        """Log that X-Forwarded-* headers from *client* were ignored, but only in the first call.

        *client* may be a proxy that the operator forgot to name with the option ``--proxy``.
        """
        if not self._has_warned:
            self._has_warned = True
            LOG.warning(
                "Ignored X-Forwarded-* headers from %s, which is no trusted proxy. To trust it, use: serve --proxy %s",
                client, client,
            )  # fmt: skip


@lru_cache(maxsize=256)
def _direct(scheme: str, host: bytes) -> Origin:
    return Origin(scheme, _host(host.decode("latin-1"), scheme, "Host"))


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Return, by name, the headers that are in FORWARDED, each with its last list item, set by the nearest proxy."""
    found = {}
    for name, value in headers:
        if name in FORWARDED and (last := value.decode("latin-1").rpartition(",")[2].strip()):
            found[name] = last
    return found


def _seen_through(direct: Origin, forwarded: dict[bytes, str]) -> Origin:
    scheme = forwarded.get(b"x-forwarded-proto", direct.scheme).lower()
    if scheme not in SCHEMES:
        raise Unclear("X-Forwarded-Proto is neither http nor https.")
    host = _host(forwarded.get(b"x-forwarded-host", direct.host), scheme, "X-Forwarded-Host")
    prefix = forwarded.get(b"x-forwarded-prefix", "").removesuffix("/")
    if len(prefix) > LONGEST_PREFIX or not PREFIX.fullmatch(prefix):
        raise Unclear("X-Forwarded-Prefix must be a path such as /kzus: letters, digits and . _ ~ @ + - after a slash.")
    return Origin(scheme, host, prefix)


def _host(text: str, scheme: str, header: str) -> str:
    """Return the host *text* in lower case, without the scheme's default port.

    Raises Unclear, with the name of the *header* that contained *text*, if *text* is not a host.
    """
    found = HOST.fullmatch(text) if len(text) <= LONGEST_HOST else None
    if found is None or (found[2] and int(found[2]) > 65535):
        raise Unclear(f"{header} must contain exactly one host, such as example.org or example.org:8000.")
    name, port = found[1].lower(), found[2]
    if name.startswith("["):
        try:
            IPv6Address(name[1:-1])
        except ValueError:
            raise Unclear(f"The address between brackets in {header} is not an IPv6 address.") from None
    return f"{name}:{port}" if port and port != SCHEMES.get(scheme) else name


def beginning() -> str:
    """Return the base URL of this site, as the client of the current request addressed it.

    The host is not decoded from Punycode to Unicode, in which it could look like another host.
    """
    return f"{request.scheme}://{request.environ['HTTP_HOST']}{request.script_root}/"


def note(headers: Iterable[str]) -> None:
    """Record that the answer to this request depends on the request headers *headers*, so that Vary names them."""
    g.setdefault("varies", {}).update(dict.fromkeys(headers))


def noted() -> tuple[str, ...]:
    """Return the names of the request headers that ``note`` has recorded for this request."""
    return tuple(g.get("varies", ()))
