"""The page to ask from, its examples, the terms that its editor knows, and the code that it gives away."""

import html
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from rdflib import OWL, RDF, Graph

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.queries import read_examples
from kzus_graph.web.application import create_app
from kzus_graph.web.sparql import editor as query_page
from kzus_graph.web.sparql.examples import GROUPS
from tests.conftest import ROOT
from tests.serving import Served, serving

STATIC = ROOT / "src" / "kzus_graph" / "web" / "static"
HARD = 'SELECT ("""it\'s \\"so\\" `${x}` \\\\ )-" """ AS ?a) ("é ☃" AS ?b) {}'


@pytest.fixture(scope="module")
def served(real_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("query"), "--release", str(real_release.parent), "--workers", "2") as running:
        yield running


def page(served: Served, path: str) -> str:
    status, headers, body = served.get(path, Accept="text/html")
    assert status == 200 and headers["content-type"].startswith("text/html"), path
    return body.decode()


def asked(text: str) -> str:
    """The query in the form of a page."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_the_plain_form_asks_the_endpoint_without_a_script(served: Served) -> None:
    text = page(served, "/query")
    assert re.search(r'<form id="plain" action="/sparql" method="get">', text)
    formats = re.findall(r'<option value="(\w+)"', text)
    assert {"html", "csv", "json", "turtle"} <= set(formats)
    status, headers, body = served.ask(asked(text), format="html", Accept="text/html")
    assert status == 200 and headers["content-type"].startswith("text/html") and b"<tr>" in body


def test_a_hint_stays_with_an_answer_however_often_and_in_whatever_coding_it_is_asked(served: Served) -> None:
    query = "PREFIX dip: <https://w3id.org/kzus/ontology#> SELECT * { ?s a dip:Vist }"
    page(served, "/query")
    for attempt in range(100):
        if "hint" in served.ask(f"{query} # {attempt}")[1]:
            break
        time.sleep(0.05)
    for coding in ("identity", "gzip", "br", "gzip, br", "identity", "gzip"):
        hint = served.ask(query, Accept_Encoding=coding)[1].get("hint")
        assert hint == "dip:Vist is not a term of the ontology; the most similar term is dip:Visit", coding
    assert "hint" not in served.ask(query.replace("Vist", "Visit"))[1]


def test_a_hint_about_a_name_in_other_letters_is_ascii_and_the_answer_is_there(served: Served) -> None:
    page(served, "/query")
    for attempt in range(100):
        query = f"PREFIX dip: <https://w3id.org/kzus/ontology#> ASK {{ ?s a dip:Визит }} # {attempt}"
        status, headers, body = served.ask(query)
        assert (status, body) == (200, b'{"head":{},"boolean":false}')
        if "hint" in headers:
            break
        time.sleep(0.05)
    assert headers["hint"] == "dip:%D0%92%D0%B8%D0%B7%D0%B8%D1%82 is not a term of the ontology"
    assert served.ask(query)[1]["hint"] == headers["hint"], "kept, it still has it"


def test_every_question_of_the_release_is_listed(served: Served) -> None:
    text = page(served, "/query")
    listed = {
        name: html.unescape(words)
        for name, words in re.findall(r'<li><a href="/query\?example=([\w-]+)">(.*?)</a>', text)
    }
    questions = {query.name: query.summary for query in read_examples(ROOT / "queries")}
    assert listed == questions and len(questions) > 100


def test_questions_are_grouped_by_what_they_ask_about(served: Served) -> None:
    queries = read_examples(ROOT / "queries")
    odd = {query.name: query.headers.get("group") for query in queries if query.headers.get("group") not in GROUPS}
    assert not odd, "a question says '#+ group: …', one of the groups in web/sparql/examples.py"
    text = page(served, "/query?example=timeline")
    group = r'<details class="group"( open)?>\n<summary><h3>(.*?)</h3>.*?>(\d+)<(.*?)</details>'
    parts = re.findall(group, text, re.DOTALL)
    assert [html.unescape(group) for _, group, _, _ in parts] == list(GROUPS)
    assert all(int(number) == body.count("<li>") for _, _, number, body in parts)
    assert [group for open_, group, _, body in parts if open_] == ["Dates and order"]
    assert sum(int(number) for _, _, number, _ in parts) == len(queries)


@pytest.mark.parametrize("name", ["official-visits", "did-obama-visit-kazakhstan", "digests-of-sentences"])
def test_an_example_has_its_page_and_runs_as_it_is_shown(served: Served, name: str) -> None:
    text = page(served, f"/query?example={name}")
    query = next(query for query in read_examples(ROOT / "queries") if query.name == name)
    assert f"<h1>{html.escape(query.summary, quote=False)}</h1>" in html.unescape(text).replace("&", "&amp;")
    assert asked(text).startswith(f"# {query.summary}\n") and 'data-runs="yes"' in text
    assert served.ask(asked(text), format="csv")[2] == served.ask(query.text, format="csv")[2]


def test_a_link_brings_its_query_back_and_nothing_else(served: Served) -> None:
    query = 'ASK { ?s ?p "</textarea><script>alert(1)</script>" }\n# ä'
    text = page(served, f"/query?query={quote(query)}&view=timeline")
    assert asked(text) == query and "<script>alert" not in text and 'data-view="timeline"' in text
    assert served.get(f"/query?query={'x' * (query_page.LONGEST + 1)}")[0] in (414, 431)


def test_an_unknown_example_is_a_problem(served: Served) -> None:
    for path in ("/query?example=no-such-question", "/query/no-such-question", "/answers/no-such-question.csv"):
        status, headers, body = served.get(path, Accept="application/json")
        assert (status, headers["content-type"]) == (404, "application/problem+json"), path
        assert "/questions" in json.loads(body)["detail"] or path.startswith("/query/")


def test_terms_are_all_of_ours_and_all_in_use(served: Served) -> None:
    known = json.loads(served.get("/terms.json")[2])
    assert known["base"] == BASE and known["prefixes"] == PREFIXES
    terms = {term["term"]: term for term in known["terms"]}
    _, _, body = served.ask("SELECT DISTINCT ?p { ?s ?p ?o }", format="csv")
    assert set(body.decode().split()[1:]) <= set(terms)
    visit = terms[PREFIXES["dip"] + "Visit"]
    assert visit["kind"] == "class" and visit["label"] == "Visit" and visit["definition"].startswith("A ")
    ours = {iri for iri in terms if iri.startswith(PREFIXES["dip"])}
    ontology = Graph().parse(ROOT / "ontology" / "dip.ttl")
    declared = {
        str(term)
        for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
        for term in ontology.subjects(RDF.type, kind)
        if str(term).startswith(PREFIXES["dip"])
    }
    assert declared <= ours and len(declared) > 100
    assert known["things"]["id/astana"] == "Astana" and known["things"]["topic/security"] == "security"
    assert set(known["positions"]) <= {BASE + path for path in known["things"]}


@pytest.mark.parametrize("built", [True, False])
def test_a_copy_without_the_editor_says_so_and_still_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, real_release: Path, built: bool
) -> None:
    editor = tmp_path / "yasgui.min.js"
    if built:
        editor.touch()
    monkeypatch.setattr(query_page, "EDITOR", editor)
    releases = Releases(Limits(workers=1), files=[real_release / "store"])
    try:
        text = create_app(releases).test_client().get("/query").get_data(as_text=True)
    finally:
        releases.close()
    assert ("yasgui.min.js" in text) == built == ("installed without the editor" not in text)
    assert 'action="/sparql"' in text


def test_scripts_name_no_other_host() -> None:
    for script in STATIC.glob("*.js"):
        addresses = set(re.findall(r"https?://[\w./#-]+", script.read_text()))
        assert addresses <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/2001/XMLSchema#",
            "http://www.w3.org/2000/01/rdf-schema#label",
            "http://www.w3.org/2004/02/skos/core#prefLabel",
        }, script.name


def written(language: str, endpoint: str, query: str, graph: bool = False) -> str:
    """The code that the page would show."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is needed to run what the page would run")
    call = f"import {{ code }} from {json.dumps(str(STATIC / 'query-code.js'))};"
    call += f"console.log(code(...{json.dumps([language, endpoint, query, graph])}));"
    ran = subprocess.run(
        [node, "--input-type=module", "-e", call], capture_output=True, text=True, check=True, timeout=30
    )
    return ran.stdout


