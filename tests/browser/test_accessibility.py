"""axe-core finds no violation on any kind of page, on a desk and on a phone, in light and in dark."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DESKTOP, EDITOR, PHONE, Visitor, visiting
from tests.browser.places import FAULTS, PAGES, QUERY_PAGES
from tests.conftest import ROOT, locked
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def axe(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of axe-core, as web/package-lock.json pins it; what npm brought is kept for later."""
    web, inside = ROOT / "web", Path("node_modules", "axe-core", "axe.min.js")
    if (web / inside).is_file():
        return (web / inside).read_text()
    folder = pytestconfig.cache.mkdir("axe")
    kept = folder / f"{hashlib.sha256((web / 'package-lock.json').read_bytes()).hexdigest()}.js"
    with locked(folder / "lock"):
        if not kept.is_file():
            npm = shutil.which("npm")
            if npm is None:
                pytest.skip("npm is needed for axe-core")
            fresh = tmp_path_factory.mktemp("axe")
            for name in ("package.json", "package-lock.json"):
                shutil.copy(web / name, fresh)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=fresh, check=True, timeout=120)
            shutil.copy(fresh / inside, folder / "unfinished").rename(kept)
    return kept.read_text()


@pytest.fixture(scope="module")
def anyone(browser: "Browser", served: Served) -> Iterator[Visitor]:
    """One visitor for all pages: they are looked at, not used."""
    with visiting(browser, served, DESKTOP) as someone:
        yield someone


PLACES = {name: (path, 200) for name, path in (PAGES | QUERY_PAGES).items()} | FAULTS
# In the dark only colours are others.
COLOURS = ["color-contrast", "link-in-text-block"]


LANGUAGES = ("ru", "kk")
SPOKEN = ("home", "event", "person", "place", "years", "search", "questions", "answer-map", "build-answer", "query")
"""The pages that are looked at in each of LANGUAGES; ``bench/accessibility.py`` looks at all."""


def violations(anyone: Visitor, axe: str, path: str, status: int) -> dict[tuple[str, int, str], tuple[str, list[str]]]:
    """Return what axe-core finds, by rule, width of the window and colours: how bad it is, and some of the elements."""
    page, found = anyone.page, {}
    for width, _ in anyone.see(path, status, (DESKTOP, PHONE)):
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        # Run by the browser itself, so that the page's policy against foreign scripts stays in force for the page.
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(axe)
        for scheme, rules in (("light", None), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
            for one in page.evaluate("(options) => axe.run(options)", options)["violations"]:
                nodes = [node["html"][:200] for node in one["nodes"][:3]]
                found[one["id"], width, scheme] = (one["impact"], nodes)
    return found


def in_language(path: str, language: str) -> str:
    """Return the address *path* with the language."""
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize("name", PLACES)
def test_nobody_is_shut_out(anyone: Visitor, axe: str, name: str) -> None:
    if name in QUERY_PAGES and not EDITOR.is_file():
        pytest.skip("the editor is not built here: pip install . with npm on PATH")
    assert not violations(anyone, axe, *PLACES[name])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SPOKEN)
def test_nobody_is_shut_out_in_another_language(anyone: Visitor, axe: str, name: str, language: str) -> None:
    if name in QUERY_PAGES and not EDITOR.is_file():
        pytest.skip("the editor is not built here: pip install . with npm on PATH")
    path, status = PLACES[name]
    assert not violations(anyone, axe, in_language(path, language), status)
