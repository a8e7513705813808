"""What a page costs its reader: bytes that come for it, its height, tab stops up to its content's end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES: Final[Mapping[str, dict[str, int]]] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 375, "height": 812},
}
SCREENS: Final = 6
"""How many screens a page may have before anything is unfolded."""
STOPS: Final = 150
HOME_BYTES: Final = 100_000
PAGE_BYTES: Final = 60_000
TAB_STOPS: Final = """() => {
  const main = document.querySelector("main");
  const found = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  const reached = (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true });
  return [...found].filter((one) => reached(one)
    && (main.contains(one) || main.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING)).length;
}"""
HEIGHT: Final = "document.documentElement.scrollHeight"


@dataclass(frozen=True)
class PageCost:
    """What a page costs: bytes as they are sent to an empty cache; height and tab stops in a window of each size."""

    bytes: int
    heights: dict[str, int]
    stops: dict[str, int]

    def beyond(self, most_bytes: int) -> list[str]:
        """Return in words what is over its bar."""
        found = [f"{self.bytes} bytes"] if self.bytes > most_bytes else []
        for name, size in SIZES.items():
            if self.heights[name] > SCREENS * size["height"]:
                found.append(f"{self.heights[name]} pixels on a {name}")
            if self.stops[name] > STOPS:
                found.append(f"{self.stops[name]} tab stops on a {name}")
        return found


def cost(page: "Page", addresses: Iterable[str]) -> dict[str, PageCost]:
    """Return what each page at *addresses* costs; the browser's cache is off."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[float] = []

    def note(event: dict[str, Any]) -> None:
        came.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", note)
    costs = {}
    try:
        for address in addresses:
            came.clear()
            page.goto(address, wait_until="networkidle")
            heights, stops = {}, {}
            for name, size in SIZES.items():
                page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own dictionary
                heights[name], stops[name] = page.evaluate(HEIGHT), page.evaluate(TAB_STOPS)
            costs[address] = PageCost(round(sum(came)), heights, stops)
    finally:
        session.detach()
    return costs
