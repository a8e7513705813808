"""A question from the shell: asked in the process at hand, which can open nothing new while it answers."""

import contextlib
import os
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine import federation, guard
from kzus_graph.engine.refusals import TooLong
from kzus_graph.engine.tokens import tokens
from kzus_graph.rdf import queries
from kzus_graph.rdf.prefixes import PREFIXES

SECONDS: Final = 60.0


def with_services(store: ox.Store, text: str, place: Path | str, services: Sequence[str]) -> federation.Resolved:
    """Return a query with the rows of its SERVICE clauses in their place; asked are addresses that begin as *services*.

    Our prefixes need no declaration. Raises refusals.AboutService, and QueryFileError with *place*.
    """
    try:
        reading = guard.read(text)
    except TooLong as error:
        raise queries.QueryFileError(f"{place}: {error}") from None
    if not reading.calls:
        return federation.Resolved(text)
    used = {word.text.partition(":")[0] for word in tokens(text) if word.kind == "name"}
    missing = sorted(used & PREFIXES.keys() - reading.prefixes.keys())
    declared = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing)

    def ask(part: str) -> bytes:
        found = queries.ask(store, part, place)
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    reading = guard.read(declared + text)
    if reading.stray is not None:
        # No query of SPARQL: the engine, sealed, may say so.
        return federation.Resolved(text)
    return federation.resolve(reading, services, time.monotonic() + SECONDS, ask)


def answer(store: ox.Store, text: str, place: Path | str) -> ox.QuerySolutions | ox.QueryBoolean | list[ox.Triple]:
    """Return the whole answer to a query that asks no service, whatever it looks like. Raises QueryFileError."""
    with sealed():
        found = queries.ask(store, text, place)
        if isinstance(found, ox.QueryBoolean):
            return found
        if isinstance(found, ox.QueryTriples):
            return list(found)
        rows = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
    solutions = ox.parse_query_results(rows, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions


@contextlib.contextmanager
def sealed() -> Iterator[None]:
    """Let this process open no file and no connection until the block is left; a query may ask for one in disguise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = os.open(os.devnull, os.O_RDONLY)
    os.close(probe)
    # The system gives out the lowest free number, which is now one too high.
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
