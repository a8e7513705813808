"""Every address of the real release: no link is broken, documents say what DESCRIBE says, pages say the same."""

import re
import subprocess
import sys
from contextlib import closing
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.web import copier, static_export
from kzus_graph.web.application import create_app
from kzus_graph.web.linked_data.dereference import SPACES
from kzus_graph.web.view import responses
from tests.conftest import ROOT
from tests.file_server import file_server

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
DOCUMENTS = ("ontology", "shapes", "dataset")


@pytest.fixture(scope="module")
def spoken(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small release as files, in all languages."""
    folder = tmp_path_factory.mktemp("copies") / "copy"
    assert static_export.export(small_release.parent, folder) > 2000
    return folder


@pytest.fixture(scope="module")
def store(real_release: Path) -> ox.Store:
    return ox.Store.read_only(str(real_release / "store"))


class Facts(HTMLParser):
    """Gathers the facts that a page states of its thing in attributes (RDFa: property, resource, content)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, ox.NamedNode | ox.Literal]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("property")
        # what is said of the page, for those who link to it, is no fact about the thing
        if not name or name.startswith("og:"):
            return
        if "resource" in said:
            value: ox.NamedNode | ox.Literal = ox.NamedNode(said["resource"] or "")
        elif "lang" in said:
            value = ox.Literal(said["content"] or "", language=said["lang"])
        else:
            value = ox.Literal(said["content"] or "", datatype=ox.NamedNode(said.get("datatype") or XSD_STRING))
        self.found.add((name, value))


def things(store: ox.Store) -> list[str]:
    """The paths of all things of ours that the merge describes, other than terms with a hash."""
    found = store.query(f'SELECT DISTINCT ?s {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}")) }}')
    assert isinstance(found, ox.QuerySolutions)
    return sorted(row["s"].value.removeprefix(BASE) for row in found if "#" not in row["s"].value)


def described(store: ox.Store, path: str) -> set[ox.Triple]:
    found = store.query(f"DESCRIBE <{BASE}{path}>")
    assert isinstance(found, ox.QueryTriples)
    return set(found)


def test_each_iri_has_a_file_in_the_static_copy(exported: Path, real_release: Path) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    every = {term for quad in store for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)}
    ours = {term.value for term in every if isinstance(term, ox.NamedNode) and term.value.startswith(BASE)}
    paths = {iri.removeprefix(BASE).partition("#")[0] for iri in ours}
    assert len(paths) > 700
    missing = [path for path in paths if not any((exported / path / name).is_file() for name in ("", "index.html"))]
    assert not missing


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf"])
def test_documents_say_what_describe_says(exported: Path, store: ox.Store, suffix: str) -> None:
    form = ox.RdfFormat.from_extension(suffix)
    assert form is not None
    whole = ("ontology", "shapes", "dataset")
    paths = [path for path in things(store) if path.startswith(SPACES) and path not in whole]
    assert len(paths) > 500
    wrong = []
    for path in paths:
        if path in ("ontology/alignment",):
            continue
        said = {quad.triple for quad in ox.parse((exported / "data" / f"{path}.{suffix}").read_bytes(), form)}
        if said != described(store, path):
            wrong.append(path)
    assert not wrong


