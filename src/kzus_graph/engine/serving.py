"""Finds the release of the dataset that is to be served, and runs the pool of worker processes that query it."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from kzus_graph.engine.cache import Cache
from kzus_graph.engine.workers import AGAIN, SELDOM, Pool, Unloadable
from kzus_graph.releases import publication

POLL: Final = 0.5
PATIENCE: Final = 60.0

LOG: Final = logging.getLogger("kzus_graph.releases")
MOST_MADE: Final = 64
"""How many results of one function are cached for a release: one for each combination of arguments."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """The limits for one query (*timeout*, *memory*, *max_rows*, *services*) and for all queries together (the others).

    *timeout* is in seconds, *memory* and *cache* are in bytes; *queue* limits the queries that wait for a worker.
    """

    timeout: float = 10.0
    memory: int = 1 << 30
    workers: int | None = None
    queue: int = 64
    max_rows: int | None = None
    cache: int = 256 << 20
    # A SERVICE clause may ask only addresses that begin with one of these.
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the dataset that is being served: name, folder, worker processes and cached answers."""

    name: str
    folder: Path | None
    pool: Pool
    cache: Cache = field(repr=False)
    # Results that ``once`` keeps: by function, then by its other arguments. They are freed with the release.
    made: dict[Any, dict[Hashable, Any]] = field(default_factory=dict, repr=False, compare=False)


def once(make: Callable[Concatenate[Release, P], T]) -> Callable[Concatenate[Release, P], T]:
    """Return a function like *make* that caches its results by release and other arguments; a release never changes.

    The newest MOST_MADE results are stored in the Release object, so that no cache keeps an old release in memory.
    """
    keeping = threading.Lock()

    @wraps(make)
    def kept(release: Release, /, *args: P.args, **named: P.kwargs) -> T:
        key = (args, tuple(sorted(named.items())))
        with keeping:
            made = release.made.setdefault(make, {})
            if key in made:
                found: T = made[key]
                return found
        new = make(release, *args, **named)
        with keeping:
            made[key] = new
            while len(made) > MOST_MADE:
                del made[next(iter(made))]
        return new

    return kept


class Releases:
    """Loads the release to be served, and replaces it when a newer one is published; *current* is the one served now.

    *folder* contains releases: one that is published there is served as soon as it is loaded. Without *folder*, the
    data in *files* are served, and nothing is replaced.
    """

    def __init__(self, limits: Limits, *, folder: Path | None = None, files: Sequence[Path] = ()) -> None:
        self.limits = limits
        self.folder = folder.resolve() if folder is not None else None
        self._files = tuple(files)
        self._mark = self._read_mark()
        # Why the release that should be in force can't be loaded; empty if it is in force.
        self.fault = ""
        self._tried: tuple[str, int] | None = None
        self._next = self._pause = 0.0
        self._closing = threading.Event()
        self.current = self._open(self._mark[0])
        self._loads = self.current.pool.loads
        self._retiring: list[threading.Thread] = []
        self._watcher = threading.Thread(target=self._watch, name="releases", daemon=True)
        self._watcher.start()

    def _read_mark(self) -> tuple[str, int]:
        """Return the name of the release that CURRENT names, and the modification time of CURRENT in nanoseconds."""
        if self.folder is None:
            return ("dataset", 0)
        try:
            return publication.named(self.folder)
        except publication.NoneInForce as error:
            raise Unloadable(str(error)) from error

    def _open(self, name: str) -> Release:
        """Return the release *name*, loaded and ready to answer queries. Raises Unloadable."""
        folder = self.folder / name if self.folder is not None else None
        try:
            pool = Pool(
                [folder / "store"] if folder is not None else self._files,
                workers=self.limits.workers,
                queue=self.limits.queue,
                memory=self.limits.memory,
                quads=quads_of(folder) if folder is not None else None,
            )
        except OSError as error:
            raise Unloadable(f"{name}: the system can't start a process to load it ({error.strerror})") from error
        return Release(name, folder, pool, Cache(self.limits.cache))

    def refresh(self) -> None:
        """Load and serve the release that the file CURRENT names, if it is not the one that is being served.

        Queries on the old release may finish. If the new release can't be loaded, the old one remains in use; loading
        is tried again when CURRENT changes, and from time to time, as the files of the release may be repaired.
        """
        try:
            mark = self._read_mark()
            if mark != self._tried:
                self._next = self._pause = 0.0
            if mark == self._mark:
                self.fault = ""
            elif time.monotonic() >= self._next:
                self._tried = mark
                fresh = self._open(mark[0])
                self._mark, self.fault = mark, ""
                self._go_over(fresh)
        except Unloadable as error:
            self._pause = min(SELDOM, 2 * self._pause or AGAIN)
            self._next = time.monotonic() + self._pause
            if self.fault != str(error):
                self.fault = str(error)
                LOG.error("release %s remains in use, as the newer one can't be loaded: %s", self.current.name, error)
        if self.current.pool.loads != self._loads:
            # The process that holds the graph died, and the files were read again: they may have changed.
            self.current = replace(self.current, cache=Cache(self.limits.cache), made={})
            self._loads = self.current.pool.loads

    def _go_over(self, fresh: Release) -> None:
        old, self.current, self._loads = self.current, fresh, fresh.pool.loads
        retiring = threading.Thread(target=old.pool.close, args=(PATIENCE,), name=f"retiring {old.name}", daemon=True)
        try:
            retiring.start()
        except RuntimeError:
            # The system can't start a thread.
            old.pool.close()
        self._retiring = [thread for thread in self._retiring if thread.is_alive()] + [retiring]

    def _watch(self) -> None:
        while not self._closing.wait(POLL):
            self.refresh()

    def state(self) -> dict[str, str | int]:
        """Return the status, name, number of quads and worker counts of the served release, and any ``fault``.

        ``status`` is "ok", or "broken" if no worker process runs. A ``fault`` beside "ok" means that a newer release
        can't be loaded, or a worker can't be started.
        """
        release = self.current
        workers = release.pool.state()
        said: dict[str, str | int] = {
            "status": "ok" if workers["workers"] else "broken",
            "release": release.name,
            "quads": release.pool.quads,
            **workers,
        }
        fault = "; ".join(filter(None, (self.fault, release.pool.fault)))
        return {**said, "fault": fault} if fault else said

    def close(self, patience: float = 0.0) -> None:
        """End the processes of the served release, after letting queries finish for up to *patience* seconds."""
        self._closing.set()
        self._watcher.join()
        self.current.pool.close(patience)


def quads_of(release: Path) -> int:
    """Return how many quads the manifest of *release* (its folder) states. Raises Unloadable if it is incomplete."""
    if not publication.is_whole(release):
        raise Unloadable(f"{release}: the release is incomplete; build it again with kzus-graph build")
    facts = publication.manifest(release)
    return sum((facts["triples"]["all"], *facts["graphs"].values()))
