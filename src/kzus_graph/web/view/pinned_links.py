"""Keeps the reader of an older release in it: its pages link to pages of the same release, and say that it is older."""

import re
from html import escape
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, has_request_context, request

from kzus_graph.web.http.release_choice import PARAMETER, SAME_FOR_ALL

LINK: Final = re.compile(r'(\s(?:href|action|data-endpoint|data-terms|data-suggestions)=")([^"]*)"')
FORM: Final = re.compile(r'<form\b[^>]*>(?!<input type="hidden" name="release")')
GIVEN: Final = re.compile(rf"[?&;]{PARAMETER}=")


def older() -> str:
    """Return the name of the release of this request if it is pinned to one that isn't the current one; else ""."""
    if not has_request_context() or not g.get("pinned") or g.release.name == g.newest:
        return ""
    name: str = g.release.name
    return name


def pinned(address: str, name: str) -> str:
    """Return *address*, a link of this site, with the release *name*; unchanged if it needs none or has one.

    >>> pinned("/id/astana#x", "1.0.0+1a2b3c4d"), pinned("/docs/", "1.0.0+1a2b3c4d")
    ('/id/astana?release=1.0.0+1a2b3c4d#x', '/docs/')
    """
    path = address.removeprefix(request.script_root) if has_request_context() else address
    ours = address.startswith(("/", "?")) and not address.startswith("//")
    if not ours or path.startswith(SAME_FOR_ALL) or GIVEN.search(address):
        return address
    place, mark, fragment = address.partition("#")
    return f"{place}{'&' if '?' in place else '?'}{PARAMETER}={name}{mark}{fragment}"


def within(html: str, name: str) -> str:
    """Return *html*, a page or a part of one, with the release *name* in each link and form of this site."""
    linked = LINK.sub(lambda found: f'{found[1]}{_escaped(found[2], name)}"', html)
    field = f'<input type="hidden" name="{PARAMETER}" value="{escape(name)}">'
    return FORM.sub(lambda found: found[0] if 'method="post"' in found[0] else found[0] + field, linked)


def _escaped(address: str, name: str) -> str:
    # Only the ampersand before the parameter is new, all else is already written for HTML.
    return re.sub(rf"&(?={PARAMETER}=)", "&amp;", pinned(address, name))


def install(app: Flask) -> None:
    """Make *app* pin the links and redirects in answers for an older release; search engines are to ignore these."""

    @app.after_request
    def pin(response: Response) -> Response:
        if not g.get("pinned"):
            return response
        if request.environ.get("kzus.release") not in (None, g.release):
            # The front, which didn't have the release yet, must not cache the answer with those of another release.
            response.headers["Cache-Control"] = "no-store"
        if not (name := older()):
            return response
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if response.location and not urlsplit(response.location).netloc:
            response.location = pinned(response.location, name)
        if response.mimetype == "text/html" and response.is_sequence and not response.direct_passthrough:
            response.set_data(within(response.get_data(as_text=True), name))
        return response
