"""What follows from the merge: by the rules of ``ontology/rules``, then by OWL 2 RL."""

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
"""Two that find the same: the ontology compiled to rules, and the reasoner of record, which is slow."""


def rule_results(store: ox.Store, rules: Iterable[Path]) -> Lines:
    """Return what the SPARQL CONSTRUCT *rules* derive in *store* that its default graph doesn't hold.

    The rules run once each over the same data: none needs what another derives.
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
    """Return what OWL 2 RL adds to *lines*, by one of REASONERS. Raises Inconsistent.

    What has no compiled rules goes to owlrl; *hand_over* is told why, beforehand.
    """
    try:
        return sorted(REASONERS[reasoner](lines))
    except UnsupportedOntology as error:
        hand_over(str(error))
        return sorted(REASONERS["owlrl"](lines))
