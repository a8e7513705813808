"""Translate property paths of SHACL to property paths of SPARQL (SHACL, section 2.3.1)."""

from typing import Final

from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.shacl.values import UnsupportedConstraint

REPEATS: Final = {SH.zeroOrMorePath: "({})*", SH.oneOrMorePath: "({})+", SH.zeroOrOnePath: "({})?"}


def steps(shapes: Graph, path: Node, within: tuple[Node, ...] = (), *, turned: bool = False) -> list[str]:
    """Return the SHACL *path* as SPARQL paths, to be followed one after another.

    *within* are the paths of which *path* is a part; *turned* is true if an odd number of these are sh:inversePath.
    Raises UnsupportedConstraint for a sequence path with *turned*, an unknown kind of path, and a path within itself.
    """
    if isinstance(path, URIRef):
        return [path.n3()]
    if path in within:
        raise UnsupportedConstraint("it has a property path that contains itself")

    def part(inner: Node) -> str:
        return "/".join(steps(shapes, inner, (*within, path), turned=turned))

    if (path, RDF.first, None) in shapes:
        if turned:
            # pyshacl walks the steps of an inverse sequence forwards
            raise UnsupportedConstraint("it has sh:inversePath of a sequence path")
        return [step for inner in Collection(shapes, path) for step in steps(shapes, inner, (*within, path))]
    if (parts := shapes.value(path, SH.alternativePath)) is not None:
        return [f"({'|'.join(map(part, Collection(shapes, parts)))})"]
    if (inner := shapes.value(path, SH.inversePath)) is not None:
        return [f"^({'/'.join(steps(shapes, inner, (*within, path), turned=not turned))})"]
    for kind, form in REPEATS.items():
        if (inner := shapes.value(path, kind)) is not None:
            return [form.format(part(inner))]
    raise UnsupportedConstraint("it has a property path of an unknown kind")


def may_be_of_no_steps(steps: list[str]) -> bool:
    """Return whether one of the SPARQL paths *steps* has a part that may have length zero (``*`` or ``?``)."""
    return any(")*" in step or ")?" in step for step in steps)
