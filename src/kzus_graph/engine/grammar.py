"""The grammar of SPARQL 1.1 queries, used to find the first word of a query that breaks the syntax.

The engine decides whether a query is valid; this module only finds the place of the fault, which the engine's message
often misses. The rules are in ``sparql.grammar``. They are LL(1): the next word decides which rule applies.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final

from kzus_graph.engine.tokens import AGGREGATES, FUNCTIONS, Token, tokens

WORDS: Final[dict[str, str]] = {
    "<var>": "a variable",
    "<iri>": "an IRI",
    "<name>": "a prefixed name",
    "<prefix>": "a prefix such as dip:",
    "<number>": "a number",
    "<string>": "a string",
    "<function>": "a function",
    "<aggregate>": "an aggregate",
    "<nil>": "()",
    "<anon>": "[]",
    "<blank>": "a blank node",
    "<lang>": "a language tag",
    "<end>": "the end of the query",
}
END: Final = "<end>"

# Limits to save stack and time: how deep brackets are followed, and how many words are read.
DEEPEST: Final = 60
LONGEST: Final = 5000


@dataclass(frozen=True, slots=True)
class Item:
    """A symbol, or a choice between sequences; *times* says how often it may occur: once, ``?``, ``*`` or ``+``."""

    symbol: str
    choices: tuple[tuple["Item", ...], ...] = ()
    times: str = ""


Choices = tuple[tuple[Item, ...], ...]


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """The first word that breaks the syntax (None: the query ends too early), and the words *expected* in its place."""

    word: Token | None
    expected: tuple[str, ...]


def fault(query: str) -> SyntaxFault | None:
    """Return the first word that breaks the grammar; None if the first LONGEST words are correct, or nested too deep.

    >>> fault("SELECT ?a WHRE { ?a ?b ?c }").word.text
    'WHRE'
    >>> fault("ASK { ?a ?b }").word.text
    '}'
    >>> fault("SELECT * { ?a ?b ?c } LIMIT 10") is None
    True
    """
    words = list(islice(tokens(query), LONGEST))
    if _depth(words) > DEEPEST:
        return None
    reader = _Reader(words)
    place = reader.read((Item("Query"), Item(END)), 0)
    if place is not None:
        return None
    at = reader.furthest
    if at == LONGEST:
        return None
    found = reader.words[at][1] if at < len(reader.words) else None
    return SyntaxFault(found, tuple(WORDS.get(symbol, symbol.strip('"')) for symbol in sorted(reader.expected)))


def _depth(words: Sequence[Token]) -> int:
    depth = deepest = 0
    for word in words:
        depth += (word.text in ("{", "(", "[")) - (word.text in ("}", ")", "]"))
        deepest = max(deepest, depth)
    return deepest


class _Reader:
    """A parser of the words; it remembers the furthest place it reached and which symbols could stand there."""

    def __init__(self, words: Sequence[Token]) -> None:
        self.words: list[tuple[frozenset[str], Token | None]] = []
        for word in words:
            pair = (self.words[-1][0], word.text) if self.words else None
            if pair in ((frozenset({'"("'}), ")"), (frozenset({'"["'}), "]")):
                self.words[-1] = (frozenset({"<nil>" if word.text == ")" else "<anon>"}), self.words[-1][1])
            else:
                self.words.append((_symbols(word), word))
        self.words.append((frozenset({END}), None))
        self.furthest = 0
        self.expected: set[str] = set()

    def _try(self, first: frozenset[str], place: int) -> bool:
        if place > self.furthest:
            self.furthest, self.expected = place, set()
        fits = bool(first & self.words[place][0])
        if not fits and place == self.furthest:
            self.expected |= first
        return fits

    def read(self, items: Sequence[Item], place: int) -> int | None:
        """Read a sequence of items from *place* on; return the place after it, or None if the words don't fit."""
        for item in items:
            first, _ = _first((item,))
            times = 0
            while self._try(first, place) and not (times and item.times in ("", "?")):
                after = self._once(item, place)
                if after is None:
                    return None
                times += 1
                if after == place:
                    break
                place = after
                if item.times in ("", "?"):
                    break
            if not times and item.times in ("", "+") and not _first((item,))[1]:
                return None
        return place

    def _once(self, item: Item, place: int) -> int | None:
        if not item.choices and item.symbol not in _rules():
            return place + 1
        for choice in item.choices or _rules()[item.symbol]:
            first, empty = _first(choice)
            if empty or self._try(first, place):
                return self.read(choice, place)
        return None


def _symbols(word: Token) -> frozenset[str]:
    upper = word.upper
    match word.kind:
        case "word" if word.text == "a":
            return frozenset({'"A"'})
        case "word" if upper in FUNCTIONS:
            return frozenset({"<function>", f'"{upper}"'})
        case "word" if upper in AGGREGATES:
            return frozenset({"<aggregate>", f'"{upper}"'})
        case "name":
            return frozenset({"<name>", "<prefix>"} if word.text.endswith(":") else {"<name>"})
        case "word" | "mark":
            return frozenset({f'"{upper or word.text}"'})
        case kind:
            return frozenset({f"<{kind}>"})


@cache
def _first(items: tuple[Item, ...]) -> tuple[frozenset[str], bool]:
    """Return the symbols that a sequence can begin with, and whether it can be empty."""
    found: set[str] = set()
    for item in items:
        if item.choices or item.symbol in _rules():
            parts = [_first(choice) for choice in item.choices or _rules()[item.symbol]]
            for first, _ in parts:
                found |= first
            empty = any(empty for _, empty in parts)
        else:
            found.add(item.symbol)
            empty = False
        if not empty and item.times not in ("?", "*"):
            return frozenset(found), False
    return frozenset(found), True


@cache
def _rules() -> dict[str, Choices]:
    rules = {}
    text = (files("kzus_graph.engine") / "sparql.grammar").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        name, _, right = line.partition(" = ")
        rules[name], _ = _choices(right.split())
    return rules


def _choices(parts: list[str]) -> tuple[Choices, list[str]]:
    choices: list[tuple[Item, ...]] = []
    items: list[Item] = []
    while parts and not parts[0].startswith(")"):
        part, *parts = parts
        if part == "|":
            choices.append(tuple(items))
            items = []
        elif part == "(":
            inner, parts = _choices(parts)
            items.append(Item("", inner, parts[0][1:]))
            parts = parts[1:]
        else:
            symbol = re.sub(r"(?<=.)[?*+]$", "", part)
            items.append(Item(symbol, (), part[len(symbol) :]))
    return (*choices, tuple(items)), parts
