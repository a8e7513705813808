"""Finds the names of RDF terms, in the form in which pages show them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.web.view import date_format, locale, page_queries
from kzus_graph.web.view.page_queries import Term

XSD: Final = PREFIXES["xsd"]
MOST_REMEMBERED: Final = 50_000
Name = tuple[str, str]
"""A name and its language tag."""
NAMELESS: Final[Name] = ("", "")
WORDS: Final = {
    PREFIXES["rdf"] + "type": "kind",
    PREFIXES["rdfs"] + "label": "name",
    PREFIXES["rdfs"] + "comment": "comment",
    PREFIXES["skos"] + "altLabel": "other name",
    PREFIXES["skos"] + "prefLabel": "preferred name",
    PREFIXES["skos"] + "definition": "definition",
    PREFIXES["skos"] + "scopeNote": "scope",
    PREFIXES["skos"] + "broader": "broader",
    PREFIXES["skos"] + "narrower": "narrower",
    PREFIXES["skos"] + "inScheme": "scheme",
    PREFIXES["skos"] + "topConceptOf": "top concept of",
    PREFIXES["skos"] + "notation": "code",
    PREFIXES["skos"] + "exactMatch": "same as",
    PREFIXES["skos"] + "closeMatch": "nearly the same as",
    PREFIXES["skos"] + "broadMatch": "narrower than",
    PREFIXES["skos"] + "narrowMatch": "broader than",
    PREFIXES["skos"] + "relatedMatch": "related to",
    PREFIXES["dcterms"] + "isPartOf": "part of",
    PREFIXES["dcterms"] + "publisher": "publisher",
    PREFIXES["dcterms"] + "title": "title",
    PREFIXES["dcterms"] + "rights": "terms of use",
    PREFIXES["oa"] + "hasSource": "document",
    PREFIXES["oa"] + "hasSelector": "position in the document",
    PREFIXES["oa"] + "start": "first character",
    PREFIXES["oa"] + "end": "up to character",
    PREFIXES["skos"] + "Concept": "Concept",
    PREFIXES["skos"] + "ConceptScheme": "List of concepts",
    PREFIXES["dcat"] + "Dataset": "Data set",
    PREFIXES["owl"] + "Ontology": "Ontology",
    BASE + "graph/entities": "Editors: names and kinds of things",
    BASE + "graph/editorial": "Editors: notes and decisions",
    BASE + "graph/sources": "Editors: description of sources",
    BASE + "graph/ontology": "The ontology",
    BASE + "graph/codes": "The lists of codes",
    BASE + "graph/topics": "The list of topics",
    BASE + "graph/alignment": "The alignment with other vocabularies",
    BASE + "graph/shapes": "The shapes",
    BASE + "graph/metadata": "The description of the data set",
    BASE + "graph/examples": "The example questions",
    BASE + "graph/inferred": "Inferred facts",
    BASE + "graph/mappings": "The reasons for links",
    PREFIXES["foaf"] + "isPrimaryTopicOf": "page about it",
    PREFIXES["foaf"] + "homepage": "home page",
    PREFIXES["owl"] + "annotatedSource": "links",
    PREFIXES["owl"] + "annotatedProperty": "as",
    PREFIXES["owl"] + "annotatedTarget": "to",
    PREFIXES["dcterms"] + "created": "made on",
    PREFIXES["sssom"] + "mapping_justification": "how the link was made",
    PREFIXES["sssom"] + "confidence": "confidence",
    PREFIXES["sssom"] + "object_label": "name in the other data set",
    PREFIXES["sssom"] + "object_category": "kind in the other data set",
    PREFIXES["sssom"] + "Mapping": "Link",
    PREFIXES["semapv"] + "ManualMappingCuration": "judged by a person",
}
"""Names for IRIs that have no label in the data, or a label that is too technical for readers."""


@dataclass(frozen=True)
class Shown:
    """An RDF term as a page shows it: its text, the text's language (empty for English), its IRI and its datatype."""

    term: Term
    text: str
    language: str = ""

    @property
    def iri(self) -> str:
        """The IRI of the term; empty for a literal or a blank node."""
        return self.term.value if isinstance(self.term, ox.NamedNode) else ""

    @property
    def own(self) -> bool:
        """Whether the term is an IRI in this project's namespace."""
        return self.iri.startswith(BASE)

    @property
    def datatype(self) -> str:
        """The datatype IRI of a literal; empty for strings, language-tagged strings and other terms."""
        if isinstance(self.term, ox.Literal) and not self.term.language:
            kind = self.term.datatype.value
            return "" if kind == XSD + "string" else kind
        return ""


