"""Creates the Flask application: registers the SPARQL endpoint and the pages, and sets CORS and cache headers."""

import re
import time
from typing import Final

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from kzus_graph.engine.older import OlderReleases
from kzus_graph.engine.serving import Releases
from kzus_graph.web.downloads import context, dumps, release_history, slices, void
from kzus_graph.web.http import byte_ranges, problem_details, release_choice
from kzus_graph.web.http.metrics import Telemetry
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data import dereference, fact_reports, ontology_docs, resource_page
from kzus_graph.web.linking import lookup_page, reconciliation
from kzus_graph.web.site import docs, home, openapi, problem_types, search, sitemap, years
from kzus_graph.web.sparql import answer_pages, conformance, editor, query_builder, routes
from kzus_graph.web.sparql.execution import CORS
from kzus_graph.web.view import citations, corrections, pinned_links, responses
from kzus_graph.web.view.corrections import Contact

METHODS: Final = "GET, HEAD, POST, OPTIONS"
"""The HTTP methods that at least one address of the site supports."""
TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""The syntax of a header's name (a token, RFC 9110, section 5.6.2), with at most 100 characters."""
MOST_HEADERS: Final = 50
USUAL_HEADERS: Final = "Accept, Content-Type, If-None-Match"
A_DAY: Final = "86400"
PARTS: Final = (
    routes,
    conformance,
    openapi,
    home,
    years,
    answer_pages,
    editor,
    query_builder,
    resource_page,
    fact_reports,
    ontology_docs,
    search,
    dereference,
    void,
    context,
    docs,
    dumps,
    release_history,
    slices,
    problem_types,
    sitemap,
    lookup_page,
    reconciliation,
)
"""The modules that define routes; each has a Flask blueprint."""


def create_app(
    releases: Releases,
    telemetry: Telemetry | None = None,
    older: OlderReleases | None = None,
    *,
    contact: Contact | None = None,
    source_code: str = "",
) -> Flask:
    """Return the Flask application, which serves the current release (version of the data set) of *releases*.

    A request may ask for one of the releases *older* instead. At ``/metrics`` the application serves the metrics that
    *telemetry* counts; without *telemetry*, it creates a new Telemetry. Pages lead to *contact* for reports of errors,
    and to the repository *source_code*, if these are set.
    """
    app = Flask(__package__, template_folder="view/templates")
    counts = telemetry or Telemetry()
    problem_details.install(app)
    byte_ranges.install(app)
    responses.install(app)
    pinned_links.install(app)
    app.config |= {corrections.CONTACT: contact, citations.SOURCE_CODE: source_code}
    app.jinja_env.globals |= {
        "citation_of": citations.of_page,
        "here_now": citations.here_now,
        "source_code": citations.source_code,
        "contact": corrections.known,
    }
    for part in PARTS:
        app.register_blueprint(part.blueprint)

    @app.get("/health")
    def health() -> Response:
        """Return as JSON the server's status, release, and numbers of quads, worker processes and waiting queries.

        The HTTP status is 200 if the server's status is "ok", otherwise 503.
        """
        state = releases.state()
        answer = jsonify(state)
        answer.status_code = 200 if state["status"] == "ok" else 503
        return answer

    @app.get("/metrics")
    def metrics() -> Response:
        """Return the server's metrics in Prometheus' text format."""
        return Response(counts.metrics(releases.current), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.before_request
    def choose_release() -> None:
        """Set in ``g`` the release and limits for the request; they don't change if another release becomes current.

        Raises Problem if the request asks for a release that can't answer.
        """
        g.release = request.environ.get("kzus.release") or releases.current
        g.limits = releases.limits
        g.pinned = ""
        if name := release_choice.asked(request.path, request.query_string):
            g.release = release_choice.chosen(g.release, older, name)
            if (exchange := request.environ.get("kzus.exchange")) and g.release is not request.environ["kzus.release"]:
                # The time limit of a query doesn't include the time that it took to load the release.
                exchange.arrived = time.monotonic()
            g.pinned, g.newest = name, releases.current.name

    @app.before_request
    def check_method() -> Response | None:
        """Answer OPTIONS * with METHODS. Raises Problem (501) for CONNECT or lower-case methods (RFC 9110 §9.1)."""
        method = request.environ["REQUEST_METHOD"]
        if method != method.upper() or method == "CONNECT":
            raise Problem(501, "method", f"The request method must be one of {METHODS}, in capital letters.")
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
    """Return the headers that answer a CORS preflight request (Fetch standard, section 3.2.3).

    *methods* is the list of allowed methods, as in an Allow header. All data are public, so every header that the
    request names is allowed. The answer repeats the names of these headers, since * would not include Authorization.
    """
    asked = [name.strip() for name in request.headers.get("Access-Control-Request-Headers", "").split(",")]
    named = [name for name in asked if TOKEN.fullmatch(name)][:MOST_HEADERS]
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ", ".join(named) or USUAL_HEADERS,
        "Access-Control-Max-Age": A_DAY,
    }
