"""A difference as an RDF Patch: what Apache Jena and rdflib apply to a data set to have the next one of it."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from kzus_graph.rdf.prefixes import BASE
from kzus_graph.releases.difference import Difference


def rows(difference: Difference) -> Iterator[str]:
    """Yield the rows of the patch: its name, that of the patch before it, then what to delete and what to add.

    Rows are of RDF Patch as Apache Jena documents it, in its preferred style. There, blank nodes are their labels:
    where these are new the statements are deleted and added, so that the next patch finds them.
    """
    yield f"H id <uuid:{_identifier(difference.after)}> ."
    yield f"H prev <uuid:{_identifier(difference.before)}> ."
    yield "TX ."
    for code, quads in (("D", difference.deletions), ("A", difference.additions)):
        for quad in quads:
            yield f"{code} {quad} ."
    yield "TC ."


def _identifier(version: str) -> str:
    """Return the UUID (RFC 9562 §5.5) of the patch that leads to a version, so that patches make a chain."""
    return str(uuid5(NAMESPACE_URL, f"{BASE}dumps/{version}/"))
