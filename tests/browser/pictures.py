"""Takes the pictures in docs/screenshots: ``python -m tests.browser.pictures RELEASE [NAME…]`` (a release's folder)."""

import base64
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.browser.chromium import DESKTOP, PHONE, Visitor, chromium, site, visiting
from tests.browser.places import FAULTS, PAGES, QUERY_PAGES
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "screenshots"
# A page is taken whole up to this height; what is longer goes on in the same way.
LONGEST = {"desktop": 1500, "phone": 2000, "dark": 1200}
QUALITY = 30
IN_DARK = ("home", "years", "event", "query", "query-timeline", "query-network")
KINDS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "light"), "dark": (DESKTOP, "dark")}


def main(release: Path, wanted: Collection[str] = ()) -> None:
    """Take one picture of each page at each width, and some in the dark."""
    places = {name: (path, 200) for name, path in (PAGES | QUERY_PAGES).items()} | FAULTS
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), release) as served, chromium() as browser:
        for kind, (size, scheme) in KINDS.items():
            for name, (path, status) in places.items():
                if (wanted and name not in wanted) or (kind == "dark" and name not in IN_DARK):
                    continue
                with visiting(browser, served, size, scheme=scheme) as someone:
                    someone.go(path, status).wait_for_load_state("networkidle")
                    (FOLDER / f"{name}-{kind}.webp").write_bytes(picture(someone, size["width"], LONGEST[kind]))


def picture(visitor: Visitor, width: int, most: int) -> bytes:
    """Return the page as WebP, as high as it is up to a limit."""
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, most), "scale": 1}
    taken = visitor.page.context.new_cdp_session(visitor.page).send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True},
    )
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
