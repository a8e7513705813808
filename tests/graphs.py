"""The build on rdflib graphs: it carries lines of N-Triples, while tests look into graphs."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.pipeline import checks, content, functions, merge, reasoning, serialization, source_texts
from kzus_graph.pipeline.release import Content
from kzus_graph.rdf import ntriples, terms, turtle
from kzus_graph.rdf.ntriples import NamedLines
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.shacl import shapes
from kzus_graph.shacl.shapes import Violation

Graphs = dict[URIRef, Graph]


@dataclass(frozen=True)
class Examined:
    """What a build has in hand, the *content* also as graphs, which are made when a test asks for them."""

    content: Content

    @cached_property
    def graphs(self) -> Graphs:
        return of_lines(self.content.graphs)

    @cached_property
    def asserted(self) -> Graph:
        return ntriples.graph(self.content.asserted)

    @cached_property
    def inferred(self) -> Graph:
        return ntriples.graph(self.content.inferred)

    @cached_property
    def constraints(self) -> Graph:
        return ntriples.graph(self.content.graphs[GRAPH.shapes])

    @cached_property
    def store(self) -> ox.Store:
        """The graph as the endpoint has it: default graph and named graphs; not to be changed."""
        content = self.content
        named = (line for name, lines in content.graphs.items() for line in ntriples.n_quads(lines, name))
        store = ox.Store()
        store.bulk_load("".join([*content.asserted, *content.inferred, *named]), format=ox.RdfFormat.N_QUADS)
        return store

    @property
    def violations(self) -> list[Violation]:
        return self.content.violations

    @property
    def report(self) -> Graph:
        return self.content.report


def of_triples(triples: Iterable[ntriples.Triple]) -> Graph:
    """Return *triples* as a graph."""
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def of_lines(named: NamedLines) -> Graphs:
    return {name: ntriples.graph(lines) for name, lines in named.items()}


def lines(named: Mapping[URIRef, Graph]) -> NamedLines:
    return {name: ntriples.of_graph(graph) for name, graph in named.items()}


def read(files: Iterable[tuple[Path, URIRef | None]]) -> Graphs:
    return of_lines(turtle.read(files))


def read_root(root: Path, only: Iterable[str] = ()) -> Graphs:
    return of_lines(content.read(root, list(only)))


def merged(named: Mapping[URIRef, Graph]) -> Graph:
    return ntriples.graph(merge.merged(lines(named)))


def stored(default: Graph, named: Mapping[URIRef, Graph]) -> ox.Store:
    return checks.stored(ntriples.of_graph(default), lines(named))


def rule_results(default: Graph, named: Mapping[URIRef, Graph], rules: Iterable[Path]) -> Graph:
    """What the rules derive that isn't in the default graph."""
    return ntriples.graph(reasoning.rule_results(stored(default, named), rules))


def check_findings(default: Graph, named: Mapping[URIRef, Graph], folder: Path) -> list[Violation]:
    store = stored(default, named)
    rewritten = checks.rewritten([ntriples.of_graph(default), *lines(named).values()])
    return [*checks.literals(rewritten), *checks.findings(store, folder, functions.functions(source_texts.Runs()))]


def report(graph: Graph, constraints: Graph) -> Graph:
    return shapes.report(stored(graph, {}), constraints)


def quads(default: Graph, named: Mapping[URIRef, Graph]) -> Iterable[ox.Quad]:
    yield from terms.quads(default, None)
    for name, graph in named.items():
        yield from terms.quads(graph, name)


def written(default: Graph, named: Mapping[URIRef, Graph], extension: str) -> bytes:
    """The data set as a dump with this extension."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"dump.{extension}"
        for suffix in ("nt", "nq"):
            serialization.write_lines(path.with_suffix(f".{suffix}"), ntriples.of_graph(default), lines(named))
        if not path.exists():
            serialization.write(path)
        return path.read_bytes()


def infer(graph: Graph) -> Graph:
    """What OWL 2 RL adds to the graph."""
    return ntriples.graph(reasoning.inferred(ntriples.of_graph(graph)))
