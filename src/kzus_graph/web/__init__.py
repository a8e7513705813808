"""The web application: assembles the endpoint and its pages, and knows nothing else."""

from flask import Flask, Response, jsonify, request

from kzus_graph.engine.editions import Editions
from kzus_graph.web import (
    addresses,
    catalogue,
    conformance,
    description,
    docs,
    dumps,
    errors,
    home,
    lookup,
    openapi,
    pages,
    problems,
    query,
    reconcile,
    rendering,
    resources,
    slices,
    sparql,
    vocabulary,
    years,
)
from kzus_graph.web.plans import CORS
from kzus_graph.web.telemetry import Telemetry

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def create_app(editions: Editions, telemetry: Telemetry | None = None) -> Flask:
    """Make the application that answers from the edition in force."""
    app = Flask(__name__)
    counts = telemetry or Telemetry()
    errors.install(app)
    rendering.install(app, editions)
    app.register_blueprint(sparql.blueprint(editions))
    app.register_blueprint(conformance.blueprint())
    app.register_blueprint(openapi.blueprint())
    app.register_blueprint(home.blueprint(editions))
    app.register_blueprint(years.blueprint(editions))
    app.register_blueprint(query.blueprint(editions))
    app.register_blueprint(pages.blueprint(editions))
    app.register_blueprint(vocabulary.blueprint(editions))
    app.register_blueprint(catalogue.blueprint(editions))
    app.register_blueprint(resources.blueprint(editions))
    app.register_blueprint(description.blueprint(editions))
    app.register_blueprint(docs.blueprint())
    app.register_blueprint(dumps.blueprint(editions))
    app.register_blueprint(slices.blueprint(editions))
    app.register_blueprint(problems.blueprint())
    app.register_blueprint(addresses.blueprint(editions))
    app.register_blueprint(lookup.blueprint(editions))
    app.register_blueprint(reconcile.blueprint(editions))

    @app.get("/health")
    def health() -> Response:
        """Whether queries are answered, from which release, by how many workers, and how many wait."""
        state = editions.state()
        answer = jsonify(state)
        answer.status_code = 200 if state["status"] == "ok" else 503
        return answer

    @app.get("/metrics")
    def metrics() -> Response:
        """Counts for Prometheus."""
        return Response(counts.metrics(editions.current), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.extend(CORS)
        if request.method == "OPTIONS":
            response.headers.extend(PREFLIGHT)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    return app
