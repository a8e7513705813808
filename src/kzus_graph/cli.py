"""The command ``kzus-graph``: build, check, query, dump, verify and serve the graph."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click
import pyoxigraph as ox
from prettytable import PrettyTable, TableStyle

from kzus_graph import __version__, content, release, sources, turtle
from kzus_graph.queries import QueryFileError, read_queries
from kzus_graph.reasoning import Inconsistent
from kzus_graph.shapes import Violation
from kzus_graph.vocab import GRAPH, PREFIXES, compact

DUMP_FORMATS: Final = {
    "turtle": "ttl", "ntriples": "nt", "trig": "trig", "nquads": "nq", "rdfxml": "rdf", "jsonld": "jsonld",
}  # fmt: skip
ROW_FORMATS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
TRIPLE_FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
EXPECTED: Final = (
    content.ContentError, turtle.TurtleError, Inconsistent, release.NotFaithful, QueryFileError, sources.NoSuchSource,
    OSError,
)  # fmt: skip
"""Errors that a person can act on: their message is shown, not a traceback."""

P = ParamSpec("P")
R = TypeVar("R")

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


class Steps:
    """Progress on standard error: each step with the time it took, once it took more than a moment."""

    def __init__(self) -> None:
        """Begin with no step under way."""
        self.name = ""
        self.began = time.perf_counter()

    def __call__(self, name: str) -> None:
        """Close the step under way and begin *name*."""
        now = time.perf_counter()
        if self.name and (sys.stderr.isatty() or now - self.began >= 1):
            click.echo(f"  {self.name:<28} {now - self.began:6.1f} s", err=True)
        self.name, self.began = name, now

    def done(self) -> None:
        """Close the last step."""
        self("")


def reporting_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Return *command* with the errors a person can act on as one line and exit code 1."""

    @wraps(command)
    def reporting(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)
        except EXPECTED as error:
            click.echo(f"kzus-graph: {error}", err=True)
            sys.exit(1)

    return reporting


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kzus-graph")
def main() -> None:
    """Kazakhstan–United States relations as linked data.

    \b
    Try:
      kzus-graph serve                    build if needed, then http://127.0.0.1:8000/sparql
      kzus-graph query                    list the example questions
      kzus-graph query visits             ask one of them
      kzus-graph check my-events.ttl      test your own Turtle against our ontology and shapes
    """


@main.command()
@root_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("release"),
    show_default=True,
    help="Folder that holds CURRENT and the releases.",
)
@click.option("--only", multiple=True, metavar="SOURCE", help="Build from this source alone (may be repeated).")
@reporting_errors
def build(root: Path | None, out: Path, only: tuple[str, ...]) -> None:
    """Read, reason, validate, describe and publish a release.

    Nothing is published when a shape is violated: the violations are listed, the exit code is 1, and the release
    before stays in force.

    \b
    Examples:
      kzus-graph build
      kzus-graph build --only political-cooperation --out first-source
    """
    folder = _built(root or content.default_root(), out, only)
    facts = release.manifest(folder)
    click.echo(f"{folder}: {facts['triples']['all']:,} triples, {len(facts['graphs'])} named graphs")


