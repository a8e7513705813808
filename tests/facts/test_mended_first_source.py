"""Readings of the first source that were wrong once: what each sentence states, and what it does not."""

import re
from collections.abc import Iterable

import pytest
from rdflib import RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.rdf.vocab import DIP, GRAPH, KZUS, SOURCE
from tests.conftest import ROOT
from tests.graphs import Examined, Graphs, read

TOPIC = PREFIXES["topic"]
RESULTS = {
    "2010-joint-statement": "2010-joint-statement-adoption",
    "2010-st-agreement": "2010-st-agreement-signing",
    "2010-temir-zholy-ge-memorandum": "2010-temir-zholy-ge-mou-signing",
}
"""What sentence 5.1 calls results of the visit, and the act that produced each."""

PARAPHRASES = {
    "2006-partnership-prospects": ("further among", "should"),
    "2008-key-ally-characterization": ("President", "America's"),
    "2008-obama-visit-interest": ("interest", "would"),
    "2010-kazakhstan-chairs-osce": ("chair", "time"),
    "2010-clinton-thanks": ("warmly hospitably", ""),
    "2010-clinton-pride-remark": ("should short", "may all"),
    "2010-recent-independence": ("independent", "remark"),
    "2011-central-role-predicted": ("will central", ""),
    "2011-npt-obligations-affirmed": ("important every obligations", ""),
    "2011-disarmament-talks-called-for": ("further nuclear disarmament world", ""),
    "2011-npt-states-committed": ("All world", ""),
    "2012-diversification-through-cooperation": ("develop", ""),
    "2012-simpler-visas-predicted": ("agreements will considerably", ""),
    "2012-appeal-to-american-partners": ("partners active", "Kazakhstan's"),
    "2012-transit-potential-stressed": ("important potential growth", ""),
    "2012-elections-welcomed": ("last", "now"),
    "2012-trust-in-leader-highlighted": ("deeply", ""),
    "2012-consultations-important": ("political important", ""),
    "2010-agenda-unique-in-central-asia": ("ambitious cooperation", ""),
    "2010-consultations-mechanism-praised": ("efficient further", ""),
}
"""The words that a paraphrase had lost, and those that it had put in without the sentence having them."""


@pytest.fixture(scope="module")
def graphs() -> Graphs:
    """The graphs of the sentences, and those of the records that are written by hand."""
    names = ("political-cooperation", "cited-pages", "history-state-gov", "record")
    return read([(ROOT / "data" / f"{name}.trig", None) for name in names])


@pytest.fixture(scope="module")
def text(graphs: Graphs) -> Graph:
    """All that the sentences of the first source state."""
    whole = Graph()
    for name, graph in graphs.items():
        if name.startswith(SOURCE["political-cooperation"]):
            whole += graph
    return whole


def sentence(graphs: Graphs, number: str) -> Graph:
    return graphs[URIRef(f"{SOURCE}political-cooperation-{number}")]


def names(nodes: Iterable[Node]) -> set[str]:
    return {str(node).rpartition("/")[2] for node in nodes}


@pytest.mark.parametrize(("instrument", "act"), RESULTS.items())
def test_what_came_of_a_visit_is_a_result_of_it_and_not_during_it(text: Graph, instrument: str, act: str) -> None:
    assert names(text.objects(KZUS[instrument], DIP.resultOf)) == {"2010-nazarbayev-us-official-visit"}
    assert names(text.objects(KZUS[act], DIP.produced)) == {instrument}
    assert not set(text.predicates(KZUS[act])) & {DIP.during, DIP.subEventOf, DIP.begin, DIP.notBefore}


@pytest.mark.parametrize(
    ("act", "days"),
    [
        ("2010-joint-statement-adoption", {"2010-04-11"}),
        ("2010-st-agreement-signing", {"2010-04-11"}),
        ("2010-temir-zholy-ge-mou-signing", set()),
    ],
)
def test_the_day_of_what_came_of_the_visit_is_that_of_another_source_or_open(
    whole: Examined, act: str, days: set[str]
) -> None:
    both = whole.asserted + whole.inferred
    assert {str(day) for bound in (DIP.notBefore, DIP.notAfter) for day in both.objects(KZUS[act], bound)} == days
    assert (KZUS["2010-nazarbayev-us-official-visit"], DIP.resultedIn, None) in both


def test_a_document_of_a_visit_is_not_thereby_signed_during_it(graphs: Graphs) -> None:
    embassy = graphs[SOURCE["kazakhembus-2001-nazarbayev-us-visit"]]
    assert list(embassy.objects(KZUS["2001-secure-link-agreement-signing"], DIP.during)) == []
    assert list(embassy.objects(KZUS["2001-joint-statement-adoption"], DIP.during)) == [
        KZUS["2001-nazarbayev-us-visit"]
    ]


def test_what_a_quoted_speaker_takes_for_granted_is_the_speakers(graphs: Graphs) -> None:
    remark = KZUS["2010-recent-independence"]
    described = {(compact(p), compact(o)) for p, o in sentence(graphs, "7.2").predicate_objects(remark)}
    assert {
        ("rdf:type", "dip:AttributedStatement"),
        ("dip:statedBy", "kzus:hillary-clinton"),
        ("dip:madeAt", "kzus:2010-clinton-astana-visit"),
        ("dip:speechAct", "code:act-presuppose"),
    } <= described
    assert ("rdf:type", "dip:SourceClaim") not in described
    assert sentence(graphs, "7.2").value(remark, DIP.isQuotation).toPython() is True


