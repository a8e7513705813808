"""Queries written to keep the server reading: time, memory, and what is said of them stay within bounds."""

import asyncio
import contextlib
import time
import tracemalloc
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine import groups, guard, refusals, syntax
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.engine.tokens import tokens
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.view import query_errors

# What is repeated; and in groups and in expressions, where other things are looked for.
UNITS = {
    "braces": "{", "calls": "STR(", "quotes": '"', "triple quotes": "'''", "quotes of both kinds": "\"\"\"'''",
    "escaped quotes": "'\\'", "bad escapes": "'''\\q #\n", "strings side by side": "'''a' ", "angles": "<",
    "open IRIs": "<a", "less than": "?x<?y<", "IRIs": "<http://e/\\u0061>", "dotted words": "a.", "dashed words": "a-",
    "middle dots": "a·", "dots": ".", "dashes": "-", "percents": "%41", "colons": ":", "long names": "e:a.",
    "names with dots": "e:a.. ", "blank nodes": "_:b. ", "chained escapes": "\\u005Cu005C", "numbers": "1.",
    "exponents": "1e", "languages": "'a'@a-", "comments": "#\n", "blanks": " ", "variables": "?x", "triples": "<<(",
    "services in a row": "SERVICE <http://e/> {} ", "services in services": "SERVICE <http://e/> { ",
    "unnamed services": "SERVICE ", "glued services": "SERVICEe:a {", "subqueries": "{SELECT*{}} ",
    "filters": "FILTER(?x<1) ",
}  # fmt: skip
BEGINNINGS = ["", "SELECT * { ?s ?p ", "ASK { FILTER("]


ROUNDS = 6


def seconds(read: Callable[[str], object], query: str) -> float:
    """The processor time that one reading takes."""
    began = time.thread_time()
    with contextlib.suppress(refusals.TooLong):
        read(query)
    return time.thread_time() - began


def takes_at_most_twice_its_share(read: Callable[[str], object], short: str, long: str) -> bool:
    """Whether a query four times as long takes at most eight times as long, by the least of some times of each."""
    least = min(seconds(read, short) for _ in range(2))
    for _ in range(ROUNDS):
        # Half a millisecond more, so that the clock's own steps don't count.
        if seconds(read, long) <= 8 * least + 0.0005:
            return True
        # Another process may have had the processor's cache; what is quadratic takes sixteen times as long each time.
        least = min(least, seconds(read, short))
    return False


def all_words(query: str) -> object:
    """All words are told apart, none kept."""
    return deque(tokens(query), maxlen=0)


def parsed(query: str) -> object:
    """It is parsed by the grammar, up to its first fault."""
    return syntax.fault(list(tokens(query)))


