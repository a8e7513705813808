"""Analyses the text of a query before it runs: its form (such as SELECT), its variables, its SERVICE clauses."""

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise
from operator import attrgetter
from typing import Final, Literal

from kzus_graph.engine import syntax
from kzus_graph.engine.refusals import TooDeep, TooLong
from kzus_graph.engine.tokens import CODE, UPDATES, Token, paced, tokens

Form = Literal["select", "ask", "construct", "describe"]

FORMS: Final[frozenset[str]] = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
# Functions whose value changes from one evaluation to the next, so that an answer must not be cached.
VOLATILE: Final[frozenset[str]] = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})

# A query with more words is refused. A request body of 1 MiB can hold a list of 95,000 names of Wikidata.
MOST_WORDS: Final = 100_000
# The engine's stack ends between 700 and 1,000 nested function calls; it holds more of other brackets.
DEEPEST: Final = 200
# Longer queries (in characters) are read one at a time, never on the event loop, and their readings are not cached.
LONG: Final = 4096
# How many readings of short queries are cached: at worst they take 20 MB.
MOST_KEPT: Final = 128
# Queries up to this length (in characters) have their words cached, too: at worst 20 MB more.
REMEMBERED: Final = 1024
# A long query is read in stretches of so many words, about half a millisecond each, with a pause after each.
AT_A_STRETCH: Final = 512

ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
"""The beginning of an absolute IRI: its scheme (RFC 3986, section 4.3)."""
_CODE: Final = re.compile(CODE)
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Call:
    """A ``SERVICE`` clause: its target address, and its offsets in the text of the query.

    The clause goes from the offset *start* to *end*; its group begins at *body*. *silent* is true for SERVICE SILENT.
    *fault* states why *target* is None; otherwise it is empty.
    """

    target: str | None
    silent: bool
    start: int
    body: int
    end: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The properties of a query that are found in its text before it runs.

    *stray* is the first token that is not SPARQL, has an undeclared prefix, or, in a query with SERVICE, breaks the
    grammar: then all other fields are uncertain, and the query must not run. *calls* are the SERVICE clauses; *tree* is
    the syntax tree of the query, given only if there are *calls*. *update* is the first keyword after the declarations
    if that is one of SPARQL Update. *star* is the offset of the ``*`` in ``SELECT *``. *volatile* is true if the query
    uses a function such as NOW, whose value changes; *relative*, if it contains a relative IRI. *prologue* is the
    offset at which the declarations (BASE, PREFIX) end; *prefixes* are the declared ones.
    """

    text: str
    form: Form | None = None
    update: str | None = None
    stray: Token | None = None
    star: int | None = None
    variables: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    tree: syntax.Node | None = None
    volatile: bool = False
    relative: bool = False
    prologue: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    # The words of the query, if it has at most REMEMBERED characters; else empty.
    remembered: tuple[Token, ...] = ()

    def words(self) -> list[Token]:
        """Return the tokens after the query's prologue (BASE, PREFIX); a long query is split into tokens again."""
        return [word for word in self.remembered or tokens(self.text) if word.start >= self.prologue]


def read(text: str) -> Reading:
    """Return the properties of the query *text*; they don't tell whether it is valid, as only the query engine decides.

    The time is proportional to the length of *text*. Raises TooLong and TooDeep.
    """
    if len(text) <= LONG:
        return _kept(text)
    with turn(text):
        return _read(text)


def turn(text: str) -> AbstractContextManager[object]:
    """Return the lock to hold while analysing the query *text*, so that long queries are analysed one after another.

    Analysing many at once would block the event loop. For a query of at most LONG characters, return a context manager
    that does nothing.
    """
    return _turn if len(text) > LONG else nullcontext()


