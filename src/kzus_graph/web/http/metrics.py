"""What the server tells its keeper: a line for each request, a line for each slow query, and counts for Prometheus."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from kzus_graph.engine.answers import Answer
from kzus_graph.engine.cache import Kept
from kzus_graph.engine.refusals import Abandoned, Refusal
from kzus_graph.engine.serving import Release

ACCESS: Final = logging.getLogger("kzus_graph.access")
SLOW: Final = logging.getLogger("kzus_graph.slow")
LONGEST_PATH: Final = 500
BUCKETS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)


@dataclass(slots=True)
class Exchange:
    """One request on its way; whoever handles it notes what it learns."""

    arrived: float
    method: str = ""
    path: str = ""
    status: int = 0
    sent: int = 0
    rows: int = -1
    query: str = ""
    digest: str = ""
    outcome: str = ""
    # What has been done for the query before it came to its route: its plan; a worker's answer and what has come of it,
    # or why there is none.
    plan: Any = None
    answer: Answer | None = None
    begun: list[bytes] = field(default_factory=list)
    # When a worker was given the query.
    handed: float = 0.0
    refused: Refusal | None = None
    gone: bool = False
    # Whether as many wait for what it needs as may.
    crowded: bool = False
    watch: "asyncio.Future[None] | None" = None

    def leave(self) -> None:
        """Stop working for a client that is gone."""
        self.gone = True
        if self.answer is not None:
            self.answer.stop(Abandoned("the client is gone"))


class Telemetry:
    """Counts and logs. All of it runs in the one thread that receives requests, so nothing needs a lock."""

    def __init__(self, slow: float = 1.0) -> None:
        self._slow = slow
        self._hits = 0
        self._statuses: Counter[int] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._sent = 0
        self._log = ACCESS.isEnabledFor(logging.INFO)

    def hit(self, scope: Mapping[str, Any], arrived: float, kept: Kept) -> None:
        """Note an answer that was kept."""
        self._hits += 1
        self._sent += kept.length
        if self._log:
            exchange = Exchange(arrived, scope["method"], scope["path"], 200, kept.length, kept.rows)
            exchange.digest, exchange.outcome = kept.digest, "kept"
            self._line(exchange)

    def done(self, exchange: Exchange) -> None:
        """Note an answer that was made."""
        seconds = time.monotonic() - exchange.arrived
        self._statuses[exchange.status] += 1
        self._seconds += seconds
        self._sent += exchange.sent
        self._buckets[sum(seconds > bound for bound in BUCKETS)] += 1
        if exchange.outcome:
            self._outcomes[exchange.outcome] += 1
        if self._log:
            self._line(exchange)
        if exchange.query and seconds >= self._slow:
            SLOW.warning(
                "%.3f s %s %s %a", seconds, exchange.digest, exchange.outcome or exchange.status, exchange.query[:500]
            )

    def _line(self, exchange: Exchange) -> None:
        ACCESS.info(
            "%s %s %s %.1fms %dB rows=%s query=%s %s",
            exchange.method,
            # As it is in an address: no letter of it can end the word, or the line.
            quote(exchange.path[:LONGEST_PATH], safe="/:@!$&()*+,;=~", errors="replace"),
            exchange.status,
            1000 * (time.monotonic() - exchange.arrived),
            exchange.sent,
            exchange.rows if exchange.rows >= 0 else "-",
            exchange.digest or "-",
            exchange.outcome or "made",
        )

    def metrics(self, release: Release) -> str:
        """Everything counted, in Prometheus' text format."""
        return "".join(f"{line}\n" for line in self._metrics(release))

    def _metrics(self, release: Release) -> Iterator[str]:
        yield from _family(
            "requests_total",
            "counter",
            "Requests by status.",
            {f'{{status="{status}"}}': count for status, count in sorted(self._statuses.items())}
            | {'{status="200",kept="true"}': self._hits},
        )
        yield from _family(
            "outcomes_total",
            "counter",
            "Queries that got no whole answer, by reason.",
            {f'{{outcome="{outcome}"}}': count for outcome, count in sorted(self._outcomes.items())},
        )
        yield from _family("sent_bytes_total", "counter", "Bytes of bodies sent.", {"": self._sent})
        total = 0
        places: dict[str, float] = {}
        for bound, count in zip((*BUCKETS, "+Inf"), self._buckets, strict=True):
            total += count
            places[f'_bucket{{le="{bound}"}}'] = total
        places |= {"_sum": self._seconds, "_count": total}
        yield from _family("request_seconds", "histogram", "Time of answers that were not kept.", places)
        state = release.pool.state()
        yield from _family(
            "workers",
            "gauge",
            "Worker processes.",
            {f'{{state="{name}"}}': state[name] for name in ("busy", "long")} | {'{state="all"}': state["workers"]},
        )
        yield from _family("waiting", "gauge", "Queries waiting for a worker.", {"": state["waiting"]})
        yield from _family("workers_killed_total", "counter", "Workers replaced.", {"": release.pool.killed})
        yield from _family("cache_bytes", "gauge", "Memory taken by kept answers.", {"": release.cache.size})
        yield from _family("cache_answers", "gauge", "Kept answers.", {"": len(release.cache)})
        yield from _family("quads", "gauge", "Size of the graph.", {"": release.pool.quads})
        name = release.name.replace("\\", "").replace('"', "")
        yield from _family("release_info", "gauge", "The release in force.", {f'{{release="{name}"}}': 1})


def _family(name: str, kind: str, words: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP kzus_{name} {words}"
    yield f"# TYPE kzus_{name} {kind}"
    for label, value in values.items():
        yield f"kzus_{name}{label} {value}"
