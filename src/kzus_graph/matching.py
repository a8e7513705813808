"""Matching: from a name as people write it to the things it may mean, with a score.

Names are compared word by word, in any order, after differences of spelling that mean nothing are gone: case, accents,
punctuation, alphabet, and the many ways to write a Russian or Kazakh name in Latin letters. A word that the other
name lacks counts against a match, and one that only the query has counts most: it may be what tells two people apart.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

CERTAIN: Final = 90.0
"""From this score on a match may be taken without a person, if no other comes near."""
CLEAR: Final = 4.0
"""By so much the best must be ahead of the next to be taken without a person."""
NOT_CERTAIN: Final = 88.0
WORTH_SHOWING: Final = 50.0
LONGEST: Final = 300
"""Characters of a query that are looked at."""
MOST_WORDS: Final = 24
MOST_COMPARED: Final = 200
"""Candidates that are compared word by word; those that share the rarest words come first."""

CYRILLIC: Final = {
    letter: sound
    for sound, letters in {
        "a": "аәя", "b": "б", "v": "в", "g": "гғґ", "d": "д", "e": "еёэє", "z": "зж", "i": "ийыії", "k": "кқ", "l": "л",
        "m": "м", "n": "нң", "o": "оө", "p": "п", "r": "р", "s": "с", "t": "т", "u": "уұүюў", "f": "ф", "h": "хһ",
        "ts": "ц", "ch": "ч", "sh": "шщ", "": "ъь",
    }.items()
    for letter in letters
}  # fmt: skip
"""Russian and Kazakh letters as the skeleton of a name has them; the signs without a sound are gone."""
SOUNDS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("(?<=[aeiou])j", "i"), ("shch|sch", "sh"), ("tch", "ch"), ("dzh|dj|zh|j", "z"), ("kh", "h"), ("gh", "g"),
        ("ph", "f"), ("tz", "ts"), ("ck|q", "k"), ("w", "v"), ("x", "ks"), ("ye|ie", "e"), ("yo|io", "o"),
        ("yu|iu", "u"), ("ya|ia", "a"), ("ou|oo", "u"), ("ee|ii|iy|yi|y", "i"), (r"(.)\1", r"\1"),
    )
)  # fmt: skip
WORD: Final = re.compile(r"\d+(?:st|nd|rd|th)?|[^\W\d_]+")
YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
SMALL: Final = frozenset(
    re.findall(r"\w+", "a, an, and, at, by, co, for, from, in, inc, into, ltd, of, on, or, the, to, with")
)
TITLES: Final = frozenset(
    ("president", "mr", "mrs", "ms", "dr", "sir", "senator", "governor", "secretary", "minister", "ambassador")
)
SMALL_WEIGHT: Final = 0.1
LONG: Final = 8
"""Letters from which on a word with a slip of the pen is that word rather than another."""
INITIAL: Final = 0.9
"""How much of a word its first letter stands for."""


@dataclass(frozen=True)
class Named:
    """A thing with its names, its label first; *kinds* are the IRIs of its classes, *dates* its first and last day."""

    thing: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    dates: tuple[str, str] | None = None


@dataclass(frozen=True)
class Candidate:
    """A thing that a query may mean: how well it matches, from 0 to 100, and by which name."""

    named: Named
    score: float
    by: str


@dataclass(frozen=True)
class _Name:
    """One name of one thing, taken apart."""

    owner: int
    text: str
    words: tuple[str, ...]
    years: frozenset[str]


@dataclass
class Names:
    """The names of all things, sorted for look-up."""

    things: Sequence[Named]
    _names: list[_Name] = field(default_factory=list)
    _by_word: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _joined: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for owner, named in enumerate(self.things):
            # a hyphen may part two words or none: Co-operation, Alma-Ata
            joined = (text.replace("-", "") for text in named.names if "-" in text)
            for text in dict.fromkeys([*named.names, *joined]):
                words = skeleton(YEAR.sub(" ", text))
                number = len(self._names)
                self._names.append(_Name(owner, text, words, frozenset(YEAR.findall(text))))
                for word in set(words):
                    self._by_word[word].append(number)
                self._joined["".join(words)].append(number)
        self._vocabulary = list(self._by_word)
        self._near = lru_cache(maxsize=20_000)(self._near_words)

    def find(self, query: str, kinds: Iterable[str] = (), most: int = 10) -> list[Candidate]:
        """Return what *query* may mean, the best first; with *kinds*, only things of one of these classes."""
        text = query[:LONGEST]
        when = _dates(text)
        words = skeleton(_without_dates(text) if when else text)[:MOST_WORDS]
        wanted = set(kinds)
        best: dict[int, Candidate] = {}
        for number in self._candidates(words):
            name = self._names[number]
            named = self.things[name.owner]
            if wanted and not wanted.intersection(named.kinds):
                continue
            score = self._score(words, when, name, named)
            if score >= WORTH_SHOWING and (name.owner not in best or score > best[name.owner].score):
                best[name.owner] = Candidate(named, score, name.text)
        ranked = sorted(best.values(), key=lambda found: (-found.score, len(found.by), found.named.thing))
        return ranked[:most]

    def _candidates(self, words: Sequence[str]) -> list[int]:
        """Return the names to compare with: those with a word like one of *words*, those of the rarest first."""
        weights: dict[int, float] = defaultdict(float)
        for word in words:
            if len(word) > 1:
                for near, likeness in self._near(word).items():
                    for number in self._by_word[near]:
                        weights[number] += likeness * self._weight(near)
        for number in self._joined.get("".join(words), ()):
            weights[number] += 100
        return sorted(weights, key=lambda number: -weights[number])[:MOST_COMPARED]

    def _near_words(self, word: str) -> dict[str, float]:
        """Return the known words that *word* may be a spelling of, with their likeness from 0 to 1."""
        if word in self._by_word and (len(word) < 4 or word.isdigit()):
            return {word: 1.0}
        edits = _edits(word)
        found = process.extract(word, self._vocabulary, scorer=OSA.distance, score_cutoff=edits, limit=30)
        return {near: _likeness(word, near, distance) for near, distance, _ in found if _alike(word, near, distance)}

    def _weight(self, word: str) -> float:
        """Return how much *word* tells: little if it is small, less the more names have it."""
        if word in SMALL or word in TITLES:
            return SMALL_WEIGHT
        return 1.0 / (1.0 + len(self._by_word.get(word, ())) / 50)

    def _score(self, words: Sequence[str], when: "_When | None", name: _Name, named: Named) -> float:
        if when and not when.agrees(name.years, named.dates):
            return 0.0
        if "".join(words) == "".join(name.words) and words:
            # of several gatherings of one name, one without its year may be any
            return 100.0 if not name.years or when else NOT_CERTAIN
        pairs = self._paired(words, name.words)
        if not pairs:
            return 0.0
        asked, there = list(map(self._weight, words)), list(map(self._weight, name.words))
        missing = 1 - sum(asked[one] for one, _, _ in pairs) / sum(asked)
        met = sum(there[other] for _, other, _ in pairs)
        left_out = 1 - met / sum(there)
        spelling = sum(likeness * there[other] for _, other, likeness in pairs) / met
        score = 100 * (1 - 1.6 * missing) * (1 - 0.28 * left_out) * (1 - 0.5 * (1 - spelling))
        if when and named.dates and missing < 0.15:
            # a date that fits tells as much as the words that were left out
            score += (100 - score) * (0.6 if when.months else 0.4)
        meant = {other for _, other, _ in pairs}
        if any(len(word) == 1 and number not in meant for number, word in enumerate(name.words)):
            # an initial is there to tell two people apart
            score = min(score, NOT_CERTAIN)
        telling = [(one, likeness) for one, _, likeness in pairs if asked[one] > SMALL_WEIGHT]
        if len(telling) == 1 and telling[0][1] < 1 and len(words[telling[0][0]]) < LONG:
            # one short word by itself may as well be another name: Astana, Astara
            score = min(score, NOT_CERTAIN)
        return max(0.0, min(score, 99.0))

    def _paired(self, words: Sequence[str], others: Sequence[str]) -> list[tuple[int, int, float]]:
        """Return pairs of words that stand for each other, the likest first, each word in one pair."""
        possible = []
        for one, word in enumerate(words):
            for other, there in enumerate(others):
                likeness = 1.0 if word == there else self._near(word).get(there, 0.0) if len(word) > 1 else 0.0
                short = min(len(word), len(there)) == 1 and not SMALL.intersection((word, there))
                if not likeness and short and word[0] == there[0] and len(words) > 1:
                    likeness = INITIAL
                if likeness:
                    possible.append((likeness, -abs(one - other), one, other))
        pairs: list[tuple[int, int, float]] = []
        for likeness, _, one, other in sorted(possible, reverse=True):
            if all(one != taken and other != met for taken, met, _ in pairs):
                pairs.append((one, other, likeness))
        return pairs


def taken(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate that can be taken without a person: certain, and clearly ahead of the next; else None."""
    if not candidates or candidates[0].score < CERTAIN:
        return None
    if len(candidates) > 1 and candidates[0].score - candidates[1].score < CLEAR:
        return None
    return candidates[0]


