"""``/sparql`` as the SPARQL 1.1 Protocol wants it, asked in-process."""

import random
import time
from io import BytesIO
from urllib.parse import parse_qsl, quote

import pyoxigraph as ox
import pytest
from rdflib import RDF, Dataset, Namespace, URIRef

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql import parameters

DATA = """@prefix : <http://e/> .
:a :next :b . :b :next :c . :c :label "C, the \\"third\\""@en .
<https://w3id.org/kzus/ontology#Visit> a :Class .
:g1 { :a :in 1 }
:g2 { :b :in 2 }
"""
SELECT = "SELECT * { ?thing <http://e/next> ?other } ORDER BY ?thing"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://e/next> ?o }"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data.trig"
    path.write_text(DATA)
    releases = Releases(Limits(timeout=5, workers=2, queue=2, max_rows=1000), files=[path])
    yield create_app(releases).test_client()
    releases.close()


def get(client, query, **headers):
    return client.get(
        "/sparql", query_string={"query": query}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_get_select(client):
    answer = get(client, SELECT)
    assert answer.status_code == 200
    assert answer.content_type == "application/sparql-results+json"
    assert answer.json["head"]["vars"] == ["thing", "other"]
    assert [row["other"]["value"] for row in answer.json["results"]["bindings"]] == ["http://e/b", "http://e/c"]


def test_post_form(client):
    answer = client.post("/sparql", data={"query": SELECT, "format": "csv"})
    assert answer.data == b"thing,other\r\nhttp://e/a,http://e/b\r\nhttp://e/b,http://e/c\r\n"


def test_post_direct(client):
    answer = client.post("/sparql?format=tsv", data=SELECT, content_type="application/sparql-query; charset=UTF-8")
    assert answer.data.decode().splitlines()[0] == "?thing\t?other"


def test_form_is_decoded_once(client):
    query = 'SELECT ("100%25 a+b é" AS ?x) {}'
    answer = client.post("/sparql", data=f"query={quote(query)}", content_type=FORM)
    assert answer.json["results"]["bindings"][0]["x"]["value"] == "100%25 a+b é"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;charset=utf-8", "text/csv; charset=utf-8"),
        ("text/csv;q=0.1, text/tab-separated-values;q=0.2", "text/tab-separated-values; charset=utf-8"),
        ("text/turtle, application/*;q=0.3", "application/sparql-results+json"),
        ("image/png, text/csv", "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_select_accept(client, accept, media):
    assert get(client, SELECT, Accept=accept).content_type == media


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/sparql-results+json, text/turtle;q=0.1", ox.RdfFormat.TURTLE),
    ],
)
@pytest.mark.parametrize("query", [CONSTRUCT, "DESCRIBE <http://e/a> <http://e/b>"])
def test_graph_accept(client, accept, form, query):
    answer = get(client, query, Accept=accept)
    assert answer.content_type.startswith(form.media_type)
    quads = set(ox.parse(BytesIO(answer.data), format=form))
    node = ox.NamedNode
    assert {ox.Quad(node("http://e/a"), node("http://e/next"), node("http://e/b"))} <= quads
    assert len(quads) == 2


def test_turtle_has_our_prefixes_and_other_readers_agree(client):
    query = "PREFIX kzus: <https://w3id.org/kzus/id/> CONSTRUCT { kzus:x ?p ?o } WHERE { <http://e/a> ?p ?o }"
    answer = get(client, query, Accept="text/turtle")
    assert b"kzus:x" in answer.data
    assert len(Dataset().parse(data=answer.data, format="turtle")) == 1


@pytest.mark.parametrize(
    ("name", "media"),
    [("ics", "text/calendar; charset=utf-8"), ("geojson", "application/geo+json"), ("html", "text/html")],
)
def test_formats_made_of_columns(client, name, media):
    query = "SELECT ('2010-01-01' AS ?date) (1 AS ?lat) (2 AS ?long) {}"
    answer = client.get("/sparql", query_string={"query": query, "format": name})
    assert answer.status_code == 200
    assert answer.content_type.startswith(media)
    assert client.get("/sparql", query_string={"query": SELECT, "format": "ics"}).status_code == 406


@pytest.mark.parametrize(("query", "accept"), [(SELECT, "image/png"), (CONSTRUCT, "text/csv"), (SELECT, "text/turtle")])
def test_not_acceptable_lists_what_there_is(client, query, accept):
    answer = get(client, query, Accept=accept)
    assert answer.status_code == 406
    assert answer.content_type == "application/problem+json"
    assert len(answer.json["formats"]) >= 4


