"""Runs the SPARQL queries of pages: reads a query from a file, replaces its parameters, and returns the results."""

import re
import time
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.serving import Release
from kzus_graph.rdf import writing
from kzus_graph.rdf.prefixes import BASE, LOCAL_NAME, PREFIXES
from kzus_graph.rdf.queries import Parameter, filled
from kzus_graph.web.view import query_errors

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Row = dict[str, Term]

PACKAGE: Final = Path(__file__).parents[2]
QUERIES: Final = {
    path.stem: path
    for place in ("web/*", "links", "fulltext")
    for path in sorted(PACKAGE.glob(f"{place}/queries/*.rq"))
}
"""The query files by name; each is in the ``queries`` folder of the package that uses it."""
SECONDS: Final = 5.0
# The name of an earlier release ends with + and its digest.
OWN_PATH: Final = re.compile(
    rf"(?:{LOCAL_NAME.pattern}/)*{LOCAL_NAME.pattern}(?:\+[0-9a-f]{{8}})?(?:#{LOCAL_NAME.pattern})?"
)


def rows(release: Release, query_name: str, **terms: Parameter) -> list[Row]:
    """Return the solutions of the query in ``<query_name>.rq``; an unbound variable is missing from its row.

    Each ``$name`` in the query is replaced by the keyword argument ``name``, a term or several terms, as in
    ``VALUES ?x { $names }``. A triple term, which our pages don't use, is returned as a literal with its text. Raises
    Problem if the query fails.
    """
    body = _ask(release, query_name, "json", terms)
    solutions = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{name: _term(value) for name in names if (value := solution[name]) is not None} for solution in solutions]


def _term(value: writing.Term) -> Term:
    return ox.Literal(writing.text(value)) if isinstance(value, ox.Triple) else value


def triples(release: Release, query_name: str, **terms: Parameter) -> list[ox.Triple]:
    """Return the triples that result from the CONSTRUCT or DESCRIBE query in ``<query_name>.rq``."""
    return [quad.triple for quad in ox.parse(_ask(release, query_name, "ntriples", terms), ox.RdfFormat.N_TRIPLES)]


def written(release: Release, query_name: str, format_name: str, **terms: Parameter) -> bytes:
    """Return the answer to the query in ``<query_name>.rq``, in the SPARQL endpoint's format *format_name*."""
    return _ask(release, query_name, format_name, terms)


def own(path: str) -> ox.NamedNode | None:
    """Return the IRI in this project's namespace for *path*, a path on this site; None if there can be no such IRI.

    >>> own("id/astana")
    <NamedNode value=https://w3id.org/kzus/id/astana>
    >>> own("id/astana> ?p ?o } #") is None
    True
    """
    return ox.NamedNode(BASE + path) if OWN_PATH.fullmatch(path) else None


@cache
def _text(query_name: str) -> str:
    return QUERIES[query_name].read_text("utf-8")


def _ask(release: Release, query_name: str, format_name: str, terms: dict[str, Parameter]) -> bytes:
    query = filled(_text(query_name), terms)
    question = Question(query=query, format=format_name, seconds=SECONDS, prefixes=PREFIXES)
    try:
        return b"".join(release.pool.ask(question, time.monotonic() + SECONDS))
    except Refusal as refusal:
        raise query_errors.problem(refusal, query) from refusal
