"""Which release an address asks for; whatever a stranger writes there is a name of a release or an error."""

import time

import pytest

from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.http.release_choice import asked


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (b"", ""),
        (b"release=", ""),
        (b"release", ""),
        (b"release=&release=1.0.0", "1.0.0"),
        (b"release=3.0.0", "3.0.0"),
        (b"release=3.0.0+1a2b3c4d", "3.0.0+1a2b3c4d"),
        (b"release=3.0.0%2B1a2b3c4d", "3.0.0+1a2b3c4d"),
        (b"release=3.0.0%2b1a2b3c4d", "3.0.0+1a2b3c4d"),
        (b"release=3.0.0%201a2b3c4d", "3.0.0+1a2b3c4d"),
        (b"query=ASK%7B%7D&release=3.0.0&format=csv", "3.0.0"),
        (b"rele%61se=3.0.0", "3.0.0"),
        (b"%72%65%6C%65%61%73%65=3.0.0", "3.0.0"),
        (b"Release=3.0.0", ""),
        (b"released=3.0.0", ""),
        (b"xrelease=3.0.0", ""),
        (b"query=release%3D3.0.0", ""),
        (b"release%3D3.0.0", ""),
    ],
)
def test_the_parameter_names_a_release(query: bytes, name: str) -> None:
    assert asked("/sparql", query) == name


@pytest.mark.parametrize(
    "value",
    [
        b"..", b"../3.0.0", b"3.0.0/..", b"..%2f..%2fetc%2fpasswd", b"%2e%2e%2fCURRENT", b"/etc/passwd", b"CURRENT",
        b".building-x", b"3", b"3.0", b"3.0.0.0", b"3.0.0+", b"3.0.0+1A2B3C4D", b"3.0.0+1a2b3c4", b"3.0.0+1a2b3c4d5",
        b"3.0.0+1a2b3c4d%00", b"3.0.0%0a", b"3.0.0%0d%0aX: y", b"-3.0.0", b"9999999.0.0", b"\xff", b"%ff",
        b"%D9%A3.0.0", b"*", b"3.0.0;rm", b"3.0.0#a", b"x" * 60_000,
    ],
)  # fmt: skip
def test_what_is_not_the_name_of_a_release_is_refused(value: bytes) -> None:
    with pytest.raises(Problem) as caught:
        asked("/", b"release=" + value)
    assert (caught.value.status, caught.value.kind) == (400, "release")
    assert "passwd" not in caught.value.detail, "what a stranger wrote is not repeated"


def test_one_release_at_a_time() -> None:
    with pytest.raises(Problem) as caught:
        asked("/", b"release=3.0.0&rele%61se=3.0.0")
    assert (caught.value.status, caught.value.kind) == (400, "repeated-parameter")


@pytest.mark.parametrize("path", ["/static/style.css", "/docs/", "/dumps/", "/changes", "/health", "/metrics"])
def test_what_is_the_same_for_all_releases_does_not_read_it(path: str) -> None:
    assert asked(path, b"release=3.0.0") == asked(path, b"release=../x") == ""


def test_a_long_address_takes_little_time() -> None:
    began = time.process_time()
    for query in (b"&" * 65_000, b"r&" * 32_000, b"%72=&" * 13_000, b"release&" * 8_000, b"query=" + b"%72" * 21_000):
        asked("/sparql", query)
    assert time.process_time() - began < 1
