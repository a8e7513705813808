"""Catalogues of messages (gettext): files with the translations of words, by language; those of terms have contexts."""

import gettext
import io
from collections.abc import Iterable
from pathlib import Path

from babel.messages import mofile, pofile

from kzus_graph.rdf.prefixes import compact


def read(path: Path, language: str) -> gettext.GNUTranslations:
    """Return the catalogue for *language* in the file *path* (``.po``)."""
    with path.open("rb") as file:
        messages = pofile.read_po(file, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class TermNames:
    """The translated names of terms in the catalogues of a folder, one file for each language."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Read *files*, each named after its language, such as ``ru.po``."""
        self._catalogues = {path.stem: read(path, path.stem) for path in sorted(files)}

    def of(self, iri: str, label: str) -> list[tuple[str, str]]:
        """Return the names of the term *iri* with the English *label*, each with its language."""
        found = [(self.translated(iri, label, language), language) for language in self._catalogues]
        return [(name, language) for name, language in found if name]

    def translated(self, iri: str, label: str, language: str) -> str:
        """Return the name in *language* of the term *iri* with the English *label*; empty if it is not translated."""
        known = self._catalogues.get(language)
        found = known.pgettext(compact(iri), label) if known is not None else label
        return "" if found == label else found
