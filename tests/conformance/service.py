"""The three service description tests, which the suite states in words only.

Their criteria are those of the SPARQL 1.1 Service Description, section 4: RDF comes when the endpoint is read, it says
``?service sd:endpoint <the endpoint>``, and it uses the vocabulary as the vocabulary is defined. The last one the
working group's own validator checked in one point only (a named graph has a name); here every term that is used must
exist, and ``service-description.ttl`` states the domains, ranges and cardinalities as SHACL.
"""

from functools import cache
from pathlib import Path

import pyshacl
from rdflib import RDF, SH, Graph, URIRef

from tests.conformance.reading import GRAPHS, graph
from tests.conformance.servers import Endpoint

SD = "http://www.w3.org/ns/sparql-service-description#"
TERMS = {
    "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime", "EntailmentProfile",
    "GraphCollection", "Dataset", "Graph", "NamedGraph",
    "endpoint", "feature", "defaultEntailmentRegime", "entailmentRegime", "defaultSupportedEntailmentProfile",
    "supportedEntailmentProfile", "extensionFunction", "extensionAggregate", "languageExtension", "supportedLanguage",
    "propertyFeature", "defaultDataset", "availableGraphs", "resultFormat", "inputFormat", "defaultGraph", "namedGraph",
    "name", "graph",
    "SPARQL10Query", "SPARQL11Query", "SPARQL11Update", "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset",
    "EmptyGraphs", "BasicFederatedQuery",
}  # fmt: skip
"""The vocabulary: classes, properties, instances."""


def returns_rdf(endpoint: Endpoint) -> str | None:
    """Check that the endpoint, read with no query, answers in RDF, whether or not a format is named."""
    for accept in ("", *GRAPHS):
        answer = endpoint.ask(headers=[("Accept", accept)] if accept else [])
        wanted = f"with {f'Accept: {accept}' if accept else 'no Accept'}"
        if answer.status != 200:
            return f"{answer.status} {wanted}"
        if answer.media_type not in ([accept] if accept else GRAPHS):
            return f"{answer.media_type} {wanted}"
        if not graph(answer.media_type, answer.body):
            return f"no triples {wanted}"
    return None


def has_endpoint_triple(endpoint: Endpoint) -> str | None:
    """Check that some service has this endpoint, by the address that was asked."""
    found = sorted(str(url) for url in _read(endpoint).objects(None, URIRef(SD + "endpoint")))
    return None if endpoint.url in found else f"sd:endpoint is {' '.join(found) or 'missing'}, not the address asked"


def conforms_to_schema(endpoint: Endpoint) -> str | None:
    """Check the description against the vocabulary and the shapes of the recommendation."""
    description = _read(endpoint)
    used = {str(term).removeprefix(SD) for triple in description for term in triple if str(term).startswith(SD)}
    if used - TERMS:
        return f"the vocabulary has no {', '.join(sorted(used - TERMS))}"
    if (None, RDF.type, URIRef(SD + "Service")) not in description:
        return "nothing is a sd:Service"
    conforms, report, _ = pyshacl.validate(description, shacl_graph=_shapes())
    if conforms:
        return None
    assert isinstance(report, Graph)
    return "; ".join(sorted(str(message) for message in report.objects(None, SH.resultMessage)))


CHECKS = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


@cache
def _shapes() -> Graph:
    return Graph().parse(Path(__file__).with_name("service-description.ttl"))


def _read(endpoint: Endpoint) -> Graph:
    answer = endpoint.ask(headers=[("Accept", "text/turtle")])
    return graph("text/turtle", answer.body, endpoint.url) if answer.media_type == "text/turtle" else Graph()
