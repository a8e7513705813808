"""The rules of ``ontology/rules/`` on facts made up for them: what follows from each, and what must not."""

import pytest
from rdflib import Graph

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import GRAPH
from tests.conftest import ROOT
from tests.graphs import read, rule_results

RULES = ROOT / "ontology" / "rules"
LOCAL = (str(PREFIXES["kzus"]), str(PREFIXES["dip"]))


@pytest.fixture(scope="module")
def ontology() -> Graph:
    graph = Graph()
    for name in ("dip", "codes"):
        graph += read([(ROOT / "ontology" / f"{name}.ttl", GRAPH[name])])[GRAPH[name]]
    return graph


def results(rule: str, facts: str, ontology: Graph) -> set[str]:
    """What *rule* makes of *facts*, each triple as text with the local parts of its names."""
    graph = ontology + Graph()
    graph.update(f"INSERT DATA {{ {facts} }}", initNs=PREFIXES)
    triples = rule_results(graph, {}, [RULES / f"{rule}.rq"])
    return {" ".join(str(term).replace(LOCAL[0], "").replace(LOCAL[1], "") for term in triple) for triple in triples}


def part(event: str, agent: str, office: str = "", role: str = "participant", inverse: bool = False) -> str:
    """A participation of *agent* in *event*; with *inverse*, stated in the other direction."""
    node = f"kzus:{event}--{agent}"
    about = f"{node} dip:role code:role-{role} . " + (f"{node} dip:inPosition kzus:{office} . " if office else "")
    if inverse:
        return f"{about} {node} dip:inEvent kzus:{event} . kzus:{agent} dip:participation {node} . "
    return f"{about} kzus:{event} dip:hasParticipation {node} . {node} dip:participant kzus:{agent} . "


PEOPLE = """kzus:fred a dip:Person . kzus:rufus a dip:Person . kzus:bob a dip:Person . kzus:club a dip:Group .
    kzus:freedonia a dip:State . kzus:ruritania a dip:State . kzus:east a dip:PublicBody .
    kzus:chancellor dip:positionOf kzus:freedonia . kzus:consul dip:positionOf kzus:freedonia .
    kzus:king dip:positionOf kzus:ruritania . """


def signing(kind: str = "Signing") -> str:
    return (
        f"{PEOPLE} kzus:s a dip:{kind} ; dip:produced kzus:treaty . "
        + part("s", "fred", "chancellor", "signatory")
        + part("s", "rufus", "king", "signatory", inverse=True)
        + part("s", "bob", "consul")
    )


SIGNED = {
    "treaty signedBy fred",
    "treaty signedBy rufus",
    "treaty signedOnBehalfOf freedonia",
    "treaty signedOnBehalfOf ruritania",
}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (signing(), SIGNED),
        (signing("ExchangeOfNotes"), SIGNED),
        (signing("Initialling"), set()),
        (signing("Adoption"), set()),
        (signing("OwnKind") + "dip:OwnKind rdfs:subClassOf dip:Signing .", SIGNED),
        (
            PEOPLE
            + "kzus:s a dip:Signing . kzus:treaty dip:producedBy kzus:s . kzus:s--east dip:onBehalfOf kzus:east . "
            + part("s", "east", role="signatory"),
            {"treaty signedOnBehalfOf east"},
        ),
    ],
    ids=["signing", "exchange of notes", "initialling", "adoption", "kind of signing", "a body without a person"],
)  # fmt: skip
def test_signatures(facts: str, expected: set[str], ontology: Graph) -> None:
    assert results("signature", facts, ontology) == expected


