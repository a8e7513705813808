"""RDF 1.2 from strangers: triple terms and directions of text where our pages and commands expect none."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kzus_graph.cli import main
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf import turtle
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.web.application import create_app
from kzus_graph.web.site.sitemap import every_path

NEWER = """VERSION "1.2"
PREFIX : <https://example.org/mine/>
PREFIX dip: <https://w3id.org/kzus/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
:visit a dip:Visit ; rdfs:label "زيارة"@ar--rtl {| :said :me ; :when [ rdfs:label "x" ] |} .
<< :visit dip:begin "2010" >> :doubt "yes" .
:b :c <<( _:x :c <<( :a :b "n"@he--rtl )>> )>> .
"""


def run(*arguments: str | Path, text: str | None = None) -> Result:
    wide = CliRunner(env={"COLUMNS": "300"})
    return wide.invoke(main, [str(argument) for argument in arguments], input=text, catch_exceptions=False)


@pytest.fixture
def options(small_release: Path) -> list[str | Path]:
    return ["--root", small_release.parent.parent / "root", "--release", small_release.parent]


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    path = tmp_path / "newer.ttl"
    path.write_text(NEWER)
    return path


def test_check_says_what_it_could_not_judge(small_root: Path, newer: Path) -> None:
    done = run("check", "--root", small_root, newer, "--format", "json")
    assert done.exit_code == 1
    remarks = [found for found in json.loads(done.stdout) if found["code"] == "rdf-1.2"]
    assert {found["severity"] for found in remarks} == {"Info"}
    said = {(found["focus"].rpartition("/")[2], found["message"]) for found in remarks}
    assert (
        "visit",
        "rdfs:label has a literal with a base direction, which only RDF 1.2 allows: the direction is not checked.",
    ) in said
    assert (
        "b",
        "<https://example.org/mine/c> has a triple term, which only RDF 1.2 allows: the statement is not checked.",
    ) in said
    assert Counter(message.partition(" has ")[0] for _, message in said) == {
        "rdfs:label": 1, "<https://example.org/mine/c>": 1, "rdf:reifies": 2,
    }  # fmt: skip
    # What RDF 1.1 has of the text is checked: it is no English label.
    faults = {found["code"] for found in json.loads(done.stdout) if found["focus"].endswith("/mine/visit")}
    assert "S01" in faults


@pytest.mark.parametrize(
    ("said", "what"),
    [('"x"@en--ltr', "a literal with a base direction"), ("<<( <a:b> <a:b> <a:b> )>>", "a triple term")],
)
def test_what_a_release_cannot_keep_is_refused_with_its_place(small_root: Path, said: str, what: str) -> None:
    path = small_root / "data" / "entities.trig"
    path.write_text(f"{path.read_text()}\nGRAPH <{GRAPH.entities}> {{ <https://e.org/x> <https://e.org/p> {said} }}\n")
    done = run("build", "--root", small_root, "--out", small_root / "out")
    assert done.exit_code == 1
    line = f"{path}: <https://e.org/x> <https://e.org/p> has {what}, which RDF 1.2 added; only RDF 1.1 is supported"
    assert line in done.stderr


def test_labels_within_triple_terms_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text("_:x <a:b> <<( _:x <a:b> <<( _:x <a:b> _:y )>> )>> .\n<a:b> <a:b> _:y .\n")
    first, second = turtle.parse(path), turtle.parse(path)
    assert set(first) == set(second)
    labels = {term.value for term in blank(first)}
    assert len(labels) == 2 and all(label.startswith("a") for label in labels)


def blank(said: list) -> Iterator[ox.BlankNode]:
    for triple in said:
        for term in (triple.subject, triple.object):
            if isinstance(term, ox.Triple):
                yield from blank([term])
            elif isinstance(term, ox.BlankNode):
                yield term


WORDS = "a\\u001B[31mb\\rc\\u202Ed"
ROWS = f"""SELECT ?triple ?text ?hostile {{ VALUES (?triple ?text ?hostile) {{
  (<<( <https://w3id.org/kzus/id/a,b> <http://e/p> <<( <a:b> <a:c> "x" )>> )>> "نور"@ar--rtl "{WORDS}") }} }}"""


def test_a_table_shows_every_term_and_obeys_none(options: list[str | Path]) -> None:
    done = run("query", *options, "-", "--format", "table", text=ROWS)
    triple = '<<( <https://w3id.org/kzus/id/a,b> <http://e/p> <<( <a:b> <a:c> "x" )>> )>>'
    assert done.exit_code == 0
    assert f"│ {triple} │ نور  │ aU+001B[31mbU+000DcU+202Ed │" in done.output


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml"])
def test_rows_are_printed_as_the_endpoint_writes_them(options: list[str | Path], form: str) -> None:
    done = run("query", *options, "-", "--format", form, text=ROWS)
    if form == "xml":
        assert done.exit_code == 1
        assert done.stderr == "kzus-graph: XML can't hold the character U+001B of the answer; json, csv or tsv can\n"
        return
    assert done.exit_code == 0
    if form == "csv":
        assert done.stdout_bytes.startswith(b'triple,text,hostile\r\n"<<( <https://w3id.org/kzus/id/a,b> ')
    elif form == "json":
        (row,) = ox.parse_query_results(io.BytesIO(done.stdout_bytes), format=ox.QueryResultsFormat.JSON)
        assert row["text"] == ox.Literal("نور", language="ar", direction=ox.BaseDirection.RTL)


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_triples_are_printed_or_refused(options: list[str | Path], form: str) -> None:
    query = "CONSTRUCT { <a:b> <a:c> <<( <a:b> <a:c> 'x'@ar--rtl )>> } WHERE {}"
    done = run("query", *options, "-", "--format", form, text=query)
    if form == "jsonld":
        assert done.exit_code == 1 and done.stderr.startswith("kzus-graph: JSON-LD can't hold the triple term <<(")
    else:
        engine = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML}[
            form
        ]
        (quad,) = ox.parse(done.stdout_bytes, format=engine)
        assert str(quad.object) == '<a:b> <a:c> "x"@ar--rtl'


def test_links_are_suggested_past_what_is_no_name(options: list[str | Path], tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.ttl"
    theirs.write_text(
        """PREFIX : <https://e.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        :a rdfs:label <<( :a :b :c )>> , "Fred Streslau"@ar--rtl {| :by :me |} ; :birth <<( :a :b :c )>> ."""
    )
    done = run("links", "suggest", *options, "--file", theirs)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def releases(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """The small release, in which every property of every thing has a triple term and a direction as well."""
    quads = list(ox.parse(path=small_release / "dumps" / "kzus-graph-all.nq", format=ox.RdfFormat.N_QUADS))
    words = ox.Literal("\x01\r\ufffe<&", language="ar", direction=ox.BaseDirection.RTL)
    triple = ox.Triple(ox.NamedNode("https://w3id.org/kzus/id/a"), ox.NamedNode("http://e/p"), words)
    more = {ox.Quad(quad.subject, quad.predicate, said, quad.graph_name) for quad in quads for said in (triple, words)}
    path = tmp_path_factory.mktemp("newer") / "newer.nq"
    path.write_bytes(ox.serialize([*quads, *sorted(more, key=str)], format=ox.RdfFormat.N_QUADS) or b"")
    found = Releases(Limits(workers=2), files=[path])
    try:
        yield found
    finally:
        found.close()


PAGES = (
    "/", "/years", "/topics", "/sources", "/search?q=visit", "/query", "/dumps/", "/.well-known/void", "/prefixes",
    f"/reconcile?queries={quote(json.dumps({'q': {'query': 'Streslau'}}))}", "/slices/class/Event.csv",
    "/slices/class/Event.ttl", "/slices/class/Event.rdf", "/slices/class/Event.jsonld", "/slices/years/1901.ttl",
    "/lookup?uri=http://www.wikidata.org/entity/Q232", "/sitemap.xml",
)  # fmt: skip

DATA = ("text/turtle", "application/rdf+xml", "application/ld+json")


def test_no_page_and_no_document_breaks(releases: Releases) -> None:
    client = create_app(releases).test_client()
    statuses: Counter[tuple[str, int]] = Counter()
    for number, path in enumerate([*PAGES, *every_path(releases.current)]):
        # Documents are written alike for all things; so some are enough.
        for accept in ("text/html", *(DATA if number % 7 == 0 or path in PAGES else ())):
            with client.get(path, headers={"Accept": accept}, follow_redirects=True) as answer:
                body = answer.get_data()
            assert answer.status_code in (200, 400, 404, 406), (path, accept, body[:300])
            if answer.status_code == 406 and accept != "text/html":
                detail = json.loads(body)["detail"]
                assert "can't hold" in detail or detail.startswith("The Accept header excludes"), (path, detail)
            statuses[accept, answer.status_code] += 1
    assert statuses["text/html", 200] > 300 and statuses["text/turtle", 200] > 40
    assert statuses["application/rdf+xml", 406] > 30 and statuses["application/ld+json", 406] > 30
