"""What is said to people whose query is refused, or finds nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.application import create_app
from kzus_graph.web.sparql import empty_results

DECLARED = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("dip", "kzus", "rdfs", "xsd", "skos", "rdf"))


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    end = time.monotonic() + 10
    while not empty_results.terms(releases.current) and time.monotonic() < end:
        time.sleep(0.02)
    yield create_app(releases).test_client()
    releases.close()


ENDINGS = "GROUP or HAVING or LIMIT or OFFSET or ORDER or VALUES or the end of the query"
UNCLOSED = (
    "Only a string in triple quotes may contain line breaks. Escapes are \\t \\b \\n \\r \\f \\u \\U \\\" \\' \\\\."
)
MALFORMED = [
    # What stands there, and where: line, column, token, detail, hint.
    (
        "SELECT ?s ?o (COUNT(?p) AS ?n)\n{ ?s ?p ?o } GROUP BY ?s",
        (1, 11, "?o", "?o is selected, but it is neither in GROUP BY nor in an aggregate."),
        "Add ?o to GROUP BY, or select an aggregate of it, such as SAMPLE or COUNT.",
    ),
    (
        "SELECT ?s {\n { SELECT ?s (STR(?o) AS ?t) { ?s ?p ?o } GROUP BY ?s } }",
        (2, 19, "?o", "?o is selected, but it is neither in GROUP BY nor in an aggregate."),
        "Add ?o to GROUP BY, or select an aggregate of it, such as SAMPLE or COUNT.",
    ),
    (
        "SELECT ?s\n{ ?s\xa0?p ?o }",
        (2, 5, "\xa0", "Unexpected U+00A0 (no-break space)."),
        "Replace it by a plain space.",
    ),
    (
        "ASK { ?s ?p\u200b ?o }",
        (1, 12, "\u200b", "Unexpected U+200B (zero width space)."),
        "This character is invisible: delete it.",
    ),
    (
        "\ufeffSELECT ?s { ?s ?p ?o }",
        (1, 1, "\ufeffSELECT", "Unexpected U+FEFF (zero width no-break space) in a word."),
        "This character is invisible: delete it.",
    ),
    (
        "SEL\xadECT ?s { ?s ?p ?o }",
        (1, 4, "SEL", "Unexpected U+00AD (soft hyphen) in a word."),
        "This character is invisible: delete it.",
    ),
    (
        "\u0421ELECT ?s { ?s ?p ?o }",
        (1, 1, "\u0421ELECT", "Unexpected U+0421 (cyrillic capital letter es) in a word."),
        "Characters outside ASCII are allowed only in names, strings, IRIs and comments.",
    ),
    (
        "ASK { ?s ?p \u201cx\u201d }",
        (1, 13, "\u201c", "Unexpected U+201C (left double quotation mark)."),
        "Replace it by a plain quotation mark, \" or '.",
    ),
    (
        "ASK { BIND(5 \u2212 3 AS ?x) }",
        (1, 14, "\u2212", "Unexpected U+2212 (minus sign)."),
        "Replace it by a plain hyphen, -.",
    ),
    (
        "ASK { ?s ?p ?o FILTER(LENGTH(?o) > 1) }",
        (1, 23, "LENGTH", "There is no function LENGTH."),
        "Perhaps STRLEN is meant.",
    ),
    (
        "ASK { ?s ?p ?o FILTER(strstart(?o)) }",
        (1, 23, "strstart", "There is no function strstart."),
        "Perhaps STRSTARTS is meant.",
    ),
    ("ASK { FILTER(qqqqq (1)) }", (1, 14, "qqqqq", "There is no function qqqqq."), None),
    (
        "ASK { ?s ?p 'a\\q' }",
        (1, 13, "'", "A string has no closing quote, or contains an invalid escape."),
        UNCLOSED,
    ),
    (
        "ASK { ?s <a b> ?o }",
        (1, 10, "<", "An IRI has no closing >, or contains a character not allowed in IRIs."),
        "Write a space in an IRI as %20.",
    ),
    (
        "SELECT * { ?s ?p ?o } LIMIT10",
        (1, 23, "LIMIT10", f"Unexpected LIMIT10; expected {ENDINGS}."),
        "Perhaps LIMIT is meant.",
    ),
]


@pytest.mark.parametrize(("query", "said", "hint"), MALFORMED)
def test_what_is_wrong_is_named_with_its_place(
    client: FlaskClient, query: str, said: tuple[object, ...], hint: str | None
) -> None:
    problem = client.post("/sparql", data={"query": query}).json
    assert (problem["line"], problem["column"], problem["token"], problem["detail"]) == said
    assert problem.get("hint") == hint


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s (COUNT(?p) AS ?n) { ?s ?p ?o } GROUP BY ?s",
        "SELECT ?x { ?s ?p ?o } GROUP BY (STR(?o) AS ?x)",
        "SELECT (STR(?s) AS ?t) (SAMPLE(STR(?o)) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING (COUNT(?p) > 0) ORDER BY ?n",
        "SELECT ?x { ?s ?p ?x FILTER(?x != '\xa0\u200b\u201c') } # \ufeff",
        "SELECT (COUNT(*) AS ?n) { { SELECT ?s { ?s ?p ?o } } }",
    ],
)
def test_what_is_right_is_not_refused(client: FlaskClient, query: str) -> None:
    assert client.post("/sparql", data={"query": query}).status_code == 200


@pytest.mark.parametrize(
    ("function", "hint"), [("xsd:year", "Perhaps YEAR is meant."), ("kzus:lower-case", "Perhaps LCASE is meant.")]
)
def test_a_function_with_an_iri_that_the_engine_has_not_is_named(client: FlaskClient, function: str, hint: str) -> None:
    problem = client.post("/sparql", data={"query": f"{DECLARED}\nASK {{ ?s ?p ?o FILTER({function}(?o) > 1) }}"}).json
    assert (problem["line"], problem["column"], problem["token"]) == (2, 23, function)
    assert (problem["detail"], problem["hint"]) == (f"There is no function {function}.", hint)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?x ?p ?o SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } }',
        "SELECT * { ?x ?p ?o SERVICE SILENT <http://wikiba.se/ontology#label> { } }",
        "SELECT * { SERVICE <https://query.wikidata.org/sparql> { ?a ?b ?c SERVICE wikibase:label { } } }",
    ],
)
def test_who_asks_for_the_label_service_learns_how_labels_are_asked_for(client: FlaskClient, query: str) -> None:
    answer = client.post("/sparql", data={"query": query})
    assert answer.status_code == 403
    assert answer.json["hint"] == (
        "Only Wikidata has this label service. Query labels as triples instead, in this graph as in Wikidata: "
        '?thing rdfs:label ?label FILTER(LANG(?label) = "en")'
    )


def hint(client: FlaskClient, query: str) -> str | None:
    """The header of an answer without rows, decoded."""
    answer = client.post("/sparql", data={"query": DECLARED + query})
    assert answer.status_code == 200
    text = answer.headers.get("Hint")
    return None if text is None else unquote(text, errors="strict")


RDFS = "www.w3.org/2000/01/rdf-schema#"
MIDNIGHT = '"1900-01-01T00:00:00"'
DATES = "The values of dip:begin have datatype xsd:date, with which"
ABSENT = [
    ("?s a dip:Vist", "dip:Vist is not a term of the ontology; the most similar term is dip:Visit"),
    ("?s a dip:Визит", "dip:Визит is not a term of the ontology"),
    (
        "<http://w3id.org/kzus/id/fred> ?p ?o",
        "This graph uses the namespace https://w3id.org/kzus/id/, not http://w3id.org/kzus/id/",
    ),
    (
        f"?s <https://{RDFS}label> ?o",
        f"This graph uses the namespace http://{RDFS}, not https://{RDFS}",
    ),
    ('?s rdfs:label "Fred"', 'rdfs:label has no value "Fred", but it has "Fred"@en'),
    ('?s rdfs:label "Fred"@ru', 'rdfs:label has no value "Fred"@ru, but it has "Fred"@en'),
    ('?s dip:end "1901-05-05"', 'dip:end has no value "1901-05-05", but it has "1901-05-05"^^xsd:date'),
    (
        '?s dip:end "1901-05-05T00:00:00Z"^^xsd:dateTime',
        'dip:end has no value "1901-05-05T00:00:00Z"^^xsd:dateTime, but it has "1901-05-05"^^xsd:date',
    ),
    (
        '?s rdfs:label ?l FILTER(?l = "Fred")',
        'The values of rdfs:label have a language tag, but "Fred" has none: write @en after it, or compare STR(?l)',
    ),
    (
        f"?s dip:begin ?d FILTER(?d > {MIDNIGHT}^^xsd:dateTime)",
        f'{DATES} {MIDNIGHT}^^xsd:dateTime can\'t be compared: write "1900-01-01"^^xsd:date',
    ),
    (
        f"?s dip:begin ?d FILTER(xsd:dateTime({MIDNIGHT}) < ?d)",
        f'{DATES} {MIDNIGHT}^^xsd:dateTime can\'t be compared: write "1900-01-01"^^xsd:date',
    ),
    (
        '?s dip:begin ?d FILTER(?d >= "1900-01-01")',
        f'{DATES} "1900-01-01" can\'t be compared: write "1900-01-01"^^xsd:date',
    ),
    ("?s dip:begin ?d FILTER(?d > 1900)", f"{DATES} 1900 can't be compared"),
]


@pytest.mark.parametrize(("pattern", "said"), ABSENT, ids=[pattern for pattern, _ in ABSENT])
def test_a_query_that_found_nothing_has_a_hint(client: FlaskClient, pattern: str, said: str) -> None:
    assert hint(client, f"SELECT * {{ {pattern} }}") == hint(client, f"ASK {{ {pattern} }}") == said


@pytest.mark.parametrize(
    "pattern",
    [
        '?s rdfs:label "Nobody"',
        '?s rdfs:label "Fred"@en . ?s a dip:Visit',
        '?s dip:begin ?d FILTER(?d > "2999-01-01"^^xsd:date)',
        '?s dip:begin ?d FILTER(STR(?d) > "2999-01-01")',
        '?s dip:begin|skos:altLabel ?d FILTER(?d = "2999-01-01")',
        'BIND("x" AS ?d) OPTIONAL { ?s dip:begin ?d } FILTER(?d = "2999-01-01")',
        '?s dip:begin ?d FILTER(?d != "1900-01-01" && false)',
        '?s dip:begin ?d FILTER(YEAR(?d) > 2999)',
        "?s <https://example.org/p> ?o",
        "?s <http://www.w3.org/2000/01/rdf-schema#label> 5",
    ],
)  # fmt: skip
def test_no_hint_where_that_cannot_be_the_reason(client: FlaskClient, pattern: str) -> None:
    assert hint(client, f"SELECT * {{ {pattern} }}") is None


def test_an_answer_with_rows_has_no_hint(client: FlaskClient) -> None:
    assert hint(client, 'SELECT * { ?s rdfs:label "Fred"@en OPTIONAL { ?s a dip:Vist } }') is None


def test_of_a_thousand_unknown_terms_three_are_named_in_a_short_header(client: FlaskClient) -> None:
    names = " ".join(f"dip:Неведомый{number}{'х' * 200}" for number in range(1000))
    answer = client.post("/sparql", data={"query": f"{DECLARED} ASK {{ VALUES ?x {{ {names} }} ?x a ?x }}"})
    header = answer.headers["Hint"]
    assert header.isascii() and len(header) < 1500
    assert unquote(header).count("is not a term of the ontology") == 3


def test_a_page_has_the_hint_as_it_is(client: FlaskClient) -> None:
    page = client.get(
        "/sparql", query_string={"query": f"{DECLARED} ASK {{ ?s a dip:Визит }}", "format": "html"}
    ).get_data(as_text=True)
    assert '<p class="callout hint">dip:Визит is not a term of the ontology.</p>' in page


EMPTY = "&".join(
    f"{name}="
    for name in ("default-graph-uri", "named-graph-uri", "timeout", "format", "should-sponge", "update", "query")
)


@pytest.mark.parametrize("more", [EMPTY, "debug=on&should-sponge=grab-all", f"{EMPTY}&format=%20&{EMPTY}"])
def test_empty_and_unknown_parameters_count_as_absent(client: FlaskClient, more: str) -> None:
    for answer in (
        client.get(f"/sparql?{more}&query=ASK+%7B%7D"),
        client.post("/sparql", data=f"query=ASK+%7B%7D&{more}", content_type="application/x-www-form-urlencoded"),
        client.post(f"/sparql?{more}", data="ASK {}", content_type="application/sparql-query"),
    ):
        assert (answer.status_code, answer.get_json(force=True)) == (200, {"head": {}, "boolean": True})


def test_without_a_query_an_empty_one_is_missing(client: FlaskClient) -> None:
    for address in ("/sparql?query=", "/sparql?query=&query=%20", f"/sparql?{EMPTY}"):
        problem = client.get(address).json
        assert (problem["status"], problem["detail"]) == (400, "The parameter query is missing.")
    assert client.get("/sparql?query=ASK{}&query=ASK{}").json["type"].endswith("/repeated-parameter")


@pytest.mark.parametrize("prologue", ["", "## Community\n# <\\u0078> :\\u0070 ?xx\\u0078\n"])
def test_escapes_in_a_relative_iri_are_read_as_the_w3c_has_it(client: FlaskClient, prologue: str) -> None:
    query = f'PREFIX : <http://example/>\nSELECT *\n{prologue}WHERE {{ <\\u0078> :p "xx\\u0078" }}'
    assert client.post("/sparql", data={"query": query}).json["results"]["bindings"] == []
