"""Releases made by hand: a store or dumps, and the manifest that says they are whole."""

import json
from pathlib import Path

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.releases.publication import NAME


def describe(folder: Path, quads: int) -> None:
    """Write the manifest of a release whose store in *folder* has so many *quads*, all in the default graph."""
    files = {f"store/{path.name}": {"bytes": path.stat().st_size} for path in (folder / "store").glob("*.sst")}
    files["store/CURRENT"] = {"bytes": (folder / "store" / "CURRENT").stat().st_size}
    facts = {"name": NAME, "version": folder.name, "triples": {"all": quads}, "graphs": {}, "files": files}
    (folder / "manifest.json").write_text(json.dumps(facts))


def publish(out: Path, name: str, *values: str) -> Path:
    """Put a release in force in *out* that says each of the *values* of one thing; return its folder."""
    folder = out / name
    folder.mkdir(parents=True)
    node = ox.NamedNode("http://e/a")
    store = ox.Store(str(folder / "store"))
    store.bulk_extend(ox.Quad(node, node, ox.Literal(value)) for value in values)
    store.flush()
    del store
    describe(folder, len(values))
    name_current(out, name)
    return folder


def name_current(out: Path, name: str) -> None:
    """Have CURRENT in *out* name a release."""
    (out / "CURRENT.new").write_text(name)
    (out / "CURRENT.new").replace(out / "CURRENT")


def dumped(out: Path, name: str, merge: str, inferred: str = "", **graphs: str) -> Path:
    """Put a release in force in *out* that has dumps alone: of triples in Turtle's short forms, asserted and inferred.

    Named graphs are those of ``https://w3id.org/kzus/graph/``. Labels of blank nodes are kept.
    """
    folder = out / name
    (folder / "dumps").mkdir(parents=True)
    said = {label: _triples(text) for label, text in {"": merge, "inferred": inferred, **graphs}.items()}
    said[""] = sorted({*said[""], *said["inferred"]})
    rows = [f"{triple} ." for triple in said.pop("")]
    nquads = rows + [f"{one} <{GRAPH[label]}> ." for label in sorted(said) for one in said[label]]
    asserted = [row for row in rows if row.removesuffix(" .") not in said["inferred"]]
    files = {"all.nt": rows, "all.nq": nquads, "asserted.nt": asserted}
    for file, lines in files.items():
        (folder / "dumps" / f"{NAME}-{file}").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    sizes = {str(path.relative_to(folder)): {"bytes": path.stat().st_size} for path in folder.glob("dumps/*")}
    facts = {"name": NAME, "version": name, "triples": {"all": len(rows)}, "graphs": {}, "files": sizes}
    (folder / "manifest.json").write_text(json.dumps(facts))
    name_current(out, name)
    return folder


def _triples(text: str) -> list[str]:
    prefixes = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    return sorted({str(quad.triple) for quad in ox.parse(prefixes + text, ox.RdfFormat.TURTLE)})
