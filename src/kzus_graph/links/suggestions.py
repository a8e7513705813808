"""Suggested links from things in our data set to another data set: SSSOM rows that a person accepts or refuses."""

import difflib
import http.client
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from kzus_graph.links.identifiers import canonical
from kzus_graph.links.matching import Candidate, NameIndex
from kzus_graph.links.name_forms import Named
from kzus_graph.links.sssom import LinksError
from kzus_graph.rdf.prefixes import PREFIXES, compact

Row = Mapping[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]

QUERY: Final = Path(__file__).with_name("suggestions.rq")
CLASSES: Final = Path(__file__).with_name("classes.rq")
MOST_CLASSES: Final = 2_000
NEAR_ONES: Final = 3
A_PAGE: Final = 1_000
LARGEST_PAGE: Final = 64 << 20
SECONDS: Final = 60.0
RESULTS: Final = "application/sparql-results+json"
OTHER_KIND: Final = 0.6
"""The factor for a confidence when our data set uses classes of the other thing, but our thing has none of these."""
OTHER_TIME: Final = 0.5
"""The factor for a confidence when the dates of the two things differ."""
UNTESTED: Final = 0.95
"""The factor for a confidence when neither classes nor dates could be compared, but only names."""
SAYS_NOTHING: Final = frozenset(
    {
        PREFIXES["skos"] + "Concept", PREFIXES["owl"] + "Thing", PREFIXES["owl"] + "NamedIndividual",
        PREFIXES["rdfs"] + "Resource", PREFIXES["schema"] + "Thing", "http://schema.org/Thing",
    }
)  # fmt: skip
"""Classes that do not distinguish things: everything is an owl:Thing, and in a thesaurus every entry is a
skos:Concept, people and places included."""
COLUMNS: Final = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification",
    "mapping_date", "confidence", "match_string", "comment",
)  # fmt: skip


class NoAnswer(LinksError):
    """Raised when another data set cannot be read; the message names it, the reason, and what to do."""


@dataclass
class Foreign:
    """A thing of another data set, with its names, classes (*kinds*) and dates (*days*); each set may be empty."""

    iri: str
    names: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Suggestion:
    """A suggested link of our thing *ours* to the IRI *theirs*, whose *name* matched; *confidence* is from 0 to 1.

    *reasons* is a comment for the person who decides; *justification* is the local name of a semapv term.
    """

    ours: Named
    theirs: str
    name: str
    confidence: float
    justification: str
    reasons: str


def from_endpoint(
    endpoint: str, class_: str, most: int, seconds: float, told: Callable[[int], None]
) -> Iterator[Foreign]:
    """Yield up to *most* things with names of the SPARQL endpoint *endpoint*; with *class_*, only those of this class.

    Things are fetched page by page (LIMIT and OFFSET), each with a timeout of *seconds*. After each page, *told* is
    called with the number of things fetched so far. Raises NoAnswer.
    """
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise NoAnswer(f"{endpoint}: not the address of an endpoint; it must begin with http:// or https://")
    yield from _pages(lambda query: _answer(endpoint, query, seconds), class_, most, told)


def from_store(store: ox.Store, class_: str, most: int) -> Iterator[Foreign]:
    """Yield up to *most* things with names from *store*; with *class_*, only those of this class. Raises NoAnswer."""

    def asked(query: str) -> Iterable[Row]:
        return _rows(store.query(query, use_default_graph_as_union=True))

    yield from _pages(asked, class_, most, lambda _: None)


def suggested(
    names: NameIndex, theirs: Iterable[Foreign], known: Collection[str], least: float
) -> Iterator[Suggestion]:
    """Yield the best suggested link for each thing in *theirs*, another data set, if its confidence reaches *least*.

    *names* is the index of our things. *known* are the IRIs that our things are already linked to: no link to these is
    suggested, in any spelling. Things in *theirs* whose IRIs have one canonical form (such as with http and with
    https) count as one thing, with the first IRI.
    """
    ours = {kind for named in names.things for kind in named.kinds} - SAYS_NOTHING
    linked = {canonical(iri) for iri in known}
    for key, foreign in _joined(theirs).items():
        if key in linked:
            continue
        best: Suggestion | None = None
        for name in sorted(foreign.names):
            for candidate in names.find(name, most=5):
                one = _weighed(candidate, foreign, name, ours)
                if best is None or one.confidence > best.confidence:
                    best = one
        if best is not None and best.confidence >= least:
            yield best


