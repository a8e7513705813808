"""Builds the HTTP responses of pages: renders templates, makes links, and sets the headers for caches."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, current_app, g, render_template, request

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.formats import Format
from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.web.http import base_url, content_negotiation
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import locale, page_queries, pinned_links, translation

# Pages load nothing from other hosts, and run no inline scripts or styles.
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
    "object-src 'none'"
)
HTML: Final = "text/html; charset=utf-8"
STATIC: Final = locale.STATIC
ADDRESS: Final = "KZUS_ADDRESS"
"""The key in a Flask application's config for the address of a static copy of the site, if that is known."""
PAGES: Final = frozenset((*translation.SPACES, "", "query", "years", "prefixes"))
"""The first parts of the paths of IRIs that have a page; so has a path that ends with a slash."""


@dataclass(frozen=True)
class Site:
    """The facts about the data set that every page shows."""

    title: str
    version: str
    citation: str
    licence: str
    description: str = ""
    creator: str = ""
    issued: str = ""


def page(template: str, *, policy: str = POLICY, links: Iterable[str] = (), **context: Any) -> Response:
    """Return a page: *template* rendered with the variables in *context*; each of *links* becomes a Link header."""
    return sent(render_template(template, **context).encode(), policy=policy, links=links)


def sent(body: bytes, *, policy: str = POLICY, links: Iterable[str] = ()) -> Response:
    """Return the HTML *body* as a response with the headers that every page has; *links* become Link headers."""
    spoken = locale.headers()
    response = kept(body, HTML, vary=", ".join(("Accept, Accept-Encoding", *filter(None, [spoken.pop("Vary", "")]))))
    response.headers.extend(spoken)
    response.headers["Content-Security-Policy"] = policy
    response.headers.extend(("Link", link) for link in links)
    return response


def kept(body: bytes, content_type: str, *, vary: str = "Accept, Accept-Encoding") -> Response:
    """Return *body* as a response with an ETag; caches may store it, but must revalidate it before each use."""
    response = Response(body, content_type=content_type)
    response.headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = vary
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def href(iri: str) -> str:
    """Return the URL that a page links to for *iri*: a path on this site if *iri* is in this project's namespace.

    The path has the ``?lang=`` of the current request, if any. Other IRIs are returned unchanged.
    """
    if not iri.startswith(BASE):
        return iri
    path, mark, fragment = iri.removeprefix(BASE).partition("#")
    if is_copy():
        # Without a server, a redirect is a page, which would lose the part after the hash: link to its target instead.
        if path.partition("/")[0] in PAGES or path.endswith("/"):
            return translation.to(path) + mark + fragment
        return translation.to(f"page/{path}") + mark + fragment if mark else at(path)
    language = locale.asked()
    return at(path) + (f"?lang={language}" if language else "") + mark + fragment


def at(path: str) -> str:
    """Return the URL of *path* on this site for links: an absolute path, with the prefix that a proxy adds, if any.

    In a static copy the URL is relative to the page, so that the copy can be put below any path; and it is that of a
    file for all languages: links to pages are made by ``to``.
    """
    path = path.lstrip("/")
    return locale.up(path, shared=True) if is_copy() else f"{root()}/{path}"


def chosen(*offers: Format) -> Format:
    """Return the format in *offers* that the client prefers. Raises Problem (406) if it accepts none of them."""
    form = content_negotiation.choose(request.headers.get("Accept", ""), offers)
    if form is None:
        known = {offer.name: offer.media_type for offer in offers}
        raise Problem(
            406,
            "not-acceptable",
            f"The Accept header excludes all available formats: {', '.join(known)}.",
            formats=known,
        )
    return form


def see_other(path: str, language: str = "") -> Response:
    """Return a redirect (303) to *path* on this site, which the caller chose by the request's Accept header.

    *language* becomes ``?lang=`` if it is not empty.
    """
    response = Response(status=303)
    response.headers["Location"] = at(path) + (f"?lang={language}" if language else "")
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def root() -> str:
    """Return the path prefix that a proxy adds, or an empty text; record that the answer depends on this prefix."""
    base_url.note(base_url.BY_PREFIX)
    return request.script_root


def host() -> str:
    """Return the site's base URL, as the client addressed it; empty for a static copy whose address is not known."""
    if is_copy():
        address: str = current_app.config.get(ADDRESS, "")
        return address and address.rstrip("/") + "/"
    base_url.note(base_url.BY_HOST)
    return base_url.beginning()


def page_address() -> str:
    """Return the URL of the current page without its parameters, as the client addressed the site."""
    return shown_host() + quote(request.path.lstrip("/"))


def shown_host() -> str:
    """Return the site's base URL, or what stands for it in a page that is kept for all hosts."""
    stand_in: str = g.get("stand_in", "")
    return stand_in if stand_in and not is_copy() else host()


def is_copy() -> bool:
    """Return whether pages are being generated for a static copy of the site."""
    return locale.is_copy()


@once
def site(release: Release) -> Site:
    """Return the facts about the data set in *release*, with defaults for missing ones."""
    found = next(iter(page_queries.rows(release, "site")), {})
    said = {name: term.value for name, term in found.items()}
    title = said.get("title", "Graph")
    said.setdefault("description", title)
    more = (said.get(name, "") for name in ("citation", "licence", "description", "creator", "issued"))
    return Site(title, release.name, *more)


def install(app: Flask) -> None:
    """Define what all templates of *app* use; add the headers recorded by ``base_url.note`` to each Vary header."""
    translation.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "href": href,
        "at": at,
        "host": host,
        "page_address": page_address,
        "shown_host": shown_host,
    }
    app.jinja_env.filters |= {"compact": compact}

    @app.after_request
    def vary(response: Response) -> Response:
        response.vary.update(base_url.noted())
        return response

    @app.context_processor
    def known() -> dict[str, Any]:
        try:
            about = site(g.release)
        except Problem:
            # An error page must not fail because the same query fails again.
            about = Site("Graph", g.release.name, "", "", "Graph")
        return {"site": about, "static": is_copy(), "older": pinned_links.older()}


def page_size(usual: int) -> int:
    """Return the number of entries on one page of a list: *usual*, or 1,000,000 (all) in a static copy of the site."""
    return 1_000_000 if is_copy() else usual


def page_number() -> int:
    """Return the page number in the request's ``?page=``, 1 by default.

    Raises Problem (400) if it is not a whole number from 1 to 999999.
    """
    asked = request.args.get("page") or "1"
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7 and int(asked) > 0):
        raise Problem(400, "page", "The parameter page must be a whole number from 1 to 999999.")
    return int(asked)
