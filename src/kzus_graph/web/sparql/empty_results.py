"""Hints on why the result of a query may be empty: at most three for a query, each checked against the graph.

Functions of this module that query the graph wait for a worker process, so they must not be called in the event loop.
"""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from kzus_graph.engine import guard, refusals
from kzus_graph.engine.cache import Kept
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.serving import Release
from kzus_graph.engine.tokens import Token
from kzus_graph.engine.workers import Pool
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.sparql.comparisons import LANG_STRING, XSD, comparisons, family, stated
from kzus_graph.web.view import locale, page_queries

ONTOLOGY: Final = PREFIXES["dip"]
MOST_HINTS: Final = 3
# Only the first MOST_LOOKED_AT names or values of a query are checked; LONGEST characters of each are shown.
MOST_LOOKED_AT: Final = 20
LONGEST: Final = 60
# A value with more characters is not looked up in other forms.
LONGEST_VALUE: Final = 1000
# How similar two names must be for a suggestion, in percent.
LIKE: Final = 60
KNOWN: Final = tuple(PREFIXES.values())
_DAY: Final = re.compile(r"-?\d{4,}-\d\d-\d\d")


class Hint(NamedTuple):
    """A hint on what may be wrong with a query; *text* is empty if there is no hint.

    *lasting* is False if a later request may get a better hint, because not all data for it could be read in time.
    """

    text: str = ""
    lasting: bool = True


def owed(answer: Kept) -> bool:
    """Return whether an answer needs a hint: it has no rows, and it is not the ``true`` of an ASK query."""
    return answer.rows == 0 and b"true" not in answer.parts[-1][-64:]


def hint(query: str, release: Release) -> Hint:
    """Return a hint on what may be wrong with *query*, whose result is empty; this may wait for a worker process."""
    reading = guard.read(query)
    with guard.turn(query):
        words = reading.words()
    ways = (_misspelt, _schemes, _values, _kinds)
    found = (said for way in ways for said in way(words, reading.prefixes, release))
    try:
        return Hint(". ".join(islice(found, MOST_HINTS)))
    except (_NotYetKnown, Problem):
        # The terms are still being fetched, or the graph gave no answer: a later request may get more hints.
        return Hint(lasting=False)


def at_once(query: str, release: Release) -> Hint | None:
    """Return the hint for a short query if that needs no query to the graph; else None, and ``hint`` must be called."""
    reading = guard.read(query)
    words, prefixes = reading.words(), reading.prefixes
    if any(True for way in (_doubtful, stated, comparisons) for _ in way(words, prefixes)):
        return None
    try:
        return Hint(". ".join(islice(_misspelt(words, prefixes, release), MOST_HINTS)))
    except _NotYetKnown:
        return Hint(lasting=False)


class _NotYetKnown(Exception):
    """Raised when the terms of the ontology are needed but have not been fetched from the graph yet."""


_TERMS: WeakKeyDictionary[Pool, tuple[str, ...] | None] = WeakKeyDictionary()


def terms(release: Release) -> tuple[str, ...] | None:
    """Return the local names of our ontology's terms in the graph; None until they have been fetched.

    The first call starts a thread that fetches the terms for later calls, so that no request waits for them.
    """
    if release.pool not in _TERMS:
        _TERMS[release.pool] = None
        threading.Thread(target=_learn, args=(release,), name="hints", daemon=True).start()
    return _TERMS[release.pool]


def _learn(release: Release) -> None:
    query = f'SELECT DISTINCT ?term {{ ?term a ?kind FILTER(STRSTARTS(STR(?term), "{ONTOLOGY}")) }}'
    try:
        answer = release.pool.ask(Question(query=query, format="csv", seconds=5.0), time.monotonic() + 5.0)
        lines = b"".join(answer).decode().split()
        _TERMS[release.pool] = tuple(line.removeprefix(ONTOLOGY) for line in lines[1:])
    except refusals.Refusal:
        # The next call of ``terms`` tries again.
        del _TERMS[release.pool]


def _misspelt(words: Sequence[Token], prefixes: Mapping[str, str], release: Release) -> Iterator[str]:
    """Yield a hint for each ``dip:`` term in the query that our ontology doesn't have, with the most similar term."""
    used = {name.removeprefix(ONTOLOGY) for name in _names(words, prefixes) if name.startswith(ONTOLOGY)}
    used = {name for name in used if re.fullmatch(r"\w+", name)}
    if not used:
        return
    if (known := terms(release)) is None:
        raise _NotYetKnown
    if not known:
        return
    for name in islice(sorted(used.difference(known)), MOST_HINTS):
        close = process.extractOne(name[:LONGEST], known, scorer=fuzz.ratio, score_cutoff=LIKE)
        nearest = f"; the most similar term is dip:{close[0]}" if close else ""
        yield f"dip:{name[:LONGEST]} is not a term of the ontology{nearest}"