def run(*command: str, text: str = "") -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=30).stdout


def test_copied_curl_runs(served: Served) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is needed")
    assert run("bash", text=written("curl", served.sparql, HARD)) == served.ask(HARD, format="csv")[2].decode().replace(
        "\r", ""
    )


def test_copied_python_runs(served: Served) -> None:
    (row,) = json.loads(served.ask(HARD, format="json")[2])["results"]["bindings"]
    said = run(sys.executable, "-", text=written("python", served.sparql, HARD))
    assert said == f"{ {name: term['value'] for name, term in row.items()} }\n"
    assert run(sys.executable, "-", text=written("python", served.sparql, "ASK { ?s ?p ?o }")) == "True\n"
    turtle = run(
        sys.executable, "-", text=written("python", served.sparql, "DESCRIBE <https://w3id.org/kzus/id/astana>", True)
    )
    assert 'rdfs:label "Astana"@en' in turtle


def test_copied_javascript_runs(served: Served) -> None:
    code = written("javascript", served.sparql, HARD)
    assert json.loads(run("node", "--input-type=module", "-", text=code)) == json.loads(
        served.ask(HARD, format="json")[2]
    )


def test_copied_r_holds_the_query_whole(served: Served) -> None:
    code = written("r", served.sparql, HARD)
    found = re.search(r'r"(-*)\(\n(.*)\n\)\1"', code, re.DOTALL)
    assert found and found[2] == HARD and f'){found[1]}"' not in HARD
