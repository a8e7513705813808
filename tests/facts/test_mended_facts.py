"""Facts of the record that were missing or wrong: the right value of each, and the record that states it."""

from collections.abc import Iterable

import pytest
from rdflib import RDF, Graph, Literal
from rdflib.namespace import RDFS, XSD
from rdflib.term import Node

from kzus_graph.rdf.vocab import CODE, DIP, GRAPH, KZUS, SOURCE
from tests.graphs import Examined

SIX = {"kazakhstan", "kyrgyzstan", "tajikistan", "turkmenistan", "uzbekistan", "united-states"}

LAST_POSSIBLE_DAYS = {
    "2005-bush-letter": ("2005-08-02", "akorda-2005-nazarbayev-bush-meeting"),
    "2015-obama-letter": ("2015-04-29", "astanatimes-2015-obama-letter"),
    "2015-obama-nazarbayev-call": ("2015-01-21", "tengrinews-2015-obama-nazarbayev-call"),
    "2025-nuclear-material-joint-statement-signing": ("2025-09-16", "report-az-2025-nuclear-material-joint-statement"),
    "2025-locomotive-agreement-signing": ("2025-09-22", "orda-2025-tokayev-gor-meeting"),
    "2025-stufft-nomination": ("2025-07-09", "bes-media-2025-stufft-nomination"),
    "2026-kazykhanov-appointment": ("2026-01-13", "lada-2026-kazykhanov-appointment"),
}
"""Events of which only the day of a publication is known: that day, and the record."""

GATHERINGS = {
    "2015-nazarbayev-us-visit": ("withinFrameworkOf", "2015-un-general-assembly", "history-state-gov-visits-2808"),
    "2015-nazarbayev-obama-meeting": ("withinFrameworkOf", "2015-un-general-assembly", "history-state-gov-visits-2808"),
    "2023-tokayev-us-visit": ("withinFrameworkOf", "2023-un-general-assembly", "history-state-gov-visits-3219"),
    "2014-idrissov-kerry-meeting": (
        "withinFrameworkOf",
        "2014-un-general-assembly",
        "astanatimes-2014-idrissov-kerry-meeting",
    ),
    "2021-c5-plus-1-ministerial": ("during", "2021-un-general-assembly", "ritzherald-2021-c5-plus-1-ministerial"),
    "2022-c5-plus-1-ministerial": ("during", "2022-un-general-assembly", "state-gov-2022-c5-plus-1-ministerial"),
    "2024-c5-plus-1-ministerial": ("withinFrameworkOf", "2024-un-general-assembly", "azon-2024-c5-plus-1-ministerial"),
    "2025-tokayev-new-york-visit": ("undertakenFor", "2025-un-general-assembly", "orda-2025-tokayev-gor-meeting"),
    "2017-nazarbayev-trump-riyadh-meeting": (
        "withinFrameworkOf",
        "2017-us-islamic-world-summit",
        "mfa-kz-cooperation-with-united-states",
    ),
    "2016-c5-plus-1-ministerial-in-hamburg": (
        "withinFrameworkOf",
        "2016-osce-ministerial-meeting",
        "imperialvalleynews-2015-c5-plus-1-ministerial",
    ),
    "2025-akkenzhenov-burgum-meeting": (
        "withinFrameworkOf",
        "2025-adipec",
        "astanatimes-2025-akkenzhenov-burgum-meeting",
    ),
    "2020-enriched-uranium-joint-statement-signing": (
        "during",
        "2020-iaea-general-conference",
        "akimataktobe-2019-enriched-uranium-joint-statement",
    ),
}
"""Events at a gathering that was missing: how they hang together, the gathering, and the record."""


@pytest.fixture(scope="module")
def merge(whole: Examined) -> Graph:
    return whole.asserted + whole.inferred


def slugs(nodes: Iterable[Node]) -> set[str]:
    """The local names of *nodes*."""
    return {str(node).removeprefix(str(KZUS)) for node in nodes}


