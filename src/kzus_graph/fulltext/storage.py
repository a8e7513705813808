"""The file of the full-text index: an SQLite database (FTS5) that a build writes and the server only reads."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kzus_graph.fulltext import index_terms
from kzus_graph.fulltext.entries import Entry
from kzus_graph.links.spelling import words

FILE: Final = "names.sqlite"
"""The name of the file in the folder of a release."""
SCHEMA: Final = (
    "CREATE TABLE spelling (term TEXT PRIMARY KEY, word TEXT) WITHOUT ROWID",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, iri TEXT, grp TEXT, day TEXT, decades TEXT, content TEXT)",
    "CREATE VIRTUAL TABLE found USING fts5"
    "(name, rest, filter, content='', detail=column, tokenize=\"unicode61 remove_diacritics 0 tokenchars '@-'\")",
)
INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)"
INDEX: Final = "INSERT INTO found (rowid, name, rest, filter) VALUES (?, ?, ?, ?)"


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Write *entries* to a new index, the file *path*. The same entries always give the same bytes."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        fill(connection, entries)
    finally:
        connection.close()


def fill(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write *entries*, in their order, to the empty database of *connection*."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN")
    for statement in SCHEMA:
        connection.execute(statement)
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, entry in enumerate(entries):
        names = [index_terms.split(name) for name, _ in entry.names]
        rest = {"when": entry.when, "kinds": entry.of_kind, "near": entry.near, "about": index_terms.split(entry.about)}
        decades = [term for term in entry.when if len(term) == 4]
        content = {
            "names": entry.names,
            "kinds": entry.kinds,
            "time": entry.time or {},
            "about": entry.about,
            "describing": entry.describing,
            "used": entry.used,
            "terms": [" ".join(dict.fromkeys(each)) for each in names],
            "fields": {name: " ".join(each) for name, each in rest.items()},
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        connection.execute(INSERT, (number, entry.iri, entry.group, day(entry), " ".join(decades), text))
        more = (word for name, _ in entry.names for word in index_terms.written(name))
        for word in (word for name, _ in entry.names for word in words(name)):
            spellings[index_terms.term(word)][word] += 1
            spellings[index_terms.key(word)][word] += 1
        named = " ".join(dict.fromkeys([*(term for each in names for term in each), *more]))
        filters = [entry.group, *entry.classes, *decades]
        connection.execute(
            INDEX, (number, named, " ".join(term for each in rest.values() for term in each), marks(filters))
        )
    usual = ((term, min(counts, key=lambda word: (-counts[word], word))) for term, counts in sorted(spellings.items()))
    connection.executemany("INSERT INTO spelling VALUES (?, ?)", usual)
    connection.execute("INSERT INTO found (found) VALUES ('optimize')")
    connection.execute("COMMIT")


def day(entry: Entry) -> str:
    """Return the first day on which what *entry* stands for may have begun, by which lists are sorted."""
    days = [value for name, value in (entry.time or {}).items() if name.endswith(("#begin", "#notBefore", "#notAfter"))]
    return min(days, default="")


def marks(filters: Iterable[str]) -> str:
    """Return the terms by which groups, classes and decades are told apart from words.

    >>> marks(["Visit", "@199"])
    '-visit -@199'
    """
    return " ".join(f"-{name.lower()}" for name in dict.fromkeys(filters))


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection to the index in the file *path*, which can't write and may be used by several threads."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def in_memory(entries: Iterable[Entry]) -> sqlite3.Connection:
    """Return a connection to a new index in memory that has *entries*; it may be used by several threads."""
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    fill(connection, entries)
    return connection
