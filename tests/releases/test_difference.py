"""What changed between two dumps: lines in their order, blank nodes by what they say, layers, things, patches."""

import os
import random
import shutil
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Dataset

from kzus_graph.rdf.reading import Unreadable
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.releases import blank_nodes, change_record, comparable, line_order, patch, statement_text
from kzus_graph.releases.difference import Difference, difference
from kzus_graph.releases.publication import NAME
from kzus_graph.releases.things import graphs, things
from tests.handmade import dumped

CHAIN = "dip:acted owl:propertyChainAxiom ( dip:inPosition dip:positionOf ) ."
ONE = 'kzus:a a dip:City ; rdfs:label "A"@en . kzus:b a dip:City ; rdfs:label "B"@en .'
TWO = 'kzus:a a dip:City ; rdfs:label "Ä"@en . kzus:c a dip:City ; rdfs:label "C"@en .'
RESTRICTIONS = """dip:Visit rdfs:subClassOf {x} , {y} .
{x} a owl:Restriction ; owl:onProperty dip:destination ; owl:someValuesFrom dip:{kind} .
{y} a owl:Restriction ; owl:onProperty dip:visitor ; owl:maxCardinality 1 ."""


def compared(before: Path, after: Path) -> Difference:
    return difference(*comparable.pair(before, after))


def two(tmp_path: Path, before: str, after: str) -> Difference:
    """The difference of two releases that assert these triples."""
    return compared(dumped(tmp_path, "1.0.0+00000001", before), dumped(tmp_path, "1.0.0+00000002", after))


def said(triples: Iterable[ox.Triple], thing: str = "") -> list[str]:
    return list(statement_text.statements(list(triples), thing))


def applied(found: Difference, dump: Path) -> list[str]:
    """The lines of a dump after the patch, in no order; a line to delete has to be there, one to add has not."""
    left = set(dump.read_text("utf-8").splitlines())
    for row in patch.rows(found):
        code, _, line = row.partition(" ")
        if code == "D":
            left.remove(line)
        elif code == "A":
            assert line not in left
            left.add(line)
    return sorted(left)


def dump(folder: Path, form: str = "all.nq") -> Path:
    return folder / "dumps" / f"{NAME}-{form}"


@pytest.mark.parametrize(
    ("line", "graph"),
    [
        ("<s> <p> <o> .", ""),
        ("<s> <p> <o> <g> .", "<g>"),
        ("<s> <p> _:o .", ""),
        ("_:s <p> _:o _:g .", "_:g"),
        ('<s> <p> "a" .', ""),
        ('<s> <p> "a <b> c"@en .', ""),
        ('<s> <p> "a <b>" .', ""),
        ('<s> <p> "a . "^^<d> .', ""),
        ('<s> <p> "a \\" <b>"^^<d> <g> .', "<g>"),
        ("<s> <p> <<( <a> <b> <c> )>> .", ""),
        ("<s> <p> <<( <a> <b> _:c )>> <g> .", "<g>"),
    ],
)
def test_graph_of_a_line_is_what_stands_after_the_triple(line: str, graph: str) -> None:
    assert line_order.graph_of(f"{line}\n".encode()).decode() == graph


@pytest.mark.parametrize("run", [7, 1_000_000])
def test_lines_come_in_the_order_of_a_dump(small_release: Path, monkeypatch: pytest.MonkeyPatch, run: int) -> None:
    monkeypatch.setattr(line_order, "RUN", run)
    whole = dump(small_release).read_bytes().splitlines(keepends=True)[-300:]
    shuffled = [*whole, *whole[::3]]
    random.Random(1).shuffle(shuffled)
    assert list(line_order.ordered(shuffled)) == whole


def test_difference_is_that_of_the_sets_of_lines(tmp_path: Path) -> None:
    chance = random.Random(2)
    for number in range(30):
        ours, theirs = (
            {f'<a:{chance.randrange(9)}> <a:p{chance.randrange(3)}> "{chance.randrange(3)}"' for _ in range(40)}
            for _ in range(2)
        )
        sides = []
        for side in (ours, theirs):
            path = tmp_path / f"{number}-{len(sides)}.nt"
            path.write_text("".join(f"{line} .\n" for line in sorted(side)))
            sides.append(comparable.Dump(path.name, path, is_ours=True))
        found = difference(*sides)
        assert {str(triple) for triple in found.merge.removed} == ours - theirs
        assert {str(triple) for triple in found.merge.added} == theirs - ours
        assert found.subjects == {
            subject[1:-1]: tuple(any(line.startswith(subject) for line in side) for side in (ours, theirs))
            for subject in {line.split()[0] for line in ours ^ theirs}
        }