def skeleton(text: str) -> tuple[str, ...]:
    """Return the words of *text* without the differences of spelling that mean nothing.

    >>> skeleton("NAZARBAYEV, Nursultan") == skeleton("Назарбаев Нурсултан")
    True
    >>> skeleton("Kazykhanov"), skeleton("Tokayev") == skeleton("Tokaev")
    (('kazihanov',), True)
    """
    plain = "".join(CYRILLIC.get(letter, letter) for letter in unicodedata.normalize("NFC", text).casefold())
    plain = unicodedata.normalize("NFKD", plain.replace("'", "").replace("’", ""))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_sounds(word) for word in WORD.findall(plain))


@lru_cache(maxsize=50_000)
def _sounds(word: str) -> str:
    if word[0].isdigit():
        return re.sub(r"\D", "", word).lstrip("0") or "0"
    bare = word
    for pattern, replacement in SOUNDS:
        bare = pattern.sub(replacement, bare)
    return bare or word


def _edits(word: str) -> int:
    """Return how many slips of the pen a word of its length may have."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2


def _alike(word: str, near: str, distance: int) -> bool:
    if not distance:
        return True
    # Robert and Roberta, Nazarbayev and Nazarbayeva: an a at the end makes another person of a name
    another = word + "a" == near or near + "a" == word
    return not another and not near.isdigit() and distance <= min(_edits(word), _edits(near)) and word[0] == near[0]


def _likeness(word: str, near: str, distance: int) -> float:
    return 1.0 - 0.6 * distance / max(len(word), len(near))


@dataclass(frozen=True)
class _When:
    """The time that a query names: *years*, and *months* as ``2010-04``."""

    years: frozenset[str]
    months: frozenset[str]

    def agrees(self, years: frozenset[str], dates: tuple[str, str] | None) -> bool:
        """Whether a thing with these *years* in its name and these bounds may be of this time."""
        if dates is None:
            return not years or bool(years & self.years)
        first, last = dates
        if self.months:
            return any(first[:7] <= month <= last[:7] for month in self.months)
        return any(first[:4] <= year <= last[:4] for year in self.years)


def _dates(text: str) -> _When | None:
    years = frozenset(YEAR.findall(text))
    if not years:
        return None
    months = {MONTHS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in MONTHS}
    numbers = {int(month) for month in re.findall(r"(?:19|20)\d\d-(0[1-9]|1[0-2])(?!\d)", text)}
    return _When(years, frozenset(f"{year}-{month:02}" for year in years for month in months | numbers))


def _without_dates(text: str) -> str:
    """Return *text* without its dates: years, months, days of a month."""
    bare = re.sub(r"(?:19|20)\d\d(?:-\d\d){0,2}", " ", text)
    words = [word for word in re.split(r"[\s.,;()]+", bare) if word.lower() not in MONTHS]
    return " ".join(word for word in words if not re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", word))
