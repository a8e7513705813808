"""Time and memory of ``kzus-graph import`` for tables of several lengths: ``python bench/tables.py [ROWS…]``.

The rows are made up, over the two states of fiction of the tests: a visit and its visitor each, in two tables with a
foreign key between them. Each import is a fresh process; memory is its peak resident size.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent.parent
KINDS = ("Visit", "OfficialVisit")


def write(folder: Path, count: int) -> None:
    """Write the two tables with *count* visits, and their metadata, into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "tests" / "fixtures" / "tables" / "chronicle.csv-metadata.json", folder)
    with (folder / "chronicle.csv").open("w") as visits, (folder / "chronicle-participants.csv").open("w") as people:
        visits.write("record,title,address,read,event,name,kind,date,destinations,descriptor,topics\n")
        people.write("record,event,agent,name,role,office\n")
        for number in range(1, count + 1):
            year, month, day = 1000 + number % 900, number % 12 + 1, number % 28 + 1
            event = f"{year}-visit-{number}"
            visits.write(
                f'chronicle-{number},"Chronicle, item {number}",https://example.org/chronicle/{number},'
                f'Item read whole.,{event},"Visit {number} of Fred, {year}",{KINDS[number % 2]},'
                f"{year}-{month:02}-{day:02},streslau;ruritania-country,,trade;investment\n"
            )
            people.write(f'chronicle-{number},{event},fred,"Fred as visitor {number}",visitor,chancellor-freedonia\n')


def one_import(root: Path, count: int) -> tuple[str, float, int]:
    """Return what an import of *count* visits said, its peak MiB, and the size of the file it made."""
    tables = root / "data" / "tables"
    write(tables, count)
    (root / "data" / "chronicle.trig").unlink(missing_ok=True)
    script = (
        "import resource, sys; from kzus_graph.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    command = [sys.executable, "-c", script, "import", "--root", str(root), str(tables / "chronicle.csv")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    size = (root / "data" / "chronicle.trig").stat().st_size
    return said[0].partition(": ")[2].partition(";")[0], float(said[1]), size


def main() -> None:
    """Import tables of several lengths and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=[10, 1_000, 10_000, 100_000])
    counts = parser.parse_args().rows
    print(f"Python {platform.python_version()}, {platform.machine()}\n\n| visits | import | peak MiB | file MiB |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in ("ontology", "queries"):
            shutil.copytree(HERE / folder, root / folder)
        shutil.copytree(HERE / "tests" / "fixtures" / "small" / "data", root / "data")
        for count in counts:
            said, memory, size = one_import(root, count)
            print(f"| {count:,} | {said} | {memory:.0f} | {size / 2**20:.1f} |", flush=True)


if __name__ == "__main__":
    main()
