"""The process that holds a graph in memory (the holder) and forks a worker process whenever the server commands it.

It has one thread and no network connection; only the server sends it commands, over a socket that it inherits. When
that socket closes, it ends its workers and itself, so no process outlives the server, however the server ended.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import pyoxigraph as ox

from kzus_graph.engine.endings import OURS
from kzus_graph.engine.evaluation import work
from kzus_graph.processes import lifetime
from kzus_graph.rdf import reading

# A message of the server: one of these letters and a process number. FORK and LOST are answered by a line of JSON.
MESSAGE: Final = struct.Struct(">cQ")
FORK: Final = b"F"
KILL: Final = b"K"
LOST: Final = b"L"
CONTROL: Final = 3
STDERR: Final = 2
WORDS: Final = 4096


def main(arguments: list[str]) -> None:
    """Load the graph, send the server the number of quads or an error, and execute commands until the socket closes.

    *arguments* are the server's process ID, the bytes of memory for each worker, and the files or folders to load.
    """
    parent, memory, sources = int(arguments[0]), int(arguments[1]), [Path(name) for name in arguments[2:]]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=CONTROL)
    # While loading, this process doesn't read the socket. Afterwards it may outlive the thread that started it.
    lifetime.end_with(parent)
    try:
        store = load(sources)
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        _say(control, {"error": str(error)})
        return
    lifetime.outlive_parent()
    _say(control, {"quads": len(store)})
    gc.collect()
    gc.freeze()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        Herd(store, memory).serve(control)


def load(sources: list[Path]) -> ox.Store:
    """Return an in-memory store with the statements of all store folders and RDF files. Raises reading.Unreadable."""
    store = ox.Store()
    for source in sources:
        before = len(store)
        with reading.statements(source) as file:
            store.bulk_load(cast("Any", file), format=ox.RdfFormat.N_QUADS)
        if source.is_dir() and len(store) == before:
            raise reading.Unreadable(f"{source}: this store has no statements")
    return store


def _say(control: socket.socket, said: dict[str, Any]) -> None:
    control.sendall(json.dumps(said).encode() + b"\n")


class Herd:
    """The worker processes that run, and the exit status and error output of those that have ended.

    *store* is the graph; *memory* is how many bytes each worker may use beyond the graph.
    """

    def __init__(self, store: ox.Store, memory: int) -> None:
        self._store = store
        self._memory = memory
        # Living or ended workers, by process number, each with the pipe that receives its error output.
        self._words: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        # Workers killed at the server's wish; it will not ask how they ended.
        self._dying: set[int] = set()

    def serve(self, control: socket.socket) -> None:
        """Execute the server's commands until it closes the socket *control*, then kill every worker."""
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        try:
            while message := _message(control):
                (kind, pid), handed = message
                if kind == FORK:
                    _say(control, self._fork(handed))
                elif kind == KILL:
                    self._kill(pid)
                elif kind == LOST:
                    _say(control, self._inquire(pid))
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            alive = (self._words.keys() - self._ended.keys()) | self._dying
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in alive:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _fork(self, handed: list[int]) -> dict[str, Any]:
        """Fork a worker that uses the one socket in *handed* (descriptors); return its ``pid``, or an ``error``."""
        parent = os.getpid()
        out = into = -1
        try:
            if len(handed) != 1:
                raise OSError("a worker process must be started with exactly one socket")
            out, into = os.pipe()
            if (pid := os.fork()) == 0:
                _become_worker(self._store, handed[0], into, self._memory, parent)
        except OSError as error:
            for descriptor in (*handed, out, into):
                if descriptor >= 0:
                    os.close(descriptor)
            return {"error": error.strerror or str(error)}
        os.close(handed[0])
        os.close(into)
        os.set_blocking(out, False)
        self._words[pid] = out
        return {"pid": pid}

    def _kill(self, pid: int) -> None:
        """Kill the worker *pid*. The system reuses an ID only after waitpid, so no other process is killed."""
        if pid not in self._words:
            return
        os.close(self._words.pop(pid))
        if self._ended.pop(pid, None) is None:
            self._dying.add(pid)
            # The worker may end by itself between these two steps.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _inquire(self, pid: int) -> dict[str, Any]:
        """Return a worker's exit status and error output; kill the worker first if it still runs."""
        if pid not in self._words:
            return {"status": 0, "words": ""}
        if pid not in self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            # If SIGCHLD came first, its handler has already recorded the status.
            with contextlib.suppress(ChildProcessError):
                self._ended[pid] = os.waitpid(pid, 0)[1]
        with os.fdopen(self._words.pop(pid), "rb", buffering=0) as pipe:
            words = (pipe.read(WORDS) or b"").decode("utf-8", "replace")
        return {"status": os.waitstatus_to_exitcode(self._ended.pop(pid)), "words": words}

    def _reap(self) -> None:
        """Call waitpid for each worker without blocking; record exit statuses, except of workers killed by command."""
        for pid in [*self._words, *self._dying]:
            # SIGCHLD may interrupt this very loop, or another wait: then the other call collects the worker.
            with contextlib.suppress(ChildProcessError):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended and pid in self._dying:
                    self._dying.discard(pid)
                elif ended:
                    self._ended[pid] = status


