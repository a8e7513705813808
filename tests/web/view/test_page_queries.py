"""Questions of pages: parameters put in safely, answers as terms."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries


@pytest.fixture(scope="module")
def release(small_release: Path) -> Iterator[Release]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield releases.current
    releases.close()


@pytest.fixture
def query_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A query file of the test's own."""
    monkeypatch.setattr(page_queries, "QUERIES", {"own": tmp_path / "own.rq"})
    page_queries._text.cache_clear()
    return tmp_path / "own.rq"


def test_rows_are_terms_and_lack_what_is_unbound(release: Release, query_file: Path) -> None:
    query_file.write_text("SELECT ?x ?none ?n { BIND($thing AS ?x) BIND($number AS ?n) }")
    assert page_queries.rows(release, "own", thing=ox.NamedNode(DIP.Visit), number=7) == [
        {"x": ox.NamedNode(DIP.Visit), "n": ox.Literal(7)}
    ]


@pytest.mark.parametrize("words", ['a" } DROP ALL #', "line\nbreak", "back\\slash", "$other", "'''"])
def test_a_value_is_only_ever_a_value(release: Release, query_file: Path, words: str) -> None:
    query_file.write_text("SELECT ?x { BIND($words AS ?x) }")
    assert page_queries.rows(release, "own", words=ox.Literal(words)) == [{"x": ox.Literal(words)}]


def test_several_terms_stand_side_by_side(release: Release, query_file: Path) -> None:
    query_file.write_text("SELECT ?x { VALUES ?x { $things } }")
    things = [ox.NamedNode(KZUS.a), ox.NamedNode(KZUS.b)]
    assert [row["x"] for row in page_queries.rows(release, "own", things=things)] == things
    assert page_queries.rows(release, "own", things=[]) == []


def test_triples_come_as_triples(release: Release, query_file: Path) -> None:
    query_file.write_text("CONSTRUCT { $thing a ?x } { BIND($kind AS ?x) }")
    found = page_queries.triples(release, "own", thing=ox.NamedNode(KZUS.a), kind=ox.NamedNode(DIP.Visit))
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    assert found == [ox.Triple(ox.NamedNode(KZUS.a), rdf_type, ox.NamedNode(DIP.Visit))]


def test_a_query_that_cannot_be_answered_is_a_problem(release: Release, query_file: Path) -> None:
    query_file.write_text("SELECT ?x { $thing ")
    with pytest.raises(Problem):
        page_queries.rows(release, "own", thing=ox.NamedNode(KZUS.a))


@pytest.mark.parametrize("path", ["id/a b", "id/a>", "id//a", "/id/a", "id/a#b#c", "", "id/é\u202e", "id/a.", "../a"])
def test_a_path_that_is_no_iri_of_ours_is_none(path: str) -> None:
    assert page_queries.own(path) is None


@pytest.mark.parametrize("path", ["id/astana", "ontology#Visit", "dataset/3.0.0", "source/political-cooperation-3.1"])
def test_a_path_of_ours_is_its_iri(path: str) -> None:
    iri = page_queries.own(path)
    assert iri is not None
    assert iri.value == f"https://w3id.org/kzus/{path}"


@pytest.mark.parametrize("path", page_queries.QUERIES.values(), ids=lambda path: path.stem)
def test_each_query_file_says_its_question(path: Path) -> None:
    assert path.read_text().startswith("#+ summary: ")


def test_no_two_query_files_have_one_name() -> None:
    folders = ("web/*/queries", "links/queries", "fulltext/queries")
    places = [path for folder in folders for path in page_queries.PACKAGE.glob(f"{folder}/*.rq")]
    assert len(places) == len(page_queries.QUERIES) > 60
