"""Look-up by the names that others give our things, over HTTP and from the shell; and whether addresses answer."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kzus_graph.cli import main
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links import linksets, liveness
from kzus_graph.links.identifiers import canonical, readings
from kzus_graph.links.lookup import Index, Match
from kzus_graph.links.sssom import SUFFIX
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import KZUS
from kzus_graph.web.application import create_app
from kzus_graph.web.linking.lookup_page import LONGEST_NAME, MOST_NAMES
from tests.conftest import ROOT

WIKIDATA = ROOT / "data" / "links" / f"wikidata{SUFFIX}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SAME = {
    "http://www.wikidata.org/entity/Q232": [
        "https://www.wikidata.org/entity/Q232", "https://www.wikidata.org/wiki/Q232", "http://wikidata.org/wiki/Q232/",
        "https://m.wikidata.org/wiki/Q232", "https://www.wikidata.org/wiki/Special:EntityData/Q232.ttl",
        "<http://www.wikidata.org/entity/Q232>", "  HTTPS://WWW.Wikidata.org/entity/Q232 ",
    ],
    "http://dbpedia.org/resource/Washington,_D.C.": [
        "https://dbpedia.org/page/Washington,_D.C.", "http://dbpedia.org/resource/Washington%2C_D.C.",
        "http://dbpedia.org/data/Washington,_D.C..ttl",
    ],
    "https://sws.geonames.org/1526273/": [
        "http://sws.geonames.org/1526273", "https://www.geonames.org/1526273/astana.html",
        "http://sws.geonames.org/1526273/about.rdf",
    ],
    "http://eurovoc.europa.eu/5693": ["https://eurovoc.europa.eu/5693/"],
    "http://id.loc.gov/authorities/subjects/sh85093020": [
        "https://id.loc.gov/authorities/subjects/sh85093020.html",
        "http://id.loc.gov/authorities/subjects/sh85093020.skos.rdf",
    ],
    "http://viaf.org/viaf/102001786": ["https://viaf.org/viaf/102001786/", "http://www.viaf.org/viaf/102001786/x.xml"],
    "https://en.wikipedia.org/wiki/Kazakhstan%E2%80%93United_States_relations": [
        "https://en.m.wikipedia.org/wiki/Kazakhstan–United_States_relations"
    ],
}  # fmt: skip
UNKNOWN = [
    "http://www.wikidata.org/entity/Q2321", "http://www.wikidata.org/entity/P232", "http://dbpedia.org/ontology/Astana",
    "http://evil.example/http://www.wikidata.org/entity/Q232", "http://wikidata.org.evil.example/entity/Q232",
    "Q232", "", "http://[", "http://", "javascript:alert(1)", "\u0000", f"{BASE}id/atlantis",
    "http://dbpedia.org/resource/washington,_d.c.",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.mark.parametrize("name", SAME)
def test_other_spellings_are_compared_alike(name: str) -> None:
    assert {next(readings(other)) for other in SAME[name]} == {canonical(name)}


@pytest.mark.parametrize("name", SAME)
def test_each_spelling_finds_the_thing(client: FlaskClient, name: str) -> None:
    (known,) = client.get("/lookup", query_string={"uri": name}).json["results"]
    assert known["found"] and known["matches"][0]["iri"].startswith(BASE)
    for other in SAME[name]:
        (found,) = client.get("/lookup", query_string={"uri": other}).json["results"]
        assert found["matches"] == known["matches"], other


def test_what_is_unknown_is_said_to_be_unknown(client: FlaskClient) -> None:
    answer = client.post("/lookup", json=[name for name in UNKNOWN if name]).json["results"]
    assert [result["uri"] for result in answer] == [name.strip() for name in UNKNOWN if name]
    assert not any(result["found"] or result["matches"] for result in answer)


def test_an_answer_says_how_it_matches_and_why(client: FlaskClient) -> None:
    (result,) = client.get("/lookup?uri=http://www.wikidata.org/entity/Q232").json["results"]
    (match,) = result["matches"]
    assert match["iri"] == KZUS.kazakhstan.toPython() and match["label"] == "Kazakhstan"
    assert (match["match"], match["confidence"]) == ("skos:exactMatch", 0.99)
    assert match["target"] == "http://www.wikidata.org/entity/Q232"
    address = match["link"].removeprefix(BASE.rstrip("/"))
    reason = client.get(address, follow_redirects=True, headers={"Accept": BROWSER})
    assert reason.status_code == 200 and "judged by a person" in reason.text and "rigour" in reason.text


def test_several_things_may_be_like_one_name_the_same_first(client: FlaskClient) -> None:
    (result,) = client.get("/lookup?uri=http://eurovoc.europa.eu/411").json["results"]
    kinds = [match["match"] for match in result["matches"]]
    assert kinds[0] == "skos:exactMatch" and "skos:broadMatch" in kinds


def test_a_thing_of_ours_gives_its_own_links(client: FlaskClient) -> None:
    (result,) = client.get(f"/lookup?uri={BASE}id/astana").json["results"]
    targets = {match["target"] for match in result["matches"]}
    assert {"http://www.wikidata.org/entity/Q1520", "https://sws.geonames.org/1526273/"} <= targets


def test_all_links_are_found_in_one_post_in_each_form(client: FlaskClient) -> None:
    read = [mapping for table in linksets.tables(ROOT) for mapping in linksets.read(table)]
    names = sorted({str(mapping.object) for mapping in read})
    assert len(names) > 200
    by_json = client.post("/lookup", json=names).json["results"]
    assert all(result["found"] for result in by_json)
    pairs = {(match["iri"], result["uri"]) for result in by_json for match in result["matches"]}
    assert pairs >= {(str(mapping.subject), str(mapping.object)) for mapping in read}
    assert client.post("/lookup", data="\n".join(names), content_type="text/plain").json["results"] == by_json
    assert client.post("/lookup", data={"uri": names}).json["results"] == by_json
    assert client.post("/lookup", data={"uri": "\r\n".join(names)}).json["results"] == by_json


def test_a_thousand_names_at_once_are_answered_one_by_one_in_order(client: FlaskClient) -> None:
    numbers = range(1, 1001)
    names = [f"https://www.wikidata.org/wiki/Q{number}" for number in numbers]
    results = client.post("/lookup", json=names).json["results"]
    assert [result["uri"] for result in results] == names
    known = {result["uri"].rpartition("/")[2] for result in results if result["found"]}
    linked = {str(mapping.object).rpartition("/")[2] for mapping in linksets.read(WIKIDATA)}
    assert {"Q30", "Q232", "Q76"} <= known == linked & {f"Q{number}" for number in numbers}


def test_the_answer_comes_as_csv(client: FlaskClient) -> None:
    answer = client.post(
        "/lookup",
        data='http://www.wikidata.org/entity/Q232\nhttp://x.example/"a,b"\n',
        content_type="text/plain",
        headers={"Accept": "text/csv"},
    )
    assert answer.content_type == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["found"], first["label"], first["match"]) == ("true", "Kazakhstan", "skos:exactMatch")
    assert second == {
        "uri": 'http://x.example/"a,b"', "found": "false",
        "iri": "", "label": "", "match": "", "target": "", "confidence": "", "link": "",
    }  # fmt: skip
    assert client.get("/lookup?uri=http://x.example/&format=csv").content_type.startswith("text/csv")


def test_a_browser_gets_a_form_and_its_answer_without_markup_from_outside(client: FlaskClient) -> None:
    empty = client.get("/lookup", headers={"Accept": BROWSER})
    assert empty.status_code == 200 and "<textarea" in empty.text
    names = "https://www.wikidata.org/wiki/Q1520\n<script>alert(1)</script>"
    page = client.post("/lookup", data={"uri": names}, headers={"Accept": BROWSER})
    assert 'href="/id/astana"' in page.text and "unknown here" in page.text
    assert "<script>alert" not in page.text and "1 name of 2 known here" in page.text


def test_answers_have_an_etag_and_any_page_may_ask(client: FlaskClient) -> None:
    first = client.get("/lookup?uri=http://www.wikidata.org/entity/Q232")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/lookup?uri=http://www.wikidata.org/entity/Q232")
    assert again.headers["ETag"] == first.headers["ETag"] and "no-cache" in again.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"uri": "x"}}, 400),
        ({"json": [1]}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "<a/>", "content_type": "application/xml"}, 415),
        ({"json": ["http://x.example/"] * (MOST_NAMES + 1)}, 413),
        ({"json": ["http://x.example/" + "a" * LONGEST_NAME]}, 400),
        ({"data": "\n \n", "content_type": "text/plain"}, 400),
    ],
)
def test_what_cannot_be_looked_up_is_a_problem(client: FlaskClient, sent: dict[str, object], status: int) -> None:
    answer = client.post("/lookup", **sent)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["detail"]


def test_formats_that_there_are_not_are_refused(client: FlaskClient) -> None:
    assert client.get("/lookup?uri=x&format=xml").status_code == 406
    assert client.get("/lookup?uri=x", headers={"Accept": "image/png"}).status_code == 406


def test_an_index_gives_the_surest_first() -> None:
    broad = Match("a", "A", "http://x/broadMatch", "http://t.example/1", "0.9", "l1")
    exact = Match("b", "B", "http://x/exactMatch", "http://t.example/1/", "0.9", "l2")
    assert Index([broad, exact]).find("https://t.example/1") == [exact, broad]


# From the shell


def test_lookup_from_the_shell(real_release: Path) -> None:
    arguments = ["lookup", "--root", str(ROOT), "--release", str(real_release.parent)]
    run = CliRunner().invoke(main, [*arguments, "https://www.wikidata.org/wiki/Q232"])
    assert run.exit_code == 0 and "kzus:kazakhstan" in run.output
    names = "https://x.example/\n\nhttp://viaf.org/viaf/102001786\n"
    run = CliRunner().invoke(main, [*arguments, "--format", "csv", "-"], input=names)
    assert run.exit_code == 1
    assert [row["found"] for row in csv.DictReader(io.StringIO(run.output))] == ["false", "true"]
    run = CliRunner().invoke(main, [*arguments, "--format", "json", "http://www.wikidata.org/entity/Q76"])
    assert json.loads(run.output)["results"][0]["matches"][0]["iri"] == f"{BASE}id/barack-obama"


def test_links_check_counts_and_finds_what_is_out_of_date(small_root: Path) -> None:
    folder = small_root / "data" / "links"
    folder.mkdir(exist_ok=True)
    table = folder / "wikidata.sssom.tsv"
    thing, name = _some_thing(small_root)
    row = f"{thing}\t{name}\tskos:exactMatch\twd:Q1\tsemapv:ManualMappingCuration\t2026-11-25\t0.9\tRead in: a test.\n"
    real = (ROOT / "data" / "links" / "wikidata.sssom.tsv").read_text().splitlines(keepends=True)
    head = [line for line in real if line.startswith(("#", "subject_id"))]
    names = "subject_id subject_label predicate_id object_id mapping_justification mapping_date confidence comment"
    columns = names.replace(" ", "\t") + "\n"
    table.write_text("".join(head[:-1]) + columns + row)
    check = ["links", "check", "--root", str(small_root)]
    run = CliRunner().invoke(main, check)
    assert run.exit_code == 1 and "run 'kzus-graph links write'" in run.output
    assert "written" in CliRunner().invoke(main, ["links", "write", "--root", str(small_root)]).output
    run = CliRunner().invoke(main, check)
    assert run.exit_code == 0 and "no faults found" in run.output and "1 exactMatch" in run.output, run.output
    table.write_text(table.read_text().replace(f"\t{name}\t", "\tAtlantis\t"))
    run = CliRunner().invoke(main, check)
    assert run.exit_code == 1 and f"{thing} is called {name!r}, not 'Atlantis'" in run.output
    table.write_text(table.read_text().replace(thing, "kzus:atlantis"))
    CliRunner().invoke(main, ["links", "write", "--root", str(small_root)])
    run = CliRunner().invoke(main, check)
    assert run.exit_code == 1 and "kzus:atlantis is not in the graph" in run.output


def _some_thing(root: Path) -> tuple[str, str]:
    for line in (root / "data" / "entities.trig").read_text().splitlines():
        if " a dip:State" in line and 'rdfs:label "' in line:
            return line.split()[0], line.split('rdfs:label "')[1].split('"')[0]
    raise AssertionError("the small root has no state on one line")


# Whether addresses answer


class Stand(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/200")
        elif self.path == "/no-head":
            self.send_response(405 if self.command == "HEAD" else 200)
        elif self.path == "/nonsense":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        else:
            self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stand() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_addresses_are_asked_and_their_answers_told_apart(stand: str) -> None:
    dead = {"/404": False, "/410": False, "/500": False, "/nonsense": False}
    paths = {"/200": True, **dead, "/moved": True, "/no-head": True}
    found = list(liveness.answers([stand + path for path in paths], 5))
    assert [answer.address for answer in found] == [stand + path for path in paths]
    assert {answer.address.removeprefix(stand): answer.alive for answer in found} == paths
    assert [answer.words for answer in found][1:4] == ["404", "410", "500"]
    (closed,) = liveness.answers(["http://127.0.0.1:1/"], 5)
    assert not closed.alive and "refused" in closed.words


def test_links_check_online_names_what_does_not_answer(small_root: Path, stand: str) -> None:
    folder = small_root / "data" / "links"
    folder.mkdir(exist_ok=True)
    thing, name = _some_thing(small_root)
    head = (
        "#mapping_set_id: https://w3id.org/kzus/dataset/links-stand\n#license: https://creativecommons.org/licenses/by/4.0/\n"
        f"#curie_map:\n#  stand: {stand}/\nsubject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\n"
    )
    rows = [f"{thing}\t{name}\tfoaf:homepage\tstand:{code}\tsemapv:ManualMappingCuration\n" for code in (200, 404)]
    (folder / "stand.sssom.tsv").write_text(head + "".join(rows))
    # the mappings of terms lead to addresses of others, which a test must not ask
    (small_root / "ontology" / "mappings.sssom.tsv").unlink()
    linksets.write(small_root)
    run = CliRunner().invoke(main, ["links", "check", "--root", str(small_root), "--online", "--seconds", "5"])
    assert run.exit_code == 1
    assert f"{thing}: {stand}/404 cannot be reached: 404" in run.output and f"{stand}/200" not in run.output
