"""Why something follows: each step is one that a rule allows, none is in a circle, and none could be spared."""

from collections.abc import Iterator

import pytest

from kzus_graph.owl import closure, reference, sentences
from kzus_graph.owl.closure import Closure
from kzus_graph.owl.derivations import Derivation, Derivations
from kzus_graph.owl.language import TYPE, Triple
from kzus_graph.owl.rules import FIRST, LAST, Rule
from kzus_graph.rdf.prefixes import PREFIXES
from tests.graphs import Examined
from tests.ontologies import Ontology
from tests.owl.test_closure import lines, parsed

EX = "http://example.org/"


def triple(line: str) -> Triple:
    subject, property_, object_ = line.removesuffix(" .\n").split(" ", 2)
    return subject, property_, object_


def line(said: Triple) -> str:
    return " ".join(said) + " .\n"


def ex(text: str) -> Triple:
    (only,) = parsed(f"{text} .")
    return triple(only)


def steps(derivation: Derivation) -> Iterator[Derivation]:
    yield derivation
    for premise in derivation.premises:
        yield from steps(premise)


def sentence(said: Triple, found: Closure) -> str:
    return sentences.sentence(found.axioms, said).replace(f"<{EX}", "").replace(">", "")


def told(derivation: Derivation, found: Closure) -> list[str]:
    """Each step as ``fact: rule``, from the top."""
    return [f"{sentence(step.triple, found)}{step.rule and ': '}{step.rule}" for step in steps(derivation)]


def walks(rule: Rule, facts: set[Triple]) -> Iterator[Triple]:
    """The heads of *rule* over *facts*, found the slow way."""
    nodes = {node for subject, _, object_ in facts for node in (subject, object_)}
    ends = {(node, node) for node in nodes}
    for step in rule.path:
        if step.property:
            ends = {(first, o) for first, last in ends for s, p, o in facts if s == last and p == step.property}
        elif step.class_:
            ends = {(first, last) for first, last in ends if (last, TYPE, step.class_) in facts}
        else:
            ends = {(first, last) for first, last in ends if last == step.node}
    for first, last in ends:
        place = {FIRST: first, LAST: last}
        yield place.get(rule.head[0], rule.head[0]), rule.head[1], place.get(rule.head[2], rule.head[2])


def heights(found: Closure) -> dict[Triple, int]:
    """The least height of each fact: the round in which it comes up, if each round applies every rule once."""
    known = {(s, p, o): 0 for p, pairs in found.said.pairs.items() for s, o in pairs}
    facts = {(s, p, o) for p, pairs in found.said.taking_part() for s, o in pairs}
    facts |= {(node, TYPE, class_) for class_, nodes in found.said.members.items() for node in nodes}
    start = {(node, TYPE, datatype) for datatype, nodes in found.typed.items() for node in nodes} - facts
    start |= {rule.head for rule in found.rules if not rule.path} - facts
    height = 1
    new = start | {head for rule in found.rules if rule.path for head in walks(rule, facts)}
    while new := {fact for fact in new if fact not in known}:
        known |= dict.fromkeys(new, height)
        facts |= new
        new = {head for rule in found.rules if rule.path for head in walks(rule, facts)}
        height += 1
    return known


@pytest.mark.parametrize("number", range(25))
def test_every_fact_has_a_derivation_of_the_least_height(number: int) -> None:
    found = closure.closed(Ontology(f"why {number}").lines, everything=True)
    derivations = Derivations(found)
    least = heights(found)
    for said, height in least.items():
        derivation = derivations.shortest(said)
        assert derivation is not None, said
        assert derivation.height == height
        for step in steps(derivation):
            assert all(premise.height < step.height for premise in step.premises)
            assert step.triple not in {held for premise in step.premises for held in premise.holds()}
            assert bool(step.rule) == (least[step.triple] > 0)
            assert least[step.triple] == step.height
    for news in found.news():
        assert derivations.follows(triple(news))


@pytest.mark.slow
def test_what_a_derivation_starts_from_is_enough_for_owlrl() -> None:
    """With nothing but the ontology and the facts at its ends, owlrl finds the same."""
    consistent = 0
    for number in range(14):
        said = Ontology(f"enough {number}").lines
        found = closure.closed(said)
        if found.contradictions():
            continue  # anything follows from one
        consistent += 1
        schema = {line for line in said if any(PREFIXES[name] in line for name in ("rdf", "rdfs", "owl"))}
        schema = {line for line in schema if not line.startswith((f"<{EX}x", "_:x"))}
        derivations = Derivations(found)
        for news in sorted(found.news())[:12]:
            derivation = derivations.shortest(triple(news))
            assert derivation is not None
            leaves = {line(step.triple) for step in steps(derivation) if not step.rule}
            assert leaves <= set(said)
            assert news in reference.inferred(sorted(schema | leaves))
    assert consistent >= 7


