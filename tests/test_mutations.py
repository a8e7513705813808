"""Slips that a curator could make: each is caught by what is meant for it.

First in the real data: a slip is made in what the shapes see, and the shapes that bear one code find it. Then in files
of a small root: all steps up to a release are gone through, and nothing else is found besides.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, RDF, SH, Graph
from rdflib.term import Node

from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.pipeline import checks, reasoning, release
from kzus_graph.pipeline.functions import functions
from kzus_graph.pipeline.reasoning import rule_results
from kzus_graph.pipeline.source_texts import Runs, run_digests
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP, GRAPH, SHAPE
from kzus_graph.shacl import shapes
from kzus_graph.shacl.shapes import Violation
from tests.conftest import FIXTURES, ROOT, copy_small_root
from tests.graphs import Examined


@dataclass(frozen=True)
class Mutation:
    """A slip, the code that must catch it, and the update that makes it."""

    code: str
    slip: str
    update: str

    def __str__(self) -> str:
        return f"{self.code}-{self.slip.replace(' ', '-')}"


def swap(subject: str, predicate: str, old: str, new: str) -> str:
    """Return the update that puts *new* in the place of *old*."""
    return f"DELETE DATA {{ {subject} {predicate} {old} }} ; INSERT DATA {{ {subject} {predicate} {new} }}"


def drop(subject: str, predicate: str) -> str:
    """Return the update that deletes all that *subject* has by *predicate*."""
    return f"DELETE WHERE {{ {subject} {predicate} ?object }}"


def add(triples: str) -> str:
    return f"INSERT DATA {{ {triples} }}"


def single(position: str, update: str) -> str:
    """Return *update*, after *position* is said to be one that one person holds at a time."""
    return f"{add(f'{position} a dip:SingleHolderPosition')} ; {update}"


def moved(event: str, old: str, new: str) -> str:
    """Return the update that moves *event* from the day *old* to the day *new*."""
    days = f'"{old}"^^xsd:date', f'"{new}"^^xsd:date'
    return " ; ".join(swap(event, bound, *days) for bound in ("dip:begin", "dip:end"))


def renamed(thing: str, label: str) -> str:
    return f"{drop(thing, 'rdfs:label')} ; {add(f'{thing} rdfs:label {label}@en')}"


VISIT = "kzus:2010-clinton-astana-visit"
MEETING = "kzus:2010-clinton-nazarbayev-meeting"
SEOUL = "kzus:2012-nazarbayev-obama-meeting"
ELECTED = "kzus:2008-us-presidential-election--barack-obama"
BRIEFER = "kzus:2011-new-silk-road-briefing--foreign-minister-germany"
OBAMA = "kzus:2009-obama-as-president-united-states"
THANKS = "kzus:2010-clinton-thanks"
WISH = "kzus:2008-obama-visit-interest"
CLAIM = "kzus:2008-key-ally-characterization"
PROVISION = "kzus:2006-support-for-wto-accession"
AGREEMENT = "kzus:2010-st-agreement"
SIGNING = "kzus:2010-st-agreement-signing"
FIRST_ROUND = "kzus:2010-first-consultations"
ROUND = "kzus:2011-second-consultations"
SEGMENT = "source:political-cooperation-3.1"
SECRETARY = "kzus:secretary-of-state-united-states"
AMBASSADOR = "kzus:ambassador-united-states-to-kazakhstan"
FORUM = "kzus:2011-nuclear-free-world-forum"
TEST_SITE = "kzus:1991-semipalatinsk-closure"
EXERCISE = "kzus:1997-centrazbat-exercise"
CALL = "kzus:2015-obama-nazarbayev-call"
LEGAL_TREATY = "kzus:2015-mutual-legal-assistance-treaty"
CLASH = "note:disagreement-2006-nazarbayev-washington-visit-dates"

MUTATIONS = [
    Mutation("S01", "label forgotten", drop("kzus:astana", "rdfs:label")),
    Mutation("S01", "second label", add('kzus:astana rdfs:label "Nur-Sultan"@en')),
    Mutation("S01", "label without a language", swap("kzus:semey", "rdfs:label", '"Semey"@en', '"Semey"')),
    Mutation("S02", "event that no sentence mentions", add("kzus:slip a dip:Summit")),
    Mutation("S02", "statement that no sentence mentions", add("kzus:slip a dip:SourceClaim")),
    Mutation("S03", "end before begin", swap(VISIT, "dip:end", '"2010-12-02"^^xsd:date', '"2010-11-02"^^xsd:date')),
    Mutation("S03", "end forgotten", drop(VISIT, "dip:end")),
    Mutation("S03", "end without a datatype", swap(VISIT, "dip:end", '"2010-12-02"^^xsd:date', '"2010-12-02"')),
    Mutation("S04", "upper bound forgotten", drop(FIRST_ROUND, "dip:notAfter")),
    Mutation("S04", "under way on another day", add(f'{VISIT} dip:includesDate "2010-12-05"^^xsd:date')),
    Mutation("S05", "part after the whole", add(f'{MEETING} dip:notAfter "2010-12-24"^^xsd:date')),
    Mutation("S06", "whole within its part", add(f"{VISIT} dip:during {MEETING}")),
    Mutation("S07", "date of the whole forgotten", drop("kzus:2012-kazykhanov-us-official-visit", "dip:dateBasis")),
    Mutation(
        "S08",
        "summit dated before the speech that preceded it",
        add('kzus:2010-osce-summit dip:begin "2010-11-01"^^xsd:date ; dip:notAfter "2010-11-02"^^xsd:date'),
    ),
    Mutation(
        "S09",
        "another person acts as president",
        add(
            f"kzus:slip dip:inEvent {SEOUL} ; "
            "dip:inPosition kzus:president-kazakhstan ; dip:participant kzus:steven-chu"
        ),
    ),
    Mutation("S10", "destination forgotten", drop(VISIT, "dip:destination")),
    Mutation("S10", "visit to a state", swap(VISIT, "dip:destination", "kzus:astana", "kzus:kazakhstan")),
    Mutation(
        "S11",
        "visitor in another role",
        swap(f"{VISIT}--hillary-clinton", "dip:role", "code:role-visitor", "code:role-participant"),
    ),
    Mutation("S12", "role forgotten", drop(ELECTED, "dip:role")),
    Mutation("S12", "two roles", add(f"{ELECTED} dip:role code:role-speaker")),
    Mutation("S12", "participation in two events", add(f"{ELECTED} dip:inEvent {VISIT}")),
    Mutation("S13", "participant forgotten", drop(ELECTED, "dip:participant")),
    Mutation("S13", "two participants", add(f"{ELECTED} dip:participant kzus:george-w-bush")),
    Mutation("S13", "country takes part", add(f"{BRIEFER} dip:participant kzus:germany-country")),
    Mutation("S14", "participation that no sentence mentions", add("kzus:slip a dip:Participation")),
    Mutation(
        "S15",
        "act before the term",
        swap(OBAMA, "dip:tenureFrom", '"2009-01-20"^^xsd:date', '"2011-01-20"^^xsd:date'),
    ),
    Mutation(
        "S15",
        "act after the term",
        swap(OBAMA, "dip:tenureTo", '"2017-01-20"^^xsd:date', '"2010-01-20"^^xsd:date'),
    ),
    Mutation("S16", "one party alone", add("kzus:slip dip:produced kzus:text . kzus:text dip:party kzus:kazakhstan")),
    Mutation("S17", "status without an act", add(f"{AGREEMENT} dip:instrumentStatus code:status-ratified")),
    Mutation("S17", "amended by nothing", add(f"{AGREEMENT} dip:instrumentStatus code:status-amended")),
    Mutation("S18", "signing of nothing", drop(SIGNING, "dip:produced")),
    Mutation("S18", "signing of two texts", add(f"{SIGNING} dip:produced kzus:2010-joint-statement")),
    Mutation("S19", "speaker forgotten", drop(THANKS, "dip:statedBy")),
    Mutation("S19", "two speakers", add(f"{THANKS} dip:statedBy kzus:barack-obama")),
    Mutation("S20", "speaker from elsewhere", swap(WISH, "dip:statedBy", "kzus:barack-obama", "kzus:sam-brownback")),
    Mutation("S21", "claim with a speaker", add(f"{CLAIM} dip:statedBy kzus:barack-obama")),
    Mutation("S21", "provision of nothing", drop(PROVISION, "dip:provisionOf")),
    Mutation("S22", "gist forgotten", drop(THANKS, "dip:gist")),
    Mutation("S22", "gist too long", f"{drop(THANKS, 'dip:gist')} ; {add(f'{THANKS} dip:gist {161 * chr(120)!r}@en')}"),
    Mutation("S22", "two speech acts", add(f"{THANKS} dip:speechAct code:act-praise")),
    Mutation("S23", "two rounds of one number", swap(ROUND, "dip:ordinalInSeries", "2", "1")),
    Mutation(
        "S23",
        "second round before the first",
        f"{drop(FIRST_ROUND, 'dip:notBefore')} ; {drop(FIRST_ROUND, 'dip:notAfter')} ; "
        f'INSERT DATA {{ {FIRST_ROUND} dip:notBefore "2012-09-01"^^xsd:date ; dip:notAfter "2012-09-30"^^xsd:date }}',
    ),
    Mutation("S24", "digest forgotten", drop(SEGMENT, "dip:sha256")),
    Mutation("S24", "two selectors", add(f"{SEGMENT} oa:hasSelector source:political-cooperation-3.2-selector")),
    Mutation("S25", "segments overlap", add(f"{SEGMENT}-selector oa:end 1200")),
    Mutation("S25", "segment reversed", add(f"{SEGMENT}-selector oa:end 1")),
    Mutation("S26", "sentence copied", add(f'{SEGMENT}-selector oa:exact "words of the source"')),
    Mutation("S27", "identity with another data set", add("kzus:kazakhstan owl:sameAs <http://www.wikidata.org/entity/Q232>")),
    Mutation("S28", "topic that does not exist", add(f"{SEOUL} dip:hasTopic topic:weather")),
    Mutation("S28", "role as topic", add(f"{SEOUL} dip:hasTopic code:role-host")),
    Mutation("S29", "topic below its own narrower topic", add("topic:energy skos:broader topic:energy-security")),
    Mutation("S30", "meeting of one", drop("kzus:2010-nazarbayev-chu-meeting", "dip:hasParticipation")),
    Mutation("S31", "days with precision month", swap(VISIT, "dip:datePrecision", "time:unitDay", "time:unitMonth")),
    Mutation("S32", "election without any hold", drop("kzus:kz-last-elections", "dip:hasNote")),
    Mutation("S33", "session without a body", drop("kzus:2012-wg-first-meeting", "dip:sessionOf")),
    Mutation(
        "S34",
        "delegation without its head",
        add("kzus:2010-american-delegation-to-osce-summit dip:headOfDelegation kzus:steven-chu"),
    ),
    Mutation("S34", "delegation of nobody", drop("kzus:2010-american-delegation-to-osce-summit", "dip:delegationOf")),
    Mutation("S35", "state without a territory", drop("kzus:germany-country", "dip:territoryOf")),
    Mutation("S35", "state as place", add("kzus:germany a dip:Place")),
    Mutation("S36", "site without a country", drop("kzus:palace-of-independence-astana", "dip:locatedIn")),
    Mutation("S37", "note without a kind", drop("note:d05", "dip:noteKind")),
    Mutation("S37", "note about no sentence", drop("note:d05", "dip:attestedBy")),
    Mutation(
        "S38",
        "derivation forgotten",
        "DELETE { ?event dip:hasNote ?note } WHERE { ?event dip:dateBasis code:basis-derived ; dip:hasNote ?note }",
    ),
    Mutation("S39", "capitals in a name", add("kzus:Almaty a dip:City")),
    Mutation("S39", "blank node", add("[] a dip:Person")),
    Mutation("S39", "participation with a number", add("kzus:participation-66 a dip:Participation")),
    Mutation("S40", "page as identifier", add("kzus:astana skos:exactMatch <https://www.geonames.org/1526273/astana.html>")),
    Mutation("S40", "home page without an address", add('kzus:osce foaf:homepage "osce"')),
    Mutation("S60", "feature of a territory on a state", add("kzus:germany skos:exactMatch <https://sws.geonames.org/2921045/>")),
    Mutation("S61", "second Russian name", add('kzus:astana skos:prefLabel "Нур-Султан"@ru')),
    Mutation("S61", "preferred name that is another one too", add('kzus:canada skos:altLabel "Канада"@ru')),
    Mutation("S62", "Latin letter in a Kazakh name", swap("kzus:semey", "skos:prefLabel", '"Семей"@kk', '"Ceмей"@kk')),
    Mutation("S62", "Kazakh name said to be Russian", add('kzus:temir-zholy skos:altLabel "Қазақстан темір жолы"@ru')),
    Mutation("S63", "English name other than the label", add('kzus:chicago skos:prefLabel "City of Chicago"@en')),
    Mutation("S41", "meeting entered twice", f"INSERT {{ kzus:slip ?p ?o }} WHERE {{ {SEOUL} ?p ?o }}"),
    Mutation("S42", "quotation from two sentences", add(f"kzus:2010-clinton-pride-remark dip:attestedBy {SEGMENT}")),
    Mutation("S45", "preference forgotten", drop(CLASH, "dip:prefers")),
    Mutation("S45", "preferred and set aside", add(f"{CLASH} dip:setsAside source:history-state-gov-visits-1866")),
    Mutation("S46", "role as speech act", swap(THANKS, "dip:speechAct", "code:act-thank", "code:role-speaker")),
    Mutation("S46", "speech act as mode", add(f"{THANKS} dip:mode code:act-thank")),
    Mutation("S47", "status as role", swap(ELECTED, "dip:role", "code:role-elected", "code:status-adopted")),
    Mutation("S47", "verdict that does not exist", add("note:check-35 dip:verdict code:verdict-unsure")),
    Mutation("S48", "precision forgotten", drop(VISIT, "dip:datePrecision")),
    Mutation("S48", "basis forgotten", drop(VISIT, "dip:dateBasis")),
    Mutation("S49", "document in place of its segment", add(f"{VISIT} dip:attestedBy source:political-cooperation")),
    Mutation("S50", "descriptor too long", add(f'{VISIT} dip:descriptor "second visit to Kazakhstan"@en')),
    Mutation("S50", "ordinal as a string", swap(VISIT, "dip:ordinalInSeries", "2", '"2"')),
    Mutation("S51", "EDTF mistyped", swap(VISIT, "dip:edtf", '"2010-11-30/2010-12-02"', '"2010-11-30/2010-12-20"')),
    Mutation("S51", "other end left open", swap(FIRST_ROUND, "dip:edtf", '"2010-09"', '"2010-09/.."')),
    Mutation("S51", "qualifier forgotten", swap(FIRST_ROUND, "dip:edtf", '"2010-09"', '"2010-09~"')),
    Mutation(
        "S51",
        "season for a span of days",
        swap(VISIT, "dip:edtf", '"2010-11-30/2010-12-02"', '"2010-23"'),
    ),
    Mutation("S31", "month as decade", swap(FIRST_ROUND, "dip:datePrecision", "time:unitMonth", "code:unit-decade")),
    Mutation("S52", "record of no document", drop("source:history-state-gov-visits-1866", "dcterms:isPartOf")),
    Mutation("S53", "kind of agent forgotten", swap("kzus:steven-chu", "a", "dip:Person", "dip:Agent")),
    Mutation(
        "S54",
        "EDTF mistyped",
        swap(OBAMA, "dip:tenureToEdtf", '"2017-01-20"', '"2017-01-02"'),
    ),
    Mutation("S54", "second beginning", add(f'{OBAMA} dip:tenureFromEdtf "2009-01-21"')),
    Mutation("S54", "tenure without a day", drop(OBAMA, "dip:tenureFrom") + " ; " + drop(OBAMA, "dip:tenureTo")),
    Mutation("S54", "tenure of nobody", add('kzus:slip a dip:Tenure ; dip:tenureFrom "2009-01-20"^^xsd:date')),
    Mutation("S55", "consultations of nobody", drop(ROUND, "dip:hasParticipation")),
    Mutation(
        "S56",
        "relation of one state",
        "DELETE DATA { kzus:kazakhstan-united-states-relations dip:side kzus:united-states }",
    ),
    Mutation("S64", "recognition by nobody", add("kzus:slip a dip:Recognition ; dip:concerns kzus:kazakhstan")),
    Mutation(
        "S65",
        "relations established with a country",
        add("kzus:slip a dip:EstablishmentOfRelations ; dip:concerns kzus:germany-country"),
    ),
    Mutation("S66", "opening of a forum", add("kzus:slip a dip:MissionOpening ; dip:concerns kzus:2012-ngo-forum")),
    Mutation("S67", "embassy of no state", add("kzus:slip a dip:DiplomaticMission")),
    Mutation("S68", "credentials that nobody presents", add("kzus:slip a dip:CredentialsPresentation")),
    Mutation("S69", "appointment of nobody", add("kzus:slip a dip:Appointment")),
    Mutation("S70", "accession to a state", add("kzus:slip a dip:Accession ; dip:concerns kzus:germany")),
    Mutation("S71", "resolution of nobody", add("kzus:slip a dip:LegislativeStep")),
    Mutation("S72", "hearing of one person", add(f"kzus:slip a dip:LegislativeStep ; dip:hasParticipation {ELECTED}")),
    Mutation("S73", "removal of nothing", add("kzus:slip a dip:Removal")),
    Mutation("S74", "exercise of one", add(f"kzus:slip a dip:MilitaryExercise ; dip:hasParticipation {ELECTED}")),
    Mutation("S75", "press conference without a speaker", add("kzus:slip a dip:PressConference")),
    Mutation("S76", "ceremony for nothing", add("kzus:slip a dip:Ceremony")),
    Mutation("S77", "termination of nothing", add("kzus:slip a dip:Termination")),
    Mutation(
        "S78",
        "in force before the signing",
        add(
            f"kzus:slip a dip:EntryIntoForce ; dip:concernsInstrument {AGREEMENT} ; "
            'dip:notBefore "2009-01-01"^^xsd:date ; dip:notAfter "2009-12-31"^^xsd:date'
        ),
    ),
    Mutation("S79", "amendment of nothing", add("kzus:slip a dip:Amendment")),
    Mutation("S80", "agreement amends itself", add(f"{AGREEMENT} dip:amends {AGREEMENT}")),
    Mutation(
        "S80",
        "earlier statement in place of a later one",
        add("kzus:2006-joint-statement dip:succeedsInstrument kzus:2010-joint-statement"),
    ),
    Mutation("S81", "contract of a state", add("kzus:slip a dip:Contract ; dip:party kzus:kazakhstan")),
    Mutation("S81", "contract of persons alone", add("kzus:slip a dip:Contract ; dip:party kzus:rafael-santana")),
]  # fmt: skip
MUTATIONS += [
    # an office that somebody else held
    Mutation(
        "S90",
        "Cheney as President in 2006",
        swap(
            "kzus:2006-cheney-kazakhstan-visit--dick-cheney",
            "dip:inPosition",
            "kzus:vice-president-united-states",
            "kzus:president-united-states",
        ),
    ),
    Mutation(
        "S90",
        "Bush as President in 2012",
        swap(f"{SEOUL}--barack-obama", "dip:participant", "kzus:barack-obama", "kzus:george-w-bush"),
    ),
    Mutation(
        "S90",
        "Kerry as Secretary in 2010",
        single(
            SECRETARY, swap(f"{MEETING}--hillary-clinton", "dip:participant", "kzus:hillary-clinton", "kzus:john-kerry")
        ),
    ),
    Mutation(
        "S90",
        "Nazarbayev as President in 2023",
        swap(
            "kzus:2023-blinken-tokayev-meeting--kassym-jomart-tokayev",
            "dip:participant",
            "kzus:kassym-jomart-tokayev",
            "kzus:nursultan-nazarbayev",
        ),
    ),
    Mutation(
        "S91",
        "Secretary of State as Vice President",
        single(
            SECRETARY,
            single(
                "kzus:vice-president-united-states",
                swap(f"{MEETING}--hillary-clinton", "dip:inPosition", SECRETARY, "kzus:vice-president-united-states"),
            ),
        ),
    ),
    Mutation(
        "S91",
        "President as Foreign Minister",
        single(
            "kzus:foreign-minister-kazakhstan",
            swap(
                "kzus:2023-blinken-tokayev-meeting--kassym-jomart-tokayev",
                "dip:inPosition",
                "kzus:president-kazakhstan",
                "kzus:foreign-minister-kazakhstan",
            ),
        ),
    ),
    Mutation(
        "S91",
        "Secretary of Defense as ambassador",
        single(
            AMBASSADOR,
            single(
                "kzus:secretary-of-defense-united-states",
                swap(
                    "kzus:1998-cohen-altynbayev-meeting--william-cohen",
                    "dip:inPosition",
                    "kzus:secretary-of-defense-united-states",
                    AMBASSADOR,
                ),
            ),
        ),
    ),
    # two holders at once
    Mutation(
        "S09",
        "two Secretaries of State on one day",
        single(
            SECRETARY,
            add(
                f"kzus:slip dip:inEvent kzus:2010-clinton-saudabayev-meeting ; "
                f"dip:inPosition {SECRETARY} ; dip:participant kzus:condoleezza-rice"
            ),
        ),
    ),
    Mutation(
        "S09",
        "two ambassadors on one day",
        single(AMBASSADOR, moved("kzus:2019-moser-credentials", "2019-02-18", "2008-10-08")),
    ),
    Mutation(
        "S92",
        "tenure with a year mistyped",
        add(f'{OBAMA} dip:tenureOngoingFrom "2007-01-20"^^xsd:date'),
    ),
    Mutation(
        "S92",
        "tenure that lasts into the next one",
        add('kzus:1990-nazarbayev-as-president-kazakhstan dip:tenureOngoingUntil "2029-03-20"^^xsd:date'),
    ),
    Mutation(
        "S92",
        "tenure of another in the midst of one",
        single(
            SECRETARY,
            add('kzus:2021-blinken-as-secretary-of-state-united-states dip:tenureOngoingFrom "2012-01-26"^^xsd:date'),
        ),
    ),
    # the other side
    Mutation(
        "S93",
        "Secretary of State on behalf of Kazakhstan",
        add(f"{MEETING}--hillary-clinton dip:onBehalfOf kzus:kazakhstan"),
    ),
    Mutation(
        "S93",
        "State Department on behalf of Kazakhstan",
        add("kzus:2010-first-consultations--state-department-united-states dip:onBehalfOf kzus:kazakhstan"),
    ),
    Mutation(
        "S93",
        "ministry on behalf of the United States",
        swap(
            "kzus:2025-nuclear-material-joint-statement-signing--atomic-energy-agency-kazakhstan",
            "dip:onBehalfOf",
            "kzus:kazakhstan",
            "kzus:united-states",
        ),
    ),
    Mutation(
        "S93",
        "President of Kazakhstan on behalf of the Senate",
        add("kzus:2023-blinken-tokayev-meeting--kassym-jomart-tokayev dip:onBehalfOf kzus:senate-united-states"),
    ),
    # roles
    Mutation(
        "S94",
        "visitor at a phone call",
        swap(f"{CALL}--barack-obama", "dip:role", "code:role-caller", "code:role-visitor"),
    ),
    Mutation(
        "S94",
        "signatory at a meeting",
        swap(f"{MEETING}--hillary-clinton", "dip:role", "code:role-interlocutor", "code:role-signatory"),
    ),
    Mutation(
        "S94",
        "speaker in a ratification",
        swap(
            "kzus:2019-air-services-agreement-ratification--kazakhstan",
            "dip:role",
            "code:role-participant",
            "code:role-speaker",
        ),
    ),
    Mutation(
        "S94",
        "caller on a visit",
        swap(f"{VISIT}--hillary-clinton", "dip:role", "code:role-visitor", "code:role-caller"),
    ),
    # years
    Mutation(
        "S95",
        "digits of a year swapped in the dates",
        add(f'{SEOUL} dip:notBefore "2021-03-26"^^xsd:date ; dip:notAfter "2021-03-26"^^xsd:date'),
    ),
    Mutation("S95", "year in a label mistyped", renamed(VISIT, '"Visit of Clinton to Astana, 2001"')),
    Mutation(
        "S95",
        "year of dates not as in the IRI",
        swap(EXERCISE, "dip:notBefore", '"1997-09-01"^^xsd:date', '"1998-09-01"^^xsd:date'),
    ),
    Mutation(
        "S95", "year of an instrument mistyped", renamed(AGREEMENT, '"Agreement on science and technology, 2001"')
    ),
    Mutation(
        "S95",
        "year in the label of a tenure mistyped",
        renamed(OBAMA, '"Obama as President of the United States, 2009–2016"'),
    ),
    # anniversaries
    Mutation("S96", "thirtieth for twentieth", swap(FORUM, "dip:anniversary", "20", "30")),
    Mutation("S96", "two digits swapped", swap(FORUM, "dip:anniversary", "20", "2")),
    Mutation(
        "S96",
        "commemorated event in another decade",
        add(f'{TEST_SITE} dip:notBefore "1981-08-29"^^xsd:date ; dip:notAfter "1981-08-29"^^xsd:date'),
    ),
    Mutation(
        "S96",
        "anniversary of another event",
        swap(FORUM, "dip:commemorates", TEST_SITE, "kzus:1995-last-nuclear-weapon-removal"),
    ),
    # places
    Mutation(
        "S97",
        "meeting in Riyadh in the midst of the visit to Washington",
        moved("kzus:2017-nazarbayev-trump-riyadh-meeting", "2017-05-21", "2018-01-16"),
    ),
    Mutation(
        "S97",
        "meeting in New York on the day of the one in Astana",
        moved("kzus:2014-idrissov-kerry-meeting", "2014-09-22", "2015-11-02"),
    ),
    Mutation(
        "S97", "two countries visited on one day", moved("kzus:2015-kerry-uzbekistan-visit", "2015-11-01", "2015-11-02")
    ),
    Mutation(
        "S97",
        "part in another country",
        add("kzus:2022-c5-plus-1-ministerial dip:during kzus:2020-pompeo-uzbekistan-visit"),
    ),
    Mutation(
        "S97",
        "meeting in Seoul as a part of a visit to the United States",
        add("kzus:2012-nazarbayev-obama-meeting dip:during kzus:2010-nazarbayev-us-official-visit"),
    ),
    Mutation(
        "S97",
        "meeting in Riyadh as a part of a visit to the United States",
        add("kzus:2017-nazarbayev-trump-riyadh-meeting dip:during kzus:2018-nazarbayev-us-visit"),
    ),
    Mutation("S98", "city in two countries, one of them far", add("kzus:almaty dip:locatedIn kzus:russia-country")),
    Mutation("S98", "capital in two countries", add("kzus:tashkent dip:locatedIn kzus:kazakhstan-country")),
    Mutation("S98", "second city of a country, without it", drop("kzus:samarkand", "dip:locatedIn")),
    Mutation("S98", "country whose state is forgotten", drop("kzus:uzbekistan-country", "dip:territoryOf")),
    Mutation("S98", "city in two countries", add("kzus:washington dip:locatedIn kzus:kazakhstan-country")),
    Mutation("S98", "city without a country", drop("kzus:tashkent", "dip:locatedIn")),
    Mutation("S98", "country without a state", drop("kzus:germany-country", "dip:territoryOf")),
    Mutation("S98", "country of two states", add("kzus:germany-country dip:territoryOf kzus:norway")),
    # parties
    Mutation("S99", "treaty with a company", add(f"{LEGAL_TREATY} dip:party kzus:wabtec")),
    Mutation("S99", "treaty with a commission of both states", add(f"{LEGAL_TREATY} dip:party kzus:joint-commission")),
    Mutation("S99", "contract with a person", add("kzus:2018-locomotive-contracts dip:party kzus:kanat-alpysbayev")),
    Mutation("S99", "agreement with a president", add(f"{AGREEMENT} dip:party kzus:barack-obama")),
    # kinds of agent
    Mutation("S99", "company typed as a person", swap("kzus:wabtec", "a", "dip:Company", "dip:Person")),
    Mutation(
        "S100",
        "ministry typed as a person",
        swap("kzus:ministry-of-defence-kazakhstan", "a", "dip:PublicBody", "dip:Person"),
    ),
    Mutation(
        "S100",
        "agency typed as a person",
        swap("kzus:atomic-energy-agency-kazakhstan", "a", "dip:PublicBody", "dip:Person"),
    ),
    Mutation(
        "S100", "commission typed as a person", swap("kzus:helsinki-commission", "a", "dip:PublicBody", "dip:Person")
    ),
    Mutation("S100", "name of a company", renamed("kzus:rafael-santana", '"Wabtec Corporation"')),
    Mutation("S101", "person typed as an organization", swap("kzus:steven-chu", "a", "dip:Person", "dip:Organization")),
    Mutation(
        "S101",
        "state that calls",
        swap(f"{CALL}--barack-obama", "dip:participant", "kzus:barack-obama", "kzus:united-states"),
    ),
    Mutation(
        "S101",
        "company that visits",
        swap(f"{VISIT}--hillary-clinton", "dip:participant", "kzus:hillary-clinton", "kzus:wabtec"),
    ),
]


CHRONICLE = "The envoys of Ruritania's king, so the chronicle has it, dined with the consul of Freedonia at noon."
"""The text of a source that we made up, since those of others are not here."""


def say(graph: str, triples: str) -> str:
    """Return the update that adds *triples* to *graph*, and to the merge."""
    return f"INSERT DATA {{ {triples} GRAPH {graph} {{ {triples} }} }}"


def link(triple: str) -> str:
    return say("graph:links-wikidata", triple)


def name(words: str, property_: str = "skos:altLabel", subject: str = "kzus:semey") -> str:
    """Return the update that gives *subject* the text *words*, a literal, by *property_*."""
    return say("graph:entities", f"{subject} {property_} {words} .")


CHECK_MUTATIONS = [
    Mutation("wrong-scheme", "subject", say("graph:entities", "<http://w3id.org/kzus/id/semey> a dip:City .")),
    Mutation("wrong-scheme", "property", say(SEGMENT, f"{VISIT} <http://w3id.org/kzus/ontology#during> kzus:semey .")),
    Mutation("wrong-scheme", "class", say(SEGMENT, f"{VISIT} a <http://w3id.org/kzus/ontology#Visit> .")),
    Mutation("wrong-scheme", "graph", say("<http://w3id.org/kzus/source/a>", f"{VISIT} a dip:Visit .")),
    Mutation("wrong-scheme", "code", say(SEGMENT, f"{ELECTED} dip:role <http://w3id.org/kzus/code/role-visitor> .")),
    Mutation("wrong-scheme", "schema.org", say(SEGMENT, f"{VISIT} a <http://schema.org/Event> .")),
    Mutation(
        "wrong-scheme",
        "rdf type",
        say(SEGMENT, f"{VISIT} <https://www.w3.org/1999/02/22-rdf-syntax-ns#type> dip:Visit ."),
    ),
    Mutation(
        "wrong-scheme",
        "label",
        say("graph:entities", 'kzus:semey <https://www.w3.org/2000/01/rdf-schema#label> "S"@en .'),
    ),
    Mutation(
        "wrong-scheme",
        "datatype",
        say(SEGMENT, f'{VISIT} dip:begin "2010-11-30"^^<https://www.w3.org/2001/XMLSchema#date> .'),
    ),
    Mutation("wrong-scheme", "Wikidata", link("kzus:semey skos:closeMatch <https://www.wikidata.org/entity/Q61944> .")),
    Mutation("wrong-scheme", "GeoNames", link("kzus:semey skos:closeMatch <http://sws.geonames.org/1519422/> .")),
    Mutation("link-to-another-kind", "person and state", link("kzus:steven-chu skos:exactMatch wd:Q232 .")),
    Mutation(
        "link-to-another-kind",
        "person and city",
        link("kzus:steven-chu skos:exactMatch <https://sws.geonames.org/1526273/> ."),
    ),
    Mutation("link-to-another-kind", "territory and state", link("kzus:kazakhstan-country skos:exactMatch wd:Q232 .")),
    Mutation("link-to-another-kind", "city and person", link("kzus:chicago skos:closeMatch wd:Q76 .")),
    Mutation(
        "link-to-another-kind",
        "state and city",
        link("kzus:germany skos:closeMatch <https://sws.geonames.org/2911298/> ."),
    ),
    Mutation(
        "link-to-another-kind",
        "city and region",
        link("kzus:chicago skos:closeMatch <https://sws.geonames.org/4273857/> ."),
    ),
    Mutation(
        "link-to-another-kind",
        "body and page of a person",
        link("kzus:osce foaf:isPrimaryTopicOf <https://bioguide.congress.gov/search/bio/O000167> ."),
    ),
    Mutation(
        "link-to-another-kind",
        "person and MARC country",
        link("kzus:steven-chu skos:closeMatch <http://id.loc.gov/vocabulary/countries/kz> ."),
    ),
    Mutation(
        "link-to-another-kind",
        "person and LCSH",
        link("kzus:steven-chu skos:exactMatch <http://id.loc.gov/authorities/subjects/sh85038179> ."),
    ),
    Mutation(
        "link-to-another-kind",
        "topic and LCNAF",
        link("topic:trade skos:exactMatch <http://id.loc.gov/authorities/names/n94112934> ."),
    ),
    Mutation("hidden-character", "space without width", name(r'"Semi\u200Bpalatinsk"@en')),
    Mutation("hidden-character", "byte order mark", name(r'"\uFEFFSemipalatinsk"@en')),
    Mutation("hidden-character", "soft hyphen", name(r'"Semi\u00ADpalatinsk"@en')),
    Mutation("hidden-character", "direction", name(r'"Semipalatinsk\u202E"@en')),
    Mutation("hidden-character", "no-break space", name(r'"a Soviet\u00A0city"@en', "rdfs:comment")),
    Mutation("hidden-character", "narrow no-break space", name(r'"10\u202F000 people"@en', "dip:descriptor", VISIT)),
    Mutation("hidden-character", "letter in two pieces", name(r'"Семеи\u0306"@ru')),
    Mutation("hidden-character", "line end", name(r'"Semi\npalatinsk"@en')),
    Mutation("literal-form", "two blanks", name('"Ust  Kamenogorsk"@en')),
    Mutation("literal-form", "blank at the begin", name('" Semipalatinsk"@en')),
    Mutation("literal-form", "blank at the end", name('"is grateful "@en', "dip:gist", THANKS)),
    Mutation("markup-in-text", "bold", name('"<b>Semipalatinsk</b>"@en')),
    Mutation("markup-in-text", "line break", name('"A city.<br/>Once Soviet."@en', "rdfs:comment")),
    Mutation("markup-in-text", "ampersand", name('"trade &amp; learning"@en', "dip:gist", THANKS)),
    Mutation("markup-in-text", "number of a character", name('"Semi&#8211;palatinsk"@en')),
    Mutation("markup-in-text", "link", name("'<a href=\"https://example.org/\">Semey</a>'@en", "rdfs:comment")),
    Mutation("mixed-alphabets", "Cyrillic letter in an English label", name('"Sеmey"@en')),
    Mutation("mixed-alphabets", "Cyrillic letter in a descriptor", name('"оfficial"@en', "dip:descriptor", VISIT)),
    Mutation("mixed-alphabets", "Latin letter in a cited word", name('"In Russian it is Ceмей."@en', "rdfs:comment")),
    Mutation("mixed-alphabets", "Greek letter", name('"is gratefυl"@en', "dip:gist", THANKS)),
    Mutation("wrong-language", "Russian label said to be English", name('"Семипалатинск"@en')),
    Mutation("wrong-language", "Russian gist said to be English", name('"благодарит"@en', "dip:gist", THANKS)),
    Mutation(
        "wrong-language", "Russian note said to be English", name('"Город на Иртыше (Semey)."@en', "rdfs:comment")
    ),
    Mutation("wrong-language", "English note said to be Russian", name('"A city on the Irtysh."@ru', "rdfs:comment")),
    Mutation("wrong-language", "English descriptor said to be Kazakh", name('"official"@kk', "dip:descriptor", VISIT)),
    Mutation("wrong-language", "Kazakh note said to be Russian", name('"Ертіс бойындағы қала"@ru', "rdfs:comment")),
    Mutation("wrong-language", "German label", name('"Semei"@de')),
    Mutation(
        "same-person-twice",
        "label of another",
        say("graph:entities", 'kzus:slip a dip:Person ; rdfs:label "Barack Obama"@en .'),
    ),
    Mutation(
        "same-person-twice",
        "case and accents",
        say("graph:entities", 'kzus:slip a dip:Person ; rdfs:label "BARÁCK OBAMA"@en .'),
    ),
    Mutation(
        "same-person-twice",
        "other name of another",
        name('"Hillary Rodham Clinton"@en', subject="kzus:madeleine-albright"),
    ),
    Mutation(
        "same-person-twice",
        "surname first",
        say("graph:entities", 'kzus:slip a dip:Person ; rdfs:label "Tokayev, Kassym-Jomart"@en .'),
    ),
    Mutation(
        "same-person-twice",
        "in Russian letters",
        say("graph:entities", 'kzus:slip a dip:Person ; skos:altLabel "Нурсултан Назарбаев"@ru .'),
    ),
    Mutation(
        "same-person-twice",
        "other transliteration",
        say("graph:entities", 'kzus:slip a dip:Person ; rdfs:label "Yerlan Idrisov"@en .'),
    ),
    Mutation("two-things-with-one-exact-link", "two persons", link("kzus:steven-chu skos:exactMatch wd:Q76 .")),
    Mutation(
        "two-things-with-one-exact-link", "new person", link("kzus:slip a dip:Person ; skos:exactMatch wd:Q6294 .")
    ),
    Mutation(
        "two-things-with-one-exact-link",
        "in another table",
        say("graph:links-viaf", "kzus:slip skos:exactMatch <http://viaf.org/viaf/102001786> ."),
    ),
    Mutation("copied-text", "in a label", name(f'"{CHRONICLE[:75]}"@en', "rdfs:label")),
    Mutation("copied-text", "in a gist", name(f'"{CHRONICLE.upper()}"@en', "dip:gist", THANKS)),
    Mutation("copied-text", "in a note", name(f'"We read: {CHRONICLE[4:80]}"@en', "rdfs:comment", "note:d05")),
    Mutation(
        "copied-text",
        "with other marks",
        name(f'"{CHRONICLE.replace(",", " –").replace(chr(39), chr(0x2019))}"@en', "rdfs:comment"),
    ),
]
"""Slips for the checks in SPARQL, which see named graphs."""


class Seen:
    """What a run sees: the *lines* of a flat graph, and *named* graphs, in a store that is changed and restored."""

    def __init__(self, lines: Lines, named: NamedLines | None = None) -> None:
        self.store = checks.stored(lines, named or {})
        self.quads = set(self.store)

    @contextlib.contextmanager
    def mutated(self, update: str) -> Iterator[Lines]:
        """Change the store by *update* until the block is left, and give the lines that it removes."""
        self.store.update(update, prefixes=PREFIXES)
        after = set(self.store)
        removed, added = self.quads - after, after - self.quads
        try:
            assert removed or added, "the update changes nothing: the data have moved on"
            yield ntriples.lines(quad.triple for quad in removed)
        finally:
            for quad in added:
                self.store.remove(quad)
            self.store.extend(removed)


@pytest.fixture(scope="module")
def seen(whole: Examined) -> dict[str, Seen]:
    """What the two runs see: the facts with what the rules add, and all that follows."""
    asserted, graphs = whole.content.asserted, whole.content.graphs
    derived = rule_results(checks.stored(asserted, graphs), sorted((ROOT / "ontology" / "rules").glob("*.rq")))
    return {
        "asserted": Seen(ntriples.union(asserted, derived)),
        "closure": Seen(ntriples.union(asserted, whole.content.inferred)),
    }


@pytest.fixture(scope="module")
def asserted(whole: Examined) -> frozenset[str]:
    return frozenset(whole.content.asserted)


def described(constraints: Graph, nodes: Iterable[Node]) -> Graph:
    """Return what *constraints* say of *nodes* and of all that this leads to."""
    found, frontier = Graph(), set(nodes)
    while frontier:
        for triple in constraints.triples((frontier.pop(), None, None)):
            if triple not in found:
                found.add(triple)
                frontier.add(triple[2])
    return found


def results(store: ox.Store, constraints: Graph, code: str, run: str) -> set[Violation]:
    """Return what the shapes of *code* find in *run*; the others are left out, since pyshacl would read them all."""
    family = re.compile(re.escape(SHAPE[code]) + r"(-\w+)*")
    meant = [shape for shape in constraints.subjects(SHAPE.run, SHAPE[run]) if family.fullmatch(shape)]
    return set(shapes.violations(shapes.report(store, shapes.only(described(constraints, meant), meant))))


def run_of(constraints: Graph, code: str) -> str:
    return "asserted" if (SHAPE[code], SHAPE.run, SHAPE.asserted) in constraints else "closure"


def test_the_data_conform(whole: Examined) -> None:
    assert [violation for violation in whole.violations if violation.severity == "Violation"] == []
    assert [violation for violation in whole.violations if violation.severity == "Warning" and not violation.note] == []


def test_every_shape_meets_a_mutation(whole: Examined) -> None:
    codes = {str(shape).removeprefix(str(SHAPE)).split("-")[0] for shape in whole.constraints.subjects(SHAPE.run)}
    assert {mutation.code for mutation in MUTATIONS} == codes
    assert len({str(mutation) for mutation in MUTATIONS}) == len(MUTATIONS) >= 40


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_the_shape_catches_the_slip(
    whole: Examined, asserted: frozenset[str], seen: dict[str, Seen], mutation: Mutation
) -> None:
    constraints = whole.constraints
    run = run_of(constraints, mutation.code)
    known = {violation for violation in whole.violations if violation.code == mutation.code}
    with seen[run].mutated(mutation.update) as removed:
        assert asserted.issuperset(removed), "what is not asserted no curator can delete"
        caught = results(seen[run].store, constraints, mutation.code, run) - known
    assert caught
    assert {violation.code for violation in caught} == {mutation.code}
    severity = constraints.value(SHAPE[mutation.code], SH.severity)
    assert {SH[violation.severity] for violation in caught} == {severity}


@pytest.fixture(scope="module")
def seen_by_checks(whole: Examined) -> Seen:
    """What the checks in SPARQL see: the facts, and the graphs that they stand in."""
    named = {name: lines for name, lines in whole.content.graphs.items() if name != GRAPH.inferred}
    return Seen(whole.content.asserted, named)


def test_each_check_of_texts_and_links_meets_three_mutations() -> None:
    assert len({str(mutation) for mutation in CHECK_MUTATIONS}) == len(CHECK_MUTATIONS)
    assert min(Counter(mutation.code for mutation in CHECK_MUTATIONS).values()) >= 3


@pytest.mark.parametrize("mutation", CHECK_MUTATIONS, ids=str)
def test_the_check_catches_the_slip(seen_by_checks: Seen, mutation: Mutation) -> None:
    path = ROOT / "queries" / "checks" / f"{mutation.code}.rq"
    called = functions(Runs({"chronicle": run_digests("chronicle", CHRONICLE)}))
    assert checks.found_by(path, seen_by_checks.store, called) == []
    with seen_by_checks.mutated(mutation.update):
        caught = checks.found_by(path, seen_by_checks.store, called)
    assert len(caught) == 1
    assert caught[0].is_serious


TYPED_TWICE = [
    ("a treaty and a memorandum", LEGAL_TREATY, "MemorandumOfUnderstanding"),
    ("a treaty and a contract", LEGAL_TREATY, "Contract"),
    ("a contract and a treaty", "kzus:2018-locomotive-contracts", "Treaty"),
    ("a joint statement and an agreement", "kzus:2010-joint-statement", "Agreement"),
    ("a ministry and a state", "kzus:ministry-of-defence-kazakhstan", "State"),
    ("a state and a company", "kzus:germany", "Company"),
    ("an international organization and a state", "kzus:osce", "State"),
    ("a commission of two states and a ministry", "kzus:joint-commission", "PublicBody"),
    ("a person and an organization", "kzus:steven-chu", "Company"),
    ("a city and a region", "kzus:astana", "Region"),
    ("a site and a country", "kzus:semipalatinsk-test-site", "Country"),
]


@pytest.mark.parametrize(("thing", "kind"), [slip[1:] for slip in TYPED_TWICE], ids=[slip[0] for slip in TYPED_TWICE])
def test_the_reasoner_catches_a_thing_of_two_kinds(asserted: frozenset[str], thing: str, kind: str) -> None:
    iri = PREFIXES["kzus"] + thing.removeprefix("kzus:")
    said = f"<{iri}> <{RDF.type}> <{DIP[kind]}> .\n"
    assert said not in asserted
    with pytest.raises(Inconsistent) as caught:
        reasoning.inferred(ntriples.union(asserted, [said]))
    assert all(iri in words for words in caught.value.contradictions)


TOO_LATE = [
    ("digits of a year swapped", 'source:history-state-gov-visits-1866 { kzus:slip dip:begin "2106-09-27"^^xsd:date }'),
    ("month of the next year", 'source:political-cooperation-15.1 { kzus:slip dip:notBefore "2027-03-01"^^xsd:date }'),
    ("last day mistyped", 'source:political-cooperation-3.1 { kzus:slip dip:end "2201-12-02"^^xsd:date }'),
    ("tenure to come", 'graph:editorial { kzus:slip dip:tenureFrom "2052-01-20"^^xsd:date }'),
    (
        "end of a tenure mistyped",
        'graph:editorial { kzus:slip dip:tenureTo "2071-01-20"^^xsd:date ; dip:tenureEdtf "2017/2071-01-20" }',
    ),
]


@pytest.mark.parametrize("fact", [slip[1] for slip in TOO_LATE], ids=[slip[0] for slip in TOO_LATE])
def test_the_check_catches_a_day_that_has_not_come(whole: Examined, fact: str) -> None:
    store = checks.stored([], {GRAPH.metadata: whole.content.graphs[GRAPH.metadata]})
    store.update(f"INSERT DATA {{ GRAPH {fact} }}", prefixes=PREFIXES)
    query = (ROOT / "queries" / "checks" / "date-after-the-data-set.rq").read_text("utf-8")
    found = [str(row["this"].value) for row in store.query(query)]
    assert found == [PREFIXES["kzus"] + "slip"]


def test_a_tenure_may_end_on_a_day_of_the_year_of_the_data_set(whole: Examined) -> None:
    store = checks.stored([], {GRAPH.metadata: whole.content.graphs[GRAPH.metadata]})
    (day,) = (quad.object.value for quad in store if quad.predicate.value == str(DCTERMS.modified))
    year = day[:4]
    fact = f'kzus:slip dip:tenureTo "{year}-12-31"^^xsd:date ; dip:tenureEdtf "2017/{year}"'
    store.update(f"INSERT DATA {{ GRAPH graph:editorial {{ {fact} }} }}", prefixes=PREFIXES)
    query = (ROOT / "queries" / "checks" / "date-after-the-data-set.rq").read_text("utf-8")
    assert list(store.query(query)) == []


@dataclass(frozen=True)
class Slip:
    """A slip in a file: what is wrong, what it was, and every code that is found, no more and no fewer."""

    codes: str
    slip: str
    file: str
    right: str
    wrong: str

    def __str__(self) -> str:
        return self.slip.replace(" ", "-")


SLIPS = [
    Slip("S11", "visitor in another role", "gazette.trig", "code:role-visitor", "code:role-participant"),
    Slip("S11 S47 undefined-term", "role that does not exist", "gazette.trig", "code:role-visitor", "code:role-guest"),
    Slip("unused-entity", "person forgotten beside the office", "gazette.trig", "dip:participant kzus:rufus ; ", ""),
    Slip(
        "S13 unused-entity",
        "participant forgotten",
        "gazette.trig",
        "dip:participant kzus:rufus ; dip:role code:role-interlocutor ;\n  dip:inPosition kzus:king-ruritania .",
        "dip:role code:role-interlocutor .",
    ),
    Slip(
        "S12 S30",
        "one of two left out of the meeting",
        "gazette.trig",
        " , kzus:1901-fred-rufus-meeting--rufus .",
        " .",
    ),
    Slip(
        "S05",
        "meeting after the visit",
        "gazette.trig",
        "kzus:1901-fred-rufus-meeting a dip:Meeting ;",
        'kzus:1901-fred-rufus-meeting a dip:Meeting ; dip:begin "1901-05-08"^^xsd:date ; '
        'dip:end "1901-05-08"^^xsd:date ; dip:edtf "1901-05-08" ; '
        "dip:datePrecision time:unitDay ; dip:dateBasis code:basis-stated ;",
    ),
    Slip("S03 S04 S51", "begin after end", "herald.trig", '"1901-05-02"^^xsd:date', '"1901-05-22"^^xsd:date'),
    Slip("S03 S04", "day without a datatype", "herald.trig", '"1901-05-02"^^xsd:date', '"1901-05-02"'),
    Slip("S31 S51", "month of 29 days", "almanac.trig", '"1901-06-30"^^xsd:date', '"1901-06-29"^^xsd:date'),
    Slip("S10", "destination forgotten", "gazette.trig", " ; dip:destination kzus:streslau ;", " ;"),
    Slip(
        "S10 dangling-reference",
        "destination mistyped",
        "gazette.trig",
        "dip:destination kzus:streslau ;",
        "dip:destination kzus:streslow ;",
    ),
    Slip(
        "S01 missing-label",
        "two labels",
        "entities.trig",
        'rdfs:label "Rufus"@en',
        'rdfs:label "Rufus"@en , "Rufus V"@en',
    ),
    Slip(
        "S01 missing-label",
        "label forgotten",
        "entities.trig",
        'kzus:fred a dip:Person ; rdfs:label "Fred"@en .',
        "kzus:fred a dip:Person .",
    ),
    Slip("duplicate-label", "label of another", "entities.trig", '"Fred at the meeting"@en', '"Fred as visitor"@en'),
    Slip(
        "S39 misplaced-statement missing-label",
        "label among the facts",
        "gazette.trig",
        "kzus:1901-fred-streslau-visit--fred a dip:Participation ;",
        "kzus:1901-fred-streslau-visit--fred a dip:Participation ; "
        '<http://www.w3.org/2000/01/rdf-schema#label> "Fred, guest"@en ;',
    ),
    Slip("S37", "note without a kind", "editorial.ttl", " ; dip:noteKind code:note-name ;", " ;"),
    Slip(
        "S45",
        "preferred and set aside",
        "editorial.ttl",
        "dip:setsAside source:gazette-1 ;",
        "dip:setsAside source:herald-7 ;",
    ),
    Slip(
        "disagreement-without-both-claims",
        "disagreement about what is not set aside",
        "editorial.ttl",
        "dip:disagreementAbout kzus:1901-fred-streslau-visit ;",
        "dip:disagreementAbout kzus:1901-fred-streslau-visit , kzus:1901-fred-rufus-meeting ;",
    ),
    Slip("S23", "two rounds of one number", "almanac.trig", "dip:ordinalInSeries 2", "dip:ordinalInSeries 1"),
    Slip("S19", "speaker forgotten", "almanac.trig", "dip:statedBy kzus:fred ; ", ""),
    Slip(
        "S20",
        "speaker from elsewhere",
        "almanac.trig",
        "dip:madeAt kzus:1901-fred-rufus-meeting",
        "dip:madeAt kzus:1902-streslau-summit",
    ),
    Slip(
        "S42",
        "quotation from two sentences",
        "almanac.trig",
        "kzus:streslau-summits a dip:EventSeries .",
        "kzus:streslau-summits a dip:EventSeries . kzus:1901-fred-toast dip:isQuotation true .",
    ),
    Slip("S22", "gist forgotten", "almanac.trig", 'dip:gist "Finds the soup of Streslau good."@en ; ', ""),
    Slip("S25", "sentences overlap", "sources.ttl", "oa:start 81", "oa:start 70"),
]
"""In each pair the right words stand in the file once."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The small root, and what it lacks of kinds."""
    folder = copy_small_root(tmp_path / "root")
    for more in sorted((FIXTURES / "slips").iterdir()):
        with (folder / "data" / more.name).open("a", encoding="utf-8") as file:
            file.write(more.read_text("utf-8"))
    return folder


@pytest.mark.slow
def test_the_files_without_a_slip_pass(root: Path) -> None:
    assert release.examine(root).violations == []


def test_slips_are_of_many_kinds() -> None:
    assert len({str(slip) for slip in SLIPS}) == len(SLIPS)
    assert len({slip.codes for slip in SLIPS}) > 12


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_a_slip_in_a_file_is_found_and_nothing_else(root: Path, slip: Slip) -> None:
    path = root / "data" / slip.file
    text = path.read_text("utf-8")
    assert text.count(slip.right) == 1
    path.write_text(text.replace(slip.right, slip.wrong), "utf-8")
    found = release.examine(root).violations
    assert {violation.code for violation in found} == set(slip.codes.split())
