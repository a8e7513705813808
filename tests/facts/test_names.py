"""Names in Kazakh and Russian: read where the record says, and never in place of a fact."""

import gettext
from importlib.metadata import version

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from tests.conftest import ROOT
from tests.graphs import Examined, read

CLDR = SOURCE["cldr-47"]
ISO = SOURCE["iso-codes"]
LANGUAGES = ("kk", "ru")
TERRITORIES = {
    "KZ": ("kazakhstan", "kazakhstan-country"),
    "US": ("united-states", "united-states-country"),
    "DE": ("germany", "germany-country"),
    "AF": ("afghanistan", "afghanistan-country"),
    "CA": ("canada", "canada-country"),
    "143": ("central-asia",),
    "034": ("south-asia",),
    "UN": ("united-nations",),
}
CITIES = {
    "America/New_York": "new-york",
    "America/Chicago": "chicago",
    "America/Vancouver": "vancouver",
    "Asia/Seoul": "seoul",
}
STATES = {"KZ": "kazakhstan", "US": "united-states", "DE": "germany", "AF": "afghanistan"}
SUBDIVISIONS = {"US-KS": "kansas", "US-ME": "maine"}
Names = set[tuple[URIRef, URIRef, Literal]]


@pytest.fixture(scope="module")
def graphs() -> dict[URIRef, Graph]:
    """The graph of each record that gives names."""
    return dict(read([(ROOT / "data" / "names.trig", None)]))


def entered(graph: Graph) -> Names:
    return {(subject, predicate, name) for subject, predicate, name in graph}


def test_the_names_of_unicode_are_those_of_the_package(graphs: dict[URIRef, Graph]) -> None:
    babel = pytest.importorskip("babel", reason="babel is not installed")
    cldr = babel.core.get_cldr_version()
    if cldr != "47":
        pytest.skip(f"the names are those of CLDR 47; babel {version('babel')} carries {cldr}")
    expected: Names = set()
    for language in LANGUAGES:
        locale = babel.Locale.parse(language)
        for code, things in TERRITORIES.items():
            kind = SKOS.altLabel if code == "034" else SKOS.prefLabel
            expected |= {(KZUS[thing], kind, Literal(locale.territories[code], language)) for thing in things}
        for zone, thing in CITIES.items():
            expected.add((KZUS[thing], SKOS.prefLabel, Literal(locale.time_zones[zone]["city"], language)))
    assert entered(graphs[CLDR]) == expected


def test_the_names_of_iso_codes_are_those_of_the_package(graphs: dict[URIRef, Graph]) -> None:
    pycountry = pytest.importorskip("pycountry", reason="pycountry is not installed")

    def translated(domain: str, language: str, name: str) -> Literal:
        texts = gettext.translation(domain, pycountry.LOCALES_DIR, languages=[language])
        return Literal(texts.gettext(name), language)

    expected: Names = set()
    for code, thing in STATES.items():
        country = pycountry.countries.get(alpha_2=code)
        for language in LANGUAGES:
            short = (code, language) == ("US", "kk")
            name = country.name if short else country.official_name
            expected.add((KZUS[thing], SKOS.altLabel, translated("iso3166-1", language, name)))
    for code, thing in SUBDIVISIONS.items():
        name = pycountry.subdivisions.get(code=code).name
        expected.add((KZUS[thing], SKOS.prefLabel, translated("iso3166-2", "ru", name)))
    assert entered(graphs[ISO]) == expected


def test_each_named_thing_is_one_of_ours_and_gets_its_label_as_english_name(whole: Examined) -> None:
    records = read([(ROOT / "data" / "names.trig", None)])
    named = {subject for graph in records.values() for subject in graph.subjects(SKOS.prefLabel)}
    assert len(named) == 75
    for thing in named:
        assert (thing, RDF.type, None) in whole.asserted, thing
        english = list(whole.graphs[GRAPH.inferred].objects(thing, SKOS.prefLabel))
        assert english == list(whole.asserted.objects(thing, RDFS.label)), thing


def test_to_be_named_is_not_to_be_attested(whole: Examined) -> None:
    for record in read([(ROOT / "data" / "names.trig", None)]):
        assert not list(whole.graphs[GRAPH.inferred].subjects(DIP.attestedBy, record)), record


def test_the_first_source_alone_has_no_name_that_it_does_not_give(first_source: Examined) -> None:
    languages = {name.language for name in first_source.asserted.objects(None, SKOS.altLabel | SKOS.prefLabel)}
    assert languages == {"en"}
