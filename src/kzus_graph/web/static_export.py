"""Writes the whole site as files for any web server: pages, data documents, dumps and descriptions of the data set."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kzus_graph.engine.serving import Limits, Release, Releases
from kzus_graph.rdf.formats import DATA
from kzus_graph.web.application import create_app
from kzus_graph.web.site.sitemap import every_path
from kzus_graph.web.view import responses
from kzus_graph.web.view.corrections import Contact

START: Final = (
    "/", "/years", "/topics", "/sources", "/search", "/questions", "/build", "/query", "/dumps/", "/changes", "/docs/",
    "/.well-known/void", "/conformance", "/context.jsonld", "/static/preview.png",
)  # fmt: skip
SUFFIXES: Final = tuple(f".{form.suffix}" for form in DATA)
ACCEPT: Final = "text/html, */*;q=0.5"
# Addresses without a suffix that programs fetch as data, each with its media type.
AS_DATA: Final = {"/.well-known/void": "text/turtle"}
LINK: Final = {"a": "href", "link": "href", "script": "src", "img": "src", "use": "href", "image": "href"}
IN_STYLE: Final = re.compile(r"url\(['\"]?([^'\")]+)")


class Incomplete(Exception):
    """A path of the site answers with an error; the message names the path and the page that links to it."""


class Links(HTMLParser):
    """A parser that collects the addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add the address that the element links to, if any, to ``found``, unless it is a fragment of the same page."""
        address = dict(attrs).get(LINK.get(tag, ""))
        if address and not address.startswith("#"):
            self.found.add(address)


def links(page: str, text: str) -> set[str]:
    """Return the paths on the same host that a page links to; *page* is the path of the page, *text* its HTML.

    >>> links("/a", '<a class="b" href="/c">c</a> <a href="#d">d</a> <!-- <a href="/e">e</a> -->')
    {'/c'}
    """
    collected = Links()
    collected.feed(text)
    return {path for address in collected.found if (path := on_this_host(page, address))}


def on_this_host(page: str, address: str) -> str:
    """Return the path of *address*, a link on the page with the path *page*.

    The result is empty if the address is on another host or has a query string.

    >>> on_this_host("/page/id/a", "../b.ttl#x"), on_this_host("/", "https://example.org/"), on_this_host("/", "/s?q=a")
    ('/page/b.ttl', '', '')
    """
    parts = urlsplit(urljoin(page, address))
    return unquote(parts.path) if not (parts.scheme or parts.netloc or parts.query) else ""


def export(
    folder: Path,
    out: Path,
    step: Callable[[str], None] = lambda _: None,
    *,
    address: str = "",
    contact: Contact | None = None,
    source_code: str = "",
) -> int:
    """Write the site of the current release in *folder* as files in the folder *out*; return the number of files.

    *step* is called with each path of the site. Links are relative, so that the site can be put below any path.
    *address* is the future address of the site: the commands on the page of dumps download files from there; if
    *address* is empty, the commands work on files already downloaded. Pages lead to *contact* for reports of errors,
    and to the repository *source_code*. Raises Incomplete when a path of the site answers with an error.
    """
    releases = Releases(Limits(workers=2), folder=folder)
    try:
        app = create_app(releases, contact=contact, source_code=source_code)
        app.config[responses.STATIC] = True
        app.config[responses.ADDRESS] = address
        return sum(1 for _ in _files(app, releases.current, out, step))
    finally:
        releases.close()


def _files(app: Flask, release: Release, out: Path, step: Callable[[str], None]) -> Iterator[Path]:
    """Write a file for each URL path of the release and each that a written page links to; yield each file's path."""
    client = app.test_client()
    came_from = dict.fromkeys(every_path(release), "the sitemap") | dict.fromkeys(START, "the start paths")
    if app.config[responses.ADDRESS]:
        came_from["/sitemap.xml"] = "the start paths"
    waiting = sorted(came_from)
    while waiting:
        path = waiting.pop()
        answer = client.get(path, headers={"Accept": AS_DATA.get(path, ACCEPT)})
        if answer.status_code >= 400:
            raise Incomplete(f"{path} answers {answer.status}; path found in {came_from[path]}")
        step(path)
        file = _place(out, path, answer)
        file.parent.mkdir(parents=True, exist_ok=True)
        body, more = _content(client, path, answer)
        answer.close()
        file.write_bytes(body)
        yield file
        for found in sorted(found for found in more if found not in came_from):
            came_from[found] = path
            waiting.append(found)


def _content(client: FlaskClient, path: str, answer: TestResponse) -> tuple[bytes, set[str]]:
    """Return the file content for the URL path *path* with the response *answer*, and the paths that it links to."""
    if 300 <= answer.status_code < 400:
        target = on_this_host(path.rstrip("/") + "/", answer.headers["Location"])
        if path.endswith(SUFFIXES):
            return client.get(target).get_data(), {target}
        address = target.replace("/page/", "/data/", 1)
        data = [(form.media_type, f"{address}.{form.suffix}") for form in DATA if address != target]
        up = "../" * len([part for part in path.split("/") if part])
        data = [(media, up + found.lstrip("/")) for media, found in data]
        moved = client.application.jinja_env.get_template("moved.html")
        return moved.render(path=path, target=up + target.lstrip("/"), data=data).encode(), {target}
    body = answer.get_data()
    if answer.mimetype == "text/html":
        return body, links(path.rstrip("/") + "/", body.decode())
    if answer.mimetype == "text/css":
        named = (on_this_host(path, address) for address in IN_STYLE.findall(body.decode()))
        return body, {name for name in named if name}
    return body, set()


def _place(out: Path, path: str, answer: TestResponse) -> Path:
    """Return the path of the file in the folder *out* for *answer*, the response for the URL path *path*.

    The file is ``index.html`` in a folder named like *path* if *answer* is a redirect (but not of a data document) or
    an HTML page whose *path* lacks .html, or if *path* ends with a slash.
    """
    redirects = 300 <= answer.status_code < 400 and not path.endswith(SUFFIXES)
    page = answer.mimetype == "text/html" and not path.endswith(".html")
    clean = path.strip("/")
    return out / clean / "index.html" if redirects or page or path.endswith("/") else out / clean
