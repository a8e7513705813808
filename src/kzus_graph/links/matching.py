"""Matching of names: finds the things whose names resemble a given name, scores them, and decides if one is certain.

Words are compared in any order, by phonetic key and by edit distance. A date in the given name (the query) is compared
with the dates of the thing. An index, built once, finds the few names that share words with the query; only these are
compared in full.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop
from itertools import chain, pairwise
from typing import Final

from kzus_graph.links import alignment
from kzus_graph.links.alignment import SMALL, Aligned
from kzus_graph.links.name_forms import Form, Named, as_one, forms, telling
from kzus_graph.links.near_words import NearWords
from kzus_graph.links.spelling import LIFE_DATES, Span, dated, readings, sound, words

CERTAIN: Final = 90.0
"""The least score of a thing that may be accepted as a match without a check by a person."""
CLEAR: Final = 5.0
"""The least difference between the score of an accepted thing and that of the next thing."""
WORTH_SHOWING: Final = 45.0
"""The least score of a name that is returned: two names of two words that share only one word score 43."""
LITTLE: Final = 0.05
"""The weight of a stop word (article, preposition, form of address); any other word, and a date, has the weight 1."""
EXTRA: Final = 1.6
"""The factor for the weight of a word that the query contains and the name does not."""
CLASH: Final = 0.6
"""The factor for a score when the dates differ, or when the initials are not in the order of the names."""
COMPARED: Final = 40
"""The maximum number of names that are compared in full with one query."""
PARTS: Final = re.compile("[,;()]")
LONGEST: Final = 500
"""The maximum number of characters of a query that are read."""
MOST_WORDS: Final = 40
"""The maximum number of words of a query that are compared; no name has more words."""
SHARED: Final = 0.25
"""A share with two uses. The most frequent words of the query, this share of its words, count only for names that also
contain another of its words. A name is compared in full only if its rank is at least this share of the best rank."""


@dataclass(frozen=True)
class Candidate:
    """A thing, *named*, that a query may mean; *score* is from 0 to 100 (same letters), *by* the name that matched."""

    named: Named
    score: float
    by: str


class NameIndex:
    """An index of the names of things, which finds the names that resemble a query; threads may share it."""

    def __init__(self, things: Iterable[Named]) -> None:
        """Split every name of *things* into words, and index the names by their words."""
        self.things = tuple(things)
        called = {thing.thing: thing.names for thing in self.things}
        self._forms = [
            form
            for number, thing in enumerate(self.things)
            for form in forms(number, thing, telling(chain(*(called.get(place, ()) for place in thing.within))))
        ]
        self._words = NearWords({sound(word) for form in self._forms for word in form.words})
        self._places: defaultdict[str, set[int]] = defaultdict(set)
        self._exact: defaultdict[str, set[int]] = defaultdict(set)
        for place, form in enumerate(self._forms):
            for key in _keys(form):
                self._places[key].add(place)
            self._exact[form.spelt].add(place)
        self._totals = [_weight(form.words) + bool(form.span) for form in self._forms]
        self._near = lru_cache(maxsize=20_000)(self._find_near)

    def find(self, query: str, kinds: Iterable[str] = (), most: int = 10) -> list[Candidate]:
        """Return up to *most* things that *query* may name, best first; with *kinds*, only things of these classes."""
        text = query[:LONGEST]
        rest, span = dated(text)
        lives = LIFE_DATES.search(text) is not None
        wanted = frozenset(kinds)
        best: dict[int, Candidate] = {}

        def consider(form: Form, score: float) -> None:
            named = self.things[form.number]
            if score < WORTH_SHOWING or (wanted and wanted.isdisjoint(named.kinds)):
                return
            if form.number not in best or best[form.number].score < score:
                best[form.number] = Candidate(named, round(score, 1), form.name)

        exact = self._exact.get(as_one(text), ())
        for place in exact:
            consider(self._forms[place], 100.0 * self._forms[place].share)
        # a place is often written with the larger place that it lies in, before or after it
        parts = [place for part in PARTS.split(text) for place in self._exact.get(as_one(part), ())]
        for asked in readings(rest):
            for place in {*parts, *self._likely(asked[:MOST_WORDS], span, wanted)}:
                if place not in exact:
                    form = self._forms[place]
                    consider(form, self._compare(asked[:MOST_WORDS], span, form, lives=lives))
        return sorted(best.values(), key=lambda found: (-found.score, len(found.by), found.named.thing))[:most]

    def _find_near(self, word: str) -> tuple[str, ...]:
        """Return *word* if a name contains it, else words of names that are spelt similarly; all are phonetic keys."""
        return (word,) if word in self._places else self._words.find(word)

    def _likely(self, asked: Sequence[str], span: Span | None, wanted: frozenset[str]) -> Iterator[int]:
        """Yield the indexes of the names that share most words with the query, best first; words may be misspelt.

        *asked* are the words of the query, *span* is its date. If *wanted* is not empty, only names of things of these
        classes are yielded.
        """
        sought = [self._near(word) for word in {*map(sound, asked)} if len(word) > 1 and word not in SMALL]
        sought += [(key,) for key in (*alignment.pairs(asked), *_times(span)[-1:]) if key in self._places]
        found = [[self._places[key] for key in keys if key in self._places] for keys in sought]
        common: Counter[int] = Counter()
        # the most frequent words come last: a name that shares only these is not alike
        for number, sets in enumerate(sorted(found, key=lambda sets: sum(map(len, sets)))):
            for places in sets:
                common.update(places if len(found) - number >= SHARED * len(found) else places & common.keys())
        ranked = [(-many / (len(found) + self._totals[place]), place) for place, many in common.items()]
        heapify(ranked)
        best, number = ranked[0][0] if ranked else 0.0, 0
        while ranked and number < COMPARED and ranked[0][0] <= SHARED * best:
            place = heappop(ranked)[1]
            if not wanted or not wanted.isdisjoint(self.things[self._forms[place].number].kinds):
                number += 1
                yield place

    def _compare(self, asked: Sequence[str], span: Span | None, form: Form, *, lives: bool) -> float:
        """Return the score, up to 99, of the name *form* for a query with the words *asked* and the date *span*.

        *lives* is true if *span* is the years of a person's birth and death.
        """
        aligned = alignment.align(asked, form.words, form.short, form.surname)
        weighed = [(_weight([theirs]), near) for _, theirs, near in aligned.pairs]
        whole = sum(weight for weight, _ in weighed)
        gained = sum(near * weight for weight, near in weighed)
        # a word that only the query has may distinguish two things
        extra = EXTRA * self._too_many(asked, aligned, form)
        missing = _weight(aligned.right)
        clash = bool(form.surname) and not _in_order(asked, aligned, form)
        fits = False
        if span is not None and form.span is not None:
            fits = span.meets(form.span)
            clash = clash or not fits
        elif span is not None:
            extra += not (lives and form.surname)
        elif form.says_year:
            missing += 1
        gained, whole = gained + fits, whole + fits
        score = 2 * gained / (2 * whole + extra + missing or 1)
        return min(99.0, 100 * score * form.share * (CLASH if clash else 1))

    def _too_many(self, asked: Sequence[str], aligned: Aligned, form: Form) -> float:
        """Return the total weight of the words of the query, *asked*, that the name *form* does not contain.

        Two kinds of words weigh only LITTLE: beside the name of a place, the name of a larger place that contains it;
        and the second name, patronymic or initial of a person whose names have only a given name and a surname.
        """
        left = [*aligned.left]
        expected = 0
        if left and not aligned.right and {*map(sound, left)} - SMALL in form.around:
            return LITTLE
        if left and not aligned.right and form.lacks_middle:
            given = {one for one, other, _ in aligned.pairs if other != form.surname}
            for before, word in pairwise(alignment.merged(asked, form.words)):
                if word in left and before in given:
                    left.remove(word)
                    given.add(word)
                    expected += 1
        # beside a surname a letter is an initial, even if it is an article elsewhere
        initials = [word for word in left if form.surname and len(word) == 1]
        return LITTLE * expected + len(initials) + _weight(word for word in left if word not in initials)


def taken(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the first of *candidates*, best first, if it may be accepted without a check by a person, else None.

    Its score must be at least CERTAIN, and at least CLEAR above that of the second candidate. If it is 100 (the same
    letters), any lower score of the second candidate suffices.
    """
    if not candidates or candidates[0].score < CERTAIN:
        return None
    behind = candidates[1].score if len(candidates) > 1 else 0.0
    sure = candidates[0].score - behind >= CLEAR or candidates[0].score == 100.0 > behind
    return candidates[0] if sure else None


