"""What queries and shapes read, and what the next check takes over for it."""

from pathlib import Path
from random import Random

import pytest
from rdflib import DCTERMS, RDF, RDFS, SH
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Variable

from kzus_graph.pipeline import last_check, release
from kzus_graph.pipeline.last_check import LastCheck
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, GRAPH, SHAPE
from kzus_graph.shacl import dependencies
from kzus_graph.shacl.candidates import prefixes
from tests.conftest import ROOT, copy_small_root
from tests.graphs import read

QUERIES = sorted((ROOT / "queries" / "checks").glob("*.rq"))


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("SELECT ?a ?b ?c WHERE { ?a dip:begin ?b ; rdfs:label ?c }", {DIP.begin, RDFS.label}),
        ("SELECT * WHERE { ?a a/rdfs:subClassOf* dip:Visit }", {RDF.type, RDFS.subClassOf, DIP.Visit}),
        ("SELECT ?a WHERE { ?a (dip:begin|^dip:end)+ ?b FILTER (?a > ?b && ?b > 3) }", {DIP.begin, DIP.end}),
        ("ASK { ?a ?b ?c }", None),
        ("ASK { dip:Visit ?b dip:Call }", None),
        ("ASK { ?a dip:begin ?b ; ?c ?d }", None),
        ("ASK { ?a dip:begin [ ?c ?d ] }", None),
        ("ASK { ?a ?b [ dip:begin ?d ] }", None),
        ("ASK { ?a ?b 5 }", None),
        ("ASK { ?a dip:begin true ; ?b -5 }", None),
        ("ASK { ?a ?b 'x'@en }", None),
        ("ASK { ?a a dip:Visit. ?b ?c ?d }", None),
        ("ASK { ?a !dip:begin ?b }", None),
        ("ASK { ?a !(dip:begin|^dip:end) ?b }", None),
        ("ASK { ?a dip:begin ?b FILTER (!(?a = ?b) && !BOUND(?c)) }", {DIP.begin}),
        ("ASK { ?a a dip:Visit. ?b dip:end '2'^^<urn:d>. }", {RDF.type, DIP.Visit, DIP.end, "urn:d"}),
        ("SELECT ?a (MAX(?b) AS ?c) { ?a dip:begin ?b } GROUP BY ?a ?d ?e", {DIP.begin}),
        ("# ?a ?b ?c\nASK { ?a dip:begin '?a ?b ?c' }", {DIP.begin}),
    ],
)
def test_properties_of_a_query(query: str, read: set[str] | None) -> None:
    found = dependencies.of_query(query)
    assert found == (None if read is None else frozenset(f"<{term}>" for term in read))


def with_a_variable_for_a_property(part) -> bool:
    """Whether some triple pattern has one, in the algebra of rdflib."""
    if isinstance(part, CompValue):
        triples = list(part.get("triples") or [])
        terms = [triple[place] for triple in triples for place in range(1, len(triple), 3)]
        return any(isinstance(term, Variable) for term in terms) or any(
            with_a_variable_for_a_property(inner) for name, inner in part.items() if name != "triples"
        )
    return isinstance(part, list | tuple) and any(map(with_a_variable_for_a_property, part))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_queries_of_ours_are_read_as_rdflib_reads_them(path: Path) -> None:
    text = path.read_text("utf-8")
    algebra = translateQuery(parseQuery(text), initNs=PREFIXES).algebra
    if with_a_variable_for_a_property(algebra):
        assert dependencies.of_query(text) is None


def test_a_shape_reads_what_it_names_and_what_its_queries_read() -> None:
    files = [(ROOT / "ontology" / "shapes.ttl", GRAPH.shapes)]
    shapes = read(files)[GRAPH.shapes]
    found = dependencies.of_shape(shapes, SHAPE.S05, prefixes(shapes))
    assert found is not None
    assert {DIP.during.n3(), DIP.notBefore.n3(), RDF.type.n3(), DIP.hasNote.n3()} <= found
    assert DCTERMS.title.n3() not in found


def edited(root: Path, random: Random) -> None:
    """Change a line of the facts: another day, kind, place or name, or a triple less."""
    path = random.choice([root / "data" / name for name in ("gazette.trig", "herald.trig", "entities.trig")])
    lines = path.read_text("utf-8").splitlines(keepends=True)
    number = random.choice([n for n, line in enumerate(lines) if " ; " in line or line.rstrip().endswith(";")])
    changes = [("1901-05", "1901-06"), ("kzus:fred", "kzus:rufus"), ("dip:Visit", "dip:Meeting"), ('"@en', ' 2"@en')]
    old, new = random.choice(changes)
    text = "".join(lines)
    fewer = "".join(lines[:number] + lines[number + 1 :])
    path.write_text(text.replace(old, new, 1) if random.random() < 0.7 else fewer)


@pytest.mark.slow
def test_a_check_of_what_changed_finds_what_a_full_check_finds(tmp_path: Path) -> None:
    random = Random(7)
    root = copy_small_root(tmp_path / "root")
    kept: LastCheck | None = LastCheck("k")
    taken_over = different = 0
    for _ in range(8):
        try:
            full = release.examine(root)
        except ValueError:  # what was edited is no Turtle any more: begin again
            root = copy_small_root(tmp_path / f"root{random.random()}")
            continue
        changed = release.examine(root, last=kept)
        assert changed.violations == full.violations
        assert set(changed.report) == set(full.report)
        taken_over += sum(len(run.nodes) for run in (kept.runs if kept else {}).values())
        different += bool(full.violations)
        kept = changed.kept
        edited(root, random)
    assert taken_over
    assert different


def test_the_last_check_comes_back_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = copy_small_root(tmp_path / "root")
    place = last_check.place(root)
    assert place.is_relative_to(tmp_path / "cache")
    assert last_check.read(place, "k") == LastCheck("k")
    examined = release.examine(root, last=LastCheck("k"))
    last_check.write(place, examined.kept)
    assert last_check.read(place, "k") == examined.kept
    assert last_check.read(place, "another") == LastCheck("another")
    place.write_text(place.read_text()[:-9])
    assert last_check.read(place, "k") == LastCheck("k")


def test_what_nothing_concerns_is_not_asked_again(small_root: Path) -> None:
    first = release.examine(small_root, last=LastCheck("k")).kept
    shapes = ntriples.graph(release.examine(small_root).graphs[GRAPH.shapes])
    from kzus_graph.shacl.shapes import for_run

    meant = for_run(shapes, "asserted")
    lines = ntriples.of_bytes(first.runs["asserted"].text.encode())
    assert first.nodes("asserted", lines, meant).keys() >= set(meant.subjects(SH.targetClass))
    label = next(line for line in lines if RDFS.label.n3() in line)
    fewer = first.nodes("asserted", [line for line in lines if line != label], meant)
    assert 0 < len(fewer) < len(first.nodes("asserted", lines, meant))
