"""The Flask application: it only puts the SPARQL endpoint and the pages together."""

import re
from typing import Final

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from kzus_graph.engine.serving import Releases
from kzus_graph.web.downloads import dumps, release_history, slices, void
from kzus_graph.web.http import byte_ranges, problem_details
from kzus_graph.web.http.metrics import Telemetry
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data import dereference, ontology_docs, resource_page
from kzus_graph.web.linking import lookup_page, reconciliation
from kzus_graph.web.site import docs, home, openapi, problem_types, search, sitemap, years
from kzus_graph.web.sparql import conformance, editor, routes
from kzus_graph.web.sparql.execution import CORS
from kzus_graph.web.view import responses

METHODS: Final = "GET, HEAD, POST, OPTIONS"
"""The methods that at least one address of the site supports."""
TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""The name of a header (RFC 9110, section 5.6.2)."""
MOST_HEADERS: Final = 50
USUAL_HEADERS: Final = "Accept, Content-Type, If-None-Match"
A_DAY: Final = "86400"
PARTS: Final = (
    routes,
    conformance,
    openapi,
    home,
    years,
    editor,
    resource_page,
    ontology_docs,
    search,
    dereference,
    void,
    docs,
    dumps,
    release_history,
    slices,
    problem_types,
    sitemap,
    lookup_page,
    reconciliation,
)
"""The modules that have routes."""


def create_app(releases: Releases, telemetry: Telemetry | None = None) -> Flask:
    """Return the Flask application, which answers from the current release."""
    app = Flask(__package__, template_folder="view/templates")
    counts = telemetry or Telemetry()
    problem_details.install(app)
    byte_ranges.install(app)
    responses.install(app)
    for part in PARTS:
        app.register_blueprint(part.blueprint)

    @app.get("/health")
    def health() -> Response:
        """Whether queries are answered, from which release, by how many workers, and how many wait."""
        state = releases.state()
        answer = jsonify(state)
        answer.status_code = 200 if state["status"] == "ok" else 503
        return answer

    @app.get("/metrics")
    def metrics() -> Response:
        """Counts for Prometheus."""
        return Response(counts.metrics(releases.current), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.before_request
    def choose_release() -> None:
        """Choose one release for the whole request, even if another becomes current meanwhile."""
        g.release = request.environ.get("kzus.release") or releases.current
        g.limits = releases.limits

    @app.before_request
    def check_method() -> Response | None:
        """Refuse CONNECT and methods not in capitals (RFC 9110, section 9.1), and answer OPTIONS * with all methods."""
        method = request.environ["REQUEST_METHOD"]
        if method != method.upper() or method == "CONNECT":
            raise Problem(501, "method", f"The methods are {METHODS}, in capital letters.")
        is_star = method == "OPTIONS" and request.environ["PATH_INFO"] == "*"
        return Response(status=204, headers={"Allow": METHODS}) if is_star else None

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.extend(CORS)
        if request.method == "OPTIONS":
            response.headers.extend(preflight(response.headers.get("Allow", METHODS)))
        if request.endpoint == "static" and response.status_code in (200, 206, 304):
            response.headers["Cache-Control"] = "public, no-cache"
            response.vary.add("Accept-Encoding")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    return app


def preflight(methods: str) -> dict[str, str]:
    """Return the CORS headers that a browser needs before it sends another site's request (Fetch, section 3.2.3).

    All data are public, so any header is allowed; headers are listed by name, since a star excludes Authorization.
    """
    asked = [name.strip() for name in request.headers.get("Access-Control-Request-Headers", "").split(",")]
    named = [name for name in asked if TOKEN.fullmatch(name)][:MOST_HEADERS]
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ", ".join(named) or USUAL_HEADERS,
        "Access-Control-Max-Age": A_DAY,
    }
