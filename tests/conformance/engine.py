"""The engine alone, behind the same questions: what fails there, too, is not the service's fault."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tests.conformance.manifests import Case, Document
from tests.conformance.servers import Answer


@dataclass
class Engine:
    """The engine with the data of one test as the manifest has them; it answers as an endpoint does."""

    case: Case
    url: str = "http://e/sparql"

    def ask(
        self,
        method: str = "GET",
        query_string: str = "",
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        below: str = "",
    ) -> Answer:
        """Return the engine's answer to the query in *body*; the data set is the test's, whatever is asked for."""
        assert body is not None
        store = ox.Store()
        for document in self.case.data:
            _load(store, document, None)
        for document in self.case.named:
            _load(store, document, ox.NamedNode(document.iri))
        media_type = dict(headers).get("Accept", "")
        try:
            results = store.query(body.decode(), base_iri=self.url)
            if isinstance(results, ox.QueryTriples):
                form = ox.RdfFormat.from_media_type(media_type or "text/turtle")
                return Answer(200, {"content-type": media_type}, ox.serialize(results, format=form) or b"")
            known = ox.QueryResultsFormat.from_media_type(media_type or "application/sparql-results+json")
            return Answer(200, {"content-type": media_type}, results.serialize(format=known) or b"")
        except (SyntaxError, ValueError, RuntimeError) as error:
            return Answer(400, {"content-type": "text/plain"}, str(error).encode())


def _load(store: ox.Store, document: Document, graph: ox.NamedNode | None) -> None:
    form = ox.RdfFormat.from_extension(document.path.suffix.removeprefix("."))
    store.load(path=document.path, format=form, base_iri=document.iri, to_graph=graph)
