"""``/changes``: what a release keeps of how it differs from the one before it, as a page, a feed, files and RDF."""

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, RDFS, Graph, Literal, URIRef

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.pipeline import release
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DATASET
from kzus_graph.releases import change_record, publication
from kzus_graph.web.application import create_app
from kzus_graph.web.view import responses
from tests.conftest import FIXTURES, copy_small_root

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
PREVIOUS = URIRef(PREFIXES["dcat"] + "previousVersion")
ZENDA = 'kzus:zenda a dip:City ; rdfs:label "Zenda & Co < Sons"@en ; dip:locatedIn kzus:ruritania-country .\n'


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three releases in a folder, the oldest first: a city comes and goes, another is spelt otherwise."""
    folder = tmp_path_factory.mktemp("three")
    root = copy_small_root(folder / "root")
    entities, ontology = root / "data" / "entities.trig", root / "ontology" / "dip.ttl"
    text = entities.read_text()
    made = [release.build(root, folder / "out")]
    entities.write_text(text.replace("kzus:rufus a dip:Person", f"{ZENDA}kzus:rufus a dip:Person"))
    ontology.write_text(f"# a remark, which gives every blank node another label\n{ontology.read_text()}")
    made.append(release.build(root, folder / "out"))
    entities.write_text(text.replace('"Streslau"', '"Strelsau"'))
    chain = "owl:propertyChainAxiom ( dip:atPlace dip:territoryOf )"
    assert chain in ontology.read_text()
    ontology.write_text(ontology.read_text().replace(chain, chain.replace("atPlace", "atPlace dip:locatedIn")))
    made.append(release.build(root, folder / "out"))
    return made


@pytest.fixture(scope="module")
def client(three: list[Path]) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=three[0].parent)
    yield create_app(releases).test_client()
    releases.close()


def sections(page: str) -> list[str]:
    """The words of each release's part of the page."""
    found = re.findall(r'<section class="release".*?</section>', page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", part)).split()) for part in found]


def test_page_tells_each_release_from_the_one_before(client: FlaskClient, three: list[Path]) -> None:
    first, second, third = (folder.name for folder in three)
    answer = client.get("/changes")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    newest, middle, oldest = sections(answer.text)
    assert newest.startswith(f"Release {third} ") and f"Compared with release {second}." in newest
    assert "Triples Added Removed Asserted 8 9 Inferred 0 7" in newest
    assert "Changed 2 things on territory of property chain axiom: ( dip:atPlace dip:territoryOf ) " in newest
    assert "( dip:atPlace dip:locatedIn dip:territoryOf ) Strelsau name: Streslau Strelsau" in newest
    assert "Gone 1 thing Zenda & Co < Sons" in newest
    assert "Changed 2 graphs Editors: names and kinds of things The ontology" in newest
    assert "New 1 thing Zenda & Co < Sons" in middle and "Changed" not in middle.partition("Sources")[0]
    assert f"kzus-graph diff {first} {second}" in middle
    assert oldest.startswith(f"Release {first} ") and oldest.endswith("This is the first release.")


def test_page_leads_to_things_that_are_there_alone(client: FlaskClient) -> None:
    page = client.get("/changes").text
    assert 'href="/id/streslau"' in page and 'href="/ontology#onTerritoryOf"' in page
    assert "/id/zenda" not in page and "Co < Sons" not in page
    for path in set(re.findall(r'(?:href|src)="(/[^"#]*)', page)):
        with client.get(path, follow_redirects=True) as answer:
            assert answer.status_code == 200, path


def test_page_is_found_from_others_and_by_programs(client: FlaskClient) -> None:
    assert client.get("/dumps/").text.count('href="/changes"') == 2
    assert f"<loc>{client.get('/robots.txt').text.rpartition('Sitemap: ')[2].split('sitemap')[0]}changes</loc>" in (
        client.get("/sitemap.xml").text
    )
    paths = client.get("/openapi.json").get_json()["paths"]
    assert paths["/changes"]["get"]["summary"] == "Return the page with the changes in each stored release."
    assert "/changes.atom" in paths
    page = client.get("/changes").text
    assert '<link rel="alternate" type="application/atom+xml" title="Releases" href="/changes.atom">' in page


def test_feed_is_atom_with_an_entry_a_release(client: FlaskClient, three: list[Path]) -> None:
    answer = client.get("/changes.atom", base_url="https://example.org/")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    # RFC 4287, sections 4.1.1 and 4.1.2: what a feed and each entry must have, and once
    for element, names in ((feed, ("id", "title", "updated")), *((entry, ("id", "title", "updated", "summary"))
                           for entry in feed.iter(f"{ATOM}entry"))):  # fmt: skip
        for name in names:
            (child,) = element.findall(f"{ATOM}{name}")
            assert child.text and child.text.strip()
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [f"Release {one.name}" for one in reversed(three)]
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{BASE}dumps/{one.name}/" for one in reversed(three)]
    times = [datetime.fromisoformat(str(entry.findtext(f"{ATOM}updated"))) for entry in entries]
    assert all(time.tzinfo for time in times)
    assert feed.findtext(f"{ATOM}updated") == max(times).isoformat()
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "https://example.org/changes.atom" and links["alternate"] == "https://example.org/changes"
    assert entries[0].findtext(f"{ATOM}summary") == (
        "Things: 0 new, 2 changed, 1 gone. Triples asserted: 8 added, 9 removed; inferred: 0 added, 7 removed."
    )
    (enclosure,) = (link for link in entries[0] if link.get("rel") == "enclosure")
    with client.get(str(enclosure.get("href")).removeprefix("https://example.org")) as patch:
        assert str(len(patch.data)) == enclosure.get("length") and patch.mimetype == enclosure.get("type")


def test_patch_of_a_release_turns_the_dump_before_into_its_own(client: FlaskClient, three: list[Path]) -> None:
    held = set((three[0] / "dumps" / "kzus-graph-all.nq").read_text().splitlines())
    for folder in three[1:]:
        with client.get(f"/dumps/{folder.name}/{change_record.PATCH}") as answer:
            rows = [row.partition(" ") for row in gzip.decompress(answer.data).decode().splitlines()]
        deleted, added = ({line for code, _, line in rows if code == wanted} for wanted in "DA")
        assert deleted <= held
        held = held - deleted | added
        assert held == set((folder / "dumps" / "kzus-graph-all.nq").read_text().splitlines())


def test_manifest_lists_the_record_and_the_patch(client: FlaskClient, three: list[Path]) -> None:
    assert change_record.RECORD in publication.manifest(three[0])["files"]
    assert {change_record.RECORD, change_record.PATCH} <= publication.manifest(three[2])["files"].keys()
    assert all(map(publication.is_whole, three))
    sums = client.get("/dumps/SHA256SUMS").text
    assert f"  {change_record.RECORD}\n" in sums and f"  {change_record.PATCH}\n" in sums


def test_copy_without_a_server_leads_from_page_to_page(three: list[Path]) -> None:
    releases = Releases(Limits(workers=1), folder=three[0].parent)
    try:
        app = create_app(releases)
        app.config[responses.STATIC] = True
        page, feed = (app.test_client().get(path).text for path in ("/changes", "/changes.atom"))
    finally:
        releases.close()
    assert not re.findall(r'(?:href|src)="/', page) and 'href="../changes.atom"' in page
    assert 'href="../page/id/streslau"' in page and f'href="../dumps/{three[2].name}/{change_record.PATCH}"' in page
    assert 'rel="alternate" type="text/html" href="changes"' in feed


def test_description_says_what_the_version_replaces(client: FlaskClient, three: list[Path]) -> None:
    present, former = URIRef(f"{DATASET}/0.1.0"), URIRef(f"{DATASET}/{three[1].name}")
    void = Graph().parse(three[2] / "void.ttl")
    assert list(void.subject_objects(PREVIOUS)) == list(void.subject_objects(DCTERMS.replaces)) == [(present, former)]
    assert (former, URIRef(PREFIXES["dcat"] + "landingPage"), URIRef(f"{BASE}dumps/{three[1].name}/")) in void
    assert (former, RDF.type, URIRef(PREFIXES["dcat"] + "Dataset")) in void
    assert (former, RDFS.label, Literal(f"Two states of fiction, release {three[1].name}", lang="en")) in void
    first = Graph().parse(three[0] / "void.ttl")
    assert not list(first.subject_objects(PREVIOUS)) and not list(first.subject_objects(DCTERMS.replaces))
    answer = client.get(f"/dataset/{three[1].name}", follow_redirects=True)
    assert answer.status_code == 200 and three[1].name in answer.text


def test_a_new_version_replaces_one_of_another_number(tmp_path: Path) -> None:
    root = copy_small_root(tmp_path / "root")
    release.build(root, tmp_path / "out")
    dataset = root / "data" / "dataset.ttl"
    dataset.write_text(dataset.read_text().replace("0.1.0", "0.2.0"))
    void = Graph().parse(release.build(root, tmp_path / "out") / "void.ttl")
    pair = (URIRef(f"{DATASET}/0.2.0"), URIRef(f"{DATASET}/0.1.0"))
    assert list(void.subject_objects(PREVIOUS)) == list(void.subject_objects(DCTERMS.replaces)) == [pair]


def test_release_after_one_with_a_spoilt_dump_is_made_and_says_so(tmp_path: Path) -> None:
    root = copy_small_root(tmp_path / "root")
    before = release.build(root, tmp_path / "out")
    dump = before / "dumps" / "kzus-graph-all.nq"
    dump.write_bytes(dump.read_bytes().replace(b"<", b"?", 1))
    entities = root / "data" / "entities.trig"
    entities.write_text(entities.read_text() + "\n# another day\n")
    after = release.build(root, tmp_path / "out")
    releases = Releases(Limits(workers=1), folder=tmp_path / "out")
    try:
        client = create_app(releases).test_client()
        newest, _ = sections(client.get("/changes").text)
        summary = (
            f"This release could not be compared with release {before.name}. dumps/kzus-graph-all.nq, line 1, column 1"
        )
        assert summary in newest and summary in client.get("/changes.atom").text
    finally:
        releases.close()
    assert after != before and publication.is_whole(after) and not (after / change_record.PATCH).exists()


def test_what_a_record_does_not_say_is_not_made_up(three: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(three[0].parent, out)
    for folder, text in ((three[2], "{"), (three[1], None)):
        path = out / folder.name / change_record.RECORD
        if text is None:
            said = json.loads(path.read_text())
            said["counts"]["things"]["new"] = 1234
            text = json.dumps(said)
        manifest = out / folder.name / "manifest.json"
        facts = json.loads(manifest.read_text())
        facts["files"][change_record.RECORD]["bytes"] = len(text)
        manifest.write_text(json.dumps(facts))
        path.write_text(text)
    releases = Releases(Limits(workers=1), folder=out)
    try:
        page = create_app(releases).test_client().get("/changes").text
    finally:
        releases.close()
    parts = sections(page)
    assert any("The differences of this release from the previous release are not recorded." in part for part in parts)
    assert any("New 1,234 things Zenda & Co < Sons and 1,233 more" in part for part in parts)


def test_names_are_in_the_language_that_was_asked_for(client: FlaskClient) -> None:
    assert client.get("/changes?lang=kk").status_code == 200
    assert client.get("/changes?lang=xx").status_code == 400


def test_without_a_release_nothing_changed() -> None:
    releases = Releases(Limits(workers=1), files=[FIXTURES / "years" / "record.trig"])
    try:
        client = create_app(releases).test_client()
        assert [client.get(path).status_code for path in ("/changes", "/changes.atom")] == [404, 404]
    finally:
        releases.close()
