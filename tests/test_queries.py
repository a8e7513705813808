"""Competency questions: each ``queries/*.rq`` has the answer that ``queries/expected`` holds, checked by hand."""

import csv
import re
import time
from collections import defaultdict
from functools import cache
from io import StringIO
from itertools import chain

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, SKOS
from rdflib.term import Node

from kzus_graph.pipeline.release import layers
from kzus_graph.rdf import headings
from kzus_graph.rdf.ntriples import n_quads
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.queries import (
    FEDERATED,
    QueryFile,
    QueryFileError,
    examples,
    read_queries,
    read_query,
    translations,
)
from kzus_graph.rdf.vocab import DIP, GRAPH, SOURCE
from kzus_graph.web.sparql.answer_tables import STATEMENT
from tests.conftest import ROOT
from tests.graphs import Examined, of_triples

FOLDER = ROOT / "queries"
QUERIES = {query.name: query for query in read_queries(FOLDER)}
EVERY = QUERIES | {query.name: query for query in read_queries(FOLDER / FEDERATED)}
FIRST_SOURCE = "political-cooperation"
YES_OR_NO = ("recorded", "not recorded")
"""What a question about one fact is answered with: nothing is known but what is recorded."""
ALL_SOURCES = "-all-sources"
LANGUAGES = ("ru", "kk")
TRANSLATED = ("summary", "note", "columns")
"""The header lines that stand in each of LANGUAGES, too."""

DESIGN = {
    "visits": (6, 4),
    "official-visits": (2, 2),
    "direct-contacts-of-nazarbayev-and-obama": (4, 0),
    "topics-of-the-april-2010-meeting": (7, 7),
    "instruments-with-status": (7, 0),
    "offices-of-clinton": (8, 0),
    "presidents-of-the-united-states": (2, 0),
    "two-offices-at-once": (1, 1),
    "persons-who-represent-no-state": (1, 10),
    "events-of-both-states": (14, 0),
    "parts-of-the-april-2010-visit": (5, 4),
    "events-said-to-be-in-kazakhstan": (4, 0),
    "results-of-the-april-2010-visit": (4, 0),
    "other-states": (2, 0),
    "statements-by-speaker": (6, 6),
    "who-supports-what": (3, 3),
    "events-per-year": (7, 0),
    "coarse-dates": (4, 4),
    "series-and-ordinals": (7, 7),
}
"""Rows with and without inference of the questions that the design answered before there were any data.

It put the OSCE Summit into Astana, which the text only implies.
"""

ASKED_BY_INVERSE = {
    DIP.occurredAfter: DIP.occurredBefore,
    DIP.resultOf: DIP.resultedIn,
}
"""Properties that data are written with while questions read more easily by the inverse, which the reasoner adds."""


class Builds:
    """The data sets that questions are put to, each loaded into a store once."""

    def __init__(self, first_source: Examined, whole: Examined) -> None:
        self.layers = {source: layers(of.content) for source, of in ((FIRST_SOURCE, first_source), ("", whole))}
        self.store = cache(self._store)
        self.answer = cache(self.ask)

    def _store(self, source: str, layer: str, backwards: bool = False) -> ox.Store:
        default, named = self.layers[source][layer]
        lines = sorted([*default, *chain(*(n_quads(lines, name) for name, lines in named.items()))], reverse=backwards)
        store = ox.Store()
        store.extend(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS))
        return store

    def ask(self, query: QueryFile, layer: str = "all", backwards: bool = False) -> bytes:
        """The answer in SPARQL's CSV."""
        store = self.store(query.headers.get("source", ""), layer, backwards)
        return store.query(query.text).serialize(format=ox.QueryResultsFormat.CSV) or b""


@pytest.fixture(scope="module")
def builds(first_source: Examined, whole: Examined) -> Builds:
    return Builds(first_source, whole)


def rows(answer: bytes) -> int:
    """The number of rows in a CSV answer whose values hold no line ends."""
    return len(answer.splitlines()) - 1


def expected(query: QueryFile) -> bytes:
    return (FOLDER / "expected" / f"{query.name}.csv").read_bytes()


def body(query: QueryFile) -> str:
    """The query without the lines that speak about it."""
    return re.sub(r"^#\+.*\n", "", query.text, flags=re.MULTILINE)


def test_there_are_more_than_sixty_questions_and_an_answer_to_each() -> None:
    assert len(QUERIES) > 60
    assert {path.stem for path in (FOLDER / "expected").iterdir()} == set(QUERIES)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_answer_is_the_expected_one(query: QueryFile, builds: Builds) -> None:
    assert builds.answer(query).decode() == expected(query).decode()


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_answer_does_not_depend_on_the_order_of_loading(query: QueryFile, builds: Builds) -> None:
    assert builds.answer(query, backwards=True) == builds.answer(query)


