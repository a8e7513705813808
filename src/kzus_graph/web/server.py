"""Runs the application under a production server."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from kzus_graph.engine.editions import Editions, Limits
from kzus_graph.web import create_app
from kzus_graph.web.front import Front

# Threads for requests that don't wait for a worker (pages, health), beyond those that may.
SPARE: Final = 16


def serve(
    *,
    releases: Path | None = None,
    files: Sequence[Path] = (),
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
) -> None:
    """Serve until a signal ends it: the release that ``releases/CURRENT`` names, or any RDF files."""
    server = Server(
        "kzus_graph.web",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        log_level=LogLevels.warning,
    )
    load = functools.partial(_load, limits or Limits(), releases, tuple(files))
    server.serve(target_loader=load, wrap_loader=False)


def _load(limits: Limits, releases: Path | None, files: tuple[Path, ...]) -> Front:
    editions = Editions(limits, releases=releases, files=files)
    workers = limits.workers or max(8, 2 * (os.cpu_count() or 1))
    return Front(create_app(editions), workers + limits.queue + SPARE)
