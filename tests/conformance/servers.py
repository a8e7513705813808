"""Servers as processes of their own: started on a free loopback port, asked over HTTP, and ended."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0
"""Seconds that a server may take to answer its first request, or to end."""


@dataclass(frozen=True)
class Answer:
    """What a server said to one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The Content-Type less its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Endpoint:
    """Where a SPARQL service listens."""

    port: int
    path: str

    @property
    def url(self) -> str:
        """The address that clients are given."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def ask(
        self,
        method: str = "GET",
        query_string: str = "",
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        below: str = "",
    ) -> Answer:
        """Send one request exactly as given; only Host and Content-Length are added.

        urllib and most clients would add a Content-Type or an Accept of their own, which some tests are about.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            target = self.path + below + (f"?{query_string}" if query_string else "")
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None or method in ("POST", "PUT"):
                connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders(body)
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())


@contextlib.contextmanager
def ours(files: Sequence[Path] = (), release: Path | None = None, *, federates: bool = False) -> Iterator[Endpoint]:
    """Serve *files* with ``kzus-graph serve --dataset``, or else the release in the folder *release*.

    One that *federates* may be asked to ask itself by SERVICE.
    """
    port = _free_port()
    data = [argument for file in files for argument in ("--dataset", str(file))]
    if release is not None:
        data = ["--release", str(release)]
    if federates:
        data += ["--service", f"http://127.0.0.1:{port}/"]
    command = [sys.executable, "-m", "kzus_graph", "serve", "--port", str(port), "--workers", "2", *data]
    with _running(command, Endpoint(port, "/health")):
        yield Endpoint(port, "/sparql")


def has_oxigraph() -> bool:
    """Whether Oxigraph's own server (``oxigraph`` on PyPI) is installed."""
    return _oxigraph() is not None


@contextlib.contextmanager
def oxigraph(files: Sequence[Path]) -> Iterator[Endpoint]:
    """Serve *files* with Oxigraph's own server, for comparison: the same engine under another service."""
    command, port = _oxigraph(), _free_port()
    assert command
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            load = [command, "load", "--location", folder, "--file", str(file)]
            subprocess.run(load, check=True, capture_output=True)
        serve = [command, "serve-read-only", "--location", folder, "--bind", f"127.0.0.1:{port}"]
        with _running(serve, Endpoint(port, "/")):
            yield Endpoint(port, "/query")


def _oxigraph() -> str | None:
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(command: Sequence[str], alive: Endpoint) -> Iterator[None]:
    """Run *command* until the block ends; the block begins once *alive* answers."""
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env={**os.environ, "NO_COLOR": "1"})
        try:
            began = time.monotonic()
            while not _answers(alive):
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    log.seek(0)
                    raise RuntimeError(f"{command[0]} does not answer:\n{log.read().decode(errors='replace')}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(endpoint: Endpoint) -> bool:
    try:
        return endpoint.ask().status == 200
    except OSError:
        return False
