"""The command ``kzus-graph``: build, check, query, dump, verify, serve and import into the graph."""

import json
import sys
from pathlib import Path

import click
import pyoxigraph as ox

from kzus_graph import __version__, content, publication, release, sources, turtle
from kzus_graph.cli_diff import diff
from kzus_graph.cli_import import import_
from kzus_graph.cli_links import links, lookup
from kzus_graph.engine import shell
from kzus_graph.engine.editions import Limits
from kzus_graph.options import (
    Commands,
    built,
    in_force,
    proxy_option,
    release_option,
    root_option,
    service_option,
)
from kzus_graph.queries import decoded, read_examples
from kzus_graph.terminal import (
    DUMP_FORMATS,
    ROW_FORMATS,
    TRIPLE_FORMATS,
    Steps,
    as_json,
    kind,
    print_answer,
    show,
    table,
)
from kzus_graph.vocab import GRAPH
from kzus_graph.web import server
from kzus_graph.web.export import export as write_site
from kzus_graph.web.origins import Network


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kzus-graph")
def main() -> None:
    """Kazakhstan–United States relations as linked data.

    \b
    Try:
      kzus-graph serve                    build if needed, then http://127.0.0.1:8000/sparql
      kzus-graph query                    list the example questions
      kzus-graph query visits             ask one of them
      kzus-graph check my-events.ttl      test your own Turtle against our ontology and shapes
      kzus-graph import data/tables/x.csv  turn the rows of a spreadsheet into facts
    """


@main.command()
@root_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("release"),
    show_default=True,
    help="Folder that holds CURRENT and the releases.",
)
@click.option("--only", multiple=True, metavar="SOURCE", help="Build from this source alone (may be repeated).")
def build(root: Path | None, out: Path, only: tuple[str, ...]) -> None:
    """Read, reason, validate, describe and publish a release.

    Nothing is published when a shape is violated: the violations are listed, the exit code is 1, and the release
    before stays in force.

    \b
    Examples:
      kzus-graph build
      kzus-graph build --only political-cooperation --out first-source
    """
    folder = built(root or content.default_root(), out, only)
    facts = publication.manifest(folder)
    click.echo(f"{folder}: {facts['triples']['all']:,} triples, {len(facts['graphs'])} named graphs")


@main.command()
@root_option
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--only", multiple=True, metavar="SOURCE", help="Check this source alone (may be repeated).")
@click.option("--format", "format_", type=click.Choice(["text", "turtle", "json"]), default="text", show_default=True)
def check(root: Path | None, files: tuple[Path, ...], only: tuple[str, ...], format_: str) -> None:
    """Check the facts, or your own FILES, against ontology and shapes.

    With FILES (Turtle, TriG, N-Triples, N-Quads, N3, RDF/XML, JSON-LD, each also as .gz) only what concerns the
    things they describe is reported. Exit code 1 if there is a violation.

    \b
    Examples:
      kzus-graph check
      kzus-graph check my-events.ttl --format json
    """
    where = root or content.default_root()
    steps = Steps()
    examined = release.examine(where, only, files, steps)
    steps.done()
    if format_ == "turtle":
        sys.stdout.buffer.write(turtle.serialize(examined.report, {}, "ttl"))
    elif format_ == "json":
        click.echo(json.dumps([as_json(violation) for violation in examined.violations], indent=1))
    else:
        show(examined.violations, [*files, *content.by_likelihood(where, only)])
        kinds = {"violation": 0, "unexplained warning": 0, "explained warning": 0, "remark": 0}
        for violation in examined.violations:
            kinds[kind(violation)] += 1
        counts = ", ".join(f"{number} {kind}{'s' * (number != 1)}" for kind, number in kinds.items())
        click.echo(
            f"{len(examined.asserted):,} asserted and {len(examined.inferred):,} inferred triples: {counts}"
        )
    if any(violation.is_serious for violation in examined.violations):
        sys.exit(1)


