"""The canonical Turtle: rdflib's serializer, subjects in the order of their IRIs, written without a graph of it all."""

from io import BytesIO
from random import Random

import pytest
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic

from kzus_graph.rdf import longturtle, ntriples
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, KZUS
from tests.graphs import Examined
from tests.random_shapes import Shapes, data


def reference(graph: Graph) -> bytes:
    """What rdflib's own serializer writes when told the order."""
    copy = Graph()
    for prefix, namespace in PREFIXES.items():
        copy.bind(prefix, namespace, replace=True)
    for triple in graph:
        copy.add(triple)
    stream = BytesIO()
    longturtle.ByIri(copy).serialize(stream, encoding="utf-8")
    return stream.getvalue()


def test_the_real_graph_is_written_as_rdflib_writes_it(whole: Examined) -> None:
    for graph in (whole.asserted, whole.inferred, whole.report):
        assert longturtle.of_graph(graph) == reference(graph)


@pytest.mark.slow
def test_blank_nodes_and_lists_are_written_as_rdflib_writes_them() -> None:
    for seed in range(40):
        shapes = ntriples.graph(ntriples.of_graph(Shapes(Random(seed)).graph))
        written = longturtle.of_graph(shapes)
        assert isomorphic(Graph().parse(data=written, format="turtle"), shapes)
        assert written == longturtle.of_graph(shapes)


def test_no_blank_node_is_written_twice() -> None:
    for seed in range(40):
        graph = ntriples.graph(ntriples.of_graph(Shapes(Random(seed)).graph))
        for node in list(graph.subjects(RDF.type, None)):
            if isinstance(node, URIRef):
                graph.remove((node, None, None))
        assert len(Graph().parse(data=longturtle.of_graph(graph), format="turtle")) == len(graph)


def test_random_graphs_come_back() -> None:
    for seed in range(40):
        graph = ntriples.graph(ntriples.of_graph(data(Random(seed))))
        assert isomorphic(Graph().parse(data=longturtle.of_graph(graph), format="turtle"), graph)


def test_a_fact_more_is_a_line_more() -> None:
    graph = Graph()
    for name in ("a", "b", "c"):
        graph.add((KZUS[name], RDF.type, DIP.Visit)).add((KZUS[name], DIP.during, KZUS.a))
    before = longturtle.of_graph(graph).splitlines()
    graph.add((KZUS.b, DIP.atPlace, KZUS.c))
    after = longturtle.of_graph(graph).splitlines()
    assert [line for line in after if line not in before] == [b"    dip:atPlace kzus:c ;"]
    assert len(after) == len(before) + 1


def test_a_blank_node_that_nothing_leads_to_stands_last() -> None:
    graph = Graph().add((BNode("x"), RDF.value, Literal(1))).add((URIRef(KZUS + "z"), RDF.value, Literal("z")))
    head = BNode("l")
    Collection(graph, head, [Literal("one"), BNode("y")])
    graph.add((URIRef(KZUS + "z"), RDF.rest, head))
    written = longturtle.of_graph(graph)
    assert isomorphic(Graph().parse(data=written, format="turtle"), graph)
    assert written.index(b"kzus:z") < written.index(b"[]")


def test_one_subject_may_come_first() -> None:
    graph = Graph()
    for name in ("a", "b", "c"):
        graph.add((KZUS[name], RDF.type, DIP.Visit))
    blocks = longturtle.of_graph(graph, first=str(KZUS.b)).decode().split("\n\n")
    assert [block.split("\n")[0] for block in blocks[1:]] == ["kzus:b", "kzus:a", "kzus:c"]
    assert longturtle.of_graph(graph, first="x:y") == longturtle.of_graph(graph)
