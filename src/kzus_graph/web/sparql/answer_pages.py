"""``/query/…``: a page for each question with its answer in its best view; ``/questions`` lists all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.remotes import permitted
from kzus_graph.engine.serving import Release
from kzus_graph.rdf import formats
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.downloads import slices, void
from kzus_graph.web.http import base_url
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import answer_tables, answer_views, examples, parameters, row_context, spreadsheets
from kzus_graph.web.sparql.answer_tables import AnswerTable, Cells
from kzus_graph.web.sparql.examples import Example
from kzus_graph.web.sparql.parameters import Asked
from kzus_graph.web.view import locale, responses
from kzus_graph.web.view.labels import Labels, Shown

ON_A_PAGE: Final = 100
QUESTION: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
"""What may be the name of a question in a note."""
FORMATS: Final = tuple(form for form in formats.formats("solutions") if form.name in ("csv", "json"))


blueprint = Blueprint("answers", __name__, template_folder="templates")
"""The Flask routes of the pages of questions, and of answers as spreadsheets."""


LONG: Final = 150
"""The letters that a row has on average from which on it is long."""


@dataclass(frozen=True)
class Answered:
    """An answer as its page shows it: a part of the rows of *table*, from number *first* on; *all* is their number.

    *given* are the parameters that ask the question, *parameters* these and those that chose and sorted the rows.
    """

    table: AnswerTable
    rows: tuple[Cells, ...]
    first: int
    all: int
    find: str
    parameters: str
    given: tuple[tuple[str, str], ...] = ()
    size: int = ON_A_PAGE

    @property
    def page(self) -> int:
        """The number of the page of *size* rows."""
        return self.first // self.size + 1

    @property
    def unfiltered(self) -> str:
        """The parameters for all rows, sorted as these are."""
        return urlencode([*self.given, *([("sort", self.table.by)] if self.table.by else [])])

    @property
    def is_whole(self) -> bool:
        """Whether the page has all rows of the table."""
        return len(self.rows) == self.all

    @property
    def is_long(self) -> bool:
        """Whether the rows are so long that fewer of them make a screen."""
        letters = sum(len(cell.text) for row in self.rows for cell in row if cell is not None)
        return letters > LONG * len(self.rows)

    def sorting(self, name: str) -> str:
        """Return the parameters that sort the rows by the column *name*, or the other way round if they are."""
        by = f"-{name}" if self.table.by == name else name
        return urlencode([*self.given, ("sort", by), *([("find", self.find)] if self.find else [])])


@blueprint.get("/questions")
def questions() -> Response:
    """Return the page that lists all questions by group, each with a link to its answer."""
    found = examples.listed(g.release)
    return responses.page("questions.html", groups=examples.grouped(found), number=len(found))


@blueprint.get("/query/<name>")
def question(name: str) -> Response:
    """Return the page of the question *name* with its answer, or the example query as RDF, by the Accept header.

    ``?sort=`` sorts the rows by a column, ``?find=`` keeps those with all its words, ``?page=`` is a part of them.
    Raises Problem (404) if there is no such question.
    """
    release = g.release
    if (described := void.example(release, name)) is not None:
        return described
    example = _example(release, name)
    services = g.limits.services
    answered = None if example.services else part(_table(release, example))
    unchanged = answered is not None and not answered.find
    note, language = example.noted_in(locale.wanted())
    return responses.page(
        "question.html",
        example=example,
        note=list(_linked(release, note)),
        note_language=language,
        source=_source(release, example),
        answered=answered,
        drawing=answer_views.drawing(release, example.view, answered.table) if answered and unchanged else None,
        barred=[service for service in example.services if permitted(service, services) is None],
        related=examples.related(release, example),
        file=spreadsheets.file_name(name, release.name),
        formats=FORMATS,
        endings=slices.endings(release, name),
        sort_value=answer_tables.sort_value,
    )


@blueprint.get("/answers/<name>.csv")
def spreadsheet(name: str) -> Response:
    """Return the answer to the question *name* as CSV for spreadsheet programs; ``?sort=`` and ``?find=`` as its page.

    Raises Problem (404) if there is no such question.
    """
    example = _example(g.release, name)
    return sheet(chosen(_table(g.release, example)), name)


@blueprint.get("/spreadsheet")
def any_spreadsheet() -> Response:
    """Return the answer to ``?query=`` as CSV for spreadsheet programs; other parameters are those of ``/sparql``."""
    asked = parameters.parse("GET", request.query_string, "", b"")
    if asked.query is None:
        raise Problem(400, "missing-query", "The parameter query is missing.")
    names, rows = answer_tables.answer(g.release, g.limits, asked, base_url.beginning() + "sparql")
    known = examples.of(g.release, asked.query)
    table = answer_tables.table(g.release, names, rows, examples.headings(known) if known else {})
    return sheet(chosen(table), known.name if known else "answer")


def _example(release: Release, name: str) -> Example:
    found = examples.named(release, name)
    if found is None:
        raise Problem(404, "not-found", "There is no question of this name; /questions lists all questions.")
    return found


def _table(release: Release, example: Example) -> AnswerTable:
    names, rows = answer_tables.answer(release, g.limits, Asked(example.text))
    return answer_tables.table(release, names, rows, examples.headings(example))


def chosen(table: AnswerTable) -> AnswerTable:
    """Return *table* sorted and filtered as the parameters of the request say. Raises Problem (400)."""
    by, find = request.args.get("sort", ""), request.args.get("find", "")
    sorted_table = table.sorted(by) if by else table
    return sorted_table.found(find) if find.strip() else sorted_table


def part(table: AnswerTable, given: tuple[tuple[str, str], ...] = (), size: int = ON_A_PAGE) -> Answered:
    """Return the part of *table* that the request's parameters choose; the parameters *given* ask the question.

    A page has *size* rows.
    """
    chosen_table = chosen(table)
    number, most = responses.page_number(), responses.page_size(size)
    first = (number - 1) * most
    find = request.args.get("find", "").strip()[: answer_tables.LONGEST]
    said = [(name, value) for name, value in (("sort", chosen_table.by), ("find", find)) if value]
    rows = chosen_table.rows
    shown = rows[first : first + most]
    return Answered(chosen_table, shown, first, len(rows), find, urlencode([*given, *said]), given, most)


def sheet(table: AnswerTable, name: str) -> Response:
    """Return *table* as CSV for spreadsheet programs, as the answer to the question *name*."""
    body = spreadsheets.written(row_context.with_places_and_sources(g.release, table))
    spoken = locale.headers()
    vary = ", ".join(("Accept-Encoding", *filter(None, [spoken.pop("Vary", "")])))
    response = responses.kept(body, spreadsheets.CONTENT_TYPE, vary=vary)
    response.headers.extend(spoken)
    file = spreadsheets.file_name(name, g.release.name)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _linked(release: Release, note: str) -> Iterator[tuple[str, Example | None]]:
    """Yield the parts of *note*: each a text, or the name of a question and this question."""
    end = 0
    for found in QUESTION.finditer(note):
        if (other := examples.named(release, found[0])) is not None:
            yield note[end : found.start()], None
            yield other.name, other
            end = found.end()
    yield note[end:], None


def _source(release: Release, example: Example) -> Shown | None:
    """Return the source that *example* was written for; None if it was not written for one."""
    if not example.source:
        return None
    source = ox.NamedNode(f"{BASE}source/{example.source}")
    return Labels(release, [source]).shown(source)
