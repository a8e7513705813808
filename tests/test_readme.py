"""What the README says is so."""

import re

import pyoxigraph as ox
import pytest
from rdflib import RDF

from kzus_graph.rdf.prefixes import PREFIXES
from tests.conftest import ROOT
from tests.graphs import Examined, quads

README = (ROOT / "README.md").read_text("utf-8")
COUNTS = re.findall(r"^\| `(\w+:\w+)` \| ([\d,]+) \| `([^`]+)` \|$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def store(whole: Examined) -> ox.Store:
    """The graph as it is served."""
    filled = ox.Store()
    filled.extend(quads(whole.asserted + whole.inferred, whole.graphs))
    return filled


def test_readme_answer_is_the_answer(store: ox.Store) -> None:
    query = re.search(r"<<'EOF'\n(.*?)\nEOF", README, re.DOTALL)
    answer = re.search(r"```csv\n(.*?)\n```", README, re.DOTALL)
    assert query
    assert answer
    rows = store.query(query[1])
    assert isinstance(rows, ox.QuerySolutions)
    served = (rows.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode()
    assert served.split("\r\n")[:-1] == answer[1].split("\n")


def test_readme_question_about_the_sentence_has_an_answer(store: ox.Store) -> None:
    query = re.search(r"```sparql\n(.*?)```", README, re.DOTALL)
    assert query
    rows = store.query(query[1])
    assert isinstance(rows, ox.QuerySolutions)
    assert [(row["meeting"].value.rsplit("/")[-1], row["segment"].value.rsplit("/")[-1]) for row in rows] == [
        ("2012-nazarbayev-obama-meeting", "political-cooperation-16.1")
    ]


def test_readme_table_has_rows() -> None:
    assert len(COUNTS) > 8


@pytest.mark.parametrize(("class_", "count", "example"), COUNTS, ids=[row[0] for row in COUNTS])
def test_readme_count_and_example_of_a_class(whole: Examined, class_: str, count: str, example: str) -> None:
    graph = whole.asserted + whole.inferred
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    expand = graph.namespace_manager.expand_curie
    things = set(graph.subjects(RDF.type, expand(class_)))
    assert len(things) == int(count.replace(",", ""))
    assert expand(example) in things


def test_readme_counts_the_example_questions() -> None:
    assert f"{len(list((ROOT / 'queries').glob('*.rq')))} example questions" in README