def _schemes(words: Sequence[Token], prefixes: Mapping[str, str], release: Release) -> Iterator[str]:
    """Yield a hint for each namespace that has http: in the query but https: in the graph, or the reverse."""
    names = list(islice(_doubtful(words, prefixes), MOST_LOOKED_AT))
    both = _nodes([*names, *map(_other, names)])
    if not both:
        return
    known = {row["name"].value for row in page_queries.rows(release, "absent-names", names=both)}
    told = set()
    for name in names:
        other = _other(name)
        if name not in known and (other in known or other.startswith(BASE)):
            namespace = other[: max(other.rfind("/"), other.rfind("#")) + 1]
            if namespace not in told:
                told.add(namespace)
                begins = name[: len(name) + len(namespace) - len(other)][:LONGEST]
                yield f"This graph uses the namespace {namespace[:LONGEST]}, not {begins}"


def _values(words: Sequence[Token], prefixes: Mapping[str, str], release: Release) -> Iterator[str]:
    """Yield a hint for each literal that the graph has only in another form, such as with a language tag."""
    pairs = [pair for pair in islice(stated(words, prefixes), MOST_LOOKED_AT) if len(pair[1].value) <= LONGEST_VALUE]
    forms = {value: _forms(value) for _, value in pairs}
    properties = _nodes(dict.fromkeys(name for name, _ in pairs))
    if not properties:
        return
    values = list(dict.fromkeys(one for value, others in forms.items() for one in (value, *others)))
    rows = page_queries.rows(release, "absent-values", properties=properties, values=values)
    known = {(row["property"].value, str(row["value"])) for row in rows}
    for name, value in pairs:
        if (name, str(value)) not in known:
            other = next((form for form in forms[value] if (name, str(form)) in known), None)
            if other is not None:
                yield f"{compact(name)} has no value {_written(value)}, but it has {_written(other)}"


def _kinds(words: Sequence[Token], prefixes: Mapping[str, str], release: Release) -> Iterator[str]:
    """Yield a hint for each comparison that is never true, because the property's values have another datatype."""
    found = list(islice(comparisons(words, prefixes), MOST_LOOKED_AT))
    properties = _nodes(dict.fromkeys(name for one in found for name in one.properties))
    if not properties:
        return
    kinds: dict[str, set[str]] = {}
    for row in page_queries.rows(release, "absent-kinds", properties=properties):
        kinds.setdefault(row["property"].value, set()).add(row["kind"].value)
    for one in found:
        met = set().union(*(kinds.get(name, {""}) for name in one.properties))
        if not met or "" in met or family(one.value.datatype.value) in map(family, met):
            continue
        named = " and ".join(compact(name) for name in one.properties[:2])
        which = " or ".join(sorted(compact(kind) for kind in met)[:3])
        if met == {LANG_STRING}:
            yield (
                f"The values of {named} have a language tag, but {_written(one.value)} has none: write @en after it, "
                f"or compare STR({one.variable})"
            )
        else:
            said = f"The values of {named} have datatype {which}, with which {_written(one.value)} can't be compared"
            yield said + _instead(one.value, met)


def _instead(value: ox.Literal, met: set[str]) -> str:
    """Return the advice to write *value* as an ``xsd:date``; empty if the advice does not apply.

    It applies if *value* begins with a date and *met*, the datatypes of the property's values, are ``xsd:date`` alone.
    """
    day = _DAY.match(value.value)
    return f': write "{day[0]}"^^xsd:date' if day and met == {XSD + "date"} else ""


def _forms(value: ox.Literal) -> list[ox.Literal]:
    """Return other literals with the text of *value*: with each language tag, without one, as date, year or integer."""
    text, day = value.value, _DAY.match(value.value)
    forms = [ox.Literal(text, language=language) for language in locale.LANGUAGES]
    forms.append(ox.Literal(text))
    if day:
        forms.append(ox.Literal(day[0], datatype=ox.NamedNode(XSD + "date")))
    elif text.isdecimal():
        forms += [ox.Literal(text, datatype=ox.NamedNode(XSD + kind)) for kind in ("gYear", "integer")]
    return [form for form in forms if form != value]


def _names(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Return an iterator over the distinct IRIs in the query with the tokens *words*."""
    names = (guard.iri(word, prefixes) for word in words if word.kind in ("name", "iri"))
    return iter(dict.fromkeys(names))


def _doubtful(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Return an iterator over the query's http(s) IRIs that no prefix in PREFIXES covers: the scheme may be wrong."""
    return (name for name in _names(words, prefixes) if not name.startswith(KNOWN) and _other(name))


def _other(name: str) -> str:
    """Return the IRI *name* with http: replaced by https:, or the reverse; empty if *name* has neither scheme."""
    if name.startswith("http://"):
        return "https://" + name[7:]
    return "http://" + name[8:] if name.startswith("https://") else ""


def _nodes(names: Iterable[str]) -> list[ox.NamedNode]:
    """Return the absolute IRIs among *names*, as nodes."""
    return [ox.NamedNode(name) for name in names if guard.ABSOLUTE.match(name)]


def _written(value: ox.Literal) -> str:
    """Return *value* in SPARQL syntax; its text is cut after LONGEST characters."""
    text, kind = value.value[:LONGEST], value.datatype.value
    if kind == XSD + "decimal":
        return text
    if value.language:
        return f'"{text}"@{value.language}'
    return f'"{text}"' + ("" if kind == XSD + "string" else f"^^{compact(kind)}")
