"""Imports of sound tables: what is written, where, how often, and what hand-made facts keep."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kzus_graph.cli import main
from kzus_graph.pipeline import release
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.tabular import importer
from tests.conftest import ROOT
from tests.tables import CHRONICLE, add_tables, edit, run_import

EXPECTED = (CHRONICLE / "expected.trig").read_bytes()


@pytest.fixture
def root(small_root: Path) -> Path:
    """The small root with the chronicle's tables, not imported."""
    add_tables(small_root)
    return small_root


@pytest.fixture
def made(root: Path) -> Path:
    """The file that an import makes."""
    return root / "data" / "chronicle.trig"


def statements(data: bytes) -> set[ox.Quad]:
    return set(ox.parse(data, format=ox.RdfFormat.TRIG))


def test_rows_become_the_facts_that_a_person_would_write(root: Path, made: Path) -> None:
    done = run_import(root)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{made}: 7 rows, 75 statements (")
    assert done.stdout.endswith("; now run: kzus-graph check\n")
    assert statements(made.read_bytes()) == statements(EXPECTED)


def test_file_says_in_its_first_lines_where_it_comes_from(root: Path, made: Path) -> None:
    run_import(root)
    first, second, *_ = made.read_text().splitlines()
    tables = "tables/chronicle.csv tables/chronicle-participants.csv tables/chronicle.csv-metadata.json"
    assert first.startswith(f"# Made by kzus-graph import of {tables}; sha256 of table and metadata: ")
    assert second.startswith("# Do not edit: change the table and import it again. sha256 of all that follows: ")


def test_imported_row_is_found_with_its_source(root: Path, tmp_path: Path) -> None:
    """Import, build, ask: the way of a row from the spreadsheet to an answer."""
    assert run_import(root).exit_code == 0
    folder = release.build(root, tmp_path / "out")
    question = (
        "SELECT ?visit ?from ?to ?record ?publisher WHERE { GRAPH ?record { ?event dip:destination kzus:streslau }"
        " ?event rdfs:label ?visit ; dip:notBefore ?from ; dip:notAfter ?to ; dip:hasParticipant kzus:rufus ."
        " ?record dcterms:publisher ?publisher }"
    )
    asked = CliRunner().invoke(
        main, ["query", "--root", str(root), "--release", str(folder.parent), "-", "--format", "csv"], input=question
    )
    assert asked.stdout.splitlines() == [
        "visit,from,to,record,publisher",
        '"Visit of Fred to Ruritania, 1902",1902-09-01,1902-09-30,'
        "https://w3id.org/kzus/source/chronicle-2,Court of Ruritania",
    ]


def test_what_was_imported_holds_by_itself(root: Path) -> None:
    run_import(root)
    examined = release.examine(root, only=["chronicle"])
    assert [violation for violation in examined.violations if violation.is_serious] == []


def test_second_import_has_nothing_to_do(root: Path, made: Path) -> None:
    run_import(root)
    before = made.read_bytes(), made.stat().st_mtime_ns
    done = run_import(root)
    assert done.exit_code == 0 and done.stdout.endswith("): the file is already up to date\n")
    assert (made.read_bytes(), made.stat().st_mtime_ns) == before


@pytest.mark.slow
def test_same_table_gives_the_same_bytes_in_every_process(root: Path, made: Path) -> None:
    found = set()
    for seed in ("1", "2"):
        made.unlink(missing_ok=True)
        command = [sys.executable, "-m", "kzus_graph", "import", "--root", str(root)]
        table = root / "data" / "tables" / "chronicle.csv"
        subprocess.run([*command, table], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        found.add(made.read_bytes())
    assert len(found) == 1


def test_each_table_of_a_group_leads_to_the_same_import(root: Path, made: Path) -> None:
    run_import(root)
    done = run_import(root, root / "data" / "tables" / "chronicle-participants.csv")
    assert done.stdout.startswith(f"{made}: 7 rows") and done.stdout.endswith("the file is already up to date\n")


def test_changed_row_changes_its_facts_alone(root: Path, made: Path) -> None:
    run_import(root)
    before = statements(made.read_bytes())
    edit(root / "data" / "tables" / "chronicle.csv", ",private,", ",official,")
    assert run_import(root).exit_code == 0
    after = statements(made.read_bytes())
    assert [quad.object.value for quad in before - after] == ["private"]
    assert [quad.object.value for quad in after - before] == ["official"]


def test_fault_leaves_the_file_of_the_last_import(root: Path, made: Path) -> None:
    run_import(root)
    before = made.read_bytes()
    edit(root / "data" / "tables" / "chronicle.csv", ",private,", ",=private,")
    assert run_import(root).exit_code == 1
    assert made.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"streslau;", b"streslau; "),
        lambda data: data.replace(b"Read for the year.", b'"Read for the year."'),
        lambda data: data + b",,,,,,,,,,\n\n",
        lambda data: data.rstrip(b"\n"),
    ],
    ids=["byte order mark", "CRLF", "blank after a separator", "quotation marks", "empty rows", "no last line end"],
)
def test_what_spreadsheets_do_to_a_table_changes_no_fact(root: Path, made: Path, change) -> None:  # type: ignore[no-untyped-def]
    path = root / "data" / "tables" / "chronicle.csv"
    path.write_bytes(change(path.read_bytes()))
    done = run_import(root)
    assert done.exit_code == 0, done.output
    assert statements(made.read_bytes()) == statements(EXPECTED)


