"""The merge: what the default graph holds, given which claims a disagreement sets aside."""

from rdflib import Graph, URIRef

from kzus_graph.content import NOT_MERGED
from kzus_graph.turtle import Graphs
from kzus_graph.vocab import DIP, GRAPH


def merged(graphs: Graphs) -> Graph:
    """Return the union of the graphs that take part in the merge, less what disagreements set aside."""
    dropped = set_aside(graphs)
    union = Graph()
    for name, graph in graphs.items():
        if name not in NOT_MERGED:
            for triple in graph:
                if (name, triple[0], triple[1]) not in dropped:
                    union.add(triple)
    return union


def set_aside(graphs: Graphs) -> set[tuple[URIRef, URIRef, URIRef]]:
    """Return (graph, subject, property) of every claim that a disagreement sets aside.

    A disagreement whose preferred attestation is not among *graphs* sets nothing aside: without the better claim the
    other one is all there is.
    """
    editorial = graphs.get(GRAPH.editorial, Graph())
    codes = graphs.get(GRAPH.codes, Graph())
    dropped: set[tuple[URIRef, URIRef, URIRef]] = set()
    for disagreement, preferred in editorial.subject_objects(DIP.prefers):
        if preferred not in graphs:
            continue
        for about in editorial.objects(disagreement, DIP.disagreementAbout):
            for group in editorial.objects(disagreement, DIP.propertyGroup):
                for grouped in codes.objects(group, DIP.groupedProperty):
                    for graph in editorial.objects(disagreement, DIP.setsAside):
                        dropped.add((URIRef(str(graph)), URIRef(str(about)), URIRef(str(grouped))))
    return dropped
