"""The dates that an import writes are those that the shapes demand of the same text, and no others."""

from collections import defaultdict
from collections.abc import Iterable

import pytest
from rdflib import Literal, URIRef

from kzus_graph.rdf.terms import from_ox
from kzus_graph.rdf.vocab import CODE, DIP, SHAPE
from kzus_graph.shacl import shapes
from kzus_graph.tabular import dates
from tests import graphs
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

FORMS = [
    "1901-05-04",
    "1901-05-04/1901-06-01",
    "1904-02",
    "1900-02",
    "1901",
    "190X",
    "1901-XX",
    "1901-XX-XX",
    "1904-02-XX",
    "1901-05/1901-07",
    "1901/1903",
    "1901-05-04/1901-06",
    "1901/1902-02-03",
    "1901-05-04/..",
    "1901-05-04/",
    "1901-05/..",
    "1901/",
    "/1901-05-04",
    "../1904-02",
    "/1901",
    "[..1901-05-04]",
    "[1901-05..]",
    "[1901-05-04..1901-05-06]",
    "[1901-05..1901-06]",
    "1901-05-04?",
    "1901-05~",
    "1901%",
    "190X~",
    "190X?",
    "1901-05-04~/1901-05-06?",
    "1901?/..",
    "[..1901~]",
    "1999-11/2000-02",
    "[1899-11..1900-02]",
]
EQUAL = [
    {"1901", "1901-XX", "1901-XX-XX"},
    {"/1901-05-04", "[..1901-05-04]"},
    {"1904-02", "1904-02-XX"},
    {"1901-05-04/..", "1901-05-04/"},
]
"""Texts of different meaning that make the same statements."""
REFUSED = [
    "soon",
    "190x",
    "19XX",
    "1901-X4",
    "190X/1911",
    "1901-05-XX/1901-06",
    "?1901",
    "1901??",
    "1901/1902/1903",
    "1901-05-04/?",
    "1901-05-04T12:00:00",
    "/",
    "../..",
    "..",
    "[..]",
    "[1901]",
    "[1901,1903]",
    "[1901..1903",
    "1901..1903",
    "1901-21",
    "1901-24~",
    "[..1901-41]",
    "1901/1901",
    "1901-05-04/1901-05-04",
]


def codes(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Return, for each pair, the codes that an event trips that has the dates of the one text beside the other text."""
    wanted = list(pairs)
    name = URIRef("urn:all")
    graph = graphs.read((ROOT / "ontology" / file, name) for file in ("dip.ttl", "codes.ttl"))[name]
    for number, (text, beside) in enumerate(wanted):
        event = URIRef(f"urn:event:{number}")
        graph.add((event, DIP.dateBasis, CODE["basis-stated"]))
        for property_, value in dates.claims(text):
            graph.add((event, from_ox(property_), Literal(beside) if property_ == dates.EDTF else from_ox(value)))
    constraints = graphs.read([(ROOT / "ontology" / "shapes.ttl", name)])[name]
    about_dates = [SHAPE[code] for code in ("S03", "S04", "S31", "S47", "S48", "S51")]
    tripped: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for violation in shapes.violations(graphs.report(graph, shapes.only(constraints, about_dates))):
        tripped[wanted[int(str(violation.focus).rpartition(":")[2])]].add(violation.code)
    return {pair: tripped[pair] for pair in wanted}


def test_dates_of_every_form_pass_the_shapes() -> None:
    assert codes((form, form) for form in FORMS) == {(form, form): set() for form in FORMS}


def test_dates_of_a_form_are_refused_beside_another_form() -> None:
    """Each form beside the four that follow it, since pyshacl looks at each pair of dates by itself."""
    pairs = [(one, other) for at, one in enumerate(FORMS) for other in FORMS[at + 1 : at + 5]]
    same = [pair for pair, found in codes(pairs).items() if "S51" not in found]
    assert same == [pair for pair in pairs if any(set(pair) <= equal for equal in EQUAL)]


@pytest.mark.parametrize("beside", ["1901-05-04", "1901", "190X", "[..1901]"])
def test_what_an_import_refuses_the_shapes_refuse(beside: str) -> None:
    assert {
        text: found for (_, text), found in codes((beside, text) for text in REFUSED).items() if "S51" not in found
    } == {}
