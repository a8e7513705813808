"""Builds a release: from the files of a root folder to a published folder.

The steps: examine → dump, compare with the release before, store → describe → publish.
"""

import hashlib
import json
import re
import time
from collections.abc import Collection, Mapping
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import DCTERMS, Graph, URIRef

from kzus_graph import __version__
from kzus_graph.fulltext import entries, storage
from kzus_graph.links import linksets
from kzus_graph.links.sssom import SUFFIX
from kzus_graph.pipeline import checks, content, description, serialization
from kzus_graph.pipeline.examination import Content, StepListener, examine, silent
from kzus_graph.processes import parallel
from kzus_graph.rdf import headings, longturtle, ntriples
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.vocab import DATASET, GRAPH
from kzus_graph.releases import change_record, publication
from kzus_graph.releases.publication import NAME
from kzus_graph.shacl.shapes import Violation

LAYERS: Final = ("asserted", "inferred", "all")
TOOLS: Final = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")
IMPORT: Final = re.compile(r"^ *from (kzus_graph[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
"""Matches an import from our package. A test compares the modules found so with those that a build loads."""
GENTLY: Final = 10
"""The niceness of the processes that write dumps. The store has precedence, since other steps wait for it."""
DESCRIBED_BESIDE: Final = 500_000
"""The most triples of a graph that is described while its dumps are written."""
ROCKSDB_LOGS: Final = frozenset({"LOG", "LOCK"})
"""Files in the store's folder that hold none of its content."""


class Unfit(ValueError):
    """The error that the facts violate a shape or a check; *violations* lists the faults."""

    def __init__(self, violations: list[Violation]) -> None:
        """Set *violations*, and a message with their number."""
        super().__init__(f"{len(violations)} violation{'s' * (len(violations) != 1)}; nothing was published")
        self.violations = violations


def build(
    root: Path, out: Path, only: Collection[str] = (), step: StepListener = silent, reasoner: str = "compiled"
) -> Path:
    """Build a release of the root folder *root*, publish it in *out*, and return its folder.

    If no input of the build has changed, nothing is built, and the folder of the current release is returned. *only*
    restricts the facts to these sources, *step* is called at each step, *reasoner* is a key of reasoning.REASONERS.
    Raises the errors of ``examine``, Unfit when a shape or a check is violated, and publication.NotPublished when the
    release can't be written. An error leaves the current release in force.
    """
    digest = content_digest(root, only)
    current = publication.current(out)
    if current and publication.manifest(current)["digest"] == digest:
        return current
    with parallel.uncollected():
        examined = examine(root, only, step=step, reasoner=reasoner)
        if serious := [violation for violation in examined.violations if violation.is_serious]:
            raise Unfit(serious)
        with publication.build_folder(out) as folder:
            version = _write(folder, examined, root, digest, current, step)
            step("publishing")
            return publication.publish(folder, out, version)


def content_digest(root: Path, only: Collection[str] = ()) -> str:
    """Return the SHA-256 of all input of a build: files, selected sources, our code, versions of libraries."""
    return _digest([content.digest(root, only), tools_digest(), *sorted(set(only))])


def tools_digest() -> str:
    """Return the SHA-256 of what a build uses: our modules and queries, and the versions of libraries (TOOLS).

    The version of SQLite, which writes the index of names, is left out: it decides on bytes of that file, not on what
    is found with it.
    """
    tools = [f"{tool} {installed_version(tool)}" for tool in TOOLS]
    files = [*code(__name__), *sorted(entries.QUERIES.glob("*.rq"))]
    return _digest([*(hashlib.sha256(path.read_bytes()).hexdigest() for path in files), *tools])


def code(module: str) -> list[Path]:
    """Return the files of our package that *module* imports, directly or indirectly, and the file of *module*."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        stem = Path(__file__).parents[2].joinpath(*name.split("."))
        path = next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)
        # a name that is not a module, such as a function, has no file
        if path and name not in found:
            found[name] = path
            for package, names in IMPORT.findall(path.read_text("utf-8")):
                waiting += [package, *(f"{package}.{each}" for each in re.findall(r"\w+", names))]
    return sorted(found.values())


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def layers(examined: Content) -> dict[str, tuple[Lines, NamedLines]]:
    """Return the default graph and the named graphs of each layer, by the name of the layer (see LAYERS).

    No layer contains GRAPH.metadata, which describes the dumps themselves.
    """
    named = {name: lines for name, lines in examined.graphs.items() if name != GRAPH.metadata}
    inferred = {GRAPH.inferred: named.pop(GRAPH.inferred)}
    return {
        "asserted": (examined.asserted, named),
        "inferred": (examined.inferred, inferred),
        "all": (ntriples.union(examined.asserted, examined.inferred), named | inferred),
    }


def _write(folder: Path, examined: Content, root: Path, digest: str, before: Path | None, step: StepListener) -> str:
    """Write all files of a release into *folder*, with its changes since the release *before*; return its version."""
    said = ntriples.graph(examined.graphs[GRAPH.metadata])
    version = f"{description.version(said)}+{digest[:8]}"
    dumps = folder / "dumps"
    dumps.mkdir()
    contents = layers(examined)
    step("dumping N-Triples and N-Quads")
    for layer, (default, named) in contents.items():
        for extension in ("nt", "nq"):
            serialization.write_lines(dumps / f"{NAME}-{layer}.{extension}", default, named)
    step("dumping the other formats, storing")
    _, all_named = contents["all"]
    writing: dict[str, parallel.Task] = {"comparing": partial(change_record.write, folder, version, before)}
    for extension in ("rdf", "ttl", "jsonld", "trig", "nq", "nt"):
        for layer in reversed(LAYERS):
            path, heading = dumps / f"{NAME}-{layer}.{extension}", _heading(said, layer, contents)
            writing[f"dumping {layer}.{extension}"] = partial(_dump, path, heading)
    with parallel.beside(list(writing.values()), parallel.cores(), GENTLY) as written:
        # in this process: a forked process lacks the threads of RocksDB if that was used before the fork
        began = time.perf_counter()
        store = _stored(folder / "store", dumps / f"{NAME}-all.nq")
        step("storing", parallel.Took(time.perf_counter() - began, parallel.memory()))
        _add_metadata(store, said)
        # a large graph is described after the dumps: to count a million's distinct terms takes a gigabyte
        is_small = len(contents["all"][0]) <= DESCRIBED_BESIDE
        described = description.described(store, root, version) if is_small else None
        files: dict[str, dict[str, str | int]] = {}
        for name, result in zip(writing, written, strict=True):
            facts, took = result.result()
            files |= facts or {}
            step(name, took)
    step("describing")
    metadata = said + linksets.described(all_named, said + linksets.titles(root))
    metadata += description.described(store, root, version) if described is None else described
    _dump_links(dumps, examined, root)
    for path in content.words(root):
        (folder / publication.WORDS).mkdir(exist_ok=True)
        (folder / publication.WORDS / path.name).write_bytes(path.read_bytes())
    if (table := root / "queries" / headings.FILE).is_file():
        (folder / headings.FILE).write_bytes(table.read_bytes())
    (folder / "report.ttl").write_bytes(longturtle.of_graph(examined.report))
    files |= {path.name: _file_facts(path) for path in dumps.iterdir() if path.name not in files}
    metadata += description.distributions(store, root, files)
    metadata += description.succession(store, root, before.name if before else "")
    (folder / "void.ttl").write_bytes(longturtle.of_graph(metadata, first=str(DATASET)))
    _add_metadata(store, metadata)
    step("indexing names")
    storage.write(folder / storage.FILE, entries.entries(entries.of_store(store), TermNames(content.words(root))))
    store.optimize()
    store.flush()
    del store  # this closes it: its files no longer change
    step("summing up")
    sizes = {str(name): len(lines) for name, lines in all_named.items()} | {str(GRAPH.metadata): len(metadata)}
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "name": NAME,
                "version": version,
                "digest": digest,
                "tools": {NAME: __version__} | {tool: installed_version(tool) for tool in TOOLS},
                "triples": {layer: len(default) for layer, (default, _) in contents.items()},
                "graphs": dict(sorted(sizes.items())),
                "files": {
                    str(path.relative_to(folder)): files[path.name] if path.parent == dumps else _file_facts(path)
                    for path in sorted(folder.rglob("*"))
                    if path.is_file() and path.name not in ROCKSDB_LOGS
                },
            },
            indent=1,
        )
        + "\n"
    )
    return version


def _dump(path: Path, heading: str) -> dict[str, dict[str, str | int]]:
    """Write the dump *path* if it doesn't exist, and its gzip file; return size and digest of both, by file name."""
    if not path.exists():
        serialization.write(path, heading)
    return {file.name: _file_facts(file) for file in (path, serialization.pack(path))}


def _dump_links(dumps: Path, examined: Content, root: Path) -> None:
    """Write each linkset as Turtle, and as an SSSOM table, which gives the reason for each link."""
    reasons = {URIRef(line.split(" ", 1)[0][1:-1]) for line in examined.graphs[GRAPH.mappings]}
    for name, lines in examined.graphs.items():
        if name.startswith(content.LINKS) and lines:
            stem = f"{NAME}-{name.removeprefix(GRAPH)}"
            (dumps / f"{stem}.ttl").write_bytes("".join(longturtle.written(lines)).encode())
            table = root / "data" / "links" / f"{name.removeprefix(content.LINKS)}{SUFFIX}"
            (dumps / f"{stem}{SUFFIX}").write_bytes(linksets.kept(table, reasons))


def _heading(metadata: Graph, layer: str, contents: Mapping[str, tuple[Lines, NamedLines]]) -> str:
    """Return the comment at the top of a Turtle dump: name, version, data set, layer, number of triples and licence."""
    licence = metadata.value(DATASET, DCTERMS.license)
    return (
        f"# {NAME} {description.version(metadata)}, {DATASET}\n"
        f"# Layer {layer!r}: {len(contents[layer][0]):,} triples. Licence: {licence or 'none stated'}\n\n"
    )


def _stored(path: Path, dump: Path) -> ox.Store:
    """Return a new Oxigraph store in the folder *path*, with exactly the graphs of *dump*, a file of N-Quads."""
    store = ox.Store(path)
    # not bulk_load: it would give blank nodes other labels than the dumps have
    store.bulk_extend(ox.parse(path=dump, format=ox.RdfFormat.N_QUADS, lenient=True))
    store.flush()
    return store


def _add_metadata(store: ox.Store, metadata: Graph) -> None:
    """Add *metadata*, which describes the data set, to its graph in *store*."""
    checks.add(store, list(ntriples.n_quads(ntriples.of_graph(metadata), GRAPH.metadata)))


def _file_facts(path: Path) -> dict[str, str | int]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
