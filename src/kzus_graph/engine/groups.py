"""The groups of a query: which of them a ``SERVICE`` clause stands in, and what it is joined with there.

What stands before a clause in its group is the other side of a join with it (SPARQL 1.1 Query, section 18.2.2.6). Asked
alone, it says which values the clause's variables can have: rows of the clause with others would find no partner.
The part found here may have more solutions than the other side has in the end, but never fewer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kzus_graph.engine.guard import VOLATILE, Call, Token

# With one of these a part may have other solutions when it is asked alone than within the whole.
UNSTEADY: Final[frozenset[str]] = VOLATILE | {"LIMIT", "OFFSET", "REDUCED", "SAMPLE", "GROUP_CONCAT"}
# Words that begin something else than triples, within a group.
OPENERS: Final = frozenset(
    {"OPTIONAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "UNION", "SELECT", "LATERAL"}
)

# Text of ours, or a stretch of the query.
Piece = str | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a clause: its text in pieces, and the variables that the clause shares with it."""

    pieces: tuple[Piece, ...]
    shared: tuple[str, ...]


def before(words: Sequence[Token], call: Call) -> Before | None:
    """Give what a clause is joined with; None if there is nothing, or nothing that says for sure what it can share.

    Where a solution of the clause may lack a variable, a value for it would let the filters around see something that
    they must not see, unless what stands in the very same group gives it one anyway.
    """
    levels = list(_levels(words, call))
    if not levels:
        return None
    inside, certain = _variables(words, call.body, call.end), leading(words, call)
    pieces = levels[0]
    shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in inside]
    if certain.issuperset(shared):
        for level in levels[1:]:
            pieces = [*level, " { ", *pieces, " } "]
        shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in certain]
    unsteady = any(_upper(word) in UNSTEADY for piece in pieces for word in _within(words, piece))
    return Before(tuple(pieces), tuple(shared)) if shared and not unsteady else None


def _levels(words: Sequence[Token], call: Call) -> Iterator[list[Piece]]:
    """What stands before a clause in its group, before that in the group around it, and so on."""
    at = next(place for place, word in enumerate(words) if word.start == call.start)
    closes = _closes(words)
    around = sorted((opened for opened, closed in closes.items() if opened < at < closed), reverse=True)
    # Within EXISTS the solutions from outside take part everywhere, within GRAPH another graph is meant.
    if any(_upper(words[opened - 1]) == "EXISTS" or _upper(words[opened - 2]) == "GRAPH" for opened in around):
        return
    role = ""
    for opened in around:
        if _upper(words[opened + 1]) == "SELECT":
            return
        within, (role, begins) = role, _role(words, closes, opened)
        # The filters of an optional group may speak of what stands outside of it.
        own = [] if role == "OPTIONAL" else _filters(words, opened, closes[opened], at)
        yield [*_stretches(words, opened + 1, at), *own]
        # What lies further out than an optional group's own neighbours decides nothing about that group.
        if within == "OPTIONAL" or role == "STOP":
            return
        at = begins


def leading(words: Sequence[Token], call: Call) -> set[str]:
    """Give the variables of the triples that a clause's group begins with: each of its solutions has them."""
    found: set[str] = set()
    for word in words:
        if call.body < word.start < call.end:
            if word.text in "{}" or _upper(word) in OPENERS:
                break
            if word.kind == "var":
                found.add(word.text[1:])
    return found


def datasets(words: Sequence[Token]) -> str:
    """Give the FROM clauses of a query; they stand before its first group, or before WHERE."""
    found = []
    for place, word in enumerate(words):
        if _upper(word) == "FROM":
            end = place + 2 + (_upper(words[min(place + 1, len(words) - 1)]) == "NAMED")
            found.append(" ".join(word.text for word in words[place:end]))
    return " ".join(found)


def _upper(word: Token) -> str:
    return word.text.upper() if word.kind == "word" else ""


def _closes(words: Sequence[Token]) -> dict[int, int]:
    """Where each brace is closed, by where it opens."""
    found: dict[int, int] = {}
    still: list[int] = []
    for place, word in enumerate(words):
        if word.text == "{":
            still.append(place)
        elif word.text == "}" and still:
            found[still.pop()] = place
    return found


def _role(words: Sequence[Token], closes: dict[int, int], opened: int) -> tuple[str, int]:
    """What a group is in the one around it, and where it begins there."""
    role = _upper(words[opened - 1])
    if role == "OPTIONAL":
        return role, opened - 1
    opens = {closed: start for start, closed in closes.items()}
    while opened and _upper(words[opened - 1]) == "UNION" and opened - 2 in opens:
        opened, role = opens[opened - 2], ""
    return ("STOP" if role else ""), opened


def _stretches(words: Sequence[Token], first: int, end: int) -> Iterator[Piece]:
    """What stands there, without the filters: they belong to the whole group."""
    start = words[first].start if first < end else -1
    for begins, ends in _filter_places(words, first, end):
        if start >= 0 and words[begins].start > start:
            yield (start, words[begins].start)
        start = words[ends].start if ends < end else -1
    if start >= 0:
        yield (start, words[end - 1].end)


def _filters(words: Sequence[Token], opened: int, closed: int, at: int) -> Iterator[Piece]:
    """The filters of a group, each let pass where something it speaks of is only given a value later."""
    later = _variables(words, words[at].start, words[closed].start)
    for begins, ends in _filter_places(words, opened + 1, closed):
        named = dict.fromkeys(word.text[1:] for word in words[begins:ends] if word.kind == "var")
        doubts = "".join(f"!BOUND(?{name}) || " for name in named if name in later)
        yield f" FILTER ({doubts}"
        yield (words[begins + 1].start, words[ends - 1].end)
        yield ") "


def _filter_places(words: Sequence[Token], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the filters of a stretch begin and end, those of inner groups left out."""
    place, depth = first, 0
    while place < end:
        depth += (words[place].text in "{(") - (words[place].text in "})")
        if depth == 0 and _upper(words[place]) == "FILTER":
            begins, inside, place = place, 0, place + 1
            while place < end and not (inside == 0 and words[place - 1].text in ")}"):
                inside += (words[place].text in "{(") - (words[place].text in "})")
                place += 1
            yield begins, place
            continue
        place += 1


def _variables(words: Sequence[Token], start: int, end: int) -> set[str]:
    return {word.text[1:] for word in words if word.kind == "var" and start <= word.start < end}


def _within(words: Sequence[Token], piece: Piece) -> list[Token]:
    return [word for word in words if piece[0] <= word.start < piece[1]] if isinstance(piece, tuple) else []


def _of(words: Sequence[Token], pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        yield from (word.text[1:] for word in _within(words, piece) if word.kind == "var")
