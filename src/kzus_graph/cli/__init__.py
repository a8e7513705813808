"""The program ``kzus-graph`` and its commands: build, check, query, dump, serve, import and others.

The module of a command is imported only when the command is called, because importing the web server takes longer than
a whole check.
"""

import atexit
import gc
from importlib import import_module
from typing import Any, Final

import click

from kzus_graph import __version__
from kzus_graph.cli.errors import Commands

COMMANDS: Final = {
    "build": "build:build",
    "check": "build:check",
    "diff": "diff:diff",
    "dump": "query:dump",
    "export": "serve:export",
    "import": "imports:import_",
    "links": "links:links",
    "lookup": "links:lookup",
    "query": "query:query",
    "serve": "serve:serve",
    "verify-source": "sources:verify_source",
    "why": "why:why",
}
"""For each command, its module in kzus_graph.cli, and after the colon the name of its function in that module."""


class Deferred(Commands):
    """A group of click commands. A command is imported only when it is called, or when its help is shown in a list."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command named *cmd_name*; return None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(f"kzus_graph.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Deferred, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kzus-graph")
def main() -> None:
    """Kazakhstan–United States relations as linked data.

    \b
    Try:
      kzus-graph serve                    build a release if there is none; serve it at port 8000
      kzus-graph query                    list the example queries
      kzus-graph query visits             run the example query named visits
      kzus-graph check my-events.ttl      check your own Turtle file against our ontology and shapes
      kzus-graph import data/tables/x.csv  convert the rows of a CSV table to RDF
    """
    # else Python looks through all objects for cycles before it ends, which takes 0.08 s after a check
    atexit.register(gc.freeze)
