"""Time and memory of each step of a build: ``python bench/build.py [--runs N] [--root DIR]``; prints a Markdown table.

Each run is a fresh process. A figure is the minimum / median / maximum over the runs; memory is the process's peak
resident size when the step ends, so it never falls.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = "--one-run"


def one_run(root: Path) -> list[tuple[str, float, float]]:
    """Return (step, seconds, peak MiB) of each step of one build."""
    began = time.perf_counter()
    from kzus_graph import publication, release

    steps: list[tuple[str, float, float]] = []
    current, since = "starting (imports)", began

    def step(name: str) -> None:
        nonlocal current, since
        now = time.perf_counter()
        steps.append((current, now - since, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        current, since = name, now

    with tempfile.TemporaryDirectory() as out:
        folder = release.build(root, Path(out), step=step)
        step("")
        facts = publication.manifest(folder)
    steps.append((f"all, {facts['triples']['all']:,} triples", time.perf_counter() - began, steps[-1][2]))
    return steps


def main() -> None:
    """Run the build several times and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    parser.add_argument(CHILD, action="store_true", dest="one_run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_run:
        print(json.dumps(one_run(options.root)))
        return
    command = [sys.executable, __file__, CHILD, "--root", str(options.root)]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(options.runs)]
    print(f"{options.runs} runs, Python {platform.python_version()}, {platform.machine()}\n")
    print("| step | seconds (min / median / max) | peak MiB (median) |\n|---|---|---|")
    for rows in zip(*runs, strict=True):
        times = [row[1] for row in rows]
        memory = statistics.median(row[2] for row in rows)
        print(f"| {rows[0][0]} | {min(times):.2f} / {statistics.median(times):.2f} / {max(times):.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