@pytest.mark.parametrize(("path", "graph"), [("ontology", GRAPH.ontology), ("shapes", GRAPH.shapes)])
def test_documents_of_terms_hold_their_graph(exported: Path, store: ox.Store, path: str, graph: str) -> None:
    said = ox.Dataset(ox.parse((exported / "data" / f"{path}.ttl").read_bytes(), ox.RdfFormat.TURTLE))
    held = ox.Dataset(ox.Quad(*quad.triple) for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
    said.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    held.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert said == held
    assert len(held) > 1000


def test_pages_carry_the_same_facts(exported: Path, store: ox.Store) -> None:
    wrong = {}
    for path in things(store):
        if path in DOCUMENTS or path == "ontology/alignment":
            continue
        page = Facts()
        page.feed((exported / "page" / path / "index.html").read_text())
        facts = {(triple.predicate.value, triple.object) for triple in described(store, path)}
        if page.found != facts:
            wrong[path] = page.found ^ facts
    assert not wrong


def test_a_plain_file_server_has_no_broken_link_wherever_the_copy_is_put(exported: Path, spoken: Path) -> None:
    """The whole site in English, a small one in each language."""
    assert len(followed(exported)) > 3000
    seen = followed(spoken)
    assert {path.split("/")[3] for path in seen} >= {"kk", "ru", "page", "data", "dumps"}
    assert len(seen) > 2000


def followed(exported: Path) -> set[str]:
    """The addresses that links of a copy lead to; none is broken.

    It is put below two folders; a link that leads out of them would be broken. A server adds closing slashes.
    """
    root = f"/{exported.parent.name}/{exported.name}/"
    broken, seen, waiting = [], {root}, [root]
    with file_server(exported.parent.parent) as port, closing(HTTPConnection("127.0.0.1", port)) as connection:
        while waiting:
            path = waiting.pop()
            connection.request("GET", quote(path))
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 301:
                fresh = {unquote(urlsplit(answer.headers["Location"]).path)} - seen
            elif answer.status != 200:
                broken.append((path, answer.status))
                continue
            else:
                is_page = answer.headers["Content-Type"].startswith("text/html")
                fresh = copier.links(path, body.decode()) - seen if is_page else set()
            seen |= fresh
            waiting += sorted(fresh)
    assert not broken
    return seen


def test_a_thing_leads_on_to_its_page_where_no_server_answers_303(exported: Path) -> None:
    moved = (exported / "id" / "barack-obama" / "index.html").read_text()
    assert '<meta http-equiv="refresh" content="0; url=../../page/id/barack-obama">' in moved
    assert '<link rel="alternate" type="text/turtle" href="../../data/id/barack-obama.ttl">' in moved
    assert "<h1>Barack Obama</h1>" in (exported / "page" / "id" / "barack-obama" / "index.html").read_text()


def test_the_description_is_data_whatever_the_address_looks_like(exported: Path) -> None:
    description = (exported / ".well-known" / "void").read_bytes()
    dataset = ox.NamedNode("https://w3id.org/kzus/dataset")
    assert dataset in {quad.subject for quad in ox.parse(description, ox.RdfFormat.TURTLE)}


def test_dumps_are_the_same_bytes(exported: Path, real_release: Path) -> None:
    dumps = sorted((real_release / "dumps").iterdir())
    assert len(dumps) > 20
    assert not [dump.name for dump in dumps if (exported / "dumps" / dump.name).read_bytes() != dump.read_bytes()]


def test_the_list_of_names_is_whole(exported: Path) -> None:
    names = (exported / "search" / "index.html").read_text()
    assert all(
        f'href="../page/id/{name}"' in names
        for name in ("barack-obama", "astana", "2011-nuclear-free-world-forum", "united-states")
    )
    assert 'rel="next"' not in names


def pages(folder: Path) -> dict[str, str]:
    """The pages of a copy by their path, with a closing slash as a file server has it."""
    return {f"/{path.parent.relative_to(folder)}/": path.read_text() for path in folder.rglob("index.html")}


def test_nothing_leads_to_an_answer_that_nobody_gives(exported: Path) -> None:
    found = pages(exported)
    assert len(found) > 1400
    asking = [path for path, text in found.items() if re.search(r'(?:href|action|src)="(?!https?:)[^"#]*\?', text)]
    assert not asking
    forms = {form for text in found.values() for form in re.findall(r'<form class="(\w+)"', text)}
    # those of the kinds of events work without a script, by style alone
    assert forms == {"search", "kinds"}
    assert "Run this query" not in found["/docs/tutorial/"]
    assert not [path for path, text in found.items() if ">SPARQL endpoint<" in text]


def test_each_question_of_the_copy_comes_with_its_answer(exported: Path) -> None:
    questions = {path.parent.name for path in exported.glob("query/*/index.html")}
    assert len(questions) > 100
    for name in questions:
        text = (exported / "query" / name / "index.html").read_text()
        files = re.findall(rf'href="\.\./\.\./(slices/query/{name}\.\w+)"', text)
        if (ROOT / "queries" / "federated" / f"{name}.rq").is_file():
            assert not files and "so this copy has no answer to it" in text
            continue
        assert len(files) == 2 and all((exported / file).stat().st_size for file in files), name
        assert "Run the query" not in text and "Answer as" not in text and "<pre" in text
    assert "Official visit of Kazykhanov" in (exported / "slices" / "query" / "official-visits.csv").read_text()


def test_the_record_year_by_year_is_in_the_copy_with_its_numbers(exported: Path) -> None:
    page = (exported / "years" / "index.html").read_text()
    assert 'href="../page/id/2010-clinton-astana-visit"' in page and 'href="#y2010"' in page
    tables = re.findall(r'href="\.\./(slices/[^"]+\.csv)"', page)
    assert len(tables) == 2 and all((exported / table).stat().st_size for table in tables)
    assert 'href="../query/events-by-year-and-kind"' in page


def test_what_changed_is_in_the_copy_with_its_feed(exported: Path, real_release: Path) -> None:
    page = (exported / "changes" / "index.html").read_text()
    assert f'id="{real_release.name}"' in page and 'href="../changes.atom"' in page
    feed = ElementTree.parse(exported / "changes.atom")
    assert f"Release {real_release.name}" in [title.text for title in feed.iter("{http://www.w3.org/2005/Atom}title")]


def test_commands_of_the_copy_load_the_files_that_lie_there(exported: Path) -> None:
    page = (exported / "dumps" / "index.html").read_text()
    elsewhere = re.sub(r'<script.*?</script>|<details class="cite".*?</details>', "", page, flags=re.DOTALL)
    assert "w3id.org/kzus/dumps" not in elsewhere
    codes = [unescape(code) for code in re.findall(r'<code class="language-python">(.*?)</code>', page, re.DOTALL)]
    (code,) = [code for code in codes if "pyoxigraph" in code]
    done = subprocess.run([sys.executable, "-c", code], cwd=exported / "dumps", capture_output=True, text=True)
    held = ox.Dataset(ox.parse((exported / "dumps" / "kzus-graph-all.nq").read_bytes(), ox.RdfFormat.N_QUADS))
    assert done.stdout == f"{len(held)} quads\n", done.stderr
    # What the page tells of slices is there.
    named = re.findall(r"<code>/(slices/[^<]+)</code>", page)
    assert not [name for name in named if not (exported / name).is_file()]


def test_commands_fetch_from_where_the_copy_will_be(small_release: Path) -> None:
    releases = Releases(Limits(workers=1), folder=small_release.parent)
    app = create_app(releases)
    app.config |= {responses.STATIC: True, responses.ADDRESS: "https://example.org/kzus"}
    page = app.test_client().get("/dumps/").text
    releases.close()
    assert "curl -O https://example.org/kzus/dumps/SHA256SUMS" in page


def test_a_link_to_a_term_keeps_its_anchor(exported: Path) -> None:
    text = (exported / "page" / "id" / "2010-clinton-astana-visit" / "index.html").read_text()
    assert 'href="../../../page/ontology#Visit"' in text
    assert 'id="Visit"' in (exported / "page" / "ontology" / "index.html").read_text()


def test_an_address_that_fails_stops_the_export_and_is_named(
    small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_export, "START", ("/~nobody",))
    with pytest.raises(static_export.Incomplete, match=r"^/~nobody answers 404 .*; path found in the start paths$"):
        static_export.export(small_release.parent, tmp_path / "site")


VISIT = "page/id/1901-fred-streslau-visit"


@pytest.mark.parametrize(
    ("folder", "language", "root"), [("", "en", ""), ("ru/", "ru", "../"), ("kk/", "kk", "../")], ids=["en", "ru", "kk"]
)
def test_a_page_is_in_its_language_and_leads_to_pages_in_it_and_to_files_for_all(
    spoken: Path, folder: str, language: str, root: str
) -> None:
    text = (spoken / folder / VISIT / "index.html").read_text()
    assert f'<html lang="{language}">' in text
    home = {"en": "Home", "ru": "Главная", "kk": "Басты бет"}[language]
    assert f'<li><a href="../../../">{home}</a></li>' in text
    assert 'href="../../../page/id/fred"' in text and 'href="../../../page/ontology#' in text
    assert f'href="../../../{root}data/id/1901-fred-streslau-visit.ttl"' in text
    assert f'href="../../../{root}static/style.css"' in text
    switch = re.findall(r'<a href="([^"]*)" hreflang="(\w\w)" lang="\2"( aria-current="true")?', text)
    addresses = [f"../../../{root}{place}{VISIT}" for place in ("", "kk/", "ru/")]
    assert switch == [
        (address, tag, ' aria-current="true"' if tag == language else "")
        for address, tag in zip(addresses, ("en", "kk", "ru"), strict=True)
    ]
    alternate = re.findall(r'<link rel="alternate" hreflang="(\w\w)" href="([^"]*)">', text)
    assert alternate == list(zip(("en", "kk", "ru"), addresses, strict=True))


def test_links_stay_in_their_language(spoken: Path) -> None:
    """But for the switch, files, and the page of the endpoint, which is for programs."""
    for language in ("kk", "ru"):
        strays = set()
        for path, text in pages(spoken / language).items():
            rest = re.sub(r"<[^>]* hreflang=[^>]*>", "", text)
            for found in copier.links(f"/{language}{path}".replace("/./", "/"), rest):
                is_page = (spoken / found[1:] / "index.html").is_file() and found != "/sparql"
                if is_page and not found.startswith(f"/{language}/"):
                    strays.add((path, found))
        assert not strays


def test_each_page_in_english_is_in_the_other_languages_and_data_are_there_once(spoken: Path) -> None:
    found = {language: set(pages(spoken / language)) for language in ("kk", "ru")}
    english = {path for path in pages(spoken) if path.split("/")[1] not in ("kk", "ru")}
    moved = {path for path in english if 'http-equiv="refresh"' in (spoken / path[1:] / "index.html").read_text()}
    # the endpoint's own page, to which the docs lead, is for programs
    assert found["kk"] == found["ru"] == english - moved - {"/sparql/"}
    others = {
        path.relative_to(spoken / "ru").as_posix()
        for path in (spoken / "ru").rglob("*")
        if path.is_file() and path.name != "index.html"
    }
    assert others == {
        "search/names.json",
        *(path.relative_to(spoken).as_posix() for path in spoken.glob("answers/*.csv")),
    }


def test_an_answer_is_in_each_language_as_a_page_and_as_a_spreadsheet(spoken: Path) -> None:
    heads = {}
    for folder in ("", "kk/", "ru/"):
        text = (spoken / folder / "query" / "visits" / "index.html").read_text()
        assert 'href="../../answers/visits.csv"' in text and 'data-sortable="whole"' in text
        heads[folder] = (spoken / folder / "answers" / "visits.csv").read_text("utf-8-sig").splitlines()
    assert len({len(lines) for lines in heads.values()}) == 1


def test_only_the_languages_that_are_asked_for_are_in_the_copy(exported: Path) -> None:
    assert not (exported / "ru").exists()
    assert "hreflang" not in (exported / "index.html").read_text()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("b", "/page/b"),
        ("../b#c", "/b"),
        ("/b%20c", "/b c"),
        ("#c", "/page/a"),
        ("?page=2", ""),
        ("//elsewhere.org/b", ""),
        ("mailto:a@example.org", ""),
        ("data:,x", ""),
    ],
)
def test_only_addresses_of_this_host_without_a_query_are_followed(address: str, path: str) -> None:
    assert copier.on_this_host("/page/a", address) == path
