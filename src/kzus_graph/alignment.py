"""Alignment: which word of one name stands for which word of another, and how well."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from kzus_graph.spelling import sound

SMALL: Final = frozenset(
    sound(word)
    for word in (
        "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with",
        "co", "corp", "corporation", "company", "inc", "llc", "ltd", "plc", "mr", "mrs", "ms", "dr",
    )
)  # fmt: skip
"""Words that say little, as they sound: articles, prepositions, kinds of company, forms of address."""
INITIAL: Final = 0.9
"""How like an initial is to the word that it stands for."""
ACRONYM: Final = 0.85
"""How like an acronym is to its words."""
GENDER: Final = 0.6
"""How like a name is to that which has an *a* more, mostly a woman's."""
EDIT, SHORT_EDIT, SHORT = 0.8, 1.2, 5
"""What one wrong letter takes away, divided by the length of the word; and in words up to so short."""
CLASSES: Final = tuple(map(frozenset, ("aeiou", "bpfv", "cgkhq", "cszZ", "iZ", "dt", "mn", "lr")))
"""Letters that are easily taken for one another."""
STRANGE: Final = 1.5
"""By how much a letter in place of another, not of its class, is worse than one edit: rather another word."""


class Aligned(NamedTuple):
    """Words of *theirs* with how well one of ours stands for each, and what is left over on both sides."""

    pairs: list[tuple[str, float]]
    left: list[str]
    right: list[str]


def align(ours: Sequence[str], theirs: Sequence[str]) -> Aligned:
    """Return which plain words of *ours* stand for which of *theirs*, as they sound, whatever their order.

    >>> align(("obama", "barak"), ("barack", "obama"))
    Aligned(pairs=[('obama', 1.0), ('barak', 1.0)], left=[], right=[])
    >>> align(("us", "visit"), ("visit", "to", "united", "states"))
    Aligned(pairs=[('visit', 1.0), ('united', 0.85), ('states', 0.85)], left=[], right=['to'])
    """
    left, right = merged(ours, theirs), merged(theirs, ours)
    pairs = [(word, 1.0) for word in (Counter(left) & Counter(right)).elements()]
    left, right = _less(left, right), _less(right, left)
    alike = ((likeness(one, other), one, other) for one in left for other in right)
    for near, one, other in sorted((found for found in alike if found[0]), reverse=True):
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            pairs.append((other, near))
    for short, long, order in ((left, right, theirs), (right, left, ours)):
        for word in [word for word in short if 2 <= len(word) <= 5]:
            row = _spelt_out(word, [each for each in map(sound, order) if each not in SMALL], long)
            if row:
                short.remove(word)
                pairs += ((each, ACRONYM) for each in row)
                for each in row:
                    long.remove(each)
    return Aligned(pairs, left, right)


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return how like two words are, as they sound, from 0 to 1.

    >>> likeness("barak", "barac"), likeness("n", "nursultan"), likeness("2010", "2012"), likeness("robert", "roberta")
    (0.76, 0.9, 0.0, 0.6)
    """
    if len(one) == 1 or len(other) == 1:
        return INITIAL if one[0] == other[0] and len(one) != len(other) else 0.0
    if not (one.isalpha() and other.isalpha()) or min(len(one), len(other)) < 3:
        return 0.0
    if one + "a" == other or other + "a" == one:
        return GENDER
    longest = max(len(one), len(other))
    most = 2 if longest > 6 else 1 if longest > 3 else 0
    edits = OSA.distance(one, other, score_cutoff=most)
    if edits > most:
        return 0.0
    wrong = edits + (STRANGE if edits == 1 and _is_strange(one, other) else 0)
    return max(0.0, 1 - (EDIT if longest > SHORT else SHORT_EDIT) * wrong / longest)


def _is_strange(one: str, other: str) -> bool:
    """Return whether one letter stands for another that nobody takes it for."""
    if len(one) != len(other):
        return False
    letters = [{here, there} for here, there in zip(one, other, strict=True) if here != there]
    # two letters that have changed places are no such thing
    return len(letters) == 1 and not any(letters[0] <= each for each in CLASSES)


def pairs(plain: Sequence[str]) -> list[str]:
    """Return each two neighbours of *plain* words as one word, as it sounds; initials stay alone."""
    return [sound(one + other) for one, other in zip(plain, plain[1:], strict=False) if len(one) > 1 < len(other)]


def initials(plain: Iterable[str]) -> str:
    """Return the initials of the words that say something, as they sound; empty if that is one word."""
    telling = [word[:1] for word in map(sound, plain) if word not in SMALL]
    return "".join(telling) if len(telling) > 1 else ""


def merged(plain: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the sounds of *plain* words, two of them as one where *other* writes them so.

    >>> merged(("new", "york"), ("newyork",)) == merged(("newyork",), ("new", "york"))
    True
    """
    known = {sound(word) for word in other}
    found: list[str] = []
    skip = False
    for one, following in zip_longest(plain, plain[1:], fillvalue=""):
        both = "".join(pairs((one, following)))
        if skip:
            skip = False
        elif both in known:
            found.append(both)
            skip = True
        else:
            found.append(sound(one))
    return found


def _less(these: Sequence[str], those: Sequence[str]) -> list[str]:
    return list((Counter(these) - Counter(those)).elements())


def _spelt_out(word: str, order: Sequence[str], free: Sequence[str]) -> list[str]:
    """Return the words in a row of *order*, all of them *free*, whose initials make *word*."""
    for start in range(len(order) - len(word) + 1):
        row = [*order[start : start + len(word)]]
        if "".join(each[0] for each in row) == word and not Counter(row) - Counter(free):
            return row
    return []
