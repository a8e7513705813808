"""``/build``: a form that puts a question together without SPARQL, the query that it writes, and its answer."""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from kzus_graph.engine.serving import Release
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import (
    answer_pages,
    answer_tables,
    answer_views,
    condition_table,
    query_conditions,
    query_form,
    query_text,
    spreadsheets,
)
from kzus_graph.web.sparql.answer_tables import AnswerTable
from kzus_graph.web.sparql.parameters import Asked
from kzus_graph.web.sparql.query_conditions import Askable
from kzus_graph.web.sparql.query_form import YEAR, BuiltQuestion, Doubt, FilledForm
from kzus_graph.web.view import locale, responses
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.translation import marked

PATH: Final = "build"
LONGEST_NAME: Final = 80
FIRST_GROUPS: Final = ("who", "where", "about")
"""The groups of conditions that are not folded."""
VIEW_NAMES: Final = {
    "table": marked("Table"),
    "timeline": marked("Timeline"),
    "map": marked("Map"),
    "bar": marked("Bars"),
    "line": marked("Line"),
}
ON_A_PAGE: Final = 25
ON_THE_FIRST: Final = 10
"""So many rows are on a page, and on that of a question only begun, where the form is open."""


blueprint = Blueprint("builder", __name__, template_folder="templates")
"""The Flask routes of the form, of its answers as spreadsheets, and of the names that fit a condition."""


@dataclass(frozen=True)
class Field:
    """A condition as a field of the form.

    *chosen* are its values, *doubts* the names that are not yet values. *choices* are all values, with the number of
    things that have each, if they are few.
    """

    askable: Askable
    chosen: tuple[Shown, ...]
    doubts: tuple[Doubt, ...]
    choices: tuple[tuple[Shown, int], ...]

    @property
    def empty(self) -> int:
        """How many empty fields there are beside these."""
        return max(1, self.askable.fields - len(self.chosen)) if not self.doubts else 0


@blueprint.get("/build")
def build() -> Response:
    """Return the form for the question that the parameters ask, with its answer, if it has no doubtful names.

    Typed names become things, and empty fields go: then the answer is a redirect (303) to the address without them.
    """
    if responses.is_copy():
        return responses.page("build-copy.html")
    release = g.release
    form = _form(release)
    kinds = list(query_conditions.kinds(release).values())
    names = Labels(release, {ox.NamedNode(kind.iri) for kind in kinds})
    if form is None:
        return responses.page("build.html", kinds=kinds, names=names, question=None)
    question = form.question
    given = [(name, value) for name, value in request.args.items(multi=True) if name not in query_form.OTHERS]
    if not form.doubts and not form.left_out and given != list(form.fields):
        return _moved(form)
    text = query_text.text(question)
    table = _table(release, question, text) if not form.doubts else None
    size = ON_THE_FIRST if question.is_begun else ON_A_PAGE
    answered = answer_pages.part(table, form.fields, size) if table else None
    view = question.view or _usual_view(question)
    return responses.page(
        "build.html",
        kinds=kinds,
        names=names,
        question=question,
        form=form,
        title=_title(question, names[question.terms.kind.iri]),
        groups=_fields(release, form),
        name_of=_name_of,
        opened=_opened,
        first_groups=FIRST_GROUPS,
        view_names=VIEW_NAMES,
        text=text,
        answered=answered,
        drawing=answer_views.drawing(release, view, table) if table and answered and not answered.find else None,
        view=view,
        views=_views(question),
        here=responses.at(PATH),
        query=urlencode({"query": text}),
        sheet=f"{responses.at(PATH)}.csv?{urlencode([*form.fields, *_shown_rows()])}",
        file=spreadsheets.file_name(_file(question), release.name),
        cited_path=f"{PATH}?{urlencode(form.fields)}",
        formats=answer_pages.FORMATS,
        sort_value=answer_tables.sort_value,
        written=query_form.written,
        most=query_form.LONGEST,
        most_columns=query_form.MOST_COLUMNS,
    )


@blueprint.get("/build.csv")
def spreadsheet() -> Response:
    """Return the answer to the question that the parameters ask as CSV for spreadsheet programs.

    Raises Problem (400) if the parameters ask no question, or a typed name is not the name of one thing.
    """
    form = _form(g.release)
    if form is None or form.doubts:
        raise Problem(400, "question", "The parameters ask no question, or one with a name that has several meanings.")
    table = _table(g.release, form.question, query_text.text(form.question))
    return answer_pages.sheet(answer_pages.chosen(table), _file(form.question))


