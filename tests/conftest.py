"""Where things are, a small root over two fictional states, and the real graph built once a session."""

import fcntl
import shutil
from pathlib import Path

import pytest

from kzus_graph import release
from kzus_graph.release import Content

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
SHARED = ROOT.parent / "shared"
"""Material that a development machine may have beside the checkout; tests that need it skip without."""


def copy_small_root(folder: Path) -> Path:
    """Return *folder* filled with our ontology and the small data set."""
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    shutil.copytree(FIXTURES / "small" / "data", folder / "data")
    shutil.copytree(FIXTURES / "small" / "queries", folder / "queries")
    shutil.copytree(ROOT / "queries" / "checks", folder / "queries" / "checks", dirs_exist_ok=True)
    return folder


@pytest.fixture
def small_root(tmp_path: Path) -> Path:
    """A root that a test may change."""
    return copy_small_root(tmp_path / "root")


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the small root, to read."""
    folder = tmp_path_factory.mktemp("small")
    return release.build(copy_small_root(folder / "root"), folder / "out")


@pytest.fixture(scope="session")
def real_release(pytestconfig: pytest.Config) -> Path:
    """A release of the real graph, to read. It is kept for the next session: the build then finds nothing to do."""
    folder = pytestconfig.cache.mkdir("releases")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return release.build(ROOT, folder / "real")


@pytest.fixture(scope="session")
def whole() -> Content:
    """The real graph, examined."""
    return release.examine(ROOT)


@pytest.fixture(scope="session")
def first_source() -> Content:
    """What the first source says by itself, examined."""
    return release.examine(ROOT, only=["political-cooperation"])
