"""What the commands share: their options, the release they work on, and errors as one line."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from kzus_graph import content, publication, release, sources, sssom, turtle, writing
from kzus_graph.changes.dumps import NoRelease
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.remotes import is_prefix
from kzus_graph.engine.workers import Unloadable
from kzus_graph.queries import QueryFileError
from kzus_graph.shapes import ShapesError
from kzus_graph.terminal import Steps, WrongFormat, show
from kzus_graph.web.export import Incomplete
from kzus_graph.web.origins import Network, network

EXPECTED: Final = (
    content.ContentError, sssom.LinksError, turtle.TurtleError, QueryFileError, ShapesError, sources.NoSuchSource,
    publication.NotPublished, NoRelease, WrongFormat, Unloadable, Incomplete, Refusal, writing.Unwritable,
)  # fmt: skip
"""Errors that a person can act on: their message is shown, not a traceback."""
OTHER_CODES: Final = {"diff": 2}
"""Exit codes of commands whose exit code 1 is an answer."""

root_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with ontology/, data/ and queries/.  [default: the current folder if it has them, else the copy"
    " inside the installed package]",
)
release_option = click.option(
    "--release",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("release"),
    show_default=True,
    help="Folder that holds CURRENT and the releases; built first if there is none.",
)


def _prefixes(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the prefixes of addresses as they were given, if each is one."""
    for prefix in given:
        if not is_prefix(prefix):
            raise click.BadParameter(
                f"{prefix!r} is no beginning of an address such as https://query.wikidata.org/sparql"
            )
    return given


service_option = click.option(
    "--service",
    multiple=True,
    metavar="PREFIX",
    callback=_prefixes,
    help="Let SERVICE ask addresses that begin so (may be repeated).  [default: none]",
)


def _networks(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the addresses and networks that were given, if each is one."""
    try:
        return tuple(network(text) for text in given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


proxy_option = click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=_networks,
    help="Believe X-Forwarded-Host, -Proto and -Prefix from this address or network (may be repeated).  [default:"
    " nobody, not even this machine]",
)


class Commands(click.Group):
    """Commands whose errors, if a person can act on them, are one line and exit code 1, or one of OTHER_CODES."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that *ctx* names."""
        if sys.stdout is None:
            sys.exit("kzus-graph: standard output is closed; there is nowhere to write to")
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()
        except EXPECTED as error:
            hint = getattr(error, "hint", "")
            click.echo(f"kzus-graph: {error}" + (f"\n  {hint}" if hint else ""), err=True)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"kzus-graph: {where}{error.strerror or error}", err=True)
        sys.exit(OTHER_CODES.get(ctx.invoked_subcommand or "", 1))


def built(root: Path, out: Path, only: Sequence[str] = ()) -> Path:
    """Return the release in *out*, built when the files of *root* say otherwise; exit 1 with the violations."""
    steps = Steps()
    try:
        folder = release.build(root, out, only, steps)
    except release.Unfit as error:
        steps.done()
        show(error.violations, content.by_likelihood(root, only))
        click.echo(f"kzus-graph: {error}", err=True)
        sys.exit(1)
    steps.done()
    return folder


def in_force(root: Path, out: Path) -> Path:
    """Return the release in force in *out*; built first if there is none."""
    return publication.current(out) or built(root, out)
