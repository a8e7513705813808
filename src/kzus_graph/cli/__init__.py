"""The command ``kzus-graph``: build, check, query, dump, verify, serve and import into the graph.

Each command is imported only when it is called: importing the web server's modules takes longer than a check.
"""

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
"""For each command, its module and the name of its function there."""


class Deferred(Commands):
    """A group of commands. Each is imported only when it is called, or listed with its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command named *cmd_name*, or None if there is none."""
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
      kzus-graph serve                    build if needed, then http://127.0.0.1:8000/sparql
      kzus-graph query                    list the example questions
      kzus-graph query visits             ask one of them
      kzus-graph check my-events.ttl      test your own Turtle against our ontology and shapes
      kzus-graph import data/tables/x.csv  turn the rows of a spreadsheet into facts
    """
