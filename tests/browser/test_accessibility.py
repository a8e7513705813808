"""axe-core finds no violation on any kind of page, in light and in dark."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DESKTOP, EDITOR, visiting
from tests.browser.places import PAGES, QUERY_PAGES
from tests.conftest import ROOT
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The text of axe-core, as web/package-lock.json pins it."""
    built = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not built.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is needed for axe-core")
        folder = tmp_path_factory.mktemp("axe")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / "web" / name, folder)
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=120)
        built = folder / "node_modules" / "axe-core" / "axe.min.js"
    yield built.read_text()


@pytest.mark.parametrize("name", [*PAGES, *QUERY_PAGES])
def test_nobody_is_shut_out(browser: "Browser", served: Served, axe: str, name: str) -> None:
    if name in QUERY_PAGES and not EDITOR.is_file():
        pytest.skip("the editor is not built here: pip install . with npm on PATH")
    with visiting(browser, served, DESKTOP) as someone:
        page = someone.go({**PAGES, **QUERY_PAGES}[name])
        page.wait_for_load_state("networkidle")
        # Run by the browser itself, so that the page's policy against foreign scripts stays in force for the page.
        page.evaluate(axe)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
            places = [(one["id"], one["impact"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
            assert not places, scheme
