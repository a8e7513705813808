"""What can be asked of a release, as its ontology and its data have it."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.sparql import query_conditions


@pytest.fixture(scope="module")
def release(small_release: Path) -> Iterator[Release]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield releases.current
    releases.close()


def test_kinds_are_classes_with_things_below_those_above_them(release: Release) -> None:
    kinds = query_conditions.kinds(release)
    names = list(kinds)
    assert names[0] == "Event" and kinds["Event"].depth == 0
    assert names.index("DiplomaticContact") < names.index("Visit") and kinds["Visit"].things == 1
    assert kinds["Visit"].depth == kinds["DiplomaticContact"].depth + 1
    assert kinds["Visit"].variable == "visit"


def test_conditions_are_those_that_the_data_have(release: Release) -> None:
    terms = query_conditions.terms(release, query_conditions.kinds(release)["Event"])
    names = [one.name for one in terms.askable]
    assert {"participant", "office", "place"} <= set(names) and not {"signer", "topic"} & set(names)
    assert terms.dates == () and terms.named
    participant = terms.called("participant")
    assert participant and participant.is_condition and participant.is_list and not participant.single
    assert query_conditions.terms(release, query_conditions.kinds(release)["Person"]).dates is None


def test_the_values_of_a_condition(release: Release) -> None:
    kind = query_conditions.kinds(release)["Event"]
    office = query_conditions.terms(release, kind).called("office")
    assert office
    assert query_conditions.values(release, kind, office.path) == {
        ox.NamedNode(f"{BASE}id/chancellor-freedonia"): 2,
        ox.NamedNode(f"{BASE}id/king-ruritania"): 1,
    }
