"""Liveness: whether addresses elsewhere still answer. The one module that goes out to the network, when told to."""

import http.client
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

AT_ONCE: Final = 4
SECONDS: Final = 15.0
AGENT: Final = "kzus-graph links check"
NO_HEAD: Final = frozenset({403, 405, 501})
"""How servers answer that do not like to be asked for the head of a page alone."""


@dataclass(frozen=True)
class Liveness:
    """How an address answered: *alive*, and the status or the reason in words."""

    address: str
    alive: bool
    words: str


def answers(addresses: Iterable[str], seconds: float = SECONDS) -> Iterator[Liveness]:
    """Yield how each address answers, a few asked at once, in the order given; *seconds* is the time for each.

    Redirects are followed. Any status below 400 is alive.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda address: _answer(address, seconds), addresses)


def _answer(address: str, seconds: float) -> Liveness:
    found = _asked("HEAD", address, seconds)
    if found in NO_HEAD:
        found = _asked("GET", address, seconds)
    return Liveness(address, isinstance(found, int) and found < 400, str(found))


def _asked(method: str, address: str, seconds: float) -> int | str:
    """Return the status of an answer, or why there is none."""
    try:
        with urlopen(Request(address, method=method, headers={"User-Agent": AGENT}), timeout=seconds) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__