def test_one_step_of_each_rule() -> None:
    """The name of the rule is that of OWL 2 RL; the premises stand in the order of the axiom."""
    found = closure.closed(parsed(RULES))
    derivations = Derivations(found)
    for asked, expected in STEPS.items():
        derivation = derivations.shortest(ex(asked))
        assert derivation is not None, asked
        assert derivation.axiom is not None
        said = ", ".join(sentence(premise.triple, found) for premise in derivation.premises)
        assert f"{derivation.rule} ({sentence(derivation.axiom.triple, found)}) {said}".strip() == expected


RULES = """
ex:p1 rdfs:subPropertyOf ex:p2 . ex:x ex:p1 ex:y .
ex:e1 owl:equivalentProperty ex:e2 . ex:x ex:e1 ex:y . ex:y ex:e2 ex:z .
ex:i1 owl:inverseOf ex:i2 . ex:x ex:i1 ex:y . ex:x ex:i2 ex:z .
ex:s a owl:SymmetricProperty . ex:x ex:s ex:y .
ex:t a owl:TransitiveProperty . ex:x ex:t ex:y . ex:y ex:t ex:z .
ex:c owl:propertyChainAxiom ( ex:p1 ex:c2 [ owl:inverseOf ex:c3 ] ) . ex:y ex:c2 ex:z . ex:w ex:c3 ex:z .
ex:d rdfs:domain ex:D ; rdfs:range ex:R . ex:x ex:d ex:y .
ex:A rdfs:subClassOf ex:B . ex:x a ex:A . ex:E owl:equivalentClass ex:F . ex:x a ex:E . ex:y a ex:F .
ex:I owl:intersectionOf ( ex:A ex:E ) . ex:k a ex:J . ex:J owl:intersectionOf ( ex:K ex:L ) .
ex:U owl:unionOf ( ex:A ex:J ) . ex:O owl:oneOf ( ex:x ex:y ) .
ex:S1 owl:onProperty ex:p1 ; owl:someValuesFrom ex:F . ex:S2 owl:onProperty ex:p1 ; owl:someValuesFrom owl:Thing .
ex:V owl:onProperty ex:q ; owl:allValuesFrom ex:G . ex:v a ex:V ; ex:q ex:x .
ex:H owl:onProperty ex:h ; owl:hasValue ex:x . ex:w a ex:H . ex:z ex:h ex:x .
"""
STEPS = {
    "ex:x ex:p2 ex:y": "prp-spo1 (p1 rdfs:subPropertyOf p2) x p1 y",
    "ex:x ex:e2 ex:y": "prp-eqp1 (e1 owl:equivalentProperty e2) x e1 y",
    "ex:y ex:e1 ex:z": "prp-eqp2 (e1 owl:equivalentProperty e2) y e2 z",
    "ex:y ex:i2 ex:x": "prp-inv1 (i1 owl:inverseOf i2) x i1 y",
    "ex:z ex:i1 ex:x": "prp-inv2 (i1 owl:inverseOf i2) x i2 z",
    "ex:y ex:s ex:x": "prp-symp (s a owl:SymmetricProperty) x s y",
    "ex:x ex:t ex:z": "prp-trp (t a owl:TransitiveProperty) x t y, y t z",
    "ex:x ex:c ex:w": "prp-spo2 (c owl:propertyChainAxiom ( p1 c2 [ owl:inverseOf c3 ] )) x p1 y, y c2 z,"
    " z [ owl:inverseOf c3 ] w",
    "ex:x a ex:D": "prp-dom (d rdfs:domain D) x d y",
    "ex:y a ex:R": "prp-rng (d rdfs:range R) x d y",
    "ex:x a ex:B": "cax-sco (A rdfs:subClassOf B) x a A",
    "ex:x a ex:F": "cax-eqc1 (E owl:equivalentClass F) x a E",
    "ex:y a ex:E": "cax-eqc2 (E owl:equivalentClass F) y a F",
    "ex:x a ex:I": "cls-int1 (I owl:intersectionOf ( A E )) x a A, x a E",
    "ex:k a ex:L": "cls-int2 (J owl:intersectionOf ( K L )) k a J",
    "ex:k a ex:U": "cls-uni (U owl:unionOf ( A J )) k a J",
    "ex:y a ex:O": "cls-oo (O owl:oneOf ( x y ))",
    "ex:x a ex:S1": "cls-svf1 (S1 owl:onProperty p1 ; owl:someValuesFrom F) x p1 y, y a F",
    "ex:x a ex:S2": "cls-svf2 (S2 owl:onProperty p1 ; owl:someValuesFrom owl:Thing) x p1 y",
    "ex:x a ex:G": "cls-avf (V owl:onProperty q ; owl:allValuesFrom G) v a V, v q x",
    "ex:w ex:h ex:x": "cls-hv1 (H owl:onProperty h ; owl:hasValue x) w a H",
    "ex:z a ex:H": "cls-hv2 (H owl:onProperty h ; owl:hasValue x) z h x",
}


