"""The words of the interface in the language of a request: from the catalogues (gettext) in ``web/locales``.

Only our own words are translated: names are shown as they are recorded, and the documentation stays English.
"""

import gettext as catalogues
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Flask, g, request
from markupsafe import Markup

from kzus_graph.rdf import message_catalogues
from kzus_graph.web.http import base_url
from kzus_graph.web.view import locale

FOLDER: Final = Path(__file__).parents[1] / "locales"
"""The folder of the catalogues: one ``.po`` file for each language but English, and the template of all (``.pot``)."""
KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "plural": (2, 3), "marked": None}
"""The functions whose arguments are messages, as Babel's extraction names them: with the places of the messages."""
SPACES: Final = ("id", "topic", "code", "source", "note", "graph", "ontology", "shapes", "dataset")
"""The first parts of the paths of IRIs that redirect to a page or an RDF document."""
NARROW: Final = "\u00a0"
"""The space between groups of three digits in Kazakh and Russian numbers (CLDR)."""


@lru_cache
def catalogue(language: str) -> catalogues.NullTranslations:
    """Return the catalogue of *language*; that of English has each message as it is."""
    return (
        catalogues.NullTranslations()
        if language == locale.ENGLISH
        else message_catalogues.read(FOLDER / f"{language}.po", language)
    )


def marked(message: str) -> str:
    """Return *message* unchanged: it is translated where it is used, and marked here for extraction."""
    return message


def gettext(message: str, **values: object) -> str:
    """Return *message* in the language of the request, with *values* for its placeholders."""
    found = catalogue(locale.wanted()).gettext(message) if message else ""
    return found % values if values else found


def ngettext(one: str, many: str, value: int) -> str:
    """Return the form of the message *one* (in the plural *many*) that the language of the request has for *value*."""
    return catalogue(locale.wanted()).ngettext(one, many, value)


def number(value: int) -> str:
    """Return *value* as text, with commas (in Kazakh and Russian: spaces) between groups of three digits.

    >>> number(12345)
    '12,345'
    """
    text = f"{value:,}"
    return text if locale.wanted() == locale.ENGLISH else text.replace(",", NARROW)


def plural(value: int, one: str, many: str = "") -> str:
    """Return *value* as text with its noun: the singular *one* or the plural *many* (by default *one* and an s).

    >>> plural(1, "event"), plural(3, "event"), plural(2, "party", "parties")
    ('1 event', '3 events', '2 parties')
    """
    return f"{number(value)} {ngettext(one, many or one + 's', value)}"


def lang_of(language: str) -> Markup:
    """Return the attribute ``lang`` for a text in *language*, English if that is empty; nothing in a page in it."""
    tag = language or locale.ENGLISH
    return Markup() if tag == locale.wanted() else Markup(' lang="{}"').format(tag)


def to(path: str, **parameters: str) -> str:
    """Return the URL of the page *path* for links, with *parameters* and the ``?lang=`` of this request, if any.

    In a static copy of the site, which has no parameters, the URL is relative to the page, in the folder of its
    language, and the page that an IRI redirects to takes the place of the IRI.
    """
    path = path.lstrip("/")
    if locale.is_copy():
        return locale.up(page_path(path))
    base_url.note(base_url.BY_PREFIX)
    given = {name: value for name, value in {**parameters, "lang": locale.asked()}.items() if value}
    return f"{request.script_root}/{path}{'?' if given else ''}{urlencode(given, quote_via=quote)}"


def page_path(path: str) -> str:
    """Return the path of the page that the IRI with *path* redirects browsers to; *path* itself if it has none.

    >>> page_path("id/astana"), page_path("ontology"), page_path("query/meetings"), page_path("years")
    ('page/id/astana', 'page/ontology', 'query/meetings', 'years')
    """
    return f"page/{path}" if path.partition("/")[0] in SPACES else path


def languages() -> list[tuple[str, str, str]]:
    """Return the languages of the interface: tag, own name, and the address of this page in the language.

    The list is empty for an answer of the SPARQL endpoint, which is in English, and in a copy with one language.
    """
    if locale.is_for_programs():
        return []
    if locale.is_copy():
        path, kept = quote(request.path.lstrip("/")), locale.copied()
        places = {tag: "" if tag == locale.ENGLISH else f"{tag}/" for tag in kept if len(kept) > 1}
        return [(tag, locale.LANGUAGES[tag], locale.up(place + path, shared=True)) for tag, place in places.items()]
    base_url.note(base_url.BY_PREFIX)
    items = () if "stand_in" in g else request.args.items(multi=True)
    given = [(name, value) for name, value in items if name != "lang"]
    path = request.script_root + quote(request.path)
    return [(tag, name, f"{path}?{urlencode([*given, ('lang', tag)])}") for tag, name in locale.LANGUAGES.items()]


def install(app: Flask) -> None:
    """Let the templates of *app* use the functions of this module."""
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= {
        "lang_of": lang_of,
        "to": to,
        "languages": languages,
        "plural": plural,
        "page_language": locale.wanted,
        "asked_language": locale.asked,
    }
    environment.filters["number"] = number