FRED_AND_RUFUS = {"fred met rufus", "rufus met fred"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("kzus:e a dip:Meeting . " + part("e", "fred", "chancellor") + part("e", "rufus", "king"), FRED_AND_RUFUS),
        (
            "kzus:e a dip:Negotiation . " + part("e", "fred", "chancellor") + part("e", "rufus", inverse=True),
            FRED_AND_RUFUS,
        ),
        ("kzus:e a dip:PhoneConversation . " + part("e", "fred") + part("e", "rufus", "king"), FRED_AND_RUFUS),
        ("kzus:e a dip:PhoneConversation . " + part("e", "fred") + part("e", "rufus"), set()),
        (
            "kzus:e a dip:Meeting . " + part("e", "fred", "consul") + part("e", "club"),
            {"fred met club", "club met fred"},
        ),
        ("kzus:e a dip:Meeting . " + part("e", "fred", "chancellor") + part("e", "bob", "consul"), set()),
        ("kzus:e a dip:Meeting . " + part("e", "fred") + part("e", "freedonia") + part("e", "east"), set()),
        ("kzus:e a dip:Correspondence . " + part("e", "fred") + part("e", "rufus"), set()),
        ("kzus:e a dip:Visit . " + part("e", "fred") + part("e", "rufus"), set()),
        ("kzus:e a dip:Summit . " + part("e", "fred") + part("e", "rufus"), set()),
    ],
    ids=[
        "meeting",
        "negotiation",
        "call",
        "no side known",
        "group",
        "same side",
        "states and bodies",
        "letter",
        "visit",
        "summit",
    ],
)
def test_who_met_whom(facts: str, expected: set[str], ontology: Graph) -> None:
    assert results("meeting", PEOPLE + facts, ontology) == expected


LAND = """kzus:strelsau dip:locatedIn kzus:ruritania-country . kzus:zenda dip:locatedIn kzus:ruritania-country .
    kzus:ruritania-country a dip:Country ; dip:territoryOf kzus:ruritania .
    kzus:freedonia-country dip:territoryOf kzus:freedonia .
    kzus:glasgow dip:locatedIn kzus:freedonia-country . kzus:e a dip:Meeting ; dip:during kzus:v .
    kzus:v a dip:Visit ; dip:destination """


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("kzus:strelsau", {"strelsau", "ruritania-country"}),
        ("kzus:strelsau , kzus:ruritania-country", {"ruritania-country"}),
        ("kzus:strelsau , kzus:zenda", {"ruritania-country"}),
        ("kzus:strelsau , kzus:glasgow", set()),
        ("kzus:castle . kzus:castle a dip:Site ; dip:locatedIn kzus:zenda", {"zenda", "ruritania-country"}),
        ("kzus:strelsau . kzus:e dip:atPlace kzus:zenda", set()),
        ("kzus:strelsau . kzus:e a dip:PhoneConversation", set()),
    ],
    ids=["city", "city and its country", "two cities", "two countries", "site", "place of its own", "call"],
)
def test_place_of_the_whole(facts: str, expected: set[str], ontology: Graph) -> None:
    assert results("place-of-the-whole", LAND + facts, ontology) == {f"e withinPlace {place}" for place in expected}


VISIT = (
    PEOPLE
    + LAND.replace("kzus:e a dip:Meeting ; dip:during kzus:v .", "")
    + 'kzus:strelsau ; dip:begin "1901-05-02"^^xsd:date ; dip:end "1901-05-05"^^xsd:date . '
    + part("v", "fred", "chancellor", "visitor")
    + "kzus:a a dip:Signing ; dip:produced kzus:treaty . "
)


def on(first: str, last: str = "") -> str:
    return f'kzus:a dip:begin "{first}"^^xsd:date ; dip:end "{last or first}"^^xsd:date . '


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (on("1901-05-02") + part("a", "fred", "chancellor"), True),
        (on("1901-05-05") + part("a", "bob", "consul", inverse=True), True),
        (on("1901-05-05") + part("a", "bob", "consul") + "kzus:a dip:atPlace kzus:zenda .", True),
        (on("1901-05-05") + part("a", "bob", "consul") + "kzus:a dip:atPlace kzus:glasgow .", False),
        (on("1901-05-05") + "kzus:east dip:ofState kzus:freedonia . kzus:treaty dip:party kzus:east .", True),
        (on("1901-05-05") + part("a", "rufus", "king"), False),
        (on("1901-05-05", "1901-05-06") + part("a", "fred", "chancellor"), False),
        (on("1901-05-01") + part("a", "fred", "chancellor"), False),
        ('kzus:a dip:notBefore "1901-05-02"^^xsd:date . ' + part("a", "fred", "chancellor"), False),
    ],
    ids=["first day", "last day", "there", "elsewhere", "body", "another side", "ends after", "before", "no day"],
)  # fmt: skip
def test_concluded_in_the_days_of_a_visit(facts: str, found: bool, ontology: Graph) -> None:
    expected = {"treaty concludedInDaysOf v"} if found else set()
    assert results("concluded-in-the-days-of-a-visit", VISIT + facts, ontology) == expected


