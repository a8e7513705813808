"""Words of the full-text index: how names and search texts are split into terms, and which terms mean the same."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from snowballstemmer.russian_stemmer import RussianStemmer

from kzus_graph.links.alignment import SMALL
from kzus_graph.links.spelling import Span, dated, plain, sound, words

STEMMER: Final = RussianStemmer()
CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]+")
KAZAKH: Final = re.compile("[әғқңөұүһі]")
"""The letters that Kazakh has and Russian has not."""
KAZAKH_ENDING: Final = re.compile(
    "(?:(?:ын|ін|сын|сін|н)?[дтн]ағы|(?:ын|ін|н)?[дтн]егі|[лдт][ае]р|[ндт][ыі]ң|[ндт]ан|[ндт]ен|[мбп]ен|[ндт][ыі]"
    "|[ғқ]а|[гк]е|на|не|[дт][ае]|с?[ыі]н[ае]|с?[ыі]нд[ае]|с?[ыі]н|с[ыі]|[ыі]мыз|[ыі]міз|[ыі])$"
)
"""Endings of Kazakh nouns: plural, cases, possessives."""
WITH: Final = re.compile("(?<=.{4})[мбп]ен$")
"""The Kazakh ending for “with”."""
SHORTEST: Final = 4
"""The least that is left of a word in Cyrillic letters without its endings."""


def _plain(text: str) -> frozenset[str]:
    return frozenset(plain(text).split())


ASKING_IN_ENGLISH: Final = _plain("who whom whose what which when where why how did does is")
ASKING: Final = ASKING_IN_ENGLISH | _plain(
    "кто кого кому кем чей что какой какая какое какие каких каким когда где куда откуда почему как сколько "
    "кім кімді кімге кіммен не нені қандай қай қайсы қашан қайда қайдан неге қалай қанша неше"
)
"""Words with which questions begin, in English, Russian and Kazakh."""
ENGLISH: Final = ASKING_IN_ENGLISH | _plain(
    "a about all an and any are as at be been between by can do during for from has have in into it its of on or that "
    "the their them there these they this those to two was were will with"
)
RUSSIAN_AND_KAZAKH: Final = _plain(
    "в во на с со и или о об от до по из за для между был была было были ли при их его её этот эта эти два все "
    "год года году годы годов жыл жылы жылғы жылда және мен бен пен үшін туралы арасында екі осы бар ма ме"
)
STOPS: Final = ENGLISH | ASKING | RUSSIAN_AND_KAZAKH
"""Words that a search text may have and a result need not."""
ALIKE: Final = tuple(
    tuple(line.split())
    for line in (
        "telephone phone call conversation", "attend participate participant attendee", "treaty agreement accord pact",
        "letter correspondence", "visit trip travel tour", "ambassador envoy", "speech address", "atomic nuclear",
        "company firm corporation", "country state nation", "person people", "oil petroleum", "office position post",
        "topic subject theme", "day date", "meet talk", "money finance", "army military", "head leader",
        "встреча встречались встречался встретиться переговоры", "визит поездка посещение посетил приезжал",
        "звонок звонил разговор телефон", "договор соглашение", "посол послы послов посла", "подписал подписание",
        "участвовал участник участие", "кездесу кездесті кездескен кездесулер", "сапар сапары келді барды",
        "келісім шарт келісімшарт", "елші елшісі", "қол қойды", "қатысты қатысушы", "президент президенты",
    )
)  # fmt: skip
"""Usual words that mean nearly the same; a search text with one of them finds names with another."""
IMPLIED: Final = {
    "who": ("person", "participant"), "whom": ("person", "participant"), "where": ("place", "city"),
    "when": ("date", "day"), "many": ("number", "count"), "kto": ("person", "participant"), "gde": ("place", "city"),
    "kogda": ("date", "day"), "kim": ("person", "participant"), "kaida": ("place", "city"), "kashan": ("date", "day"),
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


def stemmed(text: str) -> str:
    """Return *text* with each word in Cyrillic letters in lower case and without its endings, Russian or Kazakh.

    The Russian stemmer (Snowball) is asked until nothing more falls off: it takes one ending, and what is left of one
    form of a word may be another form.

    >>> stemmed("Визиты Обамы"), stemmed("визит Обама"), stemmed("қазақ президенттерінің")
    ('визит обам', 'визит обам', 'қазақ президент')
    """
    return CYRILLIC.sub(lambda found: _stem(found[0].lower()), text) if CYRILLIC.search(text) else text


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    if KAZAKH.search(word) is None:
        # Kazakh words without its own letters are mostly names: one ending of theirs is no Russian one
        return _until_nothing_falls_off(WITH.sub("", word), STEMMER.stemWord)
    return _until_nothing_falls_off(word, lambda form: KAZAKH_ENDING.sub("", form))


def _until_nothing_falls_off(word: str, shorter: Callable[[str], str]) -> str:
    while len(found := shorter(word)) >= SHORTEST and found != word:
        word = found
    return word


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


ALIKE_TERMS: Final = {
    one: frozenset(terms)
    for group in ALIKE
    if (terms := [*map(term, words(stemmed(" ".join(group))))])
    for one in terms
}
"""For each term in ALIKE, the terms of its group."""
SLIGHT: Final = frozenset(small.replace("Z", "ž") for small in SMALL) | frozenset(
    term(word) for word in STOPS if word in ENGLISH or len(word) < 3
)
"""The terms of stop words that names contain, too; some longer ones in Cyrillic sound like names (был, Bill)."""


def split(name: str) -> tuple[str, ...]:
    """Return the terms of *name*: its words, and the years and months that it states.

    >>> split("Visits of Kerry to Kazakhstan, November 2015")
    ('visit', 'of', 'keri', 'to', 'kazahstan', '@201', '@2015', '@2015-11')
    """
    rest, span = dated(name)
    return (*map(term, words(stemmed(rest))), *times(span))


def written(name: str) -> tuple[str, ...]:
    """Return the phonetic keys of the words of *name* that differ from the terms, so that a beginning finds them."""
    terms = frozenset(split(name))
    return tuple(found for word in words(dated(name)[0]) if (found := key(word)) not in terms)


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


def asked(text: str) -> tuple[list[tuple[str, str]], tuple[str, ...], bool]:
    """Return the words of the search *text* that matter, the terms of its time, and whether it is a question.

    With each word, converted to Latin letters, is its term.
    Stop words don't matter, unless *text* has no others. A thing fits the time if it has any of the terms.

    >>> asked("Who attended in April 2010?"), asked("visits of the 1990s")
    (([('attended', 'atend')], ('@2010-04',), True), ([('visits', 'visit')], ('@199',), False))
    >>> asked("the who"), asked("визиты Обамы")
    (([('the', 'the'), ('who', 'vho')], (), True), ([('vizity', 'vizit'), ('obamy', 'obam')], (), False))
    """
    rest, span = dated(DECADE.sub("", text))
    found = {word: term(stem) for word, stem in zip(words(rest), words(stemmed(rest)), strict=True)}
    telling = {word: form for word, form in found.items() if word not in STOPS}
    days = times(span)
    finest = max(map(len, days), default=0)
    fine = [day for day in days if len(day) == finest] + [f"@{decade}" for decade in DECADE.findall(text)]
    is_question = "?" in text or not ASKING.isdisjoint(found)
    return [*(telling or ({} if fine else found)).items()], tuple(fine), is_question
