"""Which release is in force, and the pool of workers that answers from it."""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from kzus_graph.engine.cache import Cache
from kzus_graph.engine.workers import Pool, Unloadable

POLL: Final = 0.5
PATIENCE: Final = 60.0
MOST_MADE: Final = 64
"""So many things that one function made of an edition are kept; a language and a prefix each make another."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What one query, and all of them together, may take."""

    timeout: float = 10.0
    memory: int = 1 << 30
    workers: int | None = None
    queue: int = 64
    max_rows: int | None = None
    cache: int = 256 << 20
    # Prefixes of addresses that SERVICE may ask.
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One release as it is served: its name, its workers, and the answers already given from it."""

    name: str
    folder: Path | None
    pool: Pool
    cache: Cache = field(repr=False)
    # What was made of it, by the function that made it and its other arguments: it goes when the edition does.
    made: dict[Any, dict[Hashable, Any]] = field(default_factory=dict, repr=False, compare=False)


def once(make: Callable[Concatenate[Edition, P], T]) -> Callable[Concatenate[Edition, P], T]:
    """Return *make*, which is asked once for each edition and other arguments: an edition never changes.

    What it made is kept in the edition, the last MOST_MADE; nothing else must hold an edition that is out of force.
    """
    keeping = threading.Lock()

    @wraps(make)
    def kept(edition: Edition, /, *args: P.args, **named: P.kwargs) -> T:
        key = (args, tuple(sorted(named.items())))
        with keeping:
            made = edition.made.setdefault(make, {})
            if key in made:
                found: T = made[key]
                return found
        new = make(edition, *args, **named)
        with keeping:
            made[key] = new
            while len(made) > MOST_MADE:
                del made[next(iter(made))]
        return new

    return kept


class Editions:
    """The edition in force. Following a release folder, it goes over to a new release as soon as that can answer."""

    def __init__(self, limits: Limits, *, releases: Path | None = None, files: Sequence[Path] = ()) -> None:
        self.limits = limits
        self._releases = releases.resolve() if releases is not None else None
        self._files = tuple(files)
        self._mark = self._read_mark()
        self._closing = threading.Event()
        self.current = self._open()
        self._retiring: list[threading.Thread] = []
        self._watcher = threading.Thread(target=self._watch, name="editions", daemon=True)
        self._watcher.start()

    def _read_mark(self) -> tuple[str, int]:
        if self._releases is None:
            return ("dataset", 0)
        current = self._releases / "CURRENT"
        try:
            return (current.read_text().strip(), current.stat().st_mtime_ns)
        except OSError as error:
            raise Unloadable(f"{current}: no release is in force ({error.strerror})") from error

    def _open(self) -> Edition:
        name = self._mark[0]
        folder = self._releases / name if self._releases is not None else None
        pool = Pool(
            [folder / "store"] if folder is not None else self._files,
            workers=self.limits.workers,
            queue=self.limits.queue,
            memory=self.limits.memory,
        )
        return Edition(name, folder, pool, Cache(self.limits.cache))

    def refresh(self) -> None:
        """Go over to the release that CURRENT names, if it is another one. The old one finishes what it has begun."""
        try:
            mark = self._read_mark()
        except Unloadable:
            return
        if mark == self._mark and not self.current.pool.broken:
            return
        self._mark = mark
        try:
            fresh = self._open()
        except Unloadable:
            return
        old, self.current = self.current, fresh
        retiring = threading.Thread(target=old.pool.close, args=(PATIENCE,), name=f"retiring {old.name}", daemon=True)
        retiring.start()
        self._retiring.append(retiring)

    def _watch(self) -> None:
        while not self._closing.wait(POLL):
            self.refresh()

    def close(self, patience: float = 0.0) -> None:
        """End every process, after letting running queries finish for a while."""
        self._closing.set()
        self._watcher.join()
        self.current.pool.close(patience)