def _joined(theirs: Iterable[Foreign]) -> dict[str, Foreign]:
    """Return the things in *theirs* by canonical IRI; things with the same canonical IRI are merged into one."""
    joined: dict[str, Foreign] = {}
    for foreign in theirs:
        one = joined.setdefault(canonical(foreign.iri), foreign)
        one.names |= foreign.names
        one.kinds |= foreign.kinds
        one.days |= foreign.days
    return joined


def sssom(suggestions: Iterable[Suggestion], source: str, date: str) -> str:
    """Return *suggestions*, best first, as an SSSOM table; *source* names the other data set, *date* is of all rows."""
    rows = sorted(suggestions, key=lambda one: (-one.confidence, one.ours.thing, one.theirs))
    prefixes = _prefixes([one.theirs for one in rows])
    kept = {"kzus", "topic", "skos", "semapv"}
    head = [
        "#mapping_set_id: https://w3id.org/kzus/dataset/suggested-links",
        f'#mapping_set_description: "Suggested links, found by names, classes and dates in {_plain(source)}."',
        "#license: https://creativecommons.org/licenses/by/4.0/",
        "#curie_map:",
        *(f"#  {prefix}: {PREFIXES[prefix]}" for prefix in sorted(kept)),
        *(f'#  {prefix}: "{namespace}"' for namespace, prefix in prefixes.items()),
    ]
    lines = ["\t".join(COLUMNS)]
    for one in rows:
        namespace = next(space for space in prefixes if one.theirs.startswith(space))
        target = f"{prefixes[namespace]}:{one.theirs.removeprefix(namespace)}"
        cells = (
            compact(one.ours.thing), one.ours.names[0], "skos:exactMatch", target, one.name,
            f"semapv:{one.justification}", date, f"{one.confidence:.2f}".rstrip("0").rstrip("."), one.name, one.reasons,
        )  # fmt: skip
        lines.append("\t".join(map(_plain, cells)))
    return "\n".join([*head, *lines]) + "\n"


def _weighed(candidate: Candidate, foreign: Foreign, name: str, ours: set[str]) -> Suggestion:
    """Return a suggested link of *candidate* to *foreign*, whose *name* matched; classes and dates are weighed, too.

    *ours* are the classes that our data set uses.
    """
    named, confidence = candidate.named, candidate.score / 100
    reasons = [f"called {candidate.by} in our data"]
    comparable = foreign.kinds & ours
    shared = comparable & set(named.kinds)
    if shared:
        reasons.append(f"of the same class: {', '.join(sorted(map(compact, shared)))}")
    elif comparable:
        confidence *= OTHER_KIND
        reasons.append(f"of another class: {', '.join(sorted(map(compact, comparable)))}")
    if named.dates and foreign.days:
        first, last = named.dates
        meeting = any(first[: len(day)] <= day <= last[: len(day)] for day in foreign.days)
        confidence *= 1 if meeting else OTHER_TIME
        reasons.append(f"at {'the same' if meeting else 'another'} time: {', '.join(sorted(foreign.days)[:3])}")
    tested = len(reasons) > 1
    if not tested:
        confidence *= UNTESTED
    justification = "CompositeMatching" if tested else "LexicalMatching"
    return Suggestion(named, foreign.iri, name, confidence, justification, "; ".join(reasons))


def _pages(
    asked: Callable[[str], Iterable[Row]], class_: str, most: int, told: Callable[[int], None]
) -> Iterator[Foreign]:
    prefix, _, local = class_.partition(":")
    class_ = PREFIXES[prefix] + local if prefix in PREFIXES else class_
    try:
        node = str(ox.NamedNode(class_)) if class_ else ""
    except ValueError:
        raise NoAnswer(f"{class_}: not a valid IRI of a class") from None
    text = QUERY.read_text("utf-8").replace("$class", f"?thing a|wdt:P31 {node} ." if node else "")
    come = 0
    while come < most:
        size = min(A_PAGE, most - come)
        things: dict[str, Foreign] = {}
        for row in asked(text.replace("$most", str(size)).replace("$skip", str(come))):
            thing, label, kind, day = (row.get(name) for name in ("thing", "label", "kind", "day"))
            if isinstance(thing, ox.NamedNode) and isinstance(label, ox.Literal):
                foreign = things.setdefault(thing.value, Foreign(thing.value))
                foreign.names.add(label.value)
                foreign.kinds |= {kind.value} if isinstance(kind, ox.NamedNode) else set()
                foreign.days |= {day.value[:10]} if isinstance(day, ox.Literal) and day.value[:4].isdigit() else set()
        yield from things.values()
        come += len(things)
        told(come)
        if class_ and not come:
            raise NoAnswer(_no_class(asked, class_))
        if len(things) < size:
            return


