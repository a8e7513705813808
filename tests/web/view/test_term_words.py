"""The names of terms in Kazakh and Russian: catalogues are whole, pages show the names with their language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.pipeline import release
from kzus_graph.web.application import create_app
from kzus_graph.web.view import term_words
from tests.conftest import ROOT, copy_small_root
from tests.web.view.test_translation import OTHERS

WORDS = ROOT / "ontology" / "words"
METHODS = [(f"{name}.ttl", f"{term_words.__name__}:extracted") for name in ("dip", "codes", "topics")]
VISIT = "/page/id/1901-fred-streslau-visit"
STATED = "https://w3id.org/kzus/ontology#stated"
BASIS_STATED = "https://w3id.org/kzus/code/basis-stated"


@pytest.fixture(scope="module")
def releases(small_release: Path) -> Iterator[Releases]:
    releases = Releases(Limits(workers=2), folder=small_release.parent)
    yield releases
    releases.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    return create_app(releases).test_client()


@pytest.fixture(scope="module")
def partly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site of which the Russian catalogue lacks the visitor, has visits with an older label, and no Kazakh one."""
    folder = tmp_path_factory.mktemp("partly")
    words = copy_small_root(folder / "root") / "ontology" / "words"
    (words / "kk.po").unlink()
    text = (words / "ru.po").read_text("utf-8")
    text = text.replace('"гость"', '""').replace('msgid "Official Visit"', 'msgid "Formal Visit"')
    (words / "ru.po").write_text(text, "utf-8")
    releases = Releases(Limits(workers=2), folder=release.build(folder / "root", folder / "out").parent)
    yield create_app(releases).test_client()
    releases.close()


def labels() -> set[tuple[str | None, str]]:
    """The English labels of the classes, properties, codes and topics of the ontology, with the name of each term."""
    found = extract_from_dir(ROOT / "ontology", METHODS, {}, {"pgettext": ((1, "c"), 2)})
    return {(context, label) for _, _, label, _, context in found if isinstance(label, str)}


def read(name: str) -> Catalog:
    with (WORDS / name).open("rb") as file:
        return pofile.read_po(file, locale=None if name.endswith(".pot") else name[:2])


def ids(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, message.id) for message in catalogue if isinstance(message.id, str) and message.id}


def test_the_template_has_the_label_of_each_term() -> None:
    found = labels()
    assert ("dip:Visit", "Visit") in found
    assert ("code:basis-stated", "stated") in found
    assert ("topic:trade", "trade") in found
    assert len(found) == len({name for name, _ in found})
    assert ids(read("terms.pot")) == found


@pytest.mark.parametrize("language", OTHERS)
def test_every_term_is_translated_and_none_is_left_over(language: str) -> None:
    catalogue = read(f"{language}.po")
    assert ids(catalogue) == labels()
    assert not catalogue.obsolete
    for message in filter(lambda message: message.id, catalogue):
        assert isinstance(message.string, str)
        assert re.search(r"[^\W\da-zA-Z_]", message.string), message.id
        assert message.string == " ".join(message.string.split())
        assert not message.fuzzy, message.id


def test_a_label_that_several_terms_have_is_translated_for_each(releases: Releases) -> None:
    named = {iri: term_words.translated(releases.current, "ru", iri, "stated") for iri in (STATED, BASIS_STATED)}
    assert named == {STATED: "высказал", BASIS_STATED: "указано"}
    assert term_words.translated(releases.current, "en", STATED, "stated") == ""


def test_the_page_of_an_event_names_kinds_roles_and_properties_in_its_language(client: FlaskClient) -> None:
    russian = client.get(f"{VISIT}?lang=ru").text
    assert '<a class="chip" href="/ontology?lang=ru#OfficialVisit">Официальный визит</a>' in russian
    assert '<a href="/id/1901-fred-streslau-visit--fred?lang=ru">гость</a>' in russian
    assert '<a href="https://w3id.org/kzus/ontology#atPlace"' not in russian
    assert '<dt><a href="/ontology?lang=ru#hasSubEvent" title="dip:hasSubEvent">включает часть</a></dt>' in russian
    assert '<dt><a href="http://www.w3.org/1999/02/22-rdf-syntax-ns#type" title="rdf:type">вид</a></dt>' in russian
    assert "<dt>Включало</dt>" in russian
    kazakh = client.get(f"{VISIT}?lang=kk").text
    assert '<a class="chip" href="/ontology?lang=kk#OfficialVisit">Ресми сапар</a>' in kazakh
    assert '<a href="/id/1901-fred-streslau-visit--fred?lang=kk">қонақ</a>' in kazakh


