"""What follows, one fact each; and what must not."""

import owlrl
import pytest
from rdflib import OWL, RDF, BNode, Graph, Literal, URIRef

from kzus_graph.owl import reference
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.pipeline import reasoning
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP, GRAPH, KZUS, SOURCE
from tests.conftest import ROOT
from tests.graphs import Examined, infer, merged, read, read_root, rule_results

VISIT, MEETING = KZUS["1901-fred-streslau-visit"], KZUS["1901-fred-rufus-meeting"]
RULES = sorted((ROOT / "ontology" / "rules").glob("*.rq"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Graph]:
    """The merge of the small root, and what follows from it."""
    from tests.conftest import copy_small_root

    graphs = read_root(copy_small_root(tmp_path_factory.mktemp("reasoning") / "root"))
    merge = merged(graphs)
    derived = rule_results(merge, graphs, RULES)
    return merge, derived + infer(merge + derived)


@pytest.mark.parametrize(
    ("subject", "predicate", "object_"),
    [
        (VISIT, RDF.type, DIP.DiplomaticContact),
        (VISIT, DIP.visitor, KZUS.fred),
        (VISIT, DIP.hasParticipant, KZUS.fred),
        (VISIT, DIP.involvesParty, KZUS.freedonia),
        (VISIT, DIP.atPlace, KZUS["ruritania-country"]),
        (VISIT, DIP.onTerritoryOf, KZUS.ruritania),
        (VISIT, DIP.hasSubEvent, MEETING),
        (VISIT, RDF.type, DIP.HeadOfStateLevelEvent),
        (KZUS.fred, DIP.represented, KZUS.freedonia),
        (KZUS.fred, DIP.actedAs, KZUS["chancellor-freedonia"]),
        (MEETING, DIP.during, VISIT),
        (MEETING, DIP.inContextOf, VISIT),
        (VISIT, DIP.attestedBy, SOURCE["gazette-1"]),
        (VISIT, DIP.attestedBy, SOURCE["herald-7"]),
        (MEETING, DIP.dateBasis, CODE["basis-inherited"]),
        (VISIT, RDF.type, URIRef("https://schema.org/Event")),
    ],
    ids=lambda term: str(term).rsplit("/", 1)[-1],
)
def test_fact_follows(small: tuple[Graph, Graph], subject: URIRef, predicate: URIRef, object_: URIRef) -> None:
    merge, new = small
    assert (subject, predicate, object_) not in merge
    assert (subject, predicate, object_) in new


def test_sub_event_inherits_the_preferred_bounds_of_its_parent(small: tuple[Graph, Graph]) -> None:
    _, new = small
    assert [str(value) for value in new.objects(MEETING, DIP.notBefore)] == ["1901-05-02"]
    assert [str(value) for value in new.objects(MEETING, DIP.notAfter)] == ["1901-05-05"]


def test_participants_and_place_of_a_part_are_not_those_of_the_whole(small: tuple[Graph, Graph]) -> None:
    _, new = small
    assert (VISIT, DIP.hasParticipant, KZUS.rufus) not in new
    assert list(new.objects(MEETING, DIP.atPlace)) == []


def test_what_is_inferred_is_plain_rdf_and_news(small: tuple[Graph, Graph]) -> None:
    merge, new = small
    for subject, predicate, object_ in new:
        assert isinstance(subject, URIRef), subject
        assert isinstance(predicate, URIRef)
        assert not isinstance(object_, BNode)
        assert predicate != OWL.sameAs
        assert (subject, predicate, object_) not in merge
        assert not str(subject).startswith((str(OWL), str(RDF), str(DIP))), subject


def test_closing_again_adds_nothing(small: tuple[Graph, Graph]) -> None:
    merge, new = small
    assert set(infer(merge + new)) == set()


def test_rules_find_nothing_more_after_the_closure(whole: Examined) -> None:
    """The rules run before the reasoner; here is the proof that they need nothing it derives."""
    merge = whole.asserted + whole.inferred
    again = rule_results(merge, whole.graphs, RULES)
    assert set(again - merge) == set()


STATUSES = {
    "kzus:s a dip:Signing ; dip:produced kzus:x": "signed",
    "kzus:s a dip:Adoption . kzus:x dip:producedBy kzus:s": "adopted",
    "kzus:s a dip:ReachingOfUnderstanding ; dip:produced kzus:x": "agreed",
    "kzus:s a dip:ExchangeOfNotes ; dip:produced kzus:x": "exchanged",
    "kzus:s a dip:Initialling ; dip:produced kzus:x . kzus:t a dip:Signing ; dip:produced kzus:x": "initialled signed",
    "kzus:s a dip:Ratification ; dip:concernsInstrument kzus:x": "ratified",
    "kzus:s a dip:EntryIntoForce ; dip:concernsInstrument kzus:x": "in-force",
    "kzus:s a dip:Termination ; dip:concernsInstrument kzus:x": "terminated",
    "kzus:s a kzus:Initials ; dip:produced kzus:x . kzus:Initials rdfs:subClassOf dip:Initialling": "initialled",
    "kzus:y dip:amends kzus:x": "amended",
    "kzus:x dip:amendedBy kzus:y": "amended",
    "kzus:y dip:succeedsInstrument kzus:x": "succeeded",
    "kzus:x dip:succeededByInstrument kzus:y": "succeeded",
    "kzus:s a dip:Meeting ; dip:concernsInstrument kzus:x": "",
    "kzus:s a dip:InstrumentAct ; dip:produced kzus:x": "",
    "kzus:s a dip:Ratification ; dip:concerns kzus:x": "",
    "kzus:s a dip:Signing ; dip:resultedIn kzus:x": "",
    "kzus:y dip:implementsInstrument kzus:x": "",
    "kzus:x a dip:Amendment": "",
}
"""What is said of an instrument, and the statuses that follow."""


@pytest.mark.parametrize(("facts", "statuses"), STATUSES.items())
def test_a_status_follows_from_acts_and_later_instruments_alone(facts: str, statuses: str) -> None:
    graph = Graph()
    for name in ("dip", "codes"):
        graph += read([(ROOT / "ontology" / f"{name}.ttl", GRAPH[name])])[GRAPH[name]]
    graph.update(f"INSERT DATA {{ {facts} }}", initNs=PREFIXES)
    found = set(rule_results(graph, {}, [ROOT / "ontology" / "rules" / "status.rq"]))
    assert found == {(KZUS.x, DIP.instrumentStatus, CODE[f"status-{status}"]) for status in statuses.split()}


INHERITED = {
    'kzus:w dip:notAfter "1901-05-04"^^xsd:date': ["notAfter 1901-05-04"],
    'kzus:w dip:notBefore "1901-05-04"^^xsd:date': ["notBefore 1901-05-04"],
    'kzus:w dip:begin "1901-05-02"^^xsd:date ; dip:end "1901-05-05"^^xsd:date . '
    'kzus:x dip:during kzus:v . kzus:v dip:notAfter "1901-05-04"^^xsd:date': [
        "notAfter 1901-05-04",
        "notBefore 1901-05-02",
    ],
    'kzus:w dip:notBefore "1901-01-01"^^xsd:date ; dip:notAfter "1901-12-31"^^xsd:date ; '
    "dip:dateQualifier code:qualifier-approximate": [
        "dateQualifier qualifier-approximate",
        "notAfter 1901-12-31",
        "notBefore 1901-01-01",
    ],
    'kzus:w dip:edtf "1901"': [],
}
"""What is said of a longer event, and what an event inherits that took place during it."""


@pytest.mark.parametrize(("facts", "inherited"), INHERITED.items())
def test_each_known_bound_is_inherited_with_the_reservation(facts: str, inherited: list[str]) -> None:
    graph = Graph()
    graph.update(f"INSERT DATA {{ kzus:x dip:during kzus:w . {facts} }}", initNs=PREFIXES)
    found = rule_results(graph, {}, [ROOT / "ontology" / "rules" / "inherited-bounds.rq"])
    said = {(KZUS.x, DIP.dateBasis, CODE["basis-inherited"])} if inherited else set()
    assert said <= set(found)
    rest = {(predicate, value) for _, predicate, value in set(found) - said}
    assert sorted(f"{name.removeprefix(DIP)} {value.removeprefix(CODE)}" for name, value in rest) == inherited


def test_annotations_take_no_part_in_the_closure(small: tuple[Graph, Graph]) -> None:
    """To leave literals of annotation properties out of the closure changes nothing but the time it takes."""
    merge, _ = small
    annotations = set(merge.subjects(RDF.type, OWL.AnnotationProperty))
    kept = merge - Graph()
    for property_ in annotations:
        kept.remove((property_, RDF.type, OWL.AnnotationProperty))
    assert any(isinstance(object_, Literal) for _, predicate, object_ in kept if predicate in annotations)
    with_literals = {triple for triple in infer(kept) if triple[1] in DIP}
    assert with_literals == {triple for triple in infer(merge) if triple[1] in DIP}


@pytest.mark.parametrize("same", [False, True], ids=["as it is", "with two things said to be the same"])
def test_closure_is_that_of_owlrl_as_it_comes(
    first_source: Examined, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    """Our use of it leaves out reflexive equality for speed; the original finds the same."""
    merge = first_source.asserted + Graph()
    if same:
        merge.add((KZUS.washington, OWL.sameAs, KZUS["new-york"]))
    ours = set(reference.infer(merge))
    monkeypatch.setattr(reference, "_Closure", owlrl.OWLRL_Semantics)
    assert ours == set(reference.infer(merge))
    assert ((KZUS["new-york"], OWL.sameAs, KZUS.washington) in ours) == same


@pytest.mark.slow
def test_a_person_who_is_a_place_is_a_contradiction() -> None:
    graph = merged(read_root(ROOT))
    graph.add((KZUS["astana"], RDF.type, DIP.Person))
    with pytest.raises(Inconsistent, match="contradict the ontology.*astana"):
        infer(graph)


def test_inferred_layer_is_not_asserted(whole: Examined) -> None:
    assert set(whole.graphs[GRAPH.inferred]) & set(whole.asserted) == set()


def test_what_is_not_compiled_goes_to_owlrl_and_is_named() -> None:
    pair = [f"<urn:{name}> {OWL.sameAs.n3()} <urn:{other}> .\n" for name, other in ("ab", "bc")]
    why: list[str] = []
    assert f"<urn:a> {OWL.sameAs.n3()} <urn:c> .\n" in reasoning.inferred(pair, hand_over=why.append)
    assert len(why) == 1 and why[0].startswith("these axioms cannot be compiled to rules: <urn:a> owl:sameAs <urn:b>")
    assert reasoning.inferred(pair, "owlrl") == reasoning.inferred(pair)
