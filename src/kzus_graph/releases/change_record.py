"""The changes of a release since the previous one: as ``changes.json`` (counts, limited lists) and as an RDF Patch."""

import gzip
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf import reading
from kzus_graph.releases import comparable, patch
from kzus_graph.releases.difference import Difference, Sides, difference
from kzus_graph.releases.things import STATES, Graph, Thing, graphs, things

RECORD: Final = "changes.json"
PATCH: Final = "changes.rdfp.gz"
MOST_THINGS: Final = 50
"""The maximum number of things of each state (see STATES) that a record lists; the same limit holds for graphs."""
MOST_TRIPLES: Final = 20
"""The maximum number of removed triples, and also of added triples, that a record lists for a thing."""


@dataclass(frozen=True)
class Told:
    """A thing (an IRI whose statements changed), as a change record lists it.

    *state* is one of STATES (new, changed, gone, inferred). *removed* and *added* are the first of its asserted triples
    that were removed and added, at most MOST_TRIPLES of each.
    """

    iri: str
    label: str
    state: str
    removed: list[ox.Triple]
    added: list[ox.Triple]


@dataclass(frozen=True)
class ChangeRecord:
    """The changes of a release since the release named *before*, which is empty for the first release.

    *fault* states why the changes are missing; it is empty if they are not.
    """

    before: str
    fault: str = ""
    triples: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The numbers of added and of removed triples, by layer (asserted, inferred, or all)."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """The numbers of changed "things" and "graphs" by state; the lists have at most MOST_THINGS of each state."""
    things: list[Told] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)


def write(folder: Path, version: str, before: Path | None) -> None:
    """Write the changes since the release *before* into *folder*, which contains the new release *version*.

    *before* is the folder of the previous release, or None if there is no previous release; the record then has no
    changes. If the previous release can't be read, nothing is raised: the record states the reason in place of the
    changes.
    """
    said: dict[str, Any] = {"before": None}
    if before is not None:
        ours, theirs = comparable.pair(before, folder)
        try:
            found = difference(ours, replace(theirs, name=version))
        except (reading.Unreadable, OSError) as error:
            said = {"before": before.name, "fault": str(error).replace(f"{before}/", "")}
        else:
            said = summary(found)
            rows = "".join(f"{row}\n" for row in patch.rows(found))
            (folder / PATCH).write_bytes(gzip.compress(rows.encode(), mtime=0))
    (folder / RECORD).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


def read(folder: Path) -> ChangeRecord | None:
    """Return the change record of the release in *folder*; None if it is missing (as in older releases) or damaged."""
    try:
        said = json.loads((folder / RECORD).read_text("utf-8"))
        if said["before"] is None or "fault" in said:
            return ChangeRecord(said["before"] or "", str(said.get("fault", "")))
        return ChangeRecord(
            before=str(said["before"]),
            triples={layer: (int(of["added"]), int(of["removed"])) for layer, of in said["triples"].items()},
            counts={what: {state: int(number) for state, number in of.items()} for what, of in said["counts"].items()},
            things=[
                Told(str(one["iri"]), str(one["label"]), str(one["state"]), _read(one["removed"]), _read(one["added"]))
                for one in said["things"]
            ],
            graphs=[
                Graph(str(one["iri"]), str(one["state"]), int(one["removed"]), int(one["added"]))
                for one in said["graphs"]
            ],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError):
        return None


def _read(lines: list[str]) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse("\n".join(lines), ox.RdfFormat.N_TRIPLES)]


def summary(found: Difference) -> dict[str, Any]:
    """Return the difference *found* as data for JSON: counts of what changed, and lists of changed things and graphs.

    A thing is an IRI whose statements changed. Triples are counted by layer (asserted, inferred, or all), things and
    graphs by state (see STATES). At most MOST_THINGS things and graphs of each state are listed, the things with some
    of their changed asserted triples, as lines of N-Triples.
    """
    every, named = things(found), graphs(found)
    return {
        "before": found.before,
        "after": found.after,
        "triples": {layer: _counts(sides) for layer, sides in found.layers.items()},
        "counts": {
            "things": {state: sum(thing.state == state for thing in every) for state in STATES},
            "graphs": {state: sum(graph.state == state for graph in named) for state in STATES[:3]},
        },
        "things": [_thing(one) for state in STATES for one in [o for o in every if o.state == state][:MOST_THINGS]],
        "graphs": [asdict(one) for state in STATES for one in [o for o in named if o.state == state][:MOST_THINGS]],
    }


def _thing(thing: Thing) -> dict[str, Any]:
    said = thing.layers.get("asserted", Sides([], []))
    return {
        "iri": thing.iri,
        "label": thing.label,
        "state": thing.state,
        "triples": {layer: _counts(sides) for layer, sides in thing.layers.items()},
        "removed": [f"{triple} ." for triple in said.removed[:MOST_TRIPLES]],
        "added": [f"{triple} ." for triple in said.added[:MOST_TRIPLES]],
    }


def _counts(sides: Sides) -> dict[str, int]:
    return {"removed": len(sides.removed), "added": len(sides.added)}
