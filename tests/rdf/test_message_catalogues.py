"""Catalogues of translations: read as gettext files; terms are found by their prefixed name and English label."""

from pathlib import Path

import pytest

from kzus_graph.rdf.message_catalogues import TermNames, read
from kzus_graph.rdf.prefixes import PREFIXES

VISIT = PREFIXES["dip"] + "Visit"
CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "dip:Visit"
msgid "Visit"
msgstr "{}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, name in (("ru", "Визит"), ("kk", "")):
        (tmp_path / f"{language}.po").write_text(CATALOGUE.format(name), "utf-8")
    return tmp_path


def test_a_catalogue_has_its_messages_by_context(folder: Path) -> None:
    found = read(folder / "ru.po", "ru")
    assert (found.pgettext("dip:Visit", "Visit"), found.gettext("Visit")) == ("Визит", "Visit")


def test_a_term_has_the_names_that_are_translated(folder: Path) -> None:
    names = TermNames(folder.glob("*.po"))
    assert names.of(VISIT, "Visit") == [("Визит", "ru")]
    assert [names.translated(VISIT, "Visit", language) for language in ("ru", "kk", "de")] == ["Визит", "", ""]
    # a label that has changed is English until it is translated anew
    assert names.of(VISIT, "A visit") == [] and names.of(PREFIXES["dip"] + "Meeting", "Visit") == []
    assert TermNames(()).of(VISIT, "Visit") == []
