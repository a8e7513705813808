"""Finds the groups of a query around a ``SERVICE`` clause, and the patterns that the clause is joined with.

The patterns before a clause in its group are joined with it (SPARQL 1.1 Query, section 18.2.2.6). When evaluated alone,
they yield all values of the clause's variables that can be in the answer: a row of the clause with another value has
nothing to be joined with. Evaluated alone, the patterns may have more solutions than in the whole query, but never
fewer.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter
from typing import Final

from kzus_graph.engine.guard import VOLATILE, Call
from kzus_graph.engine.syntax import Node
from kzus_graph.engine.tokens import Token

# A part with one of these words may have other solutions when run alone than within the whole query.
UNSTEADY: Final[frozenset[str]] = VOLATILE | {"LIMIT", "OFFSET", "REDUCED", "SAMPLE", "GROUP_CONCAT"}

# Text that we add, or a stretch of the query (its start and end as offsets).
Piece = str | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Before:
    """The part of a query before a SERVICE clause: *pieces* of its text, and the variables *shared* with the clause."""

    pieces: tuple[Piece, ...]
    shared: tuple[str, ...]


def before(tree: Node, words: Sequence[Token], call: Call) -> Before | None:
    """Return the part of a query that the SERVICE clause *call* is joined with; None if it gives no reliable values.

    *tree* and *words* are the syntax tree and the tokens of the query; the values are those of the clause's variables.
    A solution of the clause may leave a variable unbound. If the clause is sent with values for that variable, each
    solution binds it, and a FILTER in an outer group would see the value, which is wrong. So the patterns of outer
    groups are used only for variables that each solution of the clause binds.
    """
    levels = list(_levels(tree, words, call))
    if not levels:
        return None
    inside, certain = set(_variables(words, (call.body, call.end))), leading(tree, words, call)
    pieces = levels[0]
    shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in inside]
    if certain.issuperset(shared):
        outer = [piece for level in reversed(levels[1:]) for piece in (*level, " { ")]
        pieces = [*outer, *pieces, *([" } "] * (len(levels) - 1))]
        shared = [name for name in dict.fromkeys(_of(words, pieces)) if name in certain]
    unsteady = any(word.upper in UNSTEADY for piece in pieces for word in _within(words, piece))
    return Before(tuple(pieces), tuple(shared)) if shared and not unsteady else None


def leading(tree: Node, words: Sequence[Token], call: Call) -> set[str]:
    """Return the variables in the triple patterns that begin a SERVICE clause's group; each solution binds them."""
    (body,) = _path(tree, call)[-1].children
    triples = takewhile(lambda element: element.data == "triples", body.children)
    return {name for element in triples for name in _variables(words, _range(element))}


def datasets(tree: Node, words: Sequence[Token]) -> str:
    """Return the text of the FROM and FROM NAMED clauses of a query with the syntax tree *tree* and tokens *words*."""
    clauses = (clause for clause in tree.children if clause.data == "dataset")
    return " ".join(word.text for clause in clauses for word in _within(words, _range(clause)))


def _levels(tree: Node, words: Sequence[Token], call: Call) -> Iterator[list[Piece]]:
    """Yield what stands before a SERVICE clause in its group, then what stands before this group in the next outer one.

    This continues outwards as long as the patterns are joined with the clause. Each item is a list of pieces of the
    query's text. For a clause inside EXISTS or GRAPH, nothing is yielded.
    """
    path = _path(tree, call)
    # Inside EXISTS the outer solutions take part everywhere; inside GRAPH the patterns are about another graph.
    if any(node.data in ("exists", "graph") for node in path):
        return
    role = ""
    # The variables in the stretch from start to end: the element that holds the clause, and what follows in its group.
    later: set[str] = set()
    start = end = call.start
    for place in range(len(path) - 2, 0, -1):
        group, element = path[place], path[place + 1]
        if group.data != "group":
            continue
        if element.data == "subselect":
            return
        within, role = role, path[place - 1].data
        later.update(_variables(words, (element.meta.start_pos, start)), _variables(words, (end, group.meta.end_pos)))
        start, end = element.meta.start_pos, group.meta.end_pos
        # The filters of an optional group may use variables from outside of it.
        own = [] if role == "optional" else _filters(words, group, later)
        yield [*_earlier(group, element), *own]
        # Only the group directly around an optional group affects it; groups further out don't.
        if within == "optional" or role not in ("optional", "union"):
            return


def _path(tree: Node, call: Call) -> list[Node]:
    """Return the nodes from the root *tree* down to the SERVICE clause *call*, each a child of the one before."""
    path = [tree]
    while path[-1].meta.start_pos != call.start or path[-1].data != "service":
        path.append(next(node for node in path[-1].children if node.meta.start_pos <= call.start < node.meta.end_pos))
    return path


def _earlier(group: Node, element: Node) -> Iterator[Piece]:
    """Yield, in pieces, the text of *group* before *element*, without FILTERs, as these apply to the whole group."""
    for earlier in takewhile(lambda other: other is not element, group.children):
        if earlier.data != "filter":
            yield _range(earlier)
            yield " . " if earlier.data == "triples" else " "


def _filters(words: Sequence[Token], group: Node, later: set[str]) -> Iterator[Piece]:
    """Yield, in pieces, the text of a group's FILTERs, each changed to accept solutions without its *later* variables.

    *later* are the variables that get a value only from the SERVICE clause or after it. A FILTER that uses such a
    variable then accepts every solution in which the variable is unbound.
    """
    for clause in group.children:
        if clause.data == "filter":
            _, first, *_ = _within(words, _range(clause))
            named = dict.fromkeys(_variables(words, _range(clause)))
            doubts = "".join(f"!BOUND(?{name}) || " for name in named if name in later)
            yield f" FILTER ({doubts}"
            yield (first.start, clause.meta.end_pos)
            yield ") "


def _range(node: Node) -> tuple[int, int]:
    return node.meta.start_pos, node.meta.end_pos


def _within(words: Sequence[Token], piece: Piece) -> Sequence[Token]:
    """Return the tokens of the query in *piece*, a range of offsets; none if *piece* is text that this module adds."""
    if isinstance(piece, str):
        return ()
    first, end = (bisect_left(words, offset, key=attrgetter("start")) for offset in piece)
    return words[first:end]


def _variables(words: Sequence[Token], piece: Piece) -> Iterator[str]:
    return (word.text[1:] for word in _within(words, piece) if word.kind == "var")


def _of(words: Sequence[Token], pieces: Sequence[Piece]) -> Iterator[str]:
    return (name for piece in pieces for name in _variables(words, piece))
