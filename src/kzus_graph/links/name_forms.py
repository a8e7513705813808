"""Forms of names: the variants of each name of a thing, split into words, for comparison with a query."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kzus_graph.links import alignment
from kzus_graph.links.alignment import SMALL
from kzus_graph.links.spelling import Span, dated, plain, sound, words
from kzus_graph.rdf.prefixes import PREFIXES

PERSON: Final = PREFIXES["dip"] + "Person"
QUALIFIED: Final = 0.93
"""The factor for the score of a match with a part of a name, such as a label without the text in brackets."""
BRACKETS: Final = re.compile(r"\s*\([^()]*\)")
HYPHEN: Final = re.compile(r"(?<=\w)-(?=\w)")
SECOND_HALF: Final = re.compile(r"-\w+(?=\s)")
SHORT_NAMES: Final = tuple(
    tuple(usual.split())
    for usual in (
        "albert al bert", "alexander alex", "andrew andy", "anthony antony tony", "benjamin ben",
        "charles chuck charlie",
        "christopher chris", "daniel dan danny", "david dave", "donald don", "douglas doug", "edward ed eddie ted",
        "elizabeth liz beth betty", "frederick frederic fred", "gerald jerry", "gregory greg", "henry hank harry",
        "james jim jimmy", "jeffrey jeff", "john jack", "joseph joe", "joshua josh", "katherine catherine kate kathy",
        "kenneth ken", "kimberly kim", "lawrence laurence larry", "margaret maggie peggy", "matthew matt",
        "michael mike", "nicholas nick", "patricia pat", "patrick pat", "peter pete", "philip phillip phil",
        "raymond ray", "richard dick rick rich", "robert bob rob bobby", "ronald ron", "samuel sam",
        "stephen steven steve", "susan sue", "theodore ted", "thomas tom", "timothy tim", "walter walt",
        "william bill billy will",
    )
)  # fmt: skip
"""Usual forms of English given names, a tuple for each. Published lists are not used: they have rare ones, too."""


@dataclass(frozen=True)
class Named:
    """A thing with its names, its label first; *kinds* are the IRIs of its classes, *dates* its first and last day.

    *within* are the IRIs of the places that contain the thing.
    """

    thing: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    dates: tuple[str, str] | None = None
    within: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        """Whether the thing is a person, so that its names consist of given names and surname."""
        return PERSON in self.kinds


@dataclass(frozen=True)
class Form:
    """One name of the thing with index *number*, prepared for comparison; its score is multiplied by *share*.

    *words* are the words of *name* in lower-case Latin letters, *spelt* the same as one text. *span* is the time of the
    thing, or else the date in *name*; *says_year* is true if *name* contains a date. For a person, *surname* is the
    last word, *short* holds other usual forms of the given name, and *lacks_middle* is true if all names of the person
    have only a given name and a surname. *around* holds the names of places that contain the thing, as sets of words.
    """

    number: int
    name: str
    spelt: str
    words: tuple[str, ...]
    span: Span | None
    says_year: bool
    share: float
    surname: str = ""
    short: frozenset[str] = frozenset()
    lacks_middle: bool = False
    around: frozenset[frozenset[str]] = frozenset()


def forms(number: int, named: Named, around: frozenset[frozenset[str]] = frozenset()) -> Iterator[Form]:
    """Yield the forms of each name of *named*: the name as it is, and its variants.

    Variants omit text in brackets; for a person, they also write a double given name as one word, or omit its second
    half. *number* is the index of *named*; *around* holds the names of places that contain it, as sets of words.
    """
    # brackets in a label mean that the name is mainly that of another thing; the same then holds for its other names
    label = named.names[0]
    whole = QUALIFIED if BRACKETS.search(label) else 1.0
    lacks_middle = named.is_person and all(len(name.split()) < 3 for name in named.names)
    for name in dict.fromkeys(named.names):
        joined, half = name, name
        if named.is_person:
            joined, half = HYPHEN.sub("", name), SECOND_HALF.sub("", name)
        for shown in dict.fromkeys((name, BRACKETS.sub("", name), joined, half)):
            rest, span = dated(shown)
            said = words(rest)
            full = named.is_person and len(said) > 1
            yield Form(
                number,
                name if shown in (joined, half) else shown,
                as_one(shown),
                said,
                Span(*named.dates) if named.dates else span,
                span is not None,
                1.0 if shown == label else QUALIFIED if shown not in (name, joined) else whole,
                said[-1] if named.is_person and said else "",
                short_names(said[0]) if full else frozenset(),
                lacks_middle and full,
                around,
            )


def as_one(name: str) -> str:
    """Return the words of *name* in lower-case Latin letters, joined by blanks; plain(*name*) if it has no words."""
    return " ".join(words(name)) or plain(name)


def telling(names: Iterable[str]) -> frozenset[frozenset[str]]:
    """Return two sets of phonetic keys for each of *names*.

    One has the keys of the words of the name, except stop words; the other has the key of the initials of the name.
    """
    each = [words(BRACKETS.sub("", name)) for name in names]
    found = {frozenset(map(sound, spelt)) - SMALL for spelt in each}
    letters = {frozenset({sound(alignment.initials(spelt))}) for spelt in each}
    return frozenset((found | letters) - {frozenset(), frozenset({""})})


def short_names(given: str) -> frozenset[str]:
    """Return the other usual forms, short and full, of the English given name *given*; all are in lower case.

    >>> sorted(short_names("bill")), short_names("nursultan")
    (['billy', 'will', 'william'], frozenset())
    """
    return frozenset(name for usual in SHORT_NAMES if given in usual for name in usual if name != given)