@main.command()
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
    """Ask QUERY: the name of an example, a file, or - for standard input. Without it, list the examples.

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
        raise content.ContentError(f"no example {query!r} and no such file; 'kzus-graph query' lists the examples")
    store = ox.Store.read_only(str(in_force(where, out) / "store"))
    place = "standard input" if query == "-" else query
    resolved = shell.with_services(store, text, place, service)
    for silenced in resolved.silenced:
        click.echo(f"kzus-graph: without the rows of {silenced}, which gave none", err=True)
    print_answer(shell.answer(store, resolved.text, place), format_)


@main.command()
@root_option
@release_option
@click.option("--format", "format_", type=click.Choice(list(DUMP_FORMATS)), default="turtle", show_default=True)
@click.option("--layer", type=click.Choice(release.LAYERS), default="all", show_default=True)
def dump(root: Path | None, out: Path, format_: str, layer: str) -> None:
    """Write a dump of the release to standard output.

    The layer "asserted" is what sources and editors state, "inferred" what rules and reasoner add, "all" both.
    TriG and N-Quads carry the named graphs too.

    \b
    Example:
      kzus-graph dump --format nquads --layer asserted > facts.nq
    """
    folder = in_force(root or content.default_root(), out) / "dumps"
    with (folder / f"{publication.NAME}-{layer}.{DUMP_FORMATS[format_]}").open("rb") as file:
        while block := file.read(1 << 20):
            sys.stdout.buffer.write(block)


@main.command()
@root_option
@release_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--dataset",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve this RDF file instead of a release (may be repeated).",
)
@click.option("--timeout", default=10.0, show_default=True, type=click.FloatRange(0.1), help="Seconds for a query.")
@click.option("--memory", default=1024, show_default=True, type=click.IntRange(64), help="MiB a query may add.")
@click.option("--workers", type=click.IntRange(1), help="Queries at a time.  [default: twice the cores, at least 8]")
@click.option("--queue", default=64, show_default=True, type=click.IntRange(0), help="Queries that may wait.")
@click.option("--cache", default=256, show_default=True, type=click.IntRange(0), help="MiB of answers to keep.")
@click.option("--max-rows", type=click.IntRange(1), help="Rows an answer may have.  [default: no limit]")
@click.option("--access-log", is_flag=True, help="A line for each request on standard error.")
@service_option
@proxy_option
def serve(
    root: Path | None,
    out: Path,
    host: str,
    port: int,
    dataset: tuple[Path, ...],
    timeout: float,
    memory: int,
    workers: int | None,
    queue: int,
    cache: int,
    max_rows: int | None,
    service: tuple[str, ...],
    proxies: tuple[Network, ...],
    access_log: bool,
) -> None:
    """Serve the release over HTTP: the SPARQL endpoint is /sparql.

    A release that is published while the server runs is taken up without dropping a request.

    All of it takes at most 300 MiB + twice the cache + the graph + workers × memory; connections (at most 2,048) take
    up to 2 GiB while their clients don't read, and answers that wait for slow clients up to 1 GiB of temporary files.

    \b
    Examples:
      kzus-graph serve
      kzus-graph serve --port 8080 --timeout 5
      kzus-graph serve --dataset mine.ttl --dataset theirs.trig
      kzus-graph serve --proxy 127.0.0.1    behind a proxy on this machine that sets or clears X-Forwarded-*
    """
    listener = server.listen(host, port)
    if not dataset:
        in_force(root or content.default_root(), out)
    click.echo(f"http://{f'[{host}]' if ':' in host else host}:{port}/sparql", err=True)
    limits = Limits(
        timeout=timeout,
        memory=memory << 20,
        workers=workers,
        queue=queue,
        cache=cache << 20,
        max_rows=max_rows,
        services=service,
    )
    server.serve(
        listener,
        releases=None if dataset else out,
        files=dataset,
        limits=limits,
        proxies=proxies,
        access_log=access_log,
    )


@main.command()
@root_option
@release_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--address", default="", metavar="URL", help="Where FOLDER will be published, for commands that fetch.")
def export(root: Path | None, out: Path, folder: Path, address: str) -> None:
    """Write the whole site to FOLDER as static files: pages, data documents, dumps, description.

    They can be published where no server runs, below any path; what needs a server (the endpoint, search) is left
    out, and each saved query comes with its answer.

    \b
    Example:
      kzus-graph export site && python -m http.server --directory site
      kzus-graph export site --address https://example.org/kzus/
    """
    in_force(root or content.default_root(), out)
    steps = Steps()
    count = write_site(out, folder, steps, address=address)
    steps.done()
    click.echo(f"{folder}: {count:,} files")


@main.command("verify-source")
@root_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="political-cooperation", show_default=True, help="The document FILE is a copy of.")
def verify_source(root: Path | None, file: Path, source: str) -> None:
    """Compare FILE, a copy of a source's text, with the digests of its segments.

    Prints the name of each segment that differs, and of the document itself; exit code 1 if any does.
    """
    graphs = turtle.read([((root or content.default_root()) / "data" / "sources.ttl", GRAPH.sources)])
    comparison = sources.compare(file.read_bytes(), source, graphs[GRAPH.sources])
    for name in comparison.differs:
        click.echo(name)
    if comparison.differs:
        click.echo(f"{len(comparison.differs)} of {comparison.checked} digests differ", err=True)
        sys.exit(1)
    click.echo(f"{comparison.checked} digests confirmed", err=True)


for command in (diff, import_, links, lookup):
    main.add_command(command)
