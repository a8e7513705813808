"""The commands about links to other data sets: ``lookup`` and the subcommands of ``links``."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from kzus_graph.cli import terminal
from kzus_graph.cli.options import in_force, release_option, root_option
from kzus_graph.links import linksets, liveness, sssom, suggestions
from kzus_graph.links import lookup as identified
from kzus_graph.links.lookup import Index, Match
from kzus_graph.links.matching import NameIndex
from kzus_graph.links.name_forms import Named
from kzus_graph.pipeline import content
from kzus_graph.pipeline.merge import merged
from kzus_graph.rdf import reading
from kzus_graph.rdf.prefixes import compact
from kzus_graph.rdf.queries import ask


@click.group()
def links() -> None:
    """Write, check or suggest links to other data sets.

    A link is a row of an SSSOM table data/links/NAME.sssom.tsv, which also gives the reason for the link. The file
    data/links/NAME.ttl is generated from the table.

    \b
    Examples:
      kzus-graph links check
      kzus-graph links write
    """


@links.command()
@root_option
def write(root: Path | None) -> None:
    """Generate data/links/NAME.ttl from each table data/links/NAME.sssom.tsv.

    \b
    Example: add a row to data/links/wikidata.sssom.tsv, then
      kzus-graph links write
      kzus-graph check
    """
    for path, changed in linksets.write(root or content.default_root()).items():
        click.echo(f"{path}: {'written' if changed else 'already up to date'}")


@links.command()
@root_option
@click.option("--online", is_flag=True, help="Also request each linked address, to find dead links; needs a network.")
@click.option(
    "--seconds",
    default=liveness.SECONDS,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Timeout of each request.",
)
def check(root: Path | None, online: bool, seconds: float) -> None:
    """Count the links and list their faults; exit code 1 if there is a fault.

    This command checks that the tables can be read, that the Turtle files have the links of the tables, and that the
    labels in the tables are those of the data. 'kzus-graph check' checks the links as RDF: the form of addresses,
    one-to-one matches, reasons.

    \b
    Examples:
      kzus-graph links check
      kzus-graph links check --online
    """
    where = root or content.default_root()
    mappings = {table: linksets.read(table) for table in linksets.tables(where)}
    rows = []
    for table, read in mappings.items():
        kinds = Counter(compact(mapping.predicate).partition(":")[2] for mapping in read)
        counts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        rows.append([table.name.removesuffix(sssom.SUFFIX), str(len(read)), counts])
    click.echo(terminal.table(["table", "links", "of which"], rows))
    faults = linksets.faults(where, merged(content.read(where)))
    if online:
        asked = {str(mapping.object): compact(mapping.subject) for read in mappings.values() for mapping in read}
        for number, answer in enumerate(liveness.answers(asked, seconds), 1):
            click.echo(f"\r  {number} of {len(asked)} addresses requested", nl=number == len(asked), err=True)
            if not answer.alive:
                faults.append(f"{asked[answer.address]}: {answer.address} cannot be reached: {answer.words}")
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo("no faults found")


@links.command()
@root_option
@release_option
@click.option("--endpoint", metavar="URL", help="SPARQL endpoint of the other data set; needs a network.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="RDF file of the other data set.",
)
@click.option(
    "--class", "class_", default="", metavar="IRI", help="Compare only the other data set's resources of this class."
)
@click.option(
    "--most",
    default=10_000,
    show_default=True,
    type=click.IntRange(1),
    help="Compare at most this many resources of the other data set.",
)
@click.option(
    "--least",
    default=0.7,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Suggest only links of at least this confidence.",
)
@click.option(
    "--seconds",
    default=suggestions.SECONDS,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Timeout of each request to the endpoint.",
)
def suggest(
    root: Path | None, out: Path, endpoint: str | None, path: Path | None, class_: str, most: int, least: float,
    seconds: float,
) -> None:  # fmt: skip
    """Suggest links to another data set: write them to standard output as an SSSOM table, for a person to review.

    Names are compared as in the reconciliation service; classes and dates too, if both data sets have them. Nothing is
    added to the data: copy the correct rows to a table in data/links, and state in their comment how you verified them.

    \b
    Examples:
      kzus-graph links suggest --file theirs.ttl > maybe.sssom.tsv
      kzus-graph links suggest --endpoint https://dbpedia.org/sparql --class http://dbpedia.org/ontology/Person
    """
    if bool(endpoint) == bool(path):
        raise click.UsageError("Give the other data set by either --endpoint URL or --file FILE.")
    store = ox.Store.read_only(str(in_force(root or content.default_root(), out) / "store"))
    if endpoint:
        theirs = suggestions.from_endpoint(endpoint, class_, most, seconds, _counted)
    else:
        assert path is not None
        foreign = ox.Store()
        foreign.extend(reading.quads(path))
        theirs = suggestions.from_store(foreign, class_, most)
    known = {match.target for match in _matches(store) if match.predicate.endswith("exactMatch")}
    found = list(suggestions.suggested(_names(store), theirs, known, least))
    click.echo(suggestions.sssom(found, endpoint or str(path), date.today().isoformat()), nl=False)
    click.echo(f"{len(found)} suggestion{'s' * (len(found) != 1)}", err=True)


@click.command()
@root_option
@release_option
@click.argument("names", nargs=-1, required=True)
@click.option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def lookup(root: Path | None, out: Path, names: tuple[str, ...], format_: str) -> None:
    """Find the resources of this graph that NAMES denote; a name may come from this or from another data set.

    A name is the IRI of the resource, the address of a page about it, a prefixed name (wd:Q232, kzus:astana), or an
    identifier (ISNI 0000 0001 2188 4309); - reads names from standard input. Exit code 1 if a name is unknown.

    \b
    Examples:
      kzus-graph lookup http://www.wikidata.org/entity/Q232 https://www.geonames.org/1526273/astana.html
      kzus-graph lookup wd:Q232 http://127.0.0.1:8000/page/id/astana
      kzus-graph lookup --format csv - < names.txt
    """
    store = ox.Store.read_only(str(in_force(root or content.default_root(), out) / "store"))
    index = Index(_matches(store))
    wanted = [line for name in names for line in (sys.stdin.read().splitlines() if name == "-" else [name])]
    results = [identified.answer(index, name.strip()) for name in wanted if name.strip()]
    if format_ == "json":
        click.echo(json.dumps({"results": results}, ensure_ascii=False, indent=1))
    elif format_ == "csv":
        click.echo(identified.table(results), nl=False)
    else:
        rows = [
            [result["uri"], compact(found["iri"]), found["match"] or "itself", str(found["confidence"] or "")]
            for result in results
            for found in result["matches"]
        ]
        rows += [[result["uri"], "unknown", "", ""] for result in results if not result["found"]]
        click.echo(terminal.table(["name", "here", "how", "confidence"], rows))
    if not all(result["found"] for result in results):
        sys.exit(1)


def _counted(come: int) -> None:
    click.echo(f"  {come:,} resources received", err=True)


def _rows(store: ox.Store, query: str) -> Iterator[dict[str, Any]]:
    path = Path(linksets.__file__).with_name("queries") / f"{query}.rq"
    solutions = ask(store, path.read_text("utf-8"), path)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    for row in solutions:
        yield {name: row[name] for name in names if row[name] is not None}


def _matches(store: ox.Store) -> list[Match]:
    return identified.matches(_rows(store, "links"))


def _names(store: ox.Store) -> NameIndex:
    """Return an index, by name, of the resources in *store*; each has its dates and its classes of all vocabularies."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(store, "match-all-kinds"):
        kinds[row["thing"].value].append(row["kind"].value)
    names: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(store, "match-names"):
        names[row["thing"].value] += [row["label"].value, row["name"].value]
    days = {row["thing"].value: (row["from"].value, row["to"].value) for row in _rows(store, "match-dates")}
    unique = {thing: tuple(dict.fromkeys(called)) for thing, called in names.items()}
    return NameIndex([Named(thing, called, tuple(kinds[thing]), days.get(thing)) for thing, called in unique.items()])
