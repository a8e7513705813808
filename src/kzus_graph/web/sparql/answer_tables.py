"""The answer to an example question as a table: headings in words, names in place of IRIs; sorted and filtered."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.serving import Limits, Release
from kzus_graph.rdf import writing
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import column_headings, execution
from kzus_graph.web.sparql.column_headings import Heading
from kzus_graph.web.sparql.parameters import Asked
from kzus_graph.web.view import labels, locale, query_errors
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.page_queries import Term
from kzus_graph.web.view.translation import marked

Cells = tuple[Shown | None, ...]
MOST_BYTES: Final = 8 << 20
MOST_ROWS: Final = 10_000
# The most characters of a text by which rows are filtered.
LONGEST: Final = 200
NUMBERS: Final = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
ANSWERS: Final = (marked("recorded"), marked("not recorded"))
"""The answers to a question about one fact; its only column is named ``answer``."""
STATEMENT: Final = ("subject", "property", "value")
RESULTS: Final = Asked(None, formats=("srj", "nt"))


@dataclass(frozen=True)
class AnswerColumn:
    """A column: the *name* of its variable, its *heading* in words, and whether all its values are numbers or IRIs.

    *language* is the tag of the heading's language.
    """

    name: str
    heading: str
    is_number: bool = False
    has_iris: bool = False
    language: str = locale.ENGLISH


@dataclass(frozen=True)
class AnswerTable:
    """The rows of an answer. *more* says whether rows after MOST_ROWS are missing.

    *by* is the name of the column by which the rows were sorted here, with a minus in front if the last come first.
    """

    columns: tuple[AnswerColumn, ...]
    rows: tuple[Cells, ...]
    more: bool = False
    by: str = ""

    @property
    def verdict(self) -> str:
        """The answer to a question about one fact, such as "not recorded"; empty if this is another kind of answer."""
        if [column.name for column in self.columns] != ["answer"] or len(self.rows) != 1:
            return ""
        (cell,) = self.rows[0]
        return cell.text if cell is not None and cell.text in (*ANSWERS, "yes", "no") else ""

    def place(self, *names: str) -> int | None:
        """Return the index of the first of *names* that a column has; None if no column has one."""
        found = {column.name: number for number, column in enumerate(self.columns)}
        return next((found[name] for name in names if name in found), None)

    def sorted(self, by: str) -> "AnswerTable":
        """Return this table with its rows sorted by the column *by*; ``-name`` sorts the other way round.

        Rows without a value come last. Raises Problem (400) if there is no such column.
        """
        place = self.place(by.removeprefix("-"))
        if place is None:
            known = ", ".join(column.name for column in self.columns)
            raise Problem(400, "sort", f"The parameter sort must be the name of a column: {known}.")
        present = [row for row in self.rows if row[place] is not None]
        absent = [row for row in self.rows if row[place] is None]
        present.sort(key=lambda row: _order(row[place]), reverse=by.startswith("-"))
        return replace(self, rows=(*present, *absent), by=by)

    def found(self, text: str) -> "AnswerTable":
        """Return this table with only those rows that have all words of *text*, in whatever column and case."""
        words = text[:LONGEST].casefold().split()

        def has_all(row: Cells) -> bool:
            line = " ".join(cell.text for cell in row if cell is not None).casefold()
            return all(word in line for word in words)

        return replace(self, rows=tuple(row for row in self.rows if has_all(row)))


def answer(release: Release, limits: Limits, asked: Asked, base: str = "") -> tuple[tuple[str, ...], list[list[Any]]]:
    """Return the columns and rows of the answer to the query of *asked*: from the cache, else from a worker process.

    The statements of a graph are rows of three columns, a yes or no is a row of one; there are at most MOST_ROWS + 1.
    Raises Problem if the query fails, if it calls other endpoints, or if the answer has more than MOST_BYTES.
    """
    assert asked.query is not None
    try:
        plan = execution.make(asked.query, replace(asked, formats=RESULTS.formats), limits, "", base)
        if plan.reading.calls:
            raise Problem(400, "service", "This query asks other endpoints: send it to /sparql.")
        kept = release.cache.get(plan.key)
        body = b"".join(kept.parts) if kept is not None else _asked(release, plan)
    except Refusal as refusal:
        raise query_errors.problem(refusal, asked.query) from refusal
    if plan.form.kind == "graph":
        triples = islice(ox.parse(body, ox.RdfFormat.N_TRIPLES), MOST_ROWS + 1)
        return STATEMENT, [[_term(term) for term in quad.triple] for quad in triples]
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean):
        return ("answer",), [[ox.Literal("yes" if results else "no")]]
    names = [variable.value for variable in results.variables]
    rows = [[_term(row[name]) for name in names] for row in islice(results, MOST_ROWS + 1)]
    return tuple(names), rows


def _asked(release: Release, plan: execution.PlannedQuery) -> bytes:
    """Return the answer of a worker process, which is also put into the cache. Raises Refusal, Problem (413)."""
    found = release.pool.ask(plan.question, time.monotonic() + plan.question.seconds)
    held, size = [], 0
    try:
        for chunk in found:
            held.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                raise Problem(
                    413,
                    "answer-too-long",
                    f"This answer has more than {MOST_BYTES >> 20} MiB, too much for a page or a spreadsheet.",
                    hint="Send the query to /sparql with format=csv, or add a LIMIT.",
                )
    finally:
        found.close()
    return b"".join(plan.finish(release, b"".join(held), found.rows).parts)


def _term(value: writing.Term | None) -> Term | None:
    return ox.Literal(writing.text(value)) if isinstance(value, ox.Triple) else value


def table(
    release: Release, names: Sequence[str], rows: Sequence[Sequence[Term | None]], headings: Mapping[str, Heading]
) -> AnswerTable:
    """Return the answer with the columns *names* and these *rows* as a table.

    *headings* take precedence over those of the release. A column of names is left out if an earlier column has the
    things that are so called.
    """
    shown_rows = rows[:MOST_ROWS]
    terms = {term for row in shown_rows for term in row if isinstance(term, ox.NamedNode)}
    called = Labels(release, terms)
    english = called if locale.wanted() == locale.ENGLISH else Labels(release, terms, locale.ENGLISH)
    columns = list(zip(*shown_rows, strict=True)) if shown_rows else [() for _ in names]
    left_out = set(_repeated(columns, english)) if shown_rows else set()
    kept = [number for number in range(len(names)) if number not in left_out]
    return AnswerTable(
        tuple(
            AnswerColumn(
                names[number],
                heading,
                _all(columns[number], _is_number),
                any(isinstance(term, ox.NamedNode) for term in columns[number]),
                language,
            )
            for number in kept
            for heading, language in [headings.get(names[number]) or column_headings.heading(release, names[number])]
        ),
        tuple(
            tuple(None if (term := row[number]) is None else called.shown(term) for number in kept)
            for row in shown_rows
        ),
        len(rows) > MOST_ROWS,
    )


def _repeated(columns: Sequence[Sequence[Term | None]], names: Labels) -> Iterable[int]:
    """Yield the index of each column that has nothing but the names of the things in another column."""
    things = [column for column in columns if _all(column, lambda term: isinstance(term, ox.NamedNode))]
    for number, column in enumerate(columns):
        if _all(column, lambda term: isinstance(term, ox.Literal)) and any(
            all(_calls(name, thing, names) for name, thing in zip(column, other, strict=True)) for other in things
        ):
            yield number


def _calls(name: Term | None, thing: Term | None, names: Labels) -> bool:
    if name is None or thing is None:
        return name is thing
    return names[thing.value] == name.value


def _all(column: Iterable[Term | None], test: Any) -> bool:
    """Return whether all values of *column* pass *test*, and there is at least one."""
    present = [term for term in column if term is not None]
    return bool(present) and all(test(term) for term in present)


def _is_number(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value in NUMBERS


def number(cell: Shown | None) -> float | None:
    """Return the value of *cell* if it is a finite number, else None."""
    if cell is None or not _is_number(cell.term):
        return None
    try:
        value = float(cell.term.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def sort_value(cell: Shown) -> str:
    """Return the text by which a script sorts *cell*: of a date, say, its lexical form; empty if that is its text."""
    return cell.term.value if isinstance(cell.term, ox.Literal) and cell.term.value != cell.text else ""


def _order(cell: Shown | None) -> tuple[int, float, list[tuple[int, str]]]:
    assert cell is not None
    value = number(cell)
    return (0, value, []) if value is not None else (1, 0, labels.natural((sort_value(cell) or cell.text).casefold()))
