"""Spelling suggestions for a search without results: the most similar words among the names in a release."""

import re
from difflib import get_close_matches
from typing import Final

from kzus_graph.engine.serving import Release, once
from kzus_graph.web.view import page_queries

WORD: Final = re.compile(r"[\w'’-]+")
# The least similarity of two words (difflib ratio): one letter in four may differ.
LIKE: Final = 0.75
MOST_WORDS: Final = 8


@once
def vocabulary(release: Release) -> frozenset[str]:
    """Return every word that occurs in a name of a resource in *release*, in lower case."""
    return frozenset(
        word for row in page_queries.rows(release, "search-words") for word in WORD.findall(row["name"].value)
    )


def nearest(asked: str, known: frozenset[str]) -> str:
    """Return the search text *asked* in lower case, with each misspelt word replaced by the most similar *known* word.

    A word is misspelt if it is neither a known word nor a part of one. The result is empty if a misspelt word has no
    similar known word, or if *asked* has more than MOST_WORDS words.

    >>> nearest("Nazarbaev obama", frozenset({"nazarbayev", "obama", "non-proliferation"}))
    'nazarbayev obama'
    >>> nearest("nonproliferation", frozenset({"non-proliferation"})), nearest("xyz", frozenset({"obama"}))
    ('non-proliferation', '')
    """
    words = asked.lower().split()
    if len(words) > MOST_WORDS:
        return ""
    found = []
    for word in words:
        if any(word in one for one in known):
            found.append(word)
        elif close := get_close_matches(word, sorted(known), 1, LIKE):
            found.append(close[0])
        else:
            return ""
    return " ".join(found)