def skeleton(text: str) -> tuple[str, ...]:
    """Return the phonetic keys of the words of *text*; different transliterations of a name give the same keys.

    >>> skeleton("NAZARBAYEV, Nursultan") == skeleton("Назарбаев Нурсултан")
    True
    """
    return tuple(map(sound, words(text)))


def _weight(plain: Iterable[str]) -> float:
    return sum(LITTLE if sound(word) in SMALL else 1.0 for word in plain)


def _in_order(asked: Sequence[str], aligned: Aligned, form: Form) -> bool:
    """Return whether initials in the query, *asked*, have the order of the words of *form* that they stand for."""
    standing = {one: other for one, other, _ in aligned.pairs if len(one) == 1}
    letters = [word for word in asked if word in standing]
    given = [word for word in form.words if word in standing.values()]
    return all(one == other or alignment.likeness(one, other) for one, other in zip(letters, given, strict=False))


def _keys(form: Form) -> set[str]:
    """Return the index keys of the name *form*: phonetic keys of its words and word pairs; initials, year, month."""
    spelt = form.words
    alone = map(sound, (*spelt, *form.short, alignment.initials(spelt)))
    return {*alone, *alignment.pairs(spelt), *_times(form.span)}


def _times(span: Span | None) -> list[str]:
    """Return the index keys of the year and the month that contain *span*, such as @2010 and @2010-04; [] if none."""
    if span is None or span.first[:4] != span.last[:4]:
        return []
    return [f"@{span.first[:4]}", *([f"@{span.first[:7]}"] if span.is_fine else [])]
