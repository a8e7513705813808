"""Looks with axe-core at every kind of page in each language, light and dark, on a desk and on a phone.

    python -m bench.accessibility [--release FOLDER] [--axe FILE]

It prints a line for each violation, and how many pages it looked at; the exit code is 1 if there was any. The tests
look at all pages in English and at ten of them in the other languages.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import DESKTOP, EDITOR, chromium, site, visiting
from tests.browser.places import QUERY_PAGES
from tests.browser.test_accessibility import LANGUAGES, PLACES, in_language, violations

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def main() -> int:
    """Look at all pages; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--release", type=Path, default=Path("release"), help="folder with the release to serve")
    parser.add_argument("--axe", type=Path, default=AXE, help="axe.min.js of axe-core (npm ci --prefix web)")
    given = parser.parse_args()
    axe = given.axe.read_text("utf-8")
    current = given.release / (given.release / "CURRENT").read_text().strip()
    seen = wrong = 0
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), current) as served, chromium() as browser:
        for language in ("en", *LANGUAGES):
            with visiting(browser, served, DESKTOP) as anyone:
                for name, (path, status) in PLACES.items():
                    if name in QUERY_PAGES and not EDITOR.is_file():
                        continue
                    seen += 1
                    for (rule, width, scheme), (impact, nodes) in violations(
                        anyone, axe, in_language(path, language), status
                    ).items():
                        wrong += 1
                        print(f"{name} {language} {width} {scheme}: {rule} ({impact}) {nodes[:1]}", flush=True)
    print(f"{seen} pages, {wrong} violations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