@blueprint.get("/build/names")
def names() -> Response:
    """Return as JSON the things that the beginning of a name ``?q=`` may mean in the field ``?of=`` of ``?kind=``."""
    kind = query_conditions.kinds(g.release).get(request.args.get("kind", ""))
    askable = query_conditions.terms(g.release, kind).called(request.args.get("of", "")) if kind else None
    if kind is None or askable is None or not askable.is_condition:
        raise Problem(400, "question", "The parameters kind and of must be a kind of things and a condition for it.")
    typed = request.args.get("q", "")[: query_form.LONGEST]
    found = query_form.suggestions(g.release, kind, askable, typed) if typed.strip() else ()
    listed = [{"name": one.text, "language": one.language, "value": query_form.written(one.term)} for one in found]
    body = json.dumps({"suggestions": listed}, ensure_ascii=False)
    return responses.kept(body.encode(), "application/json", vary="Accept-Encoding, Accept-Language")


def _form(release: Release) -> FilledForm | None:
    return query_form.read(release, list(request.args.items(multi=True)))


def _moved(form: FilledForm) -> Response:
    kept = [(name, request.args[name]) for name in ("lang", "sort", "find") if request.args.get(name)]
    answer = Response(status=303)
    answer.headers["Location"] = f"{responses.at(PATH)}?{urlencode([*form.fields, *kept])}"
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer


def _table(release: Release, question: BuiltQuestion, text: str) -> AnswerTable:
    names, rows = answer_tables.answer(release, g.limits, Asked(text))
    return answer_tables.table(release, names, rows, query_text.headings(question))


def _shown_rows() -> list[tuple[str, str]]:
    return [(name, request.args[name]) for name in ("sort", "find") if request.args.get(name)]


def _usual_view(question: BuiltQuestion) -> str:
    if question.count:
        return "bar"
    return "timeline" if question.has_dates else "table"


def _views(question: BuiltQuestion) -> list[str]:
    """Return the views that can show the answer to *question*."""
    if question.count == YEAR:
        return ["bar", "line", "table"]
    if isinstance(question.count, Askable):
        return ["bar", *(["map"] if question.count.variable in answer_views.PLACES else []), "table"]
    has_place = query_text.mapped_column(question) is not None
    return [*(["timeline"] if question.has_dates else []), *(["map"] if has_place else []), "table"]


def _fields(release: Release, form: FilledForm) -> dict[str, list[Field]]:
    """Return the fields of the form by group."""
    grouped = form.question.terms.grouped()
    return {group: [_field(release, form, one) for one in found] for group, found in grouped.items()}


def _name_of(group: str) -> str:
    """Return the name of the *group* of conditions in the language of the request, or in English."""
    _, _, groups = condition_table.table()
    return groups[group].get(locale.wanted()) or groups[group][locale.ENGLISH]


def _opened(fields: list[Field]) -> bool:
    """Return whether one of *fields* is filled in, so that they must be seen."""
    return any(field.chosen or field.doubts for field in fields)


def _title(question: BuiltQuestion, kind: str) -> str:
    """Return the question in one line: the kind, and the values of its conditions."""
    period = [" – ".join(question.period.texts)] if question.period else []
    found = [*(one.value.text for one in question.conditions), " ".join(question.words), *period]
    return ": ".join(filter(None, [kind, ", ".join(filter(None, found))]))


def _file(question: BuiltQuestion) -> str:
    """Return the answer's name as a file, without the release and the ending."""
    names = [one.text.rpartition(":")[2] for one in question.conditions if one.value.own]
    return "-".join([question.terms.kind.name.lower(), *names])[:LONGEST_NAME]


def _field(release: Release, form: FilledForm, askable: Askable) -> Field:
    chosen = tuple(one.value for one in form.question.conditions if one.askable == askable)
    doubts = tuple(one for one in form.doubts if one.askable == askable)
    choices: tuple[tuple[Shown, int], ...] = ()
    if askable.is_list:
        found = query_conditions.values(release, form.question.terms.kind, askable.path)
        called = Labels(release, [term for term in found if isinstance(term, ox.NamedNode)])
        choices = tuple((called.shown(term), things) for term, things in found.items())
    return Field(askable, chosen, doubts, choices)
