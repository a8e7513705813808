"""Runs the application in the ASGI server Granian: one process, which listens on one socket."""

import asyncio
import contextlib
import errno
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import uvloop
from flask import Flask
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from kzus_graph.engine.older import OlderReleases
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http import log
from kzus_graph.web.http.base_url import Network
from kzus_graph.web.http.metrics import Telemetry
from kzus_graph.web.release_fronts import THREADS, ReleaseFronts
from kzus_graph.web.view.corrections import Contact

# The number of threads for requests that don't wait for a worker (pages, health), on top of those for waiting ones.
SPARE: Final = 16
# The most connections at a time; a further one waits until one is closed.
CONNECTIONS: Final = 2048
BACKLOG: Final = 1024
# Descriptors for everything but connections: buffered answers in files, workers, and a new release that is loaded.
DESCRIPTORS: Final = 2048
# A connection is closed after so many seconds without the complete head of a request.
IDLE: Final = 10.0
# A client that takes none of the bytes sent to it for so many seconds is given up.
STALLED: Final = 5.0
# The most bytes of a request's head, and of an answer's buffer. hyper limits the address to 64 KiB.
BUFFER: Final = 128 * 1024
# When the server ends, requests in work have GRACE seconds to finish, and answers FLUSH seconds to reach their clients.
GRACE: Final = 10.0
FLUSH: Final = 1.0
# How many seconds a computing thread may hold up others, such as the thread that receives requests.
TURN: Final = 0.001


class NotListening(OSError):
    """The server can't listen on the requested host and port; the message contains the reason and a remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; no other process can listen there at the same time.

    Raises NotListening if that is not possible.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"port {port} of {host} is in use, perhaps by another kzus-graph; try --port {port + 1}"
        elif error.errno == errno.EACCES:
            words = f"this user has no permission to listen on port {port}; try --port 8000"
        else:
            words = f"{host} is not an address of this machine; try --host 127.0.0.1"
        raise NotListening(words) from None
    # Connections inherit both options. Without TCP_NODELAY, the end of an answer in parts waits for the client's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # The kernel closes a connection whose client takes no bytes.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED * 1000))
    return listener


def serve(
    listener: socket.socket,
    *,
    folder: Path | None = None,
    files: Sequence[Path] = (),
    limits: Limits | None = None,
    proxies: Sequence[Network] = (),
    access_log: bool = False,
    older: int = 1,
    contact: Contact | None = None,
    source_code: str = "",
) -> None:
    """Serve a release (a version of the data set) on the socket *listener* until SIGTERM or SIGINT.

    Then the process ends at once, with ``os._exit``, since threads may still be blocked. The release is the one that
    the file ``CURRENT`` in *folder* names, or consists of the RDF *files*. X-Forwarded-* headers are trusted only if
    one of *proxies* sends them. With *access_log*, each request is logged. At most *older* of the other releases in
    *folder* are loaded at a time, when requests name them. Pages lead to *contact* for reports of errors, and to the
    repository *source_code*. Raises Unloadable, before anything is served, if the release can't be loaded.
    """
    server = _Server(listener)
    # Only now, since the constructor of the server sets up logging, too.
    let_out = log.install(access=access_log)
    releases = Releases(limits or Limits(), folder=folder, files=files)
    others = OlderReleases(releases, older)
    telemetry = Telemetry()
    app = create_app(releases, telemetry, others, contact=contact, source_code=source_code)
    try:
        uvloop.run(_serve(server, app, telemetry, releases, others, proxies))
    finally:
        others.close()
        releases.close()
        let_out()
        sys.stdout.flush()
    os._exit(0)


async def _serve(
    server: "_Server",
    app: Flask,
    telemetry: Telemetry,
    releases: Releases,
    older: OlderReleases,
    proxies: Sequence[Network],
) -> None:
    sys.setswitchinterval(TURN)
    workers = releases.current.pool.size
    threads = workers + 2 * releases.limits.queue + SPARE
    current = AsgiApplication(app, releases, telemetry, threads, proxies, large=max(1, workers // 4))
    other = AsgiApplication(app, releases, telemetry, THREADS, proxies, large=1)
    front = ReleaseFronts(current, other, older)
    server.target = front  # type: ignore[assignment]  # granian takes an application as well as a name
    # Exclude the present objects, which live on, from garbage collection: walking through them would hold up requests.
    gc.collect()
    gc.freeze()
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    serving = asyncio.ensure_future(server.serve())
    waiting = asyncio.ensure_future(ending.wait())
    await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]  # granian leaves it so
    until = loop.time() + GRACE
    while front.under_way and loop.time() < until:
        await asyncio.sleep(0.02)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, FLUSH)


def _connections() -> int:
    """Return how many connections to accept at a time; raise the limit of open files as far as needed and allowed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + DESCRIPTORS
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(allowed - DESCRIPTORS, allowed // 2)


class _Server(Server):
    """A Granian server on the socket *listener*; a socket that Granian opens itself would let others share the port."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(
            target=None,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=int(IDLE * 1000), max_buffer_size=BUFFER),
            websockets=False,
            backpressure=_connections(),
            log_enabled=False,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder
        self._shd = holder(self._listener.detach(), False, BACKLOG)
