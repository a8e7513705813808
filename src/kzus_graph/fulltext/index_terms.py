"""Words of the full-text index: how names and search texts are split into terms, and which terms mean the same."""

import re
from functools import lru_cache
from typing import Final

from kzus_graph.links.alignment import SMALL
from kzus_graph.links.spelling import Span, dated, sound, words

ASKING: Final = frozenset(("who", "whom", "whose", "what", "which", "when", "where", "why", "how", "did", "does", "is"))
"""Words with which questions begin."""
STOPS: Final = ASKING | frozenset(
    (
        "a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "been", "between", "by", "can", "do",
        "during", "for", "from", "has", "have", "in", "into", "it", "its", "of", "on", "or", "that", "the", "their",
        "them", "there", "these", "they", "this", "those", "to", "two", "was", "were", "will", "with",
    )
)  # fmt: skip
"""Words that a search text may have and a result need not."""
ALIKE: Final = tuple(
    tuple(line.split())
    for line in (
        "telephone phone call conversation", "attend participate participant attendee", "treaty agreement accord pact",
        "letter correspondence", "visit trip travel tour", "ambassador envoy", "speech address", "atomic nuclear",
        "company firm corporation", "country state nation", "person people", "oil petroleum", "office position post",
        "topic subject theme", "day date", "meet talk", "money finance", "army military", "head leader",
    )
)  # fmt: skip
"""Usual English words that mean nearly the same; a search text with one of them finds names with another."""
IMPLIED: Final = {
    "who": ("person", "participant"), "whom": ("person", "participant"), "where": ("place", "city"),
    "when": ("date", "day"), "many": ("number", "count"),
}  # fmt: skip
"""For a word with which questions begin, words of which one is in what answers them."""
DECADE: Final = re.compile(r"\b(1[5-9]\d|20\d)0s\b")
MOST_YEARS: Final = 60
"""The most years of a thing's time that are indexed; a thing that may lie in more years has no useful date."""


def stem(word: str) -> str:
    """Return *word*, in lower case, without the ending of an English plural, participle or gerund.

    >>> [stem(word) for word in ("meetings", "signed", "agencies", "visits", "congress", "status", "taxes")]
    ['meet', 'sign', 'agency', 'visit', 'congress', 'status', 'tax']
    """
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    elif word.endswith(("sses", "ches", "shes", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ing") and len(word) > 6:
        return word[:-3]
    return word[:-2] if word.endswith("ed") and len(word) > 5 else word


def key(word: str) -> str:
    """Return the phonetic key of *word* in lower case, as the index has it; the key's only capital becomes ž.

    >>> key("john"), key("zone")
    ('žohn', 'zone')
    """
    return sound(word).replace("Z", "ž")


@lru_cache(maxsize=50_000)
def term(word: str) -> str:
    """Return the term for *word*, in lower-case Latin letters: the phonetic key of its stem.

    >>> term("nazarbaev") == term("nazarbayev"), term("meetings") == term("meeting")
    (True, True)
    """
    return key(stem(word))


ALIKE_TERMS: Final = {term(word): frozenset(map(term, group)) for group in ALIKE for word in group}
"""For each term in ALIKE, the terms of its group."""
SLIGHT: Final = frozenset(small.replace("Z", "ž") for small in SMALL) | frozenset(map(term, STOPS))
"""The terms of stop words, also of those that names contain."""


def split(name: str) -> tuple[str, ...]:
    """Return the terms of *name*: its words, and the years and months that it states.

    >>> split("Visits of Kerry to Kazakhstan, November 2015")
    ('visit', 'of', 'keri', 'to', 'kazahstan', '@201', '@2015', '@2015-11')
    """
    rest, span = dated(name)
    return (*map(term, words(rest)), *times(span))


def written(name: str) -> tuple[str, ...]:
    """Return the phonetic keys of the words of *name* that differ from the terms, so that a beginning finds them."""
    return tuple(key(word) for word in words(dated(name)[0]) if key(word) != term(word))


def times(span: Span | None) -> tuple[str, ...]:
    """Return the terms for the decades, years and months of *span*; months only if *span* lies in two years at most.

    >>> times(Span("2010-11-30", "2010-12-02")), times(Span("1940-01-01", "9999-12-31"))
    (('@201', '@2010', '@2010-11', '@2010-12'), ())
    """
    # data that is not ours may have any text where a date belongs
    if span is None or not all(re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII) for day in (span.first, span.last)):
        return ()
    first, last = int(span.first[:4]), int(span.last[:4])
    if last - first >= MOST_YEARS:
        return ()
    years = [f"@{year}" for year in range(first, last + 1)]
    decades = dict.fromkeys(year[:-1] for year in years)
    months = [f"@{year}-{month:02}" for year in range(first, last + 1) for month in range(1, 13)]
    told = [month for month in months if span.first[:7] <= month[1:] <= span.last[:7]]
    return (*decades, *years, *(told if last - first < 2 and len(told) < 12 else ()))


def implied(text: str) -> list[tuple[str, ...]]:
    """Return what the question words of the search *text* imply: for each, terms of which a good result has one.

    >>> implied("Where did they meet?")
    [('place', 'citi')]
    """
    found = words(text[:40])
    return [tuple(map(term, implied)) for word, implied in IMPLIED.items() if word in found]


def asked(text: str) -> tuple[list[str], tuple[str, ...], bool]:
    """Return the words of the search *text* that matter, the terms of its time, and whether it is a question.

    Stop words don't matter, unless *text* has no others. A thing fits the time if it has any of the terms.

    >>> asked("Who attended in April 2010?"), asked("visits of the 1990s"), asked("the who")
    ((['attended'], ('@2010-04',), True), (['visits'], ('@199',), False), (['the', 'who'], (), True))
    """
    rest, span = dated(DECADE.sub("", text))
    found = [*dict.fromkeys(words(rest))]
    telling = [word for word in found if word not in STOPS]
    days = times(span)
    finest = max(map(len, days), default=0)
    fine = [day for day in days if len(day) == finest] + [f"@{decade}" for decade in DECADE.findall(text)]
    is_question = "?" in text or not ASKING.isdisjoint(found)
    return telling or ([] if fine else found), tuple(fine), is_question
