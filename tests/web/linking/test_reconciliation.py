"""The reconciliation service as its clients use it: the manifest, batches, suggestions, previews, values; and abuse."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request

import jsonschema
import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.linking import json_input
from kzus_graph.web.linking.reconciliation_queries import LONGEST_QUERY, MOST_QUERIES
from tests import reconciliation as shapes
from tests.conformance import servers
from tests.conftest import FIXTURES
from tests.serving import fetch

OBAMA, NAZARBAYEV = "id/barack-obama", "id/nursultan-nazarbayev"


def messy() -> list[dict[str, str]]:
    with (FIXTURES / "messy-names.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def service(real_release: Path) -> Iterator[str]:
    with servers.ours(release=real_release.parent) as endpoint:
        yield f"http://127.0.0.1:{endpoint.port}/reconcile"


def valid(answer: Any, shape: dict[str, Any]) -> Any:
    jsonschema.validate(answer, shape)
    return answer


def ask(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200, answer.text
    return valid(answer.json, shapes.BATCH)["q0"]["result"]


def sure(result: list[dict[str, Any]]) -> str:
    """The id of the candidate that may be taken without a person."""
    return next((one["id"] for one in result if one["match"]), "")


# A session as OpenRefine has it, with a real server


def fetched(url: str, form: dict[str, Any] | None = None) -> Any:
    data = urlencode({name: json.dumps(value) for name, value in form.items()}).encode() if form else None
    status, headers, body = fetch(Request(url, data))
    assert status == 200, body
    assert headers["access-control-allow-origin"] == "*"
    return json.loads(body) if headers["content-type"].startswith("application/json") else body.decode()


def test_a_session_of_openrefine(service: str) -> None:
    manifest = valid(fetched(service), shapes.MANIFEST)
    # the columns' types, by their names
    suggest = {kind: place["service_url"] + place["service_path"] for kind, place in manifest["suggest"].items()}
    types = valid(fetched(f"{suggest['type']}?prefix=pers"), shapes.SUGGESTED)["result"]
    assert {"id": "dip:Person", "name": "Person"} in types
    # ten rows at a time, each against its type
    got: dict[str, str] = {}
    rows = messy()
    assert len(rows) >= 60
    for start in range(0, len(rows), 10):
        ten = {f"q{number}": row for number, row in enumerate(rows[start : start + 10])}
        batch = {key: {"query": row["name"], "type": row["type"], "limit": 3} for key, row in ten.items()}
        results = valid(fetched(service, {"queries": batch}), shapes.BATCH)
        assert set(results) == set(batch)
        for key, row in ten.items():
            candidates = results[key]["result"]
            assert len(candidates) <= 3
            assert sum(one["match"] for one in candidates) <= 1
            got[row["name"]] = sure(candidates)
    right = sum(bool(row["expected"]) and got[row["name"]] == row["expected"] for row in rows)
    taken = sum(map(bool, got.values()))
    assert right / taken >= 0.95
    assert right / sum(bool(row["expected"]) for row in rows) >= 0.9
    # columns to add, and their values
    place = manifest["extend"]["propose_properties"]
    proposal = valid(fetched(f"{place['service_url']}{place['service_path']}?type=dip:Person"), shapes.PROPOSED)
    ids = {property_["id"] for property_ in proposal["properties"]}
    assert {"dip:participatesIn", "dip:actedAs", "skos:exactMatch"} <= ids
    query = {"ids": [OBAMA, "id/nobody"], "properties": [{"id": "dip:actedAs"}, {"id": "skos:exactMatch"}]}
    extended = valid(fetched(service, {"extend": query}), shapes.EXTENDED)
    cells = extended["rows"][OBAMA]
    assert {"id": "id/president-united-states", "name": "President of the United States"} in cells["dip:actedAs"]
    assert {"str": "http://www.wikidata.org/entity/Q76"} in cells["skos:exactMatch"]
    assert extended["rows"]["id/nobody"] == {"dip:actedAs": [], "skos:exactMatch": []}
    # a pointer rests on a candidate
    preview = fetched(manifest["preview"]["url"].replace("{{id}}", OBAMA))
    assert "Barack Obama" in preview and "<script" not in preview
    # the address of a candidate leads to its page
    page = manifest["view"]["url"].replace("{{id}}", OBAMA)
    status, headers, _ = fetch(Request(page, headers={"Accept": "text/html"}))
    assert status == 200 and headers["content-type"].startswith("text/html")


@pytest.mark.filterwarnings("ignore")  # of pandas, about reconciler's use of it
def test_the_reconciler_package(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    reconciler = pytest.importorskip("reconciler", reason="reconciler is not installed")
    # reconciler 0.2.2 uses a name that numpy 2 has dropped, wherever a query has no candidate
    monkeypatch.setattr(numpy, "NaN", numpy.nan, raising=False)
    right = taken = 0
    rows = messy()
    for type_ in dict.fromkeys(row["type"] for row in rows):
        of_type = [row for row in rows if row["type"] == type_]
        names = pandas.Series([row["name"] for row in of_type])
        table = reconciler.reconcile(names, type_id=type_, reconciliation_endpoint=service)
        matched = table[table["match"] == True]  # noqa: E712 - a column of pandas
        got = dict(zip(matched["input_value"], matched["id"], strict=True))
        taken += len(got)
        right += sum(bool(row["expected"]) and got.get(row["name"]) == row["expected"] for row in of_type)
    assert right / taken >= 0.95
    assert right / sum(bool(row["expected"]) for row in rows) >= 0.9


# The manifest and its clients


def test_the_manifest_names_the_host_that_the_client_knows(client: FlaskClient) -> None:
    answer = client.get("/reconcile", headers={"Host": "graph.example:8080"})
    manifest = valid(answer.json, shapes.MANIFEST)
    assert manifest["identifierSpace"] == "https://w3id.org/kzus/"
    assert manifest["view"]["url"] == "http://graph.example:8080/{{id}}"
    assert {kind["id"] for kind in manifest["defaultTypes"]} >= {"dip:Person", "dip:Event", "dip:Place", "skos:Concept"}
    assert "Host" in answer.headers["Vary"]


def test_every_address_of_the_manifest_answers(client: FlaskClient) -> None:
    manifest = client.get("/reconcile").json
    for place in manifest["suggest"].values():
        path = urlsplit(place["service_url"]).path + place["service_path"]
        assert client.get(path, query_string={"prefix": "a"}).status_code == 200
    flyout = manifest["suggest"]["entity"]["flyout_service_path"].replace("${id}", OBAMA)
    assert "Barack Obama" in client.get("/reconcile" + flyout).json["html"]
    assert client.get(urlsplit(manifest["documentation"]).path).status_code == 200


def test_pages_of_other_hosts_may_call_by_name(client: FlaskClient) -> None:
    answer = client.get("/reconcile?callback=jsonp1700_1")
    assert answer.content_type == "application/javascript; charset=utf-8"
    name, _, rest = answer.text.partition("(")
    assert name == "/**/jsonp1700_1" and json.loads(rest.removesuffix(");"))["versions"]
    queries = json.dumps({"q": {"query": "Astana"}})
    assert '"id/astana"' in client.get("/reconcile", query_string={"queries": queries, "callback": "a.b$c"}).text
    for bad in ("alert(1)//", "a b", "</script>", "1a", "é", "x" * 200):
        refused = client.get("/reconcile", query_string={"callback": bad})
        assert refused.status_code == 400 and refused.content_type == "application/problem+json"


def test_previews_may_be_shown_within_a_client(client: FlaskClient) -> None:
    answer = client.get("/reconcile/preview?id=id/2010-nazarbayev-us-official-visit")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "April 2010" in answer.text and 'href="/id/2010-nazarbayev-us-official-visit"' in answer.text
    assert "frame-ancestors 'self'" in client.get("/").headers["Content-Security-Policy"]


# Queries


def test_a_candidate_says_what_it_is(client: FlaskClient) -> None:
    (first, *_) = ask(client, query="visit of Nazarbayev to the United States, April 2010")
    assert first["id"] == "id/2010-nazarbayev-us-official-visit" and first["match"]
    assert "April 2010" in first["description"]
    assert first["type"][0]["name"] and {"dip:Event", "dip:Visit"} <= {kind["id"] for kind in first["type"]}


def test_get_and_post_and_single_queries_answer_alike(client: FlaskClient) -> None:
    queries = json.dumps({"q0": {"query": "Astana"}})
    posted = client.post("/reconcile", data={"queries": queries}).json
    assert client.get("/reconcile", query_string={"queries": queries}).json == posted
    assert client.get("/reconcile?query=Astana").json == posted["q0"]
    assert client.get("/reconcile", query_string={"query": '{"query": "Astana"}'}).json == posted["q0"]


def test_types_may_be_ids_addresses_or_objects(client: FlaskClient) -> None:
    for type_ in ("dip:City", "https://w3id.org/kzus/ontology#City", ["dip:City", "dip:Site"], [{"id": "dip:City"}]):
        assert sure(ask(client, query="astana", type=type_)) == "id/astana", type_
    assert ask(client, query="astana", type="dip:Person") == []
    assert ask(client, query="astana", type="dip:Dragon") == []


def test_topics_are_found_as_concepts(client: FlaskClient) -> None:
    assert sure(ask(client, query="Counter terrorism", type="skos:Concept")) == "topic/counter-terrorism"


def test_filters_tell_namesakes_apart(client: FlaskClient) -> None:
    plain = ask(client, query="Nuclear Security Summit", type="dip:Event")
    assert not sure(plain) and len(plain) >= 2
    in_2010 = [{"pid": "dip:notBefore", "v": "2010"}]
    filtered = ask(client, query="Nuclear Security Summit", type="dip:Event", properties=in_2010)
    assert sure(filtered) == "id/2010-nuclear-security-summit"
    assert filtered[0]["features"] == [{"id": "dip:notBefore", "value": True}]
    in_2012 = [{"pid": "dip:notBefore", "v": "2012"}]
    best = ask(client, query="Nuclear Security Summit", type="dip:Event", properties=in_2012)[0]
    assert best["id"] == "id/2012-nuclear-security-summit"
    in_seoul = [{"pid": "dip:atPlace", "v": {"id": "id/seoul"}}]
    by_place = ask(client, query="Nuclear Security Summit", type="dip:Event", properties=in_seoul)
    assert by_place[0]["id"] == "id/2012-nuclear-security-summit"
    misspelt = [{"pid": "dip:atPlace", "v": ["Seul", "SEOUL"]}]
    by_name = ask(client, query="Nuclear Security Summit", type="dip:Event", properties=misspelt)
    assert by_name[0]["id"] == "id/2012-nuclear-security-summit"
    unknown = ask(client, query="Astana", properties=[{"pid": "x:y", "v": "z"}, {"pid": "dip:memberCount", "v": 3}])
    assert sure(unknown) == "id/astana"


def test_a_limit_is_kept(client: FlaskClient) -> None:
    assert len(ask(client, query="Meeting of Nazarbayev", limit=2)) == 2
    assert len(ask(client, query="Meeting of Nazarbayev", limit=2.0)) == 2
    assert len(ask(client, query="Meeting of Nazarbayev")) > 5


def test_properties_alone_find_what_has_them(client: FlaskClient) -> None:
    american = [{"pid": "dip:locatedIn", "v": {"id": "id/united-states-country"}}]
    found = ask(client, properties=american, type="dip:City", limit=20)
    ids = {one["id"] for one in found}
    assert {"id/washington", "id/chicago"} <= ids and "id/astana" not in ids and not sure(found)
    assert ask(client, properties=[{"pid": "dip:nothing", "v": "x"}]) == []


def test_all_types_or_any(client: FlaskClient) -> None:
    both = ["dip:City", "dip:Place"]
    assert sure(ask(client, query="Astana", type=both, type_strict="all")) == "id/astana"
    assert ask(client, query="Astana", type=["dip:City", "dip:Person"], type_strict="all") == []
    assert sure(ask(client, query="Astana", type=["dip:City", "dip:Person"], type_strict="any")) == "id/astana"
    assert sure(ask(client, query="Astana", type="dip:City", type_strict="should")) == "id/astana"


@pytest.mark.parametrize("name", ["id/astana", "https://w3id.org/kzus/id/astana"])
def test_an_identifier_is_its_thing(client: FlaskClient, name: str) -> None:
    (only,) = ask(client, query=name)
    assert only["id"] == "id/astana" and only["match"]
    (suggested,) = client.get("/reconcile/suggest/entity", query_string={"prefix": name}).json["result"]
    assert suggested["id"] == "id/astana"


def test_more_suggestions_follow_the_first(client: FlaskClient) -> None:
    for kind in ("entity", "property", "type"):
        first = client.get(f"/reconcile/suggest/{kind}?prefix=n").json["result"]
        second = client.get(f"/reconcile/suggest/{kind}?prefix=n&cursor={len(first)}").json["result"]
        assert first and not {one["id"] for one in first} & {one["id"] for one in second}
    by_id = client.get("/reconcile/suggest/type?prefix=dip:Pers").json["result"]
    assert by_id == [{"id": "dip:Person", "name": "Person"}]
    for cursor in ("-1", "x", "9" * 5_000, "1000000"):
        assert client.get(f"/reconcile/suggest/entity?prefix=n&cursor={cursor}").status_code == 400


# Suggestions and values


def test_suggestions_complete_what_is_typed(client: FlaskClient) -> None:
    for prefix in ("nazar", "Назар", "NURS", "nursultan n"):
        given = client.get("/reconcile/suggest/entity", query_string={"prefix": prefix}).json
        answer = valid(given, shapes.SUGGESTED_ENTITIES)
        assert NAZARBAYEV in [one["id"] for one in answer["result"]], prefix
    people = client.get("/reconcile/suggest/entity?prefix=ast&type=dip:City").json["result"]
    assert [one["id"] for one in people] == ["id/astana"]
    properties = valid(client.get("/reconcile/suggest/property?prefix=place").json, shapes.SUGGESTED)["result"]
    assert "dip:atPlace" in {one["id"] for one in properties}


def test_values_come_as_things_days_numbers_and_text(client: FlaskClient) -> None:
    wanted = ("dip:notBefore", "dip:destination", "dip:memberCount", "dip:hasParticipant")
    query = {
        "ids": ["id/2010-nazarbayev-us-official-visit", "id/us-human-rights-organizations"],
        "properties": [{"id": name} for name in wanted],
    }
    rows = valid(client.post("/reconcile", data={"extend": json.dumps(query)}).json, shapes.EXTENDED)["rows"]
    visit, group = rows.values()
    assert visit["dip:notBefore"] == [{"date": "2010-04-11T00:00:00"}]
    assert {"id": NAZARBAYEV, "name": "Nursultan Nazarbayev"} in visit["dip:hasParticipant"]
    assert group["dip:memberCount"] == [{"int": 15}]


def test_settings_choose_addresses_and_how_many(client: FlaskClient) -> None:
    meeting = "id/2010-nazarbayev-obama-meeting"
    query = {"ids": [meeting], "properties": [{"id": "dip:hasTopic", "settings": {"limit": 2, "content": "iri"}}]}
    cells = client.post("/reconcile", data={"extend": json.dumps(query)}).json["rows"][meeting]["dip:hasTopic"]
    assert len(cells) == 2 and all(re.fullmatch(r"https://w3id.org/kzus/topic/[\w-]+", cell["str"]) for cell in cells)


# What is not as it should be


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"queries": "{"}, 400),
        ({"queries": "[]"}, 400),
        ({"queries": json.dumps({str(n): {"query": "a"} for n in range(MOST_QUERIES + 1)})}, 413),
        ({"queries": "[" * 100_000}, 400),
        ({"query": '{"type": "dip:Person"}'}, 400),
        ({"query": '{"query": "x", "limit": -1}'}, 400),
        ({"queries": '{"\\udfff": {"query": "x"}}'}, 400),
        ({"queries": '{"q0": {"query": "2010"}}'}, 200),
        ({"extend": '{"ids": ["id/a"], "properties": [{"id": "dip:locatedIn", "settings": {"limit": "²"}}]}'}, 200),
        ({"extend": "{}"}, 400),
        ({"extend": '{"ids": ["id/astana"], "properties": [{"id": "x:y"}]}'}, 404),
        ({"extend": json.dumps({"ids": ["a"] * 1001, "properties": []})}, 413),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: FlaskClient, form: dict[str, str], status: int) -> None:
    answer = client.post("/reconcile", data=form)
    kind = "application/json" if status == 200 else "application/problem+json"
    assert (answer.status_code, answer.content_type) == (status, kind)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("5", "must be a text, or a JSON object"),
        ("null", "must be a text, or a JSON object"),
        ('{"type": "dip:Person"}', "must be a text, or a JSON object"),
        ('{"query": NaN}', "must be a text, or a JSON object"),
        ('{"query": ["Astana"]}', "must be a text, or a JSON object"),
        ('{"query": "x", "limit": "many"}', "limit must be a number of 1 or more"),
        ('{"query": "x", "limit": -1}', "limit must be a number of 1 or more"),
        ('{"query": "x", "limit": 0}', "limit must be a number of 1 or more"),
        ('{"query": "x", "limit": 1e999}', "limit must be a number of 1 or more"),
        ('{"query": "x", "limit": true}', "limit must be a number of 1 or more"),
        ('{"query": "x", "properties": 5}', "properties must be a list"),
        ('{"query": "x", "properties": [%s 1]}' % ("1," * 20), "properties must be a list"),
        ('{"query": "x", "properties": [{"pid": "dip:atPlace", "v": [%s 1]}]}' % ("1," * 20), "more than 20 values"),
        ('{"query": "x", "type": 5}', "type must be the id"),
        ('{"query": "x", "type": [5]}', "type must be the id"),
        ('{"query": "x", "type_strict": "maybe"}', "type_strict must be"),
        ('{"query": "\\ud800"}', "an unpaired surrogate"),
        (f'{{"query": "x", "v": {"[" * 12}{"]" * 12}}}', "nested more than 8 levels deep"),
        (f'{{"query": "x", "v": {"[" * 800}{"]" * 800}}}', "nested more than 8 levels deep"),
        (json.dumps({"query": "a" * (LONGEST_QUERY + 1)}), "more than 1000 characters"),
    ],
)
def test_a_query_that_cannot_be_read_leaves_the_others_of_its_batch_alone(
    client: FlaskClient, query: str, error: str
) -> None:
    text = f'{{"before": "Astana", "odd": {query}, "after": {{"query": "Almaty"}}}}'
    answer = client.post("/reconcile", data={"queries": text})
    assert answer.status_code == 200
    batch = valid(answer.json, shapes.BATCH)
    assert list(batch) == ["before", "odd", "after"]
    assert batch["odd"]["result"] == [] and error in batch["odd"]["error"]
    assert [sure(batch[key]["result"]) for key in ("before", "after")] == ["id/astana", "id/almaty"]
    assert "error" not in batch["before"]


def test_each_rule_for_input_has_its_message() -> None:
    definitions = json.loads((Path(json_input.__file__).parent / "input.schema.json").read_text())["$defs"]
    query = definitions["query"]
    rules = [query, *query["properties"].values(), query["properties"]["properties"]["items"]["properties"]["v"]]
    rules += [definitions[name] for name in ("extend", "list", "length")]
    assert all(rule["description"].endswith(".") for rule in rules)


@pytest.mark.parametrize(
    "more",
    [
        {"limit": "3"}, {"limit": None}, {"limit": ""}, {"limit": 3.0}, {"type": None}, {"type": ""}, {"type": []},
        {"type": [None, ""]}, {"type": {"id": "dip:City", "name": "City"}}, {"type": ["dip:City"]},
        {"type_strict": None}, {"type_strict": ""}, {"properties": None}, {"properties": {}}, {"properties": [None]},
        {"properties": {"pid": "dip:locatedIn", "v": "Kazakhstan"}}, {"properties": [{"pid": {"id": "dip:locatedIn"}}]},
        {"properties": [{"v": "x"}]}, {"properties": [{"pid": "dip:locatedIn", "v": [None, "", " ", {}, [], [[1]]]}]},
    ],
)  # fmt: skip
def test_what_clients_write_otherwise_means_the_same(client: FlaskClient, more: dict[str, Any]) -> None:
    assert sure(ask(client, query="Astana", **more)) == "id/astana"


@pytest.mark.parametrize("address", ["", "/suggest/entity", "/suggest/type", "/suggest/property", "/properties"])
def test_a_slash_after_an_address_is_no_other_address(client: FlaskClient, address: str) -> None:
    form = {"prefix": "as", "type": "dip:City"}
    plain, slashed = (client.get(f"/reconcile{address}{slash}", query_string=form) for slash in ("", "/"))
    assert (slashed.status_code, slashed.json) == (200, plain.json)
    assert client.get("/reconcile/preview/?id=id/astana").status_code == 200
    assert client.get("/reconcile/flyout/?id=id/astana").json["id"] == "id/astana"
    assert client.post("/reconcile/", data={"query": "Astana"}).json["result"][0]["id"] == "id/astana"


MEETING = "id/2010-nazarbayev-obama-meeting"
"""In April 2010, in Washington."""


def fits(client: FlaskClient, property_: str, value: Any) -> bool | None:
    """Whether the meeting has this value for this property; None if that says nothing."""
    name = "Meeting of Nazarbayev and Obama"
    filters = [{"pid": property_, "v": value}]
    found = [ask(client, query=name, limit=50, **more) for more in ({}, {"properties": filters})]
    plain, filtered = (next(one for one in result if one["id"] == MEETING) for result in found)
    (said,) = [one["value"] for one in filtered["features"]] or [None]
    if said is None:
        assert filtered["score"] == plain["score"]
    else:
        assert (filtered["score"] > plain["score"]) == said
    return said


@pytest.mark.parametrize(
    "date",
    [
        "2010-04-11T00:00:00Z", "2010-04-11T00:00:00", "2010-04-11T00:00:00.000Z", "2010-04-11T00:00Z",
        "2010-04-11T00:00:00+06:00", "2010-04-11T00:00:00+0600", "2010-04-11 00:00:00", "2010-04-11", "2010-04-11Z",
        "20100411", "2010-04", "2010", 2010, 2010.0, " 2010 ", "11 April 2010", "April 11, 2010", "11.04.2010",
        "April 2010", {"date": "2010-04-11T00:00:00"}, ["1999", "2010-04"], [None, "2010"],
    ],
)  # fmt: skip
def test_a_filter_takes_a_date_however_it_is_written(client: FlaskClient, date: Any) -> None:
    assert fits(client, "dip:notBefore", date) is True


@pytest.mark.parametrize("date", ["2010-04-21T00:00:00Z", "2010-05", "2011", 2011, "21 April 2010", ["2009", "2011"]])
def test_another_date_does_not_fit(client: FlaskClient, date: Any) -> None:
    assert fits(client, "dip:notBefore", date) is False


@pytest.mark.parametrize(
    "value",
    [
        None, "", " ", "n/a", "?", "unknown", "spring", "2010-13-01", "2010-02-31", "10", -5, 99999, 2010.5,
        True, [], {}, [[2010]], {"id": "Q76"}, {"id": "> ?x"}, {"id": None}, "2010-04-11T", "0000", "\u0000", "1" * 400,
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_read_says_nothing(client: FlaskClient, value: Any) -> None:
    assert fits(client, "dip:notBefore", value) is None


@pytest.mark.parametrize(
    "place",
    [
        "Washington", "WASHINGTON", "Washington, D.C.", "Вашингтон", "Washingtom", "id/washington",
        "https://w3id.org/kzus/id/washington", {"id": "id/washington"}, {"id": "id/washington", "name": "x"},
        {"id": "Q61", "name": "Washington"}, "Washington, USA", "USA", "U.S.", "United States of America", "США", "АҚШ",
        "United States", {"id": "id/united-states-country"}, ["Astana", "Washington"],
    ],
)  # fmt: skip
def test_a_filter_on_places_knows_all_their_names_and_where_they_lie(client: FlaskClient, place: Any) -> None:
    assert fits(client, "dip:atPlace", place) is True


@pytest.mark.parametrize("place", ["Astana", "Астана", "Kazakhstan", {"id": "id/seoul"}, "Narnia"])
def test_another_place_does_not_fit(client: FlaskClient, place: Any) -> None:
    assert fits(client, "dip:atPlace", place) is False


def test_numbers_and_truth_values_are_compared_as_such(client: FlaskClient) -> None:
    group = "United States human rights organizations"

    def said(value: Any) -> bool | None:
        found = ask(client, query=group, properties=[{"pid": "dip:memberCount", "v": value}])
        (one,) = [one for one in found if one["id"] == "id/us-human-rights-organizations"]
        return next((each["value"] for each in one["features"]), None)

    assert [said(value) for value in (15, 15.0, "15", "15.00", {"int": 15})] == [True] * 5
    assert [said(value) for value in (1, "14", 150)] == [False] * 3
    assert [said(value) for value in ("fifteen", None, "", "1/0", "NaN")] == [None] * 5


def test_what_the_data_extension_answers_is_taken_back_as_it_is(client: FlaskClient) -> None:
    """Every cell fits, sent as it came and as its plain value, for things of many kinds and all their properties."""
    things = [MEETING, "id/astana", OBAMA, "id/us-human-rights-organizations", "id/2010-nuclear-security-summit"]
    properties = [one["id"] for one in client.get("/reconcile/properties?limit=1000").json["properties"]]
    forms: set[str] = set()
    for start in range(0, len(properties), 20):
        asked = {"ids": things, "properties": [{"id": name} for name in properties[start : start + 20]]}
        rows = client.post("/reconcile", data={"extend": json.dumps(asked)}).json["rows"]
        for thing, columns in rows.items():
            for name, cells in columns.items():
                for cell in cells[:2]:
                    forms |= cell.keys()
                    values = [cell, next(iter(cell.values())), *([cell["name"]] if "name" in cell else [])]
                    for value in values:
                        (one,) = ask(client, query=thing, properties=[{"pid": name, "v": value}])
                        assert one["features"] == [{"id": name, "value": True}], (thing, name, value)
    assert forms == {"id", "name", "str", "date", "int"}


def test_without_a_type_the_properties_that_most_things_have_are_proposed(client: FlaskClient) -> None:
    answer = valid(client.get("/reconcile/properties").json, shapes.PROPOSED)
    assert client.get("/reconcile/properties?type=").json == answer
    ids = [one["id"] for one in answer["properties"]]
    assert len(ids) == 50 and {"dip:notBefore", "dip:atPlace", "skos:exactMatch"} <= set(ids)
    assert [one["id"] for one in client.get("/reconcile/properties?limit=3").json["properties"]] == ids[:3]


ODD = ["", " ", "\u0000", "'; DROP", "<script>", '"} {', "\\", "𝔘𝔫𝔦", "x" * 900, "a b " * 200]


@pytest.mark.parametrize("text", ODD)
def test_odd_names_are_answered_with_nothing_certain(client: FlaskClient, text: str) -> None:
    assert not sure(ask(client, query=text))


def test_odd_values_of_filters_and_ids_are_answered(client: FlaskClient) -> None:
    for value in (None, {}, [], {"id": "> ?x"}, ["\u0000"], 5, True, [[1]]):
        assert ask(client, query="Astana", properties=[{"pid": "dip:locatedIn", "v": value}])
    query = {"ids": ["id/> } #", "../etc", ""], "properties": [{"id": "dip:atPlace"}]}
    rows = client.post("/reconcile", data={"extend": json.dumps(query)}).json["rows"]
    assert all(cells == {"dip:atPlace": []} for cells in rows.values())
    assert client.get("/reconcile/preview?id=id/> }").status_code == 404
    assert client.get("/reconcile/properties?type=dip:Dragon").status_code == 404