def _no_class(asked: Callable[[str], Iterable[Row]], class_: str) -> str:
    """Return why no thing of *class_* was found: there is none (with a hint at similar classes), or none has a name."""

    def classes(only: str, most: int) -> list[str]:
        text = CLASSES.read_text("utf-8").replace("$only", only).replace("$most", str(most))
        return sorted({row["class"].value for row in asked(text) if isinstance(row["class"], ox.NamedNode)})

    if classes(f"VALUES ?class {{ {ox.NamedNode(class_)} }}", 1):
        return f"{class_}: no thing of this class has an IRI and a name (rdfs:label or similar) in en, kk or ru"
    try:
        there = classes("", MOST_CLASSES)
    except NoAnswer:
        # a large data set may fail to list all its classes; the list is only for a hint
        there = []
    locals_ = defaultdict[str, list[str]](list)
    for one in there:
        locals_[_local(one)].append(one)
    close = difflib.get_close_matches(_local(class_), locals_, NEAR_ONES, 0.6)
    near = [one for local in close for one in locals_[local]][:NEAR_ONES]
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    if there and not near:
        hint = f"; its classes are: {', '.join(there[:NEAR_ONES])}" + (" and others" if len(there) > NEAR_ONES else "")
    return f"{class_}: the other data set has nothing of this class{hint}"


def _local(iri: str) -> str:
    return iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :].lower()


def _answer(endpoint: str, query: str, seconds: float) -> Iterable[Row]:
    """Return the solutions of *query* at *endpoint* (SPARQL 1.1 Protocol), waiting up to *seconds*. Raises NoAnswer."""
    headers = {"Accept": RESULTS, "User-Agent": "kzus-graph links suggest"}
    request = Request(endpoint, urlencode({"query": query}).encode(), headers)
    try:
        with urlopen(request, timeout=seconds) as answer:
            kind = answer.headers.get_content_type()
            body = answer.read(LARGEST_PAGE + 1)
    except HTTPError as error:
        error.close()
        raise NoAnswer(f"{endpoint} answered with HTTP status {error.code}; is it a SPARQL endpoint?") from None
    except (URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NoAnswer(f"{endpoint} gave no answer: {reason}; try --class, a lower --most or more --seconds") from None
    if len(body) > LARGEST_PAGE:
        raise NoAnswer(f"{endpoint} answered with more than {LARGEST_PAGE >> 20} MiB; try --class or a lower --most")
    if "json" not in kind:
        raise NoAnswer(f"{endpoint} answered with {kind} instead of {RESULTS}; is it a SPARQL endpoint?")
    try:
        return list(_rows(ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)))
    except (SyntaxError, ValueError) as error:
        raise NoAnswer(f"{endpoint} answered with invalid SPARQL results: {error}") from None


def _rows(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> Iterator[Row]:
    if not isinstance(answer, ox.QuerySolutions):
        raise ValueError("they are not those of a SELECT query")
    names = [variable.value for variable in answer.variables]
    for row in answer:
        yield {name: row[name] for name in names}


def _prefixes(iris: Sequence[str]) -> dict[str, str]:
    """Return a prefix by namespace: the common beginning, to /, # or :, of those *iris* with one scheme and host."""
    hosts: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for iri in iris:
        parts = urlsplit(iri)
        # a mark at the end is part of the local name, which must not be empty
        hosts[parts.scheme, parts.netloc].append(iri[:-1])
    shared = (commonprefix(all_) for all_ in hosts.values())
    spaces = {text[: max(map(text.rfind, "/#:")) + 1] for text in shared}
    # the longest first, so that a name is shortened as far as it can be
    return {
        space: f"there{number or ''}" for number, space in enumerate(sorted(spaces, key=lambda one: (-len(one), one)))
    }


def _plain(text: str) -> str:
    """Return *text* as one line without tabs or double quotation marks, so that it fits into a cell of a table."""
    return " ".join(text.replace('"', "'").split())
