"""Forms: the names of a thing, each split into words and ready to be compared with a query."""

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
"""The factor for the score of a part of a name, such as a label without its brackets."""
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
"""Usual forms of English given names, a tuple a name. Published data sets suit genealogists: Robert may be a Bill."""


@dataclass(frozen=True)
class Named:
    """A thing with its names, its label first; *kinds* are the IRIs of its classes, *dates* its first and last day.

    *within* are the IRIs of the places that the thing lies in.
    """

    thing: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    dates: tuple[str, str] | None = None
    within: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        """Whether the thing is a person, whose names are given name and surname."""
        return PERSON in self.kinds


@dataclass(frozen=True)
class Form:
    """One name of the thing with index *number*: its text, its *words*, its days, and the factor *share* of its score.

    For a person, *surname* is the last word, *short* holds other usual forms of the given name, and *lacks_middle* says
    that only the given name and the surname are known. *around* holds the names of the places that the thing lies in,
    each as a set of words.
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
    """Yield the forms of each name of *named*: with and without brackets, a double given name joined or halved."""
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
    """Return *name* as one plain text; two names with the same letters give the same text."""
    return " ".join(words(name)) or plain(name)


def telling(names: Iterable[str]) -> frozenset[frozenset[str]]:
    """Return two sets for each of *names*: the sounds of its words without small words, and its initials."""
    each = [words(BRACKETS.sub("", name)) for name in names]
    found = {frozenset(map(sound, spelt)) - SMALL for spelt in each}
    letters = {frozenset({sound(alignment.initials(spelt))}) for spelt in each}
    return frozenset((found | letters) - {frozenset(), frozenset({""})})


def short_names(given: str) -> frozenset[str]:
    """Return the other usual forms, short and full, of the English given name *given*, as plain words.

    >>> sorted(short_names("bill")), short_names("nursultan")
    (['billy', 'will', 'william'], frozenset())
    """
    return frozenset(name for usual in SHORT_NAMES if given in usual for name in usual if name != given)
