"""Chooses the language of the names on a page: that of ``?lang=``, else of Accept-Language, else English.

The languages are English, Kazakh and Russian. Only names of things depend on it; the text of the pages is always
English. Each Accept-Language header is reduced to one of the three, so that the cache contains at most three versions
of an answer.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
from flask import current_app, g, has_request_context, request

from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view.page_queries import Term

ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "kk": "қазақ тілі", "ru": "русский"}
"""The languages of names: each tag with the language's own name for itself (CLDR 47)."""
LONGEST: Final = 500
"""Only this many characters of a header are read: no client lists so many languages."""
STATIC: Final = "KZUS_STATIC"
"""The key in a Flask application's config that is set when pages are generated for a static copy of the site."""


def preferred(accept_language: str) -> str:
    """Return the tag in LANGUAGES that an Accept-Language header (RFC 9110 §12.5.4) prefers, else ``en``.

    Only the first subtag of a language range is compared (lookup, RFC 4647 §3.4); a star selects English.

    >>> preferred("ru-RU,en;q=0.8"), preferred("de, kk;q=0.5"), preferred("de"), preferred("*, ru;q=0.5"), preferred("")
    ('ru', 'kk', 'en', 'en', 'en')
    """
    return _preferred(accept_language[:LONGEST])


@lru_cache(maxsize=256)
def _preferred(accept_language: str) -> str:
    best, most = ENGLISH, 0.0
    for tag, weight in content_negotiation.ranges(accept_language):
        language = ENGLISH if tag == "*" else tag.partition("-")[0]
        if language in LANGUAGES and weight > most:
            best, most = language, weight
    return best


def asked() -> str:
    """Return the language tag in the parameter ``?lang=`` of this request; empty if there is no such parameter.

    Raises Problem (400) if the tag is not in LANGUAGES.
    """
    name = request.args.get("lang", "")
    if name and name not in LANGUAGES:
        raise Problem(400, "lang", f"The parameter lang must be one of {', '.join(LANGUAGES)}.")
    return name


def wanted() -> str:
    """Return the tag of the language for names in this request's answer; record that the answer depends on it.

    The language is English outside of a request and in a static copy of the site. Raises Problem (400) if ``?lang=``
    is not in LANGUAGES.
    """
    if not has_request_context() or STATIC in current_app.config:
        return ENGLISH
    if "language" not in g:
        # The language in the answer's cache key, which the ASGI front derived from the same header.
        kept_by = request.environ.get("kzus.language")
        g.language = asked() or kept_by or preferred(request.headers.get("Accept-Language", ""))
    language: str = g.language
    return language


def headers() -> dict[str, str]:
    """Return the headers Content-Language and Vary for this request's answer, if it depends on the language.

    It does if ``wanted`` was called during the request; otherwise the result is empty.
    """
    if not has_request_context() or "language" not in g:
        return {}
    names = "" if g.language == ENGLISH else f", {g.language}"
    return {"Content-Language": ENGLISH + names, "Vary": "Accept-Language"}


def choices(names: Iterable[Term]) -> list[tuple[str, str, bool]]:
    """Return the languages that a reader of a page can choose: tag, name, and whether the page is in it now.

    *names* are the preferred names of the thing that the page is about; their language tags are the choice. The list
    is empty if fewer than two of LANGUAGES occur.
    """
    found = {name.language for name in names if isinstance(name, ox.Literal)}
    tags = [tag for tag in LANGUAGES if tag in found]
    return [(tag, LANGUAGES[tag], tag == wanted()) for tag in tags] if len(tags) > 1 else []