def says(whole: Examined, record: str, subject: str, predicate: str, value: Node | str) -> bool:
    """Whether the graph of *record* has the triple; a text as *value* is a thing of ours."""
    node = KZUS[value] if isinstance(value, str) and not isinstance(value, Node) else value
    return (KZUS[subject], DIP[predicate], node) in whole.graphs[SOURCE[record]]


def day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


@pytest.mark.parametrize(
    "signing",
    [
        "1997-joint-commission-report-signing",
        "1997-economic-partnership-program-signing",
        "1997-breeder-reactor-agreement-signing",
        "1997-non-proliferation-accord-signing",
    ],
)
def test_signings_of_1997_are_parts_of_the_ceremony(whole: Examined, signing: str) -> None:
    record = "globalsecurity-1997-joint-commission-session"
    assert says(whole, record, signing, "subEventOf", "1997-signing-ceremony")
    assert says(whole, record, "1997-signing-ceremony", "atPlace", "washington")


def test_report_of_the_fourth_session_is_tied_to_the_session(whole: Examined, merge: Graph) -> None:
    record = "globalsecurity-1997-joint-commission-session"
    session = "1997-joint-commission-session"
    assert says(whole, record, "1997-joint-commission-report-signing", "withinFrameworkOf", session)
    assert says(whole, record, "1997-joint-commission-report", "resultOf", session)
    signatories = merge.objects(KZUS["1997-joint-commission-report-signing"], DIP.hasParticipant)
    assert slugs(signatories) == {"al-gore", "nursultan-nazarbayev"}


def test_oil_contracts_were_signed_after_the_ceremony_and_not_at_it(merge: Graph) -> None:
    for contract in ("karachaganak", "caspian-shelf"):
        assert not list(merge.objects(KZUS[f"1997-{contract}-contract-signing"], DIP.subEventOf))


def test_meeting_that_was_still_to_come_is_a_statement(whole: Examined, merge: Graph) -> None:
    assert (KZUS["1997-nazarbayev-clinton-meeting"], None, None) not in merge
    statement = "1997-nazarbayev-clinton-meeting-announced"
    assert says(whole, "deseret-1997-11-18", statement, "mode", CODE["mode-future"])
    assert says(whole, "deseret-1997-11-18", statement, "refersTo", "bill-clinton")


def test_oil_contracts_have_both_sides(whole: Examined, merge: Graph) -> None:
    parties = {
        name: slugs(merge.objects(KZUS[name], DIP.party))
        for name in ("1997-karachaganak-contract", "1997-caspian-shelf-contract")
    }
    government = {"government-kazakhstan"}
    ministry = {"ministry-of-energy-and-mineral-resources-kazakhstan"}
    companies = {"texaco", "lukoil", "british-gas", "agip"}
    assert parties["1997-karachaganak-contract"] == companies | ministry | government
    companies = {"mobil", "agip", "total", "british-petroleum", "statoil", "shell", "british-gas"}
    assert parties["1997-caspian-shelf-contract"] == companies | government
    agency = "bestprofi-2001-karachaganak-agency-agreement"
    assert says(whole, agency, "1997-karachaganak-contract", "party", "government-kazakhstan")
    for party in ("government-kazakhstan", "british-gas"):
        assert says(whole, "ogj-1997-north-caspian-contract", "1997-caspian-shelf-contract", "party", party)


@pytest.mark.parametrize(
    "contract", ["2006-locomotive-contract", "2018-locomotive-contracts", "2025-locomotive-agreement"]
)
def test_the_other_contracts_have_both_sides_too(merge: Graph, contract: str) -> None:
    other = "wabtec" if contract.startswith("2025") else "general-electric"
    assert slugs(merge.objects(KZUS[contract], DIP.party)) == {"temir-zholy", other}