def test_what_stands_within_a_quotation_is_not_said_by_the_text(graphs: Graphs) -> None:
    assert list(sentence(graphs, "18.1").objects(KZUS["parliament-kazakhstan"], DIP.descriptor)) == []
    welcome = KZUS["2012-elections-welcomed"]
    assert (welcome, DIP.hasTopic, URIRef(TOPIC + "multiparty-parliament")) in sentence(graphs, "18.1")


@pytest.mark.parametrize(("statement", "kept", "added"), [(name, *words) for name, words in PARAPHRASES.items()])
def test_paraphrase_loses_and_adds_no_word_that_matters(text: Graph, statement: str, kept: str, added: str) -> None:
    (gist,) = text.objects(KZUS[statement], DIP.gist)
    words = set(re.findall(r"[\w']+", str(gist)))
    assert set(kept.split()) <= words
    assert not set(added.split()) & words


def test_a_topic_is_what_something_was_about_and_not_who_came_or_what_it_was(text: Graph) -> None:
    for thing in ("2010-clinton-civil-society-meeting", "2012-ngo-forum", "annual-political-consultations"):
        assert list(text.objects(KZUS[thing], DIP.hasTopic)) == []
    assert list(text.subjects(DIP.hasTopic, URIRef(TOPIC + "civil-society"))) == []


def test_places_that_sentences_only_imply_are_not_stated(graphs: Graphs, text: Graph) -> None:
    assert list(text.objects(KZUS["2010-osce-summit"], DIP.atPlace)) == []
    assert list(text.objects(KZUS["2011-un-general-assembly"], DIP.atPlace)) == []
    said = [name for name, graph in graphs.items() if (KZUS["2010-osce-summit"], DIP.atPlace, KZUS.astana) in graph]
    assert said == [SOURCE["america-gov-2010-12-02"]]


def test_events_are_parts_of_a_visit_where_a_sentence_says_so(graphs: Graphs) -> None:
    for event in ("2010-clinton-gumilyov-speech", "2010-clinton-civil-society-meeting"):
        assert list(sentence(graphs, "7.1").objects(KZUS[event], DIP.subEventOf)) == []
        assert list(sentence(graphs, "7.1").objects(KZUS[event], DIP.occurredBefore)) == [KZUS["2010-osce-summit"]]
    talks = (KZUS["2012-kazykhanov-clinton-negotiations"], DIP.subEventOf, KZUS["2012-kazykhanov-us-official-visit"])
    assert [number for number in ("11.1", "11.2", "11.3", "12.1") if talks in sentence(graphs, number)] == ["12.1"]


def test_the_order_of_paragraphs_gives_no_occasion(text: Graph) -> None:
    made_at = {
        "2008-obama-visit-interest": "2008-obama-nazarbayev-call",
        "2010-clinton-pride-remark": "2010-clinton-astana-visit",
        "2010-recent-independence": "2010-clinton-astana-visit",
        "2010-agenda-unique-in-central-asia": "2010-first-consultations",
        "2010-consultations-mechanism-praised": "2010-first-consultations",
        "2012-investment-and-trade-intention": "2012-kazykhanov-clinton-negotiations",
    }
    assert set(text.subject_objects(DIP.madeAt)) == {(KZUS[what], KZUS[where]) for what, where in made_at.items()}


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("strategic-partnership-commission", ["19.2", "21.1"]),
        ("working-group-scientific-technical-cooperation", ["22.1"]),
    ],
)
def test_a_bilateral_body_has_the_sides_that_its_name_in_the_sentence_names(
    graphs: Graphs, text: Graph, body: str, numbers: list[str]
) -> None:
    assert names(text.objects(KZUS[body], DIP.bodyOf)) == {"kazakhstan", "united-states"}
    for number in numbers:
        assert len(list(sentence(graphs, number).objects(KZUS[body], DIP.bodyOf))) == 2


def test_body_of_is_defined() -> None:
    ontology = read([(ROOT / "ontology" / "dip.ttl", GRAPH.ontology)])[GRAPH.ontology]
    definition = "Relates a body to each state or organization that set it up together with others."
    assert str(ontology.value(DIP.bodyOf, SKOS.definition)) == definition
    assert (ontology.value(DIP.bodyOf, RDFS.domain), ontology.value(DIP.bodyOf, RDFS.range)) == (
        DIP.Organization,
        DIP.Organization,
    )


def test_nuclear_matters_gather_the_nuclear_topics_and_count_each_thing_once(whole: Examined) -> None:
    nuclear = {
        "nuclear-arms-reduction", "nuclear-disarmament", "nuclear-energy", "nuclear-free-world",
        "nuclear-non-proliferation", "nuclear-security", "nuclear-test-site-closure",
    }  # fmt: skip
    both = whole.asserted + whole.inferred
    umbrella = URIRef(TOPIC + "nuclear-matters")
    assert names(both.subjects(SKOS.broader, umbrella)) == nuclear
    # each is still found where it was
    for topic, above in {"nuclear-security": "security", "nuclear-energy": "energy"}.items():
        assert (URIRef(TOPIC + topic), SKOS.broader, URIRef(TOPIC + above)) in both
    covering = {thing for topic in nuclear for thing in both.subjects(DIP.coversTopic, URIRef(TOPIC + topic))}
    assert set(both.subjects(DIP.coversTopic, umbrella)) == covering


@pytest.mark.parametrize("topic", ["non-proliferation", "disarmament"])
def test_what_may_concern_other_weapons_is_no_nuclear_matter(whole: Examined, topic: str) -> None:
    assert list(whole.asserted.objects(URIRef(TOPIC + topic), SKOS.broader)) == [URIRef(TOPIC + "security")]
