"""Find the properties that a query or shape reads: changes to triples of other properties cannot change its result."""

from collections.abc import Iterator, Mapping
from typing import Final

from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, SHAPE
from kzus_graph.shacl.candidates import TOKEN

Properties = frozenset[str] | None
"""Properties as N-Triples terms; None stands for all properties."""

ALWAYS: Final = frozenset(term.n3() for term in (RDF.type, RDFS.subClassOf, DIP.hasNote, SHAPE.explains))
"""The properties that every shape reads: those about classes, for its targets, and those about explanatory notes."""
LISTS: Final = frozenset(("SELECT", "BY", "HAVING"))
"""Keywords of SPARQL that are followed by a list of variables or expressions, not by a triple pattern."""
JOINS: Final = frozenset("/|^*+?!")
"""The operators of property paths."""


def of_query(text: str, prefixes: Mapping[str, str] = PREFIXES) -> Properties:
    """Return all IRIs in the query *text*, among them the properties that its patterns read.

    Return None, which stands for all properties, if a variable is or may be in the place of a property, or if a path
    has a negated property set (``!dip:begin``). *prefixes* maps prefixes to namespaces.
    """
    tokens = [token for token in TOKEN.findall(text) if not token.isspace() and not token.startswith("#")]
    if any(property_[0] in "?$" for property_ in _properties(tokens)):
        return None
    if any(token == "!" and _begins_a_path(tokens[place + 1 : place + 3]) for place, token in enumerate(tokens)):
        return None
    names = (_name(token, prefixes) for token in tokens)
    return frozenset(name for name in names if name)


def of_shape(shapes: Graph, shape: Node, prefixes: Mapping[str, str]) -> Properties:
    """Return the properties that *shape* may read: all IRIs in it, in the shapes it refers to, and in their queries."""
    found, reached, frontier = set(ALWAYS), {shape}, [shape]
    while frontier:
        for property_, value in shapes.predicate_objects(frontier.pop()):
            if property_ == SH.select and isinstance(value, Literal):
                read = of_query(str(value), prefixes)
                if read is None:
                    return None
                found |= read
            elif isinstance(value, URIRef):
                found.add(value.n3())
            if value not in reached and (value, None, None) in shapes:
                reached.add(value)
                frontier.append(value)
    return frozenset(found)


def _properties(tokens: list[str]) -> Iterator[str]:
    """Yield each token in predicate position: the second of a triple pattern, or the first after ``;`` or ``[``."""
    terms: list[str] = []
    opened, joined, listed = "", False, False
    for token in [*tokens, "."]:
        if token[0] in "<?$\"'" and len(token) > 1 or ":" in token or token == "a":
            if not joined:
                terms.append(token)
            joined = False
        elif token in JOINS:
            joined = token in "/|"
        else:
            first = opened in (";", "[")
            if not listed and len(terms) > (0 if first else 1):
                yield terms[0 if first else 1]
            listed = token.upper() in LISTS or (listed and token.upper() != "WHERE" and token not in "{}")
            terms, opened, joined = [], token, False


def _begins_a_path(tokens: list[str]) -> bool:
    """Return whether *tokens*, which follow ``!``, may begin a negated property set, with or without a parenthesis."""
    token = tokens[-1] if tokens[:1] == ["("] else tokens[0]
    return ":" in token or token in "^a"


def _name(token: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that *token* of a query stands for, in angle brackets; an empty string if it is no IRI."""
    if token == "a":
        return RDF.type.n3()
    if token.startswith("<") and token.endswith(">"):
        return token
    prefix, colon, local = token.partition(":")
    return f"<{prefixes[prefix]}{local}>" if colon and prefix in prefixes else ""