def test_each_meeting_of_six_states_has_the_six(merge: Graph) -> None:
    series = (KZUS["c5-plus-1-ministerial-meetings"], KZUS["c5-plus-1-summits"])
    meetings = {event for one in series for event in merge.subjects(DIP.inSeries, one)}
    involved = {str(event): slugs(merge.objects(event, DIP.involvesParty)) for event in meetings}
    assert len(involved) == 13
    hamburg = involved.pop(str(KZUS["2016-c5-plus-1-ministerial-in-hamburg"]))
    assert hamburg == SIX - {"turkmenistan"}
    assert all(states == SIX for states in involved.values()), involved


@pytest.mark.parametrize("state", sorted(SIX - {"kazakhstan", "united-states"}))
def test_the_four_other_states_are_cited(whole: Examined, state: str) -> None:
    node = "shavkat-mirziyoyev" if state == "uzbekistan" else f"president-{state}"
    summit = f"2025-c5-plus-1-summit--{node}"
    assert says(whole, "newscentralasia-2025-c5-plus-1-summit", summit, "onBehalfOf", state)
    assert says(whole, "qalampir-2025-c5-plus-1-review", summit, "inPosition", f"president-{state}")
    ministerial = f"2022-c5-plus-1-ministerial--{state}"
    assert says(whole, "state-gov-2022-c5-plus-1-ministerial", ministerial, "onBehalfOf", state)


def test_who_was_announced_for_the_summit_is_not_said_to_have_come(merge: Graph) -> None:
    came = slugs(merge.objects(KZUS["2025-c5-plus-1-summit"], DIP.hasParticipant))
    announced = slugs(merge.objects(KZUS["2025-c5-plus-1-presidents-announced"], DIP.refersTo))
    assert {"shavkat-mirziyoyev", "kassym-jomart-tokayev", "donald-trump"} <= came & announced
    assert announced - came == {"2025-c5-plus-1-summit", "sadyr-japarov", "emomali-rahmon", "serdar-berdimuhamedov"}


@pytest.mark.parametrize(
    ("meeting", "others"),
    [
        ("2007-tifa-council-meeting", set()),
        ("2011-tifa-council-meeting", {"afghanistan"}),
        ("2014-tifa-council-meeting", {"afghanistan"}),
    ],
)
def test_tifa_council_has_its_states(merge: Graph, meeting: str, others: set[str]) -> None:
    assert slugs(merge.objects(KZUS[meeting], DIP.involvesParty)) == SIX | others


@pytest.mark.parametrize("event", LAST_POSSIBLE_DAYS)
def test_day_of_a_publication_is_only_the_last_possible_one(whole: Examined, merge: Graph, event: str) -> None:
    last, record = LAST_POSSIBLE_DAYS[event]
    assert says(whole, record, event, "notAfter", day(last))
    assert list(merge.objects(KZUS[event], DIP.notAfter)) == [day(last)]
    for missing in (DIP.begin, DIP.end, DIP.notBefore):
        assert not list(merge.objects(KZUS[event], missing)), missing
    assert set(merge.objects(KZUS[event], DIP.dateBasis)) == {CODE["basis-derived"]}


def test_delivery_of_the_letter_is_the_word_of_an_agency(whole: Examined) -> None:
    delivered = [
        record for record, graph in whole.graphs.items() if (KZUS["2005-bush-letter"], DIP.includesDate, None) in graph
    ]
    assert delivered == [SOURCE["upi-2005-bush-letter"]]
    assert says(whole, "upi-2005-bush-letter", "2005-bush-letter", "includesDate", day("2005-08-01"))
    assert (SOURCE["upi-2005-bush-letter"], DIP.secondHand, Literal(True)) in whole.graphs[GRAPH.sources]


def test_signing_has_no_day_of_a_fact_sheet(merge: Graph) -> None:
    signing = KZUS["2001-secure-link-agreement-signing"]
    assert [list(merge.objects(signing, bound)) for bound in (DIP.notBefore, DIP.notAfter)] == [[], []]
    assert (KZUS["2001-secure-link-agreement"], DIP.resultOf, KZUS["2001-nazarbayev-us-visit"]) in merge