@main.command()
@root_option
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--only", multiple=True, metavar="SOURCE", help="Check this source alone (may be repeated).")
@click.option("--format", "format_", type=click.Choice(["text", "turtle", "json"]), default="text", show_default=True)
@reporting_errors
def check(root: Path | None, files: tuple[Path, ...], only: tuple[str, ...], format_: str) -> None:
    """Check the facts, or your own FILES, against ontology and shapes.

    With FILES (Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD) only what concerns the things they describe is
    reported. Exit code 1 if there is a violation.

    \b
    Examples:
      kzus-graph check
      kzus-graph check my-events.ttl --format json
    """
    where = root or content.default_root()
    steps = Steps()
    examined = release.examine(where, only, files, steps)
    steps.done()
    if format_ == "turtle":
        sys.stdout.buffer.write(turtle.serialize(examined.report, {}, "ttl"))
    elif format_ == "json":
        click.echo(json.dumps([_as_json(violation) for violation in examined.violations], indent=1))
    else:
        paths = [*files, *(path for path, _ in content.files(where, only))]
        kinds = {"violation": 0, "unexplained warning": 0, "explained warning": 0, "remark": 0}
        for violation in examined.violations:
            kinds[_kind(violation)] += 1
            if _kind(violation) in {"violation", "unexplained warning"}:
                _show(violation, paths)
        counts = ", ".join(f"{number} {kind}{'s' * (number != 1)}" for kind, number in kinds.items())
        click.echo(
            f"{len(examined.asserted):,} asserted and {len(examined.inferred):,} inferred triples: {counts}"
        )
    if any(_kind(violation) == "violation" for violation in examined.violations):
        sys.exit(1)


@main.command()
@root_option
@release_option
@click.argument("query", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", *ROW_FORMATS, *TRIPLE_FORMATS]),
    help="[default: table in a terminal, else csv; turtle for CONSTRUCT and DESCRIBE]",
)
@reporting_errors
def query(root: Path | None, out: Path, query: str | None, format_: str | None) -> None:
    """Ask QUERY: the name of an example, a file, or - for standard input. Without it, list the examples.

    \b
    Examples:
      kzus-graph query visits
      kzus-graph query my-question.rq --format csv > answer.csv
      echo 'SELECT (COUNT(*) AS ?n) WHERE { ?e a dip:Event }' | kzus-graph query -
    """
    where = root or content.default_root()
    known = {example.name: example for example in read_queries(where / "queries")}
    if query is None:
        click.echo(_table(["name", "question"], [[name, example.summary] for name, example in known.items()]))
        return
    if query == "-":
        text = sys.stdin.read()
    elif query in known:
        text = known[query].text
    elif Path(query).is_file():
        text = Path(query).read_text("utf-8")
    else:
        raise content.ContentError(f"no example {query!r} and no such file; 'kzus-graph query' lists the examples")
    store = ox.Store.read_only(str(_release(where, out) / "store"))
    try:
        answer = store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        raise QueryFileError(f"{query}: {error.msg}") from None
    _print_answer(answer, format_)


@main.command()
@root_option
@release_option
@click.option("--format", "format_", type=click.Choice(list(DUMP_FORMATS)), default="turtle", show_default=True)
@click.option("--layer", type=click.Choice(release.LAYERS), default="all", show_default=True)
@reporting_errors
def dump(root: Path | None, out: Path, format_: str, layer: str) -> None:
    """Write a dump of the release to standard output.

    The layer "asserted" is what sources and editors state, "inferred" what rules and reasoner add, "all" both.
    TriG and N-Quads carry the named graphs too.

    \b
    Example:
      kzus-graph dump --format nquads --layer asserted > facts.nq
    """
    folder = _release(root or content.default_root(), out) / "dumps"
    with (folder / f"{release.NAME}-{layer}.{DUMP_FORMATS[format_]}").open("rb") as file:
        while block := file.read(1 << 20):
            sys.stdout.buffer.write(block)


@main.command("verify-source")
@root_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="political-cooperation", show_default=True, help="The document FILE is a copy of.")
@reporting_errors
def verify_source(root: Path | None, file: Path, source: str) -> None:
    """Compare FILE, a copy of a source's text, with the digests of its segments.

    Prints the name of each segment that differs, and of the document itself; exit code 1 if any does.
    """
    graphs = turtle.read([((root or content.default_root()) / "data" / "sources.ttl", GRAPH.sources)])
    comparison = sources.compare(file.read_bytes(), source, graphs[GRAPH.sources])
    for name in comparison.differs:
        click.echo(name)
    if comparison.differs:
        click.echo(f"{len(comparison.differs)} of {comparison.checked} digests differ", err=True)
        sys.exit(1)
    click.echo(f"{comparison.checked} digests confirmed", err=True)


