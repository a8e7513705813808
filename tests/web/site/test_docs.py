"""What the docs say is so: every query in them runs, every answer in them is the answer, every link leads somewhere."""

import base64
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.site import docs
from tests import notebook as runner
from tests.answers import ANSWERED
from tests.conformance import servers
from tests.conftest import ROOT

FOLDER = ROOT / "docs"
REMOTE = "http://publications.europa.eu/webapi/rdf/sparql"


def answers(name: str) -> list[tuple[str, str]]:
    return ANSWERED.findall((FOLDER / f"{name}.md").read_text("utf-8"))


def queries(name: str) -> list[str]:
    return re.findall(r"```sparql\n(.*?)```", (FOLDER / f"{name}.md").read_text("utf-8"), re.DOTALL)


ANSWERING = ("tutorial", "data-guide", "linking")
CASES = [(name, number, *pair) for name in ANSWERING for number, pair in enumerate(answers(name), 1)]


class Stranger(BaseHTTPRequestHandler):
    """Another endpoint: it has a name in German for whatever it is asked about."""

    asked: list[str] = []

    def do_GET(self) -> None:  # noqa: N802
        self.answer(urlsplit(self.path).query)

    def do_POST(self) -> None:  # noqa: N802
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, form: str) -> None:
        query = parse_qs(form)["query"][0]
        self.asked.append(query)
        store = ox.Store()
        label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
        for iri in re.findall(r"<(http://eurovoc\.europa\.eu/\d+)>", query):
            number = iri.rpartition("/")[2]
            for language in ("de", "fr"):
                name = ox.Literal(f"{number} ({language})", language=language)
                store.add(ox.Quad(ox.NamedNode(iri), label, name))
        found = store.query(query)
        assert isinstance(found, ox.QuerySolutions)
        body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def client(real_release: Path, stranger: str) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2, services=(stranger,)), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.mark.parametrize(("name", "number", "query", "answer"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_answer_shown_is_the_answer(client: FlaskClient, name: str, number: int, query: str, answer: str) -> None:
    served = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert served.status_code == 200, served.text
    assert served.text.replace("\r\n", "\n") == answer
    assert answer.count("\n") > 1


def test_tutorial_has_ten_steps_with_a_query_each() -> None:
    text = (FOLDER / "tutorial.md").read_text("utf-8")
    assert re.findall(r"^## (\d+)\. ", text, re.MULTILINE) == [str(step) for step in range(1, 11)]
    assert len(queries("tutorial")) == 10 and len(answers("tutorial")) == 9


def test_last_step_asks_two_endpoints(client: FlaskClient, stranger: str) -> None:
    query = queries("tutorial")[-1]
    assert REMOTE in query
    refused = client.get("/sparql", query_string={"query": query})
    assert refused.status_code == 403
    served = client.get(
        "/sparql", query_string={"query": query.replace(REMOTE, stranger)}, headers={"Accept": "text/csv"}
    )
    assert served.status_code == 200, served.text
    assert served.text.split("\r\n")[1:-1] == [
        "disarmament,411 (de)",
        "investment,1488 (de)",
        "nuclear non-proliferation,3454 (de)",
    ]
    assert "VALUES" in Stranger.asked[-1]


@pytest.fixture(scope="module")
def notebook() -> list[dict[str, object]]:
    cells: list[dict[str, object]] = json.loads((FOLDER / "notebook.ipynb").read_text("utf-8"))["cells"]
    return cells


def code(notebook: list[dict[str, object]], *, plots: bool) -> str:
    """The code of a notebook's cells, with or without those that plot."""
    cells = [cell for cell in notebook if cell["cell_type"] == "code"]
    sources = []
    for cell in cells:
        source, metadata = cell["source"], cell["metadata"]
        assert isinstance(source, list) and isinstance(metadata, dict)
        if plots or "plot" not in metadata.get("tags", ()):
            sources.append("".join(source))
    return "\n\n".join(sources)


def run(script: str, release: Path) -> str:
    with servers.ours(release=release.parent) as endpoint:
        address = f"http://127.0.0.1:{endpoint.port}/sparql"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            # pandas writes its tables as wide as a terminal is; a notebook has none
            env={**os.environ, "KZUS_ENDPOINT": address, "MPLBACKEND": "Agg", "COLUMNS": "80"},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_notebook_tables_come_out(real_release: Path, notebook: list[dict[str, object]]) -> None:
    """The cells are run as one Python program, without Jupyter; the cell that plots has a test of its own."""
    pytest.importorskip("pandas")
    script = code(notebook, plots=False) + (
        "\nprint(len(events), set(events['basis']) == {'stated', 'inherited', 'derived'}, events['from'].min().date())"
        "\nprint(pairs.iloc[0]['one'], '|', pairs.iloc[0]['other'], '|', pairs.iloc[0]['events'])"
        "\nprint(len(sources), int(sources['facts'].sum()) > 1000)"
    )
    assert run(script, real_release).splitlines() == [
        "317 True 1991-08-29",
        "Barack Obama | Nursultan Nazarbayev | 12",
        "8 True",
    ]


def test_notebook_plot_has_a_bar_for_each_year(real_release: Path, notebook: list[dict[str, object]]) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed, so the plot was not drawn")
    script = code(notebook, plots=True) + "\nprint([label.get_text() for label in axes.get_xticklabels()])"
    assert run(script, real_release).splitlines()[-1] == str([str(year) for year in range(1991, 2026)])


FRESH = """
import json
from tests import notebook
names = {}
cells = [cell for cell in notebook.cells() if not notebook.is_plot(cell)]
print(json.dumps([notebook.run(cell, names) for cell in cells]))
"""


def test_answers_kept_in_the_notebook_are_those_that_come_out(real_release: Path) -> None:
    """Where they differ: ``python -m tests.notebook ENDPOINT`` stores them anew."""
    pytest.importorskip("pandas")
    fresh = json.loads(run(FRESH, real_release))
    kept = [cell["outputs"] for cell in runner.cells() if not runner.is_plot(cell)]
    wanted = ("text/plain", "text/csv")
    assert [[{kind: one["data"][kind] for kind in wanted} for one in outputs] for outputs in kept] == [
        [{kind: one["data"][kind] for kind in wanted} for one in outputs] for outputs in fresh
    ]
    assert sum(len(outputs) for outputs in kept) == 4


def test_the_page_of_the_notebook_shows_tables_and_the_plot(client: FlaskClient) -> None:
    page = client.get("/docs/notebook").text
    assert page.count("<caption>Answer</caption>") == 4 and "<td>Closure of the Semipalatinsk test site</td>" in page
    (picture,) = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="Plot: Recorded events"', page)
    assert base64.b64decode(picture).startswith(b"\x89PNG\r\n")
    (plot,) = [cell for cell in runner.cells() if runner.is_plot(cell)]
    assert plot["execution_count"] == 4 and plot["outputs"][0]["data"]["image/png"] == picture


def test_every_document_has_a_page_and_a_file(client: FlaskClient) -> None:
    found = docs.documents()
    assert [document.name for document in found][:3] == ["tutorial", "data-guide", "notebook"]
    written = {path.stem for path in FOLDER.iterdir() if path.suffix in docs.SOURCES and path.name != "README.md"}
    assert {document.name for document in found} == written | {"changelog"}
    index = client.get("/docs/").text
    for document in found:
        assert f'href="/docs/{document.name}"' in index
        page = client.get(f"/docs/{document.name}")
        assert page.status_code == 200 and f"<h1>{document.title}</h1>" in unescape(page.text)
        with client.get(f"/docs/{document.path.name}") as file:
            assert file.data == document.path.read_bytes()


def test_every_page_is_in_the_wheel_and_has_a_summary_in_words() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    carried = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for document in docs.documents():
        path = document.path.relative_to(ROOT).as_posix()
        assert path in carried, path
        assert re.fullmatch(r"[A-Z][\w ,.;'’()-]+[.?:]", document.summary), document


def test_every_link_of_the_docs_leads_somewhere(client: FlaskClient) -> None:
    seen = set()
    for document in docs.documents():
        page = client.get(f"/docs/{document.name}").text
        main = page[page.index("<main") : page.index("</main>")]
        for link in map(unescape, re.findall(r'(?:href|src)="([^"]+)"', main)):
            target = urljoin(f"/docs/{document.name}", link)
            if target.startswith("/"):
                seen.add(target)
    assert len(seen) > 20
    for target in sorted(seen):
        with client.get(target, headers={"Accept": "text/html"}, follow_redirects=True) as answer:
            assert answer.status_code == 200, target


def test_a_query_of_the_docs_can_be_run_from_its_page(client: FlaskClient) -> None:
    page = client.get("/docs/tutorial").text
    links = [unescape(link) for link in re.findall(r'href="/query\?query=([^"]+)"', page)]
    assert [unquote(link) for link in links] == queries("tutorial")[:9]


def test_answers_of_the_docs_are_tables_that_lead_to_things(client: FlaskClient) -> None:
    page = client.get("/docs/data-guide").text
    assert '<td><a href="/source/political-cooperation-3.1">source:political-cooperation-3.1</a></td>' in page
    assert page.count("<caption>Answer</caption>") == len(answers("data-guide"))


def test_markdown_cannot_bring_in_markup(tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    words = "<script>alert(1)</script> [x](javascript:alert) ![x](javascript:alert)"
    path.write_text(f'# T\n\n{words}\n\n```sparql\n"><b>\n```\n')
    page = docs.html(path, "/")
    assert "<script>" not in page and '="javascript:' not in page and "<a href" in page and "<b>" not in page


@pytest.mark.parametrize("path", ["/docs/nothing", "/docs/nothing.md", "/docs/.."])
def test_other_pages_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_w3id_rules_keep_the_path() -> None:
    text = (FOLDER / "w3id" / ".htaccess").read_text("utf-8")
    (rule,) = re.findall(r"^RewriteRule (\S+) (\S+) \[(\S+)\]$", text, re.MULTILINE)
    pattern, target, flags = rule
    for path in ("id/astana", "ontology", "source/political-cooperation-3.1", "dumps/kzus-graph-all.ttl", ""):
        found = re.fullmatch(pattern.strip("^$"), path)
        assert found and target.replace("$1", found[1]) == f"https://kzus.example.org/{path}"
    assert {"R=302", "NE", "L"} == set(flags.split(","))


def test_sections_of_a_long_document_are_folded_from_where_they_no_longer_fit() -> None:
    short = '<p>a</p>\n<h2 id="one">One</h2>\n<p>b</p>\n'
    assert docs.folded(short) == short
    long = f'<p>a</p>\n<h2 id="one">One</h2>\n<p>b</p>\n<h2 id="two">A <code>b</code></h2>\n<p>{"c" * docs.WHOLE}</p>\n'
    assert docs.folded(long) == (
        '<p>a</p>\n<h2 id="one">One</h2>\n<p>b</p>\n<details><summary><h2>A <code>b</code></h2></summary>\n'
        f'<div id="two" role="group" aria-label="A b">\n<p>{"c" * docs.WHOLE}</p>\n</div></details>\n'
    )
