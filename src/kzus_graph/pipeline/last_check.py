"""The saved result of the last check: it is still valid for each shape that reads none of the changed properties.

It is saved in the user's cache folder, in one file for each root folder. When this package's code, the version of a
library or a shape has changed, it is ignored and everything is checked. The checks in SPARQL are run every time.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """The result of the shapes on a graph: the *nodes* that may not conform, by shape, and the SHACL *report* on them.

    *text* is the graph: its lines of N-Triples in one string, which is faster to write and read than a list.
    """

    text: str = ""
    nodes: dict[str, list[str]] = field(default_factory=dict)
    report: Lines = field(default_factory=list)

    @classmethod
    def of(cls, lines: Lines, found: Candidates, report: Graph) -> "Run":
        """Return the Run on the graph *lines*: *found* has the nodes that may not conform, *report* is about these."""
        nodes = {str(shape): sorted(str(to_ox(node)) for node in nodes) for shape, nodes in found.nodes.items()}
        return cls("".join(lines), nodes, ntriples.of_graph(report))


@dataclass(frozen=True)
class LastCheck:
    """The saved result of the last check of a root folder: its *runs*, named "asserted" and "closure".

    *shapes* is a digest of the shapes, *key* a digest of this package's code and of the versions of its libraries.
    """

    key: str = ""
    shapes: str = ""
    runs: dict[str, Run] = field(default_factory=dict)

    def by(self, shapes: Lines) -> "LastCheck":
        """Return this result if it was made with these *shapes*, else an empty result with the digest of *shapes*."""
        digest = hashlib.sha256("".join(shapes).encode()).hexdigest()
        return self if digest == self.shapes else LastCheck(self.key, digest)

    def nodes(self, run: str, lines: Lines, shapes: Graph) -> dict[Node, set[Node]]:
        """Return the nodes that may not conform, from the last *run*, by shape; only for shapes that no change affects.

        A change is a line that is only in *lines*, the present graph, or only in the graph of the last run. It affects
        each shape that may read its property. *shapes* is the graph of all shapes.
        """
        last = self.runs.get(run)
        if last is None or not last.nodes:
            return {}
        now = "".join(lines)
        differing = set() if now == last.text else set(now.split("\n")) ^ set(last.text.split("\n"))
        changed = {ntriples.terms(line)[1] for line in differing}
        declared = prefixes(shapes)
        kept: dict[Node, set[Node]] = {}
        for shape, nodes in last.nodes.items():
            read = dependencies.of_shape(shapes, URIRef(shape), declared) if changed else frozenset()
            if read is not None and read.isdisjoint(changed):
                kept[URIRef(shape)] = {from_ox(ntriples.term_of(node)) for node in nodes}
        return kept

    def report(self, run: str, found: Candidates, known: Mapping[Node, set[Node]]) -> Graph | None:
        """Return the report of the last *run* if it is still valid, else None.

        *found* are the nodes that may not conform now, *known* those of the shapes that no change affects. The report
        is valid if no shape that is not in *known* has nodes that may not conform, now or in the last run.
        """
        last = self.runs.get(run)
        if last is None or found.whole:
            return None
        doubtful = {shape for shape, nodes in found.nodes.items() if nodes or last.nodes.get(str(shape))}
        return ntriples.graph(last.report) if doubtful <= known.keys() else None


def place(root: Path) -> Path:
    """Return the path of the file with the result of the last check of *root*."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "kzus-graph" / f"{hashlib.sha256(bytes(root.resolve())).hexdigest()[:16]}.json"


def read(path: Path, key: str) -> LastCheck:
    """Return the result in the file *path*, or an empty one if the file has another *key* or can't be read."""
    try:
        said = json.loads(path.read_bytes())
        if said["key"] == key:
            return LastCheck(key, said["shapes"], {name: Run(**run) for name, run in said["runs"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return LastCheck(key)


def write(path: Path, check: LastCheck) -> None:
    """Write *check* to the file *path*, which is replaced in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        file.write(json.dumps(check, default=vars).encode())  # json.dump is slower: it encodes in Python
