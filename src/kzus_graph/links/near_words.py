"""Words that are spelt like a given one, by the number of letters that must be added, left out, changed or swapped."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

NEAR: Final = 0.72
"""The least similarity, from 0 to 1, of a word to another that it may be a misspelling of."""
MOST: Final = 8


class NearWords:
    """The words of more than three letters in *words*, by first letter and length."""

    def __init__(self, words: Iterable[str]) -> None:
        """Sort *words*, phonetic keys, into groups."""
        self._words: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if len(word) > 3 and word.isalpha():
                self._words[word[0], len(word)].append(word)

    def find(self, word: str) -> tuple[str, ...]:
        """Return at most MOST words that *word* may be a misspelling of, the most similar first.

        >>> NearWords(["obama", "omaha", "kazakhstan"]).find("obmaa")
        ('obama',)
        """
        if len(word) < 4 or not word.isalpha():
            return ()
        lengths = range(len(word) - 2, len(word) + 3)
        alike = [each for length in lengths for each in self._words.get((word[0], length), ())]
        found = process.extract(word, alike, scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=MOST)
        if not found:
            # the first letter is seldom wrong, but it may be
            alike = [each for (_, length), group in self._words.items() if length in lengths for each in group]
            found = process.extract(word, alike, scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=MOST)
        return tuple(near for near, _, _ in found)
