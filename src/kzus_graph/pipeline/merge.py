"""The merge of the named graphs into the default graph.

It leaves out the claims that the editors set aside because another source, which they prefer, contradicts them.
"""

from collections import defaultdict

from rdflib import Graph, URIRef

from kzus_graph.pipeline.content import NOT_MERGED
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.vocab import DIP, GRAPH


def merged(graphs: NamedLines) -> Lines:
    """Return the union of *graphs*, without the graphs in NOT_MERGED and without the claims that editors set aside.

    Editors set a claim aside if another source, which they prefer, contradicts it.
    """
    dropped: defaultdict[URIRef, list[str]] = defaultdict(list)
    for name, subject, property_ in set_aside(graphs):
        dropped[name].append(f"{subject.n3()} {property_.n3()} ")
    return ntriples.union(
        *(
            [line for line in lines if not line.startswith(tuple(dropped[name]))] if name in dropped else lines
            for name, lines in graphs.items()
            if name not in NOT_MERGED
        )
    )


def set_aside(graphs: NamedLines) -> set[tuple[URIRef, URIRef, URIRef]]:
    """Return (graph, subject, property) of every claim that a disagreement between sources sets aside.

    Editors record a disagreement, and the claim that they prefer, in GRAPH.editorial. If the named graph of that claim
    is not in *graphs*, nothing is set aside: then the other claim is the only one.
    """
    said = (DIP.prefers, DIP.disagreementAbout, DIP.propertyGroup, DIP.setsAside, DIP.groupedProperty)
    editorial = _about(graphs.get(GRAPH.editorial, []), *said)
    codes = _about(graphs.get(GRAPH.codes, []), *said)
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


def _about(lines: Lines, *properties: URIRef) -> Graph:
    """Return the triples of *lines* whose property is one of *properties*, as a graph."""
    wanted = {property_.n3() for property_ in properties}
    return ntriples.graph(line for line in lines if ntriples.terms(line)[1] in wanted)
