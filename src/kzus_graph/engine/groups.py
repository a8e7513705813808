"""Finds the groups of a query around a ``SERVICE`` clause, and the patterns that the clause is joined with.

The patterns before a clause in its group are joined with it (SPARQL 1.1 Query, section 18.2.2.6). When run alone, they
give all values that the clause's variables can have: a row of the clause with other values would find no partner.
The patterns found here may have more solutions than that side of the join has in the end, but never fewer.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from kzus_graph.engine.guard import VOLATILE, Call
from kzus_graph.engine.tokens import Token

# A part with one of these words may have other solutions when run alone than within the whole query.
UNSTEADY: Final[frozenset[str]] = VOLATILE | {"LIMIT", "OFFSET", "REDUCED", "SAMPLE", "GROUP_CONCAT"}
# Words in a group that begin something other than triples.
OPENERS: Final = frozenset(
    {"OPTIONAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "UNION", "SELECT", "LATERAL"}
)

# Text that we add, or a stretch of the query (its start and end as offsets).
Piece = str | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Before:
    """The part of a query before a clause: its text in pieces, and the variables that the clause shares with it."""

    pieces: tuple[Piece, ...]
    shared: tuple[str, ...]


def before(words: Sequence[Token], call: Call) -> Before | None:
    """Return the part that a clause is joined with; None if there is none, or it doesn't give sure values to share.

    A solution of the clause may leave a variable without a value. To give it a value would then show filters in the
    groups around a value that they must not see, unless the clause's own group gives the variable a value anyway.
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
    """Yield the part before a clause in its group, then the part before this group in the next outer one, and so on."""
    at = _place(words, call.start)
    closes = _closes(words)
    opens = {closed: opened for opened, closed in closes.items()}
    around = sorted((opened for opened, closed in closes.items() if opened < at < closed), reverse=True)
    # Inside EXISTS the outer solutions take part everywhere; inside GRAPH the patterns are about another graph.
    if any(words[opened - 1].upper == "EXISTS" or words[opened - 2].upper == "GRAPH" for opened in around):
        return
    role = ""
    # The variables of the clause, or of the inner group that holds it, and of what follows in the current group.
    later: set[str] = set()
    start = end = at
    for opened in around:
        if words[opened + 1].upper == "SELECT":
            return
        within, (role, begins) = role, _role(words, opens, opened)
        later |= _variables(words[at:start]) | _variables(words[end : closes[opened]])
        start, end = at, closes[opened]
        # The filters of an optional group may use variables from outside of it.
        own = [] if role == "OPTIONAL" else _filters(words, closes, opened, later)
        yield [*_stretches(words, closes, opened + 1, at), *own]
        # Only the group directly around an optional group affects it; groups further out don't.
        if within == "OPTIONAL" or role == "STOP":
            return
        at = begins


def leading(words: Sequence[Token], call: Call) -> set[str]:
    """Return the variables of the triples that a clause's group begins with: each solution of the group has them."""
    found: set[str] = set()
    for word in _within(words, (call.body + 1, call.end)):
        if word.text in ("{", "}") or word.upper in OPENERS:
            break
        if word.kind == "var":
            found.add(word.text[1:])
    return found


def datasets(words: Sequence[Token]) -> str:
    """Return the FROM clauses of a query; they stand before its first group, or before WHERE."""
    found = []
    for place, word in enumerate(words):
        if word.upper == "FROM":
            end = place + 2 + (words[min(place + 1, len(words) - 1)].upper == "NAMED")
            found.append(" ".join(word.text for word in words[place:end]))
    return " ".join(found)


def _closes(words: Sequence[Token]) -> dict[int, int]:
    """Return the places of the closing braces by the places of the braces that they close."""
    found: dict[int, int] = {}
    still: list[int] = []
    for place, word in enumerate(words):
        if word.text == "{":
            still.append(place)
        elif word.text == "}" and still:
            found[still.pop()] = place
    return found


def _role(words: Sequence[Token], opens: dict[int, int], opened: int) -> tuple[str, int]:
    """Return a group's role in the group around it (OPTIONAL, STOP, or empty: joined), and where it begins."""
    role = words[opened - 1].upper
    if role == "OPTIONAL":
        return role, opened - 1
    while opened and words[opened - 1].upper == "UNION" and opened - 2 in opens:
        opened, role = opens[opened - 2], ""
    return ("STOP" if role else ""), opened


def _stretches(words: Sequence[Token], closes: dict[int, int], first: int, end: int) -> Iterator[Piece]:
    """Yield the stretches from *first* to *end* without the filters: a filter belongs to the whole group."""
    start = words[first].start if first < end else -1
    for begins, ends in _filter_places(words, closes, first, end):
        if start >= 0 and words[begins].start > start:
            yield (start, words[begins].start)
        start = words[ends].start if ends < end else -1
    if start >= 0:
        yield (start, words[end - 1].end)


def _filters(words: Sequence[Token], closes: dict[int, int], opened: int, later: set[str]) -> Iterator[Piece]:
    """Yield the filters of a group; each passes a row while a variable that gets its value *later* has none."""
    for begins, ends in _filter_places(words, closes, opened + 1, closes[opened]):
        named = dict.fromkeys(word.text[1:] for word in words[begins:ends] if word.kind == "var")
        doubts = "".join(f"!BOUND(?{name}) || " for name in named if name in later)
        yield f" FILTER ({doubts}"
        yield (words[begins + 1].start, words[ends - 1].end)
        yield ") "


def _filter_places(words: Sequence[Token], closes: dict[int, int], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the places where the filters of a stretch begin and end, without the filters of inner groups."""
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
    """Return the place of the first word at or after an offset in the text."""
    return bisect_left(words, offset, key=attrgetter("start"))


def _within(words: Sequence[Token], piece: Piece) -> Sequence[Token]:
    return words[_place(words, piece[0]) : _place(words, piece[1])] if isinstance(piece, tuple) else ()


def _of(words: Sequence[Token], pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        yield from (word.text[1:] for word in _within(words, piece) if word.kind == "var")
