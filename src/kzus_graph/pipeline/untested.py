"""Files of a user that no shape tests: a check of such a file must not end with "0 violations"."""

import difflib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, Graph, URIRef

from kzus_graph.rdf import ntriples
from kzus_graph.rdf.near_names import namespace
from kzus_graph.rdf.ntriples import NamedLines
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.rdf.vocab import DIP
from kzus_graph.shacl.shapes import Violation

OURS: Final = [space for space in PREFIXES.values() if space.startswith(BASE)]
SIMILAR: Final = 0.9
"""The least share of characters that a mistyped namespace has in common with ours, as difflib counts it."""
SHOWN: Final = 3
"""The most namespaces or classes that a message lists."""
TYPE: Final = str(RDF.type)
ABOVE: Final = ox.NamedNode(RDFS.subClassOf)


def findings(path: Path, graphs: NamedLines, store: ox.Store, constraints: Graph) -> list[Violation]:
    """Return a violation if nothing in the file *path*, which has the named *graphs*, is tested; it says why.

    A file is tested if it uses our vocabulary, or describes a thing that belongs to a class of it, and if a shape in
    *constraints* has a target among the subjects of the file. *store* has all that follows from the file and our data.
    """
    statements = [ntriples.terms(line) for lines in graphs.values() for line in lines]
    subjects = {_node(subject) for subject, _, _ in statements}
    known = [quad for subject in subjects for quad in store.quads_for_pattern(subject, None, None, None)]
    classes = _with_superclasses(_values(quad for quad in known if quad.predicate.value == TYPE), store)
    iris = {term[1:-1] for statement in statements for term in statement if term.startswith("<")} | {*map(str, graphs)}
    is_ours = any(iri.startswith((*OURS,)) for iri in iris | classes)
    properties = {quad.predicate.value for quad in known}
    if is_ours and (
        classes & _targets(constraints, SH.targetClass)
        or properties & _targets(constraints, SH.targetSubjectsOf)
        or _referring(subjects, store) & _targets(constraints, SH.targetObjectsOf)
    ):
        return []
    if not statements:
        words = "This file has no statements, so there is nothing to check; is it the right file, and saved?"
    elif meant := _mistyped(iris):
        words = f"Nothing in this file was checked: it uses {meant[0]}, but our namespace is {meant[1]}."
    elif not is_ours:
        used = sorted({namespace(iri) for _, predicate, object_ in statements for iri in _terms(predicate, object_)})
        words = (
            f"Nothing in this file was checked: it does not use our vocabulary, {DIP}, "
            f"but {_listed(used)}; describe its things by our classes and properties."
        )
    else:
        said = f"belong to {_listed(sorted(map(compact, classes)))}" if classes else "have no class"
        words = (
            f"Nothing in this file was checked: its things {said}, and no shape is about such things; "
            "give them a class of ours, such as dip:Meeting."
        )
    return [Violation("nothing-checked", "Violation", str(path), None, words)]


def _node(term: str) -> ox.NamedNode | ox.BlankNode:
    node = ntriples.term_of(term)
    assert not isinstance(node, ox.Literal)
    return node


def _with_superclasses(classes: set[str], store: ox.Store) -> set[str]:
    """Return *classes* and those of which they are subclasses in *store*, which may lack inferred types."""
    found, frontier = set(classes), classes
    while frontier:
        above = (store.quads_for_pattern(ox.NamedNode(each), ABOVE, None, None) for each in frontier)
        frontier = _values(chain.from_iterable(above)) - found
        found |= frontier
    return found


def _values(quads: Iterable[ox.Quad]) -> set[str]:
    """Return the IRIs that are the objects of *quads*."""
    return {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}


def _referring(nodes: Iterable[ox.NamedNode | ox.BlankNode], store: ox.Store) -> set[str]:
    """Return the properties in *store* that have one of *nodes* as a value."""
    return {quad.predicate.value for node in nodes for quad in store.quads_for_pattern(None, None, node, None)}


def _targets(constraints: Graph, kind: URIRef) -> set[str]:
    return {str(target) for target in constraints.objects(None, kind)}


def _mistyped(iris: Iterable[str]) -> tuple[str, str] | None:
    """Return a namespace of *iris* that is almost one of ours, and the one of ours; None if there is none."""
    for space in sorted(set(map(namespace, iris))):
        if space not in OURS and (close := difflib.get_close_matches(space, OURS, 1, SIMILAR)):
            return space, close[0]
    return None


def _terms(predicate: str, object_: str) -> list[str]:
    """Return the class *object_* of a statement about a type, or else its *predicate*, as IRIs."""
    found = object_ if predicate == RDF.type.n3() else predicate
    return [found[1:-1]] if found.startswith("<") else []


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
