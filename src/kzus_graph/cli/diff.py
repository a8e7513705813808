"""The command ``diff``: print the changes between two releases, for people or for programs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kzus_graph.cli.options import releases_option
from kzus_graph.cli.terminal import shown
from kzus_graph.rdf.prefixes import compact
from kzus_graph.releases import change_record, comparable, patch, statement_text
from kzus_graph.releases.difference import Difference, difference
from kzus_graph.releases.things import Graph, Thing, graphs, things

STATES = {"new": "new", "gone": "gone", "changed": "", "inferred": "only inferences differ"}


@click.command()
@releases_option
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@click.option(
    "--format", "format_", type=click.Choice(["text", "ntriples", "patch", "json"]), default="text", show_default=True
)
@click.option("--added", "side", flag_value="added", help="With ntriples: the triples that only B has.")
@click.option("--removed", "side", flag_value="removed", help="With ntriples: the triples that only A has.")
@click.option("--layer", type=click.Choice(["asserted", "inferred", "all"]), default="all", show_default=True,
              help="With text and ntriples: compare only asserted or only inferred triples.")  # fmt: skip
def diff(out: Path, before: str | None, after: str | None, format_: str, side: str | None, layer: str) -> None:
    """Show what changed between the releases A and B.

    A and B are each the version of a release in the folder of releases, the folder of a release, or a dump (.nt, .nq or
    other RDF, also .gz). B defaults to the current release, A to the release before the current one.

    Blank nodes are compared by their statements, not by their labels. The format ntriples prints one side of the
    difference, so it needs --added or --removed; patch is an RDF Patch (H, TX, D, A, TC) that changes A to B, with the
    named graphs; json has counts, and the first 50 resources of each state (new, changed, gone, inferred).

    Exit code 0 if A and B have the same statements, 1 if they differ, 2 if they can't be compared.

    \b
    Examples:
      kzus-graph diff                             the release before the current one, and the current
      kzus-graph diff 1.0.0                       release 1.0.0 and the current release
      kzus-graph diff 1.0.0 1.1.0 --layer asserted
      kzus-graph diff old.nq.gz new.nq.gz --format patch > changes.rdfp
      kzus-graph diff --format ntriples --added > new.nt
    """
    if (format_ == "ntriples") != bool(side):
        raise click.UsageError("--format ntriples needs --added or --removed; both of these need --format ntriples.")
    if layer != "all" and format_ in ("patch", "json"):
        raise click.UsageError(f"--layer needs the format text or ntriples; {format_} always has both layers.")
    theirs = comparable.named(out, after or "")
    ours = comparable.named(out, before) if before else comparable.earlier(out)
    found = difference(*comparable.pair(ours, theirs))
    if layer != "all" and layer not in found.layers:
        names = f"{found.before}, {found.after}"
        raise comparable.NoRelease(f"{names}: layers are unknown unless both have named graphs; leave out --layer")
    if format_ == "json":
        click.echo(json.dumps(change_record.summary(found), ensure_ascii=False, indent=1))
    elif format_ == "patch":
        _print(patch.rows(found))
    elif format_ == "ntriples":
        sides = found.merge if layer == "all" else found.layers[layer]
        _print(f"{triple} ." for triple in (sides.added if side == "added" else sides.removed))
    else:
        _print(_told(found, layer))
    sys.exit(1 if found else 0)


def _print(rows: Iterator[str]) -> None:
    """Write *rows* to standard output as UTF-8, whatever the encoding of the terminal."""
    for row in rows:
        sys.stdout.buffer.write(f"{row}\n".encode())


def _told(found: Difference, layer: str) -> Iterator[str]:
    """Yield *found* as lines of text: counts, each IRI with its removed and added statements, and the named graphs.

    Unless *layer* is "all", only the changes of this layer are included.
    """
    every = [one for one in things(found) if layer == "all" or layer in one.layers]
    named = graphs(found) if layer != "inferred" else []
    yield f"{found.before} → {found.after}"
    if not found:
        yield "no difference"
        return
    for name, sides in found.layers.items():
        if layer in ("all", name):
            yield f"{'triples' if name == 'all' else name}: {len(sides.added):,} added, {len(sides.removed):,} removed"
    yield f"things: {_counts(every)}"
    if named:
        yield f"named graphs: {_counts(named)}"
    for thing in every:
        yield ""
        yield _heading(thing)
        for name, sides in thing.layers.items():
            if layer in ("all", name):
                after = " (inferred)" if name == "inferred" else ""
                for sign, triples in (("-", sides.removed), ("+", sides.added)):
                    for line in statement_text.statements(triples, thing.iri):
                        yield f"  {sign} {shown(line)}{after}"
    if named:
        yield ""
        yield "Named graphs"
    for graph in named:
        state = f", {STATES[graph.state]}" if STATES[graph.state] else ""
        yield f"  {shown(compact(graph.iri))}: {graph.added:,} added, {graph.removed:,} removed{state}"


def _counts(found: list[Thing] | list[Graph]) -> str:
    words = {"new": "new", "changed": "changed", "gone": "gone", "inferred": "with only inferences changed"}
    states = [one.state for one in found]
    return ", ".join(f"{states.count(state):,} {said}" for state, said in words.items() if state in states)


def _heading(thing: Thing) -> str:
    name = shown(compact(thing.iri)) if thing.iri else "Blank nodes that are reachable from no IRI"
    label = f"  {shown(thing.label)}" if thing.label else ""
    return f"{name}{label}{f'  ({STATES[thing.state]})' if STATES[thing.state] else ''}"
