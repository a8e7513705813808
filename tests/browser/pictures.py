"""Takes the pictures in docs/screenshots: ``python -m tests.browser.pictures RELEASE [NAME…]`` (a release's folder)."""

import base64
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.browser.chromium import DESKTOP, PHONE, Visitor, chromium, site, visiting
from tests.browser.places import PAGES, QUERY_PAGES
from tests.browser.test_accessibility import in_language
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "screenshots"
# A page is taken whole up to this height; what is longer goes on in the same way.
LONGEST = {"desktop": 1500, "phone": 2000, "dark": 1200}
QUALITY = 30
KINDS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "light"), "dark": (DESKTOP, "dark")}
PICTURES = {
    "desktop": (
        "home", "search", "questions", "answer-timeline", "answer-map", "answer-network", "answer-bars",
        "build-answer", "query", "event", "person", "place", "position", "instrument", "topic", "disagreement",
        "years", "ontology", "dumps",
    ),
    "phone": ("home", "event", "answer-timeline"),
    "dark": ("home", "query"),
}  # fmt: skip
"""The pictures that are kept: 25 at most, of what is worth showing; each is a page of ``places`` or of RUSSIAN."""
RUSSIAN = {"event-russian": in_language(PAGES["event"], "ru")}


def main(release: Path, wanted: Collection[str] = ()) -> None:
    """Take the pictures, only those of the pages *wanted* if any are named; pictures of other pages are removed."""
    places = {name: (path, 200) for name, path in (PAGES | QUERY_PAGES | RUSSIAN).items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {f"{name}-{kind}.webp" for kind, names in PICTURES.items() for name in names}
    kept |= {f"{name}-desktop.webp" for name in RUSSIAN}
    for path in FOLDER.glob("*.webp"):
        if path.name not in kept:
            path.unlink()
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), release) as served, chromium() as browser:
        for kind, (size, scheme) in KINDS.items():
            for name in (*PICTURES[kind], *(RUSSIAN if kind == "desktop" else ())):
                if wanted and name not in wanted:
                    continue
                with visiting(browser, served, size, scheme=scheme) as someone:
                    someone.go(*places[name]).wait_for_load_state("networkidle")
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
