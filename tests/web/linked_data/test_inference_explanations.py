"""Each inferred fact of the real graph has a reason, which its page gives in words."""

from collections import Counter
from itertools import groupby

import pyoxigraph as ox
import pytest

from kzus_graph.rdf.queries import filled
from kzus_graph.web.linked_data.inference_explanations import RULES
from tests.conftest import ROOT
from tests.graphs import Examined

WEB = ROOT / "src" / "kzus_graph" / "web"


@pytest.fixture(scope="module")
def explained(whole: Examined) -> tuple[Counter[str], Counter[str]]:
    """How often each rule is a reason, and how often a property has none."""
    text = (WEB / "linked_data" / "queries" / "reasons.rq").read_text(encoding="utf-8")
    rules: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    inferred = ox.parse("".join(whole.content.inferred), ox.RdfFormat.N_TRIPLES)
    for thing, quads in groupby(inferred, lambda quad: quad.subject):
        assert isinstance(thing, ox.NamedNode)
        answer = whole.store.query(filled(text, {"thing": thing}))
        assert isinstance(answer, ox.QuerySolutions)
        found = {(row["property"], row["value"]): row["rule"].value for row in answer}
        for quad in quads:
            if (quad.predicate, quad.object) in found:
                rules[found[quad.predicate, quad.object]] += 1
            else:
                missing[quad.predicate.value] += 1
    return rules, missing


def test_each_inferred_fact_has_a_reason(explained: tuple[Counter[str], Counter[str]]) -> None:
    rules, missing = explained
    assert rules.total() > 20_000
    assert not missing


def test_the_page_has_words_for_each_reason() -> None:
    template = (WEB / "view" / "templates" / "pieces.html").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"why.rule == '{rule}'" not in template] == []
