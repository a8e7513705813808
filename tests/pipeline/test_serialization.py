"""Dumps and slices as a client gets them from a running server."""

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import RDF, VOID, Dataset, Graph, URIRef

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.pipeline import release
from kzus_graph.pipeline.description import FORMATS
from kzus_graph.processes import parallel
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.turtle import FORMATS as PARSERS
from kzus_graph.rdf.vocab import DATASET, DIP, GRAPH
from kzus_graph.releases import publication
from kzus_graph.web.application import create_app
from tests.conformance import servers
from tests.conftest import ROOT, copy_small_root
from tests.serving import Served, fetch

NAMES = [f"kzus-graph-{layer}.{form}" for layer in release.LAYERS for form in FORMATS]
THING = PREFIXES["kzus"]
SD_NAME = URIRef(PREFIXES["sd"] + "name")


@pytest.fixture(scope="module")
def served(real_release: Path) -> Iterator[Served]:
    """The real release behind the real server."""
    with servers.ours(release=real_release.parent) as endpoint:
        yield Served(f"http://127.0.0.1:{endpoint.port}", 0, real_release)


@pytest.fixture(scope="module")
def fetched(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that the page of dumps links to, fetched by curl."""
    folder = tmp_path_factory.mktemp("fetched")
    page = served.get("/dumps/")[2].decode()
    names = sorted(set(re.findall(r'href="/dumps/([^"/?]+)"', page)))
    assert {*NAMES, *(name + ".gz" for name in NAMES), "SHA256SUMS", "void.ttl", "manifest.json"} <= set(names)
    if not shutil.which("curl"):
        pytest.skip("no curl on this machine")
    addresses = [argument for name in names for argument in ("-O", f"{served.url}/dumps/{name}")]
    subprocess.run(["curl", "-sSf", *addresses], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def void(real_release: Path) -> Graph:
    return Graph().parse(real_release / "void.ttl")


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def said(void: Graph, layer: str, form: str) -> int:
    """How many triples or quads VoID gives the dump of a layer."""
    subject = DATASET if layer == "all" else URIRef(f"{DATASET}#layer-{layer}")
    triples = int(str(void.value(subject, VOID.triples)))
    if form not in {"trig", "nq"}:
        return triples
    names = {name: int(str(void.value(subset, VOID.triples))) for subset, name in void.subject_objects(SD_NAME)}
    inferred = names.pop(GRAPH.inferred)
    stated = sum(names.values())
    return triples + {"all": stated + inferred, "asserted": stated, "inferred": inferred}[layer]


def test_everything_fetched_by_curl_verifies(fetched: Path, real_release: Path) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("no sha256sum on this machine")
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=fetched, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    links = len(list((ROOT / "data" / "links").glob("*")))
    # the first release has no patch from one before it
    changes = len(list(real_release.glob("changes.*")))
    assert checked.stdout.count(": OK") == 2 * len(NAMES) + links + changes + 2
    (fetched / NAMES[0]).write_bytes((fetched / NAMES[0]).read_bytes() + b" ")
    again = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=fetched, capture_output=True, text=True)
    assert again.returncode == 1 and f"{NAMES[0]}: FAILED" in again.stdout


@pytest.mark.parametrize("name", NAMES)
def test_dump_loads_with_the_count_that_void_gives(real_release: Path, served: Served, void: Graph, name: str) -> None:
    _, layer, form = re.split(r"[-.]", name.removeprefix("kzus-"))
    status, headers, body = served.get(f"/dumps/{name}")
    assert (status, headers["content-type"].partition(";")[0]) == (200, FORMATS[form][1])
    store = ox.Store()
    store.load(body, format=PARSERS[form])
    assert len(store) == said(void, layer, form)
    dataset = Dataset()
    with parallel.uncollected():
        dataset.parse(data=body, format=FORMATS[form][1])
    assert sum(1 for _ in dataset.quads()) == said(void, layer, form)
    gzipped = served.get(f"/dumps/{name}.gz", Accept_Encoding="gzip, zstd")
    assert gzipped[1]["content-type"] == "application/gzip" and "content-encoding" not in gzipped[1]
    assert gzip.decompress(gzipped[2]) == body


def test_broken_off_download_resumes(served: Served) -> None:
    path = "/dumps/kzus-graph-all.nt.gz"
    whole = served.get(path)
    assert whole[1]["accept-ranges"] == "bytes"
    first = served.get(path, Range="bytes=0-999")
    assert (first[0], len(first[2])) == (206, 1000)
    assert first[1]["content-range"] == f"bytes 0-999/{len(whole[2])}"
    rest = served.get(path, Range="bytes=1000-", If_Range=whole[1]["etag"])
    assert rest[0] == 206 and first[2] + rest[2] == whole[2]
    # the whole again, once parts were asked for; another file by then; and beyond the end
    assert served.get(path)[2] == whole[2]
    assert served.get(path, Range="bytes=1000-", If_Range='"another"')[0] == 200
    assert served.get(path, Range=f"bytes={len(whole[2])}-")[0] == 416


def test_what_is_compressed_on_the_way_is_the_same_file(served: Served) -> None:
    path = "/dumps/kzus-graph-all.ttl"
    plain = served.get(path)
    coded = served.get(path, Accept_Encoding="gzip")
    assert coded[1]["content-encoding"] == "gzip" and gzip.decompress(coded[2]) == plain[2]
    assert coded[1]["etag"] != plain[1]["etag"]
    part = served.get(path, Accept_Encoding="gzip", Range="bytes=0-99")
    assert part[0] == 206 and part[2] == plain[2][:100] and "content-encoding" not in part[1]


def test_etag_is_the_checksum_and_a_repeat_is_304(served: Served) -> None:
    status, headers, body = served.get("/dumps/kzus-graph-asserted.ttl")
    assert headers["etag"] == f'"{hashlib.sha256(body).hexdigest()}"'
    assert headers["cache-control"] == "public, no-cache"
    again = served.get("/dumps/kzus-graph-asserted.ttl", If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")


def test_versioned_address_never_changes_and_says_so(served: Served, real_release: Path) -> None:
    pinned = served.get(f"/dumps/{real_release.name}/kzus-graph-all.ttl")
    assert pinned[1]["cache-control"] == "public, max-age=31536000, immutable"
    assert pinned[2] == served.get("/dumps/kzus-graph-all.ttl")[2]
    assert served.get(f"/dumps/{real_release.name}/SHA256SUMS")[2] == served.get("/dumps/SHA256SUMS")[2]


def test_short_version_leads_to_the_full_one(client: FlaskClient, real_release: Path) -> None:
    version = real_release.name.partition("+")[0]
    for asked, there in (
        (f"/dumps/{version}", f"/dumps/{real_release.name}/"),
        (f"/dumps/{version}/", f"/dumps/{real_release.name}/"),
        (f"/dumps/{version}/SHA256SUMS", f"/dumps/{real_release.name}/SHA256SUMS"),
    ):
        answer = client.get(asked)
        assert (answer.status_code, answer.headers["Location"]) == (302, there)


@pytest.mark.parametrize(
    "path",
    ["/dumps/nothing.ttl", "/dumps/CURRENT", "/dumps/../CURRENT", "/dumps/%2e%2e%2fCURRENT", "/dumps/store",
     "/dumps/9.9.9/", "/dumps/9.9.9/SHA256SUMS"],
)  # fmt: skip
def test_what_is_no_file_of_a_release_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and answer.content_type == "application/problem+json"


@pytest.mark.slow
def test_older_releases_stay_to_be_had(tmp_path: Path) -> None:
    root = copy_small_root(tmp_path / "root")
    first = release.build(root, tmp_path / "out")
    entities = root / "data" / "entities.trig"
    entities.write_text(entities.read_text() + "\n# another day\n")
    second = release.build(root, tmp_path / "out")
    releases = Releases(Limits(workers=1), folder=tmp_path / "out")
    try:
        client = create_app(releases).test_client()
        page = client.get("/dumps/").text
        assert f'href="/dumps/{first.name}/"' in page
        assert first.name != second.name
        for path, folder in ((f"/dumps/{first.name}/manifest.json", first), ("/dumps/manifest.json", second)):
            with client.get(path) as answer:
                assert answer.get_json() == publication.manifest(folder)
    finally:
        releases.close()


def test_page_lists_size_checksum_date_and_licence(client: FlaskClient, real_release: Path) -> None:
    page = client.get("/dumps/").text
    for path, facts in publication.manifest(real_release)["files"].items():
        if path.startswith("dumps/"):
            assert facts["sha256"] in page
    assert "https://creativecommons.org/licenses/by/4.0/" in page
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\d">', page)


def test_page_tells_search_engines_of_the_data_set(client: FlaskClient, real_release: Path) -> None:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get("/dumps/").text, re.DOTALL)
    assert found
    said = json.loads(found[1])
    assert (said["@type"], said["@id"], said["version"]) == ("Dataset", str(DATASET), real_release.name)
    assert len(said["description"]) > 50 and said["license"].endswith("/by/4.0/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", said["temporalCoverage"])
    files = publication.manifest(real_release)["files"]
    downloads = {download["name"]: download["sha256"] for download in said["distribution"]}
    names = [name for name in NAMES if "-all." in name]
    assert downloads == {name: files[f"dumps/{name}"]["sha256"] for name in (*names, *(n + ".gz" for n in names))}
    for download in said["distribution"]:
        with client.get("/" + download["contentUrl"].removeprefix("https://w3id.org/kzus/")) as answer:
            assert answer.mimetype == download["encodingFormat"]
            assert f"{len(answer.data)} B" == download["contentSize"]


@pytest.mark.parametrize(("library", "words"), [("rdflib", "triples"), ("pyoxigraph", "quads")])
def test_python_commands_of_the_page_load_the_dump(served: Served, void: Graph, library: str, words: str) -> None:
    page = served.get("/dumps/")[2].decode()
    listings = re.findall(r'<code class="language-python">(.*?)</code>', page, re.DOTALL)
    (code,) = [listing.replace("&#34;", '"').replace("&quot;", '"') for listing in listings if library in listing]
    assert f"{served.url}/dumps/" in code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    number = said(void, "all", "nt" if library == "rdflib" else "nq")
    assert f"{number} {words}" in done.stdout
    if library == "rdflib":
        named = [name for name in void.objects(None, SD_NAME) if name != GRAPH.metadata]
        assert f"\n{len(named)} named graphs" in done.stdout


def test_dumps_hold_what_the_endpoint_holds_but_for_the_graph_that_the_page_names(
    client: FlaskClient, real_release: Path
) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    held = ox.Dataset(store)
    dumped = ox.Dataset(ox.parse((real_release / "dumps" / "kzus-graph-all.nq").read_bytes(), ox.RdfFormat.N_QUADS))
    described = ox.Dataset(
        ox.Quad(*quad.triple, ox.NamedNode(GRAPH.metadata))
        for quad in ox.parse((real_release / "void.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    )
    both = ox.Dataset([*dumped, *described])
    for dataset in (held, both):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert len(described) > 1000 and held == both
    page = client.get("/dumps/").text
    assert 'One graph of the endpoint is in none of them: <a href="/graph/metadata">graph:metadata</a>' in page


def test_shell_commands_of_the_page_load_the_dump(served: Served, fetched: Path, void: Graph) -> None:
    page = served.get("/dumps/")[2].decode()
    (command,) = re.findall(r"^.*?(oxigraph load .*)$", page, re.MULTILINE)
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("Oxigraph's server (PyPI: oxigraph) is not installed")
    words = command.rpartition(">")[2].split()
    subprocess.run([program, *words[1:]], cwd=fetched, check=True, capture_output=True)
    assert len(ox.Store.read_only(str(fetched / "kzus"))) == said(void, "all", "nq")


def listing(served: Served, language: str, word: str) -> list[str]:
    """The lines of the one listing of the page in a language that has a word."""
    page = served.get("/dumps/")[2].decode()
    found = re.findall(rf'<code class="language-{language}">(.*?)</code>', page, re.DOTALL)
    (code,) = [unescape(one) for one in found if word in one]
    return code.splitlines()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_commands_of_the_page_load_the_dump_into_jena(served: Served, fetched: Path, void: Graph) -> None:
    missing = [name for name in ("tdb2.tdbloader", "tdb2.tdbquery", "fuseki-server") if not shutil.which(name)]
    if missing:
        pytest.skip(f"Apache Jena is not on PATH: no {', '.join(missing)}")
    load, count, serve = listing(served, "sh", "tdb2.tdbloader")
    subprocess.run(shlex.split(load), cwd=fetched, check=True, capture_output=True)
    triples = said(void, "all", "nt")
    counted = subprocess.run(shlex.split(count), cwd=fetched, check=True, capture_output=True, text=True)
    assert re.findall(r"\d+", counted.stdout) == [str(triples)]
    port = free_port()
    command, *words = shlex.split(serve)
    running = subprocess.Popen(
        [command, "--localhost", "--port", str(port), *words],
        cwd=fetched, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        query = "SELECT (COUNT(*) AS ?all) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
        address = f"http://127.0.0.1:{port}/kzus/sparql?{urlencode({'query': query})}"
        for _ in range(120):
            with contextlib.suppress(OSError):
                answer = fetch(Request(address, headers={"Accept": "text/csv"}))
                break
            time.sleep(0.5)
        assert answer[0] == 200 and answer[2].split() == [b"all", str(said(void, "all", "nq")).encode()]
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)


VIRTUOSO = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{port}
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
"""
"""No more than makes a server: its files and ports; the folder it may read is the one it runs in."""


def test_commands_of_the_page_load_the_dump_into_virtuoso(
    served: Served, fetched: Path, void: Graph, tmp_path: Path
) -> None:
    server, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if server is None or isql is None:
        pytest.skip("Virtuoso is not on PATH: no virtuoso-t with isql-vt")
    shutil.copy(fetched / "kzus-graph-all.nq.gz", tmp_path)
    port = free_port()
    (tmp_path / "virtuoso.ini").write_text(VIRTUOSO.format(port=port, http=free_port()))
    commands = [*listing(served, "sql", "ld_dir"), "SELECT ll_state, ll_error FROM DB.DBA.LOAD_LIST;"]
    graphs = "SPARQL SELECT COUNT(*) COUNT(DISTINCT ?g) { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), '%s')) };"
    (tmp_path / "load.sql").write_text("\n".join([*commands, graphs % BASE, "shutdown;", ""]))
    running = subprocess.Popen([server, "-f"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.5)
        done = subprocess.run(
            [isql, f"127.0.0.1:{port}", "dba", "dba", "VERBOSE=OFF", "PROMPT=OFF", "BANNER=OFF", "load.sql"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        running.wait(60)
    finally:
        running.kill()
        running.wait(30)
    named = [name for name in void.objects(None, SD_NAME) if name != GRAPH.metadata]
    counted = [line.split() for line in done.stdout.splitlines() if re.match(r"\s*\d+\b", line)]
    assert counted == [
        [str(said(void, "all", "nt"))],
        ["2", "NULL"],
        [str(said(void, "all", "nq")), str(len(named) + 1)],
    ], done.stdout + done.stderr


def test_slice_of_a_class_is_its_things_and_their_participations(client: FlaskClient, void: Graph) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/slices/class/Visit.csv").text)))
    things = {URIRef(row["thing"]) for row in rows}
    partition = URIRef(f"{DATASET}#class-dip-Visit")
    assert len(things) == len(rows) == int(str(void.value(partition, VOID.entities)))
    graph = Graph().parse(data=client.get("/slices/class/Visit.ttl").data, format="turtle")
    assert set(graph.subjects(RDF.type, DIP.Visit)) == things
    assert set(graph.subjects(RDF.type, DIP.Event)) == things
    participations = set(graph.objects(None, DIP.hasParticipation))
    assert participations and participations == set(graph.subjects(RDF.type, DIP.Participation))
    day = next(row for row in rows if row["thing"] == THING + "2010-nazarbayev-us-official-visit")
    assert (day["notBefore"], day["notAfter"], day["basis"]) == ("2010-04-11", "2010-04-13", "stated")
    assert day["participants"] == "Nursultan Nazarbayev"


def test_slice_of_years_takes_what_overlaps_them(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/slices/years/2006-2008.csv").text)))
    assert {row["notBefore"][:4] for row in rows} == {"2006", "2007", "2008"}
    one = list(csv.DictReader(io.StringIO(client.get("/slices/years/2006.csv").text)))
    assert all(row["notBefore"] <= "2006-12-31" and row["notAfter"] >= "2006-01-01" for row in one)
    visit, adoption = THING + "2006-nazarbayev-washington-visit", THING + "2006-joint-statement-adoption"
    assert {visit, adoption} < {row["thing"] for row in one}


def test_slice_of_a_topic_takes_narrower_ones(client: FlaskClient) -> None:
    def things(topic: str) -> set[str]:
        return {row["thing"] for row in csv.DictReader(io.StringIO(client.get(f"/slices/topic/{topic}.csv").text))}

    assert things("energy-security") < things("energy")
    assert THING + "2012-kazykhanov-clinton-negotiations" in things("energy-security")


def test_slice_of_a_saved_query_is_its_answer(client: FlaskClient) -> None:
    text = (ROOT / "queries" / "visits.rq").read_text()
    served = client.get("/sparql", query_string={"query": text}, headers={"Accept": "text/csv"})
    assert client.get("/slices/query/visits.csv").data == served.data
    assert client.get("/slices/query/visits.srj").content_type == "application/sparql-results+json"


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf"])
def test_slices_say_the_same_in_every_format(client: FlaskClient, suffix: str) -> None:
    expected = Graph().parse(data=client.get("/slices/topic/energy-security.nt").data, format="nt")
    answer = client.get(f"/slices/topic/energy-security.{suffix}")
    assert answer.headers["ETag"] == client.get(f"/slices/topic/energy-security.{suffix}").headers["ETag"]
    parser = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}[suffix]
    assert set(Graph().parse(data=answer.data, format=parser)) == set(expected)
    assert len(expected) > 50


def test_every_slice_on_the_page_is_there(client: FlaskClient) -> None:
    page = client.get("/dumps/").text
    addresses = set(re.findall(r'href="(/slices/[^"]+\.csv)"', page))
    assert len(addresses) > 60
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200 and answer.text.count("\n") > 1, address


@pytest.mark.parametrize(
    "path",
    ["/slices/class/Nothing.csv", "/slices/class/Visit.doc", "/slices/class/a>b.csv", "/slices/years/20x.csv",
     "/slices/years/2012-2008.csv", "/slices/years/1500.csv", "/slices/topic/nothing.ttl", "/slices/query/nothing.csv",
     "/slices/query/visits.ttl"],
)  # fmt: skip
def test_slice_of_nothing_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_without_a_release_there_are_no_dumps(tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text("<http://e/a> <http://e/p> <http://e/b> .\n")
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.nt"])
    try:
        client = create_app(releases).test_client()
        for path in ("/dumps/", "/dumps/SHA256SUMS", "/.well-known/void"):
            assert client.get(path).status_code == 404
    finally:
        releases.close()
