"""The compiled rules against owlrl: the same statements, the same contradictions in the same words."""

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kzus_graph.owl import closure, datatypes, language, reference, schema
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.pipeline import checks, content
from kzus_graph.pipeline.merge import merged
from kzus_graph.pipeline.reasoning import rule_results
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from tests.conftest import ROOT, copy_small_root
from tests.facts import test_fictional_pair as pair
from tests.graphs import Examined
from tests.ontologies import Ontology

pytestmark = pytest.mark.slow

SEED = "2026"
CASES = 100
RULE_FILES = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
SOURCES = sorted(content.source_files(ROOT))
RULES = {
    "prp-spo1", "prp-spo2", "prp-eqp1", "prp-eqp2", "prp-inv1", "prp-inv2", "prp-symp", "prp-trp", "prp-dom", "prp-rng",
    "cax-sco", "cax-eqc1", "cax-eqc2", "cls-int1", "cls-int2", "cls-uni", "cls-oo", "cls-svf1", "cls-svf2", "cls-avf",
    "cls-hv1", "cls-hv2",
}  # fmt: skip
Answer = set[str] | list[str]


def lines(graph: Graph) -> list[str]:
    return ntriples.of_graph(graph)


def parsed(text: str) -> list[str]:
    """The lines that pyoxigraph writes of Turtle with our prefixes and ``ex:``."""
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    quads = ox.parse(f"{prefixes}@prefix ex: <http://example.org/> .\n{text}", format=ox.RdfFormat.TURTLE)
    return [f"{quad.triple} .\n" for quad in quads]


def answer(infer: Callable[[list[str]], set[str]], said: list[str]) -> Answer:
    try:
        return infer(said)
    except Inconsistent as error:
        return error.contradictions


def known(merge: Lines, graphs: NamedLines) -> Lines:
    """The merge with what the rules derive."""
    return ntriples.union(merge, rule_results(checks.stored(merge, graphs), RULE_FILES))


def known_of(root: Path, only: Collection[str] = ()) -> Lines:
    graphs = content.read(root, only)
    return known(merged(graphs), graphs)


def test_small_root(tmp_path: Path) -> None:
    said = known_of(copy_small_root(tmp_path / "root"))
    found = closure.inferred(said)
    assert len(found) > 100
    assert found == reference.inferred(said)


def test_fictional_pair() -> None:
    said = lines(pair.known())
    found = closure.inferred(said)
    assert len(found) == 91
    assert found == reference.inferred(said)


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_each_source_alone(source: str) -> None:
    said = known_of(ROOT, [source])
    assert closure.inferred(said) == reference.inferred(said)


def test_the_real_graph(whole: Examined) -> None:
    said = known(whole.content.asserted, whole.content.graphs)
    found = closure.inferred(said)
    assert len(found) > 18_000
    assert found == reference.inferred(said)


@pytest.mark.parametrize("number", range(CASES))
def test_random_ontology(number: int) -> None:
    said = Ontology(f"{SEED} {number}").lines
    assert answer(closure.inferred, said) == answer(reference.inferred, said)


