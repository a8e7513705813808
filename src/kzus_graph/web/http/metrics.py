"""Writes a log line for each request and each slow query, and counts metrics for Prometheus."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final
from urllib.parse import quote

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

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
    """The record of one HTTP request and its answer; each step of the processing adds its results."""

    arrived: float
    method: str = ""
    path: str = ""
    status: int = 0
    sent: int = 0
    rows: int = -1
    query: str = ""
    digest: str = ""
    outcome: str = ""
    # Work done by the ASGI front before the route is called: the plan of the query, a worker's answer with its first
    # bytes (``begun``), or the reason for having no answer (``refused``).
    plan: Any = None
    answer: Answer | None = None
    begun: list[bytes] = field(default_factory=list)
    # The time at which a worker got the query (``time.monotonic``).
    handed: float = 0.0
    refused: Refusal | None = None
    gone: bool = False
    # Whether the queue for long queries, which this query needs, is full.
    crowded: bool = False
    watch: "asyncio.Future[None] | None" = None

    def leave(self) -> None:
        """Stop the work on this request, because its client has disconnected."""
        self.gone = True
        if self.answer is not None:
            self.answer.stop(Abandoned("the client has disconnected"))


class Telemetry:
    """Counts and logs requests. It has no lock: its methods must be called only in the thread of the event loop."""

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
        """Count and log a request answered with *kept* from the cache; it came at *arrived* (``time.monotonic``)."""
        self._hits += 1
        self._sent += kept.length
        if self._log:
            exchange = Exchange(arrived, scope["method"], scope["path"], 200, kept.length, kept.rows)
            exchange.digest, exchange.outcome = kept.digest, "kept"
            self._line(exchange)

    def broken_off(self, outcome: str) -> None:
        """Count the *outcome* of a cached answer that couldn't be sent completely; ``hit`` has counted the request."""
        self._outcomes[outcome] += 1

    def done(self, exchange: Exchange) -> None:
        """Count and log the request recorded in *exchange*; ``hit`` does so for requests answered from the cache."""
        seconds = time.monotonic() - exchange.arrived
        self._statuses[exchange.status] += 1
        self._seconds += seconds
        self._sent += exchange.sent
        self._buckets[sum(seconds > bound for bound in BUCKETS)] += 1
        # A cached answer is a whole one.
        if exchange.outcome not in ("", "kept"):
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
            # Percent-encoded, so that no character of the path can end the field or the line.
            quote(exchange.path[:LONGEST_PATH], safe="/:@!$&()*+,;=~", errors="replace"),
            exchange.status,
            1000 * (time.monotonic() - exchange.arrived),
            exchange.sent,
            exchange.rows if exchange.rows >= 0 else "-",
            exchange.digest or "-",
            exchange.outcome or "made",
        )

    def metrics(self, release: Release) -> bytes:
        """Return all metrics, those of *release* included, in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(_Families(self._families(release)))
        return generate_latest(registry)

    def _families(self, release: Release) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "kzus_requests", "Requests by HTTP status; kept: from the cache.", labels=["status", "kept"]
        )
        for status, count in sorted(self._statuses.items()):
            requests.add_metric([str(status), ""], count)
        requests.add_metric(["200", "true"], self._hits)
        yield requests
        outcomes = CounterMetricFamily(
            "kzus_outcomes", "Queries without a complete answer, by reason.", labels=["outcome"]
        )
        for outcome, count in sorted(self._outcomes.items()):
            outcomes.add_metric([outcome], count)
        yield outcomes
        yield CounterMetricFamily("kzus_sent_bytes", "Bytes of response bodies sent.", self._sent)
        bounds = (*map(str, BUCKETS), "+Inf")
        buckets = list(zip(bounds, accumulate(self._buckets), strict=True))
        yield HistogramMetricFamily(
            "kzus_request_seconds", "Seconds per answer not from the cache.", buckets, self._seconds
        )
        state = release.pool.state()
        workers = GaugeMetricFamily("kzus_workers", "Worker processes, by state.", labels=["state"])
        for name, count in (("busy", state["busy"]), ("long", state["long"]), ("all", state["workers"])):
            workers.add_metric([name], count)
        yield workers
        yield GaugeMetricFamily("kzus_waiting", "Queries waiting for a worker process.", state["waiting"])
        yield CounterMetricFamily("kzus_workers_killed", "Worker processes killed and replaced.", release.pool.killed)
        yield GaugeMetricFamily("kzus_cache_bytes", "Bytes of memory used by cached answers.", release.cache.size)
        yield GaugeMetricFamily("kzus_cache_answers", "Number of cached answers.", len(release.cache))
        yield GaugeMetricFamily("kzus_quads", "Number of quads in the current release.", release.pool.quads)
        yield InfoMetricFamily("kzus_release", "The current release.", {"release": release.name})


class _Families(Collector):
    """A Prometheus collector that returns the metric families that it was created with."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._given = families

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        return self._given