@pytest.mark.parametrize("query", [query for query in QUERIES.values() if query.form == "SELECT"], ids=lambda q: q.name)
def test_a_question_says_how_many_rows_there_are_without_inference(query: QueryFile, builds: Builds) -> None:
    """``rows-without-inference`` stands wherever the number differs, and may stand where it is the same."""
    stated = query.headers.get("rows-without-inference", str(rows(expected(query))))
    assert rows(builds.answer(query, "asserted")) == int(stated)


@pytest.mark.parametrize("name", DESIGN)
def test_the_numbers_are_those_of_the_design(name: str, builds: Builds) -> None:
    query = QUERIES[name]
    assert query.headers["source"] == FIRST_SOURCE
    assert (rows(builds.answer(query)), rows(builds.answer(query, "asserted"))) == DESIGN[name]


def test_no_visit_of_obama_to_kazakhstan_is_recorded() -> None:
    query = QUERIES["did-obama-visit-kazakhstan"]
    assert expected(query) == b"answer\r\nnot recorded\r\n"
    assert "Not recorded never means that there was none." in query.headers["note"]


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_an_answer_takes_less_than_a_second(query: QueryFile, builds: Builds) -> None:
    builds.answer(query)
    before = time.process_time()
    builds.ask(query)
    assert time.process_time() - before < 1


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_question_is_fit_to_be_an_example(query: QueryFile) -> None:
    assert query.summary.endswith("?")
    assert query.headers.get("source", FIRST_SOURCE) == FIRST_SOURCE
    assert set(query.headers) <= {"source", "group", "note", "rows-without-inference", "view", "columns"}
    declared = dict(re.findall(r"^PREFIX (\w+): <(.+)>$", query.text, flags=re.MULTILINE))
    assert declared.items() <= PREFIXES.items(), "a prefix that is not in our table"
    assert list(declared) == sorted(declared)
    pattern = re.sub(r'^PREFIX.*\n|"[^"\n]*"|<[^>\n]*>| # .*', "", body(query), flags=re.MULTILINE)
    assert set(declared) == set(re.findall(r"([a-z][a-z0-9]*):", pattern)), "prefixes declared are those used"
    assert is_yes_or_no(query) or "ORDER BY" in query.text, "the order of the answer is left to chance"
    assert all(len(line) <= 120 for line in query.text.splitlines() if not line.startswith("#+ columns:"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", EVERY.values(), ids=EVERY)
def test_a_question_is_in_each_language_with_what_it_says_of_its_answer(query: QueryFile, language: str) -> None:
    lines = query.text.splitlines()
    for key in TRANSLATED:
        own = [place for place, line in enumerate(lines) if line.startswith(f"#+ {key}:")]
        others = [line for line in lines if line.startswith(f"#+ {key}@{language}: ")]
        assert len(others) == len(own), key
        assert all(re.search("[а-яё]", line) for line in others), key
    columns = translations(query.text, "columns").get(language, "")
    assert re.findall(r"(\w+) =", columns) == re.findall(r"(\w+) =", query.headers.get("columns", ""))
    assert translations(query.text, "summary")[language].endswith("?")
    names = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", query.headers.get("note", ""))) & set(QUERIES)
    assert all(name in translations(query.text, "note")[language] for name in names)


def columns(query: QueryFile) -> list[str]:
    federated = ROOT / "tests" / "fixtures" / "federation" / "expected" / f"{query.name}.csv"
    with (FOLDER / "expected" / f"{query.name}.csv" if query.name in QUERIES else federated).open("rb") as answer:
        return answer.readline().decode().strip().split(",")


def test_each_variable_has_a_heading_in_each_language_and_no_heading_is_left_over() -> None:
    said = headings.read(FOLDER)
    assert set(said) == {name for query in EVERY.values() for name in columns(query)} | set(STATEMENT)
    assert {tuple(found) for found in said.values()} == {("en", *LANGUAGES)}
    assert list(said) == sorted(said)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_two_columns_of_an_answer_have_one_heading(language: str) -> None:
    said = headings.read(FOLDER)
    for query in EVERY.values():
        found = [said[name][language] for name in columns(query)]
        assert len(set(found)) == len(found), query.name


def is_yes_or_no(query: QueryFile) -> bool:
    """Whether *query* asks about one fact, and has one row with one of the two answers."""
    return query.text.endswith(', "recorded", "not recorded") AS ?answer)\n}\n')


def test_absence_is_never_called_a_no() -> None:
    """A question about one fact is answered "recorded" or "not recorded"; a note says what the second means."""
    assert {query.form for query in QUERIES.values()} == {"SELECT"}
    answers = {query.name: expected(query) for query in QUERIES.values() if is_yes_or_no(query)}
    assert set(answers.values()) == {f"answer\r\n{answer}\r\n".encode() for answer in YES_OR_NO}
    denials = [name for name, answer in answers.items() if b"not recorded" in answer]
    assert len(denials) >= 5
    for name in denials:
        assert "not recorded" in QUERIES[name].headers["note"].lower(), name


def test_no_question_takes_an_end_that_is_not_recorded_for_none() -> None:
    """Who held an office on a day is told by the computed bounds of a tenure, not by its missing last day."""
    federated = read_queries(FOLDER / "federated")
    taken = re.compile(r"OPTIONAL \{[^}]*dip:tenureTo\b|!BOUND\(\?to\)")
    assert [query.name for query in (*QUERIES.values(), *federated) if taken.search(body(query))] == []


PAIRS = {name: name.removesuffix(ALL_SOURCES) for name in QUERIES if name.endswith(ALL_SOURCES)}


def test_corrections_change_the_answers_to_several_questions() -> None:
    assert len(PAIRS) >= 6


@pytest.mark.parametrize("name", PAIRS)
def test_the_same_question_has_another_answer_when_all_sources_are_weighed(name: str) -> None:
    alone, weighed = QUERIES[PAIRS[name]], QUERIES[name]
    assert body(alone) == body(weighed)
    assert (alone.headers.get("source"), weighed.headers.get("source")) == (FIRST_SOURCE, None)
    assert expected(alone) != expected(weighed)


def test_every_property_that_data_use_is_asked_about(whole: Examined) -> None:
    used = {
        predicate
        for name, graph in whole.graphs.items()
        if name not in {GRAPH.ontology, GRAPH.inferred, GRAPH.shapes, GRAPH.codes}
        for predicate in graph.predicates()
        if predicate in DIP
    }
    named = {DIP[name] for query in QUERIES.values() for name in re.findall(r"\bdip:(\w+)", body(query))}
    assert {ASKED_BY_INVERSE.get(property_, property_) for property_ in used} <= named


def test_every_fact_of_the_first_source_can_be_read_off_an_answer(first_source: Examined) -> None:
    """For each triple that a sentence states, some row of some answer shows both its ends, by IRI or by name.

    A participation is known by its event; that it is one, the link from the event to it, and that a list is open, are
    in the questions and not in the answers.
    """
    names = Names(first_source)
    rows_with: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for query in QUERIES.values():
        if query.headers.get("source") == FIRST_SOURCE and query.form == "SELECT":
            for number, row in enumerate(csv.reader(StringIO(expected(query).decode(), newline=""))):
                for value in row:
                    rows_with[value].add((query.name, number))
    in_questions = {(DIP.hasParticipation, None), (DIP.hasOpenTopicList, None), (RDF.type, DIP.Participation)}
    hidden = []
    for name, graph in first_source.graphs.items():
        if name in SOURCE:
            for subject, predicate, object_ in graph:
                ends = [set().union(*(rows_with[value] for value in names.of(end))) for end in (subject, object_)]
                if not in_questions & {(predicate, None), (predicate, object_)} and not ends[0] & ends[1]:
                    hidden.append((subject, predicate, object_))
    assert hidden == []


class Names:
    """What the things of a graph are called in answers."""

    def __init__(self, content: Examined) -> None:
        self.graph = content.asserted

    def of(self, term: Node) -> set[str]:
        found = {str(term), *(str(label) for kind in (RDFS.label, SKOS.prefLabel) for label in self.graph[term:kind])}
        for event in self.graph.subjects(DIP.hasParticipation, term):
            found |= self.of(event)
        return found


def test_a_query_file_must_say_its_question_and_hold_a_query(tmp_path) -> None:
    silent = tmp_path / "silent.rq"
    silent.write_text("SELECT * { ?s ?p ?o }")
    with pytest.raises(QueryFileError, match=r"silent\.rq.*summary"):
        read_query(silent)
    empty = tmp_path / "empty.rq"
    empty.write_text("#+ summary: Is there anything?\n")
    with pytest.raises(QueryFileError, match=r"empty\.rq.*SELECT"):
        read_query(empty)


def test_examples_carry_question_text_and_form() -> None:
    asked = QueryFile("is-there-anything", "Is there anything?", "ASK", "ASK { ?s ?p ?o }")
    graph = of_triples(examples([QUERIES["visits"], asked]))
    texts = {str(text) for text in graph.objects()}
    assert QUERIES["visits"].text in texts
    assert QUERIES["visits"].summary in texts
    assert "http://www.w3.org/ns/shacl#SPARQLAskExecutable" in texts
