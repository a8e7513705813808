"""Inference from the merged graphs: by the SPARQL rules in ``ontology/rules``, then by OWL 2 RL."""

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
    """Return the triples that *rules* construct and that the default graph of *store* lacks, as lines of N-Triples.

    *rules* are files of SPARQL CONSTRUCT queries. Each rule runs once, over the same data: no rule needs the results of
    another. The store is not changed. Raises QueryFileError when a rule is not a CONSTRUCT query.
    """
    results: set[str] = set()
    for rule in rules:
        answer = ask(store, decoded(rule.read_bytes(), rule), rule)
        if not isinstance(answer, ox.QueryTriples):
            raise QueryFileError(f"{rule}: a rule must be a CONSTRUCT query")
        new = (triple for triple in answer if ox.Quad(triple.subject, triple.predicate, triple.object) not in store)
        results.update(ntriples.lines(new))
    return sorted(results)


def inferred(lines: Lines, reasoner: str = "compiled", hand_over: Callable[[str], None] = lambda _: None) -> Lines:
    """Return the new lines that follow from *lines* by OWL 2 RL; *reasoner* is a key of REASONERS. Raises Inconsistent.

    If the ontology can't be compiled to rules, *hand_over* is called with the reason, and owlrl is used instead.
    """
    try:
        return sorted(REASONERS[reasoner](lines))
    except UnsupportedOntology as error:
        hand_over(str(error))
        return sorted(REASONERS["owlrl"](lines))
