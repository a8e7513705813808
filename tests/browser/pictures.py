"""Takes the pictures in docs/screenshots: ``python -m tests.browser.pictures RELEASE`` (a release's folder)."""

import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import DESKTOP, PHONE, chromium, site, visiting
from tests.browser.places import PAGES, QUERY_PAGES
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "screenshots"
LONGEST = 1300
# Pages that look like another one are left out.
TAKEN = (
    *("home", "event", "person", "sentence", "topics", "sources", "ontology", "dumps", "tutorial"),
    *("query", "query-timeline", "query-map", "query-problem"),
)
IN_DARK = ("home", "event", "query")


def main(release: Path) -> None:
    """Take one picture of each page at each width, and some in the dark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kinds = [("desktop", DESKTOP, "light"), ("phone", PHONE, "light"), ("dark", DESKTOP, "dark")]
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), release) as served, chromium() as browser:
        for name in TAKEN:
            path = {**PAGES, **QUERY_PAGES}[name]
            for kind, size, scheme in kinds:
                if kind == "dark" and name not in IN_DARK:
                    continue
                with visiting(browser, served, size, scheme=scheme) as someone:
                    page = someone.go(path)
                    page.wait_for_load_state("networkidle")
                    height = page.evaluate("document.documentElement.scrollHeight")
                    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height, LONGEST)}
                    page.screenshot(path=FOLDER / f"{name}-{kind}.png", full_page=True, clip=clip)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
