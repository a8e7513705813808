"""The check queries find nothing in the data, and each finds the fault that it is named for, in a case made for it."""

from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, Literal, URIRef

from kzus_graph.pipeline import checks, content, merge
from kzus_graph.pipeline.functions import functions
from kzus_graph.pipeline.source_texts import Runs, run_digests
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP, GRAPH
from kzus_graph.shacl.shapes import Violation
from tests.conftest import FIXTURES, ROOT
from tests.graphs import Examined, Graphs, lines, read

FOLDER = ROOT / "queries" / "checks"
CHECKS = sorted(path.stem for path in FOLDER.glob("*.rq"))
CASES = FIXTURES / "checks"
CHRONICLE = "The envoys of Ruritania's king, so the chronicle has it, dined with the consul of Freedonia at noon."
"""The text of a source that we made up, since those of others are not here."""
FUNCTIONS = functions(Runs({"chronicle": run_digests("chronicle", CHRONICLE)}))
DOUBLES = [URIRef(f"{PREFIXES['kzus']}{name}") for name in ("2012-nazarbayev-obama-meeting", "2012-talks-in-seoul")]
BEGIN = 'dip:begin "2012-03-26"^^xsd:date ; dip:end "2012-03-26"^^xsd:date ; dip:edtf "2012-03-26" ;'
LAST = 'dip:end "2012-03-26"'
TALKS = "kzus:2012-talks-in-seoul a dip:Negotiation ;"
SEOUL = "kzus:2012-nazarbayev-obama-meeting dip:atPlace kzus:seoul ."
OTHERS = {
    "another counterpart": (
        "dip:participant kzus:nursultan-nazarbayev -> dip:participant kzus:yerzhan-kazykhanov",
        False,
    ),
    "another kind": ("a dip:Negotiation -> a dip:PhoneConversation", False),
    "another place": (f"{TALKS} -> {SEOUL} {TALKS} dip:atPlace kzus:astana ;", False),
    "another day": (f"{BEGIN} -> {BEGIN.replace('-03-', '-04-')}", False),
    "no day of its own": (f"{BEGIN} -> dip:during kzus:2012-nuclear-security-summit ;", False),
    "a part of the other": (
        "a dip:Negotiation -> dip:subEventOf kzus:2012-nazarbayev-obama-meeting ; a dip:Negotiation",
        False,
    ),
    "beside the other": (
        "a dip:Negotiation -> dip:parallelTo kzus:2012-nazarbayev-obama-meeting ; a dip:Negotiation",
        False,
    ),
    "a wider kind": ("a dip:Negotiation -> a dip:DiplomaticContact", True),
    "days around it": (f"{BEGIN} -> {BEGIN.replace(LAST, LAST.replace('26', '28'))}", True),
    "only a month": (f'{BEGIN} -> dip:notBefore "2012-03-01"^^xsd:date ; dip:notAfter "2012-03-31"^^xsd:date ;', True),
    "the year": (f'{BEGIN} -> dip:notBefore "2012-01-01"^^xsd:date ; dip:notAfter "2012-12-31"^^xsd:date ;', True),
    "two years": (f'{BEGIN} -> dip:notBefore "2011-01-01"^^xsd:date ; dip:notAfter "2012-12-31"^^xsd:date ;', True),
    "from another year": (f"{BEGIN} -> {BEGIN.replace('2012-03-26', '2011-12-30', 1)}", True),
    "a day of no calendar": (f"{BEGIN} -> {BEGIN.replace('03-26', '02-30')}", False),
    "a day with a time zone": (f"{BEGIN} -> {BEGIN.replace(LAST, LAST.replace('26', '27Z'))}", True),
    "the same city": (f"{TALKS} -> {SEOUL} {TALKS} dip:atPlace kzus:seoul ;", True),
    "nobody known": (
        'dip:hasParticipation kzus:2012-talks-in-seoul--nursultan-nazarbayev . -> dip:descriptor "brief"@en .',
        True,
    ),
}
"""Changes to the case of an event entered twice, and whether it is found after each."""
ANYWHERE = [
    "undefined-term", "dangling-reference", "literal-form", "missing-label", "source-text-property", "copied-text",
    "hidden-character", "markup-in-text", "mixed-alphabets", "wrong-language", "wrong-scheme", "link-to-another-kind",
]  # fmt: skip
"""Checks of names and forms; the others say what belongs in which of our own graphs."""


