"""Replaces each allowed SERVICE clause of a query by its service's rows, as VALUES, before the query runs.

So the worker processes that run the query need no network. If the part of the query before a SERVICE clause gives only
a few values to the variables of the clause, the clause is sent to the service with these values, as VALUES. The result
is the same as if the clause were sent unchanged (SPARQL 1.1 Federated Query, section 2.4).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kzus_graph.engine import bindings, groups, remotes
from kzus_graph.engine.bindings import Bindings
from kzus_graph.engine.guard import Call, Reading
from kzus_graph.engine.refusals import AboutService, Busy, NotAllowed, TooLarge, Unusable
from kzus_graph.engine.remotes import Remote, permitted
from kzus_graph.engine.tokens import Token, tokens

MOST_ROWS: Final = 100_000
MOST_CALLS: Final = 10
# At most MOST_BOUND combinations of values are sent, BATCH per request; if there are more, the clause goes unchanged.
MOST_BOUND: Final = 1000
BATCH: Final = 250
# A service gets this share of the remaining time: the rest of the query needs time too, above all after SILENT.
SHARE: Final = 0.8
# Wikidata answers five queries of one client at a time; and each waiting query holds a thread.
AT_ONCE: Final = 5
PATIENCE: Final = 1.0
HOW_TO_ALLOW: Final = "Services are allowed with the option --service of kzus-graph serve and query: /docs/federation."

# A function that answers a query from our own graph, as SPARQL results JSON.
Ask = Callable[[str], bytes]

_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The *text* of a query with rows in place of its SERVICE clauses.

    *silenced* are the addresses of the SERVICE SILENT clauses that failed.
    """

    text: str
    silenced: tuple[str, ...] = ()


def refuse(reading: Reading, prefixes: Sequence[str]) -> None:
    """Raise NotAllowed if a query has too many SERVICE clauses, or one whose address begins with none of *prefixes*.

    *reading* is the analysis of the query. SERVICE SILENT clauses are checked like others.
    """
    for call in reading.calls:
        where = (call.target or "", call.start)
        if call.fault:
            raise NotAllowed(call.fault, "Write SERVICE <https://…> { … } with the full address.", *where)
        if permitted(call.target or "", prefixes) is None:
            raise NotAllowed("its address is not allowed here", HOW_TO_ALLOW, *where)
    if len(reading.calls) > MOST_CALLS:
        place = reading.calls[MOST_CALLS].start
        raise NotAllowed(
            f"a query may have at most {MOST_CALLS} SERVICE clauses", "Split it into several queries.", place=place
        )


def resolve(reading: Reading, prefixes: Sequence[str], deadline: float, ask: Ask, base: str = "") -> Resolved:
    """Return the query with each SERVICE clause replaced by the rows that the service returned.

    *reading* is the analysis of the query. Only services whose address begins with one of *prefixes* are queried.
    *deadline* is a time of ``time.monotonic``; *ask* answers a query from our own graph; *base* is the base IRI for
    relative IRIs. Raises AboutService, Busy, and any error of *ask*.
    """
    if not reading.calls:
        return Resolved(reading.text)
    refuse(reading, prefixes)
    if not _turns.acquire(timeout=max(0.0, min(PATIENCE, deadline - time.monotonic()))):
        raise Busy("too many queries are waiting for remote services; try again later")
    try:
        return _Asking(reading, tuple(prefixes), deadline, ask, base).all()
    finally:
        _turns.release()


