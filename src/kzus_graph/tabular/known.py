"""What a root says already: the names that a table may refer to, and what is written by hand."""

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
"""How many unknown names get a suggestion; looking for near misses among all names takes milliseconds each."""


@dataclass
class Known:
    """Names that something is said of, and per (graph, node) what is written there by hand, and in which file."""

    names: set[str] = field(default_factory=set)
    by_hand: dict[tuple[Any, Any], set[tuple[Any, Any]]] = field(default_factory=dict)
    files: dict[tuple[Any, Any], str] = field(default_factory=dict)
    _suggested: dict[str, str] = field(default_factory=dict)

    def suggestion(self, name: str) -> str:
        """Return the known name most like *name*, as "; did you mean …?"; nothing when none is near."""
        if name not in self._suggested and len(self._suggested) < SUGGESTIONS:
            space = name[: max(name.rfind("/"), name.rfind("#")) + 1]
            locals_ = sorted(known[len(space) :] for known in self.names if known.startswith(space))
            close = difflib.get_close_matches(name[len(space) :], locals_, 1, 0.7)
            self._suggested[name] = f"; did you mean {compact(space + close[0])}?" if close else ""
        return self._suggested.get(name, "")


def known(root: Path, leave_out: Path) -> Known:
    """Return what *root* says, but for the file *leave_out*, which an import is about to write.

    Files that an import wrote count as known but not as written by hand. Raises content.ContentError and
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
            turtle.parse(path)  # says the same with file, line and column
            raise
    return found
