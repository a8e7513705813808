"""The names of the ontology's terms in Kazakh and Russian: from the catalogues (gettext) in ``ontology/words``.

A release has a copy of them. A term is found by its prefixed name (the context of its message) and its English label,
so a label that changes is English until it is translated anew.
"""

import gettext as catalogues
from collections.abc import Iterator
from typing import IO, Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import message_catalogues
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.releases import publication
from kzus_graph.web.view import locale

LABELS: Final = frozenset((PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel"))
MESSAGE: Final = "pgettext"
"""The function under which labels are extracted: the keyword of Babel for a message with a context."""


@once
def words(release: Release, language: str) -> catalogues.NullTranslations:
    """Return the catalogue of *release* for *language*; it is empty if the release has none."""
    file = release.folder / publication.WORDS / f"{language}.po" if release.folder is not None else None
    if language == locale.ENGLISH or file is None or not file.is_file():
        return catalogues.NullTranslations()
    return message_catalogues.read(file, language)


def translated(release: Release, language: str, iri: str, label: str) -> str:
    """Return the name in *language* of the term *iri* with the English *label*; empty if it is not translated."""
    found = words(release, language).pgettext(compact(iri), label)
    return "" if found == label else found


def extracted(file: IO[bytes], *_: object, **_options: object) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Yield each English label of a Turtle *file* as a message for Babel, with the prefixed name of its term."""
    for triple in ox.parse(file.read(), format=ox.RdfFormat.TURTLE):
        label = triple.object
        if triple.predicate.value in LABELS and isinstance(label, ox.Literal) and label.language == locale.ENGLISH:
            assert isinstance(triple.subject, ox.NamedNode)
            yield 0, MESSAGE, (compact(triple.subject.value), label.value), []
