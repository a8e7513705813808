"""Clients that people use, as they come, against the running server: SPARQLWrapper, rdflib, pandas, Comunica."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas
import pytest
from rdflib import RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import GET, POST, POSTDIRECTLY, URLENCODED, SPARQLWrapper, SPARQLWrapper2
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.conformance import servers

pytestmark = pytest.mark.slow

E = Namespace("http://e/")
DATA = """PREFIX : <http://e/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
:visit a :Visit ; rdfs:label "The visit, the \\"first\\""@en ; :begin "2010-04-11"^^xsd:date ; :days 4 .
:visit :part :meeting .
:meeting a :Meeting ; rdfs:label "Réunion"@fr ; :begin "2010-04-12"^^xsd:date ; :days 1 .
:claims { :visit :days 5 }
"""
LABELS = f"SELECT ?event ?label {{ ?event <{RDFS.label}> ?label ; <http://e/days> ?days }} ORDER BY ?days"
PARTS = "CONSTRUCT { ?part <http://e/partOf> ?event } WHERE { ?event <http://e/part> ?part }"
PART = (E.meeting, E.partOf, E.visit)
NODE = Path(__file__).with_name("node")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    path = tmp_path_factory.mktemp("clients") / "events.trig"
    path.write_text(DATA, "utf-8")
    with servers.ours([path]) as endpoint:
        yield endpoint.url


# --- SPARQLWrapper


@pytest.fixture(params=[(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)], ids=["get", "form", "direct"])
def wrapper(url, request):
    method, how = request.param
    made = SPARQLWrapper(url)
    made.setMethod(method)
    made.setRequestMethod(how)
    return made


def asked(wrapper, query, format_):
    wrapper.setQuery(query)
    wrapper.setReturnFormat(format_)
    answer = wrapper.query()
    return answer.info()["content-type"].partition(";")[0], answer.convert()


def test_sparqlwrapper_json(wrapper):
    media_type, document = asked(wrapper, LABELS, "json")
    assert media_type == "application/sparql-results+json"
    assert document["head"]["vars"] == ["event", "label"]
    labels = [(row["label"]["value"], row["label"]["xml:lang"]) for row in document["results"]["bindings"]]
    assert labels == [("Réunion", "fr"), ('The visit, the "first"', "en")]


def test_sparqlwrapper_xml(wrapper):
    media_type, document = asked(wrapper, LABELS, "xml")
    assert media_type == "application/sparql-results+xml"
    literals = [node.firstChild.data for node in document.getElementsByTagName("literal")]
    assert literals == ["Réunion", 'The visit, the "first"']


def test_sparqlwrapper_csv(wrapper):
    media_type, text = asked(wrapper, LABELS, "csv")
    assert media_type == "text/csv"
    expected = 'event,label\r\nhttp://e/meeting,Réunion\r\nhttp://e/visit,"The visit, the ""first"""\r\n'
    assert text.decode() == expected


def test_sparqlwrapper_tsv(wrapper):
    media_type, text = asked(wrapper, LABELS, "tsv")
    assert media_type == "text/tab-separated-values"
    assert text.decode().splitlines()[1] == '<http://e/meeting>\t"Réunion"@fr'


@pytest.mark.parametrize("format_", ["json", "xml"])
def test_sparqlwrapper_ask(wrapper, format_):
    _, answer = asked(wrapper, "ASK { <http://e/visit> <http://e/days> 5 }", format_)
    found = answer["boolean"] if format_ == "json" else answer.getElementsByTagName("boolean")[0].firstChild.data
    assert found in (False, "false")


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [
        ("turtle", "text/turtle"),
        ("n3", "text/turtle"),
        ("rdf+xml", "application/rdf+xml"),
        ("xml", "application/rdf+xml"),
        ("json-ld", "application/ld+json"),
    ],
)
def test_sparqlwrapper_construct(wrapper, format_, media_type):
    found, answer = asked(wrapper, PARTS, format_)
    assert found == media_type
    graph = answer if isinstance(answer, Graph) else Graph().parse(data=answer, format="turtle")
    assert {triple[:3] for triple in graph} == {PART}


def test_sparqlwrapper_describe(wrapper):
    _, text = asked(wrapper, "DESCRIBE <http://e/meeting>", "turtle")
    assert (E.meeting, RDFS.label, Literal("Réunion", lang="fr")) in Graph().parse(data=text, format="turtle")


def test_sparqlwrapper_names_a_data_set(wrapper):
    wrapper.addDefaultGraph("http://e/claims")
    _, document = asked(wrapper, "SELECT ?days { <http://e/visit> <http://e/days> ?days }", "json")
    assert [row["days"]["value"] for row in document["results"]["bindings"]] == ["5"]


def test_sparqlwrapper_shows_where_a_query_is_wrong(wrapper):
    with pytest.raises(QueryBadFormed, match='"line": 2'):
        asked(wrapper, "SELECT ?s {\n ?s ?p }", "json")


def test_sparqlwrapper_two(url):
    wrapper = SPARQLWrapper2(url)
    wrapper.setQuery(LABELS)
    assert [row["label"].lang for row in wrapper.query().bindings] == ["fr", "en"]


# --- rdflib


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def method(request):
    return request.param


