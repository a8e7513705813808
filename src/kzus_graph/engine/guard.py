"""What a query says about itself, read before it runs: its form, its variables, what it wants from outside."""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, Literal

from kzus_graph.engine.refusals import TooDeep, TooLong
from kzus_graph.engine.tokens import CODE, UPDATES, Token, tokens

Form = Literal["select", "ask", "construct", "describe"]

FORMS: Final[frozenset[str]] = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
# Calls whose value changes from one evaluation to the next, so that an answer must not be kept.
VOLATILE: Final[frozenset[str]] = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})

# A query of more words is not read to its end; a list of 95,000 names of Wikidata fits into a body of 1 MiB.
MOST_WORDS: Final = 100_000
# The engine's stack ends between 700 and 1,000 calls within one another; it holds more of other brackets.
DEEPEST: Final = 200
# Longer queries (in characters) are read one at a time, never on the event loop, and what was read is not kept.
LONG: Final = 4096
# So many short ones are kept: with the worst that fit into LONG, 20 MB.
MOST_KEPT: Final = 128
# Of those that are no longer than this their words are kept, too: with the worst, 20 MB more.
REMEMBERED: Final = 1024
# Of a longer one so many words are read at a stretch, about half a millisecond, and then others have a turn: seconds.
AT_A_STRETCH: Final = 512
PAUSE: Final = 0.0005
# After one of these a name with a prefix can only be a name, whatever its first letters are.
_NAMING: Final = frozenset({"GRAPH", "FROM", "NAMED", "SERVICE", "SILENT", "DESCRIBE"})

ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
"""How an IRI begins that is relative to nothing (RFC 3986, section 4.3)."""
_CODE: Final = re.compile(CODE)
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Call:
    """A ``SERVICE`` clause: its target and its extent in the text; *fault* says why there is no target."""

    target: str | None
    silent: bool
    start: int
    body: int
    end: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the guard learned from the text of a query.

    *stray* is its first word that SPARQL does not have, or whose prefix is not declared: none of the rest is certain.
    """

    text: str
    form: Form | None = None
    update: str | None = None
    stray: Token | None = None
    star: int | None = None
    variables: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    volatile: bool = False
    relative: bool = False
    prologue: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    # Its words, if it is short enough to remember them.
    remembered: tuple[Token, ...] = ()

    def words(self) -> list[Token]:
        """Return the words after the declarations of prefixes; of a long query they are read anew."""
        return [word for word in self.remembered or tokens(self.text) if word.start >= self.prologue]


def read(text: str) -> Reading:
    """Read a query as far as the server must know it; whether it is valid is for the engine to say.

    It takes time in proportion to the length. Raises TooLong.
    """
    if len(text) <= LONG:
        return _kept(text)
    with turn(text):
        return _read(text)


def turn(text: str) -> AbstractContextManager[object]:
    """Give what whoever reads a query holds on to meanwhile: those who read long ones do it one after another.

    Many at once would keep the event loop from its turns.
    """
    return _turn if len(text) > LONG else nullcontext()


def iri(token: Token, prefixes: Mapping[str, str]) -> str:
    r"""Give the IRI that a token of the kind ``iri`` or ``name`` stands for; empty if its prefix is not declared.

    >>> iri(Token("iri", r"<http://e/\u0061>", 0), {}), iri(Token("name", r"e:a\-b", 0), {"e": "http://e/"})
    ('http://e/a', 'http://e/a-b')
    """
    if token.kind == "iri":
        return _CODE.sub(lambda code: chr(int(code[0][2:], 16)), token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else ""


def _read(text: str) -> Reading:
    words = list(islice(tokens(text) if len(text) <= LONG else _in_turns(text), MOST_WORDS + 1))
    if len(words) > MOST_WORDS:
        raise TooLong(f"a query has at most {MOST_WORDS:,} words and marks")
    prefixes, first = prologue(words)
    _bound_depth(words)
    head = words[first].upper if first < len(words) else ""
    begins = words[first].start if first < len(words) else len(text)
    keywords = {word.text.upper() for word in words if word.kind == "word"}
    names = (word for word in words if word.kind == "name" and word.start >= begins)
    undeclared = next((name for name in names if name.text.partition(":")[0] not in prefixes), None)
    last = words[-1] if words and words[-1].kind == "stray" else None
    return Reading(
        text=text,
        form=head.lower() if head in FORMS else None,  # type: ignore[arg-type]  # FORMS holds those four
        update=head if head in UPDATES else None,
        stray=undeclared or last,
        star=_star(words, first) if head == "SELECT" else None,
        variables=tuple(dict.fromkeys(word.text[1:] for word in words if word.kind == "var")),
        calls=tuple(_calls(words, prefixes)) if "SERVICE" in text.upper() else (),
        volatile=not VOLATILE.isdisjoint(keywords),
        relative=any(word.kind == "iri" and not ABSOLUTE.match(word.text, 1) for word in words),
        prologue=begins,
        prefixes=prefixes,
        remembered=tuple(words) if len(text) <= REMEMBERED else (),
    )


def _in_turns(text: str) -> Iterator[Token]:
    """The words of a long text; reading it lets other threads go on time and again."""
    for number, word in enumerate(tokens(text)):
        if number % AT_A_STRETCH == 0:
            time.sleep(PAUSE)
        yield word


_kept = lru_cache(maxsize=MOST_KEPT)(_read)


def prologue(words: Sequence[Token]) -> tuple[dict[str, str], int]:
    """Give the prefixes that a query declares, and the place of the word after the declarations."""
    prefixes: dict[str, str] = {}
    first = 0
    while first < len(words):
        word = words[first].upper
        if word == "PREFIX" and first + 2 < len(words) and words[first + 2].kind == "iri":
            prefixes[words[first + 1].text[:-1]] = iri(words[first + 2], {})
            first += 3
        elif words[first].text.upper() == "PREFIX:" and first + 1 < len(words) and words[first + 1].kind == "iri":
            # The blank before the colon is missing; the engine takes it so, and people write it.
            prefixes[""] = iri(words[first + 1], {})
            first += 2
        elif word in ("BASE", "VERSION") and first + 1 < len(words):
            first += 2
        else:
            break
    return prefixes, first


def _bound_depth(words: Sequence[Token]) -> None:
    if len(words) <= DEEPEST:
        return
    depth = 0
    for word in words:
        if word.text in _DEEPER:
            depth += _DEEPER[word.text]
            if depth > DEEPEST:
                raise TooDeep(f"brackets stand at most {DEEPEST} deep within one another")


_DEEPER: Final = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}


def _star(words: Sequence[Token], first: int) -> int | None:
    for word in words[first + 1 : first + 3]:
        if word.text == "*":
            return word.start
        if word.upper not in ("DISTINCT", "REDUCED"):
            break
    return None


def _calls(words: Sequence[Token], prefixes: dict[str, str]) -> list[Call]:
    """Find the outermost SERVICE clauses. One that holds another gets no target: its answerer would have to call on."""
    found = []
    place = 0
    while place < len(words):
        if not _asks(words, place):
            place += 1
            continue
        start = words[place].start
        glued = words[place].kind == "name"
        place += not glued
        silent = place < len(words) and words[place].upper == "SILENT"
        place += silent
        target, fault = _target(words[place], prefixes) if place < len(words) else (None, "it ends too early")
        if glued:
            target, fault = None, "no blank stands after the word SERVICE"
        place += 1
        if place >= len(words) or words[place].text != "{":
            found.append(Call(None, silent, start, start, start, fault or "no group in braces follows"))
            continue
        opened, depth, inner = place, 0, False
        while place < len(words):
            depth += {"{": 1, "}": -1}.get(words[place].text, 0)
            inner = inner or _asks(words, place)
            place += 1
            if depth == 0:
                break
        if depth:
            target, fault = None, "its group is not closed"
        elif inner:
            target, fault = None, "another SERVICE stands inside it, and nobody is asked to ask others"
        found.append(Call(target, silent, start, words[opened].start, words[place - 1].end, fault))
    return found


def _asks(words: Sequence[Token], place: int) -> bool:
    """Whether a service is asked from here. To the engine ``SERVICEex:a {`` is ``SERVICE ex:a {``."""
    word = words[place]
    if word.kind != "name":
        return word.upper == "SERVICE"
    glued = word.text[:7].upper() == "SERVICE" and place + 1 < len(words) and words[place + 1].text == "{"
    return glued and words[place - 1].upper not in _NAMING


def _target(word: Token, prefixes: dict[str, str]) -> tuple[str | None, str]:
    """Give the IRI that a word stands for, or None and why it can't be one that is asked."""
    if word.kind in ("iri", "name") and "\\" in word.text:
        return None, "its address has an escape"
    if word.kind == "iri" and re.match(r"<https?://", word.text):
        return word.text[1:-1], ""
    if word.kind == "name":
        found = iri(word, prefixes)
        return (found, "") if found else (None, "its name has a prefix that is not declared")
    if word.kind == "var":
        return None, f"{word.text[:60]} is a variable, and an address is only asked if the query spells it out"
    return None, "only an http or https address that the query spells out is asked"