def test_summit_of_2014_has_place_and_days(whole: Examined, merge: Graph) -> None:
    summit = "2014-nuclear-security-summit"
    for record in ("nss2014-nuclear-security-summit", "nss2016-2014-nuclear-security-summit"):
        assert says(whole, record, summit, "atPlace", "the-hague")
        assert says(whole, record, summit, "begin", day("2014-03-24"))
        assert says(whole, record, summit, "end", day("2014-03-25"))
    assert slugs(merge.objects(KZUS[summit], DIP.onTerritoryOf)) == {"netherlands"}
    assert says(whole, "nss2016-2014-nuclear-security-summit", summit, "ordinalInSeries", Literal(3))


@pytest.mark.parametrize("event", GATHERINGS)
def test_gathering_at_which_an_event_took_place_is_there(whole: Examined, event: str) -> None:
    how, gathering, record = GATHERINGS[event]
    assert says(whole, record, event, how, gathering)


@pytest.mark.parametrize(
    ("opening", "state"),
    [
        ("1992-us-embassy-opening", "united-states"),
        ("1992-kazakhstan-embassy-opening", "kazakhstan"),
        ("2009-us-consulate-general-opening", "united-states"),
        ("2010-kazakhstan-consulate-general-opening", "kazakhstan"),
    ],
)
def test_opening_of_a_mission_involves_its_state(whole: Examined, merge: Graph, opening: str, state: str) -> None:
    assert says(whole, "mfa-kz-cooperation-with-united-states", f"{opening}--{state}", "onBehalfOf", state)
    assert slugs(merge.objects(KZUS[opening], DIP.involvesParty)) == {state}


def test_events_of_the_record_without_a_party_have_a_reason(whole: Examined, merge: Graph) -> None:
    without = {
        event
        for event in merge.subjects(RDF.type, DIP.Event)
        if (event, DIP.involvesParty, None) not in merge
        and (event, RDF.type, DIP.EntryIntoForce) not in merge
        and (event, DIP.hasNote, None) not in merge
        and not any("political-cooperation" in str(place) for place in merge.objects(event, DIP.attestedBy))
    }
    gatherings = {gathering for _, gathering, _ in GATHERINGS.values()}
    assert slugs(without) == gatherings | {"2019-iaea-general-conference", "2025-iaea-general-conference"}


def test_disagreement_prefers_the_day_that_its_reason_argues_for(whole: Examined, merge: Graph) -> None:
    visit = "2023-blinken-kazakhstan-visit"
    (note,) = merge.subjects(DIP.disagreementAbout, KZUS[visit])
    assert list(merge.objects(note, DIP.prefers)) == [SOURCE["interfax-2023-blinken-kazakhstan-visit"]]
    assert list(merge.objects(note, DIP.setsAside)) == [SOURCE["history-state-gov-travels-4127"]]
    assert "landed in the early hours of the 28th" in str(merge.value(note, RDFS.comment))
    assert [str(date) for date in merge.objects(KZUS[visit], DIP.edtf)] == ["2023-02-28"]


def test_journey_to_the_soviet_union_counts_there_and_its_stays_where_they_were(whole: Examined, merge: Graph) -> None:
    record = "history-state-gov-travels-429"
    assert says(whole, record, "1991-baker-soviet-union-journey", "destination", "soviet-union-country")
    territories = {
        event: slugs(merge.objects(KZUS[f"1991-baker-{event}"], DIP.onTerritoryOf))
        for event in ("soviet-union-journey", "alma-ata-stay", "russia-stay")
    }
    assert territories == {
        "soviet-union-journey": {"soviet-union"},
        "alma-ata-stay": {"kazakhstan"},
        "russia-stay": {"russia"},
    }
    for stay in ("alma-ata-stay", "russia-stay"):
        assert says(whole, record, f"1991-baker-{stay}", "subEventOf", "1991-baker-soviet-union-journey")


