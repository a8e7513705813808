"""Light queries and ``/health`` while hostile clients hold on: do the others notice, and does the memory stay bounded?

Run it as ``python bench/hostile.py``; it starts a server of its own. 200 clients ask for large answers and don't read
them, 50 send a request byte by byte, and 20 queries of 1 MiB are under way at any time. Then the server is told to end.
"""

import argparse
import contextlib
import itertools
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import endpoint  # noqa: E402
import events  # noqa: E402
import load  # noqa: E402
import traffic  # noqa: E402

SILENT, SLOW, LARGE = 200, 50, 20
# What serve --help promises, for the options that are used here: front, twice the cache, connections, workers.
CACHE = 256 << 20
MEMORY = 1 << 30
WORKERS = 8
FRONT = 300 << 20
CONNECTIONS = 2 << 30
ENDS_WITHIN = 15.0
ESTABLISHED = 1
LONG_LINE = "x" * 200


@dataclass
class Outcome:
    """What the run showed; times in seconds."""

    quiet: traffic.Tally
    loud: traffic.Tally
    quiet_health: traffic.Tally
    health: traffic.Tally
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    most: int = 0
    front: int = 0
    share: float = 0.0
    ended: float = 0.0

    def late(self) -> list[str]:
        """Which bars of time were missed: figures of this machine at this moment."""
        found = []
        bar = 3 * self.quiet.quantile(0.99) + 50
        if self.loud.quantile(0.99) > bar:
            found.append(f"p99 of light queries {self.loud.quantile(0.99):.1f} ms, bar {bar:.1f}")
        if self.health.quantile(0.99) > 50:
            found.append(f"p99 of /health {self.health.quantile(0.99):.1f} ms, bar 50")
        return found

    def faults(self) -> list[str]:
        """What went wrong however fast the machine is."""
        found = []
        for name, tally in (("light queries", self.loud), ("/health", self.health)):
            if set(tally.statuses) != {200}:
                found.append(f"{name} got {dict(tally.statuses)}")
        if self.front > FRONT + 2 * CACHE + CONNECTIONS:
            found.append(f"the front took {self.front >> 20} MiB")
        if self.most > FRONT + 2 * CACHE + WORKERS * MEMORY:
            found.append(f"all took {self.most >> 20} MiB")
        if not 0 <= self.ended <= ENDS_WITHIN:
            found.append(f"it took {self.ended:.1f} s to end")
        return found


