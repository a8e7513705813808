"""The command ``kzus-graph import``: convert the rows of a CSV table to RDF."""

import sys
import time
from pathlib import Path

import click

from kzus_graph.cli.options import root_option
from kzus_graph.pipeline import content


class Progress:
    """A progress display on standard error: the number of rows read, every 0.5 s in a terminal, else every 10 s."""

    def __init__(self) -> None:
        """Start the clock."""
        self.began = self.told = time.perf_counter()
        self.terminal = sys.stderr.isatty()

    def __call__(self, table: str, rows: int, part: float) -> None:
        """Print the number of *rows* of *table* read so far, unless a line was printed in the last 0.5 s (or 10 s).

        *part* is the share of the table that was read (0 to 1).
        """
        now = time.perf_counter()
        if now - self.told >= (0.5 if self.terminal else 10):
            self.told = now
            words = f"  {table}: {rows:,} rows, {part:.0%}"
            click.echo(f"\r\033[K{words}" if self.terminal else words, err=True, nl=not self.terminal)

    def done(self, rows: int) -> str:
        """Clear the display; return as text the seconds since the start, from 1000 *rows* on also rows per second."""
        took = time.perf_counter() - self.began
        if self.terminal:
            click.echo("\r\033[K", err=True, nl=False)
        return f"{took:.1f} s" + (f", {rows / took:,.0f} rows/s" if rows >= 1000 else "")


@click.command("import")
@root_option
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", metavar="FILE", help="Write to FILE, - for standard output.  [default: data/<table>.trig]")
@click.option("--check", "only_check", is_flag=True, help="Check the table and write nothing.")
def import_(root: Path | None, table: Path, out: str | None, only_check: bool) -> None:
    """Convert the rows of TABLE, a CSV file, to RDF, as described by the CSVW metadata in the same folder.

    Every fault is listed with its row and column; if there is a fault, nothing is written. Resources that are described
    in files written by hand are not changed. Without --out, the table must be in data/tables/. The metadata of x.csv
    are x.csv-metadata.json, or csv-metadata.json for several tables. docs/import.md explains how to write them.

    \b
    Examples:
      kzus-graph import data/tables/visits.csv
      kzus-graph import --check data/tables/visits.csv
      kzus-graph import visits.csv --out - | less
    """
    # csvw takes a fifth of a second to load, so only this command imports it
    from kzus_graph.tabular import importer, metadata

    where = root or content.default_root()
    progress = Progress()
    try:
        group = metadata.group(table)
        path = None if out == "-" else Path(out) if out else importer.target(group, where)
        if path and not only_check:
            importer.refuse(path)
        with importer.converted(group, where, path, progress) as done:
            rate = progress.done(done.rows)
            for notice in done.notice_list():
                click.echo(f"{notice.place}: {notice.words}", err=True)
            if faults := done.faults:
                for fault in done.fault_list():
                    click.echo(f"{fault.place}: {fault.words}")
                unread = (
                    "" if done.ledger.complete else " (references were not checked, because some rows cannot be read)"
                )
                click.echo(f"kzus-graph: {faults:,} fault{'s' * (faults != 1)}{unread}; nothing was written", err=True)
                sys.exit(1)
            counts = f"{done.rows:,} row{'s' * (done.rows != 1)}, {done.statements:,} statements ({rate})"
            if only_check:
                click.echo(f"{table}: {counts}: no fault; nothing was written")
            elif path is None:
                with done.made.open("rb") as file:
                    while block := file.read(1 << 20):
                        sys.stdout.buffer.write(block)
                click.echo(counts, err=True)
            elif importer.put(done.made, path):
                click.echo(f"{_near(path)}: {counts}; now run: kzus-graph check")
            else:
                click.echo(f"{_near(path)}: {counts}: the file is already up to date")
    except metadata.TableError as error:
        click.echo(f"kzus-graph: {error}", err=True)
        sys.exit(1)


def _near(path: Path) -> Path:
    """Return *path* relative to the current folder if it is inside that folder, else *path* itself."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
