"""The description of the routes has every route, and says of each what it takes."""

import re

import pytest

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data.nt"
    path.write_text("<http://e/a> <http://e/b> <http://e/c> .\n")
    releases = Releases(Limits(workers=1, queue=1), files=[path])
    yield create_app(releases)
    releases.close()


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").json


def test_every_route_is_described(app, document):
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static"):
            assert re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule) in document["paths"]


def test_path_parameters_are_declared(document):
    for path, operations in document["paths"].items():
        for operation in operations.values():
            declared = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))
            assert operation["responses"]


def test_operations_have_names_of_their_own(document):
    names = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(names) == len(set(names))


def test_sparql_says_what_it_takes_and_gives(document):
    sparql = document["paths"]["/sparql"]
    assert {item["name"] for item in sparql["get"]["parameters"]} >= {"query", "default-graph-uri", "timeout"}
    assert "application/sparql-query" in sparql["post"]["requestBody"]["content"]
    assert {"text/csv", "text/turtle", "text/calendar"} <= set(sparql["get"]["responses"]["200"]["content"])
