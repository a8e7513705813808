"""Datatypes as the reasoner owlrl treats them: which contain or exclude each other, which literals are ill-typed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from owlrl.AxiomaticTriples import OWLRL_Datatypes_Disjointness
from owlrl.DatatypeHandling import AltXSDToPYTHON
from owlrl.XsdDatatypes import OWL_Datatype_Subsumptions

from kzus_graph.owl.language import DATATYPES, Pair, is_literal, text
from kzus_graph.owl.statements import Statements

ABOVE: Final = {f"<{low}>": [f"<{high}>" for high in above] for low, above in OWL_Datatype_Subsumptions.items()}
"""Each datatype, with the datatypes whose value spaces contain its own."""
DISJOINT: Final[tuple[Pair, ...]] = tuple((f"<{one}>", f"<{other}>") for one, _, other in OWLRL_Datatypes_Disjointness)
"""Pairs of datatypes that share no value; owlrl considers a pair only if the graph uses both."""
READERS: Final[dict[str, Any]] = {f"<{datatype}>": reader for datatype, reader in AltXSDToPYTHON.items()}
ILL: Final = "Lexical value of the literal '%s' does not match its datatype (%s)"
NO_VALUE: Final = (ValueError, ArithmeticError, IndexError)
"""The exceptions that READERS raise for an invalid lexical form. owlrl catches only ValueError; the others abort it."""


def datatype(literal: str) -> str:
    """Return the datatype of *literal* as an N-Triples term, or an empty string if the literal names none.

    >>> datatype('"1"^^<http://www.w3.org/2001/XMLSchema#byte>'), datatype('"a"'), datatype('"a"@en')
    ('<http://www.w3.org/2001/XMLSchema#byte>', '', '')
    """
    return literal[literal.rindex('"') + 3 :] if literal[-1] == ">" else ""


def typed(said: Statements) -> dict[str, set[str]]:
    """Return each datatype in use with its members: literals, and nodes with the datatype as rdf:type (rule dt-type2).

    A datatype is in use if it has a literal or another member in *said*, or if its value space contains that of a
    datatype in use; the members of the latter are then its members, too.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for literal in {object_ for _, pairs in said.taking_part() for _, object_ in pairs if is_literal(object_)}:
        if (name := datatype(literal)) in DATATYPES:
            found[name].add(literal)
    for name in DATATYPES & said.members.keys():
        found[name] |= said.members[name]
    for name, nodes in tuple(found.items()):
        for above in ABOVE.get(name, ()):
            found[above] |= nodes
    return found


def disjoint(used: Iterable[str]) -> Iterator[Pair]:
    """Yield each pair of datatypes in *used* (the datatypes in use) that have no value in common."""
    known = set(used)
    return (pair for pair in DISJOINT if known.issuperset(pair))


def faults(used: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield owlrl's message for each literal with an invalid lexical form for its datatype (OWL 2 RL, dt-not-type).

    *used* maps each datatype in use to its members.
    """
    for name, nodes in used.items():
        reader = READERS.get(name, str)
        for node in nodes:
            if is_literal(node) and node.endswith(name):
                try:
                    reader(text(node))
                except NO_VALUE:
                    yield ILL % (text(node), text(name))
