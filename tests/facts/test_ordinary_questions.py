"""Twenty ordinary questions, each with the query of somebody who had read only the README and the data guide.

``tests/fixtures/ordinary-questions/`` has the questions, the right answers as they follow from the sources, and for
each question the first query that was written, as it was written. The first variable of a query is its answer.
Before the short cuts were in the graph and in the guide, 8 of the 20 first queries were right.
"""

import csv
import statistics
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from kzus_graph.rdf.prefixes import PREFIXES
from tests.conftest import ROOT
from tests.graphs import Examined

FOLDER: Final = ROOT / "tests" / "fixtures" / "ordinary-questions"
MISSES: Final = {
    "nuclear-events": "dip:coversTopic also finds five visits and gatherings of which only a part was about it",
}
"""The questions whose first query did not find the right answer, and why."""


def table(name: str) -> list[list[str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


QUESTIONS: Final = dict(table("questions.csv"))
ANSWERS: Final = {name: set(answer.split()) for name, answer in table("answers.csv")}


def first_try(name: str) -> str:
    return (FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def local(term: ox.NamedNode | ox.Literal) -> str:
    """The value of *term*; of an IRI of ours, what follows its namespace."""
    spaces = (PREFIXES["kzus"], PREFIXES["source"])
    return next((term.value.removeprefix(space) for space in spaces if term.value.startswith(space)), term.value)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=MISSES[name], strict=True)) if name in MISSES else name
        for name in QUESTIONS
    ],
)
def test_the_first_query_finds_the_right_answer(name: str, whole: Examined) -> None:
    answer = whole.store.query(first_try(name))
    if isinstance(answer, ox.QueryBoolean):
        assert {str(bool(answer)).lower()} == ANSWERS[name]
    else:
        assert isinstance(answer, ox.QuerySolutions)
        assert {local(row[0]) for row in answer if row[0] is not None} == ANSWERS[name]


def test_twenty_questions_have_an_answer_and_a_query_each() -> None:
    assert len(QUESTIONS) == 20
    assert set(QUESTIONS) == set(ANSWERS) == {path.stem for path in FOLDER.glob("*.rq")}


def triple_patterns(node: object) -> Iterator[object]:
    """The triple patterns of a query's algebra; a path ``a/b`` is two."""
    if isinstance(node, dict):
        if getattr(node, "name", "") == "BGP":
            yield from node["triples"]
        for key, value in node.items():
            if key != "_vars":
                yield from triple_patterns(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from triple_patterns(value)


def test_the_queries_are_short() -> None:
    counts = [len(list(triple_patterns(prepareQuery(first_try(name)).algebra))) for name in QUESTIONS]
    assert statistics.median(counts) <= 6, counts
