"""Errors that the user can correct: the command prints their message instead of a traceback."""

import sys
from typing import Any, Final

import click

OTHER_CODES: Final = {"diff": 2}
"""The exit code for errors, by command; only for commands whose exit code 1 is a normal result."""


def expected() -> tuple[type[Exception], ...]:
    """Return the classes of the errors that the user can correct.

    The modules of these classes are imported only when this function is called, after an error, since most commands
    need few of them.
    """
    from kzus_graph.cli.terminal import WrongFormat
    from kzus_graph.engine.refusals import Refusal
    from kzus_graph.engine.workers import Unloadable
    from kzus_graph.links import sssom
    from kzus_graph.owl.axioms import UnsupportedOntology
    from kzus_graph.pipeline import content, source_texts
    from kzus_graph.rdf import turtle, writing
    from kzus_graph.rdf.queries import QueryFileError
    from kzus_graph.releases import publication
    from kzus_graph.releases.comparable import NoRelease
    from kzus_graph.shacl.shapes import ShapesError

    return (
        content.ContentError, sssom.LinksError, turtle.TurtleError, QueryFileError, ShapesError,
        source_texts.NoSuchSource, publication.NotPublished, NoRelease, WrongFormat, Unloadable, Refusal,
        writing.Unwritable, UnsupportedOntology,
    )  # fmt: skip


class Commands(click.Group):
    """A group of commands. After an error that the user can correct, it prints a short message and exits with code 1.

    The commands in OTHER_CODES exit with another code.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that *ctx* names; after an error that the user can correct, print its message and exit."""
        if sys.stdout is None:
            sys.exit("kzus-graph: standard output is closed, so no result can be written; open it")
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()
        except expected() as error:
            hint = getattr(error, "hint", "")
            click.echo(f"kzus-graph: {error}" + (f"\n  {hint}" if hint else ""), err=True)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"kzus-graph: {where}{error.strerror or error}", err=True)
        sys.exit(OTHER_CODES.get(ctx.invoked_subcommand or "", 1))