def tenure(name: str, holder: str, edtf: str, first: str, last: str = "") -> str:
    begin, _, end = edtf.partition("/")
    ending = f'; dip:tenureToEdtf "{end}" ' if end else ""
    ending += f'; dip:tenureTo "{last}"^^xsd:date ' if last else ""
    return f"""kzus:{name} a dip:Tenure ; dip:tenureHolder kzus:{holder} ; dip:tenurePosition kzus:office ;
        dip:tenureFromEdtf "{begin}" ; dip:tenureFrom "{first}"^^xsd:date {ending}. """


def act(day: str, holder: str) -> str:
    return f'kzus:e{day} dip:begin "{day}"^^xsd:date . ' + part(f"e{day}", holder, "office")


SINGLE = "kzus:office a dip:SingleHolderPosition . "
DAY = tenure("t", "fred", "1901-05-04/", "1901-05-04")
YEARS = tenure("t", "fred", "1901/1904", "1901-01-01", "1904-12-31")
MONTH = tenure("n", "rufus", "1904-03/", "1904-03-01")


@pytest.mark.parametrize(
    ("facts", "first", "last"),
    [
        (tenure("t", "fred", "1901-05-04/1904-10-03", "1901-05-04", "1904-10-03"), "1901-05-04", "1904-10-03"),
        (YEARS, "1901-12-31", "1904-01-01"),
        (tenure("t", "fred", "1901-02/1904-10", "1901-02-01", "1904-10-31"), "1901-02-28", "1904-10-01"),
        (DAY, "1901-05-04", "1901-05-04"),
        (tenure("t", "fred", "1901-12/..", "1901-12-01"), "1901-12-31", "1901-12-31"),
        (DAY + act("1902-07-01", "fred") + act("1902-01-01", "fred"), "1901-05-04", "1902-07-01"),
        (DAY + act("1902-07-01", "rufus"), "1901-05-04", "1901-05-04"),
        (DAY + act("1905-07-01", "fred") + MONTH, "1901-05-04", "1901-05-04"),
        (DAY + act("1900-07-01", "fred"), "1901-05-04", "1901-05-04"),
    ],
    ids=["days", "years", "months", "no end", "lasts", "acts", "another acts", "act after another came", "act before"],
)  # fmt: skip
def test_certain_days_of_a_tenure(facts: str, first: str, last: str, ontology: Graph) -> None:
    found = {line for line in results("tenure-certain-days", facts, ontology) if line.startswith("t ")}
    assert found == {f"t tenureOngoingFrom {first}", f"t tenureOngoingUntil {last}"}


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        (SINGLE + DAY, ""),
        (SINGLE + DAY + MONTH, "1904-03-31"),
        (DAY + MONTH, ""),
        (SINGLE + DAY + MONTH + tenure("m", "bob", "1903-01-02/", "1903-01-02"), "1903-01-02"),
        (SINGLE + DAY + act("1902-07-01", "rufus"), "1902-07-01"),
        (SINGLE + DAY + act("1902-07-01", "fred"), ""),
        (SINGLE + DAY + act("1900-07-01", "rufus"), ""),
        (SINGLE + YEARS + MONTH, "1904-03-31"),
        (SINGLE + YEARS + tenure("n", "rufus", "1901-03/", "1901-03-01"), "1904-12-31"),
        (SINGLE + tenure("t", "fred", "1901-05-04/1905-10-03", "1901-05-04", "1905-10-03") + MONTH, "1905-10-03"),
    ],
    ids=[
        "alone", "next holder", "an office for several", "the nearest of two", "another acts", "the holder acts",
        "another acted before", "a year is narrowed", "a next holder who may have come before", "a stated day stands",
    ],
)  # fmt: skip
def test_outer_bound_of_a_tenure(facts: str, last: str, ontology: Graph) -> None:
    found = {line for line in results("tenure-outer-bound", facts, ontology) if line.startswith("t ")}
    assert found == ({f"t tenureNotAfter {last}"} if last else set())