def test_memory_is_that_of_the_difference(tmp_path: Path) -> None:
    before, after = (tmp_path / f"{name}.nt" for name in ("before", "after"))
    whole = [f'<{KZUS}{number:06}> <{DIP.edtf}> "a value of some length, {number}" .\n' for number in range(40_000)]
    before.write_text("".join(whole))
    after.write_text("".join(whole[:20_000] + whole[20_001:]))
    sides = [comparable.Dump(path.name, path, is_ours=True) for path in (before, after)]
    tracemalloc.start()
    try:
        found = difference(*sides)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.removed) == 1 and not found.added
    assert most < before.stat().st_size / 20


def test_the_same_release_twice_is_no_difference(small_release: Path) -> None:
    found = compared(small_release, small_release)
    assert not found and not things(found) and not graphs(found)


def test_labels_of_blank_nodes_mean_nothing(tmp_path: Path) -> None:
    found = two(
        tmp_path, RESTRICTIONS.format(x="_:a1", y="_:a2", kind="Place"),
        RESTRICTIONS.format(x="_:b2", y="_:b1", kind="Place"),
    )  # fmt: skip
    assert not found and not things(found)
    assert len(found.deletions) == len(found.additions) == 8


def test_one_restriction_of_two_changed(tmp_path: Path) -> None:
    found = two(
        tmp_path, RESTRICTIONS.format(x="_:a1", y="_:a2", kind="Place"),
        RESTRICTIONS.format(x="_:b2", y="_:b1", kind="City"),
    )  # fmt: skip
    (thing,) = things(found)
    assert (thing.iri, thing.state, [*thing.layers]) == (str(DIP.Visit), "changed", ["asserted"])
    restriction = "rdfs:subClassOf [ rdf:type owl:Restriction ; owl:onProperty dip:destination ; owl:someValuesFrom "
    assert said(thing.layers["asserted"].removed, thing.iri) == [f"{restriction}dip:Place ]"]
    assert said(thing.layers["asserted"].added, thing.iri) == [f"{restriction}dip:City ]"]


def test_a_blank_node_keeps_apart_what_is_like_it(tmp_path: Path) -> None:
    found = two(tmp_path, "kzus:a dip:x [] , [] , [] .", "kzus:a dip:x [] , [] . kzus:b dip:x [] .")
    assert [str(triple.subject) for triple in found.merge.removed] == [f"<{KZUS.a}>"]
    assert [str(triple.subject) for triple in found.merge.added] == [f"<{KZUS.b}>"]


def test_a_list_reads_as_one_and_belongs_to_what_leads_to_it(tmp_path: Path) -> None:
    found = two(tmp_path, CHAIN, CHAIN.replace("inPosition", "participation"))
    (thing,) = things(found)
    assert thing.iri == str(DIP.acted)
    assert said(thing.layers["asserted"].removed, thing.iri) == [
        "owl:propertyChainAxiom ( dip:inPosition dip:positionOf )"
    ]


def test_blank_nodes_that_nothing_leads_to_are_told_last(tmp_path: Path) -> None:
    disjoint = "[] a owl:AllDisjointClasses ; owl:members ( dip:Visit dip:Agent ) . "
    found = two(tmp_path, "kzus:z a dip:City .", disjoint + "_:x dip:during _:y . _:y dip:during _:x .")
    assert [thing.iri for thing in things(found)] == [str(KZUS.z), ""]
    first, second = said(things(found)[1].layers["asserted"].added)
    assert first == "[ rdf:type owl:AllDisjointClasses ; owl:members ( dip:Visit dip:Agent ) ]"
    assert second.startswith("[ dip:during [ dip:during _:")


