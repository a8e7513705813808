"""The reconciliation service against clients that mean it harm: sizes, depths, types and halves of characters."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links.matching import NameIndex
from kzus_graph.web.application import create_app
from kzus_graph.web.linking import reconciliation_queries
from tests.conformance import servers

ADDRESSES = (
    "/reconcile", "/reconcile/suggest/entity", "/reconcile/suggest/type", "/reconcile/suggest/property",
    "/reconcile/properties", "/reconcile/preview", "/reconcile/flyout",
)  # fmt: skip
ODD = ("\ud800", "\x00", "\u202e", "'\"><script>", "%", "${id}", "{{id}}", "../../etc", "> } #", "🏳️‍🌈", "x" * 100_000)


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=1), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.mark.parametrize("name", ["queries", "extend", "query"])
@pytest.mark.parametrize(
    "text",
    [
        "[" * 300_000, '{"a":' * 60_000, "[" * 300_000 + "]" * 300_000, '{"q": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "{", "", "nul", '{"q": 1e999999}', '{"q": ' + "9" * 100_000 + "}", "\x00", '{"a": 1} {"b": 2}', "[]", "1", '""',
    ],
    ids=range(14),
)  # fmt: skip
def test_json_of_any_depth_and_form_is_answered_or_refused(client: FlaskClient, name: str, text: str) -> None:
    answer = client.post("/reconcile", data={name: text})
    assert answer.status_code in ((200, 400, 413) if name == "query" or text.startswith('{"q": 1e') else (400, 413))
    assert answer.json is not None


@pytest.mark.parametrize("depth", [9, 50, 500, *range(880, 1_000, 7)])
def test_no_depth_lies_between_what_is_read_and_what_is_refused(client: FlaskClient, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    extended = client.post("/reconcile", data={"extend": f'{{"ids": [], "properties": {deep}}}'})
    assert (extended.status_code, extended.content_type) == (400, "application/problem+json")
    asked = client.post("/reconcile", data={"queries": f'{{"q": {{"query": "x", "properties": {deep}}}}}'})
    if asked.status_code == 200:
        assert asked.json["q"] == {"result": [], "error": "Objects and lists are nested more than 8 levels deep."}
    else:
        assert asked.status_code == 400 and depth > 500


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_any_text_is_taken_in_any_place(client: FlaskClient, odd: str) -> None:
    for query in (
        {"query": odd}, {"query": "x", "type": odd}, {"query": "x", "type": {"id": odd}}, {"query": "x", "limit": odd},
        {"query": "x", "type_strict": odd}, {"query": "x", "properties": odd},
        {"query": "x", "properties": [{"pid": odd, "v": odd}]},
        {"query": "x", "properties": [{"pid": "dip:locatedIn", "v": {"id": odd, "name": odd}}]},
        {"properties": [{"pid": "dip:notBefore", "v": odd}]}, {odd: odd},
    ):  # fmt: skip
        answer = client.post("/reconcile", data={"queries": json.dumps({"a": query, "b": "x"})})
        assert answer.status_code == 200, query
        assert set(answer.json) == {"a", "b"} and "error" not in answer.json["b"]
    keyed = client.post("/reconcile", data={"queries": json.dumps({odd: "x"})})
    assert keyed.status_code == (400 if odd == "\ud800" else 200)
    for wanted in ({"ids": [odd], "properties": []}, {"ids": [], "properties": [{"id": odd}]}, {"ids": odd}, odd):
        assert client.post("/reconcile", data={"extend": json.dumps(wanted)}).status_code in (200, 400, 404)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", ["prefix", "type", "limit", "cursor", "id", "callback", "query"])
def test_odd_parameters_of_every_address_are_answered_or_refused(client: FlaskClient, address: str, name: str) -> None:
    for odd in ODD[1:]:
        answer = client.get(address, query_string={name: odd[:20_000]})
        assert answer.status_code in (200, 400, 404), odd[:20]
    raw = client.get(f"{address}?{name}=%ed%a0%80&{name}=%ff&{name}")
    assert raw.status_code in (200, 400, 404)


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 1.5, 10**30, [], {}, [[]], [{}], {"id": None}, {"id": [1]}, "x", [None] * 30]
)
def test_values_of_any_sort_in_any_place(client: FlaskClient, value: Any) -> None:
    for name in ("query", "type", "type_strict", "limit", "properties"):
        answer = client.post("/reconcile", data={"queries": json.dumps({"a": {"query": "x", name: value}, "b": value})})
        assert answer.status_code == 200 and isinstance(answer.json["a"]["result"], list), (name, value)
    for part in ("pid", "v"):
        one = {"pid": "dip:locatedIn", "v": "x", part: value}
        answer = client.post("/reconcile", data={"queries": json.dumps({"a": {"query": "x", "properties": [one]}})})
        assert answer.status_code == 200
    for wanted in (
        {"ids": value, "properties": []}, {"ids": [value], "properties": []}, {"ids": [], "properties": value},
        {"ids": [], "properties": [value]}, {"ids": [], "properties": [{"id": value}]},
        {"ids": ["id/a"], "properties": [{"id": "dip:locatedIn", "settings": value}]},
        {"ids": ["id/a"], "properties": [{"id": "dip:locatedIn", "settings": {"limit": value, "content": value}}]},
    ):  # fmt: skip
        answer = client.post("/reconcile", data={"extend": json.dumps(wanted)})
        assert answer.status_code in (200, 400, 404, 413), wanted


def test_too_many_queries_are_refused_before_one_is_looked_at(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at(*_: object) -> None:
        raise AssertionError("a query was looked at")

    monkeypatch.setattr(NameIndex, "find", looked_at)
    answer = client.post("/reconcile", data={"queries": json.dumps({str(n): "Alpha" for n in range(10_000)})})
    assert answer.status_code == 413 and "The batch has 10000 queries; the limit is 200" in answer.json["detail"]


def test_what_a_query_costs_does_not_grow_with_its_length(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is sent, so many characters are compared, and so many values are looked up."""
    seen: list[str] = []
    find = NameIndex.find
    monkeypatch.setattr(NameIndex, "find", lambda self, query, *more: seen.append(query) or find(self, query, *more))
    values = ["x" * 10_000] * 20
    filters = [{"pid": "dip:locatedIn", "v": values}] * 20
    answer = client.post("/reconcile", data={"query": json.dumps({"query": "a", "properties": filters[:2]})})
    assert answer.status_code == 200
    assert len(seen) <= 1 + 2 * len(values) and max(map(len, seen)) <= reconciliation_queries.property_filters.LONGEST
    too_many = client.post("/reconcile", data={"query": json.dumps({"query": "a", "properties": filters * 2})})
    assert too_many.status_code in (400, 413)


def test_a_batch_ends_at_its_deadline(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation_queries, "SECONDS", 0.0)
    monkeypatch.setattr(time, "monotonic", iter(range(100)).__next__)
    answer = client.post("/reconcile", data={"queries": json.dumps({"a": "x", "b": "x"})})
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"


def test_a_server_refuses_a_megabyte_and_goes_on(small_release: Path) -> None:
    with servers.ours(release=small_release.parent) as served:
        link = HTTPConnection("127.0.0.1", served.port, timeout=20)

        def status(path: str, form: dict[str, str]) -> int:
            link.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
            answer = link.getresponse()
            answer.read()
            return answer.status

        for path in ("/reconcile", "/reconcile/"):
            assert status(path, {"queries": json.dumps({"a": "x" * (1 << 20)})}) == 413
            assert status(path, {"queries": "[" * 300_000}) == 400
            assert status(path, {"queries": json.dumps({"a": "x"})}) == 200
        link.close()