class _Asking:
    """Sends the SERVICE clauses of one query to their services, in order; the rows of one can be used for the next."""

    def __init__(self, reading: Reading, prefixes: tuple[str, ...], deadline: float, ask: Ask, base: str) -> None:
        self.reading = reading
        self.prefixes = prefixes
        self.deadline = deadline
        self.ask = ask
        assert reading.tree is not None, "a query with SERVICE clauses has a syntax tree"
        self.tree = reading.tree
        self.words = list(tokens(reading.text))
        prologue = [word.text for word in self.words if word.start < reading.prologue]
        self.prologue = " ".join([f"BASE <{base}>", *prologue] if base else prologue)
        self.done: list[tuple[Call, str]] = []

    def all(self) -> Resolved:
        silenced = []
        for number, call in enumerate(self.reading.calls):
            try:
                rows = self._rows(number, call)
            except AboutService as error:
                error.service, error.place = call.target or "", call.start
                if not call.silent:
                    raise
                silenced.append(error.service)
                rows = "{ }"
            self.done.append((call, rows))
        return Resolved(self._text(0, len(self.reading.text)), tuple(dict.fromkeys(silenced)))

    def _text(self, start: int, end: int) -> str:
        """Return the query's text between two offsets, with rows in place of the SERVICE clauses answered so far."""
        text = ""
        for call, rows in self.done:
            if start <= call.start and call.end <= end:
                text += self.reading.text[start : call.start] + rows
                start = call.end
        return text + self.reading.text[start:end]

    def _rows(self, number: int, call: Call) -> str:
        bound = self._bound(call)
        if bound is None:
            return self._answer(f"{number}", call, self.reading.text[call.body : call.end], MOST_ROWS).values()
        if not bound.rows:
            # The part before the clause has no solutions, so a join with the clause has none.
            return bound.values()
        whole = Bindings((), [])
        for start in range(0, len(bound.rows), BATCH):
            batch = Bindings(bound.names, bound.rows[start : start + BATCH])
            pattern = self._pattern(call, batch)
            part = self._answer(f"{number}-{start // BATCH}", call, pattern, MOST_ROWS - len(whole.rows))
            if start and part.names != whole.names:
                raise Unusable("it returned different columns for two parts of the same clause", remotes.TRY_LATER)
            whole = Bindings(part.names, [*whole.rows, *part.rows])
        return whole.values()

    def _bound(self, call: Call) -> Bindings | None:
        """Return the values that the part of the query before a SERVICE clause gives to the clause's variables.

        Return None if that part gives no reliable values or more than MOST_BOUND combinations of values, or if no
        variable has only values that every endpoint reads alike (IRIs and plain strings).
        """
        before = groups.before(self.tree, self.words, call)
        if before is None:
            return None
        text = "".join(piece if isinstance(piece, str) else self._text(*piece) for piece in before.pieces)
        names = " ".join(f"?{name}" for name in before.shared)
        head = f"{self.prologue} SELECT DISTINCT {names} {groups.datasets(self.tree, self.words)}"
        data = self.ask(f"{head} WHERE {{ {text} }} LIMIT {MOST_BOUND + 1}")
        table = bindings.read(data, before.shared, MOST_BOUND + 1)
        if not table.rows:
            return table
        plain = table.plain()
        return plain if plain.names and len(table.rows) <= MOST_BOUND else None

    def _pattern(self, call: Call, bound: Bindings) -> str:
        """Return a pattern that joins the group of the SERVICE clause *call* with a ``VALUES`` block of *bound*.

        The block stands first inside the group if the result is the same, that is, if the triple patterns with which
        the group begins contain all variables of *bound*. This is the usual form, and all endpoints evaluate it well.
        Otherwise the block stands before the group, never after it: Virtuoso then gives a wrong result.
        """
        body = self.reading.text[call.body : call.end]
        if groups.leading(self.tree, self.words, call).issuperset(bound.names):
            return f"{{ {bound.values()} {body[1:]}"
        return f"{{ {bound.values()} {body} }}"

    def _answer(self, mark: str, call: Call, pattern: str, most: int) -> Bindings:
        remote = permitted(call.target or "", self.prefixes)
        assert isinstance(remote, Remote)
        deadline = time.monotonic() + SHARE * max(0.0, self.deadline - time.monotonic())
        data = remotes.ask(remote, f"{self.prologue} SELECT * {pattern}", self.prefixes, deadline)
        names = {word.text[1:] for word in self._body(call) if word.kind == "var"}
        try:
            return bindings.read(data, names, most, mark)
        except bindings.TooMany as error:
            raise TooLarge(f"its answer {error}", remotes.NARROW) from None
        except ValueError as error:
            raise Unusable(f"its answer {error}", remotes.TRY_LATER) from None

    def _body(self, call: Call) -> list[Token]:
        return [word for word in self.words if call.body <= word.start < call.end]