def test_random_ontologies_are_what_pyoxigraph_writes() -> None:
    for number in range(CASES):
        for line in Ontology(f"{SEED} {number}").lines:
            (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
            assert f"{quad.triple} .\n" == line


def test_random_ontologies_use_every_rule_and_meet_every_kind_of_contradiction() -> None:
    """That the two agree says something only of rules that found something."""
    used: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for number in range(3 * CASES):
        found = closure.closed(Ontology(f"{SEED} {number}").lines)
        used.update(rule.name for rule in found.rules)
        used.update(name for name, _ in found.schema.because.values())
        met.update(words[:12] for words in found.contradictions())
    assert used.keys() >= {name for name, _, _ in schema.RULES}
    assert used.keys() >= RULES
    assert len(met) >= 7, met


CONTRADICTIONS = {
    "ex:C owl:disjointWith ex:D . ex:x a ex:C , ex:D": [
        "Disjoint classes http://example.org/C and http://example.org/D have a common individual http://example.org/x"
    ],
    "[] a owl:AllDisjointClasses ; owl:members ( ex:C ex:D ex:E ) . _:x a ex:C , ex:E": [
        "Disjoint classes http://example.org/C and http://example.org/E have a common individual x"
    ],
    "ex:C owl:complementOf ex:D . ex:x a ex:C , ex:D": [
        "Violation of complementarity for classes http://example.org/C and http://example.org/D on element"
        " http://example.org/D"
    ],
    "ex:C rdfs:subClassOf owl:Nothing . ex:x a ex:C": ["http://example.org/x is defined of type 'Nothing'"],
    "ex:p a owl:IrreflexiveProperty . ex:x ex:p ex:x": [
        "Irreflexive property used on http://example.org/x with http://example.org/p"
    ],
    "ex:p a owl:AsymmetricProperty . ex:x ex:p ex:y . ex:y ex:p ex:x": [
        f"Erroneous usage of asymmetric property http://example.org/p on http://example.org/{one} and"
        f" http://example.org/{other}"
        for one, other in ("xy", "yx")
    ],
    'ex:p owl:propertyDisjointWith ex:q . ex:x ex:p "a \\"b\\"" ; ex:q "a \\"b\\""': [
        "Erroneous usage of disjoint properties http://example.org/p and http://example.org/q on http://example.org/x"
        ' and a "b"'
    ],
    "ex:p rdfs:range xsd:boolean . ex:x ex:p true , 7": [
        "Disjoint classes http://www.w3.org/2001/XMLSchema#boolean and http://www.w3.org/2001/XMLSchema#decimal have a"
        " common individual 7"
    ],
    'ex:x ex:p "seven"^^xsd:integer': [
        "Lexical value of the literal 'seven' does not match its datatype (http://www.w3.org/2001/XMLSchema#integer)"
    ],
    'ex:x ex:p "seven"^^xsd:decimal , ""^^xsd:date': [
        "Lexical value of the literal '' does not match its datatype (http://www.w3.org/2001/XMLSchema#date)",
        "Lexical value of the literal 'seven' does not match its datatype (http://www.w3.org/2001/XMLSchema#decimal)",
    ],
}


@pytest.mark.parametrize(("said", "words"), CONTRADICTIONS.items())
def test_contradiction_in_the_words_of_owlrl(said: str, words: list[str]) -> None:
    for infer in (closure.inferred, reference.inferred):
        with pytest.raises(Inconsistent) as caught:
            infer(parsed(f"{said} ."))
        assert caught.value.contradictions == words


def test_last_of_all_disjoint_properties_counts() -> None:
    """A bug of owlrl: it overlooks the last of the list. Of disjoint properties said as a pair it finds all."""
    facts = "ex:x ex:p ex:y ; ex:r ex:y ."
    said = parsed(f"[] a owl:AllDisjointProperties ; owl:members ( ex:p ex:q ex:r ) . {facts}")
    assert answer(reference.inferred, said) == set()
    assert answer(closure.inferred, said) == [
        "Disjoint properties in an 'AllDisjointProperties' are not really disjoint: (http://example.org/x,"
        " http://example.org/p,http://example.org/y) and (http://example.org/x,http://example.org/r,http://example.org/y)"
    ]
    assert len(answer(reference.inferred, parsed(f"ex:p owl:propertyDisjointWith ex:r . {facts}"))) == 1


@pytest.mark.parametrize("datatype", sorted(datatypes.READERS))
@pytest.mark.parametrize("letters", ["", "x y", "1", "2001-13-01", "24:00:00", "true", "<a", "?x", "1e5", "é", "-1"])
def test_literal_is_ill_in_both_or_in_neither(datatype: str, letters: str) -> None:
    literal = ox.Literal(letters, datatype=ox.NamedNode(language.text(datatype)))
    said = [f"<a:x> <a:p> {literal} .\n"]
    assert answer(closure.inferred, said) == answer(reference.inferred, said)


def test_line_of_another_form_is_refused() -> None:
    for line in ("<a:x> <a:p> <a:y> .", "<a:x> <a:p> <a:y>.\n", "\n", "# <a:x> <a:p> <a:y> \n"):
        with pytest.raises(ValueError, match="not a line of N-Triples"):
            closure.inferred([line])


def test_triple_term_is_refused() -> None:
    with pytest.raises(ValueError, match=r"triple terms \(RDF 1.2\) are not supported: <<"):
        closure.inferred(parsed("ex:x ex:p <<( ex:x a ex:C )>> ."))


def test_closing_again_adds_nothing() -> None:
    said = lines(pair.known())
    assert closure.inferred({*said, *closure.inferred(said)}) == set()


@pytest.mark.parametrize(
    "said",
    [
        "ex:C owl:intersectionOf ( ex:C ex:C ) ; rdfs:subClassOf ex:C . ex:x a ex:C",
        "ex:p owl:propertyChainAxiom ( ex:p ex:p ) ; owl:inverseOf ex:p . ex:x ex:p ex:y . ex:y ex:p ex:z",
        "ex:p owl:propertyChainAxiom ( ex:p ) ; rdfs:subPropertyOf ex:p ; rdfs:range ex:p . ex:x ex:p ex:p",
        "ex:R owl:onProperty ex:p ; owl:someValuesFrom ex:R ; rdfs:subClassOf ex:R . ex:x ex:p ex:y . ex:y a ex:R",
        "ex:R owl:onProperty ex:p ; owl:hasValue ex:R . ex:R a ex:R . ex:x ex:p ex:R",
        "ex:U owl:unionOf ( ex:U ex:C ) ; owl:equivalentClass ex:U ; owl:complementOf ex:C . ex:x a ex:C",
        "ex:O owl:oneOf ( ex:O ex:O ) ; owl:disjointWith ex:O",
    ],
)
def test_terms_defined_by_themselves(said: str) -> None:
    text = parsed(f"{said} .")
    found = answer(closure.inferred, text)
    assert found == answer(reference.inferred, text)
    assert closure.closed(text).facts


def test_a_circle_of_a_transitive_property_ends() -> None:
    circle = " ".join(f"ex:x{number} ex:p ex:x{(number + 1) % 9} ." for number in range(9))
    found = closure.inferred(parsed(f"ex:p a owl:TransitiveProperty . {circle}"))
    assert len(found) == 81 - 9
