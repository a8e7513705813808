"""Pages: what a reader finds on them, said of two fictional states."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.application import create_app
from kzus_graph.web.charts import class_diagram
from kzus_graph.web.linked_data import resource_page
from tests.serving import serving

VISIT = "/page/id/1901-fred-streslau-visit"
MEETING = "/page/id/1901-fred-rufus-meeting"


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def real_client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def words(client: FlaskClient, path: str) -> str:
    """The words of a page, each run of blanks become one."""
    answer = client.get(path)
    assert answer.status_code == 200
    return plain(answer.text)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).replace(" ,", ",").split())


def section(client: FlaskClient, path: str, name: str) -> str:
    """The HTML of one section of a page."""
    found = re.search(rf'<section[^>]* id="{name}">(.*?)</section>', client.get(path).text, re.DOTALL)
    assert found, name
    return found[1]


def test_a_date_says_how_exactly_it_is_known(client: FlaskClient) -> None:
    assert "When 2–5 May 1901, stated to the day" in words(client, VISIT)


def test_an_inherited_date_names_the_event_it_comes_from(client: FlaskClient) -> None:
    assert "When within 2–5 May 1901, inherited from Visit of Fred to Streslau" in words(client, MEETING)


def test_each_fact_names_its_sources_by_number(client: FlaskClient) -> None:
    sources = plain(section(client, VISIT, "sources"))
    assert sources.startswith("Who says so Gazette of Ruritania, item 1 Court of Ruritania · page")
    assert "Herald of Freedonia, item 7" in sources
    facts = plain(section(client, VISIT, "facts"))
    assert "2–5 May 1901, stated to the day 2 1–5 May 1901, stated to the day set aside 1" in facts
    assert "destination Streslau 1" in facts


def test_a_claim_that_is_set_aside_is_struck_and_leads_to_the_note(client: FlaskClient) -> None:
    assert '<del>1–5 May 1901, stated to the day</del> <a class="chip plain" href="#notes">set aside</a>' in section(
        client, VISIT, "facts"
    )
    notes = plain(section(client, VISIT, "notes"))
    assert "When the visit began" in notes
    assert "The herald went along; the gazette was printed beforehand." in notes
    assert "Herald of Freedonia, item 7 2–5 May 1901, stated to the day preferred" in notes
    assert "Gazette of Ruritania, item 1 1–5 May 1901, stated to the day set aside" in notes


def test_participants_stand_with_office_and_state(client: FlaskClient) -> None:
    who = plain(section(client, MEETING, "who"))
    assert "Fred 1 interlocutor Chancellor of Freedonia Freedonia" in who
    assert "Rufus 1 interlocutor King of Ruritania Ruritania" in who


def test_an_agent_has_events_in_the_order_of_time(client: FlaskClient) -> None:
    events = plain(section(client, "/page/id/fred", "events"))
    assert "2–5 May 1901 Visit of Fred to Streslau visitor Chancellor of Freedonia Freedonia" in events
    assert events.index("Meeting of Fred and Rufus") < events.index("Visit of Fred")


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        (VISIT, "visitor Fred – by the role “visitor” in Fred as visitor"),
        (VISIT, "involves party Freedonia – by way of Fred as visitor (has participation, on behalf of)"),
        (VISIT, "at place Ruritania (territory) – by way of Streslau (at place, located in)"),
        (VISIT, "Diplomatic Contact – every Visit is one"),
        (VISIT, "not before 2 May 1901 – it begins on that day"),
        (VISIT, "has sub event Meeting of Fred and Rufus – “sub event of” in the other direction"),
        (MEETING, "not after 5 May 1901 – inherited from Visit of Fred to Streslau, during which it took place"),
        (MEETING, "Head of State Level Event – because of Fred at the meeting, a Head of State Participation"),
        (MEETING, "during Visit of Fred to Streslau – “sub event of” is a subproperty of this property"),
    ],
)
def test_what_follows_says_by_which_rule(client: FlaskClient, path: str, fact: str) -> None:
    assert fact in plain(section(client, path, "inferred"))


def test_other_vocabularies_are_apart(client: FlaskClient) -> None:
    assert "schema:location" in plain(section(client, VISIT, "vocabularies"))
    assert "schema:" not in plain(section(client, VISIT, "inferred"))


def test_what_leads_to_a_thing_is_listed_and_what_it_says_itself_is_not_repeated(client: FlaskClient) -> None:
    linked = plain(section(client, "/page/id/streslau", "linked"))
    assert "destination of Visit of Fred to Streslau" in linked
    assert "1901-fred-streslau-visit--fred" not in client.get("/page/id/fred").text.partition('id="linked"')[2]


def test_long_lists_are_turned_page_by_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_page, "ON_A_PAGE", 1)
    first, second = client.get("/page/topic/scheme").text, client.get("/page/topic/scheme?page=2").text
    assert 'rel="next" href="/page/topic/scheme?page=2"' in first
    assert 'rel="prev" href="/page/topic/scheme?page=1"' in second
    assert section_of(first) != section_of(second)


def section_of(html: str) -> str:
    return html.partition('id="linked"')[2].partition("</section>")[0]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1e9", "99999999999999999999", "١"])
def test_a_page_number_is_a_number(client: FlaskClient, number: str) -> None:
    assert client.get(f"{VISIT}?page={number}").status_code == 400


def test_a_source_shows_what_it_says(client: FlaskClient) -> None:
    says = plain(section(client, "/page/source/gazette-1", "says"))
    assert "Visit of Fred to Streslau when 1–5 May 1901, stated to the day set aside" in says
    assert "Fred at the meeting kind Participation in position Chancellor of Freedonia" in says


def test_no_card_is_empty(client: FlaskClient) -> None:
    listed = client.get("/search?kind=Agent").text + client.get("/search?kind=Position").text
    paths = set(re.findall(r'href="/(id/[^"]+)"', listed))
    assert len(paths) > 4
    for path in paths:
        page = client.get(f"/page/{path}").text
        cards = re.findall(r'<section class="card[^>]*>(.*?)</section>', page, re.DOTALL)
        assert cards and all(plain(card) for card in cards), path


def test_search_engines_get_schema_org(client: FlaskClient) -> None:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get(VISIT).text, re.DOTALL)
    assert found
    said = json.loads(found[1])
    assert said["@type"] == ["Event"]
    assert said["name"] == "Visit of Fred to Streslau"
    assert said["startDate"] == ["1901-05-02"]
    assert {"@id": "https://w3id.org/kzus/id/streslau", "name": "Streslau"} in said["location"]


def test_nothing_comes_from_another_host_and_nothing_inline_runs(client: FlaskClient) -> None:
    for path in (
        VISIT,
        "/page/ontology",
        "/page/shapes",
        "/topics",
        "/sources",
        "/search?q=fred",
        "/page/graph/inferred",
    ):
        answer = client.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert not re.search(r'(?:src|<link rel="(?:stylesheet|icon)" href)="(?:https?:)?//', answer.text)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"application/ld)(?![^>]* src)", answer.text)
        assert '<html lang="en">' in answer.text
        assert answer.text.count("<h1>") == 1


def test_what_data_say_cannot_become_markup(tmp_path: Path) -> None:
    file = tmp_path / "hostile.ttl"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    file.write_text(f'<https://w3id.org/kzus/id/x> <{label}> "</script><script>alert(1)</script><b>"@en .')
    releases = Releases(Limits(workers=1), files=[file])
    page = create_app(releases).test_client().get("/page/id/x").text
    releases.close()
    assert "<script>alert" not in page
    assert "<b>" not in page
    # the facts for search engines, and the suggestions of the search
    assert page.count("</script>") == 2


def test_search_finds_by_every_word_in_any_order(client: FlaskClient) -> None:
    assert "Meeting of Fred and Rufus" in words(client, "/search?q=rufus+MEETING")
    assert "Nothing fits all words; these fit most" in words(client, "/search?q=rufus+streslau+1850")
    assert "Nothing has such a name" in words(client, "/search?q=qqqqqqq")
    assert '"/id/rufus"' in client.get("/search?q=ruf").text


def test_search_says_how_many_it_found_and_what_may_be_meant(client: FlaskClient) -> None:
    found = client.get("/search?q=fred").text.count('data-label="Name"')
    assert found > 1 and f"{found} things found." in words(client, "/search?q=fred")
    answer = client.get("/search?q=rufsu+MEETING").text
    assert "Shown for <strong>rufus meeting</strong>" in answer and "Meeting of Fred and Rufus" in answer
    assert "Shown for" not in client.get("/search?q=rufus").text


def test_search_puts_the_person_before_the_part_in_an_event(client: FlaskClient) -> None:
    text = client.get("/search?q=fred").text
    assert text.index('"/id/1901-fred-streslau-visit"') < text.index('"/id/1901-fred-streslau-visit--fred"')
    assert text.index('"/id/fred"') < text.index('"/id/1901-fred-streslau-visit--fred"')


def test_a_kind_lists_its_things_with_dates(client: FlaskClient) -> None:
    listed = words(client, "/search?kind=DiplomaticContact")
    assert "Diplomatic Contact Everything of the kind" in listed
    assert "Visit of Fred to Streslau Fred, Streslau Official Visit 2–5 May 1901" in listed
    assert client.get("/search?kind=no%20kind").status_code == 400


def test_what_is_searched_for_stays_text(client: FlaskClient) -> None:
    for asked in ("%3Cscript%3E", "%22%20%7D%20", "%5C", "$words", "%00"):
        answer = client.get(f"/search?q={asked}")
        assert answer.status_code == 200
        assert "<script>" not in answer.text


def test_topics_hang_below_broader_ones(client: FlaskClient) -> None:
    tree = client.get("/topics").text
    # it is below both
    assert tree.index("/topic/nuclear-matters") < tree.index("/topic/nuclear-security") < tree.index("/topic/security")
    assert tree.index("/topic/security") < tree.rindex("/topic/nuclear-security")


def test_sources_are_listed_with_publisher_and_facts(client: FlaskClient) -> None:
    assert "Gazette of Ruritania, item 1 Court of Ruritania · page ↗ 24" in words(client, "/sources")


def test_the_ontology_page_has_an_entry_for_each_term(client: FlaskClient, small_release: Path) -> None:
    text = client.get("/page/ontology").text
    query = "SELECT ?t { GRAPH <https://w3id.org/kzus/graph/ontology> { ?t ?p <https://w3id.org/kzus/ontology> } }"
    rows = json.loads(client.get("/sparql", query_string={"query": query, "format": "json"}).data)["results"][
        "bindings"
    ]
    terms = {row["t"]["value"].removeprefix(str(DIP)) for row in rows}
    assert len(terms) > 150
    assert terms == set(re.findall(r'class="entry" id="(\w+)"', text))


def test_an_entry_tells_hierarchy_alignment_shapes_counts_and_an_example(client: FlaskClient) -> None:
    found = re.search(r'id="Visit" about.*?</article>', client.get("/page/ontology").text, re.DOTALL)
    assert found
    entry = plain(found[0])
    assert "Kind of Diplomatic Contact" in entry
    assert "Kinds of it Official Visit" in entry
    assert "S11 VisitHasVisitor" in entry
    assert "Used 1 time" in entry
    assert "as in Visit of Fred to Streslau" in entry


def test_a_property_tells_where_it_leads_and_from_what_it_follows(client: FlaskClient) -> None:
    found = re.search(r'id="onBehalfOf" about.*?</article>', client.get("/page/ontology").text, re.DOTALL)
    assert found
    assert "From Participation To Agent" in plain(found[0])
    assert "Follows from in position, then position of" in plain(found[0])


def test_every_anchor_that_the_ontology_page_leads_to_is_there(client: FlaskClient) -> None:
    for path in ("/page/ontology", "/page/shapes"):
        text = client.get(path).text
        anchors = re.findall(r'\bid="([^"]+)"', text)
        assert len(anchors) == len(set(anchors))
        assert not set(re.findall(r'href="#([^"]+)"', text)) - set(anchors)
    shapes = set(re.findall(r'\bid="([^"]+)"', client.get("/page/shapes").text))
    led_to = set(re.findall(r'href="/shapes#([^"]+)"', client.get("/page/ontology").text))
    assert led_to
    assert not led_to - shapes


def test_arrows_lead_from_box_to_box_without_touching() -> None:
    event, place, agent = (str(DIP[name]) for name in ("Event", "Place", "Agent"))
    labels = {event: "Event", place: "Place", "p": "at place"}
    picture = class_diagram.draw([(event, "p", place), (event, "q", agent), (event, "r", event)], labels)
    (arrow,) = picture.arrows
    assert [box.label for box in picture.boxes] == ["Event", "Place"]
    assert arrow.names == (("at place", 48),)
    half = (picture.box[0] / 2, picture.box[1] / 2)
    for (x, y), box in zip(((arrow.x1, arrow.y1), (arrow.x2, arrow.y2)), picture.boxes, strict=True):
        assert abs(x - box.x) > half[0] or abs(y - box.y) > half[1]


def test_names_of_arrows_that_cross_stand_apart() -> None:
    event, agent, part, instrument = (str(DIP[name]) for name in ("Event", "Agent", "Participation", "Instrument"))
    labels = {event: "Event", agent: "Agent", part: "Participation", instrument: "Instrument"}
    edges = [(event, "has participation", part), (instrument, "signed on behalf of", agent)]
    first, second = class_diagram.draw(edges, labels | {name: name for _, name, _ in edges}).arrows
    assert (first.left, first.top) == (450.0, 130.0)
    assert (second.left, second.top) == (345.6, 157.6)


def test_a_repeat_is_answered_304(small_release: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--release", str(small_release.parent)) as served:
        status, headers, body = served.get(VISIT, Accept="text/html")
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert b"Visit of Fred" in body
        status, _, body = served.get(VISIT, Accept="text/html", If_None_Match=headers["etag"])
        assert (status, body) == (304, b"")


def test_what_leads_to_an_event_comes_after_its_facts_and_to_a_topic_before_them(client: FlaskClient) -> None:
    event = client.get(VISIT).text
    assert 0 < event.index('id="facts"') < event.index('id="linked"')
    place = client.get("/page/id/streslau").text
    assert 0 < place.index('id="linked"') < place.index('id="facts"')


def test_no_shape_shows_a_template(client: FlaskClient) -> None:
    main = client.get("/page/shapes").text.partition("<main")[2].partition("</main>")[0]
    assert not re.findall(r"\{[?$]?\w+\}", main)
    assert "Its dates are not within those of …, during which it is said to take place." in main


def test_the_page_scrolls_to_a_term_at_once(client: FlaskClient) -> None:
    with client.get("/static/style.css") as style:
        assert "scroll-behavior" not in style.text and "dl.facts" in style.text


def test_long_lists_are_folded_and_the_contents_lead_to_each_section(client: FlaskClient) -> None:
    text = client.get("/page/id/ruritania").text
    contents = re.search(r'<nav class="contents.*?</nav>', text, re.DOTALL)
    assert contents
    anchors = re.findall(r'href="#(\w+)"', contents[0])
    assert anchors[0] == "events" and anchors[-1] == "download"
    assert all(f' id="{anchor}"' in text for anchor in anchors)


def test_events_are_in_the_order_that_is_asked_for(client: FlaskClient, real_client: FlaskClient) -> None:
    def years(order: str) -> list[str]:
        return re.findall(
            r'data-label="When">[^<]*(\d{4})<', section(real_client, f"/page/id/barack-obama?order={order}", "events")
        )

    earliest = years("earliest")
    assert len(earliest) > 8 and earliest == sorted(earliest) and earliest[0] < earliest[-1]
    assert years("latest") == earliest[::-1] and years("") == earliest
    answer = client.get("/page/id/fred?order=random", headers={"Accept": "application/json"})
    assert answer.status_code == 400 and "earliest or latest" in answer.text


def test_a_visit_tells_who_took_part_in_its_parts(client: FlaskClient) -> None:
    attendance = plain(section(client, VISIT, "attendance"))
    assert attendance.startswith("Who took part in its parts inferred")
    assert "Rufus in: Meeting of Fred and Rufus (within 2–5 May 1901)" in attendance
    assert "Fred in:" not in attendance


def test_links_carry_dates_in_the_order_of_time(real_client: FlaskClient) -> None:
    linked = section(real_client, "/page/id/astana", "linked")
    days = re.findall(r'<span class="muted small">[^<]*(\d{4})</span>', linked)
    assert len(days) > 40 and days == sorted(days)


def test_a_place_has_a_map_if_it_has_a_position(real_client: FlaskClient) -> None:
    assert '<svg class="map "' in real_client.get("/page/id/astana").text
    assert '<svg class="map "' not in real_client.get("/page/id/central-asia").text
    assert '<svg class="map "' not in real_client.get("/page/id/nursultan-nazarbayev").text


def test_only_what_a_thing_may_have_is_asked_for() -> None:
    event, place = (ox.NamedNode(str(DIP[name])) for name in ("Event", "Place"))
    other = ox.NamedNode("https://schema.org/Event")
    assert resource_page.may_be([event, other], DIP.Event, DIP.Agent)
    assert not resource_page.may_be([place, other], DIP.Event, DIP.Agent)
    # nothing may have been inferred of data that are not ours
    assert resource_page.may_be([other], DIP.Event) and resource_page.may_be([], DIP.Event)