def explained(query: str) -> object:
    """Why the engine would refuse it."""
    return query_errors.explain(query, "")


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_four_times_the_length_takes_about_four_times_as_long(unit: str, beginning: str) -> None:
    for read in (all_words, guard.read, parsed, explained):
        short, long = (beginning + unit * (size // len(unit)) for size in (8_000, 32_000))
        assert takes_at_most_twice_its_share(read, short, long), read.__name__


@pytest.mark.parametrize(
    ("before", "unit", "after"),
    [
        ("", "{ ?a ?b ?c FILTER(?a != ?b) ", "}"), ("", "OPTIONAL { ?a ?b ?c ", "}"), ("", "{ ?a ?b ?c } UNION ", ""),
        ("", "FILTER(?a = ?b) ?a ?b ?c . ", ""), ("{ ?a ?b ?c } ", "UNION { ?a ?b ?c } ", ""),
    ],
)  # fmt: skip
def test_what_stands_before_a_service_is_found_in_proportion_to_the_length(before: str, unit: str, after: str) -> None:
    def found(times: int) -> float:
        query = (
            f"SELECT * {{ {before}{unit * times} {{ ?a ?b ?c SERVICE <http://e/> {{ ?a ?b ?c }} }} {after * times} }}"
        )
        words = list(tokens(query))
        tree = syntax.tree(words)
        place = query.index("SERVICE")
        call = guard.Call("http://e/", False, place, query.index("{", place), query.index("}", place) + 1)
        return min(seconds(lambda _: groups.before(tree, words, call), query) for _ in range(6))

    # a millisecond more, since the clock and the processor's cache count where so little is done
    assert found(2000) <= 8 * found(500) + 0.001


def test_only_short_queries_are_remembered() -> None:
    short = ["?" + "?".join(chr(0x4E00 + number + n) for n in range(1300)) for number in range(2 * guard.MOST_KEPT)]
    tracemalloc.start()
    try:
        for query in short:
            assert len(query) < guard.LONG
            guard.read(f"SELECT * {{ {query}")
        assert guard._kept.cache_info().currsize == guard.MOST_KEPT
        assert tracemalloc.get_traced_memory()[0] < 32 << 20
        before = tracemalloc.get_traced_memory()[0]
        for number in range(5):
            guard.read(f"SELECT * {{ # {number} {'x' * (1 << 20)}\n}}")
        assert tracemalloc.get_traced_memory()[0] - before < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_long_query_is_not_read_on_the_event_loop() -> None:
    nothing = cast("Any", None)
    front = AsgiApplication(nothing, nothing, nothing, 1)
    scope = {"query_string": b"query=" + b"a" * guard.LONG}
    # Whatever it would look at next is not there.
    assert asyncio.run(front._quick(scope, nothing, b"", nothing)) is None


@pytest.fixture(scope="module")
def client(small_release: Path) -> Any:
    releases = Releases(Limits(workers=2, timeout=5), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def told(client: FlaskClient, query: str) -> tuple[int, str, str]:
    """What an answer says of a query: status, type of problem, detail."""
    answer = client.post("/sparql", data={"query": query})
    return answer.status_code, answer.json["type"].rpartition("/")[2], answer.json["detail"]


def test_more_words_or_deeper_brackets_than_are_read_are_refused(client: FlaskClient) -> None:
    long, deep = "ASK { " + "?a " * 100_000, "ASK { " + "{ " * 200
    said = "The query is too long: a query may have at most 100,000 tokens (words and punctuation marks)."
    assert told(client, long) == (413, "query-too-long", said)
    said = "The query is nested too deeply: brackets may be nested at most 200 deep."
    assert told(client, deep) == (400, "query-too-deep", said)
    listed = "ASK { VALUES ?x { " + "<http://e/a> " * 60_000 + "} }"
    assert client.post("/sparql", data={"query": listed}).json == {"head": {}, "boolean": True}


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("ASK { VALUES ?a { trueSERVICE <http://127.0.0.1:9/> { } }", "trueSERVICE"),
        ("ASK { SERVICESILENT <http://127.0.0.1:9/> { } }", "SERVICESILENT"),
        ("ASK { FILTERRAND() }", "FILTERRAND"),
        ("CONSTRUCTWHERE { ?s ?p ?o }", "CONSTRUCTWHERE"),
        (r"ASK { \u0053ERVICE <http://127.0.0.1:9/> { } }", "\\"),
    ],
)
def test_the_engine_is_not_asked_what_is_not_sparql(client: FlaskClient, query: str, token: str) -> None:
    answer = client.post("/sparql", data={"query": query})
    assert (answer.status_code, answer.json["token"]) == (400, token)


def test_an_answer_that_changes_is_not_kept_wherever_its_cause_hides(client: FlaskClient) -> None:
    query = "SELECT (RAND() AS ?r) { VALUES ?y { 1 } FILTER(?y<'>' || ?y<RAND()&&?y>0 || ''='') }"
    answer = client.post("/sparql", data={"query": query})
    assert (answer.status_code, answer.headers["Cache-Control"], answer.headers.get("ETag")) == (200, "no-store", None)


def test_nothing_long_is_said_back(client: FlaskClient) -> None:
    long = "x" * 100_000
    for query in (
        f"SELECT ?{long} (COUNT(*) AS ?n) {{ }}", f"ASK {{ ?s {long}:a ?o }}", f"ASK {{ {long} }}",
        f"ASK {{ FILTER(<http://e/{long}>(1)) }}", f"PREFIX e: <http://e/> ASK {{ FILTER(e:{long}(1)) }}",
        f"ASK {{ SERVICE ?{long} {{ }} }}", f"ASK {{ SERVICE <http://e/{long}> {{ }} }}",
    ):  # fmt: skip
        answer = client.post("/sparql", data={"query": query})
        assert answer.status_code in (400, 403) and len(answer.data) < 2500, query[:60]