class Labels:
    """The names of all terms of a page, fetched in one query, and cached for other pages of the same release."""

    def __init__(self, release: Release, terms: Iterable[Term], language: str = "") -> None:
        """Fetch the names of *terms* in *language*; if *language* is empty, in the language of the current request."""
        language = language or locale.wanted()
        things = {term.value for term in terms if isinstance(term, ox.NamedNode)}
        remembered = _remembered(release, language)
        self._names = {thing: remembered[thing] for thing in things if thing in remembered}
        fresh = dict.fromkeys(sorted(things - self._names.keys()), NAMELESS)
        liking = {language: 0, locale.ENGLISH: 1, "": 2}
        if not fresh:
            return
        for row in page_queries.rows(release, "labels", things=[ox.NamedNode(thing) for thing in fresh]):
            label = row["label"]
            assert isinstance(label, ox.Literal)
            name, other = (label.value, label.language or ""), fresh[row["thing"].value]
            if other is NAMELESS or liking.get(name[1], 3) < liking.get(other[1], 3):
                fresh[row["thing"].value] = name
        self._names |= fresh
        if len(remembered) < MOST_REMEMBERED:
            remembered.update(fresh)

    def __getitem__(self, iri: str) -> str:
        return WORDS.get(iri) or self._names.get(iri, NAMELESS)[0] or compact(iri).strip("<>").removeprefix(BASE)

    def language(self, iri: str) -> str:
        """Return the language tag of the name of *iri*; empty for English, and for a name without a language tag."""
        language = "" if iri in WORDS else self._names.get(iri, NAMELESS)[1]
        return "" if language == locale.ENGLISH else language

    def of_property(self, iri: str) -> str:
        """Return the name of the property *iri*; if the property has none, the words of its local name."""
        found = self[iri]
        return spoken(found.partition(":")[2]) if found == compact(iri) else found

    def shown(self, term: Term) -> Shown:
        """Return *term* with the text that a page shows: a name, a date in words, yes or no, or its lexical form."""
        if not isinstance(term, ox.Literal):
            return Shown(term, self[term.value], self.language(term.value))
        kind = term.datatype.value
        if kind == XSD + "date":
            return Shown(term, date_format.span(term.value, term.value))
        if kind == XSD + "boolean":
            return Shown(term, "yes" if term.value in ("true", "1") else "no")
        return Shown(term, term.value, term.language or "")


@once
def _remembered(release: Release, language: str) -> dict[str, Name]:
    """Return the cache of names in *language*: a dict from IRI to name (or NAMELESS), which ``Labels`` fills."""
    return {}


def called(rows: Iterable[page_queries.Row], names: Labels, columns: Mapping[str, str]) -> list[page_queries.Row]:
    """Return *rows* with added columns of names; *columns* maps each new column to the column with the terms."""
    return [
        row | {label: ox.Literal(names[row[thing].value]) for label, thing in columns.items() if thing in row}
        for row in rows
    ]


def spoken(local: str) -> str:
    """Return *local*, a local name in camel case or with underscores, with blanks between its words.

    Words become lower-case, except those in capitals, and those that end in a digit.

    >>> spoken("classPartition"), spoken("P11_had_participant"), spoken("hasBeginTimeStamp"), spoken("hasURL")
    ('class partition', 'P11 had participant', 'has begin time stamp', 'has URL')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", local).split()
    return " ".join(word if word.isupper() or word[-1].isdigit() else word.lower() for word in words)


def natural(text: str) -> list[tuple[int, str]]:
    """Return a sort key for *text* that orders numbers within texts by their value.

    >>> sorted(["sentence 10", "sentence 2"], key=natural)
    ['sentence 2', 'sentence 10']
    """
    parts = re.split(r"(\d+)", text)
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts]


def iris(rows: Iterable[page_queries.Row], names: Sequence[str]) -> set[Term]:
    """Return the terms in the columns *names* of *rows*."""
    return {row[name] for row in rows for name in names if name in row}
