"""Where things are, a small root over two fictional states, and the real graph built once a session."""

import contextlib
import fcntl
import gc
import hashlib
import pickle
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Generator, Iterator
from pathlib import Path

import pytest

from kzus_graph.pipeline import release
from kzus_graph.pipeline.release import Content
from kzus_graph.releases import publication
from kzus_graph.web import static_export
from tests.graphs import Examined

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
PACKAGE = ROOT / "src" / "kzus_graph"
ABOVE = {"engine", "web"}
"""Parts of the package that a build knows nothing of (CONTRIBUTING, Style)."""
SHARED = ROOT.parent / "shared"
"""Material that a development machine may have beside the checkout; tests that need it skip without."""


SLOWEST = 15
"""Modules of which the time is told at the end."""
REAL = {"real_release", "exported", "whole", "first_source"}
"""The fixtures of the real data: after a change it has to be reasoned over and checked anew, which takes long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what takes the real data, and so the tests of the browser, which show it, and hostile clients."""
    for item in items:
        if REAL.intersection(getattr(item, "fixturenames", ())) or "hostile" in item.path.parts:
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which modules the time went to, with what they set up; processes that ran side by side are added up."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    total = sum(seconds.values())
    terminalreporter.section(f"where {total:,.0f} s went")
    for module, took in seconds.most_common(SLOWEST):
        terminalreporter.write_line(f"{took:8.1f} s  {took / total:4.0%}  {module}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    """Run a test that is marked quiet while no other runs, in whatever process; any others side by side."""
    folder = item.config.cache.mkdir("turns")
    quiet = item.get_closest_marker("quiet") is not None
    with contextlib.ExitStack() as turn:
        # whoever wants quiet waits in the door, so that no other gets past
        with locked(folder / "door"):
            turn.enter_context(locked(folder / "room", shared=not quiet))
        return (yield)


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a terminal as wide as it is without one, whatever the tests are run in."""
    monkeypatch.setenv("COLUMNS", "100")


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
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases of the small root in one folder, to read: in the older one, Fred is called Frederick."""
    folder = tmp_path_factory.mktemp("two")
    entities = copy_small_root(folder / "root") / "data" / "entities.trig"
    text = entities.read_text()
    entities.write_text(text.replace('"Fred"@en', '"Frederick"@en'))
    older = release.build(folder / "root", folder / "out")
    entities.write_text(text)
    return older, release.build(folder / "root", folder / "out")


@pytest.fixture(scope="session")
def real_release(pytestconfig: pytest.Config) -> Path:
    """A release of the real graph, to read. It is kept for later: a build that changes nothing does nothing.

    Without one before it: a release says how it differs from that, and here it is always the first.
    """
    folder = pytestconfig.cache.mkdir("releases")
    with locked(folder / "lock"):
        kept = publication.current(folder / "real")
        if kept and publication.manifest(kept)["digest"] != release.content_digest(ROOT):
            shutil.rmtree(folder / "real")
        return release.build(ROOT, folder / "real")


@pytest.fixture(scope="session")
def exported(pytestconfig: pytest.Config, real_release: Path) -> Path:
    """The site of the real release as files, in English, to read: every IRI, and every page that another leads to."""
    folder = pytestconfig.cache.mkdir("site")
    code = [path.read_bytes() for path in sorted(PACKAGE.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    name = hashlib.sha256(b"\0".join([real_release.name.encode(), *code])).hexdigest()
    with locked(folder / "lock"):
        if not (folder / name).is_dir():
            for old in folder.glob("*/"):
                shutil.rmtree(old)
            assert static_export.export(real_release.parent, folder / "unfinished", languages=["en"]) > 3000
            (folder / "unfinished").rename(folder / name)
    return folder / name


@pytest.fixture(scope="session")
def whole(pytestconfig: pytest.Config) -> Examined:
    """The real graph, examined; not to be changed."""
    return Examined(examined(pytestconfig.cache.mkdir("whole")))


@pytest.fixture(scope="session")
def first_source(pytestconfig: pytest.Config) -> Examined:
    """What the first source says by itself, examined; not to be changed."""
    return Examined(examined(pytestconfig.cache.mkdir("first-source"), only=["political-cooperation"]))


def examined(folder: Path, only: Collection[str] = ()) -> Content:
    """Return the real graph, examined, as *folder* keeps it; examined now when a file or code has changed since.

    One process of the session does it, the others wait and read what it kept.
    """
    kept = folder / f"{digest(only)}.pickle"
    with locked(folder / "lock"):
        if not kept.is_file():
            for old in folder.glob("*.pickle"):
                old.unlink()
            fresh = folder / "unfinished"
            fresh.write_bytes(pickle.dumps(release.examine(ROOT, only)))
            fresh.rename(kept)
    content = pickle.loads(kept.read_bytes())
    assert isinstance(content, Content)
    # it stays to the end: a collector that walked through all its triples time and again would take a third of the time
    gc.freeze()
    return content


def digest(only: Collection[str]) -> str:
    """Return the SHA-256 of all that an examination depends on: the digest of the build, and the code below it."""
    code = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ABOVE)
    parts = [release.content_digest(ROOT, only), sys.version, *(path.read_text("utf-8") for path in code)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Keep the other processes of the tests out until the block is left, or let in those who share as well."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        try:
            yield
        finally:
            # to close it is not enough: a forked process may still have it open
            fcntl.flock(lock, fcntl.LOCK_UN)
