"""Writes a difference as an RDF Patch, which Apache Jena and rdflib can apply to a data set to update it."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from kzus_graph.rdf.prefixes import BASE
from kzus_graph.releases.difference import Difference


def rows(difference: Difference) -> Iterator[str]:
    """Yield the rows of an RDF Patch: the identifiers of the patch and of the previous one, deletions, then additions.

    The syntax is that of Apache Jena's documentation of RDF Patch. A patch identifies blank nodes by label. Statements
    whose blank nodes have new labels are therefore deleted and added again, so that the next patch refers to existing
    labels.
    """
    yield f"H id <uuid:{_identifier(difference.after)}> ."
    yield f"H prev <uuid:{_identifier(difference.before)}> ."
    yield "TX ."
    for code, quads in (("D", difference.deletions), ("A", difference.additions)):
        for quad in quads:
            yield f"{code} {quad} ."
    yield "TC ."


def _identifier(version: str) -> str:
    """Return the UUID (RFC 9562 §5.5) of the patch that produces the release *version*; the next patch refers to it."""
    return str(uuid5(NAMESPACE_URL, f"{BASE}dumps/{version}/"))
