"""The question that the parameters of ``/build`` ask: each is checked, and each typed name becomes a thing or a choice.

What comes of them are things of the release, terms of its ontology, dates and words, never text for a query.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.web.sparql import query_conditions, query_period
from kzus_graph.web.sparql.query_conditions import Askable, KindTerms, ThingKind
from kzus_graph.web.sparql.query_period import Period, refused
from kzus_graph.web.view import full_text, page_queries
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.page_queries import Term

VIEWS: Final = ("table", "timeline", "map", "bar", "line")
YEAR: Final = "year"
MOST_FIELDS: Final = 200
MOST_CONDITIONS: Final = 12
MOST_COLUMNS: Final = 6
MOST_WORDS: Final = 8
LONGEST: Final = 200
"""The most characters of a name or of words."""
COMPARED: Final = 200
"""So many things that a search finds are looked through for those that fit a condition."""
MOST_CHOICES: Final = 8
PREFIXED: Final = re.compile(r"([A-Za-z][\w-]*):(\S+)")
# Parameters of the page that say nothing about the question.
OTHERS: Final = frozenset(("sort", "find", "page", "lang", "release"))


@dataclass(frozen=True)
class Chosen:
    """A condition: the *value*, as pages show it, that things must have."""

    askable: Askable
    value: Shown

    @property
    def text(self) -> str:
        """The value as a parameter: a prefixed name, an IRI in angle brackets, or a literal in quotation marks."""
        return written(self.value.term)


@dataclass(frozen=True)
class Doubt:
    """A name as it was *typed* that is not the name of one thing; *choices* are those that may be meant."""

    askable: Askable
    typed: str
    choices: tuple[Shown, ...]


@dataclass(frozen=True)
class BuiltQuestion:
    """A question put together from a form.

    *count* is the condition by whose values things are counted, or YEAR. *view* is one of VIEWS, or empty.
    """

    terms: KindTerms
    conditions: tuple[Chosen, ...] = ()
    words: tuple[str, ...] = ()
    period: Period | None = None
    columns: tuple[Askable, ...] = ()
    count: Askable | str = ""
    view: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether there is any condition."""
        return bool(self.conditions or self.words or self.period)

    @property
    def is_begun(self) -> bool:
        """Whether nothing but the kind is chosen."""
        return not (self.is_narrowed or self.columns or self.count or self.view)

    @property
    def has_dates(self) -> bool:
        """Whether things of the kind have dates."""
        return self.terms.dates is not None


@dataclass(frozen=True)
class FilledForm:
    """The form as it was filled in: its *question*, and the *doubts* about it, before which it can't be answered.

    *left_out* are the parameters that say nothing about this kind of things. *fields* are the question as parameters.
    """

    question: BuiltQuestion
    doubts: tuple[Doubt, ...]
    left_out: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def read(release: Release, given: Sequence[tuple[str, str]]) -> FilledForm | None:
    """Return the form that the parameters *given* fill in; None if they don't choose a kind of things.

    Raises Problem (400) if a parameter is malformed, or there are too many.
    """
    if len(given) > MOST_FIELDS:
        raise refused(f"A question may have at most {MOST_FIELDS} parameters.")
    fields = [(name, " ".join(value.split())) for name, value in given if name not in OTHERS and value.strip()]
    if any(len(value) > LONGEST for _, value in fields):
        raise refused(f"A name in a condition may have at most {LONGEST} characters.")
    one = {name: _single(fields, name) for name in ("kind", "from", "to", "dates", "words", "count", "view")}
    if not one["kind"]:
        return None
    terms = query_conditions.terms(release, _kind(release, one["kind"]))
    columns = [value for name, value in fields if name == "column"]
    asked = [(name, value) for name, value in fields if name not in one and name != "column"]
    if len(asked) > MOST_CONDITIONS or len(columns) > MOST_COLUMNS:
        raise refused(f"A question may have at most {MOST_CONDITIONS} conditions and {MOST_COLUMNS} columns.")
    known = [(askable, value) for name, value in asked if (askable := terms.called(name)) and askable.is_condition]
    names = {askable.name for askable, _ in known}
    left_out = [name for name, _ in asked if name not in names]
    conditions, doubts = _conditions(release, terms.kind, known)
    period = query_period.read(one["from"], one["to"], one["dates"])
    if period is not None and terms.dates is None:
        period, left_out = None, [*left_out, "from", "to"]
    shown = [askable for name in dict.fromkeys(columns) if (askable := terms.called(name))]
    question = BuiltQuestion(terms, conditions, tuple(one["words"].lower().split()[:MOST_WORDS]), period, tuple(shown))
    question = replace(question, count=_count(question, one["count"]), view=_view(one["view"]))
    return FilledForm(question, doubts, tuple(dict.fromkeys(left_out)), _fields(question))


def written(term: Term) -> str:
    """Return *term* as a value of a parameter."""
    return compact(term.value) if isinstance(term, ox.NamedNode) else str(term)


def suggestions(release: Release, kind: ThingKind, askable: Askable, typed: str) -> tuple[Shown, ...]:
    """Return up to MOST_CHOICES values of the condition that the beginning of a name *typed* may mean."""
    return _fitting(release, kind, askable, typed, typing=True)[0]


