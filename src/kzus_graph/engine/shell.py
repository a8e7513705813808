"""Evaluates a query from the command line in this process, which meanwhile can open no file and no connection."""

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
    """Return the query *text* with each SERVICE clause replaced by the rows that the service returned.

    Only addresses that begin with one of *services* are queried. The project's own prefixes need no declaration. Raises
    refusals.AboutService, and QueryFileError, whose message begins with *place* (where the text comes from).
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
        # The text is not valid SPARQL: the sealed engine will report that.
        return federation.Resolved(text)
    return federation.resolve(reading, services, time.monotonic() + SECONDS, ask)


def answer(store: ox.Store, text: str, place: Path | str) -> ox.QuerySolutions | ox.QueryBoolean | list[ox.Triple]:
    """Return the whole answer to the query *text* from *store*; the query can open no file and no connection.

    Raises QueryFileError, whose message begins with *place* (where the text comes from).
    """
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
    """Keep this process from opening files and connections inside the with block, even if a query asks for that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = os.open(os.devnull, os.O_RDONLY)
    os.close(probe)
    # The system gives out the lowest free descriptor number, which the new limit forbids.
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
