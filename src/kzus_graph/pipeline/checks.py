"""Checks as SPARQL queries: each file of ``queries/checks`` finds one kind of fault, whose code is the file's name."""

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
from kzus_graph.rdf.queries import Functions, QueryFileError, ask, read_query
from kzus_graph.rdf.terms import from_ox
from kzus_graph.rdf.vocab import CODE, DIP, SHAPE
from kzus_graph.shacl.shapes import Violation, named

TERMS: Final = (str(DIP), str(CODE), str(SHAPE), PREFIXES["topic"])
"""Namespaces of the project's own ontology, codes, shapes and topics, which users' facts must not redefine."""


def foreign_statements(own: NamedLines, ours: NamedLines) -> list[Violation]:
    """Return violations for the statements of a user that would change the project's named graphs or terms.

    *own* are the named graphs of the user's files, *ours* those of the project. There is a violation for each graph of
    *own* whose name is in *ours*, and for each subject in *own* that is a term of the project (see TERMS). The
    project's shapes and ontology check the user's facts, so these must not change the shapes or the ontology.
    """
    found = []
    for name, lines in own.items():
        if name in ours:
            message = f"{compact(name)} is a graph of this project; put your facts into another named graph."
            found.append(Violation("statement-in-our-graph", "Violation", name, None, message))
        for subject in sorted({line.split(" ", 1)[0].strip("<>") for line in lines}):
            if subject.startswith(TERMS):
                message = f"{compact(subject)} is a term of this project; remove your statements about it."
                found.append(Violation("statement-about-our-term", "Violation", URIRef(subject), None, message))
    return found


def unchecked(newer: Iterable[tuple[ox.Quad, str]]) -> list[Violation]:
    """Return a remark for each quad in *newer*, which uses RDF 1.2 and so is not checked: the checks are for RDF 1.1.

    The text with each quad names what in the quad only RDF 1.2 allows, such as "a triple term".
    """
    found = set()
    for quad, what in newer:
        unjudged = "statement" if isinstance(quad.object, ox.Triple) else "direction"
        message = (
            f"{compact(quad.predicate.value)} has {what}, which only RDF 1.2 allows: the {unjudged} is not checked."
        )
        found.add(Violation("rdf-1.2", "Info", named(from_ox(quad.subject)), None, message))
    return sorted(found)


def stored(default: Lines, named: NamedLines) -> ox.Store:
    """Return a store in memory with *default* as its default graph and *named* as its named graphs."""
    store = ox.Store()
    # one call for all graphs: a call takes 0.2 ms, and there is a graph for each segment and record
    add(store, [*default, *(line for name, lines in named.items() for line in ntriples.n_quads(lines, name))])
    return store


def add(store: ox.Store, lines: Lines) -> None:
    """Add *lines* to *store*: lines of N-Triples to its default graph, lines of N-Quads to their graphs."""
    plain: Lines = []
    rest: Lines = []
    for line in lines:
        (rest if "_:" in line and ntriples.has_blank_node(line) else plain).append(line)
    store.bulk_load("".join(plain).encode(), format=ox.RdfFormat.N_QUADS, lenient=True)
    # bulk_load would give these blank nodes other labels than they have everywhere else
    store.extend(ox.parse("".join(rest), format=ox.RdfFormat.N_QUADS))


def rewritten(graphs: Iterable[Lines]) -> Lines:
    """Return the lines of *graphs* whose literal an Oxigraph store changes, such as ``"01"^^xsd:integer``.

    To find them, this function puts the literals into a store, and reads which of them the store returns unchanged.
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
    """Return a violation for each of the lines *rewritten*, whose literals are not in canonical form."""
    return [_rewritten(line) for line in rewritten]


def findings(store: ox.Store, folder: Path, functions: Functions) -> list[Violation]:
    """Return what the check queries in *folder* find in the data set in *store*; see *found_by*."""
    return [found for path in sorted(folder.glob("*.rq")) for found in found_by(path, store, functions)]


def found_by(path: Path, store: ox.Store, functions: Functions) -> list[Violation]:
    """Return a violation for each row that the check query at *path* returns for the data set in *store*.

    A check is a SELECT query. ``?this`` is the node at fault, and ``?value``, which is optional, the wrong value. A
    ``#+ severity:`` line in the file can make the fault a Warning. The message is the query's ``#+ summary:`` line, in
    which ``{?variable}`` is replaced by its value in the row. *functions* are those of functions.functions, which the
    query may call. Raises QueryFileError when a check is not a SELECT query.
    """
    check = read_query(path)
    answer = ask(store, check.text, path, functions)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryFileError(f"{path}: a check must be a SELECT query")
    variables = [variable.value for variable in answer.variables]
    found = []
    for row in answer:
        message = check.summary
        for variable in variables:
            message = message.replace(f"{{?{variable}}}", _in_words(row[variable]))
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
    message = f"{literal} is not in canonical form; write the canonical form, since a store returns only that."
    focus: Node | str = from_ox(subject) if isinstance(subject, ox.NamedNode) else str(subject)
    return Violation("literal-rewritten", "Violation", focus, from_ox(literal), message)
