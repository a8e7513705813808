"""The groups of a query: which of them a ``SERVICE`` clause stands in, and what it is joined with there.

What stands before a clause in its group is the other side of a join with it (SPARQL 1.1 Query, section 18.2.2.6). Asked
alone, it says which values the clause's variables can have: rows of the clause with others would find no partner.
The part found here may have more solutions than the other side has in the end, but never fewer.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from kzus_graph.engine.guard import VOLATILE, Call
from kzus_graph.engine.tokens import Token

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
    inside, certain = _variables(_within(words, (call.body, call.end))), leading(words, call)
    pieces = levels[0]
    shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in inside]
    if certain.issuperset(shared):
        outer = [piece for level in reversed(levels[1:]) for piece in (*level, " { ")]
        pieces = [*outer, *pieces, *([" } "] * (len(levels) - 1))]
        shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in certain]
    unsteady = any(word.upper in UNSTEADY for piece in pieces for word in _within(words, piece))
    return Before(tuple(pieces), tuple(shared)) if shared and not unsteady else None


def _levels(words: Sequence[Token], call: Call) -> Iterator[list[Piece]]:
    """What stands before a clause in its group, before that in the group around it, and so on."""
    at = _place(words, call.start)
    closes = _closes(words)
    opens = {closed: opened for opened, closed in closes.items()}
    around = sorted((opened for opened, closed in closes.items() if opened < at < closed), reverse=True)
    # Within EXISTS the solutions from outside take part everywhere, within GRAPH another graph is meant.
    if any(words[opened - 1].upper == "EXISTS" or words[opened - 2].upper == "GRAPH" for opened in around):
        return
    role = ""
    # The variables of what reaches from one place to another: the clause, and what follows up to where we are.
    later: set[str] = set()
    start = end = at
    for opened in around:
        if words[opened + 1].upper == "SELECT":
            return
        within, (role, begins) = role, _role(words, opens, opened)
        later |= _variables(words[at:start]) | _variables(words[end : closes[opened]])
        start, end = at, closes[opened]
        # The filters of an optional group may speak of what stands outside of it.
        own = [] if role == "OPTIONAL" else _filters(words, closes, opened, later)
        yield [*_stretches(words, closes, opened + 1, at), *own]
        # What lies further out than an optional group's own neighbours decides nothing about that group.
        if within == "OPTIONAL" or role == "STOP":
            return
        at = begins


def leading(words: Sequence[Token], call: Call) -> set[str]:
    """Give the variables of the triples that a clause's group begins with: each of its solutions has them."""
    found: set[str] = set()
    for word in _within(words, (call.body + 1, call.end)):
        if word.text in ("{", "}") or word.upper in OPENERS:
            break
        if word.kind == "var":
            found.add(word.text[1:])
    return found


def datasets(words: Sequence[Token]) -> str:
    """Give the FROM clauses of a query; they stand before its first group, or before WHERE."""
    found = []
    for place, word in enumerate(words):
        if word.upper == "FROM":
            end = place + 2 + (words[min(place + 1, len(words) - 1)].upper == "NAMED")
            found.append(" ".join(word.text for word in words[place:end]))
    return " ".join(found)


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


def _role(words: Sequence[Token], opens: dict[int, int], opened: int) -> tuple[str, int]:
    """What a group is in the one around it, and where it begins there."""
    role = words[opened - 1].upper
    if role == "OPTIONAL":
        return role, opened - 1
    while opened and words[opened - 1].upper == "UNION" and opened - 2 in opens:
        opened, role = opens[opened - 2], ""
    return ("STOP" if role else ""), opened


def _stretches(words: Sequence[Token], closes: dict[int, int], first: int, end: int) -> Iterator[Piece]:
    """What stands there, without the filters: they belong to the whole group."""
    start = words[first].start if first < end else -1
    for begins, ends in _filter_places(words, closes, first, end):
        if start >= 0 and words[begins].start > start:
            yield (start, words[begins].start)
        start = words[ends].start if ends < end else -1
    if start >= 0:
        yield (start, words[end - 1].end)


def _filters(words: Sequence[Token], closes: dict[int, int], opened: int, later: set[str]) -> Iterator[Piece]:
    """The filters of a group, each let pass where something it speaks of is only given a value later."""
    for begins, ends in _filter_places(words, closes, opened + 1, closes[opened]):
        named = dict.fromkeys(word.text[1:] for word in words[begins:ends] if word.kind == "var")
        doubts = "".join(f"!BOUND(?{name}) || " for name in named if name in later)
        yield f" FILTER ({doubts}"
        yield (words[begins + 1].start, words[ends - 1].end)
        yield ") "


def _filter_places(words: Sequence[Token], closes: dict[int, int], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the filters of a stretch begin and end, those of inner groups left out."""
    place = first
    while place < end:
        if words[place].text == "{":
            place = closes.get(place, end)
        elif words[place].upper == "FILTER":
            begins, inside, place = place, 0, place + 1
            while place < end and not (inside == 0 and words[place - 1].text in (")", "}")):
                if words[place].text == "{":
                    place = closes.get(place, end)
                inside += (words[place].text == "(") - (words[place].text == ")")
                place += 1
            yield begins, place
            continue
        place += 1


def _variables(words: Sequence[Token]) -> set[str]:
    return {word.text[1:] for word in words if word.kind == "var"}


def _place(words: Sequence[Token], offset: int) -> int:
    """Which word is the first from an offset in the text on."""
    return bisect_left(words, offset, key=attrgetter("start"))


def _within(words: Sequence[Token], piece: Piece) -> Sequence[Token]:
    return words[_place(words, piece[0]) : _place(words, piece[1])] if isinstance(piece, tuple) else ()


def _of(words: Sequence[Token], pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        yield from (word.text[1:] for word in _within(words, piece) if word.kind == "var")
