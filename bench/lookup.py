"""Look-ups: how long a POST of a thousand names takes a running server. ``python -m bench.lookup [RELEASES]``."""

import json
import sys
import time
from pathlib import Path
from urllib.request import Request

from tests.conformance import servers
from tests.serving import fetch

NAMES = 1_000
TIMES = 20


def main(releases: Path) -> None:
    """Print the median and the worst of some posts, each of other names, so that none is answered from memory."""
    with servers.ours(release=releases) as served:
        spans = []
        for turn in range(TIMES):
            names = [f"https://www.wikidata.org/wiki/Q{turn * NAMES + number}" for number in range(NAMES)]
            address, kind = f"http://127.0.0.1:{served.port}/lookup", {"Content-Type": "application/json"}
            request = Request(address, json.dumps(names).encode(), kind)
            begin = time.perf_counter()
            status, _, body = fetch(request)
            spans.append(time.perf_counter() - begin)
            assert status == 200 and len(json.loads(body)["results"]) == NAMES
    ordered = sorted(spans[1:])
    for words, seconds in (("first", spans[0]), ("median", ordered[len(ordered) // 2]), ("worst", ordered[-1])):
        print(f"{words} {seconds * 1000:.0f} ms for {NAMES:,} names")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "release"))
