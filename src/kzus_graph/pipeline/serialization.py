"""Dumps: a data set of lines in each of the six formats, the same bytes for the same graphs."""

import gzip
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf import longturtle, ntriples, writing
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.turtle import FORMATS

SOURCES: Final = {"ttl": "nt", "trig": "nq", "rdf": "nt", "jsonld": "nt"}
"""The formats that are written from another dump, and which that is: so a process that writes one needs no graph."""
LEVEL: Final = 6
"""Of compression. Level 9 takes twice as long and saves 1 to 3 %, level 4 takes two thirds and adds 12 to 17 %."""


def write_lines(path: Path, default: Lines, named: NamedLines) -> None:
    """Write the data set to *path* as N-Triples, which has the default graph alone, or as N-Quads."""
    lines = _quads(default, named) if path.suffix == ".nq" else default
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def write(path: Path, heading: str = "") -> None:
    """Write to *path* what the dump of SOURCES beside it says, in the format of its extension.

    Triple formats, and JSON-LD, carry the default graph alone. Turtle is that of longturtle, after the *heading*; the
    others are written by pyoxigraph in the order of the lines. Raises writing.Unwritable.
    """
    extension = path.suffix.removeprefix(".")
    source = path.with_suffix(f".{SOURCES[extension]}")
    with path.open("wb") as file:
        if extension == "ttl":
            file.write(heading.encode())
            with source.open(encoding="utf-8", newline="\n") as lines:
                file.writelines(block.encode() for block in longturtle.written(lines))
        else:
            quads = ox.parse(path=source, format=FORMATS[SOURCES[extension]])
            given = quads if extension == "trig" else (quad.triple for quad in quads)
            writing.graph(given, file, FORMATS[extension], PREFIXES)


def pack(path: Path) -> Path:
    """Return a gzip file that is written beside *path*; it holds no time and no name, so that its bytes stay."""
    packed_path = path.with_name(path.name + ".gz")
    with (
        path.open("rb") as plain,
        packed_path.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed, 1 << 20)
    return packed_path


def _quads(default: Lines, named: NamedLines) -> Iterator[str]:
    """Yield the data set as lines of N-Quads, the default graph first, then the named graphs by name."""
    return chain(default, *(ntriples.n_quads(named[name], name) for name in sorted(named)))
