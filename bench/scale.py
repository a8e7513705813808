"""Growth: how long a build takes for the real data many times over: ``python -m bench.scale [--max 10M]``.

``--write COPIES FOLDER`` writes such a root and no more.

Each copy tells the same history of two other states, with persons, offices, places, instruments, sources and notes of
their own: from the second copy on they have other names (``kzus:astana-x2``, "Astana 2"). Ontology, codes, topics,
links and the description of the data set stand there once. One copy asserts 16,000 triples, each further one 13,000:
12 copies assert 158,000, 77 a million, 773 ten million.

A larger record of diplomacy covers more states and more years, and more happens on each day. So each copy lies four
years after the one before, and every twentieth where the first does. From 1901 to 2099 every fourth year is a leap
year: days remain days, and months keep their last days. The year with which a name begins is moved as well, and the
data set is said to be of 2099, so that no day is after it.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from bench.build import CHILD
from kzus_graph.pipeline import content
from kzus_graph.processes import parallel
from kzus_graph.rdf import turtle
from kzus_graph.rdf.prefixes import PREFIXES

DIP: Final = PREFIXES["dip"]
OURS: Final = (PREFIXES["kzus"], PREFIXES["source"], PREFIXES["note"])
"""Namespaces of what each copy has for itself."""
LABEL: Final = PREFIXES["rdfs"] + "label"
DATE: Final = PREFIXES["xsd"] + "date"
EDTF: Final = (f"{DIP}edtf", f"{DIP}tenureEdtf")
YEAR: Final = re.compile(r"(?:^|(?<=/))(?=[0-9]{4})")
"""Where a year begins in a date, or in both dates of an interval in EDTF."""
NAME_ENDS, LABEL_ENDS, YEAR_BEGINS = "\ue000", "\ue001", "\ue002"
"""Marks of a template: characters for private use, which no serializer writes in another way."""
NAMED: Final = re.compile(f"^<{re.escape(PREFIXES['kzus'])}(?=[0-9]{{4}}-)")
"""What precedes the year in a name of ours that begins with one."""
MODIFIED: Final = re.compile(r'(?<=dcterms:modified ")[0-9]{4}')
LAST: Final = "2099"
SHIFTED: Final = re.compile(f"{YEAR_BEGINS}([0-9]{{4}})")
STEP: Final = 4
"""Years from one copy to the next."""
STEPS: Final = 19
"""Copies until one lies in the years of the first."""
TELLING: Final = (
    "hasParticipation", "atPlace", "destination", "during", "subEventOf", "produced", "concernsInstrument",
)  # fmt: skip
"""Properties in which two events differ whose kind and days are the same."""
EDITORIAL: Final = "editorial.ttl"
UNTOLD: Final = Path(__file__).with_name("untold.ttl")
"""The note that keeps apart copies of events of which nobody could tell that they are two."""
NOTE: Final = f"<{PREFIXES['note']}copies-of-untold-events>"


def copies(root: Path, number: int) -> Iterator[tuple[str, str]]:
    """Yield the facts of *root*, *number* times: the name of a file in ``data/`` and TriG or Turtle to append to it.

    What is in memory is one copy, however many there are. The first one keeps names and years.
    """
    files = {path.name: turtle.parse(path) for path, _ in content.files(root) if path.parent == root / "data"}
    del files["dataset.ttl"]
    templates = {name: template(quads) for name, quads in files.items()}
    if lines := "".join(untold([quad for quads in files.values() for quad in quads])):
        yield EDITORIAL, UNTOLD.read_text("utf-8")
        templates[EDITORIAL] += lines
    for name, text in templates.items():
        for copy in range(number):
            yield name, filled(text, copy)


def template(quads: Iterable[ox.Quad]) -> str:
    """Return *quads* as TriG, with a mark wherever a copy differs: at names and labels of ours, and at years."""
    lines = []
    for graph, members in groupby(sorted(quads, key=lambda quad: str(quad.graph_name)), lambda quad: quad.graph_name):
        triples = [f"{_marked(quad.subject)} {quad.predicate} {_object(quad)} .\n" for quad in members]
        lines += [f"{_marked(graph)} {{\n", *triples, "}\n"] if isinstance(graph, ox.NamedNode) else triples
    return "".join(lines)


def untold(quads: Sequence[ox.Quad]) -> Iterator[str]:
    """Yield lines of a template that give the note to each event of which *quads* say a day and kind alone."""
    telling = {f"{DIP}{name}" for name in TELLING}
    told = {quad.subject for quad in quads if quad.predicate.value in telling}
    for quad in quads:
        if quad.predicate.value in (f"{DIP}begin", f"{DIP}notBefore") and quad.subject not in told:
            yield f"{_marked(quad.subject)} <{DIP}hasNote> {NOTE} .\n"
            yield f"{NOTE} <{DIP}attestedBy> {_marked(quad.graph_name)} .\n"


def filled(text: str, copy: int) -> str:
    """Return a template as the text of one *copy*, counted from 0, which is as the data are."""
    name, label = (f"-x{copy + 1}", f" {copy + 1}") if copy else ("", "")
    later = STEP * (copy % STEPS)
    text = SHIFTED.sub(lambda year: f"{int(year[1]) + later}", text)
    return text.replace(NAME_ENDS, name).replace(LABEL_ENDS, label)


def _marked(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> str:
    if not (isinstance(term, ox.NamedNode) and term.value.startswith(OURS)):
        return str(term)
    return NAMED.sub(lambda before: before[0] + YEAR_BEGINS, f"{str(term)[:-1]}{NAME_ENDS}>")


def _object(quad: ox.Quad) -> str:
    term, name = quad.object, quad.predicate.value
    if not isinstance(term, ox.Literal):
        return _marked(term)
    text = term.value
    if name == LABEL:
        text += LABEL_ENDS
    elif name in EDTF or (term.datatype.value == DATE and name.startswith(DIP)):
        text = YEAR.sub(YEAR_BEGINS, text)
    return str(ox.Literal(text, language=term.language) if term.language else ox.Literal(text, datatype=term.datatype))


def write(root: Path, number: int, folder: Path) -> Path:
    """Return *folder*, made a root with the facts of *root* *number* times over, ready to check and to build.

    Tables are left out: what was made of them is a file of facts like any other here.
    """
    (folder / "data").mkdir(parents=True)
    dataset = (root / "data" / "dataset.ttl").read_text("utf-8")
    (folder / "data" / "dataset.ttl").write_text(MODIFIED.sub(LAST, dataset) if number > 1 else dataset, "utf-8")
    for name in ("ontology", "queries", "data/links"):
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
    for name, text in copies(root, number):
        with (folder / "data" / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return folder


SIZES: Final = {"16k": 1, "160k": 12, "1M": 77, "10M": 773}
"""Asserted triples, and the copies that have as many."""


Measure = tuple[int, dict[str, tuple[float, float]], float]
"""Asserted triples, seconds and MiB by step, MiB of all processes."""


def measured(copies: int, root: Path) -> Measure:
    """Return what a build of that many copies of *root* takes.

    The build runs in a process of its own, which reports its steps (bench/build.py).
    """
    with tempfile.TemporaryDirectory() as folder:
        write(root, copies, Path(folder) / "root")
        command = [sys.executable, str(Path(__file__).with_name("build.py")), CHILD, "--root", f"{folder}/root"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            together = [0.0]
            while process.poll() is None:
                together.append(resident(process.pid))
                time.sleep(0.2)
            assert process.stdout is not None
            steps, triples = json.loads(process.stdout.read())
    return triples["asserted"], {name: (seconds, memory) for name, seconds, memory in steps}, max(together)


def resident(pid: int) -> float:
    """Return the memory of a process and those below it in MiB, what they share counted once (Linux)."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1024 + sum(resident(int(child)) for child in children)


