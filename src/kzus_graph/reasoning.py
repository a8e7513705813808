"""What follows from the merge: the rules of ``ontology/rules``, then the OWL 2 RL closure by the reasoner of record."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.owl.reference import infer
from kzus_graph.queries import QueryFileError, ask, decoded
from kzus_graph.turtle import Graphs, quads, triple_from_ox

__all__ = ["Inconsistent", "infer", "rule_results"]


def rule_results(graph: Graph, named: Graphs, rules: Iterable[Path]) -> Graph:
    """Return what the SPARQL CONSTRUCT *rules* derive from the default graph *graph* and the *named* graphs.

    The rules run once each over the same data: none needs what another derives.
    """
    store = ox.Store()
    store.extend(quads(graph, None))
    for name, content in named.items():
        store.extend(quads(content, name))
    results = Graph()
    for rule in rules:
        answer = ask(store, decoded(rule.read_bytes(), rule), rule)
        if not isinstance(answer, ox.QueryTriples):
            raise QueryFileError(f"{rule}: a rule is a CONSTRUCT query")
        for triple in answer:
            results.add(triple_from_ox(triple))
    return results
