"""Chooses the language of a page, its words and names: that of ``?lang=``, else of Accept-Language, else English.

The languages are English, Kazakh and Russian. The text of the documentation is always English. Each Accept-Language
header is reduced to one of the three, so that the cache contains at most three versions of an answer.
"""

from functools import lru_cache
from typing import Final

from flask import current_app, g, has_request_context, request

from kzus_graph.web.http import content_negotiation
from kzus_graph.web.http.problem_details import Problem

ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "kk": "қазақ тілі", "ru": "русский"}
"""The languages of words and names: each tag with the language's own name for itself (CLDR 47)."""
LONGEST: Final = 500
"""Only this many characters of a header are read: no client lists so many languages."""
FOR_PROGRAMS: Final = ("sparql", "reconcile", "changes.atom")
"""The first parts of the paths of the services for programs, which answer in English."""
STATIC: Final = "KZUS_STATIC"
"""The key in a Flask application's config that is set when pages are generated for a static copy of the site."""
COPIED: Final = "KZUS_COPIED"
"""The key in a Flask application's config for the tags of the languages of a static copy; only English without it."""


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

    Raises Problem (400), once for a request, if the tag is not in LANGUAGES.
    """
    name = request.args.get("lang", "")
    if name and name not in LANGUAGES:
        if g.get("refused"):
            return ""
        # The page that says so must not be refused, too.
        g.refused = True
        raise Problem(400, "lang", f"The parameter lang must be one of {', '.join(LANGUAGES)}.")
    return name


def is_copy() -> bool:
    """Return whether pages are being generated for a static copy of the site."""
    return STATIC in current_app.config


def copied() -> tuple[str, ...]:
    """Return the tags of the languages in which pages are generated for a static copy of the site."""
    found: tuple[str, ...] = current_app.config.get(COPIED, (ENGLISH,))
    return found


def folder() -> str:
    """Return the folder of a static copy for pages in the language of this request: ``ru/``; empty for English."""
    language: str = request.environ.get("kzus.language", ENGLISH)
    return "" if language == ENGLISH else f"{language}/"


def up(path: str, *, shared: bool = False) -> str:
    """Return the URL of *path* in a static copy of the site, relative to the page of this request.

    It is that of the page in the language of this request; if *shared* is true, that of a file for all languages.
    """
    steps = len([part for part in request.path.split("/") if part]) + (1 if shared and folder() else 0)
    return "../" * steps + path.lstrip("/") or "./"


def is_for_programs() -> bool:
    """Return whether this request is one to an address for programs, where words don't depend on the language."""
    return request.path.split("/")[1] in FOR_PROGRAMS


def wanted() -> str:
    """Return the tag of the language for this request's answer; record that the answer depends on it.

    It is English outside of a request and for programs. Raises Problem (400) if ``?lang=`` is not in LANGUAGES.
    """
    if not has_request_context():
        return ENGLISH
    # a page asks some thousand times
    known: str | None = g.get("language")
    if known is not None:
        return known
    if is_for_programs():
        return ENGLISH
    # The language in the answer's cache key, which the ASGI front derived from the same header; or of a copy.
    kept_by = request.environ.get("kzus.language") or (ENGLISH if is_copy() else "")
    language: str = asked() or kept_by or preferred(request.headers.get("Accept-Language", ""))
    g.language = language
    return language


def headers() -> dict[str, str]:
    """Return the headers Content-Language and Vary for this request's answer, if it depends on the language.

    It does if ``wanted`` was called during the request; otherwise the result is empty.
    """
    if not has_request_context() or "language" not in g:
        return {}
    names = "" if g.language == ENGLISH else f", {g.language}"
    return {"Content-Language": ENGLISH + names} | ({} if is_copy() else {"Vary": "Accept-Language"})
