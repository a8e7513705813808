"""The commands ``build`` and ``check``."""

import json
import sys
from pathlib import Path

import click

from kzus_graph.cli.options import built, root_option
from kzus_graph.cli.progress import Steps
from kzus_graph.cli.terminal import as_json, kind, show
from kzus_graph.pipeline import content, last_check
from kzus_graph.pipeline.examination import examine
from kzus_graph.pipeline.reasoning import REASONERS
from kzus_graph.processes.parallel import uncollected
from kzus_graph.rdf import longturtle
from kzus_graph.releases import publication

reasoner_option = click.option(
    "--reasoner",
    type=click.Choice(list(REASONERS)),
    default="compiled",
    show_default=True,
    help="compiled: rules compiled from the ontology. owlrl: the package owlrl; same result, but slow.",
)
profile_option = click.option("--profile", is_flag=True, help="Print the seconds and the peak memory of each step.")


@click.command()
@root_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("release"),
    show_default=True,
    help="Folder of the releases; its file CURRENT names the current one.",
)
@click.option("--only", multiple=True, metavar="SOURCE", help="Use only the facts of this source (may be repeated).")
@reasoner_option
@profile_option
def build(root: Path | None, out: Path, only: tuple[str, ...], reasoner: str, profile: bool) -> None:
    """Build a release: read the RDF files, reason, validate, describe and publish.

    If a shape or a check is violated, nothing is published: the violations are listed, the exit code is 1, and the
    previous release remains the current one.

    \b
    Examples:
      kzus-graph build
      kzus-graph build --only political-cooperation --out first-source
    """
    folder = built(root or content.default_root(), out, only, reasoner=reasoner, profile=profile)
    facts = publication.manifest(folder)
    click.echo(f"{folder}: {facts['triples']['all']:,} triples, {len(facts['graphs'])} named graphs")


@click.command()
@root_option
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--only", multiple=True, metavar="SOURCE", help="Check only the facts of this source (may be repeated).")
@click.option("--format", "format_", type=click.Choice(["text", "turtle", "json"]), default="text", show_default=True)
@click.option(
    "--changed",
    is_flag=True,
    help="Reuse those results of the last check with --changed that no later change affects.",
)
@reasoner_option
@profile_option
def check(
    root: Path | None,
    files: tuple[Path, ...],
    only: tuple[str, ...],
    format_: str,
    changed: bool,
    reasoner: str,
    profile: bool,
) -> None:
    """Check the facts of this graph, and your own FILES, against ontology and shapes.

    FILES may be Turtle, TriG, N-Triples, N-Quads, N3, RDF/XML or JSON-LD, each also as .gz. With FILES, warnings and
    remarks are reported only for the resources that FILES describe. Exit code 1 if there is a violation.

    \b
    Examples:
      kzus-graph check
      kzus-graph check my-events.ttl --format json
    """
    where = root or content.default_root()
    steps = Steps(profile=profile)
    kept = last_check.place(where)
    last = last_check.read(kept, _tools()) if changed else None
    with uncollected():
        examined = examine(where, only, files, steps, reasoner, last)
    if changed:
        _keep(kept, examined.kept)
    steps.done()
    if format_ == "turtle":
        sys.stdout.buffer.write(longturtle.of_graph(examined.report))
    elif format_ == "json":
        click.echo(json.dumps([as_json(violation) for violation in examined.violations], indent=1))
    else:
        show(examined.violations, [*files, *content.by_likelihood(where, only)])
        kinds = {"violation": 0, "unexplained warning": 0, "explained warning": 0, "remark": 0}
        for violation in examined.violations:
            kinds[kind(violation)] += 1
        counts = ", ".join(f"{number} {kind}{'s' * (number != 1)}" for kind, number in kinds.items())
        codes = {violation.code for violation in examined.violations}
        if "contradiction" in codes and "not-checked" not in codes:
            click.echo("All shapes were checked in spite of the contradiction; what they find may follow from it.")
        click.echo(f"{len(examined.asserted):,} asserted and {len(examined.inferred):,} inferred triples: {counts}")
    if any(violation.is_serious for violation in examined.violations):
        sys.exit(1)


def _tools() -> str:
    from kzus_graph.pipeline import release  # a check without --changed needs nothing else of it, and it takes 0.03 s

    return release.tools_digest()


def _keep(place: Path, check: last_check.LastCheck) -> None:
    """Write *check*, the results of a check, to the file *place*; if that fails, print a message and go on."""
    try:
        last_check.write(place, check)
    except OSError as error:
        click.echo(
            f"kzus-graph: cannot save this check for the next 'check --changed': {error.strerror} ({place})", err=True
        )
