"""How long pages take to make: ``python -m bench.pages [RELEASE]`` (the folder that holds CURRENT).

Each page of each thing is asked of the application itself, past the front that keeps whole answers: this is what the
first visitor after a release costs. Names are warm, as they are once any page has been asked for. Measured are the
processor's time, of this process and of the workers together (Linux), and the time by the clock, which other work on
the machine makes longer.
"""

import os
import statistics
import sys
import time
from pathlib import Path

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.site import sitemap
from tests.browser.places import PAGES

BAR = 20.0
BEST_OF = 3
OTHERS = (*PAGES.values(), "/query", "/?lang=ru", "/page/id/kazakhstan?lang=ru", "/page/topic/security?lang=ru")


def main(folder: Path) -> None:
    releases = Releases(Limits(workers=2), folder=folder)
    client = create_app(releases).test_client()
    cost: dict[str, float] = {}
    took: dict[str, float] = {}
    try:
        for path in (*(f"/page{path}" for path in sitemap.every_path(releases.current)), *OTHERS):
            for attempt in range(BEST_OF + 1):
                clock, processor = time.perf_counter(), spent()
                status = client.get(path, headers={"Accept": "text/html"}).status_code
                if status == 200 and attempt:
                    took[path] = min(took.get(path, 1e9), 1000 * (time.perf_counter() - clock))
                    cost[path] = min(cost.get(path, 1e9), 1000 * (spent() - processor))
    finally:
        releases.close()
    print(f"release {releases.current.name}, {len(cost)} pages, the best of {BEST_OF} after a first, in ms")
    for name, times in (("processor", cost), ("clock", took)):
        ordered = sorted(times.values())
        p95 = ordered[int(0.95 * len(ordered))]
        print(f"{name:10} median {statistics.median(ordered):5.1f}  p95 {p95:5.1f}  most {ordered[-1]:5.1f}")
    for path in sorted((path for path in cost if cost[path] > BAR), key=lambda path: -cost[path]):
        print(f"  {cost[path]:6.1f}  {path}")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def spent() -> float:
    """Seconds that the processor has spent on this process and on all below it."""
    waiting, nanoseconds = below("self"), 0
    while waiting:
        pid = waiting.pop()
        waiting += below(pid)
        threads = Path(f"/proc/{pid}/task").iterdir()
        nanoseconds += sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    return time.process_time() + nanoseconds / 1e9


def below(pid: str) -> list[str]:
    """The processes that a process has started."""
    return [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("release"))
