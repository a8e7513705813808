"""The commands ``query`` and ``dump``, which read the release without a server."""

import sys
from pathlib import Path

import click
import pyoxigraph as ox

from kzus_graph.cli.options import in_force, release_option, root_option, service_option
from kzus_graph.cli.terminal import DUMP_FORMATS, ROW_FORMATS, TRIPLE_FORMATS, print_answer, table
from kzus_graph.engine import shell
from kzus_graph.pipeline import content, release
from kzus_graph.rdf.queries import decoded, read_examples
from kzus_graph.releases import publication


@click.command()
@root_option
@release_option
@click.argument("query", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", *ROW_FORMATS, *TRIPLE_FORMATS]),
    help="[default: table in a terminal, else csv; turtle for CONSTRUCT and DESCRIBE]",
)
@service_option
def query(root: Path | None, out: Path, query: str | None, format_: str | None, service: tuple[str, ...]) -> None:
    """Run QUERY: the name of an example query, a file, or - for standard input. Without QUERY, list the examples.

    \b
    Examples:
      kzus-graph query visits
      kzus-graph query my-question.rq --format csv > answer.csv
      kzus-graph query wikidata-lives --service https://query.wikidata.org/
      echo 'SELECT (COUNT(*) AS ?n) WHERE { ?e a dip:Event }' | kzus-graph query -
    """
    where = root or content.default_root()
    known = {example.name: example for example in read_examples(where / "queries")}
    if query is None:
        click.echo(table(["name", "question"], [[name, example.summary] for name, example in known.items()]))
        return
    if query == "-":
        text = decoded(sys.stdin.buffer.read(), "standard input")
    elif query in known:
        text = known[query].text
    elif Path(query).is_file():
        text = decoded(Path(query).read_bytes(), query)
    else:
        raise content.ContentError(
            f"{query!r} is neither an example query nor a file; 'kzus-graph query' lists the examples"
        )
    store = ox.Store.read_only(str(in_force(where, out) / "store"))
    place = "standard input" if query == "-" else query
    resolved = shell.with_services(store, text, place, service)
    for silenced in resolved.silenced:
        click.echo(
            f"kzus-graph: the query to {silenced} failed; SERVICE SILENT continues without its results", err=True
        )
    print_answer(shell.answer(store, resolved.text, place), format_)


@click.command()
@root_option
@release_option
@click.option("--format", "format_", type=click.Choice(list(DUMP_FORMATS)), default="turtle", show_default=True)
@click.option("--layer", type=click.Choice(release.LAYERS), default="all", show_default=True)
def dump(root: Path | None, out: Path, format_: str, layer: str) -> None:
    """Write a dump of the release to standard output.

    The layer "asserted" has the triples that sources and editors state, "inferred" those that rules and reasoner add,
    "all" both. TriG and N-Quads also contain the named graphs.

    \b
    Example:
      kzus-graph dump --format nquads --layer asserted > facts.nq
    """
    folder = in_force(root or content.default_root(), out) / "dumps"
    with (folder / f"{publication.NAME}-{layer}.{DUMP_FORMATS[format_]}").open("rb") as file:
        while block := file.read(1 << 20):
            sys.stdout.buffer.write(block)
