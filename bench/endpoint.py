"""Our endpoint, Oxigraph's server and rdflib-endpoint on the same data in the same run: rates, ratios, p50, p99.

Run it as ``python bench/endpoint.py``; Oxigraph's server is PyPI's ``oxigraph``, the other ``rdflib-endpoint``.
A server that isn't installed is left out. With ``--before CHECKOUT`` the code of another checkout is measured, too.
"""

import argparse
import contextlib
import importlib.util
import itertools
import math
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import events  # noqa: E402
import traffic  # noqa: E402

# Each server has so many turns for a query: on a machine whose speed changes, all have their share of both.
TURNS = 4
RDFLIB_SERVER = (
    "import sys, uvicorn; from rdflib import Graph; from rdflib_endpoint import SparqlEndpoint; "
    "graph = Graph().parse(sys.argv[1]); "
    "uvicorn.run(SparqlEndpoint(graph=graph), host='127.0.0.1', port=int(sys.argv[2]), log_level='error')"
)


@dataclass
class Server:
    """One server under test."""

    name: str
    path: str
    command: Callable[[Path, int], list[str]]
    needs: Callable[[], bool]
    connections: int = 16
    url: str = ""
    repeated: dict[str, traffic.Tally] = field(default_factory=dict)
    first: dict[str, traffic.Tally] = field(default_factory=dict)


def script(name: str) -> str:
    """A console script beside this Python, or on the path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or name


def oxigraph(data: Path, port: int) -> list[str]:
    """Load the data into an on-disk store, as Oxigraph's own documentation does, and serve it."""
    store = str(data.with_suffix(".oxigraph"))
    if not Path(store).exists():
        subprocess.run(
            [script("oxigraph"), "load", "--location", store, "--file", str(data)], check=True, capture_output=True
        )
        subprocess.run([script("oxigraph"), "optimize", "--location", store], check=True, capture_output=True)
    return [script("oxigraph"), "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"]


SERVERS = (
    Server(
        "ours",
        "/sparql",
        lambda data, port: [sys.executable, "-m", "kzus_graph", "serve", "--dataset", str(data), "--port", str(port)],
        lambda: True,
    ),
    Server("oxigraph", "/query", oxigraph, lambda: Path(script("oxigraph")).exists()),
    Server(
        "rdflib-endpoint",
        "/",
        lambda data, port: [sys.executable, "-c", RDFLIB_SERVER, str(data), str(port)],
        lambda: importlib.util.find_spec("rdflib_endpoint") is not None,
        connections=2,
    ),
)


def before(checkout: Path) -> Server:
    """The server of another checkout, under this Python."""
    source = f"PYTHONPATH={checkout.absolute() / 'src'}"
    start = ["env", source, sys.executable, "-m", "kzus_graph", "serve", "--dataset"]
    return Server("before", "/sparql", lambda data, port: [*start, str(data), "--port", str(port)], lambda: True)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(server: Server, data: Path) -> Iterator[int]:
    """Start a server and end it with everything that it started."""
    port = free_port()
    server.url = f"http://127.0.0.1:{port}{server.path}"
    process = subprocess.Popen(
        server.command(data, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        time.sleep(1.0)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def measure(servers: list[Server], name: str, seconds: float) -> None:
    """Ask one query of the mix of all servers, in turns, so that a busy machine troubles all of them alike."""
    fresh = {server.name: itertools.count(1000) for server in servers}
    for turn in range(TURNS):
        for server in servers if turn % 2 == 0 else reversed(servers):
            same = traffic.request(server.url, events.query(name, 7))

            def new(server: Server = server) -> Iterator[bytes]:
                return (traffic.request(server.url, events.query(name, n)) for n in fresh[server.name])

            for kept, requests in ((server.repeated, itertools.repeat(same)), (server.first, new())):
                # The other server has had the processors' caches for itself.
                traffic.closed_loop(server.url, requests, connections=server.connections, seconds=0.2, most=200)
                span = seconds / TURNS
                tally = traffic.closed_loop(server.url, requests, connections=server.connections, seconds=span)
                whole = kept.setdefault(name, traffic.Tally())
                whole.seconds += tally.seconds
                whole.statuses += tally.statuses
                whole.elapsed += tally.elapsed


def first_byte(url: str) -> float:
    """Seconds until the first byte of a 100,000-row answer, the least of five."""
    data = traffic.request(url, "SELECT * { ?s ?p ?o } LIMIT 100000")
    times = []
    parts = traffic.urlsplit(url)
    for number in range(5):
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
            began = time.perf_counter()
            connection.sendall(data.replace(b"100000", b"%d" % (100_000 - number)))
            head = b""
            while b"\r\n\r\n" not in head or head.endswith(b"\r\n\r\n"):
                head += connection.recv(65536)
            times.append(time.perf_counter() - began)
    return min(times)


def report(servers: list[Server]) -> None:
    """Print a line for each query and server, and the geometric means of the ratios."""
    ours, others = servers[0], servers[1:]
    for title, kind in (("repeated", "repeated"), ("first-time", "first")):
        print(
            f"\n{title:10} " + "".join(f"{server.name:>16} {'p50':>7} {'p99':>7}" for server in servers) + "   ratios"
        )
        ratios: dict[str, list[float]] = {other.name: [] for other in others}
        for name in getattr(ours, kind):
            line = f"{name:10} "
            for server in servers:
                tally = getattr(server, kind)[name]
                wrong = sum(count for status, count in tally.statuses.items() if status != 200)
                line += f"{tally.rate:12.0f} /s{'!' if wrong else ' '} "
                line += f"{tally.quantile(0.5):7.2f} {tally.quantile(0.99):7.2f}"
            for other in others:
                ratio = getattr(ours, kind)[name].rate / getattr(other, kind)[name].rate
                ratios[other.name].append(ratio)
                line += f"  {ratio:8.2f}"
            print(line)
        for other in others:
            mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios[other.name]))
            print(f"{'':10} geometric mean of ratios to {other.name}: {mean:.2f}")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each query, kind and server")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", help="servers to run")
    parser.add_argument("--queries", nargs="*", default=list(events.MIX), choices=list(events.MIX), metavar="NAME")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="measure this checkout of ours, too")
    options = parser.parse_args()
    known = (*SERVERS, *([before(options.before)] if options.before else []))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        data = events.write(Path(folder) / "events.nt", options.events)
        servers = [server for server in known if server.needs() and (not options.only or server.name in options.only)]
        for server in servers:
            stack.enter_context(running(server, data))
        for name in options.queries:
            measure(servers, name, options.seconds)
        report(servers)
        print()
        for server in servers[:2]:
            print(f"first byte of 100,000 rows, {server.name}: {1000 * first_byte(server.url):.1f} ms")


if __name__ == "__main__":
    main()
