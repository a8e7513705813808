"""Headings of columns, for the variables of a query: from the table of the release, else the variable in words."""

from collections.abc import Mapping

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import headings
from kzus_graph.web.view import labels, locale

Heading = tuple[str, str]
"""A heading, and the tag of its language."""


def heading(release: Release, variable: str) -> Heading:
    """Return the heading for *variable* in the language of the page, else in English.

    It is from the table of *release*; a variable that is not in the table is its own heading, in words.
    """
    said = _table(release).get(variable, {})
    return chosen(said) or (in_words(variable), locale.ENGLISH)


def chosen(said: Mapping[str, str]) -> Heading | None:
    """Return what is *said*, by language, in the language of the page, else in English; None if in neither."""
    tags = (locale.wanted(), locale.ENGLISH)
    return next(((said[tag], tag) for tag in tags if tag in said), None)


def in_words(variable: str) -> str:
    """Return the name *variable* in words, as the heading of its column.

    >>> in_words("notBefore"), in_words("withHeadOfState"), in_words("start")
    ('Not before', 'With head of state', 'Start')
    """
    words = labels.spoken(variable) or variable
    return words[:1].upper() + words[1:]


@once
def _table(release: Release) -> Mapping[str, Mapping[str, str]]:
    return headings.read(release.folder) if release.folder is not None else {}
