"""What ``kzus-graph check`` says of files that nothing tests, of mistyped names, and of contradictions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kzus_graph.cli import main
from kzus_graph.pipeline.source_texts import write_runs

PREFIXES = """
@prefix code: <https://w3id.org/kzus/code/> . @prefix dip: <https://w3id.org/kzus/ontology#> .
@prefix kzus: <https://w3id.org/kzus/id/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix ex: <https://example.org/> .
"""
MEETING = """
ex:m a dip:Meeting ; rdfs:label "Meeting in Zenda"@en ; dip:hasParticipation ex:fred , ex:rufus .
ex:fred a dip:Participation ; dip:participant kzus:fred ; dip:role code:role-interlocutor .
ex:rufus a dip:Participation ; dip:participant kzus:rufus ; dip:role code:role-interlocutor .
"""
EMPTY = "This file has no statements, so there is nothing to check; is it the right file, and saved?"


@pytest.fixture
def root(small_release: Path) -> Path:
    return small_release.parent.parent / "root"


@pytest.fixture
def check(root: Path, tmp_path: Path) -> Callable[..., Result]:
    """Check the text of a file of a user's."""

    def checked(text: str, *options: str) -> Result:
        (tmp_path / "mine.ttl").write_text(text)
        return CliRunner().invoke(main, ["check", "--root", str(root), str(tmp_path / "mine.ttl"), *options])

    return checked


def faults(done: Result) -> list[dict[str, Any]]:
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("text", "codes", "words"),
    [
        ("", ["nothing-checked"], EMPTY),
        (f"# ex:a\n{PREFIXES}", ["nothing-checked"], EMPTY),
        (
            f"{PREFIXES.replace('https://w3id.org/kzus/ontology', 'http://w3id.org/kzus/ontology')} ex:v a dip:Visit .",
            ["wrong-scheme", "nothing-checked"],
            "it uses http://w3id.org/kzus/ontology#, but our namespace is https://w3id.org/kzus/ontology#.",
        ),
        (
            f"{PREFIXES.replace('ontology#', 'ontology/')} ex:v a dip:Visit .",
            ["undefined-term", "nothing-checked"],
            "it uses https://w3id.org/kzus/ontology/, but our namespace is https://w3id.org/kzus/ontology#.",
        ),
        (
            f"{PREFIXES} ex:v a <http://xmlns.com/foaf/0.1/Person> ; <http://xmlns.com/foaf/0.1/name> 'Rudolf'@en .",
            ["nothing-checked"],
            "it does not use our vocabulary, https://w3id.org/kzus/ontology#, but http://xmlns.com/foaf/0.1/;",
        ),
        (
            f"{PREFIXES} ex:v a <http://www.w3.org/2004/02/skos/core#Concept> .",
            ["nothing-checked"],
            "but http://www.w3.org/2004/02/skos/core#;",
        ),
        (
            f"{PREFIXES} ex:v a ex:Duel ; ex:about dip:Visit .",
            ["nothing-checked"],
            "its things belong to <https://example.org/Duel>, and no shape is about such things;",
        ),
        (f"{PREFIXES} ex:v ex:about dip:Visit .", ["nothing-checked"], "its things have no class, and no shape"),
    ],
    ids=["empty", "comments", "http", "slash", "foreign", "thesaurus", "untargeted", "no class"],
)  # fmt: skip
def test_check_of_a_file_that_nothing_tests_says_so(
    check: Callable[..., Result], text: str, codes: list[str], words: str
) -> None:
    done = check(text, "--format", "json")
    assert done.exit_code == 1
    assert [fault["code"] for fault in faults(done)] == codes
    assert words in faults(done)[-1]["message"]
    assert faults(done)[-1]["focus"].endswith("/mine.ttl")