class Hostile(threading.Thread):
    """Clients of one kind, in one thread: each new one replaces one that the server has broken off."""

    def __init__(self, url: str, count: int, each: Callable[["Hostile", int], socket.socket]) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 80)
        self.sockets: dict[int, socket.socket] = {}
        self.count, self.each = count, each
        self.serial = itertools.count()
        self.stopped = threading.Event()
        self.opened = 0

    def connect(self, receives: int = 0) -> socket.socket:
        """A connection; one that receives little makes the server wait soon."""
        connection = socket.socket()
        if receives:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        connection.settimeout(5)
        connection.connect(self.address)
        return connection

    def run(self) -> None:
        """Keep so many clients going until stopped."""
        while not self.stopped.wait(0.2):
            for place in range(self.count):
                if self.stopped.is_set():
                    return
                with contextlib.suppress(OSError):
                    if place not in self.sockets or self.gone(self.sockets[place]):
                        if place in self.sockets:
                            self.sockets.pop(place).close()
                        self.sockets[place] = self.each(self, place)
                        self.opened += 1

    def gone(self, connection: socket.socket) -> bool:
        """Whether the server has closed it; a client that sends slowly sends its next byte."""
        connection.setblocking(False)
        try:
            if self.each is slow:
                connection.send(b"x")
            if self.each is not silent:
                return connection.recv(1 << 16) == b""
            # What has become of the connection is known without anything being read.
            return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Stop, and let all go."""
        self.stopped.set()
        self.join()
        for connection in self.sockets.values():
            connection.close()


def silent(client: Hostile, place: int) -> socket.socket:
    """Ask for a large answer (each another one, a dump's worth of rows) and read nothing of it."""
    connection = client.connect(4096)
    number = next(client.serial)
    query = f"SELECT * {{ ?s ?p ?o }} LIMIT {140_000 - number % 20}"
    connection.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: e\r\n\r\n".encode())
    return connection


def slow(client: Hostile, place: int) -> socket.socket:
    """Begin a request: half of them stop in the head, half in the body."""
    connection = client.connect()
    head = b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\nX: "
    connection.sendall(head if place % 2 else head + b"y\r\nContent-Length: 100000\r\n\r\nASK {")
    return connection


def large(client: Hostile, place: int) -> socket.socket:
    """Post a query of 1 MiB, each another one: more words than are read, values, strings, a comment."""
    number = next(client.serial)
    head, filler, tail = (
        ("ASK { ", f"?s{number} ?p ?o . ", "}"),
        ("SELECT * { ?s ?p ?o VALUES ?o { ", f"<http://e/{number}/{LONG_LINE}> ", "} }"),
        ("ASK { ?s ?p ?o . ", f'?s ?p "{number}{LONG_LINE}" . ', "}"),
        ("ASK { ?s ?p ?o } ", f"# {number}{LONG_LINE}\n", ""),
    )[number % 4]
    body = (head + filler * (((1 << 20) - 50) // len(filler)) + tail).encode()
    connection = client.connect()
    connection.sendall(
        b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    connection.settimeout(30)
    connection.sendall(body)
    return connection


def asked(url: str, requests: Iterator[bytes], count: int, rate: float) -> traffic.Tally:
    """Ask so many light requests at a fixed rate."""
    return traffic.fixed_rate(url, requests, connections=32, rate=rate, seconds=count / rate, each=lambda: None)


def health(url: str) -> Iterator[bytes]:
    """Requests for the state of the server."""
    return itertools.repeat(b"GET /health HTTP/1.1\r\nHost: e\r\n\r\n")


def watch(pid: int, outcome: Outcome, stopped: threading.Event) -> None:
    """Note the most memory that the server had, and its front by itself."""
    while not stopped.wait(0.25):
        processes = load.tree(pid)
        outcome.most = max(outcome.most, sum(processes.values()))
        outcome.front = max(outcome.front, processes.get(pid, 0))


def run(url: str, pid: int, *, count: int = 1000, rate: float = 100.0) -> Outcome:
    """First without, then with the hostile clients; then the end of the server."""
    traffic.closed_loop(url, load.light(url, 10**6), connections=4, seconds=1.0)
    outcome = Outcome(
        asked(url, load.light(url, 0), count, rate),
        traffic.Tally(),
        asked(url, health(url), count // 2, rate),
        traffic.Tally(),
    )
    stopped = threading.Event()
    watcher = threading.Thread(target=watch, args=(pid, outcome, stopped))
    watcher.start()
    clients = [Hostile(url, SILENT, silent), Hostile(url, SLOW, slow), Hostile(url, LARGE, large)]
    for client in clients:
        client.start()
    time.sleep(5.0)
    used, began = time.process_time(), time.perf_counter()
    outcome.loud = asked(url, load.light(url, 10**5), count, rate)
    outcome.health = asked(url, health(url), count // 2, rate)
    outcome.share = (time.process_time() - used) / (time.perf_counter() - began)
    began = time.perf_counter()
    os.kill(pid, signal.SIGTERM)
    while Path(f"/proc/{pid}/stat").exists() and time.perf_counter() - began < 2 * ENDS_WITHIN:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    outcome.ended = time.perf_counter() - began
    stopped.set()
    watcher.join()
    for client in clients:
        client.close()
        print(f"{client.each.__name__:7} {client.count:4} clients at a time, {client.opened} in all")
    return outcome


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, help="light queries, with and without the load")
    parser.add_argument("--rate", type=float, default=100.0, help="of them a second")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    with tempfile.TemporaryDirectory() as folder:
        data = events.write(Path(folder) / "events.nt")
        server = endpoint.SERVERS[0]
        with endpoint.running(server, data) as pid:
            outcome = run(server.url, pid, count=options.requests, rate=options.rate)
    for name, tally in (
        ("light, without load", outcome.quiet),
        ("light, with load", outcome.loud),
        ("/health, without load", outcome.quiet_health),
        ("/health, with load", outcome.health),
    ):
        print(
            f"{name:22} {len(tally.seconds):5} answers {dict(tally.statuses)}  p50 {tally.quantile(0.5):6.2f} ms  "
            f"p99 {tally.quantile(0.99):6.2f} ms"
        )
    print(f"the load generator took {100 * outcome.share:.0f} % of a core meanwhile")
    print(f"memory at most: front {outcome.front >> 20} MiB, all processes {outcome.most >> 20} MiB")
    print(f"ended {outcome.ended:.1f} s after SIGTERM")
    faults = [*outcome.faults(), *outcome.late()]
    print("; ".join(faults) or "all bars met")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
