"""The command ``why``: what it says of a triple, with which exit code."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kzus_graph.cli import main
from kzus_graph.owl import closure
from kzus_graph.owl.axioms import UnsupportedOntology
from kzus_graph.releases.publication import NAME
from tests.conftest import ROOT

ROLE = "Who fills a role that has a property of its own is linked to the event by that property."
BOUNDS = "An event without dates of its own lies within every event during which it took place."
VISIT = "kzus:1901-fred-streslau-visit"


@pytest.fixture
def options(small_release: Path) -> list[str]:
    return ["--root", str(small_release.parent.parent / "root"), "--release", str(small_release.parent)]


def why(options: list[str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["why", *options, *arguments])


def test_asserted_triple_names_its_graphs(options: list[str]) -> None:
    done = why(options, VISIT, "a", "dip:Visit")
    assert done.exit_code == 0
    assert done.output == f"{VISIT} a dip:Visit\n  asserted by source:gazette-1\n"


def test_inferred_triple_comes_with_rules_and_axioms_down_to_who_asserts_it(options: list[str]) -> None:
    done = why(options, VISIT, "dip:hasParticipant", "kzus:fred")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"{VISIT} dip:hasParticipant kzus:fred",
        "  by prp-spo1 (dip:visitor rdfs:subPropertyOf dip:hasParticipant), from",
        f"  {VISIT} dip:visitor kzus:fred",
        f"    by the rule role.rq: {ROLE}",
    ]


def test_other_ways_follow_the_shortest(options: list[str]) -> None:
    one, more = (why(options, VISIT, "dip:hasParticipant", "kzus:fred", "--ways", ways).output for ways in "19")
    assert more.startswith(one)
    assert more.count(f"{VISIT} dip:hasParticipant kzus:fred\n") > 1
    assert "by prp-spo2 (dip:hasParticipant owl:propertyChainAxiom ( dip:hasParticipation dip:participant ))" in more


def test_rule_that_asks_what_is_not_there_is_named(options: list[str]) -> None:
    done = why(options, "kzus:1901-fred-rufus-meeting", "dip:notBefore", '"1901-05-02"^^xsd:date')
    assert done.output.splitlines() == [
        'kzus:1901-fred-rufus-meeting dip:notBefore "1901-05-02"^^xsd:date',
        f"  by the rule inherited-bounds.rq: {BOUNDS}",
    ]


def test_what_does_not_follow_is_an_exit_code_of_1(options: list[str]) -> None:
    done = why(options, VISIT, "a", "<https://example.org/Nothing>")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == f"{VISIT} a <https://example.org/Nothing> does not follow\n"


def test_what_a_disagreement_sets_aside_is_said_to_be_left_out(options: list[str]) -> None:
    done = why(options, VISIT, "dip:begin", '"1901-05-01"^^xsd:date')
    assert done.exit_code == 1
    assert done.stderr.endswith("does not follow; source:gazette-1 asserts it, but the default graph leaves it out\n")


def test_what_other_rules_gave_is_said_to_be_from_other_files(options: list[str], small_root: Path) -> None:
    (small_root / "ontology" / "rules" / "role.rq").unlink()
    done = why(["--root", str(small_root), *options[2:]], VISIT, "dip:visitor", "kzus:fred")
    assert done.exit_code == 1
    assert done.stderr.startswith(
        f"{VISIT} dip:visitor kzus:fred is in the release, but the present rules don't infer it"
    )


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (("kzus:fred", "a", "foo:Person"), "The prefix foo: has not been declared. A term is a name"),
        (("kzus:fred", "a", "dip:Person , dip:Agent"), "2 triples; give exactly one"),
        (("kzus:fred", "a", "dip:Person }"), "A term is a name"),
        (('"x"', "a", "dip:Person"), "A term is a name"),
        (("kzus:fred", "a", "# nothing"), "A term is a name"),
    ],
)
def test_what_is_no_triple_is_refused(options: list[str], terms: tuple[str, ...], words: str) -> None:
    done = why(options, *terms)
    assert done.exit_code == 2
    assert words in done.stderr
    assert " ".join(terms) in done.stderr


def test_every_inferred_triple_of_a_release_is_explained(options: list[str], small_release: Path) -> None:
    """Where one was left unexplained, a rule would have been run over other data than in the build."""
    from kzus_graph.cli.why import _Grounds

    grounds = _Grounds(small_release, Path(options[1]) / "ontology" / "rules")
    inferred = set((small_release / "dumps" / f"{NAME}-inferred.nt").read_text("utf-8").splitlines(keepends=True))
    found = closure.closed(grounds.lines)
    assert len(grounds.rules) > 10
    assert inferred == found.news() | grounds.rules.keys()


def test_an_ontology_that_is_not_compiled_is_an_error_in_one_line(
    options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnsupportedOntology(["ex:p a owl:FunctionalProperty"])

    monkeypatch.setattr(closure, "closed", refuse)
    done = why(options, VISIT, "a", "dip:Visit")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "kzus-graph: these axioms cannot be compiled to rules: ex:p a owl:FunctionalProperty"
    ]


@pytest.mark.slow
def test_the_examples_of_the_help_run(real_release: Path) -> None:
    text = CliRunner().invoke(main, ["why", "--help"]).output
    examples = [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("    kzus-graph why")]
    assert len(examples) >= 3
    for arguments in examples:
        done = CliRunner().invoke(main, [*arguments, "--release", str(real_release.parent)])
        assert done.exit_code == 0, done.output
        assert "  by " in done.output


@pytest.mark.slow
def test_the_example_of_the_data_guide_prints_what_stands_there(real_release: Path) -> None:
    guide = (ROOT / "docs" / "data-guide.md").read_text("utf-8")
    command, output = re.findall(r"```sh\nkzus-graph (why .+)\n```\n```text\n(.+?)```", guide, re.DOTALL)[0]
    done = CliRunner().invoke(main, [*shlex.split(command), "--release", str(real_release.parent)])
    assert done.output == output
