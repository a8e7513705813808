"""Time and memory of a comparison of two dumps of several lengths: ``python bench/changes.py [LINES…]``.

The dumps are made up: five triples a thing, of which one in a thousand differs. They are read as a release's own, in
order, and as files of a stranger, in no order. Each comparison is a fresh process; memory is its peak resident size
above that of a process that compares two lines. A stranger's file is read in a process of its own, which isn't counted.
"""

import platform
import random
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = """
import re, sys, time
from pathlib import Path
from kzus_graph.releases.difference import difference
from kzus_graph.releases.comparable import Dump
began = time.perf_counter()
found = difference(*(Dump(path, Path(path), is_ours=sys.argv[1] == "ours") for path in sys.argv[2:]))
took = time.perf_counter() - began
# not ru_maxrss, which is that of the process before it began to run this program if that was more
memory = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(len(found.removed), took, memory / 1024)
"""


def write(path: Path, count: int, *, after: bool, shuffled: bool) -> Path:
    """Write *count* triples; *after* says that those are meant which come after, *shuffled* that they have no order."""
    lines = [
        f"<https://w3id.org/kzus/id/thing-{number // 5:08}> <https://w3id.org/kzus/ontology#p{number % 5}> "
        f'"value {number + (after and number % 1000 == 0)} of this thing"@en .\n'
        for number in range(count)
    ]
    if shuffled:
        random.Random(3).shuffle(lines)
    with path.open("w") as file:
        file.writelines(lines)
    return path


def compared(whose: str, *paths: Path) -> tuple[int, float, float]:
    """Return how many triples are gone, the seconds that it took to find that, and the peak of memory in MiB."""
    command = [sys.executable, "-c", SCRIPT, whose, *map(str, paths)]
    gone, took, memory = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(gone), float(took), float(memory)


def main(counts: list[int]) -> None:
    """Print a line for each length and manner."""
    print(f"{platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for whose in ("ours", "stranger's"):
            rest = compared(whose, *(write(folder / f"{side}.nt", 2, after=False, shuffled=False) for side in "ab"))[2]
            for count in counts:
                paths = [
                    write(folder / f"{side}.nt", count, after=side == "b", shuffled=whose != "ours") for side in "ab"
                ]
                gone, took, memory = compared(whose, *paths)
                assert gone == -(-count // 1000)
                print(f"{whose:10} {count:>10,} lines a side: {took:6.1f} s, {memory - rest:6.1f} MiB more")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [100_000, 1_000_000, 4_000_000])