def _kind(release: Release, name: str) -> ThingKind:
    found = query_conditions.kinds(release).get(name.removeprefix("dip:"))
    if found is None:
        raise refused("The parameter kind must be the name of a class that has things in this release, such as Event.")
    return found


def _conditions(
    release: Release, kind: ThingKind, known: Iterable[tuple[Askable, str]]
) -> tuple[tuple[Chosen, ...], tuple[Doubt, ...]]:
    found: list[tuple[Askable, Term]] = []
    doubts = []
    for askable, value in dict.fromkeys(known):
        term = _term(value, askable, release, kind)
        choices: tuple[Shown, ...] = ()
        if term is None:
            choices, sure = _fitting(release, kind, askable, value)
            term = choices[0].term if sure else None
        if term is None:
            doubts.append(Doubt(askable, value, choices))
        else:
            found.append((askable, term))
    things = [term for _, term in found if isinstance(term, ox.NamedNode)]
    known_things = (
        {row["thing"] for row in page_queries.rows(release, "named-things", things=things)} if things else set()
    )
    for thing in things:
        if thing not in known_things:
            raise refused(f"Nothing in this release has the IRI {written(thing)}.")
    names = Labels(release, things)
    return tuple(dict.fromkeys(Chosen(askable, names.shown(term)) for askable, term in found)), tuple(doubts)


def _term(value: str, askable: Askable, release: Release, kind: ThingKind) -> Term | None:
    """Return the term that *value* is written as; None if it is a name. Raises Problem (400) if it is malformed."""
    if value.startswith('"'):
        literals = {str(term): term for term in query_conditions.values(release, kind, askable.path)}
        if value not in literals:
            raise refused(f"The parameter {askable.name} has a value in quotation marks that nothing here has.")
        return literals[value]
    iri = value[1:-1] if value.startswith("<") and value.endswith(">") else ""
    if value.startswith(("http://", "https://")):
        iri = value
    elif (prefixed := PREFIXED.fullmatch(value)) and prefixed[1] in PREFIXES:
        iri = PREFIXES[prefixed[1]] + prefixed[2]
    if not iri:
        return None
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise refused(f"The parameter {askable.name} is not a valid IRI.") from None


def _fitting(
    release: Release, kind: ThingKind, askable: Askable, typed: str, *, typing: bool = False
) -> tuple[tuple[Shown, ...], bool]:
    """Return the values of the condition that may be called *typed*, and whether that is surely the first of them."""
    values = query_conditions.values(release, kind, askable.path)
    found = full_text.search_index(release).find(typed, most=COMPARED, typing=typing)
    hits = {hit.iri: hit for hit in found.hits}
    things = [node for iri in hits if (node := ox.NamedNode(iri)) in values]
    names = Labels(release, things)
    exact = [iri for thing in things if (iri := thing.value) and any(_same(typed, name) for name, _ in hits[iri].names)]
    shown = [names.shown(thing) for thing in things]
    if not shown:
        # literals, and things that the index doesn't have
        every = Labels(release, [term for term in values if isinstance(term, ox.NamedNode)])
        asked = typed.casefold().split()
        shown = [one for term in values if all(word in (one := every.shown(term)).text.casefold() for word in asked)]
        exact = [one.text for one in shown if _same(typed, one.text)]
        shown.sort(key=lambda one: not _same(typed, one.text))
    elif len(exact) == 1:
        shown.sort(key=lambda one: one.iri != exact[0])
    sure = len(exact) == 1 or (len(shown) == 1 and not exact and found.whole and not found.meant)
    return tuple(shown[:MOST_CHOICES]), sure


def _same(typed: str, name: str) -> bool:
    return typed.casefold() == " ".join(name.casefold().split())


def _count(question: BuiltQuestion, name: str) -> Askable | str:
    if not name or (name == YEAR and question.has_dates):
        return name
    found = question.terms.called(name)
    return found if found is not None and found.is_condition else ""


def _view(name: str) -> str:
    if name and name not in VIEWS:
        raise refused(f"The parameter view must be one of {', '.join(VIEWS)}.")
    return name


def _fields(question: BuiltQuestion) -> tuple[tuple[str, str], ...]:
    """Return *question* as parameters, in the order of the form."""
    period = question.period
    count = question.count if isinstance(question.count, str) else question.count.name
    more = [
        ("from", period.texts[0] if period else ""),
        ("to", period.texts[1] if period else ""),
        ("dates", "certain" if period and period.certain else ""),
        ("words", " ".join(question.words)),
        *(("column", one.name) for one in question.columns),
        ("count", count),
        ("view", question.view),
    ]
    conditions = [(one.askable.name, one.text) for one in question.conditions]
    return (("kind", question.terms.kind.name), *conditions, *((name, value) for name, value in more if value))


def _single(fields: Iterable[tuple[str, str]], name: str) -> str:
    found = [value for other, value in fields if other == name]
    if len(found) > 1:
        raise refused(f"The parameter {name} may be given only once.")
    return found[0] if found else ""
