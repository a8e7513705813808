"""Synthetic events in this graph's schema, and the queries that the benchmarks ask of them."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

DIP = "https://w3id.org/kzus/ontology#"
KZUS = "https://w3id.org/kzus/id/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"
KINDS = ("Visit", "Meeting", "Signing", "Consultation", "Speech")
PEOPLE = 400
PROLOGUE = f"PREFIX dip: <{DIP}> PREFIX kzus: <{KZUS}> "


def write(path: Path, count: int = 10_000, seed: int = 1) -> Path:
    """Write about fourteen triples an event, always the same for the same seed."""
    chance = random.Random(seed)
    with path.open("w") as file:
        for line in _lines(count, chance):
            file.write(line)
    return path


def _lines(count: int, chance: random.Random) -> Iterator[str]:
    def iri(subject: str, predicate: str, thing: str) -> str:
        return f"<{subject}> <{predicate}> <{thing}> .\n"

    for number in range(PEOPLE):
        yield iri(f"{KZUS}person-{number}", RDF_TYPE, DIP + "Person")
        yield f'<{KZUS}person-{number}> <{RDFS_LABEL}> "Person {number}"@en .\n'
    for number in range(count):
        event, kind = f"{KZUS}event-{number}", chance.choice(KINDS)
        date = f"{chance.randrange(1991, 2013)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        yield iri(event, RDF_TYPE, DIP + kind)
        yield iri(event, RDF_TYPE, DIP + "Event")
        yield f'<{event}> <{RDFS_LABEL}> "{kind} number {number}"@en .\n'
        for bound in ("notBefore", "notAfter"):
            yield f'<{event}> <{DIP}{bound}> "{date}"^^<{XSD_DATE}> .\n'
        if number:
            yield iri(event, DIP + "subEventOf", f"{KZUS}event-{number // 8}")
        for place in range(2):
            part, person = f"{event}--{place}", f"{KZUS}person-{chance.randrange(PEOPLE)}"
            yield iri(event, DIP + "hasParticipation", part)
            yield iri(part, RDF_TYPE, DIP + "Participation")
            yield iri(part, DIP + "participant", person)
            yield iri(event, DIP + "hasParticipant", person)


def _kind(number: int) -> str:
    return f"dip:{KINDS[number % len(KINDS)]}"


# Each takes a number and asks something with that number in it, so that no two requests need be alike.
MIX: dict[str, Callable[[int], str]] = {
    "ask": lambda n: f"ASK {{ kzus:event-{n % 10_000} a {_kind(n // 10_000)} FILTER({n} >= 0) }}",
    "thing": lambda n: f"SELECT ?p ?o {{ kzus:event-{n % 10_000} ?p ?o FILTER(?o != {n}) }}",
    "path": lambda n: f"SELECT ?up {{ kzus:event-{n % 10_000} dip:subEventOf+ ?up FILTER(?up != kzus:no-{n}) }}",
    "met": lambda n: (
        f"SELECT DISTINCT ?met {{ ?e dip:hasParticipant kzus:person-{n % PEOPLE} , ?x . "
        f"?f dip:hasParticipant ?x , ?met FILTER(?met != kzus:no-{n}) }}"
    ),
    "years": lambda n: (
        f"SELECT ?year (COUNT(?e) AS ?events) {{ ?e dip:notBefore ?d FILTER(?e != kzus:no-{n}) "
        f"BIND(YEAR(?d) AS ?year) }} GROUP BY ?year ORDER BY ?year"
    ),
    "page": lambda n: (
        f"SELECT ?e ?d {{ ?e a dip:Visit ; dip:notBefore ?d FILTER(?e != kzus:no-{n}) }} "
        f"ORDER BY ?d ?e LIMIT 20 OFFSET {n % 1900}"
    ),
    "distinct": lambda n: (
        f"SELECT DISTINCT ?who {{ ?e a {_kind(n)} ; dip:hasParticipant ?who FILTER(?who != kzus:no-{n}) }}"
    ),
    "rows": lambda n: f"SELECT ?e ?d {{ ?e dip:notBefore ?d FILTER(?e != kzus:no-{n}) }}",
}


def query(name: str, number: int) -> str:
    """One query of the mix."""
    return PROLOGUE + MIX[name](number)
