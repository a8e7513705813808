"""Writes bench/results.md anew: ``python -m bench.report [--only NAME…]``; all of it takes about an hour on two cores.

Each benchmark runs by itself, one after the other, on today's data; what it prints on standard output is its section.
With --only the sections of the others stay as they are. A benchmark that fails leaves the file as it was.
"""

import argparse
import platform
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

from kzus_graph.pipeline import release
from kzus_graph.processes import parallel

RESULTS: Final = Path(__file__).with_name("results.md")
ROOT: Final = RESULTS.parent.parent
RELEASES: Final = "RELEASES"
"""Stands for a folder with a release of today's data."""
BENCHMARKS: Final[dict[str, tuple[str, ...]]] = {
    "build": ("--runs", "5"),
    "scale": ("--max", "1M"),
    "reasoning": ("--cases", "1000"),
    "validation": ("--cases", "1000"),
    "changes": (),
    "tables": (),
    "matching": (),
    "pages": (RELEASES,),
    "lookup": (RELEASES,),
    "reading": (),
    "joins": (),
    "endpoint": (),
    "load": (),
    "hostile": (),
    "soak": ("--release", RELEASES),
}
"""The benchmarks in the order of their sections, with the arguments of each."""
SECTION: Final = re.compile(r"^## `python -m bench\.(\w+)", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Return the sections of a report by the name of their benchmark."""
    starts = [*((found[1], found.start()) for found in SECTION.finditer(text)), ("", len(text))]
    result: defaultdict[str, list[str]] = defaultdict(list)
    for (name, start), (_, end) in pairwise(starts):
        result[name].append(text[start:end].rstrip())
    return {name: "\n\n".join(parts) for name, parts in result.items()}


def section(name: str, releases: Path) -> str:
    """Return the section of a benchmark that is run now."""
    arguments = [str(releases) if argument == RELEASES else argument for argument in BENCHMARKS[name]]
    run = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    command = " ".join(["python -m", f"bench.{name}", *BENCHMARKS[name]])
    machine = f"{date.today().isoformat()}, {platform.machine()}, {parallel.cores()} cores"
    return f"## `{command}`\n\n{machine}\n\n{run.stdout.strip()}"


def main() -> None:
    """Run the benchmarks and write what they print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    options = parser.parse_args()
    found = sections(RESULTS.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        release.build(ROOT, Path(folder))
        for name in options.only:
            print(f"bench.{name} …", file=sys.stderr)
            found[name] = section(name, Path(folder))
    note = "Written by `python -m bench.report`. Compare figures within a table, not across machines."
    head = f"# What the benchmarks measured\n\n{note}"
    RESULTS.write_text("\n\n".join([head, *(found[name] for name in BENCHMARKS if name in found)]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
