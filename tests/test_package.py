"""The wheel: it carries ontology, data and queries, and works where there is no checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as an installer would lay them out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("folder", ["ontology", "data", "queries"])
def test_wheel_carries_every_file_of(unpacked: Path, folder: str) -> None:
    tracked = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = tracked.split()
    assert names
    for name in names:
        assert (unpacked / "kzus_graph" / "content" / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_installed_package_builds_and_answers_outside_a_checkout(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kzus_graph", "query", "official-visits", "--format", "csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = done.stdout.replace("\r\n", "\n")
    assert answer == (ROOT / "queries" / "expected" / "official-visits-all-sources.csv").read_text("utf-8")
    assert (tmp_path / "release" / "CURRENT").is_file()
