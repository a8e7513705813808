"""Runs the application under a production server."""

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from kzus_graph.engine.editions import Editions, Limits
from kzus_graph.engine.workers import Unloadable
from kzus_graph.web import create_app, log
from kzus_graph.web.front import Front
from kzus_graph.web.origins import Network, network
from kzus_graph.web.telemetry import Telemetry

# Threads for requests that don't wait for a worker (pages, health), beyond those that may.
SPARE: Final = 16


def serve(
    *,
    releases: Path | None = None,
    files: Sequence[Path] = (),
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    proxies: Sequence[Network] = (),
    access_log: bool = False,
) -> None:
    """Serve until a signal ends it: the release that ``releases/CURRENT`` names, or any RDF files.

    *proxies* are those whose word on the address that a client used is taken.
    """
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
    load = functools.partial(_load, limits or Limits(), releases, tuple(files), tuple(proxies), access_log)
    server.serve(target_loader=load, wrap_loader=False)


def _load(
    limits: Limits, releases: Path | None, files: tuple[Path, ...], proxies: tuple[Network, ...], access_log: bool
) -> Front:
    log.install(access=access_log)
    try:
        editions = Editions(limits, releases=releases, files=files)
    except Unloadable as error:
        print(f"kzus-graph: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    telemetry = Telemetry()
    threads = editions.current.pool.size + limits.queue + SPARE
    return Front(create_app(editions, telemetry), editions, telemetry, threads, proxies)


def main() -> None:
    """Serve the files named on the command line; the full command is ``kzus-graph serve``."""
    parser = argparse.ArgumentParser(description="Serve RDF files at /sparql.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--timeout", type=float, default=Limits.timeout, help="seconds")
    parser.add_argument("--memory", type=int, default=Limits.memory >> 20, help="MiB a query may take")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--queue", type=int, default=Limits.queue)
    parser.add_argument("--max-rows", type=int)
    parser.add_argument("--service", action="append", default=[], help="prefix of addresses that SERVICE may ask")
    parser.add_argument("--proxy", action="append", default=[], type=network, help="whose X-Forwarded-* are believed")
    parser.add_argument("--access-log", action="store_true", help="write a line for each request to standard error")
    options = parser.parse_args()
    limits = Limits(
        timeout=options.timeout,
        memory=options.memory << 20,
        workers=options.workers,
        queue=options.queue,
        max_rows=options.max_rows,
        services=tuple(options.service),
    )
    serve(
        files=options.files,
        host=options.host,
        port=options.port,
        limits=limits,
        proxies=options.proxy,
        access_log=options.access_log,
    )


if __name__ == "__main__":
    main()
