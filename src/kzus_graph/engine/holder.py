"""The process that holds a graph in memory and forks a sealed worker whenever it is asked for one.

It has one thread and no network; its only visitor is the server, over a socket that it inherits. When that socket
closes, it ends its workers and itself, so nothing outlives a server, however the server died.
"""

import contextlib
import gc
import gzip
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kzus_graph.engine.evaluation import work

FORK: Final = b"F"
KILL: Final = b"K"
CONTROL: Final = 3
SUFFIXES: Final[dict[str, ox.RdfFormat]] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".n3": ox.RdfFormat.N3,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def main(arguments: list[str]) -> None:
    """Load what the arguments name, say so, and serve the control socket until it closes."""
    memory, sources = int(arguments[0]), [Path(name) for name in arguments[1:]]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=CONTROL)
    try:
        store = load(sources)
    except (OSError, SyntaxError, ValueError) as error:
        control.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    control.sendall(json.dumps({"quads": len(store)}).encode() + b"\n")
    gc.collect()
    gc.freeze()
    _serve(control, store, memory)


def load(sources: list[Path]) -> ox.Store:
    """Read a store's folder, or any RDF files, into memory."""
    store = ox.Store()
    for source in sources:
        if source.is_dir():
            _copy(source, store)
        else:
            plain = Path(source.stem) if source.suffix == ".gz" else source
            form = SUFFIXES.get(plain.suffix.lower())
            if form is None:
                raise ValueError(f"{source}: unknown kind of file; known are {' '.join(SUFFIXES)}, each also with .gz")
            try:
                with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file:
                    store.bulk_load(cast("object", file), format=form, base_iri=source.absolute().as_uri())  # type: ignore[arg-type]
            except SyntaxError as error:
                raise ValueError(f"{source}: {error}") from error
    return store


def _copy(folder: Path, store: ox.Store) -> None:
    """Copy an on-disk store in a child, since opening one starts threads, and a process with threads must not fork."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        os.close(out)
        with os.fdopen(into, "wb") as file:
            ox.Store.read_only(str(folder)).dump(file, format=ox.RdfFormat.N_QUADS)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as file:
        store.bulk_load(file, format=ox.RdfFormat.N_QUADS)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError(f"{folder}: not a readable store")


def _serve(control: socket.socket, store: ox.Store, memory: int) -> None:
    workers: set[int] = set()
    signal.signal(signal.SIGCHLD, lambda *_: _reap(workers))
    while True:
        message, handed, _, _ = socket.recv_fds(control, 9, 1)
        if not message:
            break
        if message[:1] == FORK:
            pid = os.fork()
            if pid == 0:
                _become_worker(store, handed[0], memory)
            os.close(handed[0])
            workers.add(pid)
            _reap(workers)
            control.sendall(pid.to_bytes(8, "big"))
        elif message[:1] == KILL:
            pid = int.from_bytes(message[1:9], "big")
            # It may end by itself between the two steps.
            with contextlib.suppress(ProcessLookupError):
                if pid in workers:
                    os.kill(pid, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in workers:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _reap(workers: set[int]) -> None:
    """Collect the workers that have ended. A number stays ours until here, so no other process is ever killed."""
    for pid in list(workers):
        # The signal may come while this very loop runs: then the inner call has collected it.
        with contextlib.suppress(ChildProcessError):
            if not os.waitpid(pid, os.WNOHANG)[0]:
                continue
        workers.discard(pid)


def _become_worker(store: ox.Store, handed: int, memory: int) -> None:
    """Keep one socket, give up the right to open anything else, and work."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(handed, CONTROL)
        os.closerange(CONTROL + 1, 256)
        seal(memory)
        with socket.socket(fileno=CONTROL) as connection:
            work(store, connection)
        status = 0
    except (BrokenPipeError, ConnectionResetError):
        status = 0
    finally:
        os._exit(status)


def seal(memory: int) -> None:
    """Leave no free descriptor, so that no query can open a file or a socket, and bound the memory."""
    rest = address_space()
    resource.setrlimit(resource.RLIMIT_NOFILE, (CONTROL + 1, CONTROL + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if rest:
        resource.setrlimit(resource.RLIMIT_AS, (rest + memory, rest + memory))


def address_space() -> int:
    """How much address space this process has taken, in bytes; 0 where the system doesn't say."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
