"""Translate property paths of SHACL to property paths of SPARQL (SHACL, section 2.3.1)."""

from typing import Final

from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.shacl.values import UnsupportedConstraint

REPEATS: Final = {SH.zeroOrMorePath: "({})*", SH.oneOrMorePath: "({})+", SH.zeroOrOnePath: "({})?"}


def steps(shapes: Graph, path: Node, within: tuple[Node, ...] = (), *, turned: bool = False) -> list[str]:
    """Return *path* as a list of SPARQL paths to walk one after another; with *turned*, *path* is walked backwards.

    Raises UnsupportedConstraint.
    """
    if isinstance(path, URIRef):
        return [path.n3()]
    if path in within:
        raise UnsupportedConstraint("a path that is a part of itself")

    def part(inner: Node) -> str:
        return "/".join(steps(shapes, inner, (*within, path), turned=turned))

    if (path, RDF.first, None) in shapes:
        if turned:
            # pyshacl walks the steps of an inverse sequence forwards
            raise UnsupportedConstraint("the inverse of a sequence")
        return [step for inner in Collection(shapes, path) for step in steps(shapes, inner, (*within, path))]
    if (parts := shapes.value(path, SH.alternativePath)) is not None:
        return [f"({'|'.join(map(part, Collection(shapes, parts)))})"]
    if (inner := shapes.value(path, SH.inversePath)) is not None:
        return [f"^({'/'.join(steps(shapes, inner, (*within, path), turned=not turned))})"]
    for kind, form in REPEATS.items():
        if (inner := shapes.value(path, kind)) is not None:
            return [form.format(part(inner))]
    raise UnsupportedConstraint("a path of an unknown kind")


def may_be_of_no_steps(steps: list[str]) -> bool:
    """Return whether a part of one of *steps* may have length zero (``*`` or ``?``)."""
    return any(")*" in step or ")?" in step for step in steps)
