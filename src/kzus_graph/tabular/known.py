"""The data of a root folder outside its tables: IRIs that a table may refer to, and statements written by hand."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kzus_graph.pipeline import content
from kzus_graph.pipeline.origin import origin
from kzus_graph.rdf import turtle
from kzus_graph.rdf.near_names import NearNames
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import GRAPH


@dataclass
class Known:
    """The data of a root folder outside its tables: *names* are the IRIs of our namespace that they describe.

    *by_hand* has, by (graph, subject), the (predicate, object) pairs written by hand; *files* has, by the same keys,
    the path of the file that contains them.
    """

    names: set[str] = field(default_factory=set)
    by_hand: dict[tuple[Any, Any], set[tuple[Any, Any]]] = field(default_factory=dict)
    files: dict[tuple[Any, Any], str] = field(default_factory=dict)

    @cached_property
    def near(self) -> NearNames:
        """The means to find the most similar of *names*; to be used once *names* are complete."""
        return NearNames(self.names)


def known(root: Path, leave_out: Path) -> Known:
    """Return the data in the files of *root*, except the file *leave_out*, which an import will replace.

    Statements in files that an import wrote are not counted as written by hand. Raises content.ContentError and
    turtle.TurtleError.
    """
    found = Known()
    for path, graph in content.files(root):
        if graph == GRAPH.shapes or path.resolve() == leave_out.resolve():
            continue
        hand = path.suffix == ".ttl" or origin(path) is None
        default = None if graph is None else ox.NamedNode(str(graph))
        try:
            for quad in ox.parse(path=path, format=turtle.FORMATS[path.suffix.removeprefix(".")]):
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE):
                    found.names.add(quad.subject.value)
                if hand:
                    name = default if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name
                    found.by_hand.setdefault((name, quad.subject), set()).add((quad.predicate, quad.object))
                    found.files.setdefault((name, quad.subject), str(path.relative_to(root)))
        except SyntaxError:
            turtle.parse(path)  # raises the same error with file, line and column
            raise
    return found
