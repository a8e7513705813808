"""The SPARQL text of a question that was put together from a form, written to be read and changed."""

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from flask import render_template

from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.web.sparql.answer_views import PLACES
from kzus_graph.web.sparql.column_headings import Heading
from kzus_graph.web.sparql.condition_table import ConditionPath
from kzus_graph.web.sparql.query_conditions import Askable
from kzus_graph.web.sparql.query_form import YEAR, BuiltQuestion, Chosen
from kzus_graph.web.view.page_queries import Term

LABEL: Final = PREFIXES["rdfs"] + "label"
PREFERRED: Final = PREFIXES["skos"] + "prefLabel"


class Terms:
    """Writes terms as in SPARQL, and remembers the prefixes that it used."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def iri(self, iri: str) -> str:
        """Return *iri* as a prefixed name if it has a prefix, else in angle brackets."""
        name = compact(iri)
        if not name.startswith("<"):
            self.used.add(name.partition(":")[0])
        return name

    def term(self, term: Term) -> str:
        """Return an IRI or a literal, with all that needs it escaped."""
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        assert isinstance(term, ox.Literal)
        kind = term.datatype.value
        if term.language or kind == PREFIXES["xsd"] + "string":
            return str(term)
        return f"{ox.Literal(term.value)}^^{self.iri(kind)}"

    def path(self, path: ConditionPath, *then: str) -> str:
        """Return the property path *path*, followed by the properties *then*."""
        if path.twofold:
            first, seconds = path.twofold[0][0], [self.iri(second) for _, second in path.twofold]
            steps = [self.iri(first), f"({'|'.join(seconds)})" if len(seconds) > 1 else seconds[0]]
        else:
            steps = [self.iri(iri) for iri in path.forward] or ["^" + self.iri(iri) for iri in path.backward]
        return "/".join([*steps, *map(self.iri, then)])

    def prefixes(self) -> list[tuple[str, str]]:
        """Return the prefixes that were used, with their namespaces, by name."""
        return [(name, PREFIXES[name]) for name in sorted(self.used)]


def text(question: BuiltQuestion) -> str:
    """Return the SPARQL query for *question*; it has no text from the client but literals with all escaped."""
    terms = Terms()
    period = question.period
    kind = question.terms.kind
    count = question.count if isinstance(question.count, Askable) else None
    by_value = mapped_column(question) if question.view == "map" and not question.count else None
    columns = dict.fromkeys([*question.columns, *([by_value] if by_value else [])])
    body = render_template(
        "built.rq",
        question=question,
        terms=terms,
        thing=kind.variable,
        things=kind.variable + ("Number" if kind.variable.endswith("s") else "s"),
        kind=terms.iri(kind.iri),
        conditions=_grouped(question.conditions),
        words=[str(ox.Literal(word)) for word in question.words],
        first=terms.term(_date(period.first)) if period and period.first else "",
        last=terms.term(_date(period.last)) if period and period.last else "",
        period=period,
        dated=question.has_dates and (not question.count or question.count == YEAR or period is not None),
        by_year=question.count == YEAR,
        count=count,
        single=[one for one in columns if one == by_value or one.single],
        joined=[one for one in columns if one != by_value and not one.single],
        label=LABEL,
        label_of=_label_of,
        comment=comment,
    )
    head = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in terms.prefixes())
    comments = "".join(f"# {line}\n" for line in sentence(question))
    return f"{comments}{head}\n{body.strip()}\n"


def mapped_column(question: BuiltQuestion) -> Askable | None:
    """Return the column of places that a map of the answer can show, if things of the kind have one."""
    places = [one for one in (*question.columns, *question.terms.askable) if one.variable in PLACES]
    return next(iter(places), None)


def sentence(question: BuiltQuestion) -> list[str]:
    """Return what *question* asks in English, a line for the kind and one for each condition."""
    lines = [comment(question.terms.kind.label)]
    for askable, chosen in _grouped(question.conditions):
        lines.append(f"{askable.names['en']}: {', '.join(comment(one.value.text) for one in chosen)}")
    if question.words:
        lines.append("The name has all these words")
    if question.period:
        first, last = question.period.texts
        days = f"from {first or 'any day'} to {last or 'any day'}"
        lines.append(f"{'Certainly' if question.period.certain else 'Possibly'} {days}")
    return lines


def comment(text: str) -> str:
    """Return *text* in one line, as a comment in SPARQL needs it."""
    return " ".join(text.split())


def _grouped(conditions: Iterable[Chosen]) -> list[tuple[Askable, list[Chosen]]]:
    found: dict[Askable, list[Chosen]] = {}
    for one in conditions:
        found.setdefault(one.askable, []).append(one)
    return list(found.items())


def _date(day: object) -> ox.Literal:
    return ox.Literal(str(day), datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))


def _label_of(askable: Askable) -> str:
    return PREFERRED if askable.has_concepts else LABEL


def headings(question: BuiltQuestion) -> dict[str, Heading]:
    """Return the headings of the columns of the answer, in the language of the request, by their variables."""
    counted = [question.count] if isinstance(question.count, Askable) else []
    place = mapped_column(question)
    return {
        one.variable: (one.text, one.language) for one in (*question.columns, *counted, *([place] if place else []))
    }
