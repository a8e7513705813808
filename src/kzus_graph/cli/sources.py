"""The command ``verify-source``: compare a copy of a source's text with the digests."""

import sys
from pathlib import Path

import click

from kzus_graph.cli.options import root_option
from kzus_graph.pipeline import content, source_texts
from kzus_graph.rdf import ntriples, turtle
from kzus_graph.rdf.vocab import GRAPH


@click.command("verify-source")
@root_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="political-cooperation", show_default=True, help="The document FILE is a copy of.")
def verify_source(root: Path | None, file: Path, source: str) -> None:
    """Compare FILE, a copy of a source's text, with the digests of its segments.

    Prints the name of each segment that differs, and of the document itself; exit code 1 if any does.
    """
    graphs = turtle.read([((root or content.default_root()) / "data" / "sources.ttl", GRAPH.sources)])
    comparison = source_texts.compare(file.read_bytes(), source, ntriples.graph(graphs[GRAPH.sources]))
    for name in comparison.differs:
        click.echo(name)
    if comparison.differs:
        click.echo(f"{len(comparison.differs)} of {comparison.checked} digests differ", err=True)
        sys.exit(1)
    click.echo(f"{comparison.checked} digests confirmed", err=True)
