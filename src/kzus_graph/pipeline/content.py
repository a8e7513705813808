"""The content of a root folder: its files, their named graphs, and the part that selected sources refer to."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path
from typing import Final

from rdflib import OWL, URIRef

from kzus_graph.links import linksets
from kzus_graph.pipeline import source_texts
from kzus_graph.processes import parallel
from kzus_graph.rdf import headings, ntriples, queries, turtle
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
"""An optional file with names in other languages. It describes no event, so it is not a source for ``--only``."""
NOT_MERGED: Final = frozenset({GRAPH.shapes, GRAPH.examples, GRAPH.mappings, GRAPH.metadata})
"""Graphs that are left out of the default graph: they describe the data set, not the things it is about."""
LINKS: Final = str(GRAPH["links-"])
"""The beginning of the names of the link graphs. Each holds the links to one other data set."""
DECLARATION: Final = re.compile(r"prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
NAME: Final = re.compile(r"<([^<>\s]+)>|(?<![\w:])([\w-]*):([\w][\w.-]*[\w-]|[\w])")
"""An IRI or a prefixed name. The pattern is approximate, but good enough to find where a node is written."""


class ContentError(ValueError):
    """The error that a root folder lacks something that a build needs; the message says what is missing and where."""


def default_root() -> Path:
    """Return the default root folder: the current folder if it is a checkout, else the copy in the installed package.

    A package installed in place (pip's editable mode) has no copy: then return the checkout that contains the package.
    Raises ContentError when none of these folders has ``ontology/`` and ``data/``.
    """
    package = Path(__file__).parents[1]
    for folder in (Path.cwd(), package / "content", package.parent.parent):
        if (folder / "ontology").is_dir() and (folder / "data").is_dir():
            return folder
    raise ContentError("the current folder has no ontology/ and data/; give the folder that has them with --root")


def source_files(root: Path) -> dict[str, Path]:
    """Return the fact files of *root*, ``data/<source>.trig``, by the name of their source."""
    others = {*DATA_FILES, NAMES}
    return {path.stem: path for path in sorted((root / "data").glob("*.trig")) if path.name not in others}


def files(root: Path, only: Collection[str] = ()) -> list[tuple[Path, URIRef | None]]:
    """Return the RDF files of a build, each with the name of its named graph, or None for TriG, which names its graphs.

    *only* restricts the fact files to the sources with these names. If *only* is empty, return all fact files, and the
    file of names in other languages. Raises ContentError when a file is missing or a source is unknown.
    """
    if not (root / "ontology").is_dir() or not (root / "data").is_dir():
        raise ContentError(f"{root}: this folder has no ontology/ and data/; give the folder that has them with --root")
    sources = source_files(root)
    for name in only:
        if name not in sources:
            raise ContentError(
                f"{name!r} is not a source; the sources in {root / 'data'} are: {', '.join(sources) or 'none'}"
            )
    found: list[tuple[Path, URIRef | None]] = [
        *((root / "ontology" / name, graph) for name, graph in ONTOLOGY_FILES.items()),
        *((root / "data" / name, None if name.endswith(".trig") else graph) for name, graph in DATA_FILES.items()),
        *((path, None) for name, path in sources.items() if not only or name in only),
        *((path, None) for path in (root / "data").glob(NAMES) if not only),
        *((path, URIRef(f"{LINKS}{path.stem}")) for path in sorted((root / "data" / "links").glob("*.ttl"))),
    ]
    missing = [str(path) for path, _ in found if not path.is_file()]
    if missing:
        raise ContentError(f"these files are missing: {', '.join(missing)}")
    return found


def digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256, in hex, of the paths and contents of the files of a build.

    These are RDF, tables, queries, rules, digests of texts, and names of terms in other languages.
    """
    paths = {path for path, _ in files(root, only)} | set((root / "queries").rglob("*.*"))
    paths |= set((root / "data" / "tables").glob("*.*")) | set(source_texts.run_files(root))
    paths |= set((root / "ontology").rglob("*.rq")) | set(linksets.tables(root)) | set(words(root))
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        total.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def words(root: Path) -> list[Path]:
    """Return the files of *root* with the names of the ontology's terms in other languages, one for each language."""
    return sorted((root / "ontology" / "words").glob("*.po"))


def read(root: Path, only: Collection[str] = ()) -> NamedLines:
    """Return the named graphs of *root*; with *only*, the facts of these sources and the nodes that they refer to.

    With *only*, the graphs of entities, editorial notes and links have only the nodes that are reachable from the
    facts. Raises ContentError, turtle.TurtleError, sssom.LinksError and queries.QueryFileError.
    """
    paths = files(root, only)
    with parallel.beside([lambda: _descriptions(root)]) as (described,):
        graphs = turtle.read(paths)
        graphs |= described.result()[0]
    if only:
        facts = turtle.read((path, None) for name, path in source_files(root).items() if name in only)
        graphs[GRAPH.entities], graphs[GRAPH.editorial] = _reached(graphs, facts)
        graphs |= _linked(graphs)
    return graphs


def _descriptions(root: Path) -> NamedLines:
    """Return two graphs that are generated from *root*: the reasons for its links, and its example queries."""
    mappings = (mapping for table in linksets.tables(root) for mapping in linksets.read(table))
    headings.read(root / "queries")
    examples = queries.examples(queries.read_examples(root / "queries"))
    return {
        GRAPH.mappings: ntriples.of_graph(linksets.reasons(mappings)),
        GRAPH.examples: ntriples.of_graph(examples),
    }


def _linked(graphs: NamedLines) -> NamedLines:
    """Return the link graphs, and the reasons for links, without the links of nodes that no other graph describes."""
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
    """Return the lines of the entities graph and of the editorial graph about nodes that are reachable from *facts*.

    Reachable are the entities that a fact names, the entities that a reachable entity names, and the territories of a
    reachable state (country); also the notes on a reachable node, and those on the source documents of *facts*. A
    disagreement between sources is left out if *facts* lacks the named graph of the claim that the editors prefer.
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


def places(iris: Collection[str], paths: Iterable[Path]) -> dict[str, str]:
    """Return, by IRI, ``file:line`` of the first occurrence of each of *iris* in the files *paths*.

    The files are searched in the order of *paths*. An IRI that occurs in none of them is left out. Prefixed names are
    expanded by the prefixes that the file declares. Files in other formats than Turtle and TriG are searched line by
    line too, for IRIs in angle brackets.
    """
    found: dict[str, str] = {}
    for path in paths:
        text = path.read_text("utf-8", errors="replace")
        declared = set(DECLARATION.findall(text))
        written = {f"<{iri}>" for iri in iris}
        written |= {
            f"{name}:{iri.removeprefix(space)}" for name, space in declared for iri in iris if iri.startswith(space)
        }
        if not any(map(text.__contains__, written)):
            continue
        prefixes: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            prefixes |= dict(DECLARATION.findall(line))
            if any(map(line.__contains__, written)):
                for iri, prefix, local in NAME.findall(DECLARATION.sub("", line)):
                    found.setdefault(iri or prefixes.get(prefix, "") + local, f"{path}:{number}")
    return {iri: found[iri] for iri in iris if iri in found}


def by_likelihood(root: Path, only: Collection[str] = ()) -> list[Path]:
    """Return the files of a build in the order to search them for a node: facts first, the ontology last."""
    facts = [path for name, path in source_files(root).items() if not only or name in only]
    return [*facts, *(path for path, _ in reversed(files(root, only)) if path not in facts)]
