"""The life of an instrument and the tenures of an office on their pages, of fictional states and of real ones."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.pipeline import release
from kzus_graph.rdf.vocab import DIP, KZUS
from kzus_graph.web.application import create_app
from tests.conftest import FIXTURES, copy_small_root

STATUS = re.compile(r'title="dip:instrumentStatus".*?<dd>(.*?)</dd>', re.DOTALL)


@pytest.fixture(scope="module")
def fiction(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("life")
    root = copy_small_root(folder / "root")
    shutil.copy(FIXTURES / "life" / "treaty.trig", root / "data")
    releases = Releases(Limits(workers=1), folder=release.build(root, folder / "out").parent)
    yield create_app(releases).test_client()
    releases.close()


@pytest.fixture(scope="module")
def real(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=1), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def page(client: FlaskClient, name: str) -> str:
    answer = client.get(f"/page/id/{name}")
    assert answer.status_code == 200
    return answer.text


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).replace(" ,", ",").split())


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">(.*?)</section>', html, re.DOTALL)
    assert found, name
    return found[1]


def lines(html: str, name: str) -> list[str]:
    """The lines of the table in a section, cells apart."""
    found = re.findall(r"<tr>(.*?)</tr>", section(html, name).partition("<tbody>")[2], re.DOTALL)
    return [" | ".join(plain(cell) for cell in re.findall(r"<td.*?</td>", line, re.DOTALL)) for line in found]


def statuses(html: str) -> list[str]:
    """What follows of the status, each with its reason."""
    found = STATUS.search(section(html, "inferred"))
    assert found
    return [plain(line) for line in re.findall(r"<li.*?</li>", found[1], re.DOTALL)]


def test_the_steps_of_a_life_stand_in_the_order_of_time(fiction: FlaskClient) -> None:
    assert lines(page(fiction, "1902-streslau-treaty"), "life") == [
        "not recorded | succeeds | Customs Accord of Streslau | – | 2",
        "1 March 1902 | Signing | Signing of the Treaty of Streslau | Freedonia, Ruritania | 2",
        "April 1902 | Ratification Act 7 | Ratification of the Treaty of Streslau | Ruritania | 1",
        "1905 | amended by | Protocol of Streslau | – | 1",
    ]


def test_a_life_is_told_from_the_other_side_too(fiction: FlaskClient) -> None:
    assert lines(page(fiction, "1905-streslau-protocol"), "life") == [
        "1 March 1902 | amends | Treaty of Streslau | – | 2",
        "1905 | Signing | Signing of the Protocol of Streslau | Freedonia, Ruritania | 1",
        "not recorded | Entry Into Force | Entry into force of the Protocol of Streslau | – | 1",
    ]
    assert lines(page(fiction, "streslau-customs-accord"), "life") == [
        "1 March 1902 | succeeded by | Treaty of Streslau | – | 2"
    ]


@pytest.mark.parametrize(
    ("name", "act", "force"),
    [
        ("1902-streslau-treaty", True, False),
        ("1905-streslau-protocol", True, True),
        ("streslau-customs-accord", False, False),
    ],
)
def test_what_is_not_recorded_is_not_assumed(fiction: FlaskClient, name: str, *, act: bool, force: bool) -> None:
    life = plain(section(page(fiction, name), "life"))
    assert ("No act is recorded." in life) != act
    assert ("No entry into force is recorded." in life) != force


def test_what_stands_in_the_life_does_not_lead_here_again(fiction: FlaskClient) -> None:
    treaty = page(fiction, "1902-streslau-treaty")
    assert 'id="linked"' not in treaty and treaty.count(">Ratification of the Treaty of Streslau<") == 2
    assert "because of Ratification of the Treaty of Streslau" in plain(treaty)


def test_only_an_instrument_has_a_life_and_only_an_office_or_a_person_tenures(fiction: FlaskClient) -> None:
    for name in ("1902-streslau-treaty-signing", "ruritania", "1901-fred-streslau-visit", "1880-michael-as-king"):
        assert not re.search(r'<section id="(life|tenures)"', page(fiction, name)), name
    assert 'id="tenures"' not in page(fiction, "1902-streslau-treaty")


def test_a_status_says_from_which_act_or_later_instrument_it_follows(fiction: FlaskClient) -> None:
    assert statuses(page(fiction, "1902-streslau-treaty")) == [
        "amended – because Protocol of Streslau amends it",
        "ratified – because of Ratification of the Treaty of Streslau",
        "signed – because of Signing of the Treaty of Streslau",
    ]
    assert statuses(page(fiction, "streslau-customs-accord")) == ["succeeded – because Treaty of Streslau succeeds it"]
    assert 'href="/id/1905-streslau-protocol"' in section(page(fiction, "1902-streslau-treaty"), "inferred")


def test_an_office_shows_who_held_it_each_day_as_exactly_as_stated(fiction: FlaskClient) -> None:
    king = page(fiction, "king-ruritania")
    assert plain(section(king, "tenures")).startswith("Who held it From To Who Source")
    assert lines(king, "tenures") == [
        "June 1880 | not recorded | Michael | Gazette of Ruritania, item 1",
        "3 February 1890 | in office when recorded | Rufus | Gazette of Ruritania, item 1, Herald of Freedonia, item 7",
    ]
    assert 'href="/id/1880-michael-as-king"' in section(king, "tenures")


def test_a_person_shows_the_offices_held_with_dates(fiction: FlaskClient) -> None:
    fred = page(fiction, "fred")
    assert plain(section(fred, "tenures")).startswith("Offices held, with dates From To Office Source")
    # Without a form as stated the first and the last day are all there is.
    assert lines(fred, "tenures") == [
        "May 1899 | 1904 | Chancellor of Freedonia | Herald of Freedonia, item 7",
        "2 January 1908 | 2 January 1909 | Chancellor of Freedonia | Herald of Freedonia, item 7",
    ]
    assert "as chancellor" not in fred.partition('id="linked"')[2]


def test_the_life_of_the_rail_transit_agreement(real: FlaskClient) -> None:
    html = page(real, "2010-rail-transit-agreement")
    assert [line.split(" | ")[:2] for line in lines(html, "life")] == [
        ["20 June 2010", "Signing"],
        ["30 June 2010", "Ratification Law 300-IV"],
        ["14 July 2010", "Entry Into Force"],
        ["September 2017", "amended by protocol"],
    ]
    assert "recorded" not in plain(section(html, "life"))
    assert "in force – because of Entry into force of the Agreement on rail transit of special cargo, 2010" in statuses(
        html
    )


def test_no_entry_into_force_of_the_threat_reduction_agreement_is_assumed(real: FlaskClient) -> None:
    life = plain(section(page(real, "1993-threat-reduction-agreement"), "life"))
    assert life.endswith("No entry into force is recorded.") and life.count("amended by") == 2
    plan = section(page(real, "2013-2017-defense-cooperation-plan"), "life")
    assert plain(plan) == "History No act is recorded. No entry into force is recorded."


def test_every_status_that_follows_has_its_reason(real: FlaskClient, real_release: Path) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    status = ox.NamedNode(str(DIP.instrumentStatus))
    things = {quad.subject.value for quad in store.quads_for_pattern(None, status, None, ox.DefaultGraph())}
    several = [
        "1993-threat-reduction-agreement",
        "2010-rail-transit-agreement",
        "inmarsat-technology-safeguards-agreement",
    ]
    assert {str(KZUS[name]) for name in several} <= things and len(things) > 50
    because = re.compile(r" – because (of .+|.+ (amends|succeeds) it)$")
    for name in several + sorted(thing.removeprefix(str(KZUS)) for thing in things)[::8]:
        reasons = statuses(page(real, name))
        assert reasons and all(because.search(said) for said in reasons), name


def test_who_was_us_ambassador(real: FlaskClient) -> None:
    table = lines(page(real, "ambassador-united-states-to-kazakhstan"), "tenures")
    assert table[0].startswith("15 September 1992 | 1 July 1995 | William Courtney | ")
    assert len(table) >= 10
    ordway = lines(page(real, "john-ordway"), "tenures")
    assert "October 2013 | December 2014 | Chargé d'Affaires of the United States in Kazakhstan" in ordway[1]
    assert (
        " | in office when recorded | President of Kazakhstan | "
        in lines(page(real, "kassym-jomart-tokayev"), "tenures")[-1]
    )
    idrissov = lines(page(real, "foreign-minister-kazakhstan"), "tenures")
    assert any(line.startswith("28 September 2012 | 28 December 2016 | Erlan Idrissov | ") for line in idrissov)
