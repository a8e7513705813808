"""The command line: what it prints, where, and with which exit code."""

import json
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kzus_graph import __version__
from kzus_graph.cli import COMMANDS, main, terminal
from kzus_graph.pipeline.release import LAYERS, NAME
from tests.conftest import FIXTURES, ROOT, SHARED
from tests.standins import Endpoint, endpoint


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)


@pytest.fixture
def ours(small_release: Path) -> Path:
    """The root of the small release, to read: what a user's own facts are checked with."""
    return small_release.parent.parent / "root"


@pytest.fixture
def options(ours: Path, small_release: Path) -> list[str | Path]:
    """Point a command at the small release and its root."""
    return ["--root", ours, "--release", small_release.parent]


def test_version() -> None:
    assert run("--version").output == f"kzus-graph, version {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    assert f"kzus-graph {command}" in done.output or command == "verify-source"
    assert len(done.output.splitlines()) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_names_each_command(command: str) -> None:
    assert f"kzus-graph {command}" in (ROOT / "README.md").read_text()


def test_query_by_name_in_a_pipe_is_csv(options: list[str | Path]) -> None:
    done = run("query", *options, "visits")
    assert done.output.splitlines() == [
        "visit,from,to",
        "https://w3id.org/kzus/id/1901-fred-streslau-visit,1901-05-02,1901-05-05",
    ]


def test_query_as_a_table_has_prefixed_names(options: list[str | Path]) -> None:
    done = run("query", *options, "visits", "--format", "table")
    assert "│ kzus:1901-fred-streslau-visit │ 1901-05-02 │ 1901-05-05 │" in done.output
    assert done.output.endswith("1 row\n")


def test_query_from_standard_input_knows_our_prefixes(options: list[str | Path]) -> None:
    done = run("query", *options, "-", "--format", "tsv", text="SELECT (COUNT(*) AS ?n) { ?e a dip:Meeting }")
    assert done.output == "?n\n1\n"


def test_query_from_a_file(options: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK { ?s a dip:Visit }")
    assert run("query", *options, tmp_path / "q.rq").output == "yes\n"


def test_construct_is_turtle_with_our_prefixes(options: list[str | Path]) -> None:
    query = "CONSTRUCT { ?s a dip:Visit } WHERE { ?s a dip:Visit }"
    done = run("query", *options, "-", text=query)
    assert "kzus:1901-fred-streslau-visit a dip:Visit" in done.output


@pytest.mark.parametrize(
    ("format_", "query"),
    [("turtle", "SELECT * { ?s a dip:Visit }"), ("csv", "DESCRIBE kzus:fred")],
    ids=["rows", "triples"],
)
def test_format_that_does_not_fit_the_answer_is_refused(options: list[str | Path], format_: str, query: str) -> None:
    done = run("query", *options, "-", "--format", format_, text=query)
    assert done.exit_code == 1
    assert "cannot be written as" in done.output


def test_query_without_a_name_lists_the_questions(options: list[str | Path]) -> None:
    done = run("query", *options)
    assert "visits" in done.output
    assert "Which visits are recorded?" in done.output


def test_unknown_query_is_an_error_with_a_hint(options: list[str | Path]) -> None:
    done = run("query", *options, "visit")
    assert done.exit_code == 1
    assert "'visit' is neither an example query nor a file" in done.output


def test_broken_query_gives_the_parsers_words(options: list[str | Path]) -> None:
    done = run("query", *options, "-", text="SELECT ?s WHERE { ?s a }")
    assert done.exit_code == 1
    assert done.output.endswith("standard input: error at 1:25: the query is not valid SPARQL here\n")


@pytest.fixture(scope="module")
def theirs() -> Iterator[Endpoint]:
    with endpoint('<https://w3id.org/kzus/id/fred> <http://e/born> "1850" .') as served:
        yield served


def test_query_asks_no_service_unless_it_is_allowed(options: list[str | Path], theirs: Endpoint) -> None:
    clause = f"SERVICE <{theirs.url}> {{ ?who <http://e/born> ?born }}"
    query = f"SELECT ?who ?born {{ VALUES ?who {{ kzus:fred }} {clause} }}"
    refused = run("query", *options, "-", text=query)
    assert refused.exit_code == 1 and theirs.asked == []
    assert refused.output.startswith(f"kzus-graph: the service {theirs.url} is not asked: its address is not allowed")
    assert "--service" in refused.output
    done = run("query", *options, "-", "--service", theirs.url, text=query)
    assert done.output.splitlines() == ["who,born", "https://w3id.org/kzus/id/fred,1850"]
    # our prefixes need no declaration here, nor there
    assert theirs.asked == [
        "PREFIX kzus: <https://w3id.org/kzus/id/> SELECT * "
        "{ VALUES (?who) { (<https://w3id.org/kzus/id/fred>) }  ?who <http://e/born> ?born }"
    ]


def test_query_goes_on_without_a_service_that_may_fail(options: list[str | Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    query = f"SELECT ?a ?b {{ VALUES ?a {{ 1 }} SERVICE SILENT <{url}> {{ ?b ?c ?d }} }}"
    done = run("query", *options, "-", "--service", url, text=query)
    assert done.stdout.splitlines() == ["a,b", "1,"]
    assert done.stderr == f"kzus-graph: the query to {url} failed; SERVICE SILENT continues without its results\n"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ \\u0053ERVICE <{url}> {{ ?a ?b ?c }} }}",
        'SELECT * {{ FILTER(?a<?b#>"""\n) SERVICE <{url}> {{ ?s ?p ?o }} #""" > 1)\n}}',
        "SELECT * {{ VALUES ?s {{ <{url}> }} SERVICE ?s {{ ?a ?b ?c }} }}",
    ],
    ids=["escaped", "behind a comment", "by a variable"],
)
def test_query_reaches_nothing_in_disguise(options: list[str | Path], theirs: Endpoint, query: str) -> None:
    theirs.asked.clear()
    done = run("query", *options, "-", text=query.format(url=theirs.url))
    assert done.exit_code == 1 and done.output.startswith("kzus-graph: ") and theirs.asked == []