def test_what_leads_to_a_thing_is_told_in_the_language_of_the_page(client: FlaskClient) -> None:
    text = client.get("/page/id/streslau?lang=ru").text
    assert "<dt>место назначения визитов</dt>" in text
    assert "<dt>destination of</dt>" in client.get("/page/id/streslau").text


def test_years_topics_and_search_name_kinds_in_the_language_of_the_page(client: FlaskClient) -> None:
    years = client.get("/years?lang=ru").text
    assert '<a href="/ontology?lang=ru#Visit">Визит</a></th>' in years
    assert '<th scope="col" class="number">1900-е годы</th>' in years
    assert "источники расходятся: даты</a>" in years
    topics = client.get("/topics?lang=ru").text
    assert '<a href="/topic/diplomacy?lang=ru">дипломатия</a>' in topics
    assert '<a href="/topic/diplomacy?lang=kk">дипломатия</a>' in client.get("/topics?lang=kk").text
    found = client.get("/search?q=streslau&lang=ru").text
    assert '<a href="/ontology?lang=ru#OfficialVisit" title="dip:OfficialVisit">Официальный визит</a>' in found
    assert re.search(r">События 1</a>", found)
    assert "<h1>Сапар</h1>" in client.get("/search?kind=Visit&lang=kk").text


def test_the_home_page_names_kinds_in_the_language_of_the_page(client: FlaskClient) -> None:
    text = client.get("/?lang=ru").text
    assert "<span>Другие виды</span>" in text
    assert "· <span>Официальный визит</span></span>" in text
    assert '<a href="/id/1901-fred-streslau-visit?lang=ru" lang="en">Visit of Fred to Streslau</a>' in text


def test_documentation_of_the_ontology_is_english_with_the_name_of_each_term_beside_it(client: FlaskClient) -> None:
    text = client.get("/page/ontology?lang=ru").text
    assert '<h3>Visit <span class="muted" lang="ru">Визит</span> <code>dip:Visit</code></h3>' in text
    assert "<h3>Visit <code>dip:Visit</code></h3>" in client.get("/page/ontology").text


def test_a_term_without_translation_is_english_and_says_so(partly: FlaskClient) -> None:
    russian = partly.get(f"{VISIT}?lang=ru").text
    assert '<a href="/id/1901-fred-streslau-visit--fred?lang=ru" lang="en">visitor</a>' in russian
    assert '<a class="chip" href="/ontology?lang=ru#OfficialVisit" lang="en">Official Visit</a>' in russian
    assert ">включает часть</a></dt>" in russian
    kazakh = partly.get(f"{VISIT}?lang=kk").text
    assert '<a class="chip" href="/ontology?lang=kk#OfficialVisit" lang="en">Official Visit</a>' in kazakh
    assert (
        '<dt lang="en"><a href="/ontology?lang=kk#hasSubEvent" title="dip:hasSubEvent">has sub event</a></dt>' in kazakh
    )
    years = partly.get("/years?lang=kk").text
    assert '<span lang="en">Official Visit</span>' in years
    assert '<a href="/ontology?lang=kk#Visit" lang="en">Visit</a></th>' in years


def test_data_without_a_release_have_no_words(small_release: Path) -> None:
    releases = Releases(Limits(workers=1), files=[small_release / "dumps" / "kzus-graph-all.nq"])
    assert term_words.translated(releases.current, "ru", STATED, "stated") == ""
    releases.close()


def test_no_name_is_added_to_the_data(client: FlaskClient) -> None:
    query = "SELECT ?n { <https://w3id.org/kzus/ontology#Visit> <http://www.w3.org/2000/01/rdf-schema#label> ?n }"
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.text == "n\r\nVisit\r\n"