def iri(token: Token, prefixes: Mapping[str, str]) -> str:
    r"""Return the IRI that a token (IRI or prefixed name) stands for; empty if its prefix is not in *prefixes*.

    >>> iri(Token("iri", r"<http://e/\u0061>", 0), {}), iri(Token("name", r"e:a\-b", 0), {"e": "http://e/"})
    ('http://e/a', 'http://e/a-b')
    """
    if token.kind == "iri":
        return _CODE.sub(lambda code: chr(int(code[0][2:], 16)), token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else ""


def _read(text: str) -> Reading:
    words = list(islice(tokens(text) if len(text) <= LONG else paced(tokens(text), AT_A_STRETCH), MOST_WORDS + 1))
    if len(words) > MOST_WORDS:
        raise TooLong(f"a query may have at most {MOST_WORDS:,} tokens (words and punctuation marks)")
    prefixes, first = prologue(words)
    _bound_depth(words)
    head = words[first].upper if first < len(words) else ""
    begins = words[first].start if first < len(words) else len(text)
    keywords = {word.text.upper() for word in words if word.kind == "word"}
    names = (word for word in words if word.kind == "name" and word.start >= begins)
    undeclared = next((name for name in names if name.text.partition(":")[0] not in prefixes), None)
    stray = words[-1] if words and words[-1].kind == "stray" else None
    tree: syntax.Node | None = None
    if stray is None and "SERVICE" in text.upper() and _asks(words):
        try:
            tree = _tree(words[first:])
        except syntax.SyntaxFault as fault:
            stray = fault.word or words[-1]  # it ends too early
    return Reading(
        text=text,
        form=head.lower() if head in FORMS else None,  # type: ignore[arg-type]  # FORMS holds those four
        update=head if head in UPDATES else None,
        stray=undeclared or stray,
        star=_star(words, first) if head == "SELECT" else None,
        variables=tuple(dict.fromkeys(word.text[1:] for word in words if word.kind == "var")),
        calls=tuple(_calls(tree, words, prefixes)) if tree is not None else (),
        tree=tree,
        volatile=not VOLATILE.isdisjoint(keywords),
        relative=any(word.kind == "iri" and not ABSOLUTE.match(word.text, 1) for word in words),
        prologue=begins,
        prefixes=prefixes,
        remembered=tuple(words) if len(text) <= REMEMBERED else (),
    )


_kept = lru_cache(maxsize=MOST_KEPT)(_read)


def prologue(words: Sequence[Token]) -> tuple[dict[str, str], int]:
    """Return the prefixes that a query declares, and the index of its first token after the prologue (BASE, PREFIX)."""
    prefixes: dict[str, str] = {}
    first = 0
    while first < len(words):
        word = words[first].upper
        if word == "PREFIX" and first + 2 < len(words) and words[first + 2].kind == "iri":
            prefixes[words[first + 1].text[:-1]] = iri(words[first + 2], {})
            first += 3
        elif words[first].text.upper() == "PREFIX:" and first + 1 < len(words) and words[first + 1].kind == "iri":
            # The blank before the colon is missing; the engine accepts that, and people write it.
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
                raise TooDeep(f"brackets may be nested at most {DEEPEST} deep")


_DEEPER: Final = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}


def _star(words: Sequence[Token], first: int) -> int | None:
    for word in words[first + 1 : first + 3]:
        if word.text == "*":
            return word.start
        if word.upper not in ("DISTINCT", "REDUCED"):
            break
    return None


def _tree(words: Sequence[Token]) -> syntax.Node:
    """Return the tree of a query with SERVICE. Raises TooLong, and SyntaxFault if the query breaks the grammar."""
    if len(words) > syntax.MOST_WORDS:
        raise TooLong(
            f"a query with SERVICE may have at most {syntax.MOST_WORDS:,} tokens (words and punctuation marks)"
        )
    return syntax.tree(words)


def _calls(tree: syntax.Node, words: Sequence[Token], prefixes: dict[str, str]) -> Iterator[Call]:
    """Yield a Call for each SERVICE clause of the syntax tree *tree* that is not inside another SERVICE clause.

    A clause that contains another SERVICE clause gets no target, so it is refused: no service shall query another one.
    """
    for node in syntax.outermost(tree, "service"):
        place = bisect_left(words, node.meta.start_pos, key=attrgetter("start")) + 1
        silent = words[place].upper == "SILENT"
        target, fault = _target(words[place + silent], prefixes)
        (body,) = node.children
        if any(body.find_data("service")):
            target, fault = None, "the clause contains another SERVICE clause, and no service may query another one"
        yield Call(target, silent, node.meta.start_pos, body.meta.start_pos, node.meta.end_pos, fault)


def _asks(words: Sequence[Token]) -> bool:
    """Return whether the query engine may find a SERVICE clause in the tokens *words*.

    It reads ``SERVICEex:a {`` as ``SERVICE ex:a {``.
    """
    return any(
        word.upper == "SERVICE" or (word.kind == "name" and word.text[:7].upper() == "SERVICE" and after.text == "{")
        for word, after in pairwise([*words, Token("end", "", 0)])
    )


def _target(word: Token, prefixes: dict[str, str]) -> tuple[str | None, str]:
    """Return the address of a SERVICE clause's target *word*, and an empty text; or None and why it is not usable."""
    if word.kind in ("iri", "name") and "\\" in word.text:
        return None, "its address contains an escape sequence (a backslash)"
    if word.kind == "iri" and re.match(r"<https?://", word.text):
        return word.text[1:-1], ""
    if word.kind == "name":
        found = iri(word, prefixes)
        return (found, "") if found else (None, "its address has a prefix that is not declared")
    if word.kind == "var":
        return None, f"{word.text[:60]} is a variable, but the address of a service must be written in the query"
    return None, "the address of a service must be an absolute http or https address"
