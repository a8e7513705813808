"""Views of answers: each question that names one has a drawing, and what it leaves out is said."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask, g

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.queries import read_examples
from kzus_graph.web.application import create_app
from kzus_graph.web.sparql import answer_tables, answer_views, examples
from kzus_graph.web.sparql.answer_tables import AnswerColumn, AnswerTable
from kzus_graph.web.sparql.answer_views import Drawing
from kzus_graph.web.sparql.parameters import Asked
from kzus_graph.web.view.labels import Shown
from tests.conftest import ROOT

NAMED = {query.name: query.headers["view"] for query in read_examples(ROOT / "queries") if "view" in query.headers}
EXAMPLE = "https://example.org/"


@pytest.fixture(scope="module")
def real(real_release: Path) -> Iterator[Flask]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases)
    releases.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    path = tmp_path_factory.mktemp("data") / "data.nt"
    path.write_text(f"<{EXAMPLE}a> <{EXAMPLE}b> <{EXAMPLE}c> .\n")
    releases = Releases(Limits(workers=1, queue=1), files=[path])
    yield create_app(releases)
    releases.close()


def drawn(app: Flask, view: str, table: AnswerTable) -> Drawing | None:
    with app.test_request_context("/"):
        app.preprocess_request()
        return answer_views.drawing(g.release, view, table)


def thing(name: str) -> Shown:
    return Shown(ox.NamedNode(EXAMPLE + name), name)


def day(text: str) -> Shown:
    return Shown(ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "date")), text)


def number(value: int) -> Shown:
    return Shown(ox.Literal(value), str(value))


def column(name: str, *, is_number: bool = False, has_iris: bool = False) -> AnswerColumn:
    return AnswerColumn(name, name, is_number, has_iris)


VISITS = AnswerTable(
    (column("visit", has_iris=True), column("notBefore"), column("notAfter"), column("host", has_iris=True)),
    (
        (thing("v1"), day("2010-04-11"), day("2010-04-13"), thing("us")),
        (thing("v2"), None, day("2012-12-31"), thing("kz")),
        (thing("v3"), None, None, thing("kz")),
    ),
)
COUNTS = AnswerTable(
    (column("year", is_number=True), column("events", is_number=True), column("visits", is_number=True)),
    ((number(1999), number(3), number(1)), (number(2001), number(5), None)),
)


def test_most_questions_that_count_or_date_name_a_view() -> None:
    kinds = {view.split()[0] for view in NAMED.values()}
    assert kinds == set(answer_views.VIEWS) - {"table"} and len(NAMED) > 100


def test_each_view_that_a_question_names_shows_its_answer(real: Flask) -> None:
    empty = []
    with real.test_request_context("/"):
        real.preprocess_request()
        for one in examples.listed(g.release):
            if one.view and not one.services:
                found = answer_tables.answer(g.release, g.limits, Asked(one.text))
                table = answer_tables.table(g.release, *found, examples.headings(one))
                drawing = answer_views.drawing(g.release, one.view, table)
                names = one.view.split()[1:]
                if drawing is None or drawing.view != one.view.split()[0] or any(table.place(n) is None for n in names):
                    empty.append(one.name)
    assert empty == []


def test_a_timeline_has_a_mark_for_each_dated_thing_and_says_how_many_have_no_date(small: Flask) -> None:
    drawing = drawn(small, "timeline", VISITS)
    assert drawing and drawing.timeline and drawing.remark == "Without a date, so only in the table: 1."
    marks = [(mark.event.label, mark.event.when) for mark in drawing.timeline.marks]
    assert marks == [("v1", "11–13 April 2010"), ("v2", "not after 31 December 2012")]
    assert [kind.name for kind in drawing.timeline.kinds] == ["event"]


def test_a_network_joins_what_stands_in_two_columns(small: Flask) -> None:
    drawing = drawn(small, "network visit host", VISITS)
    assert drawing and drawing.network
    edges = {(edge.one.label, edge.other.label) for edge in drawing.network.edges}
    assert edges == {("us", "v1"), ("kz", "v2"), ("kz", "v3")}


def test_a_network_of_many_has_those_with_most_lines(small: Flask) -> None:
    rows = tuple((thing(f"p{one:02}"), thing("all")) for one in range(50))
    table = AnswerTable((column("one", has_iris=True), column("other", has_iris=True)), rows)
    drawing = drawn(small, "network", table)
    assert drawing and drawing.network and len(drawing.network.nodes) == answer_views.MOST_POINTS == 30
    assert drawing.remark == "Only the first 30 are drawn; 21 more are in the table."


def test_bars_and_lines_are_of_numbers(small: Flask) -> None:
    bars, lines = drawn(small, "bar year visits", COUNTS), drawn(small, "line", COUNTS)
    assert bars and bars.bars and [(bar.name, bar.counted.value) for bar in bars.bars.bars] == [("1999", 1.0)]
    assert lines and lines.lines and [line.name for line in lines.lines.lines] == ["events", "visits"]
    assert [[len(piece) for piece in line.pieces] for line in lines.lines.lines] == [[2], [1]]


def test_a_map_has_places_and_names_those_without_a_position(small: Flask) -> None:
    astana = Shown(ox.NamedNode("https://w3id.org/kzus/id/astana"), "Astana")
    columns = (column("city", has_iris=True), column("events", is_number=True))
    drawing = drawn(small, "map", AnswerTable(columns, ((astana, number(4)), (thing("Atlantis"), number(9)))))
    assert drawing and drawing.map and [(spot.label, spot.number) for spot in drawing.map.spots] == [("Astana", 4)]
    assert drawing.remark == "Not on the map: Atlantis."


@pytest.mark.parametrize(
    "view", ["", "table", "nonsense", "map", "timeline year", "network events", "bar", "line events"]
)
def test_nothing_is_drawn_of_what_a_view_cannot_show(small: Flask, view: str) -> None:
    table = AnswerTable((column("events", is_number=True),), ((number(1),), (number(2),)))
    assert drawn(small, view, table) is None
    assert drawn(small, view, AnswerTable(COUNTS.columns, ())) is None