@pytest.mark.parametrize("command", ["query", "serve"])
def test_a_service_that_is_no_address_is_refused(command: str) -> None:
    done = run(command, "--service", "query.wikidata.org")
    assert (
        done.exit_code == 2 and "is not the beginning of an HTTP address; write, for example, https://" in done.output
    )


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("format_", "extension"), [("turtle", "ttl"), ("nquads", "nq"), ("jsonld", "jsonld")])
def test_dump_writes_the_bytes_of_the_release(
    options: list[str | Path], small_release: Path, layer: str, format_: str, extension: str
) -> None:
    done = run("dump", *options, "--format", format_, "--layer", layer)
    assert done.stdout_bytes == (small_release / "dumps" / f"{NAME}-{layer}.{extension}").read_bytes()


def test_check_of_good_facts_says_so_and_exits_0(small_root: Path) -> None:
    done = run("check", "--root", small_root)
    assert done.exit_code == 0, done.output
    assert ": 0 violations, 0 unexplained warnings" in done.output


def test_check_of_bad_facts_lists_them_as_text_json_and_turtle(small_root: Path) -> None:
    path = small_root / "data" / "gazette.trig"
    path.write_text(path.read_text().replace("dip:role code:role-visitor", "dip:role code:role-participant", 1))
    text, as_json, turtle = (run("check", "--root", small_root, "--format", f) for f in ("text", "json", "turtle"))
    assert {text.exit_code, as_json.exit_code, turtle.exit_code} == {1}
    assert "S11" in text.output
    faults = [fault for fault in json.loads(as_json.stdout) if fault["severity"] == "Violation"]
    assert {(fault["code"], fault["focus"]) for fault in faults} == {
        ("S11", "https://w3id.org/kzus/id/1901-fred-streslau-visit")
    }
    assert "sh:conforms false" in turtle.output


@pytest.mark.slow
def test_check_of_a_users_own_turtle_passes() -> None:
    """Beside the real data, once; the tests that follow take the small root, for speed."""
    done = run("check", "--root", ROOT, FIXTURES / "fictional-pair.ttl")
    assert done.exit_code == 0, done.output


def test_check_of_a_users_own_turtle_reports_only_what_is_theirs(ours: Path, tmp_path: Path) -> None:
    text = (FIXTURES / "fictional-pair.ttl").read_text()
    assert "code:role-visitor" in text
    # the small root has states of the same names, and a label is of one thing
    text = text.replace("Ruritania", "Graustark").replace("Freedonia", "Sylvania")
    mine = tmp_path / "mine.ttl"
    mine.write_text(text.replace("code:role-visitor", "code:role-participant"))
    done = run("check", "--root", ours, mine, "--format", "json")
    assert done.exit_code == 1
    faults = [fault for fault in json.loads(done.stdout) if fault["severity"] == "Violation"]
    assert {fault["code"] for fault in faults} == {"S11"}
    assert all(fault["focus"].startswith("https://example.org/") for fault in faults)


