"""The parameter ``?release=`` of an address: the release that a request asks for, which may be an older one."""

from typing import Final
from urllib.parse import unquote_to_bytes

from kzus_graph.engine.older import NAME, NoSuchRelease, NotNow, OlderReleases, is_named
from kzus_graph.engine.serving import Release
from kzus_graph.engine.workers import Unloadable
from kzus_graph.web.http.problem_details import Problem

PARAMETER: Final = "release"
SAME_FOR_ALL: Final = (
    "/static", "/docs", "/dumps", "/changes", "/changes.atom", "/problem", "/health", "/metrics", "/openapi.json",
)  # fmt: skip
"""Paths whose answers are the same for all releases, or name the release themselves; they ignore the parameter."""
UNDATED: Final = "A release is named by version and digest, such as 3.0.0+1a2b3c4d, or by its version alone."


def asked(path: str, query_string: bytes) -> str:
    """Return the release that the parameter of an address names, as a version with or without digest; else "".

    A plus sign that was decoded as a blank is put back. Raises Problem (400) if the name is malformed or repeated.

    >>> asked("/sparql", b"query=ASK{}&release=3.0.0+1a2b3c4d"), asked("/docs/", b"release=1.0.0")
    ('3.0.0+1a2b3c4d', '')
    """
    # Most addresses have no such parameter; find that out fast. A name may be written with percent-encoded letters.
    if not query_string or (b"release" not in query_string and b"%" not in query_string):
        return ""
    fields = [field for field in query_string.split(b"&") if field[:1] in (b"r", b"%")]
    values = [value for name, _, value in (field.partition(b"=") for field in fields) if value and _is_ours(name)]
    if not values or path.startswith(SAME_FOR_ALL):
        return ""
    if len(values) > 1:
        raise Problem(400, "repeated-parameter", "The parameter release may be given only once.")
    name = unquote_to_bytes(values[0]).replace(b" ", b"+").decode("ascii", "replace")
    if not NAME.fullmatch(name):
        raise Problem(400, "release", f"The parameter release is not the name of a release. {UNDATED}")
    return name


def _is_ours(name: bytes) -> bool:
    return len(name) <= 3 * len(PARAMETER) and unquote_to_bytes(name) == PARAMETER.encode()


def chosen(current: Release, older: OlderReleases | None, name: str) -> Release:
    """Return the release *name*, loading it if need be. Raises Problem: 404, 410 or 503.

    *current* is the release that the request has now, *older* are those beside the current one; None if there are none.
    """
    if is_named(current.name, name):
        return current
    try:
        if older is None:
            raise NoSuchRelease(name, (current.name,), was=False)
        return older.open(older.name_of(name))
    except NoSuchRelease as error:
        oldest = error.kept[-1]
        if error.was:
            words = f"The release {name} was removed. The oldest release that this server still has is {oldest}."
            raise Problem(410, "release-gone", words, oldest=oldest, releases=list(error.kept)) from None
        words = f"This server never had a release {name}. The oldest release that it has is {oldest}."
        raise Problem(404, "release-unknown", words, oldest=oldest, releases=list(error.kept)) from None
    except NotNow as error:
        raise Problem(
            503,
            "release-busy",
            f"The release {name} can't be loaded now, as other older releases are in use. Try again later.",
            headers=[("Retry-After", str(error.seconds))],
        ) from None
    except Unloadable:
        words = f"The release {name} can't be loaded; the log of the server states the reason."
        raise Problem(503, "release-damaged", words, headers=[("Retry-After", "60")]) from None
