"""What leads to a thing is named from the side of that thing, so that no heading says the opposite of what holds."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import count
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.application import create_app
from kzus_graph.web.linked_data import inverse_labels
from kzus_graph.web.view.labels import Labels

SKOS = PREFIXES["skos"]


@pytest.fixture(scope="module")
def releases(real_release: Path) -> Iterator[Releases]:
    running = Releases(Limits(workers=2), folder=real_release.parent)
    yield running
    running.close()


def words(release: Release, name: str) -> str:
    return inverse_labels.back(release, name, Labels(release, [ox.NamedNode(name)])).text


def headings(releases: Releases, path: str) -> dict[str, list[str]]:
    """What leads to a thing, by its headings, from all pages of the list."""
    client = create_app(releases).test_client()
    named: dict[str, list[str]] = {}
    for number in count(1):
        page = client.get(f"/page/{path}?page={number}").text
        found = re.search(r'<section[^>]* id="linked">(.*?)</section>', page, re.DOTALL)
        assert found
        for heading, of in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", found[1], re.DOTALL):
            named.setdefault(heading, []).extend(unescape(name) for name in re.findall(r"<a[^>]*>(.*?)</a>", of))
        if 'rel="next"' not in page:
            break
    return named


def test_headings_say_what_holds(releases: Releases) -> None:
    astana = headings(releases, "id/astana")
    assert astana["located here"] == ["Nazarbayev University", "Palace of Independence, Astana"]
    assert "Visit of Clinton to Astana, 2010" in astana["destination of"]
    assert all(name.startswith("Visit of ") for name in astana["destination of"])
    assert headings(releases, "topic/non-proliferation")["narrower"] == ["nuclear non-proliferation"]
    assert headings(releases, "id/osce")["represented by"] == ["Saudabayev"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DIP.subEventOf, "has sub event"), (DIP.hasSubEvent, "sub event of"), (DIP.parallelTo, "parallel to"),
        (SKOS + "broader", "narrower"), (SKOS + "relatedMatch", "related to"), (DIP.visitor, "visitor in"),
        (DIP.tenureHolder, "tenures of this person"), (DIP.tenurePosition, "tenures of this office"),
        (DIP.paragraph, "whose “paragraph” is this"),
    ],
)  # fmt: skip
def test_the_declared_inverse_comes_before_our_words_and_those_before_a_phrase(
    releases: Releases, name: str, expected: str
) -> None:
    assert words(releases.current, str(name)) == expected


def test_no_heading_is_the_name_of_the_property_as_it_leads_forward(releases: Releases, real_release: Path) -> None:
    store = ox.Store.read_only(str(real_release / "store"))
    used = {quad.predicate.value for quad in store if isinstance(quad.object, ox.NamedNode)}
    both_ways = {name for name in used if inverse_labels._inverses(releases.current).get(name) == name}
    names = Labels(releases.current, [ox.NamedNode(name) for name in used])
    ours = sorted(name for name in used if name.startswith((str(DIP), SKOS)))
    assert len(ours) > 60
    same = {name for name in ours if words(releases.current, name) == names[name]}
    assert same <= both_ways | {SKOS + "related", *(SKOS + kind + "Match" for kind in ("exact", "close", "related"))}