PREFIXES = """
@prefix dip: <https://w3id.org/kzus/ontology#> . @prefix kzus: <https://w3id.org/kzus/id/> .
@prefix shape: <https://w3id.org/kzus/shapes#> . @prefix code: <https://w3id.org/kzus/code/> .
@prefix graph: <https://w3id.org/kzus/graph/> . @prefix source: <https://w3id.org/kzus/source/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("redefined", "dip:Visit rdfs:subClassOf dip:Place . dip:participant a owl:FunctionalProperty .", "our-term"),
        ("contradicted", "kzus:streslau a dip:Person .", "contradiction"),
        ("stolen", "ex:m a dip:Meeting ; dip:hasParticipation kzus:1901-fred-rufus-meeting--rufus .", "S12"),
        ("blank", "ex:m a dip:Meeting ; dip:hasParticipation [ a dip:Participation ] .", "S12"),
        ("in-our-graph.trig", "graph:shapes { shape:S10 sh:deactivated true }", "our-graph"),
        ("in-a-sentence.trig", "source:gazette-1 { ex:e a dip:Visit }", "our-graph"),
        ("literal", 'ex:e a dip:Visit ; dip:begin "2010-02-30"^^<http://www.w3.org/2001/XMLSchema#date> .', "S03"),
    ],
)
def test_check_of_a_users_own_facts_cannot_be_led_astray(
    ours: Path, tmp_path: Path, name: str, facts: str, expected: str
) -> None:
    mine = tmp_path / (name if "." in name else f"{name}.ttl")
    mine.write_text(PREFIXES + facts)
    done = run("check", "--root", ours, mine)
    assert done.exit_code == 1
    assert expected in done.stdout
    assert "Traceback" not in done.output


def test_check_names_file_and_line_of_a_users_own_node(ours: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(f"{PREFIXES}\nex:visit a dip:Visit .\n")
    assert f"{mine}:8: Violation at <https://example.org/visit>" in run("check", "--root", ours, mine).stdout


def test_check_report_of_a_users_own_facts_is_about_them(small_root: Path, tmp_path: Path) -> None:
    entities = small_root / "data" / "entities.trig"
    entities.write_text(entities.read_text().replace(" ; dip:locatedIn kzus:ruritania-country", ""))
    assert "kzus:streslau" in run("check", "--root", small_root, "--format", "turtle").stdout
    mine = tmp_path / "mine.ttl"
    mine.write_text(f"{PREFIXES}\nex:state a dip:Organization .\n")
    printed = run("check", "--root", small_root, mine, "--format", "turtle").stdout
    assert "<https://example.org/state>" in printed
    assert "https://w3id.org/kzus/id/" not in printed


@pytest.mark.slow
def test_check_of_many_faults_prints_so_many_and_says_how_many_more(ours: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(PREFIXES + "\n".join(f"ex:visit-{number} a dip:Visit ." for number in range(300)))
    done = run("check", "--root", ours, mine)
    assert done.stdout.count(": Violation at ") == terminal.SHOWN
    assert "more; --format json prints all of them" in done.stdout


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("queries/checks/odd.rq", b"#+ summary: Odd\nASK { }", "odd.rq: a check must be a SELECT query"),
        ("queries/checks/odd.rq", b"#+ summary: Odd\nSELECT ?this WHERE { ?this a", "odd.rq: error at 2:"),
        ("queries/odd.rq", b"#+ summary: Odd\nSELECT \xff", "odd.rq: not UTF-8 text"),
        ("queries/odd.rq", b"SELECT * { ?s ?p ?o }", "odd.rq: the line '#+ summary: "),
        ("ontology/rules/odd.rq", b"#+ summary: Odd\nSELECT * { }", "odd.rq: a rule must be a CONSTRUCT query"),
        ("ontology/description/counts.rq", b"SELECT * { ?s ?p ?o }", "counts.rq: this query must be a CONSTRUCT query"),
        ("ontology/description/counts.rq", b"ASK { $thing ?p ?o }", "counts.rq: the query must not use $thing"),
        ("data/dataset.ttl", b"", "has no dcat:version"),
    ],
)
def test_odd_file_of_the_root_is_named(small_root: Path, tmp_path: Path, place: str, text: bytes, said: str) -> None:
    (small_root / place).write_bytes(text)
    done = run("build", "--root", small_root, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert said in done.output


def test_unreadable_file_is_named(small_root: Path, tmp_path: Path) -> None:
    path = small_root / "data" / "entities.trig"
    path.unlink()
    path.symlink_to(tmp_path / "out" / "loop")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "loop").symlink_to(path)
    done = run("check", "--root", small_root)
    assert done.exit_code == 1
    assert "entities.trig" in done.output


def test_out_that_is_a_file_is_an_error_that_names_it(small_root: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    done = run("build", "--root", small_root, "--out", tmp_path / "out" / "x")
    assert done.exit_code == 1
    assert f"could not publish a release in {tmp_path / 'out' / 'x'}: Not a directory" in done.output


def test_query_file_that_is_not_text_is_named(options: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_bytes(b"SELECT \xff")
    done = run("query", *options, tmp_path / "q.rq")
    assert done.exit_code == 1
    assert "q.rq: not UTF-8 text" in done.output


def test_check_of_a_users_own_trig_looks_into_its_graphs(ours: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.trig"
    prefixes = "@prefix dip: <https://w3id.org/kzus/ontology#> . @prefix ex: <https://example.org/> ."
    mine.write_text(f"{prefixes}\nex:graph {{ ex:visit a dip:Visit ; dip:nonsense 1 . }}\n")
    done = run("check", "--root", ours, mine)
    assert done.exit_code == 1
    assert "undefined-term" in done.output
    assert "S10" in done.output


def test_check_of_a_file_that_is_not_turtle_names_the_line(ours: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text("@prefix dip: <https://w3id.org/kzus/ontology#> .\ndip:a dip:b\n")
    done = run("check", "--root", ours, mine)
    assert done.exit_code == 1
    assert "mine.ttl, line " in done.output


def test_verify_source_confirms_every_digest_of_the_text() -> None:
    text = SHARED / "source" / "political-cooperation.txt"
    if not text.is_file():
        pytest.skip("the source's text is not part of the project; needs a copy beside the checkout")
    done = run("verify-source", "--root", ROOT, text)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "46 digests confirmed\n")


@pytest.mark.parametrize(
    ("position", "segment"),
    [(0, "0.1"), (30, "1.1"), (524, "1.2"), (1030, "3.1"), (8191, "22.1")],
)
def test_verify_source_names_the_segment_of_a_changed_byte(tmp_path: Path, position: int, segment: str) -> None:
    text = SHARED / "source" / "political-cooperation.txt"
    if not text.is_file():
        pytest.skip("the source's text is not part of the project; needs a copy beside the checkout")
    data = bytearray(text.read_bytes())
    data[position] ^= 0x01
    (tmp_path / "copy.txt").write_bytes(data)
    done = run("verify-source", "--root", ROOT, tmp_path / "copy.txt")
    assert done.exit_code == 1
    assert done.stdout.split() == [f"political-cooperation-{segment}", "political-cooperation"]


@pytest.mark.parametrize(("position", "added"), [(600, b"a few words more "), (600, b"")], ids=["longer", "shorter"])
def test_verify_source_finds_what_follows_a_change_of_length(tmp_path: Path, position: int, added: bytes) -> None:
    text = SHARED / "source" / "political-cooperation.txt"
    if not text.is_file():
        pytest.skip("the source's text is not part of the project; needs a copy beside the checkout")
    data = text.read_bytes()
    (tmp_path / "copy.txt").write_bytes(data[:position] + added + data[position + (0 if added else 7) :])
    done = run("verify-source", "--root", ROOT, tmp_path / "copy.txt")
    assert done.stdout.split() == ["political-cooperation-2.1", "political-cooperation"]


def test_verify_source_of_an_unknown_source_lists_the_known(tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_text("")
    done = run("verify-source", "--root", ROOT, "--source", "herald", tmp_path / "copy.txt")
    assert done.exit_code == 1
    assert "political-cooperation" in done.output


def test_build_elsewhere_than_a_root_says_what_is_missing(tmp_path: Path) -> None:
    done = run("build", "--root", tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "this folder has no ontology/ and data/" in done.output


def test_build_prints_where_the_release_is(small_root: Path, tmp_path: Path) -> None:
    done = run("build", "--root", small_root, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{tmp_path / 'out'}/0.1.0+")
    assert "triples" in done.stdout


def test_closed_standard_output_is_an_error_in_one_line(options: list[str | Path]) -> None:
    command = shlex.join([sys.executable, "-m", "kzus_graph", "query", *map(str, options), "visits"])
    done = subprocess.run(f"{command} >&-", shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "kzus-graph: standard output is closed, so no result can be written; open it\n"
