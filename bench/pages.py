"""How long pages take to make: ``python -m bench.pages [RELEASE]`` (the folder that holds CURRENT).

Each page of each thing is asked of the application itself, past the front that keeps whole answers: this is what the
first visitor after a release waits for. Names are warm, as they are once any page has been asked for.
"""

import os
import statistics
import sys
import time
from pathlib import Path

from kzus_graph.engine.editions import Editions, Limits
from kzus_graph.web import create_app, export

BAR = 20.0
BEST_OF = 5
OTHERS = ("/", "/topics", "/sources", "/search?q=obama", "/query", "/dumps/", "/docs/", "/docs/tutorial")


def main(releases: Path) -> None:
    editions = Editions(Limits(workers=2), releases=releases)
    client = create_app(editions).test_client()
    took: dict[str, float] = {}
    try:
        pages = [f"/page{path}" for path in export.every_path(editions.current)]
        for path in (*pages, *OTHERS):
            times = []
            for _ in range(BEST_OF + 1):
                begun = time.perf_counter()
                status = client.get(path, headers={"Accept": "text/html"}).status_code
                times.append(1000 * (time.perf_counter() - begun))
            if status == 200:
                took[path] = min(times[1:])
    finally:
        editions.close()
    ordered = sorted(took.values())
    print(f"release {editions.current.name}, {len(took)} pages, the best of {BEST_OF} after a first, in ms")
    p95 = ordered[int(0.95 * len(ordered))]
    load = os.getloadavg()[0]
    print(f"median {statistics.median(ordered):.1f}  p95 {p95:.1f}  most {ordered[-1]:.1f}  load {load:.1f}")
    slow = sorted((path for path in took if took[path] > BAR), key=lambda path: -took[path])
    for path in slow:
        print(f"  {took[path]:6.1f}  {path}")
    print(f"{len(slow)} above {BAR:.0f} ms; the slowest of the others: {max(t for t in ordered if t <= BAR):.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("release"))
