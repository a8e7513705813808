"""Finds variables that a query with GROUP BY or aggregates must not select: neither grouped by nor aggregated."""

from collections.abc import Callable, Sequence
from typing import Final

from kzus_graph.engine.tokens import AGGREGATES, Token

_ENDS: Final = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})
_DEEPER: Final = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}


def ungrouped(words: Sequence[Token]) -> Token | None:
    """Return the first variable that a SELECT with GROUP BY or aggregates selects without either; None if none.

    *words* are the tokens of a query.

    >>> from kzus_graph.engine.tokens import tokens
    >>> ungrouped(list(tokens("SELECT ?a ?b (COUNT(?c) AS ?n) { ?a ?b ?c } GROUP BY ?a")))
    Token(kind='var', text='?b', start=10)
    """
    closes = _closes(words)
    found = (_of_one(words, place, closes) for place, word in enumerate(words) if word.upper == "SELECT")
    return next((word for word in found if word is not None), None)


def _of_one(words: Sequence[Token], select: int, closes: dict[int, int]) -> Token | None:
    opened = _next(words, select + 1, len(words), lambda word: word.text == "{")
    body = min(_next(words, select + 1, opened, lambda word: word.upper in ("WHERE", "FROM")), opened)
    after = closes.get(opened, len(words)) + 1
    end = _next(words, after, len(words), lambda word: word.text == "}")
    by = _next(words, after, end, lambda word: word.upper == "GROUP")
    grouped = _grouped(words, by + 2, _next(words, by, end, lambda word: word.upper in _ENDS)) if by < end else set()
    places = [*range(select + 1, body), *range(after, end)]
    if by == end and not any(words[place].upper in AGGREGATES for place in places):
        return None
    return _loose(words, select + 1, body, closes, grouped)


def _next(words: Sequence[Token], first: int, end: int, wanted: Callable[[Token], bool]) -> int:
    """Return the index of the first token outside of brackets that *wanted* accepts; *end* if there is none.

    Only the tokens from the index *first* to before *end* are examined.
    """
    depth = 0
    for place in range(first, end):
        if depth == 0 and wanted(words[place]):
            return place
        depth += _DEEPER.get(words[place].text, 0)
    return end


def _grouped(words: Sequence[Token], first: int, end: int) -> set[str]:
    """Return the variables of a GROUP BY (tokens *first* to *end*): ``?a``, ``(?a)``, ``?b`` in ``(STR(?a) AS ?b)``."""
    found = set()
    depth = 0
    for place in range(first, end):
        word = words[place]
        depth += _DEEPER.get(word.text, 0)
        alone = words[place - 1].text == "(" and place + 1 < end and words[place + 1].text == ")"
        if word.kind == "var" and (depth == 0 or words[place - 1].upper == "AS" or (depth == 1 and alone)):
            found.add(word.text[1:])
    return found


def _loose(words: Sequence[Token], first: int, end: int, closes: dict[int, int], grouped: set[str]) -> Token | None:
    """Return the first variable of a SELECT clause that is neither grouped nor aggregated; None if there is none.

    It is not in *grouped*, not inside an aggregate or EXISTS, and not after AS. The clause is the tokens from the index
    *first* to before *end*; *closes* maps the index of each opening bracket to that of its closing bracket.
    """
    place = first
    while place < end:
        word = words[place]
        if word.upper in AGGREGATES or word.text == "{":
            place = closes.get(place + (word.text != "{"), end)
        elif word.kind == "var" and words[place - 1].upper != "AS" and word.text[1:] not in grouped:
            return word
        place += 1
    return None


def _closes(words: Sequence[Token]) -> dict[int, int]:
    """Return a map from the index of each opening bracket in *words* to the index of its closing bracket."""
    found: dict[int, int] = {}
    still: list[int] = []
    for place, word in enumerate(words):
        deeper = _DEEPER.get(word.text, 0)
        if deeper > 0:
            still.append(place)
        elif deeper and still:
            found[still.pop()] = place
    return found
