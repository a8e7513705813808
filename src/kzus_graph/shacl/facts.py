"""An Oxigraph store as the rdflib graph that pyshacl asks: nothing is copied, so it costs the same at any size."""

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
    """The default graph of an Oxigraph store, to read."""

    # pyshacl wraps every graph in a data set, which takes no store without these.
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
        """How many triples there are; pyshacl asks for it at each result, to see if there are any."""
        (row,) = cast("ox.QuerySolutions", self._store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))
        return int(cast("ox.Literal", row["n"]).value)

    def bind(self, prefix: str, namespace: Any, override: bool = True) -> None:
        """Take no prefix: nothing here is written."""

    def namespaces(self) -> Iterator[tuple[str, Any]]:
        return iter(())


class StoreFacts(Graph):
    """The default graph of a store, whose SPARQL queries Oxigraph answers.

    pyshacl asks a query once for each focus node; rdflib would parse it anew each time (6 ms against 30 µs) and joins
    in an order that suits small graphs only.
    """

    def __init__(self, store: ox.Store, kept: Graph | None = None) -> None:
        """Read *store*, which may not be changed meanwhile; single patterns are looked up in *kept*, if given."""
        if kept is None:
            super().__init__(_Reading(store), bind_namespaces="none")
        else:
            super().__init__(kept.store, kept.identifier)
        self._answers_from = store

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Result:
        """Answer the SELECT query *query_object*; pyshacl's fourth further argument binds variables beforehand."""
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
