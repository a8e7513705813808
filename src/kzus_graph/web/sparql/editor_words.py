"""The messages of the query editor's scripts, in the language of a request; the scripts have them in English."""

import json
from collections.abc import Callable
from typing import Final

from kzus_graph.web.view import locale
from kzus_graph.web.view.translation import gettext, marked, ngettext

MESSAGES: Final = (
    marked("?{first} with ?{second}."),
    marked("Add to the query"),
    marked("Answer"),
    marked("Answer as it was sent"),
    marked("Answer in {seconds} s"),
    marked("Ask the graph"),
    marked("Bars"),
    marked("By ?{begin} to ?{end}."),
    marked("By ?{begin}."),
    marked("Code copied"),
    marked("Copying is not allowed here; select and copy it yourself"),
    marked("False"),
    marked("Line {line}, column {column}: "),
    marked("Lines"),
    marked("Link copied"),
    marked("Map"),
    marked("Map of the places listed below"),
    marked("Name of this query"),
    marked("Network"),
    marked("No answer, after {seconds} s"),
    marked("No rows: nothing in the graph matches the query."),
    marked("Outline: made with Natural Earth, public domain."),
    marked("Query"),
    marked("Response"),
    marked("Running …"),
    marked("Show more"),
    marked("Show rows with"),
    marked("Show rows with …"),
    marked("Sort"),
    marked("Stopped after {seconds} s"),
    marked("Table"),
    marked("The query was changed since: this is the answer to the one before."),
    marked("Timeline"),
    marked("True"),
    marked("What is tied by ?{first} and ?{second}"),
    marked("Years without rows are left out; a broken line stands for them."),
    marked("a column of dates"),
    marked("a column of numbers after the first"),
    marked("a column of places or points"),
    marked("a first column of years or days, and a column of numbers"),
    marked("two columns of things"),
    marked("{n} of {all}"),
    marked("{n} of {all} rows"),
    marked("{n} of {all} rows shown"),
    marked("{seconds} s"),
    marked("{values} from {first} to {last}; the table has all numbers"),
    marked("{view}: this view needs {needs}; here is the answer as it can be shown."),
)
"""The messages that the scripts mark by ``_``."""

COUNTED: Final[dict[str, Callable[[int], str]]] = {
    "{n} more rows have no date or no room.": lambda n: ngettext(
        "{n} more row has no date or no room.", "{n} more rows have no date or no room.", n
    ),
    "{n} more rows are in the table only.": lambda n: ngettext(
        "{n} more row is in the table only.", "{n} more rows are in the table only.", n
    ),
    "{n} rows": lambda n: ngettext("{n} row", "{n} rows", n),
    "{n} rows have no place that is known here.": lambda n: ngettext(
        "{n} row has no place that is known here.", "{n} rows have no place that is known here.", n
    ),
    "{n} rows in {seconds} s": lambda n: ngettext("{n} row in {seconds} s", "{n} rows in {seconds} s", n),
    "{n} rows tie nothing, or have no room.": lambda n: ngettext(
        "{n} row ties nothing, or has no room.", "{n} rows tie nothing, or have no room.", n
    ),
    "{n} triples in {seconds} s": lambda n: ngettext("{n} triple in {seconds} s", "{n} triples in {seconds} s", n),
}
"""The messages with a number that the scripts mark by ``plural``, by their English plural."""

CATEGORIES: Final = {"one": 1, "few": 2, "many": 5, "other": 5}
"""The plural categories of our languages, as browsers name them (CLDR), each with a number that is in it."""


def given() -> str:
    """Return as JSON the messages in the language of the request; none in English, which the scripts have."""
    if locale.wanted() == locale.ENGLISH:
        return "{}"
    words: dict[str, str | dict[str, str]] = {message: gettext(message) for message in MESSAGES}
    forms = {many: {name: form(n) for name, n in CATEGORIES.items()} for many, form in COUNTED.items()}
    return json.dumps(words | forms, ensure_ascii=False, separators=(",", ":"))
