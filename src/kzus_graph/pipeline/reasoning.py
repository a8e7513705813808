"""Inference from the merge: by the rules of ``ontology/rules``, then by OWL 2 RL."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.owl import closure
from kzus_graph.owl.axioms import UnsupportedOntology
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines
from kzus_graph.rdf.queries import QueryFileError, ask, decoded


def _by_owlrl(lines: Lines) -> set[str]:
    from kzus_graph.owl import reference  # owlrl takes long to import

    return reference.inferred(lines)


REASONERS: Final[dict[str, Callable[[Lines], set[str]]]] = {"compiled": closure.inferred, "owlrl": _by_owlrl}
"""Two reasoners with the same results: the ontology compiled to rules, and owlrl, the slow reference."""


def rule_results(store: ox.Store, rules: Iterable[Path]) -> Lines:
    """Return the lines that the SPARQL CONSTRUCT *rules* add to the default graph of *store*.

    Each rule runs once, over the same data: no rule needs the results of another. The store stays as it is. Raises
    QueryFileError when a rule is not a CONSTRUCT query.
    """
    results: set[str] = set()
    for rule in rules:
        answer = ask(store, decoded(rule.read_bytes(), rule), rule)
        if not isinstance(answer, ox.QueryTriples):
            raise QueryFileError(f"{rule}: a rule is a CONSTRUCT query")
        new = (triple for triple in answer if ox.Quad(triple.subject, triple.predicate, triple.object) not in store)
        results.update(ntriples.lines(new))
    return sorted(results)


def inferred(lines: Lines, reasoner: str = "compiled", hand_over: Callable[[str], None] = lambda _: None) -> Lines:
    """Return the lines that OWL 2 RL adds to *lines*, by one of REASONERS. Raises Inconsistent.

    If the ontology can't be compiled to rules, owlrl reasons instead; *hand_over* is called with the reason first.
    """
    try:
        return sorted(REASONERS[reasoner](lines))
    except UnsupportedOntology as error:
        hand_over(str(error))
        return sorted(REASONERS["owlrl"](lines))