def test_text_that_looks_like_a_blank_node_is_text(tmp_path: Path) -> None:
    found = two(tmp_path, 'kzus:a rdfs:comment "_:b1", "_:b2" .', 'kzus:a rdfs:comment "_:b1", "_:b3" .')
    assert [str(triple.object) for triple in found.merge.removed] == ['"_:b2"']
    assert [str(triple.object) for triple in found.merge.added] == ['"_:b3"']


def test_blank_nodes_within_triple_terms_count(tmp_path: Path) -> None:
    for name, label in (("before", "x"), ("after", "y"), ("other", "z")):
        value = "b" if name != "other" else "c"
        term = f"<<( _:{label} <a:p> <a:{value}> )>>"
        (tmp_path / f"{name}.nt").write_text(f"<a:s> <a:p> {term} .\n_:{label} <a:q> <a:o> .\n")
    assert not compared(tmp_path / "before.nt", tmp_path / "after.nt")
    assert len(compared(tmp_path / "before.nt", tmp_path / "other.nt").removed) == 2


def test_things_are_new_changed_or_gone(tmp_path: Path) -> None:
    found = two(tmp_path, ONE, TWO)
    assert [(thing.iri, thing.label, thing.state) for thing in things(found)] == [
        (str(KZUS.a), "Ä", "changed"), (str(KZUS.b), "B", "gone"), (str(KZUS.c), "C", "new"),
    ]  # fmt: skip