def test_an_axiom_that_follows_has_its_own_derivation() -> None:
    found = closure.closed(
        parsed(
            "ex:R1 owl:onProperty ex:p ; owl:someValuesFrom ex:C ."
            "ex:R2 owl:onProperty ex:p ; owl:someValuesFrom ex:D . ex:C rdfs:subClassOf ex:D . ex:x a ex:R1 ."
        )
    )
    derivation = Derivations(found).shortest(ex("ex:x a ex:R2"))
    assert derivation is not None
    assert derivation.axiom is not None
    assert (derivation.rule, derivation.axiom.rule) == ("cax-sco", "scm-svf1")
    assert derivation.axiom.triple == ex("ex:R1 rdfs:subClassOf ex:R2")
    assert ex("ex:C rdfs:subClassOf ex:D") in [premise.triple for premise in derivation.axiom.premises]


def test_axioms_of_terms_that_nobody_declares_follow_too() -> None:
    found = closure.closed(parsed("ex:p rdfs:subPropertyOf ex:q . ex:q rdfs:subPropertyOf ex:r ."))
    asked = ex("ex:p rdfs:subPropertyOf ex:r")
    assert {line(asked)} == found.news()
    derivation = Derivations(found).shortest(asked)
    assert derivation is not None
    assert (derivation.rule, len(derivation.premises)) == ("scm-spo", 2)


def test_all_ways_shortest_first() -> None:
    found = closure.closed(
        parsed(
            "ex:p rdfs:subPropertyOf ex:r . ex:q rdfs:subPropertyOf ex:p . ex:r a owl:SymmetricProperty ."
            "ex:x ex:q ex:y . ex:s rdfs:subPropertyOf ex:r . ex:x ex:s ex:y ."
        )
    )
    ways = [told(way, found) for way in Derivations(found).all(ex("ex:x ex:r ex:y"))]
    # that y is related to x, from which it would follow as well, follows from this itself
    assert ways == [
        ["x r y: prp-spo1", "x s y"],
        ["x r y: prp-spo1", "x p y: prp-spo1", "x q y"],
    ]


def test_of_two_ways_of_one_height_the_one_of_fewer_steps_is_the_shortest() -> None:
    found = closure.closed(
        parsed(
            "ex:c owl:propertyChainAxiom ( ex:a ex:b ) . ex:a1 rdfs:subPropertyOf ex:a ."
            "ex:b1 rdfs:subPropertyOf ex:b ."
            "ex:x ex:a1 ex:m . ex:m ex:b1 ex:y . ex:z1 rdfs:subPropertyOf ex:z . ex:z rdfs:subPropertyOf ex:c ."
            "ex:x ex:z1 ex:y ."
        )
    )
    ways = Derivations(found).all(ex("ex:x ex:c ex:y"))
    assert [(way.rule, way.height, way.size) for way in ways] == [("prp-spo1", 2, 2), ("prp-spo2", 2, 3)]
    assert Derivations(found).shortest(ex("ex:x ex:c ex:y")) == ways[0]


def test_what_does_not_follow_has_no_derivation() -> None:
    derivations = Derivations(closure.closed(parsed(RULES)))
    assert derivations.shortest(ex("ex:y ex:p1 ex:x")) is None
    assert derivations.all(ex("ex:y ex:p1 ex:x")) == []
    assert derivations.all(ex("ex:x ex:p1 ex:y")) == [Derivation(ex("ex:x ex:p1 ex:y"))]


def test_every_fact_of_the_real_graph_has_a_derivation_from_what_is_asserted(whole: Examined) -> None:
    asserted = lines(whole.asserted)
    known = closure.closed(asserted)
    derivations = Derivations(known)
    ends = set(asserted)
    for news in sorted(known.news()):
        derivation = derivations.shortest(triple(news))
        assert derivation is not None, news
        assert 1 <= derivation.height <= 6
        assert all(line(step.triple) in ends for step in steps(derivation) if not step.rule)
