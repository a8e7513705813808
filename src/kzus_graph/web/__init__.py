"""The web application: assembles the endpoint and its pages, and knows nothing else."""

from flask import Flask, Response, jsonify

from kzus_graph.engine.editions import Editions
from kzus_graph.web import errors, sparql


def create_app(editions: Editions) -> Flask:
    """Make the application that answers from the edition in force."""
    app = Flask(__name__)
    errors.install(app)
    app.register_blueprint(sparql.blueprint(editions))

    @app.get("/health")
    def health() -> Response:
        edition = editions.current
        return jsonify(status="ok", release=edition.name, quads=edition.pool.quads)

    return app