def _message(control: socket.socket) -> tuple[tuple[bytes, int], list[int]] | None:
    """Return the server's next command and the descriptors sent with it; None if the socket has closed."""
    data, handed, _, _ = socket.recv_fds(control, MESSAGE.size, 1)
    while data and len(data) < MESSAGE.size:
        more = control.recv(MESSAGE.size - len(data))
        data = data + more if more else b""
    kind, pid = MESSAGE.unpack(data) if data else (b"", 0)
    if kind != FORK:
        for descriptor in handed:
            os.close(descriptor)
        handed = []
    return ((kind, pid), handed) if data else None


def _become_worker(store: ox.Store, handed: int, into: int, memory: int, parent: int) -> NoReturn:
    """Run as a worker in the forked process: keep one socket, open nothing else, evaluate queries, exit; never return.

    *handed* is the descriptor of that socket, *into* that of the pipe for error output; *parent* is the holder's
    process ID.
    """
    status = OURS
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        lifetime.end_with(parent)
        os.dup2(handed, CONTROL)
        os.set_blocking(into, False)
        os.dup2(into, STDERR)
        os.closerange(CONTROL + 1, os.sysconf("SC_OPEN_MAX"))
        seal(memory)
        # The socket closes only when the process ends: the server that sees it closed then asks for the process's error
        # output, which must be complete by then.
        connection = socket.socket(fileno=CONTROL)
        work(store, connection)
        status = 0
    except (BrokenPipeError, ConnectionResetError):
        status = 0
    finally:
        if status:
            _say_where(*sys.exc_info()[::2])
        os._exit(status)


def _say_where(kind: type[BaseException] | None, trace: Any) -> None:
    """Write an exception's type and traceback to standard error; its message is omitted, as it may quote data."""
    with contextlib.suppress(OSError):
        os.write(STDERR, f"{getattr(kind, '__name__', '')}\n{''.join(traceback.format_tb(trace))}".encode())


def seal(memory: int) -> None:
    """Keep this process from opening any file or socket; limit its memory to *memory* bytes more than it has now.

    The limit of open descriptors is set to the number that the process has open. The process also asks the kernel to
    end it before other processes when the system is short of memory (``oom_score_adj``).
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    rest = lifetime.address_space()
    lifetime.forbid_new_privileges()
    resource.setrlimit(resource.RLIMIT_NOFILE, (CONTROL + 1, CONTROL + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if rest:
        resource.setrlimit(resource.RLIMIT_AS, (rest + memory, rest + memory))


if __name__ == "__main__":
    main(sys.argv[1:])
