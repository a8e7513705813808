"""Errors that a person can act on: their message is shown in one line, not a traceback."""

import sys
from typing import Any

import click


def expected() -> tuple[type[Exception], ...]:
    """Return these errors; imported when something has gone wrong, since most commands need few of their modules."""
    from kzus_graph import content, publication, sources, sssom, turtle, writing
    from kzus_graph.cli.terminal import WrongFormat
    from kzus_graph.engine.refusals import Refusal
    from kzus_graph.engine.workers import Unloadable
    from kzus_graph.queries import QueryFileError
    from kzus_graph.shapes import ShapesError
    from kzus_graph.web.export import Incomplete

    return (
        content.ContentError, sssom.LinksError, turtle.TurtleError, QueryFileError, ShapesError, sources.NoSuchSource,
        publication.NotPublished, WrongFormat, Unloadable, Incomplete, Refusal, writing.Unwritable,
    )  # fmt: skip


class Commands(click.Group):
    """Commands whose errors, if a person can act on them, are one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that *ctx* names."""
        if sys.stdout is None:
            sys.exit("kzus-graph: standard output is closed; there is nowhere to write to")
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
        sys.exit(1)
