"""The command ``kzus-graph diff``: what it prints for people and for programs, and its exit codes."""

import gzip
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kzus_graph.cli import main
from kzus_graph.rdf.vocab import KZUS
from kzus_graph.releases.publication import NAME
from tests.handmade import dumped

OLDER = """kzus:a a dip:City ; rdfs:label "A"@en ; dip:population 3 .
kzus:b a dip:City ; rdfs:label "B" .
dip:acted owl:propertyChainAxiom ( dip:inPosition dip:positionOf ) ."""
NEWER = """kzus:a a dip:City ; rdfs:label "Ä"@en ; dip:population 4 .
kzus:c a dip:City ; rdfs:label "a\\tb\\u0007\\u202E"@en .
dip:acted owl:propertyChainAxiom ( dip:inPosition dip:positionOf ) ."""
TEXT = """1.0.0+00000001 → 1.1.0+00000002
asserted: 4 added, 4 removed
inferred: 1 added, 1 removed
things: 1 new, 1 changed, 1 gone, 1 with only inferences changed
named graphs: 1 new, 1 changed

kzus:a  Ä
  - rdfs:label "A"@en
  - dip:population "3"^^xsd:integer
  + rdfs:label "Ä"@en
  + dip:population "4"^^xsd:integer

kzus:b  B  (gone)
  - rdf:type dip:City
  - rdfs:label "B"

kzus:c  aU+0009bU+0007U+202E  (new)
  + rdf:type dip:City
  + rdfs:label "a\\tb\\u0007U+202E"@en

kzus:x  (only inferences differ)
  - rdf:type dip:City (inferred)
  + rdf:type dip:Place (inferred)

Named graphs
  graph:one: 1 added, 0 removed
  graph:two: 2 added, 0 removed, new
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two releases, seen from the folder that it is in."""
    monkeypatch.chdir(tmp_path)
    out = Path("release")
    dumped(out, "1.0.0+00000001", OLDER, "kzus:x a dip:City . kzus:x a dip:Thing .", one="kzus:a a kzus:b .")
    dumped(
        out, "1.1.0+00000002", NEWER, "kzus:x a dip:Place . kzus:x a dip:Thing .",
        one="kzus:a a kzus:b , kzus:c .", two="kzus:a a kzus:b , kzus:d .",
    )  # fmt: skip
    return out


@pytest.mark.usefixtures("releases")
def test_text_tells_by_thing_what_was_said_and_what_is() -> None:
    done = run()
    assert (done.output, done.exit_code) == (TEXT, 1)
    assert run("1.0.0").output == run("1.0.0", "1.1.0+00000002").output == TEXT


@pytest.mark.usefixtures("releases")
def test_one_layer_is_told_alone() -> None:
    asserted, inferred = run("--layer", "asserted").output, run("--layer", "inferred").output
    assert "inferred" not in asserted and "asserted" not in inferred
    assert "kzus:x" not in asserted and "- dip:population" in asserted
    assert inferred.endswith("- rdf:type dip:City (inferred)\n  + rdf:type dip:Place (inferred)\n")


@pytest.mark.usefixtures("releases")
def test_the_same_is_no_difference() -> None:
    done = run("1.1.0", "1.1.0")
    assert (done.output, done.exit_code) == ("1.1.0+00000002 → 1.1.0+00000002\nno difference\n", 0)


@pytest.mark.usefixtures("releases")
def test_ntriples_have_one_side_of_one_layer() -> None:
    added = run("--format", "ntriples", "--added", "--layer", "inferred")
    assert added.output == (
        f"<{KZUS.x}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/kzus/ontology#Place> .\n"
    )
    assert len(run("--format", "ntriples", "--removed").output.splitlines()) == 5


@pytest.mark.usefixtures("releases")
def test_json_has_counts_and_things() -> None:
    done = run("--format", "json")
    said = json.loads(done.output)
    assert done.exit_code == 1
    assert said["triples"] == {"asserted": {"removed": 4, "added": 4}, "inferred": {"removed": 1, "added": 1}}
    assert said["counts"]["things"] == {"new": 1, "changed": 1, "gone": 1, "inferred": 1}
    assert [thing["label"] for thing in said["things"]] == ["a\tb\a\u202e", "Ä", "B", ""]


def test_patch_makes_the_newer_of_the_older(releases: Path) -> None:
    before, after = (
        set((releases / name / "dumps" / f"{NAME}-all.nq").read_text().splitlines())
        for name in ("1.0.0+00000001", "1.1.0+00000002")
    )
    rows = [row.partition(" ") for row in run("--format", "patch").output.splitlines()]
    deleted, added = ({line for code, _, line in rows if code == wanted} for wanted in "DA")
    assert deleted <= before and not added & before
    assert before - deleted | added == after


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "ntriples"], "--format ntriples needs --added or --removed"),
        (["--added"], "--format ntriples needs --added or --removed"),
        (["--format", "patch", "--layer", "asserted"], "--layer needs the format text or ntriples; patch always has"),
        (["2.0.0"], "no release '2.0.0' in release, and no such file; releases there: 1.1.0+00000002, 1.0.0+0"),
        (["1.0.0", "1.0.0+00000009"], "no release '1.0.0+00000009'"),
        (
            ["--release", "nowhere"],
            "kzus-graph: nowhere: the file CURRENT there names no complete release; run 'kzus-graph build'",
        ),
        (["mine.nt", "mine.nt", "--layer", "asserted"], "layers are unknown unless both have named graphs"),
        (["broken.nq.gz"], "kzus-graph: broken.nq.gz: not a whole gzip file"),
        (["no.nt"], "kzus-graph: no.nt, line 1, column 1: "),
        (["directory"], "kzus-graph: "),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_exit_code_2(arguments: list[str], words: str) -> None:
    Path("mine.nt").write_text("<a:s> <a:p> <a:o> .\n")
    Path("no.nt").write_text("no triple\n")
    Path("broken.nq.gz").write_bytes(gzip.compress(b"<a:s> <a:p> <a:o> .\n" * 99)[:30])
    Path("directory").mkdir()
    done = run(*arguments)
    assert done.exit_code == 2 and words in done.output
    assert "Traceback" not in done.output and len(done.output.splitlines()) <= 4


def test_a_release_that_is_not_whole_is_named(releases: Path) -> None:
    (releases / "1.0.0+00000001" / "dumps" / f"{NAME}-all.nt").unlink()
    done = run("1.0.0")
    assert (
        done.exit_code == 2 and "incomplete release: manifest.json, or a file that it lists, is missing" in done.output
    )


def test_examples_of_the_help_run(releases: Path) -> None:
    for name, version in (("old", "1.0.0+00000001"), ("new", "1.1.0+00000002")):
        data = (releases / version / "dumps" / f"{NAME}-all.nq").read_bytes()
        Path(f"{name}.nq.gz").write_bytes(gzip.compress(data))
    examples = re.findall(r"^ +kzus-graph diff(.*)$", run("--help").output, re.MULTILINE)
    assert len(examples) == 5
    for example in examples:
        # words on it stand far to the right
        done = run(*shlex.split(re.split(r"\s{3,}|>", example)[0]))
        assert done.exit_code == 1 and "Usage" not in done.output, example
