"""The SPARQL 1.1 service description of the endpoint, as RDF."""

import contextlib
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import queries
from kzus_graph.rdf.formats import FORMATS, Format
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.queries import Parameter
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries

SD: Final = PREFIXES["sd"]
W3C_FORMATS: Final = "http://www.w3.org/ns/formats/"
ENTAILMENT: Final = "http://www.w3.org/ns/entailment/"
OWL_RL: Final = "http://www.w3.org/ns/owl-profile/RL"
DESCRIPTION: Final = page_queries.QUERIES["service-description"]


@once
def sizes(release: Release) -> tuple[int, list[tuple[ox.NamedNode, int]]]:
    """Return the number of triples in the default graph, and a list: IRI and number of triples of each named graph.

    The list is sorted by IRI. Both are computed once for each release, since a release never changes. Raises Problem if
    the query for the numbers fails.
    """
    merged, *named = page_queries.rows(release, "graph-sizes")
    sized = [(row["graph"], int(row["size"].value)) for row in named]
    return int(merged["size"].value), [(graph, size) for graph, size in sized if isinstance(graph, ox.NamedNode)]


def describe(release: Release, endpoint: str, services: Iterable[str], form: Format) -> bytes:
    """Return the service description of the endpoint at the address *endpoint*, as bytes in the RDF format *form*.

    *services* are the endpoints that a SERVICE clause may call. The numbers of triples are left out if counting them
    takes too long or no worker process is free.
    """
    assert isinstance(form.engine, ox.RdfFormat)
    regime, profile = ("OWL-RDF-Based", ox.NamedNode(OWL_RL)) if release.folder else ("Simple", None)
    parameters: dict[str, Parameter] = {
        "endpoint": ox.NamedNode(endpoint),
        "features": [ox.NamedNode(SD + "BasicFederatedQuery")] if any(services) else [],
        "formats": [ox.NamedNode(W3C_FORMATS + form.w3c) for form in FORMATS if form.w3c],
        "entailment": [(ox.NamedNode(ENTAILMENT + regime), profile)],
        "all": [],
        "graphs": [],
    }
    with contextlib.suppress(Problem):
        merged, named = sizes(release)
        parameters["all"] = [ox.Literal(merged)]
        parameters["graphs"] = [
            (ox.Literal(number), graph, ox.Literal(size)) for number, (graph, size) in enumerate(named, 1)
        ]
    # no graph is asked, so no worker is needed
    answer = queries.ask(ox.Store(), queries.filled(DESCRIPTION.read_text("utf-8"), parameters), DESCRIPTION)
    assert isinstance(answer, ox.QueryTriples)
    # sorted, so that what is said of one thing stands together
    return (
        ox.serialize(sorted(set(answer), key=str), format=form.engine, prefixes={"sd": SD, "void": PREFIXES["void"]})
        or b""
    )
