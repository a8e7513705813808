"""The first source: its segments are well formed, and none of its sentences is copied anywhere.

data/texts holds digests of every ten-word run of the text, so that copying shows without the text being here. A person
who has the text makes the file anew with ``kzus-graph verify-source --write-runs``.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef

from kzus_graph.pipeline.source_texts import (
    DigestComparison,
    NoSuchSource,
    compare,
    read_runs,
    run_digest,
    run_digests,
    run_files,
    runs,
    write_runs,
)  # fmt: skip
from kzus_graph.rdf import turtle
from kzus_graph.rdf.vocab import DIP, OA, SOURCE
from tests.conftest import ROOT, SHARED
from tests.graphs import read

NAME = "political-cooperation"
TEXT = SHARED / "source" / f"{NAME}.txt"
SEGMENTS = SHARED / "source" / f"{NAME}.segments.csv"
DOCUMENT = SOURCE[NAME]
FOLDERS = ("ontology", "data", "queries", "docs", "src", "tests", "bench")
BINARY = {".pyc", ".png", ".webp", ".gz", ".ico", ".woff2", ".jar"}
VENDORED = {"node_modules", "__pycache__", "static"}


def copied(text: str, known: frozenset[str], source: str = NAME) -> list[str]:
    """Return the runs of *text* whose digests are *known*."""
    return [run for run in runs(text) if run_digest(source, run) in known]


def literals(path: Path) -> Iterator[str]:
    """Yield the literals of an RDF file, or the whole of another text file (a query, a table)."""
    if path.suffix.removeprefix(".") in turtle.FORMATS:
        for quad in turtle.parse(path):
            if isinstance(quad.object, ox.Literal):
                yield quad.object.value
    else:
        yield path.read_text("utf-8")


def files(*folders: str) -> list[Path]:
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in BINARY and not VENDORED & set(path.relative_to(ROOT).parts):
                found.append(path)
    return found


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    return read_runs(ROOT).digests[NAME]


def test_there_is_a_digest_for_every_run(known: frozenset[str]) -> None:
    assert len(known) == 1204
    assert all(re.fullmatch(r"[0-9a-f]{16}", line) for line in known)


@pytest.mark.skipif(not TEXT.exists(), reason="the source text is not part of the repository")
def test_the_digests_are_those_of_the_source_text(known: frozenset[str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert write_runs(tmp_path, NAME, TEXT.read_bytes()).read_bytes() == run_files(ROOT)[0].read_bytes()
    assert run_digests(NAME, TEXT.read_text("utf-8")) == known


def test_written_digests_are_read_and_name_their_source(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert read_runs(tmp_path).digests == {}
    text = "The envoys of Ruritania's king, so the chronicle has it, dined with the consul."
    assert write_runs(tmp_path, "chronicle", text.encode()) == tmp_path / "data" / "texts" / "chronicle.runs"
    read = read_runs(tmp_path)
    assert read.digests == {"chronicle": run_digests("chronicle", text)}
    assert len(read.digests["chronicle"]) == 5
    assert read.source_of(text[:56]) == "chronicle"
    assert read.source_of(text[:50]) is None
    assert read.digests["chronicle"].isdisjoint(run_digests("other", text)), "the name of the source is in the digest"


@pytest.mark.parametrize("folder", ["ontology", "data", "queries"])
def test_no_literal_copies_the_source(folder: str, known: frozenset[str]) -> None:
    found = {str(path): copied(text, known) for path in files(folder) for text in literals(path)}
    assert found
    assert {path: copies for path, copies in found.items() if copies} == {}


def test_no_file_copies_the_source(known: frozenset[str]) -> None:
    pages = [*files(*FOLDERS), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.cff")]
    assert {str(path): runs for path in pages if (runs := copied(path.read_text("utf-8"), known))} == {}


def test_a_copy_would_be_found() -> None:
    secret = run_digests(
        NAME, "The envoys of Ruritania's king, so the chronicle has it, dined with the consul of Freedonia."
    )
    assert copied("We read: THE ENVOYS of Ruritania\u2019s king (so the chronicle has it)", secret) == [
        "the envoys of ruritania's king so the chronicle has it"
    ]
    assert copied("Envoys of Ruritania's king, so the chronicle has it", secret) == []
    assert copied("The chronicle has it that the consul of Freedonia gave the envoys a dinner", secret) == []


def test_a_copy_in_a_literal_would_be_found(tmp_path: Path) -> None:
    text = "one two three four five six seven eight nine ten eleven"
    copy = tmp_path / "copy.ttl"
    copy.write_text('<https://example.org/a> <https://example.org/b> "' + text.replace("five", r"FIVE,\n") + '"@en .')
    assert [copied(literal, run_digests(NAME, text)) for literal in literals(copy)] == [list(runs(text))]


class Segment(NamedTuple):
    """What ``data/sources.ttl`` says of a segment."""

    paragraph: int
    sentence: int
    start: int
    end: int
    sha256: str

    @property
    def number(self) -> str:
        return f"{self.paragraph}.{self.sentence}"


@pytest.fixture(scope="module")
def sources() -> Graph:
    return read([(ROOT / "data" / "sources.ttl", URIRef("urn:sources"))])[URIRef("urn:sources")]


@pytest.fixture(scope="module")
def segments(sources: Graph) -> list[Segment]:
    """The segments of the first source in the order of the text."""

    def only(subject: object, predicate: URIRef) -> str:
        (value,) = sources.objects(subject, predicate)
        return str(value)

    found = []
    for segment in sources.subjects(OA.hasSource, DOCUMENT):
        selector = URIRef(only(segment, OA.hasSelector))
        assert selector == URIRef(f"{segment}-selector")
        number = only(segment, DIP.paragraph), only(segment, DIP.sentence)
        assert segment == URIRef(f"{DOCUMENT}-{number[0]}.{number[1]}")
        position = only(selector, OA.start), only(selector, OA.end)
        found.append(Segment(*map(int, (*number, *position)), sha256=only(segment, DIP.sha256)))
    return sorted(found)


def test_segments_are_the_title_and_44_sentences(segments: list[Segment]) -> None:
    assert len(segments) == 45
    assert segments[0].number == "0.1"
    for one, next_one in pairwise(segments):
        assert next_one[:2] in {(one.paragraph, one.sentence + 1), (one.paragraph + 1, 1)}
    assert segments[-1].number == "22.1"


def test_segments_do_not_overlap_and_follow_the_text(segments: list[Segment]) -> None:
    assert segments[0].start == 0
    assert all(segment.start < segment.end for segment in segments)
    for one, next_one in pairwise(segments):
        gap = next_one.start - one.end
        assert gap == (1 if one.paragraph == next_one.paragraph else 2), "a blank, or a line end and an empty line"
    assert segments[-1].end == 8120


def test_each_segment_has_its_own_digest(segments: list[Segment]) -> None:
    assert all(re.fullmatch(r"[0-9a-f]{64}", segment.sha256) for segment in segments)
    assert len({segment.sha256 for segment in segments}) == 45


@pytest.mark.skipif(not SEGMENTS.exists(), reason="the table of segments is not part of the repository")
def test_segments_are_those_that_were_measured(segments: list[Segment]) -> None:
    with SEGMENTS.open(encoding="utf-8", newline="") as rows:
        measured = {row["segment"]: (row["char_start"], row["char_end"], row["sha256"]) for row in csv.DictReader(rows)}
    assert {s.number: (str(s.start), str(s.end), s.sha256) for s in segments} == measured


def test_each_sentence_names_a_graph_of_facts(segments: list[Segment]) -> None:
    graphs = {quad.graph_name.value for quad in ox.parse(path=ROOT / "data" / "political-cooperation.trig")}
    assert graphs == {f"{DOCUMENT}-{segment.number}" for segment in segments if segment.paragraph > 0}


MADE_UP = "First sentence.\nThe second’s longer.\nThird."
"""A text of our own, with one character of three bytes."""


def made_up_sources() -> Graph:
    """Segments and digests of MADE_UP, as data/sources.ttl has them."""
    graph = Graph()
    for number, (start, end) in enumerate([(0, 15), (16, 36), (37, 43)], 1):
        segment, selector = SOURCE[f"made-up-{number}"], SOURCE[f"made-up-{number}-selector"]
        digest = hashlib.sha256(MADE_UP[start:end].encode()).hexdigest()
        graph.add((segment, OA.hasSource, SOURCE["made-up"]))
        graph.add((segment, OA.hasSelector, selector))
        graph.add((segment, DIP.sha256, Literal(digest)))
        graph.add((selector, OA.start, Literal(start)))
        graph.add((selector, OA.end, Literal(end)))
    graph.add((SOURCE["made-up"], DIP.sha256, Literal(hashlib.sha256(MADE_UP.encode()).hexdigest())))
    return graph


@pytest.mark.parametrize(
    ("copy", "differs"),
    [
        (MADE_UP.encode(), []),
        (MADE_UP.replace("First", "Frist").encode(), ["made-up-1", "made-up"]),
        (MADE_UP.replace("longer", "very long").encode(), ["made-up-2", "made-up"]),
        (MADE_UP.encode().replace(b"\x80\x99", b"\x80\xff"), ["made-up-2", "made-up"]),
        (MADE_UP.replace("\n", "\r\n").encode(), ["made-up-2", "made-up"]),
        (f"{MADE_UP}\n".encode(), ["made-up"]),
        (b"", ["made-up-1", "made-up-2", "made-up-3", "made-up"]),
    ],
    ids=["same", "changed", "longer", "broken byte", "other line ends", "line end added", "empty"],
)
def test_compare_names_what_differs(copy: bytes, differs: list[str]) -> None:
    assert compare(copy, "made-up", made_up_sources()) == DigestComparison(4, differs)


def test_compare_refuses_a_source_without_segments() -> None:
    with pytest.raises(NoSuchSource, match="made-up"):
        compare(b"", "other", made_up_sources())