def test_rdflib_graph_over_the_endpoint(url, method):
    graph = Graph(SPARQLStore(url, method=method))
    assert len(graph) == 9
    assert graph.value(E.visit, RDFS.label) == Literal('The visit, the "first"', lang="en")
    assert (E.meeting, E.begin, Literal("2010-04-12", datatype=XSD.date)) in set(graph.triples((E.meeting, None, None)))
    assert (E.visit, E.days, Literal(4)) in graph
    assert (E.visit, E.days, Literal(5)) not in graph
    assert set(graph.subjects(E.days)) == {E.visit, E.meeting}


def test_rdflib_named_graph(url, method):
    assert set(Graph(SPARQLStore(url, method=method), identifier=URIRef("http://e/claims"))) == {
        (E.visit, E.days, Literal(5))
    }


@pytest.mark.parametrize("format_", ["xml", "json", "tsv"])
def test_rdflib_select(url, method, format_):
    graph = Graph(SPARQLStore(url, method=method, returnFormat=format_))
    rows = [tuple(row) for row in graph.query(LABELS)]
    assert rows == [
        (E.meeting, Literal("Réunion", lang="fr")),
        (E.visit, Literal('The visit, the "first"', lang="en")),
    ]


def test_rdflib_ask_construct_describe(url, method):
    graph = Graph(SPARQLStore(url, method=method))
    assert graph.query("ASK { ?s <http://e/days> 4 }").askAnswer is True
    assert set(graph.query(PARTS).graph) == {PART}
    assert (E.meeting, E.days, Literal(1)) in graph.query("DESCRIBE <http://e/meeting>").graph


# --- pandas

TABLE = f"""SELECT ?event ?label ?begin ?days {{
  ?event <{RDFS.label}> ?label ; <http://e/begin> ?begin ; <http://e/days> ?days }} ORDER BY ?begin"""


@pytest.mark.parametrize(
    ("parameters", "options"),
    [({"format": "csv"}, {}), ({}, {"storage_options": {"Accept": "text/csv"}})],
    ids=["format", "accept"],
)
def test_pandas_reads_csv_from_the_address(url, parameters, options):
    frame = pandas.read_csv(f"{url}?{urlencode({'query': TABLE, **parameters})}", parse_dates=["begin"], **options)
    assert list(frame.columns) == ["event", "label", "begin", "days"]
    assert list(frame["label"]) == ['The visit, the "first"', "Réunion"]
    assert frame["days"].sum() == 5
    assert frame["begin"].diff().max() == pandas.Timedelta(days=1)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_pandas_reads_a_large_answer(url, coding):
    pattern = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(4))
    address = f"{url}?{urlencode({'query': f'SELECT * {{ {pattern} }}', 'format': 'csv'})}"
    headers = {"Accept-Encoding": coding}
    with urlopen(Request(address, headers=headers)) as answer:
        assert answer.headers.get("Content-Encoding", "identity") == coding
        answer.read()
    frame = pandas.read_csv(address, storage_options=headers)
    assert frame.shape == (9**4, 12)
    assert frame["s0"].nunique() == 2


# --- Comunica


@pytest.fixture(scope="module")
def node_modules():
    """A folder outside the checkout with what ``package-lock.json`` names, installed once for each state of it."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("Comunica needs node and npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(f"Comunica needs Node 20 or newer; this is {version}")
    digest = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kzus-graph"
    folder = cache / f"node-{digest}"
    if not folder.is_dir():
        fresh = cache / f"node-{digest}.{os.getpid()}"
        shutil.copytree(NODE, fresh)
        done = subprocess.run([npm, "ci", "--prefer-offline"], cwd=fresh, capture_output=True, text=True, check=False)
        if done.returncode and not os.environ.get("CI"):
            shutil.rmtree(fresh)
            pytest.skip(f"Comunica could not be installed: {done.stderr.strip().splitlines()[-1:]}")
        assert done.returncode == 0, done.stderr
        fresh.rename(folder)
    return folder


@pytest.fixture(scope="module")
def comunica(node_modules, url):
    script = shutil.copy(NODE / "comunica.mjs", node_modules)
    queries = [LABELS, "ASK { ?event <http://e/days> 4 }", PARTS, "DESCRIBE <http://e/meeting>"]
    done = subprocess.run(["node", script, url, *queries], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_lock_file_names_versions_and_digests_but_no_address():
    packages = json.loads((NODE / "package-lock.json").read_text())["packages"]
    installed = [package for name, package in packages.items() if name]
    assert installed
    assert all("integrity" in package and "resolved" not in package for package in installed)


def test_comunica_finds_the_endpoint_by_its_service_description(comunica, url):
    requests = comunica["requests"]
    assert requests[0]["url"] == url
    assert "text/turtle" in requests[0]["accept"]
    # Each query is then sent whole, which Comunica does only to what it knows to be a SPARQL endpoint.
    addresses = [request["url"].partition("=")[0] for request in requests]
    assert [address for address in addresses if address != url] == [f"{url}?query"] * 4
    assert {request["status"] for request in requests} == {200}


def test_comunica_answers(comunica):
    select, ask, construct, describe = comunica["answers"]
    assert select == [
        {"event": ["http://e/meeting", ""], "label": ["Réunion", "fr"]},
        {"event": ["http://e/visit", ""], "label": ['The visit, the "first"', "en"]},
    ]
    assert ask is True
    assert construct == [["http://e/meeting", "http://e/partOf", "http://e/visit"]]
    assert ["http://e/meeting", str(RDFS.label), "Réunion"] in describe
