"""Checks as SPARQL queries: each file of ``queries/checks`` finds one kind of fault; its name is the fault's code."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import URIRef
from rdflib.term import Node

from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.rdf.queries import QueryFileError, ask, read_query
from kzus_graph.rdf.terms import from_ox
from kzus_graph.rdf.vocab import CODE, DIP, SHAPE
from kzus_graph.shacl.shapes import Violation, named

TERMS: Final = (str(DIP), str(CODE), str(SHAPE), PREFIXES["topic"])
"""Namespaces of the project's own ontology, codes, shapes and topics, which users' facts must not redefine."""


def foreign_statements(own: NamedLines, ours: NamedLines) -> list[Violation]:
    """Return a violation for each graph of *own* with a name in *ours*, and for each term of ours that *own* describes.

    *own* are the graphs of a user's files, *ours* those of the project. A user's facts are tested by our shapes and
    ontology, so facts that change these would change their own test.
    """
    found = []
    for name, lines in own.items():
        if name in ours:
            message = f"{compact(name)} is a graph of ours; give your facts a graph of your own."
            found.append(Violation("statement-in-our-graph", "Violation", name, None, message))
        for subject in sorted({line.split(" ", 1)[0].strip("<>") for line in lines}):
            if subject.startswith(TERMS):
                message = f"{compact(subject)} is a term of ours; a file of facts cannot redefine it."
                found.append(Violation("statement-about-our-term", "Violation", URIRef(subject), None, message))
    return found


def unchecked(newer: Iterable[tuple[ox.Quad, str]]) -> list[Violation]:
    """Return a remark for each quad in *newer*: it uses RDF 1.2, which our checks, made for RDF 1.1, don't cover.

    Each quad comes with the words for what RDF 1.2 added in it.
    """
    found = set()
    for quad, what in newer:
        unjudged = "statement" if isinstance(quad.object, ox.Triple) else "direction"
        message = f"{compact(quad.predicate.value)} has {what}, which RDF 1.2 added: the {unjudged} is not checked."
        found.add(Violation("rdf-1.2", "Info", named(from_ox(quad.subject)), None, message))
    return sorted(found)


def stored(default: Lines, named: NamedLines) -> ox.Store:
    """Return a store in memory with *default* as its default graph and *named* as its named graphs."""
    store = ox.Store()
    add(store, default)
    # one call for all graphs: a call takes 0.2 ms, and there is a graph for each segment and record
    add(store, [line for name, lines in named.items() for line in ntriples.n_quads(lines, name)])
    return store


def add(store: ox.Store, lines: Lines) -> None:
    """Add *lines* to *store*: lines of N-Triples to its default graph, lines of N-Quads to their graphs."""
    plain = "".join(line for line in lines if not ntriples.has_blank_node(line)).encode()
    store.bulk_load(plain, format=ox.RdfFormat.N_QUADS, lenient=True)
    # bulk_load would give these blank nodes other labels than they have everywhere else
    rest = "".join(filter(ntriples.has_blank_node, lines))
    store.extend(ox.parse(rest, format=ox.RdfFormat.N_QUADS))


def rewritten(graphs: Iterable[Lines]) -> Lines:
    """Return the lines whose literal a store would rewrite, such as ``"01"^^xsd:integer``.

    A store returns only the rewritten literal, so this function compares the lines with what a store returns.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for lines in graphs:
        for line in lines:
            if '"^^<' in line:
                found[ntriples.terms(line)[2]].append(line)
    store = ox.Store()
    add(store, [f"<a:> <a:> {literal} .\n" for literal in found])
    kept = {str(quad.object) for quad in store}
    return [line for literal, lines in found.items() if literal not in kept for line in lines]


def literals(rewritten: Lines) -> list[Violation]:
    """Return a violation for the literal of each line that a store would rewrite."""
    return [_rewritten(line) for line in rewritten]


def findings(store: ox.Store, folder: Path) -> list[Violation]:
    """Return a violation for each row that a check query of *folder* finds in the data set in *store*.

    A check is a SELECT query. ``?this`` is the node at fault, and ``?value``, which is optional, the wrong value. A
    ``#+ severity:`` line in the file can make the fault a Warning. The message is the query's summary, in which
    ``{?variable}`` is filled in from the row. Raises QueryFileError when a check is not a SELECT query.
    """
    found = []
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


def _rewritten(line: str) -> Violation:
    subject, _, literal = map(ntriples.term_of, ntriples.terms(line))
    message = f"{literal} is not in canonical form: the store would rewrite it, and answers differ from dumps."
    focus: Node | str = from_ox(subject) if isinstance(subject, ox.NamedNode) else str(subject)
    return Violation("literal-rewritten", "Violation", focus, from_ox(literal), message)
