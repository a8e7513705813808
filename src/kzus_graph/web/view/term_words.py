"""The names of the ontology's terms in Kazakh and Russian: from the catalogues (gettext) in ``ontology/words``.

A release has a copy of them. A term is found by its prefixed name (the context of its message) and its English label,
so a label that changes is English until it is translated anew.
"""

from collections.abc import Iterator
from typing import IO, Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.releases import publication
from kzus_graph.web.view import locale

LABELS: Final = frozenset((PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel"))
MESSAGE: Final = "pgettext"
"""The function under which labels are extracted: the keyword of Babel for a message with a context."""


@once
def names(release: Release) -> TermNames:
    """Return the names of terms in the catalogues of *release*; it may have none."""
    return TermNames((release.folder / publication.WORDS).glob("*.po") if release.folder is not None else ())


def translated(release: Release, language: str, iri: str, label: str) -> str:
    """Return the name in *language* of the term *iri* with the English *label*; empty if it is not translated."""
    return names(release).translated(iri, label, language)


def extracted(file: IO[bytes], *_: object, **_options: object) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Yield each English label of a Turtle *file* as a message for Babel, with the prefixed name of its term."""
    for triple in ox.parse(file.read(), format=ox.RdfFormat.TURTLE):
        label = triple.object
        if triple.predicate.value in LABELS and isinstance(label, ox.Literal) and label.language == locale.ENGLISH:
            assert isinstance(triple.subject, ox.NamedNode)
            yield 0, MESSAGE, (compact(triple.subject.value), label.value), []
