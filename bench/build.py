"""Time and memory of each step of a build: ``python bench/build.py [--runs N] [--root DIR]``; prints a Markdown table.

Each run is a fresh process. A figure is the minimum / median / maximum over the runs; memory is the process's peak
resident size when the step ends, so it never falls. Steps with a hyphen ran in processes beside.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = "--one-run"


def one_run(root: Path) -> tuple[list[tuple[str, float, float]], dict[str, int]]:
    """Return (step, seconds, peak MiB) of each step of one build, and the triples of each layer."""
    began = time.perf_counter()
    from kzus_graph.pipeline import release
    from kzus_graph.processes import parallel
    from kzus_graph.releases import publication

    steps: list[tuple[str, float, float]] = []
    current, since = "starting (imports)", began

    def step(name: str, took: parallel.Took | None = None) -> None:
        nonlocal current, since
        if took:
            steps.append((f"- {name}", took.seconds, took.memory))
            return
        now = time.perf_counter()
        steps.append((current, now - since, parallel.memory()))
        current, since = name, now

    with tempfile.TemporaryDirectory() as out:
        folder = release.build(root, Path(out), step=step)
        step("")
        facts = publication.manifest(folder)
    steps.append(("all", time.perf_counter() - began, parallel.memory()))
    return steps, facts["triples"]


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
    triples = runs[0][1]["all"]
    print(f"{options.runs} runs, {triples:,} triples, Python {platform.python_version()}, {platform.machine()}\n")
    print("| step | seconds (min / median / max) | peak MiB (median) |\n|---|---|---|")
    for rows in zip(*(steps for steps, _ in runs), strict=True):
        times = [row[1] for row in rows]
        memory = statistics.median(row[2] for row in rows)
        print(f"| {rows[0][0]} | {min(times):.2f} / {statistics.median(times):.2f} / {max(times):.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