def test_asserted_and_inferred_are_apart(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", "kzus:a a dip:City .", "kzus:a a dip:Place . kzus:b a dip:Place .")
    after = dumped(
        tmp_path, "1.0.0+00000002", "kzus:a a dip:City . kzus:b a dip:Place .", "kzus:a a dip:Place , geo:Feature ."
    )
    found = compared(before, after)
    assert {layer: (said(sides.removed), said(sides.added)) for layer, sides in found.layers.items()} == {
        "asserted": ([], ["kzus:b rdf:type dip:Place"]),
        "inferred": (["kzus:b rdf:type dip:Place"], ["kzus:a rdf:type geo:Feature"]),
    }
    # what was inferred is now asserted, so the merge has it as before
    assert said(found.merge.added) == ["kzus:a rdf:type geo:Feature"] and not found.merge.removed
    assert {thing.iri: thing.state for thing in things(found)} == {str(KZUS.a): "inferred", str(KZUS.b): "changed"}
    back = compared(after, before)
    assert said(back.layers["asserted"].removed) == ["kzus:b rdf:type dip:Place"] and not back.layers["asserted"].added


def test_named_graphs_are_counted(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", ONE, one="kzus:a a dip:City .", two="kzus:b a dip:City .", same=ONE)
    after = dumped(tmp_path, "1.0.0+00000002", ONE, one="kzus:b a dip:City .", three=ONE, same=ONE)
    assert [(graph.iri.rpartition("/")[2], graph.state, graph.removed, graph.added) for graph in
            graphs(compared(before, after))] == [
        ("one", "changed", 1, 1), ("three", "new", 0, 4), ("two", "gone", 1, 0),
    ]  # fmt: skip
    assert not things(compared(before, after))


def test_a_patch_makes_the_one_dump_of_the_other(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", ONE + CHAIN, "kzus:a a dip:Place .", one=ONE, shapes="[] a [] .")
    after = dumped(tmp_path, "1.0.0+00000002", TWO + CHAIN, "kzus:c a dip:Place .", one=TWO, shapes="[] a [] .")
    found = compared(before, after)
    assert applied(found, dump(before)) == sorted(dump(after).read_text().splitlines())
    rows = list(patch.rows(found))
    assert [row.split()[0] for row in (*rows[:3], rows[-1])] == ["H", "H", "TX", "TC"]
    assert all(row.endswith(" .") for row in rows)
    # patches make a chain
    further = list(patch.rows(compared(after, before)))
    assert further[1].split()[2] == rows[0].split()[2] and further[0].split()[2] == rows[1].split()[2]


def test_another_library_applies_the_patch(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", ONE + CHAIN, one=ONE)
    after = dumped(tmp_path, "1.0.0+00000002", TWO + CHAIN, one=TWO + 'kzus:a rdfs:comment "\\"\\n\\\\" .')
    both = []
    for folder in (before, after):
        # read as a patch that adds all, since its own labels for blank nodes are kept then alone
        held = Dataset()
        held.parse(data="".join(f"A {line}\n" for line in dump(folder).read_text().splitlines()), format="patch")
        both.append(held)
    ours, theirs = both
    assert set(ours.quads()) != set(theirs.quads())
    ours.parse(data="\n".join(patch.rows(compared(before, after))) + "\n", format="patch")
    assert set(ours.quads()) == set(theirs.quads())


def test_a_file_is_compared_with_the_dump_of_its_kind(tmp_path: Path) -> None:
    before = dumped(tmp_path / "out", "1.0.0+00000001", ONE, "kzus:a a dip:Place .", one=ONE)
    for form in ("all.nq", "all.nt", "asserted.nt"):
        assert not compared(dump(before, form), before), form
    assert [*compared(dump(before, "all.nt"), before).layers] == ["all"]
    # of a data set only the default graph is compared with triples
    assert not compared(dump(before, "all.nq"), dump(before, "all.nt"))
    (tmp_path / "mine.ttl").write_text("@prefix k: <https://w3id.org/kzus/id/> . k:a a k:b .")
    found = compared(tmp_path / "mine.ttl", before)
    assert said(found.merge.removed) == ["kzus:a rdf:type kzus:b"] and len(found.merge.added) == 5


def test_a_release_is_named_by_version_folder_or_nothing(tmp_path: Path) -> None:
    older = dumped(tmp_path, "1.0.0+00000001", ONE)
    newer = dumped(tmp_path, "1.1.0+00000002", TWO)
    assert (
        comparable.named(tmp_path)
        == comparable.named(tmp_path, "1.1.0")
        == comparable.named(tmp_path, newer.name)
        == newer
    )
    assert comparable.named(tmp_path, "1.0.0") == comparable.named(tmp_path / "none", str(older)) == older
    assert comparable.named(tmp_path / "none", str(tmp_path)) == newer
    os.utime(older, (0, 0))
    assert comparable.earlier(tmp_path) == older
    newest = dumped(tmp_path, "1.2.0+00000003", ONE)
    os.utime(newer, (1, 1))
    assert comparable.earlier(tmp_path) == newer
    (tmp_path / "CURRENT").write_text(newer.name)
    assert newest.is_dir() and comparable.earlier(tmp_path) == older
    shutil.rmtree(newest)
    shutil.rmtree(older)
    with pytest.raises(comparable.NoRelease, match="no release before the current one"):
        comparable.earlier(tmp_path)


def test_what_is_no_release_is_named_with_those_there_are(tmp_path: Path) -> None:
    dumped(tmp_path, "1.0.0+00000001", ONE)
    with pytest.raises(comparable.NoRelease, match=r"no release '2\.0\.0' in .*; releases there: 1\.0\.0\+00000001$"):
        comparable.named(tmp_path, "2.0.0")
    with pytest.raises(comparable.NoRelease, match="run 'kzus-graph build' to make one"):
        comparable.named(tmp_path / "nothing")


@pytest.mark.parametrize("damage", ["no manifest", "broken manifest", "another's manifest", "short dump", "no dump"])
def test_a_damaged_release_is_said_to_be_one(tmp_path: Path, damage: str) -> None:
    folder = dumped(tmp_path, "1.0.0+00000001", ONE)
    manifest = folder / "manifest.json"
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "broken manifest":
        manifest.write_text(manifest.read_text()[:40])
    elif damage == "another's manifest":
        manifest.write_text("[1, 2]")
    elif damage == "short dump":
        dump(folder).write_bytes(dump(folder).read_bytes()[:50])
    else:
        dump(folder).unlink()
    with pytest.raises(comparable.NoRelease, match="incomplete release"):
        comparable.named(tmp_path, str(folder))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.nt", b"what is this\n", r"x\.nt, line 1, column \d+: "),
        ("x.nt", b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> .\n", r"x\.nt, line 2, column \d+: "),
        ("x.nq.gz", None, r"x\.nq\.gz: not a whole gzip file"),
        ("x.nq.gz", b"<a:s> <a:p> <a:o> .\n", r"x\.nq\.gz: not a whole gzip file"),
        ("x.txt", b"", "unknown kind of file"),
        ("x.nt", "<a:s> <a:p> <a:o> .".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    small_release: Path, tmp_path: Path, name: str, data: bytes | None, words: str
) -> None:
    whole = dump(small_release, "all.nq.gz").read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2] if data is None else data)
    with pytest.raises(Unreadable, match=words):
        compared(tmp_path / name, small_release)


@pytest.mark.slow
def test_blank_nodes_that_take_for_ever_are_refused(tmp_path: Path) -> None:
    names = [f"_:b{number}" for number in range(11)]
    clique = "".join(f"{one} <a:p> {other} .\n" for one in names for other in names if one != other)
    (tmp_path / "x.nt").write_text(clique)
    (tmp_path / "y.nt").write_text("<a:s> <a:p> <a:o> .\n")
    with pytest.raises(Unreadable, match="blank nodes take too long to compare"):
        compared(tmp_path / "x.nt", tmp_path / "y.nt")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", ONE, one=ONE)
    after = dumped(tmp_path, "1.0.0+00000002", TWO + CHAIN, one=TWO)
    change_record.write(after, after.name, before)
    found = change_record.read(after)
    assert found is not None and (found.before, found.fault) == (before.name, "")
    assert found.triples == {"asserted": (8, 3), "inferred": (0, 0)}
    assert found.counts == {
        "things": {"new": 2, "changed": 1, "gone": 1, "inferred": 0}, "graphs": {"new": 0, "changed": 1, "gone": 0},
    }  # fmt: skip
    assert [(thing.iri, thing.state) for thing in found.things] == [
        (str(DIP.acted), "new"), (str(KZUS.c), "new"), (str(KZUS.a), "changed"), (str(KZUS.b), "gone"),
    ]  # fmt: skip
    assert said(found.things[2].removed, KZUS.a) == ['rdfs:label "A"@en']
    assert (after / change_record.PATCH).is_file()


def test_a_record_names_the_first_of_many(tmp_path: Path) -> None:
    many = " ".join(f"kzus:n{number:03} a dip:City ." for number in range(change_record.MOST_THINGS + 5))
    facts = change_record.summary(two(tmp_path, ONE, ONE + many))
    assert facts["counts"]["things"]["new"] == change_record.MOST_THINGS + 5
    assert len(facts["things"]) == change_record.MOST_THINGS


def test_a_first_release_and_one_after_a_damaged_one_have_records(tmp_path: Path) -> None:
    before = dumped(tmp_path, "1.0.0+00000001", ONE)
    change_record.write(before, before.name, None)
    assert change_record.read(before) == change_record.ChangeRecord("")
    after = dumped(tmp_path, "1.0.0+00000002", TWO)
    text = dump(before).read_text()
    dump(before).write_text(text.replace("<https", "https", 1))
    change_record.write(after, after.name, before)
    found = change_record.read(after)
    assert found is not None and found.fault.startswith(f"dumps/{NAME}-all.nq, line 1, column ")
    dump(before).unlink()
    change_record.write(after, after.name, before)
    found = change_record.read(after)
    assert found is not None and "No such file" in found.fault and str(tmp_path) not in found.fault
    assert not (after / change_record.PATCH).exists()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"before": "x"}', '{"before": "x", "triples": {"asserted": 3}}', "\udcff",
     '{"before": "x", "triples": {}, "counts": {}, "graphs": [], "things": [{"iri": "a", "label": "", "state": "new",'
     ' "removed": ["nonsense"], "added": []}]}'],
)  # fmt: skip
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / change_record.RECORD).write_text(text, "utf-8", "surrogateescape")
    assert change_record.read(tmp_path) is None


def test_parts_are_compared_whole() -> None:
    quads = [
        ox.Quad(ox.BlankNode(one), ox.NamedNode("a:p"), other)
        for one, other in (("x", ox.BlankNode("y")), ("y", ox.Literal("1")), ("z", ox.Literal("1")))
    ]
    assert blank_nodes.changed(quads, quads[2:]) == (quads[:2], [])
    assert blank_nodes.changed(quads[1:], quads[2:]) == ([quads[2]], [])
