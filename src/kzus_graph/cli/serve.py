"""The commands ``serve`` and ``export``: serve the release as a website, or write that site to files."""

from pathlib import Path

import click

from kzus_graph.cli.options import (
    contact_option,
    in_force,
    proxy_option,
    release_option,
    root_option,
    service_option,
    source_code_option,
)
from kzus_graph.cli.progress import Steps
from kzus_graph.engine.serving import Limits
from kzus_graph.pipeline import content
from kzus_graph.releases.publication import NotPublished
from kzus_graph.web import server
from kzus_graph.web.http.base_url import Network
from kzus_graph.web.static_export import Incomplete
from kzus_graph.web.static_export import export as write_site
from kzus_graph.web.view import locale
from kzus_graph.web.view.corrections import Contact


@click.command()
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
@click.option(
    "--timeout", default=10.0, show_default=True, type=click.FloatRange(0.1), help="Time limit of a query, in seconds."
)
@click.option(
    "--memory",
    default=1024,
    show_default=True,
    type=click.IntRange(64),
    help="Memory limit of a query beyond the graph, in MiB.",
)
@click.option(
    "--workers", type=click.IntRange(1), help="Queries that run in parallel.  [default: twice the cores, at least 8]"
)
@click.option(
    "--queue", default=64, show_default=True, type=click.IntRange(0), help="Queries that may wait for a worker."
)
@click.option(
    "--cache", default=256, show_default=True, type=click.IntRange(0), help="Size of the cache of answers, in MiB."
)
@click.option(
    "--older",
    default=1,
    show_default=True,
    type=click.IntRange(0, 8),
    help="Older releases in the folder that may be loaded at a time, for requests with ?release=.",
)
@click.option("--max-rows", type=click.IntRange(1), help="Most rows of an answer.  [default: no limit]")
@click.option("--access-log", is_flag=True, help="Print a line for each request to standard error.")
@service_option
@proxy_option
@contact_option
@source_code_option
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
    older: int,
    max_rows: int | None,
    service: tuple[str, ...],
    proxies: tuple[Network, ...],
    contact: Contact | None,
    source_code: str,
    access_log: bool,
) -> None:
    """Serve the release over HTTP: the SPARQL endpoint is /sparql.

    When a new release is published, the running server switches to it without dropping a request.

    The server needs at most this memory: 300 MiB + twice the cache + the graph + workers × memory; and for each older
    release that may be loaded 100 MiB + its graph + 2 × memory. Connections (at most
    2,048) whose clients don't read need up to 2 GiB more; answers for slow clients need up to 1 GiB of temporary files.

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
        folder=None if dataset else out,
        files=dataset,
        limits=limits,
        proxies=proxies,
        access_log=access_log,
        older=older,
        contact=contact,
        source_code=source_code,
    )


def language_tags(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """Return the tags in *value*, which commas separate. Raises BadParameter if there are no pages in a language."""
    tags = tuple(tag.strip() for tag in value.split(","))
    for tag in tags:
        if tag not in locale.LANGUAGES:
            raise click.BadParameter(f"{tag!r} must be one of {', '.join(locale.LANGUAGES)}.", context, option)
    return tags


@click.command()
@root_option
@release_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Address where FOLDER will be published, for the download commands on the pages.",
)
@click.option(
    "--languages",
    default=",".join(locale.LANGUAGES),
    show_default=True,
    callback=language_tags,
    help="Languages of the pages, separated by commas. English is always among them.",
)
@contact_option
@source_code_option
def export(
    root: Path | None,
    out: Path,
    folder: Path,
    address: str,
    languages: tuple[str, ...],
    contact: Contact | None,
    source_code: str,
) -> None:
    """Write the whole site to FOLDER as static files: pages, data documents, dumps, description.

    Any web server for static files can publish FOLDER, below any path. The SPARQL endpoint, which needs this program,
    is left out; each example query is written with its answer, and a script in the pages searches the names of things.

    \b
    Example:
      kzus-graph export site && python -m http.server --directory site
      kzus-graph export site --address https://example.org/kzus/
    """
    in_force(root or content.default_root(), out)
    steps = Steps()
    try:
        count = write_site(
            out, folder, steps, languages=languages, address=address, contact=contact, source_code=source_code
        )
    except Incomplete as error:
        raise NotPublished(str(error)) from error
    steps.done()
    click.echo(f"{folder}: {count:,} files")