@pytest.mark.parametrize(
    ("dataset", "value"),
    [
        ({}, False),
        ({"default-graph-uri": "http://e/g1"}, True),
        ({"default-graph-uri": ["http://e/g2", "http://e/g1"]}, True),
        ({"default-graph-uri": "http://e/none"}, False),
        ({"named-graph-uri": "http://e/g1"}, False),
    ],
)
def test_default_graph_uri(client, dataset, value):
    answer = client.get("/sparql", query_string={"query": "ASK { <http://e/a> <http://e/in> ?n }", **dataset})
    assert answer.json["boolean"] is value


def test_protocol_dataset_wins_over_the_query(client):
    query = "SELECT ?s FROM <http://e/g1> { ?s <http://e/in> ?n }"
    rows = client.get("/sparql", query_string={"query": query, "default-graph-uri": "http://e/g2"}).json["results"][
        "bindings"
    ]
    assert [row["s"]["value"] for row in rows] == ["http://e/b"]


def test_named_graph_uri(client):
    query = "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"
    rows = client.get("/sparql", query_string={"query": query, "named-graph-uri": "http://e/g2"}).json["results"][
        "bindings"
    ]
    assert [row["g"]["value"] for row in rows] == ["http://e/g2"]


@pytest.mark.parametrize("query", ["SELECT {", "SELECT * { ?s dip:x ?o }", "FOO"])
def test_bad_query_is_a_problem_with_the_place(client, query):
    answer = get(client, query)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 400
    assert answer.json["line"] == 1
    assert answer.json["column"] >= 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"query_string": "format=json"}, 400),
        ({"headers": {"Accept": "text/csv"}}, 400),
        ({"method": "POST", "data": "", "content_type": FORM}, 400),
        ({"query_string": "query=ASK{}&query=ASK{}"}, 400),
        ({"query_string": "query=ASK{}&format=nope"}, 406),
        ({"query_string": "update=CLEAR+ALL"}, 403),
        ({"query_string": "query=CLEAR+ALL"}, 403),
        ({"query_string": "query=ASK{}&timeout=never"}, 400),
        ({"method": "POST", "data": "ASK {}"}, 415),
        ({"method": "POST", "data": "ASK {}", "content_type": "text/plain"}, 415),
        (
            {
                "method": "POST",
                "data": "ASK {}".encode("utf-16"),
                "content_type": "application/sparql-query; charset=UTF-16",
            },
            415,
        ),
        ({"method": "POST", "data": b"ASK { ?s ?p '\xff' }", "content_type": "application/sparql-query"}, 400),
        ({"method": "POST", "data": b"query=ASK%20%7B%20%3Fs%20%3Fp%20%22%FF%22%20%7D", "content_type": FORM}, 400),
        ({"method": "POST", "data": "update=CLEAR+ALL", "content_type": FORM}, 403),
        ({"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"}, 403),
        ({"method": "PUT", "data": "ASK {}", "content_type": "application/sparql-query"}, 405),
        ({"method": "DELETE"}, 405),
        ({"method": "BREW"}, 405),
    ],
)
def test_bad_request(client, request_, status):
    answer = client.open("/sparql", **request_)
    assert answer.status_code == status
    assert answer.json["status"] == status


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { VALUES ?x { <\\u0078'#> } SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        'SELECT * { FILTER(?a<?b#>"""\n) SERVICE <http://127.0.0.1:9999/> { ?s ?p ?o } #""" > 1)\n}',
    ],
)
def test_service_is_refused(client, query):
    answer = get(client, query)
    assert answer.status_code == 403
    assert answer.json["type"].endswith("/service")


@pytest.mark.parametrize(
    ("headers", "media"),
    [
        ({"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, "text/html; charset=utf-8"),
        ({"Accept": "*/*", "User-Agent": "curl/8.5"}, "text/plain; charset=utf-8"),
        ({"Accept": "text/csv", "User-Agent": "python-requests/2"}, "application/problem+json"),
    ],
)
def test_problem_suits_whoever_asked_and_is_no_markup(client, headers, media):
    answer = client.get("/sparql", query_string={"query": "<script>alert(1)</script>"}, headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == media
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"<script>" not in answer.data or media.startswith("text/plain")


def test_deadline_is_504(client):
    query = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(20)) + " }"
    answer = client.get("/sparql", query_string={"query": query, "timeout": "0.2"})
    assert answer.status_code == 504


def test_too_many_rows(client):
    query = "SELECT ?a0 { " + " ".join(f"?a{n} <http://e/next> ?c{n} ." for n in range(10)) + " }"
    assert get(client, query + " LIMIT 1000").status_code == 200
    assert get(client, query + " LIMIT 1001").status_code == 422


def test_head_has_headers_only(client):
    answer = client.head("/sparql", query_string={"query": SELECT})
    assert answer.status_code == 200
    assert answer.content_type == "application/sparql-results+json"
    assert answer.data == b""


def test_health(client):
    assert client.get("/health").json["status"] == "ok"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/turtle", "application/ld+json;q=0.5, text/html;q=0.2", "application/rdf+xml"]
)
def test_service_description(client, accept):
    answer = client.get("/sparql", headers={"Accept": accept})
    assert answer.status_code == 200
    graph = Dataset().parse(data=answer.data, format=answer.mimetype)
    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    (service,) = graph.subjects(RDF.type, sd.Service)
    assert graph.value(service, sd.endpoint) == URIRef("http://localhost/sparql")
    names = {str(name) for name in graph.objects(None, sd.name)}
    assert names == {"http://e/g1", "http://e/g2"}
    dataset = graph.value(service, sd.defaultDataset)
    default = graph.value(dataset, sd.defaultGraph)
    assert graph.value(default, URIRef("http://rdfs.org/ns/void#triples")).toPython() == 4


def test_browser_without_a_query_gets_a_page(client):
    assert client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * {\n ?s dip:date ?o }", ("dip:date", 2, "PREFIX dip: <https://w3id.org/kzus/ontology#>")),
        ("SELECT ?a\nWHRE { ?a ?b ?c }", ("WHRE", 2, "Perhaps WHERE is meant.")),
        ("SELECT * { ?s kzs:date ?o }", ("kzs:date", 1, "Perhaps you mean PREFIX kzus: <https://w3id.org/kzus/id/>")),
    ],
)
def test_the_wrong_word_is_named_with_what_to_write(client, query, words):
    problem = get(client, query).json
    assert (problem["token"], problem["line"], problem["hint"]) == words


def test_an_empty_answer_names_the_term_that_does_not_exist(client):
    query = "PREFIX dip: <https://w3id.org/kzus/ontology#> SELECT * { ?s a dip:Vist }"
    for _ in range(100):
        hint = client.post("/sparql", data={"query": f"{query} # {_}"}).headers.get("Hint")
        if hint:
            break
        time.sleep(0.02)
    assert hint == "dip:Vist is not a term of the ontology; the most similar term is dip:Visit"
    assert client.post("/sparql", data={"query": f"{query} # {_}"}).headers["Hint"] == hint, "kept, it still has it"
    page = get(client, query, Accept="text/html").get_data(as_text=True)
    assert f'<p class="callout hint">{hint}.</p>' in page


def test_a_page_of_rows_stands_in_the_frame_of_the_site(client):
    query = 'SELECT ?thing ("</pre><!-- rows -->" AS ?text) { ?thing <http://e/next> <http://e/b> }'
    answer = get(client, query, Accept="text/html")
    page = answer.get_data(as_text=True)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert page.count("<h1>Answer</h1>") == page.count('<main id="main"') == page.count("<html") == 1
    assert f'href="/query?query={quote(query, safe="/")}">Change the query</a>' in page
    assert "</pre><!-- rows -->" not in page and page.count("&lt;/pre&gt;&lt;!-- rows --&gt;") == 2
    assert 'href="/sparql?query=SELECT+%3Fthing' in page and "format=csv" in page
    assert "<p>1 row</p>" in page and "No rows" not in page and page.rstrip().endswith("</html>")


def test_a_page_of_rows_leads_below_the_prefix_of_a_proxy(client):
    answers = [
        client.get(
            "/sparql",
            query_string={"query": "SELECT (<https://w3id.org/kzus/id/x> AS ?thing) {}"},
            headers={"Accept": "text/html"},
            environ_overrides={"SCRIPT_NAME": prefix},
        )
        for prefix in ("", "/below")
    ]
    pages = [answer.get_data(as_text=True) for answer in answers]
    assert 'href="/id/x"' in pages[0] and 'href="/below/id/x"' in pages[1] and 'href="/below/static/' in pages[1]
    assert ["X-Forwarded-Prefix" in answer.headers["Vary"] for answer in answers] == [True, True]


def test_parameters_are_read_as_the_standard_library_reads_them():
    chance = random.Random(11)
    pieces = ["a", "=", "&", "+", "%20", "%2B", "%26", "%3D", "%25", "%C3%A9", "é", "%", "%4", "%zz", ";", "%C3"]
    for _ in range(3000):
        text = "".join(chance.choices(pieces, k=chance.randrange(12)))
        try:
            expected = parse_qsl(text, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            with pytest.raises(Problem, match="not valid UTF-8"):
                parameters._pairs(text.encode())
        else:
            assert parameters._pairs(text.encode()) == expected
