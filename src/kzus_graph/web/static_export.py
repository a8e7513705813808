"""Writes the whole site as files for any web server: pages, data documents, dumps and descriptions of the data set."""

import multiprocessing
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final

from kzus_graph.processes import lifetime, parallel
from kzus_graph.web.copier import Copier, SiteCopy, Written
from kzus_graph.web.site.sitemap import every_path
from kzus_graph.web.view import locale
from kzus_graph.web.view.corrections import Contact

START: Final = (
    "/", "/years", "/topics", "/sources", "/search", "/questions", "/build", "/query", "/dumps/", "/changes", "/docs/",
    "/.well-known/void", "/conformance", "/context.jsonld", "/static/preview.png", "/static/combobox.js",
    "/static/names.js", "/search/names.json",
)  # fmt: skip
MOST_AT_ONCE: Final = 48
"""The most paths that a process is given at a time."""


class Incomplete(Exception):
    """A path of the site answers with an error; the message names the path and the page that links to it."""


def export(
    folder: Path,
    out: Path,
    step: Callable[[str], None] = lambda _: None,
    *,
    languages: Collection[str] = tuple(locale.LANGUAGES),
    address: str = "",
    contact: Contact | None = None,
    source_code: str = "",
) -> int:
    """Write the site of the current release in *folder* as files in the folder *out*; return the number of files.

    *step* is called with each step of the work. Links are relative, so that the site can be put below any path. The
    pages in English are in *out*, those in other *languages* in folders named by their tags; other files are for all.
    *address* is the future address of the site: the commands on the page of dumps download files from there; if
    *address* is empty, the commands work on files already downloaded. Pages lead to *contact* for reports of errors,
    and to the repository *source_code*. Raises Incomplete when a path of the site answers with an error.
    """
    kept = tuple(tag for tag in locale.LANGUAGES if tag == locale.ENGLISH or tag in languages)
    copy = SiteCopy(folder, out, kept, address, contact, source_code)
    fork = multiprocessing.get_context("fork")
    processes = parallel.cores()
    with ProcessPoolExecutor(processes, fork, _begin, (copy, os.getpid())) as pool:
        came_from = dict.fromkeys(pool.submit(_every_path).result(), "the sitemap") | dict.fromkeys(
            START, "the start paths"
        )
        if address:
            came_from["/sitemap.xml"] = "the start paths"
        waiting, files, spoken, wanted = sorted(came_from), 0, set[str](), dict[str, str]()
        while waiting:
            step(f"{len(waiting):,} addresses, such as {waiting[0]}")
            parts = _parts(waiting, max(1, min(MOST_AT_ONCE, len(waiting) // (4 * processes))))
            waiting = []
            for written in pool.map(_write, parts):
                if written.fault:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise Incomplete(f"{written.at} answers {written.fault}; path found in {came_from[written.at]}")
                files += written.files
                spoken |= written.spoken
                for found, page in written.found.items():
                    path, is_in_english = _apart(found, kept)
                    if not is_in_english:
                        wanted.setdefault(path, page)
                    if path not in came_from:
                        came_from[path] = page
                        waiting.append(path)
            waiting.sort()
    for path, page in wanted.items():
        if path not in spoken:
            raise Incomplete(f"{path} is not a page in several languages; found as one in {page}")
    return files


def _parts(paths: Sequence[str], size: int) -> list[list[str]]:
    rest = iter(paths)
    return list(iter(lambda: list(islice(rest, size)), []))


def _apart(path: str, languages: Collection[str]) -> tuple[str, bool]:
    """Return the *path* of a page without the folder of its language, and whether it is one in English.

    >>> _apart("/ru/years", ("en", "ru")), _apart("/ru/", ("en", "ru")), _apart("/years", ("en", "ru"))
    (('/years', False), ('/', False), ('/years', True))
    """
    first, _, rest = path[1:].partition("/")
    return (path, True) if first == locale.ENGLISH or first not in languages else (f"/{rest}", False)


_copier: list[Copier] = []
"""The copier of this process, which was forked for it."""


def _begin(copy: SiteCopy, parent: int) -> None:
    lifetime.end_with(parent)
    _copier[:] = [Copier(copy)]


def _every_path() -> list[str]:
    return every_path(_copier[0].release)


def _write(paths: Sequence[str]) -> Written:
    return _copier[0].write(paths)
