"""One browser and one site a session; a visitor each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DESKTOP, Visitor, chromium, site, visiting
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def served(real_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with site(tmp_path_factory.mktemp("site"), real_release) as running:
        yield running


@pytest.fixture
def visitor(browser: "Browser", served: Served) -> Iterator[Visitor]:
    with visiting(browser, served, DESKTOP) as anyone:
        yield anyone
