"""The form that puts questions together: it finds what the example queries find, and refuses what it can't ask."""

import csv
import html
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.application import create_app
from tests.conftest import ROOT

BROWSER = {"Accept": "text/html"}
# The same question in the form and as an example query, with the column of the example that has the things.
SAME = {
    "events-in-almaty": ("event", "kind=Event&place=Almaty"),
    "what-nazarbayev-signed": ("instrument", "kind=Instrument&signer=Nursultan+Nazarbayev"),
    "direct-contacts-of-nazarbayev-and-obama": (
        "contact",
        "kind=DiplomaticContact&participant=obama&participant=nazarbayev",
    ),
    "events-of-2010": ("event", "kind=Event&from=2010&to=2010&dates=certain"),
    "events-about-nuclear-matters": ("event", "kind=Event&topic=nuclear+matters"),
    "events-about-security": ("event", "kind=Event&topic=topic:security"),
    "whom-tokayev-met": ("other", "kind=Person&contact=tokayev"),
    "statements-of-clinton": ("statement", "kind=Statement&author=hillary+clinton"),
    "sources-about-john-kerry": ("source", "kind=Attestation&subject=john+kerry"),
    "visits-to-kazakhstan": ("visit", "kind=Visit&territory=kzus:kazakhstan"),
    "visits": ("visit", "kind=Visit"),
    "persons-at-the-april-2010-visit": ("person", "kind=Person&occasion=kzus:2010-nazarbayev-us-official-visit"),
    "events-in-the-united-states": ("event", "kind=Event&place=kzus:united-states-country"),
    "events-of-tokayev": ("event", "kind=Event&participant=tokayev"),
    "events-of-both-states": ("event", "kind=Event&side=kzus:kazakhstan&side=kzus:united-states"),
    "instruments-signed-for-both-states": (
        "instrument",
        "kind=Instrument&signatory=kzus:kazakhstan&signatory=kzus:united-states",
    ),
    "contacts-of-the-two-presidents": (
        "event",
        "kind=Event&office=President+of+Kazakhstan&office=President+of+the+United+States",
    ),
}
# What the server refuses, each with a part of what it says.
REFUSED = {
    "kind=Unicorn": "The parameter kind must be the name of a class",
    "kind=Visit}+UNION+{": "The parameter kind must be the name of a class",
    "kind=Visit&kind=Event": "The parameter kind may be given only once.",
    "kind=Event&place=kzus:nowhere": "Nothing in this release has the IRI kzus:nowhere.",
    "kind=Event&place=https://example.org/a": "Nothing in this release has the IRI",
    "kind=Event&place=<https://example.org/%22>": "The parameter place is not a valid IRI.",
    "kind=Event&place=%3Chttps://example.org/a%3E%20?p%20?o%20%7D%20%23%3E": "The parameter place is not a valid IRI.",
    "kind=Event&publisher=%22nobody%22": "has a value in quotation marks that nothing here has",
    "kind=Event&from=yesterday": "“yesterday” is not a date.",
    "kind=Event&from=2010-02-30": "“2010-02-30” is not a date.",
    "kind=Event&to=0000": "“0000” is not a date.",
    "kind=Event&to=٢٠١٠": "“٢٠١٠” is not a date.",
    "kind=Event&from=2011&to=2010": "The period ends before it begins",
    "kind=Event&from=2011&dates=perhaps": "The parameter dates must be possible or certain.",
    "kind=Event&view=spiral": "The parameter view must be one of table, timeline, map, bar, line.",
    "kind=Event&" + "&".join(["place=kzus:almaty"] * 13): "at most 12 conditions",
    "kind=Event&" + "&".join(["place=kzus:almaty"] * 10_000): "at most 200 parameters",
    "kind=Event&" + "&".join(["column=place"] * 7): "6 columns",
    "kind=Event&place=" + "x" * 201: "at most 200 characters",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def fictional(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def page(client: FlaskClient, parameters: str) -> str:
    answer = client.get(f"/build?{parameters}", headers=BROWSER, follow_redirects=True)
    assert answer.status_code == 200 and answer.mimetype == "text/html", parameters
    return answer.text


def query_of(text: str) -> str:
    found = re.search(r'<code class="language-sparql">(.*?)</code>', text, re.DOTALL)
    assert found, "the page has no query"
    return html.unescape(found[1])


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/sparql?{urlencode({'query': query})}", headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.text, newline="")))


@pytest.mark.parametrize("name", SAME)
def test_the_built_query_finds_what_the_example_finds(client: FlaskClient, name: str) -> None:
    column, parameters = SAME[name]
    built = rows(client, query_of(page(client, parameters)))
    thing = next(iter(built[0]))
    example = rows(client, (ROOT / "queries" / f"{name}.rq").read_text("utf-8"))
    assert sorted({row[thing] for row in built}) == sorted({row[column] for row in example})


@pytest.mark.parametrize("parameters", REFUSED)
def test_what_can_not_be_asked_is_refused_in_words(client: FlaskClient, parameters: str) -> None:
    answer = client.get(f"/build?{parameters}", headers=BROWSER)
    assert answer.status_code == 400
    assert REFUSED[parameters] in html.unescape(answer.text)


def test_typed_names_become_things_in_an_address_without_empty_fields(client: FlaskClient) -> None:
    sent = "kind=Event&participant=obama&participant=&place=&from=2010&to=&dates=possible&words=&count=&view="
    answer = client.get(f"/build?{sent}", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.location == "/build?kind=Event&participant=kzus%3Abarack-obama&from=2010"


def test_a_name_of_several_things_is_a_choice(client: FlaskClient) -> None:
    text = page(client, "kind=Event&participant=clinton")
    offered = re.findall(r'<input type="radio" name="participant" value="([^"]*)" required>', text)
    assert sorted(offered) == ["kzus:bill-clinton", "kzus:hillary-clinton"]
    assert "language-sparql" not in text
    assert client.get("/build.csv?kind=Event&participant=clinton").status_code == 400


def test_a_name_of_nothing_is_said_to_be_so(client: FlaskClient) -> None:
    text = html.unescape(page(client, "kind=Event&participant=xyzzyplugh"))
    assert "Nothing that fits here is called “xyzzyplugh”." in text
    assert 'value="xyzzyplugh"' in text and "language-sparql" not in text


def test_text_of_a_client_is_a_literal_in_the_query(client: FlaskClient) -> None:
    words = '"))\u2028}#\\'
    query = query_of(page(client, urlencode({"kind": "Visit", "words": words})))
    assert rows(client, query) == []
    assert '"\\"))"' in query


def test_a_parameter_for_another_kind_is_left_out_and_named(client: FlaskClient) -> None:
    text = html.unescape(page(client, "kind=Person&place=kzus:almaty&utm_source=x&from=2010"))
    said = re.search(r"Left out, since it says nothing about this kind of thing: (.*?)</p>", text)
    assert said and re.findall(r"<code>(.*?)</code>", said[1]) == ["place", "utm_source", "from", "to"]


def test_possible_and_certain_dates(client: FlaskClient) -> None:
    """The call of 2015 has no first day: it may have been in 2012, as far as is recorded, and certainly was not."""
    call = f"{BASE}id/2015-obama-nazarbayev-call"
    found = {
        dates: {
            row["event"] for row in rows(client, query_of(page(client, f"kind=Event&from=2012&to=2012&dates={dates}")))
        }
        for dates in ("possible", "certain")
    }
    assert call in found["possible"] - found["certain"] and found["certain"] < found["possible"]


def test_several_values_are_one_cell_and_the_spreadsheet_has_the_rows(client: FlaskClient) -> None:
    asked = "kind=Visit&participant=kzus:barack-obama&column=topic"
    assert "GROUP_CONCAT(DISTINCT ?topicName" in query_of(page(client, "kind=Visit&from=2010&to=2010&column=topic"))
    answer = client.get("/build.csv?kind=Event&participant=kzus:barack-obama&participant=kzus:nursultan-nazarbayev")
    lines = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert (
        lines[0] == ["Event", "Event (IRI)", "First day possible", "Last day possible", "Place", "Source"]
        and len(lines) == 13
    )
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="event-barack-obama-nursultan-nazarbayev-3.0.0.csv"'
    )
    assert client.get(f"/build?{asked}", headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "drawn"),
    [
        ("kind=Visit", "timeline"),
        ("kind=Visit&view=table", ""),
        ("kind=Visit&view=map", "map"),
        ("kind=Visit&count=destination&view=map", "map"),
        ("kind=Event&count=year&view=line", "lines"),
        ("kind=Event&count=topic", "bars"),
        ("kind=Place", ""),
    ],
)
def test_the_answer_is_drawn(client: FlaskClient, parameters: str, drawn: str) -> None:
    text = page(client, parameters)
    assert ('<div class="card view">' in text) == bool(drawn)


def test_numbers_by_year(client: FlaskClient) -> None:
    found = rows(client, query_of(page(client, "kind=Event&topic=topic:energy&count=year")))
    assert [list(row) for row in found[:1]] == [["year", "events"]] and len(found) == 4


def test_names_that_fit_a_condition_are_suggested(client: FlaskClient) -> None:
    answer = client.get("/build/names?kind=Event&of=participant&q=oba")
    assert json.loads(answer.text)["suggestions"][0] == {
        "name": "Barack Obama",
        "language": "",
        "value": "kzus:barack-obama",
    }
    assert client.get("/build/names?kind=Event&of=participant").json == {"suggestions": []}
    assert client.get("/build/names?kind=Event&of=nothing&q=a").status_code == 400


def test_the_words_are_in_the_language_of_the_page(client: FlaskClient) -> None:
    text = page(client, "kind=Event&participant=kzus:barack-obama&lang=ru")
    assert "Участвовал" in text and "Показать ответ" in text
    assert "# Took part: " in query_of(text)


def test_other_states_are_asked_for_in_the_same_way(fictional: FlaskClient) -> None:
    text = page(fictional, "kind=Event&participant=fred&participant=rufus")
    assert [row["event"] for row in rows(fictional, query_of(text))] == [f"{BASE}id/1901-fred-rufus-meeting"]
    kinds = re.findall(r'<option value="(\w+)"', page(fictional, ""))
    assert "Meeting" in kinds and "Instrument" not in kinds
