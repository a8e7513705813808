"""Finds the names of RDF terms, in the form in which pages show them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.web.view import date_format, locale, page_queries, term_words, translation
from kzus_graph.web.view.page_queries import Term
from kzus_graph.web.view.translation import gettext, marked

XSD: Final = PREFIXES["xsd"]
MOST_REMEMBERED: Final = 50_000
Name = tuple[str, str]
"""A name and its language tag."""
NAMELESS: Final[Name] = ("", "")
WORDS: Final = {
    PREFIXES["rdf"] + "type": marked("kind"),
    PREFIXES["rdfs"] + "label": marked("name"),
    PREFIXES["rdfs"] + "comment": marked("comment"),
    PREFIXES["skos"] + "altLabel": marked("other name"),
    PREFIXES["skos"] + "prefLabel": marked("preferred name"),
    PREFIXES["skos"] + "definition": marked("definition"),
    PREFIXES["skos"] + "scopeNote": marked("scope"),
    PREFIXES["skos"] + "broader": marked("broader"),
    PREFIXES["skos"] + "narrower": marked("narrower"),
    PREFIXES["skos"] + "inScheme": marked("scheme"),
    PREFIXES["skos"] + "topConceptOf": marked("top concept of"),
    PREFIXES["skos"] + "notation": marked("code"),
    PREFIXES["skos"] + "exactMatch": marked("same as"),
    PREFIXES["skos"] + "closeMatch": marked("nearly the same as"),
    PREFIXES["skos"] + "broadMatch": marked("narrower than"),
    PREFIXES["skos"] + "narrowMatch": marked("broader than"),
    PREFIXES["skos"] + "relatedMatch": marked("related to"),
    PREFIXES["dcterms"] + "isPartOf": marked("part of"),
    PREFIXES["dcterms"] + "publisher": marked("publisher"),
    PREFIXES["dcterms"] + "title": marked("title"),
    PREFIXES["dcterms"] + "rights": marked("terms of use"),
    PREFIXES["oa"] + "hasSource": marked("document"),
    PREFIXES["oa"] + "hasSelector": marked("position in the document"),
    PREFIXES["oa"] + "start": marked("first character"),
    PREFIXES["oa"] + "end": marked("up to character"),
    PREFIXES["skos"] + "Concept": marked("Concept"),
    PREFIXES["skos"] + "ConceptScheme": marked("List of concepts"),
    PREFIXES["dcat"] + "Dataset": marked("Data set"),
    PREFIXES["owl"] + "Ontology": marked("Ontology"),
    BASE + "graph/entities": marked("Editors: names and kinds of things"),
    BASE + "graph/editorial": marked("Editors: notes and decisions"),
    BASE + "graph/sources": marked("Editors: description of sources"),
    BASE + "graph/ontology": marked("The ontology"),
    BASE + "graph/codes": marked("The lists of codes"),
    BASE + "graph/topics": marked("The list of topics"),
    BASE + "graph/alignment": marked("The alignment with other vocabularies"),
    BASE + "graph/shapes": marked("The shapes"),
    BASE + "graph/metadata": marked("The description of the data set"),
    BASE + "graph/examples": marked("The example questions"),
    BASE + "graph/inferred": marked("Inferred facts"),
    BASE + "graph/mappings": marked("The reasons for links"),
    PREFIXES["foaf"] + "isPrimaryTopicOf": marked("page about it"),
    PREFIXES["foaf"] + "homepage": marked("home page"),
    PREFIXES["owl"] + "annotatedSource": marked("links"),
    PREFIXES["owl"] + "annotatedProperty": marked("as"),
    PREFIXES["owl"] + "annotatedTarget": marked("to"),
    PREFIXES["dcterms"] + "created": marked("made on"),
    PREFIXES["sssom"] + "mapping_justification": marked("how the link was made"),
    PREFIXES["sssom"] + "confidence": marked("confidence"),
    PREFIXES["sssom"] + "object_label": marked("name in the other data set"),
    PREFIXES["sssom"] + "object_category": marked("kind in the other data set"),
    PREFIXES["sssom"] + "Mapping": marked("Link"),
    PREFIXES["semapv"] + "ManualMappingCuration": marked("judged by a person"),
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
        """Fetch the names of *terms* in *language*; if *language* is empty, in the language of the current request.

        A term of the ontology without a name in *language* has its translated name, if there is one.
        """
        self._language = language = language or locale.wanted()
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
            found, other = (label.value, label.language or ""), fresh[row["thing"].value]
            if other is NAMELESS or liking.get(found[1], 3) < liking.get(other[1], 3):
                fresh[row["thing"].value] = found
        for thing, (name, tag) in fresh.items():
            if tag == locale.ENGLISH and (translated := term_words.translated(release, language, thing, name)):
                fresh[thing] = (translated, language)
        self._names |= fresh
        if len(remembered) < MOST_REMEMBERED:
            remembered.update(fresh)

    def __getitem__(self, iri: str) -> str:
        if iri in WORDS:
            return translation.catalogue(self._language).gettext(WORDS[iri])
        return self._names.get(iri, NAMELESS)[0] or compact(iri).strip("<>").removeprefix(BASE)

    def language(self, iri: str) -> str:
        """Return the language tag of the name of *iri*; empty for English, and for a name without a language tag."""
        return _tag(self._language if iri in WORDS else self._names.get(iri, NAMELESS)[1])

    def named(self, iri: str) -> Name:
        """Return the name of *iri* and its language, as in ``Shown``."""
        return self[iri], self.language(iri)

    def of_property(self, iri: str) -> Shown:
        """Return the property *iri* with its name; if the property has none, with the words of its local name."""
        found = self.shown(ox.NamedNode(iri))
        return replace(found, text=spoken(found.text.partition(":")[2])) if found.text == compact(iri) else found

    def shown(self, term: Term) -> Shown:
        """Return *term* with the text that a page shows: a name, a date in words, yes or no, or its lexical form."""
        if not isinstance(term, ox.Literal):
            return Shown(term, *self.named(term.value))
        kind = term.datatype.value
        if kind == XSD + "date":
            return Shown(term, date_format.span(term.value, term.value), of_page())
        if kind == XSD + "boolean":
            return Shown(term, gettext("yes") if term.value in ("true", "1") else gettext("no"), of_page())
        return Shown(term, term.value, term.language or "")


def of_page() -> str:
    """Return the language of our words on the page, as in ``Shown``: empty for English."""
    return _tag(locale.wanted())


def _tag(language: str) -> str:
    return "" if language == locale.ENGLISH else language


@once
def _remembered(release: Release, language: str) -> dict[str, Name]:
    """Return the cache of names in *language*: a dict from IRI to name (or NAMELESS), which ``Labels`` fills."""
    return {}


def called(rows: Iterable[page_queries.Row], names: Labels, columns: Mapping[str, str]) -> list[page_queries.Row]:
    """Return *rows* with added columns of names; *columns* maps each new column to the column with the terms."""
    return [
        row | {label: _called(row[thing].value, names) for label, thing in columns.items() if thing in row}
        for row in rows
    ]


def _called(iri: str, names: Labels) -> ox.Literal:
    text, language = names.named(iri)
    return ox.Literal(text, language=language or locale.ENGLISH)


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
