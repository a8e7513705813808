"""Checks that are queries: each file of ``queries/checks`` finds what must not be there, and its name is the fault."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.queries import QueryFileError, ask, read_query
from kzus_graph.shapes import Violation, named
from kzus_graph.turtle import Graphs, from_ox, quads
from kzus_graph.vocab import CODE, DIP, PREFIXES, SHAPE, compact

TERMS: Final = (str(DIP), str(CODE), str(SHAPE), PREFIXES["topic"])
"""Namespaces of what facts are written and tested with."""


def trespasses(own: Graphs, ours: Graphs) -> list[Violation]:
    """Return a violation for each thing that a user's graphs *own* say of our terms, or in graphs that are *ours*.

    Shapes and ontology are what a user's facts are tested by; facts that change them would test themselves.
    """
    found = []
    for name, graph in own.items():
        if name in ours:
            message = f"{compact(name)} is a graph of ours; give your facts a graph of your own."
            found.append(Violation("statement-in-our-graph", "Violation", name, None, message))
        for subject in set(graph.subjects()):
            if str(subject).startswith(TERMS):
                message = f"{compact(str(subject))} is a term of ours; a file of facts cannot redefine it."
                found.append(Violation("statement-about-our-term", "Violation", subject, None, message))
    return found


def unchecked(newer: Iterable[tuple[ox.Quad, str]]) -> list[Violation]:
    """Return a remark for each thing of which something is said that RDF 1.1 lacks, and so no check can judge."""
    found = set()
    for quad, what in newer:
        unjudged = "statement" if isinstance(quad.object, ox.Triple) else "direction"
        message = f"{compact(quad.predicate.value)} has {what}, which RDF 1.2 added: the {unjudged} is not checked."
        found.add(Violation("rdf-1.2", "Info", named(from_ox(quad.subject)), None, message))
    return sorted(found)


def findings(default: Graph, named: Graphs, folder: Path) -> list[Violation]:
    """Return a violation for each row that a check query of *folder* finds in the data set.

    A check is a SELECT whose ``?this`` is the node at fault; ``?value``, if there, is what is wrong with it, and a
    ``#+ severity:`` line makes it a Warning. ``{?variable}`` in its summary is filled in from the row.
    One check is no query, because a store cannot show it: a literal that the store would rewrite.
    """
    given = set(quads(default, None)).union(*(quads(graph, name) for name, graph in named.items()))
    store = ox.Store()
    store.extend(given)
    found = [_rewritten(quad) for quad in given.difference(store)]
    for path in sorted(folder.glob("*.rq")):
        check = read_query(path)
        answer = ask(store, check.text, path)
        if not isinstance(answer, ox.QuerySolutions):
            raise QueryFileError(f"{path}: a check is a SELECT")
        variables = [variable.value for variable in answer.variables]
        for row in answer:
            message = check.summary
            for variable in variables:
                term = row[variable]
                message = message.replace(f"{{?{variable}}}", _in_words(term))
            this = from_ox(row["this"])
            assert isinstance(this, URIRef | str)
            value = from_ox(row["value"]) if "value" in variables and row["value"] is not None else None
            found.append(Violation(check.name, check.headers.get("severity", "Violation"), this, value, message))
    return found


def _in_words(term: ox.NamedNode | ox.BlankNode | ox.Literal | None) -> str:
    if term is None:
        return "nothing"
    return compact(term.value) if isinstance(term, ox.NamedNode) else term.value


def _rewritten(quad: ox.Quad) -> Violation:
    message = f"{quad.object} is not in canonical form: the store would rewrite it, and answers differ from dumps."
    focus = from_ox(quad.subject) if isinstance(quad.subject, ox.NamedNode) else str(quad.subject)
    return Violation("literal-rewritten", "Violation", focus, from_ox(quad.object), message)
