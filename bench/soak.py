"""A day's requests in well under an hour: do memory, descriptors and threads stay flat?

Run it as ``python bench/soak.py --release FOLDER``, a folder in which ``kzus-graph build`` published. A day at 20
requests a second is 1,728,000. They are repeats, new queries, pages, large answers, dumps, refusals and clients that
hang up, as chance takes them (``--seed``); the release is put in force anew ten times on the way.
"""

import argparse
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parent))

import endpoint  # noqa: E402
import fuzz  # noqa: E402
import load  # noqa: E402
import traffic  # noqa: E402

DAY = 24 * 3600 * 20
CONNECTIONS = 16
SWITCHES = 10
# Queries that find something in any release, and ones that are refused in many ways.
REPEATS = [f"SELECT * {{ ?s a ?class }} ORDER BY ?s LIMIT {number}" for number in (1, 5, 20, 100)]
BROKEN = ("SELECT", "ASK { ?a ?b }", "INSERT DATA { <a:a> <a:b> 1 }", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }")
PAGES = ("/", "/years", "/ontology", "/dumps/", "/search?q=obama", "/docs/", "/health", "/nothing", "/query")


@dataclass
class Sample:
    """What the server had at one moment: bytes of its own, descriptors, threads, processes."""

    requests: int
    memory: int
    descriptors: int
    threads: int
    processes: int

    def __str__(self) -> str:
        """A line of the report."""
        return (
            f"{self.requests:9,} requests: {self.memory >> 20:5} MiB, {self.descriptors:4} descriptors, "
            f"{self.threads:4} threads, {self.processes:3} processes"
        )


def sample(pid: int, requests: int) -> Sample:
    """Measure a server and all below it."""
    processes = load.tree(pid)
    threads = descriptors = 0
    for process in processes:
        try:
            threads += len(list(Path(f"/proc/{process}/task").iterdir()))
            descriptors += len(list(Path(f"/proc/{process}/fd").iterdir()))
        except OSError:
            continue
    return Sample(requests, sum(processes.values()), descriptors, threads, len(processes))


def requests(url: str, seed: int) -> Iterator[bytes]:
    """Requests as chance takes them; each ends with an answer that is whole, as the load generator expects."""
    chance = random.Random(seed)
    host = url.removeprefix("http://").partition("/")[0]
    for number in itertools.count():
        kind = chance.random()
        if kind < 0.70:
            yield traffic.request(url, chance.choice(REPEATS))
        elif kind < 0.90:
            yield traffic.request(url, f"SELECT * {{ ?s ?p ?o }} OFFSET {number % 30_000} LIMIT 3 # {number}")
        elif kind < 0.95:
            path = chance.choice(PAGES)
            yield f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n".encode()
        elif kind < 0.999:
            yield traffic.request(url, f"{chance.choice(BROKEN)} # {number}")
        else:
            yield traffic.request(url, f"SELECT * {{ ?s ?p ?o }} LIMIT {10_000 + number % 1000}")


def rude(url: str, chance: random.Random, count: int) -> None:
    """Clients that send anything, or hang up in the middle of an answer."""
    host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
    for number in range(count):
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(
                fuzz.request(chance)
                if number % 2
                else traffic.request(url, f"SELECT * {{ ?s ?p ?o }} LIMIT 30000 # {chance.random()}")
            )
            connection.settimeout(0.05)
            try:
                connection.recv(100)
            except OSError:
                continue


def run(url: str, pid: int, current: Path, total: int, seed: int, parts: int = 40) -> list[Sample]:
    """Send so many requests in parts, and measure after each; put the release in force anew now and then."""
    chance = random.Random(seed)
    source = requests(url, seed)
    samples, done = [], 0
    for part in range(parts):
        tally = traffic.closed_loop(url, source, connections=CONNECTIONS, seconds=3600, most=total // parts)
        done += len(tally.seconds)
        rude(url, chance, 20)
        if part % max(1, parts // SWITCHES) == 0:
            os.utime(current)
        time.sleep(1.0)
        samples.append(sample(pid, done))
        print(f"{samples[-1]}  {tally.rate:6.0f} /s  {dict(sorted(tally.statuses.items()))}", flush=True)
    return samples


def growth(samples: list[Sample]) -> list[str]:
    """What isn't flat: the last quarter against the second, as the first warms up."""
    quarter = len(samples) // 4
    found = []
    for name, share, more in (("memory", 1.05, 16 << 20), ("descriptors", 1.0, 16), ("threads", 1.0, 4)):
        early = max(getattr(one, name) for one in samples[quarter : 2 * quarter])
        late = min(getattr(one, name) for one in samples[-quarter:])
        if late > share * early + more:
            found.append(f"{name} grew from {early:,} to {late:,}")
    return found


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="folder in which kzus-graph build published")
    parser.add_argument("--requests", type=int, default=DAY)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    port = endpoint.free_port()
    command = [sys.executable, "-m", "kzus_graph", "serve", "--release", options.release, "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/sparql"
    began = time.perf_counter()
    try:
        for _ in range(100):
            try:
                urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        samples = run(url, process.pid, options.release / "CURRENT", options.requests, options.seed)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    found = growth(samples)
    print(f"{samples[-1].requests:,} requests in {time.perf_counter() - began:.0f} s")
    print("; ".join(found) or "memory, descriptors and threads are flat")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
