"""Where this site begins for a client: the scheme, host and prefix of the address that it used.

A proxy in front of us knows them; what it says counts only if the operator named it: anybody can send its headers.
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
"""A name (without the letters that RFC 3986 allows and no host has) or an address, and perhaps a port."""
LONGEST_HOST: Final = 261
"""Of a name 253 characters (RFC 1035, section 2.3.4), its last dot, and a port."""
PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_~@+-][A-Za-z0-9._~@+-]*)*")
"""Steps of a path; none begins with a dot, and nothing in them means anything in an address, a header or a page."""
LONGEST_PREFIX: Final = 200
SCHEMES: Final = {"http": "80", "https": "443"}
"""The schemes there are, each with the port that goes without saying."""
BY_PREFIX: Final = ("X-Forwarded-Prefix",)
BY_HOST: Final = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", *BY_PREFIX)
"""What an answer with whole addresses in it depends on."""
FORWARDED: Final = frozenset(name.lower().encode() for name in BY_HOST) - {b"host"}
"""The headers by which a proxy says so."""


class Origin(NamedTuple):
    """Where the site begins: an answer for one origin is none for another."""

    scheme: str
    host: str
    prefix: str = ""


class Unclear(Exception):
    """A request that doesn't say which host it is for, or says it in no known way; the message is for its sender."""


def network(text: str) -> Network:
    """Return the address or network of a proxy. Raises ValueError, with the reason in words, for anything else.

    >>> network("127.0.0.1"), network("10.1.0.0/16")
    (IPv4Network('127.0.0.1/32'), IPv4Network('10.1.0.0/16'))
    """
    try:
        return ip_network(text)
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f"{text} is an address in the network {ip_network(text, False)}: name that one") from None
        raise ValueError(f"{text!r} is not an address or network, such as 127.0.0.1 or 10.1.0.0/16") from None


class Origins:
    """Tells of each request where the site begins for its client; *proxies* are those who are believed."""

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        self._proxies = tuple(proxies)
        self._has_warned = False

    def of(self, scope: MutableMapping[str, Any], host: bytes | None, *, forwarded: bool) -> Origin:
        """Return the origin of a request with this Host header, and perhaps FORWARDED ones. Raises Unclear.

        HTTP/1.1 demands exactly one Host (RFC 9112, section 3.2); with 1.0 a request without one is for the address
        that it came to.
        """
        # The HTTP server gives those that have none an empty one.
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
        """Say once that a header of a proxy was passed over: its operator may have forgotten to name it."""
        if not self._has_warned:
            self._has_warned = True
            LOG.warning(
                "Ignored X-Forwarded-* headers from %s. If this is your proxy: serve --proxy %s",
                client, client,
            )  # fmt: skip


@lru_cache(maxsize=256)
def _direct(scheme: str, host: bytes) -> Origin:
    return Origin(scheme, _host(host.decode("latin-1"), scheme, "Host"))


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Return what headers of proxies say, by their names; of several values the last, which is the nearest proxy's."""
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
    """Return a host in small letters, with its port only where that says something."""
    found = HOST.fullmatch(text) if len(text) <= LONGEST_HOST else None
    if found is None or (found[2] and int(found[2]) > 65535):
        raise Unclear(f"{header} is not one host, such as example.org or example.org:8000.")
    name, port = found[1].lower(), found[2]
    if name.startswith("["):
        try:
            IPv6Address(name[1:-1])
        except ValueError:
            raise Unclear(f"{header} is not an IPv6 address.") from None
    return f"{name}:{port}" if port and port != SCHEMES.get(scheme) else name


def beginning() -> str:
    """Return the address that every address of this site begins with, as this request's client knows it.

    Written as it came: its letters are not made those of a language, which could look like those of another name.
    """
    return f"{request.scheme}://{request.environ['HTTP_HOST']}{request.script_root}/"


def note(headers: Iterable[str]) -> None:
    """Note that the answer to this request depends on these headers, which its Vary is to name."""
    g.setdefault("varies", {}).update(dict.fromkeys(headers))


def noted() -> tuple[str, ...]:
    """Return the headers that *note* was told of."""
    return tuple(g.get("varies", ()))
