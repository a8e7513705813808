"""A browser for tests, the server it looks at, and what it must never do: complain, or leave the host."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Error, Page, Request

EDITOR = ROOT / "src" / "kzus_graph" / "web" / "static" / "yasgui" / "yasgui.min.js"
needs_editor = pytest.mark.skipif(
    not EDITOR.is_file(), reason="the editor is not built here: pip install . with npm on PATH"
)
PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1280, "height": 900}
INSIDE = """(drawings) => drawings.flatMap((drawing) => {
  const frame = drawing.getBoundingClientRect();
  const cut = [...drawing.querySelectorAll("circle, .disc, text")].filter((one) => {
    const box = one.getBoundingClientRect();
    const beyond = [frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom];
    return Math.max(...beyond) > 1;
  });
  const wide = frame.left < 0 || frame.right > innerWidth;
  return [...(wide ? ["the drawing"] : []), ...cut.map((one) => one.parentNode.textContent)];
})"""
"""What of a drawing lies outside its frame or the window."""


@contextlib.contextmanager
def site(folder: Path, release: Path) -> Iterator[Served]:
    """Serve a release, dumps and all."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kzus_graph", "serve", "--release", str(release.parent), "--port", str(port)]
    log = folder / "site.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--workers", "3"], stdout=output, stderr=subprocess.STDOUT)
    served = Served(f"http://127.0.0.1:{port}", process.pid, log)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                if served.get("/health", 2)[0] == 200:
                    break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                raise RuntimeError(f"the server ended: {log.read_text()}")
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextlib.contextmanager
def chromium() -> "Iterator[Browser]":
    """Start a Chromium; skip where Playwright is missing."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is needed: pip install -e '.[test]'")
    with driver.sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextlib.contextmanager
def launched(kind: "BrowserType", fonts: Path | None = None) -> "Iterator[Browser]":
    """Start Debian's Chromium, or the one that CHROMIUM names; *fonts* is a configuration instead of the machine's."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium here: apt-get install chromium, or name one in CHROMIUM")
    known = os.environ | ({"FONTCONFIG_FILE": str(fonts)} if fonts else {})
    # A container has no rights to make a sandbox; nothing but our own pages is opened.
    browser = kind.launch(executable_path=found, args=["--no-sandbox"], env=known)
    try:
        yield browser
    finally:
        CLOSED.pop(browser, None)
        browser.close()


@dataclass
class Visitor:
    """A person at a window: goes to pages of one site; remembers what the browser had to say."""

    page: "Page"
    site: Served
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for event, listener in self._listeners():
            self.page.on(event, listener)  # type: ignore[call-overload]  # one overload per name

    def leave(self) -> None:
        """Listen no longer."""
        for event, listener in self._listeners():
            self.page.remove_listener(event, listener)

    def _listeners(self) -> list[tuple[str, Callable[..., None]]]:
        return [("console", self._hear), ("pageerror", self._fail), ("request", self._watch)]

    def _hear(self, said: "ConsoleMessage") -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def _fail(self, error: "Error") -> None:
        self.complaints.append(str(error))

    def _watch(self, request: "Request") -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.strangers.append(request.url)

    def go(self, path: str, status: int = 200) -> "Page":
        """Open a page of the site and wait until it is ready to use."""
        answer = self.page.goto(self.site.url + path)
        assert answer is not None and answer.status == status, (path, answer and answer.status)
        if path.partition("?")[0] == "/query" and EDITOR.is_file():
            self.page.wait_for_selector("#editor[data-ready]", state="attached")
        return self.page

    def settle(self) -> None:
        """Wait until the page has all that it asks for; only the query page asks once it is loaded."""
        if self.page.locator("#editor").count():
            self.page.wait_for_load_state("networkidle")

    def see(self, path: str, status: int, sizes: Iterable[dict[str, int]]) -> "Iterator[tuple[int, Page]]":
        """The page, settled, in a window of each size, after the window's width.

        Style alone fits a page to its window, so that it is opened once; only the query page draws for a width.
        """
        opened = False
        for size in sizes:
            self.page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own dictionary
            if not opened or self.page.locator("#editor").count():
                self.go(path, status)
                self.settle()
                opened = True
            yield size["width"], self.page

    def is_content(self) -> None:
        """Check that nothing went wrong behind the page, and that nobody else was asked."""
        assert not self.complaints
        assert not self.strangers


@contextlib.contextmanager
def visiting(browser: "Browser", served: Served, size: dict[str, int], *, scheme: str = "light") -> Iterator[Visitor]:
    """A visitor with a window of a size, who has never been here."""
    page = CLOSED[browser].pop() if CLOSED[browser] else _window(browser)
    page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own dictionary
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    someone = Visitor(page, served)
    try:
        yield someone
    finally:
        someone.leave()
        _forget(page, served)
        CLOSED[browser].append(page)


CLOSED: "defaultdict[Browser, list[Page]]" = defaultdict(list)
"""Windows that the next visitors get: the process of a new one takes a second to warm up."""


def _window(browser: "Browser") -> "Page":
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(60_000)  # the first page is slow where the machine is busy
    return context.new_page()


def _forget(page: "Page", served: Served) -> None:
    """Leave the page, and take away all that the site stored."""
    # A page stores as it is left: only from another one can all be taken away.
    page.goto(f"{served.url}/static/icon.svg")
    page.evaluate("sessionStorage.clear()")
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": served.url, "storageTypes": "all"})
    session.detach()
