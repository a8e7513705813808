"""The ranking of entries that may fit a search text: by what part of the text fits which field, and by their group."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kzus_graph.fulltext.entries import GROUPS
from kzus_graph.fulltext.index_terms import SLIGHT

PRECEDENCE: Final = dict(GROUPS)
FIELDS: Final = (("when", 0.9), ("kinds", 0.8), ("near", 0.6), ("about", 0.35))
"""The fields beside the names, each with its weight; a name has the weight 1."""
HOPED: Final = 1.0
"""The weight of what the words of a question imply; a rare word has about 5."""
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
WHOLLY, PARTLY = 0.15, 0.05
"""What is added to the score of an entry that has the search text as a name, or in a name, stop words included."""
ALL: Final = 1.3
"""A factor for an entry that has each of several words somewhere, if only in what describes it."""
ASKED: Final = 0.3
"""What is added to the score of an example question if the search text is a question."""


@dataclass(frozen=True)
class WantedWord:
    """A word or date of a search text: the terms that fit it, each with a factor up to 1, and its *weight*."""

    fitting: Mapping[str, float]
    weight: float = 1.0


@dataclass(frozen=True)
class Fields:
    """The terms of an entry that are compared: those of each name, and those of each other field (see FIELDS)."""

    group: str
    used: int
    names: Sequence[Sequence[str]]
    others: Mapping[str, set[str]]


def score(wanted: Sequence[WantedWord], entry: Fields, name: float, text: Sequence[str], *, question: bool) -> float:
    """Return the score of *entry* for the words *wanted*; *question* tells whether these are a question.

    *name* is the share of the best name that is asked for (see shares), *text* are all terms of the search text.

    The score is the weighted share of the words that fit, less for other fields than names, times a factor for the
    share of the best name that is asked for, plus the precedence of the entry's group.
    """
    whole = sum(each.weight for each in wanted) or 1.0
    # plain loops: a search compares some hundred entries
    named = {term for name in entry.names for term in name}
    fits, lacking = 0.0, len(wanted) < 2
    for each in wanted:
        best = 0.0
        for term, factor in each.fitting.items():
            if factor > best and term in named:
                best = factor
        for field, worth in FIELDS:
            if best < worth:
                for term, factor in each.fitting.items():
                    if worth * factor > best and term in entry.others[field]:
                        best = worth * factor
        fits += each.weight * best
        lacking = lacking or not best and each.weight != HOPED
    share = fits / whole
    extra = PRECEDENCE[entry.group] + USE * min(MOST_USE, math.log2(1 + entry.used))
    extra += ASKED if question and entry.group == "Question" else 0.0
    extra += _as_written(text, entry.names)
    return (1.0 if lacking else ALL) * BEHIND.get(entry.group, 1.0) * share * (1 - OF_NAME + OF_NAME * name + extra)


def _as_written(text: Sequence[str], names: Iterable[Sequence[str]]) -> float:
    """Return what is added to a score if one of *names* is *text* (WHOLLY), or has it in this order (PARTLY)."""
    asked = " ".join(dict.fromkeys(text))
    joined = [" ".join(name) for name in names]
    if asked in joined:
        return WHOLLY
    return PARTLY if any(f" {asked} " in f" {name} " for name in joined) else 0.0


def shares(wanted: Iterable[WantedWord], names: Iterable[Sequence[str]]) -> list[float]:
    """Return, for each of *names*, the share of it that fits the words *wanted*; a date counts as a word."""
    fitting: dict[str, float] = {}
    for each in wanted:
        for term, factor in each.fitting.items():
            if fitting.get(term, 0.0) < factor:
                fitting[term] = factor
    found = []
    for name in names:
        whole = fits = 0.0
        for term in name:
            weight = SLIGHTLY if term in SLIGHT or len(term) == DECADE and term[0] == "@" else 1.0
            whole += weight
            fits += weight * fitting.get(term, 0.0)
        found.append(fits / (whole or 1.0))
    return found
