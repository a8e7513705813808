"""Starts the process that holds the graph in memory (the holder), sends it the server's commands, and ends it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kzus_graph.engine import holder
from kzus_graph.engine.answers import Worker

# The holder answers in milliseconds. A holder that is silent for SILENCE seconds is stuck, and is ended.
SILENCE: Final = 30.0
# Seconds that the holder may take to end its workers.
FAREWELL: Final = 3.0


class Unloadable(Exception):
    """The graph cannot be loaded; the message names the file, and the place in the file if it is known."""


class Control:
    """The connection to one holder: a process that loads a graph into memory and forks worker processes.

    *sources* are the store folders or RDF files to load; *memory* is how many bytes each worker may use beyond the
    graph. With *niceness* above 0, the workers have a lower priority.
    """

    def __init__(self, sources: Sequence[Path], memory: int, niceness: int = 0) -> None:
        self._sources = sources
        self._niceness = niceness
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, *map(str, (theirs.fileno(), os.getpid(), memory, *sources))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def load(self) -> int:
        """Return how many quads the graph has, once the holder process has loaded it. Raises Unloadable."""
        try:
            said = self._line()
        except OSError:
            said = {"error": self._silence()}
        if "error" in said:
            raise Unloadable(said["error"])
        self._socket.settimeout(SILENCE)
        if self._niceness:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, self._niceness)
                # Where the kernel shares the processor between sessions (autogroup), their niceness counts.
                Path(f"/proc/{self._process.pid}/autogroup").write_text(str(self._niceness))
        return int(said["quads"])

    def _silence(self) -> str:
        """Return an error message that states how the holder process ended before it had loaded the graph."""
        try:
            status = self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            status = 0
        files = ", ".join(map(str, self._sources))
        if status < 0:
            short = "; the system may be short of memory" if status in (-signal.SIGKILL, -signal.SIGABRT) else ""
            return f"{files}: the process that loads this data was ended by {signal.Signals(-status).name}{short}"
        return f"{files}: the process that loads this data ended before it was done; its error output may state why"

    def fork(self) -> Worker:
        """Return a new worker process, forked by the holder. Raises OSError if it can't be started."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                said = self._ask(holder.FORK, 0, theirs.fileno())
            if "error" in said:
                raise OSError(said["error"])
        except OSError:
            ours.close()
            raise
        return Worker(ours, int(said["pid"]), self)

    def kill(self, pid: int) -> None:
        """Kill the worker with the process ID *pid*; if the holder can't be reached, kill the holder, too."""
        with self._lock:
            try:
                self._socket.sendall(holder.MESSAGE.pack(holder.KILL, pid))
            except OSError:
                self._process.kill()

    def inquire(self, pid: int) -> tuple[int, str]:
        """Return the exit code of the worker *pid* (or minus its signal's number) and error output. Raises OSError."""
        said = self._ask(holder.LOST, pid)
        return int(said["status"]), str(said["words"])

    def _ask(self, kind: bytes, pid: int, *handed: int) -> dict[str, Any]:
        with self._lock:
            try:
                message = holder.MESSAGE.pack(kind, pid)
                if handed:
                    socket.send_fds(self._socket, [message], list(handed))
                else:
                    self._socket.sendall(message)
                return self._line()
            except OSError:
                # From now on, nobody could tell which question a reply belongs to.
                self._process.kill()
                raise

    def _line(self) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            more = self._socket.recv(1 << 16)
            if not more:
                raise ConnectionResetError("the process that holds the graph closed the connection")
            line += more
        said: dict[str, Any] = json.loads(line)
        return said

    @property
    def alive(self) -> bool:
        """Whether the holder (the process that holds the graph in memory) runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the holder (the process that holds the graph in memory), and with it all its workers."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._process.kill()
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._lock:
            self._socket.close()


# The socket's number differs from start to start; the holder needs it as descriptor 3, and nothing else inherited.
_START: Final = (
    "import os, sys; fd = int(sys.argv[1]); os.dup2(fd, 3); fd == 3 or os.close(fd); "
    "from kzus_graph.engine.holder import main; main(sys.argv[2:])"
)
