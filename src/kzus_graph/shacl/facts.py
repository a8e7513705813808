"""Present an Oxigraph store to pyshacl as an rdflib graph without copying its triples."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, cast

import pyoxigraph as ox
from rdflib import Graph
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Variable

from kzus_graph.rdf.terms import from_ox, to_ox, triple_from_ox

DEFAULT: Final = ox.DefaultGraph()


class _Reading(Store):
    """A read-only rdflib store over the default graph of an Oxigraph store."""

    # pyshacl wraps every graph in a data set, which accepts only stores with these two attributes set.
    context_aware = True
    graph_aware = True

    def __init__(self, store: ox.Store) -> None:
        super().__init__()
        self._store = store
        self._graph = Graph(self, DATASET_DEFAULT_GRAPH_ID, bind_namespaces="none")

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        subject, property_, object_ = (None if term is None else to_ox(term) for term in triple_pattern)
        if isinstance(subject, ox.Literal) or not isinstance(property_, ox.NamedNode | None):
            return
        for quad in self._store.quads_for_pattern(subject, property_, object_, DEFAULT):
            yield triple_from_ox(quad), iter([self._graph if context is None else context])

    def __len__(self, context: Any = None) -> int:
        return self._size

    @cached_property
    def _size(self) -> int:
        """The number of triples, cached because pyshacl reads it at each result to test whether the graph is empty."""
        (row,) = cast("ox.QuerySolutions", self._store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))
        return int(cast("ox.Literal", row["n"]).value)

    def bind(self, prefix: str, namespace: Any, override: bool = True) -> None:
        """Ignore the prefix: this store is read-only, and pyshacl needs no prefixes from it."""

    def namespaces(self) -> Iterator[tuple[str, Any]]:
        return iter(())


class StoreFacts(Graph):
    """The default graph of a store as an rdflib graph, with SPARQL queries answered by Oxigraph.

    pyshacl runs a query once for each focus node. rdflib would parse the query again each time (6 ms; Oxigraph: 30 µs),
    and rdflib's join order suits only small graphs.
    """

    def __init__(self, store: ox.Store, kept: Graph | None = None) -> None:
        """Wrap *store*, which must not change while this graph is in use.

        If *kept*, a graph with the same triples, is given, triple patterns are looked up in *kept*; *store* still
        answers all queries.
        """
        if kept is None:
            super().__init__(_Reading(store), bind_namespaces="none")
        else:
            super().__init__(kept.store, kept.identifier)
        self._answers_from = store

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Result:
        """Return the result of the SELECT query *query_object*; ``args[3]`` has the variable bindings from pyshacl."""
        bound = {ox.Variable(str(name)): to_ox(term) for name, term in (args[3] or {}).items()}
        answer = self._answers_from.query(query_object, substitutions=bound)
        assert isinstance(answer, ox.QuerySolutions), "SHACL constraints are SELECT queries"
        names = [Variable(variable.value) for variable in answer.variables]
        rows: list[Mapping[Variable, Any]] = [
            {name: from_ox(term) for name, term in zip(names, row, strict=True) if term is not None} for row in answer
        ]
        result = Result("SELECT")
        result.vars, result.bindings = names, rows
        return result