def _built(root: Path, out: Path, only: Sequence[str] = ()) -> Path:
    """Return the release in *out*, built when the files of *root* say otherwise; exit 1 with the violations."""
    steps = Steps()
    try:
        folder = release.build(root, out, only, steps)
    except release.Unfit as error:
        steps.done()
        paths = [path for path, _ in content.files(root, only)]
        for violation in error.violations:
            _show(violation, paths)
        click.echo(f"kzus-graph: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        kept = release.current_release(out)
        state = f"{kept} is still in force" if kept else "no release is in force"
        raise content.ContentError(f"could not publish in {out}: {error.strerror or error}; {state}") from error
    steps.done()
    return folder


def _release(root: Path, out: Path) -> Path:
    """Return the release in force in *out*; built first if there is none."""
    return release.current_release(out) or _built(root, out)


def _kind(violation: Violation) -> str:
    if violation.severity == "Violation":
        return "violation"
    if violation.severity == "Warning":
        return "explained warning" if violation.note else "unexplained warning"
    return "remark"


def _as_json(violation: Violation) -> dict[str, str | None]:
    return {
        "code": violation.code,
        "severity": violation.severity,
        "focus": str(violation.focus),
        "value": None if violation.value is None else str(violation.value),
        "message": violation.message,
        "explainedBy": violation.note or None,
    }


def _show(violation: Violation, paths: Sequence[Path]) -> None:
    """Print *violation* with the place where its node is written."""
    focus = str(violation.focus)
    place = content.locate(focus, paths)
    click.echo(f"{place or compact(focus)}: {violation.severity} at {compact(focus)}")
    known_by_name = violation.message.startswith(violation.code)
    click.echo(f"    {violation.message if known_by_name else f'{violation.code}: {violation.message}'}")


def _print_answer(answer: Any, format_: str | None) -> None:
    """Print a query's *answer*; *format_* None chooses by the kind of answer and where it goes."""
    if isinstance(answer, ox.QueryTriples):
        rdf_format = TRIPLE_FORMATS.get(format_ or "turtle")
        if rdf_format is None:
            raise QueryFileError(f"triples cannot be written as {format_}; try {', '.join(TRIPLE_FORMATS)}")
        sys.stdout.buffer.write(ox.serialize(answer, format=rdf_format, prefixes=PREFIXES) or b"")
        return
    chosen = format_ or ("table" if sys.stdout.isatty() else "csv")
    if chosen in TRIPLE_FORMATS:
        raise QueryFileError(f"rows cannot be written as {chosen}; try table, {', '.join(ROW_FORMATS)}")
    if isinstance(answer, ox.QueryBoolean):
        if chosen in {"json", "xml"}:
            sys.stdout.buffer.write(answer.serialize(format=ROW_FORMATS[chosen]) or b"")
        else:
            click.echo("yes" if answer else "no")
    elif chosen == "table":
        names = [variable.value for variable in answer.variables]
        click.echo(_table(names, [[_cell(row[name]) for name in names] for row in answer]))
    else:
        sys.stdout.buffer.write(answer.serialize(format=ROW_FORMATS[chosen]) or b"")


def _cell(term: Any) -> str:
    if term is None:
        return ""
    return compact(term.value) if isinstance(term, ox.NamedNode) else str(term.value)


def _table(names: Sequence[str], rows: list[list[str]]) -> str:
    """Return *rows* under *names*, folded to the width of the terminal."""
    drawn = PrettyTable(names, align="l", max_table_width=shutil.get_terminal_size((100, 24)).columns)
    drawn.set_style(TableStyle.SINGLE_BORDER)
    drawn.add_rows(rows)
    return f"{drawn}\n{len(rows)} row{'s' * (len(rows) != 1)}"