def findings(graphs: NamedLines) -> list[Violation]:
    """What the checks find in *graphs* as they are before reasoning."""
    default = merge.merged(graphs)
    rewritten = checks.rewritten([default, *graphs.values()])
    return [*checks.literals(rewritten), *checks.findings(checks.stored(default, graphs), FOLDER, FUNCTIONS)]


@pytest.fixture(scope="module")
def asserted(first_source: Examined) -> NamedLines:
    """The graphs of the first source's build, before reasoning."""
    return {name: lines for name, lines in first_source.content.graphs.items() if name != GRAPH.inferred}


def test_the_data_of_all_sources_pass(whole: Examined) -> None:
    assert [found for found in whole.violations if found.code in CHECKS] == []


@pytest.mark.slow
@pytest.mark.parametrize("source", sorted(content.source_files(ROOT)))
def test_the_data_of_one_source_alone_pass(source: str) -> None:
    assert findings(content.read(ROOT, [source])) == []


def test_each_check_has_its_invalid_case() -> None:
    assert sorted(path.stem for path in CASES.glob("*.trig")) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_an_invalid_case_trips_its_check_and_no_other(check: str, asserted: NamedLines) -> None:
    path = CASES / f"{check}.trig"
    case = read([(path, None)])
    found = findings(together(asserted, case))
    assert {violation.code for violation in found} == {check}
    named = {*case, *(subject for graph in case.values() for subject in graph.subjects())}
    for violation in found:
        assert violation.focus in named or violation.value in named
        assert "{?" not in violation.message, "a slot of the message has no variable"


def test_what_only_looks_like_a_fault_passes(asserted: NamedLines) -> None:
    assert findings(together(asserted, read([(FIXTURES / "sound.trig", None)]))) == []


def test_without_its_fault_a_case_passes(asserted: NamedLines) -> None:
    assert findings(asserted) == []


@pytest.mark.parametrize(
    ("kind", "on", "left"), [("distinction", DOUBLES, 0), ("distinction", DOUBLES[:1], 1), ("tension", DOUBLES, 1)]
)
def test_a_double_is_explained_by_a_note_of_both_on_their_distinction(
    kind: str, on: list[URIRef], left: int, asserted: NamedLines
) -> None:
    case = read([(CASES / "same-event-twice.trig", None)])
    note = URIRef(f"{PREFIXES['note']}two-talks")
    remark = Graph()
    remark.add((note, RDF.type, DIP.SourceNote))
    remark.add((note, RDFS.label, Literal("Two talks in Seoul", "en")))
    remark.add((note, DIP.noteKind, CODE[f"note-{kind}"]))
    for event in on:
        remark.add((event, DIP.hasNote, note))
    assert len(findings(together(together(asserted, case), {GRAPH.editorial: remark}))) == left


@pytest.mark.parametrize(("change", "found"), OTHERS.values(), ids=OTHERS)
def test_what_makes_two_events_of_two(change: str, found: bool, asserted: NamedLines, tmp_path: Path) -> None:
    text = (CASES / "same-event-twice.trig").read_text("utf-8")
    old, new = change.split(" -> ")
    assert old in text
    case = tmp_path / "case.trig"
    case.write_text(text.replace(old, new), "utf-8")
    codes = {violation.code for violation in findings(together(asserted, read([(case, None)])))}
    assert ("same-event-twice" in codes) == found


@pytest.mark.parametrize("check", ANYWHERE)
def test_a_fault_in_a_file_of_the_users_own_is_found_as_well(check: str, asserted: NamedLines) -> None:
    own = Graph()
    for graph in read([(CASES / f"{check}.trig", None)]).values():
        own += graph
    found = findings(together(asserted, {URIRef("file:///tmp/own.ttl"): own}))
    assert {violation.code for violation in found} == {check}


def together(graphs: NamedLines, more: Graphs) -> NamedLines:
    """Return *graphs* with the triples of *more* added to the graphs of the same names."""
    return graphs | {name: ntriples.union(graphs.get(name, []), added) for name, added in lines(more).items()}


def test_each_namespace_with_the_wrong_scheme_is_found() -> None:
    flipped = {
        space.replace("http:", "https:", 1) if space.startswith("http:") else space.replace("https:", "http:", 1)
        for space in PREFIXES.values()
    }
    own = Graph()
    for space in flipped:
        own.add((URIRef("https://example.org/a"), RDF.type, URIRef(f"{space}Name")))
    store = checks.stored([], lines({URIRef("https://example.org/g"): own}))
    found = checks.found_by(FOLDER / "wrong-scheme.rq", store, FUNCTIONS)
    assert {str(violation.value) for violation in found} == {f"{space}Name" for space in flipped}
