"""Which of three languages the names on a page are in: ``?lang=``, else Accept-Language, else English.

Only names change; the words of the interface are English. Any header comes down to one of the three, so that there
are never more than three answers to keep.
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
"""The languages that things have names in, each as CLDR 47 calls it in itself."""
LONGEST: Final = 500
"""Of a longer header only so many characters count: nobody has so many languages."""
STATIC: Final = "KZUS_STATIC"
"""The name in an application's config that says: these pages are for a copy without a server."""


def preferred(accept_language: str) -> str:
    """Return which of the three an Accept-Language header (RFC 9110 §12.5.4) likes best; English if it likes none.

    A range stands for the language that it begins with (lookup, RFC 4647 §3.4), and a star for English.

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
    """Return the language that the address of this request names by ``?lang=``, empty if none.

    Raises Problem when it is none of the three.
    """
    name = request.args.get("lang", "")
    if name and name not in LANGUAGES:
        raise Problem(400, "lang", f"lang is one of {', '.join(LANGUAGES)}.")
    return name


def wanted() -> str:
    """Return the language that this request wants names in, and note that its answer depends on that.

    English outside of a request, and in a copy of the site without a server.
    Raises Problem when ``?lang=`` is none of the three.
    """
    if not has_request_context() or STATIC in current_app.config:
        return ENGLISH
    if "language" not in g:
        # What the answer is kept by, where it is; it was worked out there from the same header.
        kept_by = request.environ.get("kzus.language")
        g.language = asked() or kept_by or preferred(request.headers.get("Accept-Language", ""))
    language: str = g.language
    return language


def headers() -> dict[str, str]:
    """Return what an answer's headers say of its language: nothing, if none was ever asked for."""
    if not has_request_context() or "language" not in g:
        return {}
    names = "" if g.language == ENGLISH else f", {g.language}"
    return {"Content-Language": ENGLISH + names, "Vary": "Accept-Language"}


def choices(names: Iterable[Term]) -> list[tuple[str, str, bool]]:
    """Return the languages that a thing with these preferred *names* is called in: tag, own name, whether it is shown.

    Empty when there is no choice.
    """
    found = {name.language for name in names if isinstance(name, ox.Literal)}
    tags = [tag for tag in LANGUAGES if tag in found]
    return [(tag, LANGUAGES[tag], tag == wanted()) for tag in tags] if len(tags) > 1 else []
