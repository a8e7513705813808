"""The ranking of entries that may fit a search text: by what part of the text fits which field, and by their group."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kzus_graph.fulltext.entries import GROUPS
from kzus_graph.fulltext.terms import SLIGHT

PRECEDENCE: Final = dict(GROUPS)
FIELDS: Final = (("when", 0.9), ("kinds", 0.8), ("near", 0.6), ("about", 0.35))
"""The fields beside the names, each with its weight; a name has the weight 1."""
SLIGHTLY: Final = 0.05
"""The weight of a stop word in a name."""
DECADE: Final = 4
"""The length of the term of a decade, such as @201, which every name with a year has besides."""
OF_NAME: Final = 0.4
"""How much of a score depends on the part of the entry's name that the text has."""
USE: Final = 0.012
"""What is added to a score for each doubling of the number of things that are described by the entry."""
MOST_USE: Final = 8
BEHIND: Final = {"Record": 0.75, "Code": 0.8, "Property": 0.9}
"""A factor for the groups that seldom are what one looks for."""
ASKED: Final = 0.15
"""What is added to the score of an example question if the search text is a question."""


@dataclass(frozen=True)
class Wanted:
    """A word or date of a search text: the terms that fit it, each with a factor up to 1, and its *weight*."""

    fitting: Mapping[str, float]
    weight: float = 1.0

    def best(self, terms: Iterable[str]) -> float:
        """Return the factor of the term in *terms* that fits best; 0 if none fits."""
        return max((self.fitting[term] for term in self.fitting.keys() & terms), default=0.0)


@dataclass(frozen=True)
class Fields:
    """The terms of an entry that are compared: those of each name, and those of each other field (see FIELDS)."""

    group: str
    used: int
    names: Sequence[Sequence[str]]
    others: Mapping[str, frozenset[str]]


def score(wanted: Sequence[Wanted], entry: Fields, *, question: bool) -> float:
    """Return the score of *entry* for the words *wanted*; *question* tells whether these are a question.

    The score is the weighted share of the words that fit, less for other fields than names, times a factor for the
    share of the best name that is asked for, plus the precedence of the entry's group.
    """
    whole = sum(each.weight for each in wanted) or 1.0
    named = frozenset(term for name in entry.names for term in name)
    fits = 0.0
    for each in wanted:
        best = each.best(named)
        for field, worth in FIELDS:
            if best < worth:
                best = max(best, worth * each.best(entry.others.get(field, ())))
        fits += each.weight * best
    share = fits / whole
    extra = PRECEDENCE[entry.group] + USE * min(MOST_USE, math.log2(1 + entry.used))
    extra += ASKED if question and entry.group == "Question" else 0.0
    return BEHIND.get(entry.group, 1.0) * share * (1 - OF_NAME + OF_NAME * _named(wanted, entry.names) + extra)


def _named(wanted: Sequence[Wanted], names: Iterable[Sequence[str]]) -> float:
    """Return the greatest share of a name in *names* that fits the words *wanted*; a date counts as a word."""
    best = 0.0
    for name in names:
        weights = [SLIGHTLY if term in SLIGHT or len(term) == DECADE and term[0] == "@" else 1.0 for term in name]
        fitting = [max((each.fitting.get(term, 0.0) for each in wanted), default=0.0) for term in name]
        best = max(best, sum(w * f for w, f in zip(weights, fitting, strict=True)) / (sum(weights) or 1.0))
    return best