def test_declared_dialect_is_read(root: Path, made: Path) -> None:
    tables = root / "data" / "tables"
    for name in ("chronicle.csv", "chronicle-participants.csv"):
        text = (tables / name).read_text().replace('"Chronicle, item', "Chronicle' item").replace('",', ",")
        lines = [line.replace('"', "").replace(", 190", " 190").replace(",", ";") for line in text.splitlines()]
        # the lists of a table in semicolons are separated by something else
        lines = [line.replace("streslau;rur", "streslau|rur").replace("trade;inv", "trade|inv") for line in lines]
        (tables / name).write_bytes("\n".join(lines).replace("Read for the year.", "Год.").encode("windows-1251"))
    path = tables / "chronicle.csv-metadata.json"
    data = json.loads(path.read_text().replace('"separator": ";"', '"separator": "|"'))
    data["dialect"] = {"delimiter": ";", "encoding": "windows-1251"}
    path.write_text(json.dumps(data))
    done = run_import(root)
    assert done.exit_code == 0, done.output
    assert "kzus:streslau , kzus:ruritania-country" in made.read_text() and '"Год."@en' in made.read_text()


def test_cells_of_each_datatype_become_canonical_literals(root: Path, made: Path) -> None:
    path = root / "data" / "tables" / "chronicle.csv-metadata.json"
    cases = [
        ("integer", "007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "1.50", '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("decimal", "100", '"100"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("boolean", "1", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ({"base": "date", "format": "dd.MM.yyyy"}, "01.05.1902", '"1902-05-01"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("anyURI", "https://example.org/", '"https://example.org/"^^<http://www.w3.org/2001/XMLSchema#anyURI>'),
        ("string", 'a "b" \\c', '"a \\"b\\" \\\\c"'),
    ]  # fmt: skip
    original, table = path.read_text(), (root / "data" / "tables" / "chronicle.csv").read_text()
    for datatype, cell, literal in cases:
        data = json.loads(original)
        column = next(c for c in data["tables"][0]["tableSchema"]["columns"] if c["name"] == "descriptor")
        column["datatype"] = datatype
        del column["lang"]
        path.write_text(json.dumps(data))
        quoted = '"' + cell.replace('"', '""') + '"'
        (root / "data" / "tables" / "chronicle.csv").write_text(table.replace(",private,", f",{quoted},"))
        assert run_import(root).exit_code == 0
        found = [str(q.object) for q in statements(made.read_bytes()) if q.predicate.value.endswith("#descriptor")]
        assert found == [literal]


def test_check_alone_writes_nothing(root: Path, made: Path) -> None:
    done = run_import(root, "--check")
    assert done.exit_code == 0 and done.stdout.endswith("no fault; nothing was written\n")
    assert not made.exists()


def test_output_can_go_elsewhere(root: Path, made: Path, tmp_path: Path) -> None:
    done = run_import(root, "--out", tmp_path / "mine.trig")
    assert done.exit_code == 0 and not made.exists()
    assert statements((tmp_path / "mine.trig").read_bytes()) == statements(EXPECTED)
    assert run_import(root, "--out", "-").stdout_bytes == (tmp_path / "mine.trig").read_bytes()


def test_tables_elsewhere_need_to_be_told_where_to_go(root: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CHRONICLE, tmp_path / "desk"))
    done = run_import(root, folder / "chronicle.csv")
    tables = root / "data" / "tables"
    words = f"kzus-graph: {folder}: tables must be in {tables}; move them there, or use --out\n"
    assert (done.exit_code, done.stderr) == (1, words)
    assert run_import(root, folder / "chronicle.csv", "--out", tmp_path / "mine.trig").exit_code == 0


def test_file_written_by_hand_is_never_replaced(root: Path, made: Path) -> None:
    made.write_text("# mine\n")
    done = run_import(root)
    words = f"kzus-graph: {made}: this file was written by hand; give the table another name, or use --out\n"
    assert (done.exit_code, done.stderr, made.read_text()) == (1, words, "# mine\n")


