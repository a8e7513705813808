"""Light queries at a fixed rate while runaways come in: do the light ones notice?

Run it as ``python bench/load.py``; it starts a server of its own and prints what the bars of the endpoint ask for.
"""

import argparse
import contextlib
import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import endpoint  # noqa: E402
import events  # noqa: E402
import traffic  # noqa: E402

RUNAWAYS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c ?a ?d LIMIT 1",
    "SELECT (COUNT(*) AS ?n) { ?a (!<x:a>)* ?b . ?c (!<x:b>)* ?d . ?e (!<x:c>)* ?f }",
)
LIGHT = ("ask", "thing", "path")


@dataclass
class Outcome:
    """What the run showed."""

    quiet: traffic.Tally
    loud: traffic.Tally
    overruns: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    processes_left: int = 0
    bytes_left: int = 0

    def late(self) -> list[str]:
        """Which bars of time were missed: figures of this machine at this moment."""
        found = []
        if self.loud.quantile(0.99) > 3 * self.quiet.quantile(0.99) + 50:
            found.append(f"p99 {self.loud.quantile(0.99):.1f} ms, {self.quiet.quantile(0.99):.1f} ms without runaways")
        if self.overruns and max(self.overruns) > 0.25:
            found.append(f"a runaway ended {1000 * max(self.overruns):.0f} ms after its deadline")
        return found

    def faults(self) -> list[str]:
        """What went wrong however fast the machine is."""
        found = []
        good = self.loud.statuses[200] / max(1, len(self.loud.seconds))
        if good < 0.99:
            found.append(f"only {good:.2%} of the light answers are 200")
        if not set(self.statuses) <= {503, 504}:
            found.append(f"runaways ended with {sorted(set(self.statuses))}")
        if self.processes_left > 0:
            found.append(f"{self.processes_left} processes left over")
        if self.bytes_left > 64 << 20:
            found.append(f"{self.bytes_left >> 20} MiB left over")
        return found


def light(url: str, start: int) -> Iterator[bytes]:
    """Light queries, no two alike."""
    return (traffic.request(url, events.query(LIGHT[n % len(LIGHT)], n)) for n in itertools.count(start))


def runaway(url: str, query: str, timeout: float, outcome: Outcome) -> None:
    """One runaway on a connection of its own; note when it ended after its deadline."""
    parts = traffic.urlsplit(url)
    connection = traffic.Connection((parts.hostname or "", parts.port or 80))
    began = time.perf_counter()
    connection.send(traffic.request(url, f"{query} # {began}", extra=f"&timeout={timeout}"), began)
    status = None
    while status is None:
        status = connection.receive()
    outcome.overruns.append(time.perf_counter() - began - timeout)
    outcome.statuses.append(status)
    connection.socket.close()


def tree(pid: int) -> dict[int, int]:
    """The process and all below it, with the memory that each has to itself."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    below.setdefault(int(fields[1]), []).append(int(entry.name))
    found, fresh = {pid: _own(pid)}, [pid]
    while fresh:
        fresh = [child for parent in fresh for child in below.get(parent, [])]
        found.update((child, _own(child)) for child in fresh)
    return found


def _own(pid: int) -> int:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
    return 0


def run(url: str, pid: int, *, seconds: float, rate: float, connections: int = 32, timeout: float = 3.0) -> Outcome:
    """First without runaways, then with one a second."""
    traffic.closed_loop(url, light(url, 10**6), connections=4, seconds=0.5)
    before = tree(pid)
    quiet = traffic.fixed_rate(
        url, light(url, 0), connections=connections, rate=rate, seconds=seconds / 3, each=lambda: None
    )
    outcome = Outcome(quiet, traffic.Tally())
    threads: list[threading.Thread] = []
    began = time.perf_counter()

    def start_runaways() -> None:
        if len(threads) <= time.perf_counter() - began < seconds - timeout:
            query = RUNAWAYS[len(threads) % len(RUNAWAYS)]
            threads.append(threading.Thread(target=runaway, args=(url, query, timeout, outcome)))
            threads[-1].start()

    outcome.loud = traffic.fixed_rate(
        url, light(url, 10**5), connections=connections, rate=rate, seconds=seconds, each=start_runaways
    )
    for thread in threads:
        thread.join()
    time.sleep(1.0)
    after = tree(pid)
    outcome.processes_left = len(after) - len(before)
    outcome.bytes_left = sum(after.values()) - sum(before.values())
    return outcome


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=200.0, help="light queries a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = events.write(Path(folder) / "events.nt")
        server = endpoint.SERVERS[0]
        with endpoint.running(server, data) as pid:
            outcome = run(server.url, pid, seconds=options.seconds, rate=options.rate)
    for name, tally in (("without runaways", outcome.quiet), ("with runaways", outcome.loud)):
        print(
            f"{name:17} {len(tally.seconds):6} answers {dict(tally.statuses)}  p50 {tally.quantile(0.5):6.2f} ms  "
            f"p99 {tally.quantile(0.99):6.2f} ms"
        )
    print(
        f"{len(outcome.overruns)} runaways, the last {1000 * max(outcome.overruns):.0f} ms after its deadline; "
        f"{outcome.processes_left} processes and {outcome.bytes_left >> 20} MiB more than before"
    )
    faults = [*outcome.faults(), *outcome.late()]
    print("; ".join(faults) or "all bars met")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
