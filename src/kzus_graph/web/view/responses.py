"""Pages as they leave: templates with what each needs to know of the site, and headers that let them be kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from flask import Flask, Response, current_app, g, render_template, request

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.formats import Format
from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.web.http import base_url, content_negotiation
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import locale, page_queries

# Nothing comes from another host, and nothing inline runs.
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
    "object-src 'none'"
)
HTML: Final = "text/html; charset=utf-8"
STATIC: Final = locale.STATIC
ADDRESS: Final = "KZUS_ADDRESS"
"""The name in an application's config of where such a copy will be, if that is known."""


@dataclass(frozen=True)
class Site:
    """What every page says of the data set."""

    title: str
    version: str
    citation: str
    licence: str


def page(template: str, *, policy: str = POLICY, links: Iterable[str] = (), **context: Any) -> Response:
    """Return a template as a page that may be kept as long as it is the same; *links* become Link headers."""
    return sent(render_template(template, **context).encode(), policy=policy, links=links)


def sent(body: bytes, *, policy: str = POLICY, links: Iterable[str] = ()) -> Response:
    """Return a page that has been made, with the headers of every page."""
    spoken = locale.headers()
    response = kept(body, HTML, vary=", ".join(("Accept, Accept-Encoding", *filter(None, [spoken.pop("Vary", "")]))))
    response.headers.extend(spoken)
    response.headers["Content-Security-Policy"] = policy
    response.headers.extend(("Link", link) for link in links)
    return response


def kept(body: bytes, content_type: str, *, vary: str = "Accept, Accept-Encoding") -> Response:
    """Return a whole answer with its ETag; whoever keeps it asks whether it still holds."""
    response = Response(body, content_type=content_type)
    response.headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = vary
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def href(iri: str) -> str:
    """Return where a link to *iri* leads: a thing of ours is on this host, in the language that the address names."""
    if not iri.startswith(BASE):
        return iri
    path, mark, fragment = iri.removeprefix(BASE).partition("#")
    if is_copy():
        # Where no server redirects, a page that passes on would lose what comes after the hash.
        return at(f"page/{path}" if mark else path) + mark + fragment
    language = locale.asked()
    return at(path) + (f"?lang={language}" if language else "") + mark + fragment


def at(path: str) -> str:
    """Return the address of a *path* on this site, below the prefix that a proxy may add.

    In a copy without a server it leads there from the page itself, so that the copy can be put below any path.
    """
    path = path.lstrip("/")
    if is_copy():
        return "../" * len([part for part in request.path.split("/") if part]) + path or "./"
    return f"{root()}/{path}"


def chosen(*offers: Format) -> Format:
    """Return what of *offers* the client would like best. Raises Problem (406) when that is none."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), offers)
    if form is None:
        known = {offer.name: offer.media_type for offer in offers}
        raise Problem(406, "not-acceptable", f"This is available as {', '.join(known)}.", formats=known)
    return form


def see_other(path: str, language: str = "") -> Response:
    """Return an answer that leads to another *path* of this site, by what the client accepts (303)."""
    response = Response(status=303)
    response.headers["Location"] = at(path) + (f"?lang={language}" if language else "")
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def root() -> str:
    """Return the prefix that a proxy may add, and note that this answer depends on it."""
    base_url.note(base_url.BY_PREFIX)
    return request.script_root


def host() -> str:
    """Return where the site begins as the client knows it; empty for a copy that may be put anywhere."""
    if is_copy():
        address: str = current_app.config.get(ADDRESS, "")
        return address and address.rstrip("/") + "/"
    base_url.note(base_url.BY_HOST)
    return base_url.beginning()


def is_copy() -> bool:
    """Say whether pages are being made for a copy without a server."""
    return STATIC in current_app.config


@once
def site(release: Release) -> Site:
    """Return what *release* says of itself; plain words where it says nothing."""
    found = next(iter(page_queries.rows(release, "site")), {})
    said = {name: term.value for name, term in found.items()}
    title = said.get("title", "Graph")
    return Site(title, release.name, said.get("citation", ""), said.get("licence", ""))


def number(value: int) -> str:
    """Return a number with its thousands apart.

    >>> number(12345)
    '12,345'
    """
    return f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> plural(1, "event"), plural(3, "event"), plural(2, "party", "parties")
    ('1 event', '3 events', '2 parties')
    """
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def install(app: Flask) -> None:
    """Let every template of *app* know the site and how to write links and numbers."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {"href": href, "at": at, "host": host, "plural": plural, "asked_language": locale.asked}
    app.jinja_env.filters |= {"compact": compact, "number": number}

    @app.after_request
    def vary(response: Response) -> Response:
        response.vary.update(base_url.noted())
        return response

    @app.context_processor
    def known() -> dict[str, Any]:
        try:
            about = site(g.release)
        except Problem:
            # A page that says what went wrong must not need what went wrong.
            about = Site("Graph", g.release.name, "", "")
        return {"site": about, "static": is_copy()}


def page_size(usual: int) -> int:
    """Return how many lines a page of a list has: the usual number, or all of them where no server turns pages."""
    return 1_000_000 if is_copy() else usual
