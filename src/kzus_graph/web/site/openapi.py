"""``/openapi.json``: a description of every route, generated from the routing table of the Flask application."""

import re
from collections.abc import Iterable
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, json
from werkzeug.routing import Rule

from kzus_graph import __version__
from kzus_graph.rdf import formats
from kzus_graph.rdf.formats import Format

PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
PARAMETERS: Final = (
    ("query", "The SPARQL 1.1 query.", {"type": "string"}),
    ("default-graph-uri", "IRIs of graphs; their RDF merge is the default graph of the query.", {"type": "array"}),
    ("named-graph-uri", "IRIs of graphs; these are the named graphs of the query.", {"type": "array"}),
    ("format", "The format of the answer; overrides the Accept header.", {"type": "string"}),
    ("release", "The release to ask, as version and digest or version alone; in the address only.", {"type": "string"}),
    (
        "timeout",
        "The time limit in seconds from the arrival of the request; at most the limit of the server.",
        {"type": "number", "exclusiveMinimum": 0},
    ),
)


def describe(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document that describes the routes of *app*."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            continue
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method)
    for path in ("/sparql", "/sparql/"):
        if path in paths:
            paths[path] = {"get": _ask(path, posted=False), "post": _ask(path, posted=True)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kzus-graph",
            "version": __version__,
            "description": "Kazakhstan–United States relations as linked data: a SPARQL 1.1 endpoint and its pages.",
            "license": {"name": "MIT (code), CC BY 4.0 (data)"},
        },
        "paths": paths,
        "components": {"responses": {"Problem": _problem()}},
    }


def _operation(app: Flask, rule: Rule, method: str) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    words = (view.__doc__ or rule.endpoint.rpartition(".")[2].replace("_", " ")).strip().splitlines()[0]
    operation: dict[str, Any] = {
        "summary": words,
        "operationId": _identifier(method, rule.rule),
        "responses": {"200": {"description": "The answer."}, "default": PROBLEM},
    }
    if rule.arguments:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in sorted(rule.arguments)
        ]
    return operation


def _identifier(method: str, path: str) -> str:
    return "_".join((method.lower(), *re.findall(r"\w+", path))) if path != "/" else f"{method.lower()}_root"


def _ask(path: str, *, posted: bool) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": "Run a SPARQL query" + ("" if posted else "; without a query, return the service description"),
        "operationId": _identifier("post" if posted else "get", path + ("slash" if path.endswith("/") else "")),
        "responses": {
            "200": {"description": "The complete answer.", "content": {form.media_type: {} for form in _offers()}},
            "304": {"description": "The copy that the client has cached is still valid."},
            **{
                str(status): PROBLEM
                for status in (400, 403, 404, 405, 406, 408, 410, 413, 415, 422, 502, 503, 504, 505)
            },
        },
    }
    if posted:
        properties = {name: _typed(schema) for name, _, schema in PARAMETERS if name != "release"}
        operation["parameters"] = [
            {"name": name, "in": "query", "description": words, "schema": _typed(schema)}
            for name, words, schema in PARAMETERS
            if name == "release"
        ]
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": properties}},
                "application/sparql-query": {"schema": {"type": "string"}},
            },
        }
    else:
        operation["parameters"] = [
            {"name": name, "in": "query", "description": words, "schema": _typed(schema)}
            for name, words, schema in PARAMETERS
        ]
    return operation


def _typed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "items": {"type": "string", "format": "uri"}} if schema["type"] == "array" else dict(schema)


def _offers() -> Iterable[Format]:
    return (*formats.formats("solutions"), *formats.formats("graph"))


def _problem() -> dict[str, Any]:
    members = {"type": "string", "title": "string", "status": "integer", "detail": "string"}
    more = {"line": "integer", "column": "integer", "token": "string", "hint": "string", "service": "string"}
    properties = {name: {"type": kind} for name, kind in {**members, **more}.items()}
    schema = {"type": "object", "properties": properties, "required": list(members)}
    return {
        "description": "A problem document (RFC 9457): what is wrong and what to do. HTML or text if preferred.",
        "content": {"application/problem+json": {"schema": schema}},
    }


blueprint = Blueprint("openapi", __name__)
"""The route of ``/openapi.json``."""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return a description of all routes of this server as an OpenAPI 3.1 document."""
    body = json.dumps(describe(current_app), ensure_ascii=False, indent=1) + "\n"
    answer = Response(body, content_type="application/json")
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.add_etag()
    return answer
