"""The data of a root folder outside its tables: IRIs that a table may refer to, and statements written by hand."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.pipeline import content
from kzus_graph.pipeline.origin import origin
from kzus_graph.rdf import turtle
from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.rdf.vocab import GRAPH

SUGGESTIONS: Final = 200
"""The most unknown names that get a suggestion; the search for similar names takes milliseconds for each."""


@dataclass
class Known:
    """The data of a root folder outside its tables: *names* are the IRIs of our namespace that they describe.

    *by_hand* has, by (graph, subject), the (predicate, object) pairs written by hand; *files* has, by the same keys,
    the path of the file that contains them.
    """

    names: set[str] = field(default_factory=set)
    by_hand: dict[tuple[Any, Any], set[tuple[Any, Any]]] = field(default_factory=dict)
    files: dict[tuple[Any, Any], str] = field(default_factory=dict)
    _suggested: dict[str, str] = field(default_factory=dict)

    def suggestion(self, name: str) -> str:
        """Return "; did you mean …?" with the IRI in *names* most similar to *name*; empty if none is similar."""
        if name not in self._suggested and len(self._suggested) < SUGGESTIONS:
            space = name[: max(name.rfind("/"), name.rfind("#")) + 1]
            locals_ = sorted(known[len(space) :] for known in self.names if known.startswith(space))
            close = difflib.get_close_matches(name[len(space) :], locals_, 1, 0.7)
            self._suggested[name] = f"; did you mean {compact(space + close[0])}?" if close else ""
        return self._suggested.get(name, "")


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
