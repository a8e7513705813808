"""The example queries of a release: each a question in words with its SPARQL text."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import queries
from kzus_graph.rdf.queries import HEADER, NAME, SERVICE
from kzus_graph.web.sparql import column_headings
from kzus_graph.web.sparql.column_headings import Heading
from kzus_graph.web.view import locale, page_queries
from kzus_graph.web.view.translation import marked

GROUPS: Final = (
    marked("Visits"),
    marked("Meetings and who took part"),
    marked("People and their offices"),
    marked("States, bodies, companies and groups"),
    marked("Events: kinds, parts, places"),
    marked("Dates and order"),
    marked("Agreements and other instruments"),
    marked("What was said"),
    marked("Topics"),
    marked("Sources, doubts and disagreements"),
    marked("Names, kinds and what was inferred"),
    marked("Links to other data sets"),
    marked("Asked together with other endpoints"),
)
"""The headings for example queries, in their order on the query page; headings not in this list come after these."""
OTHER: Final = marked("Other questions")
OWN: Final = frozenset({"dip", "kzus", "topic", "code"})
"""The prefixes of names that tell what a query is about."""
MOST_RELATED: Final = 6
SAME_GROUP: Final = 0.1


@dataclass(frozen=True)
class Example:
    """An example query: a *question* in words, and *text*, the SPARQL query that answers it.

    *group* is its heading on the query page; *services* are the addresses of the SPARQL endpoints that it calls.
    """

    name: str
    question: str
    text: str
    group: str = OTHER
    services: tuple[str, ...] = ()
    # What its answer leaves out, the source that it was written for, and its best view, each empty if not stated.
    note: str = ""
    source: str = ""
    view: str = ""
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    """The headings of columns that are not those of other questions: by variable, then by language."""
    translations: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The question in other languages; *notes* has the note in these."""
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def asked_in(self, language: str) -> tuple[str, str]:
        """Return the question in *language*, else in English, and the tag of the language in which it is."""
        found = self.translations.get(language)
        return (found, language) if found else (self.question, locale.ENGLISH)

    def noted_in(self, language: str) -> tuple[str, str]:
        """Return the note in *language*, else in English, and the tag of the language in which it is."""
        found = self.notes.get(language)
        return (found, language) if found else (self.note, locale.ENGLISH)

    @property
    def hosts(self) -> str:
        """The host names of the endpoints in *services*, joined by "and"."""
        return " and ".join(urlsplit(service).netloc for service in self.services)


@once
def listed(release: Release) -> tuple[Example, ...]:
    """Return the example queries of *release*, sorted by name."""
    return tuple(
        _example(row["example"].value.rpartition("/")[2], row["question"].value, row["text"].value)
        for row in page_queries.rows(release, "query-examples")
    )


def _example(name: str, question: str, text: str) -> Example:
    said = dict(HEADER.findall(text))
    return Example(
        name,
        question,
        _shown(text),
        said.get("group", OTHER),
        tuple(sorted(set(SERVICE.findall(text)))),
        said.get("note", "").strip(),
        said.get("source", "").strip(),
        said.get("view", "").strip(),
        _columns({locale.ENGLISH: said.get("columns", ""), **queries.translations(text, "columns")}),
        queries.translations(text, "summary"),
        queries.translations(text, "note"),
    )


def _columns(lines: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the headings in header lines ``columns``, one for each language: by variable, then by language.

    >>> _columns({"en": "end = Up to; start = From", "ru": "end = До"})
    {'end': {'en': 'Up to', 'ru': 'До'}, 'start': {'en': 'From'}}
    """
    found: dict[str, dict[str, str]] = {}
    for language, line in lines.items():
        for variable, _, heading in (pair.partition("=") for pair in line.split(";")):
            if heading.strip():
                found.setdefault(variable.strip(), {})[language] = heading.strip()
    return found


def headings(example: Example) -> dict[str, Heading]:
    """Return the headings that *example* gives its columns, by variable, in the language of the page or in English."""
    found = ((variable, column_headings.chosen(said)) for variable, said in example.columns.items())
    return {variable: heading for variable, heading in found if heading is not None}


def named(release: Release, name: str) -> Example | None:
    """Return the example query of *release* with this *name*, or None."""
    return next((one for one in listed(release) if one.name == name), None)


def related(release: Release, example: Example) -> list[Example]:
    """Return up to MOST_RELATED other example queries that have most in common with *example*, the nearest first.

    What two have in common are terms of the data set in their queries; a term weighs more the fewer queries have it.
    """
    terms = _terms(release)
    uses = Counter(term for found in terms.values() for term in found)
    own = terms[example.name]

    def likeness(other: Example) -> float:
        weights = [1 / uses[term] for term in own & terms[other.name]]
        every = [1 / uses[term] for term in own | terms[other.name]]
        return sum(weights) / (sum(every) or 1) + (SAME_GROUP if other.group == example.group else 0)

    others = [other for other in listed(release) if other.name != example.name]
    return sorted(others, key=lambda other: (-likeness(other), other.name))[:MOST_RELATED]


@once
def _terms(release: Release) -> dict[str, frozenset[tuple[str, str]]]:
    """Return the prefixed names in each example query of *release*, by the query's name."""
    return {one.name: frozenset(term for term in NAME.findall(one.text) if term[0] in OWN) for one in listed(release)}


def grouped(found: Iterable[Example]) -> dict[str, list[Example]]:
    """Return the examples *found* by group: first the GROUPS in order, then other groups by name, then OTHER.

    >>> some = [Example("a", "A?", ""), Example("b", "B?", "", "Tea"), Example("c", "C?", "", "Topics")]
    >>> {group: [one.name for one in ones] for group, ones in grouped(some).items()}
    {'Topics': ['c'], 'Tea': ['b'], 'Other questions': ['a']}
    """
    groups: dict[str, list[Example]] = {}
    for example in found:
        groups.setdefault(example.group, []).append(example)
    order = {group: place for place, group in enumerate(GROUPS)}
    return dict(sorted(groups.items(), key=lambda item: (item[0] == OTHER, order.get(item[0], len(order)), item[0])))


def of(release: Release, text: str) -> Example | None:
    """Return the example query whose SPARQL is *text*, or None; line endings and outer white space may differ."""
    asked = text.replace("\r\n", "\n").strip()
    return next((one for one in listed(release) if one.text.strip() == asked), None)


def _shown(text: str) -> str:
    """Return the query *text*, its header lines for ``summary``, ``note`` and ``returns`` written as plain comments.

    A header line is ``#+ key: value``; header lines with other keys, and translations, are left out.

    >>> _shown("#+ summary: Who?\\n#+ source: a\\n#+ note: Only here.\\nASK {}\\n")
    '# Who?\\n# Only here.\\nASK {}\\n'
    """
    lines = []
    for line in text.splitlines():
        if line.startswith("#+ "):
            key, _, value = line[3:].partition(":")
            if key in ("summary", "note"):
                lines.append(f"# {value.strip()}")
            elif key == "returns":
                lines.append(f"# Returns: {value.strip()}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
