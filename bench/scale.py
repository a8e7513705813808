"""Growth: the real data many times over, as a root folder: ``python bench/scale.py COPIES FOLDER [--root DIR]``.

Each copy tells the same history of two other states, with persons, offices, places, instruments, sources and notes of
their own: from the second copy on they have other names (``kzus:astana-x2``, "Astana 2"). Ontology, codes, topics,
links and the description of the data set stand there once. One copy asserts 16,000 triples, each further one 13,000:
12 copies assert 158,000, 77 a million, 773 ten million.

A larger record of diplomacy covers more states and more years, and more happens on each day. So each copy lies four
years after the one before, and every twentieth where the first does. From 1901 to 2099 every fourth year is a leap
year: days remain days, and months keep their last days.
"""

import argparse
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph import content, turtle
from kzus_graph.vocab import PREFIXES

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
    is_ours = isinstance(term, ox.NamedNode) and term.value.startswith(OURS)
    return f"{str(term)[:-1]}{NAME_ENDS}>" if is_ours else str(term)


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
    shutil.copy(root / "data" / "dataset.ttl", folder / "data")
    for name in ("ontology", "queries", "data/links"):
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
    for name, text in copies(root, number):
        with (folder / "data" / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return folder


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("copies", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args()
    write(options.root, options.copies, options.folder)


if __name__ == "__main__":
    main()
