"""Publishing: releases stand in one folder, and the file ``CURRENT`` names the one in force.

A release is made in a folder of its own, put on disk whole, and only then named; a crash at any moment leaves the
release before it as it was.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

KEPT_RELEASES: Final = 3
"""How many releases stay in a folder: the one in force, and two to go back to."""


def current(out: Path) -> Path | None:
    """Return the folder of the release in force in *out*, None when there is none."""
    try:
        name = (out / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    release = out / name
    return release if (release / "manifest.json").is_file() else None


def manifest(release: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` of *release* says."""
    result: dict[str, Any] = json.loads((release / "manifest.json").read_text("utf-8"))
    return result


def publish(folder: Path, out: Path, version: str) -> Path:
    """Make the finished *folder* the release *version* in *out* and return its place there."""
    release = out / version
    _sync(folder)
    if not release.exists():
        folder.rename(release)
    _set_current(out, version)
    _prune(out, version)
    return release


@contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """Give a folder in *out* to work in; it is gone afterwards, and so are those of builds that were killed.

    The folder is locked while its builder lives, whatever ends it: that tells a left-over from a build under way.
    """
    for left_over in out.glob(".building-*"):
        if lock := _locked(left_over):
            shutil.rmtree(left_over, ignore_errors=True)
            os.close(lock)
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=out))
    lock = _locked(folder)
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock:
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """Return the descriptor that holds a lock on *folder*; None when another process holds one."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sync(folder: Path) -> None:
    """Have the disk hold every file and folder below *folder* before anything names them."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _set_current(out: Path, version: str) -> None:
    """Make *version* the release in force, in one step."""
    descriptor, name = tempfile.mkstemp(prefix=".current-", dir=out)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(version + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(out / "CURRENT")
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    directory = os.open(out, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _prune(out: Path, current: str) -> None:
    """Remove the oldest releases beyond KEPT_RELEASES, never the one in force."""
    releases = [path.parent for path in out.glob("*/manifest.json") if path.parent.name != current]
    releases.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in releases[KEPT_RELEASES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
