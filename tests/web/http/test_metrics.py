"""What is counted of requests, as a Prometheus server reads it."""

import time
from types import SimpleNamespace
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from kzus_graph.web.http.metrics import Exchange, Telemetry


def counted(telemetry: Telemetry, name: str = "2.0.0") -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels that say something."""
    pool = SimpleNamespace(state=lambda: {"busy": 1, "long": 0, "workers": 2, "waiting": 3}, killed=4, quads=5)
    cache = type("Cache", (), {"size": 6, "__len__": lambda _: 7})()
    release: Any = SimpleNamespace(name=name, pool=pool, cache=cache)
    families = text_string_to_metric_families(telemetry.metrics(release).decode())
    return {
        (one.name, *(value for value in one.labels.values() if value)): one.value
        for family in families
        for one in family.samples
    }


def test_requests_are_counted_by_status_and_in_buckets_of_time() -> None:
    telemetry = Telemetry()
    for status, seconds, outcome in ((200, 0.0, ""), (200, 1.0, "kept"), (504, 20.0, "timeout")):
        exchange = Exchange(time.monotonic() - seconds, "GET", "/sparql")
        exchange.status, exchange.outcome, exchange.sent = status, outcome, 10
        telemetry.done(exchange)
    found = counted(telemetry)
    assert found["kzus_requests_total", "200"] == 2 and found["kzus_requests_total", "504"] == 1
    assert {key[1]: value for key, value in found.items() if key[0] == "kzus_outcomes_total"} == {"timeout": 1}
    assert found["kzus_sent_bytes_total",] == 30
    buckets = [found["kzus_request_seconds_bucket", bound] for bound in ("0.5", "2.5", "10.0", "+Inf")]
    assert buckets == [1, 2, 2, 3] and found["kzus_request_seconds_count",] == 3
    assert 21 <= found["kzus_request_seconds_sum",] < 22


def test_a_server_is_described_by_its_release() -> None:
    found = counted(Telemetry(), '2.0.0+"a\\b\nc')
    assert found["kzus_release_info", '2.0.0+"a\\b\nc'] == 1
    assert [found["kzus_workers", state] for state in ("busy", "long", "all")] == [1, 0, 2]
    names = ("kzus_waiting", "kzus_workers_killed_total", "kzus_quads", "kzus_cache_bytes", "kzus_cache_answers")
    assert [found[name,] for name in names] == [3, 4, 5, 6, 7]
