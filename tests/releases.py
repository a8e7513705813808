"""Releases made by hand: a store, and the manifest that says it is whole."""

import json
from pathlib import Path

import pyoxigraph as ox

from kzus_graph.publication import NAME


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
