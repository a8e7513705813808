"""What a root folder holds: its files, the named graph each becomes, and the graphs that one source alone reaches."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path
from typing import Final

from rdflib import OWL, URIRef

from kzus_graph.links import linksets
from kzus_graph.rdf import ntriples, turtle
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.vocab import DIP, GRAPH

ONTOLOGY_FILES: Final = {
    "dip.ttl": GRAPH.ontology,
    "codes.ttl": GRAPH.codes,
    "topics.ttl": GRAPH.topics,
    "alignment.ttl": GRAPH.alignment,
    "shapes.ttl": GRAPH.shapes,
    "house-style.ttl": GRAPH.shapes,
}
DATA_FILES: Final = {
    "sources.ttl": GRAPH.sources,
    "entities.trig": GRAPH.entities,
    "editorial.ttl": GRAPH.editorial,
    "dataset.ttl": GRAPH.metadata,
}
NAMES: Final = "names.trig"
"""What things are called in other languages, where a root says it: about no event, so no source to be asked alone."""
NOT_MERGED: Final = frozenset({GRAPH.shapes, GRAPH.examples, GRAPH.mappings, GRAPH.metadata})
"""Graphs that stand beside the default graph only: they speak of the data set, not of its subject."""
LINKS: Final = str(GRAPH["links-"])
"""What the names of the graphs begin with that hold links to other data sets, one graph a data set."""
DECLARATION: Final = re.compile(r"@?\bprefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
NAME: Final = re.compile(r"<([^<>\s]+)>|(?<![\w:])([\w-]*):([\w][\w.-]*[\w-]|[\w])")
"""An IRI or a prefixed name, near enough to find where a node is written."""


class ContentError(ValueError):
    """A root folder that lacks what a build needs; the message says what is missing and where."""


def default_root() -> Path:
    """Return the current folder when it is a checkout, else the copy inside the installed package.

    A package installed in place (pip's editable mode) has no copy: then it is the checkout that it stands in.
    Raises ContentError when there is none of these.
    """
    package = Path(__file__).parents[1]
    for folder in (Path.cwd(), package / "content", package.parent.parent):
        if (folder / "ontology").is_dir() and (folder / "data").is_dir():
            return folder
    raise ContentError("no folders ontology/ and data/ here; name the folder that holds them with --root")


def source_files(root: Path) -> dict[str, Path]:
    """Return the fact files of *root* by source: ``data/<source>.trig``."""
    others = {*DATA_FILES, NAMES}
    return {path.stem: path for path in sorted((root / "data").glob("*.trig")) if path.name not in others}


def files(root: Path, only: Collection[str] = ()) -> list[tuple[Path, URIRef | None]]:
    """Return the RDF files of a build with the graph each is read into (None: it names its graphs itself).

    *only* restricts the fact files to these sources; all of them, and the names in other languages, when empty.
    Raises ContentError when a file is missing or a source unknown.
    """
    if not (root / "ontology").is_dir() or not (root / "data").is_dir():
        raise ContentError(f"{root}: no folders ontology/ and data/ here; name the right folder with --root")
    sources = source_files(root)
    for name in only:
        if name not in sources:
            raise ContentError(f"no source {name!r}; {root / 'data'} has: {', '.join(sources) or 'none'}")
    found: list[tuple[Path, URIRef | None]] = [
        *((root / "ontology" / name, graph) for name, graph in ONTOLOGY_FILES.items()),
        *((root / "data" / name, None if name.endswith(".trig") else graph) for name, graph in DATA_FILES.items()),
        *((path, None) for name, path in sources.items() if not only or name in only),
        *((path, None) for path in (root / "data").glob(NAMES) if not only),
        *((path, URIRef(f"{LINKS}{path.stem}")) for path in sorted((root / "data" / "links").glob("*.ttl"))),
    ]
    missing = [str(path) for path, _ in found if not path.is_file()]
    if missing:
        raise ContentError(f"missing: {', '.join(missing)}")
    return found


def digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256, in hex, of everything a build reads: RDF files, tables, queries, rules and their names."""
    paths = {path for path, _ in files(root, only)} | set((root / "queries").rglob("*.*"))
    paths |= set((root / "data" / "tables").glob("*.*"))
    paths |= set((root / "ontology").rglob("*.rq")) | set(linksets.tables(root))
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        total.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def read(root: Path, only: Collection[str] = ()) -> NamedLines:
    """Return the named graphs of *root*; with *only*, what these sources state and what that rests on.

    Raises ContentError and turtle.TurtleError.
    """
    graphs = turtle.read(files(root, only))
    mappings = (mapping for table in linksets.tables(root) for mapping in linksets.read(table))
    graphs[GRAPH.mappings] = ntriples.of_graph(linksets.reasons(mappings))
    if only:
        facts = turtle.read((path, None) for name, path in source_files(root).items() if name in only)
        graphs[GRAPH.entities], graphs[GRAPH.editorial] = _reached(graphs, facts)
        graphs |= _linked(graphs)
    return graphs


def _linked(graphs: NamedLines) -> NamedLines:
    """Return the parts of the linksets, and of the reasons for links, that are about what is in the other graphs."""
    others = (lines for name, lines in graphs.items() if not name.startswith(LINKS))
    described = {line.split(" ", 1)[0] for lines in others for line in lines}
    parts = {
        name: [line for line in lines if line.split(" ", 1)[0] in described]
        for name, lines in graphs.items()
        if name.startswith(LINKS)
    }
    given = graphs[GRAPH.mappings]
    source = OWL.annotatedSource.n3()
    about = {s for s, p, o in map(ntriples.terms, given) if p == source and o in described}
    return parts | {GRAPH.mappings: [line for line in given if line.split(" ", 1)[0] in about]}


def _reached(graphs: NamedLines, facts: NamedLines) -> tuple[Lines, Lines]:
    """Return the parts of the entities and the editorial graph that *facts* lead to.

    An entity is reached from a fact or from another reached entity, a territory from its state; a note from a reached
    node or from the document; a disagreement only when the attestation it prefers is among the facts.
    """
    entities = [ntriples.terms(line) for line in graphs[GRAPH.entities]]
    editorial = [ntriples.terms(line) for line in graphs[GRAPH.editorial]]
    territory, note, prefers = DIP.territoryOf.n3(), DIP.hasNote.n3(), DIP.prefers.n3()
    onward: defaultdict[str, set[str]] = defaultdict(set)
    for s, p, o in entities:
        onward[s].add(o)
        if p == territory:
            onward[o].add(s)
    for s, p, o in editorial:
        if p == note:
            onward[s].add(o)
    stated = (ntriples.terms(line) for lines in facts.values() for line in lines)
    documents = (o for s, _, o in map(ntriples.terms, graphs[GRAPH.sources]) if URIRef(s[1:-1]) in facts)
    frontier = {term for term in chain(chain.from_iterable(stated), documents) if term.startswith("<")}
    reached: set[str] = set()
    while frontier:
        reached |= frontier
        frontier = {term for s in frontier for term in onward[s] if term.startswith("<")} - reached
    unsettled = {s for s, p, o in editorial if p == prefers and URIRef(o[1:-1]) not in facts}
    return (
        [line for line, (s, _, _) in zip(graphs[GRAPH.entities], entities, strict=True) if s in reached],
        [
            line
            for line, (s, _, o) in zip(graphs[GRAPH.editorial], editorial, strict=True)
            if s in reached and s not in unsettled and o not in unsettled
        ],
    )


def places(paths: Iterable[Path]) -> dict[str, str]:
    """Return ``file:line`` of the first place where each IRI is written in *paths*, which are looked through in order.

    Prefixed names are read by the prefixes that the file declares. Files that are not Turtle or TriG count line by
    line as well, where they have IRIs in angle brackets.
    """
    found: dict[str, str] = {}
    for path in paths:
        prefixes: dict[str, str] = {}
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            prefixes |= dict(DECLARATION.findall(line))
            for iri, prefix, local in NAME.findall(DECLARATION.sub("", line)):
                found.setdefault(iri or prefixes.get(prefix, "") + local, f"{path}:{number}")
    return found


def by_likelihood(root: Path, only: Collection[str] = ()) -> list[Path]:
    """Return the files of a build in the order in which to look for a node: facts before labels before the ontology."""
    facts = [path for name, path in source_files(root).items() if not only or name in only]
    return [*facts, *(path for path, _ in reversed(files(root, only)) if path not in facts)]
