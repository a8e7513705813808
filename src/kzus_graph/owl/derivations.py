"""Explain how a triple follows: the rule, its axiom and its premises, recursively down to asserted triples."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from kzus_graph.owl.closure import Closure
from kzus_graph.owl.language import TYPE, Triple
from kzus_graph.owl.rules import FIRST, LAST, PathStep, Rule

Neighbours = dict[str, list[str]]


@dataclass(frozen=True)
class Derivation:
    """A *triple* and how it follows: from *premises* by a *rule* of OWL 2 RL with the *axiom* of the ontology.

    For an asserted triple, *rule* is empty. The axiom may itself follow from other axioms. Membership of a datatype
    (rule dt-type2) has no axiom and no premises.
    """

    triple: Triple
    rule: str = ""
    axiom: "Derivation | None" = None
    premises: tuple["Derivation", ...] = ()

    @cached_property
    def height(self) -> int:
        """The number of rule applications on the longest path from *triple* down to asserted triples.

        Rule applications from which the axioms follow are not counted.
        """
        return 1 + max((premise.height for premise in self.premises), default=0) if self.rule else 0

    @cached_property
    def size(self) -> int:
        """The number of rule applications in the whole derivation, except those from which axioms follow."""
        return 1 + sum(premise.size for premise in self.premises) if self.rule else 0

    def holds(self) -> Iterator[Triple]:
        """Yield the triples in this derivation: its own, those of its premises, of their premises, and so on."""
        yield self.triple
        for premise in self.premises:
            yield from premise.holds()


class Derivations:
    """The derivations of the triples of a closure: how each follows from asserted triples."""

    def __init__(self, closure: Closure) -> None:
        """Index the rules of *closure*; derivations are computed on demand."""
        self.closure = closure
        self.rules: dict[PathStep, list[Rule]] = defaultdict(list)
        for rule in closure.rules:
            self.rules[rule.concludes].append(rule)
        self._after: dict[PathStep, Neighbours] = {}
        self._before: dict[PathStep, Neighbours] = {}
        self._known: dict[tuple[Triple, int], Derivation | None] = {}

    def shortest(self, triple: Triple) -> Derivation | None:
        """Return the derivation of *triple* with the least height, then the least size; None if it does not follow.

        The derivation is never circular: every premise has a derivation of less height.
        """
        if not self.follows(triple):
            return None
        return next(found for height in count() if (found := self._within(triple, height)))

    def all(self, triple: Triple) -> list[Derivation]:
        """Return a derivation of *triple* for each rule and set of premises from which it follows, shortest first.

        Each premise has its shortest derivation; the set is left out if one of these contains *triple* itself.
        The list is empty if *triple* does not follow. It has one derivation if *triple* is asserted, or is an axiom
        derived from other axioms.
        """
        shortest = self.shortest(triple)
        if shortest is None or not shortest.rule or triple in self.closure.schema.because:
            return [] if shortest is None else [shortest]
        found = {shortest}
        for rule, premises in self._instances(triple):
            derived = [self.shortest(premise) for premise in premises]
            whole = self._derivation(rule, triple, tuple(premise for premise in derived if premise))
            if not any(triple in premise.holds() for premise in whole.premises):
                found.add(whole)
        return sorted(found, key=lambda one: (one.height, one.size, one.rule, [*one.holds()]))

    def follows(self, triple: Triple) -> bool:
        """Return whether *triple* is asserted or derived."""
        return self._is_asserted(triple) or self._is_fact(triple) or triple in self.closure.schema.because

    def _is_asserted(self, triple: Triple) -> bool:
        subject, property_, object_ = triple
        return (subject, object_) in self.closure.said.pairs.get(property_, ())

    def _is_fact(self, triple: Triple) -> bool:
        subject, property_, object_ = triple
        if property_ == TYPE:
            return subject in self.closure.facts.get(PathStep(class_=object_), ())
        return (subject, object_) in self.closure.facts.get(PathStep(property_), ())

    def _within(self, triple: Triple, height: int) -> Derivation | None:
        """Return the smallest derivation of *triple* whose height is at most *height*; None if there is none."""
        if self._is_asserted(triple):
            return Derivation(triple)
        if height == 0:
            return None
        if (triple, height) not in self._known:
            self._known[triple, height] = self._smallest(triple, height)
        return self._known[triple, height]

    def _smallest(self, triple: Triple, height: int) -> Derivation | None:
        if triple in self.closure.schema.because:
            return self._implied(triple)
        if triple[1] == TYPE and triple[0] in self.closure.typed.get(triple[2], ()):
            return Derivation(triple, "dt-type2")
        smallest: Derivation | None = None
        for rule, premises in self._instances(triple):
            derived: list[Derivation] = []
            for premise in premises:
                found = self._within(premise, height - 1)
                if found is None:
                    break
                derived.append(found)
            else:
                whole = self._derivation(rule, triple, tuple(derived))
                if smallest is None or whole.size < smallest.size:
                    smallest = whole
                if smallest.size == 1:
                    break
        return smallest

    def _derivation(self, rule: Rule, triple: Triple, premises: tuple[Derivation, ...]) -> Derivation:
        return Derivation(triple, rule.name, self._implied(rule.axiom), premises)

    def _implied(self, axiom: Triple) -> Derivation:
        """Return the derivation of *axiom* from other axioms; if *axiom* is asserted, a Derivation without a rule."""
        if axiom not in self.closure.schema.because:
            return Derivation(axiom)
        name, premises = self.closure.schema.because[axiom]
        return Derivation(axiom, name, None, tuple(map(self._implied, premises)))

    def _instances(self, triple: Triple) -> Iterator[tuple[Rule, list[Triple]]]:
        """Yield each rule with the facts from which it derives *triple* in one step; the facts may include *triple*."""
        subject, property_, object_ = triple
        for rule in self.rules.get(PathStep(class_=object_) if property_ == TYPE else PathStep(property_), ()):
            ends = {FIRST: "", LAST: ""}
            if self._meets(ends, rule.head[0], subject) and self._meets(ends, rule.head[2], object_):
                if ends[FIRST]:
                    walks = self._onward(rule.path, ends[FIRST], ends[LAST])
                else:
                    walks = self._back(rule.path, ends[LAST])
                for premises in walks:
                    yield rule, premises

    @staticmethod
    def _meets(ends: dict[str, str], asked: str, term: str) -> bool:
        """Return whether *term* matches *asked* (in a rule head); if *asked* is FIRST or LAST, store it in *ends*."""
        if asked in ends:
            ends[asked] = term
            return True
        return asked == term

    def _onward(self, path: tuple[PathStep, ...], node: str, last: str) -> Iterator[list[Triple]]:
        """Yield the facts used, for each way to follow *path* from *node* to *last* (empty string: to any node)."""
        if not path:
            if last in ("", node):
                yield []
            return
        step, rest = path[0], path[1:]
        if step.property:
            for after in self._neighbours(step, onward=True).get(node, ()):
                for facts in self._onward(rest, after, last):
                    yield [(node, step.property, after), *facts]
        elif self._passes(step, node):
            for facts in self._onward(rest, node, last):
                yield [(node, TYPE, step.class_), *facts] if step.class_ else facts

    def _back(self, path: tuple[PathStep, ...], node: str) -> Iterator[list[Triple]]:
        """Yield the list of the facts used, for each way to follow *path* from any node to *node*."""
        if not path:
            yield []
            return
        rest, step = path[:-1], path[-1]
        if step.property:
            for before in self._neighbours(step, onward=False).get(node, ()):
                for facts in self._back(rest, before):
                    yield [*facts, (before, step.property, node)]
        elif self._passes(step, node):
            for facts in self._back(rest, node):
                yield [*facts, (node, TYPE, step.class_)] if step.class_ else facts

    def _passes(self, step: PathStep, node: str) -> bool:
        return node in self.closure.facts.get(step, ()) if step.class_ else node == step.node

    def _neighbours(self, step: PathStep, *, onward: bool) -> Neighbours:
        """Return, with *onward*, each subject of the property *step* with its sorted objects.

        Without *onward*, return each object of the property with its sorted subjects.
        """
        known = self._after if onward else self._before
        if step not in known:
            found: Neighbours = defaultdict(list)
            for subject, object_ in sorted(self.closure.facts.get(step, ())):
                if onward:
                    found[subject].append(object_)
                else:
                    found[object_].append(subject)
            known[step] = found
        return known[step]
