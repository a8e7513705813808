"""Writes the whole site as files, to be served without our server: pages, data documents, dumps, descriptions."""

import re
from collections.abc import Callable, Iterator
from html import unescape
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

START: Final = (
    "/", "/years", "/topics", "/sources", "/search", "/query", "/dumps/", "/changes", "/docs/", "/.well-known/void",
    "/conformance",
)  # fmt: skip
SUFFIXES: Final = tuple(f".{form.suffix}" for form in DATA)
ACCEPT: Final = "text/html, */*;q=0.5"
# Addresses without a suffix that programs fetch as data, each with its media type.
AS_DATA: Final = {"/.well-known/void": "text/turtle"}
LINK: Final = re.compile(
    r'<(?:a|link|use|image)\s(?:[^>]*?\s)?href="([^"]*)"|<(?:script|img)\s(?:[^>]*?\s)?src="([^"]*)"'
)
COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
IN_STYLE: Final = re.compile(r"url\(['\"]?([^'\")]+)")


class Incomplete(Exception):
    """A page links to an address that answers with an error; the message names both."""


def links(page: str, text: str) -> set[str]:
    """Return the paths on its own host that the HTML *text* of *page* links to.

    *text* is a page of ours, in which attributes stand in double quotes, and ``>`` and ``"`` are escaped. (An HTML
    parser in Python needs five times as long, which is more than the server needs to make the page.)

    >>> links("/a", '<a class="b" href="/c">c</a> <a href="#d">d</a> <!-- <a href="/e">e</a> -->')
    {'/c'}
    """
    found = {unescape(href or src) for href, src in LINK.findall(COMMENT.sub("", text))}
    addresses = (address for address in found if address and not address.startswith("#"))
    return {path for address in addresses if (path := on_this_host(page, address))}


def on_this_host(page: str, address: str) -> str:
    """Return the path that *address* on *page* leads to; empty if it is on another host or has a query string.

    >>> on_this_host("/page/id/a", "../b.ttl#x"), on_this_host("/", "https://example.org/"), on_this_host("/", "/s?q=a")
    ('/page/b.ttl', '', '')
    """
    parts = urlsplit(urljoin(page, address))
    return unquote(parts.path) if not (parts.scheme or parts.netloc or parts.query) else ""


def export(folder: Path, out: Path, step: Callable[[str], None] = lambda _: None, *, address: str = "") -> int:
    """Write the site of the current release in *folder* to *out*; return the number of files.

    Links are relative, so that the site can be put below any path. With *address*, the future address of the site, the
    commands on the dumps page fetch files from there; without it, they work on files already fetched. Raises
    Incomplete when a page links to an address that answers with an error.
    """
    releases = Releases(Limits(workers=2), folder=folder)
    try:
        app = create_app(releases)
        app.config[responses.STATIC] = True
        app.config[responses.ADDRESS] = address
        return sum(1 for _ in _files(app, releases.current, out, step))
    finally:
        releases.close()


def _files(app: Flask, release: Release, out: Path, step: Callable[[str], None]) -> Iterator[Path]:
    """Write each address and all addresses linked from its page, each once; yield the files."""
    client = app.test_client()
    came_from = dict.fromkeys(every_path(release), "the data") | dict.fromkeys(START, "the start")
    if app.config[responses.ADDRESS]:
        came_from["/sitemap.xml"] = "the start"
    waiting = sorted(came_from)
    while waiting:
        path = waiting.pop()
        answer = client.get(path, headers={"Accept": AS_DATA.get(path, ACCEPT)})
        if answer.status_code >= 400:
            raise Incomplete(f"{path}, to which {came_from[path]} leads, answers {answer.status}")
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
    """Return the bytes for the file of *path*, and the paths that it links to."""
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
    """Return the file for a path: ``index.html`` in a folder for redirects, pages without .html and final slashes."""
    redirects = 300 <= answer.status_code < 400 and not path.endswith(SUFFIXES)
    page = answer.mimetype == "text/html" and not path.endswith(".html")
    clean = path.strip("/")
    return out / clean / "index.html" if redirects or page or path.endswith("/") else out / clean