def main() -> None:
    """Measure a build of each size, or write the copies and no more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    parser.add_argument("--max", choices=SIZES, default="1M", dest="largest")
    parser.add_argument("--write", nargs=2, metavar=("COPIES", "FOLDER"))
    options = parser.parse_args()
    if options.write:
        write(options.root, int(options.write[0]), Path(options.write[1]))
        return
    sizes = list(SIZES)[: list(SIZES).index(options.largest) + 1]
    results = {size: measured(SIZES[size], options.root) for size in sizes}
    print(f"Python {platform.python_version()}, {platform.machine()}, {parallel.cores()} cores\n")
    print("| seconds | " + " | ".join(f"{results[size][0]:,} asserted" for size in sizes) + " | growth |")
    print("|---|" + "---|" * (len(sizes) + 1))
    for step in results[sizes[-1]][1]:
        seconds = [results[size][1].get(step, (0.0, 0.0))[0] for size in sizes]
        growth = _growth(results[sizes[-2]], results[sizes[-1]], step) if len(sizes) > 1 else ""
        print(f"| {step} | " + " | ".join(f"{value:.2f}" for value in seconds) + f" | {growth} |")
    peaks = " | ".join(f"{results[size][2]:,.0f}" for size in sizes)
    print(f"| all processes, MiB | {peaks} | |")


def _growth(smaller: Measure, larger: Measure, step: str) -> str:
    """Return how much more than in proportion a step grew: 1.00 is linear."""
    before, after = smaller[1].get(step, (0.0, 0.0))[0], larger[1][step][0]
    return f"{after / before / (larger[0] / smaller[0]):.2f}" if before >= 0.05 else ""


if __name__ == "__main__":
    main()
