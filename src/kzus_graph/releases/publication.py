"""Publishes releases: subfolders of one folder, whose file ``CURRENT`` names the release in force (the served one).

A release is completely written to disk before ``CURRENT`` names it; after a crash at any moment, the previous release
is still in force.
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
"""The value of "name" in the manifest of every release; a folder with another value is not taken for a release."""
CURRENT: Final = "CURRENT"
PUBLISHED: Final = "PUBLISHED"
"""The file with the name of each release that was ever published in a folder, one a line, the oldest first."""
WORDS: Final = "words"
"""The folder of a release with the names of the ontology's terms in other languages: one ``.po`` file for each."""
LONGEST_HISTORY: Final = 64 * 1024
LONGEST_NAME: Final = 256
KEPT_RELEASES: Final = 3
"""The number of releases that are not deleted from a folder: the one that CURRENT names, and two previous ones."""


class NoneInForce(RuntimeError):
    """The error that a folder's file ``CURRENT`` can't be read or names no release; the message states which."""


class NotPublished(RuntimeError):
    """The error that a release could not be written; the message states why, and which release is still current."""


def named(out: Path) -> tuple[str, int]:
    """Return the name of the release that the file ``CURRENT`` in *out* contains, and the file's mtime in nanoseconds.

    Raises NoneInForce. Only a regular file is read, since reading a pipe could block for ever.
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
        raise NoneInForce(f"{path}: can't read the name of the current release ({error.strerror})") from error
    except UnicodeDecodeError:
        name = ""
    if name in ("", ".", "..") or not name.isprintable() or Path(name).name != name:
        raise NoneInForce(f"{path}: this file must contain the name of a release; run 'kzus-graph build'")
    return name, found.st_mtime_ns


def current(out: Path) -> Path | None:
    """Return the folder of the release that ``CURRENT`` in *out* names; None if it names none, or an incomplete one."""
    try:
        name, _ = named(out)
    except NoneInForce:
        return None
    return out / name if is_whole(out / name) else None


def manifest(release: Path) -> dict[str, Any]:
    """Return the content of ``manifest.json`` in the folder *release*.

    Return an empty dict if the file is missing, damaged, or has another "name" than NAME or another "version" than the
    name of the folder.
    """
    try:
        facts = json.loads((release / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(facts, dict) or facts.get("name") != NAME or facts.get("version") != release.name:
        return {}
    return facts


def releases(out: Path) -> list[Path]:
    """Return the folders of the releases in *out*: first the one that ``CURRENT`` names, the others newest first."""
    found = [path.parent for path in out.glob("*/manifest.json") if manifest(path.parent)]
    in_force = current(out)
    return sorted(found, key=lambda folder: (folder == in_force, folder.stat().st_mtime), reverse=True)


def published(out: Path) -> list[str]:
    """Return the names in the file ``PUBLISHED`` in *out*, the oldest first; only its last LONGEST_HISTORY bytes count.

    The list is empty if the file is missing, as in a folder of an earlier version of this program.
    """
    try:
        with (out / PUBLISHED).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_HISTORY))
            return file.read(LONGEST_HISTORY).decode("ascii", "replace").split()
    except OSError:
        return []


def is_whole(release: Path) -> bool:
    """Return whether every file that ``manifest.json`` in the folder *release* lists exists, with the listed size."""
    listed = manifest(release).get("files")
    if not isinstance(listed, dict) or not all(isinstance(facts, dict) for facts in listed.values()):
        return False
    sizes = {name: (release / name).stat().st_size for name in listed if (release / name).is_file()}
    return bool(listed) and all(sizes.get(name) == facts.get("bytes") for name, facts in listed.items())


def publish(folder: Path, out: Path, version: str) -> Path:
    """Move the finished *folder* into *out* as the release *version*, named by ``CURRENT``; return its new path.

    A damaged release of the same version in *out* is replaced. A complete one is kept and named by ``CURRENT``;
    *folder* is then not used. Old releases beyond KEPT_RELEASES are deleted.
    """
    release = out / version
    _sync(folder)
    if release.exists() and not is_whole(release):
        release.rename(folder.parent / f"{folder.name}-damaged")
    if not release.exists():
        folder.rename(release)
    _record(out, version)
    _set_current(out, version)
    _prune(out, version)
    return release


@contextmanager
def build_folder(out: Path) -> Iterator[Path]:
    """Yield a new folder in *out* for a build, and remove it afterwards; also remove the folders of killed builds.

    The folder is locked while its build process runs; a folder without a lock is left over from a killed build.
    Raises NotPublished for every OSError, such as a full disk.
    """
    try:
        with _folder(out) as folder:
            yield folder
    except OSError as error:
        kept = current(out)
        state = f"{kept} is still the current release" if kept else "there is no current release"
        reason = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
        raise NotPublished(f"could not publish a release in {out}: {reason}; {state}") from error


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """Yield a new locked folder in *out*, and remove it afterwards; first remove the build folders without a lock."""
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
    """Lock *folder* and return the lock's file descriptor; None if another process holds it or *folder* is missing."""
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
    """Flush *folder* and every file and folder below it to disk (fsync), before ``CURRENT`` names the release."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _record(out: Path, version: str) -> None:
    """Add *version*, and the releases that were in *out* before this record was kept, to the file ``PUBLISHED``."""
    known = published(out)
    older = sorted(releases(out), key=lambda folder: folder.stat().st_mtime)
    names = dict.fromkeys((*known, *(folder.name for folder in older), version))
    if len(names) > len(known):
        with files.replacing(out / PUBLISHED) as file:
            file.write("".join(f"{name}\n" for name in names).encode()[-LONGEST_HISTORY:])


def _set_current(out: Path, version: str) -> None:
    """Put the release *version* in force: write its name to the file ``CURRENT`` in *out*, atomically."""
    with files.replacing(out / CURRENT) as file:
        file.write(f"{version}\n".encode())
    directory = os.open(out, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _prune(out: Path, current: str) -> None:
    """Delete the oldest releases in *out* beyond KEPT_RELEASES, but never the release *current*, nor other folders."""
    older = [folder for folder in releases(out) if folder.name != current]
    for path in older[KEPT_RELEASES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
