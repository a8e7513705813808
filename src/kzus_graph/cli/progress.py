"""Progress of long work on standard error: the current step, the share done, and the time of each step."""

import sys
import time
from typing import Final

import click

from kzus_graph.processes.parallel import Took, memory

SHARES: Final = {
    "reading": 3, "merging": 1, "applying rules": 8, "checking what is asserted": 13, "reasoning (OWL 2 RL)": 1,
    "checking what follows": 9, "waiting for the checks in SPARQL": 1, "dumping N-Triples and N-Quads": 6,
    "dumping the other formats, storing": 50, "describing": 5, "summing up": 1, "publishing": 2,
}  # fmt: skip
"""The percentage of a build's time that each step takes, measured with a million triples (bench/results.md)."""
LONG: Final = 5
"""Seconds of work after which the remaining time is shown."""
BAR: Final = 20


class Steps:
    """A display of the steps of a build on standard error: each step that took over a second, at its end.

    In a terminal, each step over 0.1 s is shown, and also the step that is running. With *profile*, every step is
    printed at its end, with its seconds and the peak memory so far in MiB.
    """

    def __init__(self, *, profile: bool = False) -> None:
        """Start the clock; no step is running yet."""
        self.name = ""
        self.start = self.began = time.perf_counter()
        self.terminal = sys.stderr.isatty()
        self.profile = profile
        self.finished = 0

    def __call__(self, name: str, took: Took | None = None, why: str = "") -> None:
        """End the current step and begin the step *name*.

        If *took* is given, only print (with *profile*) this cost of the step *name*, which ran in parallel to others.
        If *why* is given, only print it: the reason why a step takes long.
        """
        if self.terminal:
            click.echo("\r\033[K", err=True, nl=False)
        if why:
            click.echo(f"kzus-graph: {why}", err=True)
            return
        if took:
            if self.profile:
                self._tell(f"  {name}", took)
            return
        seconds = time.perf_counter() - self.began
        if self.name and (self.profile or seconds >= (0.1 if self.terminal else 1)):
            self._tell(self.name, Took(seconds, memory()))
        self.finished += SHARES.get(self.name, 0)
        self.name, self.began = name, time.perf_counter()
        if self.terminal and name:
            click.echo(f"  {name} …{self._part()}", err=True, nl=False)

    def done(self) -> None:
        """End the last step; with *profile*, print the total."""
        self("")
        if self.profile:
            self._tell("all", Took(time.perf_counter() - self.start, memory()))

    def _tell(self, name: str, took: Took) -> None:
        in_memory = f"  {took.memory:8,.0f} MiB" if self.profile else ""
        click.echo(f"  {name:<36} {took.seconds:6.1f} s{in_memory}", err=True)

    def _part(self) -> str:
        """Return a progress bar and the estimated seconds left; "" in the first LONG seconds and in the first step."""
        elapsed = time.perf_counter() - self.start
        if elapsed < LONG or not 0 < self.finished < 100:
            return ""
        done = round(BAR * self.finished / 100)
        left = elapsed / self.finished * (100 - self.finished)
        return f" [{'#' * done}{'.' * (BAR - done)}] about {left:,.0f} s left"
