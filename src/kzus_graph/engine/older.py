"""Loads the older releases that still stand in the folder of releases: on request, few at a time, with few workers."""

import logging
import math
import re
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

from kzus_graph.engine.cache import Cache
from kzus_graph.engine.serving import Release, Releases, quads_of
from kzus_graph.engine.workers import SELDOM, Pool, Unloadable
from kzus_graph.releases import publication

NAME: Final = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}(?:\+[0-9a-f]{8})?")
"""A name of a release, or a version alone, which means the newest release of that version."""
WORKERS: Final = 2
QUEUE: Final = 8
CACHE: Final = 32 << 20
"""The most bytes of cached answers of one older release."""
HELD: Final = 5.0
"""The fewest seconds that a release stays loaded, and how many times as long as its loading took: so clients that ask
for many releases in turn can't keep the server loading."""
UNUSED: Final = 300.0
"""An older release that nobody has asked for so many seconds is ended."""
LEAVE: Final = 1.0
"""Seconds that the running queries of an older release have before it is ended to make room for another."""
NICENESS: Final = 5
"""The workers have a lower priority than those of the current release."""
PATIENCE: Final = 10.0
"""Seconds that a request may wait while another release is being loaded."""

LOG: Final = logging.getLogger("kzus_graph.releases")


class NoSuchRelease(Exception):
    """The folder has no release of the requested name; *was* tells whether it once had, *kept* are those that it has.

    The first of *kept* is the current release, the last is the oldest.
    """

    def __init__(self, name: str, kept: tuple[str, ...], *, was: bool) -> None:
        super().__init__(name)
        self.kept = kept
        self.was = was


class NotNow(Exception):
    """An older release can't be loaded now, as another one is in use; try again after *seconds*."""

    def __init__(self, seconds: float) -> None:
        super().__init__("other older releases are in use")
        self.seconds = max(1, math.ceil(seconds))


class OlderReleases:
    """The older releases beside the current one of *releases*, at most *most* loaded at a time; 0 turns them off.

    They take nothing from the current release but memory and idle time: each has two workers of low priority, a queue
    and a cache of its own.
    """

    def __init__(self, releases: Releases, most: int = 1) -> None:
        self._releases = releases
        self._most = most
        self._loading = threading.Lock()
        self._lock = threading.Lock()
        # The least recently used first; with it until when it stays, and when it was last asked for.
        self._loaded: OrderedDict[str, Release] = OrderedDict()
        self._since: dict[str, tuple[float, float]] = {}
        # Why a release can't be loaded, and when to try again.
        self._faults: dict[str, tuple[str, float]] = {}
        self._listed: tuple[int, tuple[str, ...], frozenset[str]] = (-1, (), frozenset())
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None

    def name_of(self, asked: str) -> str:
        """Return the full name of the release *asked*, which may be a version alone. Raises NoSuchRelease.

        Only the names of releases in the folder are compared with *asked*: it never becomes part of a path.
        """
        current = self._releases.current
        if is_named(current.name, asked):
            return current.name
        kept, published = self._list()
        there = kept if kept and self._most else (current.name,)
        for name in there:
            if is_named(name, asked):
                return name
        raise NoSuchRelease(asked, there, was=any(is_named(name, asked) for name in published))

    def loaded(self, name: str) -> Release | None:
        """Return the release *name* if it can answer at once, and note that it is used; else None."""
        current = self._releases.current
        if name == current.name:
            return current
        with self._lock:
            found = self._loaded.get(name)
            if found is not None:
                self._loaded.move_to_end(name)
                self._since[name] = self._since[name][0], time.monotonic()
            return found

    def is_current(self, release: Release) -> bool:
        """Return whether *release* is the current one."""
        return release is self._releases.current

    def open(self, name: str) -> Release:
        """Return the release *name* (a full name in the folder), after loading it if need be; this may take seconds.

        Raises NotNow if there is no room for it, and Unloadable if it is damaged.
        """
        if (found := self.loaded(name)) is not None:
            return found
        if not self._loading.acquire(timeout=PATIENCE):
            raise NotNow(HELD)
        try:
            if (found := self.loaded(name)) is not None:
                return found
            if self._closing.is_set():
                raise NotNow(HELD)
            fault, again = self._faults.get(name, ("", 0.0))
            if time.monotonic() < again:
                raise Unloadable(fault)
            self._make_room()
            return self._load(name)
        finally:
            self._loading.release()

    def close(self) -> None:
        """End all processes of the older releases."""
        self._closing.set()
        with self._loading:
            self._end(list(self._loaded), 0.0)

    def _list(self) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return the releases in the folder, the current one first, and those that were ever published there."""
        folder = self._releases.folder
        if folder is None:
            return (), frozenset()
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return (), frozenset()
        if changed != self._listed[0]:
            kept = tuple(path.name for path in publication.releases(folder) if NAME.fullmatch(path.name))
            self._listed = changed, kept, frozenset(publication.published(folder))
        return self._listed[1:]

    def _load(self, name: str) -> Release:
        began = time.monotonic()
        folder = self._folder() / name
        try:
            pool = Pool(
                [folder / "store"],
                workers=WORKERS,
                queue=QUEUE,
                memory=self._releases.limits.memory,
                quads=quads_of(folder),
                niceness=NICENESS,
            )
        except (OSError, Unloadable) as error:
            LOG.warning("the older release %s can't be loaded: %s", name, error)
            known = {one: fault for one, fault in self._faults.items() if fault[1] > time.monotonic()}
            self._faults = {**known, name: (str(error), time.monotonic() + SELDOM)}
            raise Unloadable(str(error)) from error
        made = Release(name, folder, pool, Cache(min(CACHE, self._releases.limits.cache)))
        now = time.monotonic()
        LOG.info("loaded the older release %s in %.1f s", name, now - began)
        with self._lock:
            self._loaded[name] = made
            self._since[name] = now + HELD * max(1.0, now - began), now
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="older releases", daemon=True)
            self._watcher.start()
        return made

    def _folder(self) -> Path:
        assert self._releases.folder is not None
        return self._releases.folder

    def _make_room(self) -> None:
        """End the least recently used releases until one more may be loaded. Raises NotNow."""
        while len(self._loaded) >= self._most:
            name = next(iter(self._loaded))
            rest = self._since[name][0] - time.monotonic()
            if rest > 0:
                raise NotNow(rest)
            self._end([name], LEAVE)

    def _end(self, names: list[str], patience: float) -> None:
        """End the processes of the releases *names*, after letting queries finish for up to *patience* seconds."""
        for name in names:
            with self._lock:
                release = self._loaded.pop(name)
                del self._since[name]
            release.pool.close(patience)

    def _watch(self) -> None:
        """End releases that nobody has asked for, that were deleted, or that have become the current one."""
        while not self._closing.wait(HELD):
            with self._loading:
                kept, current = self._list()[0], self._releases.current.name
                idle = time.monotonic() - UNUSED
                used = {name: last for name, (_, last) in self._since.items()}
                self._end(
                    [name for name, last in used.items() if last < idle or name == current or name not in kept], LEAVE
                )


def is_named(name: str, asked: str) -> bool:
    """Return whether *asked* is the release *name*, or its version alone.

    >>> is_named("3.0.0+1a2b3c4d", "3.0.0"), is_named("3.0.0+1a2b3c4d", "3.0"), is_named("3.0.0+1a2b3c4d", "")
    (True, False, False)
    """
    return asked == name or (bool(asked) and name.partition("+")[0] == asked)
