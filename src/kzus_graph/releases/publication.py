"""Publishes releases: they stand in one folder, and the file ``CURRENT`` there names the release in force.

A release is made in a folder of its own, written to disk completely, and only then named in ``CURRENT``; a crash at any
moment leaves the release before it in force.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kzus_graph.rdf import files

NAME: Final = "kzus-graph"
"""The "name" in the manifest of every release, so that no foreign folder is taken for a release."""
CURRENT: Final = "CURRENT"
LONGEST_NAME: Final = 256
KEPT_RELEASES: Final = 3
"""How many releases stay in a folder: the one in force, and two to go back to."""


class NoneInForce(RuntimeError):
    """A folder in which no release is in force; the message says why, and what to do."""


class NotPublished(RuntimeError):
    """A release that could not be written; the message says why, and what is in force now."""


def named(out: Path) -> tuple[str, int]:
    """Return the name of the release that ``CURRENT`` in *out* puts in force, and the file's time of change in ns.

    Raises NoneInForce. Only a regular file is read: to read a pipe could block for ever.
    """
    path = out / CURRENT
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            name = os.read(descriptor, LONGEST_NAME).decode().strip() if stat.S_ISREG(found.st_mode) else ""
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NoneInForce(f"{path}: no release is in force ({error.strerror})") from error
    except UnicodeDecodeError:
        name = ""
    if name in ("", ".", "..") or not name.isprintable() or Path(name).name != name:
        raise NoneInForce(f"{path}: it names no release; kzus-graph build puts one in force")
    return name, found.st_mtime_ns


def current(out: Path) -> Path | None:
    """Return the folder of the release in force in *out*; None when there is none, or its files are not complete."""
    try:
        name, _ = named(out)
    except NoneInForce:
        return None
    return out / name if is_whole(out / name) else None


def manifest(release: Path) -> dict[str, Any]:
    """Return the content of ``manifest.json`` in *release*; empty if missing, damaged, or not a release's manifest."""
    try:
        facts = json.loads((release / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(facts, dict) or facts.get("name") != NAME or facts.get("version") != release.name:
        return {}
    return facts


def releases(out: Path) -> list[Path]:
    """Return the folders of the releases in *out*: the one in force first, the others from the newest to the oldest."""
    found = [path.parent for path in out.glob("*/manifest.json") if manifest(path.parent)]
    in_force = current(out)
    return sorted(found, key=lambda folder: (folder == in_force, folder.stat().st_mtime), reverse=True)


def is_whole(release: Path) -> bool:
    """Return whether every file that the manifest of *release* lists exists, with the listed size."""
    listed = manifest(release).get("files")
    if not isinstance(listed, dict) or not all(isinstance(facts, dict) for facts in listed.values()):
        return False
    sizes = {name: (release / name).stat().st_size for name in listed if (release / name).is_file()}
    return bool(listed) and all(sizes.get(name) == facts.get("bytes") for name, facts in listed.items())


def publish(folder: Path, out: Path, version: str) -> Path:
    """Make the finished *folder* the release *version* in *out* and return its place there.

    A damaged release of the same version is moved out of the way; one that is complete stays, and *folder* is not used.
    """
    release = out / version
    _sync(folder)
    if release.exists() and not is_whole(release):
        release.rename(folder.parent / f"{folder.name}-damaged")
    if not release.exists():
        folder.rename(release)
    _set_current(out, version)
    _prune(out, version)
    return release


@contextmanager
def build_folder(out: Path) -> Iterator[Path]:
    """Make a folder in *out* for a build and remove it afterwards; also remove the folders of builds that were killed.

    The folder is locked as long as its build process lives: a folder without a lock is left over from a killed build.
    Raises NotPublished when the disk refuses anything.
    """
    try:
        with _folder(out) as folder:
            yield folder
    except OSError as error:
        kept = current(out)
        state = f"{kept} is still in force" if kept else "no release is in force"
        reason = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
        raise NotPublished(f"could not publish in {out}: {reason}; {state}") from error


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """Make a locked folder in *out*, after removing the build folders that no process has locked."""
    out.mkdir(parents=True, exist_ok=True)
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
    """Return a descriptor that holds a lock on *folder*; None when another process holds one or *folder* is gone."""
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
    """Force *folder* and every file and folder below it to disk, before ``CURRENT`` names the release."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _set_current(out: Path, version: str) -> None:
    """Make *version* the release in force, in one step."""
    with files.replacing(out / CURRENT) as file:
        file.write(f"{version}\n".encode())
    directory = os.open(out, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _prune(out: Path, current: str) -> None:
    """Remove the oldest releases beyond KEPT_RELEASES, but not the one in force, nor folders that are not releases."""
    older = [folder for folder in releases(out) if folder.name != current]
    for path in older[KEPT_RELEASES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
