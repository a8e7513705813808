"""Functions in Python that the checks call in SPARQL, for what SPARQL can't say of a text; see ``queries/checks``."""

from typing import Final

import pyoxigraph as ox

from kzus_graph.links.spelling import sound, words
from kzus_graph.pipeline.source_texts import Runs
from kzus_graph.rdf.characters import unseen
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.queries import Functions
from kzus_graph.rdf.vocab import SOURCE

SPACE: Final = BASE + "function/"
"""The namespace of the functions."""


def functions(copied: Runs) -> Functions:
    """Return the functions by their IRIs; *copied* has the digests of the source texts.

    Each has one RDF term as its argument. None stands for no value, so that a BIND leaves its variable unbound.

    ``unseen`` returns a message on an invisible character or a decomposed letter, ``sound`` the words of a name in one
    order, spelling and alphabet, ``copied`` the source that has ten words in a row of a text.
    """

    def source(text: ox.Literal) -> ox.NamedNode | None:
        found = copied.source_of(text.value)
        return ox.NamedNode(SOURCE[found]) if found else None

    named = {"unseen": _unseen, "sound": _sound, "copied": source}
    return {ox.NamedNode(SPACE + name): function for name, function in named.items()}


def _unseen(text: ox.Literal) -> ox.Literal | None:
    found = unseen(text.value)
    return ox.Literal(found) if found else None


def _sound(name: ox.Literal) -> ox.Literal | None:
    found = " ".join(sorted(map(sound, words(name.value))))
    return ox.Literal(found) if found else None
