"""Output of the command line: violations, answers and tables."""

import io
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import pyoxigraph as ox
from prettytable import PrettyTable, TableStyle
from rdflib import URIRef

from kzus_graph.pipeline import content, mistyped_names
from kzus_graph.rdf import writing
from kzus_graph.rdf.formats import DATA, DUMPS, formats
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.shacl.shapes import Violation

DUMP_FORMATS: Final = {form.name: suffix for suffix, form in DUMPS.items()}
ROW_FORMATS: Final = {
    form.name: form.engine for form in formats("solutions") if isinstance(form.engine, ox.QueryResultsFormat)
}
TRIPLE_FORMATS: Final = {form.name: form.engine for form in DATA if isinstance(form.engine, ox.RdfFormat)}
# Control characters except the line feed, and characters that separate lines or change the direction of text.
CONTROL: Final = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
SHOWN: Final = 200
"""The most violations that are printed as text; the other formats have all of them."""


class WrongFormat(ValueError):
    """The error that the chosen format can't represent this kind of result; the message lists the formats that can."""


def kind(violation: Violation) -> str:
    """Return the kind of *violation*: violation, unexplained warning, explained warning or remark.

    A warning is explained if an editorial note in the graph states why the editors leave the data as they are.
    """
    if violation.is_serious:
        return "violation"
    if violation.is_unexplained:
        return "unexplained warning"
    return "explained warning" if violation.severity == "Warning" else "remark"


def as_json(violation: Violation) -> dict[str, str | None]:
    """Return *violation* as an object of the JSON report."""
    return {
        "code": violation.code,
        "severity": violation.severity,
        "focus": str(violation.focus),
        "value": None if violation.value is None else str(violation.value),
        "message": violation.message,
        "explainedBy": violation.note or None,
        "mayFollowFrom": violation.cause or None,
    }


def show(violations: Sequence[Violation], paths: Sequence[Path]) -> None:
    """Print the first *violations*, at most SHOWN, and the number of the others.

    Each is printed with the file and line of the first occurrence in the files *paths* of its focus node, or of the
    mistyped name that it is about.
    """
    first = violations[:SHOWN]
    places = content.places({_written(violation) for violation in first}, paths) if first else {}
    for violation in first:
        focus = str(violation.focus)
        named = "a blank node" if "/.well-known/genid/" in focus else compact(focus)
        if not isinstance(violation.focus, URIRef):
            named = shown(focus)
        click.echo(f"{places.get(_written(violation), named)}: {kind(violation).capitalize()} at {named}")
        known_by_name = violation.message.startswith(violation.code)
        click.echo(f"    {shown(violation.message if known_by_name else f'{violation.code}: {violation.message}')}")
        if violation.cause:
            click.echo(f"    may follow from {compact(violation.cause)}, see above")
    if len(violations) > SHOWN:
        click.echo(f"… and {len(violations) - SHOWN:,} more; --format json prints all of them")


def _written(violation: Violation) -> str:
    """Return the IRI that leads to the place of *violation* in a file: the mistyped name, or else the focus."""
    return str(violation.value if mistyped_names.is_about_value(violation) else violation.focus)


def print_answer(answer: Any, format_: str | None) -> None:
    """Print a query's *answer* in *format_*.

    If *format_* is None, triples are printed as Turtle, and rows as a table in a terminal, else as CSV. Raises
    WrongFormat, and writing.Unwritable when the format can't represent a part of the answer.
    """
    if isinstance(answer, list | ox.QueryTriples):
        rdf_format = TRIPLE_FORMATS.get(format_ or "turtle")
        if rdf_format is None:
            raise WrongFormat(f"triples cannot be written as {format_}; try {', '.join(TRIPLE_FORMATS)}")
        sys.stdout.buffer.write(writing.graph_bytes(answer, rdf_format, PREFIXES))
        return
    chosen = format_ or ("table" if sys.stdout.isatty() else "csv")
    if chosen in TRIPLE_FORMATS:
        raise WrongFormat(f"rows cannot be written as {chosen}; try table, {', '.join(ROW_FORMATS)}")
    if isinstance(answer, ox.QueryBoolean) and chosen not in {"json", "xml"}:
        click.echo("yes" if answer else "no")
    elif chosen == "table":
        names = [variable.value for variable in answer.variables]
        click.echo(table(names, [[_cell(row[name]) for name in names] for row in answer]))
    else:
        whole = io.BytesIO()
        writing.solutions(answer, whole, ROW_FORMATS[chosen])
        sys.stdout.buffer.write(whole.getvalue())


def _cell(term: writing.Term | None) -> str:
    """Return the text of *term* for a cell of a table."""
    if term is None:
        return ""
    return compact(term.value) if isinstance(term, ox.NamedNode) else shown(writing.text(term))


def shown(words: str) -> str:
    """Return *words* with each control character replaced by its code point (such as U+001B), for a terminal."""
    return CONTROL.sub(lambda found: f"U+{ord(found[0]):04X}", words)


def table(names: Sequence[str], rows: list[list[str]]) -> str:
    """Return *rows* as a text table headed by *names*, no wider than the terminal, with the number of rows below."""
    drawn = PrettyTable(names, align="l", max_table_width=shutil.get_terminal_size((100, 24)).columns)
    drawn.set_style(TableStyle.SINGLE_BORDER)
    drawn.add_rows(rows)
    return f"{drawn}\n{len(rows)} row{'s' * (len(rows) != 1)}"
