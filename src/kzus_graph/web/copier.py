"""Writes pages and files of a static copy of the site, in one of the processes of an export."""

import re
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import unquote, urljoin, urlsplit

from werkzeug.test import TestResponse

from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.engine.workers import Pool
from kzus_graph.rdf.formats import DATA
from kzus_graph.web.application import create_app
from kzus_graph.web.site import copied_names
from kzus_graph.web.view import locale, responses
from kzus_graph.web.view.corrections import Contact

SUFFIXES: Final = tuple(f".{form.suffix}" for form in DATA)
ACCEPT: Final = "text/html, */*;q=0.5"
# Addresses without a suffix that programs fetch as data, each with its media type.
AS_DATA: Final = {"/.well-known/void": "text/turtle"}
LINK: Final = {"a": "href", "link": "href", "script": "src", "img": "src", "use": "href", "image": "href"}
IN_STYLE: Final = re.compile(r"url\(['\"]?([^'\")]+)")
PATIENCE: Final = 12
"""How many times as long as for a visitor a query may take."""
MOST_KEPT: Final = 16 << 20
"""The size of the answers to queries that a process keeps, in bytes."""


@dataclass(frozen=True)
class SiteCopy:
    """What a static copy of the site is made of, and how: see ``export``."""

    folder: Path
    out: Path
    languages: tuple[str, ...]
    address: str = ""
    contact: Contact | None = None
    source_code: str = ""


@dataclass
class Written:
    """What a process has written for some paths of the site.

    *files* is the number of files. *spoken* are the paths that were written in each language. *found* are the paths
    that they link to, each with a path that does. *fault* is the status of the last path, *at*, if it
    answers with an error.
    """

    files: int = 0
    spoken: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)
    at: str = ""
    fault: str = ""


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


class Remembered:
    """The workers of a release; their last answers are kept, since the next page or format may ask the same."""

    def __init__(self, pool: Any) -> None:
        """Ask *pool* what was not asked before."""
        self._pool = pool
        self._kept: OrderedDict[bytes, tuple[list[bytes], int]] = OrderedDict()
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def ask(self, question: Question, deadline: float, *, long: bool = False) -> "KeptAnswer":
        """Return the answer to *question*: a kept one, else that of a worker."""
        key = question.encode()
        if key not in self._kept:
            # nobody waits for a page, and the machine may be busy with others
            patient = question._replace(seconds=question.seconds * PATIENCE)
            answer = self._pool.ask(patient, time.monotonic() + patient.seconds, long=long)
            parts = list(answer)
            self._kept[key] = (parts, answer.rows)
            self._size += sum(map(len, parts))
            while self._size > MOST_KEPT and len(self._kept) > 1:
                self._size -= sum(map(len, self._kept.popitem(last=False)[1][0]))
        return KeptAnswer(*self._kept[key])


@dataclass(frozen=True)
class KeptAnswer:
    """The *parts* of an answer, and the number of its *rows*."""

    parts: list[bytes]
    rows: int

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        """Do nothing: no worker waits for the reader."""


class Copier:
    """What writes pages and files of a copy, in a process of its own."""

    def __init__(self, copy: SiteCopy) -> None:
        """Load the current release."""
        self._copy = copy
        self._releases = Releases(Limits(workers=1), folder=copy.folder)
        Finalize(self, self._releases.close, exitpriority=1)
        self.release = replace(self._releases.current, pool=cast(Pool, Remembered(self._releases.current.pool)))
        self.app = create_app(self._releases, contact=copy.contact, source_code=copy.source_code)
        self.app.register_blueprint(copied_names.blueprint)
        self.app.config |= {
            responses.STATIC: True,
            responses.ADDRESS: copy.address,
            locale.COPIED: copy.languages,
        }
        self._client = self.app.test_client()

    def close(self) -> None:
        """End the processes of the release."""
        self._releases.close()

    def get(self, path: str, language: str = locale.ENGLISH) -> TestResponse:
        """Return the response for the URL path *path* in *language*."""
        environ = {"kzus.release": self.release, "kzus.language": language}
        return self._client.get(path, headers={"Accept": AS_DATA.get(path, ACCEPT)}, environ_overrides=environ)

    def write(self, paths: Sequence[str]) -> Written:
        """Write the files for *paths*, in each language if they have words."""
        done = Written()
        for path in paths:
            done.at = path
            answer = self.get(path)
            self._write(done, answer, path, "")
            if "Content-Language" in answer.headers:
                done.spoken.add(path)
                for language in self._copy.languages[1:]:
                    self._write(done, self.get(path, language), path, f"/{language}")
            answer.close()
            if done.fault:
                break
        return done

    def _write(self, done: Written, answer: TestResponse, path: str, folder: str) -> None:
        if answer.status_code >= 400:
            done.fault = answer.status
            return
        file = _place(self._copy.out / folder[1:], path, answer)
        file.parent.mkdir(parents=True, exist_ok=True)
        body, more = self._content(folder + path, answer)
        file.write_bytes(body)
        done.files += 1
        for found in more:
            done.found.setdefault(found, path)

    def _content(self, path: str, answer: TestResponse) -> tuple[bytes, set[str]]:
        """Return the file content for *path*, with the folder of its language, and the paths that it links to."""
        if 300 <= answer.status_code < 400:
            target = on_this_host(path.rstrip("/") + "/", answer.headers["Location"])
            if path.endswith(SUFFIXES):
                return self.get(target).get_data(), {target}
            address = target.replace("/page/", "/data/", 1)
            data = [(form.media_type, f"{address}.{form.suffix}") for form in DATA if address != target]
            up = "../" * len([part for part in path.split("/") if part])
            data = [(media, up + found.lstrip("/")) for media, found in data]
            moved = self.app.jinja_env.get_template("moved.html")
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
