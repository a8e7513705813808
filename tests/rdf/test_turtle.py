"""Reading with positions, writing canonically."""

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from kzus_graph.rdf import terms, turtle
from kzus_graph.rdf.prefixes import PREFIXES
from tests.conftest import ROOT
from tests.graphs import Graphs, read, written

NAME = URIRef("https://example.org/graph")
A, B = URIRef("https://example.org/a"), URIRef("https://example.org/b")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_read_names_file_line_and_column_of_a_syntax_error(tmp_path: Path) -> None:
    good = "<https://example.org/a> a <https://example.org/B> .\n"
    path = write(tmp_path / "bad.ttl", f"{good}\n<https://example.org/a> foo .\n")
    with pytest.raises(turtle.TurtleError, match=r"bad\.ttl, line 3, column 25: foo is not"):
        turtle.read([(path, NAME)])


def test_read_refuses_an_undeclared_prefix(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.ttl", "\n\ndip:Visit a dip:Visit .\n")
    with pytest.raises(turtle.TurtleError, match=r"bad\.ttl, line 3, column 1: .*prefix"):
        turtle.read([(path, NAME)])


def test_read_refuses_a_relative_iri(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.ttl", "<a> a <b> .")
    with pytest.raises(turtle.TurtleError, match="line 1"):
        turtle.read([(path, NAME)])


def test_read_refuses_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_bytes(b'<https://example.org/a> <https://example.org/b> "\xff" .')
    with pytest.raises(turtle.TurtleError, match=r"bad\.ttl"):
        turtle.read([(path, NAME)])


def test_read_refuses_an_unknown_extension(tmp_path: Path) -> None:
    with pytest.raises(turtle.TurtleError, match=r"unknown extension.*\.ttl"):
        turtle.read([(write(tmp_path / "facts.txt", ""), NAME)])


def test_read_refuses_triples_outside_a_block_where_blocks_are_wanted(tmp_path: Path) -> None:
    path = write(tmp_path / "facts.trig", "<https://example.org/a> a <https://example.org/B> .")
    with pytest.raises(turtle.TurtleError, match="outside a named graph block"):
        turtle.read([(path, None)])


def test_read_refuses_a_graph_that_has_no_iri(tmp_path: Path) -> None:
    path = write(tmp_path / "facts.trig", "_:g { <https://example.org/a> a <https://example.org/B> }")
    with pytest.raises(turtle.TurtleError, match="has a blank node as its name"):
        turtle.read([(path, None)])


def test_read_keeps_literals_letter_for_letter(tmp_path: Path) -> None:
    path = write(
        tmp_path / "facts.ttl",
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        '<https://example.org/a> <https://example.org/b> "01"^^xsd:integer, "1.50"^^xsd:decimal, "x"@en, "x" .',
    )
    graph = read([(path, NAME)])[NAME]
    assert sorted(value.n3() for value in graph.objects()) == [
        '"01"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"x"',
        '"x"@en',
    ]


@pytest.mark.slow
def test_read_agrees_with_rdflib_on_every_file_of_ours() -> None:
    for path in sorted([*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "data").glob("*.ttl")]):
        ours = read([(path, NAME)])[NAME]
        theirs = Graph().parse(path)
        assert isomorphic(ours, theirs), path


def test_read_labels_blank_nodes_the_same_each_time_and_apart_by_file(tmp_path: Path) -> None:
    text = "<https://example.org/a> <https://example.org/b> [ a <https://example.org/C> ] ."
    one, two = write(tmp_path / "one.ttl", text), write(tmp_path / "two.ttl", text)
    first, again = read([(one, NAME)])[NAME], read([(one, NAME)])[NAME]
    assert set(first) == set(again)
    two.write_text(f"{text}\n")
    both = read([(one, NAME), (two, NAME)])[NAME]
    assert len({term for term in both.objects() if isinstance(term, BNode)}) == 2


def sample() -> tuple[Graph, Graphs]:
    default, named = Graph(), Graph()
    shared = BNode("x")
    for graph in (default, named):
        graph.add((A, B, shared))
        graph.add((shared, RDF.type, URIRef(PREFIXES["dip"] + "Visit")))
    default.add((A, B, Literal("Nazarbayev\n“quoted” \\ Назарбаев", lang="en")))
    default.add((A, B, Literal("2010-04-11", datatype=URIRef(PREFIXES["xsd"] + "date"))))
    return default, {NAME: named}


@pytest.mark.parametrize("extension", ["ttl", "nt", "rdf", "jsonld"])
def test_serialize_of_triples_reads_back_the_same(extension: str) -> None:
    default, named = sample()
    data = written(default, named, extension)
    formats = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
    assert isomorphic(Graph().parse(data=data, format=formats[extension]), default)


@pytest.mark.parametrize("extension", ["trig", "nq"])
def test_serialize_of_a_data_set_reads_back_the_same_with_shared_blank_nodes(extension: str) -> None:
    default, named = sample()
    given = ox.Dataset([*terms.quads(default, None), *terms.quads(named[NAME], NAME)])
    back = ox.Dataset(ox.parse(written(default, named, extension), format=turtle.FORMATS[extension]))
    for dataset in (given, back):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert set(given) == set(back)


@pytest.mark.slow
def test_serialize_gives_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    script = (
        "import hashlib; from tests.rdf.test_turtle import sample\n"
        "from tests.graphs import written; from kzus_graph.rdf import turtle\n"
        "print([hashlib.sha256(written(*sample(), e)).hexdigest() for e in turtle.FORMATS])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_read_keeps_blank_nodes_of_files_of_one_name_apart(tmp_path: Path) -> None:
    for folder, node in (("one", "a"), ("two", "b")):
        (tmp_path / folder).mkdir()
        text = f"<https://example.org/{node}> <https://example.org/p> [ a <https://example.org/C> ] ."
        write(tmp_path / folder / "x.ttl", text)
    graph = read((tmp_path / folder / "x.ttl", NAME) for folder in ("one", "two"))[NAME]
    assert graph.value(A, URIRef("https://example.org/p")) != graph.value(B, URIRef("https://example.org/p"))


def test_read_passes_over_a_byte_order_mark_and_takes_any_line_end(tmp_path: Path) -> None:
    path = tmp_path / "bom.ttl"
    path.write_bytes(b"\xef\xbb\xbf@prefix ex: <https://example.org/> .\r\nex:a ex:b ex:a .\r\n")
    assert list(read([(path, NAME)])[NAME]) == [(A, B, A)]
