"""A real server for tests: started on a free port, ended with everything it started."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SERVE = (sys.executable, "-m", "kzus_graph", "serve")
"""The command that people start."""


@dataclass
class Served:
    """A running server."""

    url: str
    pid: int
    log: Path

    @property
    def sparql(self) -> str:
        return f"{self.url}/sparql"

    def get(self, path: str, timeout: float = 30, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """GET a path; status, headers, body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return fetch(Request(self.url + path, headers=named), timeout)

    def ask(self, query: str, timeout: float = 30, **more: str) -> tuple[int, dict[str, str], bytes]:
        """Ask a query by GET; more are parameters, capitalised ones headers."""
        headers = {name.replace("_", "-"): more.pop(name) for name in list(more) if name[0].isupper()}
        return fetch(Request(f"{self.sparql}?{urlencode({'query': query, **more})}", headers=headers), timeout)

    def processes(self) -> set[int]:
        """The server's process and all below it."""
        below: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    if fields[0] != "Z":
                        below.setdefault(int(fields[1]), []).append(int(entry.name))
        found, fresh = {self.pid}, [self.pid]
        while fresh:
            fresh = [child for parent in fresh for child in below.get(parent, [])]
            found.update(fresh)
        return found


def fetch(request: Request, timeout: float = 30) -> tuple[int, dict[str, str], bytes]:
    """Send a request; a 4xx or 5xx is an answer like any other."""
    try:
        with urlopen(request, timeout=timeout) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


@contextlib.contextmanager
def serving(folder: Path, *arguments: str | Path) -> Iterator[Served]:
    """Run ``kzus-graph serve`` until the block is left; nothing may be left over then. A path is a file to serve."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    given = [word for one in arguments for word in (("--dataset", str(one)) if isinstance(one, Path) else (one,))]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*SERVE, "--port", str(port), *given],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    served = Served(f"http://127.0.0.1:{port}", process.pid, log)
    try:
        _wait(served, process)
        yield served
    finally:
        everyone = served.processes()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        for _ in range(100):
            left = [pid for pid in everyone if _alive(pid)]
            if not left:
                break
            time.sleep(0.05)
        assert not left, f"left over: {left}"


def _wait(served: Served, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {served.log.read_text()}")
        with contextlib.suppress(OSError):
            if served.get("/health", 2)[0] == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
