"""Compute the closure of a graph under the rules compiled from its ontology, by semi-naive evaluation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from kzus_graph.owl import axioms, contradictions, datatypes, rules, schema, statements
from kzus_graph.owl.axioms import Axioms
from kzus_graph.owl.contradictions import Inconsistent
from kzus_graph.owl.language import EVERYTHING, TYPE, Pair
from kzus_graph.owl.rules import FIRST, PathStep, Rule
from kzus_graph.owl.schema import Schema
from kzus_graph.owl.statements import Statements

Batch = set[Any]
"""The (subject, object) pairs of a property, or the members of a class."""
Neighbours = dict[str, list[str]]
NOBODY: Final[tuple[str, ...]] = ()


@dataclass
class Closure:
    """The closure of a graph: its statements, the rules compiled from their axioms, and all facts that follow."""

    said: Statements
    axioms: Axioms
    schema: Schema
    rules: list[Rule]
    typed: dict[str, set[str]]
    """Each datatype in use, with its members (see datatypes.typed)."""
    facts: dict[PathStep, Batch] = field(default_factory=lambda: defaultdict(set))
    """The asserted and derived facts that rules can match: pairs by property, and members by class."""
    new: dict[PathStep, Batch] = field(default_factory=lambda: defaultdict(set))
    """Those of *facts* that were derived, not asserted."""

    def news(self) -> set[str]:
        """Return, as lines of N-Triples, the derived statements that are informative, as statements.news defines it."""
        pairs: dict[str, set[Pair]] = self.schema.new_pairs()
        members: dict[str, set[str]] = {}
        for step, batch in self.new.items():
            if step.class_:
                members[step.class_] = batch
            else:
                pairs[step.property] = batch
        return statements.news(self.said, pairs, members)

    def contradictions(self) -> list[str]:
        """Return a message for each contradiction among the facts, sorted, worded as in the reasoner owlrl."""
        return contradictions.found(self.axioms, self.facts, self.typed)


def inferred(lines: Iterable[str]) -> set[str]:
    """Return the informative lines of N-Triples that follow from *lines* by OWL 2 RL (see statements.news).

    The result is the same as that of reference.inferred, but much faster. This function makes many objects but no
    reference cycles: with Python's garbage collector off, it takes two thirds of the time. Raises
    contradictions.Inconsistent, and axioms.UnsupportedOntology with each axiom that cannot be compiled to rules.
    """
    closure = closed(lines)
    if found := closure.contradictions():
        raise Inconsistent(found, closure.news())
    return closure.news()


def closed(lines: Iterable[str], *, everything: bool = False) -> Closure:
    """Return the closure of *lines* of N-Triples, even if it has contradictions.

    Members of owl:Thing and of other classes to which every resource belongs are derived only if another rule needs
    them, or with *everything*. Raises axioms.UnsupportedOntology.
    """
    said = statements.read(lines)
    ontology = axioms.read(said)
    implied = schema.closed(ontology)
    closure = Closure(said, ontology, implied, rules.compiled(ontology, implied), datatypes.typed(said))
    _Agenda(closure, closure.rules if everything else _needed(closure)).run()
    return closure


class _Agenda:
    """The queue of batches (sets of facts) to be added to the closure, and the indexes for deriving new facts.

    In this semi-naive evaluation, each batch is first added to the facts and then joined with all facts, so that no
    combination is missed.
    """

    def __init__(self, closure: Closure, rules: Iterable[Rule]) -> None:
        self.closure = closure
        self.facts = closure.facts
        self.waiting: dict[PathStep, list[Batch]] = {}
        self.led: dict[PathStep, list[Batch]] = {}
        """Queued batches of pairs that were derived only by the transitivity of their property."""
        self.readers: dict[PathStep, list[tuple[Rule, int]]] = defaultdict(list)
        """Each property or class, with the rules that have it in their path, and its position in that path."""
        self.forward: dict[PathStep, Neighbours] = {}
        self.backward: dict[PathStep, Neighbours] = {}
        self.leads: dict[PathStep, Neighbours] = {}
        """For each transitive property, its pairs except those derived only by its transitivity."""
        for rule in rules:
            if rule.is_transitivity:
                self.leads[rule.concludes] = defaultdict(list)
                self.backward.setdefault(rule.concludes, defaultdict(list))
                continue
            for position, step in enumerate(rule.path):
                if not step.node:
                    self.readers[step].append((rule, position))
                if step.property and any(not before.node for before in rule.path[:position]):
                    self.forward.setdefault(step, defaultdict(list))
                if step.property and any(not after.node for after in rule.path[position + 1 :]):
                    self.backward.setdefault(step, defaultdict(list))
            if not rule.path:
                self.waiting.setdefault(rule.concludes, []).append({rule.head[0]})

    def run(self) -> None:
        """Add the statements as facts, then derive facts until no new fact follows."""
        said = self.closure.said
        for property_, pairs in said.taking_part():
            self.add(PathStep(property_), pairs)
        for class_, members in said.members.items():
            self.add(PathStep(class_=class_), members)
        for datatype, literals in self.closure.typed.items():
            self.waiting.setdefault(PathStep(class_=datatype), []).append(literals)
        while queue := self.waiting or self.led:
            step = next(iter(queue))
            batch = set().union(*queue.pop(step)) - self.facts[step]
            if batch:
                self.closure.new[step] |= batch
                self.add(step, batch, led=queue is self.led)

    def add(self, step: PathStep, batch: Batch, *, led: bool = False) -> None:
        """Add *batch*, new facts of the property or class *step*, and queue the facts that follow from it.

        With *led*, the batch was derived only by the transitivity of the property.
        """
        self.facts[step] |= batch
        if (forward := self.forward.get(step)) is not None:
            for subject, object_ in batch:
                forward[subject].append(object_)
        if (backward := self.backward.get(step)) is not None:
            for subject, object_ in batch:
                backward[object_].append(subject)
        if step in self.leads:
            self.lead_on(step, batch, led=led)
        for rule, position in self.readers.get(step, ()):
            if found := self.applied(rule, position, batch):
                self.waiting.setdefault(rule.concludes, []).append(found)

    def lead_on(self, step: PathStep, batch: Batch, *, led: bool) -> None:
        """Queue the pairs that follow from *batch* by the transitivity of the property *step*.

        With *led*, *batch* itself was derived by transitivity. The pairs of such a batch are not added to the index
        ``leads``: otherwise each pair would be derived once for every node between its two nodes.
        """
        leads = self.leads[step]
        if not led:
            for subject, object_ in batch:
                leads[subject].append(object_)
        found = {(first, new) for first, last in batch for new in leads.get(last, NOBODY)}
        if not led:
            before = self.backward[step]
            found |= {(new, last) for first, last in batch for new in before.get(first, NOBODY)}
        if found:
            self.led.setdefault(step, []).append(found)

    def applied(self, rule: Rule, position: int, batch: Batch) -> Batch:
        """Return the facts that *rule* concludes if facts of *batch* match the step at *position* of its path."""
        is_class = bool(rule.path[position].class_)
        subject, property_, object_ = rule.head
        if is_class and len(rule.path) == 1:
            return batch if property_ == TYPE else {(node, object_) for node in batch}
        ends: set[Pair] = {(node, node) for node in batch} if is_class else batch
        for step in rule.path[position + 1 :]:
            ends = self.onward(ends, step)
        for step in reversed(rule.path[:position]):
            ends = self.back(ends, step)
        if property_ == TYPE:
            return {first for first, _ in ends} if subject == FIRST else {last for _, last in ends}
        return ends if subject == FIRST else {(last, first) for first, last in ends}

    def onward(self, ends: set[Pair], step: PathStep) -> set[Pair]:
        """Return the (first, last) node pairs of paths: those in *ends*, each extended by *step* at its end."""
        if step.property:
            after = self.forward[step]
            return {(first, new) for first, last in ends for new in after.get(last, NOBODY)}
        if step.class_:
            members = self.facts[step]
            return {pair for pair in ends if pair[1] in members}
        return {pair for pair in ends if pair[1] == step.node}

    def back(self, ends: set[Pair], step: PathStep) -> set[Pair]:
        """Return the (first, last) node pairs of paths: those in *ends*, each extended by *step* at its start."""
        if step.property:
            before = self.backward[step]
            return {(new, last) for first, last in ends for new in before.get(first, NOBODY)}
        members = self.facts[step]
        return {pair for pair in ends if pair[0] in members}


def _needed(closure: Closure) -> list[Rule]:
    """Return the rules of *closure*, except rules whose conclusions are not used.

    The conclusions are not used if they are members of owl:Thing or another class in EVERYTHING, and neither a used
    rule nor a test for contradictions reads the members of that class.
    """
    needed = closure.rules
    asked = {*contradictions.read(closure.axioms)}
    while True:
        read = asked | {step for rule in needed for step in rule.path}
        fewer = [rule for rule in needed if rule.concludes.class_ not in EVERYTHING or rule.concludes in read]
        if len(fewer) == len(needed):
            return needed
        needed = fewer
