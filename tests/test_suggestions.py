"""Links that may hold are found in a data set of somebody else's shape, and never written into ours."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kzus_graph import links
from kzus_graph.cli import main
from kzus_graph.forms import Named
from kzus_graph.matching import Names
from kzus_graph.suggestions import A_PAGE, Foreign, suggested
from tests.conformance import servers
from tests.conftest import FIXTURES, ROOT

OTHERS = FIXTURES / "others.ttl"
THERE = "https://things.example/entity/"
RIGHT = {
    ("id/nursultan-nazarbayev", "Q1"), ("id/barack-obama", "Q2"), ("id/semey", "Q3"),
    ("id/2010-nuclear-security-summit", "Q4"), ("id/2012-nuclear-security-summit", "Q5"), ("id/general-electric", "Q6"),
}  # fmt: skip


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The other data set behind an endpoint: our own server with its file."""
    with servers.ours([OTHERS]) as endpoint:
        yield f"http://127.0.0.1:{endpoint.port}/sparql"


def suggest(real_release: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["links", "suggest", "--root", str(ROOT), "--release", str(real_release.parent), *arguments]
    )


def pairs(run: Result, folder: Path) -> dict[tuple[str, str], links.Mapping]:
    assert run.exit_code == 0, run.stderr
    path = folder / "maybe.sssom.tsv"
    path.write_text(run.stdout, "utf-8")
    return {
        (str(one.subject).removeprefix("https://w3id.org/kzus/"), str(one.object).removeprefix(THERE)): one
        for one in links.read(path)
    }


def test_candidates_of_a_file_are_found_and_decoys_are_not(real_release: Path, tmp_path: Path) -> None:
    found = pairs(suggest(real_release, "--file", str(OTHERS)), tmp_path)
    assert set(found) == RIGHT
    assert all(one.predicate.endswith("exactMatch") and one.comment.startswith("called ") for one in found.values())
    assert all(0.7 <= float(one.confidence) <= 1 for one in found.values())
    kinds = {pair[1]: str(one.justification).rpartition("/")[2] for pair, one in found.items()}
    assert {item for item, kind in kinds.items() if kind == "CompositeMatching"} == {"Q1", "Q4", "Q5"}
    assert {item for item, kind in kinds.items() if kind == "LexicalMatching"} == {"Q2", "Q3", "Q6"}


def test_an_endpoint_gives_what_its_file_gives(real_release: Path, elsewhere: str, tmp_path: Path) -> None:
    by_file = pairs(suggest(real_release, "--file", str(OTHERS)), tmp_path)
    run = suggest(real_release, "--endpoint", elsewhere)
    assert {pair: one.confidence for pair, one in pairs(run, tmp_path).items()} == {
        pair: one.confidence for pair, one in by_file.items()
    }
    assert "things came" in run.stderr and "6 suggestions" in run.stderr


def test_a_class_and_a_number_narrow_what_is_looked_at(real_release: Path, elsewhere: str, tmp_path: Path) -> None:
    for class_, item in (("http://xmlns.com/foaf/0.1/Person", "Q1"), (f"{THERE}Q901", "Q3")):
        found = pairs(suggest(real_release, "--endpoint", elsewhere, "--class", class_), tmp_path)
        assert {pair[1] for pair in found} == {item}
    few = pairs(suggest(real_release, "--file", str(OTHERS), "--most", "3"), tmp_path)
    assert 0 < len(few) < len(RIGHT)


def test_less_certain_ones_come_when_asked_for(real_release: Path, tmp_path: Path) -> None:
    found = pairs(suggest(real_release, "--file", str(OTHERS), "--least", "0.3"), tmp_path)
    assert set(found) > RIGHT
    page = found["id/barack-obama", "Q50"]
    assert float(page.confidence) < 0.7 and "of another kind" in page.comment
    assert not any(pair[1] in {"Q51", "Q53", "Q55"} for pair in found)


def test_the_sssom_package_finds_the_suggestions_valid(real_release: Path, tmp_path: Path) -> None:
    program = shutil.which("sssom", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("the sssom package is not installed")
    pairs(suggest(real_release, "--file", str(OTHERS)), tmp_path)
    table = tmp_path / "maybe.sssom.tsv"
    done = subprocess.run([program, "validate", table], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_nothing_is_written_into_the_data(real_release: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (ROOT / "data").rglob("*")}
    assert suggest(real_release, "--file", str(OTHERS)).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (ROOT / "data").rglob("*")} == before


def test_things_are_fetched_page_by_page(tmp_path: Path, real_release: Path) -> None:
    path = tmp_path / "many.nt"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    count = 2 * A_PAGE + 7
    lines = [f'<https://things.example/entity/n{number:05}> {label} "Xyzzyq{number}" .\n' for number in range(count)]
    path.write_text("".join(lines) + f'<https://things.example/entity/z> {label} "Nursultan Nazarbayev"@en .\n')
    with servers.ours([path]) as endpoint:
        run = suggest(real_release, "--endpoint", f"http://127.0.0.1:{endpoint.port}/sparql")
    assert run.stderr.splitlines()[:3] == ["  1,000 things came", "  2,000 things came", "  2,008 things came"]
    ((thing, _),) = pairs(run, tmp_path)
    assert thing == "id/nursultan-nazarbayev"


def test_dates_decide_between_namesakes() -> None:
    ours = Names([Named("a", ("Summit",), ("k",), ("2010-04-12", "2010-04-13"))])
    same = Foreign("x", {"Summit"}, set(), {"2010-04-12"})
    other = Foreign("y", {"Summit"}, set(), {"2016-03-31"})
    found = {one.theirs: one.confidence for one in suggested(ours, [same, other], set(), 0)}
    assert found["x"] == 1.0 and found["y"] == 0.5
    assert list(suggested(ours, [same], {"x"}, 0)) == []


# Data sets that are not as they should be


class Broken(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        bodies = {
            "/html": ("text/html", b"<html>"),
            "/half": ("application/sparql-results+json", b'{"head": {"vars": ["thing"]}, "results": {"bindings": ['),
            "/ask": ("application/sparql-results+json", b'{"head": {}, "boolean": true}'),
        }
        if self.path == "/slow":
            time.sleep(2)
        if self.path not in bodies:
            self.send_error(503 if self.path == "/busy" else 404)
            return
        kind, body = bodies[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/html", "answered with text/html in place of application/sparql-results"),
        ("/half", "answered with broken results"),
        ("/ask", "answered with broken results"),
        ("/busy", "refused with status 503"),
        ("/nothing", "refused with status 404; is it a SPARQL endpoint?"),
        ("/slow", "gave no answer: timed out; try --class"),
    ],
)
def test_an_endpoint_that_fails_is_named(real_release: Path, broken: str, path: str, message: str) -> None:
    run = suggest(real_release, "--endpoint", broken + path, "--seconds", "0.5")
    assert run.exit_code == 1 and message in run.stderr and run.stdout == ""


def test_what_is_no_address_class_or_file_is_refused(real_release: Path, tmp_path: Path) -> None:
    run = suggest(real_release, "--endpoint", "file:///etc/passwd")
    assert run.exit_code == 1 and "no address of an endpoint" in run.stderr
    run = suggest(real_release, "--file", str(OTHERS), "--class", "> } #")
    assert run.exit_code == 1 and "no IRI of a class" in run.stderr
    assert suggest(real_release).exit_code == 2
    bad = tmp_path / "bad.ttl"
    bad.write_text("no turtle")
    run = suggest(real_release, "--file", str(bad))
    assert run.exit_code == 1 and "bad.ttl, line 1" in run.stderr
