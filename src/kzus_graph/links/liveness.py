"""Checks whether the targets of links still answer HTTP requests; only the function ``answers`` sends requests."""

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
"""HTTP statuses with which servers refuse HEAD requests; the address is then requested with GET."""


@dataclass(frozen=True)
class Liveness:
    """The result of requesting *address*: *alive* if no error occurred; *words* is the HTTP status or the error."""

    address: str
    alive: bool
    words: str


def answers(addresses: Iterable[str], seconds: float = SECONDS) -> Iterator[Liveness]:
    """Yield the result of requesting each address, in the order given; *seconds* is the timeout of each request.

    AT_ONCE addresses are requested at the same time. Redirects are followed. Any status below 400 counts as alive.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda address: _answer(address, seconds), addresses)


def _answer(address: str, seconds: float) -> Liveness:
    found = _asked("HEAD", address, seconds)
    if found in NO_HEAD:
        found = _asked("GET", address, seconds)
    return Liveness(address, isinstance(found, int) and found < 400, str(found))


def _asked(method: str, address: str, seconds: float) -> int | str:
    """Return the HTTP status of the answer of *address* to a *method* request, or the reason why there is no answer."""
    try:
        with urlopen(Request(address, method=method, headers={"User-Agent": AGENT}), timeout=seconds) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__
