"""The command ``verify-source``: compare a copy of a source document with the SHA-256 digests in data/sources.ttl."""

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
@click.option(
    "--source",
    default="political-cooperation",
    show_default=True,
    help="Name of the source document of which FILE is a copy.",
)
@click.option(
    "--write-runs",
    is_flag=True,
    help="If FILE is confirmed, write the digests of its runs of words, by which 'check' finds copied text.",
)
def verify_source(root: Path | None, file: Path, source: str, write_runs: bool) -> None:
    """Compare FILE, a copy of a source document, with the recorded digests of the document and of its segments.

    Prints the name of each segment, and of the document, whose digest differs; exit code 1 if there is one.
    """
    where = root or content.default_root()
    graphs = turtle.read([(where / "data" / "sources.ttl", GRAPH.sources)])
    comparison = source_texts.compare(file.read_bytes(), source, ntriples.graph(graphs[GRAPH.sources]))
    for name in comparison.differs:
        click.echo(name)
    if comparison.differs:
        click.echo(f"{len(comparison.differs)} of {comparison.checked} digests differ", err=True)
        sys.exit(1)
    click.echo(f"{comparison.checked} digests confirmed", err=True)
    if write_runs:
        click.echo(source_texts.write_runs(where, source, file.read_bytes()))