def test_check_of_two_files_names_the_one_that_nothing_tests(root: Path, tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_text(PREFIXES + MEETING)
    (tmp_path / "other.ttl").write_text(PREFIXES)
    paths = [str(tmp_path / "one.ttl"), str(tmp_path / "other.ttl")]
    done = CliRunner().invoke(main, ["check", "--root", str(root), *paths])
    assert [line for line in done.stdout.splitlines() if "other.ttl" in line or "nothing-checked" in line] == [
        f"{paths[1]}: Violation at {paths[1]}",
        f"    nothing-checked: {EMPTY}",
    ]
    assert done.stdout.count("nothing-checked") == 1


@pytest.mark.parametrize(
    "text",
    [
        PREFIXES + MEETING,
        f"{PREFIXES} kzus:streslau rdfs:comment 'A city of Ruritania.'@en .",
        f"{PREFIXES} ex:p dip:participant kzus:fred .",
    ],
    ids=["things of their own", "a thing of ours", "class that follows"],
)
def test_check_of_a_file_that_shapes_test_does_not_complain(check: Callable[..., Result], text: str) -> None:
    assert "nothing-checked" not in check(text).stdout


@pytest.mark.parametrize(
    ("right", "wrong", "meant", "follows"),
    [
        ("dip:hasParticipation", "dip:hasPartecipation", "dip:hasParticipation", {"S12", "S30", "S32"}),
        ("dip:Meeting", "dip:Meetting", "dip:Meeting", {"wrong-kind-of-subject"}),
        ("code:role-interlocutor", "code:role-interlocuter", "code:role-interlocutor", {"S47"}),
        ("kzus:fred ", "kzus:freed ", "kzus:fred", {"S13"}),
    ],
)
def test_mistyped_name_comes_first_and_once(
    check: Callable[..., Result], right: str, wrong: str, meant: str, follows: set[str]
) -> None:
    sound = {(fault["code"], fault["focus"]) for fault in faults(check(PREFIXES + MEETING, "--format", "json"))}
    found = faults(check((PREFIXES + MEETING).replace(right, wrong), "--format", "json"))
    assert found[0]["code"] in {"undefined-term", "dangling-reference"}
    assert f"; did you mean {meant}?" in found[0]["message"]
    assert found[0]["mayFollowFrom"] is None
    assert [fault["code"] in {"undefined-term", "dangling-reference"} for fault in found].count(True) == 1
    caused = [fault for fault in found if fault["mayFollowFrom"]]
    assert found[1 : len(caused) + 1] == caused
    assert {fault["mayFollowFrom"] for fault in caused} == {found[0]["value"]}
    new = {fault["code"] for fault in found[1:] if (fault["code"], fault["focus"]) not in sound}
    assert follows <= {fault["code"] for fault in caused}
    assert new <= {fault["code"] for fault in caused}


def test_mistyped_name_in_two_places_is_one_fault_with_the_line_of_the_name(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    done = check((PREFIXES + MEETING).replace("dip:participant", "dip:partecipant"))
    first = done.stdout.splitlines()[:2]
    assert first == [
        f"{tmp_path / 'mine.ttl'}:7: Violation at <https://example.org/fred>",
        "    undefined-term: <https://example.org/fred> uses dip:partecipant, which is no class, property, topic or "
        "code that is defined; did you mean dip:participant? That name is used by <https://example.org/rufus>, too.",
    ]
    assert done.stdout.count("undefined-term") == 1
    assert "    may follow from dip:partecipant, see above\n" in done.stdout


def test_mistyped_name_in_our_own_facts_is_found_as_well(small_root: Path) -> None:
    gazette = small_root / "data" / "gazette.trig"
    gazette.write_text(gazette.read_text().replace("code:role-visitor", "code:role-visitr"))
    done = CliRunner().invoke(main, ["check", "--root", str(small_root)])
    lines = [line for line in done.stdout.splitlines() if line.startswith("    ")]
    assert lines[0] == (
        "    undefined-term: kzus:1901-fred-streslau-visit--fred uses code:role-visitr, which is no class, property, "
        "topic or code that is defined; did you mean code:role-visitor?"
    )
    assert [line.split()[0] for line in lines[1:]] == ["S11", "may", "S47", "may"]


def test_mistyped_subject_is_named(small_root: Path) -> None:
    gazette = small_root / "data" / "gazette.trig"
    text = gazette.read_text()
    assert text.count("kzus:1901-fred-rufus-meeting--rufus a ") == 1
    gazette.write_text(
        text.replace("kzus:1901-fred-rufus-meeting--rufus a ", "kzus:1901-fred-rufus-meeting--ruffus a ")
    )
    done = CliRunner().invoke(main, ["check", "--root", str(small_root)])
    assert (
        "missing-label: kzus:1901-fred-rufus-meeting--ruffus has 0 English labels; it needs exactly one; "
        "did you mean kzus:1901-fred-rufus-meeting--rufus?\n"
    ) in done.stdout


def test_contradiction_hides_no_other_fault(check: Callable[..., Result]) -> None:
    days = 'dip:notBefore "1900-01-01"^^xsd:date ; dip:notAfter "1900-01-02"^^xsd:date'
    early = f"ex:m dip:during kzus:1901-fred-streslau-visit ; {days} ."
    alone = {fault["code"] for fault in faults(check(PREFIXES + MEETING + early, "--format", "json"))}
    done = check(f"{PREFIXES}{MEETING}{early} kzus:streslau a dip:Person .")
    assert done.exit_code == 1
    assert "S05" in alone
    assert "contradiction" in done.stdout
    for code in alone:
        assert f"    {code}" in done.stdout
    assert "All shapes were checked in spite of the contradiction; what they find may follow from it.\n" in done.stdout


@pytest.mark.filterwarnings("ignore:Serializing weird numerical")
def test_what_a_contradiction_kept_from_being_checked_is_said(check: Callable[..., Result]) -> None:
    """The reference reasoner stops at such a literal."""
    done = check(f'{PREFIXES}{MEETING} ex:m dip:ordinalInSeries "-"^^xsd:decimal .', "--reasoner", "owlrl")
    assert done.exit_code == 1
    assert (
        "not-checked: A contradiction stopped the reasoner, so these shapes did not check what follows: S"
        in done.stdout
    )
    assert "in spite of the contradiction" not in done.stdout


def test_text_copied_from_a_source_is_a_fault(small_root: Path) -> None:
    text = "The envoys of Ruritania's king, so the chronicle has it, dined with the consul."
    write_runs(small_root, "chronicle", text.encode())
    entities = small_root / "data" / "entities.trig"
    entities.write_text(
        entities.read_text().replace('rdfs:label "Rufus"@en', f'rdfs:label "Rufus"@en ; rdfs:comment "{text}"@en')
    )
    done = CliRunner().invoke(main, ["check", "--root", str(small_root)])
    assert done.exit_code == 1
    assert (
        "copied-text: kzus:rufus has ten words in a row of the text of source:chronicle; say it in your own words.\n"
    ) in done.stdout