def test_visit_labelled_by_a_state_takes_place_on_its_territory(merge: Graph) -> None:
    named = {str(merge.value(state, RDFS.label)): state for state in merge.subjects(RDF.type, DIP.State)}
    looked = 0
    for visit in set(merge.subjects(RDF.type, DIP.Visit)):
        label = str(merge.value(visit, RDFS.label))
        for name, state in named.items():
            if f" to {name}" in label or f" to the {name}" in label:
                looked += 1
                assert set(merge.objects(visit, DIP.onTerritoryOf)) == {state}, visit
    assert looked == 35


def test_joint_commission_has_its_two_states(whole: Examined) -> None:
    records = {
        str(name).removeprefix(str(SOURCE))
        for name, graph in whole.graphs.items()
        if str(name).startswith(str(SOURCE)) and (KZUS["joint-commission"], DIP.bodyOf, None) in graph
    }
    assert records == {
        "history-state-gov-visits-1250",
        "history-state-gov-visits-1397",
        "globalsecurity-1997-joint-commission-session",
    }
    for record in records:
        sides = whole.graphs[SOURCE[record]].objects(KZUS["joint-commission"], DIP.bodyOf)
        assert slugs(sides) == {"kazakhstan", "united-states"}


@pytest.mark.parametrize(
    ("record", "agreement", "act", "date"),
    [
        ("pavlodar-2001-tax-conventions", "1993-double-taxation-convention", "entry-into-force", "1996-12-30"),
        ("adilet-1996-double-taxation-convention", "1993-double-taxation-convention", "ratification", "1996-06-26"),
        (
            "adilet-2016-narcotics-cooperation-agreement",
            "2016-narcotics-cooperation-agreement",
            "entry-into-force",
            "2016-11-14",
        ),
        ("zakonpravo-2019-air-services-agreement", "2019-air-services-agreement", "entry-into-force", "2022-03-15"),
    ],
)
def test_acts_in_the_life_of_agreements(whole: Examined, record: str, agreement: str, act: str, date: str) -> None:
    event = f"{agreement}-{act}"
    assert says(whole, record, event, "concernsInstrument", agreement)
    assert says(whole, record, event, "begin", day(date)) and says(whole, record, event, "end", day(date))


def test_agreement_of_2016_is_one_of_a_ministry_and_an_agency(whole: Examined, merge: Graph) -> None:
    signing = KZUS["2016-narcotics-cooperation-agreement-signing"]
    assert slugs(merge.objects(signing, DIP.hasParticipant)) == {
        "ministry-of-internal-affairs-kazakhstan",
        "drug-enforcement-administration",
    }
    assert slugs(merge.objects(KZUS["2016-narcotics-cooperation-agreement"], DIP.party)) == {
        "kazakhstan",
        "united-states",
    }


def test_agreement_still_proposed_in_1998_was_not_in_force(whole: Examined, merge: Graph) -> None:
    record = "govinfo-1998-nuclear-cooperation-agreement-transmission"
    agreement = "1997-nuclear-cooperation-agreement"
    assert says(whole, record, "1998-nuclear-cooperation-agreement-proposed", "refersTo", agreement)
    assert CODE["status-in-force"] not in set(merge.objects(KZUS[agreement], DIP.instrumentStatus))
    (note,) = merge.subjects(DIP.disagreementAbout, KZUS[agreement])
    assert set(merge.objects(note, DIP.citedRecord)) == {SOURCE[record]}


def test_ends_of_the_convention_on_taxes_are_a_provision_of_it(whole: Examined) -> None:
    record = "pavlodar-1993-double-taxation-convention"
    assert says(
        whole, record, "1993-double-taxation-termination-clause", "provisionOf", "1993-double-taxation-convention"
    )


def test_link_that_no_list_contradicts_stays_with_a_note(merge: Graph) -> None:
    dbpedia = "http://dbpedia.org/resource/"
    linked = {str(node) for node in merge.objects(KZUS["hillary-clinton"], None) if str(node).startswith(dbpedia)}
    assert linked == {dbpedia + "Hillary_Rodham_Clinton"}
    notes = {str(note).rpartition("/")[2] for note in merge.objects(KZUS["hillary-clinton"], DIP.hasNote)}
    assert "hillary-clinton-in-dbpedia" in notes
