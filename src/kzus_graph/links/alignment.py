"""Alignment of two names: pairs each word of one with a word of the other, and rates how similar the two are."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from kzus_graph.links.spelling import sound

SMALL: Final = frozenset(
    sound(word)
    for word in (
        "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with",
        "co", "corp", "corporation", "company", "inc", "llc", "ltd", "plc", "mr", "mrs", "ms", "dr",
    )
)  # fmt: skip
"""Stop words, as phonetic keys: articles, prepositions, legal forms of companies, forms of address."""
GENERATIONS: Final = frozenset(("jr", "sr", "ii", "iii", "iv"))
"""Suffixes that distinguish a child from a parent of the same name; no initial is paired with one of these."""
INITIAL: Final = 0.9
"""The similarity of an initial to a word that begins with it, and of a given name to a usual short form of it."""
ACRONYM: Final = 0.85
"""The similarity of an acronym to each of the words whose initials it consists of."""
GENDER: Final = 0.6
"""The similarity of a name to the same name with an *a* at its end, mostly a woman's name (Robert, Roberta)."""
SHORT, SHORT_EDIT = 5, 1.2
"""An edit lowers the similarity by 1 / length, but by SHORT_EDIT / length in a word of at most SHORT letters."""
CLASSES: Final = tuple(map(frozenset, ("aeiou", "bpfv", "cgkhq", "cszZ", "iZ", "dt", "mn", "lr")))
"""Groups of letters of phonetic keys that are easily confused with one another."""
STRANGE: Final = 1.5
"""The extra cost, in edits, of replacing a letter by one that shares no group in CLASSES with it."""


class Pair(NamedTuple):
    """A word of the first name, the word of the second name paired with it, and their similarity from 0 to 1."""

    ours: str
    theirs: str
    near: float


class Aligned(NamedTuple):
    """The paired words of two names, and the unpaired words: *left* of the first name, *right* of the second."""

    pairs: list[Pair]
    left: list[str]
    right: list[str]


def align(
    ours: Sequence[str], theirs: Sequence[str], short: Container[str] = frozenset(), surname: str = ""
) -> Aligned:
    """Return the words of the name *ours* paired with the words of the name *theirs* that they stand for, in any order.

    All words are in lower-case Latin letters. For a person's name, *short* holds other usual forms of the first word of
    *theirs*, and *surname* is the word of *theirs* that is never paired with an initial.

    >>> align(("obama", "barak"), ("barack", "obama")).pairs
    [Pair(ours='obama', theirs='obama', near=1.0), Pair(ours='barak', theirs='barack', near=1.0)]
    >>> align(("us", "visit"), ("visit", "to", "united", "states"))[1:]
    ([], ['to'])
    """
    left, right = merged(ours, theirs), merged(theirs, ours)
    found: list[Pair] = []

    def take(one: str, other: str, near: float) -> None:
        left.remove(one)
        right.remove(other)
        found.append(Pair(one, other, near))

    for one in [*left]:
        twin = next((other for other in right if sound(other) == sound(one)), None)
        if twin is not None:
            take(one, twin, 1.0)
    for one in [one for one in left if one in short and theirs[0] in right][:1]:
        take(one, theirs[0], INITIAL)
    alike = ((likeness(one, other), one, other) for one in left for other in right)
    for near, one, other in sorted((each for each in alike if each[0]), reverse=True):
        if one in left and other in right and not (len(one) == 1 and other == surname):
            take(one, other, near)
    for few, many, order in ((left, right, theirs), (right, left, ours)):
        for word in [word for word in few if 2 <= len(word) <= 5]:
            row = _spelt_out(word, [each for each in order if sound(each) not in SMALL], many)
            if row:
                few.remove(word)
                found += (Pair(word, each, ACRONYM) for each in row)
                for each in row:
                    many.remove(each)
    return Aligned(found, left, right)


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return the similarity, from 0 to 1, of two words in lower-case Latin letters; a single letter is an initial.

    >>> likeness("barak", "barac"), likeness("n", "nursultan"), likeness("2010", "2012"), likeness("robert", "roberta")
    (0.76, 0.9, 0.0, 0.6)
    >>> likeness("y", "yerlan"), likeness("e", "yerlan"), likeness("j", "zhomart"), likeness("d", "nursultan")
    (0.9, 0.9, 0.9, 0.0)
    """
    if GENERATIONS & {one, other}:
        return 0.0
    if len(one) == 1 or len(other) == 1:
        same = one[0] == other[0] or sound(one)[:1] == sound(other)[:1]
        return INITIAL if same and len(one) != len(other) else 0.0
    one, other = sound(one), sound(other)
    if one == other:
        return 1.0
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
    return max(0.0, 1 - (SHORT_EDIT if longest <= SHORT else 1) * wrong / longest)


def _is_strange(one: str, other: str) -> bool:
    """Return whether the words are equal but for one letter, and no group in CLASSES has both of these letters."""
    if len(one) != len(other):
        return False
    letters = [{here, there} for here, there in zip(one, other, strict=True) if here != there]
    # two letters that have changed places are two differences, so they do not count here
    return len(letters) == 1 and not any(letters[0] <= each for each in CLASSES)


def pairs(plain: Sequence[str]) -> list[str]:
    """Return the phonetic keys of each two neighbouring words in *plain*, joined to one; initials are left out."""
    return [sound(one + other) for one, other in zip(plain, plain[1:], strict=False) if len(one) > 1 < len(other)]


def initials(plain: Iterable[str]) -> str:
    """Return the initials of the words in *plain* without stop words; empty if fewer than two words are left."""
    telling = [word[0] for word in plain if sound(word) not in SMALL]
    return "".join(telling) if len(telling) > 1 else ""


def merged(plain: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the words in *plain*; two neighbouring words are joined if *other* contains them as one word.

    >>> merged(("new", "york"), ("newyork",)), merged(("newyork",), ("new", "york"))
    (['newyork'], ['newyork'])
    """
    known = {sound(word) for word in other}
    found: list[str] = []
    skip = False
    for one, following in zip_longest(plain, plain[1:], fillvalue=""):
        if skip:
            skip = False
        elif len(one) > 1 < len(following) and sound(one + following) in known:
            found.append(one + following)
            skip = True
        else:
            found.append(one)
    return found


def _spelt_out(word: str, order: Sequence[str], free: Sequence[str]) -> list[str]:
    """Return the first consecutive words in *order* whose initials make up *word*; an empty list if there are none.

    Each of these words must be in *free*, which holds the words that are not paired yet.
    """
    for start in range(len(order) - len(word) + 1):
        row = [*order[start : start + len(word)]]
        if "".join(each[0] for each in row) == word and not Counter(row) - Counter(free):
            return row
    return []
