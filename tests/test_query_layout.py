"""How the query page lays out a query, and what it expects at a place of one: asked of the scripts, by Node."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kzus_graph.engine.tokens import tokens
from tests.conftest import ROOT

STATIC = ROOT / "src" / "kzus_graph" / "web" / "static"
QUERIES = sorted((ROOT / "queries").rglob("*.rq"))
HARD = [
    "PREFIX a: <b:c#> SELECT ?x (COUNT(DISTINCT ?b) AS ?n) WHERE{?x a a:V;a:p ?d.#why\n"
    'OPTIONAL{?x a:q """\n.\n {; # """ ; '
    "a:r '}' . ?t a:s 5.}FILTER(?d>\"1\"^^a:int&&?x<5)VALUES (?p ?q){(1 2)(3 4)}"
    "{SELECT ?z{?z ?y 5.5}LIMIT 3}}GROUP BY ?x",
    "ASK{?s ?p<b:c>,?o}",
    "CONSTRUCT{?s ?p ?o}WHERE{?s ?p ?o#c\n}#d",
    "SELECT*{<< ?s ?p ?o >> a:q ?r . ?a (b:c|^b:d)+/b:e [ b:f 1 ; b:g 2 ] FILTER NOT EXISTS{?a b:c ?d}}",
    "\r\n#+ view: map\r\n\r\n\r\n\r\nDESCRIBE a:b\r\n",
]
COMMENT = re.compile(r"^ *(#[^\r\n]*)", re.M)
SPOTS = {
    "SELECT * { ?x a vis": ["words", "vis", "class", False],
    "SELECT * { ?x a a:V ; has top": ["words", "has top", "property", False],
    "SELECT * { ?x a:p obama vi": ["words", "obama vi", "thing", False],
    "SELECT * { ?x a:p a:q , oba": ["words", "oba", "thing", False],
    "SELECT * { ?x a a:q , oba": ["words", "oba", "class", False],
    "SELECT * { ?x a:p/has": ["words", "has", "property", False],
    "SELECT * { ?x (has": ["words", "has", "property", False],
    "SELECT * { [] has": ["words", "has", "property", False],
    "SELECT * { FILTER(?x = oba": ["words", "oba", "thing", False],
    "SELECT * { FILTER(?x) oba": ["words", "oba", "thing", False],
    "SELECT * { VALUES ?x { oba": ["words", "oba", "thing", False],
    "SELECT * { ?x a a:V ; not bef": ["words", "not bef", "property", False],
    "DESCRIBE alma-ata": ["words", "alma-ata", "thing", False],
    "SELECT * { OPTIO": ["words", "OPTIO", "thing", True],
    "select": ["words", "select", "thing", True],
    "SELECT * { ?x a:p k:oba": ["name", "k:oba", "thing", False],
    "SELECT * { ?x a:p <htt": ["iri", "<htt", "thing", False],
    "SELECT * { ?x ": ["none", "", "property", False],
    'SELECT * { ?x a:p "oba': None,
    "SELECT * { ?x a:p 'oba": None,
    'SELECT * { ?x a:p """o\nba': None,
    'SELECT * { ?x a:p "oba"': None,
    "SELECT * { # oba": None,
    "SELECT * { ?oba": None,
    "PREFIX oba:": None,
}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict:
    if not shutil.which("node"):
        pytest.skip("node, which runs the scripts without a browser, is not installed")
    folder = tmp_path_factory.mktemp("layout")
    for path in (*STATIC.glob("query-*.js"), Path(__file__).parent / "node" / "layout.mjs"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    asked = {"queries": [*(path.read_text() for path in QUERIES), *HARD], "spots": list(SPOTS)}
    (folder / "asked.json").write_text(json.dumps(asked))
    done = subprocess.run(["node", "layout.mjs"], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_a_layout_keeps_every_token_and_comment(answer: dict) -> None:
    texts = [*(path.read_text() for path in QUERIES), *HARD]
    assert len(answer["laid"]) == len(texts) > 300
    for before, after in zip(texts, answer["laid"], strict=True):
        assert [token[:2] for token in kinds(after)] == [token[:2] for token in kinds(before)]
        assert COMMENT.findall(after) == COMMENT.findall(before)
    hard = "\n".join(answer["laid"][len(QUERIES) :])
    assert all(comment in hard for comment in ("#why\n", "#c\n", "#d\n", "#+ view: map\n"))


def kinds(text: str) -> list[tuple[str, str]]:
    """The tokens of a query as the server splits it."""
    return [(token.kind, token.text) for token in tokens(text)]


def test_a_layout_is_laid_out_already(answer: dict) -> None:
    assert answer["again"] == answer["laid"]


def test_each_pattern_and_clause_has_a_line(answer: dict) -> None:
    first = answer["laid"][len(QUERIES)]
    assert first == (
        "PREFIX a: <b:c#>\nSELECT ?x (COUNT(DISTINCT ?b) AS ?n) WHERE {\n  ?x a a:V ; a:p ?d . #why\n"
        '  OPTIONAL { ?x a:q """\n.\n {; # """ ; a:r \'}\' . ?t a:s 5 . }\n  FILTER(?d>"1"^^a:int&&?x<5)\n'
        "  VALUES (?p ?q) { (1 2)(3 4) }\n  {\n    SELECT ?z { ?z ?y 5.5 }\n    LIMIT 3\n  }\n}\nGROUP BY ?x\n"
    )


def test_what_is_being_written_is_known(answer: dict) -> None:
    assert dict(zip(SPOTS, answer["spots"], strict=True)) == SPOTS