def test_file_edited_after_its_import_is_not_replaced(root: Path, made: Path) -> None:
    run_import(root)
    edit(made, '"private"', '"secret"')
    done = run_import(root)
    assert done.exit_code == 1 and f"{made}: this file was edited after its import" in done.stderr
    assert '"secret"' in made.read_text()


@pytest.mark.parametrize("name", ["entities", "sources"])
def test_files_of_the_graph_itself_are_no_target(root: Path, name: str) -> None:
    path = root / "data" / ("entities.trig" if name == "entities" else "sources.ttl")
    before = path.read_bytes()
    done = run_import(root, "--out", path)
    assert done.exit_code == 1 and "no import may replace this file of the graph" in done.stderr
    assert path.read_bytes() == before


def test_facts_written_by_hand_stay_and_are_told_of(root: Path, made: Path) -> None:
    entities = root / "data" / "entities.trig"
    edit(entities, "\n}\n", '\nkzus:1902-fred-ruritania-visit rdfs:label "Fred in Ruritania, 1902"@en .\n'
         'kzus:1903-fred-ruritania-visit rdfs:label "Visit of Fred to Ruritania, 1903"@en .\n}\n')  # fmt: skip
    done = run_import(root)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "chronicle.csv, row 3: kzus:1902-fred-ruritania-visit is described by hand in graph:entities"
        " (data/entities.trig); it is not changed, although only the table states: rdfs:label"
        ' "Visit of Fred to Ruritania, 1902"@en',
        "chronicle.csv, row 4: kzus:1903-fred-ruritania-visit is described by hand in graph:entities"
        " (data/entities.trig), with all statements of the table about it",
    ]
    label = PREFIXES["rdfs"] + "label"
    named = {quad.subject.value for quad in statements(made.read_bytes()) if quad.predicate.value == label}
    assert PREFIXES["kzus"] + "1902-fred-ruritania-visit" not in named
    assert PREFIXES["kzus"] + "1902-rufus-freedonia-visit" in named
    assert len(statements(made.read_bytes()) | statements(EXPECTED)) == 75


def test_import_that_cannot_write_leaves_nothing(root: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run_import(root)
    assert (done.exit_code, done.stderr) == (1, "kzus-graph: No space left on device\n")
    assert [path.name for path in (root / "data").iterdir() if "chronicle" in path.name] == []


@pytest.mark.slow
def test_long_table_keeps_to_its_memory(root: Path, tmp_path: Path) -> None:
    """A hundred thousand rows may not take more memory than a few MiB of caches above a thousand."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from bench.tables import write\n"
        "from kzus_graph.cli import main\n"
        "write(Path(sys.argv[2]) / 'data' / 'tables', int(sys.argv[1]))\n"
        "try: main(['import', '--root', sys.argv[2], sys.argv[2] + '/data/tables/chronicle.csv'])\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    peaks = []
    for count in (500, 50_000):
        command = [sys.executable, "-c", script, str(count), str(root)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        said, peak = done.stdout.splitlines()
        assert f": {2 * count:,} rows, {25 * count:,} statements (" in said and "rows/s" in said
        peaks.append(float(peak))
    assert peaks[1] - peaks[0] < 16


def test_progress_is_told_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from kzus_graph.cli.imports import Progress

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = Progress()
    progress("visits.csv", 500, 0.1)
    progress.told = 0.0
    progress("visits.csv", 1000, 0.2)
    assert progress.done(1000).endswith(" rows/s")
    assert capsys.readouterr().err == "\r\033[K  visits.csv: 1,000 rows, 20%\r\033[K"


def test_blocks_are_trig_whatever_the_terms(tmp_path: Path) -> None:
    node, graph = ox.NamedNode("https://w3id.org/kzus/id/a"), ox.NamedNode("https://example.org/g")
    kind = ox.NamedNode(PREFIXES["rdf"] + "type")
    quads = [
        ox.Quad(node, ox.NamedNode("https://example.org/p"), ox.Literal('"\\\n\té\U0001f600'), graph),
        ox.Quad(node, ox.NamedNode("https://example.org/p"), ox.Literal("x", language="en"), graph),
        ox.Quad(node, kind, ox.NamedNode("https://example.org/a(b)"), graph),
        ox.Quad(node, ox.NamedNode("https://example.org/q"), ox.Literal(-5), graph),
        ox.Quad(ox.NamedNode("https://w3id.org/kzus/id/a--b"), kind, kind, graph),
    ]
    prefixes = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in importer.PREFIXES_USED)
    assert statements((prefixes + importer._blocks(quads)).encode()) == set(quads)
