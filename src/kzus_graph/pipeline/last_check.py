"""The last check, kept: what it found holds of every shape that reads nothing of what changed since.

It stands in the user's cache folder, a file for each root. Other code of ours, another version of a tool or a changed
shape makes it worthless, and then all is checked. Checks in SPARQL look at everything, so they are always asked.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.term import Node

from kzus_graph.rdf import files, ntriples
from kzus_graph.rdf.ntriples import Lines
from kzus_graph.rdf.terms import from_ox, to_ox
from kzus_graph.shacl import dependencies
from kzus_graph.shacl.candidates import Candidates, prefixes


@dataclass(frozen=True)
class Run:
    """What shapes found in the flat graph of *lines*: the nodes in doubt by shape, and the report on them."""

    lines: Lines = field(default_factory=list)
    nodes: dict[str, list[str]] = field(default_factory=dict)
    report: Lines = field(default_factory=list)

    @classmethod
    def of(cls, lines: Lines, found: Candidates, report: Graph) -> "Run":
        """Return this, of the nodes *found* in doubt and the *report* on them."""
        nodes = {str(shape): sorted(str(to_ox(node)) for node in nodes) for shape, nodes in found.nodes.items()}
        return cls(lines, nodes, ntriples.of_graph(report))


@dataclass(frozen=True)
class LastCheck:
    """The last check of a root, by runs of its *shapes* (a digest); *key* stands for code and tools."""

    key: str = ""
    shapes: str = ""
    runs: dict[str, Run] = field(default_factory=dict)

    def by(self, shapes: Lines) -> "LastCheck":
        """Return this if it was made by these *shapes*, else one that knows nothing yet."""
        digest = hashlib.sha256("".join(shapes).encode()).hexdigest()
        return self if digest == self.shapes else LastCheck(self.key, digest)

    def nodes(self, run: str, lines: Lines, shapes: Graph) -> dict[Node, set[Node]]:
        """Return the nodes in doubt of each of *shapes* that nothing concerns of what is new or gone in *lines*."""
        last = self.runs.get(run)
        if last is None or not last.nodes:
            return {}
        changed = {ntriples.terms(line)[1] for line in set(last.lines).symmetric_difference(lines)}
        declared = prefixes(shapes)
        kept: dict[Node, set[Node]] = {}
        for shape, nodes in last.nodes.items():
            read = dependencies.of_shape(shapes, URIRef(shape), declared)
            if not changed or (read is not None and read.isdisjoint(changed)):
                kept[URIRef(shape)] = {from_ox(ntriples.term_of(node)) for node in nodes}
        return kept

    def report(self, run: str, found: Candidates, known: Mapping[Node, set[Node]]) -> Graph | None:
        """Return the report of the last check if it holds: no shape but the *known* has a node in doubt, or had one."""
        last = self.runs.get(run)
        if last is None or found.whole:
            return None
        doubtful = {shape for shape, nodes in found.nodes.items() if nodes or last.nodes.get(str(shape))}
        return ntriples.graph(last.report) if doubtful <= known.keys() else None


def place(root: Path) -> Path:
    """Return the file that keeps the last check of *root*."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "kzus-graph" / f"{hashlib.sha256(bytes(root.resolve())).hexdigest()[:16]}.json"


def read(path: Path, key: str) -> LastCheck:
    """Return the check that *path* keeps; an empty one if there is none with this *key*, or it can't be read."""
    try:
        said = json.loads(path.read_bytes())
        if said["key"] == key:
            return LastCheck(key, said["shapes"], {name: Run(**run) for name, run in said["runs"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return LastCheck(key)


def write(path: Path, check: LastCheck) -> None:
    """Keep *check* in *path*, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        file.write(json.dumps(asdict(check)).encode())  # json.dump encodes in Python
